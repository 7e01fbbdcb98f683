"""Paying: on to the page of the payment provider, and back from it."""

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from starlette.responses import Response

from one.domains import payments
from one.domains.payments import Till
from one.domains.payments.purchases import NotYours
from one.errors import NotFound, NotSignedIn
from one.sandbox.cards import offered
from one.web.pages.visit import Form, Page, Visit


def cards(visit: Visit) -> list[tuple[str, str]]:
    """The cards that one can try in the sandbox, each with what becomes of the payment."""
    if visit.app.deployment.payments.mode != "sandbox":
        return []
    return [(number, f"{words[:1].upper()}{words[1:]}: {number}") for number, words in offered()]


def to_pay(visit: Visit, sale: UUID) -> Response:
    """On to where a purchase is paid, with the card that was chosen."""
    return visit.go(f"/pay/{sale}" + _with(visit, visit.form))


def _with(visit: Visit, said: Mapping[str, str]) -> str:
    """The card that was chosen, where it is one of the sandbox's, as the query of an address."""
    card = said.get("card", "")
    return f"?card={card}" if card in dict(cards(visit)) else ""


async def _pay(visit: Visit, form: Form) -> Response:
    """Whoever has the address may pay; of the purchase it tells nothing."""
    del form
    page = await _till(visit).pay_page(visit.space, _sale(visit))
    return visit.go(page + _with(visit, visit.query) if page else f"/pay/{visit.path['id']}/done")


async def _done(visit: Visit, form: Form) -> Response:
    """On to its receipt, for its buyer; to others it only says where to look."""
    del form
    await _till(visit).paid(visit.space, _sale(visit))
    if visit.signed_in:
        with suppress(NotYours):
            bought = (await visit.call(payments.get_purchase, id=_sale(visit))).result
            return visit.go(f"/purchases/{bought.id}?done=paid")
    return visit.page("paying/thanks.html", sale=_sale(visit))


async def _not_paid(visit: Visit, form: Form) -> Response:
    """Back without having paid."""
    del form
    return visit.go(f"/purchases/{_sale(visit)}")


async def _onboard(visit: Visit, form: Form) -> Response:
    """On to where the provider asks what it wants to know."""
    del form
    page = await _till(visit).onboarding_page(visit.space, _me(visit))
    return visit.go(page or "/earnings")


async def _onboarded(visit: Visit, form: Form) -> Response:
    """Back from there: how the account stands now."""
    del form
    await _till(visit).onboarded(visit.space, _me(visit))
    found = (await visit.call(payments.show_payouts)).result
    return visit.page("paying/payouts.html", payouts=found)


def _till(visit: Visit) -> Till:
    if visit.app.till is None:
        raise NotFound("Nothing can be paid here.")
    return visit.app.till


def _me(visit: Visit) -> UUID:
    """Raises NotSignedIn."""
    if visit.actor.id is None:
        raise NotSignedIn("Sign in to be paid.", cure="Sign in, or sign up.")
    return visit.actor.id


def _sale(visit: Visit) -> UUID:
    return visit.id("There is no such purchase.")


PAGES = (
    Page("/pay/onboarding", _onboard),
    Page("/pay/onboarding/done", _onboarded),
    Page("/pay/{id}", _pay),
    Page("/pay/{id}/done", _done),
    Page("/pay/{id}/back", _not_paid),
)
