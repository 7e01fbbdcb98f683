"""What is done with a thing after it was deleted: it isn't there any more, so the run would end."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from one.compiler.bind.session import ends
from one.compiler.checker.infer import Judge, spoken
from one.compiler.expression import Expr, Ref, names_in
from one.compiler.program import Program, Step, steps_of
from one.compiler.reader import Span

Gone = Mapping[Expr, Span]
"""What is deleted where a step stands, and where it was."""

Place = Callable[[Step, str], Span]
_Way = tuple[Judge, Place]
_ONCE = frozenset({"step", "flow", "atomic"})


def check_gone(judge: Judge, program: Program, steps: Sequence[Step], *, place: Place) -> None:
    """Follows what is deleted along the ways through the program."""
    if any(step.delete for step in steps):
        _block((judge, place), program.flow, {})


def _block(way: _Way, steps: Sequence[Step], gone: Gone) -> Gone:
    for step in steps:
        gone = _step(way, step, gone)
    return gone


def _step(way: _Way, step: Step, gone: Gone) -> Gone:
    judge, place = way
    if step.if_ is not None:
        left, right = (_block(way, one, gone) for one in (step.if_.then, step.if_.else_))
        if ends(step.if_.then):
            return right
        return left if ends(step.if_.else_) else {k: left[k] for k in left if k in right}
    if blocks := step.blocks():
        if step.kind in _ONCE and step.on_error is None:
            return _block(way, blocks[0][1], gone)
        for _, inner in blocks:
            _block(way, inner, gone)
        again = {one.restore.target for one in steps_of([step]) if one.restore is not None}
        return {tree: place for tree, place in gone.items() if tree not in again}
    for pointer, tree in _done_to(step):
        if tree in gone:
            span = judge.place_of(tree) or place(step, pointer)
            _tell(judge, step, tree, places=(gone[tree], span))
            gone = _without(gone, tree)  # told once
    if step.delete is not None and isinstance(step.delete.target, Ref):
        return {**gone, step.delete.target: judge.locate(step)}
    if step.restore is not None:
        return _without(gone, step.restore.target)
    saved = {step.output, *(step.set or {})}
    return {one: place for one, place in gone.items() if saved.isdisjoint(names_in(one))}


def _without(gone: Gone, tree: Expr) -> Gone:
    return {one: place for one, place in gone.items() if one != tree}


def _tell(judge: Judge, step: Step, tree: Expr, *, places: tuple[Span, Span]) -> None:
    before, here = places
    again = step.delete is not None
    said = f"“{spoken(tree)}” is deleted already" if again else f"“{spoken(tree)}” is deleted"
    why = "Leave one of the two out."
    if not again:
        why = "Do this before it is deleted, or RESTORE it first."
    judge.error("E606", f"{said}, on line {before.line}.", span=here, why=why)


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
