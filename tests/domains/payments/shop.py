"""A shop for tests: a world whose deployment has the payments sandbox, and a till that works."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeVar
from uuid import UUID

import stripe
from pydantic import JsonValue

from one.clock import new_id
from one.domains import payments
from one.domains.payments import Till
from one.domains.payments.purchases import Purchase
from one.providers.stripe.inprocess import InProcess
from one.providers.stripe.payments import in_process
from one.runtime import Asked, Context, Deployment, Operation
from one.sandbox import Sandbox
from one.settings import Settings
from one.store import Entity, Store, Viewer
from one.store.calls import Wanted, calls_of, want
from one.store.journal import Posted, entries_of
from one.store.payees import payee
from one.store.sales import Sale, find_sale
from tests.sandbox.contract import held, wheel
from tests.world import World, id_of

R = TypeVar("R")
PLAIN, DISPUTED = "4242424242424242", "4000000000000259"
AT_ONCE, SENDS_BACK = "4000000000000077", "4000000000005126"


@dataclass(frozen=True, slots=True)
class Shop:
    """`ana` sells, `bo` buys; the till works when it is told to."""

    world: World
    sandbox: Sandbox
    deployment: Deployment
    till: Till
    ana: Viewer
    bo: Viewer

    @classmethod
    async def opened(cls, world: World, **settings: object) -> Self:
        desk = world.desk
        sandbox = Sandbox(desk.database, desk.clock, space=world.space)
        chosen = {"mode": "test", "secret_keys": "a test's own", **settings}
        deployment = Deployment(
            Settings.model_validate(chosen),
            desk,
            payments=in_process(held(sandbox) if wheel() else sandbox, ()),
        )
        ana, bo = await world.person(), await world.person("audience_member", "Bo")
        return cls(world, sandbox, deployment, Till(deployment), ana, bo)

    def context(self, store: Store, viewer: Viewer, asked: Asked | None = None) -> Context:
        return Context(store, viewer, self.world.space, self.deployment, asked or Asked())

    async def act(self, operation: Operation[..., R], by: Viewer, **given: object) -> R:
        """Calls an operation as somebody."""
        async with self.world.write(by) as store:
            return await operation(self.context(store, by), **given)

    async def token(self, price: int = 200, **more: JsonValue) -> Entity:
        return await self.world.thing(
            "token",
            by=self.ana,
            name="Ana’s token",
            symbol=f"T{self.world.space.hex[-6:]}",
            status="active",
            price={"amount": price, "currency": "usd"},
            **more,
        )

    async def shared(self, thing: UUID, shares: Sequence[tuple[Viewer, int]]) -> None:
        async with self.world.write() as store:
            await store.share(thing, [(id_of(who), points) for who, points in shares])

    async def ready(self, *people: Viewer) -> None:
        """People who can be paid."""
        for person in people:
            await self.act(payments.begin_payouts, person, country="US")
            url = await self.till.onboarding_page(self.world.space, id_of(person))
            assert url is not None
            account = await self.account(person)
            await self.sandbox.onboard(account)
        await self.news()

    async def account(self, person: Viewer) -> str:
        async with self.world.read() as store:
            known = await payee(store.session, "sandbox", id_of(person))
        assert known is not None
        assert known.account is not None
        return known.account

    async def buy(self, product: UUID, quantity: int = 1, by: Viewer | None = None) -> Purchase:
        return await self.act(payments.purchase, by or self.bo, product=product, quantity=quantity)

    async def pay(self, bought: Purchase, card: str = PLAIN) -> None:
        """Opens the page of a purchase and pays there."""
        assert await self.till.pay_page(self.world.space, bought.id) is not None
        sale = await self.sale(bought.id)
        assert sale.checkout is not None
        await self.sandbox.pay(sale.checkout, card)

    async def pay_for(self, sale: str) -> None:
        """The same by the id of the purchase."""
        assert await self.till.pay_page(self.world.space, UUID(sale)) is not None
        found = await self.sale(UUID(sale))
        assert found.checkout is not None
        await self.sandbox.pay(found.checkout)

    async def news(self) -> None:
        """What the provider has told comes in, and is worked off."""
        await self.till.catch_up()
        await self.till.settle()

    async def bought(self, product: UUID, quantity: int = 1, card: str = PLAIN) -> Sale:
        """A purchase that is paid, delivered and shared out."""
        purchase = await self.buy(product, quantity)
        await self.pay(purchase, card)
        await self.news()
        return await self.sale(purchase.id)

    async def pay_out(self, person: Viewer, amount: int) -> None:
        """Their account pays out to their bank what is available there."""
        client = stripe.StripeClient("sk_test_1", http_client=InProcess(self.sandbox))
        account = await self.account(person)
        await client.v1.payouts.create_async(
            {"amount": amount, "currency": "usd"}, {"stripe_account": account}
        )
        await self.news()

    async def disputed(self, product: UUID, quantity: int = 1) -> Sale:
        """A purchase that the buyer's bank doubts at once."""
        purchase = await self.buy(product, quantity)
        await self.pay(purchase, DISPUTED)
        await self.news()
        return await self.sale(purchase.id)

    async def decide(self, sale: Sale, *, won: bool) -> None:
        """The bank decides about the dispute."""
        assert sale.charge is not None
        client = stripe.StripeClient("sk_test_1", http_client=InProcess(self.sandbox))
        (dispute,) = (await client.v1.disputes.list_async({"charge": sale.charge})).data
        said = "winning_evidence" if won else "losing_evidence"
        await client.v1.disputes.update_async(
            dispute.id, {"evidence": {"uncategorized_text": said}}
        )
        await self.news()

    async def sale(self, id: UUID) -> Sale:
        async with self.world.read() as store:
            found = await find_sale(store.session, id)
        assert found is not None
        return found

    async def booked(self, sale: Sale) -> list[Posted]:
        async with self.world.read() as store:
            return await entries_of(store.session, sale.mode, sale=sale.id)

    async def pots(self, sale: Sale) -> dict[tuple[str, UUID | None], int]:
        """What is in each pot by this sale alone."""
        sums: dict[tuple[str, UUID | None], int] = {}
        for posted in await self.booked(sale):
            for one in posted.entry.postings:
                key = (one.pot, one.party)
                sums[key] = sums.get(key, 0) + one.amount
        assert sum(sums.values()) == 0
        return {key: amount for key, amount in sums.items() if amount}


async def purchase_of(world: World, buyer: Viewer) -> UUID:
    """Something that somebody buys and hasn't paid."""
    price: JsonValue = {"amount": 500, "currency": "usd"}
    token = await world.thing("token", by=await world.person(), price=price)
    deployment = Deployment(Settings(mode="test"), world.desk)
    async with world.write(buyer) as store:
        ctx = Context(store, buyer, world.space, deployment)
        return (await payments.purchase(ctx, product=token.id)).id


async def refund_of(world: World, sale: UUID) -> UUID:
    """Something that is to be given back of a purchase, and that nobody asks for yet."""
    async with world.write() as store:
        asked: dict[str, JsonValue] = {"refund": str(new_id()), "tokens": 0}
        back = Wanted("sandbox", f"refund:{sale}:0", "refund", sale, None, 100, "usd", asked, True)
        await want(store.session, back)
        (call,) = await calls_of(store.session, sale, kind="refund")
    return call.id


async def quiet(shop: Shop) -> bool:
    """Whether no call of this shop is still to be made."""
    async with shop.world.read() as store:
        record = await store.session.tx.row(
            "SELECT count(*) FROM payment_calls WHERE space_id = %(s)s"
            " AND (due_at IS NOT NULL OR lease_until IS NOT NULL)",
            {"s": shop.world.space},
        )
    return record is not None and record[0] == 0
