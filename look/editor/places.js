// Places as the server says them (lines and columns from 1, columns in code points) and as the
// editor does (offsets in UTF-16).

export function offset(doc, place) {
  if (place.line > doc.lines) return doc.length;
  const line = doc.line(Math.max(1, place.line));
  let at = 0;
  for (let column = 1; column < place.column && at < line.length; column += 1) {
    at += line.text.codePointAt(at) > 0xffff ? 2 : 1;
  }
  return line.from + Math.min(at, line.length);
}

export function place(doc, at) {
  const line = doc.lineAt(at);
  return { line: line.number, column: [...line.text.slice(0, at - line.from)].length + 1 };
}

// The edits of a fix as changes. A line behind the last begins with a new line.
export function changes(doc, edits) {
  return edits.map(({ start, end, text }) => ({
    from: offset(doc, start),
    to: offset(doc, end),
    insert: start.line > doc.lines && doc.length && !doc.toString().endsWith("\n") ? `\n${text}` : text,
  }));
}

// What one text becomes another by: one change, between what both begin and end with.
export function difference(doc, text) {
  const before = doc.toString();
  const most = Math.min(before.length, text.length);
  let from = 0;
  while (from < most && before[from] === text[from]) from += 1;
  let same = 0;
  while (same < most - from && before[before.length - 1 - same] === text[text.length - 1 - same]) same += 1;
  return { from, to: before.length - same, insert: text.slice(from, text.length - same) };
}
