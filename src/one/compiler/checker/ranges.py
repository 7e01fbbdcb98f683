"""Whether anything is left of a value that compares so with some, and so with others."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from math import ceil, floor, inf

from one.compiler.bind.literals import seconds_in
from one.compiler.expression import Binary, Expr, Items, Lit, MoneyLit, Ref, Unary
from one.compiler.light import frozen
from one.compiler.program import Slot

_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$")
ORDERED = frozenset({"<", "<=", ">", ">="})


@frozen
class Constant:
    """A value that stands in the text; only those of one sort can be compared."""

    sort: str
    number: float = 0
    text: str = ""


@frozen
class Fact:
    """That something compares so with a constant, or with one of several, and how it was said."""

    op: str
    values: tuple[Constant, ...]
    said: Expr


def constants(tree: Expr) -> tuple[Constant, ...] | None:
    """The values of a literal or of a list of them; None for anything else."""
    if not isinstance(tree, Items):
        one = constant(tree)
        return None if one is None else (one,)
    found = [constant(each) for each in tree.values]
    return None if None in found else tuple(each for each in found if each is not None)


def constant(tree: Expr) -> Constant | None:
    """The value of a literal; None for anything else."""
    match tree:
        case Lit(bool(value)):
            return Constant("yes or no", value)
        case Lit(int() | float() as value):
            return Constant("number", value)
        case Unary("-", Lit(int() | float() as value)):
            return Constant("number", -value)
        case MoneyLit(amount, currency):
            return Constant(currency, amount)
        case Lit(str(text)):
            return _of_text(text)
        case _:
            return None


def _of_text(text: str) -> Constant:
    if (length := seconds_in(text)) is not None:
        return Constant("length", length)
    if _DATE.match(text):
        try:
            return Constant("date", datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
        except ValueError:
            pass  # 2030-02-31 is a text like another
    return Constant("text", text=text)


def limits_of(name: Ref, slot: Slot) -> Iterator[Fact]:
    """What the limits of an input say of it."""
    of = Items(tuple(slot.one_of)) if slot.one_of else None
    for op, tree in ((">=", slot.min), ("<=", slot.max), ("in", of)):
        values = constants(tree) if tree is not None else None
        if tree is not None and values:
            yield Fact(op, values, Binary(op, name, tree))


def possible(facts: Sequence[Fact], *, whole: bool = False) -> bool:
    """Whether a value can be all of this; a whole number where it is one."""
    sorts = {one.sort for fact in facts for one in fact.values}
    if any(fact.op == "in" and not fact.values for fact in facts):
        return False
    if len(sorts) != 1 or (sorts & {"text", "yes or no"} and any(f.op in ORDERED for f in facts)):
        return True
    only, but = _chosen(facts, "yes or no" in sorts)
    bounds = _Bounds(facts)
    if only is not None:
        return any(bounds.holds(one.number) for one in only - but)
    return bounds.leaves({one.number for one in but}, whole=whole) or "text" in sorts


def _chosen(
    facts: Sequence[Fact], either: bool
) -> tuple[frozenset[Constant] | None, frozenset[Constant]]:
    """What it must be one of, if that is said, and what it is not."""
    both = frozenset({Constant("yes or no", True), Constant("yes or no", False)})
    only, but = (both if either else None), frozenset[Constant]()
    for fact in facts:
        values = frozenset(fact.values)
        if fact.op in {"==", "in"}:
            only = values if only is None else only & values
        elif fact.op in {"!=", "not in"}:
            but |= values
    return only, but


class _Bounds:
    def __init__(self, facts: Sequence[Fact]) -> None:
        self.low, self.high = -inf, inf
        self.above = self.below = False
        for fact in facts:
            value = fact.values[0].number if fact.op in ORDERED else 0.0
            if fact.op in {">", ">="} and (value, fact.op == ">") > (self.low, self.above):
                self.low, self.above = value, fact.op == ">"
            elif fact.op in {"<", "<="} and (-value, fact.op == "<") > (-self.high, self.below):
                self.high, self.below = value, fact.op == "<"

    def holds(self, value: float) -> bool:
        over = value > self.low or (value == self.low and not self.above)
        return over and (value < self.high or (value == self.high and not self.below))

    def leaves(self, but: Collection[float], *, whole: bool) -> bool:
        """Whether there is any value between them beside those."""
        if not whole or inf in {-self.low, self.high}:
            return self.low < self.high or (self.holds(self.low) and self.low not in but)
        first, last = ceil(self.low), floor(self.high)
        if last - first > len(but) + 2:
            return True
        return any(self.holds(one) and one not in but for one in range(first, last + 1))
