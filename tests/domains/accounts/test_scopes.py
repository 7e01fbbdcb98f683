"""What a token is for, at every door: operations, features, streams and assistants."""

from typing import get_args

import pytest
from httpx import AsyncClient

from one.app import operations
from one.clock import new_id
from one.runtime import AnyOperation
from one.store import Scope
from tests.domains.accounts.test_audit import chained
from tests.domains.assistants import assistants, tool, tools
from tests.domains.conftest import Client
from tests.world import World

pytestmark = pytest.mark.anyio

SCOPES = get_args(Scope)


async def holding(client: Client, owner: AsyncClient, *scopes: str) -> AsyncClient:
    """A program with a token of the deployment's owner, who may do all, for `scopes` alone."""
    made = await owner.post("/api/tokens", json={"name": "x", "role": "staff", "scopes": scopes})
    assert made.status_code == 201, made.text
    script = await client(None)
    script.headers["Authorization"] = f"Bearer {made.json()['secret']}"
    return script


def expected(operation: AnyOperation, scope: str) -> bool:
    if operation.allow.by_link:
        return True
    if operation.method == "GET" or operation.kind == "read":
        return scope in ("read", "write", operation.room)
    return operation.room != "accounts" and scope in ("write", operation.room)


async def tried(script: AsyncClient, operation: AnyOperation) -> bool:
    """Whether the token's scopes let it through, whatever comes of it."""
    path = operation.path
    for name in operation.in_path.fields():
        path = path.replace(f"{{{name}}}", str(new_id()))
    answer = await script.request(operation.method, path)
    return not (answer.status_code == 403 and "This token is for" in answer.json()["detail"])


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_token_does_what_it_is_for_and_nothing_else(
    client: Client, owner: AsyncClient, scope: str
) -> None:
    script = await holding(client, owner, scope)
    for operation in operations():
        if not operation.allow.sessions:
            assert await tried(script, operation) == expected(operation, scope), operation.name


async def test_a_token_for_several_things_does_them_all(client: Client, owner: AsyncClient) -> None:
    script = await holding(client, owner, "notices", "graph")
    assert (await script.post("/api/entities", json={"type": "course", "name": "A"})).is_success
    assert (await script.get("/api/notices")).is_success
    refused = await script.get("/api/runs")
    assert refused.json()["detail"] == "This token is for graph, notices alone."
    assert refused.json()["cure"] == "Make one that is for `read` or `runs` or `write`."


async def test_streams_ask_the_same(client: Client, owner: AsyncClient) -> None:
    reader = await holding(client, owner, "read")
    runner = await holding(client, owner, "runs")
    assert (await runner.get("/api/live", params={"table": "tags"})).status_code == 403
    assert (await reader.get("/api/live", params={"table": "tags", "for": 0})).status_code == 200
    writer = await holding(client, owner, "graph")
    stream = f"/api/runs/{new_id()}/stream"
    assert (await writer.get(stream)).status_code == 403
    assert (await runner.get(stream)).status_code == 404


async def test_an_assistant_is_shown_the_tools_that_its_token_is_for(
    client: Client, owner: AsyncClient
) -> None:
    reader = await holding(client, owner, "read")
    async with assistants(reader):
        shown = await tools(reader)
        refused = await tool(reader, "features_deploy_features", text="FEATURE: x")
        read = await tool(reader, "graph_count_entities")
    assert {"graph_get_entity", "runs_get_run"} <= shown
    assert not {"features_deploy_features", "runs_cancel_run"} & shown
    assert (refused["status"], read["more"]) == (403, False)


async def test_it_makes_and_revokes_no_tokens_and_says_what_it_is_for(
    world: World, client: Client, owner: AsyncClient
) -> None:
    script = await holding(client, owner, "write", "read")
    assert (await script.post("/api/tokens", json={"name": "more"})).status_code == 403
    (mine, *_) = (await script.get("/api/tokens")).json()["items"]
    assert mine["scopes"] == ["read", "write"]
    assert (await script.delete(f"/api/tokens/{mine['id']}")).status_code == 403
    for wrong in ([], ["accounts"], ["all"]):
        body = {"name": "x", "scopes": wrong}
        assert (await owner.post("/api/tokens", json=body)).status_code == 422
    await chained(world)
    log = (await owner.get("/api/audit")).json()["items"]
    assert log[0]["details"]["scopes"] == ["read", "write"]


def test_every_room_but_accounts_is_a_scope() -> None:
    assert {operation.room for operation in operations()} - {"accounts"} | {"read", "write"} == {
        *SCOPES
    }
