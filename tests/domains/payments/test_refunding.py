"""Money that goes back: whose it was, what it costs them, and what of it is nobody's fault."""

from datetime import timedelta

import pytest
from pydantic import JsonValue

from one.clock import new_id
from one.domains import payments
from one.domains.payments.comparing import differences
from one.domains.payments.refunds import Disputed, TooMuchBack
from one.errors import Denied, Outside
from one.store import Link, Move
from one.store.calls import Outcome, calls_of, settle
from one.store.sales import Sale
from tests.domains.payments.shop import AT_ONCE, SENDS_BACK, Shop
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio
PRICE: JsonValue = {"amount": 5_000, "currency": "usd"}
SHOWN = {"token": "active", "course": "published"}


@pytest.fixture
async def shop(world: World) -> Shop:
    return await Shop.opened(world)


async def test_unspent_tokens_are_given_back_and_so_are_the_shares(shop: Shop) -> None:
    token = await shop.token(price=1_000)
    await shop.ready(shop.ana)
    sale = await shop.bought(token.id, 10)
    async with shop.world.write() as store:
        await store.move(Move(id_of(shop.bo), token.id, -4, "spent", {}))
    with pytest.raises(TooMuchBack) as refused:
        await shop.act(payments.refund_purchase, shop.bo, id=sale.id, amount=7_000)
    assert refused.value.details == {"most": 6_000, "tokens": 6}
    await shop.act(payments.refund_purchase, shop.bo, id=sale.id)
    await shop.till.settle()
    after = await shop.sale(sale.id)
    assert (after.state, after.refunded) == ("partially_refunded", 6_000)
    async with shop.world.read() as store:
        assert await store.balance(id_of(shop.bo), token.id) == 0
    pots = await shop.pots(sale)
    assert pots["world", None] == -4_000
    assert pots["connected", id_of(shop.ana)] == 3_400
    assert pots["platform", None] + pots["fees", None] == 600


async def test_a_refund_before_the_share_went_out_is_taken_off_it(shop: Shop) -> None:
    token = await shop.token(price=1_000)
    sale = await shop.bought(token.id, 2)
    await shop.act(payments.refund_purchase, shop.bo, id=sale.id, amount=1_000)
    await shop.till.settle()
    await shop.ready(shop.ana)
    pots = await shop.pots(sale)
    assert pots["connected", id_of(shop.ana)] == 850
    assert ("held", id_of(shop.ana)) not in pots
    assert "reversal" not in {one.entry.kind for one in await shop.booked(sale)}


async def test_staff_may_give_back_more_at_the_platforms_loss(shop: Shop) -> None:
    token = await shop.token(price=1_000)
    await shop.ready(shop.ana)
    sale = await shop.bought(token.id, 10)
    async with shop.world.write() as store:
        await store.move(Move(id_of(shop.bo), token.id, -4, "spent", {}))
    await shop.act(payments.refund_sale, STAFF, id=sale.id, reason="It was our fault.")
    await shop.till.settle()
    pots = await shop.pots(sale)
    assert ("world", None) not in pots
    assert pots["loss", None] == -4_000
    assert pots["connected", id_of(shop.ana)] == 3_400
    with pytest.raises(TooMuchBack):
        await shop.act(payments.refund_sale, STAFF, id=sale.id, amount=1)


async def test_a_thing_is_returned_within_its_days(shop: Shop) -> None:
    price: JsonValue = {"amount": 4_900, "currency": "usd"}
    kept = await shop.world.thing("course", by=shop.ana, status="published", price=price)
    sale = await shop.bought(kept.id)
    with pytest.raises(Denied):
        await shop.act(payments.refund_purchase, shop.bo, id=sale.id)
    back = await shop.world.thing(
        "course", by=shop.ana, status="published", price=price, refundDays=14
    )
    sale = await shop.bought(back.id)
    await shop.act(payments.refund_purchase, shop.bo, id=sale.id)
    await shop.till.settle()
    async with shop.world.read(shop.bo) as store:
        assert not await store.owns(id_of(shop.bo), back.id)
    assert (await shop.sale(sale.id)).state == "refunded"


async def test_a_disputed_payment_takes_the_shares_back_and_gives_them_again(shop: Shop) -> None:
    token = await shop.token(price=1_000)
    await shop.ready(shop.ana)
    sale = await shop.disputed(token.id, 2)
    assert (await shop.sale(sale.id)).state == "disputed"
    pots = await shop.pots(sale)
    assert pots["disputed", None] == 2_000
    assert ("connected", id_of(shop.ana)) not in pots
    for refund, by in ((payments.refund_purchase, shop.bo), (payments.refund_sale, STAFF)):
        with pytest.raises(Disputed):
            await shop.act(refund, by, id=sale.id)
    await shop.decide(sale, won=True)
    pots = await shop.pots(sale)
    assert (await shop.sale(sale.id)).state == "completed"
    assert pots["connected", id_of(shop.ana)] == 1_700
    assert ("disputed", None) not in pots


async def test_a_lost_dispute_is_the_buyers(shop: Shop) -> None:
    token = await shop.token(price=1_000)
    await shop.ready(shop.ana)
    sale = await shop.disputed(token.id, 2)
    await shop.decide(sale, won=False)
    pots = await shop.pots(sale)
    assert (await shop.sale(sale.id)).state == "refunded"
    assert ("world", None) not in pots
    assert ("disputed", None) not in pots
    assert ("connected", id_of(shop.ana)) not in pots


async def test_a_supply_that_ran_out_meanwhile_gives_the_money_back(shop: Shop) -> None:
    token = await shop.token(price=100, totalSupply=10)
    bought = await shop.buy(token.id, 8)
    await shop.pay(bought)
    async with shop.world.write() as store:
        await store.move(Move(id_of(shop.ana), token.id, 3, "minted", {}))
    await shop.news()
    assert (await shop.sale(bought.id)).state == "refunded"
    async with shop.world.read() as store:
        assert await store.balance(id_of(shop.bo), token.id) == 0


async def test_what_an_owner_has_no_more_is_their_debt_and_comes_off_what_they_earn(
    shop: Shop,
) -> None:
    token = await shop.token(price=1_000)
    await shop.ready(shop.ana)
    sale = await shop.bought(token.id, 10, AT_ONCE)
    await shop.pay_out(shop.ana, 8_500)
    await shop.act(payments.refund_purchase, shop.bo, id=sale.id)
    await shop.till.settle()
    pots = await shop.pots(sale)
    assert (await shop.sale(sale.id)).state == "refunded"
    assert pots["debt", id_of(shop.ana)] == -8_500
    again = await shop.bought(token.id, 4)
    pots = await shop.pots(again)
    assert pots["debt", id_of(shop.ana)] == 3_400
    assert ("connected", id_of(shop.ana)) not in pots
    last = await shop.bought(token.id, 10)
    pots = await shop.pots(last)
    assert pots["debt", id_of(shop.ana)] == 5_100
    assert pots["connected", id_of(shop.ana)] == 3_400


@pytest.mark.parametrize("kind", ["token", "course"])
async def test_a_refund_that_never_arrives_is_as_if_it_had_not_been(shop: Shop, kind: str) -> None:
    price: JsonValue = {"amount": 1_000, "currency": "usd"}
    thing = await shop.world.thing(kind, by=shop.ana, status=SHOWN[kind], price=price)
    await shop.ready(shop.ana)
    sale = await shop.bought(thing.id, 1, SENDS_BACK)
    before = await shop.pots(sale)
    await shop.act(payments.refund_sale, STAFF, id=sale.id)
    await shop.till.settle()
    assert (await shop.sale(sale.id)).state == "refunded"
    await shop.sandbox.advance(timedelta(days=3))
    await shop.news()
    assert (await shop.sale(sale.id)).state == "completed"
    assert await shop.pots(sale) == before
    assert await differences(shop.deployment) == []
    async with shop.world.read(shop.bo) as store:
        assert await store.owns(id_of(shop.bo), thing.id)
        entered = Link("enrolled_in", id_of(shop.bo), thing.id, {})
        assert kind == "token" or await store.connected(entered)


async def test_a_debt_comes_off_a_sale_as_often_as_its_money_comes_back(shop: Shop) -> None:
    token = await shop.token(price=1_000)
    await shop.ready(shop.ana)
    first = await shop.bought(token.id, 10, AT_ONCE)
    await shop.pay_out(shop.ana, 8_500)
    assert first.charge is not None
    await shop.sandbox.dispute(first.charge)
    await shop.news()
    await shop.decide(first, won=False)
    second = await shop.bought(token.id, 10)
    assert second.charge is not None
    assert (await shop.pots(second))["debt", id_of(shop.ana)] == 8_500
    await shop.sandbox.dispute(second.charge)
    await shop.news()
    assert ("debt", id_of(shop.ana)) not in await shop.pots(second)
    await shop.decide(second, won=True)
    pots = await shop.pots(second)
    assert ("held", id_of(shop.ana)) not in pots
    assert pots["debt", id_of(shop.ana)] == 8_500


async def refused_back(shop: Shop, sale: Sale, amount: int | None) -> str:
    """The place of a run that wanted money back, which the provider didn't give."""
    async with shop.world.write() as store:
        ctx, charge, of = shop.context(store, STAFF), sale.charge, new_id().hex
        assert charge is not None
        much = None if amount is None else (amount, sale.currency)
        await payments.refund_charge(ctx, charge, amount=much, of=of, may=lambda _: True)
        call = (await calls_of(store.session, sale.id, kind="refund"))[-1]
        await settle(store.session, call.id, Outcome("failed", reason="The provider said no."))
    return of


async def again(shop: Shop, sale: Sale, of: str) -> str:
    space = shop.world.space
    return await payments.give_back(shop.deployment, space, sale=sale.id, of=of, again=True)


async def test_what_a_run_wants_back_and_is_there_no_more_ends_in_words(shop: Shop) -> None:
    course = await shop.world.thing("course", by=shop.ana, status="published", price=PRICE)
    sale = await shop.bought(course.id)
    of = await refused_back(shop, sale, 3_000)
    await shop.act(payments.refund_sale, STAFF, id=sale.id, amount=2_500)
    with pytest.raises(Outside) as meanwhile:
        await again(shop, sale, of)
    assert meanwhile.value.retryable, "what is under way may fail yet"
    await shop.till.settle()
    with pytest.raises(Outside, match=r"Of this payment \$25\.00 can be given back") as ended:
        await again(shop, sale, of)
    assert (ended.value.retryable, ended.value.outcome) == (False, "not_done")


async def test_a_run_that_gives_all_back_gives_what_others_left(shop: Shop) -> None:
    course = await shop.world.thing("course", by=shop.ana, status="published", price=PRICE)
    sale = await shop.bought(course.id)
    of = await refused_back(shop, sale, None)
    await shop.act(payments.refund_sale, STAFF, id=sale.id, amount=2_000)
    await shop.till.settle()
    with pytest.raises(Outside) as wanted:
        await again(shop, sale, of)
    assert wanted.value.retryable
    assert (await again(shop, sale, of)).startswith("re_")
    assert (await shop.sale(sale.id)).refunded == 5_000
