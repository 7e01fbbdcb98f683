"""Players for the tests of features."""

import pytest

from tests.sdk.written import Players
from tests.world import World


@pytest.fixture
async def players(world: World) -> Players:
    return await Players.made(world)
