"""Runs and the studio followed over HTTP: when they are to be read again."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import UUID

import pytest
import uvicorn
from httpx import AsyncClient

from one.app import operations
from one.runtime import Deployment
from one.runtime.durable import Start, start
from one.settings import Settings
from one.store import Viewer
from one.web.glance import described
from one.web.server import create
from tests.domains.conftest import Site
from tests.web.listening import listening
from tests.web.serving import served
from tests.world import World, id_of

pytestmark = pytest.mark.anyio

DRAFT = {"text": "FEATURE: A\n"}


@pytest.fixture
async def url(world: World) -> AsyncGenerator[str]:
    """Where the world's space is served."""
    deployment = Deployment(Settings(mode="test"), world.desk)
    app = create(Site(deployment, operations(), space=world.space))
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server._serve())  # pyright: ignore[reportPrivateUsage] # serve() would take over pytest's signals
    while not server.started:  # noqa: ASYNC110 # uvicorn says it no other way
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    app.leaving.set()
    server.should_exit = True
    await serving


async def client_of(world: World, url: str, viewer: Viewer) -> AsyncClient:
    async with world.write() as store:
        _, secret = await store.issue_token(entity=id_of(viewer), role="person", name="test")
    return AsyncClient(base_url=url, headers={"authorization": f"Bearer {secret}"}, timeout=20)


async def begun(world: World, author: UUID, feature: str = "greet") -> UUID:
    """A run that nobody works off."""
    run = Start(feature=feature, digest="d", author=Viewer(author, "person"), input={})
    async with world.write() as store:
        return await start(store.session, run)


async def test_of_runs_it_is_told_when_one_of_the_list_begins(world: World, url: str) -> None:
    ana, bo = await world.person(), await world.person()
    async with (
        await client_of(world, url, ana) as hers,
        await client_of(world, url, bo) as his,
        listening(hers, "/api/live/runs") as all_of_hers,
        listening(hers, "/api/live/runs", feature="thank", status="pending") as thanks,
        listening(his, "/api/live/runs") as all_of_his,
    ):
        await begun(world, id_of(ana))
        assert (await all_of_hers.next()).name == "resync"
        before = all_of_hers.last_id
        with pytest.raises(TimeoutError):
            await thanks.next(within=1.5)
        await begun(world, id_of(ana), "thank")
        assert (await all_of_hers.next()).name == "resync"
        with pytest.raises(TimeoutError):
            await all_of_his.next(within=1.5)
        async with listening(hers, "/api/live/runs", headers={"Last-Event-ID": before}) as again:
            assert (await again.next()).name == "resync"
        now = {"Last-Event-ID": all_of_hers.last_id}
        async with listening(hers, "/api/live/runs", headers=now) as same:
            with pytest.raises(TimeoutError):
                await same.next(within=1.5)


async def test_of_the_studio_it_is_told_when_a_draft_a_feature_or_a_run_of_it_changes(
    world: World, url: str
) -> None:
    ana, bo = await world.person(), await world.person()
    async with (
        await client_of(world, url, ana) as hers,
        await client_of(world, url, bo) as his,
        listening(hers, "/api/live/studio") as studio,
        listening(his, "/api/live/studio") as other,
    ):
        draft = (await hers.post("/api/drafts", json=DRAFT)).json()
        assert (await studio.next()).name == "resync"
        await hers.put(f"/api/drafts/{draft['id']}", json={"text": "FEATURE: B\n"})
        assert (await studio.next()).name == "resync"
        await begun(world, id_of(ana))
        assert (await studio.next()).name == "resync"
        with pytest.raises(TimeoutError):
            await other.next(within=1.5)


async def test_who_may_not_follow_is_told_before_it_begins(world: World, url: str) -> None:
    async with AsyncClient(base_url=url) as visitor:
        for name in ("runs", "studio"):
            assert (await visitor.get(f"/api/live/{name}")).status_code == 401
        assert (await visitor.get("/api/live/walls")).status_code == 404
        assert (await visitor.options("/api/live/runs")).headers["allow"] == "GET, OPTIONS"
        assert (await visitor.post("/api/live/runs")).status_code == 405
    async with await client_of(world, url, await world.person()) as client:
        wrong = await client.get("/api/live/runs", params={"status": "asleep"})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/status")
    assert described().keys() == {"/api/live/runs", "/api/live/studio"}


async def test_a_server_told_to_stop_ends_them(postgres_url: str, tmp_path: Path) -> None:
    async with served(postgres_url, tmp_path) as server:
        secret = (tmp_path / "owner-token").read_text().strip()
        headers = {"authorization": f"Bearer {secret}"}
        async with (
            AsyncClient(base_url=server.url, headers=headers, timeout=20) as client,
            listening(client, "/api/live/runs") as stream,
        ):
            stopping = asyncio.ensure_future(server.stop(signal.SIGTERM))
            assert await asyncio.wait_for(stream.rest(), 10) == []
            await stopping
