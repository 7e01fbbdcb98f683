"""What we have booked is what lies at the provider, whatever was bought, given back or doubted."""

import asyncio
import random
from datetime import timedelta

import pytest

from one.domains import payments
from one.domains.payments import Till
from one.domains.payments.comparing import differences
from one.providers.stripe.cashier import Told
from one.store import Desk
from one.store.hints import Hint, keep
from one.store.sales import Sale
from tests.domains.payments.shop import DISPUTED, PLAIN, Shop, quiet
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio


async def traded(shop: Shop, *, sales: int) -> list[Sale]:
    """Sales of which every third is given back in part and every fifth doubted by a bank."""
    token = await shop.token(price=337)
    await shop.shared(token.id, [(shop.ana, 7_001), (shop.bo, 2_999)])
    fan = await shop.world.person("audience_member", "Cy")
    made: list[Sale] = []
    for number in range(sales):
        bought = await shop.buy(token.id, 1 + number % 4, by=fan)
        await shop.pay(bought, DISPUTED if number % 5 == 4 else PLAIN)
        made.append(await shop.sale(bought.id))
    return made


async def given_back(shop: Shop, sales: list[Sale]) -> None:
    for number, sale in enumerate(sales):
        found = await shop.sale(sale.id)
        if number % 3 == 1 and not found.disputed and found.left:
            await shop.act(payments.refund_sale, STAFF, id=sale.id, amount=min(337, found.left))


async def test_the_provider_has_what_is_booked(world: World) -> None:
    shop = await Shop.opened(world)
    await shop.ready(shop.ana)
    sales = await traded(shop, sales=10)
    await shop.news()
    assert await differences(shop.deployment) == []
    await given_back(shop, sales)
    await shop.news()
    assert await differences(shop.deployment) == []
    for sale in sales[4::5]:
        await shop.decide(await shop.sale(sale.id), won=sale is sales[4])
    assert await differences(shop.deployment) == []
    await shop.ready(shop.bo)
    assert await differences(shop.deployment) == []


async def facts(shop: Shop, sales: list[Sale]) -> list[object]:
    """What is booked of each sale, told apart from other shops: who the owners are, and how much
    the provider's facts and all together come to.
    """
    names = {id_of(shop.ana): "ana", id_of(shop.bo): "bo", None: ""}
    told: list[object] = []
    for sale in sales:
        pots = await shop.pots(sale)
        outside = [
            (one.entry.kind, sorted((p.pot, names[p.party], p.amount) for p in one.entry.postings))
            for one in await shop.booked(sale)
            if one.entry.kind in ("charge", "fee", "refund", "dispute", "dispute_lost")
        ]
        found = await shop.sale(sale.id)
        state = (found.state, found.refunded, found.disputed)
        told.append((state, sorted(outside), {(p, names[o]): n for (p, o), n in pots.items()}))
    return told


def hint_of(event: Told) -> Hint:
    return Hint(
        "sandbox", event.id, event.type, event.account, event.about, event.body, 0, event.at
    )


async def test_news_in_any_order_and_number_come_to_the_same(world: World, desk: Desk) -> None:
    """Of two shops with the same trade one hears each thing once and in order, the other a
    shuffle of it, each thing up to three times, at eight tills at once.
    """
    first, second = await Shop.opened(world), await Shop.opened(await World.made(desk))
    for shop in (first, second):
        await shop.ready(shop.ana, shop.bo)
    orderly = await traded(first, sales=25)
    await first.news()
    await given_back(first, orderly)
    await first.news()
    mixed = await traded(second, sales=25)
    began = second.world.desk.clock.now() - timedelta(hours=1)
    heard = await second.deployment.payments.cashier.events(began)
    chance = random.Random(7)
    told = [event for event in heard for _ in range(chance.randint(1, 3))]
    chance.shuffle(told)
    tills = [Till(second.deployment) for _ in range(8)]

    async def hear(till: Till, share: int) -> None:
        for event in told[share::8]:
            hint = hint_of(event)
            async with second.world.desk.database.write() as tx:
                await keep(tx, hint, now=second.world.desk.clock.now())
            await till.work()

    await asyncio.gather(*(hear(till, number) for number, till in enumerate(tills)))
    await second.news()
    await given_back(second, mixed)
    await second.news()
    assert await quiet(second)
    assert len(told) >= 200
    assert await facts(second, mixed) == await facts(first, orderly)
    assert await differences(second.deployment) == []
