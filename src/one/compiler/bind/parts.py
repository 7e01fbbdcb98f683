"""The parts of a condition: what and, or, either, neither and one of join, and what they share."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.names import lookup, phrase, row_of, strip
from one.compiler.bind.nouns import reckons
from one.compiler.bind.periods import cut_period
from one.compiler.bind.saying import find_predicate, or_more
from one.compiler.bind.session import Reading
from one.compiler.grammar import place_of, split_words
from one.compiler.kinds import Base
from one.compiler.reader import Is, Word

_BEGINNING = frozenset({"and", "or", "but", "not", ",", "(", "&&", "||", "!"})
"""What stands before a part."""
_ENDING = frozenset({"and", "but", "&&", ")"})
_OF = {"one": "or", "any": "or", "either": "or", "some": "or"} | {
    "both": "and",
    "all": "and",
    "each": "and",
    "none": "nor",
    "neither": "nor",
}
"""How the names after `… of` are joined."""
_GROUPING = frozenset(_OF) | {"neither", "either", "both"}
_TURNING = _GROUPING | {"unless", "least"}


def grouped(reading: Reading, words: list[Word]) -> list[Word]:
    """`x and either a or b` → `x and (a or b)`, `neither a nor b` → `not (a or b)`, `a unless b` →
    `(a) and not (b)`.
    """
    if _TURNING.isdisjoint([word.low for word in words]):
        return words
    n = place_of(words, {"unless"})
    if n and n < len(words) - 1:
        mark, but = words[n], words[n + 1 :]
        denies = [_said(mark, "and"), _said(mark, "not"), _mark(mark, "(")]
        told = [_mark(mark, "("), *grouped(reading, words[:n]), _mark(mark, ")"), *denies]
        return [*told, *grouped(reading, but), _mark(mark, ")")]
    at = next((n for n in range(len(words)) if _groups(words, n)), None)
    if at is None or lookup(reading, words[at].text):
        return words
    before, rest = words[:at], words[at + 1 :]
    first = words[at]
    if (named := _of_names(reading, words[at:])) is not None:
        inner, end, negated = named
        rest = words[at + end :]
    elif first.low in {"either", "neither"}:
        marks = {"or", "||"} if first.low == "either" else {"nor", "or"}
        end = _end(rest, marks)
        inner, rest, negated = rest[:end], rest[end:], first.low == "neither"
        inner = [_said(word, "or") if word.low == "nor" else word for word in inner]
    elif first.low == "both":
        return [*before, *grouped(reading, rest)]
    else:
        return [*words[: at + 1], *grouped(reading, rest)]
    opened = [_said(first, "not"), _mark(first, "(")] if negated else [_mark(first, "(")]
    return [*before, *opened, *inner, _mark(first, ")"), *grouped(reading, rest)]


def _groups(words: Sequence[Word], n: int) -> bool:
    word = words[n]
    begins = n == 0 or words[n - 1].low in _BEGINNING
    least = begins and [one.low for one in words[n : n + 3]] == ["at", "least", "one"]
    return word.kind is Is.WORD and begins and (word.low in _GROUPING or least)


def _of_names(reading: Reading, words: Sequence[Word]) -> tuple[list[Word], int, bool] | None:
    """`at least one of a and b follows me`: `a or b follows me`, with how many words were said and
    whether it is denied.
    """
    start = 2 if words[0].low == "at" else 0
    head = [word.low for word in words[start : start + 2]]
    if head[1:] != ["of"]:
        return None
    after = words[start + 2 :]
    at, predicate = find_predicate(reading, after)
    names = split_words(after[:at], ",", "and", "or", "nor", "&")
    if predicate is None or len(names) < 2:
        return None
    join = _OF[head[0]]
    inner: list[Word] = []
    for name in names:
        inner = [
            *inner,
            *([_said(name[0], "or" if join == "nor" else join)] if inner else ()),
            *name,
        ]
    end = at + _end(after[at:], ())
    return [*inner, *after[at:end]], start + 2 + end, join == "nor"


def _end(words: Sequence[Word], marks: Sequence[str] | set[str]) -> int:
    """Where what is joined ends: before the first `and` behind one of the marks."""
    joined, depth = not marks, 0
    for n, word in enumerate(words):
        plain = word.kind in {Is.MARK, Is.WORD}
        depth += (word.text == "(") - (word.text == ")") if word.kind is Is.MARK else 0
        if plain and depth <= 0 and word.low in marks:
            joined = True
        elif plain and (depth < 0 or (joined and depth == 0 and word.low in _ENDING)):
            return n
    return len(words)


def _said(word: Word, low: str) -> Word:
    return replace(word, text=low, low=low, kind=Is.WORD)


def _mark(word: Word, text: str) -> Word:
    return replace(word, text=text, low=text, kind=Is.MARK)


def parted(reading: Reading, words: Sequence[Word], *marks: str) -> list[list[Word]]:
    """Between the marks, outside brackets; `between a and b`, `the sum of a and b` and `one of a,
    b or c` are kept whole.
    """
    if all(word.low not in marks for word in words):
        return [list(words)] if words else []
    runs: list[list[Word]] = [[]]
    depth, between, choosing = 0, False, False
    for n, word in enumerate(words):
        plain = word.kind in {Is.MARK, Is.WORD}
        depth += (word.text == "(") - (word.text == ")") if word.kind is Is.MARK else 0
        if plain and depth <= 0:
            between = between or word.low == "between" or reckons(reading, words[n:])
            choosing = choosing or _begins_choice(words, n)
        if depth <= 0 and plain and word.low in marks:
            if between and word.low == "and":
                between = False
            elif or_more(words[n:]) or _or_equal(words, n):
                pass
            elif not (choosing and _is_choice(reading, words[n + 1 :])):
                runs.append([])
                choosing = False
                continue
        runs[-1].append(word)
    return [run for run in runs if run]


def _or_equal(words: Sequence[Word], n: int) -> bool:
    """`more than or equal to 3`, `equal to or more than 3`."""
    after = words[n + 1].low if n + 1 < len(words) else ""
    return after == "equal" or [word.low for word in words[max(0, n - 2) : n]] == ["equal", "to"]


def _begins_choice(words: Sequence[Word], n: int) -> bool:
    return words[n].low in {"either", "neither"} or (
        n > 0 and words[n].low == "of" and words[n - 1].low in {"one", "any"}
    )


def _is_choice(reading: Reading, words: Sequence[Word]) -> bool:
    """Whether what follows is one more value, up to the next mark, and no condition."""
    marks = {",", "or", "nor", "and", "but", "||", "&&"}
    end = next((n for n, word in enumerate(words) if n and word.low in marks), len(words))
    return not denied(words) and find_predicate(reading, words[:end])[1] is None if end else False


def merged(reading: Reading, runs: list[list[Word]]) -> list[list[Word]]:
    """Parts with no predicate of their own, before one that has it, are more subjects."""
    if len(runs) < 2:
        return runs
    found: list[list[Word]] = []
    waiting: list[list[Word]] = []
    for run in runs:
        at, predicate = find_predicate(reading, run)
        if predicate is None and run is not runs[-1] and not _is_whole(reading, run):
            waiting.append(run)
            continue
        if predicate is None and waiting:
            found.extend(waiting)
            waiting = []
        if waiting and at > 0 and predicate is not None:
            found.extend([*subject, *run[at:]] for subject in waiting)
            waiting = []
        found.append(run)
    return [*found, *waiting] if found else (waiting or runs)


def _is_whole(reading: Reading, words: list[Word]) -> bool:
    """Whether words without a predicate say something already."""
    return denied(words) or is_yes_no(reading, words) or _is_recent(reading, words)


def is_yes_no(reading: Reading, words: Sequence[Word]) -> bool:
    """Whether it is a name that is yes or no."""
    found = lookup(reading, phrase(strip(words)))
    return found is not None and found.kind.base is Base.BOOLEAN


def denied(words: Sequence[Word]) -> bool:
    """Whether it begins with not."""
    return words[0].low in {"not", "!"}


def _is_recent(reading: Reading, words: list[Word]) -> bool:
    head, period = cut_period(words)
    return period is not None and row_of(reading, phrase(head)) is not None
