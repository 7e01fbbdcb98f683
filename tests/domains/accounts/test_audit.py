"""The audit log: what is in it, and that no row is changed, taken out or put in unseen."""

import asyncio

import pytest
from httpx import AsyncClient
from pydantic import JsonValue

from one.clock import new_id
from one.store.audit import Verdict, chain, verify
from tests.domains.accounts.people import address, sign_in, signed_up
from tests.domains.accounts.test_second_factor import turned_on
from tests.domains.accounts.test_staff import appointed
from tests.domains.assistants import assistants, tool
from tests.domains.conftest import Client, deployment_of
from tests.world import World

pytestmark = pytest.mark.anyio


async def chained(world: World) -> None:
    """What waits is in the log."""
    seal = deployment_of(world).seal
    connection = await world.desk.database.connect()
    try:
        while await chain(connection, seal.sign):
            pass
    finally:
        await connection.close()


async def verdict(world: World, head: str = "") -> Verdict:
    async with world.desk.database.read() as tx:
        return await verify(tx, world.space, deployment_of(world).seal.signed, head=head)


async def run(world: World, sql: str) -> int:
    async with world.desk.database.write() as tx:
        return await tx.run(sql, {"s": world.space})


async def written(world: World, client: Client, owner: AsyncClient) -> AsyncClient:
    """A log of some entries."""
    email = address("ana")
    browser, _ = await signed_up(client, owner, email)
    for _ in range(3):
        await sign_in(browser, email)
    await chained(world)
    return browser


async def test_a_person_reads_what_was_done_by_and_to_them_alone(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser = await written(world, client, owner)
    other, _ = await signed_up(client, owner, address("bo"))
    await chained(world)
    mine = (await browser.get("/api/account/log")).json()["items"]
    assert [item["act"] for item in mine] == ["signed_in"] * 4 + ["signed_up"]
    assert {item["act"] for item in (await other.get("/api/account/log")).json()["items"]} == {
        "signed_up",
        "signed_in",
    }
    assert (await other.get("/api/audit")).status_code == 403
    assert len((await owner.get("/api/audit")).json()["items"]) == 7


async def test_who_is_refused_is_in_the_log_of_whom_they_tried_to_be(
    world: World, client: Client, owner: AsyncClient
) -> None:
    email = address("ana")
    browser, ana = await signed_up(client, owner, email)
    await turned_on(browser)
    thief = await client(None)
    thief.headers["User-Agent"] = "A thief's"
    await sign_in(thief, email, "not this one")
    await sign_in(thief, address("nobody"), "not this one")
    code = {"email": email, "code": "000000"}
    await thief.post("/api/accounts/enter-code", json=code)
    await sign_in(thief, email)
    await thief.post("/api/accounts/pass-second-factor", json={"code": "aaaa-bbbb-cccc"})
    guess = {"new": "five green doors", "password": "guess"}
    await browser.post("/api/accounts/change-password", json=guess)
    await chained(world)
    mine = (await browser.get("/api/account/log")).json()["items"]
    refused = [item for item in mine if item["act"].endswith("_refused")]
    told = [(item["act"], item["actorId"]) for item in reversed(refused)]
    assert told == [*[("sign_in_refused", None)] * 3, ("password_refused", str(ana))]
    assert refused[-1]["details"] == {"device": "A thief's", "address": "127.0.0.1"}
    all_of_it = (await owner.get("/api/audit")).json()["items"]
    assert [item["aboutId"] for item in all_of_it if item["act"] == "sign_in_refused"] == [
        *[str(ana)] * 2,
        None,
        str(ana),
    ]
    assert (await verdict(world)).fault == ""


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("UPDATE audit SET act = 'signed_out' WHERE space_id = %(s)s AND position = 2", "Entry 2"),
        ("UPDATE audit SET details = '{}' WHERE space_id = %(s)s AND position = 3", "Entry 3"),
        (
            "UPDATE audit SET at = at + interval '1 s' WHERE space_id = %(s)s AND position = 1",
            "Entry 1",
        ),
        ("DELETE FROM audit WHERE space_id = %(s)s AND position = 2", "Entry 2 is missing"),
        ("DELETE FROM audit WHERE space_id = %(s)s AND position = 5", "Entry 5 is missing"),
        ("DELETE FROM audit WHERE space_id = %(s)s", "Entry 1 is missing"),
        ("DELETE FROM audit_heads WHERE space_id = %(s)s", "end of the log is missing"),
        (
            "INSERT INTO audit SELECT space_id, 6, gen_random_uuid(), at, act, actor_id, about_id,"
            " details, signature FROM audit WHERE space_id = %(s)s AND position = 5",
            "Entry 6",
        ),
        (
            "WITH gone AS (DELETE FROM audit WHERE space_id = %(s)s AND position = 5 RETURNING 1)"
            " UPDATE audit_heads SET position = 4 WHERE space_id = %(s)s",
            "end of the log",
        ),
    ],
)
async def test_whatever_is_done_to_the_log_is_found(
    world: World, client: Client, owner: AsyncClient, sql: str, fault: str
) -> None:
    await written(world, client, owner)
    assert await verdict(world) == Verdict(5, "", (await verdict(world)).head)
    await run(world, sql)
    assert fault in (await verdict(world)).fault


async def test_who_has_the_key_too_cant_cut_off_what_a_kept_head_names(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser = await written(world, client, owner)
    kept = await verdict(world)
    head = f"{kept.entries}:{kept.head}"
    await browser.post("/api/accounts/sign-out", json={})
    await chained(world)
    assert (await verdict(world, head)).fault == ""
    for table in ("audit", "audit_heads"):
        await run(world, f"DELETE FROM {table} WHERE space_id = %(s)s")  # our own words
    await signed_up(client, owner, address("new"))
    await chained(world)
    assert (await verdict(world)).fault == ""
    assert (await verdict(world, head)).fault != ""


async def test_entries_that_two_move_at_once_are_in_the_log_once(
    world: World, client: Client, owner: AsyncClient
) -> None:
    email = address("di")
    browser, _ = await signed_up(client, owner, email)
    for _ in range(5):
        await asyncio.gather(*[sign_in(browser, email) for _ in range(4)], chained(world))
    await chained(world)
    assert await verdict(world) == Verdict(22, "", (await verdict(world)).head)


async def looks(world: World, owner: AsyncClient) -> list[dict[str, JsonValue]]:
    """What is kept of what staff looked at, newest first."""
    await chained(world)
    items = (await owner.get("/api/audit")).json()["items"]
    return [item["details"] for item in items if item["act"] == "staff_read"]


async def test_what_staff_look_at_is_kept(world: World, client: Client, owner: AsyncClient) -> None:
    browser, id = await appointed(client, owner, "read_only")
    thing = await world.thing("course", by=await world.person(), status="draft")
    await browser.get(f"/api/entities/{thing.id}")
    kept = {"operation": "get_entity", "id": str(thing.id)}
    assert await looks(world, owner) == [kept]
    items = (await owner.get("/api/audit")).json()["items"]
    assert {item["actorId"] for item in items if item["act"] == "staff_read"} == {str(id)}


async def test_every_filter_that_staff_look_with_is_kept(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, _ = await appointed(client, owner, "support")
    wheres = ["name eq ana", "properties.email exists true"]
    asked = {"type": "creator", "where": wheres}
    assert (await browser.get("/api/entities", params=asked)).status_code == 200
    assert (await looks(world, owner))[0] == {"operation": "list_entities", **asked}


async def test_what_staff_follow_is_kept_before_it_begins(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, _ = await appointed(client, owner, "support")
    asked = {"table": "entities", "type": "course", "for": "0"}
    assert (await browser.get("/api/live", params=asked)).status_code == 200
    assert (await looks(world, owner))[0] == {"operation": "follow_list", **asked}
    run = str(new_id())
    assert (await browser.get(f"/api/runs/{run}/stream")).status_code == 404
    assert (await looks(world, owner))[0] == {"operation": "follow_run", "id": run}


async def test_what_an_assistant_of_staff_looks_at_is_kept(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, _ = await appointed(client, owner, "admin")
    asked: dict[str, JsonValue] = {"type": ["lead"], "where": ["name eq ana"]}
    async with assistants(browser):
        assert (await tool(browser, "graph_list_entities", **asked))["items"] == []
    assert (await looks(world, owner))[0] == {"operation": "list_entities", **asked}


async def test_a_link_that_staff_open_stands_in_no_log(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, _ = await appointed(client, owner, "owner")
    await browser.get("/api/accounts/show-link", params={"link": "a-secret"})
    assert "a-secret" not in str(await looks(world, owner))
