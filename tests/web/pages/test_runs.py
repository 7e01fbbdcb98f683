"""Runs in a browser without scripts: found, looked at line by line, told what they wait for."""

from uuid import UUID

import pytest
from httpx import AsyncClient

from one.runtime.durable import Start, start
from one.store import Viewer
from tests.web.pages.browsing import address, browser_in, fill, leads_to, sign_up, text_of
from tests.web.pages.test_foundation import check_closed
from tests.world import World

pytestmark = pytest.mark.anyio

LESSON = """FEATURE: Begin a lesson
INPUT:
  - fan: who asks
  - title: what it is called
OUTPUT:
  - answer: what they hear

NOTIFY fan ABOUT "Soon: [title]" VIA app
WAIT 2 days
GIVE answer: "Welcome, [fan]"
"""


async def begun(world: World, browser: AsyncClient) -> str:
    """The id of a run of a feature of whoever is in; nobody works it off here."""
    me = UUID((await browser.get("/api/account")).json()["entity"])
    made = await browser.post("/api/features", json={"text": LESSON, "yes": ["all"]})
    assert made.status_code in (200, 201), made.text
    feature = made.json()["items"][0]
    run = Start(
        feature=feature["slug"],
        digest=feature["digest"],
        author=Viewer(me, "person"),
        runner=me,
        input={"fan": str(me), "title": "<b>Yoga</b>"},
    )
    async with world.write() as store:
        return str(await start(store.session, run))


async def test_a_run_is_found_looked_at_and_cancelled(browser: AsyncClient, world: World) -> None:
    await sign_up(browser, address())
    id = await begun(world, browser)
    listed = await browser.get("/runs?status=pending")
    check_closed(listed)
    assert f"/runs/{id}" in listed.text
    assert "No such runs" in text_of(await browser.get("/runs?status=done&feature=begin_a_lesson"))
    page = await browser.get(f"/runs/{id}")
    check_closed(page)
    assert "NOTIFY fan ABOUT" in text_of(page)
    assert "<b>Yoga" not in page.text
    assert leads_to(await fill(browser, f"/runs/{id}/cancel")) == f"/runs/{id}?done=cancel"
    assert "asked to stop" in text_of(await browser.get(f"/runs/{id}?done=cancel"))


async def test_what_a_run_cant_do_is_said_on_its_page(browser: AsyncClient, world: World) -> None:
    await sign_up(browser, address())
    id = await begun(world, browser)
    wrong = await fill(browser, f"/runs/{id}/signal", topic="doors open", payload="{open")
    assert wrong.status_code == 422
    assert "has to be JSON" in text_of(wrong)
    refused = await fill(browser, f"/runs/{id}/retry")
    assert refused.status_code == 409
    told = await fill(browser, f"/runs/{id}/signal", topic="doors open", payload="")
    assert leads_to(told) == f"/runs/{id}?done=signal"


async def test_a_run_of_somebody_else_is_nowhere(browser: AsyncClient, world: World) -> None:
    await sign_up(browser, address())
    id = await begun(world, browser)
    async with browser_in(world) as other:
        await sign_up(other, address("bo"))
        for path in (f"/runs/{id}", "/runs/nothing"):
            assert (await other.get(path)).status_code == 404
        assert (await fill(other, f"/runs/{id}/cancel")).status_code == 404
        assert id not in (await other.get("/runs")).text
