"""What the tests of durable runs share: programs by name, engines, and runs brought to rest."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import anyio
from pydantic import JsonValue

from one.errors import NotFound
from one.runtime import Context, Deployment
from one.runtime.durable import Engine, Main, Program, Run, Start, Which, Worker
from one.settings import Settings
from one.store import Happening
from one.store.history import find_run
from one.store.runs import ENDED
from one.store.runs import Run as Kept
from one.store.steps import Step, journal_of
from tests.world import STAFF, World

QUICK = timedelta(seconds=0.6)


@dataclass
class Shelf:
    """Programs by their digest, for a world."""

    world: World
    programs: dict[str, Program] = field(default_factory=dict[str, Program])

    async def load(self, which: Which) -> Program:
        if which.digest not in self.programs:
            raise NotFound(which.digest)
        return self.programs[which.digest]

    @property
    def deployment(self) -> Deployment:
        return Deployment(Settings(mode="test"), self.world.desk)

    def put(self, digest: str, main: Main, lines: Mapping[str, int] | None = None) -> None:
        self.programs[digest] = Program(main, lines or {})

    def engine(self, lease: timedelta = QUICK) -> Engine:
        worker = Worker(self.deployment, self.load, lease=lease, idle=0.05)
        return Engine(self.deployment, self.load, worker=worker)

    @asynccontextmanager
    async def working(self, lease: timedelta = QUICK) -> AsyncGenerator[Engine]:
        engine = self.engine(lease)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(engine.worker.run)
            yield engine
            tasks.cancel_scope.cancel()

    async def ended(self, engine: Engine, run: UUID, seconds: float = 20) -> Kept:
        """A run once it is over."""
        with anyio.fail_after(seconds):
            while True:
                found = await engine.come_to_rest(
                    self.world.space, run, viewer=STAFF, seconds=seconds
                )
                if found.status in ENDED:
                    return found
                await anyio.sleep(0.02)

    async def become(self, run: UUID, status: str) -> None:
        """Waits until a run has a status."""
        with anyio.fail_after(20):
            while (await self.kept(run)).status != status:  # noqa: ASYNC110 # in the database
                await anyio.sleep(0.02)

    async def reach(self, run: UUID, path: str) -> None:
        """Waits until a run has come to a place."""
        with anyio.fail_after(20):
            while path not in {step.path for step in await self.journal(run)}:  # noqa: ASYNC110 # in the database
                await anyio.sleep(0.02)

    async def kept(self, run: UUID) -> Kept:
        async with self.world.read() as store:
            return await find_run(store.session, run)

    async def journal(self, run: UUID) -> list[Step]:
        async with self.world.read() as store:
            return await journal_of(store.session.tx, self.world.space, run=run)


def begins(digest: str, **input: JsonValue) -> Start:
    return Start(feature="test", digest=digest, author=STAFF, input=input)


async def mark(run: Run, path: str, thing: UUID, word: str) -> JsonValue:
    """A step that leaves one event."""

    async def act(ctx: Context) -> JsonValue:
        made = await ctx.store.record(Happening("content_viewed", thing, {}, session=word))
        return str(made.id)

    return await run.step(path, act, operation="mark", given=word)


async def marks(world: World, thing: UUID) -> list[str]:
    """The words that steps have left, in order."""
    async with world.read() as store:
        records = await store.session.tx.rows(
            "SELECT session_id FROM events WHERE entity_id = %(id)s AND type = 'content_viewed'"
            " ORDER BY recorded_at, id",
            {"id": thing},
        )
    return [str(record[0]) for record in records]
