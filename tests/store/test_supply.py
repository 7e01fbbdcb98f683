"""A token gives out no more than it may, in all and in a day, whoever gives at once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from one.clock import new_id
from one.store import Exhausted, Move, Viewer, ledger
from one.store.stakes import Lock, claim, stake, unstake
from one.store.supply import circulating, miscounted
from one.store.verification import verify
from tests.store.bulk import take_in, write_lines
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


async def miscounts(world: World) -> list[tuple[UUID, int, int]]:
    async with world.read() as store:
        return await miscounted(store.session, most=10)


async def test_a_cap_that_is_set_later_knows_what_is_out(world: World) -> None:
    ana, token, fan = await scene(world)
    fans = [await world.person("audience_member", f"Fan {n}") for n in range(4)]
    giving = [give(world, ana, one, token=token, amount=2) for one in fans * 3]
    await asyncio.gather(*giving[:6], world.update(token, totalSupply=25), *giving[6:])
    assert await out(world, token) == 24
    assert await give(world, ana, fan, token=token, amount=1) == 1
    with pytest.raises(Exhausted):
        await give(world, ana, fan, token=token, amount=1)


async def test_the_count_follows_whatever_moves_units(world: World) -> None:
    ana, token, fan = await scene(world, totalSupply=100, stakingRate=10_000)
    await give(world, ana, fan, token=token, amount=50)
    await give(world, ana, fan, token=token, amount=-5, action="spent")
    year = Lock(20, 365 * 24 * 3600)
    async with world.write(fan) as store:
        locked = await stake(store.session, id_of(fan), token=token, lock=year)
        assert locked.reward == 20
        await store.move(Move(id_of(fan), token, -10, "spent", {}))
        taken = replace(year, amount=10, seconds=0, taken=True)
        freed = await stake(store.session, id_of(fan), token=token, lock=taken)
        await store.move(Move(id_of(fan), token, 10, "earned", {}))
        await unstake(store.session, freed, given=True)
    assert await out(world, token) == 45
    async with world.write(fan) as store:
        later = replace(store.session, now=store.session.now + timedelta(days=366))
        await unstake(later, locked)
        await claim(later, locked)
    assert await out(world, token) == 65
    assert await miscounts(world) == []


async def test_who_is_removed_or_forgotten_gives_room_for_others(world: World) -> None:
    ana, token, fan = await scene(world, totalSupply=10)
    await give(world, ana, fan, token=token, amount=10)
    async with world.write() as store:
        await store.delete(id_of(fan))
        await store.purge(id_of(fan))
    assert await out(world, token) == 0
    other = await world.person("audience_member", "Cy")
    assert await give(world, ana, other, token=token, amount=10) == 10
    async with world.write() as store:
        await store.delete(token)
        await store.purge(token)
    assert await miscounts(world) == []


async def test_what_is_imported_counts(world: World, tmp_path: Path) -> None:
    _, token, fan = await scene(world, totalSupply=10)
    held = {"from": str(fan.id), "to": str(token), "metadata": {"amount": 7}}
    ended = {**held, "validFrom": "2026-01-01T00:00:00Z", "validTo": "2026-01-02T00:00:00Z"}
    lines = [{"id": str(new_id()), "type": "holds", **each} for each in (held, ended)]
    await take_in(world, write_lines(tmp_path / "connections.ndjson", lines))
    assert await out(world, token) == 7
    assert await miscounts(world) == []


async def test_a_count_that_is_off_is_told(world: World) -> None:
    ana, token, fan = await scene(world, totalSupply=10)
    await give(world, ana, fan, token=token, amount=10)
    async with world.write() as store:
        await store.session.tx.run(
            "UPDATE supplies SET units = 4 WHERE space_id = %(s)s AND token_id = %(t)s",
            {"s": world.space, "t": token},
        )
    assert await miscounts(world) == [(token, 4, 10)]
    async with world.read() as store:
        (said,) = (await verify(store.session, "sandbox")).faults
        (told,) = await ledger.verify(store.session)
    assert said == f"Of the token {token} 4 are counted as out, and 10 are held."
    assert (told.token, told.says) == (
        token,
        "4 of this token are counted as out, and 10 are held.",
    )
