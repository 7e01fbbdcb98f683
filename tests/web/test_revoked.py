"""A token that is ended in one process is ended in all."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from httpx import AsyncClient

from one.clock import Clock
from one.ontology import load
from one.store import Desk, actors
from one.store.sequencer import Sequencer
from tests.web.serving import served
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


async def comes_true(told: Callable[[], Awaitable[bool]]) -> bool:
    for _ in range(500):
        if await told():
            return True
        await asyncio.sleep(0.02)
    return False


async def test_another_process_refuses_what_one_has_ended(
    postgres_url: str, tmp_path: Path
) -> None:
    async with (
        served(postgres_url, tmp_path) as one,
        served(postgres_url, tmp_path) as other,
        AsyncClient(base_url=one.url) as here,
        AsyncClient(base_url=other.url) as there,
    ):
        owner = {"authorization": f"Bearer {(tmp_path / 'owner-token').read_text().strip()}"}
        made = await here.post("/api/tokens", json={"name": "lent"}, headers=owner)
        lent = {"authorization": f"Bearer {made.json()['secret']}"}
        assert (await there.get("/api/tokens", headers=lent)).status_code == 200
        ended = await here.delete(f"/api/tokens/{made.json()['token']['id']}", headers=owner)
        assert ended.is_success, ended.text

        async def refused() -> bool:
            return (await there.get("/api/tokens", headers=lent)).status_code == 401

        assert await comes_true(refused)
        for client in (here, there):
            assert (await client.get("/api/tokens", headers=owner)).status_code == 200


async def test_news_ends_a_token_before_it_is_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actors, "LONGEST", 3_600)
    other = await Desk.open(world.desk.database, load(None), clock=Clock())
    services = [asyncio.ensure_future(other.hub.run())]
    services.append(asyncio.ensure_future(Sequencer(world.desk.database).run()))
    try:
        ana = await world.person()
        async with world.write() as store:
            token, secret = await store.issue_token(entity=id_of(ana), role="person", name="lent")
        assert await other.viewer_of(world.space, secret) == ana
        async with world.write() as store:
            await store.revoke_token(token.id)

        async def refused() -> bool:
            return await other.viewer_of(world.space, secret) is None

        assert await comes_true(refused)
    finally:
        for service in services:
            service.cancel()
        await asyncio.gather(*services, return_exceptions=True)
