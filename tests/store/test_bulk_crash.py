"""An import that is killed again and again, at any moment, ends as one that nobody disturbed."""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from one.clock import new_id
from one.store import PLATFORM
from tests.store.bulk import entity, event, put_out, rejected, take_in, write_lines
from tests.world import World

pytestmark = pytest.mark.anyio
EVENTS = 6_000

PROGRAM = """
import asyncio, json, signal, sys
from pathlib import Path
from uuid import UUID
from one.clock import Clock
from one.ontology import load
from one.store import PLATFORM, Database, Desk, Viewer
from one.store.bulk import Host, import_path, lines

async def main(url, schema, space, path, seconds):
    lines.MOST_LINES = 200
    database = Database(url, schema)
    await database.start()
    desk = await Desk.open(database, load(None), clock=Clock())
    signal.setitimer(signal.ITIMER_PROF, seconds)
    staff = Viewer(PLATFORM, "staff", "system")
    host = Host(desk, UUID(space), staff, lambda text: text)
    await import_path(host, Path(path), report=lambda _: None)
    await database.close()

asyncio.run(main(*json.loads(sys.argv[1])))
"""


def finished(world: World, folder: Path, seconds: float) -> bool:
    """An import in a process of its own, which the kernel kills in the middle of whatever it does
    once it has worked so long (of the processor's time: a busy machine moves nothing); whether it
    came to its end before."""
    database = world.desk.database
    given = json.dumps([database.dsn, database.schema, str(world.space), str(folder), seconds])
    ended = subprocess.run([sys.executable, "-c", PROGRAM, given], timeout=60, check=False)
    assert ended.returncode in (0, -signal.SIGPROF)
    return ended.returncode == 0


async def test_an_import_killed_at_any_moment_loses_and_doubles_nothing(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    things = [entity("course", status="published") for _ in range(1_000)]
    happened = [
        event("content_viewed", str(things[at % 1_000]["id"]), duration=at)
        | {"occurredAt": "2026-01-31T09:00:00Z", "recordedAt": "2026-01-31T09:00:00Z"}
        for at in range(EVENTS)
    ]
    happened[100] = event("content_viewed", str(new_id()))
    happened[-1] = event("content_viewed", str(PLATFORM), duration="x")
    times = {"createdAt": "2026-01-31T09:00:00Z"}
    write_lines(folder / "entities.ndjson", [thing | times for thing in things])
    write_lines(folder / "events.ndjson", happened)

    kills = 0
    chance = random.Random(7)
    while not finished(world, folder, 0 if kills == 4 else chance.uniform(0.01, 0.1)):
        kills += 1
    assert kills > 1
    assert [line for line, _ in rejected(folder / "rejected.ndjson")] == [101, EVENTS]

    calm = await world.neighbour()
    (folder / "rejected.ndjson").unlink()
    imported = await take_in(calm, folder)
    assert imported.rows == 1_000 + EVENTS - 2
    one, two = await put_out(world, tmp_path / "one"), await put_out(calm, tmp_path / "two")
    assert (one / "events.ndjson").read_bytes() == (two / "events.ndjson").read_bytes()
    assert courses(one) == courses(two)


def courses(folder: Path) -> list[bytes]:
    """The things that were imported: all but the space's own."""
    return (folder / "entities.ndjson").read_bytes().splitlines()[1:]
