"""What is done with a thing after it was deleted, or found not to be there: the run would end."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from one.compiler.bind.session import ends
from one.compiler.checker.infer import Judge, spoken
from one.compiler.expression import Binary, Expr, Lit, Ref, Unary, names_in
from one.compiler.predicates import to_condition
from one.compiler.program import Program, Step, steps_of
from one.compiler.reader import Span

Gone = Mapping[Expr, tuple[str, Span]]
"""What is not there where a step stands, how that came about, and where."""

Place = Callable[[Step, str], Span]
_Way = tuple[Judge, Place]
_ONCE = frozenset({"step", "flow", "atomic"})


def check_gone(judge: Judge, program: Program, steps: Sequence[Step], *, place: Place) -> None:
    """Follows what is deleted along the ways through the program."""
    if any(step.delete or _asks(step) for step in steps):
        _block((judge, place), program.flow, {})


def _block(way: _Way, steps: Sequence[Step], gone: Gone) -> Gone:
    for step in steps:
        gone = _step(way, step, gone)
    return gone


def _step(way: _Way, step: Step, gone: Gone) -> Gone:
    judge = way[0]
    if step.if_ is not None:
        found = {holds: _absent(judge, step, holds=holds) for holds in (True, False)}
        left = _block(way, step.if_.then, {**gone, **found[True]})
        right = _block(way, step.if_.else_, {**gone, **found[False]})
        if ends(step.if_.then):
            return right
        return left if ends(step.if_.else_) else {k: left[k] for k in left if k in right}
    if step.validate_ is not None:
        return {**gone, **_absent(judge, step, holds=True)}
    if blocks := step.blocks():
        if step.kind in _ONCE and step.on_error is None:
            return _block(way, blocks[0][1], gone)
        for _, inner in blocks:
            _block(way, inner, gone)
        again = {one.restore.target for one in steps_of([step]) if one.restore is not None}
        return {tree: place for tree, place in gone.items() if tree not in again}
    return _plain(way, step, gone)


def _plain(way: _Way, step: Step, gone: Gone) -> Gone:
    """A step without blocks."""
    judge, place = way
    for pointer, tree in _done_to(step):
        if tree in gone:
            span = judge.place_of(tree) or place(step, pointer)
            _tell(judge, step, tree, places=(gone[tree], span))
            gone = _without(gone, tree)  # told once
    if step.delete is not None and isinstance(step.delete.target, Ref):
        return {**gone, step.delete.target: ("is deleted", judge.locate(step))}
    if step.restore is not None:
        return _without(gone, step.restore.target)
    saved = {step.output, *(step.set or {})}
    return {one: place for one, place in gone.items() if saved.isdisjoint(names_in(one))}


def _without(gone: Gone, tree: Expr) -> Gone:
    return {one: place for one, place in gone.items() if one != tree}


def _tell(judge: Judge, step: Step, tree: Expr, *, places: tuple[tuple[str, Span], Span]) -> None:
    (how, before), here = places
    why = "Do this before it is deleted, or RESTORE it first."
    if how == _ABSENT:
        why = "Do it where the thing is there: in the ELSE, or ask that it exists."
    elif step.delete is not None:
        how, why = f"{how} already", "Leave one of the two out."
    judge.error("E606", f"“{spoken(tree)}” {how}, on line {before.line}.", span=here, why=why)


_ABSENT = "was found not to be there"


def _asks(step: Step) -> bool:
    """Whether the step may ask that something is not there."""
    if step.validate_ is not None:
        body = step.validate_
        return body.condition is not None or any(
            one.exists is False for one in body.checks.values()
        )
    return step.if_ is not None and isinstance(step.if_.condition, Binary | Unary)


def _absent(judge: Judge, step: Step, *, holds: bool) -> Gone:
    """The names that are known not to be there where the condition holds, or does not."""
    tree = step.if_.condition if step.if_ is not None else Lit(True)
    if step.validate_ is not None and _asks(step):
        tree = to_condition(step.validate_)
    return {one: (_ABSENT, judge.locate(step)) for one in _missing(tree, holds=holds)}


def _missing(tree: Expr, *, holds: bool) -> Iterator[Ref]:
    match tree:
        case Binary("==" | "!=" as op, Ref() as name, Lit(None)) if holds == (op == "=="):
            yield name
        case Binary("and" | "or" as op, left, right) if holds == (op == "and"):
            yield from _missing(left, holds=holds)
            yield from _missing(right, holds=holds)
        case Unary("not", inner):
            yield from _missing(inner, holds=not holds)
        case _:
            pass


def _done_to(step: Step) -> Iterator[tuple[str, Expr]]:
    """The things that must be there for the step, and where it names them."""
    for part in (step.update, step.delete, step.archive, step.publish, step.tag):
        if part is not None:
            yield "target", part.target
    if (tie := step.connect) is not None:
        yield from (("from", tie.from_), ("to", tie.to))
    if step.event is not None and step.event.entity is not None:
        yield "entity", step.event.entity
    if step.grant is not None:
        yield "to", step.grant.to
        yield from [("asset", step.grant.asset)] if step.grant.asset else []
    if step.notify is not None:
        yield "to", step.notify.to
