"""What features come back to: moments that were worked out, parts of loops, calls tried in vain."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio
import pytest

from one.clock import Clock
from one.providers.base import Stage, parse_faults
from one.store import Desk
from tests.sdk.written import Players, Working, deployed
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
ASLEEP = """{"feature": "asleep", "title": "Asleep", "flow": [
  {"wait": {"until": "$(now() + '2d')"}},
  {"wait": {"until": "$(now() + '2d')"}}
]}"""
AFTER_A_NO = """{"feature": "after_a_no", "title": "After a no",
  "input": {"fan": {"type": "Id<creator>"}}, "flow": [
  {"try": {"do": [{"grant": {"to": "$fan", "amount": 5}}],
           "catch": [{"wait": {"until": "$(now() + '2d')"}}]}}
]}"""
IN_A_TRANSACTION = """{"feature": "in_a_transaction", "title": "In a transaction",
  "input": {"lead": {"type": "Id<lead>"}}, "flow": [
  {"tag": {"target": "$lead", "names": ["topic:seen"]}},
  {"update": {"target": "$lead", "set": {"x_seen": "$(now())"}}},
  {"wait": {"until": "$(now() + '2d')"}}
]}"""
QUEUED = """
FEATURE: Greet them all
INPUT:
  - names: list of texts
FOR EACH name IN names
  ADD TO QUEUE:
    TAG me WITH topic:[name]
"""
TAKEN_BACK = """{"feature": "taken_back", "title": "Taken back",
  "input": {"fan": {"type": "Id<audience_member>"}}, "flow": [
  {"service": {"provider": "stripe", "method": "charge",
               "params": {"amount": {"amount": 500, "currency": "usd"}, "customer": "$fan"}},
   "onError": {"retry": {"times": 2, "delay": "50ms"},
               "rollback": [{"tag": {"target": "$(me())", "names": ["topic:unsold"]}}]}}
]}"""
BONUS = """
FEATURE: Bring a friend
INPUT:
  - member: who invites
  - friend: who is invited
REFER member TO friend
  REWARD 30 tokens
  WITH bonus 60 tokens if friend is enrolled in a course
GIVE member's token balance
"""


@pytest.fixture
async def players(desk: Desk) -> Players:
    """In a world with a time of its own."""
    return await Players.made(await World.made(desk.with_clock(Clock())))


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    with anyio.fail_after(20):
        while not await holds():  # noqa: ASYNC110 # in the database
            await anyio.sleep(0.05)


async def tags(players: Players) -> set[str]:
    async with players.world.read() as store:
        return {tag.name for tag in await store.tags_of(id_of(players.author))}


async def slept(players: Players, working: Working, nights: int, **given: str) -> None:
    """A run sleeps so often for two days, and is done then."""
    run = await working.begin(by=players.author, **given)
    for _ in range(nights):
        await working.shelf.become(run, "waiting")
        players.world.desk.clock.offset += timedelta(days=2, minutes=1)
        await anyio.sleep(0.5)
    ended = await working.shelf.ended(working.engine, run)
    assert ended.status == "done", ended.reason


async def test_a_moment_that_was_worked_out_stays_what_it_was(players: Players) -> None:
    async with players.working(ASLEEP) as working:
        await slept(players, working, 2)


async def test_a_moment_in_a_transaction_stays_what_it_was(players: Players) -> None:
    lead = await players.world.thing("lead", by=players.author, name="Lea")
    async with players.working(IN_A_TRANSACTION) as working:
        await slept(players, working, 1, lead=str(lead.id))


async def test_a_moment_after_a_refusal_stays_what_it_was(players: Players) -> None:
    async with players.working(AFTER_A_NO) as working:
        await slept(players, working, 1, fan=str(id_of(players.author)))


async def test_what_a_loop_queues_is_done_for_each_item(players: Players) -> None:
    async with players.working(QUEUED) as working:
        run = await working.run(by=players.author, names=["breath", "rest"])
        assert run.status == "done", run.reason

        async def tagged() -> bool:
            return await tags(players) >= {"breath", "rest"}

        await until(tagged)


async def test_a_call_that_was_tried_in_vain_takes_back_what_it_says(players: Players) -> None:
    stage = Stage(clock=players.world.desk.clock, faults=parse_faults("stripe.charge=before"))
    players.deployment = deployed(players.world, stage)
    async with players.working(TAKEN_BACK) as working:
        run = await working.run(fan=str(id_of(players.runner)))
    assert run.status == "failed", run.reason
    assert "unsold" in await tags(players)


async def test_a_bonus_is_given_where_its_condition_holds(players: Players) -> None:
    world = players.world
    await world.thing("token", by=players.author, status="active")
    course = await world.course(by=players.author)
    friends = [id_of(await world.person()) for _ in range(2)]
    await world.connect("enrolled_in", friends[1], course.id)
    for friend, balance in zip(friends, (30, 90), strict=True):
        came = await players.run(BONUS, by=await world.person(), friend=str(friend))
        assert came == {"tokenBalance": balance}
