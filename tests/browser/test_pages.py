"""Every page shuts nobody out, says nothing in the console, and is no wider than its screen."""

from pathlib import Path
from typing import cast

import pytest
from playwright.async_api import Browser, expect
from typing_extensions import TypedDict

from tests.browser.pages import Scheme, Site

pytestmark = pytest.mark.anyio
AXE = (Path(__file__).parent / "axe/axe.min.js").read_text("utf-8")
LOOK = "() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)"
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
Found = list["Violation"]
EXPECTED = {"/nothing": "404", "/nowhere": "404"}


class Node(TypedDict):
    html: str


class Violation(TypedDict):
    id: str
    nodes: list[Node]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_page_and_the_console_says_nothing(
    furnished_site: Site, browser: Browser, scheme: Scheme
) -> None:
    found: list[str] = []
    for who, path in furnished_site.pages:
        context = await furnished_site.context(browser, who, scheme=scheme)
        page = await context.new_page()
        said: list[str] = []
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.on("console", lambda line, said=said: said.append(f"{line.type}: {line.text}"))
        await page.goto(path)
        await page.evaluate(AXE)
        seen = cast("Found", await page.evaluate(LOOK))
        said += [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in seen]
        found += [
            f"{who} {path}: {one}"
            for one in said
            if EXPECTED.get(path[path.rindex("/") :], "\0") not in one
        ]
        await context.close()
    assert not found, "\n".join(found)


async def test_no_page_is_wider_than_what_it_is_looked_at_with(
    furnished_site: Site, browser: Browser
) -> None:
    wide: list[str] = []
    for who, path in furnished_site.pages:
        context = await furnished_site.context(browser, who, width=360)
        page = await context.new_page()
        await page.goto(path)
        for width in (360, 768, 2560):
            await page.set_viewport_size({"width": width, "height": 900})
            if not await page.evaluate(FITS):
                wide.append(f"{who} {path} at {width}")
        await context.close()
    assert not wide


async def test_by_keyboard_alone_somebody_finds_a_thing_and_a_place(
    furnished_site: Site, browser: Browser
) -> None:
    context = await furnished_site.context(browser, "creator")
    page = await context.new_page()
    await page.goto("/home")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox")).to_be_focused()
    await page.keyboard.type("breath")
    await expect(page.get_by_role("option", name="Breathing for beginners")).to_be_visible()
    for _ in range(6):
        await page.keyboard.press("Backspace")
    await page.keyboard.type("purch")
    await expect(page.get_by_role("option", name="Purchases")).to_have_attribute(
        "aria-selected", "true"
    )
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/purchases")
    await page.keyboard.press("Control+k")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("combobox")).to_be_hidden()
    await context.close()


async def test_the_example_is_read_as_it_is_typed(furnished_site: Site, browser: Browser) -> None:
    context = await furnished_site.context(browser, "visitor")
    page = await context.new_page()
    await page.goto("/")
    await expect(page.get_by_text("Ready to go live")).to_be_visible()
    await page.get_by_label("A feature in plain English").fill("FEATURE: Hi\nTELEPORT fan home\n")
    await expect(page.get_by_text("Not yet")).to_be_visible()
    await expect(page.locator("#read").get_by_text("Line 2", exact=True)).to_be_visible()
    await context.close()


async def test_colours_are_chosen_and_kept(furnished_site: Site, browser: Browser) -> None:
    context = await furnished_site.context(browser, "fan", scheme="light")
    page = await context.new_page()
    await page.goto("/purchases")
    await page.get_by_role("button", name="Dark").click()
    await page.wait_for_url("**/purchases")
    await page.goto("/account")
    ground = "() => getComputedStyle(document.body).colorScheme"
    assert await page.evaluate(ground) == "dark"
    await context.close()


async def test_a_creator_sees_their_earnings_move_while_a_fan_pays(
    furnished_site: Site, browser: Browser
) -> None:
    creator = await furnished_site.context(browser, "creator")
    earnings = await creator.new_page()
    await earnings.goto("/earnings")
    await expect(earnings.get_by_text("Nothing earned yet")).to_be_visible()
    fan = await furnished_site.context(browser, "fan")
    page = await fan.new_page()
    await page.goto(f"/buy/{furnished_site.ids['token']}")
    await page.get_by_label("How many").fill("4")
    await page.get_by_role("button", name="Buy").click()
    await page.get_by_role("button", name="Pay").first.click()
    await expect(page.get_by_text("Thank you")).to_be_visible()
    await expect(earnings.get_by_text("8.50 USD").first).to_be_visible()
    await expect(earnings.get_by_text("Brown tokens").first).to_be_visible()
    await fan.close()
    await creator.close()


async def test_a_run_is_watched_and_what_it_tells_arrives_without_looking_again(
    furnished_site: Site, browser: Browser
) -> None:
    context = await furnished_site.context(browser, "creator")
    notices, runs, run = [await context.new_page() for _ in range(3)]
    await notices.goto("/notices")
    await runs.goto("/runs")
    await run.goto(f"/runs/{furnished_site.ids['run']}")
    rows = await runs.get_by_role("row").count()
    features = (await (await context.request.get("/api/features")).json())["items"]
    given = {"fan": furnished_site.ids["creator"], "words": "Look here"}
    begun = await context.request.post(
        features[0]["address"], data=given, headers={"Prefer": "wait=0"}
    )
    assert begun.status == 202, await begun.text()
    await expect(notices.get_by_text("You said: Look here")).to_be_visible()
    await expect(runs.get_by_role("row")).to_have_count(rows + 1)
    await run.get_by_role("button", name="Cancel").click()
    await expect(run.get_by_text("Cancelled").first).to_be_visible()
    await expect(runs.get_by_text("Cancelled", exact=True).nth(1)).to_be_visible()
    await context.close()
