"""The whole of ONE in processes of their own."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from httpx import AsyncClient


class Server:
    """The whole of ONE in a process of its own, which is killed without warning."""

    def __init__(self, url: str, data: Path, *, processes: int = 1) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._environ = os.environ | {
            "ONE_DATABASE_URL": url,
            "ONE_DATA": str(data),
            "ONE_PORT": str(self.port),
            "ONE_PROCESSES": str(processes),
        }
        self.url = f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from one.cli import main; main()",
            "serve",
            env=self._environ,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with AsyncClient(base_url=self.url) as client:
            for _ in range(300):
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        raise AssertionError("the server did not start")

    async def stop(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return await asyncio.wait_for(self.process.wait(), 10)


@asynccontextmanager
async def served(url: str, data: Path, *, processes: int = 1) -> AsyncGenerator[Server]:
    server = Server(url, data, processes=processes)
    await server.start()
    try:
        yield server
    finally:
        if server.process.returncode is None:
            await server.stop(signal.SIGKILL)
