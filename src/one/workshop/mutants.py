"""Programs that differ from a checked one in a single place, for its generated tests to find out.

A step left out or an undo of it, the ends of a relation swapped, a relation of another type, a
bound moved, a condition turned over, two values exchanged, a wait made longer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, pairwise
from typing import cast

from one.compiler import check_text
from one.compiler.expression import Binary, Expr, Lit, MoneyLit, Ref, children, rebuild
from one.compiler.program import Connect, OnError, Part, Program, Service, Step
from one.compiler.vocabulary import Vocabulary

_TURNED = {
    ">": ">=",
    ">=": ">",
    "<": "<=",
    "<=": "<",
    "==": "!=",
    "!=": "==",
    "and": "or",
    "or": "and",
    "+": "-",
    "-": "+",
    "*": "+",
    "/": "*",
}
_BOUNDS = frozenset({"gt", "gte", "lt", "lte", "min", "max"})
_BLOCKS = frozenset({"then", "else_", "do", "catch", "finally_", "fallback", "steps", "rollback"})
_TIMES = frozenset({"wait", "timeout"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """A program that is one slip away from another; `where` is the step, `what` the slip."""

    where: str
    what: str
    program: Program


@dataclass(frozen=True, slots=True)
class _Slip:
    where: str
    what: str
    value: object


def mutants_of(program: Program, vocabulary: Vocabulary) -> Iterator[Mutant]:
    """Every slip that still compiles and says something else, each once."""
    seen = {program.encoded()}
    for slip in _slips(program.flow, "flow", vocabulary):
        made = program.model_copy(update={"flow": slip.value})
        if made.encoded() in seen:
            continue
        seen.add(made.encoded())
        [report] = check_text(made.encoded().decode(), vocabulary).features or [None]
        if report is not None and report.outcome in {"compiled", "assumptions"}:
            yield Mutant(slip.where, slip.what, report.program)


def _slips(value: object, where: str, vocabulary: Vocabulary) -> Iterator[_Slip]:
    """A value with one slip somewhere in it."""
    match value:
        case list():
            yield from _in_list(cast("list[object]", value), where, vocabulary)
        case dict():
            yield from _in_record(cast("dict[str, object]", value), where, vocabulary)
        case Part():
            yield from _own(value, where, vocabulary)
            for name in type(value).model_fields:
                yield from _in_field(value, name, where, vocabulary=vocabulary)
        case _ if _is_tree(value):
            for what, tree in _in_tree(cast("Expr", value)):
                yield _Slip(where, what, tree)
        case _:
            return


def _in_list(values: list[object], where: str, vocabulary: Vocabulary) -> Iterator[_Slip]:
    for n, one in enumerate(values):
        at = f"{where}.{n}" if isinstance(one, Step) else where
        if isinstance(one, Step):
            yield _Slip(at, f"left out: {one.kind}", values[:n] + values[n + 1 :])
        for slip in _slips(one, at, vocabulary):
            yield _Slip(slip.where, slip.what, [*values[:n], slip.value, *values[n + 1 :]])


def _in_record(values: dict[str, object], where: str, vocabulary: Vocabulary) -> Iterator[_Slip]:
    names = [key for key, one in values.items() if isinstance(one, Ref)]
    for one, other in pairwise(names):
        swapped = {**values, one: values[other], other: values[one]}
        yield _Slip(where, f"exchanged: {one} and {other}", swapped)
    for key, one in values.items():
        for slip in _slips(one, where, vocabulary):
            yield _Slip(slip.where, slip.what, {**values, key: slip.value})


def _in_field(part: Part, name: str, where: str, *, vocabulary: Vocabulary) -> Iterator[_Slip]:
    value = cast("object", getattr(part, name))
    if name in _TIMES and isinstance(value, str):
        yield _Slip(where, f"longer: {value}", part.model_copy(update={name: f"9{value}"}))
        return
    if name in _BOUNDS and isinstance(value, Lit) and isinstance(value.value, int):
        moved = Lit(value.value + 1)
        yield _Slip(where, f"moved: {value.value}", part.model_copy(update={name: moved}))
        return
    inside = f"{where}.{name.strip('_')}" if name in _BLOCKS else where
    for slip in _slips(value, inside, vocabulary):
        yield _Slip(slip.where, slip.what, part.model_copy(update={name: slip.value}))


def _own(part: Part, where: str, vocabulary: Vocabulary) -> Iterator[_Slip]:
    """Slips of the part as a whole."""
    match part:
        case Connect(from_=one, to=other):
            swapped = part.model_copy(update={"from_": other, "to": one})
            yield _Slip(where, "swapped ends", swapped)
            for name in _alike(part.type, vocabulary):
                yield _Slip(
                    where, f"another relation: {name}", part.model_copy(update={"type": name})
                )
        case Step(on_error=OnError()):
            yield _Slip(where, "failure not handled", part.model_copy(update={"on_error": None}))
        case Service(retry=again) if again is not None:
            yield _Slip(where, "not tried again", part.model_copy(update={"retry": None}))
        case _:
            return


def _alike(name: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Other relations between the same types, without metadata of their own to fill."""
    kind = vocabulary.connection_types.get(name)
    if kind is None:
        return
    for other in sorted(vocabulary.connection_types):
        if other != name and set(kind.pairs) & set(vocabulary.connection_types[other].pairs):
            yield other
            return


def _is_tree(value: object) -> bool:
    return not isinstance(value, str | int | float | bool | None)


def _in_tree(tree: Expr) -> Iterator[tuple[str, Expr]]:
    match tree:
        case Binary(op, left, right) if op in _TURNED:
            yield f"{op} → {_TURNED[op]}", Binary(_TURNED[op], left, right)
        case Lit(bool(value)):
            yield f"{value} → {not value}", Lit(not value)
        case Lit(int(value)):
            yield f"{value} → {value + 1}", Lit(value + 1)
        case MoneyLit(amount, currency):
            yield f"{amount} → {amount + 1}", MoneyLit(amount + 1, currency)
        case _:
            pass
    for n, child in enumerate(children(tree)):
        for what, changed in _in_tree(child):
            yield what, _with(tree, n, changed)


def _with(tree: Expr, at: int, new: Expr) -> Expr:
    """The tree with another child at this place."""
    order = count()
    return rebuild(tree, lambda child: new if next(order) == at else child)
