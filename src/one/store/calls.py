"""Calls of the payment provider: each is a row before it is made, and has the same key however
often it is made.

A row is written in the transaction that wants the call. To make it is to claim it first, under a
lease; one whose lease ran out is made again, which its key allows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Self
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.store.database import Transaction
from one.store.sales import Mode
from one.store.session import Session, jsonb

Kind = Literal["checkout", "charge", "expire", "refund", "transfer", "reversal", "account"]
Status = Literal["due", "asking", "held", "done", "failed"]
AT_ONCE = 16
Fields = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Call:
    """What the provider is to do. `asked` is what it is told besides; `person` is whose account it
    is about; of a call that is `held`, nobody knows yet where to.
    """

    space: UUID
    id: UUID
    mode: Mode
    key: str
    kind: Kind
    sale: UUID | None
    person: UUID | None
    amount: int
    currency: str
    asked: Fields
    status: Status
    attempts: int
    answer: Fields | None
    reason: str
    created_at: datetime

    @classmethod
    def of(cls, record: Sequence[object]) -> Self:
        return cls(*record)  # pyright: ignore[reportArgumentType] # columns as selected

    @property
    def spoken(self) -> str:
        """The key by which the provider is asked: the same each time, but after it answered that
        it broke, which it then says for ever.
        """
        spent = self.asked.get("spent")
        return f"{self.key}~{spent}" if spent else self.key

    def refused_again(self, heard_nothing: bool) -> Fields | None:
        """What is kept of a charge that went wrong: how often it surely wasn't done."""
        if self.kind != "charge":
            return None
        known = int(str((self.answer or {}).get("unheard", 0)))
        return {"unheard": known + heard_nothing}

    @property
    def unheard(self) -> bool:
        """Whether each time that it was asked for it surely wasn't done."""
        return int(str((self.answer or {}).get("unheard", 0))) == self.attempts


_COLUMNS = (
    "space_id, id, mode, key, kind, sale_id, person_id, amount, currency, asked, status, attempts,"
    " answer, reason, created_at"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call that is to be made, after a pause; `key` names it for good."""

    mode: Mode
    key: str
    kind: Kind
    sale: UUID | None = None
    person: UUID | None = None
    amount: int = 0
    currency: str = ""
    asked: Fields | None = None
    held: bool = False
    pause: timedelta = timedelta()


async def want(session: Session, wanted: Wanted) -> bool:
    """Keeps a call to be made; whether it is new."""
    return bool(
        await session.tx.run(
            "INSERT INTO payment_calls (space_id, id, mode, key, kind, sale_id, person_id, amount,"
            " currency, asked, status, attempts, due_at, reason, created_at, updated_at) VALUES"
            " (%(space)s, %(id)s, %(mode)s, %(key)s, %(kind)s, %(sale)s, %(person)s, %(amount)s,"
            " %(currency)s, %(asked)s::jsonb, %(status)s, 0, %(due)s, '', %(now)s, %(now)s)"
            " ON CONFLICT (space_id, mode, key) DO NOTHING",
            session.params(
                id=new_id(),
                mode=wanted.mode,
                key=wanted.key,
                kind=wanted.kind,
                sale=wanted.sale,
                person=wanted.person,
                amount=wanted.amount,
                currency=wanted.currency,
                asked=jsonb(dict(wanted.asked or {})),
                status="held" if wanted.held else "due",
                due=None if wanted.held else session.now + wanted.pause,
            ),
        )
    )


async def release(session: Session, mode: Mode, person: UUID) -> int:
    """What was held for somebody can be done; how many calls."""
    return await session.tx.run(
        "UPDATE payment_calls SET status = 'due', due_at = %(now)s, updated_at = %(now)s"
        " WHERE space_id = %(space)s AND mode = %(mode)s AND person_id = %(person)s"
        " AND status = 'held'",
        session.params(mode=mode, person=person),
    )


async def resize(session: Session, id: UUID, amount: int) -> None:
    """Makes a held call one of another amount: nobody was asked for it yet."""
    await session.tx.run(
        "UPDATE payment_calls SET amount = %(amount)s, updated_at = %(now)s"
        " WHERE space_id = %(space)s AND id = %(id)s AND status = 'held'",
        session.params(id=id, amount=amount),
    )


async def calls_of(session: Session, sale: UUID, *, kind: Kind | None = None) -> list[Call]:
    """What was wanted for a sale, in that order."""
    records = await session.tx.rows(
        f"SELECT {_COLUMNS} FROM payment_calls WHERE space_id = %(space)s AND sale_id = %(sale)s"
        " AND (%(kind)s::text IS NULL OR kind = %(kind)s) ORDER BY created_at, id",
        session.params(sale=sale, kind=kind),
    )
    return [Call.of(record) for record in records]


async def find_call(session: Session, id: UUID, *, kind: Kind) -> Call | None:
    """A call of a kind, by its id."""
    record = await session.tx.row(
        f"SELECT {_COLUMNS} FROM payment_calls WHERE space_id = %(space)s AND id = %(id)s"
        " AND kind = %(kind)s",
        session.params(id=id, kind=kind),
    )
    return Call.of(record) if record else None


async def hold_call(session: Session, id: UUID) -> Call | None:
    """A call that nobody else settles until the transaction ends."""
    record = await session.tx.row(
        f"SELECT {_COLUMNS} FROM payment_calls WHERE space_id = %(space)s AND id = %(id)s"
        " FOR NO KEY UPDATE",
        session.params(id=id),
    )
    return Call.of(record) if record else None


async def claim(
    tx: Transaction, mode: Mode, spaces: Collection[UUID], *, now: datetime, lease: timedelta
) -> list[Call]:
    """Takes calls that are due, or that were left behind by a process that is gone."""
    facts = {
        "mode": mode,
        "spaces": list(spaces),
        "now": now,
        "lease": lease,
        "most": AT_ONCE,
    }
    records = [
        record
        for which, first in (
            ("due_at <= %(now)s", "due_at"),
            ("lease_until < now()", "lease_until"),
        )
        for record in await tx.rows(_CLAIM.format(which=which, first=first), facts)
    ]
    return [Call.of(record) for record in records]


async def call_named(session: Session, mode: Mode, key: str) -> Call | None:
    """A call by its name."""
    record = await session.tx.row(
        f"SELECT {_COLUMNS} FROM payment_calls WHERE space_id = %(space)s AND mode = %(mode)s"
        " AND key = %(key)s",
        session.params(mode=mode, key=key),
    )
    return Call.of(record) if record else None


async def claim_one(session: Session, key: str, mode: Mode, *, lease: timedelta) -> Call | None:
    """Takes a call for who waits for it, where nobody is asking for it: also one that is held until
    then.
    """
    record = await session.tx.row(
        "UPDATE payment_calls SET status = 'asking', due_at = NULL, attempts = attempts + 1,"
        " lease_until = now() + %(lease)s::interval, updated_at = %(now)s"
        " WHERE space_id = %(space)s AND mode = %(mode)s AND key = %(key)s"
        " AND (status IN ('due', 'held') OR lease_until < now())"
        f" RETURNING {_COLUMNS}",
        session.params(key=key, mode=mode, lease=lease),
    )
    return Call.of(record) if record else None


_CLAIM = (
    "UPDATE payment_calls c SET status = 'asking', due_at = NULL, attempts = c.attempts + 1,"
    " lease_until = now() + %(lease)s::interval, updated_at = %(now)s FROM (SELECT space_id, id"
    " FROM payment_calls WHERE {which} AND mode = %(mode)s AND space_id = ANY(%(spaces)s)"
    " ORDER BY {first}, id LIMIT %(most)s FOR UPDATE SKIP LOCKED)"
    " t WHERE c.space_id = t.space_id AND c.id = t.id RETURNING "
    + ", ".join(f"c.{name}" for name in _COLUMNS.split(", "))
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call. `due_at`: when it is made again; `spent`: by another key."""

    status: Status
    answer: Fields | None = None
    reason: str = ""
    due_at: datetime | None = None
    spent: bool = False


async def settle(session: Session, id: UUID, outcome: Outcome) -> None:
    """Keeps what became of a call."""
    await session.tx.run(
        "UPDATE payment_calls SET status = %(status)s, answer = %(answer)s::jsonb,"
        " reason = %(reason)s, due_at = %(due)s, lease_until = NULL, updated_at = %(now)s,"
        " asked = CASE WHEN %(spent)s THEN jsonb_set(asked, '{spent}',"
        " to_jsonb(coalesce((asked->>'spent')::int, 0) + 1)) ELSE asked END"
        " WHERE space_id = %(space)s AND id = %(id)s",
        session.params(
            id=id,
            status=outcome.status,
            answer=None if outcome.answer is None else jsonb(dict(outcome.answer)),
            reason=outcome.reason,
            due=outcome.due_at,
            spent=outcome.spent,
        ),
    )
