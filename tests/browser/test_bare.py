"""What there is to buy and to explore, without scripts and by keyboard alone."""

import re
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.pages import Site, Who
from tests.browser.test_account import tab_to

pytestmark = pytest.mark.anyio


async def plain(furnished_site: Site, browser: Browser, who: Who) -> Page:
    """A window of somebody whose browser runs no scripts."""
    context = await browser.new_context(
        base_url=furnished_site.url,
        java_script_enabled=False,
        storage_state=furnished_site.states[who],
    )
    return await context.new_page()


@pytest.fixture
async def keyed(furnished_site: Site, browser: Browser) -> AsyncGenerator[Page]:
    """A window of a creator who touches no mouse."""
    context = await furnished_site.context(browser, "creator")
    yield await context.new_page()
    await context.close()


async def test_without_scripts_a_fan_buys_and_the_creator_sees_it(
    furnished_site: Site, browser: Browser
) -> None:
    page = await plain(furnished_site, browser, "fan")
    await page.goto(f"/things/{furnished_site.ids['token']}")
    await page.goto(f"/buy/{furnished_site.ids['token']}")
    await page.get_by_label("How many").fill("3")
    await page.get_by_role("button", name="Buy").click()
    await page.get_by_role("button", name="Pay").first.click()
    await expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    await page.goto("/purchases")
    await expect(page.get_by_role("link", name="Brown tokens").first).to_be_visible()
    creator = await plain(furnished_site, browser, "creator")
    await creator.goto("/earnings")
    await expect(creator.get_by_text("Brown tokens").first).to_be_visible()
    for window in (page, creator):
        await window.context.close()


async def test_without_scripts_a_thing_is_made_said_more_of_tagged_connected_and_deleted(
    furnished_site: Site, browser: Browser
) -> None:
    page = await plain(furnished_site, browser, "creator")
    await page.goto("/explore/lesson")
    await page.get_by_role("link", name="New", exact=True).click()
    await page.get_by_label("Name", exact=True).fill("Breathing out")
    await page.get_by_role("button", name="Make it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Breathing out")
    await page.get_by_label("Name", exact=True).fill("Breathing in")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("It is saved.")).to_be_visible()
    await page.get_by_label("Add tags").fill("calm")
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_role("link", name="Connections").click()
    await page.get_by_label("Connect it").select_option("part_of.out")
    await page.get_by_role("button", name="Choose a thing").click()
    await page.get_by_label("Name", exact=True).fill("Breathing for")
    await page.get_by_role("button", name="Find").click()
    await page.get_by_role("radio", name="Breathing for beginners").check()
    await page.get_by_role("button", name="Connect them").click()
    await expect(page.get_by_role("link", name="Breathing for beginners").first).to_be_visible()
    await page.get_by_role("link", name="History").click()
    await expect(page.get_by_text("Breathing out").first).to_be_visible()
    await page.context.close()


async def test_by_keyboard_alone_somebody_buys(furnished_site: Site, browser: Browser) -> None:
    context = await furnished_site.context(browser, "fan")
    page = await context.new_page()
    await page.goto(f"/buy/{furnished_site.ids['token']}")
    await tab_to(page, "How many")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("2")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Pay").first).to_be_visible()
    await tab_to(page, re.compile("^Pay"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    await context.close()


async def test_by_keyboard_alone_a_thing_is_made_and_changed(keyed: Page) -> None:
    await keyed.goto("/explore/lesson")
    await tab_to(keyed, re.compile("^(New|Make the first)$"))
    await keyed.keyboard.press("Enter")
    await keyed.wait_for_url("**/explore/lesson/new")
    await tab_to(keyed, re.compile("^Name"))
    await keyed.keyboard.type("By hand")
    await keyed.keyboard.press("Enter")
    await expect(keyed.get_by_role("heading", level=1)).to_have_text("By hand")
    await tab_to(keyed, re.compile("^Name"))
    await keyed.keyboard.press("End")
    await keyed.keyboard.type(" alone")
    await tab_to(keyed, "Save")
    await keyed.keyboard.press("Enter")
    await expect(keyed.get_by_text("It is saved.")).to_be_visible()
    await expect(keyed.get_by_role("heading", level=1)).to_have_text("By hand alone")
