"""ONE's doors beside PocketBase (Go and SQLite): the same work with rights, safe to repeat.

PocketBase's SQLite doesn't wait for the disk at commit (WAL, synchronous = NORMAL) and can't be
told to, so for this run PostgreSQL doesn't either (synchronous_commit = off). Both may lose the
last moment in a power cut, neither is ever half-written.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import psycopg
import uvloop
from pydantic import JsonValue

from bench import Row
from bench._load import Job, Outcome, request, run
from bench._measure import Ratio, compared
from bench._server import Serving, free_port, running, serving_one, token_for
from bench._world import World, prepared
from one.clock import new_id

CLIENTS = 16
_WRITES, _READS, _SEEDED = 500, 400, 2_000
_WHO = {"identity": "bench@example.com", "password": "not a secret"}
_OWN = '@request.auth.id != "" && {} = @request.auth.id'
_PROPERTIES = {"summary": "Ten evenings at the piano.", "language": "en"}
_TABLES: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "entities": (
        _OWN.format("owner"),
        {"type": "text", "name": "text", "status": "text", "owner": "users", "properties": "json"},
        ["type, created", "owner"],
    ),
    "connections": (
        _OWN.format("from"),
        {"type": "text", "from": "users", "to": "entities", "metadata": "json"},
        ["`from`, type", "`to`, type"],
    ),
    "events": (
        _OWN.format("actor"),
        {"type": "text", "entity": "entities", "actor": "users", "metadata": "json"},
        ["entity, created", "type, created", "actor, created"],
    ),
}


def rows(full: bool) -> Iterable[Row]:
    """Ratios of requests a second, 16 clients, one process of ONE."""
    world = prepared(full=full)
    with _hasty(world):
        return uvloop.run(_rows(world))


@contextmanager
def _hasty(world: World) -> Generator[None]:
    """PostgreSQL that is as durable as PocketBase is."""
    with psycopg.connect(world.url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off'.encode())
        try:
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{name}" RESET synchronous_commit'.encode())


async def _rows(world: World) -> list[Row]:
    # the rival is one process on all cores; Python takes a process for each
    settings = world.settings.model_copy(update={"processes": os.cpu_count() or 1})
    async with serving_one(settings) as one, _pocketbase() as (rival, user, rival_token):
        reader = _One(one, world, await token_for(one, world.poor))
        ours = _One(one, world, await token_for(one, world.maker))
        theirs = _Rival(rival, user, rival_token)
        await theirs.seed()
        listed = await compared(reader.list_fifty, theirs.list_fifty)
        made = await compared(ours.create_one, theirs.create_one)
        linked = await compared(ours.create_linked, theirs.create_linked)
    return [
        _row("HTTP create of one row", made, least=None),
        _row("HTTP create of 3 linked rows", linked, least=1.0),
        _row("HTTP list of 50", listed, least=1.0),
    ]


class _One:
    def __init__(self, server: Serving, world: World, token: str) -> None:
        self._port = server.port
        self._said = {"authorization": f"Bearer {token}"}
        self._world = world

    def _post(self, path: str, body: object) -> str:
        return request("POST", path, body=body, **self._said, idempotency_key=str(new_id()))

    async def create_one(self) -> float:
        things = self._world.shown
        bodies = (
            {"type": "content_viewed", "entity": str(things[at % len(things)])}
            for at in range(_WRITES)
        )
        return await _rate(self._port, [self._post("/api/events", body) for body in bodies])

    async def create_linked(self) -> float:
        """A course comes with who owns it and that it was made."""
        bodies = (
            {"type": "course", "name": f"Piano {at}", "properties": _PROPERTIES}
            for at in range(_WRITES)
        )
        return await _rate(self._port, [self._post("/api/entities", body) for body in bodies])

    async def list_fifty(self) -> float:
        asked = request("GET", "/api/entities?type=course&limit=50", **self._said)
        return await _rate(self._port, [asked] * _READS)


class _Rival:
    def __init__(self, server: Serving, user: str, token: str) -> None:
        self._port = server.port
        self._user = user
        self._said = {"authorization": token}

    async def seed(self) -> None:
        """As many published courses as a list needs to be a list."""
        bodies = [
            {"requests": [self._entity(_id(), status="published") for _ in range(50)]}
            for _ in range(_SEEDED // 50)
        ]
        await _rate(
            self._port, [request("POST", "/api/batch", body=b, **self._said) for b in bodies]
        )

    def _entity(self, id: str, *, status: str = "draft") -> dict[str, object]:
        body: dict[str, object] = {"id": id, "type": "course", "name": f"Piano {id}"}
        return _record(
            "entities", body | {"owner": self._user, "status": status, "properties": _PROPERTIES}
        )

    def _linked(self) -> list[dict[str, object]]:
        id, owner = _id(), self._user
        owns: dict[str, object] = {
            "id": _id(),
            "type": "owns",
            "from": owner,
            "to": id,
            "metadata": {"share": 10000},
        }
        made: dict[str, object] = {"type": "entity_created", "entity": id, "actor": owner}
        return [
            self._entity(id),
            _record("connections", owns),
            _record("events", made | {"id": _id(), "metadata": {"entityType": "course"}}),
        ]

    async def create_one(self) -> float:
        viewed: dict[str, object] = {
            "type": "content_viewed",
            "actor": self._user,
            "metadata": {"completionRate": 1},
        }
        path = "/api/collections/events/records"
        bodies = [viewed | {"id": _id()} for _ in range(_WRITES)]
        asked = [request("POST", path, body=body, **self._said) for body in bodies]
        return await _rate(self._port, asked)

    async def create_linked(self) -> float:
        bodies = [{"requests": self._linked()} for _ in range(_WRITES)]
        asked = [request("POST", "/api/batch", body=body, **self._said) for body in bodies]
        return await _rate(self._port, asked)

    async def list_fifty(self) -> float:
        query = "filter=(type='course')&sort=-created&perPage=50&skipTotal=1"
        path = f"/api/collections/entities/records?{query}"
        return await _rate(self._port, [request("GET", path, **self._said)] * _READS)


def _id() -> str:
    """An id as PocketBase has them, made by the caller, so that a repeated request is refused."""
    return new_id().hex[-15:]


def _record(table: str, body: dict[str, object]) -> dict[str, object]:
    return {"method": "POST", "url": f"/api/collections/{table}/records", "body": body}


async def _rate(port: int, requests: list[str]) -> float:
    job = Job(port=port, clients=CLIENTS, requests=requests, times=len(requests))
    outcome: Outcome = await run(job)
    return outcome.held(200, 201)


def _row(path: str, found: Ratio, *, least: float | None) -> Row:
    measured = f"{found} x; {found.ours:.0f} and {found.theirs:.0f}/s"
    bar = "-" if least is None else f"≥ {least:.1f} x"
    return Row(path, "PocketBase", measured, bar, least is None or found.middle >= least)


@asynccontextmanager
async def _pocketbase() -> AsyncGenerator[tuple[Serving, str, str]]:
    """PocketBase with our tables and their rights; a user and their token."""
    program = str(Path(sys.executable).parent / "pocketbase")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="one-bench-") as folder:
        data = f"{folder}/data"  # what it writes beside its data lands in `folder` too
        async with running(
            *(program, "serve", "--http", f"127.0.0.1:{port}", "--dir", data),
            port=port,
            path="/api/health",
        ) as server:
            await _superuser(program, data)
            yield server, *await _arranged(port)


async def _superuser(program: str, folder: str) -> None:
    command = (program, "superuser", "upsert", *_WHO.values(), "--dir", folder)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0


async def _arranged(port: int) -> tuple[str, str]:
    """The tables, one user, and the token that acts as them."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api") as client:

        async def said(method: str, path: str, body: object) -> dict[str, JsonValue]:
            answer = await client.request(method, path, json=body)
            if answer.is_error:
                raise RuntimeError(f"{body}: {answer.text}")
            return answer.json()

        admin = await said("POST", "/collections/_superusers/auth-with-password", _WHO)
        client.headers["authorization"] = str(admin["token"])
        settings = {"batch": {"enabled": True, "maxRequests": 50}, "logs": {"maxDays": 0}}
        await said("PATCH", "/settings", settings)
        ids = {"users": str((await said("GET", "/collections/users", None))["id"])}
        for name, (rule, columns, indexes) in _TABLES.items():
            table = {
                "name": name,
                "type": "base",
                "createRule": rule,
                "listRule": rule if name != "entities" else f'status = "published" || {rule}',
                "fields": [_field(column, kind, ids) for column, kind in columns.items()]
                + [{"name": "created", "type": "autodate", "onCreate": True}],
                "indexes": [
                    f"CREATE INDEX {name}_{at} ON {name} ({keys})"
                    for at, keys in enumerate(indexes)
                ],
            }
            ids[name] = str((await said("POST", "/collections", table))["id"])
        password = _WHO["password"]
        user = {"email": _WHO["identity"], "password": password, "passwordConfirm": password}
        made = await said("POST", "/collections/users/records", user)
        acting = await said("POST", "/collections/users/auth-with-password", _WHO)
        return str(made["id"]), str(acting["token"])


def _field(name: str, kind: str, tables: dict[str, str]) -> dict[str, JsonValue]:
    if kind in tables:
        return {"name": name, "type": "relation", "collectionId": tables[kind], "maxSelect": 1}
    return {"name": name, "type": kind}
