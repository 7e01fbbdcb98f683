"""From nothing to serving: an empty folder becomes a database, a schema and an answer."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median

import uvloop

from bench import Row
from bench._server import serving_one
from one.settings import Settings

_REPEATS = 3
_BAR = 5.0


def rows(full: bool) -> Iterable[Row]:
    """Seconds until `/readyz` answers: the first time, and again on what is there."""
    del full
    fresh, again = list[float](), list[float]()
    for _ in range(_REPEATS):
        with tempfile.TemporaryDirectory(prefix="one-bench-") as folder:
            Path(folder).chmod(0o755)  # run as root, PostgreSQL is another user
            for found in (fresh, again):
                found.append(uvloop.run(_seconds(Settings(data=Path(folder)))))
    for path, found in (("start from nothing", fresh), ("start again", again)):
        words = f"{median(found):.1f} s ({min(found):.1f} to {max(found):.1f})"
        yield Row(path, "-", words, f"≤ {_BAR:.0f} s", median(found) <= _BAR)


async def _seconds(settings: Settings) -> float:
    async with serving_one(settings) as server:
        return server.seconds
