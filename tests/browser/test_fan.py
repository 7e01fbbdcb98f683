"""A fan runs a creator's feature in a real browser, and both watch it as it goes on."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages import Site

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
