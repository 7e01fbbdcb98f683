"""What lies in another space is not there."""

import pytest

from one.errors import NotFound
from one.store import ConnectionAsk, EntityAsk, EventAsk, Link, Patch, TagAsk
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


async def test_nothing_of_one_space_is_reached_from_another(world: World) -> None:
    other = await world.neighbour()
    ana, course = await world.person(), await world.course()
    made = await world.connect("following", id_of(ana), id_of(await world.person()))
    async with world.write() as store:
        await store.tag(course.id, ["yoga"])
        tag = await store.tag_named("yoga")
        event = (await store.events(EventAsk(entity_id=course.id))).items[0]
    assert tag is not None
    async with other.write() as store:
        calls = (
            store.get(course.id),
            store.update(course.id, Patch(name="Mine")),
            store.delete(course.id),
            store.restore(course.id),
            store.archive(course.id),
            store.purge(course.id),
            store.history(course.id),
            store.neighbours(course.id),
            store.connection(made.id),
            store.amend(made.id, strength=1),
            store.end(made.id),
            store.event(event.id),
            store.find_tag(tag.id),
            store.tag(course.id, ["x"]),
            store.connect(Link("following", id_of(ana), id_of(ana), {})),
        )
        for call in calls:
            with pytest.raises(NotFound):
                await call
        assert await store.standing(course.id) is None
        assert await store.tag_named("yoga") is None
        for ask in (EntityAsk(types=("course",)), ConnectionAsk(), TagAsk()):
            assert (await store.count(ask)).count == 0
        assert (await store.events(EventAsk(entity_id=course.id))).items == []
