"""A stand-in whose process is killed after its effect answers the same to the next one."""

import asyncio
import os
import signal
import sys

import pytest

from tests.providers.calling import ANA, entries, standin, usd
from tests.world import World

pytestmark = pytest.mark.anyio

KILLED = """
import asyncio, os, signal, sys
from uuid import UUID
from one.clock import Clock
from one.providers.base import Stage, standins
from one.store import Database
from one.store.books import Books

async def main(url, space, params):
    database = Database(url, "one")
    await database.start()
    stripe = standins(Stage(books=Books(database, Clock(), UUID(space))))["stripe"]
    await stripe.call("charge", params, key="run:1")
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(sys.argv[1], sys.argv[2], eval(sys.argv[3])))
"""


async def test_a_charge_is_made_once_though_its_process_was_killed(
    world: World, postgres_url: str
) -> None:
    params = {"amount": usd(500), "customer": ANA}
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, postgres_url, str(world.space), repr(params), env=os.environ
    )
    assert await killed.wait() == -signal.SIGKILL
    (charge,) = await entries(world, "stripe", "charge")
    stripe = standin(world, "stripe")
    looked_up = await stripe.lookup("charge", key="run:1")
    assert looked_up == await stripe.call("charge", params, key="run:1")
    assert looked_up["id"] == charge["id"]
    assert len(await entries(world, "stripe", "charge")) == 1
