"""A shop whose pages are served: a browser at it, and who signs up there."""

from uuid import UUID

from httpx import ASGITransport, AsyncClient

from one.app import operations
from one.store import Viewer
from one.web.server import create
from tests.domains.conftest import Site
from tests.domains.payments.shop import Shop
from tests.web.pages.browsing import address, sign_up
from tests.world import World


async def shop_of(world: World) -> Shop:
    """One that captures letters, so that people sign up there."""
    return await Shop.opened(world, mode="development")


def browser_at(shop: Shop) -> AsyncClient:
    site = Site(shop.deployment, operations(), till=shop.till, space=shop.world.space)
    transport = ASGITransport(create(site), client=("127.0.0.1", 50_000))
    headers = {"Origin": "http://localhost", "Accept": "text/html"}
    return AsyncClient(transport=transport, base_url="http://localhost", headers=headers)


async def arrived(browser: AsyncClient, kind: str = "audience_member") -> Viewer:
    """Somebody who has signed up at this browser."""
    await sign_up(browser, address(), kind=kind)
    return Viewer(UUID((await browser.get("/api/account")).json()["entity"]), "person")
