"""Checks, branches, loops, tries, what goes at once and what goes its own way."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from one.compiler.expression import Binary, Expr, Lit
from one.compiler.predicates import to_condition
from one.compiler.program import ForEach
from one.compiler.spoken import says
from one.errors import OneError
from one.sdk.run import Run
from one.sdk.values import Value
from one.workshop.simulate.scope import Scope, bound_in, read_in
from one.workshop.simulate.walking import Answered, Block, Node, Shape, Walk


async def _validate(walk: Walk, scope: Scope, node: Node) -> Answered:
    """What must hold: all of it under the words given, else each part with its own."""
    check = node.step.validate_
    assert check is not None
    whole = to_condition(check)
    for condition in [whole] if check.message is not None else _parts(whole):
        if not await scope.at(node.path).holds(condition):
            said = says(condition, holds=False)
            plain = Lit(f"{said[:1].upper()}{said[1:]}.")
            raise await walk.refusal(scope, node, words=check.message or plain)
    return None


def _parts(condition: Expr) -> list[Expr]:
    if isinstance(condition, Binary) and condition.op == "and":
        return [*_parts(condition.left), *_parts(condition.right)]
    return [condition]


async def _set(walk: Walk, scope: Scope, node: Node) -> Answered:
    for name, tree in (node.step.set or {}).items():
        if name in walk.read:
            scope.names[name] = await scope.at(node.path).value(tree)
    return None


async def _give(walk: Walk, scope: Scope, node: Node) -> Answered:
    return await walk.give(scope, node, fields=node.step.return_ or {})


async def _show(walk: Walk, scope: Scope, node: Node) -> Answered:
    """Adds to the answer."""
    del walk
    assert node.step.show is not None
    scope.run.show(await scope.at(node.path).values(node.step.show.values))
    return None


async def _branch(walk: Walk, scope: Scope, node: Node) -> Answered:
    branch = node.step.if_
    assert branch is not None
    holds = await _tested(scope, node.path, branch.condition)
    scope.declare([*branch.then, *branch.else_])
    taken = node.inner("then", branch.then) if holds else node.inner("else", branch.else_)
    return await walk.block(scope, taken)


async def _tested(scope: Scope, path: str, condition: Expr) -> bool:
    async with scope.reading(f"{path}.in", condition) as inner:
        return await inner.at(path).holds(condition)


async def _flow(walk: Walk, scope: Scope, node: Node) -> Answered:
    assert node.step.flow is not None
    return await walk.block(scope, node.inner("steps", node.step.flow.steps))


async def _checkpoint(walk: Walk, scope: Scope, node: Node) -> Answered:
    point = node.step.step
    assert point is not None
    await scope.run.checkpoint(scope.relative(node.path), point.name, number=point.number)
    return await walk.block(scope, node.inner("do", point.do))


async def _later(walk: Walk, scope: Scope, node: Node) -> Answered:
    del walk
    later = node.step.later
    assert later is not None
    needed = read_in(later.do)
    names = {name: value for name, value in scope.names.items() if name in needed}
    await scope.run.later(scope.relative(node.path), names=names, when=later.when or "")
    return None


# --- many ----------------------------------------------------------------------------------------


async def _for_each(walk: Walk, scope: Scope, node: Node) -> Answered:
    """A body for each item. What it binds for the first time is a list afterwards."""
    loop = node.step.for_each
    assert loop is not None
    async with scope.reading(f"{node.path}.in", loop.in_) as inner:
        of = await inner.at(node.path).value(loop.in_)
    bound = dict.fromkeys(bound_in(loop.do))
    fresh = [name for name in bound if name in walk.read and name not in scope.names]
    body = _Body(walk, node, loop, {name: [] for name in fresh})
    answer = await (body.at_once(scope, of) if loop.parallel else body.in_turn(scope, of))
    scope.names.update(body.lists)
    return answer


@dataclass(frozen=True, slots=True)
class _Body:
    """What a loop does with each of its items."""

    walk: Walk
    node: Node
    loop: ForEach
    lists: dict[str, list[Value]]

    async def in_turn(self, scope: Scope, of: Value) -> Answered:
        """One item after the other; what is bound outside stays changed."""
        for inner, item in self._scopes(scope, of):
            inner.names |= {**scope.names, self.loop.as_: item}
            answer = await self._one(inner)
            kept = scope.names.keys() - {self.loop.as_}
            scope.names.update({name: inner.names[name] for name in kept})
            if answer is not None:
                return answer
        return None

    def _scopes(self, scope: Scope, of: Value) -> Iterator[tuple[Scope, Value]]:
        place, front = scope.relative(self.node.path), self.node.path
        if scope.data is not None:
            for data, item in scope.data.each(place, of):
                yield replace(scope, data=data, front=front, names={}), item
        else:
            for run, item in scope.run.each(place, of):
                yield scope.inside(run=run, front=front, names={}), item

    async def _one(self, inner: Scope) -> Answered:
        if not self.loop.continue_on_error:
            return await self._done(inner)
        try:
            async with inner.run.attempt():
                return await self._done(inner)
        except OneError:
            return None

    async def _done(self, inner: Scope) -> Answered:
        answer = await self.walk.block(inner, self.node.inner("do", self.loop.do))
        if answer is None:
            for name in self.lists.keys() & inner.names.keys():
                self.lists[name].append(inner.names[name])
        return answer

    async def at_once(self, scope: Scope, of: Value) -> Answered:
        """All items at the same time, each with names of its own."""

        async def body(run: Run, item: Value) -> Answered:
            names = {**scope.names, self.loop.as_: item}
            return await self._done(scope.inside(run=run, front=self.node.path, names=names))

        place, carry_on = scope.relative(self.node.path), self.loop.continue_on_error
        return await scope.run.at_once(place, of, body=body, carry_on=carry_on)


async def _parallel(walk: Walk, scope: Scope, node: Node) -> Answered:
    """Branches at the same time; each binds names of its own."""
    branches = node.step.parallel or {}
    scope.declare([one for block in branches.values() for one in block])

    def body(block: Block) -> Callable[[Run], Awaitable[Answered]]:
        async def done(run: Run) -> Answered:
            return await walk.block(scope.inside(run=run, front=block.path), block)

        return done

    bodies = {key: body(node.inner(key, steps)) for key, steps in branches.items()}
    return await scope.run.parallel(scope.relative(node.path), bodies)


# --- what may fail -------------------------------------------------------------------------------


async def _try(walk: Walk, scope: Scope, node: Node) -> Answered:
    tried = node.step.try_
    assert tried is not None
    scope.declare([*tried.do, *tried.catch, *tried.finally_])
    if not tried.finally_:
        return await _attempted(walk, scope, node)

    async def always(run: Run) -> None:
        inner = replace(scope, run=run, data=None)
        await walk.block(inner, node.inner("finally", tried.finally_))

    async with scope.run.closing(always):
        return await _attempted(walk, scope, node)


async def _attempted(walk: Walk, scope: Scope, node: Node) -> Answered:
    tried = node.step.try_
    assert tried is not None
    if not tried.catch:
        return await walk.block(scope, node.inner("do", tried.do))
    try:
        async with scope.run.attempt():
            return await walk.block(scope, node.inner("do", tried.do))
    except OneError:
        return await walk.block(scope, node.inner("catch", tried.catch))


SHAPES: Mapping[str, Shape] = {
    "validate": _validate,
    "set": _set,
    "return": _give,
    "show": _show,
    "if": _branch,
    "flow": _flow,
    "step": _checkpoint,
    "later": _later,
    "forEach": _for_each,
    "parallel": _parallel,
    "try": _try,
}
"""By primitive."""
