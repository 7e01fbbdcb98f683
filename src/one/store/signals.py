"""Signals to runs: stored before anyone looks for them, so that one that comes early counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.store.runs import wake
from one.store.session import Session, jsonb


@dataclass(frozen=True, slots=True)
class Signal:
    """What came for a run, under which topic, when."""

    id: UUID
    topic: str
    payload: JsonValue
    at: datetime


async def send(
    session: Session, run: UUID, *, topic: str, payload: JsonValue, id: UUID | None = None
) -> bool:
    """Stores a signal and wakes its run; false when the run is over or not there.

    One with an id that the run already had of this topic changes nothing. The run's row is held
    first: a run that is just going to sleep has either seen the signal or is woken by it.
    """
    params = session.params(
        run=run, topic=topic, id=id or new_id(), payload=jsonb({"is": payload})[6:-1]
    )
    held = await session.tx.row(
        "SELECT id FROM runs WHERE space_id = %(space)s AND id = %(run)s AND ended_at IS NULL"
        " FOR NO KEY UPDATE",
        params,
    )
    if held is None:
        return False
    stored = await session.tx.run(
        "INSERT INTO signals (space_id, run_id, topic, id, payload, at) VALUES (%(space)s, %(run)s,"
        " %(topic)s, %(id)s, %(payload)s::jsonb, %(now)s) ON CONFLICT DO NOTHING",
        params,
    )
    if stored:
        await wake(session, run)
    return True


async def take(
    session: Session, run: UUID, *, topic: str, path: str, until: datetime | None
) -> Signal | None:
    """The oldest signal of a topic that nothing has taken and that came in time; now it is taken.

    What the same path took before, in a transaction that it doesn't know to have ended, it gets
    again.
    """
    record = await session.tx.row(
        "UPDATE signals SET taken_by = %(path)s WHERE space_id = %(space)s AND run_id = %(run)s"
        " AND topic = %(topic)s AND id = (SELECT id FROM signals WHERE space_id = %(space)s"
        " AND run_id = %(run)s AND topic = %(topic)s AND (taken_by IS NULL OR taken_by = %(path)s)"
        " AND (%(until)s::timestamptz IS NULL OR at <= %(until)s) ORDER BY at, id LIMIT 1)"
        " RETURNING id, topic, payload, at",
        session.params(run=run, topic=topic, path=path, until=until),
    )
    return Signal(*cast("tuple[UUID, str, JsonValue, datetime]", record)) if record else None


async def any_waited_for(session: Session, run: UUID) -> bool:
    """Whether something has come in time that a step of the run waits for."""
    record = await session.tx.row(
        "SELECT FROM steps w JOIN signals s ON s.space_id = w.space_id AND s.run_id = w.run_id"
        " AND s.topic = w.topic AND s.taken_by IS NULL AND (w.until IS NULL OR s.at <= w.until)"
        " WHERE w.space_id = %(space)s AND w.run_id = %(run)s AND w.status = 'waiting' LIMIT 1",
        session.params(run=run),
    )
    return record is not None
