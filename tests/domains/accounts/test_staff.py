"""The staff: what each kind sees and does, and that a change of it holds at once."""

from uuid import UUID

import pytest
from httpx import AsyncClient

from one.store import PLATFORM
from tests.domains.accounts.people import address, sign_in, signed_up
from tests.domains.conftest import Client
from tests.world import World

pytestmark = pytest.mark.anyio


async def appointed(client: Client, owner: AsyncClient, role: str) -> tuple[AsyncClient, UUID]:
    """A browser of somebody of the staff."""
    email = address(role)
    browser, id = await signed_up(client, owner, email)
    answer = await owner.put(f"/api/staff/{id}", json={"role": role})
    assert answer.status_code == 200, answer.text
    assert (await browser.get("/api/account")).status_code == 401, "it signs in anew"
    await sign_in(browser, email)
    return browser, id


@pytest.mark.parametrize(
    ("role", "changes", "appoints"),
    [
        ("owner", True, True),
        ("admin", True, False),
        ("support", False, False),
        ("read_only", False, False),
    ],
)
async def test_what_each_kind_may(
    world: World, client: Client, owner: AsyncClient, *, role: str, changes: bool, appoints: bool
) -> None:
    browser, _ = await appointed(client, owner, role)
    ana = await world.person()
    draft = await world.thing("course", by=ana, status="draft")
    assert (await browser.get(f"/api/entities/{draft.id}")).status_code == 200
    changed = await browser.patch(f"/api/entities/{draft.id}", json={"name": "Mine now"})
    assert changed.is_success is changes
    made = await browser.put(f"/api/staff/{ana.id}", json={"role": "owner"})
    assert made.is_success is appoints


async def test_who_is_dismissed_has_the_rights_of_a_person_at_once(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, id = await appointed(client, owner, "admin")
    token = (await browser.post("/api/tokens", json={"name": "x", "role": "staff"})).json()
    script = await client(None)
    script.headers["Authorization"] = f"Bearer {token['secret']}"
    draft = await world.thing("course", by=await world.person(), status="draft")
    assert (await script.get(f"/api/entities/{draft.id}")).status_code == 200
    assert (await owner.delete(f"/api/staff/{id}")).status_code == 200
    assert (await browser.get(f"/api/entities/{draft.id}")).status_code == 404
    assert (await script.get(f"/api/entities/{draft.id}")).status_code == 401


async def test_nobody_appoints_themselves(client: Client, owner: AsyncClient) -> None:
    browser, ana = await signed_up(client, owner, address("ana"))
    assert (await browser.put(f"/api/staff/{ana}", json={"role": "owner"})).status_code == 403
    assert (await browser.get("/api/staff")).status_code == 403
    token = {"name": "x", "role": "staff"}
    assert (await browser.post("/api/tokens", json=token)).status_code == 403


@pytest.mark.parametrize("role", ["admin", "support", "read_only"])
async def test_nobody_acts_as_staff_by_a_token_of_another(
    world: World, client: Client, owner: AsyncClient, role: str
) -> None:
    browser, _ = await appointed(client, owner, role)
    _, boss = await appointed(client, owner, "owner")
    for entity in (boss, PLATFORM):
        token = {"name": "x", "role": "staff", "entity": str(entity)}
        answer = await browser.post("/api/tokens", json=token)
        assert answer.status_code == 403, answer.text
