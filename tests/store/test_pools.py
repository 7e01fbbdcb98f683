"""The pools of connections: who is cancelled is cancelled, and no connection is lost by it."""

import asyncio

import pytest

from one.clock import new_id
from one.store import Database

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("turns", range(8))
async def test_who_is_cancelled_while_handed_a_connection_is_cancelled(
    postgres_url: str, turns: int
) -> None:
    database = Database(postgres_url, f"pools_{new_id().hex[-12:]}", size=2)
    await database.start()
    reached = False

    async def ask() -> None:
        nonlocal reached
        async with database.read(snapshot=False):
            reached = True
            await asyncio.sleep(9)

    try:
        async with database.read(snapshot=False), asyncio.timeout(20):
            async with database.read(snapshot=False):
                task = asyncio.ensure_future(ask())
                await asyncio.sleep(0.05)
                assert not reached, "there is no connection left"
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            async with database.read(snapshot=False) as tx:
                assert await tx.row("SELECT 1") == (1,), "the connection is there again"
    finally:
        await database.close()
