"""What staff see of sales: each with what was booked and asked for it, and giving money back."""

from typing import get_args
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from one.domains import payments
from one.store.sales import PAID, State
from one.web.pages.amounts import minor
from one.web.pages.names import names_of
from one.web.pages.visit import Form, Page, Visit

_FILTERS = ("state", "buyer", "product")


async def _list(visit: Visit, form: Form) -> Response:
    del form
    chosen = {name: visit.query.get(name, "").strip() for name in _FILTERS}
    before = visit.query.get("before")
    found = (await visit.call(payments.list_sales, before=before, **chosen)).result
    on = {name: value for name, value in chosen.items() if value}
    return visit.page(
        "staff/sales.html",
        sales=found.items,
        names=await names_of(visit, [id for one in found.items for id in (one.product, one.buyer)]),
        chosen=chosen,
        states=[
            ("", "Any"),
            *((one, one.replace("_", " ").capitalize()) for one in get_args(State)),
        ],
        older="/staff/sales?" + urlencode({**on, "before": str(found.next)}) if found.next else "",
        mode=visit.app.deployment.payments.mode,
    )


async def _show(visit: Visit, form: Form) -> Response:
    found = (await visit.call(payments.get_sale, id=_id(visit))).result
    sale = found.sale
    people = [sale.product, sale.buyer, *(part.person for part in sale.parts)]
    people += [one.person for entry in found.entries for one in entry.moved if one.person]
    people += [sale.referrer] if sale.referrer else []
    return visit.page(
        "staff/sale.html",
        form=form,
        sale=sale,
        entries=found.entries,
        calls=found.calls,
        names=await names_of(visit, people),
        refundable=sale.state in PAID and sale.refunded < sale.total and not sale.disputed,
        done="The refund is on its way." if visit.query.get("done") == "refund" else "",
    )


async def _refund(visit: Visit) -> Response:
    """So much as staff say; all that is left where they say nothing."""
    sale = (await visit.call(payments.get_sale, id=_id(visit))).result.sale
    said, reason = visit.form.get("amount", "").strip(), visit.form.get("reason")
    amount = minor(said, sale.currency) if said else None
    await visit.once().call(payments.refund_sale, id=sale.id, amount=amount, reason=reason)
    return visit.go(f"/staff/sales/{sale.id}?done=refund")


def _id(visit: Visit) -> UUID:
    return visit.id("There is no such sale.")


PAGES = (
    Page("/staff/sales", _list),
    Page("/staff/sales/{id}", _show, _refund, form="refund"),
)
