"""Runs in a browser without scripts: found, looked at line by line, told what they wait for."""

import asyncio
from uuid import UUID

import pytest
from httpx import AsyncClient

from one.clock import new_id
from one.runtime.durable import Start, start
from one.settings import Settings
from one.store import Viewer
from one.store.runs import End, keep_over
from tests.web.pages.browsing import address, browser_in, fill, leads_to, sign_up, text_of
from tests.web.pages.test_foundation import check_closed
from tests.workshop.conftest import town_of
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


POST = """FEATURE: Post the news
INPUT:
  - fan: who asks
OUTPUT:
  - answer: what they hear

NOTIFY fan ABOUT "It goes out now" VIA app
CALL Twitter to post WITH message "News"
GIVE answer: "Posted"
"""


async def test_what_is_tried_again_is_told_with_how_often_and_when(world: World) -> None:
    settings = Settings.model_validate({"mode": "development", "secret_keys": "own"})
    town = town_of(world, settings, faults="twitter.*=unknown")
    headers = {"Origin": "http://localhost", "Accept": "text/html"}
    async with AsyncClient(
        transport=town.transport, base_url="http://localhost", headers=headers
    ) as browser:
        await sign_up(browser, address())
        made = await browser.post("/api/features", json={"text": POST, "yes": ["all"]})
        me = (await browser.get("/api/account")).json()["entity"]
        there = made.json()["items"][0]["address"]
        called = await browser.post(there, json={"fan": me}, headers={"Prefer": "wait=0"})
        run = called.json()["id"]
        async with town.working():
            for _ in range(100):
                found = (await browser.get(f"/api/runs/{run}")).json()
                if any(one["status"] == "begun" and one["error"] for one in found["steps"]):
                    break
                await asyncio.sleep(0.1)
        page = text_of(await browser.get(f"/runs/{run}"))
    assert "Line 8 was tried once, and is tried again" in page
    assert "gave no answer." in page
    assert "1 person has it" in page
    assert page.count("CALL Twitter to post") == 2, "whether it may is no step of its own"


async def test_what_is_over_at_once_says_why_it_has_no_steps(
    browser: AsyncClient, world: World
) -> None:
    await sign_up(browser, address())
    me = UUID((await browser.get("/api/account")).json()["entity"])
    over = Start(feature="say_hello", digest="d", author=Viewer(me, "person"), runner=me, input={})
    async with world.write() as store:
        run = new_id()
        await keep_over(store.session, run, over, end=End("done", output={"answer": "Hi"}))
    page = text_of(await browser.get(f"/runs/{run}"))
    assert "its steps were not kept one by one" in page
    assert "took less than 0.1 s" in page
