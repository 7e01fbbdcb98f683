"""Checks that hold whatever comes in: what an input has to be anyway, and the checks before, leave
no value of it for which they fail. No code is written for them.
"""

from collections.abc import Iterator, Sequence

from one.compiler.emit.solving import Known, Unsolved, truth, value_of
from one.compiler.expression import Binary, Expr, Get, Items, Lit, Ref, Unary, names_in
from one.compiler.kinds import Base, Kind, read_kind
from one.compiler.predicates import to_condition
from one.compiler.program import Program, Slot

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in")


def holds_anyway(program: Program, condition: Expr, *, path: str) -> bool:
    """Whether a condition at a place can't fail."""
    for leaf, values, known in _inputs(program, condition):
        said = [one for one in _checked(program, path) if _is_plain(one, leaf)]
        if not _is_plain(condition, leaf):
            continue
        numbers = {n for tree in (condition, *said, *known) for n in _numbers(tree)}
        tried = values or sorted({near for n in numbers for near in (n - 1, n, n + 1)})
        if tried and all(_holds(leaf, one, [*known, *said], condition=condition) for one in tried):
            return True
    return False


def _holds(leaf: Expr, value: Known, known: Sequence[Expr], *, condition: Expr) -> bool:
    """Whether the condition holds for a value, or the value can't be."""
    facts = {leaf: value}
    try:
        can_be = all(truth(value_of(one, facts)) for one in known)
        return not can_be or truth(value_of(condition, facts))
    except Unsolved:
        return False


def _inputs(
    program: Program, condition: Expr
) -> Iterator[tuple[Expr, Sequence[Known], Sequence[Expr]]]:
    """What a condition on one input turns on, all values that it may have where they can be listed,
    and what else holds of it.
    """
    names = set(names_in(condition))
    for name in names:
        slot = program.input.get(name) or program.input.get(f"{name}Id")
        if slot is None or slot.optional or len(names) > 1:
            continue
        kind = read_kind(slot.type) or Kind(Base.JSON)
        match kind.base:
            case Base.THING if kind.types and not kind.optional:
                yield Get(Ref(name), "type"), sorted(kind.types), ()
            case Base.TEXT if slot.one_of and not kind.optional:
                yield Ref(name), [value_of(one, {}) for one in slot.one_of], ()
            case Base.INTEGER if not kind.optional:
                yield Ref(name), (), tuple(_bounds(Ref(name), slot))
            case _:
                continue


def _bounds(it: Ref, slot: Slot) -> Iterator[Expr]:
    for op, bound in ((">=", slot.min), ("<=", slot.max)):
        if bound is not None:
            yield Binary(op, it, bound)


def _checked(program: Program, path: str) -> Iterator[Expr]:
    """What the flow has checked before it comes to a place."""
    for step in program.flow[: int(path.split(".")[1])]:
        if step.validate_ is not None and step.on_error is None:
            yield from parts_of(to_condition(step.validate_))


def parts_of(condition: Expr) -> list[Expr]:
    """What has to hold, one by one."""
    match condition:
        case Binary("and", left, right):
            return [*parts_of(left), *parts_of(right)]
        case _:
            return [condition]


def _is_plain(tree: Expr, leaf: Expr) -> bool:
    """Whether a condition does nothing but compare a leaf with what is written out."""
    match tree:
        case Unary("not", of):
            return _is_plain(of, leaf)
        case Binary("and" | "or", left, right):
            return _is_plain(left, leaf) and _is_plain(right, leaf)
        case Binary(op, left, right) if op in _COMPARISONS and left == leaf:
            return _is_written(right)
        case _:
            return False


def _is_written(tree: Expr) -> bool:
    match tree:
        case Lit(str() | int()):
            return True
        case Items(values):
            return all(map(_is_written, values))
        case _:
            return False


def _numbers(tree: Expr) -> Iterator[int]:
    match tree:
        case Lit(int(value)) if not isinstance(value, bool):
            yield value
        case Unary(_, of):
            yield from _numbers(of)
        case Binary(_, left, right):
            yield from _numbers(left)
            yield from _numbers(right)
        case Items(values):
            for one in values:
                yield from _numbers(one)
        case _:
            return
