"""The journal of a run: what it has done, at which place of its program, with which outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from pydantic import JsonValue

from one.errors import Invalid
from one.store.database import Transaction
from one.store.runs import Lease, Lost
from one.store.session import Session, jsonb

StepStatus = Literal["begun", "waiting", "done", "failed"]
SMALL = 64 << 10
LARGEST = 8 << 20
MOST_STEPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One row of the journal. `digest` is of what the operation was given."""

    path: str
    operation: str
    digest: str
    status: StepStatus
    at: datetime
    line: int = 0
    number: int = 0
    attempt: int = 1
    result: JsonValue = None
    error: Mapping[str, JsonValue] | None = None
    topic: str | None = None
    until: datetime | None = None
    wanted: Mapping[str, JsonValue] | None = None


_COLUMNS = (
    "s.path, s.operation, s.digest, s.status, s.at, s.line, s.number, s.attempt,"
    " CASE WHEN s.large THEN l.result ELSE s.result END, s.error, s.topic, s.until, s.wanted"
)
_FROM = (
    "FROM steps s LEFT JOIN step_results l ON s.large AND l.space_id = s.space_id"
    " AND l.run_id = s.run_id AND l.path = s.path"
    " WHERE s.space_id = %(space)s AND s.run_id = %(run)s"
)
_FIELDS = (
    *("path", "operation", "digest", "status", "at", "line", "number", "attempt", "result"),
    *("error", "topic", "until", "wanted"),
)


def _step(record: Sequence[object]) -> Step:
    facts = dict(zip(_FIELDS, record, strict=True))
    return Step(**facts)  # pyright: ignore[reportArgumentType] # the columns are the fields


async def journal_of(tx: Transaction, space: UUID, *, run: UUID, after: int = 0) -> list[Step]:
    """The rows of a run's journal after a number, in the order in which they were written."""
    records = await tx.rows(
        f"SELECT {_COLUMNS} {_FROM} AND s.number > %(after)s ORDER BY s.number",
        {"space": space, "run": run, "after": after},
    )
    return [_step(record) for record in records]


_WRITE = """
WITH mine AS (
    SELECT cancel_at IS NOT NULL AS cancelled FROM runs WHERE space_id = %(space)s AND id = %(run)s
    AND epoch = %(epoch)s AND status = 'running' FOR KEY SHARE
), written AS (
    INSERT INTO steps (space_id, run_id, path, number, operation, digest, line, status, attempt,
        result, large, error, topic, until, wanted, at)
    SELECT %(space)s, %(run)s, %(path)s, %(number)s, %(operation)s, %(digest)s, %(line)s,
        %(status)s, %(attempt)s, %(result)s::jsonb, %(large)s, %(error)s::jsonb, %(topic)s,
        %(until)s, %(wanted)s::jsonb, %(at)s FROM mine
    ON CONFLICT (space_id, run_id, path) DO UPDATE SET number = excluded.number,
        status = excluded.status, attempt = excluded.attempt, result = excluded.result,
        large = excluded.large, error = excluded.error, topic = excluded.topic,
        until = excluded.until, wanted = excluded.wanted, at = excluded.at
    WHERE steps.status IN ('begun', 'waiting')
    RETURNING path
)
SELECT cancelled, (SELECT count(*) FROM written) FROM mine
"""


async def write_step(tx: Transaction, lease: Lease, *, step: Step) -> bool:
    """Adds a row, or settles one that was begun; whether the run is asked to stop.

    Raises Lost, and with it undoes the transaction, when the run is another worker's now or the
    step was settled by one; Invalid for a result that is too large.
    """
    text = jsonb({"is": step.result})[6:-1] if step.result is not None else None
    large = text is not None and len(text) > SMALL
    if text is not None and len(text) > LARGEST:
        raise Invalid(
            f"What step {step.path} gives is too large to keep: {len(text):,} characters.",
            cure=f"A step may give {LARGEST:,}; keep it as a file and give its address.",
        )
    record = await tx.row(
        _WRITE,
        lease.params
        | {
            "path": step.path,
            "number": step.number,
            "operation": step.operation,
            "digest": step.digest,
            "line": step.line,
            "status": step.status,
            "attempt": step.attempt,
            "result": None if large else text,
            "large": large,
            "error": jsonb(dict(step.error)) if step.error else None,
            "topic": step.topic,
            "until": step.until,
            "wanted": jsonb(dict(step.wanted)) if step.wanted else None,
            "at": step.at,
        },
    )
    if record is None or not record[1]:
        raise Lost
    if large:
        await tx.run(
            "INSERT INTO step_results VALUES (%(space)s, %(run)s, %(path)s, %(result)s::jsonb)",
            lease.params | {"path": step.path, "result": text},
        )
    return bool(record[0])


async def settle_step(session: Session, run: UUID, *, path: str, result: JsonValue) -> bool:
    """A person's word that a call of unknown outcome was done; false when there is none."""
    return bool(
        await session.tx.run(
            "UPDATE steps SET status = 'done', result = %(result)s::jsonb, at = %(now)s,"
            " number = 1 + (SELECT max(number) FROM steps WHERE space_id = %(space)s"
            " AND run_id = %(run)s) WHERE space_id = %(space)s AND run_id = %(run)s"
            " AND path = %(path)s AND status = 'begun'",
            session.params(run=run, path=path, result=jsonb({"is": result})[6:-1]),
        )
    )


async def repeat_step(session: Session, run: UUID, *, path: str) -> bool:
    """A person's word that a call of unknown outcome was not done: it is made anew."""
    return bool(
        await session.tx.run(
            "DELETE FROM steps WHERE space_id = %(space)s AND run_id = %(run)s"
            " AND path = %(path)s AND status = 'begun'",
            session.params(run=run, path=path),
        )
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that waits for something of a topic, and for what of it."""

    run: UUID
    topic: str
    since: datetime
    wanted: Mapping[str, JsonValue]


async def waiting_for(tx: Transaction, space: UUID, *, topic: str) -> list[Waiting]:
    """The waits for a topic, whichever run's."""
    records = await tx.rows(
        "SELECT s.run_id, s.topic, r.created_at, coalesce(s.wanted, '{}') FROM steps s"
        " JOIN runs r ON r.space_id = s.space_id AND r.id = s.run_id"
        " WHERE s.space_id = %(space)s AND s.topic = %(topic)s AND s.status = 'waiting'"
        " AND r.ended_at IS NULL",
        {"space": space, "topic": topic},
    )
    return [Waiting(*cast("tuple[UUID, str, datetime, dict[str, JsonValue]]", r)) for r in records]
