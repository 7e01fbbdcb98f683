"""What time does: money becomes available, is paid out and comes back; buyers take theirs back."""

from datetime import timedelta

import pytest
import stripe
from stripe import StripeClient
from stripe.params.checkout import SessionRetrieveParams

from one.sandbox import Refusal, Sandbox
from tests.sandbox.sales import course, seller, share, sold

pytestmark = pytest.mark.anyio


async def have(client: StripeClient, account: str) -> tuple[int, int]:
    """What an account has available and pending."""
    balance = await client.v1.balance.retrieve_async(options={"stripe_account": account})
    return balance.available[0].amount, balance.pending[0].amount


async def types(client: StripeClient, account: str = "") -> list[str]:
    """What has happened, in the order in which it did."""
    options: stripe.RequestOptions = {"stripe_account": account} if account else {}
    events = await client.v1.events.list_async({"limit": 100}, options)
    return [event.type for event in reversed(events.data)]


async def test_what_was_paid_is_available_after_two_days(
    sandbox: Sandbox, client: StripeClient
) -> None:
    charge, ana = await sold(sandbox, client), await seller(sandbox, client)
    await client.v1.transfers.create_async(share(charge, ana, 6_000))
    assert await have(client, ana) == (0, 6_000)
    await sandbox.advance(timedelta(days=2, seconds=1))
    assert await have(client, ana) == (6_000, 0)
    moved = await client.v1.balance_transactions.list_async({"type": "charge"})
    assert [each.status for each in moved.data] == ["available"]
    transfer = await client.v1.transfers.create_async(
        {"amount": 3_000, "currency": "usd", "destination": ana}
    )
    assert transfer.source_transaction is None


async def test_who_was_paid_out_has_nothing_to_take_back(
    sandbox: Sandbox, client: StripeClient
) -> None:
    charge, ana = await sold(sandbox, client), await seller(sandbox, client)
    transfer = await client.v1.transfers.create_async(share(charge, ana, 6_000))
    theirs: stripe.RequestOptions = {"stripe_account": ana}
    with pytest.raises(stripe.InvalidRequestError) as early:
        await client.v1.payouts.create_async({"amount": 5_000, "currency": "usd"}, theirs)
    assert early.value.code == "balance_insufficient"
    await sandbox.advance(timedelta(days=3))
    payout = await client.v1.payouts.create_async({"amount": 5_000, "currency": "usd"}, theirs)
    assert payout.status == "pending"
    assert await have(client, ana) == (1_000, 0)
    with pytest.raises(stripe.InvalidRequestError) as short:
        await client.v1.transfers.reversals.create_async(transfer.id, {"amount": 1_001})
    assert short.value.code == "balance_insufficient"
    await client.v1.transfers.reversals.create_async(transfer.id, {"amount": 1_000})
    await sandbox.advance(timedelta(days=3))
    assert (await client.v1.payouts.retrieve_async(payout.id, options=theirs)).status == "paid"
    await sandbox.fail_payout(payout.id, account=ana)
    failed = await client.v1.payouts.retrieve_async(payout.id, options=theirs)
    assert (failed.status, failed.failure_code) == ("failed", "account_closed")
    assert await have(client, ana) == (5_000, 0)
    assert [type for type in await types(client, ana) if type.startswith("payout")] == [
        "payout.created",
        "payout.paid",
        "payout.failed",
    ]
    with pytest.raises(Refusal):
        await sandbox.fail_payout(payout.id, account=ana)


async def test_a_payout_that_waits_is_canceled(sandbox: Sandbox, client: StripeClient) -> None:
    await sold(sandbox, client)
    await sandbox.advance(timedelta(days=3))
    payout = await client.v1.payouts.create_async({"amount": 5_000, "currency": "usd"})
    assert (await client.v1.payouts.cancel_async(payout.id)).status == "canceled"
    balance = await client.v1.balance.retrieve_async()
    assert balance.available[0].amount == 9_680
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.payouts.cancel_async(payout.id)


async def test_a_session_that_nobody_pays_expires(sandbox: Sandbox, client: StripeClient) -> None:
    made = await client.v1.checkout.sessions.create_async(course())
    await sandbox.advance(timedelta(hours=23))
    assert (await client.v1.checkout.sessions.retrieve_async(made.id)).status == "open"
    await sandbox.advance(timedelta(hours=2))
    assert (await client.v1.checkout.sessions.retrieve_async(made.id)).status == "expired"
    assert await types(client) == ["checkout.session.expired"]


async def test_a_buyer_takes_it_back_and_gets_it(sandbox: Sandbox, client: StripeClient) -> None:
    charge = await sold(sandbox, client)
    await client.v1.refunds.create_async({"charge": charge.id, "amount": 4_000})
    made = await sandbox.dispute(charge.id)
    dispute = await client.v1.disputes.retrieve_async(str(made["id"]), {"expand": ["charge"]})
    assert (dispute.amount, dispute.status) == (6_000, "needs_response")
    assert isinstance(dispute.charge, stripe.Charge)
    assert dispute.charge.disputed
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.refunds.create_async({"charge": charge.id})
    assert refused.value.code == "charge_disputed"
    balance = await client.v1.balance.retrieve_async()
    assert balance.pending[0].amount + balance.available[0].amount == -320 - 1_500
    await sandbox.advance(timedelta(days=10))
    assert (await client.v1.disputes.retrieve_async(dispute.id)).status == "lost"
    assert [type for type in await types(client) if "dispute" in type] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]


async def test_a_dispute_that_is_won_brings_the_money_back(
    sandbox: Sandbox, client: StripeClient
) -> None:
    session = await client.v1.checkout.sessions.create_async(course())
    await sandbox.pay(session.id, "4000000000000259")
    dispute = (await client.v1.disputes.list_async()).data[0]
    won = await client.v1.disputes.update_async(
        dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}}
    )
    assert won.status == "won"
    assert [each.amount for each in won.balance_transactions] == [-10_000, 10_000]
    balance = await client.v1.balance.retrieve_async()
    assert balance.pending[0].amount + balance.available[0].amount == 10_000 - 320 - 1_500
    assert (await types(client))[-2:] == [
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.disputes.close_async(dispute.id)


@pytest.mark.parametrize(
    ("account", "told", "status"),
    [("000123456789", "succeeded", "paid"), ("000222222227", "failed", "unpaid")],
)
async def test_a_bank_takes_days_to_say_whether_it_pays(
    sandbox: Sandbox, client: StripeClient, account: str, told: str, status: str
) -> None:
    made = await client.v1.checkout.sessions.create_async(course())
    assert "us_bank_account" in made.payment_method_types
    await sandbox.pay(made.id, account)
    expand: SessionRetrieveParams = {"expand": ["payment_intent.latest_charge"]}
    begun = await client.v1.checkout.sessions.retrieve_async(made.id, expand)
    assert (begun.status, begun.payment_status) == ("complete", "unpaid")
    assert isinstance(begun.payment_intent, stripe.PaymentIntent)
    assert begun.payment_intent.status == "processing"
    assert isinstance(begun.payment_intent.latest_charge, stripe.Charge)
    charge = begun.payment_intent.latest_charge
    assert (charge.status, charge.paid, charge.balance_transaction) == ("pending", False, None)
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.refunds.create_async({"charge": charge.id})
    await sandbox.advance(timedelta(days=4, seconds=1))
    ended = await client.v1.checkout.sessions.retrieve_async(made.id, expand)
    assert ended.payment_status == status
    assert (await types(client))[-1] == f"checkout.session.async_payment_{told}"
    assert len((await client.v1.balance_transactions.list_async()).data) == (status == "paid")


async def test_the_platform_keeps_its_fee_of_a_direct_charge(
    sandbox: Sandbox, client: StripeClient
) -> None:
    ana = await seller(sandbox, client)
    theirs: stripe.RequestOptions = {"stripe_account": ana}
    paid = await client.v1.payment_intents.create_async(
        {
            "amount": 10_000,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "application_fee_amount": 1_500,
            "expand": ["latest_charge.balance_transaction"],
        },
        theirs,
    )
    assert isinstance(paid.latest_charge, stripe.Charge)
    moved = paid.latest_charge.balance_transaction
    assert isinstance(moved, stripe.BalanceTransaction)
    assert (moved.fee, moved.net) == (320 + 1_500, 8_180)
    fee = (await client.v1.application_fees.list_async({"charge": paid.latest_charge.id})).data[0]
    assert (fee.amount, fee.account, fee.id) == (1_500, ana, paid.latest_charge.application_fee)
    whole = await client.v1.application_fees.retrieve_async(fee.id, {"expand": ["charge"]})
    assert isinstance(whole.charge, stripe.Charge)
    assert (await client.v1.balance.retrieve_async()).pending[0].amount == 1_500
    with pytest.raises(stripe.InvalidRequestError, match="No such charge"):
        await client.v1.transfers.create_async(share(paid.latest_charge, ana, 100))
    with pytest.raises(stripe.InvalidRequestError, match="is more than"):
        await client.v1.payment_intents.create_async(
            {"amount": 1_000, "currency": "usd", "application_fee_amount": 1_001}, theirs
        )


async def test_a_refund_that_a_bank_sends_back_is_undone(
    sandbox: Sandbox, client: StripeClient
) -> None:
    session = await client.v1.checkout.sessions.create_async(course())
    await sandbox.pay(session.id, "4000000000005126")
    charge = (await client.v1.charges.list_async()).data[0]
    refund = await client.v1.refunds.create_async({"charge": charge.id})
    assert refund.status == "succeeded"
    await sandbox.advance(timedelta(days=1, seconds=1))
    failed = await client.v1.refunds.retrieve_async(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    after = await client.v1.charges.retrieve_async(charge.id)
    assert (after.refunded, after.amount_refunded) == (False, 0)
    balance = await client.v1.balance.retrieve_async()
    assert balance.available[0].amount + balance.pending[0].amount == 10_000 - 320
    assert (await types(client))[-2:] == ["refund.failed", "charge.refund.updated"]


async def test_a_bank_that_only_asks_takes_nothing(sandbox: Sandbox, client: StripeClient) -> None:
    session = await client.v1.checkout.sessions.create_async(course())
    await sandbox.pay(session.id, "4000000000001976")
    dispute = (await client.v1.disputes.list_async()).data[0]
    assert (dispute.status, dispute.is_charge_refundable) == ("warning_needs_response", True)
    balance = await client.v1.balance.retrieve_async()
    assert balance.pending[0].amount == 10_000 - 320
    await client.v1.refunds.create_async({"charge": str(dispute.charge)})
    assert (await client.v1.disputes.close_async(dispute.id)).status == "warning_closed"
    assert "charge.dispute.funds_withdrawn" not in await types(client)


async def test_a_card_is_kept_and_sold_to_by_its_price(
    sandbox: Sandbox, client: StripeClient
) -> None:
    product = await client.v1.products.create_async({"name": "Yoga", "metadata": {"of": "ana"}})
    price = await client.v1.prices.create_async(
        {"product": product.id, "currency": "jpy", "unit_amount": 1_500}
    )
    await client.v1.products.update_async(product.id, {"description": "Slowly"})
    session = await client.v1.checkout.sessions.create_async(
        {
            "mode": "payment",
            "line_items": [{"price": price.id, "quantity": 2}],
            "success_url": "https://one.example/",
        }
    )
    assert (session.amount_total, session.currency) == (3_000, "jpy")
    await sandbox.pay(session.id)
    moved = (await client.v1.balance_transactions.list_async()).data[0]
    assert (moved.amount, moved.fee) == (3_000, 127)
    assert [each.id for each in (await client.v1.prices.list_async()).data] == [price.id]
    await client.v1.prices.update_async(price.id, {"active": False})
    assert (await client.v1.prices.list_async({"active": True})).data == []
