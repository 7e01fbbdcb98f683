"""What people want to hear, by author, kind and channel; and the devices that push reaches."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args
from uuid import UUID

from one.clock import new_id
from one.store.rows import Row
from one.store.session import Session

Way = Literal["app", "email", "sms", "push"]
WAYS: tuple[Way, ...] = get_args(Way)
ANYONE = UUID(int=0)
MOST_DEVICES = 20
MOST_PREFERENCES = 1_000


class Preference(Row):
    """Whether its person wants what it speaks of; no author, kind or channel: any. The narrowest
    preference that fits decides: one of an author before one of a kind before one of a channel.
    """

    author: UUID | None
    kind: str | None
    channel: Way | None
    wanted: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class About:
    """What a preference speaks of."""

    author: UUID | None = None
    kind: str | None = None
    channel: Way | None = None


async def prefer(session: Session, person: UUID, about: About, *, wanted: bool | None) -> bool:
    """Keeps what a person wants; with none it is as if they had never said. False when they have
    said too much already.
    """
    params = session.params(
        person=person,
        author=about.author or ANYONE,
        kind=about.kind or "",
        channel=about.channel or "",
        wanted=wanted,
    )
    if wanted is None:
        await session.tx.run(
            "DELETE FROM preferences WHERE space_id = %(space)s AND person_id = %(person)s"
            " AND author_id = %(author)s AND kind = %(kind)s AND channel = %(channel)s",
            params,
        )
        return True
    return bool(
        await session.tx.run(
            "INSERT INTO preferences SELECT %(space)s, %(person)s, %(author)s, %(kind)s,"
            " %(channel)s, %(wanted)s, %(now)s WHERE (SELECT count(*) FROM preferences"
            " WHERE space_id = %(space)s AND person_id = %(person)s AND NOT (author_id = %(author)s"
            f" AND kind = %(kind)s AND channel = %(channel)s)) < {MOST_PREFERENCES}"
            " ON CONFLICT (space_id, person_id, author_id, kind, channel)"
            " DO UPDATE SET wanted = excluded.wanted, updated_at = excluded.updated_at",
            params,
        )
    )


async def preferences_of(session: Session, person: UUID) -> list[Preference]:
    """All that a person has said, the widest first."""
    records = await session.tx.rows(
        "SELECT nullif(author_id, %(anyone)s), nullif(kind, ''), nullif(channel, ''), wanted,"
        " updated_at FROM preferences WHERE space_id = %(space)s AND person_id = %(person)s"
        " ORDER BY author_id, kind, channel",
        session.params(person=person, anyone=ANYONE),
    )
    fields = Preference.model_fields
    return [
        Preference.model_construct(None, **dict(zip(fields, record, strict=True)))
        for record in records
    ]


_UNWANTED = (
    "SELECT person_id, way FROM (SELECT DISTINCT ON (p.person_id, way) p.person_id, way, p.wanted"
    " FROM unnest(%(ways)s::text[]) AS way, preferences p WHERE p.space_id = %(space)s"
    " AND p.person_id = ANY(%(people)s) AND p.author_id IN (%(author)s, %(anyone)s)"
    " AND p.kind IN (%(kind)s, '') AND p.channel IN (way, '') ORDER BY p.person_id, way,"
    " p.author_id = %(anyone)s, p.kind = '', p.channel = '') said WHERE NOT wanted"
)


async def unwanted(
    session: Session, author: UUID, people: Collection[UUID], *, kind: str
) -> frozenset[tuple[UUID, str]]:
    """Which people don't want this kind of word from this author, and by which way."""
    records = await session.tx.rows(
        _UNWANTED,
        session.params(
            ways=list(WAYS), people=list(people), author=author, kind=kind, anyone=ANYONE
        ),
    )
    return frozenset(cast("Sequence[tuple[UUID, str]]", records))


# --- devices


class Device(Row):
    """Something that push messages reach; its address is known to ONE alone."""

    id: UUID
    name: str
    created_at: datetime


async def add_device(session: Session, person: UUID, *, name: str, address: str) -> Device | None:
    """A device of a person, the same one where it is known; none when they have too many."""
    params = session.params(id=new_id(), person=person, name=name, address=address)
    await session.tx.run(
        "SELECT 1 FROM entities WHERE space_id = %(space)s AND id = %(person)s FOR NO KEY UPDATE",
        params,
    )
    record = await session.tx.row(
        "INSERT INTO devices SELECT %(space)s, %(id)s, %(person)s, %(name)s, %(address)s, %(now)s"
        " WHERE (SELECT count(*) FROM devices WHERE space_id = %(space)s"
        f" AND person_id = %(person)s AND address <> %(address)s) < {MOST_DEVICES}"
        " ON CONFLICT (space_id, person_id, address) DO UPDATE SET name = excluded.name"
        " RETURNING id, name, created_at",
        params,
    )
    return _device(record) if record else None


async def devices_of(session: Session, person: UUID) -> list[Device]:
    records = await session.tx.rows(
        "SELECT id, name, created_at FROM devices WHERE space_id = %(space)s"
        " AND person_id = %(person)s ORDER BY created_at, id",
        session.params(person=person),
    )
    return [_device(record) for record in records]


async def drop_device(session: Session, person: UUID, id: UUID) -> bool:
    """Forgets a device; false when the person has none with this id."""
    return bool(
        await session.tx.run(
            "DELETE FROM devices WHERE space_id = %(space)s AND person_id = %(person)s"
            " AND id = %(id)s",
            session.params(person=person, id=id),
        )
    )


def _device(record: Sequence[object]) -> Device:
    return Device.model_construct(None, **dict(zip(Device.model_fields, record, strict=True)))
