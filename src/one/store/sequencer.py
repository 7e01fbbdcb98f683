"""Gives every committed change its position. One per deployment holds the lock and does the work.

A change gets its position after it has committed, so a reader that has come to a position has
seen everything before it: an id or a time made before the commit can't promise that. The lock is
the session's own, on the very connection that stamps: whoever loses the connection has lost both.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import psycopg
import structlog

from one.clock import monotonic
from one.errors import OneError
from one.store.audit import Sign, chain
from one.store.database import Connection, Database

_log = structlog.get_logger()

BATCH = 2_000
QUICK = 0.01
IDLE = 0.05
_STANDBY = 0.2
_CHAINED_EACH = 0.25  # seconds
LOCK = 7_301_001
_SWEPT_AFTER = 20_000  # what is stamped leaves dead rows that the next look would step over

# Rows of one transaction keep the order of their ids. Versions of one row that two machines with
# different clocks wrote come in the order of their versions: each takes the greatest id so far,
# and an earlier version that a full batch would leave behind comes along. What a purge holds is
# passed over, so no transaction held open can stop the rest.
_STAMP = """
WITH oldest AS (
    SELECT space_id, id, row_id, version FROM change_queue
    ORDER BY id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
), batch AS (
    SELECT space_id, id FROM oldest
    UNION
    SELECT q.space_id, q.id FROM change_queue q JOIN oldest o
        ON o.space_id = q.space_id AND o.row_id = q.row_id AND q.version < o.version
    WHERE (SELECT count(*) FROM oldest) = %(batch)s
), taken AS (
    DELETE FROM change_queue q USING batch b
    WHERE q.space_id = b.space_id AND q.id = b.id RETURNING q.*
), sorted AS (
    SELECT t.*, max(id::text COLLATE "C") OVER (
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
        space_id, position, id, kind, row_id, row_type, version, before, actor_id, at, depth
    )
    SELECT n.space_id, m.last - c.many + n.step, n.id, n.kind, n.row_id, n.row_type, n.version,
        n.before, n.actor_id, n.at, n.depth
    FROM numbered n JOIN moved m USING (space_id) JOIN counted c USING (space_id)
)
SELECT sum(many), pg_notify(%(news)s, '') FROM counted HAVING count(*) > 0
"""


def channel(schema: str) -> str:
    """The name that news of a deployment is told under: one notice per batch, not per change."""
    return f"{schema}_changes"


class Sequencer:
    """Runs in every server process; one of them at a time does the stamping, and with `sign` the
    audit log, too.
    """

    def __init__(self, database: Database, *, sign: Sign | None = None) -> None:
        self._database = database
        self._sign = sign

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
        pause, since_swept, chained = QUICK, 0, 0.0
        while not until():
            stamped = await stamp(connection, channel(self._database.schema))
            pause = QUICK if stamped else min(pause * 1.2, IDLE)
            since_swept += stamped
            if since_swept > _SWEPT_AFTER:
                await connection.execute(b"VACUUM (TRUNCATE FALSE) change_queue")
                since_swept = 0
            if self._sign is not None and monotonic() > chained + _CHAINED_EACH:
                chained = monotonic()
                await chain(connection, self._sign)
            if stamped < BATCH:
                await asyncio.sleep(pause)


async def _locked(connection: Connection, schema: str) -> bool:
    cursor = await connection.execute(
        b"SELECT pg_try_advisory_lock(%s, hashtext(%s))", (LOCK, schema)
    )
    record = await cursor.fetchone()
    return bool(record and record[0])


async def stamp(connection: Connection, news: str) -> int:
    """Stamps one batch and tells of it, in one statement; how many changes it held."""
    cursor = await connection.execute(_STAMP.encode(), {"batch": BATCH, "news": news})
    record = await cursor.fetchone()
    return int(str(record[0])) if record else 0


async def forget(database: Database, space: UUID, *, before: datetime) -> int:
    """Drops the changes of a space from before a moment; how many.

    What a named reader has yet to read stays. Who follows from an earlier position is told to
    read again.
    """
    dropped = 0
    while True:
        async with database.write() as tx:
            record = await tx.row(
                _FORGET, {"space": space, "before": before, "most": _FORGET_AT_ONCE}
            )
        many = int(str(record[0])) if record else 0
        dropped += many
        if many < _FORGET_AT_ONCE:
            return dropped


# The log is kept from a position on, without holes, so it is cut at the first that has to stay.
_FORGET_AT_ONCE = 10_000
_FORGET = """
WITH kept AS (
    SELECT least(
        (SELECT last FROM positions WHERE space_id = %(space)s),
        (SELECT min(position) FROM marks WHERE space_id = %(space)s),
        (SELECT position - 1 FROM changes WHERE space_id = %(space)s AND at >= %(before)s
            ORDER BY position LIMIT 1),
        (SELECT oldest + %(most)s FROM positions WHERE space_id = %(space)s)
    ) AS until
), dropped AS (
    DELETE FROM changes WHERE space_id = %(space)s AND position <= (SELECT until FROM kept)
    RETURNING 1
), moved AS (
    UPDATE positions SET oldest = greatest(oldest, (SELECT until FROM kept))
    WHERE space_id = %(space)s
)
SELECT count(*) FROM dropped
"""
