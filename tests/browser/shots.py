"""Pictures of every page, at two widths, light and dark: `make shots` puts them into `shots/`."""

import asyncio
import re
import tempfile
from pathlib import Path
from typing import get_args

from playwright.async_api import Browser, async_playwright

from one.store import embedded
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.pages import Scheme, Site, Who, furnished

FOLDER = Path("shots")
WIDTHS = (390, 1440)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="one-shots-") as kept:
        Path(kept).chmod(0o755)  # run as root, PostgreSQL is another user
        url = embedded.start(Path(kept) / "postgres")
        asyncio.run(_all_taken(url, Path(kept)))


async def _all_taken(url: str, data: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        async with furnished(browser, url, data) as site:
            for who, path in site.pages:
                await _taken(site, browser, who, path)
        await browser.close()


async def _taken(site: Site, browser: Browser, who: Who, path: str) -> None:
    """The pictures of a page, as somebody sees it."""
    name = path.strip("/") or "front"
    for known, id in site.ids.items():
        name = name.replace(id, known)
    name = re.sub("[^a-z_]+", "-", name)
    for scheme in get_args(Scheme):
        for width in WIDTHS:
            context = await site.context(browser, who, scheme=scheme, width=width)
            page = await context.new_page()
            await page.goto(path)
            picture = FOLDER / f"{name}-{who}-{scheme}-{width}.png"
            await page.screenshot(path=picture, full_page=True)
            await context.close()


if __name__ == "__main__":
    main()
