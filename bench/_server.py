"""Real servers in processes of their own: ONE, and whatever it is held against."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx

from one.clock import monotonic
from one.settings import Settings

PATIENCE = 120.0  # of a machine that does other things too


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that answers; `token` acts as ONE's owner, `seconds` is how long it took."""

    port: int
    process: Process
    seconds: float
    token: str = ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def running(*command: str, port: int, path: str, **environ: str) -> AsyncGenerator[Serving]:
    """Starts a server and waits until `path` answers well; kills it on leaving."""
    begun = monotonic()
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **environ}, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _answering(port, path)
        yield Serving(port, process, monotonic() - begun)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _answering(port: int, path: str) -> None:
    deadline = monotonic() + PATIENCE
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        while True:
            try:
                if (await client.get(path)).is_success:
                    return
            except httpx.TransportError:
                if monotonic() > deadline:
                    raise
            await asyncio.sleep(0.01)


@asynccontextmanager
async def serving_one(settings: Settings, **environ: str) -> AsyncGenerator[Serving]:
    """`one serve` over these settings, with as many processes as they say."""
    port = free_port()
    facts = {
        "ONE_DATA": str(settings.data),
        "ONE_PORT": str(port),
        "ONE_PROCESSES": str(settings.processes),
        **environ,
    }
    if settings.database_url:
        facts["ONE_DATABASE_URL"] = settings.database_url
    command = (str(Path(sys.executable).parent / "one"), "serve")
    async with running(*command, port=port, path="/readyz", **facts) as server:
        token = (settings.data / "owner-token").read_text("utf-8").strip()
        yield Serving(port, server.process, server.seconds, token)


@asynccontextmanager
async def serving_bare(url: str) -> AsyncGenerator[Serving]:
    """The barest Starlette over the same database, served as ONE is."""
    port = free_port()
    options = "--factory --loop uvloop --http httptools --no-access-log --log-level warning"
    command = (sys.executable, "-m", "uvicorn", "bench._bare:app", *options.split())
    async with running(
        *command, "--port", str(port), port=port, path="/page?limit=1", ONE_DATABASE_URL=url
    ) as server:
        yield server


async def token_for(server: Serving, entity: UUID) -> str:
    """A token that acts as one person."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
        answer = await client.post(
            "/api/tokens",
            json={"name": "bench", "entity": str(entity)},
            headers={"authorization": f"Bearer {server.token}"},
        )
        return str(answer.raise_for_status().json()["secret"])
