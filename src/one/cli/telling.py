"""Reports for a person at a terminal: the line, the words underlined, the reason, the fixes."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from one.compiler import FeatureReport, FileReport
from one.compiler.diagnosis import Applies, Diagnostic, Severity, listed
from one.compiler.reader import TAB, Span, split_lines
from one.compiler.sheet import Sheet, sheet_words

Paint = Callable[[str, str], str]
"""Gives a text the colours of a role: a severity, `good`, `dim` or `strong`."""

MAX_SHOWN = 160
_OUTCOMES = {
    "compiled": ("good", "compiled"),
    "assumptions": ("good", "compiled, with assumptions"),
    "draft": ("question", "a draft: answer its questions"),
    "error": ("error", "does not compile yet"),
}
_COUNTED = {
    Severity.ERROR: ("error", "errors"),
    Severity.QUESTION: ("question", "questions"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("note", "notes"),
}


def tell(
    report: FileReport,
    paint: Paint,
    *,
    quiet: bool = False,
    sheets: Mapping[str, Sheet] = MappingProxyType({}),
) -> Iterator[str]:
    """The lines of a report; `quiet` leaves out what was understood. `sheets`: by feature."""
    lines = split_lines(report.text)
    for feature in report.features:
        title = feature.title or feature.name
        if title:
            role, outcome = _OUTCOMES[feature.outcome]
            place = paint(f"({report.file})", "dim")
            yield f"{paint(title, 'strong')} {place}: {paint(outcome, role)}"
        read_back = [] if quiet else feature.understood
        for one in feature.diagnostics:
            if one.severity is not Severity.INFO:
                yield ""
                yield from _diagnostic(one, lines, report.file, paint=paint)
        yield from _notes(feature, read_back, paint)
        if feature.name in sheets:
            yield from _sheet(sheets[feature.name], paint)
        yield ""


def _notes(feature: FeatureReport, read_back: Sequence[str], paint: Paint) -> Iterator[str]:
    notes = [one for one in feature.diagnostics if one.severity is Severity.INFO]
    plain = [line for line in read_back if not line.startswith("(assumed)")]
    if plain:
        yield ""
        yield paint("  What I understood", "dim")
        yield from (f"    {line}" for line in plain)
    if notes:
        yield ""
        yield paint("  What I assumed", "dim")
        yield from (
            f"    line {one.span.line}: {one.message} {paint(one.code, 'dim')}" for one in notes
        )


def _sheet(sheet: Sheet, paint: Paint) -> Iterator[str]:
    yield ""
    yield paint("  What it may do, and for whom", "dim")
    yield from (f"    {line}" for line in sheet_words(sheet))


def _diagnostic(one: Diagnostic, lines: Sequence[str], file: str, *, paint: Paint) -> Iterator[str]:
    role = one.severity.value
    place = paint(f"{file}:{one.span.line}:{one.span.start}", "dim")
    yield f"{paint(f'{role} {one.code}', role)}  {place}"
    yield f"  {paint(one.message, 'strong')}"
    yield from (
        f"  {line}" for line in excerpt(one.span, lines, mark=lambda mark: paint(mark, role))
    )
    if one.why:
        yield f"  {paint('why', 'dim')}   {one.why}"
    for fix in one.fixes:
        safe = paint(" (safe: `one fix` does it)", "dim") if fix.applies is Applies.SAFE else ""
        yield f"  {paint('fix', 'good')}   {fix.title}{safe}"
    unsaid = [name for name in one.names if name not in one.message]
    unsaid = [name for name in unsaid if not any(name in fix.title for fix in one.fixes)]
    if unsaid:
        yield f"  {paint('near', 'dim')}  {listed(unsaid)}"


def excerpt(span: Span, lines: Sequence[str], *, mark: Callable[[str], str]) -> Iterator[str]:
    """The line of a span with its words underlined, as wide as a terminal shows them."""
    if span.line > len(lines):
        return
    line = lines[span.line - 1]
    start = min(span.start, len(line) + 1)
    stop = span.end if span.ending_line == span.line else len(line.rstrip()) + 1
    stop = max(start + 1, min(stop, len(line) + 1))
    cells = _cells(line)
    before, under = sum(cells[: start - 1]), sum(cells[start - 1 : stop - 1]) or 1
    seen, cut = shown(line), 0
    if sum(cells) > MAX_SHOWN:
        cut = max(0, start - 21)
        before, seen = sum(cells[cut : start - 1]), shown(line[cut : cut + MAX_SHOWN])
        under = min(under, MAX_SHOWN - before)
    number = f"{span.line:>5}"
    lead, dots = ("…", " ") if cut else ("", "")
    yield f"{number} │ {lead}{seen}"
    yield f"{' ' * len(number)} │ {dots}{' ' * before}{mark('━' * under)}"


def _cells(text: str) -> list[int]:
    """How many columns each character takes; a tab goes to the next stop."""
    found: list[int] = []
    at = 0
    for character in text:
        width = TAB - at % TAB if character == "\t" else _width(character)
        found.append(width)
        at += width
    return found


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    if unicodedata.category(character) in {"Cc", "Cs"}:
        return 1
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shown(text: str) -> str:
    """Tabs as columns; what would steer the terminal as a mark."""
    wide = text.expandtabs(TAB) if "\t" in text else text
    return "".join(
        "�" if unicodedata.category(c) in {"Cc", "Cs"} or c in _STEERING else c for c in wide
    )


_STEERING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def summary(reports: Sequence[FileReport], paint: Paint) -> str:
    """`3 features in 2 files: 1 error, 2 notes`, and where to read more."""
    features = [feature for report in reports for feature in report.features]
    found = [one for feature in features for one in feature.diagnostics]
    parts: list[str] = []
    for level, (role, words) in _COUNTED.items():
        count = sum(one.severity is level for one in found)
        if count:
            parts.append(paint(f"{count} {words if count > 1 else words[:-1]}", role))
    said = listed(parts, "and") if parts else paint("nothing to say", "good")
    named = [feature for feature in features if feature.name or feature.title]
    head = f"{_count(len(named), 'feature')} in {_count(len(reports), 'file')}: {said}"
    worst = [one.code for one in found if one.open]
    return f"{head}. More of a code: one explain {worst[0]}" if worst else f"{head}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
