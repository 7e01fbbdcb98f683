"""Events: what happened, to what, by whom. Written once and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.errors import NotFound
from one.ontology import EventType
from one.store.filters import refuse
from one.store.lists import EventAsk, event_list
from one.store.rows import Event, Properties
from one.store.session import CHANGE, Session, event_columns, jsonb
from one.store.sight import entity_seen
from one.store.slots import filled

_AHEAD = timedelta(minutes=5)
_LONG_AGO = 1970


@dataclass(frozen=True, slots=True)
class Happening:
    """An event to be recorded. `occurred_at` is now unless it says otherwise."""

    type: str
    entity_id: UUID
    metadata: Mapping[str, JsonValue]
    occurred_at: datetime | None = None
    source: str | None = None
    session: str | None = None


async def record(session: Session, happening: Happening) -> Event:
    """Writes down what happened, with the viewer as its actor and the server's time.

    Raises NotFound when the viewer can't see the thing, Invalid for a type, metadata or time that
    makes no sense.
    """
    kind = session.ontology.event(happening.type)
    metadata = kind.validate(happening.metadata) | _repeated(session, kind, happening)
    occurred_at = _checked_time(session, happening.occurred_at)
    subject = await session.tx.row(
        "SELECT e.type FROM entities e WHERE e.space_id = %(space)s AND e.id = %(entity)s"
        f" AND e.deleted_at IS NULL AND {entity_seen(session.viewer, 'e')}",
        session.params(entity=happening.entity_id),
    )
    if subject is None:
        raise NotFound(
            "What this happened to isn't there.",
            cure="Check the id; the thing must exist and be visible to you.",
            details={"id": str(happening.entity_id)},
        )
    kind.check_subject(str(subject[0]))
    wanted = replace(happening, metadata=metadata, occurred_at=occurred_at)
    written = await insert(session, kind, wanted, id=new_id(), actor=session.viewer.id)
    assert written is not None
    return written


async def insert(
    session: Session, kind: EventType, happening: Happening, *, id: UUID, actor: UUID | None
) -> Event | None:
    """The row of a checked happening; nothing when one with this id is there already."""
    metadata = dict(happening.metadata)
    written = await session.tx.row(
        _INSERT,
        session.params(
            id=id,
            type=kind.name,
            entity=happening.entity_id,
            actor=actor,
            actor_type=session.viewer.type,
            metadata=jsonb(metadata),
            occurred_at=happening.occurred_at or session.now,
            source=happening.source,
            session_id=happening.session,
            change=new_id(),
            **filled(kind, metadata),
        ),
    )
    return session.event(written) if written else None


_INSERT = (
    "WITH x AS (INSERT INTO events (space_id, id, type, entity_id, actor_id, actor_type, metadata,"
    " occurred_at, recorded_at, source, session_id, k1, k2, n1) VALUES (%(space)s, %(id)s,"
    " %(type)s, %(entity)s, %(actor)s, %(actor_type)s, %(metadata)s::jsonb, %(occurred_at)s,"
    " %(now)s, %(source)s, %(session_id)s, %(k1)s, %(k2)s, %(n1)s)"
    " ON CONFLICT DO NOTHING RETURNING *),"
    f" c AS ({CHANGE} SELECT space_id, %(change)s, 'events', id, type, 1, NULL, %(me)s::uuid,"
    " %(now)s::timestamptz FROM x)"
    f" SELECT {event_columns('x')} FROM x"
)


async def find_event(session: Session, id: UUID) -> Event:
    """One event, if the viewer may know of it. Raises NotFound."""
    listing = event_list(session, EventAsk(ids=(id,)))
    records, _ = await listing.page(session, limit=1, cursor=None)
    if not records:
        raise NotFound("There is no event with this id that you can see.", details={"id": str(id)})
    return session.event(records[0])


def _repeated(session: Session, kind: EventType, happening: Happening) -> Properties:
    """Keys that say again what the event's own columns say, filled in from those."""
    said: Properties = {}
    for key, value in (("entityId", happening.entity_id), ("restoredBy", session.viewer.id)):
        if key in kind.keys and value is not None:
            given = happening.metadata.get(key, str(value))
            if given != str(value):
                raise refuse(f"/metadata/{key}", f"This says {given}, the event itself {value}.")
            said[key] = str(value)
    return said


def _checked_time(session: Session, occurred_at: datetime | None) -> datetime:
    if occurred_at is None:
        return session.now
    if occurred_at.tzinfo is None:
        raise refuse("/occurredAt", "A time needs its zone, as in 2026-01-31T09:00:00Z.")
    if occurred_at > session.now + _AHEAD or occurred_at.year < _LONG_AGO:
        raise refuse("/occurredAt", "An event happened between 1970 and now.")
    return occurred_at
