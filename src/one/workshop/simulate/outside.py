"""Calls, waits, tries with sleeps between, and all-or-nothing: what stands between transactions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from one.compiler.expression import Lit, Ref, names_in
from one.compiler.predicates import trees_of
from one.compiler.program import Retry, Service, Step, Until, steps_of, trees_in
from one.compiler.results import shaped
from one.errors import OneError
from one.ontology.services import Action
from one.sdk import moments
from one.sdk.calling import How
from one.sdk.run import Awaited, Run, Together
from one.sdk.values import Value, text
from one.workshop.simulate.scope import Scope, bound_in, fits_in_data
from one.workshop.simulate.walking import Answered, Node, Shape, Walk

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "mo": 2_592_000}
_LATE = Lit("What this waited for did not happen in time.")


def length(duration: str) -> timedelta:
    """The length of time that the program spells `24h`."""
    unit = duration.lstrip("0123456789.")
    return timedelta(seconds=float(duration.removesuffix(unit)) * _UNITS[unit])


async def _service(walk: Walk, scope: Scope, node: Node) -> Answered:
    """A call, and what is done when it fails."""
    service, failing = node.step.service, node.step.on_error
    assert service is not None
    again = service.retry or (failing.retry if failing else None)
    scope.declare([node.step] if failing else [])
    try:
        asked = shaped(walk.services, service, output=node.step.output or "")
        came = await _call(scope, node, asked, again=again)
    except OneError as failure:
        if failing is None or not (failing.return_ or failing.continue_ or failing.rollback):
            raise
        tried = failing.model_copy(update={"retry": None})
        bare = node.step.model_copy(update={"on_error": tried})
        return await walk.instead(scope, Node(bare, node.path), failure=failure)
    walk.save(scope, node.step.output, value=came)
    return None


async def _call(scope: Scope, node: Node, service: Service, *, again: Retry | None = None) -> Value:
    place = scope.at(node.path)
    provider = service.provider
    if provider.startswith("$"):
        provider = text(await place.value(Ref(provider[1:]))).lower()
    how = How(
        tries=(again.times + (1 if service.retry else 0)) if again else None,
        pause=length(again.delay) if again and again.delay else None,
        timeout=length(service.timeout) if service.timeout else None,
    )
    async with scope.reading(f"{node.path}.in", *service.params.values()) as inner:
        params = await inner.at(node.path).values(service.params)
    return await scope.run.call(place.path, f"{provider}.{service.method}", params=params, how=how)


async def _feature(walk: Walk, scope: Scope, node: Node) -> Answered:
    used, place = node.step.call, scope.at(node.path)
    assert used is not None
    async with scope.reading(f"{node.path}.in", *used.input.values()) as inner:
        given = await inner.at(node.path).values(used.input)
    came = await scope.run.feature(place.path, used.feature, given=given)
    walk.save(scope, node.step.output, value=came)
    return None


# --- time ----------------------------------------------------------------------------------------


async def _wait(walk: Walk, scope: Scope, node: Node) -> Answered:
    del walk
    place = scope.at(node.path)
    match node.step.wait:
        case Until(until=moment):
            async with scope.reading(f"{node.path}.in", moment) as inner:
                until = await inner.at(node.path).value(moment)
            await scope.run.wait_until(place.path, until)
        case str(duration) if duration.endswith("mo"):
            months = int(float(duration.removesuffix("mo")))
            await scope.run.wait_until(place.path, moments.months_after(scope.run.now, months))
        case duration:
            await scope.run.wait(place.path, length(str(duration)))
    return None


async def _wait_for(walk: Walk, scope: Scope, node: Node) -> Answered:
    """Waits for an event; without a name for it, a time-out ends the run."""
    waits, place = node.step.wait_for_event, scope.at(node.path)
    assert waits is not None
    async with scope.reading(f"{node.path}.in", *trees_in(waits)) as inner:
        there = inner.at(node.path)
        event = Awaited(
            waits.type,
            entity=await there.value(waits.entity) if waits.entity is not None else None,
            actor=await there.value(waits.actor) if waits.actor is not None else None,
            where=await there.values(waits.where),
        )
    longest = length(waits.timeout) if waits.timeout else timedelta(days=30)
    came = await scope.run.wait_for(place.path, event, longest=longest)
    walk.save(scope, node.step.output, value=came)
    failing = node.step.on_error
    if came is not None or (failing is None and node.step.output):
        return None
    if failing is None:
        raise await walk.refusal(scope, node, words=_LATE)
    match failing.return_:
        case None:
            return None
        case {"error": words}:
            async with scope.reading(f"{node.path}.return", words) as inner:
                raise await walk.refusal(inner, node, words=words)
        case fields:
            async with scope.reading(f"{node.path}.return", *fields.values()) as inner:
                return await walk.give(inner, node, fields=fields)


async def _retry(walk: Walk, scope: Scope, node: Node) -> Answered:
    """One try after the other, then what is done when all have failed."""
    again = node.step.retry
    assert again is not None
    scope.declare([*again.do, *again.fallback])
    pause = length(again.delay) if again.delay else timedelta()
    growing = again.backoff == "exponential"
    place, failure = scope.relative(node.path), None
    async for one in scope.run.tries(place, times=again.times, pause=pause, growing=growing):
        async with one as run:
            inner = scope.inside(run=run, front=node.path)
            answer = await walk.block(inner, node.inner("do", again.do))
            if answer is not None:
                return answer
        failure = one.failure
    if failure is None:
        return None
    if not again.fallback:
        raise failure
    return await walk.block(scope, node.inner("fallback", again.fallback))


# --- all or nothing ------------------------------------------------------------------------------


async def _atomic(walk: Walk, scope: Scope, node: Node) -> Answered:
    """Everything inside, or nothing: calls that completed are undone when another fails."""
    deal = _Deal.of(walk, node)
    failing = node.step.on_error
    scope.declare([*(node.step.atomic or []), *(failing.rollback if failing else [])])
    if failing is None:
        return await deal.done(scope)
    try:
        return await deal.done(scope)
    except OneError as failure:
        undone = frozenset(id(undo) for undo in deal.pairs.values())
        return await walk.instead(scope, node, failure=failure, undone=undone)


@dataclass(frozen=True, slots=True)
class _Deal:
    """The steps of a group: first what checks and what a call needs, then the calls, the one that
    can't be taken back last, then the rows that follow from them. `pairs` are the undos that are
    named, by the path of their call.
    """

    walk: Walk
    node: Node
    first: list[Node]
    calls: list[Node]
    last: list[Node]
    pairs: Mapping[str, Step]

    @classmethod
    def of(cls, walk: Walk, node: Node) -> "_Deal":
        nodes = list(node.inner("atomic", node.step.atomic or []).nodes())
        calls = [one for one in nodes if not fits_in_data(one.step)]
        rows = [one for one in nodes if fits_in_data(one.step)]
        first = _first(rows, calls)
        early = {one.path for one in first}
        last = [one for one in rows if one.path not in early]
        calls.sort(key=lambda one: _is_final(walk, one.step))
        return cls(walk, node, first, calls, last, _pairs(walk, node, nodes))

    async def done(self, scope: Scope) -> Answered:
        """Does them. What fails is raised once all that completed is undone."""
        async with scope.run.together() as deal:
            if not any(one.step.kind in ("service", "call") for one in self.calls):
                block = self.node.inner("atomic", self.node.step.atomic or [])
                return await self.walk.block(scope, block)
            answer = await self.walk.rows(scope, self.first)
            for call in self.calls:
                answer = answer or await self._called(scope, call, deal)
            return answer or await self.walk.rows(scope, self.last)

    async def _called(self, scope: Scope, call: Node, deal: Together) -> Answered:
        action = _action(self.walk, call.step)
        named = call.step
        if action is not None and action.inverse and not call.step.output:
            named = call.step.model_copy(update={"output": action.name})
        answer = await self.walk.one(scope, Node(named, call.path))
        if _is_final(self.walk, call.step):
            deal.no_return()
        self._undone_by(scope, Node(named, call.path), deal)
        return answer

    def _undone_by(self, scope: Scope, call: Node, deal: Together) -> None:
        """Says how a call that completed is taken back."""
        action, undo, done = _action(self.walk, call.step), self.pairs.get(call.path), call.step
        if action is None or done.service is None or not (action.inverse or undo):
            return
        own = undo.service if undo is not None else None
        provider, method = done.service.provider, own.method if own else action.inverse
        inverse = self.walk.services[provider].by_name.get(method)
        params = dict(own.params) if own else {}
        params |= _filled(done, inverse, taken=frozenset(params))
        back = Service(provider=provider, method=method, params=params)

        async def undoing(run: Run) -> None:
            inner = Scope(run, None, scope.names, scope.front)
            await _call(inner, Node(call.step, f"{call.path}.undo"), back)

        deal.undo_by(undoing)


def _first(rows: Sequence[Node], calls: Sequence[Node]) -> list[Node]:
    """The rows that come before the calls: checks, and what a call reads, and what that reads."""
    given = {call.step.output for call in calls if call.step.output}
    needed = {name for call in calls for name in _reads(call.step)}
    first: list[Node] = []
    for row in reversed(rows):
        early = row.step.validate_ is not None or not needed.isdisjoint(bound_in([row.step]))
        if early and given.isdisjoint(_reads(row.step)):
            first.insert(0, row)
            needed |= _reads(row.step)
    return first


def _reads(step: Step) -> set[str]:
    inner = (tree for one in steps_of([step]) for tree in trees_of(one))
    return {name for tree in inner for name in names_in(tree)}


def _action(walk: Walk, step: Step) -> Action | None:
    if step.service is None:
        return None
    service = walk.services.get(step.service.provider)
    return service.by_name.get(step.service.method) if service else None


def _is_final(walk: Walk, step: Step) -> bool:
    action = _action(walk, step)
    return action is not None and action.effect == "irreversible"


def _pairs(walk: Walk, node: Node, nodes: Sequence[Node]) -> dict[str, Step]:
    """The undos that the group names, each for the call that it takes back."""
    failing = node.step.on_error
    left = [step for step in failing.rollback if step.service] if failing else []
    pairs: dict[str, Step] = {}
    for call in nodes:
        action, service = _action(walk, call.step), call.step.service
        for undo in left:
            assert undo.service is not None
            if action is None or service is None or undo.service.provider != service.provider:
                continue
            if undo.service.method == action.inverse:
                pairs[call.path] = undo
                left.remove(undo)
                break
    return pairs


def _filled(done: Step, inverse: Action | None, *, taken: frozenset[str]) -> dict[str, Ref | Lit]:
    """What an undo needs that nobody said: what its call gave, and was given."""
    found: dict[str, Ref | Lit] = {}
    for param in inverse.params if inverse is not None and done.service is not None else ():
        same = done.service.params.get(param.name) if done.service else None
        if param.name in taken:
            continue
        if done.output and (param.fill or param.type == "json"):
            found[param.name] = Ref(done.output)
        elif isinstance(same, Ref | Lit):
            found[param.name] = same
    return found


OUTSIDE: Mapping[str, Shape] = {
    "service": _service,
    "call": _feature,
    "wait": _wait,
    "waitForEvent": _wait_for,
    "retry": _retry,
    "atomic": _atomic,
}
"""By primitive."""
