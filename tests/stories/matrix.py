"""A purchase of tokens, its worker killed at each moment, under each fault of each service:
`python -m tests.stories.matrix [EVERY [FAULT ...]]`, which takes each moment, or each EVERYth.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psutil

from one.clock import Clock, monotonic
from one.domains.payments.comparing import differences
from one.providers.stripe.payments import in_process
from one.runtime import Deployment
from one.runtime.durable import Start, start
from one.sandbox import Sandbox
from one.settings import Settings
from one.store import Viewer, ledger
from one.store.runs import ENDED
from one.store.sales import Asked, Sale, sales
from one.store.verification import verify
from tests.stories.restarting import own_postgres, world_on
from tests.world import World, id_of

ROOT = Path(__file__).parents[2]
KINDS = ("before", "after", "unknown", "slow:0.2", "busy", "refused")
FAULTS = (
    "",
    *(f"stripe.charge#1={kind}" for kind in KINDS),
    *(f"blockchain.mint#1={kind}" for kind in KINDS),
    *(f"blockchain.mint=refused,stripe.refund#1={kind}" for kind in KINDS),
    *(f"openai.write=refused,blockchain.burn#1={kind}" for kind in KINDS),
)
AT_ONCE, LATE = 4, 60.0
AMOUNT = 3
Line = asyncio.subprocess.Process


@dataclass
class Row:
    """One fault, with every moment at which a worker was killed under it."""

    world: World
    faults: str
    author: Viewer
    token: UUID
    workers: Line
    buyers: list[Viewer] = field(default_factory=list[Viewer])
    ends: Counter[str] = field(default_factory=Counter[str])

    async def told(self, line: str) -> int:
        """What the workers answer."""
        assert self.workers.stdin is not None
        assert self.workers.stdout is not None
        self.workers.stdin.write(f"{line}\n".encode())
        return int(await self.workers.stdout.readline())

    async def sold(self, moment: int) -> bool:
        """One purchase whose worker dies at a moment; whether it came so far."""
        buyer = await self.world.person("creator", f"Buyer {moment}")
        self.buyers.append(buyer)
        run = await self.begin(buyer)
        child = await self.told(str(moment))
        died = await self.until_over(run, child)
        await self.told("")
        if died:
            heir = await self.told("0")
            assert not await self.until_over(run, heir), "the heir dies of nothing"
            await self.told("")
        self.ends[await self.status(run)] += 1
        await self.balances(moment)
        return died

    async def begin(self, buyer: Viewer) -> UUID:
        fan = id_of(buyer)
        input = {"fan": str(fan), "amount": AMOUNT}
        begins = Start(feature="sell", digest="sell", author=self.author, input=input, runner=fan)
        async with self.world.write() as store:
            return await start(store.session, begins)

    async def until_over(self, run: UUID, child: int) -> bool:
        """Until the run has ended or its worker has died; whether it died."""
        begun = monotonic()
        while await self.status(run) not in ENDED:
            if psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
                return True
            assert monotonic() - begun < LATE, f"stuck under {self.faults}"
            await asyncio.sleep(0.05)
        return False

    async def status(self, run: UUID) -> str:
        async with self.world.read() as store:
            record = await store.session.tx.row(
                "SELECT status FROM runs WHERE space_id = %(s)s AND id = %(run)s",
                {"s": self.world.space, "run": run},
            )
        assert record is not None
        return str(record[0])

    async def balances(self, moment: int) -> None:
        """Who has tokens has paid for them, once; who was refused has paid nothing in the end; and
        all of that is in the journal.
        """
        where = f"killed at {moment} under {self.faults or 'no fault'}"
        async with self.world.read() as store:
            held = [await store.balance(id_of(buyer), self.token) for buyer in self.buyers]
            assert await ledger.verify(store.session) == [], f"in the ledger, {where}"
        assert set(held) <= {0, AMOUNT}, where
        made = await books_agree(self.world, where)
        charged = [sale for sale in made if sale.charge is not None]
        buyers = Counter(sale.buyer for sale in charged)
        assert set(buyers.values()) <= {1}, f"charged twice, {where}"
        paid = [sale for sale in charged if sale.left]
        assert {sale.left for sale in paid} <= {200 * AMOUNT}, f"refunded in part, {where}"
        assert len(paid) == sum(held) // AMOUNT, where
        assert set(self.ends) <= {"done", "failed"}, where
        assert self.ends["done"] == sum(held) // AMOUNT, where


async def books_agree(world: World, where: str = "") -> list[Sale]:
    """The sales of a world, whose journal holds and says what the payments sandbox says."""
    async with world.read() as store:
        verdict = await verify(store.session, "sandbox")
        made = await sales(store.session, Asked(limit=10_000))
    assert verdict.faults == (), (verdict.faults, where)
    sandbox = Sandbox(world.desk.database, Clock(), space=world.space)
    deployment = Deployment(Settings(mode="test"), world.desk, payments=in_process(sandbox, ()))
    assert await differences(deployment) == [], where
    return made


@asynccontextmanager
async def row(like: World, faults: str) -> AsyncGenerator[Row]:
    """A space of its own, with a process that makes workers."""
    world = await World.made(like.desk)
    author = await world.person("creator", "Ana")
    token = await world.thing("token", by=author, status="active")
    database = world.desk.database
    told = [database.dsn, database.schema, str(world.space), "-", faults]
    pipe = asyncio.subprocess.PIPE
    workers = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.stories.selling", *told, cwd=ROOT, stdin=pipe, stdout=pipe
    )
    try:
        yield Row(world, faults, author, token.id, workers)
    finally:
        assert workers.stdin is not None
        workers.stdin.close()
        await workers.wait()


async def under(world: World, faults: str, *, every: int) -> Counter[str]:
    """The ends of the purchases under a fault, and how many workers were killed."""
    async with row(world, faults) as cases:
        moment, killed = 1, 0
        while await cases.sold(moment):
            moment, killed = moment + every, killed + 1
        assert killed, "no worker was killed"
        return cases.ends + Counter(killed=killed)


async def matrix(
    world: World, every: int, faults: Sequence[str] = FAULTS
) -> dict[str, Counter[str]]:
    """The same under each fault."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def gated(fault: str) -> Counter[str]:
        async with gate:
            return await under(world, fault, every=every)

    found = await asyncio.gather(*map(gated, faults))
    return dict(zip(faults, found, strict=True))


async def main(every: int, faults: Sequence[str]) -> None:
    begun = monotonic()
    with own_postgres() as postgres:
        async with world_on(postgres.get_uri()) as world:
            found = await matrix(world, every, faults)
    for fault, ends in found.items():
        sys.stdout.write(f"{fault or 'no fault':<48} {dict(ends)}\n")
    total = sum(found.values(), Counter[str]())
    sys.stdout.write(f"{dict(total)} in {monotonic() - begun:.0f} s: all balance\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1, sys.argv[2:] or FAULTS))
