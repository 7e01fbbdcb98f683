// Colours under a text area of ONE's language: commands, clauses, what stands in brackets, words.

const COMMAND = /^(\s*)(FEATURE|INPUT|OUTPUT|DEFINE|WHEN|ON|CHECK|CALL|CREATE|CONNECT|DISCONNECT|RECORD|GET|SET|CALCULATE|GIVE|TAG|UNTAG|NOTIFY|SEND|WAIT UNTIL|WAIT|IF|ELSE IF|ELSE|END|FOR EACH|REPEAT|DO TOGETHER|USE FEATURE|OTHERWISE|WITH|SAVE AS|UPDATE|DELETE|STOP|UNDO)\b/;
const PART = /("[^"\n]*"|\[[^\]\n]*\])|\b(SAVE AS|WITH|AS|TO|FROM|VIA|ABOUT|THEN|IN|OTHERWISE|AND|OR|BY|FOR)\b|(\b\d[\d.,]*\b)/g;

function span(kind, text) {
  const made = document.createElement("span");
  made.className = `tok-${kind}`;
  made.textContent = text;
  return made;
}

function coloured(line) {
  const parts = [];
  const command = line.match(COMMAND);
  let rest = line;
  if (/^\s*(#|\/\/)/.test(line)) return [span("comment", line)];
  if (command) {
    parts.push(command[1], span("command", command[2]));
    rest = line.slice(command[0].length);
  }
  let at = 0;
  for (const found of rest.matchAll(PART)) {
    parts.push(rest.slice(at, found.index));
    parts.push(span(found[1] ? "text" : found[2] ? "clause" : "number", found[0]));
    at = found.index + found[0].length;
  }
  parts.push(rest.slice(at));
  return parts;
}

for (const area of document.querySelectorAll("textarea[data-colours]")) {
  const under = document.createElement("pre");
  under.setAttribute("aria-hidden", "true");
  area.before(under);
  area.parentElement.classList.add("is-coloured");
  const paint = () => {
    under.replaceChildren(...area.value.split("\n").flatMap((line) => [...coloured(line), "\n"]));
    follow();
  };
  const follow = () => {
    under.scrollTop = area.scrollTop;
    under.scrollLeft = area.scrollLeft;
  };
  area.addEventListener("input", paint);
  area.addEventListener("scroll", follow);
  paint();
}
