"""Conversations: the one between two, who is in it, and their order of messages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from one.store.rows import Row
from one.store.session import Session

_MOMENT = timedelta(microseconds=1)
_NAME = "CASE WHEN e.deleted_at IS NULL THEN e.name ELSE 'Somebody who left' END"


class Party(Row):
    """Who is in a conversation: a person, or the agent or clone that answers in it.

    `lastRead` is the number of the last message that a person has read; a `moderator` is the owner
    of the clone or agent.
    """

    id: UUID
    name: str
    type: str
    role: str | None
    last_read: int | None
    muted: bool


def pair_of(one: UUID, other: UUID) -> str:
    """What two are called together, whoever is named first."""
    return ":".join(sorted((str(one), str(other))))


async def conversation_of(session: Session, pair: str) -> UUID | None:
    """The conversation between two, whoever looks."""
    record = await session.tx.row(
        "SELECT entity_id FROM unique_values WHERE space_id = %(space)s AND type = 'conversation'"
        " AND rule = 'pair' AND value = %(pair)s",
        session.params(pair=pair),
    )
    return cast(UUID, record[0]) if record else None


async def hold(session: Session, thing: UUID) -> Session:
    """Locks a person or an agent, so that two who write to them first begin one conversation."""
    await session.tx.run(
        "SELECT 1 FROM entities WHERE space_id = %(space)s AND id = %(thing)s FOR NO KEY UPDATE",
        session.params(thing=thing),
    )
    return session.later()


async def hold_conversation(session: Session, id: UUID) -> Session:
    """Locks a conversation; the session at a moment after its last message, so that the order of
    time is the order of their numbers.
    """
    record = await session.tx.row(
        "SELECT (properties->>'lastMessageAt')::timestamptz FROM entities"
        " WHERE space_id = %(space)s AND id = %(id)s FOR NO KEY UPDATE",
        session.params(id=id),
    )
    session, last = session.later(), record[0] if record else None
    if not isinstance(last, datetime):
        return session
    return replace(session, now=max(session.now, last + _MOMENT))


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's place in a conversation: the connection that is it."""

    connection: UUID
    last_read: int


async def seat_of(session: Session, conversation: UUID, person: UUID) -> Seat | None:
    record = await session.tx.row(
        "SELECT id, coalesce((metadata->>'lastRead')::bigint, 0) FROM connections"
        " WHERE space_id = %(space)s AND from_id = %(person)s AND to_id = %(conversation)s"
        " AND type = 'member_of' AND (valid_to IS NULL OR valid_to > %(now)s)",
        session.params(conversation=conversation, person=person),
    )
    return Seat(*cast("tuple[UUID, int]", record)) if record else None


async def parties_of(session: Session, conversations: Sequence[UUID]) -> dict[UUID, list[Party]]:
    """Who is in each of these, for whoever may see them."""
    records = await session.tx.rows(
        f"SELECT c.to_id, e.id, {_NAME}, e.type, c.metadata->>'role',"
        " coalesce((c.metadata->>'lastRead')::bigint, 0),"
        " coalesce((c.metadata->>'muted')::boolean, false) FROM connections c JOIN entities e"
        " ON e.space_id = c.space_id AND e.id = c.from_id WHERE c.space_id = %(space)s"
        " AND c.to_id = ANY(%(ids)s) AND c.type = 'member_of'"
        " AND (c.valid_to IS NULL OR c.valid_to > %(now)s) UNION ALL"
        f" SELECT c.from_id, e.id, {_NAME}, e.type, NULL, NULL, false FROM connections c"
        " JOIN entities e ON e.space_id = c.space_id AND e.id = c.to_id"
        " WHERE c.space_id = %(space)s AND c.from_id = ANY(%(ids)s) AND c.type = 'assigned_to'"
        " AND (c.valid_to IS NULL OR c.valid_to > %(now)s) ORDER BY 1, 2",
        session.params(ids=list(conversations)),
    )
    found: dict[UUID, list[Party]] = {id: [] for id in conversations}
    for conversation, *party in records:
        fields = dict(zip(Party.model_fields, party, strict=True))
        found[cast(UUID, conversation)].append(Party.model_construct(None, **fields))
    return found


async def owners_of(session: Session, thing: UUID) -> list[UUID]:
    """Whose a thing is now."""
    records = await session.tx.rows(
        "SELECT from_id FROM connections WHERE space_id = %(space)s AND to_id = %(thing)s"
        " AND type = 'owns' AND (valid_to IS NULL OR valid_to > %(now)s) ORDER BY from_id",
        session.params(thing=thing),
    )
    return [cast(UUID, record[0]) for record in records]


async def begun_since(session: Session, since: datetime) -> int:
    """How many conversations the viewer has begun."""
    record = await session.tx.row(
        "SELECT count(*) FROM events WHERE space_id = %(space)s AND actor_id = %(me)s"
        " AND type = 'entity_created' AND recorded_at > %(since)s"
        " AND metadata->>'entityType' = 'conversation'",
        session.params(since=since),
    )
    return int(str(record[0])) if record else 0
