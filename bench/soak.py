"""Hours of use in minutes: one server, asked again and again, and whether it grows.

`python -m bench.soak [REQUESTS]` on Linux. A line each tenth of the requests: the memory of the
server, and of its database (what its processes share is counted once), the answers by status.
"""

import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvloop

from bench._load import Job, Outcome, request, run
from bench._server import Serving, serving_one
from one.settings import Settings

REQUESTS, STEPS, CLIENTS = 200_000, 10, 8
_FOLLOWED = ("entities", "connections", "events")


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS
    with tempfile.TemporaryDirectory(prefix="one-bench-") as folder:
        Path(folder).chmod(0o755)  # run as root, PostgreSQL is another user
        uvloop.run(_soak(Settings(data=Path(folder)), each=wanted // STEPS))


async def _soak(settings: Settings, *, each: int) -> None:
    async with serving_one(settings) as server, _followed(server) as heard:
        requests = await _requests(server)
        print("start", _memory(server, settings.data), sep=" | ", flush=True)
        for step in range(1, STEPS + 1):
            job = Job(port=server.port, clients=CLIENTS, requests=requests, times=each)
            outcome = await run(job)
            parts = (f"{step * each:,} requests", _memory(server, settings.data), _of(outcome))
            print(*parts, f"followers heard {dict(heard)}", sep=" | ", flush=True)


def _of(outcome: Outcome) -> str:
    times = f"p50 {outcome.middle:.1f} ms, p95 {outcome.slow:.1f} ms, {outcome.rate:.0f}/s"
    return f"{times}, statuses {outcome.statuses}"


async def _requests(server: Serving) -> list[str]:
    """Of each twenty: eleven point reads, four lists, two creations, two changes, one count."""
    said = {"authorization": f"Bearer {server.token}"}
    url = f"http://127.0.0.1:{server.port}/api/entities"
    made: list[str] = []
    async with httpx.AsyncClient(headers=said) as client:
        for at in range(200):
            answer = await client.post(url, json=_course(at))
            made.append(str(answer.raise_for_status().json()["id"]))
    requests: list[str] = []
    for at, id in enumerate(made):
        path = f"/api/entities/{id}"
        lists = ("entities?type=course", "events?entity=" + id, "connections?to=" + id, "tags?")
        requests += [request("GET", f"/api/entities/{other}", **said) for other in made[:11]]
        requests += [request("GET", f"/api/{asked}&limit=20", **said) for asked in lists]
        requests += [request("POST", "/api/entities", body=_course(at), **said)] * 2
        change = {"increment": {"x_seen": 1}}
        requests += [request("PATCH", path, body=change, **said)] * 2
        requests.append(request("GET", "/api/entities/count?type=course", **said))
    return requests


def _course(at: int) -> dict[str, object]:
    return {"type": "course", "name": f"Breathing {at}", "status": "published"}


@asynccontextmanager
async def _followed(server: Serving) -> AsyncGenerator[Counter[str]]:
    """Somebody follows a list of each table; what they were told, by kind."""
    heard: Counter[str] = Counter()
    tasks = [asyncio.ensure_future(_follow(server, table, heard)) for table in _FOLLOWED]
    try:
        yield heard
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _follow(server: Serving, table: str, heard: Counter[str]) -> None:
    """Comes back where a stream ends, as a browser does."""
    url, last = f"http://127.0.0.1:{server.port}/api/live", ""
    said = {"authorization": f"Bearer {server.token}"}
    async with httpx.AsyncClient(headers=said, timeout=60) as client:
        while True:
            back = {"last-event-id": last} if last else {}
            async with client.stream("GET", url, params={"table": table}, headers=back) as stream:
                stream.raise_for_status()
                async for line in stream.aiter_lines():
                    name, _, value = line.partition(": ")
                    if name == "event":
                        heard[value] += 1
                    elif name == "id":
                        last = value


def _memory(server: Serving, data: Path) -> str:
    postmaster = int((data / "postgres" / "postmaster.pid").read_text("utf-8").split()[0])
    ours = _kilobytes(server.process.pid, "status", "VmRSS:")
    theirs = [_kilobytes(pid, "smaps_rollup", "Pss:") for pid in _family(postmaster)]
    return f"server {ours / 1024:.1f} MB, {len(theirs)} of PostgreSQL {sum(theirs) / 1024:.0f} MB"


def _family(parent: int) -> Iterable[int]:
    """A process and its children."""
    yield parent
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            stated = Path("/proc", pid, "stat").read_text("utf-8")
        except OSError:
            continue
        if int(stated.rpartition(")")[2].split()[1]) == parent:
            yield int(pid)


def _kilobytes(pid: int, file: str, name: str) -> int:
    """A figure that Linux keeps of a process; nought for one that has just ended."""
    try:
        lines = Path("/proc", str(pid), file).read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


if __name__ == "__main__":
    main()
