"""One's account by pages: address, password, second factor, devices, tokens."""

import json
import re
from io import BytesIO
from typing import get_args
from zipfile import ZipFile

import pytest
from httpx import AsyncClient
from pyotp.totp import TOTP

from one.store.archive import Part
from one.web.pages.account import PAGES
from tests.domains.accounts.test_audit import chained
from tests.web.pages.browsing import (
    PASSWORD,
    address,
    browser_in,
    fill,
    leads_to,
    newest_link,
    sign_in,
    sign_up,
    text_of,
)
from tests.world import World

pytestmark = pytest.mark.anyio

NEW = "seven quiet rivers at dawn"


def secret_of(page: str) -> str:
    found = re.search(r'id="secret">([^<]+)<', page)
    assert found, page
    return found[1]


async def with_second_factor(browser: AsyncClient) -> list[str]:
    """Turns it on; the backup codes. The code of this half minute is used up by it."""
    offered = await fill(browser, "/account/second-factor", password=PASSWORD)
    code = TOTP(secret_of(offered.text)).now()
    made = await fill(browser, "/account/second-factor/confirm", code=code)
    assert made.status_code == 200, text_of(made)
    return re.findall(r"<code[^>]*>([^<]+)</code>", made.text)


async def test_an_address_changes_once_both_have_agreed(browser: AsyncClient) -> None:
    old, new = address("old"), address("new")
    await sign_up(browser, old)
    asked = await fill(browser, "/account/email", email=new, password=PASSWORD)
    assert leads_to(asked) == "/account?done=letters#email"
    outbox = (await browser.get("/outbox")).text
    first, second = re.findall(r'href="(/enter/[^"]+)"', outbox)[:2]
    assert leads_to(await fill(browser, first)) == "/other-address"
    assert old in text_of(await browser.get("/account"))
    done = leads_to(await fill(browser, second))
    page = text_of(await browser.get(done))
    assert "Your address has changed." in page
    assert new in page


async def test_a_fan_becomes_a_creator(browser: AsyncClient) -> None:
    email = address()
    await sign_up(browser, email, kind="audience_member")
    assert "Fan · since" in text_of(await browser.get("/account"))
    wrong = await fill(browser, "/account/creator", handle="no spaces here")
    assert 'id="creator-handle-more" class="fault"' in wrong.text
    done = leads_to(await fill(browser, "/account/creator", handle=f"h{email[4:20]}"))
    page = text_of(await browser.get(done))
    assert "You are a creator." in page
    assert f"@h{email[4:20]} · Creator · since" in page
    assert "Become a creator" not in page
    assert (await fill(browser, "/account/creator")).status_code == 409


async def test_a_password_changes_with_the_one_before_and_signs_out_elsewhere(world: World) -> None:
    email = address()
    async with browser_in(world) as here, browser_in(world) as there:
        await sign_up(here, email)
        await sign_in(there, email)
        wrong = await fill(here, "/account/password", password="not that one", new=NEW)
        assert wrong.status_code == 403
        assert "Your password is not the one that you sign in with." in text_of(wrong)
        weak = await fill(here, "/account/password", password=PASSWORD, new="password")
        assert 'id="password-new-more" class="fault">It is easily guessed' in weak.text
        changed = await fill(here, "/account/password", password=PASSWORD, new=NEW)
        assert "has changed" in text_of(await here.get(leads_to(changed)))
        assert leads_to(await there.get("/account")).startswith("/sign-in")
        assert leads_to(await sign_in(there, email, NEW)) == "/home"


async def test_a_second_factor_is_asked_for_once_it_is_on_and_no_more_once_it_is_off(
    world: World,
) -> None:
    email = address()
    async with browser_in(world) as here, browser_in(world) as there:
        await sign_up(here, email)
        codes = await with_second_factor(here)
        assert len(codes) == 10
        assert leads_to(await sign_in(there, email)) == "/second-factor"
        assert leads_to(await there.get("/account")).startswith("/sign-in")
        wrong = await fill(there, "/second-factor", code="aaaa-bbbb-cccc")
        assert (wrong.status_code, "This code is wrong" in text_of(wrong)) == (403, True)
        assert leads_to(await fill(there, "/second-factor", code=codes[0].upper())) == "/home"
        assert "9 backup codes are left." in text_of(await there.get("/account"))
        off = await fill(there, "/account/second-factor/end", password=PASSWORD)
        assert "is off" in text_of(await there.get(leads_to(off)))
        await fill(there, "/sign-out")
        assert leads_to(await sign_in(there, email)) == "/home"


async def test_the_way_to_the_second_factor_remembers_where_to_go(world: World) -> None:
    email = address()
    async with browser_in(world) as here:
        await sign_up(here, email)
        codes = await with_second_factor(here)
        await fill(here, "/sign-out")
        half = await fill(here, "/sign-in", email=email, password=PASSWORD, next="/outbox")
        assert leads_to(half) == "/second-factor?next=%2Foutbox"
        assert leads_to(await fill(here, "/second-factor", code=codes[0], next="/outbox")) == (
            "/outbox"
        )


async def test_a_wrong_first_code_turns_nothing_on(browser: AsyncClient) -> None:
    await sign_up(browser, address())
    await fill(browser, "/account/second-factor", password=PASSWORD)
    wrong = await fill(browser, "/account/second-factor/confirm", code="12345")
    assert (wrong.status_code, "must be six digits" in text_of(wrong)) == (422, True)
    assert "Turn it on" in text_of(await browser.get("/account"))


async def test_new_backup_codes_void_the_old(browser: AsyncClient) -> None:
    email = address()
    await sign_up(browser, email)
    old = await with_second_factor(browser)
    made = await fill(browser, "/account/backup-codes", password=PASSWORD)
    new = re.findall(r"<code[^>]*>([^<]+)</code>", made.text)
    await fill(browser, "/sign-out")
    await sign_in(browser, email)
    assert (await fill(browser, "/second-factor", code=old[0])).status_code == 403
    assert leads_to(await fill(browser, "/second-factor", code=new[0])) == "/home"


async def test_devices_are_listed_and_signed_out(world: World) -> None:
    email, phone = address(), "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Safari/604.1"
    async with browser_in(world) as here, browser_in(world) as there, browser_in(world) as third:
        await sign_up(here, email)
        there.headers["User-Agent"] = phone
        await sign_in(there, email)
        page = await here.get("/account")
        assert "Safari on iPhone" in text_of(page)
        end = re.findall(r'action="(/account/devices/[0-9a-f-]+/end)"', page.text)
        assert leads_to(await fill(here, end[0])) == "/account?done=device"
        assert leads_to(await there.get("/account")).startswith("/sign-in")
        again = await fill(here, end[0])
        assert (again.status_code, "You have no such session." in text_of(again)) == (404, True)
        await sign_in(third, email)
        assert leads_to(await fill(here, "/account/devices/end")) == "/account?done=devices"
        assert leads_to(await third.get("/account")).startswith("/sign-in")
        assert (await here.get("/account")).status_code == 200


async def test_a_token_is_shown_once_acts_and_is_revoked(browser: AsyncClient) -> None:
    await sign_up(browser, address())
    past = await fill(browser, "/account/tokens", name="phone", expiresAt="2020-01-01")
    assert (past.status_code, "Choose a later" in text_of(past)) == (422, True)
    fields = {"name": "phone", "expiresAt": "2099-12-31", "scopes": "read runs"}
    made = await fill(browser, "/account/tokens", **fields)
    secret = secret_of(made.text)
    acting = {"Authorization": f"Bearer {secret}"}
    assert (await browser.get("/api/tokens", headers=acting)).status_code == 200
    page = await browser.get("/account")
    assert "phone For read, runs · made" in text_of(page)
    assert "until 31 Dec 2099" in text_of(page)
    assert secret not in page.text
    (end,) = re.findall(r'action="(/account/tokens/[0-9a-f-]+/end)"', page.text)
    assert leads_to(await fill(browser, end)) == "/account?done=token"
    assert (await browser.get("/api/tokens", headers=acting)).status_code == 401


async def test_what_was_done_is_read_in_the_log(world: World, browser: AsyncClient) -> None:
    await sign_up(browser, address())
    await fill(browser, "/account/tokens", name="my <phone>")
    await chained(world)
    page = text_of(await browser.get("/account/log"))
    assert page.index("Token made my <phone>") < page.index("Signed in") < page.index("Signed up")
    assert "Older ones" not in page
    wrong = await browser.get("/account/log?before=none")
    assert (wrong.status_code, "must be a whole number" in text_of(wrong)) == (422, True)


async def test_who_has_no_password_chooses_one(browser: AsyncClient) -> None:
    email = address()
    await fill(browser, "/sign-up", name="Bo", kind="audience_member", email=email)
    await fill(browser, await newest_link(browser))
    assert "You have none: you sign in by a link we e-mail you." in text_of(
        await browser.get("/account")
    )
    assert leads_to(await fill(browser, "/account/password", new=NEW)) == "/account?done=password"
    await fill(browser, "/sign-out")
    assert leads_to(await sign_in(browser, email, NEW)) == "/home"


async def test_nobody_acts_on_an_account_without_signing_in(browser: AsyncClient) -> None:
    for page in PAGES:
        answer = await fill(browser, page.path, email=address(), new=NEW, name="x", code="123456")
        back = page.path.replace("/", "%2F") if page.read else "%2Faccount"
        assert page.act is None or leads_to(answer) == f"/sign-in?next={back}"


async def test_ones_data_are_downloaded_as_a_file(browser: AsyncClient) -> None:
    email = address()
    assert leads_to(await browser.get("/account/export")).startswith("/sign-in")
    await sign_up(browser, email)
    answer = await browser.get("/account/export")
    assert answer.headers["content-disposition"].startswith('attachment; filename="one-')
    with ZipFile(BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = {name.removesuffix(".ndjson") for name in archive.namelist()}
        assert names == {"README.txt", *get_args(Part)}
        account = json.loads(archive.read("account.ndjson"))
        told = archive.read("README.txt").decode()
    assert account["email"] == email
    assert [part for part in get_args(Part) if part not in told] == []


async def test_an_account_is_closed_and_opened_again(browser: AsyncClient) -> None:
    email = address()
    await sign_up(browser, email)
    assert "Sign in within 30 days to have it all back" in text_of(
        await browser.get("/account/close")
    )
    wrong = await fill(browser, "/account/close", password="not that one")
    assert 'id="password-more" class="fault"' in wrong.text
    assert "Your password is needed for this." in text_of(wrong)
    closed = leads_to(await fill(browser, "/account/close", password=PASSWORD))
    assert "Your account is closed." in text_of(await browser.get(closed))
    assert leads_to(await browser.get("/account")).startswith("/sign-in")
    assert "Your account is closed" in text_of(await browser.get("/outbox"))
    opened = leads_to(await sign_in(browser, email))
    assert "Your account is open again." in text_of(await browser.get(opened))
