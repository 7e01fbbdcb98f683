"""Sums in words: where the sign stands, which part of a whole, and the kind that comes out.

`minus 10%` and `plus 10%` are of what stands before, as everyone means them; `half`, `a third` and
`30%` need a whole.
"""

from collections.abc import Sequence

from one.compiler.bind.literals import Typed, count_of, duration_of, literal
from one.compiler.bind.periods import period_of
from one.compiler.expression import Binary, Call, Expr, Get, Lit
from one.compiler.kinds import (
    DATETIME,
    INTEGER,
    MONEY,
    NUMBER,
    RATIO,
    TEXT,
    UNKNOWN,
    Base,
    Kind,
)
from one.compiler.light import frozen
from one.compiler.reader import Is, Word

_PLUS = {"plus": "+", "+": "+", "minus": "-", "-": "-", "–": "-"}
_TIMES = {"times": "*", "*": "*", "×": "*", "multiplied": "*", "divided": "/", "/": "/", "÷": "/"}
SIGNS = frozenset(_PLUS.keys() | _TIMES.keys())
_PARTS = {"half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "tenth": 10}
_MANY = {"twice": 2, "double": 2, "triple": 3, "thrice": 3}
_EXTRAS = frozenset({"tax", "vat", "discount", "off", "fee", "fees", "tip", "commission", "markup"})
PARTS = _PARTS.keys() | _MANY.keys() | {word + "s" for word in _PARTS}


@frozen
class Part:
    """`top / bottom` of a whole; `bare` where no `of` is needed (`half the price`)."""

    top: int | float
    bottom: int = 1
    bare: bool = False

    def of(self, whole: Expr) -> Expr:
        many = Binary("*", whole, Lit(self.top)) if self.top != 1 else whole
        return Binary("/", many, Lit(self.bottom)) if self.bottom != 1 else many


def part_at(words: Sequence[Word]) -> tuple[Part, int] | None:
    """The part that the first words say, and how many they are: `30%`, `half`, `two thirds`."""
    first = words[0]
    if first.low in {"a", "an", "one"} and len(words) > 1 and words[1].low in _PARTS:
        return Part(1, _PARTS[words[1].low], words[1].low == "half"), 2
    if first.low in _PARTS:
        return Part(1, _PARTS[first.low], first.low == "half"), 1
    if first.low in _MANY:
        return Part(_MANY[first.low], bare=True), 1
    if first.kind not in {Is.PERCENT, Is.NUMBER} and count_of(first) is None:
        return None
    for count in (1, 2, 3):
        plain = literal(words[:count])
        if not isinstance(plain, Typed) or not isinstance(plain.tree, Lit):
            continue
        top = plain.tree.value
        if plain.kind is RATIO and isinstance(top, float):
            return Part(top), count
        below = words[count].low.removesuffix("s") if count < len(words) else ""
        if isinstance(top, int) and plain.kind is INTEGER and below in _PARTS:
            return Part(top, _PARTS[below]), count + 1
    return None


def sign_at(words: Sequence[Word]) -> tuple[int, int, str] | None:
    """Where the sign stands that is reckoned last, where what follows it begins, and the sign."""
    for table in (_PLUS, _TIMES):
        depth = 0
        for n in range(len(words) - 1, 0, -1):
            word = words[n]
            depth += (word.text == ")") - (word.text == "(")
            if depth or word.low not in table or n == len(words) - 1:
                continue
            if word.kind not in {Is.WORD, Is.MARK} or (word.text in {"-", "–"} and word.glued):
                continue
            return n, n + (2 if words[n + 1].low == "by" else 1), table[word.low]
    return None


def without_extra(words: Sequence[Word]) -> Sequence[Word]:
    """`8% tax`, `a 20% discount` after a sign: the percentage."""
    extra = len(words) > 1 and words[-1].low in _EXTRAS
    return words[:-1] if extra and part_at(words[:-1]) is not None else words


def joined(op: str, left: Typed, *, right: Typed) -> Typed:
    """The sum; a percentage added or taken away is one of the left side."""
    tree = right.tree
    if op in "+-" and right.kind.base is Base.RATIO and left.kind.base is not Base.RATIO:
        return Typed(Binary(op, left.tree, Binary("*", left.tree, tree)), _sum_kind(left.kind))
    return Typed(Binary(op, left.tree, tree), arithmetic_kind(op, left.kind, right=right.kind))


def _sum_kind(kind: Kind) -> Kind:
    """What a number is after a percentage was added: no longer whole."""
    return NUMBER if kind.base is Base.INTEGER else kind.sure


def worth(base: Typed) -> Typed:
    """The amount of a payment, an invoice, a charge; what is an amount itself as it is."""
    kind = base.kind
    if kind.base is Base.OUTCOME and (amount := kind.field("amount")) is not None:
        return Typed(Get(base.tree, "amount"), amount)
    if kind.base is Base.THING and kind.types and kind.types <= {"payment", "invoice"}:
        return Typed(Get(base.tree, "amount"), MONEY)
    return base


def moment(words: Sequence[Word], low: list[str]) -> Typed | None:
    """`7 days ago`, `3 days from now`, `in 2 hours`."""
    if low[-1] == "ago" and (length := duration_of(words[:-1])):
        return Typed(Binary("-", Call("now", ()), Lit(length)), DATETIME)
    if low == ["yesterday"]:
        return Typed(Binary("-", Call("today", ()), Lit("1d")), DATETIME)
    if len(low) == 2 and low[0] in {"last", "past"} and (period := period_of(words)):
        return Typed(period.since, DATETIME) if period.since is not None else None
    ahead = words[1:] if low[0] == "in" else words[:-2] if low[-2:] == ["from", "now"] else None
    if ahead is not None and (length := duration_of(ahead)):
        return Typed(Binary("+", Call("now", ()), Lit(length)), DATETIME)
    return None


def arithmetic_kind(op: str, left: Kind, *, right: Kind) -> Kind:
    """The kind of a sum, product or quotient; faults are the checker's to find."""
    bases = {left.base, right.base}
    if Base.UNKNOWN in bases or Base.JSON in bases:
        return MONEY if Base.MONEY in bases else UNKNOWN
    if bases == {Base.MONEY}:
        return MONEY if op in "+-" else NUMBER
    if Base.MONEY in bases:
        return MONEY
    if Base.DATETIME in bases:
        return DATETIME
    if Base.DURATION in bases:
        return Kind(Base.DURATION)
    if op == "+" and Base.TEXT in bases:
        return TEXT
    if bases == {Base.INTEGER} and op != "/":
        return INTEGER
    return NUMBER
