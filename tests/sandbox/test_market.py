"""Whatever is done in whatever order: what an account has is the sum of what was moved, and no
charge gives more than it took.
"""

import asyncio
from datetime import timedelta
from random import Random

import pytest
import stripe
from stripe import StripeClient

from one.sandbox import Refusal, Sandbox
from tests.sandbox.sales import seller, share, sold

pytestmark = pytest.mark.anyio


class Market:
    """Buyers, sellers and banks who do what comes to their mind."""

    def __init__(self, sandbox: Sandbox, client: StripeClient, *, seed: int) -> None:
        self.sandbox, self.client, self.random = sandbox, client, Random(seed)
        self.charges: list[stripe.Charge] = []
        self.transfers: list[stripe.Transfer] = []
        self.sellers: list[str] = []

    async def act(self) -> None:
        """One thing, which may be refused."""
        chance, acts = self.random, (self.refund, self.transfer, self.reverse, self.pay_out)
        try:
            if len(self.charges) < 6 or chance.random() < 0.1:
                self.charges.append(
                    await sold(self.sandbox, self.client, chance.randint(50, 9_999))
                )
            elif chance.random() < 0.1:
                await self.dispute()
            else:
                await chance.choice(acts)()
        except (stripe.InvalidRequestError, Refusal):
            return

    async def refund(self) -> None:
        charge, amount = self.random.choice(self.charges), self.random.randint(1, 4_000)
        await self.client.v1.refunds.create_async({"charge": charge.id, "amount": amount})

    async def transfer(self) -> None:
        charge, to = self.random.choice(self.charges), self.random.choice(self.sellers)
        given = share(charge, to, self.random.randint(1, 5_000))
        self.transfers.append(await self.client.v1.transfers.create_async(given))

    async def reverse(self) -> None:
        transfer = self.random.choice(self.transfers or [None])
        if transfer is not None:
            amount = self.random.randint(1, transfer.amount)
            await self.client.v1.transfers.reversals.create_async(transfer.id, {"amount": amount})

    async def pay_out(self) -> None:
        given = self.random.randint(1, 3_000)
        await self.client.v1.payouts.create_async(
            {"amount": given, "currency": "usd"},
            {"stripe_account": self.random.choice(self.sellers)},
        )

    async def dispute(self) -> None:
        made = await self.sandbox.dispute(self.random.choice(self.charges).id)
        await self.sandbox.decide(str(made["id"]), won=self.random.random() < 0.5)


async def moved(client: StripeClient, options: stripe.RequestOptions) -> int:
    """The sum of all movements of an account."""
    page = await client.v1.balance_transactions.list_async({"limit": 100}, options)
    return sum([each.net async for each in page.auto_paging_iter()])


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_everything_adds_up(sandbox: Sandbox, client: StripeClient, seed: int) -> None:
    market = Market(sandbox, client, seed=seed)
    market.sellers = [await seller(sandbox, client) for _ in range(2)]
    for _ in range(12):
        await asyncio.gather(*(market.act() for _ in range(8)))
        await sandbox.advance(timedelta(days=1))
    for account in ("", *market.sellers):
        options: stripe.RequestOptions = {"stripe_account": account} if account else {}
        balance = await client.v1.balance.retrieve_async(options=options)
        has = sum(each.amount for each in (*balance.available, *balance.pending))
        assert has == await moved(client, options)
        assert has >= 0 or not account
    for known in market.charges:
        charge = await client.v1.charges.retrieve_async(known.id, {"expand": ["refunds"]})
        assert charge.amount_refunded <= charge.amount
        of = [each for each in market.transfers if each.source_transaction == charge.id]
        kept = [await client.v1.transfers.retrieve_async(each.id) for each in of]
        assert sum(each.amount - each.amount_reversed for each in kept) <= charge.amount
