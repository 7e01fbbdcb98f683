"""How long and how dear things are: `over 10 minutes`, `under 500 characters`, `over $20`."""

from collections.abc import Iterator, Sequence

from one.compiler.bind.literals import Typed, literal
from one.compiler.bind.names import strip
from one.compiler.bind.nouns import value
from one.compiler.bind.session import Reading
from one.compiler.expression import Call, Expr, Get, Lit
from one.compiler.kinds import INTEGER, Base
from one.compiler.light import frozen
from one.compiler.reader import Word, whole
from one.ontology.values import seconds

_LETTERS = frozenset({"character", "characters", "letter", "letters", "chars"})
_WORDS = frozenset({"word", "words"})
LENGTHS = _LETTERS | _WORDS
_TEXTS = ("content", "text", "body", "transcript")
_PRICES = ("price", "amount")
_SPANS = (("durationMinutes", 60), ("durationSeconds", 1))
"""Properties that say how long a thing takes, and the seconds in one of their units."""


@frozen
class Size:
    """What of the subject is compared, and with what."""

    of: Expr
    value: Typed


def sizes(reading: Reading, left: Typed, rest: Sequence[Word]) -> list[Size]:
    """What the words measure of the subject; of a thing with two such properties either is enough.

    Empty where they measure nothing of it.
    """
    bare = strip(rest)
    if len(bare) > 1 and bare[-1].low == "long":
        bare = bare[:-1]
    if len(bare) > 1 and bare[-1].low in LENGTHS:
        return list(_lengths(reading, left, bare))
    plain = literal(bare) if left.kind.base is Base.THING else None
    if not isinstance(plain, Typed):
        return []
    if plain.kind.base is Base.MONEY and (price := _first(reading, left, _PRICES)) is not None:
        return [Size(price, plain)]
    if plain.kind.base is Base.DURATION and isinstance(plain.tree, Lit):
        return list(_spans(reading, left, str(plain.tree.value)))
    return []


def _first(reading: Reading, left: Typed, keys: Sequence[str]) -> Expr | None:
    """The first of the properties that the thing has."""
    known = (reading.vocabulary.property_kind(left.kind.types, key) for key in keys)
    return next((Get(left.tree, one[0]) for one in known if one is not None), None)


def _lengths(reading: Reading, left: Typed, words: Sequence[Word]) -> Iterator[Size]:
    said: Expr | None = left.tree
    if left.kind.base is Base.THING:
        said = _first(reading, left, _TEXTS)
    elif left.kind.base is not Base.TEXT:
        said = None
    if said is None:
        return
    if words[-1].low in _WORDS:
        said = Call("split", (said, Lit(" ")))
    number = value(reading, words[:-1], whole(list(words[:-1])), expected=INTEGER)
    yield Size(Call("length", (said,)), number)


def _spans(reading: Reading, left: Typed, span: str) -> Iterator[Size]:
    if span.endswith("mo"):
        return
    for key, unit in _SPANS:
        if (of := _first(reading, left, (key,))) is not None:
            many = seconds(span) / unit
            number = int(many) if many.is_integer() else many
            yield Size(of, Typed(Lit(number), INTEGER))
