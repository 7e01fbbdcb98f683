"""Types are counted as their lists are read: by what each viewer may see."""

import pytest

from one.store import ANYBODY, EntityAsk, Viewer
from one.store.census import census
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio


async def test_each_type_counts_what_a_list_of_it_holds(world: World) -> None:
    ana, bo = await world.person(), await world.person("audience_member", "Bo")
    fan = await world.person("audience_member", "Cy")
    for at in range(4):
        course = await world.course(by=ana, name=f"Course {at}")
        if at % 2:
            async with world.write(ana) as store:
                await store.delete(course.id)
    await world.thing("course", by=ana, name="Not yet", status="draft")
    await world.connect("following", id_of(fan), id_of(ana))
    viewers: list[Viewer] = [ANYBODY, ana, bo, fan, STAFF]
    seen: list[dict[str, int]] = []
    for viewer in viewers:
        async with world.read(viewer) as store:
            counted = {one.type: one.count for one in await census(store.session)}
            for name in ("creator", "audience_member", "course", "website"):
                listed = await store.count(EntityAsk(types=(name,)))
                assert counted[name] == listed.count, (viewer, name)
            assert counted.keys() == world.desk.ontology.entities.keys()
        seen.append(counted)
    assert [counted["course"] for counted in seen] == [2, 3, 2, 2, 3]
    assert [counted["audience_member"] for counted in seen] == [0, 1, 1, 1, 2]
