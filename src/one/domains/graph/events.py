"""Events: what happened, recorded by those who may say so and read by those who may know."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from one.domains.graph.asking import Cursor, Limit, Order, Types, Where, filters
from one.domains.graph.things import Free, TypeName
from one.errors import Denied, Invalid, NotFound
from one.runtime import Context, anyone, operation, signed_in
from one.store import Count, Event, EventAsk, Happening, Page

Session = Annotated[str, Field(min_length=1, max_length=200)]
Source = Annotated[str, Field(min_length=1, max_length=200)]


@operation(
    kind="read", snapshot=False, allow=anyone, raises=(Invalid,), route="GET /api/events", mcp=True
)
async def list_events(
    ctx: Context,
    *,
    type: Types = None,
    entity: UUID | None = None,
    actor: UUID | None = None,
    session: Session | None = None,
    where: Where = None,
    order: Order = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[Event]:
    """A page of what happened, newest first, as far as you may know of it."""
    ask = EventAsk(
        types=tuple(ctx.ontology.event(name).name for name in type or ()),
        filters=filters(where),
        order=order or "",
        entity_id=entity,
        actor_id=actor,
        session=session,
    )
    return await ctx.store.events(ask, limit=limit, cursor=cursor)


@operation(
    kind="read", snapshot=False, allow=anyone, raises=(Invalid,), route="GET /api/events/count"
)
async def count_events(
    ctx: Context,
    *,
    type: Types = None,
    entity: UUID | None = None,
    actor: UUID | None = None,
    session: Session | None = None,
    where: Where = None,
) -> Count:
    """How many events you may know of; counting stops at 10,000 and says `more`."""
    ask = EventAsk(
        types=tuple(ctx.ontology.event(name).name for name in type or ()),
        filters=filters(where),
        entity_id=entity,
        actor_id=actor,
        session=session,
    )
    return await ctx.store.count(ask)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, Denied),
    route="POST /api/events",
    status=201,
)
async def record_event(
    ctx: Context,
    *,
    type: TypeName,
    entity: UUID,
    metadata: Free | None = None,
    occurred_at: AwareDatetime | None = None,
    source: Source | None = None,
    session: Session | None = None,
) -> Event:
    """Writes down what happened to a thing, with you as the one who did it."""
    kind = ctx.ontology.event(type)
    if ctx.actor.role != "staff":
        if kind.written_by == "system":
            raise Denied(
                f"An event {kind.name} is written by ONE itself.",
                cure=f"Use the operation {kind.use}." if kind.use else "It follows by itself.",
            )
        if kind.written_by != "open" and await ctx.store.standing(entity) != "owner":
            raise Denied(
                f"Only an owner of the thing may say {kind.name} of it.",
                cure="Ask its owner to record it.",
            )
    return await ctx.store.record(
        Happening(kind.name, entity, metadata or {}, occurred_at, source, session)
    )


@operation(
    kind="read",
    snapshot=False,
    allow=anyone,
    raises=(NotFound,),
    route="GET /api/events/{id}",
    mcp=True,
)
async def get_event(ctx: Context, *, id: UUID) -> Event:
    """One event."""
    return await ctx.store.event(id)
