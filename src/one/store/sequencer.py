"""Gives every committed change its position. One per deployment holds the lock and does the work.

A change gets its position after it has committed, so a reader that has come to a position has
seen everything before it: an id or a time made before the commit can't promise that. The lock is
the session's own, on the very connection that stamps: whoever loses the connection has lost both.
"""

import asyncio
from collections.abc import Callable

import psycopg
import structlog

from one.errors import OneError
from one.store.database import Connection, Database

_log = structlog.get_logger()

BATCH = 2_000
QUICK = 0.01
IDLE = 0.05
_STANDBY = 0.5
_LOCK = 7_301_001

# Rows of one transaction keep the order of their ids. Versions of one row that two machines with
# different clocks wrote come in the order of their versions: each takes the greatest id so far.
_STAMP = """
WITH taken AS (
    DELETE FROM change_queue q USING (
        SELECT space_id, id FROM change_queue ORDER BY id LIMIT %(batch)s
    ) b
    WHERE q.space_id = b.space_id AND q.id = b.id RETURNING q.*
), sorted AS (
    SELECT t.*, max(id::text) OVER (
        PARTITION BY space_id, row_id ORDER BY version, id ROWS UNBOUNDED PRECEDING) AS rank
    FROM taken t
), numbered AS (
    SELECT s.*, row_number() OVER (PARTITION BY space_id ORDER BY rank, version, id) AS step
    FROM sorted s
), counted AS (
    SELECT space_id, count(*) AS many FROM taken GROUP BY space_id
), moved AS (
    INSERT INTO positions AS p (space_id, last, oldest) SELECT space_id, many, 0 FROM counted
    ON CONFLICT (space_id) DO UPDATE SET last = p.last + excluded.last RETURNING p.space_id, p.last
), written AS (
    INSERT INTO changes (
        space_id, position, id, kind, row_id, row_type, version, before, actor_id, at
    )
    SELECT n.space_id, m.last - c.many + n.step, n.id, n.kind, n.row_id, n.row_type, n.version,
        n.before, n.actor_id, n.at
    FROM numbered n JOIN moved m USING (space_id) JOIN counted c USING (space_id)
)
SELECT coalesce(sum(many), 0) FROM counted
"""


def channel(schema: str) -> str:
    """The name that news of a deployment is told under: one notice per batch, not per change."""
    return f"{schema}_changes"


class Sequencer:
    """Runs in every server process; one of them at a time does the stamping."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wake = asyncio.Event()

    def nudge(self) -> None:
        """Something was just written here; look at once."""
        self._wake.set()

    async def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Works, or stands by while another process does, until cancelled."""
        while not until():
            try:
                connection = await self._database.connect()
                try:
                    await self._lead(connection, until)
                finally:
                    await connection.close()
            except (psycopg.Error, OneError) as error:
                _log.warning("sequencer lost its connection", error=type(error).__name__)
            if not until():
                await asyncio.sleep(_STANDBY)

    async def _lead(self, connection: Connection, until: Callable[[], bool]) -> None:
        while not await _locked(connection, self._database.schema):
            if until():
                return
            await asyncio.sleep(_STANDBY)
        await connection.execute(b"SET statement_timeout = '60s'")
        pause = QUICK
        while not until():
            stamped = await stamp(connection, channel(self._database.schema))
            pause = QUICK if stamped else min(pause * 1.2, IDLE)
            if stamped < BATCH:
                await self._rest(pause)

    async def _rest(self, pause: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), pause)
            await asyncio.sleep(QUICK / 2)  # let what is being written now come along
        except TimeoutError:
            pass
        self._wake.clear()


async def _locked(connection: Connection, schema: str) -> bool:
    cursor = await connection.execute(
        b"SELECT pg_try_advisory_lock(%s, hashtext(%s))", (_LOCK, schema)
    )
    record = await cursor.fetchone()
    return bool(record and record[0])


async def stamp(connection: Connection, news: str) -> int:
    """Stamps one batch and tells of it; how many changes it held."""
    cursor = await connection.execute(b"SELECT EXISTS (SELECT 1 FROM change_queue)")
    waiting = await cursor.fetchone()
    if not waiting or not waiting[0]:
        return 0
    async with connection.transaction():
        cursor = await connection.execute(_STAMP.encode(), {"batch": BATCH})
        record = await cursor.fetchone()
        stamped = int(str(record[0])) if record else 0
        await connection.execute(b"SELECT pg_notify(%s, '')", (news,))
    return stamped
