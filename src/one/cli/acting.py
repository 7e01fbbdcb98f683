"""Acting in the terminal: an App of one's own, one transaction, as the staff or as somebody."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

import click

from one import app
from one.errors import NotFound
from one.runtime import Context
from one.settings import Settings, read_settings
from one.store import DEFAULT_SPACE, PLATFORM, Store, Viewer, revisions

ResultT = TypeVar("ResultT")
STAFF = Viewer(PLATFORM, "staff")
in_space = click.option("--space", type=click.UUID, default=DEFAULT_SPACE, help="Another space.")


def here() -> Settings:
    """The settings of this folder; says so where nothing is kept in it yet."""
    settings = read_settings()
    if not settings.database_url and not (settings.data / "postgres").exists():
        click.echo(f"Nothing is kept in {settings.data.resolve()} yet: it begins empty.", err=True)
    return settings


def acting(act: Callable[[Context], Awaitable[ResultT]], *, space: UUID) -> ResultT:
    """What `act` gives in a transaction of the staff's."""

    async def acted() -> ResultT:
        async with app.build(here()) as built:
            built.known_space(space)
            async with built.desk.write(space, STAFF) as store:
                return await act(Context(store, STAFF, space, built.deployment))

    return asyncio.run(acted())


def looking(look: Callable[[Context], Awaitable[ResultT]], *, space: UUID) -> ResultT:
    """What `look` gives, all of which is of one moment, to the staff."""

    async def looked() -> ResultT:
        async with app.build(here()) as built:
            built.known_space(space)
            async with built.desk.read(space, STAFF) as store:
                return await look(Context(store, STAFF, space, built.deployment))

    return asyncio.run(looked())


async def somebody(store: Store, who: str) -> UUID:
    """A person by handle or id. Raises NotFound."""
    found = await revisions.author_called(store.session, who.removeprefix("@").lower())
    if found is not None:
        return found
    try:
        return (await store.get(UUID(who))).id
    except ValueError:
        raise NotFound(
            f"Nobody has the handle {who}.", cure="Give a handle, or the id of a person."
        ) from None


async def as_somebody(ctx: Context, who: str) -> Context:
    """The same transaction with somebody's own eyes and hands. Raises NotFound."""
    viewer = Viewer(await somebody(ctx.store, who), "person")
    session = ctx.deployment.desk.session_of(ctx.store.session.tx, ctx.space, viewer)
    return replace(ctx, store=Store(session), actor=viewer)
