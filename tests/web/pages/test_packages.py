"""A feature that somebody shares from one ONE, taken in at another one by somebody else."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from httpx import AsyncClient

from one.settings import Settings
from one.store import Desk
from tests.web.pages.browsing import address, attribute, fill, leads_to, sign_up, text_of
from tests.web.pages.test_studio import deployed
from tests.workshop.conftest import Town, town_of
from tests.world import World

pytestmark = pytest.mark.anyio

OPEN = """\
FEATURE: Open the door to a course

INPUT:
  - fan: who asks
  - gift: which lesson they may see

OUTPUT:
  - reply: what they hear

CHECK fan exists
  OTHERWISE say "Please sign in"
GET the course "Breathing" SAVE AS course
CHECK course exists
  OTHERWISE say "The course is not there yet"
CALL OpenAI to write WITH message "[course] and [gift]" SAVE AS reply
SEND "Look at [gift]" TO fan VIA email
GIVE reply
"""


@asynccontextmanager
async def creator_in(town: Town, name: str) -> AsyncGenerator[AsyncClient]:
    headers = {"Origin": "http://localhost", "Accept": "text/html"}
    async with AsyncClient(
        transport=town.transport, base_url="http://localhost", headers=headers
    ) as browser:
        await sign_up(browser, address(name), name=name.capitalize())
        yield browser


async def test_what_one_shares_another_one_takes_in_reads_and_runs_as_its_own(desk: Desk) -> None:
    settings = Settings.model_validate({"mode": "development", "secret_keys": "own"})
    here, there = [town_of(await World.made(desk), settings) for _ in range(2)]
    async with creator_in(here, "ana") as ana, creator_in(there, "bo") as bo:
        assert "It is live" in text_of(await deployed(ana, OPEN))
        package = await ana.get("/studio/features/open_the_door_to_a_course/package")
        assert "Shared by @ana" in package.text
        taken = await bo.get(leads_to(await fill(bo, "/studio/new/package", package=package.text)))
        told = text_of(taken)
        for words in (
            "It is yours to read and change.",
            "Writes to the fan by email.",
            "Sends the course and the gift to OpenAI",
            "What you are asked when you deploy it The gift is picked by whoever runs it",
            "OpenAI is a stand-in here: nothing is done outside.",
            "It looks for the course “Breathing”. You see none of that name yet.",
        ):
            assert words in told
        assert (await bo.get("/api/features")).json()["items"] == []
        for type, name in (("course", "Breathing"), ("lesson", "Sitting still")):
            made = await bo.post("/api/entities", json={"type": type, "name": name})
            assert made.status_code == 201, made.text
        draft = str(taken.url.path)
        now = text_of(await bo.get(draft, params={"tab": "rights"}))
        assert "It looks for the course “Breathing”." in now
        assert "none of that name" not in now
        plan = await bo.get(f"{draft}/deploy")
        (line,) = set(re.findall(r'name="yes\.([0-9a-f]{12})"', plan.text))
        fields = {"draft": attribute(plan, "draft"), f"line.{line}": "1", f"yes.{line}": "1"}
        live = leads_to(await fill(bo, f"{draft}/deploy", **fields)).partition("?")[0]
        came = await fill(bo, live, **{"in.gift": "Sitting still"})
        assert "Done reply" in text_of(came)
        again = (await bo.get(f"{live}/package")).text
        assert again.splitlines()[5:] == package.text.splitlines()[5:]
        assert "Shared by @bo" in again
        (mine,) = (await bo.get("/api/features")).json()["items"]
        assert f"program {mine['digest']}" in package.text
