"""Expression trees, computed as they stand.

A hole of a draft stands for whatever is wanted: a condition with one holds, a sum with one is its
other side, and as a value it is its own words in brackets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from one.compiler.expression import (
    Binary,
    Call,
    Choice,
    Expr,
    Get,
    Hole,
    Index,
    Items,
    Lit,
    MoneyLit,
    Record,
    Ref,
    Template,
    Unary,
    children,
    has_hole,
)
from one.sdk import reckoning as r
from one.sdk.data import Data
from one.sdk.moments import beginning
from one.sdk.run import Run
from one.sdk.values import Money, Value, text

Function = Callable[..., Value]
ASKING = frozenset({"connected", "owns", "balance"})

_FUNCTIONS: Mapping[str, Function] = {
    "length": r.length,
    "lower": r.lower,
    "upper": r.upper,
    "trim": r.trim,
    "round": r.rounded,
    "floor": r.floor,
    "ceil": r.ceiling,
    "min": r.least,
    "max": r.most,
    "sum": r.total,
    "join": r.join,
    "split": r.split,
    "first": r.first,
    "last": r.last,
    "contains": r.contains,
    "startsWith": r.starts_with,
    "average": r.average,
    "failed": r.failed,
}


def _differ(left: Value, right: Value) -> bool:
    return not r.equal(left, right)


_OPERATORS: Mapping[str, Function] = {
    "==": r.equal,
    "!=": _differ,
    "<": r.less,
    "<=": r.at_most,
    ">": r.more,
    ">=": r.at_least,
    "in": r.among,
    "+": r.plus,
    "-": r.minus,
    "*": r.times,
    "/": r.divided,
    "%": r.remainder,
}


def asks(tree: Expr) -> bool:
    """Whether the tree looks into the tables."""
    own = isinstance(tree, Call) and tree.name in ASKING
    return own or any(map(asks, children(tree)))


def constant(tree: Expr) -> Value:
    """A tree that says the same whenever it is looked at."""
    match tree:
        case Lit(value):
            return value
        case MoneyLit(amount, currency):
            return Money(amount, currency)
        case Items(values):
            return [constant(one) for one in values]
        case Unary("-", of):
            return r.negative(constant(of))
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tree stands: the names there, the run, and the transaction if there is one."""

    names: Mapping[str, Value]
    run: Run
    data: Data | None
    path: str

    async def values(self, fields: Mapping[str, Expr]) -> dict[str, Value]:
        """Trees by their names."""
        return {key: await self.value(tree) for key, tree in fields.items()}

    async def each(self, trees: "tuple[Expr, ...] | list[Expr]") -> list[Value]:
        """Trees in their order."""
        return [await self.value(tree) for tree in trees]

    async def holds(self, tree: Expr) -> bool:
        """Whether a condition holds."""
        return has_hole(tree) or r.truth(await self.value(tree))

    async def value(self, tree: Expr) -> Value:
        """What the tree says here. Raises Invalid for what can't be computed."""
        match tree:
            case Lit() | MoneyLit():
                return constant(tree)
            case Ref(name):
                return self.names.get(name)
            case Get(of, key):
                return r.read(await self.value(of), key)
            case Index(of, at):
                return r.pick(await self.value(of), await self.value(at))
            case Items(values):
                return await self.each(values)
            case Record(fields):
                return await self.values(dict(fields))
            case Template(parts):
                said = [p if isinstance(p, str) else text(await self.value(p)) for p in parts]
                return "".join(said)
            case Hole(words):
                return f"[{words or '…'}]"
            case _:
                return await self._computed(tree)

    async def _computed(self, tree: Expr) -> Value:
        match tree:
            case Unary("not", of):
                return not await self.holds(of)
            case Unary(_, of):
                return r.negative(await self.value(of))
            case Choice(condition, then, other):
                return await self.value(then if await self.holds(condition) else other)
            case Binary(op, left, right):
                return await self._two_sided(op, left, right)
            case Call(name, args):
                return await self._called(name, args)
            case _:
                raise AssertionError(tree)

    async def _two_sided(self, op: str, left: Expr, right: Expr) -> Value:
        match op:
            case "and":
                return await self.holds(left) and await self.holds(right)
            case "or":
                return await self.holds(left) or await self.holds(right)
            case "??":
                return r.either(await self.value(left), await self.value(right))
            case "==" | "!=" if Lit(None) in (left, right):
                there = await self.value(left if right == Lit(None) else right)
                return (there is None) is (op == "==")
            case _ if isinstance(left, Hole) or isinstance(right, Hole):
                return await self.value(right if isinstance(left, Hole) else left)
            case _:
                return _OPERATORS[op](await self.value(left), await self.value(right))

    async def _called(self, name: str, args: tuple[Expr, ...]) -> Value:
        match name, args:
            case "me", _:
                return self.run.me
            case "now", _:
                return self.run.now
            case "today", _:
                return self.run.today
            case "beginning", _:
                unit, *back = await self.each(args)
                return beginning(self.run.now, unit, back=back[0] if back else 0)
            case "config", (of,):
                return self.run.config(text(await self.value(of)))
            case "money", (amount, Lit(str(currency))):
                return r.money(r.rounded(await self.value(amount)), currency)
            case _ if name in ASKING:
                return await self._asked(name, await self.each(args))
            case _:
                return _FUNCTIONS[name](*await self.each(args))

    async def _asked(self, name: str, args: list[Value]) -> Value:
        assert self.data is not None, "what looks into the tables stands in a transaction"
        match name, args:
            case "connected", [source, type, to, *sort]:
                said = text(sort[0]) if sort else ""
                return await self.data.connected(
                    self.path, source, type=text(type), to=to, sort=said
                )
            case "owns", [person, of]:
                return await self.data.owns(self.path, person, of=of)
            case "balance", [person, *of]:
                return await self.data.balance(self.path, person, of=of[0] if of else None)
            case _:
                raise AssertionError(name)
