"""A server that is killed, again and again, loses nothing that it had acknowledged."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import httpx
import psycopg
import pytest

ONE = [sys.executable, "-c", "from one.cli import main; main()", "serve", "--port", "0"]
WRITERS = 8
AGAIN = {409, 502, 503}
"""What a client that is told to try again is told: in the way, no database, not there."""
Facts = Mapping[str, str]


@dataclass(slots=True)
class Deployment:
    """A server with a database of its own, started anew after each kill."""

    folder: Path
    server: subprocess.Popen[str] | None = None
    address: str = ""
    token: str = ""

    def start(self) -> None:
        environ = {**os.environ, "ONE_DATA": str(self.folder), "ONE_DEMO": "0"}
        environ.pop("ONE_DATABASE_URL", None)
        self.server = subprocess.Popen(ONE, env=environ, stdout=subprocess.PIPE, text=True)
        assert self.server.stdout is not None
        lines = [self.server.stdout.readline().split() for _ in range(2)]
        assert all(lines), "the server did not start"
        self.address, self.token = lines[0][-1], lines[1][-1]

    def kill(self) -> None:
        assert self.server is not None
        self.server.kill()
        self.server.wait()
        assert self.server.stdout is not None
        self.server.stdout.close()

    def stop(self) -> int:
        """Ends it in the usual way; its exit code."""
        assert self.server is not None
        self.server.send_signal(signal.SIGTERM)
        try:
            return self.server.wait(15)
        finally:
            assert self.server.stdout is not None
            self.server.stdout.close()

    @property
    def postmaster(self) -> list[str]:
        """What PostgreSQL says of itself: its pid first, the folder of its socket fifth."""
        return (self.folder / "postgres" / "postmaster.pid").read_text().splitlines()

    def database(self) -> psycopg.Connection:
        url = f"postgresql://postgres@/postgres?host={self.postmaster[4]}"
        return psycopg.connect(url, autocommit=True, options="-c search_path=one")


@dataclass(slots=True)
class Writer:
    """A client that repeats what was not answered, with the same key."""

    deployment: Deployment
    number: int
    over: threading.Event
    acknowledged: dict[str, str] = field(default_factory=dict[str, str])

    def work(self) -> None:
        with httpx.Client(timeout=5) as client:
            while not self.over.is_set():
                key = f"{self.number}-{len(self.acknowledged)}"
                made = self.persist(client, "entities", key, {"type": "course", "name": key})
                said = {"type": "content_viewed", "entity": made, "session": key}
                self.persist(client, "events", f"{key}-seen", said)
                self.acknowledged[key] = made

    def persist(self, client: httpx.Client, path: str, key: str, body: Facts) -> str:
        """The id of what was made, however many attempts it takes."""
        for _ in range(600):
            headers = {"authorization": f"Bearer {self.deployment.token}", "idempotency-key": key}
            with suppress(httpx.TransportError):
                url = f"{self.deployment.address}/api/{path}"
                answer = client.post(url, json=body, headers=headers)
                if answer.status_code not in AGAIN:
                    assert answer.status_code == 201, answer.text
                    return cast("dict[str, str]", answer.json())["id"]
            time.sleep(0.05)
        raise TimeoutError(key)


@pytest.fixture
def deployment() -> Generator[Deployment]:
    # not in pytest's own folder: that one is closed to the user PostgreSQL runs as under root
    folder = Path(tempfile.mkdtemp(prefix="one-killed-"))
    folder.chmod(0o755)
    made = Deployment(folder)
    made.start()
    yield made
    if made.server is not None and made.server.poll() is None:
        made.kill()
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int(made.postmaster[0]), signal.SIGINT)
    shutil.rmtree(folder, ignore_errors=True)


def wait_for(deployment: Deployment, writers: list[Writer], more: int) -> None:
    """Until each writer has been acknowledged this many more."""
    wanted = [len(writer.acknowledged) + more for writer in writers]
    for _ in range(600):
        if all(len(w.acknowledged) >= n for w, n in zip(writers, wanted, strict=True)):
            return
        time.sleep(0.02)
    raise TimeoutError(f"the writers came no further: {deployment.address}")


def test_what_was_acknowledged_is_there_once_after_every_kill(deployment: Deployment) -> None:
    over = threading.Event()
    writers = [Writer(deployment, number, over) for number in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        working = [pool.submit(writer.work) for writer in writers]
        try:
            for victim in ("server", "server", "server and database"):
                wait_for(deployment, writers, 3)
                if "database" in victim:
                    os.kill(int(deployment.postmaster[0]), signal.SIGKILL)
                if "server" in victim:
                    deployment.kill()
                    deployment.start()
            wait_for(deployment, writers, 3)
        finally:
            over.set()
        for each in working:
            each.result()
    acknowledged = {key: id for writer in writers for key, id in writer.acknowledged.items()}
    with deployment.database() as database:
        check(database, acknowledged)
    assert deployment.stop() == 0


def check(database: psycopg.Connection, acknowledged: Mapping[str, str]) -> None:
    """Each acknowledged thing once and whole, and the log without a hole."""
    for _ in range(500):
        if database.execute("SELECT FROM change_queue LIMIT 1").rowcount == 0:
            break
        time.sleep(0.02)
    kept = database.execute("SELECT name, id::text FROM entities WHERE type = 'course'").fetchall()
    assert len(kept) == len(dict(kept))
    assert acknowledged.items() <= dict(kept).items()
    assert database.execute(HALVES).fetchall() == []
    seen = database.execute("SELECT session_id, count(*) FROM events GROUP BY 1").fetchall()
    assert {many for session, many in seen if session} == {1}
    assert acknowledged.keys() <= dict(seen).keys()
    log = database.execute("SELECT count(*), min(position), max(position) FROM changes").fetchone()
    last = database.execute("SELECT last FROM positions").fetchone()
    assert log is not None
    assert last is not None
    assert log == (last[0], 1, last[0])
    assert database.execute(UNTOLD).fetchall() == []


HALVES = """
SELECT e.name FROM entities e WHERE e.type = 'course' AND (
    1 <> (SELECT count(*) FROM connections c WHERE c.to_id = e.id AND c.type = 'owns')
    OR 1 <> (SELECT count(*) FROM events v WHERE v.entity_id = e.id AND v.type = 'entity_created'))
"""
UNTOLD = """
SELECT r.id FROM (
    SELECT id FROM entities WHERE type = 'course'
    UNION ALL SELECT id FROM connections UNION ALL SELECT id FROM events
) r LEFT JOIN changes c ON c.row_id = r.id GROUP BY r.id HAVING count(c.id) <> 1
"""
