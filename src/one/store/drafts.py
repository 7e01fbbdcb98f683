"""Drafts: texts of features that somebody is writing, which nobody else sees."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from one.clock import new_id
from one.store.rows import Row
from one.store.session import Session


class Draft(Row):
    """A text as it was last saved. Of a feature that is live, `slug` is its name and `number` the
    revision that the text stands on.
    """

    id: UUID
    title: str
    slug: str | None
    number: int | None
    version: int
    created_at: datetime
    updated_at: datetime
    text: str


_COLUMNS = "id, title, slug, number, version, created_at, updated_at"
_DRAFT = f"{_COLUMNS}, text"
_MINE = "space_id = %(space)s AND owner_id = %(owner)s"


def _draft(record: Sequence[object]) -> Draft:
    return Draft.model_construct(None, **dict(zip(Draft.model_fields, record, strict=True)))


async def drafts_of(session: Session, owner: UUID, *, limit: int) -> list[Draft]:
    """Somebody's drafts, last changed first; without their texts."""
    records = await session.tx.rows(
        f"SELECT {_COLUMNS}, '' FROM drafts WHERE {_MINE}"
        " ORDER BY updated_at DESC, id DESC LIMIT %(limit)s",
        session.params(owner=owner, limit=limit),
    )
    return [_draft(record) for record in records]


async def draft(session: Session, owner: UUID, id: UUID, *, lock: bool = False) -> Draft | None:
    """One of somebody's drafts; `lock` keeps others from changing it."""
    record = await session.tx.row(
        f"SELECT {_DRAFT} FROM drafts WHERE {_MINE} AND id = %(id)s{' FOR UPDATE' if lock else ''}",
        session.params(owner=owner, id=id),
    )
    return _draft(record) if record else None


async def begin_draft(
    session: Session, owner: UUID, *, title: str, text: str, on: tuple[str, int] | None
) -> Draft:
    """A new draft; `on` is the revision that it stands on."""
    slug, number = on or (None, None)
    record = await session.tx.row(
        "INSERT INTO drafts (space_id, id, owner_id, title, text, slug, number, version,"
        " created_at, updated_at) VALUES (%(space)s, %(id)s, %(owner)s, %(title)s, %(text)s,"
        f" %(slug)s, %(number)s, 1, %(now)s, %(now)s) RETURNING {_DRAFT}",
        session.params(id=new_id(), owner=owner, title=title, text=text, slug=slug, number=number),
    )
    assert record is not None, "what is inserted is there"
    return _draft(record)


async def save_draft(session: Session, owner: UUID, id: UUID, *, title: str, text: str) -> Draft:
    """Puts a text in the place of what a draft holds; it is locked."""
    record = await session.tx.row(
        "UPDATE drafts SET title = %(title)s, text = %(text)s, version = version + 1,"
        f" updated_at = %(now)s WHERE {_MINE} AND id = %(id)s RETURNING {_DRAFT}",
        session.params(owner=owner, id=id, title=title, text=text),
    )
    assert record is not None, "what is locked is there"
    return _draft(record)


async def discard_draft(session: Session, owner: UUID, id: UUID) -> None:
    """A draft is gone."""
    await session.tx.run(
        f"DELETE FROM drafts WHERE {_MINE} AND id = %(id)s", session.params(owner=owner, id=id)
    )
