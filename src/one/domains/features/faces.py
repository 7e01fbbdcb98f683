"""Live features as those see them who may run them: what they do, and what they may do with whom.

Of the text itself, and of what its author wrote into it, nothing stands here.
"""

from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue

from one.compiler.outward import told_outside
from one.compiler.sheet.facing import PARTS, facing
from one.compiler.sheet.parts import Runs
from one.domains.features.revision import (
    Slug,
    address_of,
    is_offered,
    program_of,
    sheet_of,
    slots_of,
)
from one.errors import NotFound
from one.runtime import Context, anyone, operation
from one.store import PLATFORM, EntityAsk, Row, revisions
from one.store.revisions import Feature, Revision

By = Annotated[
    str,
    Field(
        max_length=64,
        description="The author's handle, or their id; none for the platform's own.",
    ),
]


class Section(Row):
    """A part of what a feature may do, with its lines."""

    title: str
    lines: list[str]


class Face(Row):
    """A live feature. `does` is what it does, step by step, and `may` what it may do for and with
    whoever runs it, who is its input `runner`; both without what its author wrote into it. `open`:
    without an account, too.
    """

    slug: str
    title: str
    author: UUID
    author_name: str
    handle: str
    address: str
    who: Runs
    open: bool
    runner: str
    input: dict[str, JsonValue]
    output: dict[str, JsonValue]
    does: list[str]
    may: list[Section]


class FaceShown(Row):
    """A live feature in a list."""

    slug: str
    title: str
    handle: str


class Faces(Row):
    """Features that others may run, the first made first."""

    items: list[FaceShown]


@operation(kind="read", allow=anyone, raises=(NotFound,), route="GET /api/live-features")
async def list_faces(ctx: Context, *, author: UUID) -> Faces:
    """The live features of an author that others than they may run."""
    person, session = await ctx.store.get(author), ctx.store.session
    handle = await revisions.handle_of(session, person.id) or ""
    known = await revisions.live_revisions(session, person.id)
    items = [
        FaceShown(
            slug=kept.slug,
            title=program_of(kept).title or kept.slug,
            handle=handle,
        )
        for kept in known
        if is_offered(kept)
    ]
    return Faces(items=items)


@operation(kind="read", allow=anyone, raises=(NotFound,), route="GET /api/live-feature")
async def show_face(ctx: Context, *, slug: Slug, by: By = "") -> Face:
    """A live feature, for whoever may run it: what it does, takes and gives, and what it may do
    with them. What only its author runs is there for them alone.
    """
    found = await _called(ctx, by, slug)
    kept = await _live(ctx, found) if found is not None else None
    if found is None or kept is None:
        raise NotFound(
            "There is no feature at this address.",
            cure="Check the address, or ask whoever gave it to you.",
        )
    author = await _name_of(ctx, found.owner)
    if found.retired_at is not None:
        raise NotFound(
            f"{author} has taken “{found.title}” down.",
            cure=f"Ask {author}, or look what else they offer.",
            details={"author": str(found.owner)},
        )
    program, sheet = program_of(kept), sheet_of(kept)
    runner = sheet.runs.runner
    handle = await revisions.handle_of(ctx.store.session, found.owner) or ""
    told = facing(program, sheet, author=author)
    return Face(
        slug=found.slug,
        title=found.title,
        author=found.owner,
        author_name=author,
        handle=handle,
        address=address_of(handle, found.slug),
        who=sheet.runs.who,
        open=sheet.runs.who in ("everybody", "guests"),
        runner=runner,
        input=slots_of(program.input),
        output=slots_of(program.output),
        does=told_outside(program, runner=runner, author=author),
        may=[Section(title=PARTS[part], lines=lines) for part, lines in told.items()],
    )


async def _called(ctx: Context, by: str, slug: str) -> Feature | None:
    """The feature at an address, whether it is live or not."""
    session = ctx.store.session
    if "\0" in by + slug:
        return None
    if not by:
        return await revisions.feature(session, PLATFORM, slug)
    try:
        return await revisions.feature(session, UUID(by), slug)
    except ValueError:
        return await revisions.called(session, by, slug)


async def _live(ctx: Context, found: Feature) -> Revision | None:
    """What is live of it, if it is for who looks."""
    session = ctx.store.session
    kept = await revisions.revision(session, found.owner, found.slug, number=found.number)
    mine = ctx.actor.staff or ctx.actor.id == found.owner
    return kept if kept is not None and (mine or is_offered(kept)) else None


async def _name_of(ctx: Context, author: UUID) -> str:
    """What they are called, as far as who looks may know that."""
    if author == PLATFORM:
        return "ONE"
    seen = (await ctx.store.entities(EntityAsk(ids=(author,)), limit=1)).items
    handle = await revisions.handle_of(ctx.store.session, author)
    return seen[0].name if seen else f"@{handle}"
