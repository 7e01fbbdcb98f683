"""Workers that are killed at every boundary of a step lose nothing and double nothing."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import JsonValue

from one.clock import monotonic
from one.runtime.durable import Start, start
from one.store.runs import ENDED
from tests.world import STAFF, World

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
PLACES = [
    *("before charge", "after charge", "before mint", "after mint"),
    *("before sale", "after sale", "before burn", "after burn", "before refund", "after refund"),
]


class Workers:
    """Processes that are started anew when they die of what a program does."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.running: list[subprocess.Popen[str]] = []
        self.deaths = 0

    def add(self) -> subprocess.Popen[str]:
        database = self.world.desk.database
        told = [database.dsn, database.schema, str(self.world.space)]
        command = [sys.executable, "-m", "tests.stories.durable", *told]
        made = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert made.stdout is not None
        assert made.stdout.readline() == "works\n"
        self.running.append(made)
        return made

    def kill(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        self.running.remove(process)

    def revive(self) -> None:
        for process in [each for each in self.running if each.poll() is not None]:
            self.deaths += 1
            self.kill(process)
            self.add()


@contextmanager
def workers(world: World, many: int) -> Generator[Workers]:
    made = Workers(world)
    try:
        for _ in range(many):
            made.add()
        yield made
    finally:
        for process in list(made.running):
            made.kill(process)


async def begin(world: World, digest: str, **input: JsonValue) -> UUID:
    async with world.write() as store:
        run = Start(feature=digest, digest=digest, author=STAFF, input=input)
        return await start(store.session, run)


async def until_over(world: World, made: Workers, seconds: float = 300) -> Counter[str]:
    """How many runs ended in which way, once all have."""
    until = monotonic() + seconds
    while True:
        made.revive()
        async with world.read() as store:
            records = await store.session.tx.rows(
                "SELECT status, count(*) FROM runs WHERE space_id = %(s)s GROUP BY 1",
                {"s": world.space},
            )
        found = Counter({str(status): int(str(many)) for status, many in records})
        if set(found) <= set(ENDED):
            return found
        assert monotonic() < until, found
        await asyncio.sleep(0.05)


async def words(world: World, thing: UUID) -> Counter[str]:
    async with world.read() as store:
        records = await store.session.tx.rows(
            "SELECT session_id FROM events WHERE entity_id = %(id)s AND session_id IS NOT NULL",
            {"id": thing},
        )
    return Counter(str(record[0]) for record in records)


async def test_two_workers_one_killed_lose_and_double_nothing(world: World) -> None:
    thing = (await world.course()).id
    names = [f"r{n}" for n in range(40)]
    with workers(world, 2) as made:
        for name in names:
            await begin(world, "straight", thing=str(thing), name=name, pause=0.05)
        await asyncio.sleep(0.15)
        made.kill(made.running[0])
        assert await until_over(world, made) == Counter(done=40)
    assert await words(world, thing) == Counter(
        f"{name}-{n}" for name in names for n in (1, 2, 3, 4, 6)
    )


async def test_a_purchase_balances_wherever_its_worker_is_killed(
    world: World, tmp_path: Path
) -> None:
    thing = (await world.course()).id
    bought: list[str] = []
    refused: list[str] = []
    with workers(world, 1) as made:
        for n, place in enumerate(PLACES):
            for refuse in (False, True):
                name = f"{'refused' if refuse else 'bought'}{n}"
                (refused if refuse else bought).append(name)
                flag = str(tmp_path / name)
                await begin(
                    world,
                    "purchase",
                    thing=str(thing),
                    name=name,
                    refuse=refuse,
                    die=place,
                    flag=flag,
                    unknown=("", "charge", "mint")[n % 3],
                )
        many = len(PLACES)
        assert await until_over(world, made) == Counter(done=many, failed=many)
        assert made.deaths > 8
    wanted = Counter(f"{name}-{word}" for name in bought for word in ("charge", "mint", "sale"))
    wanted += Counter(
        f"{name}-{word}" for name in refused for word in ("charge", "mint", "burn", "refund")
    )
    assert await words(world, thing) == wanted


async def test_a_run_that_kills_its_worker_is_given_up(world: World) -> None:
    with workers(world, 1) as made:
        thing = (await world.course()).id
        run = await begin(world, "purchase", thing=str(thing), name="x", die="always", flag="")
        assert await until_over(world, made) == Counter(dead=1)
    async with world.read() as store:
        record = await store.session.tx.row(
            "SELECT reason FROM runs WHERE space_id = %(s)s AND id = %(r)s",
            {"s": world.space, "r": run},
        )
    assert record == ("its worker was lost or broke 5 times in a row here",)
