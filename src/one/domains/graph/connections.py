"""Connections: who may relate what, and how what an item earns is shared."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from one.domains.graph.asking import Cursor, Limit, Order, Types, Where, filters
from one.domains.graph.things import Free, TypeName
from one.errors import Conflict, Denied, Fault, Invalid, NotFound
from one.ontology import ConnectionType
from one.runtime import Context, anyone, operation, owner_of, signed_in
from one.store import CONTAINS, GRANTS, Connection, ConnectionAsk, Count, Link, Page, Row

Strength = Annotated[float, Field(ge=0, le=1)]


class OwnerShare(Row):
    """What one owner gets of what the thing earns, in basis points."""

    owner: UUID
    share: Annotated[int, Field(ge=1, le=10_000)]


class Split(Row):
    """The owners of a thing, with their shares."""

    items: list[Connection]


@operation(
    kind="read",
    snapshot=False,
    allow=anyone,
    raises=(Invalid,),
    route="GET /api/connections",
    mcp=True,
)
async def list_connections(
    ctx: Context,
    *,
    type: Types = None,
    from_: UUID | None = None,
    to: UUID | None = None,
    as_of: AwareDatetime | None = None,
    ended: bool = False,
    where: Where = None,
    order: Order = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[Connection]:
    """A page of connections that hold now, newest first.

    `asOf` reads those that held at a moment, `ended` all that there ever were.
    """
    ask = ConnectionAsk(
        types=_types(ctx, type),
        filters=filters(where),
        order=order or "",
        from_id=from_,
        to_id=to,
        as_of=as_of,
        ended=ended,
    )
    return await ctx.store.connections(ask, limit=limit, cursor=cursor)


@operation(
    kind="read", snapshot=False, allow=anyone, raises=(Invalid,), route="GET /api/connections/count"
)
async def count_connections(
    ctx: Context,
    *,
    type: Types = None,
    from_: UUID | None = None,
    to: UUID | None = None,
    where: Where = None,
) -> Count:
    """How many connections hold now; counting stops at 10,000 and says `more`."""
    types = _types(ctx, type)
    ask = ConnectionAsk(types=types, filters=filters(where), from_id=from_, to_id=to)
    return await ctx.store.count(ask)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, Conflict, Denied),
    route="POST /api/connections",
    status=201,
)
async def connect(
    ctx: Context,
    *,
    type: TypeName,
    from_: UUID,
    to: UUID,
    metadata: Free | None = None,
    strength: Strength | None = None,
    valid_from: AwareDatetime | None = None,
    valid_to: AwareDatetime | None = None,
) -> Connection:
    """Relates two things. Which of their owners may say so depends on the type."""
    kind = ctx.ontology.connection(type)
    link = Link(kind.name, from_, to, metadata or {}, strength, valid_from, valid_to)
    await _require_writer(ctx, kind, from_=from_, to=to, keys=frozenset(link.metadata))
    await _require_open_door(ctx, kind, to)
    return await ctx.store.connect(link)


@operation(
    kind="read",
    snapshot=False,
    allow=anyone,
    raises=(NotFound,),
    route="GET /api/connections/{id}",
    mcp=True,
)
async def get_connection(ctx: Context, *, id: UUID) -> Connection:
    """One connection, ended or not."""
    return await ctx.store.connection(id)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, Conflict, Denied),
    route="PATCH /api/connections/{id}",
)
async def amend_connection(
    ctx: Context,
    *,
    id: UUID,
    metadata: Free | None = None,
    strength: Strength | None = None,
    valid_to: AwareDatetime | None = None,
) -> Connection:
    """Changes what a connection says (`metadata` is a merge patch) or when it ends."""
    current = await ctx.store.connection(id)
    kind = ctx.ontology.connection(current.type)
    keys = frozenset(metadata or ())
    await _require_writer(ctx, kind, from_=current.from_id, to=current.to_id, keys=keys)
    return await ctx.store.amend(
        id, metadata=metadata, strength=strength, valid_to=valid_to, version=ctx.if_match
    )


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, Conflict, Denied),
    route="DELETE /api/connections/{id}",
)
async def disconnect(ctx: Context, *, id: UUID) -> Connection:
    """Ends a connection now; it stays to be read as of an earlier time.

    Either end's owner may end what they take part in, unless it is of money or tokens.
    """
    current = await ctx.store.connection(id)
    kind = ctx.ontology.connection(current.type)
    if kind.written_by == "system":
        _require_staff(ctx, kind)
    elif not await _owns_any(ctx, current.from_id, current.to_id):
        raise Denied("Only an owner of one of its ends may end this.", cure="Ask one of them.")
    return await ctx.store.end(id, version=ctx.if_match)


@operation(
    kind="write",
    allow=owner_of("id"),
    raises=(NotFound, Invalid, Conflict),
    route="PUT /api/entities/{id}/shares",
)
async def share_revenue(
    ctx: Context,
    *,
    id: UUID,
    shares: Annotated[list[OwnerShare], Field(min_length=1, max_length=100)],
) -> Split:
    """Divides what a thing earns among its owners, all at once: 10,000 basis points in sum."""
    split = [(owner.owner, owner.share) for owner in shares]
    return Split(items=await ctx.store.share(id, split))


def _types(ctx: Context, names: list[str] | None) -> tuple[str, ...]:
    return tuple(ctx.ontology.connection(name).name for name in names or ())


_BOTH = frozenset({*CONTAINS, "authored", "clone_of"})
"""What neither end may say of the other alone."""


def ends_to_ask(kind: ConnectionType, keys: frozenset[str] = frozenset()) -> frozenset[str]:
    """Whose owners must say this: those of `from`, of `to`, of both, or anybody's."""
    if kind.name in GRANTS or (keys and keys <= kind.guarded):
        return frozenset({"to"})
    if kind.name in _BOTH:
        return frozenset({"from", "to"})
    asked = {"owner": {"from"}, "owner_of_thing": {"to"}}.get(kind.written_by, set[str]())
    return frozenset(asked | ({"to"} if keys & kind.guarded else set[str]()))


async def _require_writer(
    ctx: Context, kind: ConnectionType, *, from_: UUID, to: UUID, keys: frozenset[str]
) -> None:
    """Raises Denied unless the actor is who may say this of the two."""
    if ctx.actor.role == "staff":
        return
    if kind.written_by == "system":
        _require_staff(ctx, kind)
    asked = ends_to_ask(kind, keys)
    if "to" in asked:
        await _require_owner(ctx, to, "/to", kind)
    if "from" in asked:
        await _require_owner(ctx, from_, "/from", kind)


async def _require_open_door(ctx: Context, kind: ConnectionType, to: UUID) -> None:
    """Anybody may join an open community that costs nothing; to all else its owner lets in."""
    if ctx.actor.role == "staff" or kind.name != "member_of":
        return
    facts = await ctx.store.get(to)
    free = facts.properties.get("price") is None
    is_open = facts.properties.get("joining", "open") == "open"
    if facts.type != "community" or not free or not is_open:
        await _require_owner(ctx, to, "/to", kind)


def _require_staff(ctx: Context, kind: ConnectionType) -> None:
    if ctx.actor.role != "staff":
        raise Denied(
            f"A connection {kind.name} is written by ONE itself.",
            cure=f"Use the operation {kind.use}." if kind.use else "It follows from what you do.",
        )


async def _require_owner(ctx: Context, id: UUID, pointer: str, kind: ConnectionType) -> None:
    if await ctx.store.standing(id) != "owner":
        raise Denied(
            f"You can't say {kind.name} here: it isn't yours to say.",
            cure="Its owner must say it.",
            faults=(Fault(pointer, "is not yours"),),
        )


async def _owns_any(ctx: Context, *ends: UUID) -> bool:
    for end in ends:
        if await ctx.store.standing(end) == "owner":
            return True
    return False
