"""Followers hear what a list gained, changed and lost: all of it, once, and nothing else."""

import random
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import pytest

from one.clock import new_id
from one.errors import Conflict, Invalid, NotFound
from one.store import (
    ANYBODY,
    ConnectionAsk,
    Draft,
    EntityAsk,
    EventAsk,
    Happening,
    Link,
    Patch,
    Row,
    TagAsk,
    Viewer,
    parse_filter,
)
from one.store.changes import last_position
from one.store.database import Connection
from one.store.lists import Ask
from one.store.news import News, Told
from one.store.sequencer import stamp
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio

COURSES = EntityAsk(types=("course",))


@dataclass(slots=True)
class Listening:
    """Stamps what was written and tells what came of it since the last time."""

    world: World
    sequencer: Connection
    mark: int = 0

    async def stamp(self) -> None:
        while await stamp(self.sequencer, "test"):
            pass

    async def skip(self) -> None:
        await self.stamp()
        async with self.world.desk.database.read() as tx:
            self.mark = await last_position(tx, self.world.space)

    async def told(self, viewer: Viewer, ask: Ask, *, upto: int | None = None) -> list[Told] | None:
        await self.stamp()
        desk, space = self.world.desk, self.world.space
        async with desk.database.read() as tx:
            news = await News.read(tx, space, desk.ontology, after=self.mark, upto=upto)
            return await news.told(desk.session_of(tx, space, viewer), ask)

    async def hears(self, viewer: Viewer, ask: Ask) -> list[tuple[str, UUID]]:
        told = await self.told(viewer, ask)
        assert told is not None
        return [(piece.what, piece.id) for piece in told]


@pytest.fixture
async def listening(world: World) -> AsyncGenerator[Listening]:
    connection = await world.desk.database.connect()
    listening = Listening(world, connection)
    await listening.skip()
    yield listening
    await connection.close()


async def test_a_thing_is_gained_changed_and_left(world: World, listening: Listening) -> None:
    course = await world.course()
    assert await listening.hears(ANYBODY, COURSES) == [("gained", course.id)]
    await listening.skip()
    await world.update(course.id, summary="New")
    assert await listening.hears(ANYBODY, COURSES) == [("changed", course.id)]
    await listening.skip()
    async with world.write() as store:
        await store.archive(course.id)
    assert await listening.hears(ANYBODY, COURSES) == [("left", course.id)]
    assert await listening.hears(STAFF, COURSES) == [("changed", course.id)]


async def test_what_is_told_is_what_a_read_gives(world: World, listening: Listening) -> None:
    course = await world.course()
    told = await listening.told(ANYBODY, COURSES)
    async with world.read(ANYBODY) as store:
        assert told
        assert [piece.row for piece in told] == [await store.get(course.id)]


async def test_every_version_is_told_in_order(world: World, listening: Listening) -> None:
    course = await world.course()
    for n in range(3):
        await world.update(course.id, x_plays=n)
    told = await listening.told(ANYBODY, COURSES)
    assert [(p.what, p.row and p.row.model_dump()["version"]) for p in told or ()] == [
        ("gained", 1),
        ("changed", 2),
        ("changed", 3),
        ("changed", 4),
    ]


async def test_a_deleted_thing_leaves_and_comes_back_restored(
    world: World, listening: Listening
) -> None:
    course = await world.course()
    await listening.skip()
    async with world.write() as store:
        await store.delete(course.id)
    async with world.write() as store:
        await store.restore(course.id)
    assert await listening.hears(ANYBODY, COURSES) == [("left", course.id), ("gained", course.id)]


async def test_a_filter_tells_what_moves_into_and_out_of_it(
    world: World, listening: Listening
) -> None:
    easy = EntityAsk(
        types=("course",), filters=(parse_filter("properties.language eq de", "/where"),)
    )
    course = await world.thing("course", status="published", language="en")
    assert await listening.hears(ANYBODY, easy) == []
    await listening.skip()
    await world.update(course.id, language="de")
    assert await listening.hears(ANYBODY, easy) == [("gained", course.id)]
    await listening.skip()
    await world.update(course.id, language="en")
    assert await listening.hears(ANYBODY, easy) == [("left", course.id)]


async def test_words_and_names_are_judged_as_they_were(world: World, listening: Listening) -> None:
    breath = EntityAsk(types=("course",), text="breath")
    by_name = EntityAsk(types=("course",), filters=(parse_filter("name startsWith b", "/where"),))
    course = await world.course(name="Breathing")
    await listening.skip()
    async with world.write() as store:
        await store.update(course.id, Patch(name="Running"))
    for ask in (breath, by_name):
        assert await listening.hears(ANYBODY, ask) == [("left", course.id)]


async def test_a_tag_put_on_and_taken_off(world: World, listening: Listening) -> None:
    course = await world.course()
    async with world.write() as store:
        await store.tag(course.id, ["topic:breath"])
        tag = await store.tag_named("topic:breath")
    assert tag is not None
    tagged = EntityAsk(types=("course",), tag=tag.id)
    await listening.skip()
    async with world.write() as store:
        await store.untag(course.id, ["topic:breath"])
    assert await listening.hears(ANYBODY, tagged) == [("left", course.id)]
    assert await listening.hears(ANYBODY, TagAsk()) == [("left", tag.id)]
    await listening.skip()
    async with world.write() as store:
        await store.tag(course.id, ["topic:breath", "topic:calm"])
    assert await listening.hears(ANYBODY, tagged) == [("gained", course.id)]
    new = {what for what, id in await listening.hears(ANYBODY, TagAsk()) if id != tag.id}
    assert new == {"gained"}


async def test_connections_and_events_come_and_go(world: World, listening: Listening) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    course = await world.course()
    await listening.skip()
    follows = await world.connect("following", id_of(ana), id_of(ben))
    ask = ConnectionAsk(types=("following",))
    assert await listening.hears(ana, ask) == [("gained", follows.id)]
    await listening.skip()
    async with world.write() as store:
        await store.amend(follows.id, strength=0.5)
        event = await store.record(Happening("content_viewed", course.id, {}))
    assert await listening.hears(ana, ask) == [("changed", follows.id)]
    viewed = EventAsk(types=("content_viewed",), entity_id=course.id)
    assert await listening.hears(STAFF, viewed) == [("gained", event.id)]
    await listening.skip()
    async with world.write() as store:
        await store.end(follows.id)
    assert await listening.hears(ana, ask) == [("left", follows.id)]


async def test_drafts_are_heard_of_by_their_owner_alone(world: World, listening: Listening) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    await listening.skip()
    draft = await world.thing("course", by=ana)
    async with world.write(ana) as store:
        await store.delete(draft.id)
    for stranger in (ANYBODY, ben):
        assert await listening.hears(stranger, COURSES) == []
        assert await listening.hears(stranger, EventAsk(entity_id=draft.id)) == []
        assert await listening.hears(stranger, ConnectionAsk(to_id=draft.id)) == []
    assert await listening.hears(ana, COURSES) == [("gained", draft.id), ("left", draft.id)]


async def test_private_properties_are_not_told(world: World, listening: Listening) -> None:
    await world.thing("creator", status="active", email="ana@example.org")
    told = await listening.told(ANYBODY, EntityAsk(types=("creator",)))
    assert told
    assert all(b"ana@example.org" not in piece.data for piece in told)


async def test_shares_are_told_to_their_owner_alone(world: World, listening: Listening) -> None:
    ana = await world.person()
    await listening.skip()
    await world.thing("course", by=ana, status="published")
    owns = ConnectionAsk(types=("owns",))
    assert [b"revenueShare" in t.data for t in await listening.told(ana, owns) or ()] == [True]
    assert all(b"revenueShare" not in t.data for t in await listening.told(ANYBODY, owns) or ())


async def test_what_was_hidden_leaves_with_all_that_hangs_on_it(
    world: World, listening: Listening
) -> None:
    ana, course = await world.person(), await world.course()
    lesson = await world.thing("lesson", status="published")
    async with world.write() as store:
        await store.update(lesson.id, Patch(visibility="public"))
    part = await world.connect("part_of", lesson.id, course.id)
    parts = ConnectionAsk(types=("part_of",))
    async with world.write() as store:
        before = (await store.connections(parts)).items
    assert [one.id for one in before] == [part.id]
    await listening.skip()
    async with world.write() as store:
        await store.update(course.id, Patch(visibility="private"))
    assert await listening.hears(ana, parts) == [("left", part.id)]
    assert await listening.hears(STAFF, parts) == []
    await listening.skip()
    async with world.write() as store:
        await store.update(course.id, Patch(visibility="public"))
    assert await listening.hears(ana, parts) == [("gained", part.id)]


async def test_a_relation_shows_and_hides_things(world: World, listening: Listening) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    draft = await world.thing("course", by=ana)
    await listening.skip()
    manages = await world.connect("manages", id_of(ben), draft.id)
    assert await listening.hears(ben, COURSES) == [("gained", draft.id)]
    assert await listening.hears(ana, COURSES) == []
    await listening.skip()
    async with world.write() as store:
        await store.end(manages.id)
    assert await listening.hears(ben, COURSES) == [("left", draft.id)]
    assert await listening.hears(ben, EventAsk(entity_id=draft.id)) != []


async def test_members_see_what_belongs_to_what_they_joined(
    world: World, listening: Listening
) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    course = await world.course(by=ana)
    lesson = await world.thing("lesson", by=ana, status="published")
    async with world.write() as store:
        await store.update(lesson.id, Patch(visibility="members"))
        await store.update(course.id, Patch(visibility="members"))
    await world.connect("part_of", lesson.id, course.id)
    await listening.skip()
    joined = await world.connect("enrolled_in", id_of(ben), course.id)
    lessons = EntityAsk(types=("lesson",))
    assert await listening.hears(ben, lessons) == [("gained", lesson.id)]
    await listening.skip()
    async with world.write() as store:
        await store.end(joined.id)
    assert await listening.hears(ben, lessons) == [("left", lesson.id)]


async def test_news_cut_at_any_position_says_the_same(world: World, listening: Listening) -> None:
    ana = await world.person()
    await listening.skip()
    draft = await world.thing("course", by=ana)
    async with world.write(ana) as store:
        await store.update(draft.id, Patch(status="published"))
    await world.update(draft.id, x_plays=1)
    async with world.write(ana) as store:
        await store.update(draft.id, Patch(visibility="private"))
    await world.update(draft.id, x_plays=2)
    whole = await listening.told(ANYBODY, COURSES)
    start = listening.mark
    await listening.skip()
    end = listening.mark
    pieces: list[Told] = []
    for mark in range(start, end):
        listening.mark = mark
        pieces += await listening.told(ANYBODY, COURSES, upto=mark + 1) or []
    assert [piece.what for piece in pieces] == ["gained", "changed", "left"]
    assert pieces == whole


async def test_what_is_not_stamped_yet_is_not_told(world: World, listening: Listening) -> None:
    course = await world.course()
    await listening.stamp()
    async with world.write() as store:
        await store.archive(course.id)
    desk = world.desk
    async with desk.database.read() as tx:
        news = await News.read(tx, world.space, desk.ontology, after=listening.mark)
        told = await news.told(desk.session_of(tx, world.space, ANYBODY), COURSES)
    assert [(piece.what, piece.id) for piece in told or ()] == [("gained", course.id)]
    listening.mark = news.upto
    assert await listening.hears(ANYBODY, COURSES) == [("left", course.id)]


async def test_after_a_purge_lists_are_read_again(world: World, listening: Listening) -> None:
    course = await world.course()
    async with world.write() as store:
        await store.delete(course.id)
    await listening.skip()
    async with world.write() as store:
        await store.purge(course.id)
    assert await listening.told(STAFF, COURSES) is None


async def test_another_spaces_news_is_not_heard(world: World, listening: Listening) -> None:
    other = await world.neighbour()
    await other.course()
    assert await listening.hears(STAFF, COURSES) == []
    assert await listening.hears(STAFF, EntityAsk(ids=(new_id(),))) == []


async def listed(world: World, viewer: Viewer, ask: Ask) -> dict[UUID, Row]:
    async with world.read(viewer) as store:
        match ask:
            case EntityAsk():
                page = await store.entities(ask, limit=200)
            case ConnectionAsk():
                page = await store.connections(ask, limit=200)
            case _:
                assert isinstance(ask, EventAsk)
                page = await store.events(ask, limit=200)
    assert page.next is None
    return {item.id: item for item in page.items}


async def anything(world: World, chance: random.Random, people: list[Viewer]) -> None:
    """One change at random; some can't be made, which changes nothing."""
    async with world.read() as store:
        asks = [EntityAsk(types=("course", "lesson"), deleted=deleted) for deleted in (False, True)]
        there, gone = [(await store.entities(ask, limit=200)).items for ask in asks]
        edges = (await store.connections(ConnectionAsk(), limit=200)).items
    who = id_of(chance.choice(people))
    one, two = chance.choice(there), chance.choice(there)
    with suppress(Conflict, Invalid, NotFound):
        async with world.write() as store:
            match chance.randrange(9):
                case 0:
                    kind, by = chance.choice(("course", "lesson")), chance.choice(people)
                    async with world.write(by) as theirs:
                        await theirs.create(Draft(kind, "A", {}, status="published"))
                case 1:
                    seen = chance.choice(("public", "members", "parties", "private"))
                    await store.update(one.id, Patch(visibility=seen))
                case 2:
                    await store.update(one.id, Patch(increment={"x_n": 1}))
                case 3 if len(there) > 2:
                    await store.delete(one.id)
                case 4 if gone:
                    await store.restore(chance.choice(gone).id)
                case 5:
                    kind = chance.choice(("manages", "enrolled_in", "collaborates_with"))
                    await store.connect(Link(kind, who, one.id, {}))
                case 6:
                    await store.connect(Link("part_of", one.id, two.id, {}))
                case 7 if edges:
                    await store.end(chance.choice(edges).id)
                case _:
                    turn = chance.choice((store.tag, store.untag))
                    await turn(one.id, ["topic:breath"])


@pytest.mark.parametrize("seed", range(4))
async def test_who_follows_holds_what_the_list_is(
    world: World, listening: Listening, seed: int
) -> None:
    chance = random.Random(seed)
    people = [await world.person(name=name) for name in ("Ana", "Ben")]
    for kind in ("course", "lesson", "course", "lesson"):
        await world.thing(kind, by=people[0], status="published")
    await listening.skip()
    asks = (
        EntityAsk(types=("course", "lesson")),
        EntityAsk(tagged=("topic", "breath")),
        EntityAsk(deleted=True),
        ConnectionAsk(),
        EventAsk(),
    )
    lists = [(viewer, ask) for viewer in (ANYBODY, *people, STAFF) for ask in asks]
    held = {one: await listed(world, *one) for one in lists}
    for _ in range(8):
        for _ in range(chance.randint(1, 4)):
            await anything(world, chance, people)
        for one in lists:
            for piece in await listening.told(*one) or ():
                assert (piece.what != "gained") == (piece.id in held[one]), (one, piece)
                held[one].pop(piece.id, None)
                if piece.row is not None:
                    held[one][piece.id] = piece.row
            assert held[one] == await listed(world, *one), one
        await listening.skip()
