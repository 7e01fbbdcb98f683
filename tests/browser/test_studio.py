"""A creator writes features in the studio, in a real browser: by mouse, by keyboard alone, in two
tabs, and where the network goes away.
"""

import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.pages import Site
from tests.browser.test_account import tab_to
from tests.browser.test_pages import AXE, LOOK, Found

pytestmark = pytest.mark.anyio

CHAT = """\
FEATURE: Let fans chat with me

INPUT:
  - fan: who writes
  - message: what they say

OUTPUT:
  - reply: what they hear

CHEK fan exists
  OTHERWISE say "Please sign in first"
GIVE reply is "Hello [fan], you said [message]"
"""


@pytest.fixture
async def context(furnished_site: Site, browser: Browser) -> AsyncGenerator[BrowserContext]:
    """A creator's."""
    context = await furnished_site.context(browser, "creator")
    yield context
    await context.close()


async def begun(page: Page) -> Locator:
    """The editor of a new draft."""
    await page.goto("/studio/new")
    await page.get_by_role("button", name="Begin from nothing").click()
    return editor(page)


def editor(page: Page) -> Locator:
    return page.get_by_role("textbox", name="The text of the feature")


async def written(page: Page, text: str) -> None:
    """Types this in the place of all that stands there."""
    await page.keyboard.press("Control+A")
    await page.keyboard.press("Delete")
    await page.keyboard.insert_text(text)


def said(page: Page) -> Locator:
    """How the draft stands."""
    return page.locator("#saved span")


async def check_open_to_all(page: Page) -> None:
    """axe has nothing against the page as it is, light and dark."""
    await page.evaluate(AXE)
    for scheme in ("light", "dark"):
        chosen = "light" if scheme == "light" else "dark"
        await page.emulate_media(color_scheme=chosen, reduced_motion="reduce")
        seen = cast("Found", await page.evaluate(LOOK))
        found = [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in seen]
        assert not found, "\n".join(found)


async def test_a_feature_with_a_mistake_is_mended_by_a_click_deployed_and_run(
    context: BrowserContext,
) -> None:
    page, heard = await context.new_page(), list[str]()
    page.on("console", lambda line: heard.append(line.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    text = await begun(page)
    await text.click()
    await written(page, CHAT)
    await expect(said(page)).to_have_text("Saved")
    await expect(page.get_by_text("1 mistake")).to_be_visible()
    await expect(page.locator(".cm-lintRange-error")).to_have_text("CHEK")
    await page.get_by_role("button", name="Questions").click()
    await check_open_to_all(page)
    await page.get_by_role("button", name="Write CHECK").click()
    await expect(text).to_contain_text("CHECK fan exists")
    await expect(page.locator("#outcome")).to_have_text("Compiles")
    beside = page.get_by_role("navigation", name="About the text")
    await beside.get_by_role("button", name="Understood").click()
    sentence = page.get_by_text("Make sure that the fan exists")
    await sentence.hover()
    await expect(page.locator(".cm-spoken")).to_have_text("CHECK fan exists")
    await beside.get_by_role("button", name="Try").click()
    await page.get_by_label("Message").fill("good day")
    await page.get_by_role("button", name="Try it").click()
    await expect(page.get_by_text("Hello Fan, you said good day")).to_be_visible()
    await text.click()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("# a note")
    await expect(said(page)).to_have_text("Saved")
    await expect(page.get_by_label("Message")).to_have_value("good day")
    await page.get_by_role("button", name="Deploy").click()
    await page.get_by_role("button", name="Make it live").click()
    await expect(page.get_by_role("status").first).to_contain_text("It is live")
    await page.get_by_label("Message").fill("good night")
    await page.get_by_role("button", name="Run it").click()
    await expect(page.get_by_text("Hello Ana Brown, you said good night")).to_be_visible()
    assert heard == []


async def test_by_keyboard_alone_a_feature_is_written_mended_and_deployed(
    context: BrowserContext,
) -> None:
    page = await context.new_page()
    await page.goto("/studio/new")
    await tab_to(page, "Begin from nothing")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/studio/drafts/*")
    await tab_to(page, "The text of the feature")
    await written(page, CHAT.replace("with me", "by hand"))
    await expect(page.locator(".cm-lintRange-error")).to_have_text("CHEK")
    await page.keyboard.press("Control+.")
    await expect(editor(page)).to_contain_text("CHECK fan exists")
    await expect(page.locator("#outcome")).to_have_text("Compiles")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Tidy")).to_be_focused()
    await tab_to(page, "Try")
    await page.keyboard.press("Enter")
    await tab_to(page, "Try it")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("It ends well.")).to_be_visible()
    await editor(page).focus()
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/deploy")
    await tab_to(page, "Make it live")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/studio/features/let_fans_chat_by_hand?done=deployed")


async def test_tidying_and_mending_are_one_step_back_each(context: BrowserContext) -> None:
    page = await context.new_page()
    text = await begun(page)
    await text.click()
    rough = CHAT.replace("FEATURE: ", "feature:   ").replace("GIVE", "  GIEV")
    await written(page, rough)
    await expect(said(page)).to_have_text("Saved")
    await page.get_by_role("button", name="Mend all").click()
    did = page.locator("#did")
    await expect(did).to_have_text("Mended 2, in lines 10 and 12.")
    await expect(text).to_contain_text("CHECK fan exists")
    await expect(page.locator("#outcome")).to_have_text("Compiles")
    await text.click()
    await page.keyboard.press("Control+Z")
    await expect(text).to_contain_text("CHEK fan exists")
    await page.keyboard.press("Control+Shift+Period")
    await expect(text).to_contain_text("CHECK fan exists")
    await page.keyboard.press("Shift+Alt+F")
    await expect(did).to_contain_text("laid out anew")
    await expect(page.locator(".cm-line").first).to_have_text("FEATURE: Let fans chat with me")
    await expect(said(page)).to_have_text("Saved")
    await page.reload()
    await expect(page.locator(".cm-line").first).to_have_text("FEATURE: Let fans chat with me")


async def test_a_change_is_written_looked_at_and_taken_as_one_step(
    context: BrowserContext, furnished_site: Site
) -> None:
    page, right = await context.new_page(), CHAT.replace("CHEK", "CHECK")
    furnished_site.outside.says = right.replace("Hello", "HELLO")
    text = await begun(page)
    await text.click()
    await written(page, right)
    await page.get_by_role("button", name="Change", exact=True).click()
    await page.get_by_label("What should be otherwise?").fill("Say it loudly")
    await page.get_by_role("button", name="Change it").click()
    shown = page.get_by_role("list", name="What would change")
    await expect(shown).to_contain_text('GIVE reply is "HELLO')
    await check_open_to_all(page)
    await text.click()
    await page.keyboard.press("Control+End")
    await page.keyboard.insert_text("# mine")
    await expect(said(page)).to_have_text("Saved")
    await expect(shown).to_be_visible()
    await page.get_by_role("button", name="Take it").click()
    await expect(page.get_by_text("Your text has changed since")).to_be_visible()
    await expect(shown).to_contain_text("# mine")
    await page.get_by_role("button", name="Take it").click()
    await expect(text).to_contain_text("HELLO")
    await expect(page.locator("#did")).to_have_text("It is in your text.")
    await text.click()
    await page.keyboard.press("Control+Z")
    await expect(text).to_contain_text("# mine")
    await expect(text).not_to_contain_text("HELLO")


async def test_what_may_be_written_and_what_a_word_means_is_told(context: BrowserContext) -> None:
    page = await context.new_page()
    text = await begun(page)
    await text.click()
    await written(page, "FEATURE: A\n\n")
    await page.keyboard.type("NOTI")
    await expect(page.get_by_role("option", name="NOTIFY")).to_be_visible()
    await check_open_to_all(page)
    await page.wait_for_timeout(150)  # a list that has only just come up isn't chosen from
    await page.keyboard.press("Enter")
    await expect(text).to_contain_text("NOTIFY")
    await page.locator(".cm-line").last.get_by_text("NOTIFY").hover()
    await expect(page.locator(".cm-words").first).to_contain_text("NOTIFY")


async def test_of_two_tabs_neither_loses_a_word(context: BrowserContext) -> None:
    one, two = await context.new_page(), await context.new_page()
    text = await begun(one)
    await two.goto(one.url)
    await text.click()
    await written(one, "FEATURE: Written first\n")
    await expect(said(one)).to_have_text("Saved")
    await editor(two).click()
    await written(two, "FEATURE: Written second\n")
    await expect(said(two)).to_contain_text("changed in another place")
    await two.get_by_role("button", name="Compare the two").click()
    await expect(two.get_by_role("heading", name="Two versions of this draft")).to_be_visible()
    await expect(two.get_by_label("Your text")).to_have_value(re.compile("second"))
    await expect(two.get_by_label("The saved text")).to_contain_text("first")
    await two.get_by_role("button", name="Keep mine").click()
    await expect(editor(two)).to_contain_text("Written second")
    await expect(two.get_by_role("heading", name="Written second")).to_be_visible()


async def test_the_studio_shows_what_begins_elsewhere_without_being_asked(
    context: BrowserContext,
) -> None:
    shown, elsewhere = await context.new_page(), await context.new_page()
    await shown.goto("/studio")
    await elsewhere.request.post("/api/drafts", data={"text": "FEATURE: Begun elsewhere\n"})
    await expect(shown.get_by_role("link", name="Begun elsewhere")).to_be_visible()


async def test_what_is_typed_where_there_is_no_network_is_there_when_it_comes_back(
    context: BrowserContext,
) -> None:
    page = await context.new_page()
    text = await begun(page)
    await text.click()
    await context.set_offline(True)
    await written(page, "FEATURE: Far from any network\n")
    await expect(said(page)).to_contain_text("kept in this browser")
    address = page.url
    await page.close()
    await context.set_offline(False)
    again = await context.new_page()
    await again.goto(address)
    await expect(editor(again)).to_contain_text("Far from any network")
    await expect(said(again)).to_have_text("Saved")
    await again.reload()
    await expect(editor(again)).to_contain_text("Far from any network")


async def test_who_is_signed_out_meanwhile_loses_nothing(
    furnished_site: Site, browser: Browser, context: BrowserContext
) -> None:
    page = await context.new_page()
    text = await begun(page)
    await expect(text).to_be_visible()
    await text.click()
    await context.clear_cookies()
    await written(page, "FEATURE: Signed out\n")
    await expect(said(page)).to_contain_text("you are signed out")
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()


async def test_a_package_is_read_from_its_file(context: BrowserContext, tmp_path: Path) -> None:
    package = tmp_path / "hello.one"
    package.write_text('FEATURE: From a file\nGIVE message "Hello"\n')
    page = await context.new_page()
    await page.goto("/studio/new")
    await page.get_by_label("The file").set_input_files(package)
    await expect(page.get_by_label("Its text")).to_have_value(re.compile("From a file"))
    await page.get_by_role("button", name="Take it in").click()
    await expect(page.get_by_role("status").nth(1)).to_contain_text("no data, no keys")
    await expect(editor(page)).to_contain_text("From a file")


@pytest.mark.parametrize("width", [360, 1440])
async def test_the_studio_is_whole_without_scripts(
    furnished_site: Site, browser: Browser, width: int
) -> None:
    context = await browser.new_context(
        base_url=furnished_site.url,
        java_script_enabled=False,
        storage_state=furnished_site.states["creator"],
        viewport={"width": width, "height": 800},
    )
    page = await context.new_page()
    await page.goto("/studio/new")
    await page.get_by_role("button", name="Begin from nothing").click()
    await editor(page).fill(CHAT.replace("with me", f"at {width}"))
    await page.get_by_role("button", name="Check", exact=True).click()
    await expect(page.get_by_text("1 mistake")).to_be_visible()
    await page.get_by_role("button", name="Questions").click()
    await page.get_by_role("button", name="Write CHECK").click()
    await expect(page.locator("#outcome")).to_have_text("Compiles")
    await page.get_by_role("button", name="Deploy").click()
    await page.get_by_role("button", name="Make it live").click()
    await expect(page.get_by_role("status").first).to_contain_text("It is live")
    await context.close()
