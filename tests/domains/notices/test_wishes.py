"""What people want to hear; unsubscribing by the link of a letter."""

import pytest

from one.domains.notices.unsubscribing import Link, sealed
from one.store import Viewer
from tests.domains.conftest import Client
from tests.domains.notices.rooms import fan, follower, told
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
ONE_CLICK = {"content-type": "application/x-www-form-urlencoded"}


async def token(world: World, person: Viewer, author: Viewer) -> str:
    async with world.read() as store:
        return sealed(store.session.secret, Link(id_of(person), id_of(author), "email"))


async def test_the_narrowest_wish_decides(world: World, client: Client) -> None:
    ana, oz = await world.person(), await world.person(name="Oz")
    ben = await follower(world, ana)
    await world.connect("following", id_of(ben), id_of(oz))
    mine = await client(ben)
    for wish in (
        {"channel": "email", "wanted": False},
        {"author": str(ana.id), "channel": "email", "wanted": True},
        {"author": str(ana.id), "kind": "offer", "channel": "email", "wanted": False},
        {"author": str(oz.id), "kind": "offer", "wanted": False},
    ):
        assert (await mine.post("/api/notices/preferences", json=wish)).status_code == 200
    for author, kind, queued, left_out in (
        (ana, "notice", {"email": 1}, {}),
        (ana, "offer", {}, {}),
        (oz, "notice", {}, {}),
        (oz, "offer", {}, {"unsubscribed": 1}),
    ):
        came = await told(world, author, ben, kind=kind, channels=["email"])
        assert (came.queued, came.left_out) == (queued, left_out)


async def test_a_wish_is_taken_back_and_told_nobody_else(world: World, client: Client) -> None:
    ben = await fan(world, phone="+353 1 234 5678")
    mine = await client(ben)
    wish = {"kind": "offer", "wanted": False}
    (kept,) = (await mine.post("/api/notices/preferences", json=wish)).json()["preferences"]
    assert (kept["kind"], kept["author"], kept["wanted"]) == ("offer", None, False)
    gone = await mine.post("/api/notices/preferences", json=wish | {"wanted": None})
    assert gone.json()["preferences"] == []
    reached = {each["channel"]: each["addresses"] for each in gone.json()["channels"]}
    assert reached == {"email": 1, "sms": 1, "push": 0}
    assert "@" not in gone.text
    assert "+353" not in gone.text


async def test_devices_are_registered_once_and_their_addresses_shown_to_nobody(
    world: World, client: Client
) -> None:
    ana = await world.person()
    ben = await follower(world, ana)
    mine, device = await client(ben), {"name": "Phone", "address": "token-1"}
    first = await mine.post("/api/notices/devices", json=device)
    again = await mine.post("/api/notices/devices", json=device | {"name": "My phone"})
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert "token-1" not in (await mine.get("/api/notices/preferences")).text
    assert (await told(world, ana, ben, channels=["push"])).queued == {"push": 1}
    path = f"/api/notices/devices/{first.json()['id']}"
    assert (await (await client(ana)).delete(path)).status_code == 404
    assert (await mine.delete(path)).status_code == 204
    assert (await told(world, ana, ben, channels=["push"])).missed == {"push": 1}


async def test_to_look_at_a_link_changes_nothing_and_one_click_does(
    world: World, client: Client
) -> None:
    ana = await world.person()
    ben = await follower(world, ana)
    anybody = await client(None)
    path = f"/api/notices/unsubscribe/{await token(world, ben, ana)}"
    for method in ("GET", "HEAD", "OPTIONS", "GET"):
        assert (await anybody.request(method, path)).status_code < 300
    assert (await anybody.get(path)).json() == {
        "author": "Ana",
        "channel": "email",
        "subscribed": True,
    }
    assert (await told(world, ana, ben, channels=["email"])).queued == {"email": 1}
    click = await anybody.post(path, content="List-Unsubscribe=One-Click", headers=ONE_CLICK)
    assert (click.status_code, click.json()["subscribed"]) == (200, False)
    assert (await anybody.post(path, json={})).json()["subscribed"] is False
    came = await told(world, ana, ben, channels=["email"])
    assert (came.count, came.queued, came.missed) == (1, {}, {"email": 1})


async def test_a_link_that_was_not_made_here_does_nothing(world: World, client: Client) -> None:
    ana = await world.person()
    ben, other = await follower(world, ana), await World.made(world.desk)
    anybody, good = await client(None), await token(world, ben, ana)
    forged = [await token(other, ben, ana), "B" + good[1:], "x" * 66, "x"]
    for each in forged:
        answer = await anybody.post(f"/api/notices/unsubscribe/{each}", json={})
        assert answer.status_code in (404, 422), answer.text
    assert (await told(world, ana, ben, channels=["email"])).queued == {"email": 1}


async def test_a_form_is_taken_from_mail_programs_alone(world: World, client: Client) -> None:
    ben = await fan(world)
    mine = await client(ben)
    answer = await mine.post("/api/notices/read", content="a=b", headers=ONE_CLICK)
    assert answer.status_code == 415
