"""What a page costs: few queries, and few bytes the first time."""

import gzip
import re
from uuid import UUID

import pytest
from httpx import AsyncClient

from one.store.database import Transaction
from tests.web.pages.browsing import address, sign_up
from tests.web.pages.test_runs import begun
from tests.web.pages.test_studio import PICK
from tests.world import World

pytestmark = pytest.mark.anyio
MOST_QUERIES = 12
MOST_BYTES = 150_000
OPEN = ["/", "/sign-up", "/sign-in", "/forgot", "/nowhere"]
PAGES = [
    *("/home", "/welcome", "/notices", "/find?q=b", "/runs", "/account", "/account/log"),
    *("/earnings", "/sell", "/purchases", "/design", "/studio", "/studio/new"),
]


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are run from now on."""
    run: list[str] = []
    execute = Transaction._execute  # pyright: ignore[reportPrivateUsage] # to count what it runs

    async def counted(self: Transaction, sql: str, params: object) -> object:
        run.append(sql)
        return await execute(self, sql, params)  # pyright: ignore[reportArgumentType] # as given

    monkeypatch.setattr(Transaction, "_execute", counted)
    return run


async def weight(browser: AsyncClient, path: str) -> int:
    """Bytes that a first visit takes, without editors and charts."""
    page = await browser.get(path)
    names = set(re.findall(r'"(/static/[^"]+)"', page.text))
    total = len(gzip.compress(page.content))
    for name in names:
        if not name.endswith("/editor.js"):
            async with browser.stream("GET", name) as file:
                total += sum([len(part) async for part in file.aiter_raw()])
    return total


async def written(browser: AsyncClient) -> list[str]:
    """The pages of a feature of somebody's, and of a draft that changes it."""
    deployed = await browser.post("/api/features", json={"text": PICK})
    address = deployed.json()["items"][0]["address"]
    made = await browser.post("/api/drafts", json={"feature": "show_a_lesson"})
    draft, live = f"/studio/drafts/{made.json()['id']}", "/studio/features/show_a_lesson"
    tabs = ("understood", "questions", "flow", "rights", "code", "try", "change")
    return [
        *(f"{draft}?tab={tab}" for tab in tabs),
        f"{draft}/deploy",
        address.replace("/api/features", "/f"),
        *(f"{live}?tab={tab}" for tab in ("try", "does", "revisions&with=1", "share")),
    ]


async def test_pages_ask_little_and_weigh_little(
    browser: AsyncClient, world: World, queries: list[str]
) -> None:
    for path in OPEN:
        assert await weight(browser, path) <= MOST_BYTES, path
    await sign_up(browser, address())
    run = UUID(await begun(world, browser))
    for path in [*PAGES, f"/runs/{run}", *await written(browser)]:
        assert await weight(browser, path) <= MOST_BYTES, path
        queries.clear()
        assert (await browser.get(path)).status_code == 200, path
        assert len(queries) <= MOST_QUERIES, (path, len(queries), queries)
