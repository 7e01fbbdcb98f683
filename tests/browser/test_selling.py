"""A creator sets a price and a fan buys at it in a real browser: without scripts, by keyboard, in
the dark, on a small telephone.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import pytest
from httpx import AsyncClient
from playwright.async_api import Browser, Page, expect
from pydantic import JsonValue

from tests.browser.test_account import PASSWORD, address, check_look, sign_up, tab_to
from tests.web.serving import served

pytestmark = pytest.mark.anyio

COSTS: Mapping[str, JsonValue] = {
    "status": "published",
    "properties": {"price": {"amount": 1_000, "currency": "usd"}},
}


@pytest.fixture(scope="module")
async def owner(
    chromium: Path,
    anyio_backend: str,
    postgres_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[AsyncClient]:
    """The owner of a site that sells, at its address."""
    data = tmp_path_factory.mktemp("fair")
    settings: Mapping[str, str] = {"ONE_DEMO": "false"}
    async with served(postgres_url, data, settings=settings) as server:
        headers = {"Authorization": f"Bearer {(data / 'owner-token').read_text().strip()}"}
        async with AsyncClient(base_url=server.url, headers=headers) as client:
            yield client


async def made(owner: AsyncClient, type: str, name: str, **properties: JsonValue) -> str:
    """Something of the owner's."""
    thing = {"type": type, "name": name, "properties": properties}
    answer = await owner.post("/api/entities", json=thing)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def token_of(owner: AsyncClient, price: int) -> str:
    """A token that a creator sells."""
    ana = await made(owner, "creator", "Ana Brown")
    issued = await owner.post("/api/tokens", json={"entity": ana, "name": "test"})
    mine = {"Authorization": f"Bearer {issued.json()['secret']}"}
    async with AsyncClient(base_url=owner.base_url, headers=mine) as client:
        cost: JsonValue = {"amount": price, "currency": "usd"}
        words = "Spend them on songs, calls and front-row seats."
        return await made(client, "token", "Ana’s token", price=cost, summary=words)


async def pay(page: Page, id: str) -> None:
    """On the sandbox's page, and back to the receipt."""
    await page.get_by_role("button", name="Pay").first.click()
    await page.wait_for_url(f"**/purchases/{id}?done=paid")


async def my_course(page: Page, name: str, **more: JsonValue) -> str:
    """One of whoever is in at the page; a draft, if nothing else is said."""
    thing = {"type": "course", "name": name, **more}
    origin = {"Origin": re.sub(r"(://[^/]+).*", r"\1", page.url)}
    answer = await page.request.post("/api/entities", data=thing, headers=origin)
    assert answer.status == 201, await answer.text()
    return (await answer.json())["id"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_fan_buys_on_a_small_telephone_without_scripts(
    browser: Browser, owner: AsyncClient, scheme: str
) -> None:
    token = await token_of(owner, 250)
    context = await browser.new_context(
        base_url=str(owner.base_url),
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 360, "height": 740},
    )
    page = await context.new_page()
    await page.goto(f"/buy/{token}")
    await check_look(page)
    await expect(page.get_by_role("link", name="Sign in to buy")).to_be_visible()
    await sign_up(page, address(), "A fan")
    await page.goto(f"/tip/{await made(owner, 'creator', 'Cy')}")
    await check_look(page)
    await page.goto(f"/buy/{token}")
    await check_look(page)
    await page.get_by_label("How many").fill("4")
    await page.get_by_role("button", name="Buy").click()
    await expect(page.get_by_role("button", name="Pay").first).to_be_visible()
    await page.goto("/purchases")
    await check_look(page)
    await page.get_by_role("link", name="Ana’s token").click()
    await page.wait_for_url("**/purchases/*")
    await check_look(page)
    id = page.url.rpartition("/")[2]
    await page.get_by_role("button", name="Pay now").click()
    await page.wait_for_url("**/_sandbox/pay/*")
    await pay(page, id)
    await expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    await check_look(page)
    await page.get_by_role("button", name="Ask for my money back").click()
    await expect(page.get_by_role("status")).to_contain_text("on its way back")
    await check_look(page)
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_creator_sells_on_a_small_telephone(
    browser: Browser, owner: AsyncClient, scheme: str
) -> None:
    context = await browser.new_context(
        base_url=str(owner.base_url),
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 360, "height": 740},
    )
    page = await context.new_page()
    await sign_up(page, address())
    course = await my_course(page, "Piano for people who never played")
    await page.goto("/sell")
    await check_look(page)
    await page.get_by_role("link", name="Piano").click()
    await page.get_by_role("textbox", name="Price").fill("12.505")
    await page.get_by_role("button", name="Set the price").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await check_look(page)
    await page.get_by_role("textbox", name="Price").fill("12.50")
    await page.get_by_role("button", name="Set the price").click()
    await page.get_by_role("button", name="Publish it").click()
    await page.wait_for_url("**/sell/*?done=published")
    await check_look(page)
    await sold(owner, course)
    await page.goto("/earnings")
    await expect(page.get_by_text("Sale: Piano").first).to_be_visible()
    await check_look(page)
    await page.get_by_role("button", name="Set it up").click()
    await page.wait_for_url(re.compile("(?!.*/earnings)"))
    await page.goto("/earnings")
    await expect(page.get_by_text("wants to know more")).to_be_visible()
    await check_look(page)
    await context.close()


async def sold(owner: AsyncClient, course: str) -> None:
    """Somebody buys a course and pays."""
    fan = await made(owner, "audience_member", "Bo")
    issued = await owner.post("/api/tokens", json={"entity": fan, "name": "test"})
    mine = {"Authorization": f"Bearer {issued.json()['secret']}"}
    async with AsyncClient(base_url=owner.base_url, headers=mine) as client:
        bought = (await client.post("/api/payments/purchase", json={"product": course})).json()
        session = (await client.get(f"/pay/{bought['id']}")).headers["location"]
        form = {"card": "4242424242424242"}
        paid = await client.post(session, data=form, headers={"Origin": str(client.base_url)})
        assert paid.status_code < 400, paid.text
        await client.get(f"/pay/{bought['id']}/done")


async def test_by_keyboard_alone_a_fan_buys(browser: Browser, owner: AsyncClient) -> None:
    token = await token_of(owner, 250)
    page = await browser.new_page(base_url=str(owner.base_url))
    await sign_up(page, address(), "A fan")
    await page.goto(f"/buy/{token}")
    await tab_to(page, "How many")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("2")
    await tab_to(page, "Buy")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("5.00").first).to_be_visible()
    await page.goto("/purchases")
    await tab_to(page, "Ana’s token")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/purchases/*")
    await tab_to(page, "Give it up")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("It is given up")
    await page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_staff_give_money_back_on_a_small_telephone(
    browser: Browser, owner: AsyncClient, scheme: str
) -> None:
    context = await browser.new_context(
        base_url=str(owner.base_url),
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 360, "height": 740},
    )
    page = await context.new_page()
    email = address()
    await sign_up(page, email)
    me = (await (await page.request.get("/api/account")).json())["entity"]
    await sold(owner, await my_course(page, "Piano", **COSTS))
    await owner.put(f"/api/staff/{me}", json={"role": "admin"})
    await page.goto("/sign-in")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/home")
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("link", name="Sales").click()
    await page.wait_for_url("**/sales")
    await check_look(page)
    await page.get_by_role("link", name="Piano").first.click()
    await page.wait_for_url("**/sales/*")
    await check_look(page)
    await page.get_by_role("textbox", name="Amount in USD").fill("2.50")
    await page.get_by_role("textbox", name="Reason").fill("It was our fault")
    await page.get_by_role("button", name="Give it back").click()
    await expect(page.get_by_role("status")).to_contain_text("on its way")
    await check_look(page)
    await context.close()
