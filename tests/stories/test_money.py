"""Whatever happens to payments, in whatever order, the journal is sound."""

import pytest

from tests.stories.money import run
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_market_in_which_all_goes_wrong_is_sound(world: World, seed: int) -> None:
    market = await run(world.desk, world.space, events=1_000, seed=seed)
    assert len(market.happened) == 8, "everything happens"
