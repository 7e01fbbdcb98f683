"""Checkouts of features: what somebody is to pay is a purchase of theirs, at the price that stands
on the thing, or of what the feature says when it sells nothing that has one.
"""

from collections.abc import Mapping
from uuid import UUID

from pydantic import JsonValue

from one.domains import payments
from one.domains.payments import Offer
from one.runtime import Context, durable
from one.sdk.refusal import NotTheirs, Refusal
from one.sdk.standing import Standing, as_person
from one.sdk.values import Money, Thing, Value, met

OPENS, CLOSES = "stripe.createCheckout", "stripe.expireCheckout"


async def checkout(
    engine: durable.Run, standing: Standing, *, path: str, params: Mapping[str, Value]
) -> Value:
    """Opens one: `id` is the purchase's, `url` where it is paid. Raises Refusal, NotTheirs, and
    what a purchase may.
    """
    buyer = _buyer(standing, params.get("customer"))

    async def begin(ctx: Context) -> JsonValue:
        theirs = as_person(ctx, buyer)
        bought = await payments.begin(theirs, await _offer(theirs, standing, params))
        return {"id": str(bought.id), "url": bought.pay}

    return met(await engine.step(path, begin, operation=OPENS))


async def give_up(
    engine: durable.Run, standing: Standing, *, path: str, params: Mapping[str, Value]
) -> Value:
    """Gives up a checkout that nobody has paid."""
    del standing
    made = params.get("checkout")
    id = str(made.get("id", "")) if isinstance(made, dict) else ""

    async def end(ctx: Context) -> JsonValue:
        return await payments.give_up_purchase(ctx, UUID(id))

    return met(await engine.step(path, end, operation=CLOSES))


ACTS = {OPENS: checkout, CLOSES: give_up}
"""What is done here, and not by the payment provider alone."""


def _buyer(standing: Standing, customer: Value) -> UUID:
    """Who is to pay: whoever runs it, or whose doing set it off. Raises Refusal, NotTheirs."""
    own = standing.runner if standing.called else standing.actor
    if isinstance(customer, Thing) and customer.id != own:
        raise NotTheirs(f"“{customer.name}” buys for themselves: let them run it.")
    if own is None:
        raise Refusal("nobody_pays", "Sign in first: somebody has to pay.")
    return own


async def _offer(ctx: Context, standing: Standing, params: Mapping[str, Value]) -> Offer:
    """Raises Refusal, and what an offer may."""
    product, amount = params.get("product"), params.get("amount")
    if isinstance(product, Thing):
        number = params.get("quantity") or 1
        if not isinstance(number, int) or number < 1:
            raise Refusal("no_number", "One buys one or more.")
        return await payments.offer(ctx, product.id, quantity=number)
    to = params.get("to")
    person = to.id if isinstance(to, Thing) else standing.author.id
    if not isinstance(amount, Money) or person is None:
        raise Refusal("nothing_to_pay", "It says neither what is bought nor what it costs.")
    return await payments.gift(ctx, person, amount=amount.amount, currency=amount.currency)
