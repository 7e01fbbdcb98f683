"""Data commands of a program, done by the verbs of the transaction."""

from collections.abc import Awaitable, Callable, Mapping

from one.compiler.expression import Call, Expr, Lit
from one.compiler.program import Filter, Query, Step
from one.compiler.spoken import named
from one.sdk import asking
from one.sdk.data import Data, New
from one.sdk.values import Value
from one.workshop.simulate.trees import Place

Effect = Callable[[Place, Data, Step], Awaitable[Value]]


async def _entity(place: Place, data: Data, step: Step) -> Value:
    made = step.entity
    assert made is not None
    name = await _maybe(place, made.name)
    properties = await place.values(made.properties)
    new = New(made.type, name, properties, made.status, made.visibility)
    return await data.create(place.path, new)


async def _connect(place: Place, data: Data, step: Step) -> Value:
    tie = step.connect
    assert tie is not None
    source, to = await place.value(tie.from_), await place.value(tie.to)
    metadata = await place.values(tie.metadata)
    return await data.connect(place.path, source, type=tie.type, to=to, metadata=metadata)


async def _disconnect(place: Place, data: Data, step: Step) -> Value:
    tie = step.disconnect
    assert tie is not None
    source, to = await place.value(tie.from_), await place.value(tie.to)
    await data.disconnect(place.path, source, type=tie.type, to=to)
    return None


async def _event(place: Place, data: Data, step: Step) -> Value:
    said = step.event
    assert said is not None
    entity, actor = await _maybe(place, said.entity), await _maybe(place, said.actor)
    metadata = await place.values(said.metadata)
    return await data.record(place.path, said.type, entity=entity, actor=actor, metadata=metadata)


async def _query(place: Place, data: Data, step: Step) -> Value:
    assert step.query is not None
    asked = await query(place, step.query)
    if step.query.required:
        called = named(step.output or "what this needs")
        return await data.need(place.path, asked, called=called)
    return await data.find(place.path, asked)


async def _update(place: Place, data: Data, step: Step) -> Value:
    change = step.update
    assert change is not None
    target = await place.value(change.target)
    set, add = await place.values(change.set), await place.values(change.add)
    return await data.update(place.path, target, set=set, add=add, status=change.status)


async def _grant(place: Place, data: Data, step: Step) -> Value:
    gift = step.grant
    assert gift is not None
    to, amount = await place.value(gift.to), await place.value(gift.amount)
    asset = await _maybe(place, gift.asset)
    when = gift.when is None or await place.holds(gift.when)
    await data.grant(place.path, to, amount=amount, asset=asset, when=when)
    return None


async def _tag(place: Place, data: Data, step: Step) -> Value:
    assert step.tag is not None
    target = await place.value(step.tag.target)
    await data.tag(place.path, target, names=await place.each(step.tag.names))
    return None


async def _notify(place: Place, data: Data, step: Step) -> Value:
    told = step.notify
    assert told is not None
    to, about = await place.value(told.to), await place.value(told.about)
    with_ = await place.values(told.with_)
    await data.notify(place.path, to, about=about, channels=told.channels, data=with_)
    return None


async def _delete(place: Place, data: Data, step: Step) -> Value:
    assert step.delete is not None
    return await data.delete(place.path, await place.value(step.delete.target))


async def _restore(place: Place, data: Data, step: Step) -> Value:
    assert step.restore is not None
    return await data.restore(place.path, await place.value(step.restore.target))


async def _archive(place: Place, data: Data, step: Step) -> Value:
    assert step.archive is not None
    return await data.archive(place.path, await place.value(step.archive.target))


async def _publish(place: Place, data: Data, step: Step) -> Value:
    assert step.publish is not None
    return await data.publish(place.path, await place.value(step.publish.target))


EFFECTS: Mapping[str, Effect] = {
    "entity": _entity,
    "connect": _connect,
    "disconnect": _disconnect,
    "event": _event,
    "query": _query,
    "update": _update,
    "grant": _grant,
    "tag": _tag,
    "notify": _notify,
    "delete": _delete,
    "restore": _restore,
    "archive": _archive,
    "publish": _publish,
}
"""By primitive."""


async def _maybe(place: Place, tree: Expr | None) -> Value:
    return None if tree is None else await place.value(tree)


async def query(place: Place, asked: Query) -> asking.Query:
    """A query with its values."""
    return asking.Query(
        asked.from_,
        tuple([await _condition(place, one) for one in asked.where]),
        search=await _maybe(place, asked.search),
        order=tuple(f"{'-' if by.descending else ''}{by.field}" for by in asked.order_by),
        limit=asked.limit,
        select=asked.select if isinstance(asked.select, str) else "",
    )


async def _condition(place: Place, wanted: Filter) -> asking.Condition:
    negated = wanted.negated
    if wanted.any is not None:
        some = tuple([await _condition(place, one) for one in wanted.any])
        return asking.AnyOf(some, negated=negated)
    if tie := wanted.connected:
        return asking.Tie(
            tie.type,
            source=await _maybe(place, tie.from_),
            target=await _maybe(place, tie.to),
            metadata=tuple((await place.values(tie.metadata)).items()),
            since=await _maybe(place, tie.since),
            until=await _maybe(place, tie.until),
            negated=negated,
            bought=tie.bought,
            count=(wanted.operator, await _maybe(place, wanted.value)) if wanted.operator else None,
        )
    field, operator = wanted.field or "", wanted.operator or "eq"
    match wanted.value:
        case Call("average", (Lit(str(of)),)):
            return asking.Where(field, operator, asking.Average(of), negated=negated)
        case tree:
            return asking.Where(field, operator, await _maybe(place, tree), negated=negated)
