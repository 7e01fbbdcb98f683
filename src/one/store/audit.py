"""The audit log: what was done to accounts, rights, money and features, and what staff looked at.

Each entry is signed together with the one before it, by a key that the database doesn't hold; so
an entry that was changed, taken out or put in breaks the chain, for whoever has the key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

import orjson
from pydantic import JsonValue

from one.clock import new_id
from one.store.database import Connection, Transaction
from one.store.rows import Row
from one.store.session import Session, jsonb

Act = Literal[
    "signed_up",
    "signed_in",
    "sign_in_refused",
    "password_refused",
    "signed_out",
    "devices_signed_out",
    "password_changed",
    "email_changed",
    "second_factor_on",
    "second_factor_off",
    "backup_codes_made",
    "became_creator",
    "account_closed",
    "account_reopened",
    "account_forgotten",
    "token_made",
    "token_ended",
    "staff_appointed",
    "staff_dismissed",
    "feature_deployed",
    "feature_canary",
    "feature_rolled_back",
    "feature_retired",
    "paid",
    "staff_read",
]
Sign = Callable[[str], str]
Signed = Callable[[str, str], bool]
AT_ONCE = 500
_PAGE = 1_000
_FIELDS = "position, id, at, act, actor_id, about_id, details"


class Entry(Row):
    """What was done, by whom and to whom or what."""

    position: int
    id: UUID
    at: datetime
    act: str
    actor_id: UUID | None
    about_id: UUID | None
    details: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries were looked at, and what is wrong with the first that doesn't hold."""

    entries: int
    fault: str = ""
    head: str = ""


async def note(
    session: Session,
    act: Act,
    *,
    about: UUID | None = None,
    details: Mapping[str, JsonValue] | None = None,
    by: UUID | None = None,
) -> None:
    """Writes an entry in the transaction of what it tells of. `by`: who acts, if not the viewer."""
    await session.tx.run(
        "INSERT INTO audit_queue VALUES (%(space)s, %(id)s, %(now)s, %(act)s, %(by)s, %(about)s,"
        " %(details)s::jsonb)",
        session.params(
            id=new_id(),
            act=act,
            by=by or session.viewer.id,
            about=about,
            details=jsonb(dict(details or {})),
        ),
    )


async def log_of(
    session: Session, person: UUID | None, *, before: int | None, limit: int
) -> list[Entry]:
    """What somebody did, and what was done to them, newest first; of nobody: all of it."""
    records = await session.tx.rows(
        f"SELECT {_FIELDS} FROM audit WHERE space_id = %(space)s AND (%(person)s::uuid IS NULL"
        " OR actor_id = %(person)s OR about_id = %(person)s)"
        " AND (%(before)s::bigint IS NULL OR position < %(before)s)"
        " ORDER BY position DESC LIMIT %(limit)s",
        session.params(person=person, before=before, limit=limit),
    )
    return [_entry(record) for record in records]


async def chain(connection: Connection, sign: Sign) -> int:
    """Moves committed entries to the log, each signed after the one before; how many. Only one
    process does so at a time.
    """
    async with connection.transaction():
        cursor = await connection.execute(
            b"SELECT space_id, 0, id, at, act, actor_id, about_id, details FROM audit_queue"
            b" ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [AT_ONCE],
        )
        waiting = await cursor.fetchall()
        for space in dict.fromkeys(cast(UUID, record[0]) for record in waiting):
            mine = [_entry(record[1:]) for record in waiting if record[0] == space]
            await _append(connection, space, mine, sign=sign)
    return len(waiting)


async def _append(
    connection: Connection, space: UUID, entries: Sequence[Entry], *, sign: Sign
) -> None:
    cursor = await connection.execute(
        b"SELECT position, signature FROM audit_heads WHERE space_id = %s", [space]
    )
    head = cast("tuple[int, str] | None", await cursor.fetchone())
    position, last = (head[0], await _signature_at(connection, space, head[0])) if head else (0, "")
    for waiting in entries:
        position += 1
        entry = waiting.model_copy(update={"position": position})
        last = sign(_text(space, entry, last))
        await connection.execute(
            b"WITH gone AS (DELETE FROM audit_queue WHERE space_id = %(space)s AND id = %(id)s)"
            b" INSERT INTO audit VALUES (%(space)s, %(position)s, %(id)s, %(at)s, %(act)s,"
            b" %(actor)s, %(about)s, %(details)s::jsonb, %(signature)s)",
            {
                "space": space,
                "position": position,
                "id": entry.id,
                "at": entry.at,
                "act": entry.act,
                "actor": entry.actor_id,
                "about": entry.about_id,
                "details": jsonb(dict(entry.details)),
                "signature": last,
            },
        )
    await connection.execute(
        b"INSERT INTO audit_heads VALUES (%(space)s, %(position)s, %(signature)s)"
        b" ON CONFLICT (space_id) DO UPDATE SET position = excluded.position,"
        b" signature = excluded.signature",
        {"space": space, "position": position, "signature": sign(_end(space, position, last))},
    )


async def _signature_at(connection: Connection, space: UUID, position: int) -> str:
    cursor = await connection.execute(
        b"SELECT signature FROM audit WHERE space_id = %s AND position = %s", [space, position]
    )
    record = await cursor.fetchone()
    return str(record[0]) if record else "missing"


async def verify(tx: Transaction, space: UUID, signed: Signed, *, head: str = "") -> Verdict:
    """Goes through a space's whole log, and names the first entry that isn't as it was written.
    `head`: the position and signature of an entry that is known from elsewhere.
    """
    position, last, known = 0, "", head.partition(":")
    while True:
        records = await tx.rows(
            f"SELECT {_FIELDS}, signature FROM audit WHERE space_id = %(space)s"
            " AND position > %(after)s ORDER BY position LIMIT %(most)s",
            {"space": space, "after": position, "most": _PAGE},
        )
        for record in records:
            entry, signature = _entry(record[:-1]), str(record[-1])
            if entry.position != position + 1:
                return Verdict(position, f"Entry {position + 1} is missing.")
            if not signed(_text(space, entry, last), signature):
                return Verdict(position, f"Entry {entry.position} is not as it was written.")
            position, last = entry.position, signature
            if known[0] == str(position) and known[2] != signature:
                return Verdict(position - 1, f"Entry {position} is not the one that was there.")
        if len(records) < _PAGE:
            if known[0].isdecimal() and int(known[0]) > position:
                return Verdict(position, f"Entry {position + 1} is missing.")
            return await _end_of(tx, space, Verdict(position, head=last), signed=signed)


async def _end_of(tx: Transaction, space: UUID, found: Verdict, *, signed: Signed) -> Verdict:
    """Whether the log ends where it was last added to."""
    record = await tx.row(
        "SELECT position, signature FROM audit_heads WHERE space_id = %(space)s", {"space": space}
    )
    if record is None:
        lost = found.entries > 0
        return Verdict(found.entries, "The end of the log is missing.") if lost else found
    position, signature = cast("tuple[int, str]", record)
    if position > found.entries:
        return Verdict(found.entries, f"Entry {found.entries + 1} is missing.")
    if not signed(_end(space, found.entries, found.head), signature):
        return Verdict(found.entries, "The end of the log is not as it was written.")
    return found


def _text(space: UUID, entry: Entry, last: str) -> str:
    """What is signed of an entry: all of it, where it stands, and the signature before it."""
    facts = entry.model_dump(mode="json", by_alias=False)
    return "audit:" + orjson.dumps([str(space), facts, last], option=orjson.OPT_SORT_KEYS).decode()


def _end(space: UUID, position: int, last: str) -> str:
    return f"audit end:{space}:{position}:{last}"


def _entry(record: Sequence[object]) -> Entry:
    return Entry.model_construct(None, **dict(zip(Entry.model_fields, record, strict=True)))
