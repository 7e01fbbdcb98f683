"""Asking for a yes: once, answered by the person alone, waking the runs that wait."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import JsonValue

from one.domains.notices import Question, answer_to, ask
from one.runtime import Context
from one.runtime.durable import Run, Start, start
from one.store import Viewer
from one.store.runs import Run as Kept
from tests.domains.conftest import Client
from tests.domains.notices.rooms import acting, fan, inbox
from tests.runtime.durable import Shelf
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def shelf(world: World) -> Shelf:
    """A feature that needs the yes of whom its input names."""
    made = Shelf(world)

    async def needs(run: Run, input: dict[str, JsonValue]) -> JsonValue:
        person = UUID(str(input["person"]))

        async def put(ctx: Context) -> JsonValue:
            question = Question(
                line="follow:1", words="May Ana follow Oz for you?", run=run.id_of_run, topic="yes"
            )
            return await ask(ctx, question, person=person)

        known = await run.step("1", put, operation="ask")
        if known is not None:
            return {"yes": known}
        return await run.wait_for("2", "yes", longest=timedelta(days=7))

    made.put("needs", needs)
    return made


async def begun(world: World, author: Viewer, person: Viewer) -> UUID:
    async with world.write() as store:
        given: dict[str, JsonValue] = {"person": str(person.id)}
        run = Start(feature="needs", digest="needs", author=author, input=given)
        return await start(store.session, run)


async def held(world: World, author: Viewer, person: Viewer) -> bool | None:
    async with acting(world, author) as ctx:
        question = Question(line="follow:1", words="")
        return await answer_to(ctx, question, person=id_of(person))


@pytest.mark.parametrize("yes", [True, False])
async def test_a_person_is_asked_once_and_their_word_wakes_all_who_wait(
    world: World, client: Client, shelf: Shelf, yes: bool
) -> None:
    ana, ben = await world.person(), await fan(world)
    async with shelf.working() as engine:
        runs = [await begun(world, ana, ben) for _ in range(4)]
        await asyncio.gather(*(shelf.become(run, "waiting") for run in runs))
        (notice,) = await inbox(world, ben)
        assert (notice["title"], notice["kind"]) == ("May Ana follow Oz for you?", "request")
        mine = await client(ben)
        (request,) = (await mine.get("/api/notices/requests", params={"open": "true"})).json()[
            "items"
        ]
        assert notice["url"] == f"/api/notices/requests/{request['id']}"
        assert await held(world, ana, ben) is None
        path = f"/api/notices/requests/{request['id']}/answer"
        assert (await (await client(ana)).post(path, json={"yes": True})).status_code == 404
        assert (await mine.post(path, json={"yes": yes})).json()["answer"] is yes
        ended: list[Kept] = [await shelf.ended(engine, run) for run in runs]
        assert [run.output for run in ended] == [{"yes": yes}] * 4
        later = await shelf.ended(engine, await begun(world, ana, ben))
        assert later.output == {"yes": yes}
    assert await held(world, ana, ben) is yes
    assert len(await inbox(world, ben)) == 1


async def test_a_yes_is_taken_back_and_is_of_one_person_author_and_line(
    world: World, client: Client
) -> None:
    ana, oz, ben, cy = [await fan(world, name) for name in ("Ana", "Oz", "Ben", "Cy")]
    question = Question(line="follow:1", words="May I?", run=id_of(ana), topic="yes")
    async with acting(world, ana) as ctx:
        assert await ask(ctx, question, person=id_of(ben)) is None
    mine = await client(ben)
    (request,) = (await mine.get("/api/notices/requests")).json()["items"]
    path = f"/api/notices/requests/{request['id']}/answer"
    for yes in (True, False, True):
        await mine.post(path, json={"yes": yes})
        assert await held(world, ana, ben) is yes
    assert await held(world, oz, ben) is None
    assert await held(world, ana, cy) is None
    async with acting(world, ana) as ctx:
        other = Question(line="follow:2", words="")
        assert await answer_to(ctx, other, person=id_of(ben)) is None
