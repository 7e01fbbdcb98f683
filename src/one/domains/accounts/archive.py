"""What ONE has of a person, for them to take along."""

from typing import Annotated

from pydantic import Field, JsonValue

from one.domains.accounts.again import mine
from one.errors import Invalid, NotFound
from one.runtime import Context, in_session, operation
from one.store import Row
from one.store.archive import PARTS, Part, page_of

After = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~ ]+$")]


class Archive(Row):
    """A page of one part. `after` begins the next page of it; the part after it is `then`."""

    part: Part
    items: list[dict[str, JsonValue]]
    after: str | None
    then: Part | None


@operation(
    kind="read", allow=in_session, raises=(NotFound, Invalid), route="GET /api/account/export"
)
async def export_account(
    ctx: Context,
    *,
    part: Part = "account",
    after: After | None = None,
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200,
) -> Archive:
    """All that ONE has of you, part by part: what you are and own, your relations, what you did
    and what was done to you, what you wrote and were told, what you bought and earned. No secrets,
    and of others only ids. What tokens you hold stands among your relations (`holds`), each move of
    them among the events.
    """
    await mine(ctx)
    items, next = await page_of(ctx.store.session, part, after=after, limit=limit)
    following = PARTS[PARTS.index(part) + 1 :]
    return Archive(part=part, items=items, after=next, then=following[0] if following else None)
