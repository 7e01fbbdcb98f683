"""Repeated requests get the first answer; tokens act until they are over or revoked."""

import asyncio
from datetime import timedelta

import pytest

from one.clock import Clock
from one.errors import Conflict
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


async def answered(world: World, *, digest: str = "d", body: bytes = b"first") -> bytes:
    async with world.write() as store:
        known = await store.recall(operation="op", key="k", digest=digest)
        if known is not None:
            return known.body
        await asyncio.sleep(0.02)
        await store.remember(operation="op", key="k", status=201, answer=body)
    return body


async def test_a_key_gets_the_first_answer(world: World) -> None:
    assert await answered(world) == b"first"
    assert await answered(world, body=b"second") == b"first"


async def test_the_same_key_at_once_is_answered_once(world: World) -> None:
    calls = (answered(world, body=str(at).encode()) for at in range(8))
    assert len(set(await asyncio.gather(*calls))) == 1


async def test_a_key_with_another_body_is_refused(world: World) -> None:
    await answered(world)
    with pytest.raises(Conflict):
        await answered(world, digest="other")


async def test_a_write_that_failed_leaves_its_key_free(world: World) -> None:
    async def failing() -> None:
        async with world.write() as store:
            await store.recall(operation="op", key="k", digest="d")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await failing()
    assert await answered(world) == b"first"


async def test_a_token_acts_until_it_is_revoked_or_over(world: World) -> None:
    ana = await world.person()
    soon = world.desk.clock.now() + timedelta(hours=1)
    async with world.write() as store:
        token, secret = await store.issue_token(
            entity=id_of(ana), role="person", name="phone", expires_at=soon
        )
        _, late = await store.issue_token(
            entity=id_of(ana), role="person", name="old", expires_at=soon - timedelta(hours=2)
        )
    assert await world.desk.viewer_of(world.space, secret) == ana
    assert await world.desk.viewer_of(world.space, late) is None
    assert await world.desk.viewer_of((await world.neighbour()).space, secret) is None
    async with world.write() as store:
        await store.revoke_token(token.id)
    assert await world.desk.viewer_of(world.space, secret) is None


async def test_the_token_of_a_deleted_person_is_over(world: World) -> None:
    ana = await world.person()
    async with world.write() as store:
        _, secret = await store.issue_token(entity=id_of(ana), role="person", name="phone")
        await store.delete(id_of(ana))
    assert await world.desk.viewer_of(world.space, secret) is None


async def test_a_remembered_token_is_over_when_its_time_is(world: World) -> None:
    ana = await world.person()
    clock = Clock()
    desk = world.desk.with_clock(clock)
    async with world.write(ana) as store:
        _, secret = await store.issue_token(
            entity=id_of(ana), role="person", name="short", expires_at=clock.now() + HOUR
        )
    assert await desk.viewer_of(world.space, secret) == ana
    clock.offset = 2 * HOUR
    assert await desk.viewer_of(world.space, secret) is None
