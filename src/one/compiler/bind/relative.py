"""What a noun is said to have done, or had done to it, without a WHERE.

`students enrolled in the course`, `lessons the student completed`, `courses that I made`.
"""

from collections.abc import Sequence

from one.compiler.bind.counting import how_many, many_of
from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.literals import duration_of, unit_of
from one.compiler.bind.periods import period_of
from one.compiler.bind.saying import MADE, Predicate, find_predicate, normal
from one.compiler.bind.session import Reading
from one.compiler.bind.sizes import LENGTHS
from one.compiler.reader import Is, Word

_LINKS = frozenset({"that", "which", "who", "whom"})


def clause_at(reading: Reading, words: Sequence[Word]) -> tuple[int, list[Word]] | None:
    """How many words the noun takes, and the condition on `row` that follows it; None: none."""
    for n in range(1, len(words)):
        if words[n].kind is not Is.WORD:
            return None
        if words[n].low not in _LINKS and (body := done(reading, words[n:])):
            return n, body
    return None


def done(reading: Reading, words: Sequence[Word]) -> list[Word] | None:
    """`enrolled in the course` → `row enrolled in …`; `I completed` → `I completed row`."""
    row = Word("row", "row", words[0].span)
    if words[0].low in {"published", "sent"} and period_of(words[1:]) is not None:
        return list(words)
    if aged := _aged(list(words)):
        return aged if words[0].low in MADE else [row, *aged]
    found = _relation(reading, [row, *words], 1)
    if found is not None and 1 + found.count <= len(words) and words[0].low not in {"is", "has"}:
        return [row, *words]
    return subject_first(reading, words)


_AGES = frozenset({"older", "newer", "younger"})
_SIZES = frozenset({"longer", "shorter", "cheaper"})


def _aged(words: list[Word]) -> list[Word] | None:
    """`older than 90 days` → `is older than …`; `created before Monday` → `created is before …`."""
    if len(words) < 2:
        return None
    said = Word("is", "is", words[0].span)
    at_least = words[1:] if words[0].low == "of" else words
    if _measures(at_least):  # `under $50`, `of at least 20 minutes`
        return [said, *at_least]
    if len(words) < 3:
        return None
    if words[0].low in _AGES | _SIZES and words[1].low == "than":
        return [said, *words]
    if [word.low for word in words[:3]] == ["more", "expensive", "than"]:
        return [said, *words]
    if words[0].low in MADE and words[1].low in {"before", "after"}:
        return [words[0], said, *words[1:]]
    return None


def _measures(words: list[Word]) -> bool:
    """`under 5 minutes`, `at least 500 characters`, `over $100`: a limit of what things have."""
    limited, rest = how_many(words)
    if not limited or not rest:
        return False
    unit = rest[1].low if len(rest) > 1 else ""
    ago = len(rest) > 2 and rest[2].low == "ago"
    return rest[0].kind is Is.MONEY or (
        (rest[0].kind is Is.NUMBER and not ago and (unit in LENGTHS or bool(unit_of(unit))))
        or duration_of(rest[:3]) is not None
    )


def subject_first(reading: Reading, words: Sequence[Word]) -> list[Word] | None:
    """`the student has completed` → `the student has completed row`, with what follows."""
    plain = normal(words)
    row = Word("row", "row", words[-1].span)
    at, _ = find_predicate(reading, [*plain, row])
    if not 0 < at < len(plain) or not _is_somebody(reading, plain[:at]):
        return None
    for count in range(3, 0, -1):
        head = plain[: at + count]
        found = _relation(reading, [*head, row], at)
        if found and found.count == count and period_of(plain[at + count - 1 :]) is None:
            return [*head, row, *plain[at + count :]]
    return None


def _relation(reading: Reading, words: Sequence[Word], at: int) -> Predicate | None:
    place, predicate = find_predicate(reading, words)
    return predicate if predicate and place == at and predicate.op == "relation" else None


def _is_somebody(reading: Reading, words: Sequence[Word]) -> bool:
    if not words or words[0].low in {"i", "we"}:
        return bool(words)
    return many_of(reading, list(words)) is not None or attempt_quietly(reading, words)
