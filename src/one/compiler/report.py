"""Reports as text, JSON and SARIF."""

from collections.abc import Iterator, Sequence

from one.compiler.diagnosis import Applies, Diagnostic, Edit, Fix
from one.compiler.reader import Span, split_lines
from one.errors import JSON

_SARIF = {"error": "error", "question": "error", "warning": "warning", "info": "note"}


def _start(span: Span) -> JSON:
    return {"line": span.line, "column": span.start}


def _end(span: Span) -> JSON:
    return {"line": span.ending_line, "column": span.end}


def fix_json(fix: Fix) -> JSON:
    edits: list[JSON] = [_edit(edit) for edit in fix.edits]
    return {"title": fix.title, "applicability": fix.applies.value, "edits": edits}


def _edit(edit: Edit) -> JSON:
    return {"start": _start(edit.span), "end": _end(edit.span), "text": edit.text}


def diagnostic_json(one: Diagnostic) -> JSON:
    """A diagnostic with lines and columns from 1."""
    return {
        "code": one.code,
        "severity": one.severity.value,
        "start": _start(one.span),
        "end": _end(one.span),
        "message": one.message,
        "why": one.why,
        "fixes": [fix_json(fix) for fix in one.fixes],
    }


def diagnostic_text(one: Diagnostic, lines: Sequence[str], *, file: str = "") -> str:
    """The place, the sentence, the line with its words underlined, the reason, the fixes."""
    span = one.span
    head = (
        f"{file or 'text'}:{span.line}:{span.start} {one.severity.value} {one.code}: {one.message}"
    )
    said = [head, *_underlined(span, lines)]
    if one.why:
        said.append(f"    {one.why}")
    said.extend(f"    fix: {fix.title}" for fix in one.fixes)
    return "\n".join(said)


def _underlined(span: Span, lines: Sequence[str]) -> Iterator[str]:
    if span.line > len(lines):
        return
    line = lines[span.line - 1].expandtabs(1)
    stop = span.end if span.ending_line == span.line else len(line) + 1
    yield f"  {span.line:>4} | {line}"
    yield "       | " + " " * (span.start - 1) + "^" * max(1, stop - span.start)


def report_text(found: Sequence[Diagnostic], text: str, *, file: str = "") -> str:
    """All diagnostics of a text."""
    lines = split_lines(text)
    return "\n\n".join(diagnostic_text(one, lines, file=file) for one in found)


def sarif(files: Sequence[tuple[str, Sequence[Diagnostic]]]) -> JSON:
    """A SARIF 2.1.0 log of the diagnostics by file."""
    results: list[JSON] = [_result(file, one) for file, found in files for one in found]
    codes = sorted({one.code for _, found in files for one in found})
    rules: list[JSON] = [{"id": code} for code in codes]
    driver: JSON = {"name": "one", "rules": rules}
    run: JSON = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }


def _result(file: str, one: Diagnostic) -> JSON:
    span = one.span
    region: JSON = {
        "startLine": span.line,
        "startColumn": span.start,
        "endLine": span.ending_line,
        "endColumn": span.end,
    }
    place: JSON = {"physicalLocation": {"artifactLocation": {"uri": file}, "region": region}}
    return {
        "ruleId": one.code,
        "level": _SARIF[one.severity.value],
        "message": {"text": one.message},
        "locations": [place],
    }


def apply_fixes(text: str, found: Sequence[Diagnostic], *, safe_only: bool = True) -> str:
    """The text with the first fix of each diagnostic; overlapping ones wait for the next time."""
    lines = [line + "\n" for line in split_lines(text)]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    chosen = [
        next((fix for fix in one.fixes if fix.applies is Applies.SAFE or not safe_only), None)
        for one in found
    ]
    edits = {
        (_offset(starts, edit.span, end=False), _offset(starts, edit.span, end=True), edit.text)
        for fix in chosen
        for edit in (fix.edits if fix else ())
    }
    body, last = "".join(lines), len("".join(lines)) + 1
    for start, end, new in sorted(edits, reverse=True):
        if end <= last:
            body, last = body[:start] + new + body[end:], start
    return body[:-1]


def _offset(starts: Sequence[int], span: Span, *, end: bool) -> int:
    line = span.ending_line if end else span.line
    return starts[min(line, len(starts) - 1) - 1] + (span.end if end else span.start) - 1
