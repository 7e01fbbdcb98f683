"""A fan pays for tokens on the sandbox's page in a real browser, without scripts, and has them."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest
from httpx import AsyncClient
from playwright.async_api import Browser, Page, expect
from pydantic import JsonValue

from tests.web.serving import served

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Market:
    """A site with a creator, a fan and a token; `owner`, `ana` and `bo` act with tokens."""

    url: str
    owner: AsyncClient
    ana: AsyncClient
    bo: AsyncClient
    token: str
    fan: str

    @classmethod
    async def opened(cls, url: str, secret: str) -> Self:
        owner = _client(url, secret)
        ana, _ = await _person(owner, "creator", "Ana")
        bo, fan = await _person(owner, "audience_member", "Bo")
        made = await _made(ana, "token", "Ana’s token", price={"amount": 250, "currency": "usd"})
        return cls(url, owner, ana, bo, made, fan)


def _client(url: str, secret: str) -> AsyncClient:
    return AsyncClient(base_url=url, headers={"Authorization": f"Bearer {secret}"})


async def _made(by: AsyncClient, type: str, name: str, **properties: JsonValue) -> str:
    answer = await by.post(
        "/api/entities", json={"type": type, "name": name, "properties": properties}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def _person(owner: AsyncClient, type: str, name: str) -> tuple[AsyncClient, str]:
    id = await _made(owner, type, name)
    issued = await owner.post("/api/tokens", json={"entity": id, "name": "test"})
    assert issued.status_code == 201, issued.text
    return _client(str(owner.base_url), issued.json()["secret"]), id


@pytest.fixture(scope="module")
async def market(
    chromium: Path,
    anyio_backend: str,
    postgres_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Market]:
    data = tmp_path_factory.mktemp("market")
    settings: Mapping[str, str] = {"ONE_DEMO": "false"}
    async with served(postgres_url, data, settings=settings) as server:
        secret = (data / "owner-token").read_text().strip()
        market = await Market.opened(server.url, secret)
        yield market
        for client in (market.owner, market.ana, market.bo):
            await client.aclose()


@pytest.fixture
async def page(browser: Browser) -> AsyncGenerator[Page]:
    context = await browser.new_context(java_script_enabled=False)
    yield await context.new_page()
    await context.close()


async def state_of(market: Market, id: str) -> str:
    return (await market.bo.get(f"/api/payments/purchases/{id}")).json()["state"]


async def test_a_fan_pays_and_has_their_tokens(market: Market, page: Page) -> None:
    asked = {"product": market.token, "quantity": 4}
    bought = (await market.bo.post("/api/payments/purchase", json=asked)).json()
    await page.goto(bought["pay"])
    await expect(page.get_by_text("no money moves").first).to_be_visible()
    await expect(page.get_by_text("10.00").first).to_be_visible()
    await page.get_by_role("button", name="Pay").first.click()
    await page.wait_for_url(f"**/pay/{bought['id']}/done")
    assert await state_of(market, bought["id"]) == "completed"
    held = await market.bo.get(f"/api/entities/{market.token}/holding")
    assert held.json()["balance"] == 4, held.text
