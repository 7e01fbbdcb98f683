"""A program walked through does what the code written for it does: same result, writes, errors."""

from pathlib import Path

import anyio
import pytest
from hypothesis import HealthCheck, given, settings

from one.compiler import check_text
from one.compiler.program import Program
from one.store import Desk
from one.workshop.simulate import interpreted
from tests.compiler.world import vocabulary
from tests.workshop.drawn import programs
from tests.workshop.twins import Scene, both, coded, tried
from tests.world import World

pytestmark = pytest.mark.anyio

UNHURRIED = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
GOOD = sorted((Path(__file__).parent.parent / "cases" / "good").glob("*.one"))


@pytest.mark.parametrize("by_author", [False, True], ids=["called", "by its author"])
@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
async def test_a_good_feature_does_the_same_either_way(
    desk: Desk, path: Path, *, by_author: bool
) -> None:
    text = await anyio.Path(path).read_text()
    for report in check_text(text, vocabulary()).features:
        if by_author and report.program.trigger is not None:
            continue  # nobody calls it
        code, walk = await both(desk, report.program, by_author=by_author)
        assert walk == code


@pytest.fixture(scope="module")
async def stage(desk: Desk) -> Scene:
    return await Scene.made(await World.made(desk))


@pytest.mark.parametrize("quarter", range(4))
@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=UNHURRIED)
@given(program=programs())
async def test_any_program_does_the_same_either_way(
    stage: Scene, quarter: int, program: Program
) -> None:
    del quarter
    ways = coded(program), interpreted(program, vocabulary())
    code, walk = await tried(stage, program, *ways)
    assert walk == code
