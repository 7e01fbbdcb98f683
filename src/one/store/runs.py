"""Runs: begun, claimed under a lease, put to sleep, ended. Every change of a run that is at work
holds only for the epoch that its worker was given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast
from uuid import UUID

import orjson
from pydantic import JsonValue

from one.clock import new_id
from one.store.database import Transaction
from one.store.rows import Row
from one.store.session import Session, jsonb
from one.store.sight import Role, Viewer

Status = Literal["pending", "running", "waiting", "stopped", "done", "failed", "cancelled", "dead"]
ENDED: tuple[Status, ...] = ("done", "failed", "cancelled", "dead")
DEFAULT_QUEUE = ""


class Lost(Exception):
    """The run is another worker's now, and what this one did must not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A run to be. It acts for its author; the same `key` is the same run. `after` delays it."""

    feature: str
    digest: str
    author: Viewer
    input: Mapping[str, JsonValue]
    runner: UUID | None = None
    queue: str = DEFAULT_QUEUE
    key: str | None = None
    after: datetime | None = None
    parent: UUID | None = None
    parent_topic: str | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """A run that is this worker's while the epoch holds."""

    space: UUID
    id: UUID
    epoch: int
    feature: str
    digest: str
    author: Viewer
    runner: UUID | None
    input: dict[str, JsonValue]
    depth: int
    attempts: int
    counted: int
    cancelled: bool
    created_at: datetime

    @property
    def params(self) -> dict[str, object]:
        return {"space": self.space, "run": self.id, "epoch": self.epoch}


@dataclass(frozen=True, slots=True)
class Queue:
    """Where there may be work. `concurrency` at most at once, `starts` in each `per`."""

    space: UUID
    name: str
    concurrency: int | None = None
    starts: int | None = None
    per: timedelta | None = None


class Run(Row):
    """A run as people see it. `reason` says why it is where it is."""

    id: UUID
    feature: str
    digest: str
    queue: str
    status: Status
    reason: str
    author: UUID
    runner: UUID | None
    parent: UUID | None
    input: JsonValue
    output: JsonValue
    error: JsonValue
    epoch: int
    attempts: int
    wake_at: datetime | None
    cancel_at: datetime | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None


COLUMNS = (
    "id, feature, digest, queue, status, reason, author_id, runner_id, parent_id, input, output,"
    " error, epoch, attempts, wake_at, cancel_at, created_at, updated_at, ended_at"
)


def run_of(record: Sequence[object]) -> Run:
    """A row of COLUMNS."""
    return Run.model_construct(None, **dict(zip(Run.model_fields, record, strict=True)))


_START = """
WITH q AS (
    INSERT INTO queues (space_id, name) VALUES (%(space)s, %(queue)s) ON CONFLICT DO NOTHING
)
INSERT INTO runs (space_id, id, feature, digest, queue, key, author_id, author_role, runner_id,
    parent_id, parent_topic, depth, input, status, reason, epoch, attempts, counted, owner,
    lease_until, wake_at, created_at, updated_at)
VALUES (%(space)s, %(id)s, %(feature)s, %(digest)s, %(queue)s, %(key)s, %(author)s, %(role)s,
    %(runner)s, %(parent)s, %(topic)s, %(depth)s, %(input)s::jsonb, %(status)s, %(reason)s,
    %(epoch)s, %(epoch)s, 0, %(owner)s, now() + %(lease)s::interval, %(wake)s, %(now)s, %(now)s)
ON CONFLICT (space_id, key) WHERE key IS NOT NULL DO NOTHING RETURNING id
"""


def _begun(start: Start) -> dict[str, object]:
    """What every run's row says of how it began, as parameters."""
    return {
        "feature": start.feature,
        "digest": start.digest,
        "queue": start.queue,
        "key": start.key,
        "author": start.author.id,
        "role": start.author.role,
        "runner": start.runner,
        "depth": start.depth,
        "input": jsonb(dict(start.input)),
    }


async def start(
    session: Session, start: Start, *, owner: str | None = None, lease: timedelta | None = None
) -> tuple[UUID, bool]:
    """The id of the run, and whether it is new: a key that is known is the run it began.

    With an owner it is theirs from the beginning, and no other worker comes for it.
    """
    id = new_id()
    held = owner is not None
    params = session.params(
        id=id,
        **_begun(start),
        parent=start.parent,
        topic=start.parent_topic,
        status="running" if held else "pending",
        reason="" if held else "is about to begin",
        epoch=1 if held else 0,
        owner=owner,
        lease=lease,
        wake=None if held else start.after or session.now,
    )
    made = await session.tx.row(_START, params)
    if made is None:
        known = await session.tx.row(
            "SELECT id FROM runs WHERE space_id = %(space)s AND key = %(key)s", params
        )
        assert known is not None, "a run's key is kept as long as the run"
        return cast(UUID, known[0]), False
    return id, True


async def living(session: Session, start: Start) -> UUID | None:
    """A run that was begun as this one would be, and isn't over."""
    record = await session.tx.row(
        "SELECT id FROM runs WHERE space_id = %(space)s AND runner_id = %(runner)s"
        " AND feature = %(feature)s AND digest = %(digest)s AND ended_at IS NULL"
        " AND author_id = %(author)s AND input = %(input)s::jsonb LIMIT 1",
        session.params(
            runner=start.runner,
            feature=start.feature,
            digest=start.digest,
            author=start.author.id,
            input=jsonb(dict(start.input)),
        ),
    )
    return cast(UUID, record[0]) if record else None


@dataclass(frozen=True, slots=True)
class End:
    """What a run came to."""

    status: Status
    reason: str = ""
    output: JsonValue = None
    error: Mapping[str, JsonValue] | None = None


_OVER = """
WITH q AS (
    INSERT INTO queues (space_id, name) VALUES (%(space)s, %(queue)s) ON CONFLICT DO NOTHING
)
INSERT INTO runs (space_id, id, feature, digest, queue, key, author_id, author_role, runner_id,
    depth, input, output, error, status, reason, epoch, attempts, counted, created_at, updated_at,
    ended_at)
VALUES (%(space)s, %(id)s, %(feature)s, %(digest)s, %(queue)s, %(key)s, %(author)s, %(role)s,
    %(runner)s, %(depth)s, %(input)s::jsonb, %(output)s::jsonb, %(error)s::jsonb, %(status)s,
    %(reason)s, 0, 0, 0, %(now)s, %(now)s, %(now)s)
ON CONFLICT (space_id, key) WHERE key IS NOT NULL DO NOTHING
"""


async def keep_over(session: Session, id: UUID, run: Start, *, end: End) -> None:
    """A run that was over as it began."""
    params = session.params(
        id=id,
        **_begun(run),
        output=json_of(end.output),
        error=jsonb(dict(end.error)) if end.error else None,
        status=end.status,
        reason=end.reason,
    )
    await session.tx.run(_OVER, params)


def held(space: UUID, id: UUID, *, run: Start, created_at: datetime) -> Lease:
    """The lease of a run that its worker has begun itself."""
    return Lease(
        space,
        id,
        1,
        run.feature,
        run.digest,
        run.author,
        run.runner,
        dict(run.input),
        run.depth,
        attempts=1,
        counted=0,
        cancelled=False,
        created_at=created_at,
    )


async def limit_queue(tx: Transaction, queue: Queue) -> None:
    """Says how much of a queue may run at once, and how many may begin in a time."""
    await tx.run(
        "INSERT INTO queues (space_id, name, concurrency, starts, per) VALUES (%(space)s, %(name)s,"
        " %(concurrency)s, %(starts)s, %(per)s) ON CONFLICT (space_id, name) DO UPDATE SET"
        " concurrency = excluded.concurrency, starts = excluded.starts, per = excluded.per",
        {
            "space": queue.space,
            "name": queue.name,
            "concurrency": queue.concurrency,
            "starts": queue.starts,
            "per": queue.per,
        },
    )


async def busy_queues(tx: Transaction, *, now: datetime) -> list[Queue]:
    """The queues in which something is due, or whose worker was not heard of in time."""
    records = await tx.rows(
        "SELECT space_id, name, concurrency, starts, per FROM queues q WHERE EXISTS ("
        " SELECT FROM runs r WHERE r.space_id = q.space_id AND r.queue = q.name"
        " AND r.wake_at <= %(now)s) OR EXISTS ("
        " SELECT FROM runs r WHERE r.space_id = q.space_id AND r.queue = q.name"
        " AND r.lease_until < now())",
        {"now": now},
    )
    return [
        Queue(*row)
        for row in cast("list[tuple[UUID, str, int | None, int | None, timedelta | None]]", records)
    ]


@dataclass(frozen=True, slots=True)
class Room:
    """How many runs a worker takes, and for how long. Of those that have twice lost their worker
    it takes few: one of them may be what kills it, and the others are not to be blamed for that.
    """

    runs: int
    suspects: int
    lease: timedelta


_CLAIM = """
WITH lapsed AS (
    SELECT id FROM runs WHERE space_id = %(space)s AND queue = %(queue)s AND lease_until < now()
    AND attempts < 2 ORDER BY lease_until LIMIT %(lapsed)s FOR UPDATE SKIP LOCKED
), suspect AS (
    SELECT id FROM runs WHERE space_id = %(space)s AND queue = %(queue)s AND lease_until < now()
    AND attempts >= 2 ORDER BY lease_until LIMIT %(suspects)s FOR UPDATE SKIP LOCKED
), due AS (
    SELECT id FROM runs WHERE space_id = %(space)s AND queue = %(queue)s AND wake_at <= %(now)s
    ORDER BY wake_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE runs r SET status = 'running', reason = '', epoch = epoch + 1, attempts = attempts + 1,
    owner = %(owner)s, lease_until = now() + %(lease)s, wake_at = NULL, updated_at = %(now)s
WHERE r.space_id = %(space)s AND r.id IN (
    SELECT id FROM lapsed UNION ALL SELECT id FROM suspect UNION ALL SELECT id FROM due)
RETURNING r.space_id, r.id, r.epoch, r.feature, r.digest, r.author_id, r.author_role, r.runner_id,
    r.input, r.depth, r.attempts, r.counted, r.cancel_at IS NOT NULL, r.created_at
"""


async def claim(
    tx: Transaction, queue: Queue, *, now: datetime, owner: str, room: Room
) -> list[Lease]:
    """Takes what is due in a queue, within its limits and the worker's room."""
    most = room.runs
    allowed = await _allowed(tx, queue, most=most) if queue.concurrency or queue.starts else most
    records = await tx.rows(
        _CLAIM,
        {
            "space": queue.space,
            "queue": queue.name,
            "now": now,
            "owner": owner,
            "lapsed": most,
            "most": allowed,
            "suspects": min(most, room.suspects),
            "lease": room.lease,
        },
    )
    if records and queue.starts:
        await tx.run(
            "UPDATE queues SET next_start_at = greatest(next_start_at, now())"
            " + per / starts * %(many)s WHERE space_id = %(space)s AND name = %(name)s",
            {"space": queue.space, "name": queue.name, "many": len(records)},
        )
    return [_lease(record) for record in records]


async def _allowed(tx: Transaction, queue: Queue, *, most: int) -> int:
    """How many more may go; the queue's row is held until the end of the transaction, and what is
    counted is what its last holder left.
    """
    params = {"space": queue.space, "name": queue.name}
    held = await tx.row(
        "SELECT FROM queues WHERE space_id = %(space)s AND name = %(name)s FOR UPDATE SKIP LOCKED",
        params,
    )
    if held is None:
        return 0
    record = await tx.row(
        "SELECT concurrency - (SELECT count(*) FROM runs WHERE space_id = %(space)s"
        " AND queue = %(name)s AND lease_until IS NOT NULL), CASE WHEN starts IS NOT NULL THEN"
        " floor(extract(epoch FROM now() + per - greatest(next_start_at, now()))"
        " / extract(epoch FROM per / starts) + 0.001) END"
        " FROM queues WHERE space_id = %(space)s AND name = %(name)s",
        params,
    )
    assert record is not None, "the row is held"
    free, pace = cast("tuple[int | None, float | None]", record)
    return max(0, min(most, *(int(n) for n in (free, pace) if n is not None)))


def _lease(record: Sequence[object]) -> Lease:
    space, id, epoch, feature, digest, author, role, *rest = record
    viewer = Viewer(cast(UUID, author), cast(Role, role))
    return Lease(space, id, epoch, feature, digest, viewer, *rest)  # pyright: ignore[reportArgumentType] # the columns are the fields


async def renew(
    tx: Transaction, leases: Sequence[Lease], *, lease: timedelta
) -> dict[tuple[UUID, UUID], bool]:
    """Keeps what is still this worker's; of each such run, whether it shall be cancelled."""
    records = await tx.rows(
        "UPDATE runs r SET lease_until = now() + %(lease)s FROM"
        " unnest(%(spaces)s::uuid[], %(ids)s::uuid[], %(epochs)s::int[]) AS mine(space, id, epoch)"
        " WHERE r.space_id = mine.space AND r.id = mine.id AND r.epoch = mine.epoch"
        " AND r.status = 'running' RETURNING r.space_id, r.id, r.cancel_at IS NOT NULL",
        {
            "lease": lease,
            "spaces": [each.space for each in leases],
            "ids": [each.id for each in leases],
            "epochs": [each.epoch for each in leases],
        },
    )
    return {(cast(UUID, s), cast(UUID, i)): bool(cancelled) for s, i, cancelled in records}


_MINE = "WHERE space_id = %(space)s AND id = %(run)s AND epoch = %(epoch)s AND status = 'running'"


async def note_progress(tx: Transaction, lease: Lease, *, counted: int) -> bool:
    """That a run got on since it was last claimed: its failed attempts count anew."""
    params = lease.params | {"counted": counted}
    return bool(
        await tx.run(f"UPDATE runs SET attempts = 1, counted = %(counted)s {_MINE}", params)
    )


@dataclass(frozen=True, slots=True)
class Rest:
    """How a run leaves its worker without having ended."""

    status: Literal["pending", "waiting", "stopped"]
    reason: str
    wake_at: datetime | None = None
    failed: bool = False
    cancel_known: bool = False
    error: Mapping[str, JsonValue] | None = None


async def lead_to(tx: Transaction, lease: Lease) -> None:
    """What this transaction changes from here on is what the run of a lease leads to."""
    if lease.depth:
        await tx.run(
            "SELECT set_config('one.depth', %(depth)s::text, true)", {"depth": lease.depth}
        )


async def rest(session: Session, lease: Lease, rest: Rest) -> bool:
    """Lets a run go until it is woken; false when it was no longer this worker's.

    A wish to cancel that its worker hadn't heard of wakes it at once.
    """
    params = lease.params | {
        "status": rest.status,
        "reason": rest.reason,
        "wake": rest.wake_at,
        "failed": rest.failed,
        "known": rest.cancel_known,
        "error": jsonb(dict(rest.error)) if rest.error else None,
        "now": session.now,
    }
    return bool(
        await session.tx.run(
            "UPDATE runs SET status = %(status)s, reason = %(reason)s, owner = NULL,"
            " lease_until = NULL, updated_at = %(now)s, error = %(error)s::jsonb,"
            " attempts = CASE WHEN %(failed)s THEN attempts ELSE 0 END, wake_at = CASE WHEN"
            " cancel_at IS NOT NULL AND NOT %(known)s THEN %(now)s ELSE %(wake)s::timestamptz END"
            f" {_MINE}",
            params,
        )
    )


async def wake(session: Session, run: UUID) -> None:
    """Sends a worker to a run that waits."""
    await session.tx.run(
        "UPDATE runs SET wake_at = %(now)s WHERE space_id = %(space)s AND id = %(run)s"
        " AND status = 'waiting' AND (wake_at IS NULL OR wake_at > %(now)s)",
        session.params(run=run),
    )


async def finish(session: Session, lease: Lease, end: End) -> tuple[UUID, str] | None:
    """Ends a run and, when it has one, names its parent and what that waits for.

    Raises Lost.
    """
    record = await session.tx.row(
        "UPDATE runs SET status = %(status)s, reason = %(reason)s, output = %(output)s::jsonb,"
        " error = %(error)s::jsonb, owner = NULL, lease_until = NULL, wake_at = NULL,"
        f" updated_at = %(now)s, ended_at = %(now)s {_MINE} RETURNING parent_id, parent_topic",
        lease.params
        | {
            "status": end.status,
            "reason": end.reason,
            "output": json_of(end.output),
            "error": jsonb(dict(end.error)) if end.error else None,
            "now": session.now,
        },
    )
    if record is None:
        raise Lost
    parent, topic = cast("tuple[UUID | None, str | None]", record)
    return (parent, topic) if parent is not None and topic is not None else None


def json_of(value: JsonValue) -> str | None:
    """A value as JSON text for a `::jsonb` parameter; nothing as NULL."""
    return None if value is None else orjson.dumps(value).decode()


async def cancel(session: Session, run: UUID) -> bool:
    """Asks a run and its children to stop; false when it is over."""
    return bool(
        await session.tx.run(
            "WITH RECURSIVE mine AS (SELECT id FROM runs WHERE space_id = %(space)s"
            " AND id = %(run)s UNION SELECT r.id FROM runs r JOIN mine m ON r.parent_id = m.id"
            " WHERE r.space_id = %(space)s)"
            " UPDATE runs SET cancel_at = coalesce(cancel_at, %(now)s), wake_at = CASE WHEN"
            " status IN ('pending', 'waiting', 'stopped') THEN %(now)s ELSE wake_at END,"
            " status = CASE WHEN status = 'stopped' THEN 'waiting' ELSE status END"
            " WHERE space_id = %(space)s AND id IN (SELECT id FROM mine)"
            " AND status IN ('pending', 'running', 'waiting', 'stopped')",
            session.params(run=run),
        )
    )


async def again(session: Session, run: UUID) -> bool:
    """Takes up a run that stopped or was given up; false when it is neither."""
    return bool(
        await session.tx.run(
            "UPDATE runs SET status = 'waiting', reason = 'was taken up again', attempts = 0,"
            " wake_at = %(now)s, ended_at = NULL, updated_at = %(now)s WHERE space_id = %(space)s"
            " AND id = %(run)s AND status IN ('stopped', 'dead')",
            session.params(run=run),
        )
    )


async def adopt(session: Session, run: Run, *, digest: str) -> bool:
    """Moves a sleeping run to another revision; false when it has woken in the meantime."""
    return bool(
        await session.tx.run(
            "UPDATE runs SET digest = %(digest)s, updated_at = %(now)s,"
            " wake_at = CASE WHEN status = 'stopped' THEN %(now)s ELSE wake_at END,"
            " status = CASE WHEN status = 'stopped' THEN 'waiting' ELSE status END"
            " WHERE space_id = %(space)s AND id = %(run)s AND epoch = %(epoch)s"
            " AND status IN ('pending', 'waiting', 'stopped')",
            session.params(run=run.id, epoch=run.epoch, digest=digest),
        )
    )


_FORGET = """
WITH old AS (
    SELECT id FROM runs WHERE space_id = %(space)s AND ended_at < %(before)s
    ORDER BY ended_at LIMIT 1000 FOR UPDATE SKIP LOCKED
), s AS (
    DELETE FROM steps WHERE space_id = %(space)s AND run_id IN (SELECT id FROM old)
), l AS (
    DELETE FROM step_results WHERE space_id = %(space)s AND run_id IN (SELECT id FROM old)
), g AS (
    DELETE FROM signals WHERE space_id = %(space)s AND run_id IN (SELECT id FROM old)
)
DELETE FROM runs WHERE space_id = %(space)s AND id IN (SELECT id FROM old)
"""


async def forget_runs(tx: Transaction, space: UUID, *, before: datetime) -> int:
    """Drops up to a thousand runs that ended before a moment, with all they kept; how many."""
    return await tx.run(_FORGET, {"space": space, "before": before})
