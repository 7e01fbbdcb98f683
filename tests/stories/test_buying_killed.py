"""A purchase balances, wherever its till is killed and whatever the provider does meanwhile: the
buyer has what they paid for and didn't give back, each owner their share of it, and the provider
what the journal says.

With ONE_EACH=1 each moment is tried under each fault; the suite tries one in so many, under some.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from one.clock import monotonic
from one.domains.payments import Till
from one.domains.payments.comparing import differences
from one.sandbox import Fault, Trouble
from one.store import Entity
from one.store.sales import PAID
from one.store.verification import verify
from tests.domains.payments.shop import Shop, quiet
from tests.stories.buying import LEASE, give_back
from tests.stories.restarting import world_on
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
PRICE, PIECES = 1_000, 3
TROUBLES: tuple[Trouble, ...] = ("429", "500", "500_after", "timeout", "timeout_after")
CALLS = ("POST /v1/transfers", "POST /v1/refunds", "POST /v1/transfers/*/reversals")
FAULTS = (None, *(Fault(on, trouble) for on in CALLS for trouble in TROUBLES))
AT_ONCE = 6
EACH = int(os.environ.get("ONE_EACH", "11"))
TRIED = FAULTS if EACH == 1 else FAULTS[::4]


@dataclass(frozen=True, slots=True)
class Tills:
    """Where tills are made that die."""

    made: "subprocess.Popen[str]"

    def work(self, sale: UUID, dies: int) -> str:
        assert self.made.stdin is not None
        assert self.made.stdout is not None
        self.made.stdin.write(f"{sale} {dies}\n")
        self.made.stdin.flush()
        return self.made.stdout.readline().strip()


@contextmanager
def dying(world: World) -> Generator[Tills]:
    database = world.desk.database
    told = [database.dsn, database.schema, str(world.space)]
    made = subprocess.Popen(
        [sys.executable, "-m", "tests.stories.buying", *told],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Tills(made)
    finally:
        made.kill()
        made.communicate()


async def ended_well(shop: Shop, token: Entity, sale: UUID) -> None:
    """Another till goes on, and all is as it should be."""
    till, until = Till(shop.deployment, lease=LEASE), monotonic() + 60
    refunded = False
    while not refunded or not await quiet(shop):
        assert monotonic() < until, "something is stuck"
        await till.catch_up()
        await till.settle()
        if not refunded and (await shop.sale(sale)).state in PAID:
            await give_back(till, shop.deployment, shop.world.space, sale=sale)
            refunded = True
        await asyncio.sleep(0.1)
    found = await shop.sale(sale)
    assert (found.state, found.refunded) == ("partially_refunded", PRICE)
    pots = await shop.pots(found)
    share = PRICE * (PIECES - 1) * 85 // 100
    assert pots["world", None] == -PRICE * (PIECES - 1)
    assert pots["connected", id_of(shop.ana)] == share * 6 // 10
    assert pots["held", id_of(shop.bo)] == share * 4 // 10
    async with shop.world.read() as store:
        assert (await verify(store.session, "sandbox")).faults == ()
    assert await differences(shop.deployment) == []
    assert token.id == found.product


async def under(world: World, fault: Fault | None, *, each: int) -> tuple[int, int]:
    """How many tills were killed under a fault, and how many came through."""
    shop = await Shop.opened(world)
    token = await shop.token(price=PRICE)
    await shop.shared(token.id, [(shop.ana, 6_000), (shop.bo, 4_000)])
    await shop.ready(shop.ana)
    fan = await world.person("audience_member", "Cy")
    killed = whole = moments = 0
    dies = 0
    with dying(world) as tills:
        while dies <= moments or not dies:
            bought = await shop.buy(token.id, PIECES, by=fan)
            await shop.pay(bought)
            if fault is not None:
                await shop.sandbox.plant(fault)
            said = await asyncio.to_thread(tills.work, bought.id, dies)
            if said == "killed":
                killed += 1
            else:
                whole += 1
                moments = max(moments, int(said))
            await shop.sandbox.heal()
            await ended_well(shop, token, bought.id)
            async with shop.world.read() as store:
                held = await store.balance(id_of(fan), token.id)
            assert held == (killed + whole) * (PIECES - 1)
            dies += each if dies else 1 + FAULTS.index(fault) % each
    return killed, whole


async def test_a_purchase_balances_wherever_its_till_is_killed(postgres_url: str) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def gated(fault: Fault | None) -> tuple[int, int]:
        schema = f"killed_{FAULTS.index(fault)}"
        async with gate, world_on(postgres_url, schema) as world:
            return await under(world, fault, each=EACH)

    ends = await asyncio.gather(*map(gated, TRIED))
    assert all(killed and whole for killed, whole in ends), ends
    sys.stdout.write(f"{ends}: killed, and come through\n")
