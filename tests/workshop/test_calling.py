"""Calling live features: what is given, what comes back, and which revision answers."""

import anyio
import pytest
from httpx import AsyncClient
from pydantic import JsonValue

from one.store import PLATFORM, Link
from tests.domains.live import GREET
from tests.workshop.conftest import Town, town_of
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio
ENROL = """FEATURE: Take a course

INPUT:
  - fan: who learns
  - course: which course
  - minutes: how many minutes a day (between 10 and 90)
  - pace: how fast (one of: slow, fast) (optional)

OUTPUT:
  - course: the course

CHECK fan does not own course
  OTHERWISE say "It is yours already"

TAG course WITH topic:taken

GIVE course
"""
SLOW = """FEATURE: Think it over

INPUT:
  - name: what to call them

OUTPUT:
  - greeting: what to say

WAIT 1 second

SET greeting to "Hello [name]"
GIVE greeting
"""
USES = """FEATURE: Greet twice

INPUT:
  - name: what to call them

OUTPUT:
  - said: what was said

USE FEATURE "Greet a fan" WITH name
  SAVE AS said
GIVE said
"""
AT = "/api/features/greet_a_fan"


@pytest.fixture
async def owner(town: Town) -> AsyncClient:
    return await town.as_(STAFF)


async def deploy(client: AsyncClient, text: str, **more: JsonValue) -> int:
    answer = await client.post("/api/features", json={"text": text, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"][0]["revision"]


async def runs(world: World) -> list[tuple[str, str, JsonValue]]:
    async with world.read() as store:
        records = await store.session.tx.rows(
            "SELECT feature, status, output FROM runs WHERE space_id = %(s)s"
            " ORDER BY created_at, id",
            {"s": world.space},
        )
    return [(str(f), str(s), output) for f, s, output in records]  # pyright: ignore[reportReturnType] # JSON


async def test_a_feature_of_data_leaves_its_finished_run_in_the_same_transaction(
    town: Town, owner: AsyncClient
) -> None:
    await deploy(owner, GREET)
    answer = await owner.post(AT, json={"name": "Bo"})
    assert answer.json() == {"greeting": "Hello Bo"}
    assert await runs(town.world) == [("greet_a_fan", "done", {"greeting": "Hello Bo"})]
    run = await owner.get(answer.headers["location"])
    assert run.json()["run"]["input"] == {"name": "Bo"}


async def test_every_wrong_input_is_pointed_at(town: Town, owner: AsyncClient) -> None:
    await deploy(owner, ENROL)
    fan = await town.world.person("audience_member", "Bo")
    course = await town.world.course()
    mine, at = await town.as_(fan), "/api/features/take_a_course"
    good: dict[str, JsonValue] = {"course": str(course.id), "minutes": 30}

    async def wrong(**given: JsonValue) -> tuple[int, list[str]]:
        answer = await mine.post(at, json={**good, **given})
        return answer.status_code, [one["pointer"] for one in answer.json()["errors"]]

    assert await wrong(minutes="many") == (422, ["/minutes"])
    assert await wrong(minutes=5) == (422, ["/minutes"])
    assert await wrong(minutes=91) == (422, ["/minutes"])
    assert await wrong(pace="quick") == (422, ["/pace"])
    assert await wrong(course="none") == (422, ["/course"])
    assert await wrong(color="red") == (422, ["/color"])
    assert await wrong(course=str(PLATFORM)) == (404, ["/course"])
    assert await wrong(course=str(fan.id)) == (404, ["/course"])
    hidden = await town.world.thing("course", status="draft")
    assert await wrong(course=str(hidden.id)) == (404, ["/course"])
    assert (await mine.post(at, json={"minutes": 30})).status_code == 422
    done = await mine.post(at, json=good)
    assert done.status_code == 200, done.text
    assert done.json()["course"]["name"] == "A course"


async def test_what_is_no_json_or_too_large_or_not_there_is_said(
    town: Town, owner: AsyncClient
) -> None:
    await deploy(owner, GREET)
    as_json = {"content-type": "application/json"}
    assert (await owner.post(AT, content=b"{", headers=as_json)).status_code == 422
    assert (await owner.post(AT, content=b"[1]", headers=as_json)).status_code == 422
    assert (await owner.post(AT, content=b"a=1")).status_code == 415
    assert (await owner.post(AT, json={"name": "x" * 1_100_000})).status_code == 413
    nul = await owner.post("/api/features/greet%00fan", json={})
    assert nul.status_code == 404
    assert (await owner.get("/api/features/greet%00")).status_code == 422
    assert (await owner.get("/api/runs?feature=a%00")).status_code == 422
    near = await owner.post("/api/features/greet_fan", json={})
    assert (near.status_code, near.json()["near"]) == (404, [AT])
    word = await owner.post("/api/features/greeting_for_every_fan_of_mine", json={})
    none = await owner.post("/api/features/purchase", json={})
    assert (word.json()["near"], none.json()["near"]) == ([AT], [])
    assert (await owner.post("/api/features/nobody/greet_a_fan", json={})).status_code == 404
    got = await owner.get("/api/features/ana/greet_a_fan")
    assert (got.status_code, got.headers["allow"]) == (405, "OPTIONS, POST")


async def test_a_refusal_is_the_features_own_words_and_nothing_is_done(
    town: Town, owner: AsyncClient
) -> None:
    await deploy(owner, ENROL)
    fan = await town.world.person("audience_member", "Bo")
    mine = await town.as_(fan)
    course = await town.world.course(by=fan)
    given = {"course": str(course.id), "minutes": 30}
    answer = await mine.post("/api/features/take_a_course", json=given)
    problem = answer.json()
    assert (answer.status_code, problem["detail"]) == (422, "It is yours already")
    assert problem["code"]
    assert await runs(town.world) == [("take_a_course", "failed", None)]
    (kept,) = (await mine.get("/api/runs")).json()["items"]
    assert (kept["id"], kept["reason"]) == (problem["run"], "It is yours already")
    assert kept["error"]["details"] == {"code": problem["code"]}
    assert kept["input"] == given | {"fan": str(id_of(fan))}
    assert "taken" not in (await mine.get(f"/api/entities/{course.id}/tags")).text


async def test_a_key_is_one_call(town: Town, owner: AsyncClient) -> None:
    await deploy(owner, GREET)
    key = {"idempotency-key": "k1"}
    first = await owner.post(AT, json={"name": "Bo"}, headers=key)
    again = await owner.post(AT, json={"name": "Bo"}, headers=key)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    other = await owner.post(AT, json={"name": "Ana"}, headers=key)
    assert other.status_code == 409
    assert len(await runs(town.world)) == 1


async def test_a_feature_that_waits_answers_when_it_ends_or_with_its_run(
    town: Town, owner: AsyncClient
) -> None:
    await deploy(owner, SLOW)
    at, given = "/api/features/think_it_over", {"name": "Bo"}
    async with town.working():
        key = {"idempotency-key": "k2", "prefer": "respond-async"}
        begun = await owner.post(at, json=given, headers=key)
        assert (begun.status_code, begun.json()["status"]) == (202, "running")
        with anyio.fail_after(20):
            while (again := await owner.post(at, json=given, headers=key)).status_code == 202:  # noqa: ASYNC110 # in the database
                await anyio.sleep(0.2)
        assert again.json() == {"greeting": "Hello Bo"}
        assert again.headers["location"] == begun.headers["location"]
        done = await owner.get(begun.headers["location"])
        assert done.json()["run"]["output"] == {"greeting": "Hello Bo"}
    assert len(await runs(town.world)) == 1


async def test_a_run_ends_on_the_revision_that_it_began_with(
    town: Town, owner: AsyncClient
) -> None:
    await deploy(owner, SLOW)
    at, given = "/api/features/think_it_over", {"name": "Bo"}
    quick = {"prefer": "wait=0"}
    async with town.working():
        old = await owner.post(at, json=given, headers=quick)
        await deploy(owner, SLOW.replace("Hello", "HELLO"))
        new = await owner.post(at, json=given, headers=quick)
        await owner.post(f"{at}/roll-back")
        last = await owner.post(at, json=given, headers=quick)
        said = [await greeting(owner, one.headers["location"]) for one in (old, new, last)]
    assert said == ["Hello Bo", "HELLO Bo", "Hello Bo"]


async def greeting(client: AsyncClient, run: str) -> str:
    """What a run gives once it has ended."""
    with anyio.fail_after(20):
        while (found := (await client.get(run)).json()["run"])["output"] is None:  # noqa: ASYNC110 # in the database
            await anyio.sleep(0.1)
    return str(found["output"]["greeting"])


async def test_what_is_retired_is_called_no_more(town: Town, owner: AsyncClient) -> None:
    await deploy(owner, GREET)
    await owner.post(f"{AT}/retire-feature")
    gone = await owner.post(AT, json={"name": "Bo"})
    assert (gone.status_code, "retired" in gone.json()["detail"]) == (404, True)
    await deploy(owner, GREET)
    assert (await owner.post(AT, json={"name": "Bo"})).status_code == 200


async def test_a_canary_takes_its_share_and_the_same_caller_meets_the_same(
    town: Town, owner: AsyncClient
) -> None:
    await deploy(owner, GREET)
    await deploy(owner, GREET.replace("Hello", "HELLO"), canary=30)
    nobody = await town.as_(None)
    said = [(await nobody.post(AT, json={"name": "Bo"})).json()["greeting"] for _ in range(200)]
    assert 30 <= said.count("HELLO Bo") <= 95, "30 % of 200, five deviations"
    mine = await town.as_(await town.world.person())
    assert len({(await mine.post(AT, json={"name": "Bo"})).text for _ in range(10)}) == 1


async def test_every_process_meets_the_new_revision_from_the_answer_on(
    town: Town, owner: AsyncClient
) -> None:
    others = [await town_of(town.world).as_(None) for _ in range(3)]
    await deploy(owner, GREET)
    for n in range(10):
        await deploy(owner, GREET.replace("Hello", f"Hello {n}"))
        for one in others:
            assert (await one.post(AT, json={"name": "Bo"})).json() == {"greeting": f"Hello {n} Bo"}


async def test_live_features_stand_in_the_description_and_what_runs_by_itself_does_not(
    town: Town, owner: AsyncClient
) -> None:
    await deploy(owner, ENROL)
    await deploy(owner, "FEATURE: Tick\n\nEVERY DAY\n\nNOTIFY me ABOUT ping\n")
    paths = (await owner.get("/openapi.json")).json()["paths"]
    entry = paths["/api/features/take_a_course"]["post"]
    schema = entry["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["course", "minutes"]
    assert schema["properties"]["minutes"]["maximum"] == 90
    assert "It is yours already" in entry["responses"]["422"]["description"]
    assert "/api/features/tick" not in paths
    assert entry["security"] == [{"bearer": []}]
    await owner.post("/api/features/take_a_course/retire-feature")
    assert "/api/features/take_a_course" not in (await owner.get("/openapi.json")).json()["paths"]


async def test_a_feature_that_asks_who_is_there_is_said_to_let_visitors_in(
    town: Town, owner: AsyncClient
) -> None:
    asked = 'CHECK fan exists\n  OTHERWISE say "Please sign in first"\n\nCHECK fan does'
    await deploy(owner, ENROL.replace("CHECK fan does", asked))
    at = "/api/features/take_a_course"
    entry = (await owner.get("/openapi.json")).json()["paths"][at]["post"]
    assert entry["security"] == [{}, {"bearer": []}]
    course = await town.world.course()
    visitor = await town.as_(None)
    answer = await visitor.post(at, json={"course": str(course.id), "minutes": 10})
    assert answer.json()["detail"] == "Please sign in first"


async def test_a_feature_uses_what_is_live_of_its_author_and_no_others(
    town: Town, owner: AsyncClient
) -> None:
    unknown = await owner.post("/api/features", json={"text": USES})
    assert (unknown.status_code, unknown.json()["type"]) == (422, "/problems/does-not-compile")
    await deploy(owner, GREET)
    await deploy(owner, USES)
    async with town.working():
        answer = await owner.post("/api/features/greet_twice", json={"name": "Bo"})
    assert answer.json() == {"said": "Hello Bo"}


FOLLOW = """FEATURE: Speak for a friend

INPUT:
  - fan: who asks
  - friend: who looked

CHECK fan exists
  OTHERWISE say "Join us first"
RECORD content viewed BY friend FOR me
GIVE "done"
"""


async def test_a_call_that_needs_anothers_yes_becomes_a_run_that_waits_for_it(
    town: Town, owner: AsyncClient
) -> None:
    ana = await town.world.person(name="Ana")
    author, at = await town.as_(ana), "/api/features/ana/speak_for_a_friend"
    await deploy(author, FOLLOW)
    finn = await town.world.person("audience_member", "Finn")
    olga = await town.world.person("creator", "Olga")
    mine, hers = await town.as_(finn), await town.as_(olga)
    async with town.working():
        begun = await mine.post(at, json={"friend": str(olga.id)}, headers={"prefer": "wait=2"})
        assert (begun.status_code, begun.json()["status"]) == (202, "waiting")
        (asked,) = (await hers.get("/api/notices/requests")).json()["items"]
        assert "“Speak for a friend” by Ana asks for your yes" in asked["words"]
        path = f"/api/notices/requests/{asked['id']}/answer"
        assert (await hers.post(path, json={"yes": True})).status_code == 200
        with anyio.fail_after(20):
            while (run := (await mine.get(begun.headers["location"])).json()["run"])[  # noqa: ASYNC110 # in the database
                "status"
            ] != "done":
                await anyio.sleep(0.1)
        again = await mine.post(at, json={"friend": str(olga.id)})
    assert again.status_code == 200, again.text
    assert run["output"]


async def test_who_has_no_account_hears_the_features_own_words(
    town: Town, owner: AsyncClient
) -> None:
    ana = await town.world.person(name="Ana")
    await deploy(await town.as_(ana), FOLLOW)
    nobody = await town.as_(None)
    friend = await town.world.person("creator", "Olga")
    answer = await nobody.post(
        "/api/features/ana/speak_for_a_friend", json={"friend": str(friend.id)}
    )
    assert (answer.status_code, answer.json()["detail"]) == (422, "Join us first")


async def test_what_the_platform_wrote_stays_its_own_and_is_run_by_who_uses_it(
    town: Town, owner: AsyncClient
) -> None:
    await deploy(owner, GREET, owner=str(PLATFORM))
    ana = await town.world.person("creator", "Ana")
    mine = await town.as_(ana)
    await deploy(mine, USES)
    async with town.working():
        answer = await mine.post("/api/features/ana/greet_twice", json={"name": "Bo"})
    assert answer.json() == {"said": "Hello Bo"}
    async with town.world.read() as store:
        record = await store.session.tx.row(
            "SELECT author_id, runner_id FROM runs WHERE space_id = %(s)s"
            " AND parent_id IS NOT NULL",
            {"s": town.world.space},
        )
    assert record == (PLATFORM, id_of(ana))


LEAD = """FEATURE: Get the guide

INPUT:
  - fan: who asks
  - email address: where to send it

CALL OpenAI to write a short greeting SAVE AS greeting
SEND greeting TO email address VIA email
GET all blog posts SAVE AS posts
GIVE fan's name, posts
"""


async def test_a_guest_runs_what_takes_an_address_three_times_a_day_and_sees_what_all_see(
    town: Town, owner: AsyncClient
) -> None:
    ana = await town.world.person(name="Ana")
    await deploy(await town.as_(ana), LEAD)
    for status in ("published", "draft"):
        await town.world.thing("blog_post", by=ana, status=status, name=f"A {status} post")
    nobody, at = await town.as_(None), "/api/features/ana/get_the_guide"

    async def call(address: str) -> tuple[int, str]:
        answer = await nobody.post(at, json={"emailAddress": address})
        return answer.status_code, answer.text

    async with town.working():
        came = [await call("bo@example.org") for _ in range(4)]
        other = await call("cy@example.org")
    assert [status for status, _ in came] == [200, 200, 200, 429], came
    assert other[0] == 200
    assert "A published post" in came[0][1]
    assert "draft" not in came[0][1]


GIFT = """FEATURE: Slow gift

INPUT:
  - fan: who asks

CHECK fan exists
WAIT 1 day
GIVE fan 10 tokens
"""


async def test_the_same_call_of_a_gift_is_answered_with_the_run_that_lives(
    town: Town, owner: AsyncClient
) -> None:
    ana, finn = await town.world.person(name="Ana"), await town.world.person(name="Finn")
    await town.world.thing("token", by=ana, status="active")
    await deploy(await town.as_(ana), GIFT)
    mine, hers = await town.as_(finn), await town.as_(ana)
    at, quick = "/api/features/ana/slow_gift", {"prefer": "wait=0"}
    async with town.working():
        first, *others = [await mine.post(at, json={}, headers=quick) for _ in range(3)]
        another = await hers.post(at, json={"fan": str(finn.id)}, headers=quick)
    assert first.status_code == 202, first.text
    assert {one.headers["location"] for one in others} == {first.headers["location"]}
    assert another.headers["location"] != first.headers["location"]


CERTIFY = """FEATURE: Certify

INPUT:
  - student: who finished
  - course: which course

CONNECT student to course as completed
GIVE "certified"
"""
AROUND = """FEATURE: Go around

INPUT:
  - student: who asks
  - course: which course

CHECK student exists
USE FEATURE "Certify" WITH student, course
  SAVE AS said
GIVE said
"""


async def test_a_feature_that_uses_another_is_no_way_around_who_may_run_that(
    town: Town, owner: AsyncClient
) -> None:
    ana, finn = await town.world.person(name="Ana"), await town.world.person(name="Finn")
    course = await town.world.course(by=ana)
    author = await town.as_(ana)
    for text in (CERTIFY, AROUND):
        await deploy(author, text)
    async with town.working():
        answer = await (await town.as_(finn)).post(
            "/api/features/ana/go_around", json={"course": str(course.id)}
        )
    assert answer.status_code == 403, answer.text
    async with town.world.read() as store:
        link = Link("completed", id_of(finn), course.id, {})
        assert not await store.connected(link)


async def test_a_platform_feature_is_used_as_it_was_accepted_until_the_next_deploy(
    town: Town, owner: AsyncClient
) -> None:
    ana = await town.world.person("creator", "Ana")
    author = await town.as_(ana)

    async def said() -> JsonValue:
        answer = await author.post(
            "/api/features/ana/greet_twice", json={"name": "Bo"}, headers={"Prefer": "wait=30"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    await deploy(owner, GREET, owner=str(PLATFORM))
    await deploy(author, USES)
    async with town.working():
        assert await said() == {"said": "Hello Bo"}
        await deploy(owner, GREET.replace("Hello", "Howdy"), owner=str(PLATFORM))
        assert await said() == {"said": "Hello Bo"}
        assert await deploy(author, USES) == 2  # to deploy is to accept what is live
        assert await said() == {"said": "Howdy Bo"}


async def test_what_is_left_out_is_its_default(town: Town, owner: AsyncClient) -> None:
    await deploy(
        owner,
        "FEATURE: Rent a room\n\nINPUT:\n  - hours: how many (between 1 and 8, default 2)\n"
        "  - tip: price (default $5)\n  - late: whether it is late (default no)\n\n"
        "SET total to $10 times hours plus tip\nGIVE total, late\n",
    )
    for given, total in (({}, 2500), ({"hours": 3}, 3500), ({"hours": 1, "late": True}, 1500)):
        answer = await owner.post("/api/features/rent_a_room", json=given)
        assert answer.json() == {
            "total": {"amount": total, "currency": "usd"},
            "late": given.get("late", False),
        }
    assert (await owner.post("/api/features/rent_a_room", json={"hours": 9})).status_code == 422
    asked = (await owner.get("/openapi.json")).json()["paths"]["/api/features/rent_a_room"]["post"]
    body = asked["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["hours"]["default"] == 2
    assert "required" not in body


ASK = """FEATURE: Ask my clone

INPUT:
  - fan: who is asking
  - question: text

GET my AI clone SAVE AS clone
GET the last 10 messages between fan and clone SAVE AS history
CALL OpenAI to answer WITH question, history, clone's personality SAVE AS answer
SAVE the conversation
GIVE answer, number of history
"""


async def test_two_talk_in_one_conversation_from_the_first_word_on(
    town: Town, owner: AsyncClient
) -> None:
    ana = await town.world.person(name="Ana")
    clone = await town.world.thing("ai_clone", by=ana, status="active", personality="Dry")
    await town.world.connect("clone_of", clone.id, id_of(ana))
    await deploy(await town.as_(ana), ASK)
    bo, cy = [await town.world.person("audience_member", name) for name in ("Bo", "Cy")]
    asked: list[int] = []
    async with town.working():
        for fan in (bo, bo, cy):
            body = {"question": "Where do I begin?"}
            answer = await (await town.as_(fan)).post("/api/features/ana/ask_my_clone", json=body)
            assert answer.status_code == 200, answer.text
            asked.append(answer.json()["numberOfHistory"])
    assert asked == [0, 2, 0]
    async with town.world.read() as store:
        records = await store.session.tx.rows(
            "SELECT type, count(*) FROM entities WHERE space_id = %(s)s"
            " AND type IN ('conversation', 'message') GROUP BY 1 ORDER BY 1",
            {"s": town.world.space},
        )
    assert records == [("conversation", 2), ("message", 6)]


async def test_a_token_that_is_for_other_things_runs_no_feature(
    town: Town, owner: AsyncClient
) -> None:
    await deploy(owner, GREET)
    for scope, status in (("read", 403), ("features", 403), ("runs", 200), ("write", 200)):
        made = await owner.post("/api/tokens", json={"name": "x", "scopes": [scope]})
        program = await town.as_(None)
        program.headers["Authorization"] = f"Bearer {made.json()['secret']}"
        assert (await program.post(AT, json={"name": "Bo"})).status_code == status, scope


FULL = """FEATURE: What is full

INPUT:
  - fan: who asks

CHECK fan has completed at least 2 lessons
  OTHERWISE say "Two lessons first"
GET my courses with more than 1 student SAVE AS full ones
IF number of full ones is 1
  GIVE answer "One is full"
GIVE answer "There is room"
"""


async def test_a_feature_chooses_by_how_many_there_are(town: Town, owner: AsyncClient) -> None:
    ana, bo, cy = [await town.world.person(name=name) for name in ("Ana", "Bo", "Cy")]
    courses = [await town.world.course(by=ana) for _ in range(2)]
    lessons = [await town.world.thing("lesson", by=ana, status="published") for _ in range(2)]
    for who, some in ((bo, courses), (cy, courses[:1])):
        for one in some:
            await town.world.connect("enrolled_in", id_of(who), one.id)
    for lesson in lessons:
        await town.world.connect("completed", id_of(bo), lesson.id)
    await deploy(await town.as_(ana), FULL)
    at = "/api/features/ana/what_is_full"
    answer = await (await town.as_(bo)).post(at, json={})
    assert answer.json() == {"answer": "One is full"}
    refused = await (await town.as_(cy)).post(at, json={})
    assert refused.json()["detail"] == "Two lessons first"
