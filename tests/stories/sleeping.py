"""Ten thousand runs of a feature asleep: `python -m tests.stories.sleeping [MANY]` says what they
take of a worker's memory, and how soon a worker that begins among them has done its first run.
"""

import asyncio
import sys

import psutil

from one.clock import monotonic
from one.runtime.durable import Start, start
from one.store import PLATFORM, Viewer, revisions
from tests.stories.restarting import own_postgres, world_on
from tests.workshop.conftest import Town, town_of
from tests.workshop.test_calling import deploy
from tests.world import STAFF, World

OWNER = Viewer(PLATFORM, "staff")
SLEEP = """FEATURE: Sleep on it
INPUT:
  - name: what to call them
OUTPUT:
  - said: what was said
CREATE lesson called "For [name]"
WAIT 7 days
GIVE said "Good morning [name]"
"""
AWAKE = """FEATURE: Say it
INPUT:
  - name: what to call them
OUTPUT:
  - said: what was said
CREATE lesson called "At once for [name]"
WAIT 0 seconds
GIVE said "Hello [name]"
"""


async def begin(world: World, slug: str, names: list[str]) -> None:
    async with world.write(OWNER) as store:
        found = await revisions.feature(store.session, PLATFORM, slug)
        assert found is not None
        for name in names:
            begins = Start(feature=slug, digest=found.digest, author=OWNER, input={"name": name})
            await start(store.session, begins)


async def counted(world: World, status: str) -> int:
    async with world.read() as store:
        record = await store.session.tx.row(
            "SELECT count(*) FROM runs WHERE space_id = %(s)s AND status = %(status)s",
            {"s": world.space, "status": status},
        )
    return int(str(record[0])) if record else 0


async def until(world: World, status: str, many: int) -> None:
    begun = monotonic()
    while await counted(world, status) < many:
        assert monotonic() - begun < 500, "they don't come so far"
        await asyncio.sleep(0.05)


async def slept(town: Town, many: int) -> tuple[float, float]:
    """MB that the worker has grown by, seconds until all slept."""
    process, world = psutil.Process(), town.world
    async with town.working():
        await begin(world, "sleep_on_it", ["the first"])
        await until(world, "waiting", 1)
        before, begun = process.memory_info().rss, monotonic()
        for n in range(0, many, 500):
            await begin(world, "sleep_on_it", [f"r{n + m}" for m in range(500)])
        await until(world, "waiting", many + 1)
        return (process.memory_info().rss - before) / (1 << 20), monotonic() - begun


async def main(many: int) -> None:
    with own_postgres() as postgres:
        async with world_on(postgres.get_uri()) as world:
            town = town_of(world)
            client = await town.as_(STAFF)
            for text in (SLEEP, AWAKE):
                await deploy(client, text, owner=str(PLATFORM))
            grown, took = await slept(town, many)
            other = town_of(world)
            begun = monotonic()
            async with other.working():
                await begin(world, "say_it", ["Bo"])
                await until(world, "done", 1)
                first = monotonic() - begun
    sys.stdout.write(
        f"{many:,} runs asleep after {took:.0f} s: {grown:.1f} MB more in the worker;"
        f" a new worker among them has done its first run after {first * 1000:.0f} ms\n"
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
