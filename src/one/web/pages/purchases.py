"""What one bought: a list, and a receipt of each, from which it is paid, given up or given back."""

from uuid import UUID

from starlette.responses import Response

from one.domains import graph, payments, runs
from one.domains.payments.purchases import Purchase
from one.errors import NotFound
from one.store.runs import Run
from one.web.pages.feature import face_of, page_of
from one.web.pages.names import names_of
from one.web.pages.paying import cards
from one.web.pages.visit import Form, Page, Visit

_DONE = {
    "given-up": "It is given up; nothing will be paid.",
    "back": "Your money is on its way back.",
}


async def _list(visit: Visit, form: Form) -> Response:
    del form
    found = (await visit.call(payments.list_purchases, before=visit.query.get("before"))).result
    return visit.page(
        "paying/purchases.html",
        purchases=found.items,
        names=await names_of(visit, [one.product for one in found.items]),
        older=found.next,
        mode=visit.app.deployment.payments.mode,
    )


async def _receipt(visit: Visit, form: Form) -> Response:
    bought = (await visit.call(payments.get_purchase, id=_id(visit))).result
    names = await names_of(visit, [bought.product, bought.buyer, *bought.sellers])
    run = await _run_of(visit, bought)
    face = await face_of(visit, run) if run else None
    return visit.page(
        "paying/receipt.html",
        form=form,
        bought=bought,
        run=run,
        feature=(face.title, page_of(face.handle, face.slug)) if face else None,
        names=names,
        buyer=names.get(bought.buyer, ""),
        sellers=[names[id] for id in bought.sellers if id in names],
        mine=bought.buyer == visit.actor.id,
        refunds=(await visit.call(payments.list_refunds, id=bought.id)).result.items,
        returned=await _returned(visit, bought),
        cards=cards(visit) if bought.pay else [],
        done=_DONE.get(visit.query.get("done", ""), ""),
        paid=visit.query.get("done") == "paid",
    )


async def _run_of(visit: Visit, bought: Purchase) -> Run | None:
    """What began it, if that is there for who looks."""
    if bought.run is None:
        return None
    try:
        return (await visit.call(runs.get_run, id=bought.run)).result.run
    except NotFound:
        return None


async def _returned(visit: Visit, bought: Purchase) -> str:
    """What can be given back of it, in words."""
    if bought.feature:
        return ""
    try:
        thing = (await visit.call(graph.get_entity, id=bought.product)).result
    except NotFound:
        return ""
    if thing.type == "token":
        return "You get back the price of the tokens that you have neither spent nor staked."
    days = thing.properties.get("refundDays")
    if not isinstance(days, int) or days < 1:
        return ""
    return f"You get the whole price back within {days} {'day' if days == 1 else 'days'}."


async def _give_up(visit: Visit) -> Response:
    await visit.call(payments.cancel_purchase, id=_id(visit))
    return visit.go(f"/purchases/{_id(visit)}?done=given-up")


async def _back(visit: Visit) -> Response:
    """As much as there is to be had."""
    await visit.once().call(payments.refund_purchase, id=_id(visit))
    return visit.go(f"/purchases/{_id(visit)}?done=back")


def _id(visit: Visit) -> UUID:
    return visit.id("There is no such purchase of yours.")


PAGES = (
    Page("/purchases", _list),
    Page("/purchases/{id}", _receipt),
    Page("/purchases/{id}/cancel", _receipt, _give_up, read=False),
    Page("/purchases/{id}/refund", _receipt, _back, read=False),
)
