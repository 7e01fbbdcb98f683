"""`one asks` and `one answer`: somebody's yes, in the terminal."""

import asyncio
import os
from uuid import UUID

from one.clock import Clock
from one.ontology import load
from one.settings import Settings
from one.store import DEFAULT_SPACE, PLATFORM, Database, Desk, Draft, Viewer
from one.store.yeses import Line, ask
from tests.cli.test_db import one

STAFF = Viewer(PLATFORM, "staff")
WORDS = "“Duet” by Ana asks for your yes: makes you author of Song."


def asked(settings: Settings) -> UUID:
    """Somebody whom a feature asks for their yes."""

    async def begin() -> UUID:
        database = Database(settings.database_url, settings.schema_name)
        await database.start()
        try:
            desk = await Desk.open(database, load(None), clock=Clock())
            async with desk.write(DEFAULT_SPACE, STAFF) as store:
                bo = await store.create(Draft("creator", "Bo", {}))
                await ask(store.session, Line(bo.id, PLATFORM, "duet: authored"), words=WORDS)
        finally:  # a pool that is left open keeps its loop from ending
            await database.close()
        return bo.id

    return asyncio.run(begin())


def test_who_is_asked_says_no_and_is_asked_no_more(settings: Settings) -> None:
    bo = str(asked(settings))
    data = {"ONE_DATABASE_URL": settings.database_url, "ONE_DATA": str(settings.data)}
    environ = {**os.environ, **data}
    open = one(environ, "asks", "--as", bo).stdout
    assert WORDS in open
    said = one(environ, "answer", open.split()[0], "no", "--as", bo)
    assert (said.returncode, said.stdout) == (0, open.replace(" open ", " no   "))
    assert one(environ, "asks", "--as", bo).stdout == ""
