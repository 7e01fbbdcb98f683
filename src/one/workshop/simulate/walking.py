"""The steps of a program, done one after the other."""

from collections.abc import (
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field, replace

from one.compiler.bind.feature import slug_of
from one.compiler.expression import Expr, Lit
from one.compiler.program import OnError, Step, Values
from one.errors import OneError
from one.ontology.services import Service
from one.sdk.answers import failed_with
from one.sdk.feature import Output
from one.sdk.refusal import Refusal
from one.sdk.values import Value, text
from one.workshop.simulate.effects import EFFECTS
from one.workshop.simulate.scope import Answer, Scope, fits_in_data, needs_data, together

Answered = Output | None
_CODE = 60


@dataclass(frozen=True, slots=True)
class Node:
    """A step and its place in the program."""

    step: Step
    path: str

    def inner(self, name: str, steps: Sequence[Step]) -> "Block":
        """A block of the step."""
        return Block(steps, f"{self.path}.{name}")


@dataclass(frozen=True, slots=True)
class Block:
    """Steps that stand under one path."""

    steps: Sequence[Step]
    path: str

    def nodes(self, start: int = 0, many: int | None = None) -> Iterator[Node]:
        end = len(self.steps) if many is None else start + many
        for n in range(start, end):
            yield Node(self.steps[n], f"{self.path}.{n}")


Watch = Callable[[Node, OneError | None], None]
Shape = Callable[["Walk", Scope, Node], Awaitable[Answered]]


def unwatched(node: Node, failure: OneError | None) -> None:
    del node, failure


@dataclass(frozen=True, slots=True)
class Walk:
    """One program's way. `shapes` do the primitives that are no data command; `outputs` are the
    names that may be given, `read` those that somebody reads; `watch` hears of each step done.
    """

    outputs: frozenset[str]
    read: frozenset[str]
    services: Mapping[str, Service]
    shapes: Mapping[str, Shape]
    watch: Watch = field(default=unwatched)

    async def block(self, scope: Scope, block: Block) -> Answered:
        """Steps in order; the answer that one of them ended the flow with."""
        at = 0
        while at < len(block.steps):
            many = 0 if scope.data else together(block.steps, at)
            nodes = list(block.nodes(at, max(many, 1)))
            if many:
                answer = await self._in_data(scope, nodes)
            else:
                answer = await self.step(scope, nodes[0])
            if answer is not None:
                return answer
            at += len(nodes)
        return None

    async def _in_data(self, scope: Scope, nodes: Sequence[Node]) -> Answered:
        """Steps of one transaction."""
        async with scope.run.step(scope.relative(nodes[0].path)) as data:
            inner = replace(scope, data=data)
            for node in nodes:
                answer = await self.step(inner, node)
                if answer is not None:
                    return answer
        return None

    async def rows(self, scope: Scope, nodes: Sequence[Node]) -> Answered:
        """Steps of data, in one transaction if any of them needs it."""
        if scope.data is None and any(needs_data(node.step) for node in nodes):
            return await self._in_data(scope, nodes)
        for node in nodes:
            answer = await self.step(scope, node)
            if answer is not None:
                return answer
        return None

    async def one(self, scope: Scope, node: Node) -> Answered:
        """A step, in a transaction of its own where it needs one."""
        alone = scope.data is None and fits_in_data(node.step) and needs_data(node.step)
        return await (self._in_data(scope, [node]) if alone else self.step(scope, node))

    async def step(self, scope: Scope, node: Node) -> Answered:
        """One step, with what is done when it fails."""
        failing = node.step.on_error
        if failing is None or node.step.kind in ("atomic", "service", "waitForEvent"):
            return await self._watched(scope, node)
        bare = Node(node.step.model_copy(update={"on_error": None}), node.path)
        scope.declare([bare.step])
        try:
            async with scope.run.attempt():
                return await self.one(scope, bare)
        except OneError as failure:
            return await self.instead(scope, node, failure=failure)

    async def _watched(self, scope: Scope, node: Node) -> Answered:
        try:
            answer = await self._plain(scope, node)
        except OneError as failure:
            self.watch(node, failure)
            raise
        self.watch(node, None)
        return answer

    async def _plain(self, scope: Scope, node: Node) -> Answered:
        step = node.step
        shape = self.shapes.get(step.kind)
        if shape is not None:
            return await shape(self, scope, node)
        assert scope.data is not None, f"{node.path} is a data command"
        done = await EFFECTS[step.kind](scope.at(node.path), scope.data, step)
        self.save(scope, step.output, value=done)
        return None

    def save(self, scope: Scope, name: str | None, *, value: Value) -> None:
        """Binds what somebody will read."""
        if name is not None and name in self.read:
            scope.names[name] = value

    async def instead(
        self,
        scope: Scope,
        node: Node,
        *,
        failure: OneError,
        undone: frozenset[int] = frozenset(),
    ) -> Answered:
        """What is done when a step has failed; without the steps that were its undos."""
        what = node.step.on_error
        assert what is not None
        rest = [step for step in what.rollback if id(step) not in undone]
        answer = await self.block(scope, node.inner("rollback", rest))
        return answer or await self._after(scope, node, what, failure=failure)

    async def _after(
        self, scope: Scope, node: Node, what: OnError, *, failure: OneError
    ) -> Answered:
        match what.return_:
            case None if what.continue_ or what.retry:
                self.save(scope, node.step.output, value=failed_with(failure))
                return None
            case None:
                raise failure
            case {"error": words}:
                async with scope.reading(f"{node.path}.return", words) as inner:
                    raise await self.refusal(inner, node, words=words) from failure
            case fields:
                async with scope.reading(f"{node.path}.return", *fields.values()) as inner:
                    return await self.give(inner, node, fields=fields)

    # --- ends

    async def refusal(self, scope: Scope, node: Node, *, words: Expr) -> Refusal:
        """The end of a run with words, under a code made of them."""
        said = words.value if isinstance(words, Lit) and isinstance(words.value, str) else ""
        code = slug_of(said) or f"refused_at_{node.path.replace('.', '_')}"
        spoken = said or text(await scope.at(node.path).value(words))
        return Refusal(code[:_CODE].rstrip("_"), spoken)

    async def give(self, scope: Scope, node: Node, *, fields: Values) -> Answer:
        """The answer that ends the flow."""
        kept = {name: tree for name, tree in fields.items() if name in self.outputs}
        return Answer(values=await scope.at(node.path).values(kept))
