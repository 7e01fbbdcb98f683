"""The keys: the one place that builds the whole."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from one.clock import Clock
from one.domains import rooms
from one.ontology import load
from one.runtime import AnyOperation, Deployment, operations_of
from one.settings import Settings
from one.store import DEFAULT_SPACE, PLATFORM, Database, Desk, Viewer, migrate
from one.store.sequencer import Sequencer

Service = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class App:
    """A deployment with its operations, for the doors."""

    deployment: Deployment
    operations: tuple[AnyOperation, ...]
    services: tuple[Service, ...] = ()

    @property
    def desk(self) -> Desk:
        return self.deployment.desk

    async def actor_of(self, token: str, space: UUID) -> Viewer | None:
        """Who acts with this token; nobody, when it is not one."""
        return await self.desk.viewer_of(space, token)

    def space_of(self, host: str) -> UUID:
        """The space that a host name stands for."""
        del host
        return DEFAULT_SPACE

    async def ready(self) -> bool:
        return await self.desk.database.ready()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """While a server runs: what works in the background."""
        tasks = [asyncio.ensure_future(service()) for service in self.services]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task


def operations() -> tuple[AnyOperation, ...]:
    """Every operation that ONE can do."""
    return operations_of(*rooms())


@asynccontextmanager
async def build(settings: Settings) -> AsyncGenerator[App]:
    """The whole, with its schema up to date; closed on leaving. Raises Invalid, Conflict."""
    clock = Clock()
    ontology = load(settings.ontology if settings.ontology.exists() else None)
    database = await Database.open(settings)
    try:
        await migrate(database, now=clock.now())
        desk = await Desk.open(database, ontology, clock=clock)
        services = (Sequencer(database).run, desk.hub.run)
        yield App(Deployment(settings, desk), operations(), services)
    finally:
        await database.close()


async def owner_token(app: App) -> str:
    """The token that acts as the owner of the deployment, kept in a file only they can read."""
    kept = app.deployment.settings.data / "owner-token"
    known = kept.read_text("utf-8").strip() if kept.exists() else ""
    if known and await app.actor_of(known, DEFAULT_SPACE) is not None:
        return known
    async with app.desk.write(DEFAULT_SPACE, Viewer(PLATFORM, "staff")) as store:
        _, token = await store.issue_token(entity=PLATFORM, role="staff", name="owner")
    _write_private(kept, token)
    return token


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text + "\n")
