"""The whole of ONE over HTTP in process, in a space of the test's own."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient
from typing_extensions import override

from one.app import App, operations
from one.runtime import Deployment
from one.settings import Settings
from one.store import DEFAULT_SPACE, PLATFORM, Viewer
from one.web.server import create
from tests.world import STAFF, World

Client = Callable[[Viewer | None], Awaitable[AsyncClient]]


@dataclass(frozen=True, slots=True)
class Site(App):
    """An App that serves one space, whatever the host."""

    space: UUID = DEFAULT_SPACE

    @override
    def space_of(self, host: str) -> UUID:
        del host
        return self.space


@pytest.fixture
async def client(world: World) -> AsyncGenerator[Client]:
    """Makes clients that act as somebody; as nobody with None."""
    opened: list[AsyncClient] = []
    deployment = Deployment(Settings(mode="test"), world.desk)
    site = Site(deployment, operations(), space=world.space)
    transport = ASGITransport(create(site))

    async def as_(viewer: Viewer | None) -> AsyncClient:
        headers: dict[str, str] = {}
        if viewer is not None:
            async with world.write() as store:
                _, secret = await store.issue_token(
                    entity=viewer.id or PLATFORM, role=viewer.role, name="test"
                )
            headers["Authorization"] = f"Bearer {secret}"
        opened.append(AsyncClient(transport=transport, base_url="http://one", headers=headers))
        return opened[-1]

    yield as_
    for one in opened:
        await one.aclose()


@pytest.fixture
async def owner(client: Client) -> AsyncClient:
    """The owner of the deployment."""
    return await client(STAFF)
