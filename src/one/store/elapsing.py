"""Tells the change log what time alone changes: connections that begin or end without a write.

Each is an `elapsed` change of the connection's own version, at the moment that has come, so who
follows the log hears of it by position like of all else. How far time has been told is a fact of
the deployment: what came while no server ran is told by the next one.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

import psycopg
import structlog

from one.clock import Clock, new_id
from one.errors import OneError
from one.store.database import Database, Transaction
from one.store.migrate import DEFAULT_SPACE

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

ELAPSED: Final = "elapsed"
PAUSE = 0.5
MOST = 1_000
_FACT = "elapsed_until"
_IDLE = timedelta(minutes=1)  # an import of what has long ended is not told then

_MARK = "(value #>> '{}')::timestamptz FROM facts WHERE space_id = %(space)s AND name = %(fact)s"


def _due(limit: str) -> str:
    """What began or ended after `mark` and until `now`, in all spaces, the first to do so first."""
    sides = (("valid_to", "updated_at"), ("valid_from", "created_at"))
    each = " UNION ALL ".join(
        f"(SELECT id, type, version, {moment} AS moment FROM connections"
        f" WHERE space_id = s.id AND {moment} > {written} AND {moment} > m.mark"
        f" AND {moment} <= %(now)s ORDER BY {moment} {limit})"
        for moment, written in sides
    )
    return (
        f"FROM (SELECT {_MARK}) m (mark), spaces s CROSS JOIN LATERAL ({each}) c"
        f" ORDER BY c.moment {limit}"
    )


_ANY = (
    f"SELECT 1 WHERE EXISTS (SELECT {_due('LIMIT 1')})"
    f" OR %(now)s - %(idle)s::interval > (SELECT {_MARK})"
)
# Of many at one moment all are told together: the mark is a moment.
_ALL = (
    "SELECT s.id, c.id, c.type, c.version, c.moment"
    f" {_due('FETCH FIRST (%(most)s) ROWS WITH TIES')}"
)
_TOLD = (
    f"INSERT INTO change_queue SELECT space_id, id, '{ELAPSED}', row_id, row_type, version, NULL,"
    " NULL, at FROM unnest(%(spaces)s::uuid[], %(ids)s::uuid[], %(rows)s::uuid[],"
    " %(types)s::text[], %(versions)s::integer[], %(moments)s::timestamptz[])"
    " AS t (space_id, id, row_id, row_type, version, at)"
)


class Elapsing:
    """Runs in every server process; whichever comes first tells."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        """Tells what has come, again and again, until cancelled."""
        while True:
            try:
                more = await tell(self._database, now=self._clock.now()) >= MOST
            except (psycopg.Error, OneError) as error:
                more = False
                _log.warning("time waits for the database", error=type(error).__name__)
            if not more:
                await asyncio.sleep(PAUSE)


async def tell(database: Database, *, now: datetime) -> int:
    """Tells of at most some `MOST` connections that began or ended by now; how many. The first
    call ever only begins to count.
    """
    asked: dict[str, object] = {"space": DEFAULT_SPACE, "fact": _FACT, "now": now}
    async with database.read(snapshot=False) as tx:
        known = await tx.row(f"SELECT {_MARK}", asked)
        if known is not None and await tx.row(_ANY, asked | {"idle": _IDLE}) is None:
            return 0
    async with database.write() as tx:
        if known is None:
            mark = "INSERT INTO facts VALUES (%(space)s, %(fact)s, to_jsonb(%(now)s::text))"
            await tx.run(f"{mark} ON CONFLICT DO NOTHING", asked)
            return 0
        if await tx.row(f"SELECT {_MARK} FOR UPDATE SKIP LOCKED", asked) is None:
            return 0  # another process is at it
        return await _told(tx, asked, now=now)


async def _told(tx: Transaction, asked: dict[str, object], *, now: datetime) -> int:
    records = cast(
        "list[tuple[UUID, UUID, str, int, datetime]]", await tx.rows(_ALL, asked | {"most": MOST})
    )
    until = records[-1][4] if len(records) >= MOST else now
    if records:
        spaces, rows, types, versions, moments = (
            list(column) for column in zip(*records, strict=True)
        )
        ids = [new_id() for _ in records]
        told = {"spaces": spaces, "ids": ids, "rows": rows, "types": types}
        await tx.run(_TOLD, {**told, "versions": versions, "moments": moments})
    await tx.run(
        "UPDATE facts SET value ="
        " to_jsonb(greatest(%(until)s, (value #>> '{}')::timestamptz)::text)"
        " WHERE space_id = %(space)s AND name = %(fact)s",
        asked | {"until": until},
    )
    return len(records)
