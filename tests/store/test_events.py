"""Events say what happened, once, with the server's time and the one who did it."""

from datetime import timedelta

import pytest

from one.clock import new_id
from one.errors import Invalid, NotFound
from one.store import EventAsk, Happening, Viewer, parse_filter
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio


async def test_an_event_keeps_who_when_and_what(world: World) -> None:
    fan, course = await world.person("audience_member"), await world.course()
    then = world.desk.clock.now() - timedelta(days=2)
    async with world.write(fan) as store:
        made = await store.record(
            Happening("content_viewed", course.id, {"duration": 12.5}, then, "web", "s1")
        )
    assert (made.actor_id, made.actor_type, made.occurred_at) == (fan.id, "user", then)
    assert made.recorded_at > then
    async with world.read(fan) as store:
        assert await store.event(made.id) == made


@pytest.mark.parametrize(
    "happening",
    [
        Happening("content_vewed", new_id(), {}),
        Happening("content_viewed", new_id(), {"duraton": 1}),
        Happening("payment_processed", new_id(), {"status": "stolen"}),
    ],
)
async def test_unknown_types_keys_and_values_are_refused(
    world: World, happening: Happening
) -> None:
    with pytest.raises(Invalid):
        async with world.write() as store:
            await store.record(happening)


async def test_an_event_is_about_something_that_is_there(world: World) -> None:
    with pytest.raises(NotFound):
        async with world.write() as store:
            await store.record(Happening("content_viewed", new_id(), {}))


@pytest.mark.parametrize("days", [1, -40_000])
async def test_a_time_out_of_bounds_is_refused(world: World, days: int) -> None:
    course = await world.course()
    when = world.desk.clock.now() + timedelta(days=days)
    with pytest.raises(Invalid):
        async with world.write() as store:
            await store.record(Happening("content_viewed", course.id, {}, when))


async def test_who_knows_of_an_event(world: World) -> None:
    ana, fan = await world.person(), await world.person("audience_member")
    course = await world.course(by=ana)
    async with world.write(fan) as store:
        await store.record(Happening("course_enrolled", course.id, {}))
    viewers = {"fan": fan, "owner": ana, "other": await world.person(), "nobody": Viewer()}
    known: dict[str, int] = {}
    for name, viewer in (viewers | {"staff": STAFF}).items():
        async with world.read(viewer) as store:
            ask = EventAsk(types=("course_enrolled",))
            known[name] = len((await store.events(ask)).items)
            of_it = EventAsk(types=("course_enrolled",), entity_id=course.id)
            assert len((await store.events(of_it)).items) == known[name]
    assert known == {"fan": 1, "owner": 1, "other": 0, "nobody": 0, "staff": 1}


async def test_events_are_found_by_their_metadata(world: World) -> None:
    course = await world.course()
    async with world.write() as store:
        for status in ("completed", "failed", "refunded", "completed"):
            await store.record(Happening("payment_processed", course.id, {"status": status}))
    found: dict[str, int] = {}
    for text in (
        "metadata.status eq completed",
        "metadata.status in failed,refunded",
        "metadata.status ne completed",
        "metadata.status startsWith re",
        "metadata.status exists true",
    ):
        async with world.read() as store:
            ask = EventAsk(types=("payment_processed",), filters=(parse_filter(text, "/where"),))
            found[text.partition(" ")[2]] = len((await store.events(ask)).items)
    assert list(found.values()) == [2, 2, 2, 1, 4]


async def test_what_the_columns_say_is_filled_in_and_not_contradicted(world: World) -> None:
    ana = await world.person()
    course, other = await world.course(), await world.course()
    async with world.write(ana) as store:
        made = await store.record(Happening("progress_updated", course.id, {"progress": 0.5}))
    assert made.metadata["entityId"] == str(course.id)
    lie = {"progress": 0.5, "entityId": str(other.id)}
    with pytest.raises(Invalid):
        async with world.write(ana) as store:
            await store.record(Happening("progress_updated", course.id, lie))


async def test_the_actor_is_whoever_opened_the_store(world: World) -> None:
    ana, course = await world.person(), await world.course()
    async with world.write(ana) as store:
        await store.record(Happening("content_viewed", course.id, {}))
    async with world.read() as store:
        mine = (await store.events(EventAsk(actor_id=id_of(ana)))).items
    assert [event.type for event in mine] == ["content_viewed"]
