"""A long list, paged through to its end: every thing once, and the last page for what the first
costs.
"""

import re
from collections.abc import AsyncGenerator
from html import unescape
from typing import cast

import pytest
from httpx import AsyncClient

from one.store.database import Transaction
from tests.web.pages.browsing import address, sign_up
from tests.world import World

pytestmark = pytest.mark.anyio
MANY = 3_000
PAGE = 50
MOST_BUFFERS = 1_000
FILLED = """
    INSERT INTO entities (space_id, id, type, name, status, visibility, seen, properties, version,
    created_at, updated_at, n1, search) SELECT %(space)s, gen_random_uuid(), 'course',
    'Course ' || at, 'published', 'public', CASE WHEN at %% 3 = 0 THEN 'private' ELSE 'public' END,
    jsonb_build_object('price', jsonb_build_object('amount', at, 'currency', 'usd')), 1,
    now() - at * interval '1 minute', now(), at, '' FROM generate_series(1, %(many)s) at
"""


class Cost:
    """The buffers that reading things touched since it was last asked."""

    def __init__(self) -> None:
        self.buffers = 0

    def taken(self) -> int:
        taken, self.buffers = self.buffers, 0
        return taken


@pytest.fixture
async def cost(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Cost]:
    async with world.write() as store:
        await store.session.tx.run(FILLED, {"space": world.space, "many": MANY})
        await store.session.tx.run("ANALYZE entities")
    cost = Cost()
    execute = Transaction._execute  # pyright: ignore[reportPrivateUsage] # to explain what it runs

    async def explained(self: Transaction, sql: str, params: object) -> object:
        if "FROM entities x" in sql:
            asked = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}"
            record = await (await execute(self, asked, params)).fetchone()  # pyright: ignore[reportArgumentType] # as given
            assert record is not None
            plan = cast("list[dict[str, dict[str, int]]]", record[0])[0]["Plan"]
            cost.buffers += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return await execute(self, sql, params)  # pyright: ignore[reportArgumentType] # as given

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "_execute", explained)
        yield cost


@pytest.mark.parametrize("query", ["", "?q=course", "?from=0.01&to=30"])
async def test_a_long_list_is_paged_through_to_its_end(
    browser: AsyncClient, cost: Cost, query: str
) -> None:
    await sign_up(browser, address())
    seen: set[str] = set()
    costs: list[int] = []
    at: str | None = f"/explore/course{query}"
    while at:
        cost.taken()
        page = await browser.get(at)
        costs.append(cost.taken())
        ids = re.findall(r'class="link font-medium" href="/things/([^"]+)"', page.text)
        assert len(ids) <= PAGE
        assert not seen & set(ids)
        seen |= set(ids)
        following = re.search(r'<tbody role="rowgroup" hx-get="([^"]+)"', page.text)
        further = re.search(
            r'class="btn" data-variant="outline" href="([^"]+cursor=[^"]+)"', page.text
        )
        found = following or further
        at = unescape(found[1]) if found else None
    assert len(seen) == MANY - MANY // 3
    assert len(costs) >= len(seen) // PAGE
    assert max(costs) <= MOST_BUFFERS
    assert sum(costs[-5:-1]) <= 2 * sum(costs[1:5]) + 100, costs
