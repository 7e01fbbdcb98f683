"""Brings a schema up to date: numbered SQL files, forward only, one at a time, under a lock."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import cast
from uuid import UUID

import psycopg

from one.errors import Conflict, Denied
from one.store.database import Connection, Database

DEFAULT_SPACE = UUID("00000000-0000-7000-8000-000000000001")
PLATFORM = UUID("00000000-0000-7000-8000-000000000002")


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    statements: tuple[str, ...]
    digest: str


def migrations() -> list[Migration]:
    """The files of `migrations/`, in order. A statement ends with `;` at the end of a line."""
    found: list[Migration] = []
    for file in sorted(resources.files("one.store").joinpath("migrations").iterdir(), key=str):
        if file.name.endswith(".sql"):
            text = file.read_text("utf-8")
            statements = tuple(part.strip() for part in text.split(";\n") if part.strip())
            digest = hashlib.sha256(text.encode()).hexdigest()
            found.append(Migration(int(file.name[:4]), file.name, statements, digest))
    return found


async def migrate(database: Database, *, now: datetime) -> list[str]:
    """Applies what is missing; the names of the files applied.

    Raises Conflict when the schema was made by a newer ONE or an applied file has changed, Denied
    when the database's user may not make the schema or tables in it.
    """
    connection = await database.connect()
    try:
        await connection.execute(b"SET lock_timeout = 0")  # one process waits for another
        await connection.execute(b"SET statement_timeout = 0")
        await connection.execute(b"SELECT pg_advisory_lock(hashtext(%s))", (database.schema,))
        await _schema(connection, database.schema)
        await connection.execute(
            b"CREATE TABLE IF NOT EXISTS migrations"
            b" (number integer PRIMARY KEY, name text, digest text, applied_at timestamptz)"
        )
        done = await _applied(connection)
        _refuse_strangers(done)
        applied: list[str] = []
        for migration in migrations():
            if migration.number not in done:
                await _apply(connection, migration, now)
                applied.append(migration.name)
        await _found(connection, DEFAULT_SPACE, name="ONE", now=now)
        return applied
    except psycopg.errors.InsufficientPrivilege as error:
        raise Denied(
            f"The database refuses ONE what it needs in the schema {database.schema}: {error}.",
            cure="Let ONE_DATABASE_URL name the user that owns the schema and its tables.",
        ) from error
    finally:
        await connection.close()


async def _schema(connection: Connection, schema: str) -> None:
    """Makes the schema unless it is there; without rights to it tables would land in another."""
    cursor = await connection.execute(
        b"SELECT current_user, current_database(), to_regnamespace(%(schema)s) IS NULL,"
        b" has_database_privilege(current_database(), 'CREATE'),"
        b" to_regnamespace(%(schema)s) IS NOT NULL"
        b" AND has_schema_privilege(to_regnamespace(%(schema)s), 'CREATE')"
        b" AND has_schema_privilege(to_regnamespace(%(schema)s), 'USAGE')",
        {"schema": f'"{schema}"'},
    )
    facts = await cursor.fetchone()
    assert facts is not None
    user, name, absent, may_make, may_use = facts
    if absent and may_make:
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'.encode())
    elif absent:
        raise Denied(
            f"The database user {user} may not make the schema {schema} in {name}.",
            cure=f'As the owner of the database: GRANT CREATE ON DATABASE "{name}" TO "{user}";',
        )
    elif not may_use:
        raise Denied(
            f"The database user {user} may not make tables in the schema {schema} of {name}.",
            cure=f'As its owner: GRANT USAGE, CREATE ON SCHEMA "{schema}" TO "{user}";',
        )


async def open_space(
    database: Database, space: UUID, *, name: str, now: datetime, until: datetime | None = None
) -> None:
    """Makes a space with its platform entity, unless it is there already. One that is for a while
    says `until` when; `close_past_spaces` removes it after that.
    """
    connection = await database.connect()
    try:
        await _found(connection, space, name=name, now=now, until=until)
    finally:
        await connection.close()


async def close_space(database: Database, space: UUID) -> None:
    """Removes a space with everything in it. Raises Denied for the default one."""
    if space == DEFAULT_SPACE:
        raise Denied("The default space stays.")
    async with database.write() as tx:
        records = await tx.rows(
            "WITH RECURSIVE own AS ("
            " SELECT c.oid, c.relname::text AS name FROM pg_class c JOIN pg_attribute a"
            " ON a.attrelid = c.oid AND a.attname = 'space_id' WHERE c.relkind = 'r'"
            " AND c.relnamespace = to_regnamespace(%(schema)s)"
            "), depth AS ("
            " SELECT oid, 0 AS n FROM own UNION"
            " SELECT k.conrelid, d.n + 1 FROM pg_constraint k JOIN depth d ON d.oid = k.confrelid"
            " WHERE k.contype = 'f' AND k.conrelid <> k.confrelid AND d.n < 20"
            ") SELECT o.name FROM own o JOIN depth d ON d.oid = o.oid"
            " GROUP BY o.name ORDER BY max(d.n) DESC, o.name",
            {"schema": database.schema},
        )
        for record in records:
            await tx.run(f'DELETE FROM "{record[0]}" WHERE space_id = %(space)s', {"space": space})
        await tx.run("DELETE FROM spaces WHERE id = %(space)s", {"space": space})


async def close_past_spaces(database: Database, *, now: datetime) -> int:
    """Removes the spaces whose time is over, which whoever made them should have done; how many."""
    async with database.read() as tx:
        past = await tx.rows("SELECT id FROM spaces WHERE until < %(now)s", {"now": now})
    for record in past:
        await close_space(database, cast(UUID, record[0]))
    return len(past)


async def _applied(connection: Connection) -> dict[int, str]:
    cursor = await connection.execute(b"SELECT number, digest FROM migrations")
    return {int(str(number)): str(digest) for number, digest in await cursor.fetchall()}


def _refuse_strangers(done: dict[int, str]) -> None:
    known = {migration.number: migration for migration in migrations()}
    for number, digest in done.items():
        if number not in known:
            raise Conflict(
                f"The database was made by a newer ONE: it has migration {number:04d}.",
                cure="Run that version, or restore a backup from before the upgrade.",
            )
        if known[number].digest != digest:
            raise Conflict(
                f"Migration {known[number].name} is not the one that was applied.",
                cure="Restore the file; change the schema with a new migration instead.",
            )


async def _apply(connection: Connection, migration: Migration, now: datetime) -> None:
    async with connection.transaction():
        await connection.execute(b"SET LOCAL lock_timeout = '5s'")
        await connection.execute(b"SET LOCAL statement_timeout = 0")
        for statement in migration.statements:
            await connection.execute(statement.encode())
        await connection.execute(
            b"INSERT INTO migrations VALUES (%s, %s, %s, %s)",
            (migration.number, migration.name, migration.digest, now),
        )


async def _found(
    connection: Connection, space: UUID, *, name: str, now: datetime, until: datetime | None = None
) -> None:
    facts: dict[str, object] = {"space": space, "name": name, "now": now, "platform": PLATFORM}
    facts["until"] = until
    try:
        async with connection.transaction():
            await connection.execute(
                b"INSERT INTO spaces VALUES (%(space)s, %(name)s, %(now)s, %(until)s)"
                b" ON CONFLICT DO NOTHING",
                facts,
            )
            await connection.execute(
                b"INSERT INTO positions VALUES (%(space)s, 0, 0) ON CONFLICT DO NOTHING", facts
            )
            await connection.execute(
                b"INSERT INTO entities (space_id, id, type, name, status, visibility, seen,"
                b" properties, version, created_at, updated_at, search)"
                b" VALUES (%(space)s, %(platform)s, 'website', %(name)s, 'published', 'public',"
                b" 'public', '{}', 1, %(now)s, %(now)s,"
                b" setweight(to_tsvector('english', %(name)s), 'A')"
                b" || array_to_tsvector('{type/website}'))"
                b" ON CONFLICT DO NOTHING",
                facts,
            )
    except psycopg.errors.UniqueViolation:
        return
