"""The inbox: what a person was told, and what of it they have read.

It is followed live like any list: `GET /api/live?table=entities&type=notification`.
"""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from pydantic import Field

from one.errors import Conflict, Denied, Invalid, NotFound
from one.runtime import Context, operation, signed_in
from one.store import Entity, EntityAsk, Filter, Page, Patch, Row

AT_ONCE = 200
Limit = Annotated[int, Field(ge=1, le=200, description="How many to a page.")]
Cursor = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=2_000,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="The `next` of the page before.",
    ),
]


class Unread(Row):
    """How many notices are not read yet; `more` when counting stopped."""

    count: int
    more: bool


class Read(Row):
    """How many were marked as read; `more` when there are others still."""

    count: int
    more: bool


@operation(
    kind="read", snapshot=False, allow=signed_in, raises=(Invalid,), route="GET /api/notices"
)
async def list_notices(
    ctx: Context, *, unread: bool = False, limit: Limit = 20, cursor: Cursor = None
) -> Page[Entity]:
    """What you were told, newest first; with `unread` only what you haven't read."""
    return await ctx.store.entities(_mine(ctx, unread=unread), limit=limit, cursor=cursor)


@operation(kind="read", snapshot=False, allow=signed_in, raises=(Invalid,))
async def count_unread(ctx: Context) -> Unread:
    """How many notices you haven't read; counting stops at 10,000 and says `more`."""
    counted = await ctx.store.count(_mine(ctx, unread=True))
    return Unread(count=counted.count, more=counted.more)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, Denied, Conflict),
    route="POST /api/notices/{id}/read",
)
async def mark_read(ctx: Context, *, id: UUID) -> Entity:
    """Marks a notice as read, if it isn't yet."""
    found = await ctx.store.entities(replace(_mine(ctx, unread=False), ids=(id,)))
    if not found.items:
        raise NotFound("You have no notice with this id.", cure="List your notices to find it.")
    return await _read(ctx, found.items[0])


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, Denied, Conflict),
    route="POST /api/notices/read",
)
async def mark_all_read(ctx: Context) -> Read:
    """Marks your notices as read, the newest 200 at once."""
    page = await ctx.store.entities(_mine(ctx, unread=True), limit=AT_ONCE)
    for notice in sorted(page.items, key=lambda notice: notice.id):
        await _read(ctx, notice)
    return Read(count=len(page.items), more=page.next is not None)


async def _read(ctx: Context, notice: Entity) -> Entity:
    if "readAt" in notice.properties:
        return notice
    patch = Patch(properties={"readAt": ctx.store.session.now.isoformat()})
    return await ctx.store.update(notice.id, patch)


def _mine(ctx: Context, *, unread: bool) -> EntityAsk:
    mine = Filter("properties.recipient", "eq", (str(ctx.actor.id),))
    new = Filter("properties.readAt", "exists", (False,))
    return EntityAsk(types=("notification",), filters=(mine, new) if unread else (mine,))
