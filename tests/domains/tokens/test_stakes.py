"""Stakes lock what they are of, are freed when their lock is over, and earn once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from one.errors import Invalid
from one.store import Exhausted, Move, NotEnough, Viewer, ledger
from one.store.session import Session
from one.store.stakes import Lock, Locked, Settled, Stake, claim, find, stake, stakes_of, unstake
from tests.domains.conftest import Client
from tests.world import World, id_of

pytestmark = pytest.mark.anyio

WEEK = 7 * 24 * 3600
YEAR = 365 * 24 * 3600


async def scene(world: World, amount: int = 100, **terms: int) -> tuple[UUID, Viewer]:
    """A token of Ana's, and a fan who holds some."""
    ana, bo = await world.person(), await world.person("audience_member", "Bo")
    token = await world.thing("token", by=ana, name="Chords", status="active", **terms)
    async with world.write(ana) as store:
        await store.move(Move(id_of(bo), token.id, amount, "minted", {}))
    return token.id, bo


async def staked(world: World, bo: Viewer, token: UUID, amount: int, seconds: int) -> Stake:
    async with world.write(bo) as store:
        lock = Lock(amount, seconds)
        return await stake(store.session, id_of(bo), token=token, lock=lock)


def later(session: Session, seconds: float) -> Session:
    """The same session after a while."""
    return replace(session, now=session.now + timedelta(seconds=seconds))


async def test_what_is_staked_cant_be_spent_and_comes_back(world: World) -> None:
    token, bo = await scene(world)
    made = await staked(world, bo, token, 60, WEEK)
    async with world.write(bo) as store:
        assert await store.balance(id_of(bo), token) == 40
        with pytest.raises(NotEnough):
            await store.move(Move(id_of(bo), token, -41, "spent", {}))
        (held,) = await ledger.holdings(store.session, id_of(bo))
        assert (held.balance, held.staked, held.locked_until) == (40, 60, made.locked_until)
    async with world.write(bo) as store:
        with pytest.raises(Locked) as early:
            await unstake(store.session, made)
        assert early.value.details == {"lockedUntil": made.locked_until.isoformat()}
        freed = await unstake(later(store.session, WEEK), made)
        assert (freed.unstaked, await store.balance(id_of(bo), token)) == (True, 100)
        assert await stakes_of(store.session, id_of(bo)) == []
        assert await ledger.verify(store.session) == []


async def test_a_stake_is_freed_once_by_eight_who_try(world: World) -> None:
    token, bo = await scene(world)
    made = await staked(world, bo, token, 60, 0)

    async def one() -> bool:
        async with world.write(bo) as store:
            try:
                await unstake(store.session, made)
            except Settled:
                return False
        return True

    assert sum(await asyncio.gather(*(one() for _ in range(8)))) == 1
    async with world.read() as store:
        assert await store.balance(id_of(bo), token) == 100


async def test_fifty_who_stake_ten_at_once_stake_ten(world: World) -> None:
    token, bo = await scene(world, amount=10)

    async def one() -> bool:
        try:
            await staked(world, bo, token, 1, WEEK)
        except NotEnough:
            return False
        return True

    assert sum(await asyncio.gather(*(one() for _ in range(50)))) == 10
    async with world.read() as store:
        (held,) = await ledger.holdings(store.session, id_of(bo))
        assert (held.balance, held.staked) == (0, 10)
        assert await ledger.verify(store.session) == []


async def test_a_reward_follows_the_rate_and_is_paid_once(world: World) -> None:
    token, bo = await scene(world, amount=1000, stakingRate=500)
    made = await staked(world, bo, token, 1000, YEAR)
    assert made.reward == 50
    async with world.write(bo) as store:
        with pytest.raises(Locked):
            await claim(store.session, made)

    async def one() -> bool:
        async with world.write(bo) as store:
            try:
                await claim(later(store.session, YEAR), made)
            except Settled:
                return False
        return True

    assert sum(await asyncio.gather(*(one() for _ in range(8)))) == 1
    async with world.write(bo) as store:
        assert await store.balance(id_of(bo), token) == 50
        freed = await unstake(later(store.session, YEAR), made)
        assert (freed.unstaked, freed.claimed) == (True, True)
        assert await store.balance(id_of(bo), token) == 1050


async def test_without_a_rate_nothing_is_earned(world: World) -> None:
    token, bo = await scene(world)
    made = await staked(world, bo, token, 60, 0)
    async with world.write(bo) as store:
        with pytest.raises(Settled, match="earns nothing"):
            await claim(store.session, made)


async def test_a_reward_that_there_is_no_supply_for_waits(world: World) -> None:
    token, bo = await scene(world, amount=1000, stakingRate=500, totalSupply=1010)
    made = await staked(world, bo, token, 1000, YEAR)
    async with world.write(bo) as store:
        with pytest.raises(Exhausted):
            await claim(later(store.session, YEAR), made)
        await unstake(later(store.session, YEAR), made)
        assert not (await find(store.session, made.id)).claimed
        await store.move(Move(id_of(bo), token, -40, "burned", {}))
        assert (await claim(later(store.session, YEAR), made)).claimed


async def test_several_stakes_stand_beside_each_other(world: World) -> None:
    token, bo = await scene(world)
    short, long = await staked(world, bo, token, 10, 0), await staked(world, bo, token, 20, WEEK)
    async with world.write(bo) as store:
        assert {one.id for one in await stakes_of(store.session, id_of(bo))} == {short.id, long.id}
        await unstake(store.session, short)
        (held,) = await ledger.holdings(store.session, id_of(bo))
        assert (held.balance, held.staked, held.locked_until) == (80, 20, long.locked_until)


@pytest.mark.parametrize(("amount", "seconds"), [(0, 5), (-1, 5), (1, -1), (1, 200 * YEAR)])
async def test_what_makes_no_stake_is_refused(world: World, amount: int, seconds: int) -> None:
    token, bo = await scene(world)
    with pytest.raises(Invalid):
        await staked(world, bo, token, amount, seconds)


async def test_nobody_frees_or_claims_anothers_stake(world: World, client: Client) -> None:
    token, bo = await scene(world, stakingRate=500)
    mine, theirs = await client(bo), await client(await world.person())
    path = f"/api/entities/{token}/stakes"
    made = (await mine.post(path, json={"amount": 10, "seconds": 0})).json()
    for verb in ("unstake", "claim"):
        assert (await theirs.post(f"/api/ledger/stakes/{made['id']}/{verb}")).status_code == 404
    assert (await mine.get("/api/ledger/stakes")).json()["items"][0]["id"] == made["id"]
    assert (await mine.post(f"/api/ledger/stakes/{made['id']}/unstake")).status_code == 200
    assert (await mine.post(f"/api/ledger/stakes/{made['id']}/unstake")).status_code == 409
