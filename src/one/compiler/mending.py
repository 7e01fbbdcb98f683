"""Fixes, applied: edits put into a text, and a text mended as far as its fixes are proven."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field

from one.compiler.diagnosis import Applies, Diagnostic, Edit, Fix, Severity
from one.compiler.light import frozen
from one.compiler.reader import Span

MAX_ROUNDS = 50
_LINE_END = re.compile(r"\r\n|\r|\n")

Check = Callable[[str], Sequence[Diagnostic]]


@frozen
class Mended:
    """The text after mending, and what was done to it: each diagnostic with the fix it had."""

    text: str
    done: list[tuple[Diagnostic, Fix]] = field(default_factory=list[tuple[Diagnostic, Fix]])


def offsets(text: str) -> list[int]:
    """Where each line begins; line ends are those that the reader knows."""
    return [0, *(found.end() for found in _LINE_END.finditer(text))]


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; they don't overlap. Line endings stay as they are."""
    starts = offsets(text)
    ending = _LINE_END.search(text)
    newline = ending.group() if ending else "\n"
    placed = sorted(
        (_at(text, starts, edit.span, end=False), _at(text, starts, edit.span, end=True), edit)
        for edit in edits
    )
    parts, last = list[str](), 0
    for start, end, edit in placed:
        beyond = edit.span.line > len(starts) and not text.endswith(newline)
        parts += [text[last:start], newline if beyond else "", edit.text.replace("\n", newline)]
        last = max(last, end)
    return "".join([*parts, text[last:]])


def _at(text: str, starts: Sequence[int], span: Span, *, end: bool) -> int:
    line = span.ending_line if end else span.line
    if line > len(starts):
        return len(text)
    column = span.end if end else span.start
    return min(starts[line - 1] + column - 1, len(text))


def mend(text: str, check: Check, *, safe: bool) -> Mended:
    """Applies fixes one at a time; each must clear its own diagnostic and bring no new trouble.

    Safe fixes only, or also the single `maybe` fix of an error. Never one with a placeholder.
    """
    done: list[tuple[Diagnostic, Fix]] = []
    found = check(text)
    for _ in range(MAX_ROUNDS):
        better = _better(text, found, check, safe=safe)
        if better is None:
            break
        one, fix, text, found = better
        done.append((one, fix))
    return Mended(text, done)


def _better(
    text: str, found: Sequence[Diagnostic], check: Check, *, safe: bool
) -> tuple[Diagnostic, Fix, str, Sequence[Diagnostic]] | None:
    before = _weights(found)
    for one, fix in _candidates(found, safe=safe):
        tried = apply_edits(text, fix.edits)
        after = check(tried)
        if tried != text and _weights(after) < before and not _still(one, after):
            return one, fix, tried, after
    return None


def _candidates(found: Sequence[Diagnostic], *, safe: bool) -> Iterator[tuple[Diagnostic, Fix]]:
    for one in found:
        for fix in one.fixes:
            alone = len(one.fixes) == 1 and one.severity is Severity.ERROR
            if fix.applies is Applies.SAFE or (not safe and alone and fix.applies is Applies.MAYBE):
                yield one, fix


def _weights(found: Sequence[Diagnostic]) -> tuple[int, ...]:
    """How many of each severity, heaviest first."""
    return tuple(sum(one.severity is level for one in found) for level in Severity)


def _still(one: Diagnostic, after: Sequence[Diagnostic]) -> bool:
    same = (one.code, one.span.line, one.span.start)
    return any((other.code, other.span.line, other.span.start) == same for other in after)
