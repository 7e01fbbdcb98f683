"""`one mcp` and `/mcp` as an assistant meets them: real processes, the SDK's own client."""

import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.session import MessageHandlerFnT
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ToolListChangedNotification

from one.settings import Settings
from tests.domains.live import GREET
from tests.web.conftest import settings
from tests.web.serving import Server, served

__all__ = ["settings"]
pytestmark = pytest.mark.anyio
MINE = 'FEATURE: Open a choir\n\nCREATE community called "Morning choir"\n'
WAVE = GREET.replace("Greet", "Wave at")
WRONG = "FEATURE: Thank a fan\n\nGET my newest cours SAVE AS gift\n"


@asynccontextmanager
async def over_stdio(
    settings: Settings, hear: MessageHandlerFnT | None = None
) -> AsyncGenerator[Client]:
    """With `hear` it is told of changes as the assistants of today are: unasked."""
    command = ["-c", "from one.cli import main; main()", "mcp"]
    environ = {"ONE_DATABASE_URL": settings.database_url, "ONE_DATA": str(settings.data)}
    at = StdioServerParameters(command=sys.executable, args=command, env=environ)
    async with Client(at, message_handler=hear, mode="legacy" if hear else "auto") as client:
        yield client


@asynccontextmanager
async def over_http(server: Server, token: str = "") -> AsyncGenerator[Client]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{server.url}/mcp", http_client=http)) as client,
    ):
        yield client


@pytest.fixture
async def server(settings: Settings) -> AsyncGenerator[Server]:
    async with served(settings.database_url, settings.data) as server:
        yield server


@pytest.fixture
def owner(server: Server, settings: Settings) -> str:
    return (settings.data / "owner-token").read_text().strip()


async def ask(client: Client, tool: str, **given: object) -> dict[str, Any]:
    """What a tool answers; an error is a failed test."""
    result = await client.call_tool(tool, given)
    assert not result.is_error, result.content
    return cast("dict[str, Any]", result.structured_content)


async def refusal(client: Client, tool: str, **given: object) -> dict[str, Any]:
    result = await client.call_tool(tool, given)
    assert result.is_error
    return cast("dict[str, Any]", result.structured_content)


async def test_an_assistant_checks_a_text_and_looks_words_up_over_stdio(settings: Settings) -> None:
    async with over_stdio(settings) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert "graph_create_entity" not in tools
        schema = cast("Mapping[str, Any]", tools["graph_get_entity"].input_schema)
        assert schema["required"] == ["id"]
        checked = await ask(client, "language_check_features", text=WRONG)
        assert checked["files"][0]["features"][0]["outcome"] == "error"
        found = await ask(client, "language_list_words", phrase="course")
        assert found["items"][0]["words"] == "course"
        pages = {one.uri for one in (await client.list_resources()).resources}
        assert pages == {"one://ontology", "one://words", "one://diagnostics"}
        (page,) = (await client.read_resource("one://words")).contents
        assert "course" in page.model_dump()["text"]


async def test_a_refusal_says_what_is_wrong_the_cure_and_the_field(settings: Settings) -> None:
    async with over_stdio(settings) as client:
        said = await refusal(client, "language_check_features", txt="x")
        assert {fault["pointer"] for fault in said["errors"]} == {"/text", "/txt"}
        assert said["cure"]
        gone = await refusal(client, "runs_get_run", id="00000000-0000-7000-8000-0000000000ff")
        assert gone["status"] == 404
        assert (await refusal(client, "runs_get_runs"))["status"] == 404


async def test_a_tool_has_the_rights_of_the_token(server: Server, owner: str) -> None:
    async with over_http(server, owner) as mine, over_http(server) as visitor:
        await ask(mine, "runs_list_my_runs")
        said = await refusal(visitor, "runs_list_my_runs")
        assert said["status"] == 401
        await ask(visitor, "graph_count_entities", type=["course"])


async def test_a_token_that_is_not_one_is_refused(
    server: Server, settings: Settings, tmp_path: Path
) -> None:
    async with httpx2.AsyncClient(base_url=server.url) as http:
        wrong = {"authorization": "Bearer nobody"}
        assert (await http.post("/mcp", json={}, headers=wrong)).status_code == 401
        assert (await http.get("/mcp")).status_code == 405


async def test_what_an_assistant_deploys_is_a_tool_of_those_who_may_run_it(
    server: Server, owner: str
) -> None:
    async with over_http(server, owner) as mine, over_http(server) as visitor:
        said = await refusal(mine, "features_deploy_features", text=WRONG)
        assert said["type"] == "/problems/does-not-compile"
        assert said["files"][0]["features"][0]["diagnostics"]
        assert (await refusal(visitor, "features_deploy_features", text=GREET))["status"] == 401
        async with mine.listen(tools_list_changed=True) as changes:
            await ask(mine, "features_deploy_features", text=GREET)
            await anext(aiter(changes))
        tools = {one.name: one for one in (await visitor.list_tools(cache_mode="bypass")).tools}
        assert tools["feature_greet_a_fan"].title == "Greet a fan"
        came = await ask(visitor, "feature_greet_a_fan", name="Bo")
        assert came["output"] == {"greeting": "Hello Bo"}
        said = await refusal(visitor, "feature_greet_a_fan", name=5)
        assert said["errors"][0]["pointer"] == "/name"
        near = await refusal(visitor, "feature_greet_a_fen", name="Bo")
        assert near["near"][0] == "/api/features/greet_a_fan"


async def test_over_stdio_it_is_told_of_what_others_deploy_and_runs_it(settings: Settings) -> None:
    told = anyio.Event()

    async def hear(message: object) -> None:
        if isinstance(message, ToolListChangedNotification):
            told.set()

    async with (
        over_stdio(settings, hear=hear) as mine,
        over_stdio(settings) as other,
    ):
        before = {one.name for one in (await mine.list_tools()).tools}
        await ask(other, "features_deploy_features", text=WAVE)
        with anyio.fail_after(20):
            await told.wait()
        after = {one.name for one in (await mine.list_tools(cache_mode="bypass")).tools}
        assert after - before == {"feature_wave_at_a_fan"}
        came = await ask(mine, "feature_wave_at_a_fan", name="Bo")
        assert came["output"] == {"greeting": "Hello Bo"}


async def test_a_feature_for_its_author_is_no_tool_of_others(server: Server, owner: str) -> None:
    async with over_http(server, owner) as mine, over_http(server) as visitor:
        await ask(mine, "features_deploy_features", text=MINE)
        assert "feature_open_a_choir" in {one.name for one in (await mine.list_tools()).tools}
        assert "feature_open_a_choir" not in {
            one.name for one in (await visitor.list_tools()).tools
        }
        assert (await refusal(visitor, "feature_open_a_choir"))["status"] == 401
        assert (await ask(mine, "feature_open_a_choir"))["status"] == "done"
