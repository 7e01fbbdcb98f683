"""Signing up, in and out: by password, by letter, and what strangers can't find out."""

import os
import sys
import threading
from datetime import timedelta

import pytest
from httpx import AsyncClient

from one.clock import Clock
from tests.domains.accounts.people import (
    address,
    ask_to_sign_up,
    enter,
    letters,
    newest,
    sign_in,
    signed_up,
)
from tests.domains.conftest import Client, client_of
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_who_signs_up_is_somebody_once_their_letter_was_opened(
    client: Client, owner: AsyncClient
) -> None:
    browser, email = await client(None), address("ana")
    asked = await ask_to_sign_up(browser, email.title(), kind="creator", handle="ana")
    assert (asked.status_code, asked.json()) == (202, {"mailed": True})
    assert (await browser.get("/api/account")).status_code == 401
    entered = await enter(browser, (await newest(owner)).link)
    ana = (await browser.get(f"/api/entities/{entered['entity']}")).json()
    assert (ana["type"], ana["properties"]["handle"]) == ("creator", "ana")
    account = (await browser.get("/api/account")).json()
    assert (account["email"], account["hasPassword"]) == (email, True)


async def test_a_session_is_kept_where_scripts_cant_read_it(
    client: Client, owner: AsyncClient
) -> None:
    email = address("bo")
    await signed_up(client, owner, email)
    browser = await client(None)
    answer = await sign_in(browser, email.upper())
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert browser.cookies["one_session"] not in answer.text
    assert (await browser.get("/api/account")).status_code == 200
    out = await browser.post("/api/accounts/sign-out", json={})
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert (await browser.get("/api/account")).status_code == 401


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
async def test_who_signs_in_lets_others_go_first(client: Client) -> None:
    await sign_in(await client(None), address("ana"))
    hashing = [one.native_id or 0 for one in threading.enumerate() if "passwords" in one.name]
    ours = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert hashing
    assert all(os.getpriority(os.PRIO_PROCESS, one) > ours for one in hashing)


async def test_a_wrong_password_and_an_unknown_address_are_told_alike(
    client: Client, owner: AsyncClient
) -> None:
    email = address("cy")
    await signed_up(client, owner, email)
    browser = await client(None)
    wrong = await sign_in(browser, email, "not that one")
    unknown = await sign_in(browser, "nobody@mail.example", "not that one")
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.status_code == 403


@pytest.mark.parametrize("act", ["sign-up", "mail-sign-in", "mail-reset"])
async def test_asking_for_a_letter_doesnt_tell_whether_there_is_an_account(
    client: Client, owner: AsyncClient, act: str
) -> None:
    email = address("di")
    await signed_up(client, owner, email)
    browser = await client(None)
    more = {"name": "x"} if act == "sign-up" else {}
    answers = [
        await browser.post(f"/api/accounts/{act}", json={"email": email, **more})
        for email in (email, "nobody@mail.example")
    ]
    assert answers[0].json() == answers[1].json()
    assert {answer.status_code for answer in answers} == {202}
    assert len(await letters(owner)) == 3


async def test_whose_address_has_an_account_signs_in_by_signing_up(
    client: Client, owner: AsyncClient
) -> None:
    email = address("ed")
    _, ed = await signed_up(client, owner, email)
    browser = await client(None)
    await ask_to_sign_up(browser, email, password="another one of three words")
    assert (await enter(browser, (await newest(owner)).link))["entity"] == str(ed)
    assert (await sign_in(browser, email, "another one of three words")).is_error


async def test_a_letter_signs_in_by_its_link_or_its_code_and_once(
    client: Client, owner: AsyncClient
) -> None:
    email = address("flo")
    _, flo = await signed_up(client, owner, email, password=None)
    browser = await client(None)
    await browser.post("/api/accounts/mail-sign-in", json={"email": email})
    letter = await newest(owner)
    shown = await browser.post(
        "/api/accounts/enter-code", json={"email": email, "code": letter.code}
    )
    assert shown.json()["entity"] == str(flo)
    again = await browser.post(
        "/api/accounts/enter-code", json={"email": email, "code": letter.code}
    )
    assert again.status_code == 404
    used = await browser.post("/api/accounts/enter", json={"link": letter.link})
    assert used.status_code == 404
    assert used.json()["cure"].startswith("Ask for a new one.")


async def test_looking_at_a_link_doesnt_use_it(client: Client, owner: AsyncClient) -> None:
    email = address("gil")
    browser = await client(None)
    await ask_to_sign_up(browser, email)
    link = (await newest(owner)).link
    for _ in range(2):
        shown = await browser.get("/api/accounts/show-link", params={"link": link})
        assert (shown.json()["purpose"], shown.json()["email"]) == ("sign_up", email)
    assert (await enter(browser, link))["needs"] == "nothing"


async def test_links_are_over_after_a_quarter_of_an_hour(
    world: World, client: Client, owner: AsyncClient
) -> None:
    email = address("hal")
    browser = await client(None)
    await ask_to_sign_up(browser, email)
    letter = await newest(owner)
    later = await client_of(World(world.desk.with_clock(Clock(timedelta(minutes=16))), world.space))
    assert (await later.post("/api/accounts/enter", json={"link": letter.link})).status_code == 404


@pytest.mark.parametrize("link", ["x", "1.2", "0" * 32 + ".", "0" * 32 + "." + "A" * 43])
async def test_a_link_that_we_didnt_make_is_refused(client: Client, link: str) -> None:
    browser = await client(None)
    assert (await browser.post("/api/accounts/enter", json={"link": link})).status_code == 404


async def test_a_reset_chooses_a_new_password_and_signs_out_everywhere(
    client: Client, owner: AsyncClient
) -> None:
    email = address("ivy")
    old, _ = await signed_up(client, owner, email)
    browser = await client(None)
    await browser.post("/api/accounts/mail-reset", json={"email": email})
    link = (await newest(owner)).link
    missing = await browser.post("/api/accounts/enter", json={"link": link})
    assert missing.status_code == 422
    await enter(browser, link, password="seven quiet rivers at dawn")
    assert (await old.get("/api/account")).status_code == 401
    assert (await sign_in(browser, email)).status_code == 403
    assert (await sign_in(browser, email, "seven quiet rivers at dawn")).is_success


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "8 letters"), ("password123", "guessed"), ("", "guessed")],
)
async def test_a_password_that_is_soon_guessed_is_refused(
    client: Client, password: str, why: str
) -> None:
    email = address("jo")
    answer = await ask_to_sign_up(await client(None), email, password=password or email)
    assert answer.status_code == 422
    assert why in answer.json()["cure"]


async def test_another_site_cant_act_in_a_session(client: Client, owner: AsyncClient) -> None:
    email = address("kim")
    browser, _ = await signed_up(client, owner, email)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = await browser.post("/api/accounts/sign-out", json={}, headers=headers)
        assert answer.status_code == 403
    own = {"Origin": "http://one", "Sec-Fetch-Site": "same-origin"}
    assert (await browser.post("/api/accounts/sign-out", json={}, headers=own)).is_success
