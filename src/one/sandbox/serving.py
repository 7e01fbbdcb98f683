"""The sandbox at a port of its own, for programs that take another address for Stripe's."""

import asyncio
import contextlib
import signal
import socket
import sys
from types import FrameType

import uvicorn

from one.errors import Conflict
from one.sandbox import Sandbox


def listener(host: str, port: int) -> socket.socket:
    """A port of its own; 0 is any. Raises Conflict where it is taken."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise Conflict(
            f"Can't listen at {host}:{port}: {error.strerror}.", cure="Take another --port."
        ) from error


def _leave(number: int, frame: FrameType | None) -> None:
    """Ends the process as any other end; uvicorn hands the signal on when it has answered."""
    del number, frame
    sys.exit(0)


async def serve(sandbox: Sandbox, at: socket.socket) -> None:
    """Serves until stopped, and delivers events meanwhile."""
    server = uvicorn.Server(
        uvicorn.Config(
            sandbox, lifespan="off", log_level="warning", access_log=False, server_header=False
        )
    )
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _leave)
    delivering = asyncio.create_task(sandbox.run())
    try:
        await server.serve([at])
    finally:
        delivering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await delivering
