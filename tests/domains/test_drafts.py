"""Drafts over HTTP: a text is kept for whoever writes it, and no save overwrites another unseen."""

import asyncio

import pytest
from httpx import AsyncClient

from one.domains.features.drafts import MOST, title_of
from one.store import Viewer
from tests.domains.conftest import Client
from tests.domains.live import GREET, live
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ana(world: World) -> Viewer:
    return await world.person(name="Ana")


@pytest.fixture
async def mine(client: Client, ana: Viewer) -> AsyncClient:
    return await client(ana)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("FEATURE: Greet a fan\nGIVE it", "Greet a fan"),
        ("# a note\n\n**feature: Greet a fan**", "Greet a fan"),
        ("FEATURE Greet\r\nGIVE it", "Greet"),
        ("FEATURE:\nGIVE it", ""),
        ("", ""),
    ],
)
def test_a_draft_is_called_as_its_first_feature(text: str, title: str) -> None:
    assert title_of(text) == title


async def test_a_draft_is_kept_listed_and_thrown_away(mine: AsyncClient) -> None:
    made = (await mine.post("/api/drafts", json={"text": "FEATURE: One"})).json()
    empty = await mine.post("/api/drafts", json={})
    assert (empty.status_code, empty.json()["title"]) == (201, "")
    saved = await mine.put(f"/api/drafts/{made['id']}", json={"text": "FEATURE: Two"})
    assert (saved.json()["title"], saved.json()["version"]) == ("Two", 2)
    assert saved.headers["etag"] == '"2"'
    listed = (await mine.get("/api/drafts")).json()["items"]
    assert [one["title"] for one in listed] == ["Two", ""]
    assert "text" not in listed[0]
    assert (await mine.get(f"/api/drafts/{made['id']}")).json()["text"] == "FEATURE: Two"
    assert (await mine.delete(f"/api/drafts/{made['id']}")).status_code == 204
    assert (await mine.get(f"/api/drafts/{made['id']}")).status_code == 404


async def test_of_two_who_save_at_once_one_is_shown_the_others_text(mine: AsyncClient) -> None:
    made = (await mine.post("/api/drafts", json={"text": "FEATURE: One"})).json()
    path, first = f"/api/drafts/{made['id']}", {"If-Match": '"1"'}
    answers = await asyncio.gather(
        *(mine.put(path, json={"text": f"FEATURE: {n}"}, headers=first) for n in "ab")
    )
    assert sorted(one.status_code for one in answers) == [200, 409]
    kept, refused = sorted(answers, key=lambda one: one.status_code)
    told = refused.json()
    assert (told["text"], told["version"]) == (kept.json()["text"], 2)
    again = await mine.put(path, json={"text": kept.json()["text"]}, headers=first)
    assert (again.status_code, again.json()["version"]) == (200, 2)
    over = {"If-Match": f'"{told["version"]}"'}
    assert (await mine.put(path, json={"text": "mine"}, headers=over)).json()["version"] == 3


async def test_a_draft_of_a_live_feature_stands_on_its_revision(
    world: World, client: Client, mine: AsyncClient, ana: Viewer
) -> None:
    await live(world, id_of(ana), GREET)
    made = (await mine.post("/api/drafts", json={"feature": "greet_a_fan"})).json()
    assert (made["text"], made["feature"], made["revision"]) == (GREET, "greet_a_fan", 1)
    other = await client(await world.person(name="Bo"))
    refused = await other.post("/api/drafts", json={"feature": "greet_a_fan"})
    assert refused.status_code == 404
    assert (await other.get("/api/drafts")).json()["items"] == []


async def test_drafts_have_an_end(world: World, mine: AsyncClient, ana: Viewer) -> None:
    async with world.write(ana) as store:
        await store.session.tx.run(
            "INSERT INTO drafts SELECT %(s)s, gen_random_uuid(), %(o)s, '', '', NULL, NULL, 1,"
            " now(), now() FROM generate_series(1, %(n)s)",
            {"s": world.space, "o": ana.id, "n": MOST},
        )
    refused = await mine.post("/api/drafts", json={})
    assert refused.status_code == 409
    assert "Throw away" in refused.json()["cure"]
