"""A person signs up and guards their account in a real browser: without scripts, in the dark, by
keyboard alone.
"""

import re

import pytest
from playwright.async_api import Browser, Page, expect
from pyotp.totp import TOTP

from one.clock import Clock, new_id

pytestmark = pytest.mark.anyio

PASSWORD = "copper lantern over seven hills"

FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"

FOCUSED = """() => {
  const at = document.activeElement;
  const look = getComputedStyle(at.closest("label.choice, .editor") ?? at);
  if (at === document.body) return ["", true];
  const own = at.isContentEditable ? at.ariaLabel : at.innerText;
  const name = at.labels?.[0]?.innerText ?? own;
  return [name.split("\\n")[0], look.boxShadow !== "none" || look.outlineStyle !== "none"];
}"""

FAINT = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const painted = colours => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
  };
  const light = ([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const faint = [];
  for (const part of document.querySelectorAll("body *")) {
    const own = [...part.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const unseen = ".sr-only, .sr-only *, .is-coloured > textarea";
    if (!own || part.matches(unseen) || !part.checkVisibility()) continue;
    const grounds = [], look = getComputedStyle(part);
    for (let at = part; at; at = at.parentElement)
      grounds.unshift(getComputedStyle(at).backgroundColor);
    const two = [grounds, [...grounds, look.color]].map(colours => light(painted(colours)));
    const contrast = (Math.max(...two) + 0.05) / (Math.min(...two) + 0.05);
    if (contrast < 4.5) faint.push(`${part.innerText.trim()}: ${contrast.toFixed(2)}`);
  }
  return faint;
}"""
"""Texts whose contrast with what is behind them is less than WCAG AA asks for."""


def address() -> str:
    return f"ana.{new_id().hex}@mail.example"


async def sign_up(page: Page, email: str, kind: str = "A creator") -> None:
    """Up to the account."""
    await page.goto("/sign-up")
    await page.get_by_label(kind).check()
    await page.get_by_label("Name").fill("Ana Brown")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign up").click()
    await page.get_by_role("link", name="look at the outbox").click()
    await page.get_by_role("link", name=re.compile("enter")).first.click()
    await page.get_by_role("button", name="Sign up").click()
    await page.get_by_role("link", name="your account").click()
    await expect(page).to_have_url(re.compile("/account$"))


async def turn_on_second_factor(page: Page) -> tuple[TOTP, list[str]]:
    """The app that has its secret, and the backup codes."""
    card = page.get_by_role("region", name="Second factor")
    await card.get_by_text("Turn it on").first.click()
    await card.get_by_label("Your password").fill(PASSWORD)
    await card.get_by_role("button", name="Go on").click()
    app = TOTP(await page.locator("#secret").inner_text())
    await page.get_by_label("The code").fill(app.now())
    await page.get_by_role("button", name="Turn it on").click()
    await expect(page.get_by_role("heading", name="Your backup codes")).to_be_visible()
    codes = await page.get_by_role("listitem").all_inner_texts()
    await page.get_by_role("link", name="I have kept them").click()
    return app, codes


async def sign_in(page: Page, email: str) -> None:
    """Up to the second factor."""
    await page.goto("/sign-in")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(re.compile("/second-factor$"))


async def test_a_person_signs_up_and_comes_back_with_a_second_factor_without_scripts(
    browser: Browser, site: str
) -> None:
    page = await browser.new_page(base_url=site, java_script_enabled=False)
    email = address()
    await sign_up(page, email)
    app, codes = await turn_on_second_factor(page)
    await page.get_by_role("button", name="Sign out").click()
    await sign_in(page, email)
    await page.get_by_label("Code").fill(codes[0])
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("link", name="Account").first.click()
    await expect(page.get_by_text("9 backup codes are left.")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await sign_in(page, email)
    await page.get_by_label("Code").fill(app.at(Clock().now(), counter_offset=1))
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Hello, Ana Brown")).to_be_visible()
    await page.close()


async def test_an_account_is_taken_along_closed_and_had_back(browser: Browser, site: str) -> None:
    page = await browser.new_page(base_url=site)
    email = address()
    await sign_up(page, email)
    async with page.expect_download() as downloaded:
        await page.get_by_role("link", name="Download it").click()
    assert (await downloaded.value).suggested_filename.endswith(".zip")
    await page.get_by_role("link", name="See what that comes to").click()
    await page.get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Close my account").click()
    await expect(page.get_by_role("status")).to_contain_text("Your account is closed.")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_contain_text("Your account is open again.")
    await page.close()


async def test_a_fan_becomes_a_creator_without_scripts(browser: Browser, site: str) -> None:
    page = await browser.new_page(base_url=site, java_script_enabled=False)
    await sign_up(page, address(), "A fan")
    card = page.get_by_role("region", name="You", exact=True)
    await card.get_by_text("Become a creator").first.click()
    await card.get_by_role("button", name="Become a creator").click()
    await expect(page.get_by_role("status")).to_contain_text("You are a creator.")
    await expect(card).to_contain_text("Creator · since")
    await page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_are_readable_and_fit_a_small_telephone(
    browser: Browser, site: str, scheme: str
) -> None:
    page = await browser.new_page(
        base_url=site,
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 360, "height": 740},
    )
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    await sign_up(page, address())
    await page.locator("summary").first.click()
    await check_look(page)
    card = page.get_by_role("region", name="Second factor")
    await card.get_by_text("Turn it on").first.click()
    await card.get_by_label("Your password").fill(PASSWORD)
    await card.get_by_role("button", name="Go on").click()
    assert await page.locator("main img[alt*=picture]").evaluate("at => at.naturalWidth > 0")
    await check_look(page)
    for path in ("/outbox", "/account/log"):
        await page.goto(path)
        await check_look(page)
    await page.goto("/account")
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("button", name="Sign out").click()
    for path in ("/", "/sign-up", "/sign-in", "/sign-in/code", "/forgot", "/second-factor"):
        await page.goto(path)
        await check_look(page)
    assert faults == []
    await page.get_by_label("Code").fill("nothing that is one")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await check_look(page)
    await page.close()


async def check_look(page: Page) -> None:
    assert await page.evaluate(FAINT) == [], page.url
    assert await page.evaluate(FITS), page.url


async def test_by_keyboard_alone_one_signs_up_and_makes_a_token(
    browser: Browser, site: str
) -> None:
    page = await browser.new_page(base_url=site)
    await page.goto("/sign-up")
    await tab_to(page, "A fan")
    await page.keyboard.press("ArrowDown")
    for label, text in (("Name", "Bo"), ("E-mail", address()), ("Password (optional)", PASSWORD)):
        await tab_to(page, label)
        await page.keyboard.type(text)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/sign-in/code$"))
    await tab_to(page, "look at the outbox")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/outbox$"))
    await tab_to(page, re.compile("enter"))
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/enter/"))
    await tab_to(page, "Sign up")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/welcome")
    await tab_to(page, "your account")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Creator")).to_be_visible()
    await tab_to(page, "Make a token")
    await page.keyboard.press("Enter")
    await tab_to(page, "What it is for")
    await page.keyboard.type("my telephone")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Your new token")).to_be_visible()
    await page.close()


async def tab_to(page: Page, name: str | re.Pattern[str]) -> None:
    """On with the Tab key to what has this name; where one is shows on the way."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        at, seen = await page.evaluate(FOCUSED)
        assert seen, f"nobody sees that {at!r} has the focus"
        if at == name if isinstance(name, str) else name.search(at):
            return
    raise AssertionError(f"the Tab key never comes to {name}")
