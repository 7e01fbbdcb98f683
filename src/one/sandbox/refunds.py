"""Refunds of charges. What was transferred of them stays where it is: that takes a reversal."""

from datetime import timedelta
from typing import Literal

from one.sandbox.call import Call, Flow, narrowed
from one.sandbox.cards import card
from one.sandbox.currency import written
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Cents, Metadata, Page, Params
from one.sandbox.refusal import Refusal, invalid
from one.sandbox.resource import Fields, Resource, numbered, seconds
from one.store.sandbox import Span

_SENT_BACK = timedelta(days=1)


class _Refund(Params):
    amount: Cents | None = None
    charge: str | None = None
    metadata: Metadata
    payment_intent: str | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None
    refund_application_fee: bool = False
    reverse_transfer: bool = False


class _Changes(Params):
    metadata: Metadata


class _Refunds(Page):
    charge: str | None = None
    payment_intent: str | None = None


async def _create(call: Call, given: _Refund) -> Resource:
    charge = await _charge(call, given)
    if given.reverse_transfer or given.refund_application_fee:
        name = "reverse_transfer" if given.reverse_transfer else "refund_application_fee"
        raise invalid(
            f"The charge {charge.id} has neither a destination nor an application fee:"
            f" {name} means nothing. Create a reversal for each of its transfers.",
            name,
        )
    currency, refunded = charge.text("currency"), charge.whole("amount_refunded")
    left = charge.whole("amount") - refunded
    amount = left if given.amount is None else given.amount
    if amount > left:
        raise Refusal(
            f"Refund amount ({written(amount, currency)}) is greater than unrefunded amount on"
            f" charge ({written(left, currency)})",
            param="amount",
        )
    refund = _made(call, charge, amount=amount, given=given)
    paid_with = card(charge.maybe("_number") or "")
    if paid_with is not None and paid_with.sends_back:
        refund.set(_due=seconds(call.now + _SENT_BACK))
    charge.set(amount_refunded=refunded + amount, refunded=amount == left)
    call.keep(charge)
    call.tell("refund.created", refund)
    call.tell("charge.refunded", charge)
    return call.keep(refund, charge.id, charge.maybe("payment_intent"))


async def _charge(call: Call, given: _Refund) -> Resource:
    """What is to be refunded, held. Raises Refusal."""
    id = given.charge
    if given.payment_intent is not None:
        intent = await call.get(given.payment_intent, kind="payment_intent", param="payment_intent")
        id = intent.maybe("latest_charge")
        if id is None or intent.text("status") != "succeeded":
            raise invalid(
                f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.",
                "payment_intent",
            )
    if id is None:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or"
            " charge.",
            "charge",
            code="parameter_missing",
        )
    charge = await call.hold(id, kind="charge", param="charge")
    if not charge.flag("paid"):
        raise Refusal(f"Charge {id} failed: nothing of it can be refunded.", param="charge")
    if charge.flag("refunded"):
        raise Refusal(f"Charge {id} has already been refunded.", code="charge_already_refunded")
    if charge.flag("disputed"):
        raise Refusal(
            f"Charge {id} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    return charge


def _made(call: Call, charge: Resource, *, amount: int, given: _Refund) -> Resource:
    id, currency = numbered("re"), charge.text("currency")
    moved = call.move(Flow("refund", -amount, currency, id))
    return Resource(
        {
            "id": id,
            "object": "refund",
            "amount": amount,
            "balance_transaction": moved.id,
            "charge": charge.id,
            "created": call.created,
            "currency": currency,
            "destination_details": {
                "card": {
                    "reference_status": "pending",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            },
            "metadata": {**given.metadata},
            "payment_intent": charge.maybe("payment_intent"),
            "reason": given.reason,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "succeeded",
            "transfer_reversal": None,
        }
    )


async def fail(call: Call, refund: Resource) -> Resource:
    """A bank sends it back: the buyer has it in no way, and the charge is as if it never was."""
    refund.fields.pop("_due", None)
    amount, currency = refund.whole("amount"), refund.text("currency")
    back = call.move(Flow("refund_failure", amount, currency, refund.id))
    refund.set(
        status="failed",
        failure_balance_transaction=back.id,
        failure_reason="expired_or_canceled_card",
    )
    charge = await call.hold(refund.text("charge"), kind="charge")
    charge.set(amount_refunded=charge.whole("amount_refunded") - amount, refunded=False)
    call.keep(charge)
    call.tell("refund.failed", refund)
    call.tell("charge.refund.updated", refund)
    return call.keep(refund)


async def _update(call: Call, given: _Changes) -> Resource:
    refund = await call.hold(call.ids[0], kind="refund")
    refund.describe(given.metadata)
    call.tell("refund.updated", refund)
    return call.keep(refund)


async def _list(call: Call, given: _Refunds) -> Resource:
    span = narrowed(given, "charge", "payment_intent")
    return await call.page("refund", given, url="/v1/refunds", span=span)


async def of_charge(call: Call, charge: str) -> Fields:
    """The last refunds of a charge, as they are told with it."""
    url = f"/v1/charges/{charge}/refunds"
    return (await call.page("refund", Page(), url=url, span=Span((charge,)))).fields


ENDPOINTS = (
    Endpoint("POST /v1/refunds", _Refund, _create),
    Endpoint("GET /v1/refunds", _Refunds, _list),
    retrieve("/v1/refunds/*", "refund"),
    Endpoint("POST /v1/refunds/*", _Changes, _update),
)
