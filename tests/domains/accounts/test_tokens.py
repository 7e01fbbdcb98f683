"""Tokens: made for oneself, shown once, listed without secrets, over when revoked."""

import pytest
from httpx import AsyncClient

from tests.domains.conftest import Client
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_a_token_acts_as_its_person_until_revoked(world: World, client: Client) -> None:
    mine = await client(await world.person())
    made = (await mine.post("/api/tokens", json={"name": "phone"})).json()
    phone = await client(None)
    phone.headers["Authorization"] = f"Bearer {made['secret']}"
    listed = (await phone.get("/api/tokens")).json()["items"]
    assert made["token"]["id"] in {token["id"] for token in listed}
    assert made["secret"] not in str(listed)
    assert (await mine.delete(f"/api/tokens/{made['token']['id']}")).status_code == 200
    assert (await phone.get("/api/tokens")).status_code == 401


async def test_nobody_makes_tokens_for_another_or_as_staff(world: World, client: Client) -> None:
    ana, bo = await world.person(), await world.person()
    mine = await client(ana)
    for body in ({"name": "x", "entity": str(bo.id)}, {"name": "x", "role": "staff"}):
        assert (await mine.post("/api/tokens", json=body)).status_code == 403


async def test_nobody_revokes_the_token_of_another(
    world: World, client: Client, owner: AsyncClient
) -> None:
    made = (await owner.post("/api/tokens", json={"name": "x"})).json()
    mine = await client(await world.person())
    assert (await mine.delete(f"/api/tokens/{made['token']['id']}")).status_code == 404


async def test_a_token_that_is_over_before_it_begins_is_refused(owner: AsyncClient) -> None:
    body = {"name": "x", "expiresAt": "2020-01-01T00:00:00Z"}
    assert (await owner.post("/api/tokens", json=body)).status_code == 422
