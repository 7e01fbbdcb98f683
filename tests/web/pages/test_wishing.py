"""Features that the model writes for who says what they want: shown before they are taken."""

from collections.abc import AsyncGenerator

import pytest
from httpx import AsyncClient

from one.settings import Settings
from one.workshop.writing import A_DAY
from tests.providers.outside import Outside, served
from tests.web.pages.browsing import address, attribute, fill, leads_to, sign_up, text_of
from tests.web.pages.test_foundation import check_closed
from tests.web.pages.test_studio import GREET, begun
from tests.workshop.conftest import town_of
from tests.world import World

pytestmark = pytest.mark.anyio

LOUD = GREET.replace("Hello", "HELLO")


@pytest.fixture
def outside() -> Outside:
    return Outside(says=f"```\n{LOUD}```")


@pytest.fixture
async def browser(world: World, outside: Outside) -> AsyncGenerator[AsyncClient]:
    """A creator's, where a model writes."""
    async with served(outside) as url:
        given = {"openai_key": "k", "openai_url": f"{url}/v1", "secret_keys": "own"}
        settings = Settings.model_validate({"mode": "development", **given})
        headers = {"Origin": "http://localhost", "Accept": "text/html"}
        town = town_of(world, settings)
        async with AsyncClient(
            transport=town.transport, base_url="http://localhost", headers=headers
        ) as client:
            await sign_up(client, address())
            yield client
        await town.engine.deployment.providers["openai"].close()


async def test_what_somebody_wants_is_written_shown_and_becomes_a_draft(
    browser: AsyncClient,
) -> None:
    before = await browser.get("/studio/new")
    check_closed(before)
    assert "gpt-4.1-mini writes it. It costs you nothing" in text_of(before)
    shown = await fill(browser, "/studio/new/wish", idea="Greet <b>loudly</b>")
    check_closed(shown)
    assert "Compiles Written by tiny in 1 answer, 5 tokens." in text_of(shown)
    assert 'Added: GIVE greeting is "HELLO [name]"' in text_of(shown)
    assert "Greet <b>loudly</b>" in text_of(shown)
    assert (await browser.get("/api/drafts")).json()["items"] == []
    draft = leads_to(await fill(browser, "/studio/new", text=LOUD))
    assert "HELLO" in text_of(await browser.get(draft))


async def test_a_change_is_shown_line_by_line_and_taken(browser: AsyncClient) -> None:
    draft = await begun(browser, GREET)
    page = await fill(browser, draft, text=GREET, version="1", do="change", idea="Be loud")
    assert 'Gone: GIVE greeting is "Hello [name]"' in text_of(page)
    assert 'Added: GIVE greeting is "HELLO [name]"' in text_of(page)
    kept = (await browser.get(f"/api{draft.removeprefix('/studio')}")).json()
    assert kept["text"] == GREET
    base, version = attribute(page, "base"), attribute(page, "version")
    taken = await fill(
        browser, draft, text=GREET, version=version, do="take", base=base, proposal=LOUD
    )
    there = await browser.get(leads_to(taken))
    assert "It is in your text." in text_of(there)
    assert "HELLO" in text_of(there)


async def test_what_was_typed_since_is_never_overwritten_unseen(browser: AsyncClient) -> None:
    draft = await begun(browser, GREET)
    page = await fill(browser, draft, text=GREET, version="1", do="change", idea="Be loud")
    fields = {"do": "take", "base": attribute(page, "base"), "proposal": LOUD}
    mine = f"{GREET}# mine\n"
    refused = await fill(browser, draft, text=mine, version=attribute(page, "version"), **fields)
    assert (refused.status_code, "has changed since" in text_of(refused)) == (409, True)
    assert "Gone: # mine" in text_of(refused)
    fields["base"] = attribute(refused, "base")
    leads_to(await fill(browser, draft, text=mine, version=attribute(refused, "version"), **fields))


async def test_what_the_model_left_wrong_is_told_and_may_be_taken_all_the_same(
    browser: AsyncClient, outside: Outside
) -> None:
    outside.says = "FEATURE: Greet a fan\nLEVITATE\n"
    page = await fill(browser, "/studio/new/wish", idea="Greet")
    assert "1 mistake" in text_of(page)
    assert "in 4 answers" in text_of(page)
    assert "LEVITATE" in text_of(page)
    assert "Begin with this" in text_of(page)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (429, "insufficient_quota", "no credit left"),
        (401, "", "The language model"),
        (500, "", "The language model"),
    ],
)
async def test_where_the_model_fails_it_is_said_and_nothing_is_lost(
    browser: AsyncClient, outside: Outside, status: int, code: str, words: str
) -> None:
    outside.status, outside.code = status, code
    page = await fill(browser, "/studio/new/wish", idea="Greet them all")
    assert page.status_code == 502
    assert words in text_of(page)
    assert "Greet them all" in text_of(page)
    draft = await begun(browser, GREET)
    mine = f"{GREET}# mine\n"
    page = await fill(browser, draft, text=mine, version="1", do="change", idea="Be loud")
    assert page.status_code == 502
    assert words in text_of(page)
    assert "# mine" in text_of(page)
    assert "Be loud" in text_of(page)
    empty = await fill(browser, "/studio/new/wish", idea=" ")
    assert (empty.status_code, "Say what you want" in text_of(empty)) == (422, True)


async def test_a_stand_in_says_that_it_is_one(world: World) -> None:
    settings = Settings.model_validate({"mode": "development", "secret_keys": "own"})
    headers = {"Origin": "http://localhost", "Accept": "text/html"}
    async with AsyncClient(
        transport=town_of(world, settings).transport, base_url="http://localhost", headers=headers
    ) as client:
        await sign_up(client, address())
        for path in ("/studio/new", f"{await begun(client, GREET)}?tab=change"):
            page = await client.get(path)
            assert "only a stand-in that can’t write features" in text_of(page)
            assert "ONE_OPENAI_KEY" in text_of(page)
            assert 'name="idea"' not in page.text
        refused = await fill(client, "/studio/new/wish", idea="Greet")
        assert (refused.status_code, "ONE_OPENAI_KEY" in text_of(refused)) == (409, True)


async def test_who_has_had_enough_written_for_a_day_is_told_when_there_is_more(
    browser: AsyncClient, outside: Outside
) -> None:
    outside.status, outside.code = 400, "no"
    for _ in range(A_DAY):
        assert (await fill(browser, "/studio/new/wish", idea="Greet")).status_code == 502
    refused = await fill(browser, "/studio/new/wish", idea="Greet them all")
    assert refused.status_code == 429
    assert "Try again in" in text_of(refused)
    assert "Greet them all" in text_of(refused)
