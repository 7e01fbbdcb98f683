"""Delivery in a process of its own, to be killed: `python -m tests.stories.letters …`.

The service outside is a file, a line for each letter that it took; it takes its time before and
after, and can't say later what it took.
"""

import asyncio
import os
import sys
from datetime import timedelta
from uuid import UUID

from pydantic import JsonValue

from one.clock import Clock
from one.domains.notices import Delivery
from one.ontology import load
from one.providers.base import Ask, Direct, Reach, Stage
from one.providers.messages import SERVICES
from one.runtime import Deployment
from one.settings import Settings
from one.store import Database, Desk

LEASE = timedelta(seconds=1)
PAUSE = 0.02


async def work(url: str, schema: str, *, space: UUID, taken: str) -> None:
    async def send(ask: Ask) -> dict[str, JsonValue]:
        await asyncio.sleep(PAUSE)
        file = os.open(taken, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, f"{ask.key}\n".encode())
        os.close(file)
        await asyncio.sleep(PAUSE)
        return {"status": "sent"}

    database = Database(url, schema)
    await database.start()
    desk = Desk(database, load(None), clock=Clock(), secrets={})
    await desk.add_space(space, "A test")
    email = next(service for service in SERVICES if service.name == "email")
    mail = Direct(email, {"send": send}, stage=Stage(), reach=Reach("test", "a file"))
    deployment = Deployment(Settings(mode="test"), desk, {"email": mail})
    sys.stdout.write("works\n")
    sys.stdout.flush()
    await Delivery(deployment, lease=LEASE).run()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], space=UUID(sys.argv[3]), taken=sys.argv[4]))
