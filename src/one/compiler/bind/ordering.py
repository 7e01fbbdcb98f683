"""The order of rows: by what is counted of each, by a property, by the balance of people."""

from collections.abc import Sequence

from one.compiler.bind.choosing import Asked
from one.compiler.bind.leftover import count_in
from one.compiler.bind.measures import MEASURES, measure_of
from one.compiler.bind.names import BALANCES, THEY, lookup, phrase, strip
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, listed, nearest
from one.compiler.grammar import split_words
from one.compiler.program import MAX_ROWS, Order
from one.compiler.reader import Span, Word, whole
from one.compiler.vocabulary import key_of

_ME = frozenset({"me", "us", "myself"})
_DOWN = frozenset({"descending", "desc", "highest", "newest", "most"})
_UP = frozenset({"ascending", "asc", "lowest", "oldest", "least", "fewest"})
_WHEN_MADE = frozenset({"date", "time", "created", "date created", "creation date", "when created"})
_ORDERING = _DOWN | _UP | {"first", "by", "their", "its", "his", "her"}


def ranked(reading: Reading, asked: Asked, words: list[Word], *, sure: bool) -> bool:
    """`top 5 posts by views`, `students by points`: whether the words say an order, not by whom."""
    best = bool(asked.order) and asked.order[0].field == "engagement"
    found = order_of(reading, asked, words)
    of = lookup(reading, phrase(strip(words)))
    if found is None and not sure and (not best or of is not None or _is_someone(reading, words)):
        return False
    if found is None:
        _no_order(reading, asked, words)
        return True
    asked.order = [found]
    if found.field in MEASURES:
        asked.limit = asked.limit or (5 if asked.many else 1)
    return True


def _is_someone(reading: Reading, words: Sequence[Word]) -> bool:
    """`by my coach`, `by me`: who made them."""
    last = words[-1].low
    return last in _ME or last in THEY or reading.vocabulary.is_person_word(last)


def ordered(reading: Reading, asked: Asked, words: Sequence[Word], *, at: Span) -> None:
    """ORDER BY: by a property, by what is counted, by the balance of people."""
    if not words or all(word.low in _ORDERING - {"newest", "oldest"} for word in words):
        reading.error("E204", "Ordered by what?", at=at)
        return
    runs = split_words(words, ",")
    for run in runs[1:]:
        if run[0].low in _AT_MOST:
            limited(reading, asked, run[1:], at=run[0].span)
    said = [word for run in runs if run is runs[0] or run[0].low not in _AT_MOST for word in run]
    found = order_of(reading, asked, said)
    if found is None:
        _no_order(reading, asked, said)
    else:
        asked.order = [found]


_AT_MOST = frozenset({"max", "maximum", "limit", "only", "top"})


def limited(reading: Reading, asked: Asked, words: Sequence[Word], *, at: Span) -> None:
    """LIMIT: how many rows come at most."""
    count, _ = count_in(words)
    if count is None or not 1 <= count <= MAX_ROWS:
        said = f"How many {asked.noun} at most? Say 1 to {MAX_ROWS:,}."
        reading.error("E204", said, at=at)
    else:
        asked.limit = count


def order_of(reading: Reading, asked: Asked, words: Sequence[Word]) -> Order | None:
    """The order that the words name; None when rows have nothing of that name."""
    noun = phrase(strip([word for word in words if word.low not in _ORDERING]))
    low = {word.low for word in words}
    best = bool(asked.order) and asked.order[0].field == "engagement"
    down = bool(low & _DOWN) or (best and not low & _UP)
    if noun in _WHEN_MADE or (not noun and low & {"newest", "oldest"}):
        return Order(field="createdAt", descending=down or (not low & _UP and bool(noun)))
    if asked.rows.person and (key_of(noun) in BALANCES or noun == "engagement"):
        return Order(field="balance" if noun != "engagement" else noun, descending=down)
    if found := reading.vocabulary.property_kind(asked.rows.types, noun):
        return Order(field=found[0], descending=down)
    measure = None if asked.rows.person else measure_of(noun)
    return Order(field=measure, descending=not low & _UP) if measure else None


def _no_order(reading: Reading, asked: Asked, words: Sequence[Word]) -> None:
    said = phrase([word for word in words if word.low not in _ORDERING])
    known = ["points", "level", "token balance"] if asked.rows.person else [*sorted(MEASURES)]
    if not asked.rows.person and reading.vocabulary.property_kind(asked.rows.types, "price"):
        known.append("price")
    message = f"{asked.noun.capitalize()} can't be ordered by “{said}”."
    why = f"Order them by a property of theirs, such as {listed(known)}."
    near = nearest(said, known, count=1)
    odd = [word for word in words if word.low not in _ORDERING] or list(words)
    fixes = [Fix(f"Write {one}", (Edit(whole(odd), one),), Applies.MAYBE) for one in near]
    reading.error("E205", message, *fixes, why=why, names=near, at=whole(list(words)))
