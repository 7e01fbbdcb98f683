"""The outbox: what goes out by mail, text message and push, and what became of it.

A row is written in the transaction that causes it. To hand it over is to claim it first, under a
lease; a lease that runs out leaves a row of which nobody knows whether it went out.
"""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, cast, get_args
from uuid import UUID

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from one.clock import new_id
from one.store.database import Transaction
from one.store.rows import Row
from one.store.session import Session

Channel = Literal["email", "sms", "push"]
Status = Literal["waiting", "sending", "sent", "captured", "refused", "dropped", "unknown"]
AT_ONCE = 8
CHANNELS: tuple[Channel, ...] = get_args(Channel)


class Letter(Row):
    """A row of the outbox as people see it; the address stays with its person.

    `captured`: there is no service here to hand it to. `dropped`: its person doesn't want it, or
    can't be reached any more. `unknown`: it was handed over and nobody knows what became of it.
    `link`: the one that it is there to carry.
    """

    id: UUID
    channel: Channel
    person: UUID
    author: UUID
    notification: UUID
    kind: str
    subject: str
    body: str
    status: Status
    reason: str
    attempts: int
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    link: SkipJsonSchema[UUID | None] = Field(default=None, exclude=True)


_LETTER = (
    "id, channel, person_id, author_id, notification_id, kind, subject, body, status, reason,"
    " attempts, due_at, created_at, updated_at, link_id"
)


def _letter(record: Sequence[object]) -> Letter:
    return Letter.model_construct(None, **dict(zip(Letter.model_fields, record, strict=True)))


@dataclass(frozen=True, slots=True)
class Copy:
    """A notice on its way to one address. `typed_on`: somebody typed that address, and of letters
    to such a one there is one a day.
    """

    channel: Channel
    person: UUID
    notification: UUID
    address: str
    typed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says, in whose name, and what kind of word it is."""

    author: UUID
    kind: str
    subject: str
    body: str


def address_digest(secret: bytes, channel: str, *, address: str) -> str:
    """How an address is told from others where it isn't kept."""
    text = f"{channel}:{address.strip().casefold()}"
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


async def enqueue(session: Session, words: Words, copies: Sequence[Copy]) -> int:
    """Puts letters in the outbox; how many, without those to typed addresses that had theirs."""
    if not copies:
        return 0
    return await session.tx.run(
        "INSERT INTO outbox (space_id, id, channel, person_id, author_id, notification_id, kind,"
        " address, typed_on, subject, body, status, reason, attempts, due_at, created_at,"
        " updated_at) SELECT %(space)s, id, channel, person, %(author)s, notification, %(kind)s,"
        " address, typed_on, %(subject)s, %(body)s, 'waiting', '', 0, %(now)s, %(now)s, %(now)s"
        " FROM unnest(%(ids)s::uuid[], %(channels)s::text[], %(people)s::uuid[],"
        " %(notifications)s::uuid[], %(addresses)s::text[], %(days)s::date[])"
        " AS t (id, channel, person, notification, address, typed_on) ON CONFLICT DO NOTHING",
        session.params(
            author=words.author,
            kind=words.kind,
            subject=words.subject,
            body=words.body,
            ids=[new_id() for _ in copies],
            channels=[copy.channel for copy in copies],
            people=[copy.person for copy in copies],
            notifications=[copy.notification for copy in copies],
            addresses=[
                address_digest(session.secret, c.channel, address=c.address) for c in copies
            ],
            days=[copy.typed_on for copy in copies],
        ),
    )


async def enqueue_link(session: Session, words: Words, link: UUID, *, address: str) -> None:
    """Puts a letter in the outbox that goes to where its link says."""
    await session.tx.run(
        "INSERT INTO outbox (space_id, id, channel, person_id, author_id, notification_id, kind,"
        " address, subject, body, status, reason, attempts, due_at, created_at, updated_at,"
        " link_id) VALUES (%(space)s, %(id)s, 'email', %(author)s, %(author)s, %(link)s, %(kind)s,"
        " %(address)s, %(subject)s, %(body)s, 'waiting', '', 0, %(now)s, %(now)s, %(now)s,"
        " %(link)s)",
        session.params(
            id=new_id(),
            author=words.author,
            kind=words.kind,
            address=address_digest(session.secret, "email", address=address),
            subject=words.subject,
            body=words.body,
            link=link,
        ),
    )


async def letters(
    session: Session, *, status: Status | None, before: UUID | None, limit: int
) -> list[Letter]:
    """The outbox, newest first, from before a row on: all of it for staff, else the viewer's own
    as an author.
    """
    mine = "" if session.viewer.staff else " AND author_id = %(me)s"
    records = await session.tx.rows(
        f"SELECT {_LETTER} FROM outbox WHERE space_id = %(space)s{mine}"
        " AND (%(status)s::text IS NULL OR status = %(status)s)"
        " AND (%(before)s::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM outbox"
        f" WHERE space_id = %(space)s{mine} AND id = %(before)s))"
        " ORDER BY created_at DESC, id DESC LIMIT %(limit)s",
        session.params(status=status, before=before, limit=limit),
    )
    return [_letter(record) for record in records]


# --- suppressed addresses


async def suppress(session: Session, *, channel: str, address: str, reason: str) -> None:
    """Sends nothing to an address any more; it refuses for good."""
    await session.tx.run(
        "INSERT INTO suppressions VALUES (%(space)s, %(channel)s, %(address)s, %(reason)s, %(now)s)"
        " ON CONFLICT DO NOTHING",
        session.params(
            channel=channel,
            address=address_digest(session.secret, channel, address=address),
            reason=reason,
        ),
    )


async def suppressed(
    session: Session, addresses: Collection[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """Which of these, each with its channel before it, nothing is sent to any more."""
    digests = {
        address_digest(session.secret, channel, address=address): (channel, address)
        for channel, address in addresses
    }
    if not digests:
        return frozenset()
    records = await session.tx.rows(
        "SELECT address FROM suppressions WHERE space_id = %(space)s"
        " AND channel = ANY(%(channels)s) AND address = ANY(%(digests)s)",
        session.params(channels=list(CHANNELS), digests=list(digests)),
    )
    return frozenset(digests[str(record[0])] for record in records)


# --- handing over


@dataclass(frozen=True, slots=True)
class Claim:
    """A letter that is this process's to hand over; `attempt` fences off whoever comes late."""

    space: UUID
    id: UUID
    channel: Channel
    person: UUID
    author: UUID
    kind: str
    address: str
    subject: str
    body: str
    attempt: int
    link: UUID | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter. `due_at`: when it is tried again."""

    status: Status
    reason: str = ""
    due_at: datetime | None = None
    bad_address: str | None = None


async def spaces_with_letters(tx: Transaction, *, now: datetime) -> list[UUID]:
    """Where something is due, or was left behind."""
    records = await tx.rows(
        "SELECT space_id FROM outbox WHERE due_at <= %(now)s UNION"
        " SELECT space_id FROM outbox WHERE lease_until < now()",
        {"now": now},
    )
    return [cast(UUID, record[0]) for record in records]


async def claim(
    tx: Transaction, space: UUID, *, now: datetime, lease: timedelta
) -> tuple[list[Claim], list[Claim]]:
    """Takes letters: such as were left behind by a process that is gone, and such as are due.

    That a letter was begun is kept before it is: whoever dies on the way leaves it with a lease
    that runs out, and what became of it has to be found out.
    """
    facts = {"space": space, "now": now, "lease": lease, "most": AT_ONCE}
    lost = await tx.rows(_CLAIM.format(which="lease_until < now()", first="lease_until"), facts)
    due = await tx.rows(_CLAIM.format(which="due_at <= %(now)s", first="due_at"), facts)
    return [Claim(*record) for record in lost], [Claim(*record) for record in due]  # pyright: ignore[reportArgumentType] # columns as returned


_CLAIM = (
    "UPDATE outbox SET status = 'sending', due_at = NULL, attempts = attempts + 1,"
    " lease_until = now() + %(lease)s::interval, updated_at = %(now)s WHERE space_id = %(space)s"
    " AND id = ANY(ARRAY(SELECT id FROM outbox WHERE space_id = %(space)s AND {which}"
    " ORDER BY {first}, id LIMIT %(most)s FOR UPDATE SKIP LOCKED)) RETURNING space_id, id, channel,"
    " person_id, author_id, kind, address, subject, body, attempts, link_id"
)


async def settle(session: Session, letter: Claim, outcome: Outcome) -> bool:
    """Keeps what became of a letter; false when it is another's by now."""
    return bool(
        await session.tx.run(
            "UPDATE outbox SET status = %(status)s, reason = %(reason)s, due_at = %(due)s,"
            " lease_until = NULL, updated_at = %(now)s WHERE space_id = %(space)s AND id = %(id)s"
            " AND status = 'sending' AND attempts = %(attempt)s",
            session.params(
                id=letter.id,
                attempt=letter.attempt,
                status=outcome.status,
                reason=outcome.reason,
                due=outcome.due_at,
            ),
        )
    )


async def decide(session: Session, id: UUID, *, sent: bool) -> Letter | None:
    """A person's word on a letter of which nobody knows whether it went out. The letter as it is
    then, unchanged where that was known; none if there is none that the viewer may decide on.
    """
    mine = "" if session.viewer.staff else " AND author_id = %(me)s"
    held = f"space_id = %(space)s AND id = %(id)s{mine}"
    params = session.params(
        id=id, status="sent" if sent else "waiting", due=None if sent else session.now
    )
    await session.tx.run(
        "UPDATE outbox SET status = %(status)s, due_at = %(due)s, reason = '', updated_at = %(now)s"
        f" WHERE {held} AND status = 'unknown'",
        params,
    )
    record = await session.tx.row(f"SELECT {_LETTER} FROM outbox WHERE {held}", params)
    return _letter(record) if record else None


async def forget_letters(tx: Transaction, *, before: datetime) -> int:
    """Drops letters that are over since then; how many."""
    return await tx.run(
        "DELETE FROM outbox WHERE updated_at < %(before)s AND due_at IS NULL"
        " AND lease_until IS NULL",
        {"before": before},
    )
