"""An App over the shelf, on a real database, and a client that talks HTTP to it in process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient

from one.app import App, build
from one.clock import new_id
from one.runtime import Deployment, operations_of
from one.settings import Settings
from one.store import Viewer
from one.web.server import create
from tests.web import shelf

TOKENS = {"reader": Viewer(new_id(), "person"), "keeper": Viewer(new_id(), "staff")}


@dataclass(frozen=True, slots=True)
class Shelf(App):
    """Its tokens are words."""

    async def actor_of(self, token: str, space: UUID) -> Viewer | None:
        return TOKENS.get(token)


@pytest.fixture
def settings(postgres_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=postgres_url, data=tmp_path, ontology=Path("none.toml"))


@asynccontextmanager
async def shelf_app(
    settings: Settings, mode: Literal["test", "development"] = "development"
) -> AsyncGenerator[App]:
    shelf.BOOKS.clear()
    async with build(settings.model_copy(update={"mode": mode})) as app:
        deployment = Deployment(app.deployment.settings, app.desk)
        yield Shelf(deployment, operations_of(shelf))


@asynccontextmanager
async def talking_to(app: App) -> AsyncGenerator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(create(app)), base_url="http://one") as client:
        yield client


@pytest.fixture
async def client(anyio_backend: str, settings: Settings) -> AsyncGenerator[AsyncClient]:
    async with shelf_app(settings) as app, talking_to(app) as client:
        yield client


@pytest.fixture
def reader() -> dict[str, str]:
    return {"authorization": "Bearer reader"}


@pytest.fixture
def keeper() -> dict[str, str]:
    return {"authorization": "Bearer keeper"}
