"""The whole of ONE over HTTP in process, with live features and an engine."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
import pytest
from httpx import ASGITransport, AsyncClient

from one.app import operations
from one.providers.base import Stage, live, parse_faults, standins
from one.providers.stripe.payments import Payments, in_process
from one.runtime import Deployment
from one.runtime.durable import Engine, Worker
from one.sandbox import Sandbox
from one.settings import Settings
from one.store import Viewer
from one.web.server import create
from one.workshop.calling import Caller
from one.workshop.shelf import Shelf
from tests.domains.conftest import Site, client_of
from tests.runtime.durable import QUICK
from tests.world import World


@dataclass(frozen=True, slots=True)
class Town:
    """A world whose features are live; `working` runs its engine."""

    world: World
    engine: Engine
    transport: ASGITransport

    async def as_(self, viewer: Viewer | None) -> AsyncClient:
        return await client_of(self.world, viewer, self.transport)

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.engine.worker.run)
            yield
            tasks.cancel_scope.cancel()


def town_of(
    world: World,
    settings: Settings | None = None,
    *,
    faults: str = "",
    payments: Payments | None = None,
) -> Town:
    """One process of a server, whose services have these faults."""
    stage = Stage(clock=world.desk.clock, faults=parse_faults(faults))
    sandbox = Sandbox(world.desk.database, world.desk.clock, space=world.space)
    chosen = settings or Settings.model_validate({"mode": "test", "secret_keys": "a test's own"})
    deployment = Deployment(
        chosen,
        world.desk,
        {**standins(stage), **live(chosen, stage)},
        payments=payments or in_process(sandbox, (), faults=stage.faults),
    )
    shelf = Shelf(world.desk)
    worker = Worker(deployment, shelf.load, lease=QUICK, idle=0.05)
    engine = Engine(deployment, shelf.load, worker=worker)
    caller = Caller(deployment, engine, shelf=shelf)
    site = Site(deployment, operations(), (), engine, caller, space=world.space)
    return Town(world, engine, ASGITransport(create(site)))


@pytest.fixture
def town(world: World) -> Town:
    return town_of(world)
