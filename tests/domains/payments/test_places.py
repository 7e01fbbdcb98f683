"""Of what has an end nobody buys more than there is, nor more than one may, whoever hurries."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import JsonValue

from one.clock import Clock
from one.domains import payments
from one.domains.payments.offers import NotForSale
from one.domains.payments.purchases import Purchase
from one.errors import OneError
from one.store import Desk, Draft, Viewer
from tests.domains.payments.shop import SENDS_BACK, Shop
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
PRICE: JsonValue = {"amount": 500, "currency": "usd"}


@pytest.fixture
async def shop(desk: Desk) -> Shop:
    """In a world with a time of its own."""
    return await Shop.opened(await World.made(desk.with_clock(Clock())))


async def thing(shop: Shop, **limits: JsonValue) -> UUID:
    """Something to buy of which there is an end."""
    async with shop.world.write(shop.ana) as store:
        draft = Draft("digital_product", "A thing", {"price": PRICE, **limits}, "published")
        return (await store.create(draft)).id


async def fans(shop: Shop, number: int) -> list[Viewer]:
    return [await shop.world.person("audience_member", f"Fan {n}") for n in range(number)]


async def at_once(
    shop: Shop, product: UUID, by: list[Viewer], quantity: int = 1
) -> tuple[list[Purchase], list[NotForSale]]:
    """What came of everybody's buying at the same time."""
    asked = [shop.buy(product, quantity, by=one) for one in by]
    ends = await asyncio.gather(*asked, return_exceptions=True)
    refused = [end for end in ends if isinstance(end, NotForSale)]
    bought = [end for end in ends if not isinstance(end, BaseException)]
    assert len(refused) + len(bought) == len(by), ends
    return bought, refused


async def stock(shop: Shop, product: UUID) -> JsonValue:
    async with shop.world.read() as store:
        return (await store.get(product)).properties["stock"]


async def test_eight_who_buy_at_once_get_the_five_places_there_are(shop: Shop) -> None:
    product = await thing(shop, stock=5)
    bought, refused = await at_once(shop, product, await fans(shop, 8))
    assert len(bought) == 5
    assert {str(error) for error in refused} == {"“A thing” is sold out."}
    assert refused[0].details == {"left": 0}
    assert "within a day" in refused[0].cure
    await asyncio.gather(*(shop.pay(one) for one in bought))
    await shop.news()
    assert await stock(shop, product) == 0
    with pytest.raises(NotForSale, match="sold out") as late:
        await shop.act(payments.quote, shop.bo, product=product)
    assert late.value.cure == "Come back later."


async def test_one_buyer_in_eight_windows_gets_what_one_may_have(shop: Shop) -> None:
    token = await shop.world.thing(
        "token",
        by=shop.ana,
        symbol=f"P{shop.world.space.hex[-6:]}",
        status="active",
        price=PRICE,
        totalSupply=40,
    )
    bought, refused = await at_once(shop, token.id, [shop.bo] * 8, 9)
    assert len(bought) == 4
    assert {str(error) for error in refused} == {"Of “A thing” 4 are left."}
    assert refused[0].details == {"left": 4}
    for one in bought:
        await shop.pay(one)
    await shop.news()
    async with shop.world.read() as store:
        assert await store.balance(id_of(shop.bo), token.id) == 36


async def test_nobody_has_more_than_one_may(shop: Shop) -> None:
    product = await thing(shop, perBuyer=1)
    bought, refused = await at_once(shop, product, [shop.bo] * 8)
    assert len(bought) == 1
    assert "at most, and you have bought, or begun to buy, 1." in str(refused[0])
    assert "give it up" in refused[0].cure
    assert await shop.buy(product, by=(await fans(shop, 1))[0])
    await shop.pay(bought[0])
    await shop.news()
    with pytest.raises(NotForSale, match="1 of “A thing” at most"):
        await shop.buy(product)


async def test_what_is_not_paid_gives_its_place_back(shop: Shop) -> None:
    product = await thing(shop, stock=1, perBuyer=1)
    first = await shop.buy(product)
    (other,) = await fans(shop, 1)
    with pytest.raises(NotForSale):
        await shop.buy(product, by=other)
    await shop.act(payments.cancel_purchase, shop.bo, id=first.id)
    second = await shop.buy(product, by=other)
    assert await shop.till.pay_page(shop.world.space, second.id)
    with pytest.raises(NotForSale):
        await shop.buy(product)
    shop.world.desk.clock.offset += timedelta(days=1)
    await shop.till.work()
    await shop.till.settle()
    assert (await shop.sale(second.id)).state == "cancelled"
    third = await shop.buy(product)
    await shop.pay(third)
    await shop.news()
    assert await stock(shop, product) == 0


async def test_what_was_given_back_can_be_bought_anew(shop: Shop) -> None:
    product = await thing(shop, perBuyer=1, refundDays=3)
    sale = await shop.bought(product)
    with pytest.raises(OneError, match="at most"):
        await shop.buy(product)
    await shop.act(payments.refund_purchase, shop.bo, id=sale.id)
    await shop.news()
    assert (await shop.sale(sale.id)).state == "refunded"
    assert await shop.buy(product)


async def test_what_was_given_back_is_in_stock_again(shop: Shop) -> None:
    product = await thing(shop, stock=1, refundDays=3)
    sale = await shop.bought(product)
    assert await stock(shop, product) == 0
    await shop.act(payments.refund_purchase, shop.bo, id=sale.id)
    await shop.news()
    assert await stock(shop, product) == 1
    assert await shop.buy(product)


async def test_of_what_is_sold_by_number_so_many_are_in_stock_again(shop: Shop) -> None:
    async with shop.world.write(shop.ana) as store:
        facts: dict[str, JsonValue] = {"price": PRICE, "stock": 5, "refundDays": 3}
        hour = (await store.create(Draft("consultation", "An hour", facts, "published"))).id
    sale = await shop.bought(hour, 4)
    assert await stock(shop, hour) == 1
    with pytest.raises(NotForSale, match="1 are left"):
        await shop.buy(hour, 2)
    await shop.act(payments.refund_purchase, shop.bo, id=sale.id, amount=1_200)
    await shop.news()
    assert await stock(shop, hour) == 3


async def test_what_never_came_back_is_not_in_stock_again(shop: Shop) -> None:
    product = await thing(shop, stock=5, refundDays=3)
    sale = await shop.bought(product, card=SENDS_BACK)
    await shop.act(payments.refund_purchase, shop.bo, id=sale.id)
    await shop.till.settle()
    assert await stock(shop, product) == 5
    await shop.sandbox.advance(timedelta(days=3))
    await shop.news()
    assert await stock(shop, product) == 4


async def test_a_feature_sells_its_authors_things_by_number_and_anothers_at_their_price(
    shop: Shop,
) -> None:
    token = await shop.token(price=200)
    gala = await thing(shop)
    async with shop.world.write(shop.bo) as store:
        ctx, ana = shop.context(store, shop.bo), id_of(shop.ana)
        found = await payments.charged(ctx, ana, price=(600, "usd"), sold=token.id)
        assert (found.quantity, found.unit_price, found.price.gross) == (3, 200, 600)
        cheap = await payments.charged(ctx, ana, price=(1, "usd"), sold=gala)
        assert (cheap.quantity, cheap.unit_price) == (1, 1)
        other = id_of(await shop.world.person())
        with pytest.raises(NotForSale, match="isn't yours to sell for less"):
            await payments.charged(ctx, other, price=(499, "usd"), sold=gala)
        assert (await payments.charged(ctx, other, price=(500, "usd"), sold=gala)).points == {
            ana: 10_000
        }
