"""A fan runs a creator's feature in a real browser, and both watch it as it goes on."""

import re

import pytest
from playwright.async_api import Browser, expect

from one.clock import new_id
from tests.browser.pages import PASSWORD, Site

pytestmark = pytest.mark.anyio

SHOUT = """FEATURE: Put up a shoutout
INPUT:
  - fan: who asks
  - words: what they say
OUTPUT:
  - message: what they read
CREATE blog post called words SAVE AS post
PUBLISH post
GIVE message is "It is out"
"""


async def test_a_fan_runs_a_feature_and_watches_it_go_on_at_its_authors_yes(
    furnished_site: Site, browser: Browser
) -> None:
    creator = await furnished_site.context(browser, "creator")
    made = await creator.request.post("/api/features", data={"text": SHOUT})
    assert made.ok, await made.text()
    fan = await furnished_site.context(browser, "fan", width=390)
    page = await fan.new_page()
    await page.goto(f"/f/{furnished_site.ids['handle']}/put_up_a_shoutout")
    await expect(page.get_by_text("is asked first: to publish the post")).to_be_visible()
    await page.get_by_role("button", name="Run it").click()
    await expect(page.get_by_text("Fill this in.")).to_be_visible()
    await page.get_by_label("Words").fill("Hello from Bo")
    await page.get_by_role("button", name="Run it").click()
    await page.wait_for_url("**/runs/*")
    await expect(page.get_by_text("It waits for Ana Brown")).to_be_visible()
    hers = await creator.new_page()
    await hers.goto("/runs?feature=put_up_a_shoutout")
    await hers.get_by_role("link", name="Put up a shoutout").click()
    await hers.get_by_role("button", name="Allow").click()
    await expect(page.get_by_text("It is out")).to_be_visible()
    await expect(page.get_by_role("link", name="Run it again")).to_be_visible()
    await fan.close()
    await creator.close()


async def test_a_stranger_signs_up_on_the_way_to_a_feature_and_runs_it_without_scripts(
    furnished_site: Site, browser: Browser
) -> None:
    context = await browser.new_context(base_url=furnished_site.url, java_script_enabled=False)
    page = await context.new_page()
    there = f"/f/{furnished_site.ids['handle']}/{furnished_site.ids['feature']}"
    await page.goto(f"/things/{furnished_site.ids['creator']}")
    await page.get_by_role("link", name="Say hello").click()
    await page.get_by_role("main").get_by_role("link", name="Sign up").click()
    await page.get_by_label("Name").fill("Cy Gray")
    await page.get_by_label("E-mail").fill(f"{new_id().hex}@mail.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign up").click()
    await page.get_by_role("link", name="look at the outbox").click()
    await page.get_by_role("link", name=re.compile("enter")).first.click()
    await page.get_by_role("button", name="Sign up").click()
    await page.wait_for_url(f"**{there}")
    await page.get_by_label("Words").fill("Good day")
    await page.get_by_role("button", name="Run it").click()
    await expect(page.get_by_text("It waits until")).to_be_visible()
    await expect(page.get_by_text("Good day")).to_be_visible()
    await page.get_by_role("link", name="Runs").first.click()
    await expect(page.get_by_role("row").get_by_text("of Ana Brown")).to_be_visible()
    await context.close()
