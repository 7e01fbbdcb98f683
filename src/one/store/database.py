"""Connections, transactions and what PostgreSQL's refusals mean. The only place that commits.

Two pools: `write` gives one transaction; `read` gives a read-only connection, on which a single
statement is its own snapshot and several share one when asked for.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import orjson
import psycopg
from psycopg import errors as pg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from one.clock import monotonic
from one.errors import Conflict, Invalid, Outside
from one.settings import Settings
from one.store import embedded

Value = object
Record = tuple[Value, ...]
Params = Mapping[str, Value] | Sequence[Value]
Connection = psycopg.AsyncConnection[Record]

logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # what it warns of is told in our words
set_json_loads(orjson.loads)
set_json_dumps(orjson.dumps)


class Contended(Conflict):
    """Two transactions met; the same one may simply be tried again."""


class Clash(Conflict):
    """A unique key was taken by somebody else in the meantime."""


def unavailable() -> Outside:
    return Outside(
        "The database can't be reached right now.",
        cure="Try again in a few seconds; nothing was changed.",
        outcome="unknown",
        retryable=True,
    )


@lru_cache(maxsize=500)
def _encoded(sql: str) -> bytes:
    """The statement for the driver, which knows the same bytes again without reading them."""
    return sql.encode()


@dataclass(frozen=True, slots=True)
class Premise:
    """What has to hold for the first statement to count: a condition, whose parameters no other
    statement has.
    """

    sql: str
    params: Mapping[str, Value]


class Fallen(Exception):
    """What was taken to hold, holds no longer."""


@lru_cache(maxsize=500)
def _beside(condition: str, sql: str) -> str:
    """A query with the condition and whether there is such a row before each of its rows; without
    any, the condition stands alone.
    """
    return (
        f"SELECT p.held, q.* FROM (SELECT ({condition}) AS held) p"
        f" LEFT JOIN LATERAL (SELECT true AS there, q.* FROM ({sql}) q) q ON true"
    )


class Transaction:
    """Runs SQL on one connection and counts it. Statements are text with `%(name)s` parameters.

    `ends_tokens` says that who acts with a token has to be looked up anew after it. A `premise` is
    asked for together with the first statement; without it that raises Fallen.
    """

    def __init__(self, connection: Connection, premise: Premise | None = None) -> None:
        self._connection = connection
        self._premise = premise
        self.queries = 0
        self.ends_tokens = False

    @property
    def raw(self) -> Connection:
        """The driver's connection, for COPY and server-side cursors inside the store."""
        return self._connection

    async def _execute(self, sql: str, params: Params | None) -> psycopg.AsyncCursor[Record]:
        self.queries += 1
        try:
            return await self._connection.execute(_encoded(sql), params)
        except psycopg.Error as error:
            raise translate(error) from error

    async def rows(self, sql: str, params: Params | None = None) -> list[Record]:
        """All rows of a query."""
        if self._premise is not None:
            return await self._supposing(self._premise, sql, params)
        return await (await self._execute(sql, params)).fetchall()

    async def row(self, sql: str, params: Params | None = None) -> Record | None:
        """The first row of a query."""
        if self._premise is not None:
            return next(iter(await self._supposing(self._premise, sql, params)), None)
        return await (await self._execute(sql, params)).fetchone()

    async def _supposing(self, premise: Premise, sql: str, params: Params | None) -> list[Record]:
        """The rows of a query and whether the premise holds, in one statement."""
        assert params is None or isinstance(params, Mapping), "parameters have names"
        both = {**(params or {}), **premise.params}
        found = await (await self._execute(_beside(premise.sql, sql), both)).fetchall()
        if not found[0][0]:
            raise Fallen
        self._premise = None
        return [record[2:] for record in found if record[1]]

    async def run(self, sql: str, params: Params | None = None) -> int:
        """Runs a statement; how many rows it touched."""
        return (await self._execute(sql, params)).rowcount

    @asynccontextmanager
    async def part(self) -> AsyncGenerator[None]:
        """What is undone alone when it fails, and the rest of the transaction goes on."""
        self.queries += 2
        async with self._connection.transaction():
            yield


def translate(error: psycopg.Error) -> Exception:
    """The meaning of a SQLSTATE; an unknown one stays what it is, a bug."""
    match error:
        case pg.SerializationFailure() | pg.DeadlockDetected():
            return Contended("Somebody else was changing the same things.", cure="Try again.")
        case pg.LockNotAvailable():
            return Contended(
                "Somebody else is still changing the same thing.", cure="Try again in a moment."
            )
        case pg.UniqueViolation() | pg.ForeignKeyViolation():
            return Clash("This clashes with something that was just changed.", cure="Try again.")
        case pg.QueryCanceled():
            return Contended("This took too long and was stopped.", cure="Ask for less at once.")
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return unavailable()
        case _:
            return error


OLDEST = 15
RECOVERY = 60.0  # seconds that a start waits for a PostgreSQL that was killed to be there again
_CURES = (
    ("password authentication failed", "Correct the user or the password in ONE_DATABASE_URL."),
    ("no password supplied", "Put the password into ONE_DATABASE_URL, or into PGPASSWORD."),
    ("no pg_hba.conf entry", "Let this user in from here: a line in the server's pg_hba.conf."),
    ("permission denied", "As its owner: GRANT CONNECT ON DATABASE … TO this user;"),
    ('role "', "Make the user, or correct it in ONE_DATABASE_URL."),
    ('database "', "Make it with CREATE DATABASE, or correct its name in ONE_DATABASE_URL."),
    ("too many", "Give the server more max_connections, or the user more."),
    ("starting up", "Wait until the server has recovered, then start again."),
)


async def greet(dsn: str) -> None:
    """Says why a PostgreSQL can't be used, in the server's words. Raises Invalid, Outside,
    Conflict."""
    try:
        conninfo = make_conninfo(dsn, application_name="one", connect_timeout=5)
        for port in str(conninfo_to_dict(conninfo).get("port") or "").split(","):
            int(port or 0)  # the driver would blame the host
    except (psycopg.ProgrammingError, ValueError):
        raise Invalid(
            "ONE_DATABASE_URL is not the address of a PostgreSQL.",
            cure="Write it as postgresql://user:password@host:5432/database.",
        ) from None
    try:
        version = await _version(conninfo)
    except psycopg.Error as error:
        raise _refused(str(error)) from error
    if version < OLDEST:
        raise Conflict(
            f"The PostgreSQL that ONE_DATABASE_URL names is version {version}.",
            cure=f"ONE needs {OLDEST} or newer.",
        )


async def _version(conninfo: str) -> int:
    """The main version, once a server that recovers from a crash lets us in."""
    until = monotonic() + RECOVERY
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(conninfo) as connection:
                return connection.info.server_version // 10_000
        except psycopg.OperationalError as error:
            if "starting up" not in str(error) or monotonic() > until:
                raise
        await asyncio.sleep(0.2)


def _refused(said: str) -> Outside:
    """Of all that the driver tells of its attempts, what was said of the last."""
    lines = said.strip().splitlines()
    last = [line for line in lines if "failed:" in line][-1:] or lines[:1]
    reason = last[0].rpartition("failed:")[2].rpartition("FATAL:")[2].strip().rstrip(".")
    near = "Start it, or correct the host and the port in ONE_DATABASE_URL."
    cure = next((cure for words, cure in _CURES if words in reason), near)
    return Outside(
        f"The database can't be reached: {reason}.", cure=cure, outcome="not_done", retryable=True
    )


class Database:
    """The pools of one deployment's schema."""

    def __init__(self, dsn: str, schema: str, *, size: int = 10) -> None:
        self.dsn = dsn
        self.schema = schema
        self._writes = _pool(self.conninfo(), size)
        self._reads = _pool(self.conninfo(read_only=True), size)

    @classmethod
    async def open(cls, settings: Settings, *, size: int = 10) -> Self:
        """Connects; starts the embedded PostgreSQL when no other is given.

        Raises Invalid, Outside or Conflict for a PostgreSQL that can't be used.
        """
        dsn = settings.database_url or embedded.start(settings.data / "postgres")
        await greet(dsn)
        database = cls(dsn, settings.schema_name, size=size)
        await database.start()
        return database

    async def start(self) -> None:
        """Opens the pools; needed before `write` and `read`."""
        for pool in (self._writes, self._reads):
            await pool.open()

    async def close(self) -> None:
        await self._writes.close()
        await self._reads.close()

    def conninfo(self, *, read_only: bool = False) -> str:
        """A connection string that lands in the deployment's schema, in UTC."""
        facts = {
            "search_path": f"{self.schema},public",
            "timezone": "UTC",
            "statement_timeout": "30s",
            "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "60s",
        }
        if read_only:
            facts["default_transaction_read_only"] = "on"
        options = " ".join(f"-c {name}={value}" for name, value in facts.items())
        return make_conninfo(self.dsn, options=options, application_name="one", connect_timeout=5)

    async def connect(self) -> Connection:
        """A connection of one's own, outside the pools: for long work and LISTEN."""
        try:
            return await psycopg.AsyncConnection.connect(self.conninfo(), autocommit=True)
        except psycopg.Error as error:
            raise translate(error) from error

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Transaction]:
        """One transaction: all of what is run inside, or none of it."""
        async with _borrowed(self._writes, b"BEGIN") as connection:
            try:
                yield Transaction(connection)
            except BaseException:
                await _give_up(connection)
                raise
            try:
                await connection.execute(b"COMMIT")
            except psycopg.Error as error:
                raise translate(error) from error

    @asynccontextmanager
    async def read(
        self, *, snapshot: bool = True, premise: Premise | None = None
    ) -> AsyncGenerator[Transaction]:
        """A read-only view; with `snapshot`, every statement in it sees the same moment."""
        begins = b"BEGIN ISOLATION LEVEL REPEATABLE READ" if snapshot else b""
        async with _borrowed(self._reads, begins) as connection:
            try:
                yield Transaction(connection, premise)
            finally:
                if snapshot:
                    await _give_up(connection)

    async def ready(self) -> bool:
        """Whether a statement can be run now."""
        try:
            async with self.read(snapshot=False) as transaction:
                return await transaction.row("SELECT 1") is not None
        except Outside:
            return False


def _pool(conninfo: str, size: int) -> AsyncConnectionPool[Connection]:
    return AsyncConnectionPool(
        conninfo,
        min_size=2,
        max_size=size,
        open=False,
        kwargs={"autocommit": True},
        timeout=10,
    )


@asynccontextmanager
async def _borrowed(
    pool: AsyncConnectionPool[Connection], begins: bytes
) -> AsyncGenerator[Connection]:
    """A connection from the pool that has begun; another when the server had closed the first."""
    try:
        connection = await _begun(pool, begins) or await _begun(pool, begins)
    except (PoolTimeout, psycopg.OperationalError) as error:
        raise unavailable() from error
    if connection is None:
        raise unavailable()
    try:
        yield connection
    finally:
        await pool.putconn(connection)


async def _taken(pool: AsyncConnectionPool[Connection]) -> Connection:
    """A connection of the pool's. A task that is cancelled in the moment in which it is handed one
    is cancelled: the pool waits with `asyncio.wait_for`, which before Python 3.12 forgets it then.
    """
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"
    before = task.cancelling()
    connection = await pool.getconn()
    if task.cancelling() > before:
        await pool.putconn(connection)
        raise asyncio.CancelledError
    return connection


async def _begun(pool: AsyncConnectionPool[Connection], begins: bytes) -> Connection | None:
    """Nothing where the connection that the pool gave is broken."""
    connection = await _taken(pool)
    try:
        if begins:
            await connection.execute(begins)
    except BaseException as error:
        await pool.putconn(connection)
        if isinstance(error, psycopg.Error):
            return None
        raise
    return connection


async def _give_up(connection: Connection) -> None:
    if not connection.closed:
        try:
            await connection.execute(b"ROLLBACK")
        except psycopg.Error:
            await connection.close()
