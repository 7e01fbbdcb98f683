"""Features that are live: their revisions, and who moves the pointer to which of them.

A deploy adds a revision and points at it, which is the workshop's part; whatever needs no compiler
is here. Each move is one transaction: who calls after its answer meets what it says. Runs stay on
the revision that they began with. Records no events of its own.
"""

from datetime import datetime
from difflib import get_close_matches
from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue

from one.compiler.paraphrase import understood
from one.compiler.vocabulary import camel
from one.domains.features.difference import Difference, differences
from one.domains.features.drafts import (
    begin_draft,
    discard_draft,
    get_draft,
    list_drafts,
    save_draft,
    title_of,
)
from one.domains.features.faces import Face, FaceShown, list_faces, show_face
from one.domains.features.revision import (
    ADDRESS,
    OFFERED,
    Slug,
    address_of,
    is_offered,
    program_of,
    sheet_of,
    slots_of,
)
from one.domains.features.triggers import begun_by, dismiss, set_off, signalled
from one.errors import Conflict, Denied, NotFound
from one.runtime import Context, operation, signed_in
from one.runtime.durable import start
from one.store import Row, revisions
from one.store.revisions import Act, Deploy, Feature, Pointed, Revision

__all__ = [
    "ADDRESS",
    "OFFERED",
    "Begun",
    "Canary",
    "Compared",
    "Face",
    "FaceShown",
    "FeatureShown",
    "FeatureTold",
    "Features",
    "Number",
    "Owner",
    "RevisionShown",
    "Revisions",
    "Slug",
    "address_of",
    "begin_draft",
    "check_version",
    "compare_revisions",
    "discard_draft",
    "get_draft",
    "get_feature",
    "give_signal",
    "go_live",
    "is_offered",
    "list_drafts",
    "list_faces",
    "list_features",
    "list_revisions",
    "owner_of",
    "program_of",
    "put_canary",
    "retire_feature",
    "roll_back_feature",
    "save_draft",
    "set_canary",
    "sheet_of",
    "show_face",
    "shown",
    "title_of",
]

Owner = Annotated[UUID, Field(description="Whose feature it is: for staff; yours otherwise.")]
Number = Annotated[int, Field(ge=1, le=2**31 - 1, description="A revision of the feature.")]


class Canary(Row):
    """Another revision that a share of the calls goes to."""

    revision: int
    percent: int


class FeatureShown(Row):
    """A feature as it stands. `revision` is the live one; `startedBy` says what sets it off."""

    slug: str
    title: str
    owner: UUID
    handle: str | None
    address: str
    revision: int
    digest: str
    canary: Canary | None
    retired_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class Features(Row):
    """Features, last changed first."""

    items: list[FeatureShown]


class FeatureTold(Row):
    """A feature with what its live revision says: the text, what was understood of it, the sheet of
    what it may do, what it takes, gives and refuses with.
    """

    feature: FeatureShown
    version: int
    text: str
    understood: list[str]
    input: dict[str, JsonValue]
    output: dict[str, JsonValue]
    errors: dict[str, str]
    sheet: dict[str, JsonValue]


class RevisionShown(Row):
    """One revision. Revisions with one digest have one program."""

    revision: int
    digest: str
    made_by: UUID | None
    made_at: datetime
    live: bool
    canary: bool


class Revisions(Row):
    """The revisions of a feature and what was done to its pointer, both newest first."""

    items: list[RevisionShown]
    deploys: list[Deploy]


class Begun(Row):
    """The runs that a signal has begun, one for each feature that waited for it."""

    runs: list[UUID]


class Compared(Row):
    """What a person has to know who has read the one revision and meets the other."""

    slug: str
    before: int
    after: int
    same: bool
    changes: list[Difference]


# --- looking


@operation(kind="read", allow=signed_in, raises=(Denied,), route="GET /api/features", mcp=True)
async def list_features(
    ctx: Context, *, owner: Owner | None = None, retired: bool = False
) -> Features:
    """Your features; for staff all, or those of an owner."""
    whose = owner_of(ctx, owner) if owner or not ctx.actor.staff else None
    found = await revisions.features_of(ctx.store.session, whose, retired=retired)
    handles = await revisions.handles(ctx.store.session)
    return Features(items=[shown(each, handles.get(each.owner)) for each in found])


@operation(
    kind="read",
    allow=signed_in,
    raises=(NotFound, Denied),
    route="GET /api/features/{slug}",
    mcp=True,
)
async def get_feature(ctx: Context, *, slug: Slug, owner: Owner | None = None) -> FeatureTold:
    """One feature: how it stands, and what its live revision says."""
    found = await _feature(ctx, owner, slug)
    kept = await _revision(ctx, found, number=found.number)
    program = program_of(kept)
    return FeatureTold(
        feature=shown(found, await revisions.handle_of(ctx.store.session, found.owner)),
        version=found.version,
        text=kept.text,
        understood=understood(program, ()),
        input=slots_of(program.input),
        output=slots_of(program.output),
        errors=dict(kept.errors),
        sheet=dict(kept.sheet),
    )


@operation(
    kind="read",
    allow=signed_in,
    raises=(NotFound, Denied),
    route="GET /api/features/{slug}/revisions",
    mcp=True,
)
async def list_revisions(ctx: Context, *, slug: Slug, owner: Owner | None = None) -> Revisions:
    """All that a feature ever was, and when which revision was live."""
    found = await _feature(ctx, owner, slug)
    session = ctx.store.session
    items = [
        RevisionShown(
            revision=each.number,
            digest=each.digest,
            made_by=each.actor,
            made_at=each.created_at,
            live=each.number == found.number and found.retired_at is None,
            canary=each.number == found.canary_number,
        )
        for each in await revisions.revisions_of(session, found.owner, slug)
    ]
    return Revisions(items=items, deploys=await revisions.deploys_of(session, found.owner, slug))


@operation(
    kind="read",
    allow=signed_in,
    raises=(NotFound, Denied),
    route="GET /api/features/{slug}/differences",
    mcp=True,
)
async def compare_revisions(
    ctx: Context,
    *,
    slug: Slug,
    before: Number,
    after: Number | None = None,
    owner: Owner | None = None,
) -> Compared:
    """What changed from one revision to another, the live one if none is said, in English."""
    found = await _feature(ctx, owner, slug)
    old = await _revision(ctx, found, number=before)
    new = await _revision(ctx, found, number=after or found.number)
    changes = differences(program_of(old), program_of(new), sheets=(sheet_of(old), sheet_of(new)))
    return Compared(
        slug=slug, before=old.number, after=new.number, same=not changes, changes=changes
    )


# --- moving the pointer


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Denied, Conflict),
    route="POST /api/features/{slug}/roll-back",
    mcp=True,
)
async def roll_back_feature(
    ctx: Context, *, slug: Slug, to: Number | None = None, owner: Owner | None = None
) -> FeatureShown:
    """Make an earlier revision live again: the one that was live before this one, or the one named.

    A canary ends, which is all where none was live before. What sets the feature off moves too;
    runs that have begun end as they began.
    """
    found = await _held(ctx, owner, slug)
    number = to or await revisions.live_before(
        ctx.store.session, found.owner, slug, number=found.number
    )
    if number is None and found.canary_digest is not None:
        number = found.number
    if number is None:
        raise Conflict(
            f"No revision of {slug} was live before revision {found.number}.",
            cure=f"`one retire {slug}` takes it down.",
        )
    kept = await _revision(ctx, found, number=number)
    return await go_live(ctx, kept, act="rolled back")


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Denied, Conflict),
    route="POST /api/features/{slug}/retire-feature",
)
async def retire_feature(ctx: Context, *, slug: Slug, owner: Owner | None = None) -> FeatureShown:
    """Take a feature down: nobody can call it and nothing sets it off, until it is deployed or
    rolled back again. Runs that have begun go on.
    """
    found = await _held(ctx, owner, slug)
    if found.retired_at is not None:
        return await _shown(ctx, found)
    await dismiss(ctx.store.session, found.owner, slug)
    to = Pointed(found.title, found.number, found.digest, retired=True)
    return await _shown(
        ctx, await revisions.point(ctx.store.session, found.owner, slug, to=to, act="retired")
    )


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Denied, Conflict),
    route="POST /api/features/{slug}/set-canary",
)
async def set_canary(
    ctx: Context,
    *,
    slug: Slug,
    percent: Annotated[int, Field(ge=0, le=100)],
    revision: Number | None = None,
    owner: Owner | None = None,
) -> FeatureShown:
    """Send a share of the calls to another revision: the canary that there is, or the one named.

    The same caller always meets the same one. 0 ends the canary, 100 makes it live.
    """
    found = await _held(ctx, owner, slug)
    if found.retired_at is not None:
        raise Conflict(f"{slug} is retired.", cure="Deploy it, or roll it back.")
    number = revision or found.canary_number
    if number is None:
        raise Conflict(
            f"{slug} has no canary.", cure="Say which revision is to be one: `revision`."
        )
    kept = await _revision(ctx, found, number=number)
    if percent == 100:
        return await go_live(ctx, kept, act="deployed")
    return await put_canary(ctx, found, kept, percent=percent)


# --- setting off


@operation(
    kind="write", allow=signed_in, raises=(NotFound, Denied), route="POST /api/signals", mcp=True
)
async def give_signal(
    ctx: Context,
    *,
    name: Annotated[str, Field(min_length=1, max_length=200)],
    payload: dict[Annotated[str, Field(pattern=r"^[a-zA-Z]\w*$")], JsonValue] | None = None,
    owner: Owner | None = None,
) -> Begun:
    """Set off your features that wait for a signal: `WHEN signal doors open`.

    Each begins one run; the `payload` fills its inputs by name.
    """
    session, known = ctx.store.session, camel(name)
    waiting = await signalled(session, owner_of(ctx, owner))
    if known not in waiting:
        near = get_close_matches(known, waiting, n=3, cutoff=0.5)
        raise NotFound(
            f"No live feature of yours waits for the signal “{name}”.",
            cure=f"Nearest: {', '.join(near)}." if near else "A feature says WHEN signal <name>.",
            details={"near": [*near]},
        )
    runs = [await start(session, begun_by(each, payload or {})) for each in waiting[known]]
    return Begun(runs=runs)


# --- for those upstairs


async def go_live(ctx: Context, kept: Revision, *, act: Act) -> FeatureShown:
    """Points a feature at a revision, with all that sets it off. Raises Invalid."""
    program = program_of(kept)
    await set_off(ctx.store.session, kept.owner, program, digest=kept.digest)
    to = Pointed(program.title, kept.number, kept.digest)
    return await _shown(
        ctx, await revisions.point(ctx.store.session, kept.owner, kept.slug, to=to, act=act)
    )


async def put_canary(ctx: Context, found: Feature, kept: Revision, *, percent: int) -> FeatureShown:
    """Sends a share of a feature's calls to a revision. Raises Conflict."""
    if kept.number == found.number and percent:
        raise Conflict(f"Revision {kept.number} is the live one.", cure="Name another.")
    canary = (kept.number, kept.digest, percent) if percent else None
    to = Pointed(found.title, found.number, found.digest, canary=canary)
    return await _shown(
        ctx, await revisions.point(ctx.store.session, found.owner, found.slug, to=to, act="canary")
    )


def shown(found: Feature, handle: str | None) -> FeatureShown:
    """A feature as people see it."""
    canary = None
    if found.canary_number is not None:
        canary = Canary(revision=found.canary_number, percent=found.canary_percent or 0)
    return FeatureShown(
        slug=found.slug,
        title=found.title,
        owner=found.owner,
        handle=handle,
        address=address_of(handle, found.slug),
        revision=found.number,
        digest=found.digest,
        canary=canary,
        retired_at=found.retired_at,
        version=found.version,
        created_at=found.created_at,
        updated_at=found.updated_at,
    )


def owner_of(ctx: Context, owner: UUID | None) -> UUID:
    """Whose feature is meant. Raises Denied where somebody asks for another's."""
    mine = ctx.actor.id
    assert mine is not None, "signed_in lets nobody in without an id"
    if owner is not None and owner != mine and not ctx.actor.staff:
        raise Denied("These are another's features.", cure="Leave out `owner`.")
    return owner or mine


def check_version(ctx: Context, found: Feature) -> None:
    """Raises Conflict where the caller has last seen it otherwise."""
    if ctx.if_match is not None and ctx.if_match != found.version:
        raise Conflict(
            f"{found.slug} was changed since you looked.",
            cure="Look at it again, then decide.",
            details={"version": found.version, "revision": found.number},
        )


# --- one of them


async def _shown(ctx: Context, found: Feature) -> FeatureShown:
    return shown(found, await revisions.handle_of(ctx.store.session, found.owner))


async def _feature(ctx: Context, owner: UUID | None, slug: str, *, lock: bool = False) -> Feature:
    """Raises NotFound, Denied."""
    whose, session = owner_of(ctx, owner), ctx.store.session
    found = await revisions.feature(session, whose, slug, lock=lock)
    if found is None:
        known = [each.slug for each in await revisions.features_of(session, whose)]
        near = get_close_matches(slug, known, n=3, cutoff=0.5)
        cure = f"Nearest: {', '.join(near)}." if near else "`one features` lists them."
        raise NotFound(f"There is no feature {slug}.", cure=cure, details={"near": [*near]})
    return found


async def _held(ctx: Context, owner: UUID | None, slug: str) -> Feature:
    """The feature, whose pointer nobody else moves until this is over. Raises NotFound, Denied,
    Conflict."""
    found = await _feature(ctx, owner, slug, lock=True)
    check_version(ctx, found)
    return found


async def _revision(ctx: Context, found: Feature, *, number: int) -> Revision:
    """Raises NotFound."""
    kept = await revisions.revision(ctx.store.session, found.owner, found.slug, number=number)
    if kept is None:
        raise NotFound(
            f"{found.slug} has no revision {number}.",
            cure=f"`GET {ADDRESS}/{found.slug}/revisions` lists them.",
        )
    return kept
