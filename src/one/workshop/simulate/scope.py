"""Where a step is done: its names, its run, its transaction; and what can be known beforehand."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Self

from typing_extensions import override

from one.compiler.expression import Binary, Expr, Lit, Ref, children, names_in
from one.compiler.predicates import trees_of
from one.compiler.program import Step, steps_of
from one.sdk.data import Data
from one.sdk.feature import Output
from one.sdk.run import Run
from one.sdk.values import Value
from one.workshop.simulate.effects import EFFECTS
from one.workshop.simulate.trees import Place, asks

_OUTSIDE = frozenset(
    {"service", "wait", "waitForEvent", "call", "later", "atomic", "parallel", "try", "retry"}
    | {"step"}
)


class Answer(Output):
    """What a program gives, by its own names."""

    values: Mapping[str, Value] = field(default_factory=dict[str, Value])

    @override
    def given(self) -> dict[str, Value]:
        return {name: value for name, value in self.values.items() if value is not None}


@dataclass(slots=True)
class Scope:
    """`names` are those that are bound, or will be, with what they stand for by now.

    Paths that are given to `run` and `data` begin behind `front`.
    """

    run: Run
    data: Data | None
    names: dict[str, Value]
    front: str = "flow"

    def relative(self, path: str) -> str:
        """A program path as the run takes it."""
        return path if self.front == "flow" else path.removeprefix(f"{self.front}.")

    def at(self, path: str) -> Place:
        """The place of a value."""
        return Place(self.names, self.run, self.data, self.relative(path))

    @asynccontextmanager
    async def reading(self, path: str, *trees: Expr) -> AsyncGenerator["Scope"]:
        """A transaction at a path, where the values need one and none is open."""
        if self.data is not None or not any(map(asks, trees)):
            yield self
            return
        async with self.run.step(self.relative(path)) as data:
            yield replace(self, data=data)

    def inside(self, *, run: Run, front: str, names: dict[str, Value] | None = None) -> "Scope":
        """A body with a run of its own."""
        held = self.names if names is None else names
        return replace(self, run=run, data=None, front=front, names=held)

    def declare(self, steps: Sequence[Step]) -> None:
        """Names that are bound in a part which may not be done: nothing until then."""
        for name in bound_in(steps):
            self.names.setdefault(name, None)

    @classmethod
    def of(cls, run: Run, names: Mapping[str, Value]) -> Self:
        return cls(run, None, dict(names))


def bound_in(steps: Sequence[Step]) -> Iterator[str]:
    """The names that steps bind, wherever in them."""
    for step in steps_of(steps):
        yield from (step.output,) if step.output else ()
        yield from step.set or {}


def read_in(steps: Sequence[Step]) -> frozenset[str]:
    """The names that steps read, wherever in them."""
    trees = (tree for step in steps_of(steps) for tree in trees_of(step))
    return frozenset(name for tree in trees for name in names_in(tree))


def may_be_missing(steps: Sequence[Step]) -> frozenset[str]:
    """Names of which it is asked whether they are there."""

    def asked(tree: Expr) -> Iterator[str]:
        match tree:
            case Binary("==" | "!=", Ref(name), Lit(None)):
                yield name
            case _:
                for child in children(tree):
                    yield from asked(child)

    trees = (tree for step in steps_of(steps) for tree in trees_of(step))
    return frozenset(name for tree in trees for name in asked(tree))


def is_durable(steps: Sequence[Step]) -> bool:
    """Whether a flow calls, waits or hands on: it has to outlive what runs it."""
    lasting = {"service", "wait", "waitForEvent", "call", "later"}
    return any(step.kind in lasting for step in steps_of(steps))


def fits_in_data(step: Step) -> bool:
    """Whether the step, with all in it, can be part of one transaction."""
    if step.kind in _OUTSIDE or step.on_error is not None:
        return False
    loop = step.for_each
    if loop is not None and (loop.parallel or loop.continue_on_error):
        return False
    return all(fits_in_data(one) for _, block in step.blocks() for one in block)


def needs_data(step: Step) -> bool:
    """Whether the step, or one in it, has to be part of one."""
    if step.kind in EFFECTS or any(map(asks, trees_of(step))):
        return True
    return any(needs_data(one) for _, block in step.blocks() for one in block)


def together(steps: Sequence[Step], at: int) -> int:
    """How many steps from a place on are one transaction: up to the last that has to be."""
    last = at
    for n in range(at, len(steps)):
        if not fits_in_data(steps[n]):
            break
        if needs_data(steps[n]):
            last = n + 1
    return last - at
