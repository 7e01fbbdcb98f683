"""What time alone changes comes into the change log, once, whenever a server looks."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID

import pytest

from one.clock import Clock, new_id
from one.ontology import load
from one.store import DEFAULT_SPACE, Database, Desk, Link, elapsing, migrate
from one.store.elapsing import tell
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world(anyio_backend: str, postgres_url: str) -> AsyncGenerator[World]:
    """A deployment of the test's own, whose time has begun to count."""
    database, clock = Database(postgres_url, f"elapsing_{new_id().hex[-12:]}"), Clock()
    await database.start()
    await migrate(database, now=clock.now())
    desk = await Desk.open(database, load(None), clock=clock)
    await tell(database, now=clock.now())
    yield World(desk, DEFAULT_SPACE)
    await database.close()


async def following(world: World, seconds: float) -> UUID:
    """A connection that ends so many seconds ahead."""
    one, other = await world.person(), await world.person()
    end = world.desk.clock.now() + timedelta(seconds=seconds)
    async with world.write() as store:
        link = Link("following", id_of(one), id_of(other), {}, valid_to=end)
        return (await store.connect(link)).id


async def told_after(world: World, seconds: float) -> int:
    now = world.desk.clock.now() + timedelta(seconds=seconds)
    return await tell(world.desk.database, now=now)


async def rows(world: World) -> list[object]:
    async with world.desk.database.read() as tx:
        sql = "SELECT row_id FROM change_queue WHERE kind = 'elapsed' ORDER BY id"
        return [record[0] for record in await tx.rows(sql)]


async def test_an_end_that_has_come_is_told_once(world: World) -> None:
    soon, late = await following(world, 10), await following(world, 1_000)
    assert await told_after(world, 5) == 0
    assert await told_after(world, 20) == 1
    assert await told_after(world, 30) == 0
    assert await told_after(world, 5_000) == 1
    assert await rows(world) == [soon, late]


async def test_what_came_while_no_server_ran_is_told_in_order_and_in_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elapsing, "MOST", 2)
    ends = [await following(world, seconds) for seconds in (50, 10, 40, 20, 30)]
    assert [await told_after(world, 5_000) for _ in range(4)] == [2, 2, 1, 0]
    assert await rows(world) == [ends[at] for at in (1, 3, 4, 2, 0)]


async def test_what_is_ended_by_hand_is_not_told_again(world: World) -> None:
    follow = await following(world, 10)
    async with world.write() as store:
        await store.end(follow)
    assert await told_after(world, 5_000) == 0
