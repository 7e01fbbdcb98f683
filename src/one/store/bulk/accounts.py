"""The sections `accounts` and `second_factors`: how people sign in, come from elsewhere. They are
taken in and never written out.

Whoever has an account here already keeps it as it is. A password comes along where it is known by
an argon2id hash and its address is proven; everybody else signs in by a letter.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID, uuid5

from typing_extensions import override

from one.errors import Fault, Invalid
from one.ontology import Ontology
from one.store.accounts import backup_hash, email_key
from one.store.bulk.entities import Entities, EntityRead
from one.store.bulk.fields import Fields
from one.store.bulk.section import Ground, Read, Section
from one.store.sight import PEOPLE
from one.store.slots import slots_of

_ARGON = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")
_MOST_MEMORY, _MOST_PASSES = 65_536, 10  # KiB; a sign-in must not take a server's memory
_SECRET = re.compile(r"[A-Z2-7]{16,128}=*")
_SHORTEST_CODE = 10  # letters: a shorter one is soon found out from its hash
_PERSON = UUID("6f6e6500-0000-5000-8000-706572736f6e")

_ACCOUNT = {
    "createdAt": "created_at",
    "email": "email",
    "id": "id",
    "name": "name",
    "passwordHash": "password",
    "verified": "verified",
}
_FACTOR = {
    "account": "id",
    "backupCodes": "backup_codes",
    "createdAt": "totp_since",
    "enabled": "enabled",
    "secret": "totp",
}


@dataclass(slots=True)
class AccountRead(Read):
    """`copy` is empty: who it is here is known late. `person` is who it becomes, unless a person
    of its address is there.
    """

    email: str
    password: str | None
    created: str
    person: EntityRead


def kept_password(hash: object) -> str | None:
    """A password's hash, where it is of a kind that people can sign in by here."""
    found = _ARGON.fullmatch(hash) if isinstance(hash, str) else None
    if found is None or int(found[1]) > _MOST_MEMORY or int(found[2]) > _MOST_PASSES:
        return None
    return found.string


class Accounts(Section[AccountRead]):
    name = "accounts"
    table = "accounts"
    secret = True
    fields = _ACCOUNT

    @override
    def read(
        self, given: Mapping[str, object], *, ontology: Ontology, now: datetime
    ) -> AccountRead:
        fields = Fields(given, self.known)
        id, email = fields.id("id"), (fields.raw("email", most=254) or "").strip()
        created = fields.time("createdAt", default=now.isoformat())
        verified = given.get("verified", False)
        if not isinstance(verified, bool):
            fields.fault("verified", "must be true or false")
        if given.get("email") is None:
            fields.fault("email", "is required")
        fields.done()
        name = fields.raw("name", most=200) or email.partition("@")[0]
        line = {
            "id": str(uuid5(_PERSON, id)),
            "type": "audience_member",
            "name": name,
            "properties": {"email": email},
            "createdAt": created,
        }
        try:
            person = Entities().read(line, ontology=ontology, now=now)
        except Invalid as error:
            faults = tuple(
                Fault(one.pointer.replace("/properties/email", "/email"), one.message)
                for one in error.faults
            )
            raise Invalid(error.message, faults=faults) from error
        password = kept_password(given.get("passwordHash")) if verified else None
        return AccountRead(id, "", email_key(email), password, created, person)

    @override
    async def new(self, ground: Ground, rows: Sequence[AccountRead]) -> list[AccountRead]:
        records = await ground.tx.rows(
            "SELECT c.value FROM claims c JOIN account_entity n ON n.account_id = c.account_id"
            " AND n.space_id = %(space)s WHERE c.kind = 'email' AND c.value = ANY(%(emails)s)",
            ground.params(emails=[row.email for row in rows]),
        )
        there = {str(record[0]) for record in records}
        return [row for row in rows if row.email not in there]

    @override
    async def judge(self, ground: Ground, rows: Sequence[AccountRead]) -> list[AccountRead]:
        seen: dict[str, int] = {}
        kept: list[AccountRead] = []
        for row in rows:
            row.person.line = row.line
            first = seen.setdefault(row.email, row.line)
            if first == row.line:
                kept.append(row)
            else:
                ground.refuse(row, Fault("/email", f"has the same address as line {first}"))
        fit = await Entities().judge(ground, [row.person for row in kept])
        people = {one.id for one in fit}
        return [row for row in kept if row.person.id in people]

    @override
    async def write(self, ground: Ground, rows: Sequence[AccountRead]) -> None:
        people = await self._people(ground, rows)
        await Entities().write(ground, [row.person for row in rows if row.email not in people])
        await ground.tx.run(
            "WITH given AS (SELECT * FROM unnest(%(ids)s::uuid[], %(emails)s::text[],"
            " %(passwords)s::text[], %(created)s::timestamptz[], %(people)s::uuid[])"
            " AS g (id, email, password, created_at, entity_id)),"
            " claimed AS (INSERT INTO claims SELECT 'email', email, id FROM given"
            " ON CONFLICT DO NOTHING RETURNING account_id),"
            " made AS (INSERT INTO accounts (id, email, password, totp_step, backup_codes,"
            " created_at, updated_at) SELECT g.id, g.email, g.password, 0, '{}', g.created_at,"
            " g.created_at FROM given g JOIN claimed c ON c.account_id = g.id)"
            " INSERT INTO account_entity SELECT %(space)s, coalesce(k.account_id, g.id),"
            " g.entity_id FROM given g LEFT JOIN claims k ON k.kind = 'email'"
            " AND k.value = g.email",
            ground.params(
                ids=[row.id for row in rows],
                emails=[row.email for row in rows],
                passwords=[row.password for row in rows],
                created=[row.created for row in rows],
                people=[people.get(row.email, row.person.id) for row in rows],
            ),
        )

    async def _people(self, ground: Ground, rows: Sequence[AccountRead]) -> dict[str, str]:
        """Address → the one person of this space who has it and no account."""
        column = slots_of(ground.ontology.entity("audience_member"))["email"]
        records = await ground.tx.rows(
            f"SELECT e.{column}, min(e.id::text) FROM entities e"
            " WHERE e.space_id = %(space)s AND e.type = ANY(%(people)s) AND e.deleted_at IS NULL"
            f" AND e.{column} = ANY(%(emails)s) AND NOT EXISTS (SELECT 1 FROM account_entity"
            " n WHERE n.space_id = e.space_id AND n.entity_id = e.id) GROUP BY 1"
            " HAVING count(*) = 1",
            ground.params(people=list(PEOPLE), emails=[row.email for row in rows]),
        )
        return {str(key): str(id) for key, id in records}


@dataclass(slots=True)
class FactorRead(Read):
    """A second factor; one without a `secret` was never turned on, and is left out. `codes` are the
    backup codes as they were given.
    """

    secret: str
    codes: list[str]
    since: str


class SecondFactors(Section[FactorRead]):
    name = "second_factors"
    table = "accounts"
    secret = True
    fields = _FACTOR

    @override
    def read(self, given: Mapping[str, object], *, ontology: Ontology, now: datetime) -> FactorRead:
        fields = Fields(given, self.known)
        id = fields.id("account")
        secret = (fields.raw("secret", most=200) or "").replace(" ", "").upper()
        if not _SECRET.fullmatch(secret):
            fields.fault("secret", "must be the secret of an authenticator app, in base32")
        enabled = given.get("enabled", True)
        if not isinstance(enabled, bool):
            fields.fault("enabled", "must be true or false")
        said: object = given.get("backupCodes") or list[object]()
        codes = cast("list[object]", said) if isinstance(said, list) else []
        if codes is not said:
            fields.fault("backupCodes", "must be a list of texts")
        since = fields.time("createdAt", default=now.isoformat())
        fields.done()
        kept = secret.rstrip("=") if enabled else ""
        return FactorRead(id, "", kept, [str(code) for code in codes], since)

    @override
    async def new(self, ground: Ground, rows: Sequence[FactorRead]) -> list[FactorRead]:
        """Those of accounts that nobody has changed since they were taken in."""
        records = await ground.tx.rows(
            "SELECT a.id::text, a.totp IS NULL AND a.updated_at = a.created_at FROM accounts a"
            " JOIN account_entity n ON n.account_id = a.id AND n.space_id = %(space)s"
            " WHERE a.id = ANY(%(ids)s::uuid[])",
            ground.params(ids=[row.id for row in rows]),
        )
        known = {str(id): bool(fresh) for id, fresh in records}
        return [row for row in rows if known.get(row.id, True)]

    @override
    async def judge(self, ground: Ground, rows: Sequence[FactorRead]) -> list[FactorRead]:
        ids = {row.id for row in rows}
        records = await ground.tx.rows(
            "SELECT id::text FROM accounts WHERE id = ANY(%(ids)s::uuid[])",
            ground.params(ids=list(ids)),
        )
        there = {str(record[0]) for record in records}
        for row in rows:
            if row.id not in there:
                ground.refuse(row, Fault("/account", "there is no account with this id"))
        return [row for row in rows if row.id in there and row.secret]

    @override
    async def write(self, ground: Ground, rows: Sequence[FactorRead]) -> None:
        for row in rows:
            codes = [code for code in row.codes if len(code) >= _SHORTEST_CODE]
            await ground.tx.run(
                "UPDATE accounts SET totp = %(sealed)s, totp_since = %(since)s, totp_step = 0,"
                " backup_codes = %(codes)s, updated_at = %(now)s WHERE id = %(id)s",
                ground.params(
                    id=row.id,
                    sealed=ground.seal(row.secret),
                    since=row.since,
                    codes=[backup_hash(UUID(row.id), code) for code in codes],
                ),
            )
