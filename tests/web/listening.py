"""A listener to server-sent events, as a browser's EventSource is one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import orjson
from httpx import AsyncClient, Response
from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Heard:
    """One event: its name, what it says, and the last `id` when it came."""

    name: str
    data: dict[str, JsonValue]
    last_id: str


@dataclass(slots=True)
class Listener:
    """Yields events; `last_id` is what to come back with."""

    response: Response
    last_id: str = ""
    _events: AsyncGenerator[Heard] | None = field(default=None)

    async def events(self) -> AsyncGenerator[Heard]:
        name, data = "", ""
        async for line in self.response.aiter_lines():
            key, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if key == "event":
                name = value
            elif key == "data":
                data = value
            elif key == "id":
                self.last_id = value
            elif not line and data:
                yield Heard(name, orjson.loads(data), self.last_id)
                name = data = ""

    async def next(self, *, within: float = 10) -> Heard:
        """The next event."""
        if self._events is None:
            self._events = self.events()
        return await asyncio.wait_for(anext(self._events), within)

    async def rest(self) -> list[Heard]:
        """All that comes until the stream ends."""
        if self._events is None:
            self._events = self.events()
        async with aclosing(self._events):
            return [event async for event in self._events]


@asynccontextmanager
async def listening(
    client: AsyncClient,
    path: str = "/api/live",
    *,
    headers: dict[str, str] | None = None,
    **asked: str,
) -> AsyncGenerator[Listener]:
    """A stream that has said it is ready."""
    params = {name.rstrip("_"): value for name, value in asked.items()}
    async with client.stream("GET", path, params=params, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        listener = Listener(response)
        ready = await listener.next()
        assert ready.name == "ready"
        yield listener
