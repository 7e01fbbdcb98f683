"""Chromium at the whole of ONE, which runs in a process of its own."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.pages import Site, furnished
from tests.web.serving import served

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="module")
def chromium() -> Path:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM} (Debian and Ubuntu: apt install chromium)")
    return CHROMIUM


@pytest.fixture(scope="module")
async def browser(chromium: Path, anyio_backend: str) -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
async def site(
    chromium: Path,
    anyio_backend: str,
    postgres_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[str]:
    """Where ONE is."""
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("ONE_DEMO", "false")
    async with served(postgres_url, tmp_path_factory.mktemp("site")) as server:
        yield server.url
    monkeypatch.undo()


@pytest.fixture(scope="module")
async def furnished_site(
    browser: Browser,
    anyio_backend: str,
    postgres_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Site]:
    """One with people and things, of the module's own."""
    async with furnished(browser, postgres_url, tmp_path_factory.mktemp("furnished")) as site:
        yield site
