"""A run that is told to stop, at any time, has taken back what it did when it is over."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import JsonValue

from one.errors import Conflict
from one.runtime.durable import Looping, Run, cancel
from tests.runtime.durable import Shelf, begins, mark, marks
from tests.world import World

pytestmark = pytest.mark.anyio
RUNS = 30


async def test_what_is_cancelled_at_any_time_is_taken_back_whole(world: World) -> None:
    shelf, chance = Shelf(world), random.Random(3)
    thing = (await world.course()).id

    async def main(run: Run, input: dict[str, JsonValue]) -> JsonValue:
        async def body(run: Run) -> JsonValue:
            async def item(run: Run, value: JsonValue) -> JsonValue:
                word = f"{input['name']}-{value}"

                async def back(run: Run) -> JsonValue:
                    return await mark(run, "1", thing, f"{word}-back")

                await mark(run, "1", thing, word)
                outer.undo_by(str(value), back)
                await asyncio.sleep(0.02)
                await run.wait("2", timedelta(seconds=0.1))
                return value

            outer = run
            items: list[JsonValue] = ["a", "b", "c"]
            return len(await run.each("1", items, body=item, how=Looping(parallel=True)))

        return await run.together("1", body)

    shelf.put("a", main)
    async with shelf.working(), shelf.working() as engine:
        runs: dict[str, UUID] = {}
        for n in range(RUNS):
            runs[f"r{n}"] = await engine.start(world.space, begins("a", name=f"r{n}"))
            await asyncio.sleep(chance.random() * 0.2)
            with suppress(Conflict):  # it is over
                async with world.write() as store:
                    await cancel(store.session, runs[f"r{n}"])
        ended = {name: (await shelf.ended(engine, run)).status for name, run in runs.items()}
    left = Counter(await marks(world, thing))
    assert set(left.values()) == {1}
    for name, status in ended.items():
        for value in "abc":
            word = f"{name}-{value}"
            assert (word in left) == (f"{word}-back" in left or status == "done")
    assert "cancelled" in ended.values()
