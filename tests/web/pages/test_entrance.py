"""Coming in by pages alone: with a password, a letter's link or code, and a second factor."""

import re

import pytest
from httpx import AsyncClient

from tests.web.pages.browsing import (
    PASSWORD,
    address,
    attribute,
    browser_in,
    fill,
    leads_to,
    newest_code,
    newest_link,
    sign_in,
    sign_up,
    text_of,
)
from tests.web.pages.test_foundation import check_closed
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_who_signs_up_is_in_once_their_letter_was_opened(browser: AsyncClient) -> None:
    email = address()
    fields = {"name": "Ana", "kind": "creator", "email": email, "password": PASSWORD}
    told = await browser.get(leads_to(await fill(browser, "/sign-up", **fields)))
    assert email in text_of(told)
    assert 'href="/outbox"' in told.text
    link = await newest_link(browser)
    assert email in text_of(await browser.get(link))
    assert leads_to(await fill(browser, link)) == "/welcome"
    page = text_of(await browser.get("/account"))
    assert email in page
    assert "Creator" in page


async def test_the_code_of_a_letter_does_the_same_however_it_is_typed(browser: AsyncClient) -> None:
    email = address()
    await fill(browser, "/sign-up", name="Ana", kind="audience_member", email=email)
    code = await newest_code(browser)
    wrong = await fill(browser, "/sign-in/code", email=email, code="12 34")
    assert (wrong.status_code, attribute(wrong, "email")) == (422, email)
    assert "The six digits must be six digits." in text_of(wrong)
    typed = f" {code[:3]} {code[3:]}"
    assert leads_to(await fill(browser, "/sign-in/code", email=email, code=typed)) == "/welcome"


async def test_what_was_typed_is_kept_but_for_passwords(browser: AsyncClient) -> None:
    email = address()
    fields = {"name": "Ana", "kind": "creator", "email": email, "handle": "no spaces"}
    page = await fill(browser, "/sign-up", password=PASSWORD, **fields)
    assert page.status_code == 422
    assert "Handle must be 1 to 40 letters" in text_of(page)
    kept = {name: attribute(page, name) for name in ("name", "email", "handle")}
    assert kept == {"name": "Ana", "email": email, "handle": "no spaces"}
    assert 'value="creator" checked' in page.text
    assert PASSWORD not in page.text


async def test_a_password_that_is_soon_guessed_is_told_of_beside_its_field(
    browser: AsyncClient,
) -> None:
    page = await fill(
        browser, "/sign-up", name="Ana", kind="creator", email=address(), password="password"
    )
    assert page.status_code == 422
    assert 'id="password-more" class="fault">It is easily guessed' in page.text


async def test_a_wrong_password_is_told_and_an_unknown_address_alike(browser: AsyncClient) -> None:
    email = address()
    await sign_up(browser, email)
    await fill(browser, "/sign-out")
    for whose in (email, address("nobody")):
        page = await sign_in(browser, whose, "not that one")
        assert page.status_code == 403
        assert "The e-mail address or the password is wrong." in text_of(page)
        assert attribute(page, "email") == whose
    assert leads_to(await sign_in(browser, email)) == "/home"


async def test_a_letter_signs_in_who_has_no_password_here(browser: AsyncClient) -> None:
    email = address()
    await sign_up(browser, email)
    await fill(browser, "/sign-out")
    asked = await fill(browser, "/sign-in/letter", email=email, next="/account")
    assert leads_to(asked) == "/sign-in/code?next=%2Faccount"
    assert leads_to(await fill(browser, await newest_link(browser))) == "/account"
    assert (await browser.get("/account")).status_code == 200


async def test_who_is_in_is_led_past_the_entrance_and_out_by_signing_out(
    browser: AsyncClient,
) -> None:
    await sign_up(browser, address())
    for path in ("/sign-in", "/sign-up", "/second-factor"):
        assert leads_to(await browser.get(path)) == "/home"
    out = await fill(browser, "/sign-out")
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert "You are signed out." in text_of(await browser.get(leads_to(out)))
    assert leads_to(await browser.get("/account")) == "/sign-in?next=%2Faccount"
    assert leads_to(await fill(browser, "/sign-out")) == "/sign-in?done=out"


async def test_a_handle_that_is_taken_meanwhile_may_be_another(world: World) -> None:
    async with browser_in(world) as one, browser_in(world) as other:
        await sign_up(one, address(), handle="ana")
        fields = {"name": "Ana", "kind": "creator", "email": address(), "handle": "ana"}
        await fill(other, "/sign-up", **fields)
        link = await newest_link(other)
        page = await fill(other, link)
        assert page.status_code == 409
        assert "'ana' is taken by another creator." in text_of(page)
        assert leads_to(await fill(other, link, handle="ana_two")) == "/welcome"
        assert "@ana_two" in text_of(await other.get("/account"))


async def test_a_forgotten_password_is_chosen_anew(browser: AsyncClient) -> None:
    email = address()
    await sign_up(browser, email)
    await fill(browser, "/sign-out")
    told = await browser.get(leads_to(await fill(browser, "/forgot", email=email)))
    assert email in text_of(told)
    link = await newest_link(browser)
    assert 'name="password"' in (await browser.get(link)).text
    missing = await fill(browser, link, password="")
    assert (missing.status_code, "New password is required." in text_of(missing)) == (422, True)
    assert leads_to(await fill(browser, link, password="seven quiet rivers")) == "/home"
    await fill(browser, "/sign-out")
    assert (await sign_in(browser, email)).status_code == 403
    assert leads_to(await sign_in(browser, email, "seven quiet rivers")) == "/home"


@pytest.mark.parametrize("link", ["nothing", "0" * 32 + ".x", "a" * 300])
async def test_a_link_that_is_none_is_told_of(browser: AsyncClient, link: str) -> None:
    for page in (await browser.get(f"/enter/{link}"), await fill(browser, f"/enter/{link}")):
        assert page.is_client_error
        assert page.headers["content-type"].startswith("text/html")


async def test_an_invitation_shows_who_asks_and_makes_an_account(browser: AsyncClient) -> None:
    await sign_up(browser, address())
    email = address()
    assert leads_to(await fill(browser, "/account/invite", email=email)).startswith("/account?done")
    link = await newest_link(browser)
    await fill(browser, "/sign-out")
    page = await browser.get(link)
    assert "invites you" in text_of(page)
    assert email in text_of(page)
    nameless = await fill(browser, link, name="")
    assert nameless.status_code == 422
    assert leads_to(await fill(browser, link, name="Bo", password=PASSWORD)) == "/welcome"
    assert email in text_of(await browser.get("/account"))


async def test_an_invitation_to_who_has_an_account_leads_to_signing_in(
    browser: AsyncClient,
) -> None:
    email = address()
    await sign_up(browser, email)
    await fill(browser, "/sign-out")
    await sign_up(browser, address())
    await fill(browser, "/account/invite", email=email)
    page = await browser.get(await newest_link(browser))
    assert "You already have an account" in text_of(page)
    assert 'href="/sign-in"' in page.text


async def test_who_was_going_somewhere_comes_there_by_their_letter_in_another_browser(
    browser: AsyncClient, world: World
) -> None:
    going, email = "/explore/course", address()
    page = await browser.get("/sign-up", params={"next": going})
    fields = {"name": "Bo", "kind": "audience_member", "email": email, "next": going}
    assert attribute(page, "next") == going
    await fill(browser, "/sign-up", **fields)
    link = await newest_link(browser)
    assert going not in link
    async with browser_in(world) as other:
        assert leads_to(await fill(other, link)) == going
    await fill(browser, "/sign-in/letter", email=email, next=going)
    code = await newest_code(browser)
    assert leads_to(await fill(browser, "/sign-in/code", email=email, code=code)) == going


@pytest.mark.parametrize(
    "path", ["//elsewhere.example", "/\\elsewhere.example", "https://a.example"]
)
async def test_no_letter_leads_to_another_site(browser: AsyncClient, path: str) -> None:
    asked = {"email": address(), "name": "Bo", "next": path}
    refused = await browser.post("/api/accounts/sign-up", json=asked)
    assert refused.status_code == 422
    assert "/next" in refused.text


@pytest.mark.parametrize(
    ("kind", "leads"), [("creator", "/studio/new"), ("audience_member", "/explore/creator")]
)
async def test_who_is_new_hears_what_they_can_do(
    browser: AsyncClient, kind: str, leads: str
) -> None:
    await sign_up(browser, address(), kind=kind)
    page = await browser.get("/welcome")
    check_closed(page)
    assert "Welcome, Ana" in text_of(page)
    assert f'href="{leads}"' in page.text
    for path in set(re.findall(r'<a class="font-medium[^"]*" href="([^"#]+)', page.text)):
        assert (await browser.get(path)).status_code == 200, path
    await fill(browser, "/sign-out")
    assert leads_to(await browser.get("/welcome")) == "/sign-in?next=%2Fwelcome"
