"""The whole of ONE in processes of their own."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from httpx import AsyncClient

NO_MORE: Mapping[str, str] = {}


class Server:
    """The whole of ONE in a process of its own, which is killed without warning. What it says goes
    to `printed` in its folder.
    """

    def __init__(
        self, url: str, data: Path, *, processes: int = 1, settings: Mapping[str, str] = NO_MORE
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environ = os.environ | {
            "ONE_DATABASE_URL": url,
            "ONE_DATA": str(data),
            "ONE_PORT": str(self.port),
            "ONE_PROCESSES": str(processes),
            **settings,
        }
        self.printed = data / "printed"
        self.url = f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        with self.printed.open("ab") as printed:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                "from one.cli import main; main()",
                "serve",
                env=self.environ,
                stdout=printed,
                stderr=printed,
            )
        async with AsyncClient(base_url=self.url) as client:
            for _ in range(300):
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        raise AssertionError(f"the server did not start: {self.printed.read_text()}")

    async def stop(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return await asyncio.wait_for(self.process.wait(), 10)


@asynccontextmanager
async def served(
    url: str, data: Path, *, processes: int = 1, settings: Mapping[str, str] = NO_MORE
) -> AsyncGenerator[Server]:
    server = Server(url, data, processes=processes, settings=settings)
    await server.start()
    try:
        yield server
    finally:
        if server.process.returncode is None:
            await server.stop(signal.SIGKILL)
