"""A PostgreSQL that is not ours: shared with others, with few rights, or not usable at all."""

import asyncio
import struct
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier, Literal

from one.clock import Clock, new_id
from one.errors import OneError
from one.ontology import load
from one.settings import Settings
from one.store import DEFAULT_SPACE, Database, Desk, EntityAsk, migrate
from one.store.changes import last_position
from one.store.sequencer import Sequencer, channel
from one.store.state import state
from tests.world import World

pytestmark = pytest.mark.anyio

ONTOLOGY = load(None)


@asynccontextmanager
async def deployed(url: str, schema: str) -> AsyncGenerator[World]:
    """A deployment with a sequencer of its own."""
    database = await Database.open(Settings(database_url=url, schema=schema), size=3)
    try:
        await migrate(database, now=Clock().now())
        working = asyncio.ensure_future(Sequencer(database).run())
        try:
            yield World(await Desk.open(database, ONTOLOGY, clock=Clock()), DEFAULT_SPACE)
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
    finally:
        await database.close()


def fresh() -> str:
    return f"own_{new_id().hex[-12:]}"


async def position(world: World) -> int:
    """The last position, once nothing waits for one."""
    for _ in range(250):
        if not (await described(world))[0]:
            break
        await asyncio.sleep(0.02)
    async with world.desk.database.read() as tx:
        return await last_position(tx, DEFAULT_SPACE)


async def described(world: World) -> tuple[int, bool]:
    found = await state(world.desk.database, world.desk.ontology, now=Clock().now())
    return found.queued, found.led


async def courses(world: World) -> int:
    async with world.read() as store:
        return (await store.count(EntityAsk(types=("course",)))).count


async def test_two_deployments_in_one_database_know_nothing_of_each_other(
    postgres_url: str,
) -> None:
    one, two = fresh(), fresh()
    async with deployed(postgres_url, one) as ours, deployed(postgres_url, two) as theirs:
        listening = await theirs.desk.database.connect()
        await listening.execute(f'LISTEN "{channel(two)}"'.encode())
        course = await ours.course()
        assert await position(ours) > 0
        assert await position(theirs) == 0
        assert (await courses(ours), await courses(theirs)) == (1, 0)
        assert [note async for note in listening.notifies(timeout=0.2)] == []
        assert (await described(ours))[1]
        assert (await described(theirs))[1]
        await theirs.course()
        assert len([note async for note in listening.notifies(timeout=5, stop_after=1)]) == 1
        async with ours.read() as store:
            assert (await store.get(course.id)).version == 1
        await listening.close()


async def user(url: str, *grants: str) -> str:
    """The URL of a new user of the database with no rights but these, or who owns the schema."""
    name, password = fresh(), fresh()
    with psycopg.connect(url, autocommit=True) as connection:
        row = SQL("CREATE ROLE {} LOGIN NOSUPERUSER PASSWORD {}")
        connection.execute(row.format(Identifier(name), Literal(password)))
        for grant in grants:
            database = connection.info.dbname
            connection.execute(
                SQL(grant).format(user=Identifier(name), database=Identifier(database))  # pyright: ignore[reportArgumentType]
            )
    return make_conninfo(url, user=name, password=password)


async def test_a_user_who_may_make_a_schema_suffices(postgres_url: str) -> None:
    url = await user(postgres_url, "GRANT CREATE ON DATABASE {database} TO {user}")
    async with deployed(url, fresh()) as world:
        await world.course()
        assert await position(world) > 0
        assert await courses(world) == 1


async def test_a_user_with_a_schema_of_their_own_suffices(postgres_url: str) -> None:
    schema = fresh()
    url = await user(postgres_url, f"CREATE SCHEMA {schema} AUTHORIZATION {{user}}")
    async with deployed(url, schema) as world:
        await world.course()
        assert await courses(world) == 1


async def refusal(url: str, schema: str) -> OneError:
    with pytest.raises(OneError) as refused:
        async with deployed(url, schema):
            pass
    assert refused.value.cure
    return refused.value


async def test_a_user_who_may_make_no_schema_is_told_the_right_to_get(postgres_url: str) -> None:
    refused = await refusal(await user(postgres_url), schema := fresh())
    assert f"may not make the schema {schema}" in refused.message
    assert "GRANT CREATE ON DATABASE" in refused.cure


async def test_a_user_without_rights_in_the_schema_makes_nothing_elsewhere(
    postgres_url: str,
) -> None:
    schema = fresh()
    url = await user(
        postgres_url, f"CREATE SCHEMA {schema}", "GRANT ALL ON SCHEMA public TO {user}"
    )
    refused = await refusal(url, schema)
    assert f"may not make tables in the schema {schema}" in refused.message
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT to_regclass('public.migrations')").fetchone() == (None,)


async def test_a_schema_whose_tables_are_somebody_elses_is_refused(postgres_url: str) -> None:
    schema = fresh()
    async with deployed(postgres_url, schema):
        pass
    url = await user(postgres_url, f"GRANT ALL ON SCHEMA {schema} TO {{user}}")
    assert "refuses ONE what it needs" in (await refusal(url, schema)).message


def said(kind: bytes, body: bytes) -> bytes:
    """A message as PostgreSQL's protocol frames it."""
    return kind + struct.pack("!i", len(body) + 4) + body


def fatal(code: str, words: str) -> bytes:
    fields = {b"S": "FATAL", b"V": "FATAL", b"C": code, b"M": words}
    return said(b"E", b"".join(k + v.encode() + b"\0" for k, v in fields.items()) + b"\0")


def old(version: str) -> bytes:
    """The greeting of a server that lets us in."""
    status = said(b"S", b"server_version\0" + version.encode() + b"\0")
    status += said(b"S", b"client_encoding\0UTF8\0")
    return said(b"R", struct.pack("!i", 0)) + status + said(b"Z", b"I")


@asynccontextmanager
async def answering(answer: bytes) -> AsyncGenerator[str]:
    """The URL of what speaks like a PostgreSQL, and answers every greeting with this."""

    ended = asyncio.Semaphore(0)

    async def greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size, code = struct.unpack("!ii", await reader.readexactly(8))
        while code != 196608:  # it first asks for encryption, which there is none of
            writer.write(b"N")
            size, code = struct.unpack("!ii", await reader.readexactly(8))
        await reader.readexactly(size - 8)
        writer.write(answer)
        await writer.drain()
        await reader.read()
        writer.close()
        ended.release()

    server = await asyncio.start_server(greeted, "127.0.0.1", 0)
    async with server:
        yield f"postgresql://ana:secret-word@127.0.0.1:{server.sockets[0].getsockname()[1]}/fit"
        await asyncio.wait_for(ended.acquire(), 5)


REFUSALS: Sequence[tuple[bytes, str, str]] = (
    (fatal("28P01", 'password authentication failed for user "ana"'), "password", "password"),
    (fatal("28000", 'role "ana" does not exist'), 'role "ana"', "Make the user"),
    (fatal("3D000", 'database "fit" does not exist'), 'database "fit"', "CREATE DATABASE"),
    (fatal("42501", 'permission denied for database "fit"'), "denied", "GRANT CONNECT"),
    (fatal("53300", "sorry, too many clients already"), "too many", "max_connections"),
    (old("14.9"), "version 14", "15 or newer"),
    (old("9.6.24"), "version 9", "15 or newer"),
)


@pytest.mark.parametrize(("answer", "words", "cure"), REFUSALS)
async def test_a_server_that_can_not_be_used_is_one_clear_line(
    answer: bytes, words: str, cure: str
) -> None:
    async with answering(answer) as url:
        refused = await refusal(url, fresh())
    assert words in refused.message
    assert cure in refused.cure
    assert "\n" not in refused.message
    assert "secret-word" not in refused.message + refused.cure


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://127.0.0.1:1/none", "refused"),
        ("postgresql://no-such-host.invalid/none", "no-such-host.invalid"),
        ("mysql://127.0.0.1/none", "not the address of a PostgreSQL"),
        ("postgresql:///none?host=/nowhere", "No such file"),
    ],
)
async def test_a_wrong_address_is_one_clear_line(url: str, words: str) -> None:
    refused = await refusal(url, fresh())
    assert words in refused.message
    assert "ONE_DATABASE_URL" in refused.cure + refused.message


async def test_connections_that_the_server_has_closed_are_replaced(postgres_url: str) -> None:
    database = Database(postgres_url, "one")
    await database.start()
    connection = await database.connect()
    try:
        for opened in (database.read, database.write):
            async with opened() as tx:
                record = await tx.row("SELECT pg_backend_pid()")
            assert record is not None
            await connection.execute("SELECT pg_terminate_backend(%s, 5000)", record)
            for _ in range(3):
                async with opened() as tx:
                    assert await tx.row("SELECT 1") == (1,)
    finally:
        await connection.close()
        await database.close()
