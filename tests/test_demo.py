"""The demo world is told once, whole, and by the rules that hold for everybody."""

import pytest

from one import demo
from one.runtime import Deployment
from one.settings import Settings
from one.store import ConnectionAsk, EntityAsk, EventAsk, Viewer
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_the_demo_world_can_be_looked_at(world: World) -> None:
    deployment, space = Deployment(Settings(mode="test"), world.desk), world.space
    assert await demo.is_empty(deployment, space=space)
    await demo.tell(deployment, space=space)
    assert not await demo.is_empty(deployment, space=space)
    async with world.read(Viewer()) as store:
        courses = (await store.entities(EntityAsk(types=("course",)))).items
        follows = await store.count(ConnectionAsk(types=("following",)))
        assert (await store.count(EventAsk(types=("entity_published",)))).count >= len(courses)
    assert [course.name for course in courses] == [
        "Sourdough at Home",
        "Record Anything",
        "Breathe Before You Speak",
    ]
    assert follows.count == 0, "fans are seen by those they deal with, not by everybody"
    assert courses[0].created_at > courses[-1].created_at
