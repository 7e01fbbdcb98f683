"""Buying and giving: what a thing costs or somebody is given, and on to where it is paid."""

import re
from uuid import UUID

from starlette.responses import Response

from one.domains import graph, payments
from one.domains.payments.offers import (
    BY_NUMBER,
    NotForSale,
    OwnPurchase,
    PriceChanged,
    Quote,
    on_sale,
)
from one.errors import JSON, Invalid, NotFound, OneError
from one.ontology.values import CURRENCIES
from one.store import PEOPLE, Entity
from one.web.pages.amounts import minor
from one.web.pages.names import names_of
from one.web.pages.paying import cards, to_pay
from one.web.pages.visit import Form, Page, Visit

_NUMBER = re.compile("[0-9]{1,9}")


async def _show(visit: Visit, form: Form) -> Response:
    """Its price, for everybody; whether one can have it, for those who are in."""
    thing = (await visit.call(graph.get_entity, id=_product(visit))).result
    owners = await visit.call(graph.list_connections, type="owns", to=str(thing.id), limit=5)
    price = thing.properties.get("price")
    offered, refusal, had = None, None, None
    free = on_sale(thing, now=visit.app.desk.clock.now()) == "free"
    if visit.signed_in:
        had = (await visit.call(payments.show_had, id=thing.id)).result
        own = visit.actor.id in [tie.from_id for tie in owners.result.items]
        if own or not free:
            offered, refusal = await _offered(visit, thing)
        free = free and not own
    known = await names_of(visit, [tie.from_id for tie in owners.result.items])
    return visit.page(
        "paying/buy.html",
        form=form,
        thing=thing,
        words=thing.properties.get("summary") or thing.properties.get("description"),
        sellers=list(known.values()),
        price=price if isinstance(price, dict) else None,
        free=free,
        had=had,
        mine=had is not None and (had.had or had.entered) and thing.type not in BY_NUMBER,
        offered=offered,
        refusal=refusal,
        by_number=thing.type in BY_NUMBER,
        mode=visit.app.deployment.payments.mode,
        cards=cards(visit),
    )


async def _offered(visit: Visit, thing: Entity) -> tuple[Quote | None, OneError | None]:
    """What it costs, or why it can't be bought."""
    try:
        return (await visit.call(payments.quote, product=str(thing.id))).result, None
    except (NotForSale, OwnPurchase, PriceChanged, Invalid) as error:
        return None, error


async def _buy(visit: Visit) -> Response:
    """Buys it at the price that was shown; takes what costs nothing."""
    if "take" in visit.form:
        await visit.call(payments.take, id=_product(visit))
        return visit.go(f"/things/{_product(visit)}?done=taken")
    said = visit.form.get("quantity", "1").strip()
    if not _NUMBER.fullmatch(said):
        raise Invalid("So many can't be bought.", cure="Say how many by a whole number, like 3.")
    asked = {"product": str(_product(visit)), "quantity": int(said)}
    bought = (await visit.once().call(payments.purchase, **asked)).result
    return to_pay(visit, bought.id)


async def _show_tip(visit: Visit, form: Form) -> Response:
    person = (await visit.call(graph.get_entity, id=_product(visit))).result
    if person.type not in PEOPLE:
        raise NotFound(f"“{person.name}” is no person.", cure="Buy it, if it has a price.")
    return visit.page(
        "paying/tip.html",
        form=form,
        person=person,
        mine=person.id == visit.actor.id,
        currencies=[(code, code.upper()) for code in sorted(CURRENCIES)],
        mode=visit.app.deployment.payments.mode,
        cards=cards(visit),
    )


async def _tip(visit: Visit) -> Response:
    """Gives what the giver says."""
    to, currency = str(_product(visit)), visit.form.get("currency", "")
    amount: JSON = {
        "amount": minor(visit.form.get("amount", ""), currency),
        "currency": currency,
    }
    given = (await visit.once().call(payments.tip, to=to, amount=amount)).result
    return to_pay(visit, given.id)


def _product(visit: Visit) -> UUID:
    return visit.id("There is nothing to buy here.")


PAGES = (
    Page("/buy/{id}", _show, _buy),
    Page("/tip/{id}", _show_tip, _tip),
)
