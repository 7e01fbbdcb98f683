"""Workers that run a feature which sells tokens, in processes that die of their own writes:
`python -m tests.stories.selling URL SCHEMA SPACE DIES FAULTS`.

One is killed at the moment number DIES, of which each write has two, before it is committed and
after, each claim of a run one, and each answer of the payments sandbox one; 0 is never. FAULTS are
planted in the services. Where DIES is `-`, each line of the standard input is the DIES of another
worker, whose process id is told; an empty line ends it.
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
from one.domains.payments import charging
from one.errors import NotFound
from one.ontology import load as vocabulary
from one.providers.base import Stage, parse_faults, standins
from one.providers.stripe.payments import Message, in_process
from one.runtime import Deployment
from one.runtime.durable import Program, Which, Worker
from one.sandbox import Sandbox
from one.settings import Settings
from one.store import Database, Desk, Store, Viewer
from one.store.books import Books
from one.store.runs import Lease
from tests.sdk.written import written
from tests.stories.durable import LEASE

SELL = """
FEATURE: Sell my tokens
INPUT:
  - fan: who is buying
  - amount: how many tokens (between 1 and 100)
OUTPUT:
  - message: what the fan reads
CHECK fan exists
  OTHERWISE say "Please sign in first"
DO TOGETHER:
  - CALL payment processor to charge $2 times amount WITH customer fan SAVE AS payment
  - CALL blockchain to mint tokens WITH amount, to fan SAVE AS minted
  - CALL OpenAI to write a welcome WITH amount SAVE AS welcome
  - REWARD fan WITH amount tokens
IF ANY FAIL:
  - CALL payment processor to refund payment
  - CALL blockchain to burn tokens WITH amount
NOTIFY fan ABOUT welcome
GIVE message "Enjoy"
"""


class Dying(Desk):
    """Ends the process without warning at one of its writes."""

    left = 0

    @asynccontextmanager
    @override
    async def write(self, space: UUID, viewer: Viewer) -> AsyncGenerator[Store]:
        async with super().write(space, viewer) as store:
            yield store
            self.moment()
        self.moment()

    def moment(self) -> None:
        """One of the moments to die at."""
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Mortal(Worker):
    """May die with a lease that it has only just claimed."""

    def __init__(self, deployment: Deployment, desk: Dying) -> None:
        super().__init__(deployment, load, lease=LEASE, idle=0.05)
        self.desk = desk

    @override
    def take(self, lease: Lease) -> asyncio.Task[None]:
        self.desk.moment()
        return super().take(lease)


async def load(which: Which) -> Program:
    if which.digest != "sell":
        raise NotFound(which.digest)
    return written(SELL).program


async def work(url: str, schema: str, space: UUID, *, dies: int, faults: str) -> None:
    database = Database(url, schema)
    await database.start()
    desk = Dying(database, vocabulary(None), clock=Clock(), secrets={})
    await desk.add_space(space, "A test")
    stage = Stage(
        desk.clock,
        Books(database, desk.clock, space, desk.session_of),
        parse_faults(faults),
        ledger=True,
    )
    sandbox = Sandbox(database, desk.clock, space=space)

    async def server(scope: Message, receive: object, send: object) -> None:
        await sandbox(scope, receive, send)  # pyright: ignore[reportArgumentType] # as ASGI has it
        desk.moment()

    paid = in_process(server, (), faults=stage.faults)
    deployment = Deployment(Settings(mode="test"), desk, standins(stage), payments=paid)
    charging.LEASE = timedelta(seconds=1)
    sys.stdout.write("works\n")
    sys.stdout.flush()
    desk.left = dies
    await Mortal(deployment, desk).run()


def many(url: str, schema: str, space: UUID, *, faults: str) -> None:
    """One worker after the other, each of which begins where the imports are done."""
    written(SELL)
    child = 0
    for line in sys.stdin:
        if line.strip():
            child = os.fork()
            if not child:
                sys.stdin.close()
                sys.stdout = open(os.devnull, "w", encoding="ascii")  # noqa: SIM115 # for good
                asyncio.run(work(url, schema, space, dies=int(line), faults=faults))
        else:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    told = sys.argv
    if told[4] == "-":
        many(told[1], told[2], UUID(told[3]), faults=told[5])
    else:
        asyncio.run(work(told[1], told[2], UUID(told[3]), dies=int(told[4]), faults=told[5]))
