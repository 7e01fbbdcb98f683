"""A page of every table goes out as the very bytes that its schema describes."""

from typing import TypeVar

import pytest

from one.domains.notices.conversations import Talk
from one.store import (
    ConnectionAsk,
    EntityAsk,
    EventAsk,
    Page,
    Row,
    TagAsk,
)
from one.store.talks import Party
from tests.world import World, id_of

RowT = TypeVar("RowT", bound=Row)
pytestmark = pytest.mark.anyio


async def test_a_page_is_written_as_pydantic_writes_it(world: World) -> None:
    ana, course = await world.person("creator"), await world.course(name="Ärzte \U0001f3b9")
    async with world.write() as store:
        await store.tag(course.id, ["industry:music"])
    async with world.read() as store:
        things = await store.entities(EntityAsk(), limit=2)
        assert things.next
        written(things)
        written(await store.connections(ConnectionAsk()))
        written(await store.events(EventAsk()))
        written(await store.tags(TagAsk()))
        nothing = await store.entities(EntityAsk(types=("nft",)))
        assert nothing.to_json() == b'{"items":[],"next":null}'
    party = Party(id=id_of(ana), name="Ana", type="creator", role=None, last_read=1, muted=False)
    talk = Talk(conversation=things.items[0], parties=[party], unread=0)
    written(Page[Talk](items=[talk, talk], next=None))


def written(page: Page[RowT]) -> None:
    assert page.items
    assert page.to_json() == page.model_dump_json(by_alias=True).encode()
