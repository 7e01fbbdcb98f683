"""The sandbox at a port: for Stripe's own tools, for the terminal, and through kill -9."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import orjson
import pytest
import stripe
from stripe import StripeClient

from tests.sandbox.sales import SELLER, course
from tests.sandbox.served import ONE, STRIPE, Environ, client_at, one, serving


def test_the_terminal_has_a_hand_on_what_is_served(environ: Environ) -> None:
    with serving(environ) as (address, _):

        async def begun() -> tuple[str, str]:
            async with client_at(address) as client:
                session = await client.v1.checkout.sessions.create_async(course())
                account = await client.v1.accounts.create_async(SELLER)
            return session.id, account.id

        async def ended() -> tuple[stripe.Charge, stripe.Balance]:
            async with client_at(address) as client:
                charges = await client.v1.charges.list_async()
                return charges.data[0], await client.v1.balance.retrieve_async()

        session, account = asyncio.run(begun())
        assert orjson.loads(one(environ, "pay", session))["payment_status"] == "paid"
        assert orjson.loads(one(environ, "onboard", account))["details_submitted"]
        one(environ, "clock", "--days", "3")
        charge, balance = asyncio.run(ended())
        assert balance.available[0].amount == 9_680
        dispute = orjson.loads(one(environ, "dispute", charge.id))
        assert orjson.loads(one(environ, "dispute", dispute["id"], "--won"))["status"] == "won"
        one(environ, "fault", "GET /v1/balance", "429")
        with pytest.raises(stripe.RateLimitError):
            asyncio.run(ended())
        one(environ, "heal")
        assert one(environ, "deliver") == "0 happened, 0 delivered\n"
    done = subprocess.run(
        [*ONE, "sandbox", "pay", "cs_test_no"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "No such checkout session" in done.stderr
    assert "Traceback" not in done.stderr


async def _sell(client: StripeClient, sale: int, ana: str) -> bool:
    """A sale with all its calls, each with a key of its own; whether all were answered."""
    try:
        intent = await client.v1.payment_intents.create_async(
            {
                "amount": 1_000,
                "currency": "usd",
                "payment_method": "pm_card_visa",
                "confirm": True,
                "metadata": {"sale": str(sale)},
            },
            {"idempotency_key": f"pay:{sale}"},
        )
        charge = str(intent.latest_charge)
        transfer = await client.v1.transfers.create_async(
            {
                "amount": 700,
                "currency": "usd",
                "destination": ana,
                "source_transaction": charge,
            },
            {"idempotency_key": f"transfer:{sale}"},
        )
        await client.v1.refunds.create_async(
            {"charge": charge, "amount": 100}, {"idempotency_key": f"refund:{sale}"}
        )
        await client.v1.transfers.reversals.create_async(
            transfer.id, {"amount": 70}, {"idempotency_key": f"reversal:{sale}"}
        )
    except (stripe.APIConnectionError, stripe.APIError):
        return False
    return True


async def _selling(address: str, sales: range, ana: str) -> int:
    """How many sales were answered to their end; a few at once, each at a step of its own."""
    few = asyncio.Semaphore(4)

    async def sell(sale: int) -> bool:
        async with few:
            return await _sell(client, sale, ana)

    async with client_at(address) as client:
        return sum(await asyncio.gather(*map(sell, sales)))


async def _seller(address: str) -> str:
    async with client_at(address) as client:
        return (await client.v1.accounts.create_async(SELLER)).id


async def _killed(address: str, sales: range, ana: str, *, process: int) -> None:
    """Sells until the sandbox is killed in the midst of it."""
    async with client_at(address) as client:
        before = await _refunded(client)
        selling = asyncio.create_task(_selling(address, sales, ana))
        while await _refunded(client) == before and not selling.done():
            pass
    os.kill(process, signal.SIGKILL)
    assert await selling < len(sales)


async def _refunded(client: StripeClient) -> int:
    return len((await client.v1.refunds.list_async({"limit": 100})).data)


async def _whole(client: StripeClient, ana: str, sales: int) -> None:
    """Everything is there once, and adds up."""
    theirs: stripe.RequestOptions = {"stripe_account": ana}
    balance = await client.v1.balance.retrieve_async()
    assert balance.pending[0].amount + balance.available[0].amount == sales * (
        1_000 - 59 - 700 - 100 + 70
    )
    held = await client.v1.balance.retrieve_async(options=theirs)
    assert held.pending[0].amount + held.available[0].amount == sales * 630
    moved = await client.v1.balance_transactions.list_async({"limit": 100})
    every = [each async for each in moved.auto_paging_iter()]
    assert len(every) == 4 * sales
    events = await client.v1.events.list_async({"limit": 100})
    told = [event.type async for event in events.auto_paging_iter()]
    assert told.count("charge.succeeded") == sales
    assert told.count("transfer.reversed") == sales


def test_what_was_killed_goes_on_with_all_or_nothing(environ: Environ) -> None:
    sales = 24
    with serving(environ) as (address, _):
        ana = asyncio.run(_seller(address))
        one(environ, "onboard", ana)
    port = int(address.rpartition(":")[2])
    for _ in range(2):
        with serving(environ, port=port) as (address, process):
            asyncio.run(_killed(address, range(sales), ana, process=process))
    with serving(environ, port=port) as (address, _):
        assert asyncio.run(_selling(address, range(sales), ana)) == sales

        async def looked_at() -> None:
            async with client_at(address) as client:
                await _whole(client, ana, sales)

        asyncio.run(looked_at())


@pytest.mark.skipif(STRIPE is None, reason="Stripe's own command-line tool isn't installed")
@pytest.mark.parametrize(
    "event",
    [
        "account.updated",
        "charge.dispute.created",
        "charge.refunded",
        "customer.created",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "payment_method.attached",
        "payout.created",
        "product.created",
    ],
)
def test_stripes_own_tool_takes_it_for_stripe(environ: Environ, tmp_path: Path, event: str) -> None:
    assert STRIPE is not None
    with serving(environ) as (address, _):
        command = [STRIPE, "trigger", event, "--api-base", address]
        done = subprocess.run(
            [*command, "--api-key", "sk_test_123456789012345"],
            env={**environ, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert event in asyncio.run(_told(address))


async def _told(address: str) -> list[str]:
    """What has happened, also on connected accounts."""
    async with client_at(address) as client:
        events = (await client.v1.events.list_async({"limit": 100})).data
        for account in (await client.v1.accounts.list_async()).data:
            theirs: stripe.RequestOptions = {"stripe_account": account.id}
            events += (await client.v1.events.list_async({"limit": 100}, theirs)).data
    return [event.type for event in events]
