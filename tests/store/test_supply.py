"""A token gives out no more than it may, in all and in a day, whoever gives at once."""

import asyncio
from uuid import UUID

import pytest

from one.store import Exhausted, Move, Viewer
from one.store.supply import circulating
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


async def scene(world: World, **properties: int) -> tuple[Viewer, UUID, Viewer]:
    ana = await world.person()
    token = await world.thing("token", by=ana, name="Chords", status="active", **properties)
    return ana, token.id, await world.person("audience_member", "Bo")


async def give(
    world: World, by: Viewer, to: Viewer, *, token: UUID, amount: int, action: str = "earned"
) -> int:
    async with world.write(by) as store:
        return await store.move(Move(id_of(to), token, amount, action, {}))


async def out(world: World, token: UUID) -> int:
    async with world.read() as store:
        return await circulating(store.session, token)


async def test_of_fifty_at_once_ten_get_what_there_is(world: World) -> None:
    ana, token, _ = await scene(world, totalSupply=10)
    fans = [await world.person("audience_member", f"Fan {n}") for n in range(5)]

    async def one(n: int) -> bool:
        try:
            await give(world, ana, fans[n % 5], token=token, amount=1)
        except Exhausted as none:
            refused.append(none.details)
            return False
        return True

    refused: list[object] = []
    came = await asyncio.gather(*(one(n) for n in range(50)))
    assert sum(came) == 10
    assert refused == [{"left": 0, "wanted": 1}] * 40
    assert await out(world, token) == 10


async def test_what_is_spent_can_be_given_again(world: World) -> None:
    ana, token, fan = await scene(world, totalSupply=10)
    await give(world, ana, fan, token=token, amount=10)
    await give(world, ana, fan, token=token, amount=-4, action="spent")
    with pytest.raises(Exhausted):
        await give(world, ana, fan, token=token, amount=5)
    assert await give(world, ana, fan, token=token, amount=4) == 10


async def test_a_day_has_its_end_but_not_for_what_is_paid(world: World) -> None:
    ana, token, fan = await scene(world, dailyLimit=5)
    await give(world, ana, fan, token=token, amount=3)
    await give(world, ana, fan, token=token, amount=7, action="purchased")
    with pytest.raises(Exhausted, match="today") as few:
        await give(world, ana, fan, token=token, amount=3, action="minted")
    assert few.value.details == {"left": 2, "wanted": 3}
    assert await give(world, ana, fan, token=token, amount=2) == 12


async def test_what_goes_from_one_to_another_counts_for_nothing(world: World) -> None:
    ana, token, fan = await scene(world, totalSupply=5, dailyLimit=5)
    await give(world, ana, fan, token=token, amount=5)
    async with world.write(fan) as store:
        await store.transfer(Move(id_of(fan), token, 5, "transferred", {}), id_of(ana))
    assert await out(world, token) == 5
