"""A sale, the journal and the provider say the same; whoever changes one of them is found out."""

import asyncio

import pytest
import stripe

from one.domains import payments
from one.domains.payments.advancing import advance
from one.domains.payments.comparing import Difference, differences
from one.providers.stripe.inprocess import InProcess
from one.store.sales import Sale, hold_sale
from one.store.verification import verify
from tests.domains.payments.shop import AT_ONCE, Shop
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio


async def sold(world: World) -> tuple[Shop, Sale]:
    """A sale of 20.00, a fifth of which was given back."""
    shop = await Shop.opened(world)
    token = await shop.token(price=1_000)
    await shop.ready(shop.ana)
    sale = await shop.bought(token.id, 2)
    await shop.act(payments.refund_sale, STAFF, id=sale.id, amount=400)
    await shop.till.settle()
    return shop, sale


async def faults(shop: Shop) -> tuple[str, ...]:
    async with shop.world.read() as store:
        return (await verify(store.session, "sandbox")).faults


async def test_all_agree_after_a_sale_and_a_refund(world: World) -> None:
    shop, _ = await sold(world)
    assert await faults(shop) == ()
    assert await differences(shop.deployment) == []


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("refunded = 0", "says that $20.00 were paid and $0.00 given back; booked are $20.00"),
        ("state = 'pending'", "says that $0.00 were paid and $4.00 given back; booked are $20.00"),
        ("gross = 2100", "says that $21.00 were paid and $4.00 given back; booked are $20.00"),
    ],
)
async def test_a_sale_that_was_edited_is_told(world: World, edit: str, told: str) -> None:
    shop, sale = await sold(world)
    async with world.write() as store:
        await store.session.tx.run(
            f"UPDATE sales SET {edit} WHERE space_id = %(space)s", store.session.params()
        )
    assert await faults(shop) == (f"The sale {sale.id} {told} and $4.00.",)


async def test_money_that_moved_without_us_is_told(world: World) -> None:
    shop, sale = await sold(world)
    assert sale.charge is not None
    await shop.deployment.payments.cashier.refund(sale.charge, 100, key="by hand")
    (found,) = await differences(shop.deployment)
    assert found.ours - found.theirs == 100
    await shop.news()
    assert await faults(shop) == ()
    assert await differences(shop.deployment) == []


async def test_money_that_left_somebodys_account_without_us_is_told(world: World) -> None:
    shop = await Shop.opened(world)
    token = await shop.token(price=1_000)
    await shop.ready(shop.ana)
    await shop.bought(token.id, 2, card=AT_ONCE)
    assert await differences(shop.deployment) == []
    client = stripe.StripeClient("sk_test_1", http_client=InProcess(shop.sandbox))
    theirs: stripe.RequestOptions = {"stripe_account": await shop.account(shop.ana)}
    await client.v1.payouts.create_async({"amount": 500, "currency": "usd"}, theirs)
    assert await differences(shop.deployment) == [
        Difference("usd", 1_700, 1_200, id_of(shop.ana)),
    ]
    await shop.news()
    assert await differences(shop.deployment) == []


async def test_what_is_held_for_who_could_have_it_is_told(world: World) -> None:
    shop = await Shop.opened(world)
    token = await shop.token(price=1_000)
    await shop.act(payments.begin_payouts, shop.ana, country="US")
    await shop.till.settle()
    sale = await shop.bought(token.id)
    assert await faults(shop) == ()
    async with world.write() as store:
        await store.session.tx.run(
            "UPDATE payees SET ready = true WHERE space_id = %(space)s", store.session.params()
        )
    assert await faults(shop) == (
        f"Of the sale {sale.id} $8.50 are held for {shop.ana.id}, whose account takes money, and"
        " nothing sends them there.",
    )


async def test_who_becomes_ready_while_a_sale_is_booked_is_sent_their_share(world: World) -> None:
    shop = await Shop.opened(world)
    token = await shop.token(price=1_000)
    await shop.act(payments.begin_payouts, shop.ana, country="US")
    await shop.till.settle()
    bought = await shop.buy(token.id)
    await shop.pay(bought)
    checkout = (await shop.sale(bought.id)).checkout
    assert checkout is not None
    cashier = shop.deployment.payments.cashier
    intent = (await cashier.checkout(checkout)).intent
    assert intent is not None
    charge = await cashier.charge_of(intent)
    assert charge is not None
    await shop.sandbox.onboard(await shop.account(shop.ana))
    async with world.write() as store:
        held = await hold_sale(store.session, bought.id)
        assert held is not None
        await advance(shop.context(store, STAFF), held, charge)
        ready = asyncio.create_task(shop.till.onboarded(world.space, id_of(shop.ana)))
        await asyncio.sleep(0.3)  # long enough to pass by, if it could
    await ready
    await shop.till.settle()
    assert (await shop.pots(await shop.sale(bought.id)))["connected", id_of(shop.ana)] == 850
    assert await faults(shop) == ()
