"""Builders: what a test needs to be there, in one line each, in a space of its own."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.store import PLATFORM, Connection, Desk, Draft, Entity, Link, Patch, Store, Viewer

STAFF = Viewer(PLATFORM, "staff")


@dataclass(frozen=True, slots=True)
class World:
    """`write` and `read` open the store as somebody; without a viewer as staff."""

    desk: Desk
    space: UUID

    @classmethod
    async def made(cls, desk: Desk) -> Self:
        """Its desk knows its own space alone: no worker of one test takes the runs of another."""
        space, own = new_id(), Desk(desk.database, desk.ontology, clock=desk.clock, secrets={})
        await own.add_space(space, "A test")
        return cls(own, space)

    async def neighbour(self) -> Self:
        """Another space of the same deployment."""
        space = new_id()
        await self.desk.add_space(space, "Another")
        return type(self)(self.desk, space)

    def write(self, viewer: Viewer = STAFF) -> AbstractAsyncContextManager[Store]:
        return self.desk.write(self.space, viewer)

    @asynccontextmanager
    async def read(self, viewer: Viewer = STAFF) -> AsyncGenerator[Store]:
        async with self.desk.read(self.space, viewer) as store:
            yield store

    async def thing(
        self,
        type: str,
        *,
        by: Viewer = STAFF,
        name: str = "A thing",
        status: str | None = None,
        **properties: JsonValue,
    ) -> Entity:
        async with self.write(by) as store:
            return await store.create(Draft(type, name, properties, status))

    async def person(self, type: str = "creator", name: str = "Ana") -> Viewer:
        async with self.write() as store:
            made = await store.create(Draft(type, name, {}, owned=False))
        return Viewer(made.id, "person")

    async def course(self, *, by: Viewer = STAFF, name: str = "A course") -> Entity:
        """A published course."""
        return await self.thing("course", by=by, name=name, status="published")

    async def connect(self, type: str, from_: UUID, to: UUID, **metadata: JsonValue) -> Connection:
        async with self.write() as store:
            return await store.connect(Link(type, from_, to, metadata))

    async def update(self, id: UUID, by: Viewer = STAFF, **properties: JsonValue) -> Entity:
        async with self.write(by) as store:
            return await store.update(id, Patch(properties=properties))


def id_of(viewer: Viewer) -> UUID:
    assert viewer.id is not None
    return viewer.id
