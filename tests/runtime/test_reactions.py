"""What begins runs by itself, how many may go at once, and what moves to another revision."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import anyio
import pytest
from pydantic import JsonValue

from one.clock import Clock
from one.domains.notices import say
from one.runtime import Context
from one.runtime.durable import BY, TIE, Every, Queue, Run, Start, adopt, schedule, start
from one.store import PLATFORM, Happening, Patch, Viewer
from one.store.reactions import Trigger, set_trigger
from one.store.runs import forget_runs, limit_queue
from one.store.sequencer import stamp
from tests.domains.notices.rooms import acting
from tests.runtime.durable import Shelf, begins, mark, marks
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio
Input = dict[str, JsonValue]
SOON = timedelta(seconds=0.1)
BERLIN = "Europe/Berlin"


async def stamped(world: World) -> None:
    connection = await world.desk.database.connect()
    while await stamp(connection, "test"):
        pass
    await connection.close()


async def runs(world: World) -> list[tuple[str, dict[str, JsonValue]]]:
    async with world.read() as store:
        return [
            (str(status), input)  # pyright: ignore[reportReturnType] # JSON
            for status, input in await store.session.tx.rows(
                "SELECT status, input FROM runs WHERE space_id = %(s)s ORDER BY created_at, id",
                {"s": world.space},
            )
        ]


async def test_a_trigger_begins_one_run_for_each_change_that_matches(
    world: World, shelf: Shelf
) -> None:
    author, other = await world.person(), await world.person()
    mine, theirs = await world.course(by=author), await world.course(by=other)
    await stamped(world)
    trigger = Trigger(
        name="t",
        feature="f",
        digest="a",
        author=author,
        kind="events",
        row_type="content_viewed",
        wanted={"source": ["web", "app"]},
    )
    async with world.write(author) as store:
        await set_trigger(store.session, trigger)

    async def main(run: Run, input: Input) -> JsonValue:
        return input["kind"]

    shelf.put("a", main)
    for thing in (mine, theirs):
        for source in ("web", "mail", "app"):
            async with world.write() as store:
                await store.record(Happening("content_viewed", thing.id, {}, source=source))
    await stamped(world)
    async with shelf.working(), shelf.working():
        await until(world, 2)
        await anyio.sleep(0.3)
    found = await runs(world)
    assert [status for status, _ in found] == ["done", "done"]
    rows = [input["row"] for _, input in found]
    assert [(row["entity"], row["source"]) for row in rows if isinstance(row, dict)] == [
        (str(mine.id), "web"),
        (str(mine.id), "app"),
    ]


async def until(world: World, many: int) -> None:
    """Until so many runs are done."""
    with anyio.fail_after(20):
        while [status for status, _ in await runs(world)].count("done") < many:  # noqa: ASYNC110 # in the database
            await anyio.sleep(0.05)


async def test_an_event_that_came_before_the_wait_or_after_it_counts_once(
    world: World, shelf: Shelf
) -> None:
    thing = (await world.course()).id

    async def main(run: Run, input: Input) -> JsonValue:
        await run.wait("1", SOON)
        wanted: dict[str, JsonValue] = {"entity": str(thing)}
        topic = "event:content_viewed"
        first = await run.wait_for("2", topic, longest=timedelta(minutes=1), wanted=wanted)
        second = await run.wait_for("3", topic, longest=timedelta(minutes=1), wanted=wanted)
        return [each["source"] for each in (first, second) if isinstance(each, dict)]

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(world.space, begins("a"))
        async with world.write() as store:
            await store.record(Happening("content_viewed", PLATFORM, {}, source="elsewhere"))
            await store.record(Happening("content_viewed", thing, {}, source="early"))
        await shelf.reach(run, "3")
        await shelf.become(run, "waiting")
        async with world.write() as store:
            await store.record(Happening("content_viewed", thing, {}, source="late"))
        await stamped(world)
        assert (await shelf.ended(engine, run)).output == ["early", "late"]


async def test_a_relation_ends_a_wait_before_it_or_after_as_far_as_its_author_knows(
    world: World, shelf: Shelf
) -> None:
    ana, ben, cleo = [await world.person() for _ in range(3)]
    club, other = (await world.thing("community", by=ana)).id, (await world.course(by=cleo)).id
    await world.connect("member_of", id_of(ben), club)

    async def main(run: Run, input: Input) -> JsonValue:
        async def waited(path: str, topic: str, whom: Viewer, to: UUID) -> JsonValue:
            wanted: dict[str, JsonValue] = {
                "from": str(id_of(whom)),
                "to": str(to),
                BY: str(id_of(ana)),
            }
            length = timedelta(minutes=1) if path != "3" else SOON
            return await run.wait_for(path, f"{TIE}{topic}", longest=length, wanted=wanted)

        first = await waited("1", "member_of", ben, club)
        second = await waited("2", "member_of", cleo, club)
        third = await waited("3", "enrolled_in", ben, other)
        return [isinstance(each, dict) and each["actor"] for each in (first, second, third)]

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(
            world.space, Start(feature="test", digest="a", author=ana, input={})
        )
        await shelf.reach(run, "2")
        await shelf.become(run, "waiting")
        await world.connect("enrolled_in", id_of(ben), other)
        await world.connect("member_of", id_of(cleo), club)
        await stamped(world)
        found = (await shelf.ended(engine, run)).output
    assert found == [str(id_of(ben)), str(id_of(cleo)), False]


async def test_a_schedule_begins_one_run_a_time_and_the_missed_ones_once(
    world: World, shelf: Shelf
) -> None:
    async def main(run: Run, input: Input) -> JsonValue:
        return input["at"]

    shelf.put("a", main)
    now = world.desk.clock.now()
    every = Every(unit="minute", count=10)
    async with world.write() as store:
        begin = begins("a")
        long_ago = now - timedelta(hours=5)
        await schedule(store.session, "s", every=every, begins=begin, now=long_ago)
        await schedule(store.session, "s", every=every, begins=begin)
    async with shelf.working(), shelf.working():
        await until(world, 1)
        await anyio.sleep(0.3)
    found = await runs(world)
    last = every.after(now - timedelta(minutes=10))
    assert [input["at"] for _, input in found] == [last.isoformat().replace("+00:00", "Z")]


@pytest.mark.parametrize(
    ("every", "after", "wanted"),
    [
        (Every(unit="minute", count=15), "2026-01-01T00:14:59", "2026-01-01T00:15"),
        (Every(unit="day", at=(time(9),), zone=BERLIN), "2026-03-28T08:00", "2026-03-29T07:00"),
        (Every(unit="day", at=(time(2, 30),), zone=BERLIN), "2026-03-28T12:00", "2026-03-29T01:30"),
        (Every(unit="day", at=(time(2, 30),), zone=BERLIN), "2026-10-24T12:00", "2026-10-25T00:30"),
        (Every(unit="day", at=(time(2, 30),), zone=BERLIN), "2026-10-25T00:30", "2026-10-26T01:30"),
        (Every(unit="week", since=date(2026, 1, 5)), "2026-01-05T00:00", "2026-01-12T00:00"),
        (Every(unit="month", since=date(2026, 1, 31)), "2026-01-31T00:00", "2026-02-28T00:00"),
        (Every(unit="month", since=date(2026, 1, 31)), "2026-02-28T00:00", "2026-03-31T00:00"),
        (
            Every(unit="month", count=3, since=date(2026, 1, 1)),
            "2026-01-02T00:00",
            "2026-04-01T00:00",
        ),
        (Every(unit="day", at=(time(18), time(9))), "2026-01-01T08:00", "2026-01-01T09:00"),
        (Every(unit="day", at=(time(18), time(9))), "2026-01-01T09:00", "2026-01-01T18:00"),
        (Every(unit="day", days=(0, 3)), "2026-01-01T12:00", "2026-01-05T00:00"),
        (Every(unit="day", days=(0, 3)), "2026-01-05T00:00", "2026-01-08T00:00"),
    ],
)
def test_times_come_as_the_calendar_of_their_zone_has_them(
    every: Every, after: str, wanted: str
) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert every.after(moment) == datetime.fromisoformat(wanted).replace(tzinfo=UTC)
    assert Every.of_json(every.as_json()) == every


async def test_no_more_runs_of_a_queue_are_at_work_than_may_be(world: World, shelf: Shelf) -> None:
    at_once: list[int] = [0, 0]

    async def main(run: Run, input: Input) -> JsonValue:
        at_once[0] += 1
        at_once[1] = max(at_once)
        await asyncio.sleep(0.05)
        at_once[0] -= 1
        return None

    shelf.put("a", main)
    async with world.write() as store:
        await limit_queue(store.session.tx, Queue(world.space, "mail", concurrency=2))
        for _ in range(8):
            await start(
                store.session,
                Start(feature="f", digest="a", author=STAFF, input={}, queue="mail"),
            )
    async with shelf.working(), shelf.working():
        await until(world, 8)
    assert at_once == [0, 2]


async def test_no_more_runs_of_a_queue_begin_in_a_time_than_may(world: World, shelf: Shelf) -> None:
    async def main(run: Run, input: Input) -> JsonValue:
        return None

    shelf.put("a", main)
    hour = timedelta(hours=1)
    async with world.write() as store:
        await limit_queue(store.session.tx, Queue(world.space, "sms", starts=3, per=hour))
        for _ in range(5):
            await start(
                store.session, Start(feature="f", digest="a", author=STAFF, input={}, queue="sms")
            )
    async with shelf.working(), shelf.working():
        await until(world, 3)
        await anyio.sleep(0.3)
    assert sorted(status for status, _ in await runs(world)) == ["done"] * 3 + ["pending"] * 2


async def test_the_same_key_is_the_same_run(world: World) -> None:
    async with world.write() as store:
        one = Start(feature="f", digest="a", author=STAFF, input={}, key="k")
        assert await start(store.session, one) == await start(store.session, one)


async def test_what_ended_long_ago_is_dropped_with_all_it_kept(world: World, shelf: Shelf) -> None:
    thing = (await world.course()).id

    async def main(run: Run, input: Input) -> JsonValue:
        await mark(run, "1", thing, "x")

        async def much(ctx: Context) -> JsonValue:
            return "x" * 100_000

        return len(str(await run.step("2", much)))

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(world.space, begins("a"))
        assert (await shelf.ended(engine, run)).output == 100_000
    assert len(str((await shelf.journal(run))[1].result)) == 100_000
    async with world.desk.database.write() as tx:
        later = Clock().now() + timedelta(seconds=1)
        assert await forget_runs(tx, world.space, before=later) == 1
        left = await tx.row(
            "SELECT (SELECT count(*) FROM steps WHERE space_id = %(s)s)"
            " + (SELECT count(*) FROM step_results WHERE space_id = %(s)s)",
            {"s": world.space},
        )
    assert left == (0,)
    assert await marks(world, thing) == ["x"]


async def test_a_sleeping_run_moves_only_to_a_program_that_does_the_same_so_far(
    world: World, shelf: Shelf
) -> None:
    thing = (await world.course()).id

    def program(before: str, after: str) -> object:
        async def main(run: Run, input: Input) -> JsonValue:
            await mark(run, "1", thing, before)
            await run.wait("2", timedelta(seconds=1))
            await mark(run, "3", thing, after)
            return None

        return main

    async def shorter(run: Run, input: Input) -> JsonValue:
        await run.wait("2", timedelta(seconds=1))
        return None

    shelf.put("old", program("a", "b"))  # pyright: ignore[reportArgumentType]
    shelf.put("same", program("a", "c"))  # pyright: ignore[reportArgumentType]
    shelf.put("other", program("z", "c"))  # pyright: ignore[reportArgumentType]
    shelf.put("shorter", shorter)
    async with shelf.working() as engine:
        run = await engine.start(world.space, begins("old"))
        await shelf.become(run, "waiting")
        kept = await shelf.kept(run)

        async def moved(digest: str) -> str:
            deployment, space = shelf.deployment, world.space
            return await adopt(deployment, shelf.load, run=kept, digest=digest, space=space)

        assert "gives mark something else" in await moved("other")
        assert "no longer comes to 1" in await moved("shorter")
        assert await moved("same") == ""
        await shelf.ended(engine, run)
    assert await marks(world, thing) == ["a", "c"]


async def test_a_change_that_nothing_fits_begins_nothing(world: World, shelf: Shelf) -> None:
    thing = await world.course()
    made = Trigger(
        name="t",
        feature="f",
        digest="a",
        author=STAFF,
        kind="entities",
        row_type="course",
        wanted={"$change": "made"},
    )
    await stamped(world)
    async with world.write() as store:
        await set_trigger(store.session, made)
        await store.update(thing.id, Patch(name="Another"))
    other: UUID = (await world.course()).id
    await stamped(world)

    async def main(run: Run, input: Input) -> JsonValue:
        row = input["row"]
        return row["id"] if isinstance(row, dict) else None

    shelf.put("a", main)
    async with shelf.working():
        await until(world, 1)
        await anyio.sleep(0.2)
    found = [input["row"] for _, input in await runs(world)]
    assert [row["id"] for row in found if isinstance(row, dict)] == [str(other)]


async def test_a_trigger_asks_for_the_type_of_the_thing(world: World, shelf: Shelf) -> None:
    fan = await world.person("audience_member")
    course = await world.course()
    lesson = await world.thing("lesson", status="published")
    await stamped(world)
    trigger = Trigger(
        name="t",
        feature="f",
        digest="a",
        author=STAFF,
        kind="connections",
        row_type="enrolled_in",
        wanted={"$change": "made", "$entity": "course"},
    )
    async with world.write() as store:
        await set_trigger(store.session, trigger)
    shelf.put("a", _nothing)
    await world.connect("enrolled_in", id_of(fan), lesson.id)
    await world.connect("enrolled_in", id_of(fan), course.id)
    await stamped(world)
    async with shelf.working():
        await until(world, 1)
    ((_, input),) = await runs(world)
    assert input["actor"] == str(PLATFORM)
    assert isinstance(row := input["row"], dict)
    assert row["to"] == str(course.id)


async def test_a_trigger_on_my_thing_is_not_set_off_by_anothers(world: World, shelf: Shelf) -> None:
    ana, fan = await world.person(name="Ana"), await world.person(name="Fan")
    mine, theirs = await world.course(by=ana), await world.course(by=fan)
    ours = await world.course(by=Viewer(PLATFORM, "staff"))

    def wanting(name: str, author: Viewer, row_type: str) -> Trigger:
        return Trigger(
            name=name,
            feature="f",
            digest="a",
            author=author,
            kind="connections",
            row_type=row_type,
            wanted={"$change": "made", "$mine": True},
        )

    async def main(run: Run, input: Input) -> JsonValue:
        row = input["row"]
        return row["to"] if isinstance(row, dict) else None

    shelf.put("a", main)
    async with world.write() as store:
        await set_trigger(store.session, wanting("ana", ana, "enrolled_in"))
        await set_trigger(store.session, wanting("all", Viewer(PLATFORM, "staff"), "enrolled_in"))
        await set_trigger(store.session, wanting("follow", ana, "following"))
    for thing in (mine, theirs, ours):
        await world.connect("enrolled_in", id_of(fan), thing.id)
    await world.connect("enrolled_in", id_of(ana), theirs.id)
    await world.connect("following", id_of(ana), id_of(fan))
    await world.connect("following", id_of(fan), id_of(ana))
    await stamped(world)
    async with shelf.working():
        await until(world, 3)
        await anyio.sleep(0.3)
    rows = [input["row"] for _, input in await runs(world)]
    about = [(row["type"], row["to"]) for row in rows if isinstance(row, dict)]
    assert sorted(about) == sorted(  # pyright: ignore[reportArgumentType] # JSON
        [
            ("enrolled_in", str(mine.id)),
            ("enrolled_in", str(ours.id)),
            ("following", str(id_of(ana))),
        ]
    )


async def test_a_trigger_on_what_became_so_fires_when_it_does(world: World, shelf: Shelf) -> None:
    course = await world.thing("course", status="draft")
    await stamped(world)
    trigger = Trigger(
        name="t",
        feature="f",
        digest="a",
        author=STAFF,
        kind="entities",
        row_type="course",
        wanted={"$change": "became", "status": "published"},
    )
    async with world.write() as store:
        await set_trigger(store.session, trigger)
    shelf.put("a", _nothing)
    for patch in (Patch(name="Named"), Patch(status="published"), Patch(name="Renamed")):
        async with world.write() as store:
            await store.update(course.id, patch)
        await stamped(world)
    async with shelf.working():
        await until(world, 1)
        await anyio.sleep(0.3)
    ((_, input),) = await runs(world)
    assert isinstance(row := input["row"], dict)
    assert row["name"] == "Renamed"


async def _nothing(run: Run, input: Input) -> JsonValue:
    return None


async def test_a_message_begins_a_run_for_whom_it_is_said_to_or_to_their_clone(
    world: World, shelf: Shelf
) -> None:
    ana, oz, fan = [await world.person(name=name) for name in ("Ana", "Oz", "Fan")]
    clone = await world.thing("ai_clone", by=ana, name="Ana's clone", status="active")
    for author in (ana, oz):
        async with world.write(author) as store:
            await set_trigger(store.session, message_trigger(author))

    async def main(run: Run, input: Input) -> JsonValue:
        return None

    shelf.put("a", main)
    forged = await world.thing("message", by=fan, name="To all", status="active")
    async with world.write(fan) as store:
        await store.update(forged.id, Patch(visibility="public"))
    for who, to in ((fan, clone.id), (fan, id_of(ana)), (ana, id_of(fan)), (fan, id_of(oz))):
        async with acting(world, who) as ctx:
            await say(ctx, to=to, text="Hello")
    await stamped(world)
    async with shelf.working():
        await until(world, 3)
        await anyio.sleep(0.3)
    async with world.read() as store:
        begun = await store.session.tx.rows(
            "SELECT author_id FROM runs WHERE space_id = %(s)s", {"s": world.space}
        )
    assert sorted(record[0] for record in begun) == sorted([ana.id, ana.id, oz.id])  # pyright: ignore[reportArgumentType, reportCallIssue] # ids


def message_trigger(author: Viewer) -> Trigger:
    return Trigger(
        name=f"messages-{author.id}",
        feature="f",
        digest="a",
        author=author,
        kind="entities",
        row_type="message",
        wanted={"$change": "made"},
    )
