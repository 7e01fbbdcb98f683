"""What is shown of a text while it is written, and before it is deployed."""

from typing import Any

import pytest
from httpx import AsyncClient

from one.library import texts
from one.store import Viewer
from tests.domains.live import GREET, live
from tests.workshop.conftest import Town
from tests.world import World, id_of

pytestmark = pytest.mark.anyio

CHAT = texts()["chat_with_my_clone"]
DRAFT = "FEATURE: Thank a fan\n\nINPUT:\n- fan: who\n\nIF fan is frobnicated THEN\n  TELL fan\n"


@pytest.fixture
async def ana(world: World) -> Viewer:
    return await world.person(name="Ana")


@pytest.fixture
async def mine(town: Town, ana: Viewer) -> AsyncClient:
    return await town.as_(ana)


async def test_each_sentence_names_the_line_that_it_is_about(mine: AsyncClient) -> None:
    answer = await mine.post("/api/inspect", json={"text": CHAT})
    (found,) = answer.json()["items"]
    lines = CHAT.splitlines()
    understood: list[dict[str, Any]] = found["understood"]
    about = [one for one in understood if one["line"]]
    said: list[tuple[str, str]] = [(one["says"], lines[one["line"] - 1]) for one in about]
    assert said[0] == (
        "It needs fan (a person) and message (text).",
        "  - fan: who writes",
    )
    assert ("Answer with the reply, and end.", "GIVE reply") in said
    assert all(f"Line {one['line']}:" in one["says"] for one in understood[-1:])
    assert (found["flow"], found["rights"], found["files"]) == ("", [], {})


async def test_the_parts_of_a_text_are_shown_when_they_are_asked_for(mine: AsyncClient) -> None:
    asked = {"text": CHAT, "parts": ["flow", "rights", "code"]}
    (found,) = (await mine.post("/api/inspect", json=asked)).json()["items"]
    assert found["flow"].startswith("<svg")
    assert any("openai" in one.lower() for one in found["rights"])
    name = found["name"]
    assert {f"{name}.py", f"test_{name}.py", f"{name}.md"} <= found["files"].keys()
    assert found["input"]["message"] == {
        "type": "text",
        "gloss": "what they say",
        "optional": False,
    }
    assert found["input"]["fan"]["optional"]


@pytest.mark.parametrize("text", ["", "FEATURE:", DRAFT, "{", "nothing at all"])
async def test_what_does_not_compile_is_shown_as_far_as_it_goes(
    mine: AsyncClient, text: str
) -> None:
    asked = {"text": text, "parts": ["flow", "rights", "code"]}
    answer = await mine.post("/api/inspect", json=asked)
    assert answer.status_code == 200
    for found in answer.json()["items"]:
        assert found["outcome"] in ("error", "draft")
        assert found["files"] == {}


async def test_a_plan_says_what_a_deploy_would_change(
    world: World, mine: AsyncClient, ana: Viewer
) -> None:
    (new,) = (await mine.post("/api/deploy-plan", json={"text": GREET})).json()["items"]
    assert (new["revision"], new["same"], new["changes"]) == (None, False, [])
    assert new["rights"]
    await live(world, id_of(ana), GREET)
    same = (await mine.post("/api/deploy-plan", json={"text": f"{GREET}# politely"})).json()
    assert [(one["revision"], one["same"]) for one in same["items"]] == [(1, True)]
    loud = {"text": GREET.replace("Hello [name]", "HELLO [name]")}
    (changed,) = (await mine.post("/api/deploy-plan", json=loud)).json()["items"]
    assert any("HELLO" in one["says"] for one in changed["changes"])
    assert (await mine.get("/api/features")).json()["items"][0]["revision"] == 1


async def test_a_plan_is_refused_as_the_deploy_would_be(
    world: World, mine: AsyncClient, ana: Viewer
) -> None:
    wrong = await mine.post("/api/deploy-plan", json={"text": DRAFT})
    assert wrong.status_code == 422
    await live(world, id_of(ana), GREET)
    other = {"text": GREET.replace("Greet a fan", "Greet, a fan")}
    taken = await mine.post("/api/deploy-plan", json=other)
    assert (taken.status_code, taken.json()["slug"]) == (409, "greet_a_fan")


async def test_nobody_else_may_look(town: Town) -> None:
    visitor = await town.as_(None)
    for path in ("/api/inspect", "/api/deploy-plan"):
        assert (await visitor.post(path, json={"text": GREET})).status_code == 401
