"""One mistake, one diagnostic: what only follows from another one is not said.

A line whose parts could not be made out is told once; a name that such a line would have bound, the
head that it would have opened and the way that it would have left open are not missed further down.
"""

import re
from collections.abc import Iterator, Sequence

from one.compiler.diagnosis import Applies, Diagnostic, within_one
from one.compiler.light import frozen
from one.compiler.vocabulary import singular

_SHAPE = frozenset({"E105", "E106", "E112", "E118", "E202", "E204"})
"""The line itself is not understood."""

_MISSED = frozenset({"E205", "E301", "E302", "E303", "E305", "E309", "E501", "E803"})
"""A name is missed, which an earlier line may have been meant to bind."""

_PARTS = frozenset({"E204", "E205", "E208", "E209", "E301", "E305", "E309", "E801"})
"""A part of the line is not understood, so that what is made of it says nothing."""

_MADE = frozenset({"E211", "E410", "E412", "E803"})
_ONCE = frozenset({"E205", "E208", "E305"})
"""What the first fault of a line makes of the words behind it."""
_UNSAID = frozenset({"E208", "E209"})
"""A noun is missing where it would have been named: the first name that is missed is that."""
_TITLE = re.compile(r"\W*feature\b", re.IGNORECASE)
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


def told_once(found: Sequence[Diagnostic], lines: Sequence[str]) -> list[Diagnostic]:
    """The diagnostics of a feature, in order, without those that follow from others."""
    if not any(_is_root(one) for one in found):
        return list(found)
    beside: dict[int, list[Diagnostic]] = {}
    for one in found:
        beside.setdefault(one.span.line, []).append(one)
    roots: list[_Root] = []
    kept: list[Diagnostic] = []
    spared: list[frozenset[str]] = []
    for one in found:
        if _same_line(one, beside[one.span.line]) or _follows(one, roots, lines):
            continue
        if _is_unsaid(one, kept, spared, lines=lines):
            continue
        kept.append(one)
        if _is_root(one):
            words = _words(lines, one.span.line)
            known = _known_before(one.span.line, roots, lines)
            names = frozenset(singular(word) for word in words if not word.isdigit()) - known
            roots.append(_Root(one.code, one.span.line, words, names))
    return kept


@frozen
class _Root:
    """An error that others may follow from; the words of its line, of which `names` may be made."""

    code: str
    line: int
    words: frozenset[str]
    names: frozenset[str]


def _is_root(one: Diagnostic) -> bool:
    """An error of layout, words or names that the reading could not mend by itself."""
    mended = any(fix.applies is Applies.SAFE for fix in one.fixes)
    return (
        one.open and not mended and (one.code[1] in "123" or one.code in {"E701", "E801", "E802"})
    )


def _same_line(one: Diagnostic, line: Sequence[Diagnostic]) -> bool:
    """Whether another diagnostic of its line says it all: the first that finds it misshapen."""
    if one.code[1] == "5" and any(each.code == "E303" for each in line):
        return True  # outside its loop nothing is of the kind that it is in it
    if one.code not in _SHAPE | _PARTS | _MADE | _ONCE:
        return False
    if any(each.code == "E102" or (each.code == "E805" and _within(each, one)) for each in line):
        return True  # an open quote has swallowed the line; a key is nobody's name
    others = [each for each in line if each is not one]
    if one.code in _ONCE and _behind(one, others):
        return True
    if one.code in {"E204", "E801"} and any(each.code == "E201" for each in others):
        return True
    if one.code == "E803" and any(each.code == "E701" for each in others):
        return True  # what undoes nothing is of nothing
    shape = next((each for each in others if each.code in _SHAPE and _is_root(each)), None)
    if one.code in _SHAPE:
        return shape is not None and line.index(shape) < line.index(one)
    part = any(each.code in _PARTS and _is_root(each) for each in others)
    return shape is not None or (part and one.code in _MADE)


def _behind(one: Diagnostic, others: Sequence[Diagnostic]) -> bool:
    """Whether a fault before it on its line made its words what they are not."""
    firsts = {"E208"} if one.code == "E208" else _ONCE | {"E301", "E302"} - {"E208"}
    return any(
        each.code in firsts and _is_root(each) and each.span.start < one.span.start
        for each in others
    )


def _is_unsaid(
    one: Diagnostic,
    kept: Sequence[Diagnostic],
    spared: list[frozenset[str]],
    *,
    lines: Sequence[str],
) -> bool:
    """Whether the name that is missed is the one that a head or an input left out."""
    if one.code not in {"E301", "E304", "E305"}:
        return False
    name = frozenset(singular(word) for word in _spoken(one, lines))
    if any(name & known for known in spared):
        return True
    if len(spared) == sum(each.code in _UNSAID and _is_root(each) for each in kept):
        return False
    spared.append(name)
    return True


def _within(inner: Diagnostic, outer: Diagnostic) -> bool:
    return outer.span.start <= inner.span.start and inner.span.end <= outer.span.end


def _follows(one: Diagnostic, roots: Sequence[_Root], lines: Sequence[str]) -> bool:
    """Whether an earlier line is the cause."""
    before = [root for root in roots if root.line < one.span.line]
    if not before:
        return False
    match one.code:
        case "E105" | "E106":
            return _begins(one, lines) and _unopened(one, before, lines)
        case "E601":
            return any(root.code in _SHAPE or _ENDING & root.words for root in before)
        case "E412":
            return True
        case "E611":
            return any("step" in root.words for root in before)
        case code if code in _MISSED:
            name = {singular(word) for word in _spoken(one, lines)}
            return bool(name) and any(name <= root.names for root in before)
        case _:
            return False


def _known_before(line: int, roots: Sequence[_Root], lines: Sequence[str]) -> frozenset[str]:
    """The words of the lines above that are understood: no fault below them makes them unknown."""
    faulty = {root.line for root in roots}
    first = next((n for n in range(line - 1, 0, -1) if _TITLE.match(lines[n - 1])), 0)
    above = (n for n in range(first + 1, line) if n not in faulty)
    return frozenset(singular(word) for n in above for word in _words(lines, n))


def _spoken(one: Diagnostic, lines: Sequence[str]) -> Iterator[str]:
    """The words that the diagnostic points at."""
    line = lines[one.span.line - 1] if one.span.line <= len(lines) else ""
    end = one.span.end if one.span.ending_line == one.span.line else len(line) + 1
    yield from (word.casefold() for word in _WORDS.findall(line[one.span.start - 1 : end - 1]))


def _words(lines: Sequence[str], number: int) -> frozenset[str]:
    line = lines[number - 1] if number <= len(lines) else ""
    return frozenset(word.casefold() for word in _WORDS.findall(line))


def _begins(one: Diagnostic, lines: Sequence[str]) -> bool:
    """Whether no word stands before it on its line."""
    line = lines[one.span.line - 1] if one.span.line <= len(lines) else ""
    return not _WORDS.search(line[: one.span.start - 1])


def _unopened(one: Diagnostic, before: Sequence[_Root], lines: Sequence[str]) -> bool:
    """A head without what opens it, where a line that is not understood may have been that."""
    said = " ".join(_spoken(one, lines)).upper()
    opening = next((words for head, words in _HEADS.items() if said.startswith(head)), ())
    above = one.span.line - 1
    while above > 1 and not lines[above - 1].strip():
        above -= 1
    for root in (each for each in before if each.code in _SHAPE):
        if root.line == above or not root.words:
            return True
        if any(within_one(word, each) for word in root.words for each in opening):
            return True
    return False
