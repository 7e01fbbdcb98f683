"""Programs of every shape, with a fault at any commit: what a run leaves is what one without
faults leaves, and what the engine promises of its rows holds all along.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue
from typing_extensions import override

from one.clock import Clock, new_id
from one.errors import Conflict, OneError, Outside
from one.runtime import Context, Deployment
from one.runtime.durable import Calling, Looping, Program, Run, Start, Which, start
from one.runtime.durable.execution import Execution
from one.settings import Settings
from one.store import Database, Desk, Happening
from one.store import runs as stored
from one.store.database import Transaction, unavailable
from one.store.history import find_run
from one.store.runs import ENDED, Lease, Queue, Room
from one.store.steps import journal_of
from tests.runtime.durable import marks
from tests.world import STAFF, World

pytestmark = pytest.mark.anyio
LEASE = timedelta(hours=1)


# --- programs: trees of what a feature may be made of


@dataclass(frozen=True)
class Node:
    """One command. `kind` says what it does, `inner` what lies in it."""

    kind: str
    inner: tuple["Node", ...] = ()


LEAVES = st.sampled_from(["step", "wait", "signal", "call", "unknown", "refuse"]).map(Node)
PROGRAMS = st.lists(
    st.recursive(
        LEAVES,
        lambda inner: st.builds(
            Node,
            st.sampled_from(["parallel", "each", "attempt", "retry", "together"]),
            st.lists(inner, min_size=1, max_size=3).map(tuple),
        ),
        max_leaves=6,
    ),
    min_size=1,
    max_size=4,
)


@dataclass
class Outer:
    """What the outside has done: the effects by key, and how often each call was tried."""

    thing: UUID
    effects: Counter[str] = field(default_factory=Counter[str])
    tried: Counter[str] = field(default_factory=Counter[str])


async def play(run: Run, nodes: Sequence[Node], outside: Outer) -> JsonValue:
    """Does the commands one after the other, each at the path of its number."""
    for number, node in enumerate(nodes, 1):
        await one(run, str(number), node=node, outside=outside)
    return None


async def one(run: Run, path: str, *, node: Node, outside: Outer) -> None:
    async def inner(run: Run) -> JsonValue:
        return await play(run, node.inner, outside)

    async def item(run: Run, value: JsonValue) -> JsonValue:
        return await inner(run)

    async def rescue(run: Run, error: OneError) -> JsonValue:
        return await leave(run, "1", outside)

    async def undo(run: Run) -> JsonValue:
        return await leave(run, "1", outside)

    async def saga(run: Run) -> JsonValue:
        await leave(run, "0", outside)
        run.undo_by("0", undo)
        return await inner(run)

    match node.kind:
        case "step":
            await leave(run, path, outside)
        case "refuse":
            await run.step(path, refuse)
        case "wait":
            await run.wait(path, timedelta(minutes=5))
        case "signal":
            await run.wait_for(path, "go", longest=timedelta(minutes=5))
        case "call" | "unknown":
            await called(run, path, outside=outside, unknown=node.kind == "unknown")
        case "parallel":
            await run.parallel(path, {"a": inner, "b": inner})
        case "each":
            await run.each(path, ["x", "y"], body=item, how=Looping(carry_on=True))
        case "attempt":
            await run.attempt(path, inner, rescue=rescue, always=undo)
        case "retry":
            await run.retry(path, inner, times=2, pause=timedelta(minutes=1), fallback=rescue)
        case _:
            await run.together(path, saga)


async def refuse(ctx: object) -> JsonValue:
    raise Conflict("no")


async def leave(run: Run, path: str, outside: Outer) -> JsonValue:
    """A step whose data says where it was."""
    place = run.front + path

    async def act(ctx: Context) -> JsonValue:
        said = Happening("content_viewed", outside.thing, {}, session=place)
        return str((await ctx.store.record(said)).id)

    return await run.step(path, act, operation="leave", given=place)


async def called(run: Run, path: str, *, outside: Outer, unknown: bool) -> None:
    async def act(key: str) -> JsonValue:
        outside.effects[key] |= 1
        outside.tried[key] += 1
        if unknown and outside.tried[key] == 1:
            raise Outside("cut off", outcome="unknown", retryable=True)
        return 1

    await run.call(path, act, operation="call", calling=Calling(pause=timedelta(seconds=1)))


# --- faults


class Killed(BaseException):
    """The worker is gone."""


class Faulty(Database):
    """A database whose commits go wrong, by their number: `lost` never come about, `unheard` do
    and nobody is told; `killed` is the worker before one, `gone` the worker after it.
    """

    faults: dict[int, str]
    commits = 0
    dead = False

    @asynccontextmanager
    @override
    async def write(self) -> AsyncGenerator[Transaction]:
        if self.dead:
            raise Killed
        async with super().write() as tx:
            yield tx
            if self.dead:
                raise Killed
            self.commits += 1
            fault = self.faults.get(self.commits, "")
            if fault == "lost":
                raise unavailable()
            if fault == "killed":
                self.dead = True
                raise Killed
        if fault == "unheard":
            raise unavailable()
        if fault == "gone":
            self.dead = True
            raise Killed


FAULTS = st.dictionaries(
    st.integers(1, 12), st.sampled_from(["lost", "unheard", "killed", "gone"]), max_size=4
)


@dataclass
class Bench:
    """A run is driven here from outside, turn by turn, by a clock that is moved."""

    world: World
    desk: Desk
    database: Faulty

    async def left(self, nodes: Sequence[Node], faults: dict[int, str]) -> "Left":
        thing = (await self.world.course()).id
        outside = Outer(thing)

        async def main(run: Run, input: dict[str, JsonValue]) -> JsonValue:
            return await play(run, nodes, outside)

        async def load(which: Which) -> Program:
            return Program(main)

        async with self.world.write() as store:
            begins = Start(feature="f", digest="a", author=STAFF, input={}, queue=str(new_id()))
            run = await start(store.session, begins)
        self.database.faults, self.database.commits = faults, 0
        deployment = Deployment(Settings(mode="test"), self.desk)
        epoch = 0
        for _ in range(150):
            for lease in await self.claimed(begins.queue):
                assert lease.epoch > epoch
                epoch = lease.epoch
                try:
                    await Execution(deployment, load, lease=lease).work()
                except Killed:
                    await self.expire(run)
                self.database.dead = False
            if await self.check(run, thing) in (*ENDED, "stopped"):
                return await self.what_is_left(run, outside)
            self.desk.clock.offset += timedelta(minutes=1)
        raise AssertionError("the run never ends")

    async def claimed(self, queue: str) -> list[Lease]:
        async with self.world.desk.database.write() as tx:
            return await stored.claim(
                tx,
                Queue(self.world.space, queue),
                now=self.desk.clock.now(),
                owner="test",
                room=Room(1, 1, LEASE),
            )

    async def expire(self, run: UUID) -> None:
        """Nobody has heard of the worker for too long."""
        async with self.world.desk.database.write() as tx:
            await tx.run(
                "UPDATE runs SET lease_until = now() - interval '1 s' WHERE space_id = %(s)s"
                " AND id = %(r)s AND status = 'running'",
                {"s": self.world.space, "r": run},
            )

    async def check(self, run: UUID, thing: UUID) -> str:
        """What holds between any two turns; the run's status."""
        async with self.world.read() as store:
            found = await find_run(store.session, run)
            steps = await journal_of(store.session.tx, self.world.space, run=run)
        done = [step for step in steps if step.operation == "leave" and step.status == "done"]
        assert Counter(step.path for step in done) == Counter(await marks(self.world, thing))
        assert [step.number for step in steps] == sorted({step.number for step in steps})
        for step in steps:
            early = step.status == "done" and step.operation == "wait" and step.until is not None
            assert not early or step.at >= (step.until or step.at)
        if found.status in ("waiting", "stopped"):
            assert found.reason
        assert found.status != "waiting" or found.wake_at is not None
        return found.status

    async def what_is_left(self, run: UUID, outside: Outer) -> "Left":
        async with self.world.read() as store:
            found = await find_run(store.session, run)
        return Left(
            found.status,
            found.reason,
            sorted(await marks(self.world, outside.thing)),
            sorted(key.partition(":")[2] for key in outside.effects),
        )


@dataclass(frozen=True)
class Left:
    """What a run comes to: status and reason, the places of its data, its effects outside."""

    status: str
    reason: str
    data: list[str]
    effects: list[str]


@pytest.fixture
async def bench(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Bench]:
    monkeypatch.setattr("one.runtime.durable.execution.HELD_UP", 0.0)
    plain = world.desk.database
    database = Faulty(plain.dsn, plain.schema, size=4)
    database.faults = {}
    await database.start()
    desk = await Desk.open(database, world.desk.ontology, clock=Clock())
    yield Bench(world, desk, database)
    await database.close()


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)
@given(nodes=PROGRAMS, faults=FAULTS)
async def test_faults_at_any_commit_change_nothing_of_what_a_run_leaves(
    bench: Bench, nodes: list[Node], faults: dict[int, str]
) -> None:
    assert await bench.left(nodes, faults) == await bench.left(nodes, {})
