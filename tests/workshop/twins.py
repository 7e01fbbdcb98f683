"""One feature played twice in worlds that are alike: as the code written for it, and walked
through as it stands. What came of it is told without ids and times, so that it can be compared.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import ModuleType
from typing import cast
from uuid import UUID

import anyio
import orjson
from pydantic import JsonValue

from one.clock import Clock, new_id
from one.compiler.emit import emit
from one.compiler.program import Program
from one.compiler.sheet import Sheet, sheet_of
from one.errors import Invalid, NotFound, OneError
from one.providers.base import Stage, standins
from one.runtime import Context, Deployment, durable
from one.runtime.durable import Engine, Start, Worker
from one.sdk import Feature, Money, Thing
from one.sdk.consent import Unsaid
from one.sdk.feature import Field
from one.sdk.standing import Standing
from one.sdk.starting import durably, run_now
from one.sdk.values import plain
from one.settings import Settings
from one.store import Desk, Move, Store, Viewer
from one.store.runs import ENDED
from one.workshop.simulate import interpreted
from tests.compiler.world import vocabulary
from tests.runtime.durable import Shelf
from tests.world import World, id_of

LINES = {"flow": 1}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|\+00:00)?|\d{8}T\d{6}Z")
_REFERENCE = re.compile(r"([a-z]_|0x|\b)[0-9a-f]{10,}\b")
_JUMPS = 40


def coded(program: Program) -> Feature:
    """The feature as the code that is written for it."""
    made = emit(program, vocabulary(), lines={})
    module = ModuleType(made.slug)
    exec(compile(made.module, f"{made.slug}.py", "exec"), vars(module))
    return cast("Feature", vars(module)[made.slug])


@dataclass
class Outcome:
    """What came of a run: how it ended, and every row of its space."""

    ended: JsonValue
    rows: list[str] = field(default_factory=list[str])


async def both(desk: Desk, program: Program, *, by_author: bool) -> tuple[Outcome, Outcome]:
    """What comes of the code, and of the walk."""
    walked = interpreted(program, vocabulary())
    return (
        await played(desk, program, coded(program), by_author=by_author),
        await played(desk, program, walked, by_author=by_author),
    )


async def played(
    desk: Desk, program: Program, feature: Feature, *, by_author: bool = False
) -> Outcome:
    """A run of the feature in a world of its own, with a clock that can jump."""
    clock = Clock()
    world = await World.made(desk.with_clock(clock))
    stage = await Scene.made(world)
    runner = stage.author if by_author else stage.fan
    given = await stage.given(feature, program)
    deployment = Deployment(Settings(mode="test"), world.desk, standins(Stage(clock=clock)))
    sheet = sheet_of(program, vocabulary())
    if feature.durable or program.trigger is not None:
        main = durable.Program(durably(feature, sheet), LINES)
        ended = await Playing(world, deployment, clock, main).run(stage, given, runner)
    else:
        values = feature.read(orjson.dumps(given))
        standing = Standing(stage.author, new_id(), sheet, called=True, runner=id_of(runner))
        try:
            async with world.write(stage.author) as store:
                ctx = Context(store, stage.author, world.space, deployment)
                ended = await run_now(feature, ctx, given=values, standing=standing)
        except OneError as refused:
            ended = {"error": refused.message, "code": refused.details.get("code")}
        except Unsaid as unsaid:
            ended = dict[str, JsonValue](asks=unsaid.wanted.question.words)
    return await told(world, ended)


class _Undone(Exception):
    """Nothing of it is to stay."""


async def tried(stage: "Scene", program: Program, *features: Feature) -> list[Outcome]:
    """What comes of each feature, of data commands, in a transaction that leaves nothing behind."""
    sheet = sheet_of(program, vocabulary())
    return [await _tried(stage, program, sheet, each) for each in features]


async def _tried(stage: "Scene", program: Program, sheet: Sheet, feature: Feature) -> Outcome:
    world, came = stage.world, Outcome(None)
    deployment = Deployment(Settings(mode="test"), world.desk)
    values = feature.read(orjson.dumps(await stage.given(feature, program)))
    runner = id_of(stage.author)
    standing = Standing(stage.author, new_id(), sheet, called=True, runner=runner)
    try:
        async with world.write(stage.author) as store:
            ctx = Context(store, stage.author, world.space, deployment)
            ended = await run_now(feature, ctx, given=values, standing=standing)
            came = await rows_of(store, ended)
            raise _Undone
    except OneError as refused:
        return Outcome({"error": refused.message, "code": refused.details.get("code")})
    except Unsaid as unsaid:
        return Outcome({"asks": unsaid.wanted.question.words})
    except _Undone:
        return came


@dataclass
class Playing:
    """A durable run, brought to its end over all its waits."""

    world: World
    deployment: Deployment
    clock: Clock
    program: durable.Program

    async def load(self, which: durable.Which) -> durable.Program:
        if which.digest != str(self.world.space):
            raise NotFound(which.digest)
        return self.program

    async def run(self, stage: "Scene", given: dict[str, JsonValue], runner: Viewer) -> JsonValue:
        worker = Worker(self.deployment, self.load, lease=timedelta(seconds=5), idle=0.02)
        engine = Engine(self.deployment, self.load, worker=worker)
        start = Start(
            feature="twin",
            digest=str(self.world.space),
            author=stage.author,
            input=given,
            runner=None if "row" in given or "at" in given else id_of(runner),
        )
        id = await engine.start(self.world.space, start)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run)
            await self._over(worker)
            tasks.cancel_scope.cancel()
        kept = await Shelf(self.world).kept(id)
        error = kept.error if isinstance(kept.error, dict) else {}
        return {
            "status": kept.status,
            "output": kept.output,
            "error": error.get("detail", error.get("message")),
            "reason": kept.reason if kept.status == "stopped" else "",
        }

    async def _over(self, worker: Worker) -> None:
        """Until every run of the space has ended, or waits for ever; when all sleep, the clock
        jumps."""
        with anyio.fail_after(60):
            for _ in range(_JUMPS):
                while await self._busy():  # noqa: ASYNC110 # in the database
                    await anyio.sleep(0.01)
                sleeps = await self._sleeps()
                if not sleeps:
                    return
                self.clock.offset += sleeps[0] + timedelta(seconds=1)
                worker.nudge()

    async def _busy(self) -> bool:
        """Whether a run is at work, or is due."""
        return any(wake is None or wake <= timedelta() for _, wake in await self._open("waiting"))

    async def _sleeps(self) -> list[timedelta]:
        """How long those that sleep will, the shortest first."""
        return sorted(wake for _, wake in await self._open("") if wake is not None)

    async def _open(self, but: str) -> list[tuple[str, timedelta | None]]:
        """The runs that are not over, and how long each sleeps; of those that wait without an end
        of it, only where `but` is another status."""
        async with self.world.read() as store:
            records = await store.session.tx.rows(
                "SELECT status, wake_at FROM runs WHERE space_id = %(space)s"
                " AND status <> ALL(%(ended)s) AND NOT (status = %(but)s AND wake_at IS NULL)",
                store.session.params(ended=[*ENDED, "stopped"], but=but),
            )
        now = self.clock.now()
        return [
            (str(status), wake and wake - now)
            for status, wake in cast("list[tuple[str, datetime | None]]", records)
        ]


@dataclass
class Scene:
    """What a twin's world holds before anything happens."""

    world: World
    author: Viewer
    fan: Viewer
    other: Viewer
    things: dict[str, UUID] = field(default_factory=dict[str, UUID])

    @classmethod
    async def made(cls, world: World) -> "Scene":
        author, fan = (
            await world.person("creator", "Ana"),
            await world.person("audience_member", "Finn"),
        )
        other = await world.person("audience_member", "Dee")
        scene = cls(world, author, fan, other)
        for who in (fan, other):
            await world.connect("following", id_of(who), id_of(author))
        course = await scene.thing("course")
        for n in (1, 2):
            lesson = await world.thing("lesson", by=author, name=f"Lesson {n}", status="published")
            await world.connect("part_of", lesson.id, course, order=n)
        await world.connect("enrolled_in", id_of(other), course, progress=0.2)
        clone = await scene.thing("ai_clone")
        await world.connect("clone_of", clone, id_of(author))
        token = await scene.thing("token")
        async with world.write() as store:
            await store.move(Move(id_of(fan), token, 20, "earned", {}))
        for type in ("community", "blog_post", "lead", "digital_product"):
            await scene.thing(type)
        return scene

    async def thing(self, type: str) -> UUID:
        """The author's thing of a type."""
        if type in self.things:
            return self.things[type]
        price: dict[str, JsonValue] = {"price": {"amount": 1500, "currency": "usd"}}
        for status in ("published", "active", None):
            for properties in (price, {}):
                try:
                    made = await self.world.thing(
                        type, by=self.author, name=f"My {type}", status=status, **properties
                    )
                except Invalid:
                    continue
                self.things[type] = made.id
                return made.id
        raise AssertionError(type)

    async def given(self, feature: Feature, program: Program) -> dict[str, JsonValue]:
        """Something for each input, by its own name; of a triggered feature, what sets it off."""
        people = [id_of(self.fan), id_of(self.other)] * 5
        fields = zip(program.input, feature.fields, strict=False)
        said = {name: await self._value(one, people) for name, one in fields}
        trigger = program.trigger
        if trigger is None:
            return said
        if feature.trigger is None:
            return {**said, "at": self.world.desk.clock.now().isoformat()}
        fan, type = str(id_of(self.fan)), trigger.entity_type or trigger.created or "course"
        type = trigger.published or type
        people_types = ("creator", "audience_member", "entities")
        thing = str(id_of(self.author) if type in people_types else await self.thing(type))
        match feature.trigger.kind:
            case "connections":
                row: dict[str, JsonValue] = {"from": fan, "to": thing, "metadata": said}
            case "entities":
                row = {"id": thing, "properties": said}
            case "events":
                row = {"entity": thing, "actor": fan, "metadata": said}
        return {"row": row, "actor": fan}

    async def _value(self, one: Field, people: list[UUID]) -> JsonValue:
        if one.many:
            inner = Field(one.name, one.kind, one.slot, False, False)
            return [await self._value(inner, people) for _ in range(2)]
        if one.slot.one_of:
            first = one.slot.one_of[0]
            return first if isinstance(first, str | int | float) else str(first)
        least = one.slot.at_least
        if one.kind is Thing:
            types = one.slot.types or ("course",)
            if "audience_member" in types:
                return str(people.pop(0))
            return str(id_of(self.author) if "creator" in types else await self.thing(types[0]))
        if one.kind in (int, float):  # pyright: ignore[reportUnnecessaryContains] # it is a type
            return least if isinstance(least, int | float) else 3
        if isinstance(least, Money):
            return plain(least)
        return _SOME.get(one.kind, "anything")


_SOME: dict[object, JsonValue] = {
    Money: {"amount": 1500, "currency": "usd"},
    bool: True,
    timedelta: "1h",
    datetime: "2030-05-01T09:00:00Z",
    str: "breath of the sea and more words than few",
}


# --- what came of it -----------------------------------------------------------------------------

_TOLD = {
    "entities": "x.type, x.name, x.status, x.visibility, x.properties, x.deleted_at IS NULL",
    "connections": "x.type, x.from_id, x.to_id, x.metadata, x.valid_to IS NULL",
    "events": "x.type, x.entity_id, x.actor_id, x.metadata",
    "entity_tags": "x.entity_id, (SELECT t.key FROM tags t WHERE t.id = x.tag_id)",
    "notices": "to_jsonb(x) - '{space_id,id,key,created_at,seq,position}'::text[]",
    "outbox": "to_jsonb(x) - '{space_id,id,key,created_at,due_at,token,notice_id}'::text[]",
    "runs": "x.feature, x.status, x.output, x.error",
}


async def told(world: World, ended: JsonValue) -> Outcome:
    """How it ended and every row there is."""
    async with world.read() as store:
        return await rows_of(store, ended)


async def rows_of(store: Store, ended: JsonValue) -> Outcome:
    """How it ended and every row that the transaction sees, without ids and times."""
    tx, params = store.session.tx, store.session.params()
    ids = await tx.rows(
        "SELECT id FROM entities WHERE space_id = %(space)s ORDER BY created_at, id", params
    )
    labels = {str(record[0]): f"#{n}" for n, record in enumerate(ids)}
    rows: list[str] = []
    for table, columns in _TOLD.items():
        found = await tx.rows(
            f"SELECT {columns} FROM {table} x WHERE x.space_id = %(space)s", params
        )
        rows += sorted(f"{table} {_plain(record, labels)}" for record in found)
    return Outcome(_plain(ended, labels), rows)


def _plain(value: object, labels: dict[str, str]) -> str:
    said = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str).decode()
    said = _UUID.sub(lambda found: labels.get(found[0], "#"), said)
    return _REFERENCE.sub("~", _TIME.sub("T", said))
