"""Payments.

The stand-in moves no money. Its cards are those that Stripe publishes for tests: each that
declines there declines here, with the same code.
"""

from collections.abc import Sequence
from dataclasses import replace

from one.ontology.services import Action, Parameter, Service
from one.providers.base import (
    Ask,
    Book,
    Direct,
    Fields,
    Provider,
    Reach,
    Stage,
    StandIn,
    already,
    refused,
)
from one.providers.stripe.cashier import CardDeclined
from one.settings import Settings

_AMOUNT = Parameter(
    "amount", "money", required=True, words=("price", "total", "cost", "payment", "sum", "fee")
)
_CUSTOMER = Parameter(
    "customer",
    "Id<person>",
    words=("buyer", "payer", "fan", "user", "from", "person", "student", "member"),
    fill="runner",
)
_SOLD = ("token", "tokens", "course", "thing", "item", "membership", "service", "ticket")
_PRODUCT = "Id<token|course|digital_product|membership|consultation|community|nft>"
_ON_PAGE = "CALL payment processor to create checkout, and WAIT UNTIL the checkout is paid."
_CHARGE = {"id": "text", "amount": "money", "status": "text", "receipt": "text"}

SERVICES = (
    Service(
        "stripe",
        "Stripe",
        (
            "stripe",
            "payment processor",
            "payment provider",
            "payment service",
            "payments",
            "the payment processor",
        ),
        (
            Action(
                "charge",
                (
                    "charge payment",
                    "charge",
                    "charge the card",
                    "take payment",
                    "charge the payment",
                    "collect payment",
                    "process payment",
                    "bill",
                ),
                (
                    _AMOUNT,
                    _CUSTOMER,
                    Parameter("description", "text"),
                    Parameter("method", "text", words=("paymentmethod", "card")),
                ),
                result="json",
                fields=_CHARGE,
                effect="reversible",
                inverse="refund",
                errors=("CardDeclined",),
            ),
            Action(
                "refund",
                ("refund payment", "refund", "refund the payment", "refund charge", "give back"),
                (
                    Parameter(
                        "charge",
                        "json",
                        required=True,
                        words=("payment", "paymentid", "id"),
                        fill="charge",
                        borne=("stripeChargeId", "reference"),
                    ),
                    Parameter("amount", "money"),
                    Parameter("reason", "text"),
                ),
                result="json",
                effect="irreversible",
            ),
            Action(
                "createCheckout",
                ("create checkout", "create a checkout", "start checkout", "open checkout"),
                (
                    replace(_AMOUNT, required=False),
                    _CUSTOMER,
                    Parameter("product", _PRODUCT, words=_SOLD),
                    Parameter("quantity", "number", words=("count", "howmany", "number")),
                    Parameter("to", "Id<person>", words=("creator", "recipient", "seller")),
                ),
                result="json",
                fields={"id": "text", "url": "text"},
                effect="reversible",
                inverse="expireCheckout",
            ),
            Action(
                "expireCheckout",
                ("expire checkout",),
                (
                    Parameter(
                        "checkout",
                        "json",
                        required=True,
                        words=("id",),
                        fill="checkout",
                        borne=("stripeSessionId",),
                    ),
                ),
                result="json",
                effect="irreversible",
            ),
            Action(
                "createCustomer",
                ("create customer", "create a customer", "register customer"),
                (_CUSTOMER, Parameter("email", "text")),
                result="json",
                fields={"id": "text"},
                effect="reversible",
                inverse="deleteCustomer",
            ),
            Action(
                "deleteCustomer",
                ("delete customer",),
                (_CUSTOMER,),
                result="json",
                effect="irreversible",
            ),
            Action(
                "subscribe",
                (
                    "subscribe",
                    "create subscription",
                    "create a subscription",
                    "start subscription",
                    "set up subscription",
                ),
                (_AMOUNT, _CUSTOMER, Parameter("interval", "text", words=("period", "every"))),
                result="json",
                fields={"id": "text", "status": "text"},
                effect="reversible",
                inverse="cancelSubscription",
                absent="Nothing is charged again and again here yet; nobody was subscribed.",
                instead=_ON_PAGE,
            ),
            Action(
                "cancelSubscription",
                (
                    "cancel subscription",
                    "cancel the subscription",
                    "end subscription",
                    "unsubscribe",
                ),
                (
                    Parameter(
                        "subscription",
                        "json",
                        required=True,
                        words=("subscriptionid", "id"),
                        fill="subscription",
                        borne=("stripeSubscriptionId",),
                    ),
                ),
                result="json",
                effect="irreversible",
                absent="There are no subscriptions here yet, so there is none to end.",
                instead="Leave it out.",
            ),
            Action(
                "createInvoice",
                ("create invoice", "create an invoice", "send invoice", "invoice"),
                (_AMOUNT, _CUSTOMER, Parameter("dueDate", "datetime", words=("due",))),
                result="json",
                fields={"id": "text", "url": "text"},
                effect="reversible",
                inverse="voidInvoice",
                absent="No invoices are written here yet; nobody was asked to pay.",
                instead=_ON_PAGE,
            ),
            Action(
                "voidInvoice",
                ("void invoice", "cancel invoice"),
                (
                    Parameter(
                        "invoice",
                        "json",
                        required=True,
                        words=("id",),
                        fill="invoice",
                        borne=("stripeInvoiceId",),
                    ),
                ),
                result="json",
                effect="irreversible",
                absent="No invoices are written here yet, so there is none to void.",
                instead="Leave it out.",
            ),
            Action(
                "payOut",
                ("pay out", "payout", "pay", "transfer money", "send payout"),
                (
                    _AMOUNT,
                    Parameter(
                        "to", "Id<person>", words=("creator", "owner", "recipient", "seller")
                    ),
                ),
                result="json",
                effect="irreversible",
                absent="Nobody is paid out by a call: what is sold pays its owners by itself.",
                instead="Let them own a part of what you sell: CONNECT singer to album as owner"
                " WITH share 30%.",
            ),
            Action(
                "onboard",
                ("onboard", "onboard seller", "connect account", "onboard creator"),
                (Parameter("person", "Id<person>", words=("creator", "seller")),),
                result="json",
                fields={"url": "text"},
            ),
        ),
        doc="Charges, refunds, subscriptions, invoices and payouts.",
    ),
)

_DECLINING = {
    "4000000000000002": "generic_decline",
    "pm_card_visa_chargeDeclined": "generic_decline",
    "4000000000009995": "insufficient_funds",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "4000000000009987": "lost_card",
    "pm_card_visa_chargeDeclinedLostCard": "lost_card",
    "4000000000000069": "expired_card",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
    "4000000000000127": "incorrect_cvc",
    "pm_card_chargeDeclinedIncorrectCvc": "incorrect_cvc",
    "4000000000000119": "processing_error",
    "pm_card_chargeDeclinedProcessingError": "processing_error",
}


def _accepted(ask: Ask) -> str:
    """The means of payment. Raises CardDeclined."""
    method = ask.text("method", "pm_card_visa")
    code = _DECLINING.get(method.replace(" ", ""))
    if code is not None:
        raise CardDeclined(
            f"The card was declined: {code.replace('_', ' ')}.",
            cure="Pay with another card.",
            outcome="not_done",
            retryable=False,
        )
    return method


def _money(amount: int, currency: str) -> Fields:
    return {"amount": amount, "currency": currency}


async def _found(book: Book, kind: str, ask: Ask) -> Fields:
    """What an earlier call made, which is given by its answer or its id. Raises Outside."""
    id = ask.id_of(kind)
    found = await book.get(kind, id)
    if found is None:
        raise refused(f"Stripe has no {kind} {id}.")
    return found


async def _end(book: Book, kind: str, ask: Ask, *, status: str, begun: Sequence[str]) -> Fields:
    """Moves what is in one of the statuses `begun` to its last. Raises Outside."""
    found = await _found(book, kind, ask)
    if found["status"] == status:
        raise already(f"This {kind} is {status} already.")
    if found["status"] not in begun:
        raise refused(f"This {kind} is {found['status']}; it can't be {status} any more.")
    ended: Fields = {**found, "status": status}
    await book.put(kind, ended)
    return ended


async def _charge(book: Book, ask: Ask) -> Fields:
    amount, currency = ask.money("amount")
    customer, method = ask.id_of("customer"), _accepted(ask)
    id = ask.id("ch")
    charge: Fields = {
        "id": id,
        "amount": _money(amount, currency),
        "status": "succeeded",
        "receipt": f"Sandbox receipt {id}: no money was moved",
    }
    more: Fields = {"customer": customer, "method": method, "description": ask.text("description")}
    await book.put("charge", {**charge, **more, "refunded": 0, "at": ask.at.isoformat()})
    return charge


async def _refund(book: Book, ask: Ask) -> Fields:
    charge = await _found(book, "charge", ask)
    whole, refunded = charge["amount"], charge["refunded"]
    assert isinstance(whole, dict)
    assert isinstance(refunded, int)
    left = int(str(whole["amount"])) - refunded
    if left == 0:
        raise already("This charge has been refunded in full already.")
    given = "amount" in ask.params and ask.params["amount"] is not None
    amount, currency = ask.money("amount") if given else (left, str(whole["currency"]))
    if amount > left or currency != whole["currency"]:
        raise refused(f"Of this charge {left} {whole['currency']} (minor units) can be refunded.")
    await book.put("charge", {**charge, "refunded": refunded + amount})
    refund: Fields = {
        "id": ask.id("re"),
        "charge": charge["id"],
        "amount": _money(amount, currency),
        "status": "succeeded",
    }
    await book.put("refund", {**refund, "at": ask.at.isoformat()})
    return refund


async def _create_checkout(book: Book, ask: Ask) -> Fields:
    if ask.params.get("product") is None:
        amount, currency = ask.money("amount")
        what: Fields = {"amount": _money(amount, currency)}
    else:
        what = {"product": ask.id_of("product"), "quantity": ask.whole("quantity", 1)}
    id = ask.id("cs")
    checkout: Fields = {"id": id, "url": f"sandbox:stripe/checkout/{id}", "status": "open"}
    more: Fields = {**what, "customer": ask.id_of("customer")}
    await book.put("checkout", {**checkout, **more, "at": ask.at.isoformat()})
    return checkout


async def _expire_checkout(book: Book, ask: Ask) -> Fields:
    return await _end(book, "checkout", ask, status="expired", begun=("open",))


async def _create_customer(book: Book, ask: Ask) -> Fields:
    """One per person."""
    person = ask.id_of("customer")
    id = ask.id("cus", of=person)
    known = await book.get("customer", id)
    if known is not None and not known.get("deleted"):
        return known
    customer: Fields = {"id": id, "person": person, "email": ask.text("email")}
    await book.put("customer", customer)
    return customer


async def _delete_customer(book: Book, ask: Ask) -> Fields:
    person = ask.id_of("customer")
    known = await book.get("customer", ask.id("cus", of=person))
    if known is None:
        raise refused(f"Stripe has no customer for {person}.")
    if known.get("deleted"):
        raise already("This customer is deleted already.")
    gone: Fields = {**known, "deleted": True}
    await book.put("customer", gone)
    return gone


async def _subscribe(book: Book, ask: Ask) -> Fields:
    amount, currency = ask.money("amount")
    customer, method = ask.id_of("customer"), _accepted(ask)
    id = ask.id("sub")
    subscription: Fields = {"id": id, "status": "active"}
    more: Fields = {
        "amount": _money(amount, currency),
        "customer": customer,
        "interval": ask.text("interval", "month"),
        "method": method,
        "at": ask.at.isoformat(),
    }
    await book.put("subscription", {**subscription, **more})
    return subscription


async def _cancel_subscription(book: Book, ask: Ask) -> Fields:
    return await _end(book, "subscription", ask, status="canceled", begun=("active",))


async def _create_invoice(book: Book, ask: Ask) -> Fields:
    amount, currency = ask.money("amount")
    id = ask.id("in")
    invoice: Fields = {"id": id, "url": f"sandbox:stripe/invoice/{id}", "status": "open"}
    more: Fields = {
        "amount": _money(amount, currency),
        "customer": ask.id_of("customer"),
        "dueDate": ask.text("dueDate"),
        "at": ask.at.isoformat(),
    }
    await book.put("invoice", {**invoice, **more})
    return invoice


async def _void_invoice(book: Book, ask: Ask) -> Fields:
    return await _end(book, "invoice", ask, status="void", begun=("open",))


async def _pay_out(book: Book, ask: Ask) -> Fields:
    """The stand-in's account always has enough."""
    amount, currency = ask.money("amount")
    payout: Fields = {
        "id": ask.id("po"),
        "amount": _money(amount, currency),
        "to": ask.id_of("to"),
        "status": "paid",
    }
    await book.put("payout", {**payout, "at": ask.at.isoformat()})
    return payout


async def _onboard(book: Book, ask: Ask) -> Fields:
    """One account per person."""
    person = ask.id_of("person")
    id = ask.id("acct", of=person)
    known = await book.get("account", id)
    if known is not None:
        return known
    account: Fields = {"id": id, "url": f"sandbox:stripe/onboard/{id}", "person": person}
    await book.put("account", account)
    return account


_ACTS = {
    "charge": _charge,
    "refund": _refund,
    "createCheckout": _create_checkout,
    "expireCheckout": _expire_checkout,
    "createCustomer": _create_customer,
    "deleteCustomer": _delete_customer,
    "subscribe": _subscribe,
    "cancelSubscription": _cancel_subscription,
    "createInvoice": _create_invoice,
    "voidInvoice": _void_invoice,
    "payOut": _pay_out,
    "onboard": _onboard,
}


def standins(stage: Stage) -> tuple[Provider, ...]:
    return (StandIn(SERVICES[0], _ACTS, stage=stage, how="no money moves; test cards"),)


async def _not_here(ask: Ask) -> Fields:
    """Nothing is pretended beside real money."""
    raise refused(
        f"{ask.service.title} takes money on its own page alone; {ask.method} isn't done here yet.",
        cure=_ON_PAGE,
    )


def live(settings: Settings, stage: Stage) -> tuple[Provider, ...]:
    """With a key, what a feature may ask for is a checkout, which the payments room opens."""
    if not (key := settings.stripe_key.get_secret_value()):
        return ()
    mode = "live" if "_live_" in key else "test"
    acts = dict.fromkeys(_ACTS, _not_here)
    return (Direct(SERVICES[0], acts, stage=stage, reach=Reach(mode, "ONE_STRIPE_KEY")),)
