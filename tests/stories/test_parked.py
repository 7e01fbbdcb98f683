"""Features that are parked anywhere go on though ONE was upgraded meanwhile: their code is written
anew from their programs, and does what it would have done.
"""

from collections.abc import Sequence
from datetime import timedelta

import anyio
import pytest
from httpx import AsyncClient
from pydantic import JsonValue

from one.clock import Clock
from one.compiler.emit import Emitted, emit
from one.compiler.program import Program
from one.compiler.vocabulary import Vocabulary
from one.store import Desk
from one.store.steps import Step, journal_of
from one.workshop import gate, shelf
from tests.workshop.conftest import Town, town_of
from tests.workshop.test_calling import deploy
from tests.world import STAFF, World

pytestmark = pytest.mark.anyio
LOOP = """FEATURE: Drip lessons
INPUT:
  - lessons: list of texts
OUTPUT:
  - sent: what was sent
SET sent to "nothing"
FOR EACH lesson IN lessons:
  TAG me WITH topic:[lesson]
  WAIT 1 hour
  TRY UP TO 2 TIMES:
    CALL OpenAI to summarize WITH lesson SAVE AS short
  SET sent to lesson
GIVE sent
"""
BESIDE = """FEATURE: Look from two sides
INPUT:
  - notes: text of the notes
OUTPUT:
  - summary: what it says
DO AT SAME TIME:
  - CALL OpenAI to summarize WITH notes SAVE AS summary
  - WAIT 1 hour
  - TAG me WITH topic:beside
WAIT FOR ALL TO FINISH
TAG me WITH topic:after
GIVE summary
"""
TRIED = """FEATURE: Try it slowly
INPUT:
  - price: how many dollars
OUTPUT:
  - said: what came of it
SET said to "well"
TRY:
  TAG me WITH topic:tried
  WAIT 1 hour
  CHECK price is more than $5
IF IT FAILS:
  TAG me WITH topic:rescued
  SET said to "badly"
ALWAYS DO:
  WAIT 30 minutes
  TAG me WITH topic:always
GIVE said
"""
WAITED = """FEATURE: Wait for the doors
INPUT:
  - name: what to call them
OUTPUT:
  - said: what came
TAG me WITH topic:[name]
WAIT until doors open TIMEOUT after 90 minutes SAVE AS opened
IF opened exists THEN TAG me WITH topic:open
ELSE TAG me WITH topic:late
GIVE said "Good evening [name]"
"""
CHILD = """FEATURE: Have it done
INPUT:
  - name: what to call them
OUTPUT:
  - heard: what was said
TAG me WITH topic:before
USE FEATURE "Wait for the doors" WITH name SAVE AS heard
TAG me WITH topic:[name]
GIVE heard
"""
GIVEN: dict[str, tuple[str, dict[str, JsonValue], dict[str, JsonValue]]] = {
    "drip_lessons": (LOOP, {"lessons": ["one", "two", "three"]}, {"sent": "three"}),
    "look_from_two_sides": (BESIDE, {"notes": "Rest."}, {}),
    "try_it_slowly": (TRIED, {"price": {"amount": 300, "currency": "usd"}}, {"said": "badly"}),
    "wait_for_the_doors": (WAITED, {"name": "Bo"}, {"said": "Good evening Bo"}),
    "have_it_done": (CHILD, {"name": "Ana"}, {"heard": "Good evening Ana"}),
}


@pytest.fixture
async def world(desk: Desk) -> World:
    """A world with a time of its own."""
    return await World.made(desk.with_clock(Clock()))


async def begin(client: AsyncClient) -> dict[str, str]:
    """The address of a run of each."""
    begun: dict[str, str] = {}
    for slug, (_, given, _) in GIVEN.items():
        answer = await client.post(
            f"/api/features/{slug}", json=given, headers={"prefer": "wait=0"}
        )
        assert answer.status_code == 202, answer.text
        begun[slug] = answer.headers["location"]
    return begun


async def told(client: AsyncClient, runs: dict[str, str]) -> dict[str, dict[str, JsonValue]]:
    return {slug: (await client.get(at)).json()["run"] for slug, at in runs.items()}


async def asleep(client: AsyncClient, runs: dict[str, str]) -> None:
    with anyio.fail_after(30):
        while {str(run["status"]) for run in (await told(client, runs)).values()} != {"waiting"}:  # noqa: ASYNC110 # in the database
            await anyio.sleep(0.05)


async def over(town: Town, client: AsyncClient, runs: dict[str, str]) -> None:
    """Half an hour after the other, until all have ended."""
    with anyio.fail_after(60):
        while any(run["endedAt"] is None for run in (await told(client, runs)).values()):
            town.world.desk.clock.offset += timedelta(minutes=31)
            await anyio.sleep(0.5)


async def journals(world: World, runs: dict[str, str]) -> dict[str, list[Step]]:
    """What the runs and those that they began have done."""
    found: dict[str, list[Step]] = {}
    async with world.read() as store:
        tx = store.session.tx
        for slug, at in runs.items():
            family = await tx.rows(
                "SELECT id FROM runs WHERE space_id = %(s)s AND %(id)s::uuid IN (id, parent_id)"
                " ORDER BY created_at, id",
                {"s": world.space, "id": at.rsplit("/", 1)[1]},
            )
            found[slug] = [
                step
                for (id,) in family
                for step in await journal_of(tx, world.space, run=id)  # pyright: ignore[reportArgumentType] # ids
            ]
    return found


def places(steps: Sequence[Step]) -> list[tuple[str, str, str]]:
    """What was done where, and how it went, whichever branch came first."""
    return sorted((step.path, step.operation, step.status) for step in steps)


def upgraded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An emitter of another version, whose code is another text."""

    def anew(program: Program, vocabulary: Vocabulary, **told: object) -> Emitted:
        made = emit(program, vocabulary, **told)  # pyright: ignore[reportArgumentType] # as it came
        module = f"{made.module}\n# written by a later version\n"
        return Emitted(made.slug, module, made.errors, made.durable)

    monkeypatch.setattr(gate, "emit", anew)
    monkeypatch.setattr(shelf, "EMITTER", "later")


async def test_parked_runs_go_on_as_if_nothing_had_been_upgraded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = town_of(world)
    client = await old.as_(STAFF)
    for text, _, _ in GIVEN.values():
        await deploy(client, text)
    async with old.working():
        straight = await begin(client)
        await asleep(client, straight)
        await over(old, client, straight)
        parked = await begin(client)
        await asleep(client, parked)
    before = await journals(world, parked)
    assert all(len(steps) > 1 for steps in before.values())
    upgraded(monkeypatch)
    new = town_of(world)
    client = await new.as_(STAFF)
    async with new.working():
        await over(new, client, parked)
    ended, after = await told(client, parked), await journals(world, parked)
    for slug, (_, _, gives) in GIVEN.items():
        assert ended[slug]["status"] == "done", (slug, ended[slug])
        assert gives.items() <= ended[slug]["output"].items()  # pyright: ignore
        kept = [step for step in before[slug] if step.status == "done"]
        assert [step for step in after[slug] if step in kept] == kept, slug
    uninterrupted = await journals(world, straight)
    for slug, steps in uninterrupted.items():
        assert places(after[slug]) == places(steps), slug
    async with world.read() as store:
        rows = await store.session.tx.rows(
            "SELECT module FROM emitted WHERE emitter = 'later' AND space_id = %(s)s",
            {"s": world.space},
        )
    assert len(rows) == len(GIVEN)
    assert all("written by a later version" in str(module) for (module,) in rows)
