"""The first feature that ONE was ever described with, from the sign-up of a creator to the answer
that their fan gets: written with a mistake, mended, deployed, run and watched; by mouse, and by
keyboard alone.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import pytest
from playwright.async_api import APIRequestContext, Browser, BrowserContext, Page, expect

from one.clock import new_id
from tests.browser.pages import PASSWORD, Site
from tests.browser.test_account import tab_to
from tests.browser.test_studio import check_open_to_all, editor, said, written

pytestmark = pytest.mark.anyio

SEED = (Path(__file__).parents[1] / "cases/good/seed_chat_with_clone.one").read_text()
WRONG = SEED.replace("CHECK they", "CHEK they")
ANSWER = "Begin with five slow breaths"


@pytest.fixture
async def context(furnished_site: Site, browser: Browser) -> AsyncGenerator[BrowserContext]:
    """Somebody's who has no account yet. The model takes its time, so that runs can be watched."""
    model = furnished_site.outside
    model.says, model.slow = ANSWER, 1.5
    context = await browser.new_context(base_url=furnished_site.url)
    yield context
    await context.close()
    model.slow = 0


@pytest.fixture
async def fan(furnished_site: Site, browser: Browser) -> AsyncGenerator[BrowserContext]:
    context = await furnished_site.context(browser, "fan")
    yield context
    await context.close()


async def posted(request: APIRequestContext, path: str, body: Mapping[str, object]) -> str:
    """The id of what was made."""
    answer = await request.post(path, data=dict(body))
    assert answer.ok, await answer.text()
    made: dict[str, str] = await answer.json()
    return made["id"]


async def me(request: APIRequestContext) -> str:
    account: dict[str, str] = await (await request.get("/api/account")).json()
    return account["entity"]


async def stocked(request: APIRequestContext, fan: APIRequestContext) -> str:
    """A creator's clone, when a fan follows them and has tokens of theirs."""
    creator, who = await me(request), await me(fan)
    await posted(fan, "/api/connections", {"type": "following", "from": who, "to": creator})
    token = await posted(
        request, "/api/ledger/tokens", {"name": "Breath", "symbol": f"B{new_id().hex[-5:].upper()}"}
    )
    answer = await request.post(f"/api/entities/{token}/mint", data={"to": who, "amount": 3})
    assert answer.ok, await answer.text()
    clone = {"type": "ai_clone", "name": "Coach", "properties": {"systemPrompt": "Be calm"}}
    id = await posted(request, "/api/entities", {**clone, "status": "active"})
    tie = {"type": "clone_of", "from": id, "to": creator}
    await posted(request, "/api/connections", tie)
    return id


async def check_answered(page: Page, fan: BrowserContext) -> None:
    """The run went to its end before one's eyes, and its fan has the answer and the tokens."""
    line = page.locator("#run ol").first.locator("li")
    await expect(page.locator("#run dl").first).to_contain_text("Done", timeout=15_000)
    await expect(line.filter(has_text="SEND message to AI")).to_contain_text(ANSWER)
    await expect(line.filter(has_text="SHOW AI response")).to_contain_text("1 person has it")
    await check_open_to_all(page)
    notices = await fan.new_page()
    await notices.goto("/notices")
    await expect(notices.get_by_text(ANSWER).first).to_be_visible()


async def test_fans_chat_with_a_clone_by_mouse(
    context: BrowserContext, fan: BrowserContext
) -> None:
    page, heard = await context.new_page(), list[str]()
    page.on("console", lambda line: heard.append(line.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    await page.goto("/")
    await page.get_by_role("link", name="Sign up").first.click()
    await page.get_by_label("A creator").click()
    for label, text in (("Name", "Mia"), ("E-mail", f"{new_id().hex}@mail.example")):
        await page.get_by_label(label).fill(text)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign up").click()
    await page.get_by_role("link", name="look at the outbox").click()
    await page.get_by_role("link", name=re.compile("enter")).first.click()
    await page.get_by_role("button", name="Sign up").click()
    await page.wait_for_url("**/welcome")
    clone = await stocked(context.request, fan.request)

    await page.get_by_role("link", name="Studio").first.click()
    await page.get_by_role("link", name="New feature").click()
    await page.get_by_role("button", name="Begin from nothing").click()
    await editor(page).click()
    await written(page, WRONG)
    await expect(page.get_by_text("1 mistake")).to_be_visible()
    await page.get_by_role("button", name="Questions").click()
    await page.get_by_role("button", name="Write CHECK").click()
    await expect(page.locator("#outcome")).to_contain_text("Compiles")
    await expect(said(page)).to_have_text("Saved")
    await page.get_by_role("button", name="Deploy").click()
    await page.get_by_role("button", name="Make it live").click()
    await expect(page.get_by_role("status").first).to_contain_text("It is live")

    await page.get_by_role("link", name="Runs").last.click()
    await expect(page.get_by_text("No such runs")).to_be_visible()
    await posted(fan.request, "/api/notices/messages", {"to": clone, "text": "How do I begin?"})
    row = page.get_by_role("link", name="Let fans chat with my ai clone")
    await row.click(timeout=15_000)
    await expect(
        page.locator("#run li").filter(has_text="SEND message to AI").first
    ).to_be_visible()
    await check_answered(page, fan)
    assert heard == []


async def test_fans_chat_with_a_clone_by_keyboard_alone(
    context: BrowserContext, fan: BrowserContext
) -> None:
    page = await context.new_page()
    await page.goto("/sign-up")
    await tab_to(page, "A fan")
    await page.keyboard.press("ArrowDown")
    email = f"{new_id().hex}@mail.example"
    for label, text in (("Name", "Kit"), ("E-mail", email), ("Password (optional)", PASSWORD)):
        await tab_to(page, label)
        await page.keyboard.type(text)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/sign-in/code")
    for name, there in (
        ("look at the outbox", "**/outbox"),
        (re.compile("enter"), "**/enter/*"),
        ("Sign up", "**/welcome"),
    ):
        await tab_to(page, name)
        await page.keyboard.press("Enter")
        await page.wait_for_url(there)
    clone = await stocked(context.request, fan.request)

    await page.keyboard.press("Control+K")
    await page.keyboard.type("write a feature")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/studio/new")
    await tab_to(page, "Begin from nothing")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/studio/drafts/*")
    await tab_to(page, "The text of the feature")
    await written(page, WRONG)
    await expect(page.locator(".cm-lintRange-error")).to_have_text("CHEK")
    await page.keyboard.press("Control+.")
    await expect(page.locator("#outcome")).to_contain_text("Compiles")
    await expect(said(page)).to_have_text("Saved")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/deploy")
    await tab_to(page, "Make it live")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/studio/features/let_fans_chat_with_my_ai_clone?done=deployed")
    await page.keyboard.press("Control+K")
    await page.keyboard.type("runs")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/runs")
    await expect(page.get_by_text("Nothing has run yet")).to_be_visible()
    await posted(fan.request, "/api/notices/messages", {"to": clone, "text": "How do I begin?"})
    await expect(page.get_by_role("link", name=re.compile("Let fans chat"))).to_be_visible(
        timeout=15_000
    )
    await tab_to(page, re.compile("Let fans chat"))
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/runs/*")
    await check_answered(page, fan)
