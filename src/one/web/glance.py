"""Lists that no log of changes tells of: runs, and what is in somebody's studio.

They are read again each second while somebody follows them. The stream begins with `ready` and
says `resync` each time the list is otherwise than it last was; `id:` is how it was then, so that
whoever comes back with it is told at once where it has changed meanwhile.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final, cast
from uuid import UUID

from one.app import App
from one.clock import monotonic
from one.domains.features.drafts import MOST
from one.domains.runs import list_my_runs
from one.errors import JSON, NotFound, TooMany
from one.runtime import as_asked, keep_look, require_scope, signed_in
from one.store import drafts, revisions
from one.store.history import RunAsk, list_runs
from one.store.runs import Status
from one.store.session import Session
from one.web import live, request
from one.web.api import acting
from one.web.live import goes_on, is_opened, stream
from one.web.request import Headers, Receive, Scope, Send

PREFIX: Final = f"{live.PATH}/"
MOST_FOLLOWERS = 1_000
_PAUSE, _QUIET = 1.0, 15.0
_NEWEST = 5

Given = dict[str, object]
Read = Callable[[Session, Given], Awaitable[object]]


def is_glance(path: str) -> bool:
    return path.startswith(PREFIX)


async def _runs(session: Session, given: Given) -> object:
    """How the runs of a list stand."""
    ask = RunAsk(
        cast("Status | None", given["status"]),
        cast("str | None", given["feature"]),
        cast("UUID | None", given["before"]),
    )
    found = await list_runs(session, ask, limit=cast(int, given["limit"]))
    return [(run.id, run.status, run.reason) for run in found]


async def _studio(session: Session, given: Given) -> object:
    """Somebody's features and drafts as they stand, and their newest runs."""
    me = cast(UUID, session.viewer.id)
    features = await revisions.features_of(session, me)
    writing = await drafts.drafts_of(session, me, limit=MOST)
    return (
        [(one.slug, one.version) for one in features],
        [(one.id, one.version) for one in writing],
        await _runs(session, given),
    )


_LISTS: dict[str, tuple[str, Read]] = {"runs": ("runs", _runs), "studio": ("features", _studio)}
"""By the last word of their address: the room that they are of, and how they are read."""


class Glances:
    """The ASGI application behind `/api/live/runs` and `/api/live/studio`."""

    def __init__(self, app: App, leaving: asyncio.Event) -> None:
        self._app = app
        self._leaving = leaving
        self._followers = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises what is wrong with the request before anything is sent."""
        name = scope["path"].removeprefix(PREFIX)
        if name not in _LISTS:
            raise NotFound(
                "No list is followed at this address.", cure=f"Lists are: {', '.join(_LISTS)}."
            )
        if not await is_opened(scope, send):
            return
        room, read = _LISTS[name]
        headers = request.headers_of(scope)
        space, viewer = await acting(self._app, scope, headers=headers)
        signed_in.admit(viewer)
        require_scope(viewer, room=room, kind="read")
        asked = request.query_of(scope)
        given = list_my_runs.input.read_url(asked)
        await keep_look(
            self._app.deployment,
            viewer,
            space=space,
            operation=f"follow_{name}",
            asked=as_asked(asked),
        )
        if self._followers >= MOST_FOLLOWERS:
            raise TooMany(
                "More lists are followed here than can be.", cure="Try again in a minute."
            )

        async def look() -> int:
            async with self._app.desk.read(space, viewer, snapshot=False) as store:
                return _mark(await read(store.session, given))

        async def still() -> bool:
            return (await acting(self._app, scope, headers=headers))[1] == viewer

        self._followers += 1
        try:
            await stream(self._pieces(look, still, since=_since(headers)), send, receive=receive)
        finally:
            self._followers -= 1

    async def _pieces(
        self,
        look: Callable[[], Awaitable[int]],
        still: Callable[[], Awaitable[bool]],
        *,
        since: str,
    ) -> AsyncGenerator[bytes]:
        mark, spoke, checked = await look(), monotonic(), monotonic()
        yield _event(b"ready", mark)
        if since not in ("", str(mark)):
            yield _event(b"resync", mark)
        while await goes_on(self._leaving, _PAUSE):
            if monotonic() - checked > _QUIET:
                checked = monotonic()
                if not await still():
                    return
            now = await look()
            if now != mark:
                mark, spoke = now, monotonic()
                yield _event(b"resync", mark)
            elif monotonic() - spoke > _QUIET:
                spoke = monotonic()
                yield b": quiet\n\n"


def _mark(found: object) -> int:
    return int.from_bytes(hashlib.sha256(repr(found).encode()).digest()[:7])


def _since(headers: Headers) -> str:
    return headers.get(b"last-event-id", b"").decode("latin-1").strip()[:20]


def _event(name: bytes, mark: int) -> bytes:
    return b'event: %b\nid: %d\ndata: {"position":%d}\n\n' % (name, mark, mark)


def described() -> dict[str, dict[str, JSON]]:
    """The streams as OpenAPI operations. They aren't among the paths: they have no end to wait
    for.
    """
    problem: JSON = {"schema": {"$ref": "#/components/schemas/Problem"}}
    refusals: dict[str, JSON] = {
        status: {"description": words, "content": {"application/problem+json": problem}}
        for status, words in (
            ("401", "Nobody is signed in."),
            ("403", "The token is for other things."),
            ("422", "The list can't be asked like this."),
            ("429", "More lists are followed than can be."),
        )
    }
    asked: list[JSON] = [
        {"name": name, "in": "query", "required": required, "schema": schema}
        for name, (schema, required) in list_my_runs.input.fields().items()
    ]
    last: JSON = {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The last `id` that was received.",
        "schema": {"type": "integer", "minimum": 0},
    }
    of = {"runs": "your runs, as they are listed", "studio": "your features, drafts and runs"}
    return {
        f"{PREFIX}{name}": {
            "operationId": f"follow{name.capitalize()}",
            "summary": f"Tells when to read again: {of[name]}.",
            "description": "`resync`: the list is otherwise than it was.",
            "security": [{"bearer": []}],
            "parameters": [*(asked if name == "runs" else []), last],
            "responses": {
                "200": {
                    "description": "Events `ready` and `resync`.",
                    "content": {"text/event-stream": {"schema": {"type": "string"}}},
                },
                **refusals,
            },
        }
        for name in _LISTS
    }
