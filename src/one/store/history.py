"""Runs as people look at them: lists, one with its timeline, counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from one.errors import NotFound
from one.store.database import Transaction
from one.store.runs import COLUMNS, Run, Status, run_of
from one.store.session import Session

# Who runs a feature and whose it is see its runs, and nobody else.
_SEEN = "space_id = %(space)s AND (%(staff)s OR author_id = %(me)s OR runner_id = %(me)s)"


async def find_run(session: Session, id: UUID) -> Run:
    """One run that the viewer may see. Raises NotFound."""
    record = await session.tx.row(
        f"SELECT {COLUMNS} FROM runs WHERE {_SEEN} AND id = %(id)s",
        session.params(id=id, staff=session.viewer.staff),
    )
    if record is None:
        raise NotFound(
            "There is no run with this id that you can see.",
            cure="List your runs to find it.",
            details={"id": str(id)},
        )
    return run_of(record)


async def find_guest_run(session: Session, id: UUID, *, since: datetime) -> Run | None:
    """One run of somebody without account, begun since then, whoever looks."""
    record = await session.tx.row(
        f"SELECT {COLUMNS} FROM runs WHERE space_id = %(space)s AND id = %(id)s"
        " AND runner_id IS NULL AND created_at >= %(since)s",
        session.params(id=id, since=since),
    )
    return run_of(record) if record else None


async def awaits_child(session: Session, id: UUID) -> bool:
    """Whether a run waits for one that it began and that is not over."""
    record = await session.tx.row(
        "SELECT FROM runs WHERE space_id = %(space)s AND parent_id = %(id)s"
        " AND parent_topic IS NOT NULL AND ended_at IS NULL LIMIT 1",
        session.params(id=id),
    )
    return record is not None


@dataclass(frozen=True, slots=True)
class RunAsk:
    """Which runs are listed, newest first, from before one of them on."""

    status: Status | None = None
    feature: str | None = None
    before: UUID | None = None


async def list_runs(session: Session, ask: RunAsk, *, limit: int) -> list[Run]:
    """The runs that the viewer may see. Ids are in the order of time."""
    mine = (
        f"SELECT {COLUMNS} FROM runs WHERE space_id = %(space)s"
        " AND (%(status)s::text IS NULL OR status = %(status)s)"
        " AND (%(feature)s::text IS NULL OR feature = %(feature)s)"
        " AND (%(before)s::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM runs"
        f" WHERE {_SEEN} AND id = %(before)s))"
    )
    newest = " ORDER BY created_at DESC, id DESC LIMIT %(limit)s"
    sql = f"{mine}{newest}"
    if not session.viewer.staff:
        sql = (
            f"SELECT * FROM (({mine} AND author_id = %(me)s{newest}) UNION"
            f" ({mine} AND runner_id = %(me)s{newest})) r{newest}"
        )
    params = session.params(status=ask.status, feature=ask.feature, before=ask.before, limit=limit)
    params |= {"staff": session.viewer.staff}
    return [run_of(record) for record in await session.tx.rows(sql, params)]


async def counted_since(
    session: Session, author: UUID, *, since: datetime, most: int
) -> list[tuple[str, int, int]]:
    """How many runs each of an author's features had, and how many of them went wrong; of the last
    ones, where there are more than `most`.
    """
    records = await session.tx.rows(
        "SELECT feature, count(*), count(*) FILTER (WHERE status IN ('failed', 'dead'))"
        " FROM (SELECT feature, status FROM runs WHERE space_id = %(space)s"
        " AND author_id = %(author)s AND created_at >= %(since)s"
        " ORDER BY created_at DESC, id DESC LIMIT %(most)s) r GROUP BY feature ORDER BY feature",
        session.params(author=author, since=since, most=most),
    )
    return cast("list[tuple[str, int, int]]", records)


@dataclass(frozen=True, slots=True)
class Load:
    """How a queue is: how many runs of each status, and how long the oldest due one is late."""

    queue: str
    counts: dict[str, int]
    late: timedelta


async def loads(tx: Transaction, space: UUID, *, now: datetime) -> list[Load]:
    """Of each queue of a space."""
    params = {"space": space, "now": now}
    records = await tx.rows(
        "SELECT queue, status, count(*) FROM runs WHERE space_id = %(space)s GROUP BY 1, 2",
        params,
    )
    counts: dict[str, dict[str, int]] = {}
    for queue, status, many in cast("list[tuple[str, str, int]]", records):
        counts.setdefault(queue, {})[status] = many
    due = await tx.rows(
        "SELECT queue, %(now)s - min(wake_at) FROM runs WHERE space_id = %(space)s"
        " AND wake_at <= %(now)s GROUP BY 1",
        params,
    )
    late = dict(cast("list[tuple[str, timedelta]]", due))
    return [Load(name, found, late.get(name, timedelta())) for name, found in counts.items()]
