"""Where somebody is signed in, and how that ends."""

from datetime import timedelta

import pytest
from httpx import AsyncClient

from one.clock import Clock
from one.store import Viewer
from tests.domains.accounts.people import PASSWORD, address, enter, newest, sign_in, signed_up
from tests.domains.accounts.test_second_factor import turned_on
from tests.domains.conftest import Client, client_of
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_devices_are_listed_and_signed_out(client: Client, owner: AsyncClient) -> None:
    email = address("ana")
    browser, _ = await signed_up(client, owner, email)
    phone = await client(None)
    phone.headers["User-Agent"] = "A phone"
    await sign_in(phone, email)
    items = (await browser.get("/api/account/devices")).json()["items"]
    assert (items[0]["device"], items[0]["here"]) == ("A phone", False)
    assert (await browser.delete(f"/api/account/devices/{items[0]['id']}")).status_code == 204
    assert (await phone.get("/api/account")).status_code == 401
    await sign_in(phone, email)
    assert (await browser.delete("/api/account/devices")).status_code == 204
    assert (await phone.get("/api/account")).status_code == 401
    assert (await browser.get("/api/account")).status_code == 200


async def test_nobody_signs_out_the_device_of_another(client: Client, owner: AsyncClient) -> None:
    ana, _ = await signed_up(client, owner, address("ana"))
    bo, _ = await signed_up(client, owner, address("bo"))
    hers = (await ana.get("/api/account/devices")).json()["items"][0]["id"]
    assert (await bo.delete(f"/api/account/devices/{hers}")).status_code == 404
    assert (await ana.get("/api/account")).status_code == 200


async def test_a_new_password_signs_out_everywhere_else_and_renews_the_session(
    client: Client, owner: AsyncClient
) -> None:
    email = address("cy")
    browser, _ = await signed_up(client, owner, email)
    other, before = await client(None), browser.cookies["one_session"]
    await sign_in(other, email)
    new = "five green doors in winter"
    wrong = {"new": new, "password": "guess"}
    assert (await browser.post("/api/accounts/change-password", json=wrong)).status_code == 403
    right = {"new": new, "password": PASSWORD}
    assert (await browser.post("/api/accounts/change-password", json=right)).status_code == 200
    assert browser.cookies["one_session"] != before
    assert (await browser.get("/api/account")).status_code == 200
    assert (await other.get("/api/account")).status_code == 401
    stale = await client(None)
    stale.cookies.set("one_session", before)
    assert (await stale.get("/api/account")).status_code == 401


@pytest.mark.parametrize(("days", "status"), [(29, 200), (31, 401)])
async def test_a_session_that_isnt_used_is_over(
    world: World, client: Client, owner: AsyncClient, days: int, status: int
) -> None:
    browser, _ = await signed_up(client, owner, address("di"))
    later = await client_of(World(world.desk.with_clock(Clock(timedelta(days=days))), world.space))
    later.cookies = browser.cookies
    assert (await later.get("/api/account")).status_code == status


async def test_a_session_is_over_after_its_longest_time_however_used(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, _ = await signed_up(client, owner, address("ed"))
    for days, status in ((29, 200), (58, 200), (87, 200), (91, 401)):
        clock = Clock(timedelta(days=days))
        later = await client_of(World(world.desk.with_clock(clock), world.space))
        later.cookies = browser.cookies
        assert (await later.get("/api/account")).status_code == status


async def test_an_address_changes_when_the_old_and_the_new_have_agreed(
    client: Client, owner: AsyncClient
) -> None:
    old, new = address("flo"), address("flora")
    browser, flo = await signed_up(client, owner, old)
    body = {"email": new, "password": PASSWORD}
    assert (await browser.post("/api/accounts/change-email", json=body)).status_code == 202
    letter = await newest(owner)
    stranger = await client(None)
    assert (await enter(stranger, letter.link))["needs"] == "other_address"
    assert (await browser.get("/api/account")).json()["email"] == old
    items = (await owner.get("/api/notices/outbox")).json()["items"]
    first = next(item["body"] for item in items if item["subject"] == "Your address is to change")
    link = first.partition("/enter/")[2].split()[0]
    assert (await enter(stranger, link))["entity"] == str(flo)
    assert (await browser.get("/api/account")).json()["email"] == new
    assert "one_session" not in stranger.cookies
    assert (await sign_in(stranger, old)).status_code == 403
    assert (await sign_in(stranger, new)).status_code == 200


async def test_a_token_cant_do_what_takes_its_person(client: Client, owner: AsyncClient) -> None:
    browser, _ = await signed_up(client, owner, address("gil"))
    made = (await browser.post("/api/tokens", json={"name": "script"})).json()
    script = await client(None)
    script.headers["Authorization"] = f"Bearer {made['secret']}"
    assert (await script.get("/api/tokens")).status_code == 200
    assert (await script.get("/api/account")).status_code == 401


async def test_a_session_that_was_just_read_with_is_over_at_once(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, hal = await signed_up(client, owner, address("hal"), kind="creator")
    note = await world.thing("course", by=Viewer(hal, "person"), status="draft")
    path = f"/api/entities/{note.id}"
    for _ in range(3):
        assert (await browser.get(path)).status_code == 200
    kept = dict(browser.cookies)
    await browser.post("/api/accounts/sign-out", json={})
    stale = await client(None)
    stale.cookies.update(kept)
    assert (await stale.get(path)).status_code == 404
    assert (await stale.get("/api/account")).status_code == 401


async def test_a_person_is_told_by_a_letter_that_their_password_was_changed(
    client: Client, owner: AsyncClient
) -> None:
    browser, _ = await signed_up(client, owner, address("ana"))
    body = {"password": PASSWORD, "new": "four quiet rivers at dawn"}
    assert (await browser.post("/api/accounts/change-password", json=body)).is_success
    letter = await newest(owner)
    assert letter.subject == "Your password was changed"
    assert "/forgot" in letter.body
    assert "{" not in letter.body


async def test_a_person_is_told_by_a_letter_of_their_second_factor(
    client: Client, owner: AsyncClient
) -> None:
    browser, _ = await signed_up(client, owner, address("ana"))
    await turned_on(browser)
    assert (await newest(owner)).subject == "Your second factor was turned on"
    await browser.post("/api/accounts/end-second-factor", json={"password": PASSWORD})
    assert (await newest(owner)).subject == "Your second factor was turned off"
