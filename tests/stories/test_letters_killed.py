"""Who delivers letters is killed, again and again: none is lost, and none goes out twice."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import anyio
import pytest

from one.store.outbox import AT_ONCE, Letter
from tests.domains.notices.rooms import follower, outbox, told
from tests.world import World

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
LETTERS, KILLS = 80, 4
OVER = {"sent", "unknown"}


def start(world: World, taken: Path) -> subprocess.Popen[str]:
    database = world.desk.database
    told = [database.dsn, database.schema, str(world.space), str(taken)]
    command = [sys.executable, "-m", "tests.stories.letters", *told]
    made = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert made.stdout is not None
    assert made.stdout.readline() == "works\n"
    return made


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


async def over(world: World, least: int) -> list[Letter]:
    """Waits until so many letters are over."""
    with anyio.fail_after(60):
        while True:
            found = await outbox(world)
            if sum(letter.status in OVER for letter in found) >= least:
                return found
            await anyio.sleep(0.02)


async def test_no_letter_is_lost_or_doubled_whenever_its_carrier_dies(
    world: World, tmp_path: Path
) -> None:
    ana, taken = await world.person(), tmp_path / "taken"
    people = [await follower(world, ana, f"F{n}") for n in range(LETTERS)]
    await told(world, ana, *people, channels=["email"])
    for n in range(KILLS):
        process = start(world, taken)
        try:
            await over(world, (n + 1) * 15)
        finally:
            kill(process)
    process = start(world, taken)
    try:
        letters = await over(world, LETTERS)
    finally:
        kill(process)
    times = Counter(taken.read_text().split())
    status = {str(letter.id): letter.status for letter in letters}
    assert set(times.values()) == {1}
    assert all(times[id] == 1 for id, each in status.items() if each == "sent")
    unknown = [id for id, each in status.items() if each == "unknown"]
    assert len(unknown) <= KILLS * AT_ONCE
    assert times.keys() - {id for id, each in status.items() if each == "sent"} <= set(unknown)
