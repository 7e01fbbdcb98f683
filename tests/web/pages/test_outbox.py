"""Captured letters are shown in development, at this machine, and nowhere else."""

import re

import pytest

from tests.web.pages.browsing import address, browser_in, fill, text_of
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("settings", "peer", "said"),
    [
        ({"mode": "production"}, "127.0.0.1", {}),
        ({"mode": "test"}, "127.0.0.1", {}),
        ({}, "192.0.2.7", {}),
        ({}, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ({}, "127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
        ({}, "127.0.0.1", {"Host": "rebound.example"}),
    ],
)
async def test_letters_are_shown_to_nobody_else(
    world: World, settings: dict[str, object], peer: str, said: dict[str, str]
) -> None:
    async with browser_in(world, peer, **settings) as browser:
        page = await browser.get("/outbox", headers=said)
        assert page.status_code == 404
        assert "/outbox" not in (await browser.get("/sign-in/code", headers=said)).text


async def test_letters_are_shown_newest_first_a_page_at_a_time(world: World) -> None:
    async with browser_in(world) as browser:
        assert "No e-mail yet" in text_of(await browser.get("/outbox"))
        for _ in range(21):
            await fill(browser, "/forgot", email=address())
        first = await browser.get("/outbox")
        assert first.text.count("<article") == 20
        found = re.search(r'href="(/outbox\?before=[^"]+)"', first.text)
        assert found
        older = await browser.get(found[1])
        assert older.text.count("<article") == 1
        assert 'href="/sign-up"' in older.text
