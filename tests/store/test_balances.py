"""Balances add up whoever moves them at once, never fall below zero, and say what happened."""

import asyncio
import random
from uuid import UUID

import pytest

from one.clock import new_id
from one.errors import Invalid, NotFound
from one.store import EventAsk, Move, NotEnough, Viewer
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio


async def scene(world: World) -> tuple[Viewer, UUID, Viewer]:
    """A creator, their token and a fan."""
    ana = await world.person()
    token = await world.thing("token", by=ana, name="Chords", status="active", symbol="CHRD")
    return ana, token.id, await world.person("audience_member", "Bo")


async def grant(world: World, by: Viewer, holder: Viewer, token: UUID, amount: int) -> int:
    action = "earned" if amount > 0 else "spent"
    async with world.write(by) as store:
        return await store.move(Move(id_of(holder), token, amount, action, {}))


async def held(world: World, viewer: Viewer, holder: Viewer, token: UUID) -> int:
    async with world.read(viewer) as store:
        return await store.balance(id_of(holder), token)


async def test_what_is_granted_and_spent_is_the_balance(world: World) -> None:
    ana, token, fan = await scene(world)
    assert await held(world, fan, fan, token) == 0
    assert await grant(world, ana, fan, token, 50) == 50
    assert await grant(world, ana, fan, token, -20) == 30
    assert await held(world, fan, fan, token) == 30


async def test_a_balance_is_known_to_its_holder_and_the_owner_of_the_token(world: World) -> None:
    ana, token, fan = await scene(world)
    await grant(world, ana, fan, token, 7)
    stranger = await world.person()
    seen = [await held(world, who, fan, token) for who in (fan, ana, STAFF, stranger)]
    assert seen == [7, 7, 7, 0]
    other = await World.made(world.desk)
    assert await held(other, STAFF, fan, token) == 0


async def test_more_than_is_there_is_refused_with_what_is_there(world: World) -> None:
    ana, token, fan = await scene(world)
    with pytest.raises(NotEnough) as none:
        await grant(world, ana, fan, token, -1)
    await grant(world, ana, fan, token, 5)
    with pytest.raises(NotEnough) as few:
        await grant(world, ana, fan, token, -6)
    assert none.value.details == {"balance": 0, "wanted": 1}
    assert few.value.details == {"balance": 5, "wanted": 6}
    assert await held(world, fan, fan, token) == 5


async def test_each_move_is_an_event_of_the_holder_and_a_version(world: World) -> None:
    ana, token, fan = await scene(world)
    await grant(world, ana, fan, token, 5)
    await grant(world, ana, fan, token, -2)
    async with world.read(fan) as store:
        ask = EventAsk(types=("token_transacted",), actor_id=id_of(fan), order="recordedAt")
        events = (await store.events(ask)).items
        rows = await store.session.tx.rows(
            "SELECT version, before->'metadata'->>'amount', actor_id FROM change_queue"
            " WHERE space_id = %(space)s AND row_type = 'holds' UNION ALL"
            " SELECT version, before->'metadata'->>'amount', actor_id FROM changes"
            " WHERE space_id = %(space)s AND row_type = 'holds' ORDER BY 1",
            store.session.params(),
        )
    told = [(event.metadata["action"], event.metadata["amount"]) for event in events]
    assert told == [("earned", 5), ("spent", 2)]
    assert rows == [(1, None, ana.id), (2, "0", ana.id), (3, "5", ana.id)]


async def test_only_tokens_are_held_and_only_by_whom_they_can_be(world: World) -> None:
    ana, token, fan = await scene(world)
    course = await world.course(by=ana)
    async with world.write(ana) as store:
        with pytest.raises(Invalid):
            await store.move(Move(id_of(fan), course.id, 1, "earned", {}))
        with pytest.raises(Invalid):
            await store.move(Move(course.id, token, 1, "earned", {}))
        with pytest.raises(NotFound):
            await store.move(Move(world.space, token, 1, "earned", {}))
        with pytest.raises(Invalid):
            await store.move(Move(id_of(fan), token, 1, "dreamt", {}))
        with pytest.raises(Invalid):
            await store.move(Move(id_of(fan), token, 2**53, "earned", {}))


async def test_a_transfer_moves_all_or_nothing(world: World) -> None:
    ana, token, fan = await scene(world)
    await grant(world, ana, fan, token, 5)
    async with world.write(fan) as store:
        left = await store.transfer(Move(id_of(fan), token, 3, "transferred", {}), id_of(ana))
        with pytest.raises(NotEnough):
            await store.transfer(Move(id_of(fan), token, 3, "transferred", {}), id_of(ana))
        with pytest.raises(Invalid):
            await store.transfer(Move(id_of(fan), token, 1, "transferred", {}), id_of(fan))
    assert (left, await held(world, ana, ana, token)) == (2, 3)


async def test_eight_at_once_lose_nothing_and_overdraw_nothing(world: World) -> None:
    ana, token, fan = await scene(world)
    people = [fan, ana, await world.person()]
    chance = random.Random(4)
    moves = [[chance.choice((1, 1, 2, -1, -3)) for _ in range(100)] for _ in range(8)]
    done = dict.fromkeys(people, 0)
    refused: list[tuple[object, object]] = []

    async def writer(amounts: list[int], seed: int) -> None:
        mine = random.Random(seed)
        for amount in amounts:
            holder, other = mine.sample(people, 2)
            try:
                if amount == 2:
                    async with world.write(ana) as store:
                        source = Move(id_of(holder), token, 2, "transferred", {})
                        await store.transfer(source, id_of(other))
                    done[holder] -= 2
                    done[other] += 2
                else:
                    await grant(world, ana, holder, token, amount)
                    done[holder] += amount
            except NotEnough as few:
                refused.append((few.details["balance"], few.details["wanted"]))

    await asyncio.gather(*(writer(amounts, seed) for seed, amounts in enumerate(moves)))
    found = {holder: await held(world, STAFF, holder, token) for holder in people}
    assert found == done
    assert min(found.values()) >= 0
    assert all(int(str(there)) < int(str(wanted)) for there, wanted in refused)


async def test_the_first_grants_of_many_open_one_balance(world: World) -> None:
    ana, token, fan = await scene(world)
    await asyncio.gather(*(grant(world, ana, fan, token, 1) for _ in range(8)))
    assert await held(world, ana, fan, token) == 8


async def test_the_first_tokens_from_one_meet_those_that_go_back_without_a_circle(
    world: World,
) -> None:
    ana, token, one = await scene(world)
    other = await world.person("audience_member", "Cy")
    low, high = sorted((one, other), key=id_of)
    await grant(world, ana, high, token, 5)

    async def sent(source: Viewer, to: Viewer) -> None:
        async with world.write(ana) as store:
            move = Move(id_of(source), token, 2, "transferred", {})
            await store.transfer(move, id_of(to))

    async def begun_and_back() -> None:
        await grant(world, ana, low, token, 5)
        await sent(low, high)

    async with asyncio.TaskGroup() as group, world.write(ana) as store:
        # who sends first has to wait for this
        await store.move(Move(id_of(high), token, 1, "earned", {}))
        group.create_task(sent(high, low))
        await asyncio.sleep(0.2)
        group.create_task(begun_and_back())
        await asyncio.sleep(0.2)
    assert await held(world, STAFF, low, token) == 5
    assert await held(world, STAFF, high, token) == 6


async def test_a_balance_has_an_upper_end_too(world: World) -> None:
    ana, token, fan = await scene(world)
    await grant(world, ana, fan, token, 2**53 - 1)
    with pytest.raises(Invalid, match="as large"):
        await grant(world, ana, fan, token, 1)


async def test_each_event_says_what_it_changed_and_what_it_left_in_their_order(
    world: World,
) -> None:
    ana, token, fan = await scene(world)
    await asyncio.gather(*(grant(world, ana, fan, token, n) for n in range(1, 20)))
    async with world.write(ana) as store:
        await store.transfer(Move(id_of(fan), token, 3, "transferred", {}), id_of(ana))
        await store.move(Move(id_of(fan), token, -5, "burned", {}))
    async with world.read(fan) as store:
        ask = EventAsk(types=("token_transacted",), actor_id=fan.id, order="recordedAt")
        told = [event.metadata for event in (await store.events(ask, limit=50)).items]
    running = 0
    for one in told:
        running += int(str(one["change"]))
        assert one["balance"] == running
    assert running == 190 - 8
    assert told[-2]["counterpartyId"] == str(id_of(ana))


async def test_a_move_with_an_id_is_made_once(world: World) -> None:
    ana, token, fan = await scene(world)
    once = Move(id_of(fan), token, 5, "earned", {}, id=new_id())

    async def asked() -> int:
        async with world.write(ana) as store:
            return await store.move(once)

    assert set(await asyncio.gather(*(asked() for _ in range(8)))) == {5}
    sent = Move(id_of(fan), token, 2, "transferred", {}, id=new_id())
    for _ in range(2):
        async with world.write(ana) as store:
            assert await store.transfer(sent, id_of(ana)) == 3
