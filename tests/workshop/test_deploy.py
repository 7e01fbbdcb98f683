"""Deploying a text: what goes live, and each reason why nothing does."""

import pytest

from one.store import PLATFORM, Viewer
from tests.domains.live import GREET
from tests.workshop.conftest import Town
from tests.world import World

pytestmark = pytest.mark.anyio
LOUD = GREET.replace('"Hello [name]"', '"HELLO [name]"')
HOLE = "FEATURE: Ask\n\nGIVE happiness\n"
WRONG = "FEATURE: Wrong\n\nCRATE a course called X\n\nFROBNICATE it\n"


@pytest.fixture
async def ana(world: World) -> Viewer:
    return await world.person(name="Ana Brown")


async def test_a_text_goes_live_at_an_address_of_its_author(town: Town, ana: Viewer) -> None:
    mine = await town.as_(ana)
    answer = await mine.post("/api/features", json={"text": GREET})
    assert answer.status_code == 200, answer.text
    (made,) = answer.json()["items"]
    assert (made["address"], made["revision"]) == ("/api/features/ana_brown/greet_a_fan", 1)
    called = await mine.post(made["address"], json={"name": "Bo"})
    assert (called.status_code, called.json()) == (200, {"greeting": "Hello Bo"})
    again = (await mine.post("/api/features", json={"text": LOUD})).json()["items"][0]
    assert again["revision"] == 2
    assert (await mine.post(made["address"], json={"name": "Bo"})).json() == {
        "greeting": "HELLO Bo"
    }
    same = (await mine.post("/api/features", json={"text": LOUD})).json()["items"][0]
    assert same["revision"] == 2


SPENT = """FEATURE: Thank for it
INPUT:
  - fan: who asks
IF fan has spent more than $50 with me
  SEND "Thank you!" TO fan
GIVE "done"
"""


async def test_what_no_test_could_try_goes_live_and_is_told(town: Town, ana: Viewer) -> None:
    mine = await town.as_(ana)
    answer = await mine.post("/api/features", json={"text": f"{SPENT}\n{GREET}"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["untried"] == [
        {
            "slug": "thank_for_it",
            "line": 4,
            "says": "the fan spending is more than $50: what decides it is only known when it runs",
        },
    ]


async def test_the_platforms_features_have_no_handle(town: Town) -> None:
    owner = await town.as_(Viewer(PLATFORM, "staff"))
    made = (await owner.post("/api/features", json={"text": GREET})).json()["items"][0]
    assert made["address"] == "/api/features/greet_a_fan"
    called = await owner.post(made["address"], json={"name": "Bo"})
    assert called.json() == {"greeting": "Hello Bo"}


async def refused(town: Town, viewer: Viewer, text: str, **more: object) -> tuple[int, str]:
    """Status and kind of a deploy's problem, after which nothing is there."""
    client = await town.as_(viewer)
    answer = await client.post("/api/features", json={"text": text, **more})
    listed = (await client.get("/api/features", params={"retired": True})).json()["items"]
    assert listed == [], "nothing was deployed"
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


async def test_each_text_that_can_not_go_live_says_why(town: Town, ana: Viewer) -> None:
    assert await refused(town, ana, HOLE) == (422, "has-holes")
    assert await refused(town, ana, WRONG) == (422, "does-not-compile")
    assert await refused(town, ana, f"{GREET}\n\n{HOLE}") == (422, "has-holes")
    assert await refused(town, ana, "") == (422, "does-not-compile")
    assert await refused(town, ana, GREET, canary=5) == (409, "conflict")
    assert await refused(town, ana, "x" * 100_001) == (422, "invalid")
    assert await refused(town, ana, "x" * 1_100_000) == (413, "too-large")
    assert await refused(town, ana, GREET, owner=str(PLATFORM)) == (403, "denied")
    watched = "FEATURE: F\n\nWHEN a creator's video reaches $100 views\n\nTAG video WITH topic:x\n"
    assert await refused(town, ana, watched) == (422, "invalid")


async def test_what_is_no_json_or_nobodys_is_refused(town: Town, ana: Viewer) -> None:
    mine = await town.as_(ana)
    broken = await mine.post(
        "/api/features", content=b'{"text": ', headers={"content-type": "application/json"}
    )
    assert (broken.status_code, broken.json()["type"]) == (422, "/problems/invalid")
    nobody = await (await town.as_(None)).post("/api/features", json={"text": GREET})
    assert nobody.status_code == 401


async def test_a_refused_deploy_carries_the_diagnostics(town: Town, ana: Viewer) -> None:
    answer = await (await town.as_(ana)).post("/api/features", json={"text": WRONG})
    found = answer.json()["files"][0]["features"][0]["diagnostics"]
    assert len(found) >= 2
    assert found[0]["start"]["line"] == 3


async def test_another_title_with_the_same_address_is_refused_until_the_first_retires(
    town: Town, ana: Viewer
) -> None:
    mine = await town.as_(ana)
    await mine.post("/api/features", json={"text": GREET})
    other = GREET.replace("Greet a fan", "Greet a fan!")
    taken = await mine.post("/api/features", json={"text": other})
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/title-taken")
    both = f"{other}\n\n{GREET.replace('Greet a fan', 'Greet two')}"
    assert (await mine.post("/api/features", json={"text": both})).status_code == 409
    live = (await mine.get("/api/features")).json()["items"]
    assert [one["title"] for one in live] == ["Greet a fan"]
    await mine.post("/api/features/greet_a_fan/retire-feature")
    assert (await mine.post("/api/features", json={"text": other})).status_code == 200


async def test_a_deploy_over_what_somebody_changed_meanwhile_is_refused(
    town: Town, ana: Viewer
) -> None:
    mine = await town.as_(ana)
    await mine.post("/api/features", json={"text": GREET})
    await mine.post("/api/features", json={"text": LOUD})
    late = await mine.post("/api/features", json={"text": GREET}, headers={"if-match": '"1"'})
    assert late.status_code == 409
    assert (await mine.get("/api/features/greet_a_fan")).json()["feature"]["revision"] == 2


async def test_a_handle_is_the_authors_own_or_one_nobody_has(town: Town, ana: Viewer) -> None:
    await (await town.as_(ana)).post("/api/features", json={"text": GREET})
    namesake = await town.world.person(name="Ana Brown")
    second = await (await town.as_(namesake)).post("/api/features", json={"text": GREET})
    assert second.json()["items"][0]["handle"] == "ana_brown-2"
    await town.world.update(namesake.id, handle="the_ana")  # pyright: ignore[reportArgumentType] # a person has an id
    third = await (await town.as_(namesake)).post("/api/features", json={"text": LOUD})
    assert third.json()["items"][0]["address"] == "/api/features/the_ana/greet_a_fan"


async def test_what_does_not_do_what_its_text_says_in_a_rehearsal_is_not_deployed(
    town: Town, ana: Viewer
) -> None:
    money = """FEATURE: Bring a friend

INPUT:
  - fan: who invites
  - new user: who is invited

REFER fan TO new user REWARD 50 tokens WITH $5 bonus
"""
    async with town.world.desk.database.read() as tx:
        before = await tx.rows("SELECT id FROM spaces")
    assert await refused(town, ana, money) == (422, "rehearsal-failed")
    async with town.world.desk.database.read() as tx:
        assert await tx.rows("SELECT id FROM spaces") == before


POST = """FEATURE: Post for me

INPUT:
  - fan: who asks
  - headline: text
  - pack: the product

CHECK fan exists
CREATE blog post called headline SAVE AS post
PUBLISH post
GIVE "out"
"""


async def test_a_tick_holds_as_long_as_its_line_asks_the_same(town: Town, ana: Viewer) -> None:
    mine = await town.as_(ana)

    async def deploy(text: str, **more: object) -> tuple[int, dict[str, bool]]:
        answer = await mine.post("/api/features", json={"text": text, **more})
        assert answer.status_code == 200, answer.text
        lines = {one["says"]: one["ticked"] for one in answer.json()["allowed"]}
        return answer.json()["items"][0]["revision"], lines

    asks = "When somebody else sets it off, you are asked first: to publish the post."
    first = await mine.post("/api/features", json={"text": POST})
    assert first.status_code == 200, first.text
    (line,) = [one["line"] for one in first.json()["allowed"] if one["says"] == asks]
    assert (await deploy(POST, yes=[line]))[1][asks] is True
    moved = POST.replace("CREATE blog", 'SET said to "hi"\nCREATE blog')
    assert await deploy(moved) == (3, {**(await deploy(moved))[1], asks: True})
    changed = moved.replace("SAVE AS post", "SAVE AS page").replace("PUBLISH post", "PUBLISH page")
    other = asks.replace("the post", "the page")
    assert (await deploy(changed))[1][other] is False
    told = await mine.get("/api/features/post_for_me/differences", params={"before": 1, "after": 2})
    assert [one["says"] for one in told.json()["changes"]] == [
        f"{asks} Now without asking you each time."
    ]
    assert (await deploy(moved, no=["all"]))[1][asks] is False


async def test_a_line_that_is_not_there_can_not_be_ticked(town: Town, ana: Viewer) -> None:
    assert await refused(town, ana, POST, yes=["0123456789ab"]) == (422, "invalid")
    assert await refused(town, ana, POST, yes=["what"]) == (422, "invalid")


async def test_budgets_are_numbers_that_a_deploy_changes_and_the_next_keeps(
    town: Town, ana: Viewer
) -> None:
    gift = "FEATURE: Gift\n\nINPUT:\n  - fan: who\n\nCHECK fan exists\nGIVE fan 10 tokens\n"
    mine = await town.as_(ana)
    for more in ({"budgets": [{"of": "gifts", "person": 2, "everyone": 5}]}, {}):
        answer = await mine.post("/api/features", json={"text": gift, **more})
        assert answer.status_code == 200, answer.text
        told = (await mine.get("/api/features/gift")).json()["sheet"]["budgets"][0]
        assert (told["person"], told["guest"], told["everyone"]) == (2, 3, 5)
        assert told["says"].startswith("Gifts: 2 a day for each person")
