"""Selling: one's own things, what each costs, and whether others see it."""

from uuid import UUID

from starlette.responses import Response

from one.domains import graph, payments
from one.domains.payments.offers import SOLD
from one.errors import JSON, NotFound, NotSignedIn
from one.ontology.values import CURRENCIES
from one.store import Entity
from one.web.pages.amounts import minor, plain
from one.web.pages.visit import Form, Page, Visit

_TYPES = ("course", "digital_product", "membership", "consultation", "nft", "community", "token")
_DONE = {"price": "The price is set.", "published": "It is published."}


async def _list(visit: Visit, form: Form) -> Response:
    """A page of what one owns, of it what can have a price."""
    del form
    if visit.actor.id is None:
        raise NotSignedIn("Sign in to sell.", cure="Sign in, or sign up.")
    asked = {"from": str(visit.actor.id), "cursor": visit.query.get("cursor")}
    ties = await visit.call(graph.list_connections, type="owns", limit=100, **asked)
    things: list[Entity] = []
    for tie in ties.result.items:
        thing = await _thing(visit, tie.to_id)
        if thing is not None and thing.type in _TYPES:
            things.append(thing)
    return visit.page(
        "earning/goods.html",
        things=things,
        sold=SOLD,
        older=ties.result.next,
        done=_DONE.get(visit.query.get("done", ""), ""),
    )


async def _show(visit: Visit, form: Form) -> Response:
    thing = await _mine(visit)
    price = thing.properties.get("price")
    amount, currency = "", "usd"
    if isinstance(price, dict):
        currency = str(price["currency"])
        amount = plain(int(str(price["amount"])), currency)
    return visit.page(
        "earning/good.html",
        form=form,
        thing=thing,
        amount=form.typed("amount") if form.values else amount,
        currency=form.typed("currency") if form.values else currency,
        currencies=[(code, code.upper()) for code in sorted(CURRENCIES)],
        fee=visit.app.deployment.settings.platform_fee,
        sold=SOLD,
        done=_DONE.get(visit.query.get("done", ""), ""),
    )


async def _set_price(visit: Visit) -> Response:
    thing = await _mine(visit)
    currency = visit.form.get("currency", "")
    amount = minor(visit.form.get("amount", ""), currency)
    price: JSON = {"amount": amount, "currency": currency}
    await visit.call(payments.set_price, id=thing.id, price=price)
    return visit.go(f"/sell/{thing.id}?done=price")


async def _publish(visit: Visit) -> Response:
    thing = await _mine(visit)
    await visit.call(graph.publish_entity, id=thing.id)
    return visit.go(f"/sell/{thing.id}?done=published")


async def _mine(visit: Visit) -> Entity:
    """Raises NotFound, NotSignedIn, and Denied where it is somebody else's."""
    if not visit.signed_in:
        raise NotSignedIn("Sign in to sell.", cure="Sign in, or sign up.")
    id = visit.id("There is nothing at this address.", cure="")
    thing = (await visit.call(graph.get_entity, id=id, include="private")).result
    if thing.type not in _TYPES:
        raise NotFound(f"“{thing.name}” can't have a price.", cure="Choose another thing.")
    return thing


async def _thing(visit: Visit, id: UUID) -> Entity | None:
    try:
        return (await visit.call(graph.get_entity, id=id)).result
    except NotFound:
        return None


PAGES = (
    Page("/sell", _list),
    Page("/sell/{id}", _show, _set_price, form="price"),
    Page("/sell/{id}/publish", _show, _publish, form="publish", read=False),
)
