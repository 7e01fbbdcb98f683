"""What a creator reads of what they sell, and who reads what of a refund."""

from datetime import timedelta

import pytest
import stripe
from pydantic import JsonValue

from one.domains import payments
from one.domains.payments.offers import NotForSale
from one.domains.payments.purchases import NotYours
from one.errors import Denied
from one.providers.stripe.inprocess import InProcess
from tests.domains.payments.shop import SENDS_BACK, Shop
from tests.world import STAFF, World

pytestmark = pytest.mark.anyio
PRICE: JsonValue = {"amount": 1_000, "currency": "usd"}


@pytest.fixture
async def shop(world: World) -> Shop:
    return await Shop.opened(world)


async def test_a_creator_sees_what_they_sell_and_how_it_sells(shop: Shop) -> None:
    soon = (shop.world.desk.clock.now() + timedelta(days=1)).isoformat()
    facts: dict[str, dict[str, JsonValue]] = {
        "unpriced": {},
        "free": {"price": {"amount": 0, "currency": "usd"}},
        "early": {"price": PRICE, "availableFrom": soon},
        "sold_out": {"price": PRICE, "stock": 0},
        "open": {"price": PRICE},
    }
    for name, more in facts.items():
        await shop.world.thing(
            "digital_product", by=shop.ana, name=name, status="published", **more
        )
    await shop.world.thing("course", by=shop.ana, name="hidden", status="draft", price=PRICE)
    await shop.world.thing("blog_post", by=shop.ana, name="No goods")
    await shop.world.thing("course", by=shop.bo, name="Another's", status="published", price=PRICE)
    found = await shop.act(payments.list_goods, shop.ana)
    assert [one.name for one in found.items] == ["hidden", *reversed(facts)]
    assert all(one.name == one.state for one in found.items)
    first = await shop.act(payments.list_goods, shop.ana, limit=4)
    rest = await shop.act(payments.list_goods, shop.ana, limit=4, before=first.next)
    assert [*first.items, *rest.items] == found.items
    assert rest.next is None


async def test_what_was_sold_is_counted_and_so_is_what_is_left(shop: Shop) -> None:
    token = await shop.token(price=1_000, totalSupply=20)
    sale = await shop.bought(token.id, 5)
    await shop.buy(token.id, 2)
    await shop.act(payments.refund_purchase, shop.bo, id=sale.id, amount=2_000)
    await shop.till.settle()
    good = await shop.act(payments.get_good, shop.ana, id=token.id)
    assert (good.sold, good.unpaid, good.left, good.state) == (3, 2, 15, "open")
    assert good == (await shop.act(payments.list_goods, shop.ana)).items[0]
    with pytest.raises(Denied):
        await shop.act(payments.get_good, shop.bo, id=token.id)
    post = await shop.world.thing("blog_post", by=shop.ana)
    with pytest.raises(NotForSale, match="can't have a price"):
        await shop.act(payments.get_good, shop.ana, id=post.id)


async def test_buyer_and_owners_read_what_is_given_back(shop: Shop) -> None:
    token = await shop.token(price=1_000)
    cy, stranger = await shop.world.person("creator", "Cy"), await shop.world.person()
    await shop.shared(token.id, [(shop.ana, 6_000), (cy, 4_000)])
    sale = await shop.bought(token.id, 10)
    await shop.act(payments.refund_purchase, shop.bo, id=sale.id, amount=3_000)
    (wanted,) = (await shop.act(payments.list_refunds, shop.bo, id=sale.id)).items
    assert (wanted.state, wanted.amount, wanted.tokens, wanted.yours) == ("wanted", 3_000, 3, 0)
    await shop.till.settle()
    for who, part in ((shop.bo, 0), (shop.ana, 1_530), (cy, 1_020), (STAFF, 0)):
        (sent,) = (await shop.act(payments.list_refunds, who, id=sale.id)).items
        assert (sent.id, sent.state, sent.yours) == (wanted.id, "sent", part)
        assert await shop.act(payments.get_refund, who, id=sent.id) == sent
    for operation, id in ((payments.list_refunds, sale.id), (payments.get_refund, wanted.id)):
        with pytest.raises(NotYours):
            await shop.act(operation, stranger, id=id)


async def test_a_refund_that_never_arrived_is_told_as_that(shop: Shop) -> None:
    token = await shop.token(price=1_000)
    sale = await shop.bought(token.id, 2, SENDS_BACK)
    await shop.act(payments.refund_purchase, shop.bo, id=sale.id)
    await shop.till.settle()
    await shop.sandbox.advance(timedelta(days=3))
    await shop.news()
    (failed,) = (await shop.act(payments.list_refunds, shop.ana, id=sale.id)).items
    assert (failed.state, failed.amount, failed.tokens, failed.yours) == ("failed", 2_000, 0, 0)


async def test_what_was_given_back_at_the_provider_is_read_too(shop: Shop) -> None:
    token = await shop.token(price=1_000)
    sale = await shop.bought(token.id, 2)
    client = stripe.StripeClient("sk_test_1", http_client=InProcess(shop.sandbox))
    assert sale.charge is not None
    await client.v1.refunds.create_async({"charge": sale.charge, "amount": 1_000})
    await shop.news()
    (known,) = (await shop.act(payments.list_refunds, shop.bo, id=sale.id)).items
    assert (known.state, known.amount, known.tokens) == ("sent", 1_000, 0)
    assert await shop.act(payments.get_refund, shop.ana, id=known.id) == known.model_copy(
        update={"yours": 850}
    )
