"""Stripe's own client, speaking to a server in this process instead of the network."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2
import stripe
from typing_extensions import override

Message = MutableMapping[str, Any]  # as ASGI has it
App = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


class InProcess(stripe.HTTPClient):
    """Hands requests to an ASGI application. Who gets no answer from it gets what a lost
    connection gives.
    """

    name = "in-process"

    def __init__(self, app: App) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] # one of its own parameters has no type
        self._app = app

    @override
    async def request_async(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: str | None = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        asked = [{"type": "http.request", "body": (post_data or "").encode()}]
        came = _Came()

        async def receive() -> Message:
            return asked.pop() if asked else {"type": "http.disconnect"}

        await self._app(_scope(method, url, headers), receive, came.send)
        if came.status is None:
            raise stripe.APIConnectionError("The sandbox did not answer.", should_retry=True)
        return bytes(came.body), came.status, came.headers

    @override
    async def sleep_async(self, secs: float) -> None:
        await asyncio.sleep(secs)

    @override
    async def close_async(self) -> None:
        return None


class _Came:
    """An answer as it comes in."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers = httpx2.Headers()
        self.body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            self.headers = httpx2.Headers(list(message.get("headers", ())))
        else:
            self.body += message.get("body", b"")


def _scope(method: str, url: str, headers: Mapping[str, str]) -> Message:
    parts = urlsplit(url)
    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method.upper(),
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(b"host", parts.netloc.encode()), *sent],
        "server": (parts.hostname or "", parts.port or 443),
        "client": ("127.0.0.1", 0),
    }
