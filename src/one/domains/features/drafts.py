"""Drafts: what an author is writing, kept for them until it is deployed or thrown away.

Nobody else sees a draft. Who saves says which version they stand on (`If-Match`): where somebody
saved since, in another tab say, nothing is lost, and the refusal shows the other text.
"""

import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from one.errors import Conflict, NotFound
from one.runtime import Context, operation, signed_in
from one.store import Row, drafts, revisions
from one.store.drafts import Draft

MOST = 200
_TITLE = re.compile(r"^[ \t#*]*FEATURE\b[ \t*:]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_LONGEST_TITLE = 200

DraftText = Annotated[str, Field(max_length=80_000)]


class DraftChanged(Conflict):
    """The draft was saved since, from somewhere else; the answer holds what it says now."""


class DraftListed(Row):
    """A draft without its text. Of a feature that is live, `feature` is its name and `revision` the
    one that the text stands on.
    """

    id: UUID
    title: str
    feature: str | None
    revision: int | None
    version: int
    created_at: datetime
    updated_at: datetime


class DraftShown(DraftListed):
    """A draft with its text, as it was last saved."""

    text: str


class Drafts(Row):
    """Drafts, last changed first."""

    items: list[DraftListed]


@operation(kind="read", allow=signed_in, route="GET /api/drafts")
async def list_drafts(ctx: Context) -> Drafts:
    """The features that you are writing, without their texts."""
    found = await drafts.drafts_of(ctx.store.session, ctx.me, limit=MOST)
    return Drafts(items=[_listed(each) for each in found])


@operation(kind="read", allow=signed_in, raises=(NotFound,), route="GET /api/drafts/{id}")
async def get_draft(ctx: Context, *, id: UUID) -> DraftShown:
    """A draft of yours, as it was last saved."""
    return _shown(await _mine(ctx, id))


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Conflict),
    route="POST /api/drafts",
    status=201,
)
async def begin_draft(
    ctx: Context,
    *,
    text: DraftText = "",
    feature: Annotated[str, Field(max_length=200)] | None = None,
) -> DraftShown:
    """Begin to write: a new text, or a change of a feature of yours, by its name in addresses."""
    session = ctx.store.session
    if len(await drafts.drafts_of(session, ctx.me, limit=MOST)) == MOST:
        raise Conflict(
            f"You are writing {MOST} features already.", cure="Throw away a draft, or deploy one."
        )
    on: tuple[str, int] | None = None
    if feature:
        found = await revisions.feature(session, ctx.me, feature)
        kept = found and await revisions.revision(session, ctx.me, feature, number=found.number)
        if kept is None:
            raise NotFound(f"There is no feature {feature} of yours.")
        text, on = text or kept.text, (kept.slug, kept.number)
    made = await drafts.begin_draft(session, ctx.me, title=title_of(text), text=text, on=on)
    return _shown(made)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, DraftChanged),
    route="PUT /api/drafts/{id}",
)
async def save_draft(ctx: Context, *, id: UUID, text: DraftText) -> DraftShown:
    """Keep what a draft of yours says now.

    With the version that you stand on as `If-Match`, what was saved since is not overwritten.
    """
    now = await _mine(ctx, id, lock=True)
    if now.text == text:
        return _shown(now)
    if ctx.if_match is not None and ctx.if_match != now.version:
        raise DraftChanged(
            "This draft was saved since you opened it, from somewhere else.",
            cure="Compare the two, and keep one of them.",
            details={
                "version": now.version,
                "text": now.text,
                "updatedAt": now.updated_at.isoformat(),
            },
        )
    saved = await drafts.save_draft(ctx.store.session, ctx.me, id, title=title_of(text), text=text)
    return _shown(saved)


@operation(kind="write", allow=signed_in, raises=(NotFound,), route="DELETE /api/drafts/{id}")
async def discard_draft(ctx: Context, *, id: UUID) -> None:
    """Throw a draft of yours away; what is live stays as it is."""
    await _mine(ctx, id, lock=True)
    await drafts.discard_draft(ctx.store.session, ctx.me, id)


def title_of(text: str) -> str:
    """What the first feature of a text is called; empty where it has no name yet."""
    found = _TITLE.search(text)
    return found[1].rstrip(" \t*")[:_LONGEST_TITLE] if found else ""


async def _mine(ctx: Context, id: UUID, *, lock: bool = False) -> Draft:
    """Raises NotFound."""
    found = await drafts.draft(ctx.store.session, ctx.me, id, lock=lock)
    if found is None:
        raise NotFound(f"There is no draft {id} of yours.", cure="`GET /api/drafts` lists them.")
    return found


def _listed(kept: Draft) -> DraftListed:
    return DraftListed(
        id=kept.id,
        title=kept.title,
        feature=kept.slug,
        revision=kept.number,
        version=kept.version,
        created_at=kept.created_at,
        updated_at=kept.updated_at,
    )


def _shown(kept: Draft) -> DraftShown:
    return DraftShown(**dict(_listed(kept)), text=kept.text)
