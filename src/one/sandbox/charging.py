"""Charging a card or a bank account for a payment intent, at once or after its bank has said so."""

from datetime import datetime
from typing import NoReturn

from one.sandbox import currency as money
from one.sandbox import disputes
from one.sandbox.call import Call, Flow
from one.sandbox.cards import Card, required
from one.sandbox.fees import keep_fee
from one.sandbox.refusal import Declined
from one.sandbox.resource import SETTLING, Fields, Resource, numbered, seconds


async def settle(
    call: Call, intent: Resource, *, method: Resource, card: Card, present: bool = True
) -> Resource:
    """Charges a card for an intent; the charge. Raises Declined where the bank says no."""
    if card.asks and not present:
        _refuse(call, intent, method=method, card=_absent(card))
    charge = _charge(call, intent, method=method, card=card)
    if card.code is not None and card.waits is None:
        _refuse(call, intent, method=method, card=card, charge=charge)
    call.keep(method, intent.maybe("customer"))
    if card.waits is not None:
        return _wait(call, intent, charge, method=method, until=call.now + card.waits)
    return _take(call, intent, charge, method=method, card=card)


def _wait(
    call: Call, intent: Resource, charge: Resource, *, method: Resource, until: datetime
) -> Resource:
    """A bank says only then whether it pays."""
    charge.set(status="pending", paid=False, amount_captured=0)
    intent.set(
        latest_charge=charge.id,
        payment_method=method.id,
        status="processing",
        last_payment_error=None,
        _due=seconds(until),
    )
    keep_charge(call, charge)
    call.tell("charge.pending", charge)
    call.tell("payment_intent.processing", intent)
    call.keep(intent)
    return charge


async def conclude(call: Call, intent: Resource) -> bool:
    """A bank has said whether it pays."""
    intent.fields.pop("_due", None)
    charge = await call.hold(intent.text("latest_charge"), kind="charge")
    method = await call.get(intent.text("payment_method"), kind="payment_method")
    card = required(method.text("_number"))
    if card.code is None:
        charge.set(status="succeeded", paid=True, amount_captured=charge.whole("amount"))
        _take(call, intent, charge, method=method, card=card)
        return True
    charge.set(status="failed", failure_code=card.code, failure_message=card.message)
    charge.set(outcome=_outcome(card))
    _fail(call, intent, method=method, card=card, charge=charge)
    return False


def _take(
    call: Call, intent: Resource, charge: Resource, *, method: Resource, card: Card
) -> Resource:
    """The money has come."""
    amount, currency = intent.whole("amount"), intent.text("currency")
    ours = intent.fields.get("application_fee_amount")
    moved = call.move(
        Flow(
            "charge",
            amount,
            currency,
            charge.id,
            fee=money.fee(amount, currency),
            application_fee=ours if isinstance(ours, int) else 0,
            available_at=None if card.at_once else call.now + SETTLING,
        )
    )
    charge.set(balance_transaction=moved.id)
    if isinstance(ours, int):
        keep_fee(call, charge, amount=ours)
    intent.set(
        amount_received=amount,
        latest_charge=charge.id,
        payment_method=method.id,
        status="succeeded",
        last_payment_error=None,
    )
    keep_charge(call, charge)
    call.tell("charge.succeeded", charge)
    call.tell("payment_intent.succeeded", intent)
    call.keep(intent)
    if card.disputed is not None:
        disputes.begin(call, charge, reason=card.disputed, asking=card.asking)
    return charge


def _absent(card: Card) -> Card:
    return Card(
        card.number,
        code="authentication_required",
        decline="authentication_required",
        message="Your card was declined. This transaction requires authentication.",
    )


def _refuse(
    call: Call, intent: Resource, *, method: Resource, card: Card, charge: Resource | None = None
) -> NoReturn:
    """Leaves an intent that was declined. Raises Declined."""
    wrong = _fail(call, intent, method=method, card=card, charge=charge)
    raise Declined({**wrong, "payment_intent": intent.shown(call.now)})


def _fail(
    call: Call, intent: Resource, *, method: Resource, card: Card, charge: Resource | None = None
) -> Fields:
    """Leaves an intent that may be tried with other means; what went wrong."""
    wrong: Fields = {
        "type": "card_error",
        "code": card.code,
        "message": card.message,
        "payment_method": method.shown(call.now),
    }
    if card.decline:
        wrong["decline_code"] = card.decline
    if charge is not None:
        wrong["charge"] = charge.id
        intent.set(latest_charge=charge.id)
        keep_charge(call, charge)
        call.tell("charge.failed", charge)
    intent.set(last_payment_error=wrong, payment_method=None, status="requires_payment_method")
    call.tell("payment_intent.payment_failed", intent)
    call.keep(method, None)
    call.keep(intent)
    return wrong


def _charge(call: Call, intent: Resource, *, method: Resource, card: Card) -> Resource:
    taken = card.code is None or card.waits is not None
    amount = intent.whole("amount")
    id = numbered("ch")
    return Resource(
        {
            "id": id,
            "object": "charge",
            "amount": amount,
            "amount_captured": amount if taken else 0,
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": method.group("billing_details"),
            "calculated_statement_descriptor": "SANDBOX",
            "captured": taken,
            "created": call.created,
            "currency": intent.text("currency"),
            "customer": intent.maybe("customer"),
            "description": intent.maybe("description"),
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": None if taken else card.code,
            "failure_message": None if taken else card.message,
            "fraud_details": {},
            "livemode": False,
            "metadata": {**intent.group("metadata")},
            "on_behalf_of": intent.maybe("on_behalf_of"),
            "outcome": _outcome(card),
            "paid": taken,
            "payment_intent": intent.id,
            "payment_method": method.id,
            "payment_method_details": {"type": card.kind, card.kind: _paid_by(card)},
            "receipt_email": intent.maybe("receipt_email"),
            "receipt_number": None,
            "receipt_url": f"{call.site}/receipts/{id}",
            "refunded": False,
            "review": None,
            "shipping": intent.fields.get("shipping"),
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "succeeded" if taken else "failed",
            "transfer_data": None,
            "transfer_group": intent.maybe("transfer_group"),
            "_number": card.number,
        }
    )


def _paid_by(card: Card) -> Fields:
    details = card.details()
    if card.kind != "card":
        return details
    return {**details, "installments": None, "mandate": None, "network": card.brand}


def _outcome(card: Card) -> Fields:
    taken = card.code is None or card.waits is not None
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network" if taken else "declined_by_network",
        "reason": None if taken else card.decline or card.code,
        "risk_level": "normal",
        "seller_message": "Payment complete." if taken else "The bank did not return any details.",
        "type": "authorized" if taken else "issuer_declined",
    }


def keep_charge(call: Call, charge: Resource) -> None:
    parents = (charge.maybe(name) for name in ("customer", "payment_intent", "transfer_group"))
    call.keep(charge, *parents)
