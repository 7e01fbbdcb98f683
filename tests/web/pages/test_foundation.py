"""What holds for every page: only our own files run in it, nothing leaves it, and it leads
nowhere else.
"""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from httpx import AsyncClient, Response

from one.web.pages import account, entrance
from tests.house.source import ROOT
from tests.web.pages.browsing import (
    PASSWORD,
    address,
    attribute,
    browser_in,
    fill,
    leads_to,
    newest_link,
    sign_in,
    sign_up,
    text_of,
)
from tests.world import World

pytestmark = pytest.mark.anyio

OPEN = [
    *("/", "/sign-up", "/sign-in", "/sign-in/code", "/second-factor", "/forgot", "/forgot/sent"),
    *("/other-address", "/outbox", "/enter/nothing", "/nowhere"),
]
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> \u202e {{ 7*7 }}"
OTHER_SITES = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},  # and nothing else that tells
]
ELSEWHERE = [
    *("https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example"),
    *("javascript:alert(1)", "/a\r\nSet-Cookie: b=c", "/\t/evil.example", "evil.example"),
]


async def test_nothing_runs_in_a_page_and_no_other_site_has_a_part_in_it(
    browser: AsyncClient,
) -> None:
    for path in OPEN:
        check_closed(await browser.get(path))
    await sign_up(browser, address())
    check_closed(await browser.get("/account"))
    check_closed(await fill(browser, "/account/second-factor", password=PASSWORD))
    check_closed(await fill(browser, "/account/tokens", name="a token"))


def check_closed(page: Response) -> None:
    rules = dict(rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    for what in ("script-src", "style-src", "connect-src", "form-action"):
        assert rules[what] == "'self'"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    scripts = re.findall(r"<script([^>]*)>([^<]*)</script>", page.text)
    assert len(scripts) == page.text.count("<script")
    assert all(re.search(r' src="/static/', said) and not body for said, body in scripts)
    assert not re.search(r"<style|\sstyle=|\son\w+=|\shx-on|[\"']js:|javascript:", page.text)
    assert set(re.findall(r'(?:href|src|action)="([a-z]+):', page.text)) <= {"data"}
    assert page.text.count("<h1") == 1


async def test_hostile_names_show_as_text(browser: AsyncClient) -> None:
    browser.headers["User-Agent"] = HOSTILE.replace("\u202e", "")
    await sign_up(browser, address(), name=HOSTILE)
    await fill(browser, "/account/tokens", name=HOSTILE[:100])
    page = await browser.get("/account")
    assert "<script>" not in page.text
    assert "<img src=x" not in page.text
    assert page.text.count("{{ 7*7 }}") == 7
    refused = await fill(browser, "/account/email", email=HOSTILE)
    assert attribute(refused, "email") == HOSTILE
    assert "<script>" not in refused.text


async def test_nothing_that_is_typed_breaks_a_page(world: World) -> None:
    """In this mode a bug is raised on."""
    fields = ("name", "kind", "email", "handle", "password", "new", "code", "expiresAt", "next")
    async with browser_in(world) as one, browser_in(world, mode="test") as browser:
        await sign_up(one, address())
        for text in ("\0", HOSTILE, "\U0001f600" * 3_000):
            for page in (*account.PAGES, *entrance.PAGES[:-1]):  # all but signing out
                browser.cookies = one.cookies
                path = page.path.replace("{link}", "%00").replace("{id}", "%F0%9F%98%80")
                query: dict[str, str] = dict.fromkeys(("next", "done", "before"), text[:1_000])
                assert (await browser.get(path, params=query)).status_code < 500
                typed = await fill(browser, path, **dict.fromkeys(fields, text))
                assert typed.status_code < 500
                assert HOSTILE not in typed.text
        assert (await one.get("/account")).status_code == 200


async def test_after_signing_in_nobody_is_led_to_another_site(browser: AsyncClient) -> None:
    email = address()
    await sign_up(browser, email)
    for path in ELSEWHERE:
        await fill(browser, "/sign-out")
        entered = await fill(browser, "/sign-in", email=email, password=PASSWORD, next=path)
        assert leads_to(entered) == "/home", path
        assert leads_to(await browser.get("/sign-in", params={"next": path})) == "/home", path


async def test_who_wanted_a_page_comes_to_it_after_signing_in(browser: AsyncClient) -> None:
    email = address()
    await sign_up(browser, email)
    await fill(browser, "/sign-out")
    there = leads_to(await browser.get("/account"))
    assert there == "/sign-in?next=%2Faccount"
    wanted = attribute(await browser.get(there), "next")
    entered = await fill(browser, "/sign-in", email=email, password=PASSWORD, next=wanted)
    assert leads_to(entered) == "/account"


async def test_another_site_cant_post_a_form(browser: AsyncClient) -> None:
    await sign_up(browser, address())
    for said in OTHER_SITES:
        refused = await browser.post("/sign-out", headers=said)
        assert refused.status_code == 403, said
        assert "Do it on our own pages." in text_of(refused)
        assert (await browser.get("/account")).status_code == 200
    assert leads_to(await browser.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"}))


async def test_a_form_that_none_of_our_pages_makes_is_refused(browser: AsyncClient) -> None:
    as_json = await browser.post("/sign-in", json={"email": "a@b.example"})
    too_long = await fill(browser, "/sign-in", email="a" * (1 << 20))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    unreadable = await browser.post("/sign-in", content=b"email=%ff", headers=kind)
    assert [page.status_code for page in (as_json, too_long, unreadable)] == [415, 413, 422]


async def test_a_link_is_not_used_by_looking_and_not_by_another_site(browser: AsyncClient) -> None:
    fields = {"name": "Ana", "kind": "creator", "email": address(), "password": PASSWORD}
    await fill(browser, "/sign-up", **fields)
    link = await newest_link(browser)
    for _ in range(2):
        assert "This makes your account" in text_of(await browser.get(link))
    await browser.post(link, headers={"Sec-Fetch-Site": "cross-site"})
    assert leads_to(await fill(browser, link)) == "/welcome"
    assert (await browser.get(link)).status_code == 404


async def test_who_tries_too_often_is_told_for_how_long_to_wait(browser: AsyncClient) -> None:
    email = address()
    for _ in range(10):
        await sign_in(browser, email, "not that one")
    page = await sign_in(browser, email, "not that one")
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert attribute(page, "email") == email


async def test_an_address_with_nothing_there_is_a_page_for_people_and_json_for_programs(
    browser: AsyncClient,
) -> None:
    page = await browser.get("/nowhere")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    problem = await browser.get("/nowhere", headers={"Accept": "application/json"})
    assert problem.json()["status"] == 404
    refused = await browser.get("/sign-out")
    assert refused.status_code == 405


async def test_files_of_pages_are_kept_by_browsers_as_long_as_they_stay_the_same(
    browser: AsyncClient,
) -> None:
    page = await browser.get("/sign-in")
    addresses = re.findall(r'"(/static/[^"]+)"', page.text)
    assert len(addresses) >= 2
    for each in addresses:
        file = await browser.get(each)
        assert "immutable" in file.headers["cache-control"]
        kinds = ("text/css", "text/javascript", "image/svg+xml", "font/woff2")
        assert file.headers["content-type"].startswith(kinds)
    plain = await browser.get(addresses[-1], headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    old = await browser.get("/static/0/one.css")
    assert old.headers["cache-control"] == "no-cache"
    assert (await browser.get("/static/0/../one.css")).status_code == 404
    assert (await browser.get("/static/0/nothing.css")).status_code == 404


def test_the_editor_is_what_its_sources_make_and_is_recorded() -> None:
    kept = ROOT / "src/one/web/static/editor.js"
    sources = [ROOT / "look/editor/package-lock.json", *sorted((ROOT / "look/editor").glob("*.js"))]
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in sources)).hexdigest()
    assert kept.read_text().startswith(f"// look/editor {digest}\n"), "make vendor"
    lock = orjson.loads(sources[0].read_bytes())["packages"]
    said = (ROOT / "src/one/web/static/LICENCES.md").read_text()
    (row,) = [line for line in said.splitlines() if line.startswith("| `editor.js`")]
    for path, package in lock.items():
        name = path.rpartition("node_modules/")[2]
        if name and (not package.get("dev") or name == "esbuild"):
            assert f"{name.rpartition('/')[2]} {package['version']}" in row, name


def test_the_style_sheet_is_what_its_source_and_the_templates_make(tmp_path: Path) -> None:
    built = tmp_path / "one.css"
    build = [Path(sys.executable).parent / "tailwindcss", "--minify", "-i", "look/one.css"]
    subprocess.run([*build, "-o", built], cwd=ROOT, check=True, capture_output=True)
    kept = ROOT / "src/one/web/static/one.css"
    assert built.read_text() == kept.read_text(), "make look"
