"""`one worker` and `one runs`, `cancel`, `retry`, `signal`, each in a process of its own."""

import asyncio
import signal
import subprocess
import time
from uuid import UUID

import orjson

from one.clock import Clock
from one.ontology import load
from one.runtime.durable import Start, start
from one.store import DEFAULT_SPACE, PLATFORM, Database, Desk, Viewer
from tests.cli.test_db import ONE, Environ, environ, one

__all__ = ["environ"]
STAFF = Viewer(PLATFORM, "staff")


def begun(environ: Environ) -> UUID:
    """A run of a revision that nobody knows."""

    async def begin() -> UUID:
        database = Database(environ["ONE_DATABASE_URL"], environ["ONE_SCHEMA"])
        await database.start()
        try:
            desk = await Desk.open(database, load(None), clock=Clock())
            async with desk.write(DEFAULT_SPACE, STAFF) as store:
                run = Start(feature="welcome", digest="unknown", author=STAFF, input={})
                return await start(store.session, run)
        finally:  # a pool that is left open keeps its loop from ending
            await database.close()

    return asyncio.run(begin())


def until_it_says(environ: Environ, words: str) -> str:
    for _ in range(30):
        said = one(environ, "runs").stdout
        if words in said:
            return said
        time.sleep(0.3)
    raise TimeoutError(words)


def test_a_worker_says_why_a_run_goes_no_further_and_cancels_it(environ: Environ) -> None:
    none = one(environ, "runs")
    assert (none.returncode, none.stdout) == (0, "")
    run = str(begun(environ))
    worker = subprocess.Popen([*ONE, "worker"], env=environ, stdout=subprocess.PIPE, text=True)
    try:
        assert worker.stdout is not None
        assert "is at work" in worker.stdout.readline()
        assert run in until_it_says(environ, "its revision unknown is not known here")
        early = one(environ, "signal", run, "paid", "--payload", '{"amount": 5}')
        assert early.returncode == 0, early.stderr
        assert one(environ, "retry", run).returncode == 1
        assert one(environ, "cancel", run).returncode == 0
        until_it_says(environ, "cancelled")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.wait()
        if worker.stdout is not None:
            worker.stdout.close()
    told = orjson.loads(one(environ, "runs", run, "--json").stdout)
    assert (told["run"]["status"], told["steps"]) == ("cancelled", [])
    assert "welcome" in one(environ, "runs", run).stdout
