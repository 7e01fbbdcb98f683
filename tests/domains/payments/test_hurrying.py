"""The same limits over HTTP, at a server of two processes: eight hurry, each by a connection of
their own.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from pydantic import JsonValue

from one.clock import new_id
from one.store import DEFAULT_SPACE, Desk, Draft, Viewer
from tests.domains.payments.shop import PLAIN
from tests.web.serving import served
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
PRICE: JsonValue = {"amount": 500, "currency": "usd"}
Facts = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Street:
    """A served site, with who sells there and eight who hurry."""

    world: World
    url: str
    ana: Viewer
    seller: AsyncClient
    fans: Sequence[AsyncClient]

    async def sold(self, type: str = "digital_product", **limits: JsonValue) -> UUID:
        """Something to buy of which there is an end."""
        status = "active" if type == "token" else "published"
        facts = {"price": PRICE, **limits}
        async with self.world.write(self.ana) as store:
            return (await store.create(Draft(type, "A thing", facts, status))).id

    async def at_once(
        self, product: UUID, by: Sequence[AsyncClient], quantity: int = 1
    ) -> tuple[list[Facts], list[Facts]]:
        """What was bought, and the problems of who was refused."""
        asked = {"product": str(product), "quantity": quantity}
        answers: list[Response] = await asyncio.gather(
            *(one.post("/api/payments/purchase", json=asked) for one in by)
        )
        assert {answer.status_code for answer in answers} <= {201, 409}, answers
        return (
            [answer.json() for answer in answers if answer.status_code == 201],
            [answer.json() for answer in answers if answer.status_code == 409],
        )

    async def pay(self, bought: Facts) -> None:
        """On the sandbox's page, and back."""
        async with AsyncClient(base_url=self.url, headers={"Origin": self.url}) as browser:
            page = await browser.get(urlsplit(str(bought["pay"])).path)
            paid = await browser.post(page.headers["location"], data={"card": PLAIN})
            done = await browser.get(urlsplit(paid.headers["location"]).path)
        assert "no such" not in done.text

    async def good(self, product: UUID) -> Facts:
        return (await self.seller.get(f"/api/entities/{product}/good")).json()


def words(problems: list[Facts]) -> set[str]:
    return {str(problem["detail"]) for problem in problems}


@pytest.fixture(scope="module")
async def street(
    anyio_backend: str, desk: Desk, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Street]:
    data: Path = tmp_path_factory.mktemp("street")
    world = World(desk, DEFAULT_SPACE)
    ana = await world.person()
    fans = [await world.person("audience_member", f"Fan {n}") for n in range(8)]
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            served(postgres_url, data, processes=2, settings={"ONE_DEMO": "false"})
        )
        clients: list[AsyncClient] = []
        for who in (ana, *fans):
            async with world.write() as store:
                _, secret = await store.issue_token(entity=id_of(who), role="person", name="test")
            headers = {"authorization": f"Bearer {secret}"}
            client = AsyncClient(base_url=server.url, headers=headers, timeout=60)
            clients.append(await stack.enter_async_context(client))
        yield Street(world, server.url, ana, clients[0], clients[1:])


async def test_of_a_stock_of_five_eight_buyers_get_five(street: Street) -> None:
    product = await street.sold(stock=5)
    bought, refused = await street.at_once(product, street.fans)
    assert len(bought) == 5
    assert words(refused) == {"“A thing” is sold out."}
    assert await street.good(product) | {"unpaid": 5, "left": 0} == await street.good(product)
    await asyncio.gather(*map(street.pay, bought))
    good = await street.good(product)
    assert (good["sold"], good["unpaid"], good["left"], good["state"]) == (5, 0, 0, "sold_out")


async def test_one_buyer_by_eight_connections_gets_what_one_may_have(street: Street) -> None:
    product, fan = await street.sold(perBuyer=2), street.fans[0]
    async with AsyncExitStack() as stack:
        windows = [
            await stack.enter_async_context(
                AsyncClient(base_url=street.url, headers=fan.headers, timeout=60)
            )
            for _ in range(8)
        ]
        bought, refused = await street.at_once(product, windows)
    assert len(bought) == 2
    assert len(refused) == 6
    assert all("2 of “A thing” at most, and you have bought" in one for one in words(refused))
    others, _ = await street.at_once(product, street.fans[1:3])
    assert len(others) == 2


async def test_of_a_token_no_more_is_sold_than_there_may_be(street: Street) -> None:
    token = await street.sold("token", symbol=f"H{new_id().hex[-8:]}", totalSupply=40)
    bought, refused = await street.at_once(token, street.fans, 9)
    assert len(bought) == 4
    assert words(refused) == {"Of “A thing” 4 are left."}
    await asyncio.gather(*map(street.pay, bought))
    facts = (await street.seller.get(f"/api/entities/{token}/supply")).json()
    assert (facts["circulating"], facts["left"]) == (36, 4)
    assert (await street.good(token))["sold"] == 36
