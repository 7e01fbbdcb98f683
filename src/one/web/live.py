"""Live lists: what a list gains, changes and loses, as server-sent events.

The stream begins with `ready` and its position. Every position that was sent whole is an `id:`, so
whoever comes back with it as `Last-Event-ID` goes on where they were, whichever process answers.
"""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Awaitable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Annotated, Final

import structlog
from pydantic import Field

from one.app import App
from one.domains.graph import Following
from one.errors import JSON, Invalid, OneError
from one.runtime import Input, as_asked, keep_look, require_scope
from one.store import Post, Viewer
from one.web import request
from one.web.api import SAFE, acting, reply
from one.web.errors import MethodNotAllowed
from one.web.request import Headers, Receive, Scope, Send

PATH: Final = "/api/live"
METHODS = ("GET", "OPTIONS")
_LONGEST = 3_600
_CHUNK = 64 << 10
_STUCK = 30.0
_RETRY = b"retry: 1000\n"
_FARTHEST = 2**62
STREAM = [
    *SAFE,
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
]
_WORDS = """Asked like the list of `table`; without `limit` and `cursor`.

`gained`, `changed`: the row as a read gives it, now in the list. `left`: the `id` of a row that is
no longer in it, or no longer yours to see. `resync`: read the list again; it can't be told what
changed. Events whose `id` is known were had before."""
_log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Following):
    """A list to follow, where to begin and how long."""

    since: (
        Annotated[
            int,
            Field(ge=0, le=_FARTHEST, description="Go on after this position (or Last-Event-ID)."),
        ]
        | None
    ) = None
    for_: Annotated[
        int, Field(ge=0, le=_LONGEST, description="Seconds after which the stream ends.")
    ] = _LONGEST


INPUT = Input("follow", inspect.signature(Asked, eval_str=True).parameters)


class Live:
    """The ASGI application behind `/api/live`."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises what is wrong with the request before anything is sent."""
        if not await is_opened(scope, send):
            return
        headers = request.headers_of(scope)
        space, viewer = await acting(self._app, scope, headers=headers)
        require_scope(viewer, room="graph", kind="read")
        asked = _asked(scope, headers)
        query = as_asked(request.query_of(scope))
        await keep_look(
            self._app.deployment, viewer, space=space, operation="follow_list", asked=query
        )
        hub, ontology = self._app.desk.hub, self._app.desk.ontology

        async def still() -> bool:
            return await self._still(scope, headers, viewer)

        following = hub.follow(
            space, viewer, ask=asked.ask(ontology), still=still, since=asked.since
        )
        async with following as (start, posts):
            await send({"type": "http.response.start", "status": 200, "headers": STREAM})
            try:
                await send_piece(send, _RETRY + _event(b"ready", start, b'{"position":%d}' % start))
                async with asyncio.timeout(asked.for_):
                    await until_gone(_send_all(posts, send), receive)
            except TimeoutError:
                pass
            except OneError as error:
                _log.warning("a stream ended", error=type(error).__name__)
            await send({"type": "http.response.body", "body": b""})

    async def _still(self, scope: Scope, headers: Headers, viewer: Viewer) -> bool:
        """Whether the caller is who they were."""
        try:
            _, now = await acting(self._app, scope, headers=headers)
        except OneError:
            return False
        return now == viewer


async def is_opened(scope: Scope, send: Send) -> bool:
    """Whether a stream is asked for, and not what may be. Raises MethodNotAllowed."""
    if scope["method"] == "OPTIONS":
        await reply(send, 204, said=[(b"allow", ", ".join(METHODS).encode())])
        return False
    if scope["method"] != "GET":
        raise MethodNotAllowed(
            f"{scope['method']} is not done here.",
            cure=f"What is: {', '.join(METHODS)}.",
            details={"allow": list(METHODS)},
        )
    return True


def _asked(scope: Scope, headers: Headers) -> Asked:
    asked = Asked(**INPUT.read_url(request.query_of(scope)))  # pyright: ignore[reportArgumentType] # INPUT is made of its fields
    last = headers.get(b"last-event-id", b"").decode("latin-1").strip()
    if not last:
        return asked
    if not last.isascii() or not last.isdigit() or len(last) > 18:
        raise Invalid(
            "The Last-Event-ID can't be read.", cure="Send the last `id:` that you were given."
        )
    return replace(asked, since=int(last))


async def goes_on(leaving: asyncio.Event, seconds: float) -> bool:
    """Waits a while; false at once when the server is about to stop."""
    try:
        async with asyncio.timeout(seconds):
            await leaving.wait()
    except TimeoutError:
        return True
    return False


async def until_gone(sending: Awaitable[None], receive: Receive) -> None:
    """Sends until there is no more to send or nobody to send it to."""
    tasks = [asyncio.ensure_future(sending), asyncio.ensure_future(_hung_up(receive))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_all(posts: AsyncGenerator[Post], send: Send) -> None:
    async with aclosing(posts):
        async for post in posts:
            waiting = bytearray()
            for text in _texts(post):
                waiting += text
                if len(waiting) > _CHUNK:
                    await send_piece(send, bytes(waiting))
                    waiting.clear()
            if waiting:
                await send_piece(send, bytes(waiting))


async def send_piece(send: Send, body: bytes) -> None:
    """Raises TimeoutError when nobody takes it."""
    async with asyncio.timeout(_STUCK):
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def stream(pieces: AsyncGenerator[bytes], send: Send, *, receive: Receive) -> None:
    """Answers with pieces as they come: for an hour, while there are more and somebody takes them.
    Who still wants them comes back.
    """
    await send({"type": "http.response.start", "status": 200, "headers": STREAM})
    try:
        async with asyncio.timeout(_LONGEST):
            await until_gone(_send_pieces(pieces, send), receive)
    except (TimeoutError, OneError):
        pass
    await send({"type": "http.response.body", "body": b""})


async def _send_pieces(pieces: AsyncGenerator[bytes], send: Send) -> None:
    """Raises TimeoutError when nobody takes one."""
    async with aclosing(pieces):
        async for piece in pieces:
            await send_piece(send, piece)


def _texts(post: Post) -> Iterator[bytes]:
    if post.told is None:
        yield _event(b"resync", post.position, b'{"position":%d}' % post.position)
    elif not post.told:
        yield b": quiet\nid: %d\n\n" % post.position
    else:
        for piece, following in zip(post.told, (*post.told[1:], None), strict=True):
            whole = following is None or following.position != piece.position
            yield _event(piece.what.encode(), piece.position if whole else None, piece.data)


def _event(name: bytes, position: int | None, data: bytes) -> bytes:
    id = b"" if position is None else b"id: %d\n" % position
    return b"event: %b\n%bdata: %b\n\n" % (name, id, data)


def described() -> dict[str, JSON]:
    """The stream as an OpenAPI operation. It isn't among the paths: it has no end to wait for."""
    parameters: list[JSON] = [
        {
            "name": name,
            "in": "query",
            "required": required,
            "schema": {key: value for key, value in schema.items() if key != "description"},
            "description": schema.get("description", ""),
        }
        for name, (schema, required) in INPUT.fields().items()
    ]
    parameters.append(
        {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "The last `id` that was received; goes before `since`.",
            "schema": {"type": "integer", "minimum": 0},
        }
    )
    problem: JSON = {"$ref": "#/components/schemas/Problem"}
    return {
        "operationId": "followList",
        "summary": "What a list gains, changes and loses.",
        "description": _WORDS,
        "security": [{}, {"bearer": []}],
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "Events `ready`, `gained`, `changed`, `left` and `resync`.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **{
                status: {
                    "description": words,
                    "content": {"application/problem+json": {"schema": problem}},
                }
                for status, words in (
                    ("401", "The token is not known."),
                    ("403", "The token is for other things."),
                    ("422", "The list can't be asked like this."),
                    ("429", "More lists are followed than can be."),
                    ("502", "The database can't be reached."),
                )
            },
        },
    }
