"""Payouts of what is available to a bank. One may come back after it was paid."""

from datetime import timedelta
from typing import Literal

from one.sandbox.accounts import connected
from one.sandbox.call import Call, Flow, narrowed
from one.sandbox.currency import known
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Cents, Currency, Metadata, Page, Params
from one.sandbox.refusal import Refusal
from one.sandbox.resource import Fields, Resource, numbered, seconds

_TAKES = timedelta(days=2)


class _Payout(Params):
    amount: Cents
    currency: Currency
    description: str | None = None
    metadata: Metadata
    method: Literal["standard"] = "standard"
    source_type: Literal["card"] = "card"
    statement_descriptor: str | None = None


class _Changes(Params):
    metadata: Metadata


class _Payouts(Page):
    status: Literal["canceled", "failed", "in_transit", "paid", "pending"] | None = None


async def _create(call: Call, given: _Payout) -> Resource:
    known(given.currency)
    if call.account:
        account = await connected(call, call.account)
        if account is None or not account.flag("payouts_enabled"):
            raise Refusal(
                "Cannot create payouts: the account has requirements that are past due.",
                code="payouts_not_allowed",
            )
    if (await call.balance(given.currency))[0] < given.amount:
        raise Refusal(
            "You have insufficient funds in your Stripe account for this transfer. Your card"
            " balance is too low. You can use the /v1/balance endpoint to view your Stripe"
            " balance.",
            code="balance_insufficient",
        )
    id, arrives = numbered("po"), seconds(call.now + _TAKES)
    moved = call.move(Flow("payout", -given.amount, given.currency, id))
    payout = Resource(
        {
            "id": id,
            "object": "payout",
            "amount": given.amount,
            "application_fee": None,
            "application_fee_amount": None,
            "arrival_date": arrives,
            "automatic": False,
            "balance_transaction": moved.id,
            "created": call.created,
            "currency": given.currency,
            "description": given.description,
            "destination": None,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "livemode": False,
            "metadata": {**given.metadata},
            "method": given.method,
            "original_payout": None,
            "reconciliation_status": "not_applicable",
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": given.statement_descriptor,
            "status": "pending",
            "type": "bank_account",
            "_due": arrives,
        }
    )
    call.tell("payout.created", payout)
    return call.keep(payout)


def arrive(call: Call, payout: Resource) -> Resource:
    """Its money is at the bank."""
    payout.fields.pop("_due", None)
    payout.set(status="paid")
    call.tell("payout.paid", payout)
    return call.keep(payout)


def fail(call: Call, payout: Resource, *, reason: str = "account_closed") -> Resource:
    """The bank sends it back, also after it was paid. Raises Refusal."""
    if payout.text("status") not in ("pending", "in_transit", "paid"):
        raise Refusal(f"A payout that is {payout.text('status')} can't fail any more.")
    payout.set(
        status="failed",
        failure_balance_transaction=_returned(call, payout, "payout_failure").id,
        failure_code=reason,
        failure_message="The bank account has been closed.",
    )
    call.tell("payout.failed", payout)
    return call.keep(payout)


def _returned(call: Call, payout: Resource, type: str) -> Resource:
    payout.fields.pop("_due", None)
    return call.move(Flow(type, payout.whole("amount"), payout.text("currency"), payout.id))


async def _cancel(call: Call, given: Params) -> Resource:
    del given
    payout = await call.hold(call.ids[0], kind="payout")
    if payout.text("status") != "pending":
        raise Refusal(f"A payout that is {payout.text('status')} can't be canceled any more.")
    moved = _returned(call, payout, "payout_cancel")
    payout.set(status="canceled", failure_balance_transaction=moved.id)
    call.tell("payout.canceled", payout)
    return call.keep(payout)


async def _update(call: Call, given: _Changes) -> Resource:
    payout = await call.hold(call.ids[0], kind="payout")
    before: Fields = {"metadata": {**payout.group("metadata")}}
    payout.describe(given.metadata)
    call.tell("payout.updated", payout, before=before)
    return call.keep(payout)


async def _list(call: Call, given: _Payouts) -> Resource:
    span = narrowed(given, also=("status",))
    return await call.page("payout", given, url="/v1/payouts", span=span)


ENDPOINTS = (
    Endpoint("POST /v1/payouts", _Payout, _create),
    Endpoint("GET /v1/payouts", _Payouts, _list),
    retrieve("/v1/payouts/*", "payout"),
    Endpoint("POST /v1/payouts/*", _Changes, _update),
    Endpoint("POST /v1/payouts/*/cancel", Params, _cancel),
)
