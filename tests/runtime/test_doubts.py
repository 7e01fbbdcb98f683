"""Calls of the outside of which it is not known whether they were done: none is made twice."""

from datetime import timedelta
from uuid import UUID

import anyio
import pytest
from pydantic import JsonValue

from one.errors import Conflict, Outside
from one.ontology.services import Repeat
from one.providers.base import of_status
from one.runtime.durable import Calling, Run
from tests.runtime.durable import Shelf, begins, mark, marks

pytestmark = pytest.mark.anyio
Input = dict[str, JsonValue]
SOON = timedelta(seconds=0.1)


async def test_what_nobody_could_look_up_is_not_made_again(shelf: Shelf) -> None:
    done: list[str] = []
    asked: list[str] = []

    async def transfer(key: str) -> JsonValue:
        done.append(key)
        raise Outside("cut off", outcome="unknown", retryable=True)

    async def lookup(key: str) -> JsonValue:
        asked.append(key)
        if len(asked) <= 2:
            raise Outside("too many calls", outcome="not_done", retryable=True)
        return "sent"

    async def main(run: Run, input: Input) -> JsonValue:
        calling = Calling(repeat="lookup", lookup=lookup, pause=SOON)
        return await run.call("1", transfer, operation="transfer", calling=calling)

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        ended = await shelf.ended(engine, run)
    assert ended.output == "sent"
    assert (len(done), len(asked)) == (1, 3)


@pytest.mark.parametrize("repeat", ["keyed", "lookup"])
async def test_a_wrong_key_says_nothing_of_a_call_in_doubt(shelf: Shelf, repeat: Repeat) -> None:
    asked: list[str] = []
    heard = Outside("cut off", outcome="unknown", retryable=True)

    async def charge(key: str) -> JsonValue:
        asked.append(key)
        raise heard if len(asked) == 1 else of_status("Stripe", 401, effect=True)

    async def main(run: Run, input: Input) -> JsonValue:
        calling = Calling(repeat=repeat, lookup=charge, tries=3, pause=SOON)
        return await run.call("1", charge, operation="charge", calling=calling)

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        await shelf.become(run, "stopped")
    assert "it is not known whether charge at 1 was done" in (await shelf.kept(run)).reason
    assert len(asked) == 3


async def test_a_wrong_key_refuses_what_was_never_in_doubt(shelf: Shelf) -> None:
    async def charge(key: str) -> JsonValue:
        raise of_status("Stripe", 403, effect=True)

    async def main(run: Run, input: Input) -> JsonValue:
        return await run.call("1", charge, operation="charge")

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        ended = await shelf.ended(engine, run)
    assert ended.reason == "Stripe doesn't let this deployment in (403)."


async def test_of_two_workers_at_one_call_what_the_first_hears_counts_no_more(
    shelf: Shelf, thing: UUID
) -> None:
    keys: list[str] = []
    answered = anyio.Event()

    async def charge(key: str) -> JsonValue:
        keys.append(key)
        if len(keys) == 1:  # its lease runs out while it waits for the answer
            async with shelf.world.write() as store:
                await store.session.tx.run(
                    "UPDATE runs SET epoch = epoch + 1, lease_until = now() - interval '1 second'"
                    " WHERE id = %(run)s",
                    {"run": UUID(key.partition(":")[0])},
                )
            await answered.wait()
            return "the first one's"
        answered.set()
        return "the second one's"

    async def main(run: Run, input: Input) -> JsonValue:
        came = await run.call("1", charge, operation="charge")
        await mark(run, "2", thing, str(came))
        return came

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        ended = await shelf.ended(engine, run)
    assert ended.output == "the second one's"
    assert keys == [f"{run}:1"] * 2
    assert await marks(shelf.world, thing) == ["the second one's"]


async def test_an_undo_in_doubt_is_asked_for_with_its_key_until_it_is_known(shelf: Shelf) -> None:
    keys: list[str] = []

    async def refund(key: str) -> JsonValue:
        keys.append(key)
        if len(keys) == 1:
            raise Outside("done, but its answer is lost", outcome="unknown", retryable=True)
        if len(keys) <= 8:
            raise Outside("too many calls", outcome="not_done", retryable=True)
        return "refunded"

    async def refuse(ctx: object) -> JsonValue:
        raise Conflict("no")

    async def undo(run: Run) -> JsonValue:
        calling = Calling(pause=SOON, longest=SOON)
        return await run.call("1", refund, operation="refund", calling=calling)

    async def body(run: Run) -> JsonValue:
        run.undo_by("1", undo)
        return await run.step("2", refuse)

    async def main(run: Run, input: Input) -> JsonValue:
        return await run.together("0", body)

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        ended = await shelf.ended(engine, run)
    assert (ended.status, set(keys), len(keys)) == ("failed", {keys[0]}, 9)
