"""One mistake, one diagnostic: what only follows from another one is not said.

A line whose parts could not be made out is told once; a name that such a line would have bound, the
head that it would have opened and the way that it would have left open are not missed further down.
"""

import re
from collections.abc import Iterator, Sequence

from one.compiler.diagnosis import Applies, Diagnostic, Severity, within_one
from one.compiler.reader import split_lines
from one.compiler.vocabulary import singular

_SHAPE = frozenset({"E105", "E106", "E112", "E202", "E204"})
"""The line itself is not understood."""

_MISSED = frozenset({"E205", "E301", "E302", "E303", "E305", "E309", "E501", "E803"})
"""A name is missed, which an earlier line may have been meant to bind."""

_PARTS = frozenset({"E204", "E205", "E208", "E209", "E301", "E305", "E309", "E801"})
"""A part of the line is not understood, so that what is made of it says nothing."""

_MADE = frozenset({"E211", "E412", "E803"})
_WORDS = re.compile(r"[^\W_]+")
_ENDING = frozenset({"give", "if", "then", "else", "otherwise", "try"})
_HEADS = {
    "ELSE": ("if", "then", "check"),
    "IF ANY": ("do", "together"),
    "IF IT": ("try",),
    "IF ALL": ("try", "up", "times"),
    "ALWAYS": ("try", "fails"),
    "WAIT FOR": ("do", "at", "same", "time"),
    "PROCESS": ("add", "to", "queue"),
    "DO": ("for", "each"),
    "CONTINUE": ("for", "each"),
    "BETWEEN": ("try", "up", "times"),
    "SAVE": ("calculate", "track"),
    "CALCULATE": ("track", "record"),
}
"""What a head or clause needs before it, by its first words, and the words that say so."""


def told_once(found: Sequence[Diagnostic], text: str) -> list[Diagnostic]:
    """The diagnostics of a feature, in order, without those that follow from others."""
    if not any(_is_root(one) for one in found):
        return list(found)
    lines = split_lines(text)
    roots: list[Diagnostic] = []
    kept: list[Diagnostic] = []
    for one in found:
        if _same_line(one, found) or _follows(one, roots, lines):
            continue
        kept.append(one)
        if _is_root(one):
            roots.append(one)
    return kept


def _is_root(one: Diagnostic) -> bool:
    """An error of layout, words or names that the reading could not mend by itself."""
    bad = one.severity in {Severity.ERROR, Severity.QUESTION}
    mended = any(fix.applies is Applies.SAFE for fix in one.fixes)
    return bad and not mended and (one.code[1] in "123" or one.code in {"E801", "E802"})


def _same_line(one: Diagnostic, found: Sequence[Diagnostic]) -> bool:
    """Whether another diagnostic of its line says it all: the first that finds it misshapen."""
    if one.code not in _SHAPE | _PARTS | _MADE:
        return False
    others = [each for each in found if each.span.line == one.span.line and each is not one]
    shape = next((each for each in others if each.code in _SHAPE and _is_root(each)), None)
    if one.code in _SHAPE:
        return shape is not None and found.index(shape) < found.index(one)
    part = any(each.code in _PARTS and _is_root(each) for each in others)
    respelt = one.code == "E801" and any(each.code == "E201" for each in others)
    return shape is not None or respelt or (part and one.code in _MADE)


def _follows(one: Diagnostic, roots: Sequence[Diagnostic], lines: Sequence[str]) -> bool:
    """Whether an earlier line is the cause."""
    before = [root for root in roots if root.span.line < one.span.line]
    if not before:
        return False
    match one.code:
        case "E105" | "E106":
            return _unopened(one, before, lines)
        case "E601":
            return any(_may_end(root, lines) for root in before)
        case "E412":
            return True
        case "E611":
            return any("step" in _words(lines, root.span.line) for root in before)
        case code if code in _MISSED:
            name = {singular(word) for word in _spoken(one, lines)}
            return bool(name) and any(name <= _bound(lines, root) for root in before)
        case _:
            return False


def _may_end(root: Diagnostic, lines: Sequence[str]) -> bool:
    """Whether the line would perhaps have left a way open past the end of the flow."""
    return root.code in _SHAPE or bool(_ENDING & set(_words(lines, root.span.line)))


def _bound(lines: Sequence[str], root: Diagnostic) -> set[str]:
    """The words that a name may be made of which the line was meant to bind."""
    return {singular(word) for word in _words(lines, root.span.line)}


def _spoken(one: Diagnostic, lines: Sequence[str]) -> Iterator[str]:
    """The words that the diagnostic points at."""
    line = lines[one.span.line - 1] if one.span.line <= len(lines) else ""
    end = one.span.end if one.span.ending_line == one.span.line else len(line) + 1
    yield from (word.casefold() for word in _WORDS.findall(line[one.span.start - 1 : end - 1]))


def _words(lines: Sequence[str], number: int) -> list[str]:
    line = lines[number - 1] if number <= len(lines) else ""
    return [word.casefold() for word in _WORDS.findall(line)]


def _unopened(one: Diagnostic, before: Sequence[Diagnostic], lines: Sequence[str]) -> bool:
    """A head without what opens it, where a line that is not understood may have been that."""
    said = " ".join(_spoken(one, lines)).upper()
    opening = next((words for head, words in _HEADS.items() if said.startswith(head)), ())
    above = one.span.line - 1
    while above > 1 and not lines[above - 1].strip():
        above -= 1
    for root in (each for each in before if each.code in _SHAPE):
        words = _words(lines, root.span.line)
        if root.span.line == above or not words:
            return True
        if any(within_one(word, each) or word == each for word in words for each in opening):
            return True
    return False
