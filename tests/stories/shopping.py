"""A shop at the payments sandbox in which all happens that can, at random; in the end the journal
holds, and the provider has of everybody what the journal says.
"""

import hashlib
import hmac
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Self
from uuid import UUID

import orjson
import stripe

from one.clock import Clock
from one.domains import payments
from one.domains.payments import Till
from one.domains.payments.comparing import differences
from one.domains.payments.purchases import Purchase
from one.errors import OneError
from one.providers.stripe.inprocess import InProcess
from one.providers.stripe.payments import in_process
from one.sandbox.refusal import Refusal
from one.store import Viewer
from one.store.journal import pots_of
from one.store.sales import Sale
from one.store.verification import verify
from tests.domains.payments.shop import DISPUTED, Shop
from tests.world import STAFF, World, id_of

CARDS = ("4242424242424242", "4000000000000077", "4000000000000077", DISPUTED)
SECRET = "whsec_story"
PRICES = (100, 999, 10_000)


@dataclass
class Shopping:
    """Three owners of three things, two buyers; everything else is up to chance."""

    shop: Shop
    random: Random
    owners: list[Viewer]
    buyers: list[Viewer]
    things: list[UUID]
    ready: set[UUID] = field(default_factory=set[UUID])
    bought: list[Purchase] = field(default_factory=list[Purchase])
    payouts: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    happened: Counter[str] = field(default_factory=Counter[str])
    told: set[str] = field(default_factory=set[str])

    @classmethod
    async def opened(cls, world: World, seed: int) -> Self:
        clock = Clock(-timedelta(days=400))  # its time is moved on, and stays in the past
        world = World(world.desk.with_clock(clock), world.space)
        shop, random = await Shop.opened(world), Random(seed)
        selling = replace(shop.deployment, payments=in_process(shop.sandbox, (SECRET,)))
        shop = replace(shop, deployment=selling, till=Till(selling))
        owners = [shop.ana, *[await world.person(name=name) for name in ("Cy", "Di")]]
        things: list[UUID] = []
        for number, price in enumerate(PRICES):
            token = await world.thing(
                "token",
                by=shop.ana,
                name=f"Token {number}",
                symbol=f"T{number}{world.space.hex[-6:]}",
                status="active",
                price={"amount": price, "currency": "usd"},
            )
            things.append(token.id)
        await shop.shared(things[1], [(owners[0], 5_000), (owners[1], 5_000)])
        await shop.shared(things[2], [(owner, 3_333 + (owner is owners[2])) for owner in owners])
        buyers = [shop.bo, await world.person("audience_member", "Em")]
        return cls(shop, random, owners, buyers, things)

    async def happen(self) -> None:
        """Something, unless it can't just now."""
        likely: dict[Callable[[], Awaitable[None]], int] = {
            self.buy: 30,
            self.onboard: 6,
            self.give_back: 10,
            self.doubt: 6,
            self.decide: 10,
            self.pay_out: 12,
            self.fail: 4,
            self.wait: 8,
        }
        (event,) = self.random.choices(list(likely), list(likely.values()))
        try:
            await event()
        except (OneError, Refusal, stripe.StripeError) as refused:
            self.happened[f"{event.__name__}: {type(refused).__name__}"] += 1
        else:
            self.happened[event.__name__] += 1
        if self.random.random() < 0.7:
            await self.news()

    async def news(self) -> None:
        """What the provider tells comes in: in whatever order, and some of it twice."""
        posted: list[bytes] = []
        for account in ["", *[await self.shop.account(one) for one in self.paid]]:
            options: stripe.RequestOptions = {"stripe_account": account} if account else {}
            found = await self.client.v1.events.list_async({"limit": 100}, options)
            async for event in found.auto_paging_iter():
                if event.id not in self.told:
                    self.told.add(event.id)
                    said = event.to_dict() | ({"account": account} if account else {})
                    posted += [orjson.dumps(said)] * self.random.choice((1, 1, 2))
        self.random.shuffle(posted)
        for body in posted:
            await self.shop.till.receive(body, signature(body))
        await self.shop.till.settle()

    @property
    def paid(self) -> list[Viewer]:
        """Owners with an account."""
        return [owner for owner in self.owners if id_of(owner) in self.ready]

    async def buy(self) -> None:
        buyer = self.random.choice(self.buyers)
        thing = self.random.choice(self.things)
        bought = await self.shop.buy(thing, self.random.randint(1, 5), by=buyer)
        self.bought.append(bought)
        await self.shop.pay(bought, self.random.choice(CARDS))

    async def onboard(self) -> None:
        owner = self.random.choice(self.owners)
        await self.shop.ready(owner)
        self.ready.add(id_of(owner))

    async def give_back(self) -> None:
        sale = await self.some_sale()
        if sale is not None:
            amount = self.random.choice((1, sale.gross // 3, sale.gross - sale.refunded))
            await self.shop.act(payments.refund_sale, STAFF, id=sale.id, amount=max(1, amount))

    async def doubt(self) -> None:
        """A buyer's bank takes back what was paid, maybe long after it was shared out."""
        sale = await self.some_sale()
        if sale is not None and sale.charge is not None and not sale.disputed:
            await self.shop.sandbox.dispute(sale.charge)

    async def decide(self) -> None:
        sale = await self.some_sale()
        if sale is not None and sale.disputed:
            await self.shop.decide(sale, won=self.random.random() < 0.6)

    async def pay_out(self) -> None:
        account = await self.some_account()
        if account is not None:
            found = await self.client.v1.balance.retrieve_async({}, {"stripe_account": account})
            most = found.available[0].amount if found.available else 0
            if most > 0:
                amount = self.random.choice((most, self.random.randint(1, most)))
                made = await self.client.v1.payouts.create_async(
                    {"amount": amount, "currency": "usd"}, {"stripe_account": account}
                )
                self.payouts.append((made.id, account))

    async def fail(self) -> None:
        if self.payouts:
            id, account = self.payouts.pop(self.random.randrange(len(self.payouts)))
            await self.shop.sandbox.fail_payout(id, account=account)

    async def wait(self) -> None:
        self.shop.world.desk.clock.offset += timedelta(days=self.random.randint(1, 3))
        await self.shop.sandbox.settle()

    async def some_sale(self) -> Sale | None:
        recent = self.bought[-20:]
        return await self.shop.sale(self.random.choice(recent).id) if recent else None

    async def some_account(self) -> str | None:
        paid = self.paid
        return await self.shop.account(self.random.choice(paid)) if paid else None

    @property
    def client(self) -> stripe.StripeClient:
        return stripe.StripeClient("sk_test_1", http_client=InProcess(self.shop.sandbox))

    async def check(self) -> None:
        """That all the provider has is where the journal says."""
        self.shop.world.desk.clock.offset += timedelta(hours=2)  # what was early is due
        await self.news()
        async with self.shop.world.read() as store:
            verdict = await verify(store.session, "sandbox")
            pots = {
                id_of(owner): await pots_of(store.session, "sandbox", party=id_of(owner))
                for owner in self.owners
            }
        assert verdict.faults == (), (verdict.faults, self.happened)
        assert await differences(self.shop.deployment) == [], self.happened
        for owner in self.paid:
            account = await self.shop.account(owner)
            found = await self.client.v1.balance.retrieve_async({}, {"stripe_account": account})
            has = sum(part.amount for part in (*found.available, *found.pending))
            ours = sum(one.amount for one in pots[id_of(owner)] if one.pot == "connected")
            assert has == ours, (owner, has, pots[id_of(owner)])


def signature(body: bytes) -> str:
    """As the provider signs what it posts."""
    at = int(time.time())
    signed = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


async def run(world: World, *, events: int, seed: int) -> Shopping:
    """So many events; AssertionError where the two don't agree after them."""
    shopping = await Shopping.opened(world, seed)
    for _ in range(events):
        await shopping.happen()
    await shopping.check()
    return shopping
