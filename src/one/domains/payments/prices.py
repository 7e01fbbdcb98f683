"""Prices: what a creator asks for a thing, held against what can be paid and shared out."""

from uuid import UUID

from one.domains.payments.offers import check_price, money
from one.errors import Conflict, Denied, Invalid, NotFound
from one.ontology.values import Price
from one.runtime import Context, operation, owner_of
from one.store import Entity, Patch


@operation(
    kind="write",
    allow=owner_of("id"),
    raises=(NotFound, Invalid, Denied, Conflict),
    route="PUT /api/entities/{id}/price",
)
async def set_price(ctx: Context, *, id: UUID, price: Price) -> Entity:
    """Sets what a thing costs, in minor units; who has a quote still buys at the price before, for
    a quarter of an hour. A price that doesn't cover its parts is refused.
    """
    check_price(ctx.settings, price.amount, currency=price.currency)
    now = money(price.amount, price.currency)
    return await ctx.store.update(id, Patch(properties={"price": now}))
