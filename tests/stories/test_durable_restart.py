"""PostgreSQL is restarted under live runs: all of them finish, and no deadline is lost."""

import asyncio
from collections import Counter
from collections.abc import Generator
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import JsonValue

from one.runtime.durable import Run
from tests.runtime.durable import Shelf, begins, mark, marks
from tests.stories import restarting
from tests.stories.restarting import PostgresServer, again, own_postgres, world_on
from tests.workshop.conftest import town_of

pytestmark = pytest.mark.anyio
RUNS = 25


@pytest.fixture
def postgres() -> Generator[PostgresServer]:
    with own_postgres() as server:
        yield server


async def test_runs_outlive_a_restart_of_the_database(postgres: PostgresServer) -> None:
    async with world_on(postgres.get_uri()) as world:
        await restarted(Shelf(world), postgres)


async def test_features_outlive_a_restart_of_the_database(postgres: PostgresServer) -> None:
    async with world_on(postgres.get_uri()) as world:
        await restarting.restarted(town_of(world), postgres)
        assert await restarting.ends(world) == Counter(done=restarting.RUNS)
        left = await restarting.words(world)
    parts = ("one", "two", "three", "paid", "done")
    assert left == Counter(f"r{n} {part}" for n in range(restarting.RUNS) for part in parts)


async def restarted(shelf: Shelf, postgres: PostgresServer) -> None:
    world = shelf.world
    thing = (await world.course()).id

    async def main(run: Run, input: dict[str, JsonValue]) -> JsonValue:
        for n in range(6):
            await mark(run, str(n), thing, f"{input['name']}-{n}")
            await asyncio.sleep(0.1)
        await run.wait("6", timedelta(seconds=2))
        await mark(run, "7", thing, f"{input['name']}-7")
        return None

    shelf.put("a", main)
    async with shelf.working(timedelta(seconds=3)) as engine:
        runs: list[UUID] = [
            await engine.start(world.space, begins("a", name=f"r{n}")) for n in range(RUNS)
        ]
        await asyncio.sleep(0.25)
        await asyncio.to_thread(again, postgres)
        ended = await asyncio.gather(*(shelf.ended(engine, run, 300) for run in runs))
        assert Counter(run.status for run in ended) == Counter(done=RUNS)
        words = Counter(await marks(world, thing))
    wanted = [*range(6), 7]
    assert words == Counter(f"r{n}-{m}" for n in range(RUNS) for m in wanted)
