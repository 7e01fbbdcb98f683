"""What people earn: statements over a time, in all and by product, and each fact of them.

One's own, and for staff anybody's. Amounts are whole minor units of their currency.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from one.errors import Invalid, NotFound
from one.runtime import Context, operation, signed_in, staff
from one.store import EntityAsk, Row
from one.store.journal import Mode
from one.store.statements import MOST_LINES, Account, Line, accounts, lines

Since = Annotated[
    AwareDatetime | None, Field(description="From then on; without: from the start of the month.")
]
Until = Annotated[AwareDatetime | None, Field(description="Before then; without: until now.")]
Limit = Annotated[int, Field(ge=1, le=MOST_LINES)]
_END = datetime(9999, 1, 1, tzinfo=UTC)
_AT_ONCE = 200


class Statement(Row):
    """Somebody's accounts over a time, one a currency. Sandbox and test money is no money."""

    mode: Mode
    person: UUID
    since: datetime
    until: datetime | None
    accounts: list[Account]


class Lines(Row):
    """Facts, newest first; `next` is the `before` of the following page."""

    mode: Mode
    items: list[Line]
    next: UUID | None


@operation(
    kind="read", allow=signed_in, raises=(Invalid,), route="GET /api/payments/earnings", mcp=True
)
async def show_earnings(ctx: Context, *, since: Since = None, until: Until = None) -> Statement:
    """What you had and have, what came in between and went out, by kind and by product."""
    return await _statement(ctx, ctx.me, since=since, until=until)


@operation(
    kind="read",
    allow=staff,
    raises=(NotFound, Invalid),
    route="GET /api/payments/earnings/{person}",
)
async def show_earnings_of(
    ctx: Context, *, person: UUID, since: Since = None, until: Until = None
) -> Statement:
    """The same of somebody, also who left."""
    await ctx.store.get(person, deleted=True)
    return await _statement(ctx, person, since=since, until=until)


@operation(kind="read", allow=signed_in, raises=(Invalid,), route="GET /api/payments/entries")
async def list_entries(
    ctx: Context,
    *,
    since: Since = None,
    until: Until = None,
    before: UUID | None = None,
    limit: Limit = 50,
) -> Lines:
    """Each fact that changed what you have, newest first."""
    within = _period(ctx, since, until)
    return await _lines(ctx, ctx.me, within=within, before=before, limit=limit)


@operation(
    kind="read", allow=staff, raises=(NotFound, Invalid), route="GET /api/payments/entries/{person}"
)
async def list_entries_of(
    ctx: Context,
    *,
    person: UUID,
    since: Since = None,
    until: Until = None,
    before: UUID | None = None,
    limit: Limit = 50,
) -> Lines:
    """The same of somebody, also who left."""
    await ctx.store.get(person, deleted=True)
    within = _period(ctx, since, until)
    return await _lines(ctx, person, within=within, before=before, limit=limit)


def _period(
    ctx: Context, since: datetime | None, until: datetime | None
) -> tuple[datetime, datetime]:
    """From when until when. Raises Invalid."""
    now = ctx.store.session.now
    since = since or now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if until is not None and until <= since:
        raise Invalid("The end is before the beginning.", cure="Let `until` be after `since`.")
    return since, until or _END


async def _statement(
    ctx: Context, person: UUID, *, since: datetime | None, until: datetime | None
) -> Statement:
    """Raises Invalid."""
    begins, ends = _period(ctx, since, until)
    mode = ctx.deployment.payments.mode
    found = await accounts(ctx.store.session, mode, owner=person, since=begins, until=ends)
    names = await _names(ctx, {one.product for each in found for one in each.products})
    return Statement(
        mode=mode,
        person=person,
        since=begins,
        until=until,
        accounts=[
            each.model_copy(
                update={
                    "products": [
                        one.model_copy(update={"name": names.get(one.product, "")})
                        for one in each.products
                    ]
                }
            )
            for each in found
        ],
    )


async def _names(ctx: Context, products: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """What things are called, those that the viewer may see."""
    ids = sorted(id for id in products if id is not None)
    names: dict[UUID | None, str] = {}
    for start in range(0, len(ids), _AT_ONCE):
        ask = EntityAsk(ids=tuple(ids[start : start + _AT_ONCE]))
        page = await ctx.store.entities(ask, limit=_AT_ONCE)
        names |= {thing.id: thing.name for thing in page.items}
    return names


async def _lines(
    ctx: Context,
    person: UUID,
    *,
    within: tuple[datetime, datetime],
    before: UUID | None,
    limit: int,
) -> Lines:
    mode = ctx.deployment.payments.mode
    found = await lines(
        ctx.store.session, mode, owner=person, within=within, before=before, limit=limit + 1
    )
    items = found[:limit]
    return Lines(mode=mode, items=items, next=items[-1].id if len(found) > limit else None)
