"""Wares: what somebody sells, how each of it stands, how many were bought and how many are left."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from one.domains.payments.offers import NotForSale, OnSale, on_sale
from one.domains.payments.places import left_of
from one.errors import NotFound
from one.ontology.values import Price
from one.runtime import Context, operation, owner_of, signed_in
from one.store import Entity, EntityAsk, Row
from one.store.wares import Count, counts_of, owned_by

SOLD_TYPES = (
    "course",
    "digital_product",
    "membership",
    "consultation",
    "nft",
    "community",
    "token",
)
"""What can have a price of its own."""
MOST = 100


class Good(Row):
    """What somebody sells. `state`: `hidden` from others, `unpriced`, `free`, `early` or `over` by
    its own times, `sold_out`, or on sale (`open`). `sold` were paid for and not given back,
    `unpaid` are kept for who has begun to buy; `left` are for others, null where there is no end.
    """

    id: UUID
    type: str
    name: str
    status: str
    price: Price | None
    state: OnSale
    sold: int
    unpaid: int
    left: int | None


class Goods(Row):
    """Newest first; `next` is the `before` of the following page."""

    items: list[Good]
    next: UUID | None


@operation(kind="read", allow=signed_in, route="GET /api/payments/goods", mcp=True)
async def list_goods(
    ctx: Context,
    *,
    before: UUID | None = None,
    limit: Annotated[int, Field(ge=1, le=MOST)] = 20,
) -> Goods:
    """What you own that can have a price, and how it sells; newest first."""
    session = ctx.store.session
    ids = await owned_by(session, ctx.me, types=SOLD_TYPES, before=before, limit=limit + 1)
    page = await ctx.store.entities(EntityAsk(ids=tuple(ids[:limit])), limit=limit) if ids else None
    found = {thing.id: thing for thing in page.items} if page else {}
    items = await _shown(ctx, [found[id] for id in ids[:limit] if id in found])
    return Goods(items=items, next=ids[limit - 1] if len(ids) > limit else None)


@operation(
    kind="read",
    allow=owner_of("id"),
    raises=(NotFound, NotForSale),
    route="GET /api/entities/{id}/good",
)
async def get_good(ctx: Context, *, id: UUID) -> Good:
    """How a thing of yours sells."""
    thing = await ctx.store.get(id)
    if thing.type not in SOLD_TYPES:
        raise NotForSale(f"“{thing.name}” can't have a price.", cure="Choose another thing.")
    (good,) = await _shown(ctx, [thing])
    return good


async def _shown(ctx: Context, things: list[Entity]) -> list[Good]:
    mode = ctx.deployment.payments.mode
    counts = await counts_of(ctx.store.session, mode, [thing.id for thing in things])
    left = await left_of(ctx.store.session, things)
    return [_good(ctx, one, counts.get(one.id, Count()), rest=left[one.id]) for one in things]


def _good(ctx: Context, thing: Entity, count: Count, *, rest: int | None) -> Good:
    left = None if rest is None else max(rest - count.unpaid, 0)
    state, price = on_sale(thing, now=ctx.clock.now()), thing.properties.get("price")
    return Good(
        id=thing.id,
        type=thing.type,
        name=thing.name,
        status=thing.status,
        price=Price.model_validate(price) if isinstance(price, dict) else None,
        state="sold_out" if state == "open" and left == 0 else state,
        sold=count.sold,
        unpaid=count.unpaid,
        left=left,
    )
