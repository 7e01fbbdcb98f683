"""Finding values with which conditions come out as wanted: what is free is tried with the values
that it is compared with, those at the bounds first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, floor

from one.compiler.bind.literals import seconds_in
from one.compiler.expression import (
    Binary,
    Call,
    Choice,
    Expr,
    Get,
    Items,
    Lit,
    MoneyLit,
    Unary,
    children,
)
from one.compiler.light import frozen

_MOST_TRIED = 4_000


@frozen
class Cash:
    """Minor units."""

    amount: int
    currency: str


@frozen
class There:
    """Something that is there, of which nothing else is known; equal to itself alone."""

    name: str


@dataclass(frozen=True, slots=True, order=True)
class When:
    """A moment, in seconds from the beginning of the run."""

    seconds: float


Known = str | int | float | bool | Cash | There | When | tuple["Known", ...] | None
Facts = Mapping[Expr, Known]
Wanted = tuple[Expr, bool]
"""A condition, and what it has to be."""

Free = Callable[[Expr], tuple[Known, ...] | None]
"""The values that a tree may have by itself, the usual first; nothing for one that isn't free."""


class Only(tuple[Known, ...]):
    """Values of which it must be one."""

    __slots__ = ()


class Within(tuple[Known, ...]):
    """Values of which none may be less than the least, or more than the most."""

    __slots__ = ()

    def takes(self, value: Known) -> bool:
        ends = [one for one in self if isinstance(one, int | float)]
        return not isinstance(value, int | float) or min(ends) <= value <= max(ends)


class Unsolved(Exception):
    """A value that can't be told before the run."""


def solve(wanted: Sequence[Wanted], free: Free, *, facts: Facts) -> dict[Expr, Known] | None:
    """Values for what is free in the conditions, over what is given; nothing where none fit.

    Raises Unsolved where a condition has something in it that can't be chosen.
    """
    found: dict[Expr, Known] = {}
    for group in _apart(wanted, free, facts):
        values = _solved(group, free, facts)
        if values is None:
            return None
        found |= values
    return found


def _apart(wanted: Sequence[Wanted], free: Free, facts: Facts) -> list[list[Wanted]]:
    """The conditions in groups that share nothing that is free."""
    groups: list[tuple[set[Expr], list[Wanted]]] = []
    for one in wanted:
        leaves, members = set(_free_in(one[0], free, facts)), [one]
        for group in [each for each in groups if each[0] & leaves]:
            groups.remove(group)
            leaves, members = leaves | group[0], [*group[1], *members]
        groups.append((leaves, members))
    return [members for _, members in groups]


def _solved(wanted: Sequence[Wanted], free: Free, facts: Facts) -> dict[Expr, Known] | None:
    trees = [tree for tree, _ in wanted]
    leaves = list(dict.fromkeys(leaf for tree in trees for leaf in _free_in(tree, free, facts)))
    tried = [_candidates(leaf, trees, free(leaf) or ()) for leaf in leaves]
    doubt: Unsolved | None = None
    for n, values in enumerate(product(*tried)):
        if n >= _MOST_TRIED:
            break
        found = {**facts, **dict(zip(leaves, values, strict=True))}
        try:
            if all(truth(value_of(tree, found)) == so for tree, so in wanted):
                return {leaf: found[leaf] for leaf in leaves}
        except Unsolved as error:
            doubt = error
    if doubt is not None:
        raise doubt
    return None


def _free_in(tree: Expr, free: Free, facts: Facts) -> Iterator[Expr]:
    if tree in facts:
        return
    if free(tree) is not None:
        yield tree
        return
    for child in children(tree):
        yield from _free_in(child, free, facts)


# --- what to try --------------------------------------------------------------------------------


def _candidates(leaf: Expr, trees: Sequence[Expr], usual: tuple[Known, ...]) -> list[Known]:
    """The values that a leaf is compared with, those beside them, then the usual ones."""
    constants = [one for tree in trees for one in _beside(leaf, tree)]
    if isinstance(usual, Only) or any(isinstance(one, When) for one in usual):
        constants = []
    near = [one for constant in constants for one in _around(constant)]
    if usual and all(isinstance(one, bool) or one is None for one in usual):
        near = [one for one in near if isinstance(one, bool)]
    if isinstance(usual, Within):
        near = [one for one in near if usual.takes(one)]
    fitting = [one for one in near if not usual or _fits(one, usual)]
    return list(dict.fromkeys([*fitting, *usual])) or [None]


def _fits(value: Known, usual: tuple[Known, ...]) -> bool:
    """Whether a value is of the kind of the usual ones."""
    kinds = {type(one) for one in usual}
    return type(value) in kinds or (type(value) is int and float in kinds) or not kinds


def _beside(leaf: Expr, tree: Expr) -> Iterator[Known]:
    """The constants on the other side of where a leaf stands."""
    match tree:
        case Binary(_, left, right):
            for one, other in ((left, right), (right, left)):
                if _within(leaf, one):
                    yield from _long(leaf, one, other) or _constants(other)
        case Call("contains" | "startsWith", (left, right)):
            if _within(leaf, left):
                yield from _constants(right)
        case _:
            pass
    for child in children(tree):
        yield from _beside(leaf, child)


def _long(leaf: Expr, tree: Expr, limit: Expr) -> list[Known]:
    """Texts about as long as what the length of a text, or the number of its words, is held to."""
    match tree, limit:
        case Call("length", (Call("split", (of, Lit(" "))),)), Lit(int(many)) if of == leaf:
            part, apart = "word", " "
        case Call("length", (of,)), Lit(int(many)) if of == leaf:
            part, apart = "x", ""
        case _:
            return []
    return [apart.join([part] * max(0, one)) for one in (many, many + 1, many - 1) if one < 2_000]


def _within(leaf: Expr, tree: Expr) -> bool:
    return leaf == tree or any(_within(leaf, child) for child in children(tree))


def _constants(tree: Expr) -> Iterator[Known]:
    match tree:
        case Lit(value):
            yield value
        case MoneyLit(amount, currency):
            yield Cash(amount, currency)
        case _:
            for child in children(tree):
                yield from _constants(child)


def _around(constant: Known) -> list[Known]:
    match constant:
        case bool():
            return [constant, not constant]
        case int():
            return [constant, constant + 1, constant - 1, constant // 2, constant * 2]
        case float():
            return [constant, constant + 0.01, constant - 0.01, floor(constant), ceil(constant)]
        case Cash(amount, currency):
            return [constant, Cash(amount + 1, currency), Cash(amount - 1, currency)]
        case str():
            return [constant, f"{constant} and more", "something else"]
        case _:
            return [constant]


# --- what comes out -----------------------------------------------------------------------------


def truth(value: Known) -> bool:
    return True if isinstance(value, Cash | There | When) else bool(value)


def value_of(tree: Expr, facts: Facts) -> Known:
    """What a tree comes to. Raises Unsolved."""
    if tree in facts:
        return facts[tree]
    match tree:
        case Lit(value):
            return value
        case MoneyLit(amount, currency):
            return Cash(amount, currency)
        case Items(values):
            return tuple(value_of(one, facts) for one in values)
        case Unary("not", of):
            return not truth(value_of(of, facts))
        case Unary(_, of):
            return _computed("-", 0, value_of(of, facts))
        case Choice(condition, then, other):
            return value_of(then if truth(value_of(condition, facts)) else other, facts)
        case Binary():
            return _binary(tree, facts)
        case Call("now", ()):
            return When(0)
        case Call(name, args):
            return _called(name, [value_of(one, facts) for one in args])
        case Get(of, _) if value_of(of, facts) is None:
            return None
        case _:
            raise Unsolved


def _binary(tree: Binary, facts: Facts) -> Known:
    op, left, right = tree.op, tree.left, tree.right
    if op == "and":
        return truth(value_of(left, facts)) and truth(value_of(right, facts))
    if op == "or":
        return truth(value_of(left, facts)) or truth(value_of(right, facts))
    first = value_of(left, facts)
    if op == "??":
        return first if first is not None else value_of(right, facts)
    second = value_of(right, facts)
    match op:
        case "==":
            return _same(first, second)
        case "!=":
            return not _same(first, second)
        case "in":
            return _called("contains", [second, first])
        case "<" | "<=" | ">" | ">=":
            return _ordered(op, first, second)
        case _:
            return _computed(op, first, second)


def _same(left: Known, right: Known) -> bool:
    if isinstance(left, There) and isinstance(right, There) and left != right:
        raise Unsolved
    if isinstance(left, There) != isinstance(right, There) and None not in (left, right):
        raise Unsolved
    if isinstance(left, bool) != isinstance(right, bool) and not (left is None or right is None):
        return False
    return left == right


def _ordered(op: str, left: Known, right: Known) -> bool:
    match left, right:
        case (Cash(a, _), Cash(b, _)) if left.currency == right.currency:
            first, second = a, b
        case (int() | float(), int() | float()):
            first, second = left, right
        case (When(a), When(b)):
            first, second = a, b
        case _:
            raise Unsolved
    return {
        "<": first < second,
        "<=": first <= second,
        ">": first > second,
        ">=": first >= second,
    }[op]


def _computed(op: str, left: Known, right: Known) -> Known:
    match left, right:
        case (Cash(a, currency), Cash(b, other)) if currency == other and op in "+-":
            return Cash(a + b if op == "+" else a - b, currency)
        case (Cash(a, currency), int() | float()) if op in "*/" and not isinstance(right, bool):
            return Cash(int(_reckoned(op, a, right)), currency)
        case (int() | float(), Cash(b, currency)) if op == "*":
            return Cash(int(_reckoned(op, left, b)), currency)
        case (int() | float(), int() | float()):
            return _reckoned(op, left, right)
        case (When(a), str(length)) if op in "+-" and (seconds := seconds_in(length)) is not None:
            return When(a + seconds if op == "+" else a - seconds)
        case _:
            raise Unsolved


def _reckoned(op: str, left: float, right: float) -> float:
    if op in "/%" and not right:
        raise Unsolved
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case _:
            return left % right


def _called(name: str, args: list[Known]) -> Known:
    match name, args:
        case "length", [str() | tuple() as of]:
            return len(of)
        case "lower", [str(text)]:
            return text.lower()
        case "upper", [str(text)]:
            return text.upper()
        case "split", [str(text), str(by)]:
            return tuple(text.split(by))
        case "trim", [str(text)]:
            return text.strip()
        case "contains", [str(whole), str(part)]:
            return part.casefold() in whole.casefold()
        case "contains", [tuple(values), part]:
            return any(_same(one, part) for one in values)
        case "startsWith", [str(whole), str(part)]:
            return whole.casefold().startswith(part.casefold())
        case "min" | "max", [*values] if values and all(_is_number(one) for one in values):
            numbers = [one for one in values if isinstance(one, int | float)]
            return min(numbers) if name == "min" else max(numbers)
        case _:
            raise Unsolved


def _is_number(value: Known) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- the ways in which a condition comes out -----------------------------------------------------


def outcomes(tree: Expr) -> list[tuple[bool, tuple[Wanted, ...]]]:
    """Each way in which a condition holds, or doesn't, by one of its parts at a time."""
    holds, fails = _ways(tree, so=True), _ways(tree, so=False)
    return [*((True, way) for way in holds), *((False, way) for way in fails)]


def _ways(tree: Expr, *, so: bool) -> list[tuple[Wanted, ...]]:
    match tree:
        case Unary("not", of):
            return _ways(of, so=not so)
        case Binary("and" | "or" as op, left, right):
            if (op == "and") == so:
                return [
                    *((*way, (right, so)) for way in _ways(left, so=so)[:1]),
                    *(((left, so), *way) for way in _ways(right, so=so)[:1]),
                ]
            rights = [((left, not so), *way) for way in _ways(right, so=so)]
            return [*_ways(left, so=so), *rights]
        case Binary("<=" | ">=" as op, left, right) if so:
            return [((Binary("==", left, right), True),), ((Binary(op[0], left, right), True),)]
        case _:
            return [((tree, so),)]
