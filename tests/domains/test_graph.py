"""The four tables over HTTP: what the README promises, and who may do what."""

import pytest
from httpx import AsyncClient

from one.store import Viewer
from tests.domains.conftest import Client
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio


async def test_a_world_is_made_and_read_back(owner: AsyncClient) -> None:
    ana = (await owner.post("/api/entities", json={"type": "creator", "name": "Ana"})).json()
    made = await owner.post(
        "/api/entities",
        json={"type": "course", "name": "Breath", "properties": {"language": "en"}},
    )
    assert made.status_code == 201
    assert made.headers["location"] == f"/api/entities/{made.json()['id']}"
    course = made.json()["id"]
    split = await owner.put(
        f"/api/entities/{course}/shares",
        json={"shares": [{"owner": ana["id"], "share": 10_000}]},
    )
    assert split.json()["items"][0]["metadata"] == {"revenueShare": 10_000}
    event = await owner.post(
        "/api/events",
        json={"type": "content_viewed", "entity": course, "metadata": {"duration": 30}},
    )
    assert event.status_code == 201
    tags = await owner.post(f"/api/entities/{course}/tags", json={"names": ["industry:fitness"]})
    assert [tag["usageCount"] for tag in tags.json()["items"]] == [0], "it is a draft"
    listed = await owner.get(
        "/api/entities",
        params={
            "type": "course",
            "where": "properties.language eq en",
            "tag": "industry:fitness",
        },
    )
    assert [entity["id"] for entity in listed.json()["items"]] == [course]
    published = await owner.post(f"/api/entities/{course}/publish", json={})
    assert published.json()["status"] == "published"
    history = (await owner.get(f"/api/entities/{course}/history")).json()
    assert [version["version"] for version in history["items"]] == [2, 1]


async def test_a_stale_if_match_gets_the_current_row(owner: AsyncClient) -> None:
    made = (await owner.post("/api/entities", json={"type": "course", "name": "One"})).json()
    path = f"/api/entities/{made['id']}"
    first = await owner.patch(path, json={"name": "Two"}, headers={"If-Match": '"1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    second = await owner.patch(path, json={"name": "Three"}, headers={"If-Match": '"1"'})
    assert second.status_code == 409
    problem = second.json()
    assert (problem["current"]["name"], problem["changed"]) == ("Two", ["name"])


async def test_a_repeated_key_gets_the_first_answer(owner: AsyncClient) -> None:
    headers = {"Idempotency-Key": "once"}
    body = {"type": "course", "name": "One"}
    first = await owner.post("/api/entities", json=body, headers=headers)
    again = await owner.post("/api/entities", json=body, headers=headers)
    assert again.json() == first.json()
    other = await owner.post("/api/entities", json=body | {"name": "Two"}, headers=headers)
    assert other.status_code == 409
    count = await owner.get("/api/entities/count", params={"type": "course"})
    assert count.json() == {"count": 1, "more": False}


async def test_others_see_no_drafts_and_change_nothing(world: World, client: Client) -> None:
    ana, bo = await world.person(), await world.person()
    mine, theirs, nobody = await client(ana), await client(bo), await client(None)
    draft = (await mine.post("/api/entities", json={"type": "course", "name": "Draft"})).json()
    path = f"/api/entities/{draft['id']}"
    for verb, answers in (("GET", (200, 404, 404)), ("PATCH", (200, 404, 401))):
        body = {"name": "Named"} if verb == "PATCH" else None
        for caller, status in zip((mine, theirs, nobody), answers, strict=True):
            assert (await caller.request(verb, path, json=body)).status_code == status
    assert (await mine.post(f"{path}/publish", json={})).status_code == 200
    assert (await theirs.get(path)).status_code == 200
    assert (await nobody.get(path)).status_code == 200
    for call in ("publish", "archive", "restore"):
        assert (await theirs.post(f"{path}/{call}", json={})).status_code == 403
    assert (await theirs.delete(path)).status_code == 403
    assert (await theirs.get(f"{path}/history")).status_code == 403
    assert (await theirs.get(path, params={"include": "private"})).status_code == 403
    assert (await theirs.post(f"{path}/tags", json={"names": ["x"]})).status_code == 403
    assert (await mine.post(f"{path}/purge", json={})).status_code == 403


async def test_what_one_writes_itself_names_the_operation_to_use(
    world: World, client: Client
) -> None:
    ana = await world.person()
    course = await world.course(by=ana)
    mine = await client(ana)
    for body in (
        {"type": "owns", "from": str(ana.id), "to": str(course.id)},
        {"type": "transacted", "from": str(ana.id), "to": str(course.id)},
    ):
        refused = await mine.post("/api/connections", json=body)
        assert refused.status_code == 403
        assert refused.json()["cure"].startswith("Use the operation")
    event = {"type": "payment_processed", "entity": str(course.id)}
    assert (await mine.post("/api/events", json=event)).status_code == 403


async def test_nobody_speaks_for_another(world: World, client: Client) -> None:
    ana, bo = await world.person(), await world.person()
    course = await world.course(by=ana)
    theirs = await client(bo)
    clone = await world.thing("ai_clone", by=bo)
    lesson = await world.thing("lesson", by=bo)
    club = await world.thing("community", by=ana, price={"amount": 900, "currency": "usd"})
    said = {
        "follow as ana": ("following", ana, id_of(bo)),
        "enroll oneself as owner would": ("enrolled_in", bo, course.id),
        "manage what is not mine": ("manages", bo, course.id),
        "collaborate unasked": ("collaborates_with", bo, course.id),
        "clone without consent": ("clone_of", clone, id_of(ana)),
        "slip a lesson in": ("part_of", lesson, course.id),
        "write what another owns": ("authored", bo, course.id),
        "enter a paid club": ("member_of", bo, club.id),
    }
    for what, (type, from_, to) in said.items():
        body = {"type": type, "from": str(from_.id), "to": str(to)}
        assert (await theirs.post("/api/connections", json=body)).status_code == 403, what
    own = {"type": "following", "from": str(bo.id), "to": str(ana.id)}
    made = await theirs.post("/api/connections", json=own)
    assert made.status_code == 201
    ended = await (await client(ana)).delete(f"/api/connections/{made.json()['id']}")
    assert ended.json()["validTo"] is not None


async def test_a_person_is_made_by_signing_up(world: World, client: Client) -> None:
    mine = await client(await world.person())
    made = await mine.post("/api/entities", json={"type": "creator", "name": "Me too"})
    assert made.status_code == 403


async def test_a_list_holds_what_is_private_of_ones_own_alone(world: World, client: Client) -> None:
    ana, bo = await world.person(), await world.person()
    for by, url in ((ana, "https://a.example"), (bo, "https://b.example")):
        await world.thing("digital_product", by=by, status="published", fileUrl=url)
    own = await world.thing(
        "digital_product", by=bo, status="published", fileUrl="https://c.example"
    )
    await world.connect("collaborates_with", id_of(ana), own.id)
    asked = {"type": "digital_product", "include": "private"}

    async def urls(viewer: Viewer | None, **more: str) -> list[str]:
        found = await (await client(viewer)).get("/api/entities", params={**asked, **more})
        return sorted(
            str(one["properties"].get("fileUrl", ""))[8:9] for one in found.json()["items"]
        )

    assert await urls(ana) == ["", "a", "c"]
    assert await urls(bo) == ["", "b", "c"]
    assert await urls(None) == ["", "", ""]
    assert await urls(STAFF) == ["a", "b", "c"]
    plain = await (await client(ana)).get("/api/entities", params={"type": "digital_product"})
    assert "fileUrl" not in plain.text


async def test_all_that_is_wrong_with_making_things_is_told_and_nothing_is_made(
    world: World, client: Client
) -> None:
    ana = await world.person()
    await world.thing("course", slug="taken")
    items = [
        {"name": "Good", "properties": {"slug": "good"}},
        {"name": " ", "status": "baked", "visibility": "some", "properties": {"capacity": -1}},
        {"name": "Late", "properties": {"slug": "taken", "cpacity": 3}},
        {"name": "Later", "properties": {"slug": "taken"}},
        {"name": "Again", "properties": {"slug": "good"}},
        {},
    ]
    mine = await client(ana)
    told = await mine.post("/api/entities/check", json={"type": "course", "items": items})
    assert told.status_code == 200, told.text
    wrong = {one["at"]: one["faults"] for one in told.json()["items"]}
    pointers = {at: {fault["pointer"] for fault in faults} for at, faults in wrong.items()}
    assert pointers == {
        1: {"/name", "/status", "/visibility", "/properties/capacity"},
        2: {"/properties/cpacity"},
        3: {"/properties/slug"},
        4: {"/properties/slug"},
        5: {"/name"},
    }
    assert "number 1 of these" in wrong[4][0]["message"]
    count = await mine.get("/api/entities/count", params={"type": "course"})
    assert count.json()["count"] == 0
    guarded = [{"name": "Chat", "properties": {"pair": "x"}}]
    asked = {"type": "conversation", "items": guarded}
    assert (await mine.post("/api/entities/check", json=asked)).json()["items"][0]["faults"]
    owner = await client(STAFF)
    assert not (await owner.post("/api/entities/check", json=asked)).json()["items"]
    people = {"type": "creator", "items": [{"name": "Cy"}]}
    assert (await mine.post("/api/entities/check", json=people)).status_code == 403
    nobody = await client(None)
    assert (await nobody.post("/api/entities/check", json=asked)).status_code == 401


async def test_private_properties_are_for_owners_who_ask(world: World, client: Client) -> None:
    ana = await world.person()
    mine, nobody = await client(ana), await client(None)
    body = {
        "type": "strategy_agent",
        "name": "Plan",
        "status": "active",
        "properties": {"systemPrompt": "Secret"},
    }
    path = f"/api/entities/{(await mine.post('/api/entities', json=body)).json()['id']}"
    assert "systemPrompt" not in (await nobody.get(path)).json()["properties"]
    assert "systemPrompt" not in (await mine.get(path)).json()["properties"]
    whole = await mine.get(path, params={"include": "private"})
    assert whole.json()["properties"]["systemPrompt"] == "Secret"


async def test_another_space_is_not_there(world: World, client: Client) -> None:
    course = await world.course()
    other = await world.neighbour()
    async with other.write() as store:
        _, secret = await store.issue_token(
            entity=id_of(await other.person()), role="person", name="elsewhere"
        )
    nobody = await client(None)
    nobody.headers["Authorization"] = f"Bearer {secret}"
    assert (await nobody.get(f"/api/entities/{course.id}")).status_code == 401


@pytest.mark.parametrize(
    ("verb", "path", "body", "pointer"),
    [
        ("POST", "/api/entities", {"type": "corse", "name": "x"}, "/type"),
        ("POST", "/api/entities", {"type": "course", "name": ""}, "/name"),
        ("POST", "/api/entities", {"type": "course", "name": "x", "nme": 1}, "/nme"),
        (
            "POST",
            "/api/entities",
            {"type": "course", "name": "x", "properties": {"sumary": ""}},
            "/properties/sumary",
        ),
        ("POST", "/api/events", {"type": "content_vewed", "entity": "x"}, "/entity"),
        ("GET", "/api/entities?type=corse", None, "/type"),
        ("GET", "/api/entities?where=nonsense", None, "/where/0"),
        ("GET", "/api/entities?cursor=abc", None, "/cursor"),
        ("GET", "/api/entities?limit=0", None, "/limit"),
        ("GET", "/api/entities?colour=red", None, "/colour"),
        ("GET", "/api/entities?tag=mood:happy", None, "/tag"),
        ("GET", "/api/entities?where=name%20eq%20a%00", None, "/where/0"),
        ("GET", "/api/entities/not-an-id", None, "/id"),
        (
            "POST",
            "/api/entities",
            {"type": "course", "name": "x", "tags": ["calm", "mood:happy"]},
            "/tags/1",
        ),
    ],
)
async def test_bad_input_is_named_at_its_place(
    owner: AsyncClient, verb: str, path: str, body: dict[str, object] | None, pointer: str
) -> None:
    answer = await owner.request(verb, path, json=body)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (
        422,
        "application/problem+json",
    )
    assert problem["errors"][0]["pointer"] == pointer
    assert problem["cure"]


async def test_an_unknown_type_gets_the_three_nearest(owner: AsyncClient) -> None:
    answer = await owner.post("/api/entities", json={"type": "corse", "name": "x"})
    assert answer.json()["errors"][0]["allowed"][0] == "course"
    assert len(answer.json()["errors"][0]["allowed"]) == 3


async def test_neighbours_paths_and_counts_are_answered(world: World, client: Client) -> None:
    ana = await world.person()
    course = await world.course(by=ana)
    nobody = await client(None)
    near = (await nobody.get(f"/api/entities/{ana.id}/neighbours", params={"depth": 2})).json()
    assert [item["entity"]["id"] for item in near["items"]] == [str(course.id)]
    ways = await nobody.get(f"/api/entities/{ana.id}/paths", params={"to": str(course.id)})
    assert [len(way["steps"]) for way in ways.json()["items"]] == [1]
    for table in ("connections", "events", "entities"):
        assert (await nobody.get(f"/api/{table}/count")).status_code == 200


async def test_every_operation_knows_its_queries(world: World) -> None:
    ana = await world.person()
    course = await world.course(by=ana)
    async with world.read(Viewer()) as store:
        await store.get(course.id)
        assert store.session.tx.queries == 1
    async with world.read(ana) as store:
        await store.neighbours(course.id)
        assert store.session.tx.queries == 4
