"""The inbox over HTTP: one's own notices, read and unread."""

import pytest

from one.store.sequencer import stamp
from tests.domains.conftest import Client
from tests.domains.notices.rooms import follower, told
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_everybody_sees_their_own_notices_alone(world: World, client: Client) -> None:
    ana = await world.person()
    ben, cy = await follower(world, ana), await follower(world, ana, "Cy")
    await told(world, ana, ben, cy, about="First")
    await told(world, ana, ben, about="Second")
    for viewer, titles in ((ben, ["Second", "First"]), (cy, ["First"]), (ana, [])):
        page = (await (await client(viewer)).get("/api/notices")).json()
        assert [item["properties"]["title"] for item in page["items"]] == titles
    notice = (await (await client(cy)).get("/api/notices")).json()["items"][0]["id"]
    for viewer in (ben, ana):
        mine = await client(viewer)
        assert (await mine.get(f"/api/entities/{notice}")).status_code == 404
        assert (await mine.post(f"/api/notices/{notice}/read", json={})).status_code == 404
    assert (await (await client(None)).get("/api/notices")).status_code == 401


async def test_reading_is_marked_once_and_counted(world: World, client: Client) -> None:
    ana = await world.person()
    ben = await follower(world, ana)
    for about in ("One", "Two", "Three"):
        await told(world, ana, ben, about=about)
    mine = await client(ben)
    newest = (await mine.get("/api/notices")).json()["items"][0]
    read = (await mine.post(f"/api/notices/{newest['id']}/read", json={})).json()
    again = (await mine.post(f"/api/notices/{newest['id']}/read", json={})).json()
    assert read["properties"]["readAt"] == again["properties"]["readAt"]
    assert (await mine.get("/api/notices/count-unread")).json() == {"count": 2, "more": False}
    unread = (await mine.get("/api/notices", params={"unread": "true"})).json()["items"]
    assert [item["properties"]["title"] for item in unread] == ["Two", "One"]
    assert (await mine.post("/api/notices/read", json={})).json() == {"count": 2, "more": False}
    assert (await mine.get("/api/notices/count-unread")).json()["count"] == 0


async def test_nobody_can_forge_a_notice(world: World, client: Client) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    forged = {
        "type": "notification",
        "name": "Hi",
        "properties": {"recipient": str(ben.id), "title": "From ONE"},
    }
    assert (await (await client(ana)).post("/api/entities", json=forged)).status_code == 403
    assert (await (await client(ben)).get("/api/notices")).json()["items"] == []


async def test_a_notice_comes_live_to_its_person_alone(world: World, client: Client) -> None:
    ana = await world.person()
    ben, cy = await follower(world, ana), await follower(world, ana, "Cy")
    await told(world, ana, ben, about="For Ben")
    connection = await world.desk.database.connect()
    while await stamp(connection, "test"):
        pass
    await connection.close()
    asked = {"table": "entities", "type": "notification", "since": "0", "for": "1"}
    for viewer, comes in ((ben, True), (cy, False), (ana, False)):
        said = await (await client(viewer)).get("/api/live", params=asked)
        assert said.status_code == 200
        assert ("For Ben" in said.text) is comes
