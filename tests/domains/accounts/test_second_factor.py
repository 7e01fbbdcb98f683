"""The second factor: required once it is on, each code good once, however many try at once."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient
from pyotp.totp import TOTP

from one.clock import Clock
from tests.domains.accounts.people import PASSWORD, address, at, sign_in, signed_up
from tests.domains.conftest import Client
from tests.world import World

pytestmark = pytest.mark.anyio


async def turned_on(browser: AsyncClient) -> tuple[TOTP, list[str]]:
    """An app that makes codes, and backup codes."""
    body = {"password": PASSWORD}
    offered = (await browser.post("/api/accounts/offer-second-factor", json=body)).json()
    app = TOTP(offered["secret"])
    assert offered["picture"].startswith("<svg")
    confirmed = await browser.post(
        "/api/accounts/confirm-second-factor", json={"code": app.at(Clock().now())}
    )
    assert confirmed.status_code == 200, confirmed.text
    return app, confirmed.json()["codes"]


async def second(browser: AsyncClient, code: str) -> int:
    answer = await browser.post("/api/accounts/pass-second-factor", json={"code": code})
    return answer.status_code


def ahead(app: TOTP) -> str:
    """The code of the next step: that of this one was used to turn it on."""
    return app.at(Clock().now() + timedelta(seconds=30))


async def test_signing_in_takes_the_second_factor_once_it_is_on(
    client: Client, owner: AsyncClient
) -> None:
    email = address("ana")
    browser, ana = await signed_up(client, owner, email)
    app, _ = await turned_on(browser)
    other = await client(None)
    half = (await sign_in(other, email)).json()
    assert (half["entity"], half["needs"]) == (None, "second_factor")
    assert (await other.get("/api/account")).status_code == 401
    assert await second(other, "000000") == 403
    code = ahead(app)
    whole = await other.post("/api/accounts/pass-second-factor", json={"code": code})
    assert UUID(whole.json()["entity"]) == ana
    assert (await other.get("/api/account")).json()["secondFactor"] is True
    third = await client(None)
    await sign_in(third, email)
    assert await second(third, code) == 403


async def test_a_code_that_thirty_post_at_once_is_good_once(
    world: World, client: Client, owner: AsyncClient
) -> None:
    email = address("bo")
    browser, _ = await signed_up(client, owner, email)
    app, backup = await turned_on(browser)
    for peer, code in (("192.0.2.1", ahead(app)), ("192.0.2.2", backup[0])):
        others = [at(world, peer) for _ in range(8)]
        for other in others:
            await sign_in(other, email)
        answers = await asyncio.gather(*[second(other, code) for other in others for _ in range(4)])
        assert answers.count(200) == 1
        assert set(answers) <= {200, 403, 404, 429}


async def test_a_backup_code_can_be_typed_anyhow(client: Client, owner: AsyncClient) -> None:
    email = address("cy")
    browser, _ = await signed_up(client, owner, email)
    _, backup = await turned_on(browser)
    other = await client(None)
    await sign_in(other, email)
    assert await second(other, backup[3].upper().replace("-", " ")) == 200
    assert (await browser.get("/api/account")).json()["backupCodesLeft"] == 9


async def test_turning_it_on_or_off_takes_the_password_and_signs_others_out(
    client: Client, owner: AsyncClient
) -> None:
    email = address("di")
    browser, _ = await signed_up(client, owner, email)
    other = await client(None)
    await sign_in(other, email)
    wrong = await browser.post("/api/accounts/offer-second-factor", json={"password": "guess"})
    assert wrong.status_code == 403
    await turned_on(browser)
    assert (await other.get("/api/account")).status_code == 401
    ended = await browser.post("/api/accounts/end-second-factor", json={"password": PASSWORD})
    assert ended.status_code == 204
    assert (await sign_in(other, email)).json()["needs"] == "nothing"


async def test_what_is_kept_of_it_is_sealed(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, _ = await signed_up(client, owner, address("ed"))
    body = {"password": PASSWORD}
    offered = (await browser.post("/api/accounts/offer-second-factor", json=body)).json()
    async with world.desk.database.read() as tx:
        kept = str(await tx.rows("SELECT totp, password FROM accounts WHERE totp IS NOT NULL"))
    assert offered["secret"] not in kept
    assert PASSWORD not in kept
