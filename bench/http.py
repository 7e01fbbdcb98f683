"""Point reads and lists over HTTP, beside the barest Starlette handler on the same pool.

Both stand in one server process; one client in this process asks them in turn over kept-alive
connections, in shuffled rounds.
"""

import asyncio
import socket
import tempfile
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from uuid import UUID

import orjson
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench import Row
from one.app import App, build
from one.clock import monotonic
from one.settings import Settings
from one.store import DEFAULT_SPACE, PLATFORM, Draft, Viewer
from one.web.request import Receive, Scope, Send
from one.web.server import create

ROUNDS, CLIENTS = 9, 4
BAR = 0.6
OWNER = Viewer(PLATFORM, "staff")
READ = (
    "SELECT id, type, name, status, visibility, properties, version, created_at, updated_at,"
    " deleted_at FROM entities WHERE space_id = %(space)s"
)
"""What the barest handler asks: no rights, no drafts left out."""


def rows(full: bool) -> Iterable[Row]:
    requests = 4_000 if full else 1_000
    with tempfile.TemporaryDirectory(prefix="one-bench-") as folder:
        Path(folder).chmod(0o755)  # run as root, PostgreSQL is another user
        measured = uvloop.run(_measure(Settings(data=Path(folder)), requests))
    for path, (ours, bare) in measured.items():
        ratio = median(a / b for a, b in zip(ours, bare, strict=True))
        words = f"{ratio:.2f} x ({median(ours):,.0f} of {median(bare):,.0f} requests/s)"
        yield Row(path, "the barest handler", words, f"≥ {BAR} x", ratio >= BAR)


async def _measure(settings: Settings, requests: int) -> dict[str, tuple[list[float], list[float]]]:
    async with build(settings) as app:
        id = await _fill(app)
        async with _served(app) as port:
            paths = {
                "point read over HTTP": (f"/api/entities/{id}", f"/bare/{id}"),
                "list of 20 over HTTP": ("/api/entities?limit=20", "/bare"),
            }
            return {name: await _compare(port, pair, requests) for name, pair in paths.items()}


async def _fill(app: App) -> UUID:
    """Two thousand published courses; the id of one."""
    async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
        drafts = (
            Draft("course", f"Course {at}", {"summary": "A summary."}, "published")
            for at in range(2_000)
        )
        return [(await store.create(draft)).id for draft in drafts][-1]


async def _compare(
    port: int, paths: tuple[str, str], requests: int
) -> tuple[list[float], list[float]]:
    ours, bare = list[float](), list[float]()
    for turn in range(ROUNDS):
        first, second = (ours, bare) if turn % 2 else (bare, ours)
        for rates in (first, second):
            path = paths[0] if rates is ours else paths[1]
            rates.append(await _rate(port, path, requests))
    return ours[1:], bare[1:]


async def _rate(port: int, path: str, requests: int) -> float:
    """Answers a second, asked by a few clients at once."""
    began = monotonic()
    await asyncio.gather(*(_ask(port, path, requests // CLIENTS) for _ in range(CLIENTS)))
    return requests / (monotonic() - began)


async def _ask(port: int, path: str, times: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: one\r\n\r\n".encode()
    for _ in range(times):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()


@asynccontextmanager
async def _served(app: App) -> AsyncGenerator[int]:
    bare, whole = _bare(app), create(app)

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        await (bare if scope["path"].startswith("/bare") else whole)(scope, receive, send)

    config = uvicorn.Config(
        either, http="httptools", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield int(listener.getsockname()[1])
    server.should_exit = True
    await serving


def _bare(app: App) -> Starlette:
    """What somebody in a hurry would write: a query and its rows as JSON."""

    async def point(request: Request) -> Response:
        asked = {"space": DEFAULT_SPACE, "id": UUID(request.path_params["id"])}
        async with app.desk.database.read(snapshot=False) as tx:
            row = await tx.row(f"{READ} AND id = %(id)s", asked)
        return Response(orjson.dumps(row), media_type="application/json")

    async def some(request: Request) -> Response:
        del request
        async with app.desk.database.read(snapshot=False) as tx:
            found = await tx.rows(
                f"{READ} AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 20",
                {"space": DEFAULT_SPACE},
            )
        return Response(orjson.dumps(found), media_type="application/json")

    return Starlette(routes=[Route("/bare/{id}", point), Route("/bare", some)])
