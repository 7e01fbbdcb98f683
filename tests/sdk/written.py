"""Features from their text to their code, run in the world of a test."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import cast
from uuid import UUID

import anyio
import orjson
from pydantic import JsonValue

from one.clock import new_id
from one.compiler import FeatureReport, check_text
from one.compiler.emit import emit
from one.compiler.sheet import Sheet, sheet_of
from one.errors import NotFound
from one.providers.base import Books, Stage, standins
from one.providers.stripe.payments import in_process
from one.runtime import Context, Deployment
from one.runtime.durable import Engine, Program, Start, Which, Worker
from one.sandbox import Sandbox
from one.sdk import Feature
from one.sdk.standing import Standing
from one.sdk.starting import durably, run_now
from one.settings import Settings
from one.store import Viewer
from one.store.journal import entries_of
from one.store.runs import ENDED
from one.store.runs import Run as Kept
from one.store.sales import Asked, Sale, sales
from tests.compiler.world import vocabulary
from tests.runtime.durable import QUICK, Shelf
from tests.world import World, id_of

Answer = dict[str, JsonValue]


@dataclass(frozen=True)
class Written:
    """A feature as it comes from its text."""

    report: FeatureReport
    module: str
    feature: Feature
    sheet: Sheet

    def with_runner(self, given: Answer, runner: Viewer) -> Answer:
        """The person that is whoever runs it is filled in, as the door does."""
        name = self.sheet.runs.runner
        return {name: str(id_of(runner)), **given} if name else given

    @property
    def program(self) -> Program:
        return Program(durably(self.feature, self.sheet), self.report.lines)


def written(text: str) -> Written:
    """The only feature of a text, which has no fault."""
    report = check_text(text, vocabulary()).features[0]
    assert report.outcome in ("compiled", "assumptions"), [str(d) for d in report.diagnostics]
    return _made(report, text)


def written_all(text: str) -> list[Written]:
    """Every feature of a text that has no fault."""
    reports = check_text(text, vocabulary()).features
    return [_made(one, text) for one in reports if one.outcome in ("compiled", "assumptions")]


def _made(report: FeatureReport, text: str) -> Written:
    made = emit(report.program, vocabulary(), text=text, lines=report.lines)
    module = ModuleType(made.slug)
    exec(compile(made.module, f"{made.slug}.py", "exec"), vars(module))
    feature = cast("Feature", vars(module)[made.slug])
    return Written(report, made.module, feature, sheet_of(report.program, vocabulary()))


def deployed(world: World, stage: Stage) -> Deployment:
    """What has the services' stand-ins, and the payments sandbox, with the same faults."""
    sandbox = Sandbox(world.desk.database, world.desk.clock, space=world.space)
    paid = in_process(sandbox, (), faults=stage.faults)
    return Deployment(Settings(mode="test"), world.desk, standins(stage), payments=paid)


@dataclass
class Players:
    """A world with an author, somebody who runs what they wrote, and stand-ins for services."""

    world: World
    author: Viewer
    runner: Viewer
    deployment: Deployment
    books: Books

    @classmethod
    async def made(cls, world: World) -> "Players":
        author = await world.person("creator", "Ana")
        runner = await world.person("audience_member", "Finn")
        stage = Stage(clock=world.desk.clock)
        return cls(world, author, runner, deployed(world, stage), stage.books)

    async def run(self, text: str, *, by: Viewer | None = None, **given: JsonValue) -> Answer:
        """What a feature of data commands answers; all it did is committed."""
        made, runner = written(text), by or self.runner
        assert not made.feature.durable, "this one waits or calls"
        values = made.feature.read(orjson.dumps(made.with_runner(given, runner)))
        standing = Standing(self.author, new_id(), made.sheet, called=True, runner=id_of(runner))
        async with self.world.write(self.author) as store:
            ctx = Context(store, self.author, self.world.space, self.deployment)
            return await run_now(made.feature, ctx, given=values, standing=standing)

    async def sales(self) -> list[Sale]:
        """What was bought or charged, the first first."""
        async with self.world.read() as store:
            return [*reversed(await sales(store.session, Asked(limit=100)))]

    async def refunds(self) -> int:
        """How often money was given back, as it is booked."""
        async with self.world.read() as store:
            entries = [
                one.entry.kind
                for sale in await self.sales()
                for one in await entries_of(store.session, "sandbox", sale=sale.id)
            ]
        return entries.count("refund")

    @asynccontextmanager
    async def working(self, *texts: str) -> AsyncGenerator["Working"]:
        """A worker that knows features; their digests are their slugs."""
        async with self.working_with(*map(written, texts)) as working:
            yield working

    @asynccontextmanager
    async def working_with(self, *features: Written) -> AsyncGenerator["Working"]:
        """The same of features that were read before."""
        working = Working(self, {made.feature.slug: made for made in features})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(working.engine.worker.run)
            yield working
            tasks.cancel_scope.cancel()


class Working:
    """Durable features at work."""

    def __init__(self, players: Players, known: dict[str, Written]) -> None:
        self.players, self.known = players, known
        worker = Worker(players.deployment, self._load, lease=QUICK, idle=0.05)
        self.engine = Engine(players.deployment, self._load, worker=worker)
        self.shelf = Shelf(players.world)

    async def _load(self, which: Which) -> Program:
        if which.digest not in self.known:
            raise NotFound(which.digest)
        return self.known[which.digest].program

    async def begin(self, *, by: Viewer | None = None, **given: JsonValue) -> UUID:
        """Begins a run of the first feature."""
        slug = next(iter(self.known))
        start = Start(
            feature=slug,
            digest=slug,
            author=self.players.author,
            input=given,
            runner=id_of(by or self.players.runner),
        )
        return await self.engine.start(self.players.world.space, start)

    async def run(self, *, by: Viewer | None = None, **given: JsonValue) -> Kept:
        """A run of the first feature, once it is over."""
        return await self.shelf.ended(self.engine, await self.begin(by=by, **given))

    async def set_off(self, made: Written) -> UUID:
        """A run as a change or a time begins it."""
        world, runner = self.players.world, id_of(self.players.runner)
        trigger = made.report.program.trigger
        about = await world.thing(
            (trigger.entity_type if trigger else None) or "course", by=self.players.author
        )
        row: Answer = {"id": str(about.id), "from": str(runner), "to": str(about.id)}
        row |= {"entity": str(about.id), "actor": str(runner), "metadata": {}}
        start = Start(
            feature=made.feature.slug,
            digest=made.feature.slug,
            author=self.players.author,
            input={"kind": "events", "row": row, "actor": str(runner)},
        )
        return await self.engine.start(world.space, start)

    async def rested(self, run: UUID) -> Kept:
        """A run once it is over, sleeps or has stopped."""
        with anyio.fail_after(30):
            while True:
                found = await self.shelf.kept(run)
                if found.status in (*ENDED, "stopped", "waiting"):
                    return found
                await anyio.sleep(0.02)
