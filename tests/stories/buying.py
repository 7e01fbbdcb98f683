"""Tills that die of their own writes, and of the provider's answers, while one purchase is paid,
given back in part, and shared out: `python -m tests.stories.buying URL SCHEMA SPACE`.

Each line of the standard input is `SALE DIES`: a till of its own process works at that sale and is
killed at the moment number DIES. Of each write there are two, before it is committed and after, and
one of each answer of the provider's; 0 is never. How many moments there were is told, or `killed`.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from typing_extensions import override

from one.clock import Clock
from one.domains import payments
from one.domains.payments import Till
from one.ontology import load
from one.providers.stripe.payments import Message, in_process
from one.runtime import Context, Deployment
from one.sandbox import Sandbox
from one.settings import Settings
from one.store import Database, Desk, Store, Viewer
from one.store.calls import calls_of
from tests.world import STAFF

LEASE = timedelta(seconds=1)


class Dying(Desk):
    """Ends the process without warning at one of its moments."""

    left = 0
    passed = 0

    @asynccontextmanager
    @override
    async def write(self, space: UUID, viewer: Viewer) -> AsyncGenerator[Store]:
        async with super().write(space, viewer) as store:
            yield store
            self.moment()
        self.moment()

    def moment(self) -> None:
        """One of the moments to die at."""
        self.passed += 1
        if self.passed == self.left:
            os.kill(os.getpid(), signal.SIGKILL)


async def give_back(till: Till, deployment: Deployment, space: UUID, *, sale: UUID) -> None:
    """Has the staff give the price of one piece back, once."""
    async with deployment.desk.write(space, STAFF) as store:
        if await calls_of(store.session, sale, kind="refund"):
            return
        ctx = Context(store, STAFF, space, deployment)
        price = (await payments.get_purchase(ctx, id=sale)).unit_price
        await payments.refund_sale(ctx, id=sale, amount=price)
    await till.settle()


async def work(url: str, schema: str, space: UUID, *, sale: UUID, dies: int) -> int:
    """Hears what is new, gives a part back, and hears what follows; the moments it passed."""
    database = Database(url, schema)
    await database.start()
    desk = Dying(database, load(None), clock=Clock(), secrets={})
    await desk.add_space(space, "A test")
    sandbox, desk.left = Sandbox(database, desk.clock, space=space), dies

    async def server(scope: Message, receive: object, send: object) -> None:
        await sandbox(scope, receive, send)  # pyright: ignore[reportArgumentType] # as ASGI has it
        desk.moment()

    deployment = Deployment(Settings(mode="test"), desk, payments=in_process(server, ()))
    till = Till(deployment, lease=LEASE)
    await till.catch_up()
    await till.settle()
    await give_back(till, deployment, space, sale=sale)
    await till.catch_up()
    await till.settle()
    await database.close()
    return desk.passed


def main() -> None:
    url, schema, space = sys.argv[1:]
    for line in sys.stdin:
        sale, dies = line.split()
        child = os.fork()
        if child == 0:
            passed = asyncio.run(work(url, schema, UUID(space), sale=UUID(sale), dies=int(dies)))
            sys.stdout.write(f"{passed}\n")
            sys.stdout.flush()
            os._exit(0)
        if os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            sys.stdout.write("killed\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
