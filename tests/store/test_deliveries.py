"""What was paid for is delivered once, and no more is taken back than is unspent."""

import asyncio
from uuid import UUID

import pytest

from one.clock import new_id
from one.errors import Invalid
from one.store import EventAsk, Exhausted, Move, Viewer
from one.store.deliveries import deliver, take_back, unspent
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


async def shop(world: World, **properties: int) -> tuple[UUID, Viewer]:
    """A token of Ana's, and a buyer."""
    ana = await world.person()
    token = await world.thing("token", by=ana, name="Chords", status="active", **properties)
    return token.id, await world.person("audience_member", "Bo")


async def sold(world: World, token: UUID, buyer: Viewer, *, quantity: int, sale: UUID) -> int:
    async with world.write() as store:
        return await deliver(store.session, id_of(buyer), token, quantity=quantity, sale=sale)


async def back(
    world: World, token: UUID, buyer: Viewer, *, quantity: int, sale: UUID, refund: UUID
) -> int:
    async with world.write() as store:
        return await take_back(
            store.session, id_of(buyer), token, quantity=quantity, sale=sale, refund=refund
        )


async def left(world: World, token: UUID, buyer: Viewer, sale: UUID) -> int:
    async with world.read() as store:
        return await unspent(store.session, id_of(buyer), token, sale=sale)


async def spend(world: World, token: UUID, buyer: Viewer, amount: int) -> None:
    async with world.write() as store:
        await store.move(Move(id_of(buyer), token, -amount, "spent", {}))


async def test_a_sale_is_delivered_once_by_eight_who_try(world: World) -> None:
    token, buyer = await shop(world)
    sale = new_id()
    tries = (sold(world, token, buyer, quantity=10, sale=sale) for _ in range(8))
    assert set(await asyncio.gather(*tries)) == {10}
    async with world.read(buyer) as store:
        events = await store.events(EventAsk(types=("token_transacted",), actor_id=buyer.id))
        assert await store.balance(id_of(buyer), token) == 10
    assert [event.metadata["saleId"] for event in events.items] == [str(sale)]


async def test_no_more_is_taken_back_than_is_unspent(world: World) -> None:
    token, buyer = await shop(world)
    sale = new_id()
    await sold(world, token, buyer, quantity=10, sale=sale)
    await spend(world, token, buyer, 4)
    assert await left(world, token, buyer, sale) == 6
    assert await back(world, token, buyer, quantity=10, sale=sale, refund=new_id()) == 6
    assert await left(world, token, buyer, sale) == 0
    assert await back(world, token, buyer, quantity=1, sale=sale, refund=new_id()) == 0


async def test_a_refund_takes_back_once_by_eight_who_try(world: World) -> None:
    token, buyer = await shop(world)
    sale, refund = new_id(), new_id()
    await sold(world, token, buyer, quantity=10, sale=sale)
    tries = (back(world, token, buyer, quantity=3, sale=sale, refund=refund) for _ in range(8))
    assert set(await asyncio.gather(*tries)) == {3}
    assert await left(world, token, buyer, sale) == 7


async def test_of_a_sale_no_more_is_taken_back_than_it_sold(world: World) -> None:
    token, buyer = await shop(world)
    first, second = new_id(), new_id()
    await sold(world, token, buyer, quantity=2, sale=first)
    await sold(world, token, buyer, quantity=5, sale=second)
    assert await back(world, token, buyer, quantity=7, sale=first, refund=new_id()) == 2
    assert await left(world, token, buyer, second) == 5


async def test_a_sale_beyond_the_supply_is_refused_and_one_delivered_before_is_not(
    world: World,
) -> None:
    token, buyer = await shop(world, totalSupply=10)
    sale = new_id()
    assert await sold(world, token, buyer, quantity=10, sale=sale) == 10
    assert await sold(world, token, buyer, quantity=10, sale=sale) == 10
    with pytest.raises(Exhausted) as none:
        await sold(world, token, buyer, quantity=1, sale=new_id())
    assert none.value.details == {"left": 0, "wanted": 1}


async def test_nothing_and_less_is_not_sold(world: World) -> None:
    token, buyer = await shop(world)
    for quantity in (0, -1):
        with pytest.raises(Invalid):
            await sold(world, token, buyer, quantity=quantity, sale=new_id())
        with pytest.raises(Invalid):
            await back(world, token, buyer, quantity=quantity, sale=new_id(), refund=new_id())
