"""The yes of others: asked once for each line of an author's, answered by the person alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.store.relations import Link
from one.store.rows import Row
from one.store.session import Session, jsonb


class Request(Row):
    """What somebody was asked for an author, in words; `answer` is null until they say."""

    id: UUID
    author: UUID
    words: str
    answer: bool | None
    asked_at: datetime
    answered_at: datetime | None


class Awaited(Row):
    """Somebody whose answer a run waits for: the request, and who they are."""

    request: UUID
    person: UUID
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """What one person is asked for one author: `line` is the same as long as it asks the same."""

    person: UUID
    author: UUID
    line: str

    @property
    def params(self) -> dict[str, object]:
        return {"person": self.person, "author": self.author, "line": self.line}


_REQUEST = "id, author_id, words, answer, asked_at, answered_at"


async def ask(session: Session, line: Line, *, words: str) -> tuple[Request, bool]:
    """The request of a line, and whether it is new. It is held until the transaction ends, so that
    an answer that comes meanwhile finds who waits for it.
    """
    params = session.params(id=new_id(), words=words, **line.params)
    made = await session.tx.run(
        "INSERT INTO yeses (space_id, id, person_id, author_id, line, words, asked_at)"
        " VALUES (%(space)s, %(id)s, %(person)s, %(author)s, %(line)s, %(words)s, %(now)s)"
        " ON CONFLICT DO NOTHING",
        params,
    )
    record = await session.tx.row(
        f"SELECT {_REQUEST} FROM yeses WHERE space_id = %(space)s AND person_id = %(person)s"
        " AND author_id = %(author)s AND line = %(line)s FOR UPDATE",
        params,
    )
    assert record is not None, "it was there, or was just made"
    return _request(record), bool(made)


async def answer_of(session: Session, line: Line) -> bool | None:
    """What a person said to a line; none when they haven't."""
    record = await session.tx.row(
        "SELECT answer FROM yeses WHERE space_id = %(space)s AND person_id = %(person)s"
        " AND author_id = %(author)s AND line = %(line)s",
        session.params(**line.params),
    )
    return cast("bool | None", record[0]) if record else None


async def wait_for(session: Session, request: UUID, *, run: UUID, topic: str) -> None:
    """Keeps that a run waits for an answer."""
    await session.tx.run(
        "INSERT INTO yes_waits VALUES (%(space)s, %(request)s, %(run)s, %(topic)s)"
        " ON CONFLICT DO NOTHING",
        session.params(request=request, run=run, topic=topic),
    )


async def awaited_by(session: Session, run: UUID) -> list[Awaited]:
    """Whose answers a run waits for, the first asked first."""
    records = await session.tx.rows(
        "SELECT y.id, y.person_id, e.name, y.words FROM yes_waits w JOIN yeses y"
        " ON y.space_id = w.space_id AND y.id = w.yes_id JOIN entities e"
        " ON e.space_id = y.space_id AND e.id = y.person_id WHERE w.space_id = %(space)s"
        " AND w.run_id = %(run)s AND y.answer IS NULL ORDER BY y.asked_at, y.id",
        session.params(run=run),
    )
    fields = Awaited.model_fields
    return [Awaited.model_construct(None, **dict(zip(fields, r, strict=True))) for r in records]


async def answer(session: Session, request: UUID, *, person: UUID, yes: bool) -> Request | None:
    """Keeps what a person says; none when they weren't asked that."""
    record = await session.tx.row(
        "UPDATE yeses SET answer = %(yes)s, answered_at = %(now)s WHERE space_id = %(space)s"
        f" AND id = %(id)s AND person_id = %(person)s RETURNING {_REQUEST}",
        session.params(id=request, person=person, yes=yes),
    )
    return _request(record) if record else None


async def take_waiting(session: Session, request: UUID) -> list[tuple[UUID, str]]:
    """The runs that wait for an answer, each with its topic; they wait no longer."""
    records = await session.tx.rows(
        "DELETE FROM yes_waits WHERE space_id = %(space)s AND yes_id = %(request)s"
        " RETURNING run_id, topic",
        session.params(request=request),
    )
    return sorted(cast("list[tuple[UUID, str]]", records))


async def keep_tie(session: Session, request: UUID, tie: Link) -> None:
    """Keeps a connection that a yes is for."""
    await session.tx.run(
        "INSERT INTO yes_ties VALUES (%(space)s, %(request)s, %(type)s, %(source)s, %(target)s,"
        " %(metadata)s::jsonb) ON CONFLICT DO NOTHING",
        session.params(
            request=request,
            type=tie.type,
            source=tie.from_id,
            target=tie.to_id,
            metadata=jsonb(dict(tie.metadata)),
        ),
    )


async def agreed_ties(session: Session, request: UUID) -> list[Link]:
    """The connections that a yes was for and that no other answer is open of; kept no longer."""
    records = await session.tx.rows(
        "DELETE FROM yes_ties t WHERE t.space_id = %(space)s AND t.yes_id = %(request)s"
        " RETURNING t.type, t.from_id, t.to_id, t.metadata, EXISTS (SELECT FROM yes_ties o"
        " JOIN yeses y ON y.space_id = o.space_id AND y.id = o.yes_id WHERE o.space_id = t.space_id"
        " AND (o.type, o.from_id, o.to_id) = (t.type, t.from_id, t.to_id)"
        " AND o.yes_id <> t.yes_id AND y.answer IS NOT TRUE)",
        session.params(request=request),
    )
    found = cast("list[tuple[str, UUID, UUID, dict[str, JsonValue], bool]]", records)
    return [
        Link(kind, source, target, facts) for kind, source, target, facts, open in found if not open
    ]


async def requests_of(
    session: Session, person: UUID, *, open_only: bool, before: UUID | None, limit: int
) -> list[Request]:
    """What a person was asked, newest first, from before a request on."""
    records = await session.tx.rows(
        f"SELECT {_REQUEST} FROM yeses WHERE space_id = %(space)s AND person_id = %(person)s"
        " AND (NOT %(open)s OR answer IS NULL) AND (%(before)s::uuid IS NULL OR (asked_at, id) <"
        " (SELECT asked_at, id FROM yeses WHERE space_id = %(space)s AND person_id = %(person)s"
        " AND id = %(before)s))"
        " ORDER BY asked_at DESC, id DESC LIMIT %(limit)s",
        session.params(person=person, open=open_only, before=before, limit=limit),
    )
    return [_request(record) for record in records]


def _request(record: Sequence[object]) -> Request:
    return Request.model_construct(None, **dict(zip(Request.model_fields, record, strict=True)))
