"""Every committed change gets its position: once, in order, whatever is killed or held open."""

import asyncio
import multiprocessing
import random
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from one.clock import monotonic, new_id
from one.store import Happening, Patch
from one.store import sequencer as sequencing
from one.store.changes import Change, changes_after, last_position, oldest_position
from one.store.database import Connection, Database
from one.store.sequencer import Sequencer, forget, stamp
from tests.world import World

pytestmark = pytest.mark.anyio

KILLS, READERS, WRITERS = 50, 20, 8
ROUNDS, A_ROUND = 60, 0.08  # of each writer: five changes, so 500 a second in all


@pytest.fixture
async def connection(world: World) -> AsyncGenerator[Connection]:
    connection = await world.desk.database.connect()
    yield connection
    await connection.close()


async def stamp_all(connection: Connection) -> None:
    while await stamp(connection, "test"):
        pass


async def changes(world: World, after: int = 0, limit: int = 10_000) -> list[Change]:
    async with world.desk.database.read(snapshot=False) as tx:
        return await changes_after(tx, world.space, after, limit=limit)


def work(url: str, schema: str) -> None:
    """A sequencer in a process of its own."""
    asyncio.run(Sequencer(Database(url, schema)).run())


@contextmanager
def sequencer(world: World) -> Generator[None]:
    """One that is killed without warning in the end."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.test_sequencer"])
    database = world.desk.database
    process = context.Process(target=work, args=(database.dsn, database.schema), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


async def write(world: World, shared: UUID) -> int:
    """A writer's own thing and the shared one, changed in turn; how many changes it made."""
    own = (await world.course()).id
    for n in range(ROUNDS):
        began = monotonic()
        async with world.write() as store:
            await store.update(own, Patch(properties={"x_n": n}))
            await store.update(shared, Patch(increment={"x_n": 1}))
        async with world.write() as store:
            await store.record(Happening("content_viewed", own, {}))
        await asyncio.sleep(max(0, A_ROUND - (monotonic() - began)))
    return 3 + 5 * ROUNDS


async def read(world: World, chance: random.Random, done: asyncio.Event) -> list[Change]:
    """All that a reader saw who came and went, each time from the last position it knew."""
    seen: list[Change] = []
    while True:
        finished = done.is_set()
        page = await changes(world, seen[-1].position if seen else 0, chance.randint(1, 400))
        seen += page
        if finished and not page:
            return seen
        await asyncio.sleep(chance.random() * 0.3)


async def drained(connection: Connection, world: World) -> None:
    sql = b"SELECT count(*) FROM change_queue WHERE space_id = %s"
    while True:
        record = await (await connection.execute(sql, (world.space,))).fetchone()
        if record == (0,):
            return
        await asyncio.sleep(0.02)


async def test_killed_fifty_times_it_loses_doubles_and_disorders_nothing(
    world: World, connection: Connection
) -> None:
    chance, done = random.Random(5), asyncio.Event()
    shared = (await world.thing("course", status="published", x_n=0)).id
    readers = [asyncio.ensure_future(read(world, random.Random(n), done)) for n in range(READERS)]
    writers = asyncio.gather(*(write(world, shared) for _ in range(WRITERS)))
    for _ in range(KILLS):
        with sequencer(world):
            await asyncio.sleep(0.03 + chance.random() * 0.12)
    with sequencer(world):
        written = 3 + sum(await writers)
        await asyncio.wait_for(drained(connection, world), 10)
        done.set()
        seen = await asyncio.gather(*readers)
    first = seen[0]
    assert [change.position for change in first] == list(range(1, written + 1))
    assert all(other == first for other in seen)
    versions: dict[UUID, list[int]] = {}
    for change in first:
        versions.setdefault(change.row_id, []).append(change.version)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in versions.values())
    assert len(versions[shared]) == 1 + WRITERS * ROUNDS


async def test_an_open_transaction_holds_nobody_up(world: World, connection: Connection) -> None:
    held = await world.course()
    async with world.write() as store:
        await store.update(held.id, Patch(name="Held"))
        later = await world.course()
        await stamp_all(connection)
        before = await changes(world)
        assert later.id in {change.row_id for change in before}
        assert (held.id, 2) not in {(change.row_id, change.version) for change in before}
    await stamp_all(connection)
    after = await changes(world, before[-1].position)
    assert [(c.kind, c.version) for c in after] == [("entities", 2), ("events", 1)]


async def test_what_a_purge_holds_is_passed_over(world: World, connection: Connection) -> None:
    held, later = await world.course(), await world.course()
    async with world.desk.database.write() as tx:
        await tx.run(
            "UPDATE change_queue SET before = NULL WHERE space_id = %(space)s AND row_id = %(id)s",
            {"space": world.space, "id": held.id},
        )
        await asyncio.wait_for(stamp_all(connection), 5)
        assert later.id in {change.row_id for change in await changes(world)}
    await stamp_all(connection)
    assert held.id in {change.row_id for change in await changes(world)}


async def test_versions_keep_their_order_whatever_the_clocks_said(
    world: World, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, early, late = new_id(), new_id(), new_id()
    async with world.desk.database.write() as tx:
        for id, version in ((late, 2), (early, 3)):
            await tx.run(
                "INSERT INTO change_queue (space_id, id, kind, row_id, row_type, version, at)"
                " VALUES (%(space)s, %(id)s, 'entities', %(row)s, 'course', %(version)s, now())",
                {"space": world.space, "id": id, "row": row, "version": version},
            )
    monkeypatch.setattr(sequencing, "BATCH", 1)
    await stamp_all(connection)
    assert [change.version for change in await changes(world)] == [2, 3]


async def test_each_space_counts_for_itself(world: World, connection: Connection) -> None:
    other = await world.neighbour()
    for some in (world, other, world):
        await some.course()
    await stamp_all(connection)
    for some, many in ((world, 6), (other, 3)):
        found = [change.position for change in await changes(some)]
        assert found == list(range(1, many + 1))


async def test_what_is_forgotten_is_gone_and_the_rest_has_no_holes(
    world: World, connection: Connection
) -> None:
    database, space = world.desk.database, world.space
    for _ in range(3):
        await world.course()
    await stamp_all(connection)
    cut = (await changes(world))[3].at  # each course is a thing, an event and an ownership
    assert await forget(database, space, before=cut) == 3
    left = [change.position for change in await changes(world)]
    assert left
    assert all(two == one + 1 for one, two in pairwise(left))
    async with database.read() as tx:
        assert await oldest_position(tx, space) == left[0] - 1
    async with database.write() as tx:
        await tx.run(
            "INSERT INTO marks (space_id, reader, position, updated_at)"
            " VALUES (%(space)s, 'search', %(position)s, now())",
            {"space": space, "position": left[1]},
        )
    await forget(database, space, before=cut + timedelta(days=1))
    async with database.read() as tx:
        assert await oldest_position(tx, space) == left[1]
        assert await last_position(tx, space) == left[-1]
