"""What a sale does at the provider: paid, split, given back."""

import asyncio

import pytest
import stripe
from stripe import StripeClient

from one.sandbox import Declined, Refusal, Sandbox
from tests.sandbox.sales import SELLER, course, seller, share, sold

pytestmark = pytest.mark.anyio


async def test_a_session_that_is_paid_has_a_charge_and_its_fee(
    sandbox: Sandbox, client: StripeClient
) -> None:
    made = await client.v1.checkout.sessions.create_async(course())
    assert (made.status, made.payment_status, made.payment_intent) == ("open", "unpaid", None)
    assert made.url is not None
    await sandbox.pay(made.id)
    paid = await client.v1.checkout.sessions.retrieve_async(
        made.id, {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]}
    )
    assert (paid.status, paid.payment_status, paid.amount_total) == ("complete", "paid", 10_000)
    intent = paid.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.metadata["sale"]) == ("succeeded", "s1")
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    moved = charge.balance_transaction
    assert isinstance(moved, stripe.BalanceTransaction)
    assert (moved.amount, moved.fee, moved.net, moved.status) == (10_000, 320, 9_680, "pending")
    assert paid.line_items is not None
    assert paid.line_items.data[0].description == "A course"
    with pytest.raises(Refusal, match="status of complete"):
        await sandbox.pay(made.id)


async def test_a_card_that_declines_leaves_the_session_open(
    sandbox: Sandbox, client: StripeClient
) -> None:
    made = await client.v1.checkout.sessions.create_async(course())
    with pytest.raises(Declined, match="insufficient funds"):
        await sandbox.pay(made.id, "4000 0000 0000 9995")
    tried = await client.v1.checkout.sessions.retrieve_async(
        made.id, {"expand": ["payment_intent"]}
    )
    assert isinstance(tried.payment_intent, stripe.PaymentIntent)
    assert tried.status == "open"
    assert tried.payment_intent.last_payment_error is not None
    assert tried.payment_intent.last_payment_error.decline_code == "insufficient_funds"
    await sandbox.pay(made.id)
    events = await client.v1.events.list_async({"limit": 100})
    assert [event.type for event in reversed(events.data)] == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


async def test_a_session_that_is_expired_cannot_be_paid(
    sandbox: Sandbox, client: StripeClient
) -> None:
    made = await client.v1.checkout.sessions.create_async(course())
    expired = await client.v1.checkout.sessions.expire_async(made.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(Refusal, match="status of expired"):
        await sandbox.pay(made.id)


async def test_a_card_is_charged_without_its_holder(client: StripeClient) -> None:
    customer = await client.v1.customers.create_async({"email": "bo@example.com"})
    card = await client.v1.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})
    intent = await client.v1.payment_intents.create_async(
        {
            "amount": 1_200,
            "currency": "eur",
            "customer": customer.id,
            "payment_method": card.id,
            "off_session": True,
            "confirm": True,
        }
    )
    assert (intent.status, intent.amount_received) == ("succeeded", 1_200)
    with pytest.raises(stripe.CardError) as failed:
        await client.v1.payment_intents.create_async(
            {
                "amount": 1_200,
                "currency": "eur",
                "payment_method": "pm_card_authenticationRequired",
                "off_session": True,
                "confirm": True,
            }
        )
    assert failed.value.code == "authentication_required"


async def test_transfers_of_a_charge_come_to_no_more_than_it(
    sandbox: Sandbox, client: StripeClient
) -> None:
    charge, ana, bo = (
        await sold(sandbox, client),
        await seller(sandbox, client),
        await seller(sandbox, client),
    )
    made = await client.v1.transfers.create_async(share(charge, ana, 6_000))
    assert (made.destination, made.source_transaction) == (ana, charge.id)
    with pytest.raises(stripe.InvalidRequestError, match=r"exceed the source amount of 100\.00"):
        await client.v1.transfers.create_async(share(charge, bo, 4_001))
    await client.v1.transfers.create_async(share(charge, bo, 4_000))
    theirs = await client.v1.balance.retrieve_async(options={"stripe_account": ana})
    assert (theirs.pending[0].amount, theirs.available[0].amount) == (6_000, 0)
    ours = await client.v1.balance.retrieve_async()
    assert ours.pending[0].amount == 10_000 - 320 - 10_000


async def test_transfers_at_once_do_not_pass_the_charge_together(
    sandbox: Sandbox, client: StripeClient
) -> None:
    charge, ana = await sold(sandbox, client), await seller(sandbox, client)
    tries = (client.v1.transfers.create_async(share(charge, ana, 4_000)) for _ in range(5))
    came = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, stripe.Transfer) for each in came) == 2


async def test_nothing_is_transferred_of_what_is_not_available(
    sandbox: Sandbox, client: StripeClient
) -> None:
    await sold(sandbox, client)
    ana = await seller(sandbox, client)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.transfers.create_async(
            {"amount": 100, "currency": "usd", "destination": ana}
        )
    assert refused.value.code == "balance_insufficient"


async def test_who_is_not_onboarded_gets_nothing(sandbox: Sandbox, client: StripeClient) -> None:
    charge = await sold(sandbox, client)
    made = await client.v1.accounts.create_async(SELLER)
    assert not made.charges_enabled
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.transfers.create_async(share(charge, made.id, 100))
    assert refused.value.code == "insufficient_capabilities_for_transfer"


async def test_a_refund_leaves_the_transfers_where_they_are(
    sandbox: Sandbox, client: StripeClient
) -> None:
    charge, ana = await sold(sandbox, client), await seller(sandbox, client)
    transfer = await client.v1.transfers.create_async(share(charge, ana, 6_000))
    refund = await client.v1.refunds.create_async({"charge": charge.id, "amount": 2_500})
    assert (refund.status, refund.amount) == ("succeeded", 2_500)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        await client.v1.refunds.create_async({"charge": charge.id, "amount": 7_501})
    await client.v1.refunds.create_async({"payment_intent": str(charge.payment_intent)})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.refunds.create_async({"charge": charge.id})
    assert refused.value.code == "charge_already_refunded"
    after = await client.v1.charges.retrieve_async(charge.id, {"expand": ["refunds"]})
    assert (after.refunded, after.amount_refunded) == (True, 10_000)
    assert after.refunds is not None
    assert [each.amount for each in after.refunds.data] == [7_500, 2_500]
    assert not (await client.v1.transfers.retrieve_async(transfer.id)).reversed


async def test_a_reversal_takes_back_what_the_account_still_has(
    sandbox: Sandbox, client: StripeClient
) -> None:
    charge, ana = await sold(sandbox, client), await seller(sandbox, client)
    transfer = await client.v1.transfers.create_async(share(charge, ana, 6_000))
    first = await client.v1.transfers.reversals.create_async(transfer.id, {"amount": 1_000})
    assert (first.amount, first.transfer) == (1_000, transfer.id)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unreversed"):
        await client.v1.transfers.reversals.create_async(transfer.id, {"amount": 5_001})
    await client.v1.transfers.reversals.create_async(transfer.id)
    after = await client.v1.transfers.retrieve_async(transfer.id)
    assert (after.reversed, after.amount_reversed) == (True, 6_000)
    assert [each.amount for each in after.reversals.data] == [5_000, 1_000]
    theirs = await client.v1.balance.retrieve_async(options={"stripe_account": ana})
    assert theirs.pending[0].amount + theirs.available[0].amount == 0
    with pytest.raises(stripe.InvalidRequestError, match="already fully reversed"):
        await client.v1.transfers.reversals.create_async(transfer.id)
