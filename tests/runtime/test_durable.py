"""Durable runs: each step once, sleep that leaves nothing in memory, and every shape of a flow."""

from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import JsonValue

from one.errors import Conflict, Invalid, NotFound, OneError, Outside
from one.runtime.durable import (
    Calling,
    Looping,
    Run,
    Sub,
    cancel,
    decide,
    retry,
    send,
)
from one.store.history import find_run
from tests.runtime.durable import Shelf, begins, mark, marks
from tests.world import STAFF

pytestmark = pytest.mark.anyio
Input = dict[str, JsonValue]
SOON = timedelta(seconds=0.1)


async def test_a_run_does_its_steps_and_gives_its_output(shelf: Shelf, thing: UUID) -> None:
    async def main(run: Run, input: Input) -> JsonValue:
        await mark(run, "1", thing, "one")
        await mark(run, "2", thing, "two")
        return {"said": input["word"]}

    shelf.put("a", main, {"1": 7})
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a", word="hello"))
        ended = await shelf.ended(engine, run)
    assert (ended.status, ended.output) == ("done", {"said": "hello"})
    assert await marks(shelf.world, thing) == ["one", "two"]
    assert [(s.path, s.line, s.status) for s in await shelf.journal(run)] == [
        ("1", 7, "done"),
        ("2", 0, "done"),
    ]


async def test_a_sleep_leaves_no_task_and_no_step_is_repeated_after_it(
    shelf: Shelf, thing: UUID
) -> None:
    ids: list[UUID] = []

    async def main(run: Run, input: Input) -> JsonValue:
        await mark(run, "1", thing, "before")
        ids.append(run.id("1"))
        await run.wait("2", timedelta(seconds=0.4))
        await mark(run, "3", thing, "after")
        return None

    shelf.put("a", main)
    async with shelf.working() as engine:
        begun = shelf.world.desk.clock.now()
        run = await engine.start(shelf.world.space, begins("a"))
        rested = await engine.come_to_rest(shelf.world.space, run, viewer=STAFF, seconds=5)
        assert rested.status == "waiting"
        assert "sleeps until" in rested.reason
        ended = await shelf.ended(engine, run)
    assert ended.ended_at is not None
    assert ended.ended_at - begun >= timedelta(seconds=0.4)
    assert await marks(shelf.world, thing) == ["before", "after"]
    assert ids == [ids[0], ids[0]]


async def test_a_signal_that_came_early_counts(shelf: Shelf) -> None:
    async def main(run: Run, input: Input) -> JsonValue:
        await run.wait("1", SOON)
        return await run.wait_for("2", "paid", longest=timedelta(minutes=1))

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        async with shelf.world.write() as store:
            await send(store.session, run, topic="paid", payload={"amount": 5})
        ended = await shelf.ended(engine, run)
    assert ended.output == {"amount": 5}


async def test_a_signal_wakes_and_a_time_out_gives_nothing(shelf: Shelf) -> None:
    async def main(run: Run, input: Input) -> JsonValue:
        first = await run.wait_for("1", "go", longest=timedelta(minutes=1))
        return [first, await run.wait_for("2", "never", longest=SOON)]

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        rested = await engine.come_to_rest(shelf.world.space, run, viewer=STAFF, seconds=5)
        assert rested.reason.startswith("waits for the signal “go”")
        async with shelf.world.write() as store:
            await send(store.session, run, topic="go", payload=1)
        ended = await shelf.ended(engine, run)
    assert ended.output == [1, None]


async def test_a_refusal_is_kept_and_takes_the_same_way_again(shelf: Shelf, thing: UUID) -> None:
    async def body(run: Run) -> JsonValue:
        async def refuse(ctx: object) -> JsonValue:
            raise NotFound("No fan is there.", cure="Sign up.")

        return await run.step("1", refuse)

    async def rescue(run: Run, error: OneError) -> JsonValue:
        await mark(run, "1", thing, error.message)
        await run.wait("2", SOON)
        return error.cure

    async def always(run: Run) -> JsonValue:
        return await mark(run, "1", thing, "always")

    async def main(run: Run, input: Input) -> JsonValue:
        return await run.attempt("1", body, rescue=rescue, always=always)

    shelf.put("a", main)
    async with shelf.working() as engine:
        ended = await shelf.ended(engine, await engine.start(shelf.world.space, begins("a")))
    assert (ended.status, ended.output) == ("done", "Sign up.")
    assert await marks(shelf.world, thing) == ["No fan is there.", "always"]


async def test_branches_and_loops_have_paths_of_their_own(shelf: Shelf, thing: UUID) -> None:
    async def one(run: Run, item: JsonValue) -> JsonValue:
        if item == "bad":
            raise Invalid("bad")
        await run.wait("1", SOON)
        await mark(run, "2", thing, str(item))
        return item

    async def loop(run: Run) -> JsonValue:
        return list(await run.each("1", ["a", "bad", "b"], body=one, how=Looping(carry_on=True)))

    async def at_once(run: Run) -> JsonValue:
        how = Looping(parallel=True)
        return list(await run.each("1", ["x", "y"], body=one, key=str, how=how))

    async def main(run: Run, input: Input) -> JsonValue:
        return dict(await run.parallel("4", {"loop": loop, "once": at_once}))

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        ended = await shelf.ended(engine, run)
    assert ended.output == {"loop": ["a", "b"], "once": ["x", "y"]}
    assert sorted(await marks(shelf.world, thing)) == ["a", "b", "x", "y"]
    paths = {step.path for step in await shelf.journal(run)}
    assert {"4.loop.1[item=1].2", "4.once.1[item=y].2"} <= paths


async def test_what_failed_is_tried_again_after_a_sleep(shelf: Shelf, thing: UUID) -> None:
    async def body(run: Run) -> JsonValue:
        await mark(run, "1", thing, run.front)
        if "try=3" not in run.front:
            raise Conflict("not yet")
        return "at last"

    async def main(run: Run, input: Input) -> JsonValue:
        return await run.retry("1", body, times=3, pause=SOON)

    shelf.put("a", main)
    async with shelf.working() as engine:
        ended = await shelf.ended(engine, await engine.start(shelf.world.space, begins("a")))
    assert ended.output == "at last"
    assert await marks(shelf.world, thing) == ["1[try=1].", "1[try=2].", "1[try=3]."]


async def test_a_call_is_repeated_with_its_key_until_it_answers(shelf: Shelf) -> None:
    keys: list[str] = []

    async def charge(key: str) -> JsonValue:
        keys.append(key)
        if len(keys) < 3:
            raise Outside("slow", outcome="unknown", retryable=True)
        return {"charge": 1}

    async def main(run: Run, input: Input) -> JsonValue:
        return await run.call("1", charge, operation="charge", calling=Calling(pause=SOON))

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        ended = await shelf.ended(engine, run)
    assert ended.output == {"charge": 1}
    assert keys == [f"{run}:1"] * 3
    assert [(s.path, s.attempt) for s in await shelf.journal(run)] == [("1", 3)]


@pytest.mark.parametrize("busy", [2, 9])
async def test_a_busy_service_doesnt_say_that_a_call_in_doubt_was_not_made(
    shelf: Shelf, busy: int
) -> None:
    calls: list[str] = []

    async def charge(key: str) -> JsonValue:
        calls.append(key)
        if len(calls) == 1:
            raise Outside("done, but its answer is lost", outcome="unknown", retryable=True)
        if len(calls) <= 1 + busy:
            raise Outside("too many calls", outcome="not_done", retryable=True)
        return {"charge": 1}

    async def main(run: Run, input: Input) -> JsonValue:
        return await run.call("1", charge, operation="charge", calling=Calling(pause=SOON))

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        await shelf.become(run, "done" if busy == 2 else "stopped")
    kept = await shelf.kept(run)
    if busy == 2:
        assert kept.output == {"charge": 1}
        assert [one.error for one in await shelf.journal(run)] == [None]
    else:
        assert "not known" in kept.reason
        assert len(calls) == Calling().tries


async def test_a_blind_call_of_unknown_outcome_waits_for_a_person(shelf: Shelf) -> None:
    calls: list[str] = []

    async def post(key: str) -> JsonValue:
        calls.append(key)
        raise Outside("cut off", outcome="unknown", retryable=True)

    async def main(run: Run, input: Input) -> JsonValue:
        return await run.call("1", post, operation="post", calling=Calling(repeat="blind"))

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        rested = await engine.come_to_rest(shelf.world.space, run, viewer=STAFF, seconds=5)
        assert (rested.status, "not known" in rested.reason) == ("stopped", True)
        async with shelf.world.write() as store:
            await decide(store.session, run, path="1", done=True, result="posted")
        ended = await shelf.ended(engine, run)
    assert ended.output == "posted"
    assert len(calls) == 1


async def test_all_or_nothing_undoes_what_completed_last_first(shelf: Shelf, thing: UUID) -> None:
    undone: list[str] = []

    def undo(name: str, failures: int) -> object:
        async def act(key: str) -> JsonValue:
            undone.append(name)
            if undone.count(name) <= failures:
                raise Outside("away", outcome="not_done", retryable=False)
            return None

        async def body(run: Run) -> JsonValue:
            return await run.call("1", act, operation=name, calling=Calling(pause=SOON))

        return body

    async def ok(key: str) -> JsonValue:
        return key

    async def refuse(key: str) -> JsonValue:
        raise Outside("declined", outcome="not_done", retryable=False)

    async def body(run: Run) -> JsonValue:
        await run.call("1", ok, operation="charge")
        run.undo_by("1", undo("refund", 1))  # pyright: ignore[reportArgumentType]
        await run.call("2", ok, operation="mint")
        run.undo_by("2", undo("burn", 0))  # pyright: ignore[reportArgumentType]
        await run.call("3", refuse, operation="pay out")
        run.undo_by("3", undo("take back", 0))  # pyright: ignore[reportArgumentType]
        return None

    async def main(run: Run, input: Input) -> JsonValue:
        return await run.together("1", body)

    shelf.put("a", main)
    async with shelf.working() as engine:
        ended = await shelf.ended(engine, await engine.start(shelf.world.space, begins("a")))
    assert (ended.status, ended.reason) == ("failed", "declined")
    assert undone == ["burn", "refund", "refund"]


async def test_past_the_point_of_no_return_it_only_goes_forward(shelf: Shelf) -> None:
    tries: list[int] = []

    async def write(ctx: object) -> JsonValue:
        tries.append(1)
        if len(tries) < 2:
            raise Conflict("not now")
        return None

    async def body(run: Run) -> JsonValue:
        run.no_return()
        return await run.step("1", write)

    async def main(run: Run, input: Input) -> JsonValue:
        return await run.together("1", body)

    shelf.put("a", main)
    async with shelf.working() as engine:
        ended = await shelf.ended(engine, await engine.start(shelf.world.space, begins("a")))
    assert ended.status == "done"
    assert len(tries) == 2


async def test_cancelling_wakes_and_takes_back(shelf: Shelf, thing: UUID) -> None:
    async def back(run: Run) -> JsonValue:
        return await mark(run, "1", thing, "back")

    async def body(run: Run) -> JsonValue:
        await mark(run, "1", thing, "forth")
        run.undo_by("1", back)
        await run.wait("2", timedelta(days=1))
        return None

    async def main(run: Run, input: Input) -> JsonValue:
        return await run.together("1", body)

    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        await engine.come_to_rest(shelf.world.space, run, viewer=STAFF, seconds=5)
        async with shelf.world.write() as store:
            await cancel(store.session, run)
        ended = await shelf.ended(engine, run)
    assert ended.status == "cancelled"
    assert await marks(shelf.world, thing) == ["forth", "back"]


async def test_a_child_gives_its_output_or_its_error(shelf: Shelf) -> None:
    async def child(run: Run, input: Input) -> JsonValue:
        await run.wait("1", SOON)
        if input["fail"]:
            raise NotFound("nobody")
        return "grown"

    async def main(run: Run, input: Input) -> JsonValue:
        good = await run.child("1", Sub(feature="c", digest="c", input={"fail": False}))
        try:
            await run.child("2", Sub(feature="c", digest="c", input={"fail": True}))
        except NotFound as error:
            return [good, error.message]

    shelf.put("c", child)
    shelf.put("a", main)
    async with shelf.working() as engine:
        ended = await shelf.ended(engine, await engine.start(shelf.world.space, begins("a")))
    assert ended.output == ["grown", "nobody"]


async def test_a_program_that_does_something_else_stops_precisely(shelf: Shelf) -> None:
    async def main(run: Run, input: Input) -> JsonValue:
        async def act(ctx: object) -> JsonValue:
            return None

        await run.step("1", act, operation="create", given={"name": version[0]})
        await run.wait("2", SOON)
        return version[0]

    version = ["old"]
    shelf.put("a", main)
    async with shelf.working() as engine:
        run = await engine.start(shelf.world.space, begins("a"))
        await engine.come_to_rest(shelf.world.space, run, viewer=STAFF, seconds=5)
        version[0] = "new"
        await shelf.become(run, "stopped")
        async with shelf.world.read() as store:
            stopped = await find_run(store.session, run)
        assert "At 1 the program gives create something else" in stopped.reason
        version[0] = "old"
        async with shelf.world.write() as store:
            await retry(store.session, run)
        assert (await shelf.ended(engine, run)).output == "old"


async def test_a_run_that_breaks_again_and_again_is_given_up(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("one.runtime.durable.execution._LONGEST_PAUSE", timedelta(0))

    async def main(run: Run, input: Input) -> JsonValue:
        raise ZeroDivisionError("bug")

    shelf.put("a", main)
    async with shelf.working() as engine:
        ended = await shelf.ended(engine, await engine.start(shelf.world.space, begins("a")))
    assert (ended.status, ended.reason) == ("dead", "broke 5 times: ZeroDivisionError")
