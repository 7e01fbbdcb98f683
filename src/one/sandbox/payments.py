"""Payment intents and the charges they come to."""

from typing import Literal

from one.clock import new_secret
from one.sandbox import currency as money
from one.sandbox.call import Call, narrowed
from one.sandbox.charging import keep_charge, settle
from one.sandbox.customers import Shipping, paying
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Cents, Currency, Many, Metadata, Page, Params, Part
from one.sandbox.refusal import Refusal, invalid
from one.sandbox.resource import Resource, numbered

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action", "processing")


class _Automatic(Part):
    enabled: bool
    allow_redirects: Literal["always", "never"] = "always"


class Described(Part):
    """What a payment says of itself, wherever it begins."""

    application_fee_amount: Cents | None = None
    capture_method: Literal["automatic", "automatic_async"] = "automatic_async"
    description: str | None = None
    metadata: Metadata
    on_behalf_of: str | None = None
    receipt_email: str | None = None
    setup_future_usage: Literal["off_session", "on_session"] | None = None
    shipping: Shipping | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_group: str | None = None


class _Intent(Params, Described):
    amount: Cents
    currency: Currency
    automatic_payment_methods: _Automatic | None = None
    confirm: bool = False
    customer: str | None = None
    off_session: bool = False
    payment_method: str | None = None
    payment_method_types: Many[Literal["card"]] = ()
    return_url: str | None = None


class _Changes(Params):
    amount: Cents | None = None
    customer: str | None = None
    description: str | None = None
    metadata: Metadata
    payment_method: str | None = None
    receipt_email: str | None = None
    transfer_group: str | None = None


class _Confirmed(Params):
    off_session: bool = False
    payment_method: str | None = None
    payment_method_types: Many[Literal["card"]] = ()
    receipt_email: str | None = None
    return_url: str | None = None


class _Cancelled(Params):
    cancellation_reason: (
        Literal["abandoned", "duplicate", "fraudulent", "requested_by_customer"] | None
    ) = None


class _Intents(Page):
    customer: str | None = None


class _Charges(Page):
    customer: str | None = None
    payment_intent: str | None = None
    transfer_group: str | None = None


class _ChargeChanges(Params):
    customer: str | None = None
    description: str | None = None
    metadata: Metadata
    receipt_email: str | None = None
    transfer_group: str | None = None


def intend(
    call: Call, described: Described, *, amount: int, currency: str, customer: str | None
) -> Resource:
    """A new payment intent. Raises Refusal."""
    money.known(currency)
    money.chargeable(amount, currency)
    if described.application_fee_amount is not None and not call.account:
        raise Refusal(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct"
            " payment (using an OAuth key or Stripe-Account header) or destination payment (using"
            " `transfer_data[destination]`, which the sandbox doesn't know): with separate"
            " transfers the fee is what isn't transferred.",
            param="application_fee_amount",
        )
    if (described.application_fee_amount or 0) > amount:
        raise invalid(
            f"The application fee ({described.application_fee_amount}) is more than the amount"
            f" ({amount}).",
            "application_fee_amount",
        )
    id = numbered("pi")
    stated = described.model_dump(include=set(Described.model_fields) - {"metadata"})
    intent = Resource(
        {
            "id": id,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "client_secret": f"{id}_secret_{new_secret(18)}",
            "confirmation_method": "automatic",
            "created": call.created,
            "currency": currency,
            "customer": customer,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "next_action": None,
            "payment_method": None,
            "payment_method_options": {},
            "payment_method_types": ["card"],
            "processing": None,
            "review": None,
            "status": "requires_payment_method",
            "transfer_data": None,
            **stated,
            "metadata": {},
        }
    )
    intent.describe(described.metadata)
    call.tell("payment_intent.created", intent)
    return call.keep(intent, customer)


async def _create(call: Call, given: _Intent) -> Resource:
    if given.customer is not None:
        await call.get(given.customer, kind="customer", param="customer")
    intent = intend(
        call, given, amount=given.amount, currency=given.currency, customer=given.customer
    )
    if given.automatic_payment_methods is not None or not given.payment_method_types:
        chosen = given.automatic_payment_methods or _Automatic(enabled=True)
        intent.set(automatic_payment_methods=chosen.model_dump())
    if given.payment_method is not None:
        await _choose(call, intent, given.payment_method)
    if given.confirm:
        return await _pay(call, intent, present=not given.off_session)
    if given.off_session:
        raise invalid("You can only set `off_session` when you `confirm`.", "off_session")
    return call.keep(intent)


async def _choose(call: Call, intent: Resource, id: str) -> None:
    method, _ = await paying(call, id, customer=intent.maybe("customer"))
    call.keep(method, intent.maybe("customer") if method.maybe("customer") else None)
    intent.set(payment_method=method.id, status="requires_confirmation")


async def _pay(call: Call, intent: Resource, *, present: bool) -> Resource:
    id = intent.maybe("payment_method")
    if id is None:
        raise Refusal(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    method, card = await paying(call, id, customer=intent.maybe("customer"))
    await settle(call, intent, method=method, card=card, present=present)
    return intent


async def _update(call: Call, given: _Changes) -> Resource:
    intent = await _begun(call, "updated")
    intent.describe(given.metadata)
    stated = given.model_dump(exclude_unset=True, exclude={"metadata", "payment_method", "expand"})
    intent.set(**stated)
    money.chargeable(intent.whole("amount"), intent.text("currency"))
    if given.payment_method is not None:
        await _choose(call, intent, given.payment_method)
    return call.keep(intent, given.customer)


async def _confirm(call: Call, given: _Confirmed) -> Resource:
    intent = await _begun(call, "confirmed")
    if given.receipt_email is not None:
        intent.set(receipt_email=given.receipt_email)
    if given.payment_method is not None:
        await _choose(call, intent, given.payment_method)
    return await _pay(call, intent, present=not given.off_session)


async def _cancel(call: Call, given: _Cancelled) -> Resource:
    intent = await _begun(call, "canceled")
    return cancel(call, intent, reason=given.cancellation_reason)


def cancel(call: Call, intent: Resource, *, reason: str | None) -> Resource:
    """Ends an intent that isn't paid."""
    intent.set(status="canceled", canceled_at=call.created, cancellation_reason=reason)
    call.tell("payment_intent.canceled", intent)
    return call.keep(intent)


async def _begun(call: Call, done: str) -> Resource:
    """The intent of the call, not at its end yet. Raises Refusal."""
    intent = await call.hold(call.ids[0], kind="payment_intent")
    status = intent.text("status")
    if status not in _OPEN:
        raise Refusal(
            f"This PaymentIntent's status is {status}: it can't be {done} any more.",
            code="payment_intent_unexpected_state",
        )
    return intent


async def _intents(call: Call, given: _Intents) -> Resource:
    span = narrowed(given, "customer")
    return await call.page("payment_intent", given, url="/v1/payment_intents", span=span)


async def _charges(call: Call, given: _Charges) -> Resource:
    span = narrowed(given, "payment_intent", "customer", "transfer_group")
    return await call.page("charge", given, url="/v1/charges", span=span)


async def _change_charge(call: Call, given: _ChargeChanges) -> Resource:
    charge = await call.hold(call.ids[0], kind="charge")
    charge.describe(given.metadata)
    charge.set(**given.model_dump(exclude_unset=True, exclude={"metadata", "expand"}))
    call.tell("charge.updated", charge)
    keep_charge(call, charge)
    return charge


ENDPOINTS = (
    Endpoint("POST /v1/payment_intents", _Intent, _create),
    Endpoint("GET /v1/payment_intents", _Intents, _intents),
    retrieve("/v1/payment_intents/*", "payment_intent"),
    Endpoint("POST /v1/payment_intents/*", _Changes, _update),
    Endpoint("POST /v1/payment_intents/*/confirm", _Confirmed, _confirm),
    Endpoint("POST /v1/payment_intents/*/cancel", _Cancelled, _cancel),
    Endpoint("GET /v1/charges", _Charges, _charges),
    retrieve("/v1/charges/*", "charge"),
    Endpoint("POST /v1/charges/*", _ChargeChanges, _change_charge),
)
