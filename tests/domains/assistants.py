"""An assistant that speaks to a site in process: one message of its protocol each."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import orjson
from httpx import ASGITransport, AsyncClient
from pydantic import JsonValue

from one.web.server import Server

_TAKES = {"accept": "application/json, text/event-stream"}


@asynccontextmanager
async def assistants(client: AsyncClient) -> AsyncGenerator[None]:
    """Meanwhile the client's site answers assistants."""
    transport = client._transport  # pyright: ignore[reportPrivateUsage] # httpx shows it nowhere
    server = cast("Server", cast("ASGITransport", transport).app)
    async with server.assistants.running():
        yield


async def tool(client: AsyncClient, name: str, **given: JsonValue) -> dict[str, Any]:
    """What a tool answers, or refuses with."""
    result = await _asked(client, "tools/call", {"name": name, "arguments": given})
    return result["structuredContent"]


async def tools(client: AsyncClient) -> set[str]:
    """The names of the tools it is shown."""
    return {each["name"] for each in (await _asked(client, "tools/list", {}))["tools"]}


async def _asked(client: AsyncClient, method: str, params: JsonValue) -> dict[str, Any]:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    answer = await client.post("/mcp", json=message, headers=_TAKES)
    assert answer.status_code == 200, answer.text
    data = answer.text.partition("data: ")[2] or answer.text
    return orjson.loads(data)["result"]
