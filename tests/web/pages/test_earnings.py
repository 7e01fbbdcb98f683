"""What one earned is downloaded as a sheet that adds up."""

import csv
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest
from httpx import AsyncClient

from one.domains.payments import entries
from one.domains.payments.entries import About
from one.domains.payments.splits import Price, Rates, waterfall
from one.store import Viewer
from tests.domains.payments.earning import NOVEMBER, booked
from tests.web.pages.browsing import address, leads_to, sign_up, text_of
from tests.world import World

pytestmark = pytest.mark.anyio

SHEET = "/account/earnings.csv"


async def test_earnings_are_downloaded_as_a_sheet(browser: AsyncClient, world: World) -> None:
    assert leads_to(await browser.get(SHEET)).startswith("/sign-in")
    await sign_up(browser, address())
    me = UUID((await browser.get("/api/account")).json()["entity"])
    owner = Viewer(me, "person")
    course = await world.course(by=owner, name="=1+1")
    about = About("sandbox", "usd", None, course.id)
    facts = [
        entries.transfer(about, f"tr_{number}", party=me, amount=100 + number)
        for number in range(1_005)
    ]
    await booked(world, NOVEMBER, *facts)
    answer = await browser.get(SHEET, params={"since": "2026-11-01T00:00:00Z"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="earnings-2026-11-01.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert len({row["id"] for row in rows}) == 1_005
    assert sum(Decimal(row["connected"]) for row in rows) == sum(
        Decimal(100 + number).scaleb(-2) for number in range(1_005)
    )
    assert {row["product"] for row in rows} == {"'=1+1"}
    assert {(row["balance"], row["mode"]) for row in rows} == {("0.00", "sandbox")}


async def test_what_can_not_be_read_of_a_period_is_told(browser: AsyncClient) -> None:
    await sign_up(browser, address())
    answer = await browser.get(SHEET, params={"since": "yesterday"})
    assert answer.status_code == 422


async def test_who_closes_their_account_sees_what_money_there_still_is(
    browser: AsyncClient, world: World
) -> None:
    await sign_up(browser, address())
    assert "held for you" not in text_of(await browser.get("/account/close"))
    me = UUID((await browser.get("/api/account")).json()["entity"])
    about = About("sandbox", "usd")
    facts = [
        entries.reversal(about, "trr_1", party=me, amount=850),
        entries.transfer(about, "tr_2", party=me, amount=1_200),
        entries.debt(replace(about, currency="eur"), "d_1", party=me, amount=75),
    ]
    split = waterfall(Price(5_000, "usd"), {me: 10_000}, rates=Rates())
    await booked(world, NOVEMBER, entries.charge(about, "ch_c", split=split), *facts)
    told = text_of(await browser.get("/account/close"))
    assert "39.00 USD is held for you (sandbox money: none of it is real)." in told
    assert "3.50 USD lies in your account at the payment provider" in told
    assert "You owe 0.75 EUR" in told
    closing = (await browser.get("/api/account/closing")).json()["money"]
    assert [(one["currency"], one["held"], one["owed"]) for one in closing] == [
        ("eur", 75, 75),
        ("usd", 3_900, 0),
    ]
