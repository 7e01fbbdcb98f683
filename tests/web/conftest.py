"""An App over the shelf, and a client that talks HTTP to it in process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Literal
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient

from one.app import App
from one.clock import Clock, new_id
from one.runtime import Actor, Deployment, Kind, operations_of
from one.settings import Settings
from one.web.server import create
from tests.web import shelf

SPACE = new_id()
TOKENS = {"reader": Actor(new_id(), "person"), "keeper": Actor(new_id(), "staff")}


class Nothing:
    async def standing(self, id: UUID) -> Literal["owner", "viewer"] | None: ...

    async def recall(self, *, operation: str, key: str, digest: bytes) -> bytes | None: ...

    async def remember(
        self, *, operation: str, key: str, digest: bytes, status: int, answer: bytes
    ) -> None: ...


@asynccontextmanager
async def nothing(actor: Actor, *, space: UUID, kind: Kind) -> AsyncGenerator[Nothing]:
    yield Nothing()


async def actor_of(token: str, space: UUID) -> Actor | None:
    return TOKENS.get(token)


async def ready() -> bool:
    return True


def shelf_app(mode: Literal["test", "development"] = "development") -> App:
    deployment = Deployment(Settings(mode=mode), Clock(), Nothing(), nothing)
    return App(deployment, operations_of(shelf), actor_of, lambda host: SPACE, ready)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client(anyio_backend: str) -> AsyncGenerator[AsyncClient]:
    shelf.BOOKS.clear()
    transport = ASGITransport(create(shelf_app()))
    async with AsyncClient(transport=transport, base_url="http://one") as client:
        yield client


@pytest.fixture
def reader() -> dict[str, str]:
    return {"authorization": "Bearer reader"}


@pytest.fixture
def keeper() -> dict[str, str]:
    return {"authorization": "Bearer keeper"}
