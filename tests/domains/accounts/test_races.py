"""Many use the same link at once: one is let in."""

import asyncio

import pytest
from httpx import AsyncClient

from one.domains.accounts.letters import mail_link
from one.runtime import Context
from tests.domains.accounts.people import address, letters, signed_up
from tests.domains.conftest import Client, client_of, deployment_of
from tests.world import STAFF, World

pytestmark = pytest.mark.anyio


async def test_a_hundred_links_with_eight_racers_each_give_a_hundred_sessions(
    world: World, client: Client, owner: AsyncClient
) -> None:
    email = address("ana")
    browser, _ = await signed_up(client, owner, email)
    account = (await browser.get("/api/account")).json()
    async with world.desk.database.read() as tx:
        row = await tx.row("SELECT id FROM accounts WHERE email = %(e)s", {"e": account["email"]})
    assert row is not None
    async with world.write() as store:
        ctx = Context(store, STAFF, world.space, deployment_of(world))
        for _ in range(100):
            await mail_link(ctx, "sign_in", email, account=row[0])  # pyright: ignore[reportArgumentType] # an id
    links = [one.link for one in (await letters(owner))[:100]]
    racers = [await client_of(world) for _ in range(8)]

    async def race(link: str) -> list[int]:
        answers = await asyncio.gather(
            *[racer.post("/api/accounts/enter", json={"link": link}) for racer in racers]
        )
        return [answer.status_code for answer in answers]

    for link in links:
        assert sorted(await race(link)) == [200] + [404] * 7
    items = (await browser.get("/api/account/devices")).json()["items"]
    assert len(items) == 101
