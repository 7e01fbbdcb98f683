"""Clients that ask as fast as they are answered, in a process of their own.

`python -m bench._load` reads one job as JSON and writes what came of it as JSON.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import httptools
import orjson
import uvloop
from pydantic import BaseModel

from one.clock import monotonic


class Job(BaseModel):
    """`requests`: whole HTTP requests as Latin-1 text, dealt out to `clients` in turn."""

    port: int
    clients: int
    requests: list[str]
    times: int


class Outcome(BaseModel):
    """`rate` in answers a second; the other times in milliseconds."""

    rate: float
    middle: float
    slow: float
    statuses: dict[int, int]

    def held(self, *expected: int) -> float:
        """The rate, when all went well."""
        if wrong := {status: n for status, n in self.statuses.items() if status not in expected}:
            raise RuntimeError(f"answers that should not be: {wrong}")
        return self.rate


async def run(job: Job) -> Outcome:
    """Has the job done by another process."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench._load"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate(job.model_dump_json().encode())
    return Outcome.model_validate_json(said)


def request(method: str, path: str, *, body: object = None, **headers: str) -> str:
    """One request; headers are written with `_` for `-`."""
    content = b"" if body is None else orjson.dumps(body)
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["content-type: application/json", f"content-length: {len(content)}"]
    return "\r\n".join([*lines, "", content.decode()])


@dataclass(slots=True)
class _Tally:
    """What is still to be asked, and what was answered."""

    requests: Sequence[bytes]
    left: int
    waits: list[float] = field(default_factory=list[float])
    statuses: Counter[int] = field(default_factory=Counter[int])


class _Client(asyncio.Protocol):
    """One connection: asks, reads the whole answer, asks again."""

    def __init__(self, tally: _Tally, done: asyncio.Future[None]) -> None:
        self._tally = tally
        self._done = done
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        tally = self._tally
        if not tally.left:
            self._done.set_result(None)
            self._transport.close()
            return
        tally.left -= 1
        self._parser = httptools.HttpResponseParser(self)
        self._asked = monotonic()
        self._transport.write(tally.requests[tally.left % len(tally.requests)])

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._tally.waits.append(monotonic() - self._asked)
        self._tally.statuses[self._parser.get_status_code()] += 1
        asyncio.get_running_loop().call_soon(self._ask)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server hung up"))


async def _work(job: Job) -> Outcome:
    loop = asyncio.get_running_loop()
    tally = _Tally([text.encode("latin-1") for text in job.requests], job.times)
    done = [loop.create_future() for _ in range(job.clients)]
    begun = monotonic()
    for future in done:
        await loop.create_connection(partial(_Client, tally, future), "127.0.0.1", job.port)
    await asyncio.gather(*done)
    seconds = monotonic() - begun
    waits = sorted(tally.waits)
    return Outcome(
        rate=job.times / seconds,
        middle=waits[len(waits) // 2] * 1000,
        slow=waits[int(len(waits) * 0.95)] * 1000,
        statuses=dict(tally.statuses),
    )


if __name__ == "__main__":
    outcome = uvloop.run(_work(Job.model_validate_json(sys.stdin.buffer.read())))
    sys.stdout.write(outcome.model_dump_json())
