"""Whatever happens at the shop, the provider has what the journal says."""

import pytest

from tests.stories.shopping import run
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_journal_and_the_provider_agree_whatever_happens(world: World, seed: int) -> None:
    shopping = await run(world, events=60, seed=seed)
    needed = {"buy", "onboard", "give_back", "decide", "pay_out"}
    assert needed <= shopping.happened.keys(), shopping.happened
