"""Durable runs: what a step costs beside the plain transaction, runs a second, sleepers."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from pathlib import Path

import psutil
import uvloop
from pydantic import JsonValue

from bench import Row
from bench._measure import compared, timed
from one.app import App, build
from one.clock import monotonic
from one.errors import NotFound
from one.runtime import Context
from one.runtime.durable import Engine, Program, Run, Start, Which, Worker, start
from one.runtime.durable.execution import Execution
from one.settings import Settings
from one.store import DEFAULT_SPACE, PLATFORM, Happening, Viewer
from one.store import runs as stored

OWNER = Viewer(PLATFORM, "staff")
DEAREST, HEAVIEST = 1.8, 60.0
LEASE = timedelta(seconds=60)
Input = dict[str, JsonValue]
Work = Callable[[int], Awaitable[None]]


def rows(full: bool) -> Iterable[Row]:
    with tempfile.TemporaryDirectory(prefix="one-bench-") as folder:
        Path(folder).chmod(0o755)  # run as root, PostgreSQL is another user
        yield from uvloop.run(_measure(Settings(data=Path(folder), demo=False), full))


async def _measure(settings: Settings, full: bool) -> list[Row]:
    async with build(settings) as app:
        return [
            await _step(app, 200 if full else 60),
            await _short(app, 2_000 if full else 400),
            *await _sleepers(app, 10_000),
        ]


async def _write(ctx: Context) -> JsonValue:
    made = await ctx.store.record(Happening("content_viewed", PLATFORM, {}))
    return str(made.id)


async def _steps(run: Run, input: Input) -> JsonValue:
    for n in range(int(str(input["steps"]))):
        await run.step(str(n), _write, operation="record")
    return None


async def _sleep(run: Run, input: Input) -> JsonValue:
    del input
    await run.wait("1", timedelta(days=1))
    return None


PROGRAMS = {"steps": Program(_steps), "sleep": Program(_sleep)}


async def _load(which: Which) -> Program:
    if which.digest not in PROGRAMS:
        raise NotFound(which.digest)
    return PROGRAMS[which.digest]


def _begins(digest: str, **input: JsonValue) -> Start:
    return Start(feature="bench", digest=digest, author=OWNER, input=input)


async def _step(app: App, times: int) -> Row:
    """The marginal step, five against one, beside five and one plain transactions."""
    desk = app.desk

    async def ours(steps: int) -> None:
        begins = _begins("steps", steps=steps)
        async with desk.write(DEFAULT_SPACE, OWNER) as store:
            now = store.session.now
            id, _ = await stored.start(store.session, begins, owner="bench", lease=LEASE)
        lease = stored.held(DEFAULT_SPACE, id, run=begins, created_at=now)
        await Execution(app.deployment, _load, lease=lease).work()

    async def theirs(steps: int) -> None:
        for _ in range(steps):
            async with desk.write(DEFAULT_SPACE, OWNER) as store:
                await store.record(Happening("content_viewed", PLATFORM, {}))

    async def marginal(work: Work) -> float:
        async def five(at: int) -> None:
            del at
            await work(5)

        async def one(at: int) -> None:
            del at
            await work(1)

        return (await timed(five, times=times)() - await timed(one, times=times)()) / 4

    found = await compared(lambda: marginal(ours), lambda: marginal(theirs))
    words = f"{found} x ({found.ours * 1000:.2f} ms)"
    name = "an exactly-once step"
    return Row(name, "the plain transaction", words, f"≤ {DEAREST} x", found.middle <= DEAREST)


async def _short(app: App, many: int) -> Row:
    """Runs of one step, begun by 16 callers who wait for the end."""
    engine = Engine(app.deployment, _load)
    working = asyncio.ensure_future(engine.worker.run())
    left = iter(range(many))

    async def caller() -> None:
        for _ in left:
            run = await engine.start(DEFAULT_SPACE, _begins("steps", steps=1))
            await engine.come_to_rest(DEFAULT_SPACE, run, viewer=OWNER, seconds=30)

    begun = monotonic()
    await asyncio.gather(*(caller() for _ in range(16)))
    rate = many / (monotonic() - begun)
    working.cancel()
    await asyncio.wait([working])
    return Row("runs of one step, 16 callers", "-", f"{rate:,.0f}/s", "> 100/s", rate > 100)


async def _sleepers(app: App, many: int) -> list[Row]:
    """Memory that sleeping runs take, and what a worker does when it begins among them."""
    process = psutil.Process()
    worker = Worker(app.deployment, _load)
    working = asyncio.ensure_future(worker.run())
    before = process.memory_info().rss
    for _ in range(many // 500):
        async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
            for _ in range(500):
                await start(store.session, _begins("sleep"))
    begun = monotonic()
    while await _counted(app, "waiting") < many:
        await asyncio.sleep(0.2)
        assert monotonic() - begun < 300, "the runs don't go to sleep"
    grown = (process.memory_info().rss - before) / (1 << 20)
    working.cancel()
    await asyncio.wait([working])
    engine = Engine(app.deployment, _load)
    begun = monotonic()
    working = asyncio.ensure_future(engine.worker.run())
    async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
        run = await start(store.session, _begins("steps", steps=1))
    found = await engine.come_to_rest(DEFAULT_SPACE, run, viewer=OWNER, seconds=30)
    took = monotonic() - begun
    working.cancel()
    await asyncio.wait([working])
    return [
        Row(
            f"memory of {many:,} sleeping runs",
            "-",
            f"{grown:.0f} MB",
            f"< {HEAVIEST:.0f} MB",
            grown < HEAVIEST,
        ),
        Row(
            f"a new worker among {many:,}: first run done",
            "-",
            f"{took * 1000:.0f} ms",
            "< 1 s",
            found.status == "done" and took < 1,
        ),
    ]


async def _counted(app: App, status: str) -> int:
    async with app.desk.database.read(snapshot=False) as tx:
        record = await tx.row(
            "SELECT count(*) FROM runs WHERE space_id = %(s)s AND status = %(status)s",
            {"s": DEFAULT_SPACE, "status": status},
        )
    return int(str(record[0])) if record else 0
