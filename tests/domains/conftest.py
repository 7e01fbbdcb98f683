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


async def client_of(
    world: World, viewer: Viewer | None = None, transport: ASGITransport | None = None
) -> AsyncClient:
    """A client that acts as somebody in a world; as nobody with None."""
    headers: dict[str, str] = {}
    if viewer is not None:
        async with world.write() as store:
            _, secret = await store.issue_token(
                entity=viewer.id or PLATFORM, role=viewer.role, name="test"
            )
        headers["Authorization"] = f"Bearer {secret}"
    transport = transport or transport_of(world)
    return AsyncClient(transport=transport, base_url="http://one", headers=headers)


def deployment_of(world: World, **settings: object) -> Deployment:
    """A deployment over a world's desk, with a key of its own."""
    chosen = {"mode": "test", "secret_keys": "a test's own", **settings}
    return Deployment(Settings.model_validate(chosen), world.desk)


def transport_of(world: World, **settings: object) -> ASGITransport:
    """The whole of ONE in process."""
    deployment = deployment_of(world, **settings)
    return ASGITransport(create(Site(deployment, operations(), space=world.space)))


@pytest.fixture
async def client(world: World) -> AsyncGenerator[Client]:
    """Makes clients that act as somebody; as nobody with None."""
    opened: list[AsyncClient] = []
    transport = transport_of(world)

    async def as_(viewer: Viewer | None) -> AsyncClient:
        opened.append(await client_of(world, viewer, transport))
        return opened[-1]

    yield as_
    for one in opened:
        await one.aclose()


@pytest.fixture
async def owner(client: Client) -> AsyncClient:
    """The owner of the deployment."""
    return await client(STAFF)
