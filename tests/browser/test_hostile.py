"""Texts that strangers write, in every field: they show as text, and no page is wider for them."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import APIRequestContext, Browser, Page, expect

from one.errors import JSON, Invalid
from one.ontology import EntityType, load
from one.web.pages.cells import written
from one.web.pages.fields import fields_of
from tests.browser.pages import Site
from tests.browser.test_pages import FITS

pytestmark = pytest.mark.anyio
MARKUP = "<script>hostile=1</script><img src=x onerror=hostile=1>\"'><b>bold</b>{{7*7}}"
LONG = "W" * 10_000
SAID = {
    "markup": MARKUP,
    "from the right": "\u202e\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd\u202e" * 5,
    "pictures": "👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿" * 9 + "Z\u0351\u0343\u0346" * 20,
    "long": LONG,
}
FEATURE = f"""FEATURE: {LONG[:150]}
INPUT:
  - fan: who asks
  - words: <script>hostile=1</script>{LONG[:200]}
OUTPUT:
  - answer: <img src=x onerror=hostile=1>{LONG[:200]}
CHECK fan exists
  OTHERWISE say "{LONG[:300]}"
GIVE answer is words
"""
SIDES = ("", "/connections", "/events", "/history", "/connect?as=references.out")
TABS = ("understood", "questions", "flow", "rights", "code", "try")
NAMES = {what: text[:300].strip() for what, text in SAID.items()}


def properties(kind: EntityType, text: str) -> dict[str, JSON]:
    """Every key that takes such a text, as long as it takes it."""
    found: dict[str, JSON] = {}
    for field in fields_of(load(), kind, hidden=kind.guarded):
        for value in _lengths(text):
            try:
                kind.validate({field.key: value}, partial=True)
            except Invalid:
                continue
            found[field.key] = value
            break
    return {**found, "x_free": text, "x_deep": [{text[:50]: text}]}


def _lengths(text: str) -> Iterator[JSON]:
    """By itself and as the one of a list."""
    for most in (10_000, 2_000, 200, 60):
        yield text[:most]
        yield [text[:most]]


async def made(request: APIRequestContext, path: str, **body: object) -> str:
    answer = await request.post(path, data=body)
    assert answer.ok, (path, await answer.text())
    return (await answer.json()).get("id", "")


async def furnish(site: Site, request: APIRequestContext) -> list[str]:
    """Things, tags, connections, events and drafts with such texts; the pages that show them."""
    ontology, pages = load(), list[str]()
    for type in ("lesson", "message", "lead", "course"):
        for what, text in SAID.items():
            said = properties(ontology.entities[type], text)
            id = await made(request, "/api/entities", type=type, name=NAMES[what], properties=said)
            if type == "course":
                await _around(site, request, id, text=text)
                pages += [f"/things/{id}{side}" for side in SIDES]
        pages += [f"/explore/{type}", f"/explore/{type}/new"]
    for text in (MARKUP, LONG):
        draft = f'FEATURE: {text[:200]}\nGIVE answer: "{text[:9_000]}"\n{text[:3_000]}\n'
        id = await made(request, "/api/drafts", text=draft)
        pages += [f"/studio/drafts/{id}?tab={tab}" for tab in TABS]
    answer = await request.post("/api/features", data={"text": FEATURE})
    assert answer.ok, await answer.text()
    (live,) = (await answer.json())["items"]
    called = await request.post(live["address"], data={"words": LONG[:3_000]})
    assert called.ok, await called.text()
    pages += [live["address"].replace("/api/features", "/f"), f"/studio/features/{live['slug']}"]
    return [*pages, called.headers["location"].removeprefix("/api")]


async def _around(site: Site, request: APIRequestContext, id: str, *, text: str) -> None:
    tag = re.sub(r"[\s:,]+", " ", text[:60]).strip()
    await made(request, f"/api/entities/{id}/tags", names=[f"topic:{tag}"])
    said = {"note": text[:500], "x_free": text}
    ends = {"from": id, "to": site.ids["course"]}
    await made(request, "/api/connections", type="references", metadata=said, **ends)
    seen = {"x_free": text}
    await made(request, "/api/events", type="content_viewed", entity=id, metadata=seen)
    await request.patch(f"/api/entities/{id}", data={"name": f"{text[:200]} again"})


async def look(page: Page, path: str) -> list[str]:
    """What is wrong with a page, on a telephone and on a desk."""
    wrong: list[str] = []
    await page.goto(path)
    for width in (360, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        if not await page.evaluate(FITS):
            wrong.append(f"{path} is wider than {width}")
    if await page.evaluate("() => 'hostile' in window"):
        wrong.append(f"{path} ran it")
    return wrong


async def test_hostile_texts_show_as_text_on_every_page(
    furnished_site: Site, browser: Browser
) -> None:
    context = await furnished_site.context(browser, "creator")
    pages = await furnish(furnished_site, context.request)
    pages += ["/find?q=%3Cscript", "/find?q=WWW"]
    for thing, named in (("creator", "markup"), ("token", "long")):
        path = f"/api/entities/{furnished_site.ids[thing]}"
        assert (await context.request.patch(path, data={"name": NAMES[named]})).ok
    fan = await furnished_site.context(browser, "fan")
    looks, said = {"creator": await context.new_page(), "fan": await fan.new_page()}, list[str]()
    for one in looks.values():
        one.on("pageerror", lambda error: said.append(str(error)))
        one.on("console", lambda line: said.append(f"{line.text} {line.location}"))
        one.on("dialog", lambda shown: said.append(f"It asks {shown.message}"))
    every = [*(("creator", path) for path in pages), *furnished_site.pages]
    wrong: list[str] = []
    for who, path in every:
        if who in looks:
            wrong += await look(looks[who], path)
    page = looks["creator"]
    await page.goto("/explore/course?q=%3Cscript")
    await expect(page.get_by_role("link", name=MARKUP)).to_be_visible()
    await page.goto("/explore/tags")
    await page.get_by_role("link", name=re.compile("^<script")).click()
    await expect(page.get_by_role("link", name=MARKUP)).to_be_visible()
    await page.goto("/explore/course/import")
    await page.get_by_label("Or its text").fill(
        written([["<script>", "name"], *zip(SAID.values(), NAMES.values(), strict=True)])
    )
    await page.get_by_role("button", name="Look at it").click()
    await expect(page.get_by_text("What becomes what")).to_be_visible()
    await page.set_viewport_size({"width": 360, "height": 900})
    wrong += [] if await page.evaluate(FITS) else ["what would be made is wider than 360"]
    assert not wrong, "\n".join(wrong)
    assert not said, "\n".join(said)
    await fan.close()
    await context.close()
