"""Pages over a large world: how long the server takes, when something is seen, and how soon what
one does shows.
"""

import re
from collections.abc import Iterable, Sequence
from statistics import median, quantiles
from uuid import UUID

import httpx
import psycopg
import uvloop
from playwright.async_api import Browser, Page, async_playwright
from tests.browser.conftest import CHROMIUM, FLAGS

from bench import Row
from bench._measure import REPEATS
from bench._server import Serving, serving_one
from bench._world import World, prepared
from bench.accounts import signed_up
from one.clock import monotonic, new_id

_PAGES = (
    *("/", "/home", "/notices", "/find?q=garden", "/explore", "/explore/map", "/explore/course"),
    *("/explore/course?q=garden", "/explore/audience_member", "/explore/events", "/explore/tags"),
    *("/things/{course}", "/things/{course}/connections", "/things/{course}/history"),
    *("/things/{rich}", "/things/{rich}/connections", "/things/{rich}/events"),
    *("/earnings", "/sell", "/purchases", "/runs", "/studio", "/studio/new", "/account"),
)
_TIMES = 30
_SEEN = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
_WATCH = """() => {
  window.took = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.interactionId) window.took.push(one.duration);
  }).observe({type: "event", durationThreshold: 16, buffered: true});
}"""


def rows(full: bool) -> Iterable[Row]:
    return uvloop.run(_rows(prepared(full=full)))


async def _rows(world: World) -> list[Row]:
    if not CHROMIUM.exists():
        raise SystemExit(f"No browser at {CHROMIUM} (Debian and Ubuntu: apt install chromium).")
    async with serving_one(world.settings) as one, async_playwright() as playwright:
        cookie = await signed_up(one, f"ana.{new_id().hex}@mail.example")
        course = _seat(world)
        paths = [path.format(rich=world.rich, course=course) for path in _PAGES]
        served = await _served(one, cookie, paths)
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        painted, answered = await _looked_at(browser, one, cookie, paths)
    return [
        _row("the server's time of a page", "30 times each, one after another", served, 50),
        _row("first contentful paint", "nothing kept in the browser", painted, 500),
        _row("from a key or click to the next picture", "in steps of 8 ms", answered, 100),
    ]


def _seat(world: World) -> UUID:
    """Lets who signed up last be the one who owns most; a course of theirs."""
    facts = {"rich": world.rich}
    with psycopg.connect(world.url, options="-c search_path=one") as connection:
        connection.execute("DELETE FROM account_entity WHERE entity_id = %(rich)s", facts)
        found = connection.execute(
            "UPDATE sessions SET entity_id = %(rich)s WHERE created_at ="
            " (SELECT max(created_at) FROM sessions) RETURNING account_id",
            facts,
        ).fetchone()
        assert found is not None
        connection.execute(
            "UPDATE account_entity SET entity_id = %(rich)s WHERE account_id = %(account)s",
            {**facts, "account": found[0]},
        )
        theirs = connection.execute(
            "SELECT e.id FROM entities e JOIN connections c ON c.to_id = e.id AND c.type = 'owns'"
            " WHERE c.from_id = %(rich)s AND e.type = 'course' ORDER BY e.id LIMIT 1",
            facts,
        ).fetchone()
        assert theirs is not None
        return theirs[0]


async def _served(one: Serving, cookie: str, paths: Sequence[str]) -> dict[str, list[float]]:
    """Milliseconds of each page."""
    took: dict[str, list[float]] = {path: [] for path in paths}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{one.port}", headers={"cookie": cookie}
    ) as client:
        for turn in range(_TIMES + 3):
            for path in paths:
                begun = monotonic()
                (await client.get(path)).raise_for_status()
                if turn >= 3:
                    took[path].append((monotonic() - begun) * 1000)
    return took


async def _looked_at(
    browser: Browser, one: Serving, cookie: str, paths: Sequence[str]
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    painted: dict[str, list[float]] = {path: [] for path in paths}
    answered: dict[str, list[float]] = {}
    name, _, value = cookie.partition("=")
    site = f"http://127.0.0.1:{one.port}"
    for _ in range(REPEATS):
        for path in paths:
            context = await browser.new_context(viewport={"width": 1440, "height": 900})
            await context.add_cookies([{"name": name, "value": value, "url": site}])
            page = await context.new_page()
            await page.goto(site + path)
            await page.wait_for_function(_SEEN)
            painted[path].append(float(await page.evaluate(_SEEN)))
            if path != "/":
                answered.setdefault(path, []).extend(await _used(page))
            await context.close()
    return painted, answered


async def _used(page: Page) -> list[float]:
    """Milliseconds of what takes longer than a picture: the palette opened, typed into, moved in
    and closed, and then the ways through the page by keyboard.
    """
    await page.evaluate(_WATCH)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("garden")
    await page.wait_for_timeout(300)
    for key in ("ArrowDown", "ArrowDown", "Escape", "Tab", "Tab", "Tab"):
        await page.keyboard.press(key)
    await page.wait_for_timeout(100)
    took = await page.evaluate("() => window.took")
    return [float(one) for one in took] or [8.0]


def _row(what: str, how: str, took: dict[str, list[float]], bar: float) -> Row:
    each = {path: median(times) for path, times in took.items()}
    worst = max(each, key=lambda path: each[path])
    path = re.sub(r"[0-9a-f-]{36}", "…", worst)
    late = quantiles([time for times in took.values() for time in times], n=20)[18]
    measured = f"{median(each.values()):.0f} ms; most {each[worst]:.0f} ({path}); p95 {late:.0f}"
    return Row(what, how, measured, f"≤ {bar:.0f} ms each", each[worst] <= bar)
