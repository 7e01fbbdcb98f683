"""`one db`: the database of the deployment, for those who run it."""

import asyncio
from collections.abc import Iterable

import click

from one import app
from one.clock import Clock, new_id
from one.settings import Settings, read_settings
from one.store import Database, migrate
from one.store.refill import refill
from one.store.state import State, state


@click.group("db")
def command() -> None:
    """The database: how it is, its spaces, its indexed keys."""


@command.command("status")
def status() -> None:
    """Say how the database is: version, schema, sizes, changes in wait, spaces."""
    for line in lines(asyncio.run(_status(read_settings()))):
        click.echo(line)


@command.command("indexes")
def indexes() -> None:
    """Fill the columns of indexed keys where a type declares others than its rows were written
    with. A server does so by itself when it starts; this does it before.
    """
    rows = asyncio.run(_indexes(read_settings()))
    click.echo(f"{rows:,} rows were brought up to date.")


@command.command("add-space")
@click.argument("name")
def add_space(name: str) -> None:
    """Make a space called NAME and print its id, for ONE_SPACES and --space."""
    click.echo(asyncio.run(_add_space(read_settings(), name)))


async def _status(settings: Settings) -> State:
    database = await Database.open(settings, size=2)
    try:
        return await state(database, app.vocabulary(settings), now=Clock().now())
    finally:
        await database.close()


async def _indexes(settings: Settings) -> int:
    database = await Database.open(settings, size=2)
    try:
        await migrate(database, now=Clock().now())
        return await refill(database, app.vocabulary(settings), report=told)
    finally:
        await database.close()


def told(table: str, rows: int) -> None:
    """Progress of filling in keys, on stderr."""
    click.echo(f"Indexed keys of {table}: {rows:,} rows", err=True)


async def _add_space(settings: Settings, name: str) -> str:
    async with app.build(settings.model_copy(update={"spaces": {}})) as built:
        space = new_id()
        await built.desk.add_space(space, name)
        return str(space)


def lines(found: State) -> Iterable[str]:
    """A state for a person to read."""
    yield f"PostgreSQL {found.server}, schema {found.schema}"
    for name, at in found.applied:
        yield f"  {name}  applied {at:%Y-%m-%d %H:%M}"
    for name in found.missing:
        yield f"  {name}  not applied yet: `one serve` does so"
    if found.missing:
        return
    leads = "" if found.led else "; no server is running that would"
    waits = f", the oldest for {found.lag.total_seconds():.1f} s" if found.queued else ""
    yield f"Changes in wait for their position: {found.queued:,}{waits}{leads}"
    for table, types in found.outdated:
        yield f"Indexed keys to be filled in {table}: {', '.join(types)}; `one db indexes` does so"
    yield "Spaces"
    for space in found.spaces:
        yield f"  {space.id}  {space.name}  {space.position:,} changes"
    yield f"{'Tables':<24}{'rows, about':>14}{'size':>12}{'of it indexes':>16}"
    for size in found.sizes:
        yield f"  {size.table:<22}{size.rows:>14,}{_of(size.bytes):>12}{_of(size.index_bytes):>16}"
    total = sum(size.bytes for size in found.sizes)
    yield f"  {'all':<22}{'':>14}{_of(total):>12}"


def _of(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1024:
            return f"{size:,.0f} {unit}"
        size /= 1024
    return f"{size:,.1f} GB"
