"""Links and codes that are mailed: each does one thing, once, for a quarter of an hour; an
invitation waits a week.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from one.store.accounts import email_key
from one.store.database import Transaction
from one.store.session import Session, jsonb

Purpose = Literal[
    "sign_up",
    "sign_in",
    "nobody",
    "reset",
    "new_email",
    "old_email",
    "closed",
    "invited",
    "changed",
]
LASTS = timedelta(minutes=15)
PATIENT = timedelta(days=7)
_PATIENT = ("invited", "changed")


@dataclass(frozen=True, slots=True)
class Link:
    """`email`: where it was sent. `account_id`: whose it is, of a sign-up nobody's yet."""

    id: UUID
    purpose: Purpose
    email: str
    account_id: UUID | None
    facts: Mapping[str, JsonValue]


_LINK = "id, purpose, email, account_id, facts"
_FRESH = "used_at IS NULL AND expires_at > %(now)s"


async def make_link(session: Session, link: Link) -> None:
    """Keeps a link that can be mailed."""
    await session.tx.run(
        "INSERT INTO links (space_id, id, purpose, email, email_key, account_id, facts,"
        " created_at, expires_at) VALUES (%(space)s, %(id)s, %(purpose)s, %(email)s, %(key)s,"
        " %(account)s, %(facts)s::jsonb, %(now)s, %(until)s)",
        session.params(
            id=link.id,
            purpose=link.purpose,
            email=link.email,
            key=email_key(link.email),
            account=link.account_id,
            facts=jsonb(dict(link.facts)),
            until=session.now + (PATIENT if link.purpose in _PATIENT else LASTS),
        ),
    )


async def find_link(session: Session, id: UUID) -> Link | None:
    """A link that can still be used."""
    record = await session.tx.row(
        f"SELECT {_LINK} FROM links WHERE space_id = %(space)s AND id = %(id)s AND {_FRESH}",
        session.params(id=id),
    )
    return Link(*record) if record else None  # pyright: ignore[reportArgumentType] # columns as listed


async def newest_links(
    session: Session, email: str, purposes: Collection[Purpose], *, most: int
) -> list[Link]:
    """The last links to an address that can still be used."""
    records = await session.tx.rows(
        f"SELECT {_LINK} FROM links WHERE space_id = %(space)s AND email_key = %(email)s"
        f" AND purpose = ANY(%(purposes)s) AND {_FRESH} ORDER BY created_at DESC, id DESC"
        " LIMIT %(most)s",
        session.params(email=email_key(email), purposes=list(purposes), most=most),
    )
    return [Link(*record) for record in records]  # pyright: ignore[reportArgumentType] # columns as listed


async def use_link(session: Session, id: UUID) -> Link | None:
    """The link, used from now on; none for whoever comes second, or too late."""
    record = await session.tx.row(
        "UPDATE links SET used_at = %(now)s WHERE space_id = %(space)s AND id = %(id)s"
        f" AND {_FRESH} RETURNING {_LINK}",
        session.params(id=id),
    )
    return Link(*record) if record else None  # pyright: ignore[reportArgumentType] # columns as listed


async def was_used(session: Session, id: UUID) -> bool:
    """Whether a link did what it does."""
    record = await session.tx.row(
        "SELECT FROM links WHERE space_id = %(space)s AND id = %(id)s AND used_at IS NOT NULL",
        session.params(id=id),
    )
    return record is not None


async def address_of_link(tx: Transaction, space: UUID, id: UUID, *, now: datetime) -> str | None:
    """Where a link is to be sent; nowhere once it can't be used any more."""
    record = await tx.row(
        f"SELECT email FROM links WHERE space_id = %(space)s AND id = %(id)s AND {_FRESH}",
        {"space": space, "id": id, "now": now},
    )
    return str(record[0]) if record else None


async def forget_links(tx: Transaction, *, before: datetime) -> int:
    """Drops links that are over since then; how many."""
    return await tx.run("DELETE FROM links WHERE expires_at < %(before)s", {"before": before})
