"""Selling: one's own things, what each costs, and whether others see it."""

from starlette.responses import Response

from one.domains import graph, payments
from one.domains.payments.wares import Good
from one.errors import JSON
from one.ontology.values import CURRENCIES
from one.web.pages.amounts import minor, plain
from one.web.pages.visit import Form, Page, Visit

_DONE = {"price": "The price is set.", "published": "It is published."}


async def _list(visit: Visit, form: Form) -> Response:
    """A page of what one owns that can have a price."""
    del form
    before = visit.query.get("before")
    found = (await visit.call(payments.list_goods, before=before, limit=50)).result
    return visit.page(
        "earning/goods.html",
        goods=found.items,
        older=found.next,
        done=_DONE.get(visit.query.get("done", ""), ""),
    )


async def _show(visit: Visit, form: Form) -> Response:
    good = await _mine(visit)
    amount, currency = "", "usd"
    if good.price is not None:
        currency = good.price.currency
        amount = plain(good.price.amount, currency)
    return visit.page(
        "earning/good.html",
        form=form,
        good=good,
        amount=form.typed("amount") if form.values else amount,
        currency=form.typed("currency") if form.values else currency,
        currencies=[(code, code.upper()) for code in sorted(CURRENCIES)],
        fee=visit.app.deployment.settings.platform_fee,
        done=_DONE.get(visit.query.get("done", ""), ""),
    )


async def _set_price(visit: Visit) -> Response:
    good = await _mine(visit)
    currency = visit.form.get("currency", "")
    amount = minor(visit.form.get("amount", ""), currency)
    price: JSON = {"amount": amount, "currency": currency}
    await visit.call(payments.set_price, id=good.id, price=price)
    return visit.go(f"/sell/{good.id}?done=price")


async def _publish(visit: Visit) -> Response:
    good = await _mine(visit)
    await visit.call(graph.publish_entity, id=good.id)
    return visit.go(f"/sell/{good.id}?done=published")


async def _mine(visit: Visit) -> Good:
    """Raises NotFound, NotSignedIn, and Denied where it is somebody else's."""
    id = visit.id("There is nothing at this address.", cure="")
    return (await visit.call(payments.get_good, id=id)).result


PAGES = (
    Page("/sell", _list),
    Page("/sell/{id}", _show, _set_price, form="price"),
    Page("/sell/{id}/publish", _show, _publish, form="publish", read=False),
)
