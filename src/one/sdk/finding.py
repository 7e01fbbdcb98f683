"""How a feature's queries are answered, and with whose eyes."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from one.errors import NotFound
from one.runtime import Context
from one.sdk import moments
from one.sdk.asking import AnyOf, Average, Condition, Query, Tie, Where
from one.sdk.noting import with_notes
from one.sdk.reckoning import items
from one.sdk.rights import eyes
from one.sdk.standing import Standing, belongs, with_eyes
from one.sdk.values import (
    Thing,
    Value,
    happening,
    met,
    plain,
    relation,
    text,
    thing,
)
from one.store import PEOPLE, Connection, Entity, Event, Link, Viewer, queries


async def find(ctx: Context, standing: Standing, query: Query, *, path: str) -> Value:
    """Rows, one row or nothing where the limit is one, a number by its select."""
    looking = eyes(ctx, standing, path=path)
    if query.select:
        return met(await looking.store.measure(_asked(ctx, query)))
    found = await with_notes(ctx, standing, await rows(looking, query))
    if query.limit == 1:
        return await _whole(ctx, found[0]) if found else None
    return found


async def rows(ctx: Context, query: Query) -> list[Value]:
    """The rows of a query, with the author's eyes."""
    return [_row(one) for one in await ctx.store.ask(_asked(ctx, query))]


async def _whole(ctx: Context, row: Value) -> Value:
    """One thing with its private properties, where it is the author's own."""
    if isinstance(row, Thing) and await ctx.store.standing(row.id) == "owner":
        return thing(await ctx.store.get(row.id, private=True))
    return row


def _row(row: object) -> Value:
    match row:
        case Entity():
            return thing(row)
        case Connection():
            return relation(row)
        case Event():
            return happening(row)
        case _:
            return text(getattr(row, "name", ""))


def _asked(ctx: Context, query: Query) -> queries.Query:
    """The query as the store's."""
    return queries.Query(
        query.table,
        tuple(_condition(ctx, one) for one in query.where),
        search=text(query.search) or None,
        order=query.order,
        limit=query.limit,
        select=query.select or None,
    )


def _condition(ctx: Context, wanted: Condition) -> queries.Condition:
    match wanted:
        case Where(field, operator, value, negated):
            against = queries.Average(value.field) if isinstance(value, Average) else plain(value)
            return queries.Compare(field, operator, against, negated=negated)
        case Tie(_, None, None):  # to a conversation that has not begun
            none = wanted.count is not None and queries.fits_none(
                wanted.count[0], plain(wanted.count[1])
            )
            return queries.AnyOf((), negated=wanted.negated != none)
        case Tie():
            return _tie(ctx, wanted)
        case AnyOf(conditions, negated):
            several = tuple(_condition(ctx, one) for one in conditions)
            return queries.AnyOf(several, negated=negated)


def _tie(ctx: Context, tie: Tie) -> queries.Tied:
    (from_id, from_type), (to_id, to_type) = _end(ctx, tie.source), _end(ctx, tie.target)
    return queries.Tied(
        tie.type,
        from_id=from_id,
        to_id=to_id,
        from_type=from_type,
        to_type=to_type,
        metadata={key: plain(value) for key, value in tie.metadata},
        negated=tie.negated,
        owned=_of_theirs(ctx, tie.type, tie.target),
        since=_moment(ctx, tie.since),
        until=_moment(ctx, tie.until),
        bought=tie.bought,
        count=(tie.count[0], plain(tie.count[1])) if tie.count is not None else None,
    )


def _moment(ctx: Context, said: Value) -> datetime | None:
    return None if said is None else moments.moment(said, ctx.store.session.now)


def _of_theirs(ctx: Context, type: str, target: Value) -> bool:
    """A person's students, buyers, holders are those of what they own; followers are their own."""
    if not isinstance(target, Thing) or target.type not in PEOPLE:
        return False
    kind = ctx.ontology.connection(type)
    return type == "transacted" or not kind.fits("audience_member", target.type)


def _end(ctx: Context, value: Value) -> tuple[UUID | None, str]:
    """The thing at an end of a tie, by itself or its id; or the type of which any counts."""
    match value:
        case Thing():
            return value.id, ""
        case str() if value == "thing" or value in ctx.ontology.entities:
            return None, value
        case str():
            return UUID(value), ""
        case _:
            return None, ""


async def load(ctx: Context, standing: Standing, ids: Value, *, unseen: bool) -> Value:
    """Things by their ids: one for one, a list for a list; nothing where they can't be seen."""
    if isinstance(ids, str):
        (found,) = await with_notes(
            ctx, standing, [await _load(ctx, standing, UUID(ids), unseen=unseen)]
        )
        return found
    found = [await _load(ctx, standing, UUID(text(one)), unseen=unseen) for one in items(ids)]
    return await with_notes(ctx, standing, [one for one in found if one is not None])


async def _load(ctx: Context, standing: Standing, id: UUID, *, unseen: bool) -> Value:
    """A thing that who gets what the run gives can see; the author's own with all of it.

    Who runs it, or set it off, is there though the author may not see them otherwise.
    """
    themselves = Viewer(id, "person") if id in standing.people else standing.receiver
    ticked = unseen and await ctx.store.standing(id) == "owner"
    looking = ctx if ticked else with_eyes(ctx, themselves)
    try:
        owned = await looking.store.standing(id) == "owner"
        found = await looking.store.get(id, deleted=owned)
    except NotFound:
        return None
    if found.deleted_at is None and await ctx.store.standing(id) == "owner":
        found = await ctx.store.get(id, private=True)
    return thing(found)


def sort_of(ctx: Context, type: str, sort: str) -> tuple[tuple[str, Value], ...]:
    """The metadata by which a relation says that it is of a sort."""
    roles = ctx.ontology.connection(type).roles if sort else ()
    said = {pair for role in roles for pair in (role.metadata or {}).items() if pair[1] == sort}
    return tuple((key, sort) for key, _ in sorted(said, key=lambda pair: pair[0]))


async def connected(ctx: Context, source: Value, *, tie: Tie) -> bool:
    """Whether somebody or something is tied to the target, or to anything of a type."""
    for one in items(source):
        for other in items(tie.target):
            if not await _tied(ctx, one, other, tie=tie):
                return False
    return bool(items(source)) and bool(items(tie.target))


async def _tied(ctx: Context, source: Value, target: Value, *, tie: Tie) -> bool:
    if not isinstance(source, Thing):
        return False
    owned = _of_theirs(ctx, tie.type, target)
    if isinstance(target, Thing) and not owned:
        said = {key: plain(value) for key, value in tie.metadata}
        return await ctx.store.connected(Link(tie.type, source.id, target.id, said))
    where: list[Condition] = [replace(tie, source=source, target=None)]
    if owned:
        where = [replace(tie, target=target), Where("id", "eq", source)]
    elif isinstance(target, str) and target not in ("thing", "entities"):
        where.append(Where("type", "eq", target))
    asked = _asked(ctx, Query("entities", tuple(where), limit=1))
    return bool(await ctx.store.ask(asked))


async def owns(ctx: Context, person: Value, of: Value) -> bool:
    """Whether somebody owns a thing, has bought it, or holds some of it, as the author knows; of
    several, whether each of them does.
    """
    pairs = [(who, one) for who in items(person) for one in items(of)]
    for who, one in pairs:
        if not isinstance(who, Thing) or not isinstance(one, Thing):
            return False
        if not await _has(ctx, who, one):
            return False
    return bool(pairs)


async def _has(ctx: Context, person: Thing, of: Thing) -> bool:
    return await ctx.store.owns(person.id, of.id) or await belongs(ctx, of.id, person.id)
