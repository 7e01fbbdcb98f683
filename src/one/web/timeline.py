"""A run as it goes on, as server-sent events: `step` for each row of its timeline, `run` when its
status changes, and an end when it is over. `id:` is the last row that was sent, so whoever comes
back with it as `Last-Event-ID` misses nothing.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Final
from uuid import UUID

from one.app import App
from one.clock import monotonic
from one.domains.runs import moments, shown
from one.errors import JSON, Invalid, NotFound
from one.runtime import keep_look, require_scope, signed_in
from one.store import Viewer
from one.store.history import find_run
from one.store.runs import ENDED, Run
from one.store.steps import journal_of
from one.web import request
from one.web.api import acting
from one.web.live import goes_on, is_opened, stream
from one.web.request import Headers, Receive, Scope, Send

PATH: Final = "/api/runs/{id}/stream"
_PATH = re.compile(r"/api/runs/([^/]+)/stream")
_PAUSE, _QUIET = 0.15, 15.0


def is_stream(path: str) -> bool:
    return _PATH.fullmatch(path) is not None


class Timelines:
    """The ASGI application behind the streams of runs."""

    def __init__(self, app: App, leaving: asyncio.Event) -> None:
        self._app = app
        self._leaving = leaving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises what is wrong with the request before anything is sent."""
        if not await is_opened(scope, send):
            return
        headers = request.headers_of(scope)
        space, viewer = await acting(self._app, scope, headers=headers)
        signed_in.admit(viewer)
        require_scope(viewer, room="runs", kind="read")
        id, since = _id(scope["path"]), _since(headers)
        await keep_look(
            self._app.deployment, viewer, space=space, operation="follow_run", asked={"id": str(id)}
        )
        run = await self._run(space, viewer, id)
        await stream(self._pieces(space, viewer, run=run, since=since), send, receive=receive)

    async def _run(self, space: UUID, viewer: Viewer, id: UUID) -> Run:
        async with self._app.desk.read(space, viewer, snapshot=False) as store:
            return await find_run(store.session, id)

    async def _pieces(
        self, space: UUID, viewer: Viewer, *, run: Run, since: int
    ) -> AsyncGenerator[bytes]:
        told, status, spoke = since, "", monotonic()
        while True:
            async with self._app.desk.read(space, viewer) as store:
                run = await find_run(store.session, run.id)
                steps = await journal_of(store.session.tx, space, run=run.id, after=told)
            for moment in moments(viewer, run, steps=steps):
                told = moment.number
                yield _event(b"step", told, moment.model_dump_json())
            if run.status != status:
                status = run.status
                yield _event(b"run", told, shown(viewer, run).model_dump_json())
                spoke = monotonic()
            if status in ENDED:
                return
            if monotonic() - spoke > _QUIET:
                spoke = monotonic()
                yield b": quiet\n\n"
            if not await goes_on(self._leaving, _PAUSE):
                return


def _id(path: str) -> UUID:
    found = _PATH.fullmatch(path)
    try:
        return UUID(found[1] if found else "")
    except ValueError:
        raise NotFound("There is no run with this id that you can see.") from None


def _since(headers: Headers) -> int:
    last = headers.get(b"last-event-id", b"0").decode("latin-1").strip()
    if not last.isascii() or not last.isdigit() or len(last) > 9:
        raise Invalid(
            "The Last-Event-ID can't be read.", cure="Send the last `id:` that you were given."
        )
    return int(last)


def _event(name: bytes, number: int, data: str) -> bytes:
    return b"event: %b\nid: %d\ndata: %b\n\n" % (name, number, data.encode())


def described() -> dict[str, JSON]:
    """The stream as an OpenAPI operation. It isn't among the paths: it has no end to wait for."""
    problem: JSON = {"schema": {"$ref": "#/components/schemas/Problem"}}
    id: JSON = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    }
    last: JSON = {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The last `id` that was received.",
        "schema": {"type": "integer", "minimum": 0},
    }
    refusals: dict[str, JSON] = {
        status: {"description": words, "content": {"application/problem+json": problem}}
        for status, words in (
            ("401", "Nobody is signed in."),
            ("403", "The token is for other things."),
            ("404", "There is no such run that you can see."),
            ("422", "The Last-Event-ID can't be read."),
        )
    }
    return {
        "operationId": "followRun",
        "summary": "A run as it goes on.",
        "description": "`step`: a row of its timeline; `run`: its status. It ends with the run.",
        "security": [{"bearer": []}],
        "parameters": [id, last],
        "responses": {
            "200": {
                "description": "Events `step` and `run`.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **refusals,
        },
    }
