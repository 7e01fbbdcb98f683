"""What sets a live feature off by itself: a number that is reached, a signal that is given."""

from uuid import UUID

import anyio
import pytest
from httpx import AsyncClient
from pydantic import JsonValue

from one.compiler.expression import Lit
from one.domains.features.measures import reached
from one.store import Happening, Link, Viewer
from one.store.sequencer import stamp
from tests.workshop.conftest import Town, town_of
from tests.workshop.test_calling import deploy
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
VIRAL = """FEATURE: Viral video

WHEN a video reaches 3 views

TAG video WITH topic:viral
"""
TRACKED = """FEATURE: Many backers

WHEN a course reaches 100 backers

TAG course WITH topic:backed
"""
LOVED = """FEATURE: Loved

WHEN a video reaches 2 likes

TAG video WITH topic:loved
"""
DOORS = """FEATURE: Doors open

WHEN signal doors open

INPUT:
  - place: where

NOTIFY me ABOUT "The doors are open in [place]"
"""
ENDLESS = """FEATURE: One more

WHEN a creator creates a lesson

CREATE lesson called "Another" WITH description "Of many"
"""


def test_holders_are_counted_by_what_they_hold() -> None:
    kind, row_type, _ = reached("holders", Lit(100))
    assert (kind, row_type) == ("connections", "holds")


@pytest.fixture
async def ana(world: World) -> Viewer:
    return await world.person("creator", "Ana")


@pytest.fixture
async def author(town: Town, ana: Viewer) -> AsyncClient:
    return await town.as_(ana)


async def happen(world: World, thing: UUID, many: int, *, type: str = "content_viewed") -> None:
    """So often something happens to a thing, and is known of."""
    for _ in range(many):
        async with world.write() as store:
            await store.record(Happening(type, thing, {}))
    await stamped(world)


async def stamped(world: World) -> None:
    connection = await world.desk.database.connect()
    while await stamp(connection, "test"):
        pass
    await connection.close()


async def runs(world: World) -> list[tuple[str, str, JsonValue]]:
    async with world.read() as store:
        return [
            (str(feature), str(status), input)  # pyright: ignore[reportReturnType] # JSON
            for feature, status, input in await store.session.tx.rows(
                "SELECT feature, status, input FROM runs WHERE space_id = %(s)s ORDER BY id",
                {"s": world.space},
            )
        ]


async def read_on(town: Town) -> list[tuple[str, str, JsonValue]]:
    """The runs there are once all changes were read and nothing is left to do."""
    with anyio.fail_after(20):
        while await _behind(town.world) or any(  # noqa: ASYNC110 # in the database
            status not in ("done", "failed", "stopped") for _, status, _ in await runs(town.world)
        ):
            await anyio.sleep(0.05)
    return await runs(town.world)


async def _behind(world: World) -> bool:
    async with world.read() as store:
        record = await store.session.tx.row(
            "SELECT m.position < p.last FROM positions p JOIN marks m ON m.space_id = p.space_id"
            " AND m.reader = 'runs' WHERE p.space_id = %(s)s",
            {"s": world.space},
        )
    return bool(record and record[0])


async def test_a_number_of_views_that_is_reached_begins_one_run(
    town: Town, ana: Viewer, author: AsyncClient
) -> None:
    video = await town.world.thing("video", by=ana, status="published")
    old = await town.world.thing("video", by=ana, status="published")
    theirs = await town.world.thing(
        "video", by=await town.world.person("creator"), status="published"
    )
    await happen(town.world, old.id, 3)
    await deploy(author, VIRAL)
    async with town.working(), town_of(town.world).working():
        await happen(town.world, video.id, 2)
        assert await read_on(town) == []
        await happen(town.world, video.id, 4)
        await happen(town.world, old.id, 2)
        await happen(town.world, theirs.id, 4)
        found = await read_on(town)
        await deploy(author, VIRAL.replace("viral", "hit"))
        await happen(town.world, video.id, 2)
        assert await read_on(town) == found
        await deploy(author, VIRAL.replace("3 views", "9 views"))
        await happen(town.world, video.id, 1)
        again = await read_on(town)
    assert [(feature, status) for feature, status, _ in found] == [("viral_video", "done")]
    assert [input["row"]["entity"] for _, _, input in again] == [str(video.id)] * 2  # pyright: ignore


async def test_what_is_liked_anew_reaches_its_number_anew(
    town: Town, ana: Viewer, author: AsyncClient
) -> None:
    video = await town.world.thing("video", by=ana, status="published")
    fans = [await town.world.person("audience_member") for _ in range(2)]
    await deploy(author, LOVED)

    async def like(fan: Viewer) -> UUID:
        async with town.world.write(fan) as store:
            said: dict[str, JsonValue] = {"engagementType": "liked"}
            made = await store.connect(Link("engaged_with", id_of(fan), video.id, said))
        await stamped(town.world)
        return made.id

    async with town.working():
        await like(fans[0])
        last = await like(fans[1])
        assert len(await read_on(town)) == 1
        async with town.world.write(fans[1]) as store:
            await store.end(last)
        await stamped(town.world)
        assert len(await read_on(town)) == 1
        await like(fans[1])
        assert len(await read_on(town)) == 2


async def test_a_measure_that_is_tracked_begins_a_run_when_it_comes_to_its_number(
    town: Town, ana: Viewer, author: AsyncClient
) -> None:
    course = await town.world.course(by=ana)
    await deploy(author, TRACKED)
    async with town.working():
        for value in (40, 120, 130, 90, 100):
            async with town.world.write(ana) as store:
                said: dict[str, JsonValue] = {"metricType": "backers", "value": value}
                await store.record(Happening("metric_calculated", course.id, said))
        await stamped(town.world)
        found = await read_on(town)
    assert [(feature, status) for feature, status, _ in found] == [("many_backers", "done")] * 2


async def test_a_signal_begins_a_run_of_each_feature_of_its_giver_that_waits_for_it(
    town: Town, author: AsyncClient
) -> None:
    await deploy(author, DOORS)
    await deploy(author, DOORS.replace("Doors open", "Ring the bell"))
    other = await town.as_(await town.world.person("creator", "Bo"))
    assert (await other.post("/api/signals", json={"name": "doors open"})).status_code == 404
    given = {"name": "doors open", "payload": {"place": "Rome"}}
    key = {"idempotency-key": "s1"}
    async with town.working():
        said = await author.post("/api/signals", json=given, headers=key)
        assert said.status_code == 200, said.text
        assert len(said.json()["runs"]) == 2
        await author.post("/api/signals", json=given, headers=key)
        found = await read_on(town)
    assert [status for _, status, _ in found] == ["done", "done"]
    near = await author.post("/api/signals", json={"name": "door open"})
    assert (near.status_code, near.json()["near"]) == (404, ["doorsOpen"])
    sly = await author.post("/api/signals", json={"name": "doorsOpen", "payload": {"$part": "x"}})
    assert sly.status_code == 422


async def test_features_that_set_each_other_off_stop_with_a_dead_letter_that_says_so(
    town: Town, ana: Viewer, author: AsyncClient
) -> None:
    await deploy(author, ENDLESS)
    async with town.working():
        await town.world.thing("lesson", by=ana)
        with anyio.fail_after(30):
            while len(found := (await author.get("/api/runs")).json()["items"]) < 9:
                await stamped(town.world)
                await anyio.sleep(0.05)
        await stamped(town.world)
        await anyio.sleep(0.3)
        assert len((await author.get("/api/runs")).json()["items"]) == 9
    assert {run["status"] for run in found[1:]} == {"done"}
    assert found[0]["status"] == "dead"
    assert found[0]["reason"] == "features that set each other off are 8 deep here, the most"
