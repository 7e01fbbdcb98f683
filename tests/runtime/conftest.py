"""What durable runs are tried on."""

from uuid import UUID

import pytest

from tests.runtime.durable import Shelf
from tests.world import World


@pytest.fixture
def shelf(world: World) -> Shelf:
    return Shelf(world)


@pytest.fixture
async def thing(world: World) -> UUID:
    return (await world.course()).id
