"""Transfers to connected accounts, and their reversals."""

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from one.sandbox.accounts import REGION, connected
from one.sandbox.call import Call, Flow, narrowed
from one.sandbox.currency import known, written
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Cents, Currency, Metadata, Page, Params
from one.sandbox.refusal import Refusal, invalid, missing
from one.sandbox.resource import Fields, Resource, listing, moment, numbered
from one.store.sandbox import Span


class _Transfer(Params):
    amount: Cents
    currency: Currency
    description: str | None = None
    destination: str
    metadata: Metadata
    source_transaction: str | None = None
    source_type: Literal["card"] = "card"
    transfer_group: str | None = None


class _Changes(Params):
    description: str | None = None
    metadata: Metadata


class _Transfers(Page):
    destination: str | None = None
    transfer_group: str | None = None


class _Reversal(Params):
    amount: Cents | None = None
    description: str | None = None
    metadata: Metadata
    refund_application_fee: bool = False


async def _create(call: Call, given: _Transfer) -> Resource:
    known(given.currency)
    destination = await _destination(call, given.destination)
    group = given.transfer_group
    free: datetime | None = None
    source: Resource | None = None
    if given.source_transaction is not None:
        source = await _source(call, given)
        group = group or source.maybe("transfer_group") or f"group_{source.id}"
        paid = await call.get(source.text("balance_transaction"))
        free = moment(paid.whole("available_on"))
    elif (await call.balance(given.currency))[0] < given.amount:
        raise Refusal(
            "You have insufficient available funds in your Stripe account. Try adding funds"
            " directly to your available balance by creating Charges using the 4000000000000077"
            " test card, or transfer from a charge with source_transaction.",
            code="balance_insufficient",
        )
    id = numbered("tr")
    moved = call.move(Flow("transfer", -given.amount, given.currency, id, available_at=free))
    theirs = call.on(destination.id)
    payment = _payment(theirs, given, transfer=id)
    arrived = theirs.move(
        Flow("payment", given.amount, given.currency, payment.id, available_at=free)
    )
    payment.set(balance_transaction=arrived.id)
    theirs.keep(payment)
    theirs.tell("payment.created", payment)
    transfer = Resource(
        {
            "id": id,
            "object": "transfer",
            "amount": given.amount,
            "amount_reversed": 0,
            "balance_transaction": moved.id,
            "created": call.created,
            "currency": given.currency,
            "description": given.description,
            "destination": destination.id,
            "destination_payment": payment.id,
            "livemode": False,
            "metadata": {**given.metadata},
            "reversals": listing((), f"/v1/transfers/{id}/reversals"),
            "reversed": False,
            "source_transaction": None if source is None else source.id,
            "source_type": "card",
            "transfer_group": group,
        }
    )
    transfer.group("reversals")["total_count"] = 0
    call.tell("transfer.created", transfer)
    return call.keep(transfer, destination.id, group, given.source_transaction)


async def _destination(call: Call, id: str) -> Resource:
    """The account that is to get it. Raises Refusal."""
    found = await connected(call, id)
    if found is None:
        raise missing("destination", id, param="destination")
    if found.group("capabilities").get("transfers") != "active":
        raise Refusal(
            "Your destination account needs to have at least one of the following capabilities"
            " enabled: transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    if found.text("country") not in REGION:
        raise Refusal(
            f"Funds can't be sent to accounts located in {found.text('country')} when the account"
            " is outside of your platform's region.",
            code="transfers_not_allowed",
            param="destination",
        )
    return found


async def _source(call: Call, given: _Transfer) -> Resource:
    """The charge that it is paid of, held. Raises Refusal."""
    id = given.source_transaction or ""
    charge = await call.hold(id, kind="charge", param="source_transaction")
    currency = charge.text("currency")
    if not charge.flag("paid"):
        raise invalid(
            f"The charge {id} failed: there is nothing to transfer.", "source_transaction"
        )
    if currency != given.currency:
        raise invalid(
            f"The currency of source_transaction's balance transaction ({currency}) must be the"
            f" same as the transfer currency ({given.currency})",
            "currency",
        )
    before = await call.records.total("transfer", parent=id, field="amount")
    before -= await call.records.total("transfer", parent=id, field="amount_reversed")
    if before + given.amount > charge.whole("amount"):
        raise Refusal(
            "Transfers using this transaction as a source must not exceed the source amount of"
            f" {written(charge.whole('amount'), currency)}. (There is already a total of"
            f" {written(before, currency)} transferred of it.)",
            code="balance_insufficient",
            param="amount",
        )
    return charge


def _payment(call: Call, given: _Transfer, *, transfer: str) -> Resource:
    """What the connected account sees of a transfer: a charge that the platform pays."""
    return Resource(
        {
            "id": numbered("py"),
            "object": "charge",
            "amount": given.amount,
            "amount_captured": given.amount,
            "amount_refunded": 0,
            "balance_transaction": None,
            "billing_details": {"address": None, "email": None, "name": None, "phone": None},
            "captured": True,
            "created": call.created,
            "currency": given.currency,
            "description": given.description,
            "disputed": False,
            "livemode": False,
            "metadata": {},
            "paid": True,
            "payment_intent": None,
            "payment_method": None,
            "payment_method_details": {"type": "stripe_account", "stripe_account": {}},
            "refunded": False,
            "source_transfer": transfer,
            "status": "succeeded",
        }
    )


async def _update(call: Call, given: _Changes) -> Resource:
    transfer = await call.hold(call.ids[0], kind="transfer")
    transfer.describe(given.metadata)
    if given.description is not None:
        transfer.set(description=given.description)
    call.tell("transfer.updated", transfer)
    return call.keep(transfer)


async def _list(call: Call, given: _Transfers) -> Resource:
    span = narrowed(given, "transfer_group", "destination")
    return await call.page("transfer", given, url="/v1/transfers", span=span)


async def _reverse(call: Call, given: _Reversal) -> Resource:
    transfer = await call.hold(call.ids[0], kind="transfer")
    currency, reversed = transfer.text("currency"), transfer.whole("amount_reversed")
    left = transfer.whole("amount") - reversed
    amount = left if given.amount is None else given.amount
    if left == 0:
        raise Refusal(f"Transfer {transfer.id} is already fully reversed.", param="id")
    if amount > left:
        raise Refusal(
            f"Reversal amount ({written(amount, currency)}) is greater than unreversed amount on"
            f" transfer ({written(left, currency)}).",
            param="amount",
        )
    theirs = call.on(transfer.text("destination"))
    if sum(await theirs.balance(currency)) < amount:
        raise Refusal(
            "Insufficient funds in the connected account's balance to reverse this transfer.",
            code="balance_insufficient",
            param="amount",
        )
    reversal = await _given_back(call, transfer, amount=amount, given=given)
    known = _told(transfer)
    told: list[JsonValue] = [reversal.shown(call.now), *known]
    seen: Fields = {
        **transfer.group("reversals"),
        "data": told[:10],
        "has_more": len(known) >= 10,
        "total_count": _count(transfer) + 1,
    }
    transfer.set(amount_reversed=reversed + amount, reversed=amount == left, reversals=seen)
    call.keep(transfer)
    call.tell("transfer.reversed", transfer)
    return call.keep(reversal, transfer.id)


def _told(transfer: Resource) -> list[JsonValue]:
    data = transfer.group("reversals")["data"]
    assert isinstance(data, list)
    return data


def _count(transfer: Resource) -> int:
    count = transfer.group("reversals")["total_count"]
    assert isinstance(count, int)
    return count


async def _given_back(call: Call, transfer: Resource, *, amount: int, given: _Reversal) -> Resource:
    """Both sides of a reversal."""
    currency, theirs = transfer.text("currency"), call.on(transfer.text("destination"))
    payment = await theirs.hold(transfer.text("destination_payment"), kind="charge")
    id, refund = numbered("trr"), numbered("pyr")
    taken = theirs.move(Flow("payment_refund", -amount, currency, refund))
    came = call.move(Flow("transfer_refund", amount, currency, id))
    back = payment.whole("amount_refunded") + amount
    payment.set(amount_refunded=back, refunded=back == payment.whole("amount"))
    theirs.keep(payment)
    theirs.keep(
        Resource(
            {
                "id": refund,
                "object": "refund",
                "amount": amount,
                "balance_transaction": taken.id,
                "charge": payment.id,
                "created": call.created,
                "currency": currency,
                "metadata": {},
                "payment_intent": None,
                "reason": None,
                "receipt_number": None,
                "source_transfer_reversal": id,
                "status": "succeeded",
                "transfer_reversal": None,
            }
        ),
        payment.id,
    )
    return Resource(
        {
            "id": id,
            "object": "transfer_reversal",
            "amount": amount,
            "balance_transaction": came.id,
            "created": call.created,
            "currency": currency,
            "destination_payment_refund": refund,
            "metadata": {**given.metadata},
            "source_refund": None,
            "transfer": transfer.id,
        }
    )


async def _reversals(call: Call, given: Page) -> Resource:
    id = call.ids[0]
    await call.get(id, kind="transfer")
    url = f"/v1/transfers/{id}/reversals"
    return await call.page("transfer_reversal", given, url=url, span=Span((id,)))


ENDPOINTS = (
    Endpoint("POST /v1/transfers", _Transfer, _create),
    Endpoint("GET /v1/transfers", _Transfers, _list),
    retrieve("/v1/transfers/*", "transfer"),
    Endpoint("POST /v1/transfers/*", _Changes, _update),
    Endpoint("POST /v1/transfers/*/reversals", _Reversal, _reverse),
    Endpoint("GET /v1/transfers/*/reversals", Page, _reversals),
    retrieve("/v1/transfers/*/reversals/*", "transfer_reversal"),
)
