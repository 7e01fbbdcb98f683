"""A worker in a process of its own, to be killed: `python -m tests.stories.durable URL SCHEMA`.

Its programs do one thing a step and die at the place that the input names.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from pydantic import JsonValue

from one.clock import Clock
from one.errors import Conflict, NotFound, Outside
from one.ontology import load as vocabulary
from one.runtime import Context, Deployment
from one.runtime.durable import Calling, Program, Run, Which, Worker
from one.settings import Settings
from one.store import Database, Desk, Happening

Input = dict[str, JsonValue]
Body = Callable[[Run], Awaitable[JsonValue]]
LEASE = timedelta(seconds=0.5)


async def mark(run: Run, path: str, thing: str, word: str) -> JsonValue:
    """A step that leaves one event."""

    async def act(ctx: Context) -> JsonValue:
        made = await ctx.store.record(Happening("content_viewed", UUID(thing), {}, session=word))
        return str(made.id)

    return await run.step(path, act, operation="mark", given=word)


def first(flag: str) -> bool:
    """Whether nobody has asked before."""
    try:
        os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def die(input: Input, place: str) -> None:
    """Ends the process without warning, the first time that a run comes to its place."""
    if input.get("die") == "always":
        os.kill(os.getpid(), signal.SIGKILL)
    if input.get("die") == place and first(str(input["flag"])):
        os.kill(os.getpid(), signal.SIGKILL)


async def straight(run: Run, input: Input) -> JsonValue:
    """Steps, with a sleep in the middle; slow enough to be killed anywhere."""
    thing, name = str(input["thing"]), str(input["name"])
    for n in range(1, 5):
        await mark(run, str(n), thing, f"{name}-{n}")
        await asyncio.sleep(float(str(input.get("pause", 0))))
    await run.wait("5", timedelta(seconds=0.2))
    await mark(run, "6", thing, f"{name}-6")
    return name


async def purchase(run: Run, input: Input) -> JsonValue:
    """Money and tokens, in a ledger of events outside of any transaction of the run."""
    thing, name = str(input["thing"]), str(input["name"])

    async def outside(word: str, key: str) -> JsonValue:
        """A provider: the same key is the same effect."""
        lease = run.journal.lease
        async with run.deployment.desk.write(lease.space, lease.author) as s:
            known = await s.session.tx.row(
                "SELECT FROM events WHERE space_id = %(space)s AND source = %(key)s",
                s.session.params(key=key),
            )
            if known is None:
                said = Happening("content_viewed", UUID(thing), {}, source=key, session=word)
                await s.record(said)
        return key

    def call(word: str) -> Body:
        async def act(key: str) -> JsonValue:
            die(input, f"before {word}")
            came = await outside(f"{name}-{word}", key)
            die(input, f"after {word}")
            if input.get("unknown") == word and first(f"{input['flag']}-{word}"):
                raise Outside("cut off", outcome="unknown", retryable=True)
            return came

        async def body(run: Run) -> JsonValue:
            return await run.call("1", act, operation=word, calling=Calling(pause=LEASE / 20))

        return body

    async def saga(run: Run) -> JsonValue:
        await call("charge")(run.at("1"))
        run.undo_by("1", call("refund"))
        await call("mint")(run.at("2"))
        run.undo_by("2", call("burn"))
        if input.get("refuse"):
            raise Conflict("sold out")
        die(input, "before sale")
        await mark(run, "3", thing, f"{name}-sale")
        die(input, "after sale")
        return None

    return await run.together("1", saga)


PROGRAMS = {"straight": Program(straight), "purchase": Program(purchase)}


async def load(which: Which) -> Program:
    if which.digest not in PROGRAMS:
        raise NotFound(which.digest)
    return PROGRAMS[which.digest]


async def work(url: str, schema: str, space: UUID) -> None:
    """Works in one space alone: the others of this database are other tests'."""
    database = Database(url, schema)
    await database.start()
    desk = Desk(database, vocabulary(None), clock=Clock(), secrets={})
    await desk.add_space(space, "A test")
    sys.stdout.write("works\n")
    sys.stdout.flush()
    deployment = Deployment(Settings(mode="test"), desk)
    await Worker(deployment, load, lease=LEASE, idle=0.05).run()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], UUID(sys.argv[3])))
