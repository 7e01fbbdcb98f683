"""Tags are one per category and word, and their counters count live uses."""

import asyncio

import pytest

from one.errors import Invalid, NotFound
from one.store import ANYBODY, EntityAsk, Patch, TagAsk, Viewer
from one.store.queries import Query
from tests.world import STAFF, World

pytestmark = pytest.mark.anyio


async def test_one_word_written_many_ways_is_one_tag(world: World) -> None:
    course = await world.course()
    async with world.write() as store:
        tags = await store.tag(course.id, ["Industry: Fitness ", "industry:fitness", "yoga"])
        again = await store.tag(course.id, ["YOGA"])
    assert [(t.category, t.name, t.usage_count) for t in tags] == [
        ("industry", "Fitness", 1),
        ("topic", "yoga", 1),
    ]
    assert again == tags


async def test_800_uses_by_eight_writers_count_800(world: World) -> None:
    courses = [(await world.course()).id for _ in range(8)]
    other = [f"t{at}" for at in range(99)]

    async def writer(course: int) -> None:
        thing = courses[course]
        for name in other:
            async with world.write() as store:
                await store.tag(thing, ["shared", name])

    await asyncio.gather(*(writer(at) for at in range(8)))
    async with world.read() as store:
        counts = [t.usage_count for t in (await store.tags(TagAsk(), limit=200)).items]
    assert (len(counts), sum(counts)) == (100, 800)


async def test_counters_follow_delete_restore_and_untag(world: World) -> None:
    first, second = await world.course(), await world.course()

    async def uses() -> int:
        async with world.read() as store:
            tag = await store.tag_named("yoga")
        assert tag is not None
        return tag.usage_count

    async with world.write() as store:
        await store.tag(first.id, ["yoga"])
        await store.tag(second.id, ["yoga"])
    assert await uses() == 2
    async with world.write() as store:
        await store.delete(first.id)
    assert await uses() == 1
    async with world.write() as store:
        await store.restore(first.id)
        await store.untag(second.id, ["yoga"])
        await store.untag(second.id, ["yoga"])
    assert await uses() == 1


async def test_what_not_everybody_sees_is_neither_counted_nor_named(world: World) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    draft = await world.thing("course", by=ana, name="Secret", status="draft")

    async def read(viewer: Viewer) -> list[tuple[str, int]]:
        async with world.read(viewer) as store:
            found = [(tag.key, tag.usage_count) for tag in (await store.tags(TagAsk())).items]
            asked = await store.ask(Query("tags"))
            counted = await store.count(TagAsk())
        assert (len(found), len(found)) == (len(asked), counted.count)
        return found

    async with world.write(ana) as store:
        (tag,) = await store.tag(draft.id, ["topic:merger"])
    assert [await read(viewer) for viewer in (ana, STAFF)] == [[("merger", 0)]] * 2
    for viewer in (ben, ANYBODY):
        assert await read(viewer) == []
        with pytest.raises(NotFound):
            async with world.read(viewer) as store:
                await store.find_tag(tag.id)
    for status, seen in (("published", [("merger", 1)]), ("archived", [])):
        async with world.write(ana) as store:
            await store.update(draft.id, Patch(status=status))
        assert await read(ben) == seen


async def test_things_are_found_by_tag(world: World) -> None:
    first, _ = await world.course(), await world.course()
    async with world.write() as store:
        await store.tag(first.id, ["goal:calm"])
        tag = await store.tag_named("goal:calm")
        assert tag is not None
        found = await store.entities(EntityAsk(types=("course",), tag=tag.id))
    assert [entity.id for entity in found.items] == [first.id]


@pytest.mark.parametrize("name", ["", "  ", "mood:happy", "x" * 300, "a\0b", "topic:"])
async def test_what_can_be_no_tag_is_refused(world: World, name: str) -> None:
    course = await world.course()
    with pytest.raises(Invalid):
        async with world.write() as store:
            await store.tag(course.id, [name])
