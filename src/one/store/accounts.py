"""Accounts, and who an account is in a space. An address is taken once, whatever its case."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from one.clock import new_id
from one.errors import Conflict
from one.store.database import Transaction
from one.store.session import Session


@dataclass(frozen=True, slots=True)
class Account:
    """`entity_id`: who it is in the space it was looked up in, `closed_at`: since when it is closed
    there. `totp` is sealed.
    """

    id: UUID
    entity_id: UUID
    email: str
    password: str | None
    totp: str | None
    totp_since: datetime | None
    codes_left: int
    created_at: datetime
    closed_at: datetime | None


_ACCOUNT = (
    "a.id, n.entity_id, a.email, a.password, a.totp, a.totp_since,"
    " cardinality(a.backup_codes), a.created_at, n.closed_at FROM accounts a"
    " JOIN account_entity n ON n.account_id = a.id AND n.space_id = %(space)s"
)


def email_key(email: str) -> str:
    """The one form of an address: `Ana@Studio.example ` → `ana@studio.example`."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


async def account_by_email(tx: Transaction, space: UUID, email: str) -> Account | None:
    """The account that has taken this address, where it is somebody in this space."""
    having = "JOIN claims c ON c.account_id = a.id WHERE c.kind = 'email' AND c.value = %(email)s"
    return await _account(tx, having, {"space": space, "email": email_key(email)})


async def account_of(tx: Transaction, space: UUID, entity: UUID | None) -> Account | None:
    """The account of somebody in this space."""
    having = "WHERE n.entity_id = %(entity)s"
    return await _account(tx, having, {"space": space, "entity": entity})


async def account_by_id(tx: Transaction, space: UUID, id: UUID | None) -> Account | None:
    """An account, where it is somebody in this space."""
    return await _account(tx, "WHERE a.id = %(id)s", {"space": space, "id": id})


async def _account(tx: Transaction, having: str, params: Mapping[str, object]) -> Account | None:
    record = await tx.row(f"SELECT {_ACCOUNT} {having}", params)
    return Account(*record) if record else None  # pyright: ignore[reportArgumentType] # columns as listed


async def open_account(session: Session, entity: UUID, *, email: str, password: str | None) -> UUID:
    """An account whose address is proven. Who has one from another space has it here, too, and
    keeps their password.
    """
    id = new_id()
    params = session.params(
        id=id, email=email.strip(), key=email_key(email), password=password, entity=entity
    )
    taken = await session.tx.run(
        "INSERT INTO claims VALUES ('email', %(key)s, %(id)s) ON CONFLICT DO NOTHING", params
    )
    if taken:
        await session.tx.run(
            "INSERT INTO accounts (id, email, password, totp_step, backup_codes, created_at,"
            " updated_at) VALUES (%(id)s, %(email)s, %(password)s, 0, '{}', %(now)s, %(now)s)",
            params,
        )
    else:
        known = await session.tx.row(
            "SELECT account_id FROM claims WHERE kind = 'email' AND value = %(key)s", params
        )
        id = cast("tuple[UUID]", known)[0]
    joined = await session.tx.run(
        "INSERT INTO account_entity VALUES (%(space)s, %(account)s, %(entity)s)"
        " ON CONFLICT DO NOTHING",
        {**params, "account": id},
    )
    if not joined:
        raise Conflict("This address has an account by now.", cure="Sign in with it.")
    return id


async def keep_password(session: Session, account: UUID, hash: str) -> None:
    """Sets how the account's password is known from now on."""
    await session.tx.run(
        "UPDATE accounts SET password = %(hash)s, updated_at = %(now)s WHERE id = %(account)s",
        session.params(account=account, hash=hash),
    )


async def move_email(session: Session, account: UUID, email: str) -> bool:
    """Gives the account another address; false where somebody has taken that."""
    params = session.params(account=account, email=email.strip(), key=email_key(email))
    taken = await session.tx.run(
        "INSERT INTO claims VALUES ('email', %(key)s, %(account)s) ON CONFLICT DO NOTHING", params
    )
    if taken:
        await session.tx.run(
            "DELETE FROM claims WHERE kind = 'email' AND account_id = %(account)s"
            " AND value <> %(key)s",
            params,
        )
        await session.tx.run(
            "UPDATE accounts SET email = %(email)s, updated_at = %(now)s WHERE id = %(account)s",
            params,
        )
    return bool(taken)


# --- the second factor


async def keep_totp(session: Session, account: UUID, sealed: str | None) -> None:
    """A secret that isn't required yet; none takes the second factor away."""
    await session.tx.run(
        "UPDATE accounts SET totp = %(sealed)s, totp_step = 0, totp_since = NULL,"
        " backup_codes = '{}', updated_at = %(now)s WHERE id = %(account)s",
        session.params(account=account, sealed=sealed),
    )


async def sealed_totps(tx: Transaction) -> list[tuple[UUID, str]]:
    """Every account with a secret, and that, sealed."""
    records = await tx.rows("SELECT id, totp FROM accounts WHERE totp IS NOT NULL ORDER BY id")
    return [cast("tuple[UUID, str]", record) for record in records]


async def reseal_totp(tx: Transaction, account: UUID, before: str, *, after: str) -> bool:
    """Keeps the same secret in another seal; false where it is another by now."""
    return bool(
        await tx.run(
            "UPDATE accounts SET totp = %(after)s WHERE id = %(account)s AND totp = %(before)s",
            {"account": account, "before": before, "after": after},
        )
    )


async def require_totp(session: Session, account: UUID, codes: Sequence[str]) -> None:
    """From now on signing in takes the second factor; `codes` are hashes of the backup codes."""
    await session.tx.run(
        "UPDATE accounts SET totp_since = coalesce(totp_since, %(now)s), backup_codes = %(codes)s,"
        " updated_at = %(now)s WHERE id = %(account)s",
        session.params(account=account, codes=list(codes)),
    )


async def take_step(session: Session, account: UUID, step: int) -> bool:
    """Whether this step of the second factor was free, and later than every one before."""
    return bool(
        await session.tx.run(
            "UPDATE accounts SET totp_step = %(step)s WHERE id = %(account)s"
            " AND totp_step < %(step)s",
            session.params(account=account, step=step),
        )
    )


def backup_hash(account: UUID, code: str) -> str:
    """How a backup code is kept; it is the same in any case and with or without its dashes."""
    plain = code.lower().replace("-", "").replace(" ", "")
    return hashlib.sha256(f"{account}:{plain}".encode()).hexdigest()


async def take_backup_code(session: Session, account: UUID, hash: str) -> bool:
    """Whether there was such a code; there is none from now on."""
    return bool(
        await session.tx.run(
            "UPDATE accounts SET backup_codes = array_remove(backup_codes, %(hash)s)"
            " WHERE id = %(account)s AND %(hash)s = ANY(backup_codes)",
            session.params(account=account, hash=hash),
        )
    )
