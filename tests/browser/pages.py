"""Every page that there is, and people who may look at it, in a site that has something to show."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from httpx import AsyncClient
from playwright.async_api import Browser, BrowserContext, StorageState

from one.clock import new_id
from one.library import texts
from tests.providers import outside
from tests.providers.outside import Outside
from tests.web.serving import served

PASSWORD = "copper lantern over seven hills"
CHAT = """FEATURE: Say hello
INPUT:
  - fan: who asks
  - words: what they say
OUTPUT:
  - answer: what they hear

CHECK fan exists
  OTHERWISE say "Please sign in"
NOTIFY fan ABOUT "You said: [words]" VIA app
WAIT 2 days
GIVE answer: "Hello, [fan]"
"""
COUNT = """FEATURE: Count my courses
INPUT:
  - fan: who asks
  - greeting: how they say hello
OUTPUT:
  - courses: how many there are
  - reply: what they hear
GET number of my courses SAVE AS courses
GIVE courses, reply is "[greeting] to you, too"
"""
LIST = """FEATURE: Send me the list
INPUT:
  - visitor: who wants it
  - email: their e-mail address
OUTPUT:
  - message: what they read

SEND "Here is the list" TO email
WAIT 2 days
GIVE message is "You have it"
"""
Who = Literal["visitor", "creator", "fan"]
Scheme = Literal["light", "dark"]

VISITOR = (
    *("/", "/sign-up", "/sign-in", "/sign-in/code", "/forgot", "/forgot/sent", "/other-address"),
    *("/enter/nothing", "/nowhere", "/outbox"),
    *("/explore", "/explore/map", "/explore/creator", "/things/{creator}"),
    *("/f/{handle}/{feature}", "/f/{handle}/count_my_courses", "/f/{handle}/nothing"),
    *("/f/{handle}/send_me_the_list", "/ran/{key}"),
)
CREATOR = (
    *(
        "/home",
        "/welcome",
        "/notices",
        "/find?q=b",
        "/design",
        "/account",
        "/account/log",
        "/account/close",
    ),
    *("/explore", "/explore/course", "/explore/events", "/explore/tags", "/things/{course}"),
    *(
        "/things/{course}/connections",
        "/things/{course}/connect?as=part_of.in",
        "/explore/course/new",
        "/explore/course/import",
        "/explore/message/new",
        "/explore/tags/things?tag=topic:calm",
    ),
    *("/things/{course}/events", "/things/{course}/history", "/things/{creator}"),
    *("/earnings", "/sell", "/purchases", "/runs", "/runs/{run}"),
    *("/studio", "/studio/new", "/studio/new?from=buy_tokens"),
    *(
        "/studio/drafts/{draft}",
        "/studio/drafts/{draft}?tab=questions",
        "/studio/features/{feature}",
    ),
    *(f"/studio/drafts/{{draft}}?tab={tab}" for tab in ("flow", "rights", "code", "try", "change")),
    *(f"/studio/features/{{feature}}?tab={tab}" for tab in ("does", "revisions", "share")),
    "/studio/drafts/{draft}/deploy",
)
FAN = (
    *("/home", "/welcome", "/notices", "/account", "/purchases", "/buy/{token}", "/tip/{creator}"),
    *("/f/{handle}/{feature}", "/runs", "/runs/{ran}", "/runs/{over}"),
)


@dataclass(slots=True)
class Site:
    """Where it is, the ids of what is in it, who is signed in where, and what its model says."""

    url: str
    outside: Outside
    ids: dict[str, str] = field(default_factory=dict[str, str])
    states: dict[Who, StorageState] = field(default_factory=dict[Who, StorageState])

    @property
    def pages(self) -> list[tuple[Who, str]]:
        of: Mapping[Who, tuple[str, ...]] = {"visitor": VISITOR, "creator": CREATOR, "fan": FAN}
        return [(who, path.format(**self.ids)) for who, paths in of.items() for path in paths]

    async def context(
        self, browser: Browser, who: Who, *, scheme: Scheme = "light", width: int = 1440
    ) -> BrowserContext:
        """A browser of somebody."""
        return await browser.new_context(
            base_url=self.url,
            color_scheme=scheme,
            storage_state=self.states.get(who),
            viewport={"width": width, "height": 900},
        )


@asynccontextmanager
async def furnished(browser: Browser, url: str, data: Path) -> AsyncGenerator[Site]:
    """A site with a creator who sells a token and a course, and a fan."""
    model = Outside()
    async with (
        outside.served(model) as there,
        served(url, data, settings=_settings(f"{there}/v1")) as server,
    ):
        site = Site(server.url, model)
        people: dict[Who, str] = {"creator": "Ana Brown", "fan": "Bo Green"}
        for who, name in people.items():
            site.ids[who] = await _sign_up(site, browser, who, name)
        await _furnish(site, (data / "owner-token").read_text().strip())
        yield site


def _settings(model: str) -> dict[str, str]:
    return {"ONE_DEMO": "false", "ONE_OPENAI_KEY": "k", "ONE_OPENAI_URL": model}


async def _sign_up(site: Site, browser: Browser, who: Who, name: str) -> str:
    """The id of somebody who is in since."""
    context = await browser.new_context(base_url=site.url)
    page = await context.new_page()
    await page.goto("/sign-up")
    await page.get_by_label("A creator" if who == "creator" else "A fan").check()
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("E-mail").fill(f"{who}.{new_id().hex}@mail.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign up").click()
    await page.get_by_role("link", name="look at the outbox").click()
    await page.get_by_role("link", name=re.compile("enter")).first.click()
    await page.get_by_role("button", name="Sign up").click()
    await page.wait_for_url("**/welcome")
    site.states[who] = await context.storage_state()
    answer = await context.request.get("/api/account")
    account = await answer.json()
    await context.close()
    return account["entity"]


async def _furnish(site: Site, secret: str) -> None:
    async with (
        _client(site, secret) as owner,
        _client(site, await _token(owner, site.ids["creator"])) as creator,
        _client(site, await _token(owner, site.ids["fan"])) as fan,
    ):
        things = (
            ("token", "Brown tokens", {"price": {"amount": 250, "currency": "usd"}}),
            ("course", "Breathing for beginners", {"description": "A calm first week."}),
        )
        for type, name, properties in things:
            body = {"type": type, "name": name, "properties": properties, "tags": ["topic:calm"]}
            answer = await creator.post("/api/entities", json=body)
            assert answer.status_code == 201, answer.text
            site.ids[type] = answer.json()["id"]
        counts = await creator.post("/api/features", json={"text": COUNT})
        assert counts.status_code in (200, 201), counts.text
        lists = await creator.post("/api/features", json={"text": LIST, "yes": ["all"]})
        async with AsyncClient(base_url=site.url) as guest:
            asked = {"email": "cy@mail.example"}
            listed = await guest.post(
                lists.json()["items"][0]["address"], json=asked, headers={"Prefer": "wait=0"}
            )
            site.ids["key"] = listed.headers["location"].partition("key=")[2]
        answer = await creator.post("/api/features", json={"text": CHAT, "yes": ["all"]})
        assert answer.status_code in (200, 201), answer.text
        address = answer.json()["items"][0]["address"]
        given = {"fan": site.ids["creator"], "words": "Good morning"}
        begun = await creator.post(address, json=given, headers={"Prefer": "wait=0"})
        assert begun.status_code == 202, begun.text
        site.ids["run"] = begun.json()["id"]
        site.ids["feature"] = answer.json()["items"][0]["slug"]
        site.ids["handle"] = answer.json()["items"][0]["handle"]
        ran = await fan.post(address, json={"words": "Hi Ana"}, headers={"Prefer": "wait=0"})
        site.ids["ran"] = ran.json()["id"]
        over = await fan.post(
            counts.json()["items"][0]["address"], json={"greeting": "Good morning"}
        )
        assert over.status_code == 200, over.text
        site.ids["over"] = over.headers["location"].rpartition("/")[2]
        draft = await creator.post("/api/drafts", json={"text": texts()["enroll_a_student"]})
        site.ids["draft"] = draft.json()["id"]


def _client(site: Site, secret: str) -> AsyncClient:
    return AsyncClient(base_url=site.url, headers={"Authorization": f"Bearer {secret}"})


async def _token(owner: AsyncClient, entity: str) -> str:
    """One by which a program acts as somebody."""
    made = await owner.post("/api/tokens", json={"entity": entity, "name": "furnishing"})
    return made.json()["secret"]
