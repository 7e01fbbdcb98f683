"""The change log: how soon a commit is seen by those who follow, and what the log costs writes.

Writers and the reader are in this process, the sequencer in one of its own. For the cost, the same
verbs run in turn with the log and with the log's part cut out of every statement.
"""

import asyncio
import multiprocessing
import re
import tempfile
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

import uvloop

from bench import Row
from one.app import App, build
from one.clock import monotonic
from one.settings import Settings
from one.store import DEFAULT_SPACE, PLATFORM, Database, Draft, Happening, Patch, Viewer
from one.store.changes import changes_after, last_position
from one.store.database import Params, Record, Transaction
from one.store.sequencer import Sequencer, channel

OWNER = Viewer(PLATFORM, "staff")
WRITERS, ROUNDS = 8, 7
SLOWEST, DEAREST = 250.0, 1.5
_START = 2.0  # what a process takes to begin
_LOGGED = "c AS (INSERT INTO change_queue"


def rows(full: bool) -> Iterable[Row]:
    with tempfile.TemporaryDirectory(prefix="one-bench-") as folder:
        Path(folder).chmod(0o755)  # run as root, PostgreSQL is another user
        seconds, writes = (20, 2_000) if full else (5, 400)
        yield from uvloop.run(_measure(Settings(data=Path(folder)), seconds, writes))


async def _measure(settings: Settings, seconds: int, writes: int) -> list[Row]:
    async with build(settings) as app:
        found: list[Row] = []
        with _sequencer(app.desk.database):
            await asyncio.sleep(_START)
            for rate in (200, 500):
                waits = await _waits(app, rate, seconds)
                p50, p95 = median(waits), quantiles(waits, n=20)[-1]
                words = f"p50 {p50:.0f}, p95 {p95:.0f} ms ({len(waits) / seconds:,.0f}/s)"
                path = f"commit to news at {rate} changes/s"
                found.append(Row(path, "-", words, f"p95 < {SLOWEST:.0f} ms", p95 < SLOWEST))
        for name, verb in (("create", _create), ("update", _update), ("record", _record)):
            ratio, rate = await _cost(app, verb, writes)
            words = f"{ratio:.2f} x ({rate:,.0f}/s with it)"
            bar = f"≤ {DEAREST} x"
            found.append(Row(f"{name} with the log", "without", words, bar, ratio <= DEAREST))
        return found


def _work(url: str, schema: str) -> None:
    uvloop.run(Sequencer(Database(url, schema)).run())


@contextmanager
def _sequencer(database: Database) -> Generator[None]:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_work, args=(database.dsn, database.schema), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


async def _waits(app: App, rate: int, seconds: int) -> list[float]:
    """Milliseconds from each event's commit to its news, at so many a second."""
    committed: dict[UUID, float] = {}
    seen: dict[UUID, float] = {}
    thing = await _create(app, 0)

    async def write(writer: int) -> None:
        pause, began = WRITERS / rate, monotonic() + writer / rate
        for n in range(rate * seconds // WRITERS):
            await asyncio.sleep(max(0, began + n * pause - monotonic()))
            async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
                event = await store.record(Happening("content_viewed", thing, {}))
            committed[event.id] = monotonic()

    reader = asyncio.ensure_future(_read(app, seen))
    await asyncio.sleep(1)
    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    await asyncio.sleep(1)
    reader.cancel()
    return [max(0.0, seen[id] - at) * 1_000 for id, at in committed.items()]


async def _read(app: App, seen: dict[UUID, float]) -> None:
    """Follows the log as the followers' hub does: woken by the sequencer."""
    database = app.desk.database
    connection = await database.connect()
    await connection.execute(f'LISTEN "{channel(database.schema)}"'.encode())
    async with database.read() as tx:
        position = await last_position(tx, DEFAULT_SPACE)
    while True:
        async for _ in connection.notifies(timeout=0.25, stop_after=1):
            pass
        async with database.read(snapshot=False) as tx:
            for change in await changes_after(tx, DEFAULT_SPACE, position, limit=10_000):
                seen.setdefault(change.row_id, monotonic())
                position = change.position


async def _create(app: App, n: int) -> UUID:
    async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
        draft = Draft("course", f"Course {n}", {"summary": "A summary."}, "published")
        return (await store.create(draft)).id


async def _update(app: App, n: int) -> None:
    thing = await _some(app, n)
    async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
        await store.update(thing, Patch(properties={"summary": f"Summary {monotonic()}"}))


async def _record(app: App, n: int) -> None:
    async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
        await store.record(Happening("content_viewed", await _some(app, n), {}))


_things: list[UUID] = []


async def _some(app: App, n: int) -> UUID:
    while len(_things) < WRITERS:
        _things.append(await _create(app, n))
    return _things[n % WRITERS]


async def _cost(
    app: App, verb: Callable[[App, int], Awaitable[object]], writes: int
) -> tuple[float, float]:
    """The time of as many writes with the log, by that without; and how many a second with it."""
    ratios, rates = list[float](), list[float]()
    for turn in range(ROUNDS):
        taken = dict[bool, float]()
        for logged in (turn % 2 == 0, turn % 2 == 1):
            if logged:
                with _sequencer(app.desk.database):
                    await asyncio.sleep(_START)
                    taken[logged] = await _rush(app, verb, writes)
            else:
                with _unlogged():
                    taken[logged] = await _rush(app, verb, writes)
        ratios.append(taken[True] / taken[False])
        rates.append(writes / taken[True])
    return median(ratios), median(rates)


async def _rush(app: App, verb: Callable[[App, int], Awaitable[object]], writes: int) -> float:
    async def write(writer: int) -> None:
        for _ in range(writes // WRITERS):
            await verb(app, writer)

    began = monotonic()
    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    return monotonic() - began


@contextmanager
def _unlogged() -> Generator[None]:
    """Every statement without its part of the log."""
    row, rows = Transaction.row, Transaction.rows

    async def one(self: Transaction, sql: str, params: Params | None = None) -> Record | None:
        return await row(self, _without(sql), params)

    async def many(self: Transaction, sql: str, params: Params | None = None) -> list[Record]:
        return await rows(self, _without(sql), params)

    Transaction.row, Transaction.rows = one, many
    try:
        yield
    finally:
        Transaction.row, Transaction.rows = row, rows


@cache
def _without(sql: str) -> str:
    start = sql.find(_LOGGED)
    if start < 0:
        return sql
    at, depth = sql.index("(", start), 0
    for end in range(at, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[end], 0)
        if not depth:
            break
    else:
        raise ValueError("a statement's parentheses don't match")
    head, tail = sql[:start].rstrip(), sql[end + 1 :]
    cut = head.removesuffix(",") + tail if head.endswith(",") else head + " " + tail.lstrip(" ,")
    return re.sub(r"\s+", " ", cut)
