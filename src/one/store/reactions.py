"""What runs are begun or woken by: changes read by position, and times that have come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from one.store.changes import last_position
from one.store.database import Transaction
from one.store.session import (
    Session,
    connection_columns,
    connection_of,
    entity_columns,
    event_columns,
    event_of,
    jsonb,
)
from one.store.sight import Role, Viewer

READER = "runs"
Facts = dict[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Begins a run of a feature upon each change that matches.

    `kind` is a table, `row_type` a type of it. `wanted` are values by dotted path in the row, with
    `$change`: `made` for new rows alone, `became` for those that weren't so before, `$entity` for
    the type of the thing that it is about, `$mine` where that thing must be the author's, and
    `$reach` for a number that the thing has to come to. With `own` only what concerns a thing of
    the author's.
    """

    name: str
    feature: str
    digest: str
    author: Viewer
    kind: str
    row_type: str
    wanted: Mapping[str, JsonValue]
    own: bool = True
    since: int = 0
    made_at: datetime | None = None


async def set_trigger(session: Session, trigger: Trigger) -> None:
    """Makes a trigger for what changes from now on, or changes what a known one does: one that
    waits for the same as before goes on where it was.
    """
    await set_mark(session)
    params = session.params(
        name=trigger.name,
        feature=trigger.feature,
        digest=trigger.digest,
        author=trigger.author.id,
        role=trigger.author.role,
        kind=trigger.kind,
        type=trigger.row_type,
        wanted=jsonb(dict(trigger.wanted)),
        own=trigger.own,
        since=await last_position(session.tx, session.space),
    )
    await session.tx.run(
        "DELETE FROM triggers WHERE space_id = %(space)s AND name = %(name)s AND (kind, row_type,"
        " wanted) IS DISTINCT FROM (%(kind)s, %(type)s, %(wanted)s::jsonb)",
        params,
    )
    await session.tx.run(
        "INSERT INTO triggers (space_id, name, feature, digest, author_id, author_role, kind,"
        " row_type, wanted, own, since, made_at) VALUES (%(space)s, %(name)s, %(feature)s,"
        " %(digest)s, %(author)s, %(role)s, %(kind)s, %(type)s, %(wanted)s::jsonb, %(own)s,"
        " %(since)s, %(now)s) ON CONFLICT (space_id, name) DO UPDATE SET"
        " feature = excluded.feature, digest = excluded.digest, author_id = excluded.author_id,"
        " author_role = excluded.author_role, own = excluded.own",
        params,
    )


async def drop_trigger(session: Session, name: str) -> bool:
    """Ends a trigger; false when there is none."""
    return bool(
        await session.tx.run(
            "DELETE FROM triggers WHERE space_id = %(space)s AND name = %(name)s",
            session.params(name=name),
        )
    )


_TriggerRow = tuple[str, str, str, UUID, Role, str, str, Facts, bool, int, datetime]


async def triggers_of(tx: Transaction, space: UUID) -> list[Trigger]:
    """All triggers of a space."""
    records = await tx.rows(
        "SELECT name, feature, digest, author_id, author_role, kind, row_type, wanted, own, since,"
        " made_at FROM triggers WHERE space_id = %(space)s ORDER BY name",
        {"space": space},
    )
    return [_trigger(*cast("_TriggerRow", record)) for record in records]


def _trigger(*row: object) -> Trigger:
    name, feature, digest, id, role, kind, type, wanted, own, since, made = cast("_TriggerRow", row)
    return Trigger(
        name=name,
        feature=feature,
        digest=digest,
        author=Viewer(id, role),
        kind=kind,
        row_type=type,
        wanted=wanted,
        own=own,
        since=since,
        made_at=made,
    )


async def set_mark(session: Session) -> None:
    """From here on the changes of the space are read. Where they are already it changes nothing."""
    await session.tx.run(
        "INSERT INTO marks (space_id, reader, position, updated_at) VALUES (%(space)s, %(reader)s,"
        " coalesce((SELECT last FROM positions WHERE space_id = %(space)s), 0), %(now)s)"
        " ON CONFLICT DO NOTHING",
        session.params(reader=READER),
    )


async def hold_mark(tx: Transaction, space: UUID) -> int | None:
    """How far the changes of a space were read; none while another process reads them.

    The mark is this transaction's until it ends.
    """
    record = await tx.row(
        "SELECT position FROM marks WHERE space_id = %(space)s AND reader = %(reader)s"
        " FOR UPDATE SKIP LOCKED",
        {"space": space, "reader": READER},
    )
    return int(str(record[0])) if record else None


async def move_mark(tx: Transaction, space: UUID, *, position: int, now: datetime) -> None:
    """Everything up to a position was read."""
    await tx.run(
        "UPDATE marks SET position = %(position)s, updated_at = %(now)s"
        " WHERE space_id = %(space)s AND reader = %(reader)s",
        {"space": space, "reader": READER, "position": position, "now": now},
    )


async def spaces_with_news(tx: Transaction) -> list[UUID]:
    """The spaces whose changes are read and go on behind their mark."""
    records = await tx.rows(
        "SELECT p.space_id FROM positions p JOIN marks m ON m.space_id = p.space_id"
        " AND m.reader = %(reader)s WHERE m.position < p.last",
        {"reader": READER},
    )
    return [cast(UUID, record[0]) for record in records]


async def row_as_it_is(tx: Transaction, space: UUID, *, kind: str, id: UUID) -> Facts | None:
    """A row of a table as JSON, with all that it holds."""
    tables = {
        "entities": entity_columns,
        "connections": connection_columns,
        "events": event_columns,
    }
    if kind not in tables:
        return None
    record = await tx.row(
        f"SELECT {tables[kind]('t')} FROM {kind} t WHERE t.space_id = %(space)s AND t.id = %(id)s",
        {"space": space, "id": id},
    )
    return _facts(kind, record) if record else None


def _facts(kind: str, record: Sequence[object]) -> Facts:
    if kind == "entities":
        fields = (
            *("id", "type", "name", "status", "visibility", "properties", "version"),
            *("createdAt", "updatedAt", "deletedAt"),
        )
        return {key: _plain(value) for key, value in zip(fields, record, strict=True)}
    made = event_of(tuple(record)) if kind == "events" else connection_of(tuple(record))
    return made.model_dump(mode="json")


def _plain(value: object) -> JsonValue:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else cast(JsonValue, value)


async def events_since(
    tx: Transaction, space: UUID, *, type: str, since: datetime
) -> list[tuple[UUID, Facts]]:
    """The events of a type that were recorded from a moment on, oldest first."""
    records = await tx.rows(
        f"SELECT {event_columns('e')} FROM events e WHERE e.space_id = %(space)s"
        " AND e.type = %(type)s AND e.recorded_at >= %(since)s ORDER BY e.recorded_at, e.id"
        " LIMIT 10000",
        {"space": space, "type": type, "since": since},
    )
    return [(cast(UUID, record[0]), _facts("events", record)) for record in records]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Begins a run of a feature at times; `every` says which, `next_at` the first to come."""

    name: str
    feature: str
    digest: str
    author: Viewer
    input: Mapping[str, JsonValue]
    every: Mapping[str, JsonValue]
    next_at: datetime
    space: UUID | None = None


async def set_schedule(session: Session, schedule: Schedule) -> None:
    """Makes a schedule; of a known one with the same times the next tick stays what it was."""
    await session.tx.run(
        "INSERT INTO schedules (space_id, name, feature, digest, author_id, author_role, input,"
        " every, next_at) VALUES (%(space)s, %(name)s, %(feature)s, %(digest)s, %(author)s,"
        " %(role)s, %(input)s::jsonb, %(every)s::jsonb, %(next)s)"
        " ON CONFLICT (space_id, name) DO UPDATE SET feature = excluded.feature,"
        " digest = excluded.digest, author_id = excluded.author_id,"
        " author_role = excluded.author_role, input = excluded.input, every = excluded.every,"
        " next_at = CASE WHEN schedules.every = excluded.every THEN schedules.next_at"
        " ELSE excluded.next_at END",
        session.params(
            name=schedule.name,
            feature=schedule.feature,
            digest=schedule.digest,
            author=schedule.author.id,
            role=schedule.author.role,
            input=jsonb(dict(schedule.input)),
            every=jsonb(dict(schedule.every)),
            next=schedule.next_at,
        ),
    )


async def drop_schedule(session: Session, name: str) -> bool:
    """Ends a schedule; false when there is none."""
    return bool(
        await session.tx.run(
            "DELETE FROM schedules WHERE space_id = %(space)s AND name = %(name)s",
            session.params(name=name),
        )
    )


async def due_schedule(
    tx: Transaction, *, now: datetime, spaces: Iterable[UUID]
) -> Schedule | None:
    """One whose time has come and that no other process has in hand; held by the transaction."""
    record = await tx.row(
        "SELECT name, feature, digest, author_id, author_role, input, every, next_at, space_id"
        " FROM schedules WHERE next_at <= %(now)s AND space_id = ANY(%(spaces)s)"
        " ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED",
        {"now": now, "spaces": list(spaces)},
    )
    if record is None:
        return None
    row = cast("tuple[str, str, str, UUID, Role, Facts, Facts, datetime, UUID]", record)
    name, feature, digest, author, role, input, every, next_at, space = row
    return Schedule(
        name=name,
        feature=feature,
        digest=digest,
        author=Viewer(author, role),
        input=input,
        every=every,
        next_at=next_at,
        space=space,
    )


async def move_schedule(session: Session, name: str, *, next_at: datetime) -> None:
    """The next tick of a schedule."""
    await session.tx.run(
        "UPDATE schedules SET next_at = %(next)s WHERE space_id = %(space)s AND name = %(name)s",
        session.params(name=name, next=next_at),
    )
