"""The language over HTTP: checking says what `one check --format json` says; words are found."""

import pytest

from one.compiler import check_text
from one.domains.language import MAX_TEXT
from tests.compiler.world import vocabulary
from tests.domains.conftest import Client, client_of, transport_of
from tests.world import World

pytestmark = pytest.mark.anyio

LESSON = """FEATURE: Book a lesson
INPUT:
  - fan: who books
CALL payment processor to charge $20 WITH customer fan
"""
CHOIR = 'FEATURE: Open a choir\nCRAETE community called "Morning choir"\n'


async def test_a_visitor_may_check_a_text(client: Client) -> None:
    visitor = await client(None)
    answer = await visitor.post("/api/check", json={"text": CHOIR, "filename": "choir.one"})
    assert answer.status_code == 200
    report = check_text(CHOIR, vocabulary(), filename="choir.one")
    assert answer.json() == {"files": [report.as_json()]}
    (said,) = answer.json()["files"][0]["features"][0]["diagnostics"]
    assert said["code"] == "E201"
    assert said["start"] == {"line": 2, "column": 1}
    assert said["fixes"][0]["edits"][0]["text"] == "CREATE"


async def test_the_technical_spelling_is_checked_too(client: Client) -> None:
    visitor = await client(None)
    body = {"text": '{"feature": "pause", "flow": [{"snooze": "5s"}]}'}
    (feature,) = (await visitor.post("/api/check", json=body)).json()["files"][0]["features"]
    assert [said["code"] for said in feature["diagnostics"]] == ["E901"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"stripe_key": "sk_test_none"}, "nobody's card is kept"),
        ({"mode": "production"}, "No payments are set up here"),
        ({"mode": "production", "sandbox_money": True}, ""),
        ({}, ""),
    ],
)
async def test_a_charge_is_told_where_nobody_can_be_charged_and_stays_right(
    world: World, settings: dict[str, object], words: str
) -> None:
    async with await client_of(world, None, transport_of(world, **settings)) as visitor:
        answer = await visitor.post("/api/check", json={"text": LESSON})
    (feature,) = answer.json()["files"][0]["features"]
    said = [(one["code"], one["severity"]) for one in feature["diagnostics"]]
    assert said == ([("E826", "info")] if words else [])
    assert feature["outcome"] == ("assumptions" if words else "compiled")
    assert words in answer.text


async def test_a_text_that_is_too_long_is_refused(client: Client) -> None:
    visitor = await client(None)
    answer = await visitor.post("/api/check", json={"text": "#" * (MAX_TEXT + 1)})
    assert answer.status_code == 422


async def test_words_are_found_by_a_phrase_and_by_what_is_near(client: Client) -> None:
    visitor = await client(None)
    found = (await visitor.get("/api/words", params={"phrase": "notify"})).json()["items"]
    assert (found[0]["words"], found[0]["kind"]) == ("NOTIFY", "command")
    near = (await visitor.get("/api/words", params={"phrase": "comunity"})).json()["items"]
    assert [one["words"] for one in near] == ["community"]


async def test_a_visitor_is_told_what_may_be_written_and_what_stands_there(client: Client) -> None:
    visitor = await client(None)
    at = {"text": "FEATURE: A\nCRE", "line": 2, "column": 4}
    told = (await visitor.post("/api/complete", json=at)).json()
    assert "CREATE" in [one["label"] for one in told["items"]]
    assert (told["start"], told["end"]) == ({"line": 2, "column": 1}, {"line": 2, "column": 4})
    here = {"text": CHOIR.replace("CRAETE", "CREATE"), "line": 2, "column": 3}
    said = (await visitor.post("/api/explain", json=here)).json()
    assert "CREATE" in said["text"]
    assert said["end"] == {"line": 2, "column": 7}
    nothing = await visitor.post("/api/explain", json={**here, "line": 80_000, "column": 80_000})
    assert nothing.json()["text"] == ""
    far = await visitor.post("/api/complete", json={**here, "line": 80_000, "column": 9})
    assert far.status_code == 200
