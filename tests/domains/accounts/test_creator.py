"""A fan becomes a creator: the same person, who can be seen and sold by."""

import pytest
from httpx import AsyncClient

from one.clock import new_id
from one.ontology import Ontology, load
from one.store import Viewer
from tests.domains.accounts.people import address, sign_in, signed_up
from tests.domains.accounts.test_audit import chained
from tests.domains.conftest import Client
from tests.domains.notices.rooms import told
from tests.world import World, id_of

pytestmark = pytest.mark.anyio

PATH = "/api/accounts/become-creator"


async def became(browser: AsyncClient, **said: str) -> list[str]:
    answer = await browser.post(PATH, json=said)
    assert answer.status_code == 200, answer.text
    return answer.json()["left"]


async def found(browser: AsyncClient, **asked: str) -> set[str]:
    answer = await browser.get("/api/entities", params=asked)
    return {item["id"] for item in answer.json()["items"]}


async def test_they_stay_who_they_are_with_all_their_relations(
    world: World, client: Client, owner: AsyncClient
) -> None:
    handle = f"h{new_id().hex[:20]}"
    browser, bo = await signed_up(client, owner, address("bo"), handle=handle)
    ana = await world.person()
    follow = await world.connect("following", bo, id_of(ana))
    await world.update(bo, by=Viewer(bo, "person"), goals=["Run"], x_note="mine", bio="Runs far")
    assert await became(browser) == ["goals"]
    me = (await browser.get(f"/api/entities/{bo}?include=private")).json()
    assert (me["type"], me["visibility"]) == ("creator", "public")
    kept = {key: me["properties"].get(key) for key in ("handle", "bio", "x_note", "goals")}
    assert kept == {"handle": handle, "bio": "Runs far", "x_note": "mine", "goals": None}
    ties = await browser.get("/api/connections", params={"from": str(bo), "type": "following"})
    assert [tie["id"] for tie in ties.json()["items"]] == [str(follow.id)]


async def test_everybody_finds_them_among_creators_and_no_more_among_fans(
    client: Client, owner: AsyncClient
) -> None:
    browser, bo = await signed_up(client, owner, address("bo"))
    anyone = await client(None)
    assert (await anyone.get(f"/api/entities/{bo}")).status_code == 404
    handle = f"h{new_id().hex[:20]}"
    await became(browser, handle=handle)
    assert (await anyone.get(f"/api/entities/{bo}")).status_code == 200
    by_handle = {"type": "creator", "where": f"properties.handle eq {handle}"}
    assert await found(anyone, **by_handle) == {str(bo)}
    assert str(bo) in await found(anyone, type="creator")
    assert await found(owner, type="audience_member") == set()
    assert str(bo) in await found(anyone, type="creator", text="bo")


async def test_who_had_unsubscribed_is_written_to_no_more_than_before(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, bo = await signed_up(client, owner, address("bo"))
    me, author = Viewer(bo, "person"), await world.person()
    await world.connect("following", bo, id_of(author))
    await world.update(bo, by=me, unsubscribed=True)
    assert (await told(world, author, me)).left_out == {"unsubscribed": 1}
    assert await became(browser) == []
    assert (await told(world, author, me)).left_out == {"unsubscribed": 1}


async def test_who_chose_to_be_hidden_stays_hidden(client: Client, owner: AsyncClient) -> None:
    browser, bo = await signed_up(client, owner, address("bo"))
    await browser.patch(f"/api/entities/{bo}", json={"visibility": "private"})
    await became(browser)
    assert (await (await client(None)).get(f"/api/entities/{bo}")).status_code == 404


async def test_it_is_a_change_in_their_history_an_event_and_a_line_in_their_log(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, bo = await signed_up(client, owner, address("bo"))
    await became(browser)
    change = (await browser.get(f"/api/entities/{bo}/history")).json()["items"][0]
    assert {"type", "visibility"} <= set(change["changed"])
    assert change["before"]["type"] == "audience_member"
    events = await browser.get("/api/events", params={"entity": str(bo), "type": "entity_updated"})
    assert "type" in events.json()["items"][0]["metadata"]["fields"]
    await chained(world)
    log = (await browser.get("/api/account/log")).json()["items"]
    assert "became_creator" in [entry["act"] for entry in log]


async def test_it_begins_a_session_anew_and_ends_the_others(
    client: Client, owner: AsyncClient
) -> None:
    email = address("bo")
    browser, _ = await signed_up(client, owner, email)
    phone, before = await client(None), browser.cookies["one_session"]
    await sign_in(phone, email)
    await became(browser)
    assert browser.cookies["one_session"] != before
    assert (await browser.get("/api/account")).status_code == 200
    assert (await phone.get("/api/account")).status_code == 401


async def test_it_is_once_by_the_person_alone_and_with_a_handle_that_is_free(
    world: World, client: Client, owner: AsyncClient
) -> None:
    handle = f"h{new_id().hex[:20]}"
    await world.thing("creator", name="Ana", handle=handle)
    browser, _ = await signed_up(client, owner, address("bo"))
    token = (await browser.post("/api/tokens", json={"name": "script"})).json()["secret"]
    script = await client(None)
    script.headers["Authorization"] = f"Bearer {token}"
    assert (await script.post(PATH, json={})).status_code == 401
    taken = await browser.post(PATH, json={"handle": handle.upper()})
    assert (taken.status_code, taken.json()["errors"][0]["pointer"]) == (
        409,
        "/properties/handle",
    )
    await became(browser)
    assert (await browser.post(PATH, json={})).status_code == 409
    assert (await owner.post(PATH, json={})).status_code == 401


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load()


def test_whatever_a_fan_may_be_tied_to_a_creator_may(ontology: Ontology) -> None:
    for kind in ontology.connections.values():
        for pair in kind.pairs:
            for end in pair:
                assert "audience_member" not in end or "creator" in end, kind.name
    for event in ontology.events.values():
        assert "audience_member" not in event.subjects or "creator" in event.subjects, event.name


def test_nothing_that_is_private_of_a_fan_is_public_of_a_creator(ontology: Ontology) -> None:
    fan, creator = ontology.entity("audience_member"), ontology.entity("creator")
    assert fan.private & creator.keys <= creator.private
    assert fan.unique == creator.unique
