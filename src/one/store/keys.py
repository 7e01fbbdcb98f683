"""What the doors keep: answers of repeated requests, tokens that act, the deployment's facts."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id, new_secret
from one.errors import Conflict, NotFound
from one.store.database import Transaction
from one.store.migrate import PLATFORM
from one.store.rows import Row
from one.store.session import CHANGE, Session, jsonb
from one.store.sight import Role, Scope, StaffRole, Viewer

ANSWERS_KEPT = timedelta(hours=24)
TOKEN_PREFIX = "one_"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered the first time."""

    status: int
    body: bytes


async def recall(session: Session, *, operation: str, key: str, digest: str) -> Answer | None:
    """The answer given to this key before; none, and the key is taken until the transaction ends.

    The same key in another transaction waits for that one. Raises Conflict when it doesn't end
    within 5 s, or when the key was used with another body.
    """
    params = session.params(operation=operation, key=key, digest=digest)
    taken = await session.tx.run(
        "INSERT INTO answers (space_id, actor_id, operation, key, digest, created_at)"
        " VALUES (%(space)s, %(me)s, %(operation)s, %(key)s, %(digest)s, %(now)s)"
        " ON CONFLICT (space_id, actor_id, operation, key) DO UPDATE SET digest = excluded.digest,"
        " created_at = excluded.created_at, status = NULL, answer = NULL"
        " WHERE answers.created_at < excluded.created_at - interval '24 hours'",
        params,
    )
    if taken:
        return None
    record = await session.tx.row(
        "SELECT digest, status, answer FROM answers WHERE space_id = %(space)s"
        " AND actor_id = %(me)s AND operation = %(operation)s AND key = %(key)s",
        params,
    )
    if record is None or not isinstance(record[2], bytes) or not isinstance(record[1], int):
        return None
    if record[0] != digest:
        raise Conflict(
            "This Idempotency-Key was used before, with another request.",
            cure="Use a new key for a new request, and the same body to repeat one.",
        )
    return Answer(record[1], record[2])


async def remember(
    session: Session, *, operation: str, key: str, status: int, answer: bytes
) -> None:
    """Keeps the answer to a key for 24 hours, in the write's own transaction."""
    await session.tx.run(
        "UPDATE answers SET status = %(status)s, answer = %(answer)s WHERE space_id = %(space)s"
        " AND actor_id = %(me)s AND operation = %(operation)s AND key = %(key)s",
        session.params(operation=operation, key=key, status=status, answer=answer),
    )


async def forget_answers(tx: Transaction, *, now: datetime) -> int:
    """Drops answers older than a day; how many."""
    return await tx.run(
        "DELETE FROM answers WHERE created_at < %(then)s", {"then": now - ANSWERS_KEPT}
    )


class Token(Row):
    """A key that acts as `entity`, in all or within its `scopes`. The secret itself is shown once
    and not kept.
    """

    id: UUID
    entity_id: UUID
    role: Role
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    scopes: list[Scope] | None


_TOKEN = "id, entity_id, role, name, created_at, expires_at, revoked_at, scopes"


def token_hash(secret: str) -> str:
    """How a token is kept: 256 random bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def issue_token(
    session: Session,
    *,
    entity: UUID,
    role: Role,
    name: str,
    expires_at: datetime | None = None,
    scopes: Collection[Scope] | None = None,
) -> tuple[Token, str]:
    """A new token of a thing that acts, and its secret."""
    secret = TOKEN_PREFIX + new_secret()
    record = await session.tx.row(
        "INSERT INTO tokens (space_id, id, hash, entity_id, role, name, created_at, expires_at,"
        " scopes) VALUES (%(space)s, %(id)s, %(hash)s, %(entity)s, %(role)s, %(name)s, %(now)s,"
        f" %(expires)s, %(scopes)s) RETURNING {_TOKEN}",
        session.params(
            id=new_id(),
            hash=token_hash(secret),
            entity=entity,
            role=role,
            name=name,
            expires=expires_at,
            scopes=None if scopes is None else sorted(set(scopes)),
        ),
    )
    assert record is not None
    return _token(record), secret


async def revoke_token(session: Session, id: UUID) -> Token:
    """Ends a token at once. Raises NotFound."""
    session.tx.ends_tokens = True
    record = await session.tx.row(
        "WITH t AS (UPDATE tokens SET revoked_at = coalesce(revoked_at, %(now)s)"
        f" WHERE space_id = %(space)s AND id = %(id)s RETURNING *), c AS ({CHANGE}"
        " SELECT space_id, %(change)s, 'tokens', id, 'token', 2, NULL, %(me)s::uuid,"
        f" %(now)s::timestamptz FROM t) SELECT {_TOKEN} FROM t",
        session.params(id=id, change=new_id()),
    )
    if record is None:
        raise NotFound("There is no token with this id.", details={"id": str(id)})
    return _token(record)


async def revoke_staff_tokens(session: Session, entity: UUID) -> None:
    """Ends what somebody acts as staff with."""
    for token in await tokens_of(session, entity):
        if token.role == "staff" and token.revoked_at is None:
            await revoke_token(session, token.id)


async def tokens_of(session: Session, entity: UUID | None) -> list[Token]:
    """The tokens of one thing, or all; newest first."""
    records = await session.tx.rows(
        f"SELECT {_TOKEN} FROM tokens WHERE space_id = %(space)s"
        " AND (%(entity)s::uuid IS NULL OR entity_id = %(entity)s)"
        " ORDER BY created_at DESC, id DESC LIMIT 200",
        session.params(entity=entity),
    )
    return [_token(record) for record in records]


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who acts with a token, and until when."""

    viewer: Viewer
    expires_at: datetime | None


async def bearer_of(tx: Transaction, space: UUID, hash: str, *, now: datetime) -> Bearer | None:
    """Of a token's hash; nobody when it is unknown, over, revoked or its owner is gone."""
    record = await tx.row(
        "SELECT t.entity_id, t.role, t.expires_at, t.scopes, f.role FROM tokens t JOIN entities e"
        " ON e.space_id = t.space_id AND e.id = t.entity_id LEFT JOIN staff f"
        " ON f.space_id = t.space_id AND f.entity_id = t.entity_id WHERE t.space_id = %(space)s"
        " AND t.hash = %(hash)s AND t.revoked_at IS NULL AND e.deleted_at IS NULL"
        " AND (t.expires_at IS NULL OR t.expires_at > %(now)s)",
        {"space": space, "hash": hash, "now": now},
    )
    if record is None:
        return None
    entity, role, expires_at, scopes, staff_role = cast(
        "tuple[UUID, str, datetime | None, list[Scope] | None, StaffRole | None]", record
    )
    staff = role == "staff" and (staff_role is not None or entity == PLATFORM)
    viewer = Viewer(
        entity,
        "staff" if staff else "person",
        staff_role=staff_role if staff else None,
        scopes=None if scopes is None else frozenset(scopes),
    )
    return Bearer(viewer, expires_at)


def _token(record: tuple[object, ...]) -> Token:
    return Token.model_construct(None, **dict(zip(Token.model_fields, record, strict=True)))


async def fact(tx: Transaction, space: UUID, name: str) -> JsonValue:
    """A thing the deployment knows of itself; null when it doesn't."""
    record = await tx.row(
        "SELECT value FROM facts WHERE space_id = %(space)s AND name = %(name)s",
        {"space": space, "name": name},
    )
    return cast("JsonValue", record[0]) if record else None


async def keep_fact(tx: Transaction, space: UUID, *, name: str, value: JsonValue) -> None:
    """Learns or relearns a fact."""
    await tx.run(
        "INSERT INTO facts VALUES (%(space)s, %(name)s, %(value)s::jsonb)"
        " ON CONFLICT (space_id, name) DO UPDATE SET value = excluded.value",
        {"space": space, "name": name, "value": jsonb({"is": value})[6:-1]},
    )


async def signing_key(tx: Transaction, space: UUID) -> bytes:
    """The secret that signs cursors in this space; made on first use."""
    await tx.run(
        "INSERT INTO facts VALUES (%(space)s, 'signing_key', to_jsonb(%(key)s::text))"
        " ON CONFLICT DO NOTHING",
        {"space": space, "key": new_secret()},
    )
    return str(await fact(tx, space, "signing_key")).encode()
