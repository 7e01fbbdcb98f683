"""What the payment provider tells: kept before it is believed, each once, in the default space.

A hint says where to look; what holds is what the provider then shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self, cast

from pydantic import JsonValue

from one.store.database import Transaction
from one.store.migrate import DEFAULT_SPACE
from one.store.sales import Mode
from one.store.session import jsonb

Status = Literal["new", "done", "early", "failed"]
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Hint:
    """An event of the provider's: of what `type`, `about` which object, at whose `account` (empty
    for the platform's own).
    """

    mode: Mode
    id: str
    type: str
    account: str
    about: str
    body: Mapping[str, JsonValue]
    attempts: int
    told_at: datetime

    @classmethod
    def of(cls, record: Sequence[object]) -> Self:
        return cls(*record)  # pyright: ignore[reportArgumentType] # columns as selected


_COLUMNS = "mode, id, type, account, about, body, attempts, told_at"


async def keep(tx: Transaction, hint: Hint, *, now: datetime) -> bool:
    """Stores a hint; false where it is known."""
    return bool(
        await tx.run(
            "INSERT INTO payment_hints (space_id, mode, id, type, account, about, body, status,"
            " attempts, due_at, reason, told_at, received_at) VALUES (%(space)s, %(mode)s, %(id)s,"
            " %(type)s, %(account)s, %(about)s, %(body)s::jsonb, 'new', 0, %(now)s, '',"
            " %(told)s, %(now)s) ON CONFLICT (space_id, mode, id) DO NOTHING",
            {
                "space": DEFAULT_SPACE,
                "mode": hint.mode,
                "id": hint.id,
                "type": hint.type,
                "account": hint.account,
                "about": hint.about,
                "body": jsonb(dict(hint.body)),
                "told": hint.told_at,
                "now": now,
            },
        )
    )


async def take(tx: Transaction, mode: Mode, *, now: datetime, again: datetime) -> list[Hint]:
    """Hints that are due, taken until `again`: what isn't settled by then is due once more."""
    records = await tx.rows(
        "UPDATE payment_hints h SET attempts = h.attempts + 1, due_at = %(again)s FROM (SELECT"
        " space_id, mode, id FROM payment_hints WHERE due_at <= %(now)s AND mode = %(mode)s"
        " ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED) t"
        " WHERE h.space_id = t.space_id AND h.mode = t.mode AND h.id = t.id RETURNING "
        + ", ".join(f"h.{name}" for name in _COLUMNS.split(", ")),
        {"mode": mode, "now": now, "again": again, "most": AT_ONCE},
    )
    return [Hint.of(record) for record in records]


async def settle(
    tx: Transaction, hint: Hint, status: Status, *, reason: str = "", due: datetime | None = None
) -> None:
    """Keeps what became of a hint; `due`: when it is looked at again."""
    await tx.run(
        "UPDATE payment_hints SET status = %(status)s, reason = %(reason)s, due_at = %(due)s"
        " WHERE space_id = %(space)s AND mode = %(mode)s AND id = %(id)s",
        {
            "space": DEFAULT_SPACE,
            "mode": hint.mode,
            "id": hint.id,
            "status": status,
            "reason": reason,
            "due": due,
        },
    )


async def newest(tx: Transaction, mode: Mode) -> datetime | None:
    """Until when the provider has told."""
    record = await tx.row(
        "SELECT max(told_at) FROM payment_hints WHERE space_id = %(space)s AND mode = %(mode)s",
        {"space": DEFAULT_SPACE, "mode": mode},
    )
    return cast("datetime | None", record[0] if record else None)
