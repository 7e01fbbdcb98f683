"""The runs room over HTTP: who sees a run, who holds its reins, and its stream."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from httpx import AsyncClient
from pydantic import JsonValue

from one.clock import new_id
from one.errors import Outside
from one.runtime.durable import Calling, Engine, Run, Start, start
from one.store import Viewer
from tests.domains.conftest import Client
from tests.runtime.durable import Shelf
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
Input = dict[str, JsonValue]


@pytest.fixture
def shelf(world: World) -> Shelf:
    made = Shelf(world)

    async def sleeps(run: Run, input: Input) -> JsonValue:
        await run.progress("1", "half way", share=0.5)
        return await run.wait_for("2", "paid", longest=timedelta(days=1))

    async def fails(run: Run, input: Input) -> JsonValue:
        async def act(key: str) -> JsonValue:
            raise Outside("card no-funds-on-7c declined", outcome="not_done", retryable=False)

        return await run.call("1", act, operation="charge")

    async def blind(run: Run, input: Input) -> JsonValue:
        async def act(key: str) -> JsonValue:
            raise Outside("cut off", outcome="unknown", retryable=False)

        return await run.call("1", act, operation="post", calling=Calling(repeat="blind"))

    for main in (sleeps, fails, blind):
        made.put(main.__name__, main)
    return made


@pytest.fixture
async def engine(shelf: Shelf) -> AsyncGenerator[Engine]:
    async with shelf.working() as engine:
        yield engine


async def begun(world: World, digest: str, author: Viewer, runner: Viewer) -> UUID:
    async with world.write() as store:
        run = Start(feature=digest, digest=digest, author=author, runner=id_of(runner), input={})
        return await start(store.session, run)


async def people(world: World) -> tuple[Viewer, Viewer, Viewer]:
    return await world.person(), await world.person(name="Ben"), await world.person(name="Cy")


async def test_the_runner_and_the_author_see_a_run_and_nobody_else(
    world: World, client: Client, shelf: Shelf, engine: Engine
) -> None:
    author, runner, other = await people(world)
    run = await begun(world, "sleeps", author, runner)
    await shelf.become(run, "waiting")
    for viewer, status in ((author, 200), (runner, 200), (other, 404)):
        found = await (await client(viewer)).get(f"/api/runs/{run}")
        assert found.status_code == status
        listed = (await (await client(viewer)).get("/api/runs")).json()["items"]
        assert [item["id"] for item in listed] == ([str(run)] if status == 200 else [])
    assert (await (await client(None)).get(f"/api/runs/{run}")).status_code == 401


async def test_only_the_author_signals_and_the_runner_may_cancel(
    world: World, client: Client, shelf: Shelf, engine: Engine
) -> None:
    author, runner, other = await people(world)
    first = await begun(world, "sleeps", author, runner)
    second = await begun(world, "sleeps", author, runner)
    said = {"topic": "paid", "payload": {"amount": 5}}
    for viewer, status in ((other, 404), (runner, 403), (author, 200)):
        answer = await (await client(viewer)).post(f"/api/runs/{first}/signal", json=said)
        assert answer.status_code == status
    for viewer, status in ((other, 404), (runner, 200)):
        answer = await (await client(viewer)).post(f"/api/runs/{second}/cancel", json={})
        assert answer.status_code == status
    assert (await shelf.ended(engine, first)).output == {"amount": 5}
    assert (await shelf.ended(engine, second)).status == "cancelled"
    over = await (await client(author)).post(f"/api/runs/{second}/cancel", json={})
    assert over.status_code == 409


async def test_the_runner_never_reads_what_a_service_said(
    world: World, client: Client, shelf: Shelf, engine: Engine
) -> None:
    author, runner, _ = await people(world)
    run = await begun(world, "fails", author, runner)
    await shelf.ended(engine, run)
    assert "no-funds-on-7c" not in (await (await client(runner)).get(f"/api/runs/{run}")).text
    assert "no-funds-on-7c" in (await (await client(author)).get(f"/api/runs/{run}")).text


async def test_a_person_decides_on_a_call_of_unknown_outcome(
    world: World, client: Client, shelf: Shelf, engine: Engine
) -> None:
    author, runner, _ = await people(world)
    run = await begun(world, "blind", author, runner)
    await shelf.become(run, "stopped")
    wrong = {"path": "9", "done": True}
    said = {"path": "1", "done": True, "result": "posted"}
    mine = await client(author)
    assert (await mine.post(f"/api/runs/{run}/decide", json=wrong)).status_code == 409
    assert (await mine.post(f"/api/runs/{run}/decide", json=said)).status_code == 200
    assert (await shelf.ended(engine, run)).output == "posted"


async def events(client: AsyncClient, run: UUID, last: str = "0") -> list[tuple[str, str, object]]:
    """The whole stream of a run: event, id, data."""
    answer = await client.get(f"/api/runs/{run}/stream", headers={"last-event-id": last})
    assert answer.status_code == 200, answer.text
    pieces = [piece.split("\n") for piece in answer.text.split("\n\n") if "event: " in piece]
    return [(name[7:], id[4:], orjson.loads(data[6:])) for name, id, data in pieces]


async def test_a_stream_tells_each_step_once_and_goes_on_where_it_was(
    world: World, client: Client, shelf: Shelf, engine: Engine
) -> None:
    author, runner, _ = await people(world)
    run = await begun(world, "sleeps", author, runner)
    mine = await client(author)
    reading = asyncio.ensure_future(events(await client(runner), run))
    await shelf.become(run, "waiting")
    said = {"topic": "paid", "payload": 7}
    assert (await mine.post(f"/api/runs/{run}/signal", json=said)).status_code == 200
    told = await asyncio.wait_for(reading, 20)
    steps = [(id, data["operation"], data["status"]) for name, id, data in told if name == "step"]  # pyright: ignore[reportIndexIssue, reportUnknownVariableType] # JSON
    assert steps[0] == ("1", "progress", "done")
    assert steps[-1] == ("3", "wait for", "done")
    assert told[-1][0] == "run"
    rest = await events(mine, run, last="1")
    assert [id for name, id, _ in rest if name == "step"] == ["3"]
    unknown = await mine.get(f"/api/runs/{new_id()}/stream")
    assert unknown.status_code == 404
