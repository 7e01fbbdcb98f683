"""Things: made, found, changed, taken through their life, looked at from all sides."""

from dataclasses import replace
from typing import Annotated, Literal, cast
from uuid import UUID

from pydantic import Field, JsonValue

from one.domains.graph.asking import Cursor, Limit, Order, Types, Where, filters
from one.errors import Conflict, Denied, Fault, Invalid, NotFound
from one.runtime import Context, anyone, operation, owner_of, signed_in, staff
from one.store import (
    PEOPLE,
    Count,
    Draft,
    Entity,
    EntityAsk,
    Neighbour,
    Page,
    Patch,
    Path,
    Row,
    Version,
    Visibility,
)
from one.store.census import TypeCount, census

Name = Annotated[str, Field(min_length=1, max_length=300)]
TypeName = Annotated[str, Field(min_length=1, max_length=64)]
Status = Literal["active", "inactive", "draft", "published", "archived"]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[
    str, Field(min_length=1, max_length=200, description="Words in the thing's text; give a type.")
]
TagName = Annotated[str, Field(min_length=1, max_length=200, description="As `category:name`.")]
Ids = Annotated[
    list[UUID] | None, Field(min_length=1, max_length=200, description="Of these things alone.")
]
Free = dict[str, JsonValue]
MOST_CHECKED = 1_000


class Versions(Row):
    """A thing's history, newest first."""

    items: list[Version]
    next: int | None


class Making(Row):
    """A thing to be made. What is wrong with it is told of it, not of the whole request."""

    name: str = ""
    properties: Free = Field(default_factory=dict)
    status: str | None = None
    visibility: str | None = None


class Wrong(Row):
    """What is wrong with one of several: `at` is its place among them, from 0."""

    at: int
    faults: list[Fault]


class Wrongs(Row):
    """Those of which something is wrong."""

    items: list[Wrong]


class TypeCounts(Row):
    """Every type of thing, with how many there are."""

    items: list[TypeCount]


class Neighbours(Row):
    """What lies around a thing, nearest first."""

    items: list[Neighbour]


class Paths(Row):
    """The shortest ways between two things."""

    items: list[Path]


@operation(
    kind="read",
    snapshot=False,
    allow=anyone,
    raises=(Invalid,),
    route="GET /api/entities",
    mcp=True,
)
async def list_entities(
    ctx: Context,
    *,
    type: Types = None,
    status: Status | None = None,
    tag: TagName | None = None,
    text: Text | None = None,
    where: Where = None,
    ids: Ids = None,
    owner: UUID | None = None,
    deleted: bool = False,
    include: Literal["private"] | None = None,
    order: Order = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[Entity]:
    """A page of the things you may see, newest first unless ordered otherwise.

    `owner` lists what one person owns, as far as you see them and it. `deleted` lists what was
    deleted instead: all of it for staff, their own for owners.
    `include=private` adds the private properties of those that you own.
    """
    ask = EntityAsk(
        types=_types(ctx, type),
        filters=filters(where),
        order=order or "",
        status=status,
        text=text,
        ids=tuple(ids or ()),
        owner=owner,
        deleted=deleted,
    )
    tagged = await _tagged(ctx, ask, tag)
    if tagged is None or not await _sees(ctx, owner):
        return Page[Entity](items=[], next=None)
    private = include is not None
    return await ctx.store.entities(tagged, limit=limit, cursor=cursor, private=private)


@operation(
    kind="read",
    snapshot=False,
    allow=anyone,
    raises=(Invalid,),
    route="GET /api/entities/count",
    mcp=True,
)
async def count_entities(
    ctx: Context,
    *,
    type: Types = None,
    status: Status | None = None,
    tag: TagName | None = None,
    text: Text | None = None,
    where: Where = None,
) -> Count:
    """How many things you may see; counting stops at 10,000 and says `more`."""
    ask = EntityAsk(types=_types(ctx, type), filters=filters(where), status=status, text=text)
    tagged = await _tagged(ctx, ask, tag)
    return Count(count=0, more=False) if tagged is None else await ctx.store.count(tagged)


@operation(kind="read", snapshot=False, allow=anyone, route="GET /api/entities/types", mcp=True)
async def count_types(ctx: Context) -> TypeCounts:
    """How many things of each type you may see; counting stops at 10,000 and says `more`."""
    return TypeCounts(items=await census(ctx.store.session))


@operation(
    kind="write",
    allow=signed_in,
    raises=(Invalid, Conflict, Denied, NotFound),
    route="POST /api/entities",
    status=201,
)
async def create_entity(
    ctx: Context,
    *,
    type: TypeName,
    name: Name,
    properties: Free | None = None,
    status: Status | None = None,
    visibility: Visibility | None = None,
    tags: Annotated[list[TagName], Field(max_length=50)] | None = None,
) -> Entity:
    """Makes a thing. You become its owner, unless it is a person, who owns themselves."""
    made = Making(name=name, properties=properties or {}, status=status, visibility=visibility)
    entity = await ctx.store.create(_draft(ctx, type, made))
    if tags:
        await ctx.store.tag(entity.id, tags, pointer="/tags")
    return entity


@operation(
    kind="read",
    allow=signed_in,
    raises=(Invalid, Denied),
    route="POST /api/entities/check",
)
async def check_entities(
    ctx: Context,
    *,
    type: TypeName,
    items: Annotated[list[Making], Field(min_length=1, max_length=MOST_CHECKED)],
) -> Wrongs:
    """What would be wrong with making these things. Nothing is made."""
    kind = ctx.ontology.entity(type)
    told = await ctx.store.check([_draft(ctx, kind.name, one) for one in items])
    return Wrongs(
        items=[Wrong(at=at, faults=[*faults]) for at, faults in enumerate(told) if faults]
    )


def _draft(ctx: Context, type: str, making: Making) -> Draft:
    """Raises Denied for a person, who makes themselves."""
    person = type in PEOPLE
    if person and ctx.actor.role != "staff":
        raise Denied("A person is made by signing up.", cure="Let them sign up, or ask staff.")
    return Draft(
        type,
        making.name,
        making.properties,
        making.status,
        cast("Visibility | None", making.visibility),
        owned=not person,
    )


@operation(
    kind="read",
    snapshot=False,
    allow=anyone,
    raises=(NotFound, Denied),
    route="GET /api/entities/{id}",
    mcp=True,
)
async def get_entity(
    ctx: Context, *, id: UUID, include: Literal["private"] | None = None
) -> Entity:
    """One thing. `include=private` adds its private properties, for its owners."""
    if include is None:
        return await ctx.store.get(id)
    if await ctx.store.standing(id) == "owner":
        return await ctx.store.get(id, private=True)
    await ctx.store.get(id)
    raise Denied("Only its owners see its private properties.", cure="Leave out `include`.")


@operation(
    kind="write",
    allow=owner_of("id"),
    raises=(NotFound, Invalid, Denied, Conflict),
    route="PATCH /api/entities/{id}",
)
async def update_entity(
    ctx: Context,
    *,
    id: UUID,
    name: Name | None = None,
    status: Status | None = None,
    visibility: Visibility | None = None,
    properties: Free | None = None,
    increment: Annotated[
        dict[str, int | float],
        Field(max_length=20, description="Numbers to add to, by path: {'plays': 1}."),
    ]
    | None = None,
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None,
) -> Entity:
    """Changes a thing. `properties` is a merge patch: null takes a key away.

    With `version` (or If-Match) the change is refused when somebody else was faster.
    """
    patch = Patch(name, status, visibility, properties, increment)
    return await ctx.store.update(id, patch, version=version or ctx.if_match)


@operation(
    kind="write",
    allow=owner_of("id"),
    raises=(NotFound, Denied, Conflict),
    route="DELETE /api/entities/{id}",
)
async def delete_entity(ctx: Context, *, id: UUID, reason: Reason | None = None) -> Entity:
    """Hides a thing everywhere, until it is restored."""
    return await ctx.store.delete(id, reason=reason, version=ctx.if_match)


@operation(
    kind="write",
    allow=owner_of("id"),
    raises=(NotFound, Invalid, Conflict),
    route="POST /api/entities/{id}/restore",
)
async def restore_entity(ctx: Context, *, id: UUID) -> Entity:
    """Brings back what was deleted, or puts an archived thing to use again."""
    return await ctx.store.restore(id, version=ctx.if_match)


@operation(
    kind="write",
    allow=owner_of("id"),
    raises=(NotFound, Invalid, Conflict),
    route="POST /api/entities/{id}/archive",
)
async def archive_entity(ctx: Context, *, id: UUID, reason: Reason | None = None) -> Entity:
    """Takes a thing out of use; its owners still see it."""
    return await ctx.store.archive(id, reason=reason, version=ctx.if_match)


@operation(
    kind="write",
    allow=owner_of("id"),
    raises=(NotFound, Invalid, Denied, Conflict),
    route="POST /api/entities/{id}/publish",
)
async def publish_entity(ctx: Context, *, id: UUID, visibility: Visibility | None = None) -> Entity:
    """Shows a thing to those who may see it."""
    patch = Patch(status="published", visibility=visibility)
    return await ctx.store.update(id, patch, version=ctx.if_match)


@operation(
    kind="write",
    allow=staff,
    raises=(NotFound, Invalid),
    route="POST /api/entities/{id}/purge",
    status=204,
)
async def purge_entity(ctx: Context, *, id: UUID) -> None:
    """Removes a deleted thing for good, with its connections, events and history."""
    await ctx.store.purge(id)


@operation(
    kind="read",
    allow=owner_of("id"),
    raises=(NotFound, Invalid),
    route="GET /api/entities/{id}/history",
)
async def list_history(
    ctx: Context,
    *,
    id: UUID,
    limit: Limit = 50,
    before: Annotated[int, Field(ge=2, le=2**31 - 1, description="Older than this version.")]
    | None = None,
) -> Versions:
    """What a thing was before each change, newest first, for its owners."""
    items = await ctx.store.history(id, limit=limit, before=before)
    more = len(items) == limit and items[-1].version > 1
    return Versions(items=items, next=items[-1].version if more else None)


@operation(
    kind="read",
    allow=anyone,
    raises=(NotFound, Invalid),
    route="GET /api/entities/{id}/neighbours",
    mcp=True,
)
async def list_neighbours(
    ctx: Context,
    *,
    id: UUID,
    depth: Annotated[int, Field(ge=1, le=3)] = 1,
    type: Types = None,
) -> Neighbours:
    """The things connected to one, up to three connections away; `type` is of connections."""
    types = tuple(ctx.ontology.connection(name).name for name in type or ())
    return Neighbours(items=await ctx.store.neighbours(id, depth=depth, types=types))


@operation(
    kind="read",
    allow=anyone,
    raises=(NotFound, Invalid),
    route="GET /api/entities/{id}/paths",
)
async def find_paths(
    ctx: Context, *, id: UUID, to: UUID, depth: Annotated[int, Field(ge=1, le=3)] = 3
) -> Paths:
    """The shortest ways from one thing to another, at most three connections long."""
    return Paths(items=await ctx.store.paths(id, to, depth=depth))


def _types(ctx: Context, names: list[str] | None) -> tuple[str, ...]:
    return tuple(ctx.ontology.entity(name).name for name in names or ())


async def _sees(ctx: Context, person: UUID | None) -> bool:
    """Whether who asks sees the person that they name, if they name one."""
    if person is None or person == ctx.actor.id:
        return True
    return bool((await ctx.store.entities(EntityAsk(ids=(person,)), limit=1)).items)


async def _tagged(ctx: Context, ask: EntityAsk, name: str | None) -> EntityAsk | None:
    """The ask with its tag; nothing at all where a tag is named that nothing carries."""
    if name is None:
        return ask
    tag = await ctx.store.tag_named(name)
    return replace(ask, tag=tag.id) if tag else None
