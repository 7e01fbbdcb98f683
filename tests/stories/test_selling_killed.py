"""A feature that sells tokens balances, whichever write its worker is killed at and whatever the
services do: each buyer has the tokens that they paid for, and paid for those that they have.
"""

import asyncio
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from one.clock import monotonic
from one.runtime.durable import Start, start
from one.store import Viewer
from one.store.runs import ENDED
from tests.stories.matrix import FAULTS as FAULTS_OF_ONE
from tests.stories.matrix import books_agree, matrix
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
FAULTS = (
    "stripe.charge#2=after,stripe.charge#4=refused,stripe.charge#5=unknown,stripe.charge#7=busy,"
    "blockchain.mint#2=refused,blockchain.mint#3=after,blockchain.mint#5=unknown,"
    "blockchain.mint#8=refused,openai.write#6=refused,stripe.refund#1=after,"
    "stripe.refund#2=unknown,blockchain.burn#1=after"
)
BUYERS, MOST_DEATHS = 10, 8


@contextmanager
def worker(world: World, dies: int) -> Generator[subprocess.Popen[str]]:
    """A process that dies at a write of its own."""
    database = world.desk.database
    told = [database.dsn, database.schema, str(world.space), str(dies), FAULTS]
    command = [sys.executable, "-m", "tests.stories.selling", *told]
    made = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert made.stdout is not None
    assert made.stdout.readline() == "works\n"
    try:
        yield made
    finally:
        made.kill()
        made.wait()
        made.stdout.close()


async def over(world: World) -> bool:
    async with world.read() as store:
        records = await store.session.tx.rows(
            "SELECT DISTINCT status FROM runs WHERE space_id = %(s)s", {"s": world.space}
        )
    return {str(record[0]) for record in records} <= set(ENDED)


async def test_every_buyer_has_what_they_paid_for(world: World) -> None:
    author = await world.person("creator", "Ana")
    token = await world.thing("token", by=author, status="active")
    buyers = [await world.person("creator", f"Buyer {n}") for n in range(BUYERS)]
    for n, buyer in enumerate(buyers, 1):
        await begin(world, author, buyer, amount=n)
    deaths, until = 0, monotonic() + 420
    while not await over(world):
        assert monotonic() < until, await states(world)
        dies = 7 + 3 * deaths if deaths < MOST_DEATHS else 0
        with worker(world, dies) as process:
            while process.poll() is None and not await over(world):
                assert monotonic() < until, await states(world)
                await asyncio.sleep(0.05)
            deaths += process.poll() is not None
    assert deaths > 4
    await balances(world, token.id, buyers)


async def test_a_purchase_balances_under_each_fault_wherever_its_worker_is_killed(
    world: World,
) -> None:
    """At each ninth moment; `python -m tests.stories.matrix` takes every one."""
    found = await matrix(world, 9)
    assert {fault for fault, ends in found.items() if ends["failed"]} >= {
        fault for fault in FAULTS_OF_ONE if fault.startswith("blockchain.mint=refused")
    }
    assert found[""]["done"] == found[""].total() - found[""]["killed"]


async def begin(world: World, author: Viewer, buyer: Viewer, *, amount: int) -> None:
    input = {"fan": str(id_of(buyer)), "amount": amount}
    run = Start(feature="sell", digest="sell", author=author, input=input, runner=id_of(buyer))
    async with world.write() as store:
        await start(store.session, run)


async def balances(world: World, token: UUID, buyers: list[Viewer]) -> None:
    """Charges less refunds are two dollars a token, in the journal too."""
    made = await books_agree(world)
    async with world.read() as store:
        held = {id_of(buyer): await store.balance(id_of(buyer), token) for buyer in buyers}
        told = await store.session.tx.rows(
            "SELECT status, count(*) FROM runs WHERE space_id = %(s)s GROUP BY 1",
            {"s": world.space},
        )
    ends = {str(status): int(str(many)) for status, many in told}
    assert set(ends) <= {"done", "failed"}, ends
    assert ends.get("failed", 0) > 0, "some sales are refused"
    assert ends.get("done", 0) > 0, "some sales come about"
    for n, buyer in enumerate(buyers, 1):
        assert held[id_of(buyer)] in (0, n)
    assert {sale.left for sale in made if sale.refunded} <= {0}, "all of it is refunded, or nothing"
    assert sum(sale.left for sale in made if sale.charge) == 200 * sum(held.values())


async def states(world: World) -> object:
    async with world.read() as store:
        return await store.session.tx.rows(
            "SELECT status, reason, error FROM runs WHERE space_id = %(s)s AND status <> 'done'",
            {"s": world.space},
        )
