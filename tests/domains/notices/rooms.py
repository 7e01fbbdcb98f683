"""What the tests of notices share: the room called as somebody, in a transaction of its own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from pydantic import JsonValue

from one.clock import new_id
from one.domains.notices import Delivered, Notice, tell
from one.runtime import Context, Deployment
from one.settings import Settings
from one.store import EntityAsk, Patch, Viewer
from one.store.outbox import Letter, letters
from one.store.rows import Properties
from tests.world import World, id_of


@asynccontextmanager
async def acting(world: World, viewer: Viewer) -> AsyncGenerator[Context]:
    """A context to write in, as somebody."""
    deployment = Deployment(Settings(mode="test"), world.desk)
    async with world.write(viewer) as store:
        yield Context(store, viewer, world.space, deployment)


async def told(world: World, author: Viewer, *people: Viewer, **more: Any) -> Delivered:
    """Tells people of something as a run does."""
    notice = replace(Notice(about="Your course is ready", key=str(new_id())), **more)
    async with acting(world, author) as ctx:
        return await tell(ctx, notice, to=[id_of(person) for person in people])


async def fan(world: World, name: str = "Ben", **properties: JsonValue) -> Viewer:
    """An audience member with an address."""
    person = await world.person("audience_member", name)
    address = f"{name.lower()}-{str(person.id)[-6:]}@example.com"
    async with world.write() as store:
        await store.update(id_of(person), Patch(properties={"email": address, **properties}))
    return person


async def follower(world: World, author: Viewer, name: str = "Ben") -> Viewer:
    """A fan who follows an author."""
    person = await fan(world, name)
    await world.connect("following", id_of(person), id_of(author))
    return person


async def outbox(world: World) -> list[Letter]:
    """All of it, the oldest first."""
    async with world.read() as store:
        return (await letters(store.session, status=None, before=None, limit=1_000))[::-1]


async def inbox(world: World, viewer: Viewer) -> list[Properties]:
    """What somebody was told, the newest first."""
    async with world.read(viewer) as store:
        page = await store.entities(EntityAsk(types=("notification",)), limit=200)
    return [notice.properties for notice in page.items]


def ids(*people: Viewer) -> list[str]:
    return [str(id_of(person)) for person in people]
