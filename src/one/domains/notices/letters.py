"""The outbox as people look at it: what went out, what waits, what nobody knows of."""

from uuid import UUID

from one.domains.accounts import filled
from one.domains.notices.inbox import Limit
from one.errors import Conflict, NotFound
from one.runtime import Context, operation, signed_in
from one.store import Row
from one.store.outbox import Letter, Status, decide, letters


class Letters(Row):
    """Letters, newest first; `next` is the `before` of the following page."""

    items: list[Letter]
    next: UUID | None


@operation(kind="read", snapshot=False, allow=signed_in, route="GET /api/notices/outbox")
async def list_letters(
    ctx: Context, *, status: Status | None = None, limit: Limit = 20, before: UUID | None = None
) -> Letters:
    """What went out in your name by mail, text message and push, or is about to; for staff all of
    it, in production without the words that others wrote.
    """
    found = await letters(ctx.store.session, status=status, before=before, limit=limit + 1)
    items = [_shown(ctx, letter) for letter in found[:limit]]
    return Letters(items=items, next=items[-1].id if len(found) > limit else None)


@operation(
    kind="write",
    allow=signed_in,
    raises=(Conflict, NotFound),
    route="POST /api/notices/outbox/{id}/decide",
)
async def decide_letter(ctx: Context, *, id: UUID, sent: bool) -> Letter:
    """Says whether a letter was sent of which nobody knows; if it wasn't, it is sent now."""
    letter = await decide(ctx.store.session, id, sent=sent)
    if letter is None:
        raise NotFound("You have no letter with this id.", cure="List your outbox to find it.")
    if letter.status != ("sent" if sent else "waiting"):
        raise Conflict(
            f"What became of this letter is known: {letter.status}.",
            cure="Decide on those with the status unknown.",
        )
    return _shown(ctx, letter)


def _shown(ctx: Context, letter: Letter) -> Letter:
    if letter.link is not None and ctx.settings.mode != "production":
        body = filled(ctx.deployment, ctx.space, link=letter.link, body=letter.body)
        return letter.model_copy(update={"body": body})
    if ctx.settings.mode != "production" or letter.author == ctx.actor.id:
        return letter
    return letter.model_copy(update={"subject": "", "body": ""})
