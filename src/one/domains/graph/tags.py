"""Tags: the words that sort things."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from one.domains.graph.asking import Cursor, Limit, Order
from one.domains.graph.things import TagName
from one.errors import Conflict, Invalid, NotFound
from one.runtime import Context, anyone, operation, owner_of, staff
from one.store import Page, Row, Tag, TagAsk

Names = Annotated[list[TagName], Field(min_length=1, max_length=50)]
Category = Literal[
    "skill", "industry", "topic", "format", "goal", "audience", "technology", "status"
]


class Tags(Row):
    """The tags of one thing, by category and name."""

    items: list[Tag]


@operation(
    kind="read", snapshot=False, allow=anyone, raises=(Invalid,), route="GET /api/tags", mcp=True
)
async def list_tags(
    ctx: Context,
    *,
    category: Category | None = None,
    order: Order = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[Tag]:
    """A page of tags; order by `-usageCount` for those used most, by `key` within a category."""
    ask = TagAsk(order=order or "", category=category)
    return await ctx.store.tags(ask, limit=limit, cursor=cursor)


@operation(
    kind="read", snapshot=False, allow=anyone, raises=(NotFound,), route="GET /api/tags/{id}"
)
async def get_tag(ctx: Context, *, id: UUID) -> Tag:
    """One tag."""
    return await ctx.store.find_tag(id)


@operation(kind="write", allow=staff, raises=(NotFound, Conflict), route="PATCH /api/tags/{id}")
async def describe_tag(
    ctx: Context,
    *,
    id: UUID,
    description: Annotated[str, Field(max_length=500)] | None = None,
    color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None,
    icon: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] | None = None,
) -> Tag:
    """Says what a tag means and how it looks."""
    return await ctx.store.describe_tag(
        id, description=description, color=color, icon=icon, version=ctx.if_match
    )


@operation(kind="read", allow=anyone, raises=(NotFound,), route="GET /api/entities/{id}/tags")
async def list_entity_tags(ctx: Context, *, id: UUID) -> Tags:
    """The tags of a thing."""
    return Tags(items=await ctx.store.tags_of(id))


@operation(
    kind="write",
    allow=owner_of("id"),
    raises=(NotFound, Invalid),
    route="POST /api/entities/{id}/tags",
)
async def tag_entity(ctx: Context, *, id: UUID, names: Names) -> Tags:
    """Puts tags on a thing, written `category:name`, or `name` alone for a topic."""
    return Tags(items=await ctx.store.tag(id, names))


@operation(
    kind="write",
    allow=owner_of("id"),
    raises=(NotFound, Invalid),
    route="DELETE /api/entities/{id}/tags",
)
async def untag_entity(ctx: Context, *, id: UUID, names: Names) -> Tags:
    """Takes tags off a thing."""
    return Tags(items=await ctx.store.untag(id, names))
