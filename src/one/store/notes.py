"""Notes: what an author keeps of another person, for their own eyes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from one.store.rows import Properties, Row
from one.store.session import Session, jsonb


class Note(Row):
    """What one author keeps of one person."""

    person: UUID
    properties: Properties
    tags: list[str]
    updated_at: datetime | None = None


_NOTE = "person_id, properties, tags, updated_at"


async def notes_of(session: Session, author: UUID, people: Sequence[UUID]) -> dict[UUID, Note]:
    """An author's notes on people, by person."""
    records = await session.tx.rows(
        f"SELECT {_NOTE} FROM notes WHERE space_id = %(space)s AND author_id = %(author)s"
        " AND person_id = ANY(%(people)s)",
        session.params(author=author, people=list(people)),
    )
    return {note.person: note for note in map(_note, records)}


async def held_note(session: Session, author: UUID, person: UUID) -> Note:
    """An author's note on a person, made when there is none; nobody else changes it meanwhile."""
    params = session.params(author=author, person=person)
    await session.tx.run(
        "INSERT INTO notes (space_id, author_id, person_id, properties, tags, updated_at)"
        " VALUES (%(space)s, %(author)s, %(person)s, '{}', '{}', %(now)s) ON CONFLICT DO NOTHING",
        params,
    )
    record = await session.tx.row(
        f"SELECT {_NOTE} FROM notes WHERE space_id = %(space)s AND author_id = %(author)s"
        " AND person_id = %(person)s FOR UPDATE",
        params,
    )
    assert record is not None, "it was there, or was just made"
    return _note(record)


async def write_note(
    session: Session,
    author: UUID,
    person: UUID,
    *,
    properties: Mapping[str, JsonValue],
    tags: Sequence[str],
) -> None:
    """Puts these in the place of what a note says; it is held."""
    await session.tx.run(
        "UPDATE notes SET properties = %(properties)s::jsonb, tags = %(tags)s, updated_at = %(now)s"
        " WHERE space_id = %(space)s AND author_id = %(author)s AND person_id = %(person)s",
        session.params(
            author=author, person=person, properties=jsonb(dict(properties)), tags=list(tags)
        ),
    )


def _note(record: Sequence[object]) -> Note:
    person, properties, tags, updated_at = cast(
        "tuple[UUID, Properties, list[str], datetime]", record
    )
    return Note(person=person, properties=properties, tags=tags, updated_at=updated_at)
