"""The explorer in Chromium: what one tab changes, another shows, and two that change it choose."""

import re

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from tests.browser.pages import Site

pytestmark = pytest.mark.anyio


async def test_a_list_follows_and_of_two_tabs_the_slower_chooses(
    furnished_site: Site, browser: Browser
) -> None:
    context = await furnished_site.context(browser, "creator")
    listed, one, two = [await context.new_page() for _ in range(3)]
    await listed.goto("/explore")
    await listed.get_by_role("link", name="Courses").click()
    await listed.get_by_label("Name").fill("breath")
    await listed.wait_for_url("**/explore/course?q=breath")
    for tab in (one, two):
        await tab.goto(f"/things/{furnished_site.ids['course']}")
    await one.get_by_label("Name").fill("Breathing for all")
    await one.get_by_role("button", name="Save").click()
    await expect(one.get_by_text("It is saved.")).to_be_visible()
    await listed.get_by_label("Status").focus()
    await expect(listed.get_by_role("link", name="Breathing for all")).to_be_visible()
    await two.get_by_label("Name").fill("Breathing well")
    await two.get_by_label("Summary").fill("In and out")
    await two.get_by_role("button", name="Save").click()
    await expect(two.get_by_role("heading", name="Somebody was faster")).to_be_visible()
    name = two.get_by_role("group", name="Name")
    await expect(name.get_by_role("radio", name="As you had it")).to_be_checked()
    await name.get_by_role("radio", name="As it is now").check()
    await two.get_by_role("button", name="Save what is chosen").click()
    await expect(two.get_by_role("heading", level=1)).to_have_text("Breathing for all")
    await expect(two.get_by_label("Summary")).to_have_value("In and out")
    await context.close()


async def test_more_comes_as_one_scrolls_and_what_is_far_away_is_not_held(
    furnished_site: Site, browser: Browser
) -> None:
    context = await furnished_site.context(browser, "creator")
    await _sheet(context, "lesson", "name\n" + "".join(f"Lesson {at}\n" for at in range(420)))
    page = await context.new_page()
    await page.goto("/explore/lesson")
    rows, pages = page.locator("#list tbody[data-page] a"), page.locator("#list tbody[data-page]")
    await expect(rows).to_have_count(50)
    newest = await rows.first.inner_text()
    while await pages.count() < 9:
        await page.mouse.wheel(0, 5_000)
        assert await rows.count() <= 300
    await expect(page.locator("#list tbody")).to_have_count(9)
    height = "() => document.documentElement.scrollHeight"
    whole = await page.evaluate(height)
    assert await pages.first.get_attribute("data-away") == ""
    await page.keyboard.press("Home")
    await expect(page.get_by_role("link", name=newest, exact=True)).to_be_in_viewport()
    await expect(pages.last).to_have_attribute("data-away", "")
    await page.keyboard.press("End")
    await expect(rows.last).to_be_in_viewport()
    assert abs(await page.evaluate(height) - whole) < 50
    await page.get_by_role("searchbox", name="Name").fill("Lesson 41")
    await expect(rows).to_have_count(11)
    await page.get_by_text("Export").click()
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="As CSV").click()
    file = await (await coming.value).path()
    assert len(file.read_text("utf-8-sig").splitlines()) == 12
    await context.close()


async def _sheet(context: BrowserContext, type: str, text: str) -> None:
    """Brings a sheet in, as a person does."""
    page = await context.new_page()
    await page.goto(f"/explore/{type}/import")
    await page.get_by_label("The file").set_input_files(
        {"name": "things.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    await page.get_by_role("button", name="Look at it").click()
    await page.get_by_role("button", name=re.compile("^Make ")).click()
    done = page.get_by_text(re.compile(r"\d+ (is|are) made\."))
    await expect(done).to_be_visible(timeout=60_000)
    await page.close()


async def test_what_a_form_refers_to_is_found_as_one_types(
    furnished_site: Site, browser: Browser
) -> None:
    context = await furnished_site.context(browser, "creator")
    for name in ("Morning words", "Morning words", *(f"Evening words {at}" for at in range(22))):
        answer = await context.request.post("/api/entities", data={"type": "message", "name": name})
        assert answer.status == 201, await answer.text()
    page = await context.new_page()
    await page.goto("/explore/message/new")
    await page.get_by_label("Name", exact=True).fill("An answer")
    await page.get_by_text("more that it can say").click()
    field = page.get_by_label("Reply to")
    offered = page.locator("datalist > option[value='Morning words']")
    await expect(offered).to_have_count(0)
    await field.press_sequentially("morn")
    await expect(offered).to_have_count(2)
    await field.fill("Morning words")
    await page.get_by_role("button", name="Make it").click()
    await expect(page.get_by_text("Several are called so: choose one.")).to_be_visible()
    await page.get_by_role("radio", name="Morning words").first.check()
    await page.get_by_role("button", name="Make it").click()
    await expect(page.get_by_text("It is made.")).to_be_visible()
    await expect(page.get_by_label("Reply to")).to_have_value("Morning words")
    await context.close()
