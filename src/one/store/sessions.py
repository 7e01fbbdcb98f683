"""Sessions: devices that are signed in. A session is of one account in one space."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from one.clock import new_id, new_secret
from one.store.accounts import Account
from one.store.database import Premise, Transaction
from one.store.keys import token_hash
from one.store.rows import Row
from one.store.session import Session
from one.store.sight import StaffRole, Viewer

SEEN_EACH = timedelta(minutes=5)  # how fine `seen_at` is


class Device(Row):
    """A session as its person sees it: what signed in, from where, when it was last here."""

    id: UUID
    device: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a session. One that isn't `whole` still lacks the second factor."""

    session: UUID
    account: UUID
    entity: UUID
    whole: bool
    seen_at: datetime
    staff_role: StaffRole | None

    def seen(self, now: datetime) -> "Holder":
        return replace(self, seen_at=now)

    @property
    def viewer(self) -> Viewer:
        role = "staff" if self.staff_role else "person"
        return Viewer(self.entity, role, "user", session=self.session, staff_role=self.staff_role)


async def begin(
    session: Session, account: Account, *, place: tuple[str, str], until: datetime, whole: bool
) -> str:
    """A session, which lets in if it is `whole`; its secret. `place`: the device and the address
    it is at.
    """
    secret = new_secret()
    await session.tx.run(
        "INSERT INTO sessions (id, hash, account_id, space_id, entity_id, whole, device, address,"
        " created_at, seen_at, expires_at) VALUES (%(id)s, %(hash)s, %(account)s, %(space)s,"
        " %(entity)s, %(whole)s, %(device)s, %(address)s, %(now)s, %(now)s, %(until)s)",
        session.params(
            id=new_id(),
            hash=token_hash(secret),
            account=account.id,
            entity=account.entity_id,
            whole=whole,
            device=place[0],
            address=place[1],
            until=until,
        ),
    )
    return secret


# Who closed their account comes back through a session that isn't whole yet.
# Its parameters are no other statement's, so that it can be asked beside any.
_HELD = (
    "FROM sessions s JOIN entities e ON e.space_id = s.space_id AND e.id = s.entity_id"
    " LEFT JOIN staff f ON f.space_id = s.space_id AND f.entity_id = s.entity_id"
    " WHERE s.hash = %(held_hash)s AND s.space_id = %(held_space)s AND s.ended_at IS NULL"
    " AND s.expires_at > %(held_now)s AND s.seen_at > %(held_since)s"
    " AND (e.deleted_at IS NULL OR NOT s.whole)"
)
_LETS_IN = f"EXISTS (SELECT {_HELD} AND s.whole AND f.role IS NULL)"


def _held(space: UUID, hash: str, *, now: datetime, idle: timedelta) -> dict[str, object]:
    return {
        "held_space": space,
        "held_hash": hash,
        "held_now": now,
        "held_since": now - idle,
    }


async def holder_of(
    tx: Transaction, space: UUID, secret: str, *, now: datetime, idle: timedelta
) -> Holder | None:
    """Who holds this session; nobody when it is unknown, over, ended, or its person is gone."""
    record = await tx.row(
        f"SELECT s.id, s.account_id, s.entity_id, s.whole, s.seen_at, f.role {_HELD}",
        _held(space, token_hash(secret), now=now, idle=idle),
    )
    return Holder(*record) if record else None  # pyright: ignore[reportArgumentType] # columns as listed


def premise_of(space: UUID, hash: str, *, now: datetime, idle: timedelta) -> Premise:
    """That the session whose secret has this hash still lets in, and its holder isn't staff."""
    return Premise(_LETS_IN, _held(space, hash, now=now, idle=idle))


async def see(tx: Transaction, holder: Holder, *, now: datetime) -> None:
    """Keeps that a session was used."""
    await tx.run(
        "UPDATE sessions SET seen_at = %(now)s WHERE id = %(id)s AND seen_at < %(now)s",
        {"id": holder.session, "now": now},
    )


async def devices(session: Session, account: UUID, *, idle: timedelta) -> list[Device]:
    """The sessions of an account that let in, last used first."""
    records = await session.tx.rows(
        "SELECT id, device, address, created_at, seen_at, expires_at FROM sessions"
        " WHERE account_id = %(account)s AND space_id = %(space)s AND whole AND ended_at IS NULL"
        " AND expires_at > %(now)s AND seen_at > %(since)s"
        " ORDER BY seen_at DESC, id DESC LIMIT 200",
        session.params(account=account, since=session.now - idle),
    )
    return [
        Device.model_construct(None, **dict(zip(Device.model_fields, record, strict=True)))
        for record in records
    ]


async def end(session: Session, account: UUID, id: UUID) -> bool:
    """Ends one session of an account; whether there was one."""
    return bool(await _end(session, account, "id = %(one)s", id))


async def end_others(session: Session, account: UUID, kept: UUID | None) -> int:
    """Ends every session of an account but one; how many."""
    return await _end(session, account, "id IS DISTINCT FROM %(one)s", kept)


async def _end(session: Session, account: UUID, which: str, one: UUID | None) -> int:
    return await session.tx.run(
        "UPDATE sessions SET ended_at = %(now)s WHERE account_id = %(account)s"
        f" AND ended_at IS NULL AND {which}",
        session.params(account=account, one=one),
    )


async def begun_at(session: Session, id: UUID | None) -> datetime | None:
    """When a session began."""
    record = await session.tx.row("SELECT created_at FROM sessions WHERE id = %(id)s", {"id": id})
    return cast("tuple[datetime]", record)[0] if record else None


async def forget_sessions(tx: Transaction, *, before: datetime) -> int:
    """Drops sessions that are over since then; how many."""
    return await tx.run(
        "DELETE FROM sessions WHERE expires_at < %(before)s OR ended_at < %(before)s",
        {"before": before},
    )


async def known_at(session: Session, account: UUID | None, address: str) -> bool:
    """Whether the account was signed in from this address before."""
    record = await session.tx.row(
        "SELECT EXISTS (SELECT FROM sessions WHERE account_id = %(account)s"
        " AND address = %(address)s AND whole)",
        session.params(account=account, address=address),
    )
    return bool(cast("tuple[bool]", record)[0])
