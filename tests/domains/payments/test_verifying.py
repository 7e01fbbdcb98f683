"""A sale, the journal and the provider say the same; whoever changes one of them is found out."""

import pytest

from one.domains import payments
from one.domains.payments.comparing import differences
from one.store.sales import Sale
from one.store.verification import verify
from tests.domains.payments.shop import Shop
from tests.world import STAFF, World

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
