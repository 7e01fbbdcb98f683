"""The features room over HTTP: who sees and moves the pointer, and what moves with it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from httpx import AsyncClient

from one.compiler.program import Every
from one.domains.features.triggers import every_of
from one.store import PLATFORM, Viewer, revisions
from one.store.reactions import triggers_of
from tests.domains.conftest import Client
from tests.domains.live import GREET, kept, live
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
LOUD = GREET.replace('"Hello [name]"', '"HELLO [name]"')
TIMED = GREET.replace(
    "INPUT:\n  - name: what to call them\n\n", "EVERY MONDAY at 9am\n\nSET name to 5\n"
)


@pytest.fixture
async def ana(world: World) -> Viewer:
    return await world.person(name="Ana")


async def schedules(world: World) -> list[tuple[str, str]]:
    async with world.read() as store:
        rows = await store.session.tx.rows(
            "SELECT name, digest FROM schedules WHERE space_id = %(s)s", {"s": world.space}
        )
    return [(str(name), str(digest)) for name, digest in rows]


@pytest.mark.parametrize(
    ("every", "first", "second"),
    [
        (Every(unit="week", on="sunday"), "2026-01-04T00:00", "2026-01-11T00:00"),
        (Every(unit="week", on=["monday", "friday"]), "2026-01-02T00:00", "2026-01-05T00:00"),
        (Every(at=["09:00", "18:00"]), "2026-01-01T09:00", "2026-01-01T18:00"),
        (Every(unit="month", on="15", at="12:00"), "2026-01-15T12:00", "2026-02-15T12:00"),
        (Every(unit="month", on="31"), "2026-01-31T00:00", "2026-02-28T00:00"),
        (Every(unit="year", on="12-24"), "2026-12-24T00:00", "2027-12-24T00:00"),
        (Every(unit="year", on="02-29"), "2026-02-28T00:00", "2027-02-28T00:00"),
    ],
)
def test_a_schedule_comes_on_its_days_and_times(every: Every, first: str, second: str) -> None:
    kept = every_of(every, "UTC")
    found = kept.after(datetime(2026, 1, 1, tzinfo=UTC))
    assert found == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert kept.after(found) == datetime.fromisoformat(second).replace(tzinfo=UTC)


async def test_an_author_sees_their_features_and_nobody_elses(
    world: World, client: Client, owner: AsyncClient, ana: Viewer
) -> None:
    await live(world, id_of(ana), GREET, handle="ana")
    await live(world, PLATFORM, LOUD)
    mine = (await (await client(ana)).get("/api/features")).json()["items"]
    assert [(one["slug"], one["revision"], one["address"]) for one in mine] == [
        ("greet_a_fan", 1, "/api/features/ana/greet_a_fan")
    ]
    every = (await owner.get("/api/features")).json()["items"]
    assert {one["address"] for one in every} == {
        "/api/features/greet_a_fan",
        "/api/features/ana/greet_a_fan",
    }
    other = await client(await world.person(name="Bo"))
    assert (await other.get("/api/features")).json()["items"] == []
    asked = await other.get("/api/features", params={"owner": str(ana.id)})
    assert asked.status_code == 403
    assert (await other.get("/api/features/greet_a_fan")).status_code == 404
    assert (await (await client(None)).get("/api/features")).status_code == 401


async def test_a_feature_tells_its_text_and_what_was_understood(
    world: World, client: Client, ana: Viewer
) -> None:
    await live(world, id_of(ana), GREET)
    answer = await (await client(ana)).get("/api/features/greet_a_fan")
    told = answer.json()
    assert (told["text"], told["input"]["name"]["type"]) == (GREET, "text")
    assert told["understood"][0] == "It needs name (text)."
    assert answer.headers["etag"] == '"1"'


async def test_an_unknown_feature_names_the_nearest(
    world: World, client: Client, ana: Viewer
) -> None:
    await live(world, id_of(ana), GREET)
    answer = await (await client(ana)).get("/api/features/greet_fan")
    assert (answer.status_code, answer.json()["near"]) == (404, ["greet_a_fan"])


async def test_a_text_that_says_the_same_is_no_new_revision(world: World, ana: Viewer) -> None:
    first = await kept(world, id_of(ana), GREET)
    assert (await kept(world, id_of(ana), GREET)).number == first.number == 1
    commented = await kept(world, id_of(ana), GREET + "\n# politely\n")
    assert (commented.number, commented.digest) == (2, first.digest)


async def test_rolling_back_goes_to_what_was_live_before_and_then_no_further(
    world: World, client: Client, ana: Viewer
) -> None:
    mine = await client(ana)
    await live(world, id_of(ana), GREET)
    canary = await kept(world, id_of(ana), LOUD)
    await live(world, id_of(ana), GREET + "\n# three\n")
    assert canary.number == 2, "which was never live"
    back = (await mine.post("/api/features/greet_a_fan/roll-back")).json()
    assert back["revision"] == 1
    again = await mine.post("/api/features/greet_a_fan/roll-back")
    assert (again.status_code, again.json()["title"]) == (409, "Conflict")
    named = await mine.post("/api/features/greet_a_fan/roll-back", json={"to": 3})
    assert named.json()["revision"] == 3
    unknown = await mine.post("/api/features/greet_a_fan/roll-back", json={"to": 9})
    assert unknown.status_code == 404
    told = (await mine.get("/api/features/greet_a_fan/revisions")).json()
    assert [(one["revision"], one["live"]) for one in told["items"]] == [
        (3, True),
        (2, False),
        (1, False),
    ]
    acts = [(one["act"], one["number"]) for one in told["deploys"]]
    assert acts == [("rolled back", 3), ("rolled back", 1), ("deployed", 3), ("deployed", 1)]


async def test_rolling_back_the_first_revision_ends_its_canary(
    world: World, client: Client, ana: Viewer
) -> None:
    mine, at = await client(ana), "/api/features/greet_a_fan"
    await live(world, id_of(ana), GREET)
    await kept(world, id_of(ana), LOUD)
    begun = await mine.post(f"{at}/set-canary", json={"revision": 2, "percent": 10})
    assert begun.json()["canary"] == {"revision": 2, "percent": 10}
    back = (await mine.post(f"{at}/roll-back")).json()
    assert (back["revision"], back["canary"]) == (1, None)
    assert (await mine.post(f"{at}/roll-back")).status_code == 409


async def test_a_pointer_that_somebody_moved_meanwhile_is_not_moved(
    world: World, client: Client, ana: Viewer
) -> None:
    mine = await client(ana)
    await live(world, id_of(ana), GREET)
    await live(world, id_of(ana), LOUD)
    seen = {"if-match": '"1"'}
    late = await mine.post("/api/features/greet_a_fan/roll-back", headers=seen)
    assert (late.status_code, late.json()["version"]) == (409, 2)
    fresh = await mine.post("/api/features/greet_a_fan/roll-back", headers={"if-match": '"2"'})
    assert (fresh.status_code, fresh.headers["etag"]) == (200, '"3"')


async def test_a_schedule_moves_with_the_pointer(world: World, client: Client, ana: Viewer) -> None:
    mine, id = await client(ana), id_of(ana)
    await live(world, id, GREET)
    assert await schedules(world) == []
    timed = await live(world, id, TIMED)
    name = f"feature:{id}:greet_a_fan"
    assert await schedules(world) == [(name, timed.digest)]
    await mine.post("/api/features/greet_a_fan/roll-back")
    assert await schedules(world) == []
    await mine.post("/api/features/greet_a_fan/roll-back", json={"to": 2})
    assert await schedules(world) == [(name, timed.digest)]
    gone = await mine.post("/api/features/greet_a_fan/retire-feature")
    assert gone.json()["retiredAt"] is not None
    assert await schedules(world) == []
    assert (await mine.get("/api/features")).json()["items"] == []
    back = await mine.post("/api/features/greet_a_fan/roll-back", json={"to": 2})
    assert back.json()["retiredAt"] is None


async def watched(world: World, author: UUID, text: str) -> tuple[str, str, dict[str, object]]:
    await live(world, author, text)
    async with world.read() as store:
        (one,) = await triggers_of(store.session.tx, world.space)
    return one.kind, one.row_type, dict(one.wanted)


async def test_what_sets_a_feature_off_is_watched_for(world: World, ana: Viewer) -> None:
    enrolled = "FEATURE: F\n\nWHEN a student enrolls in a course\n\nTAG course WITH topic:new\n"
    assert await watched(world, id_of(ana), enrolled) == (
        "connections",
        "enrolled_in",
        {"$change": "made", "$entity": "course"},
    )
    published = "FEATURE: F\n\nWHEN a creator publishes a course\n\nTAG course WITH topic:new\n"
    assert await watched(world, id_of(ana), published) == (
        "entities",
        "course",
        {"$change": "became", "status": "published"},
    )
    joined = "FEATURE: F\n\nWHEN a user signs up\n\nTAG user WITH topic:new\n"
    assert await watched(world, id_of(ana), joined) == (
        "entities",
        "audience_member",
        {"$change": "made"},
    )
    viewed = "FEATURE: F\n\nWHEN a fan views a video\n\nTAG video WITH topic:new\n"
    assert await watched(world, id_of(ana), viewed) == (
        "events",
        "content_viewed",
        {"$entity": "video"},
    )


async def test_a_canary_is_set_moved_and_made_live(
    world: World, client: Client, ana: Viewer
) -> None:
    mine, at = await client(ana), "/api/features/greet_a_fan/set-canary"
    await live(world, id_of(ana), GREET)
    await kept(world, id_of(ana), LOUD)
    assert (await mine.post(at, json={"percent": 10})).status_code == 409
    own = await mine.post(at, json={"percent": 10, "revision": 1})
    assert own.status_code == 409
    begun = (await mine.post(at, json={"percent": 10, "revision": 2})).json()
    assert (begun["revision"], begun["canary"]) == (1, {"revision": 2, "percent": 10})
    assert (await mine.post(at, json={"percent": 0})).json()["canary"] is None
    await mine.post(at, json={"percent": 50, "revision": 2})
    done = (await mine.post(at, json={"percent": 100})).json()
    assert (done["revision"], done["canary"]) == (2, None)
    assert (await mine.post(at, json={"percent": 101})).status_code == 422


async def test_two_revisions_are_compared_in_english(
    world: World, client: Client, ana: Viewer
) -> None:
    await live(world, id_of(ana), GREET)
    longer = LOUD.replace("them\n", "them\n  - age: how old they are (at least 18)\n")
    longer = longer.replace("GIVE", "CHECK age is less than 100\n\nGIVE")
    await live(world, id_of(ana), longer)
    mine = await client(ana)
    told = await mine.get("/api/features/greet_a_fan/differences", params={"before": 1})
    assert [change["says"] for change in told.json()["changes"]] == [
        "Now also needs age (a whole number, at least 18).",
        "Instead of: Set greeting to “Hello [name]”. Now: Set greeting to “HELLO [name]”.",
        "It now does: Make sure that the age is less than 100, else stop.",
    ]
    same = await mine.get("/api/features/greet_a_fan/differences", params={"before": 2, "after": 2})
    assert same.json()["same"] is True


async def test_others_may_not_move_a_pointer_and_staff_may(
    world: World, client: Client, owner: AsyncClient, ana: Viewer
) -> None:
    await live(world, id_of(ana), GREET)
    await live(world, id_of(ana), LOUD)
    bo = await client(await world.person(name="Bo"))
    whose = {"owner": str(ana.id)}
    assert (await bo.post("/api/features/greet_a_fan/roll-back")).status_code == 404
    denied = await bo.post("/api/features/greet_a_fan/roll-back", json=whose)
    assert denied.status_code == 403
    staff = await owner.post("/api/features/greet_a_fan/roll-back", json=whose)
    assert staff.json()["revision"] == 1


async def test_a_handle_is_one_authors(world: World, ana: Viewer) -> None:
    bo = await world.person(name="Bo")
    async with world.write() as store:
        assert await revisions.take_handle(store.session, id_of(ana), "ana")
        assert not await revisions.take_handle(store.session, id_of(bo), "ana")
        assert await revisions.take_handle(store.session, id_of(ana), "ana_b")
        assert await revisions.author_called(store.session, "ana") is None
        assert await revisions.author_called(store.session, "ana_b") == ana.id
