"""Conversations: one between two, numbered without gaps, seen by those in it alone."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from one.domains.notices import say
from one.domains.notices.conversations import MOST_BEGUN
from one.errors import TooMany
from one.store import Contended, Entity, Viewer
from tests.domains.conftest import Client
from tests.domains.notices.rooms import acting
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


async def said(world: World, who: Viewer, to: UUID, text: str = "Hi", **more: Any) -> Entity:
    """Says it, again where others were in the way for long, as a door does."""
    while True:
        with suppress(Contended):
            async with acting(world, who) as ctx:
                return await say(ctx, to=to, text=text, **more)


async def talks(client: AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/api/notices/conversations")).json()["items"]


async def messages(client: AsyncClient, talk: str) -> list[dict[str, Any]]:
    page = await client.get(f"/api/notices/conversations/{talk}/messages", params={"limit": 200})
    assert page.status_code == 200, page.text
    return [item["properties"] for item in page.json()["items"]]


async def test_two_have_one_conversation_whoever_begins_and_however_many_at_once(
    world: World, client: Client
) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    both = [(ana, id_of(ben)), (ben, id_of(ana))] * 25
    made = await asyncio.gather(*(said(world, who, to, str(n)) for n, (who, to) in enumerate(both)))
    numbers = sorted(int(str(each.properties["sequence"])) for each in made)
    assert numbers == list(range(1, 51))
    assert len({str(each.properties["conversation"]) for each in made}) == 1
    for viewer in (ana, ben):
        mine = await client(viewer)
        (talk,) = await talks(mine)
        assert talk["conversation"]["properties"]["messageCount"] == 50
        listed = await messages(mine, talk["conversation"]["id"])
        assert [each["sequence"] for each in listed] == list(range(50, 0, -1))


async def test_only_those_in_it_see_a_conversation_and_what_is_said(
    world: World, client: Client
) -> None:
    ana, ben, cy = [await world.person(name=name) for name in ("Ana", "Ben", "Cy")]
    message = await said(world, ana, id_of(ben))
    talk = message.properties["conversation"]
    for viewer, status in ((ana, 200), (ben, 200), (cy, 404), (None, 404)):
        eyes = await client(viewer)
        for path in (f"/api/entities/{talk}", f"/api/entities/{message.id}"):
            assert (await eyes.get(path)).status_code == status
        if viewer is not None:
            listed = await eyes.get(f"/api/notices/conversations/{talk}/messages")
            assert listed.status_code == status
    assert await talks(await client(cy)) == []
    intruder = {"type": "member_of", "from": str(cy.id), "to": str(talk)}
    forged = {"type": "message", "name": "Hi", "properties": {"conversation": str(talk)}}
    for path, body in (("connections", intruder), ("entities", forged)):
        assert (await (await client(cy)).post(f"/api/{path}", json=body)).status_code in (403, 404)


async def test_what_is_unread_is_counted_until_it_is_read(world: World, client: Client) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    for text in ("One", "Two", "Three"):
        await said(world, ana, id_of(ben), text)
    mine, theirs = await client(ben), await client(ana)
    (talk,) = await talks(mine)
    assert (talk["unread"], (await talks(theirs))[0]["unread"]) == (3, 0)
    path = f"/api/notices/conversations/{talk['conversation']['id']}/read"
    for body, unread in (({"upTo": 2}, 1), ({"upTo": 1}, 1), ({}, 0), ({"upTo": 99}, 0)):
        assert (await mine.post(path, json=body)).json()["unread"] == unread
    assert {party["name"]: party["lastRead"] for party in (await talks(theirs))[0]["parties"]} == {
        "Ana": 3,
        "Ben": 3,
    }
    assert (await (await client(await world.person())).post(path, json={})).status_code == 404


async def test_a_clone_is_talked_to_and_answers_by_its_owner_alone(
    world: World, client: Client
) -> None:
    ana, ben, oz = await world.person(), await world.person(name="Ben"), await world.person()
    clone = await world.thing("ai_clone", by=ana, name="Ana's clone", status="active")
    asked = await said(world, ben, clone.id, "How do I breathe?")
    answered = await said(world, ana, id_of(ben), "Slowly.", by=clone.id, in_reply_to=asked.id)
    assert answered.properties["conversation"] == asked.properties["conversation"]
    assert (answered.properties["sequence"], answered.properties["role"]) == (2, "assistant")
    (talk,) = await talks(await client(ben))
    assert {party["name"]: party["type"] for party in talk["parties"]} == {
        "Ana's clone": "ai_clone",
        "Ben": "creator",
        "Ana": "creator",
    }
    assert talk["unread"] == 1
    stolen = {"to": str(ben.id), "text": "Pay me", "by": str(clone.id)}
    assert (await (await client(oz)).post("/api/notices/messages", json=stolen)).status_code == 403
    direct = await said(world, ana, id_of(ben))
    assert direct.properties["conversation"] != asked.properties["conversation"]


async def test_who_does_not_want_messages_of_somebody_gets_none(
    world: World, client: Client
) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    theirs, mine = await client(ana), await client(ben)
    told = {"to": str(ben.id), "text": "Hi"}
    assert (await theirs.post("/api/notices/messages", json=told)).status_code == 201
    wish = {"author": str(ana.id), "kind": "message", "wanted": False}
    assert (await mine.post("/api/notices/preferences", json=wish)).status_code == 200
    assert (await theirs.post("/api/notices/messages", json=told)).status_code == 403
    assert (await mine.post("/api/notices/preferences", json=wish | {"wanted": None})).json()
    assert (await theirs.post("/api/notices/messages", json=told)).status_code == 201


async def test_who_left_is_not_talked_to_and_comes_back_by_speaking(
    world: World, client: Client
) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    talk = str((await said(world, ana, id_of(ben))).properties["conversation"])
    mine, theirs = await client(ben), await client(ana)
    seats = await mine.get("/api/connections", params={"from": str(ben.id), "to": talk})
    (seat,) = seats.json()["items"]
    assert (await mine.delete(f"/api/connections/{seat['id']}")).status_code == 200
    assert await talks(mine) == []
    told = {"to": str(ben.id), "text": "Hello?"}
    assert (await theirs.post("/api/notices/messages", json=told)).status_code == 403
    again = await said(world, ben, id_of(ana), "Back")
    assert again.properties["conversation"] == talk
    assert (await theirs.post("/api/notices/messages", json=told)).status_code == 201


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"to": "nobody"}, 404),
        ({"to": "me"}, 422),
        ({"to": "course"}, 422),
        ({"text": " "}, 422),
        ({"inReplyTo": "course"}, 422),
        ({"by": "course"}, 403),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_said(
    world: World, client: Client, change: dict[str, str], status: int
) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    course = await world.course(by=ana)
    ids = {
        "nobody": "0190a0a0-0000-7000-8000-000000000000",
        "me": str(ana.id),
        "course": str(course.id),
    }
    body = {"to": str(ben.id), "text": "Hi"} | {
        key: ids.get(value, value) for key, value in change.items()
    }
    answer = await (await client(ana)).post("/api/notices/messages", json=body)
    assert answer.status_code == status, answer.text
    assert await talks(await client(ben)) == []


async def test_nobody_begins_talking_to_everybody(world: World) -> None:
    ana = await world.person()
    for n in range(MOST_BEGUN):
        await said(world, ana, id_of(await world.person(name=f"P{n}")))
    with pytest.raises(TooMany):
        await said(world, ana, id_of(await world.person(name="One more")))
