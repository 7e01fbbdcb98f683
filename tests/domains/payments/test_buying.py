"""A purchase from its price to the owners' accounts."""

import asyncio

import pytest
import stripe

from one.domains import notices, payments
from one.domains.payments import Till
from one.domains.payments.offers import NotForSale, OwnPurchase, PriceChanged
from one.errors import Invalid, NotFound
from one.ontology.values import Price
from one.providers.stripe.inprocess import InProcess
from one.store import Link
from tests.domains.payments.shop import Shop
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(world: World) -> Shop:
    return await Shop.opened(world)


async def test_tokens_are_paid_delivered_and_shared_out(shop: Shop) -> None:
    cy = await shop.world.person("creator", "Cy")
    token = await shop.token(price=333)
    await shop.shared(token.id, [(shop.ana, 6_667), (cy, 3_333)])
    await shop.ready(shop.ana, cy)
    sale = await shop.bought(token.id, 3)
    assert (sale.state, sale.gross, sale.fee) == ("completed", 999, 150)
    async with shop.world.read() as store:
        assert await store.balance(id_of(shop.bo), token.id) == 3
    pots = await shop.pots(sale)
    assert pots["world", None] == -999
    assert pots["connected", id_of(shop.ana)] == 566
    assert pots["connected", id_of(cy)] == 283
    assert pots["platform", None] == 150 - pots["fees", None]


async def test_what_is_sold_again_and_again_is_booked_once(shop: Shop) -> None:
    token = await shop.token()
    await shop.ready(shop.ana)
    sale = await shop.bought(token.id, 5)
    before = await shop.booked(sale)
    for _ in range(3):
        await shop.news()
    assert await shop.booked(sale) == before
    async with shop.world.read() as store:
        assert await store.balance(id_of(shop.bo), token.id) == 5


async def test_the_share_of_an_owner_without_an_account_is_held_until_it_is_ready(
    shop: Shop,
) -> None:
    token = await shop.token(price=1_000)
    sale = await shop.bought(token.id)
    assert (await shop.pots(sale))["held", id_of(shop.ana)] == 850
    await shop.ready(shop.ana)
    pots = await shop.pots(sale)
    assert pots["connected", id_of(shop.ana)] == 850
    assert ("held", id_of(shop.ana)) not in pots


async def test_the_price_is_the_catalogues_alone(shop: Shop) -> None:
    token = await shop.token()
    with pytest.raises(OwnPurchase):
        await shop.buy(token.id, by=shop.ana)
    with pytest.raises(TypeError):
        await shop.act(payments.purchase, shop.bo, product=token.id, amount=1)
    draft = await shop.world.thing("course", by=shop.ana, price={"amount": 100, "currency": "usd"})
    with pytest.raises(NotFound):
        await shop.buy(draft.id)
    free = await shop.world.course(by=shop.ana)
    with pytest.raises(NotForSale):
        await shop.buy(free.id)
    async with shop.world.write(shop.ana) as store:
        await store.delete(token.id)
    with pytest.raises(NotFound):
        await shop.buy(token.id)


async def test_one_buys_one_course(shop: Shop) -> None:
    course = await shop.world.thing(
        "course", by=shop.ana, status="published", price={"amount": 4_900, "currency": "eur"}
    )
    with pytest.raises(Invalid):
        await shop.buy(course.id, 2)
    sale = await shop.bought(course.id)
    async with shop.world.read(shop.bo) as store:
        assert await store.owns(id_of(shop.bo), course.id)
        assert await store.connected(Link("enrolled_in", id_of(shop.bo), course.id, {}))
        payment = await store.get(sale.id)
    assert payment.properties["state"] == "completed"
    assert "stripeChargeId" not in payment.properties


async def test_a_quote_holds_its_price_for_its_buyer_and_no_longer(shop: Shop) -> None:
    token = await shop.token(price=200)
    quote = await shop.act(payments.quote, shop.bo, product=token.id, quantity=2)
    assert (quote.total, quote.currency) == (400, "usd")
    await shop.world.update(token.id, price={"amount": 900, "currency": "usd"})
    given = {"product": token.id, "quote": quote.quote}
    bought = await shop.act(payments.purchase, shop.bo, quantity=2, **given)
    assert bought.total == 400
    with pytest.raises(PriceChanged):
        await shop.act(payments.purchase, shop.bo, quantity=3, **given)
    cy = await shop.world.person("audience_member", "Cy")
    with pytest.raises(PriceChanged):
        await shop.act(payments.purchase, cy, quantity=2, **given)


async def test_a_declined_card_leaves_the_purchase_open(shop: Shop) -> None:
    token = await shop.token()
    bought = await shop.buy(token.id)
    with pytest.raises(Exception, match="declined"):
        await shop.pay(bought, "4000000000000002")
    await shop.news()
    assert (await shop.sale(bought.id)).state == "pending"
    await shop.pay(bought)
    await shop.news()
    assert (await shop.sale(bought.id)).state == "completed"


async def test_what_is_cancelled_can_no_longer_be_paid(shop: Shop) -> None:
    token = await shop.token()
    early = await shop.buy(token.id)
    cancelled = await shop.act(payments.cancel_purchase, shop.bo, id=early.id)
    assert (cancelled.state, cancelled.pay) == ("cancelled", None)
    assert await shop.till.pay_page(shop.world.space, early.id) is None
    late = await shop.buy(token.id)
    assert await shop.till.pay_page(shop.world.space, late.id)
    await shop.act(payments.cancel_purchase, shop.bo, id=late.id)
    await shop.till.settle()
    sale = await shop.sale(late.id)
    assert sale.state == "cancelled"
    assert sale.checkout is not None
    with pytest.raises(Exception, match="expired"):
        await shop.sandbox.pay(sale.checkout)


async def test_what_was_paid_before_it_was_cancelled_is_sold(shop: Shop) -> None:
    token = await shop.token()
    bought = await shop.buy(token.id)
    await shop.pay(bought)
    await shop.act(payments.cancel_purchase, shop.bo, id=bought.id)
    await shop.till.settle()
    assert (await shop.sale(bought.id)).state == "completed"


async def test_a_tip_is_its_persons_but_for_the_fee(shop: Shop) -> None:
    amount = {"amount": 500, "currency": "eur"}
    bought = await shop.act(
        payments.tip, shop.bo, to=shop.ana.id, amount=Price.model_validate(amount)
    )
    await shop.pay(bought)
    await shop.news()
    pots = await shop.pots(await shop.sale(bought.id))
    assert pots["held", id_of(shop.ana)] == 425


async def test_who_brought_the_buyer_has_a_part_of_the_platforms_fee(shop: Shop) -> None:
    di = await shop.world.person("creator", "Di")
    await shop.world.connect("referred_by", id_of(shop.bo), id_of(di))
    token = await shop.token(price=1_000)
    sale = await shop.bought(token.id)
    pots = await shop.pots(sale)
    assert pots["held", id_of(di)] == 100
    assert pots["held", id_of(shop.ana)] == 850
    assert pots["platform", None] + pots["fees", None] == 50


async def test_buyer_and_seller_are_told_once_and_that_the_money_is_not_real(shop: Shop) -> None:
    token = await shop.token(price=250)
    await shop.bought(token.id, 4)
    await shop.news()
    (bought,) = (await shop.act(notices.list_notices, shop.bo)).items
    assert "You paid $10.00 for 4 × “Ana’s token”." in str(bought)
    assert "none of it is real" in str(bought)
    (sold,) = (await shop.act(notices.list_notices, shop.ana)).items
    assert "$8.50 of it is yours" in str(sold)


async def test_who_opens_the_page_in_many_windows_gets_one_session(shop: Shop) -> None:
    token = await shop.token()
    bought = await shop.buy(token.id)
    tills = [Till(shop.deployment) for _ in range(6)]
    pages = await asyncio.gather(
        *(till.pay_page(shop.world.space, bought.id) for till in tills),
        *(till.work() for till in tills[:2]),
    )
    addresses = {page for page in pages if isinstance(page, str)}
    assert len(addresses) == 1
    client = stripe.StripeClient("sk_test_1", http_client=InProcess(shop.sandbox))
    sessions = (await client.v1.checkout.sessions.list_async({"limit": 100})).data
    assert [one.url for one in sessions] == [*addresses]
    assert [one.client_reference_id for one in sessions] == [str(bought.id)]


async def test_a_price_that_can_not_be_shared_out_is_refused_when_it_is_set(shop: Shop) -> None:
    token = await shop.token(price=200)
    dear = Price.model_validate({"amount": 900, "currency": "usd"})
    thing = await shop.act(payments.set_price, shop.ana, id=token.id, price=dear)
    assert thing.properties["price"] == {"amount": 900, "currency": "usd"}
    assert (await shop.buy(token.id)).total == 900
    for amount in (100_000_000, -1):
        wrong = Price.model_construct(amount=amount, currency="usd")
        with pytest.raises(Invalid):
            await shop.act(payments.set_price, shop.ana, id=token.id, price=wrong)
