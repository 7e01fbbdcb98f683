"""An import of events beside COPY of the same rows, ready made, into the same table."""

import asyncio
import random
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from uuid import UUID

import orjson

from bench import Row
from one.app import App, build
from one.clock import monotonic, new_id
from one.settings import Settings
from one.store import PLATFORM, Viewer
from one.store.bulk import Host, import_path

BAR, TURNS = 0.6, 5
STAFF = Viewer(PLATFORM, "staff", "system")
COLUMNS = (
    "id, type, entity_id, actor_id, actor_type, metadata, occurred_at, recorded_at, source,"
    " session_id, k1, k2, n1"
)


def rows(full: bool) -> Iterable[Row]:
    # the embedded PostgreSQL, which lives as long as this process, may still write in it
    with tempfile.TemporaryDirectory(prefix="one-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # run as root, PostgreSQL is another user
        turns = asyncio.run(_measure(Path(folder), 200_000 if full else 40_000))
    ratio = median(ours / raw for ours, raw in turns)
    ours, raw = (median(side) for side in zip(*turns, strict=True))
    measured = f"{ratio:.2f} x ({ours:,.0f} of {raw:,.0f} rows/s)"
    yield Row("import of events", "COPY of ready rows", measured, f"≥ {BAR} x", ratio >= BAR)


async def _measure(folder: Path, many: int) -> list[tuple[float, float]]:
    things, events = _write(folder, many)
    order, turns = random.Random(5), list[tuple[float, float]]()
    async with build(Settings(data=folder / "data")) as app:
        block = b""
        for turn in range(TURNS + 1):
            ours, raw = await _space(app, things), await _space(app, things)
            if turn == 0:  # warms up, and makes the rows that the others copy
                await _import(app, events, ours)
                block = await _ready(app, ours)
            elif order.random() < 0.5:
                one = await _import(app, events, ours)
                turns.append((many / one, many / await _copy(app, block, raw)))
            else:
                other = await _copy(app, block, raw)
                turns.append((many / await _import(app, events, ours), many / other))
    return turns


async def _space(app: App, things: Path) -> UUID:
    space = new_id()
    await app.desk.add_space(space, "A turn")
    await _import(app, things, space)
    return space


async def _import(app: App, file: Path, space: UUID) -> float:
    done = await import_path(
        Host(app.desk, space, STAFF, app.deployment.seal.close), file, report=lambda _: None
    )
    assert done.rejected is None
    return done.seconds


async def _ready(app: App, space: UUID) -> bytes:
    connection = await app.desk.database.connect()
    query = f"COPY (SELECT {COLUMNS} FROM events WHERE space_id = '{space}' ORDER BY id) TO STDOUT"
    async with connection.cursor().copy(query.encode()) as copy:
        block = b"".join([bytes(part) async for part in copy])
    await connection.close()
    return block


async def _copy(app: App, block: bytes, space: UUID) -> float:
    lines = b"".join(f"{space}\t".encode() + line for line in block.splitlines(keepends=True))
    connection = await app.desk.database.connect()
    await connection.execute(b"SET statement_timeout = 0")
    begun = monotonic()
    statement = f"COPY events (space_id, {COLUMNS}) FROM STDIN"
    async with connection.cursor().copy(statement.encode()) as copy:
        await copy.write(lines)
    seconds = monotonic() - begun
    await connection.close()
    return seconds


def _write(folder: Path, many: int) -> tuple[Path, Path]:
    """Two files: courses and fans, and what the fans did with the courses."""
    things, events = folder / "entities.ndjson", folder / "events.ndjson"
    courses, fans = ([str(new_id()) for _ in range(2_000)] for _ in range(2))
    with things.open("wb") as file:
        for kind, ids in (("course", courses), ("audience_member", fans)):
            for id in ids:
                file.write(orjson.dumps({"id": id, "type": kind, "name": "Somebody"}) + b"\n")
    with events.open("wb") as file:
        for event in _events(many, courses=courses, fans=fans):
            file.write(orjson.dumps(event) + b"\n")
    return things, events


def _events(many: int, *, courses: list[str], fans: list[str]) -> Iterator[dict[str, object]]:
    chance = random.Random(1)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    price = {"amount": 4_900, "currency": "eur"}
    for at in range(many):
        moment += timedelta(seconds=chance.random() * 60)
        type, metadata = chance.choice(
            (
                ("content_viewed", {"duration": at / 7, "completionRate": chance.random()}),
                ("content_interacted", {"interactionType": "liked"}),
                ("payment_processed", {"amount": price, "currency": "eur", "status": "completed"}),
            )
        )
        yield {
            "id": str(new_id()),
            "type": type,
            "entity": chance.choice(courses),
            "actor": chance.choice(fans),
            "metadata": metadata,
            "occurredAt": moment,
            "recordedAt": moment,
            "source": "web",
            "session": f"s{at // 5}",
        }
