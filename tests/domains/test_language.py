"""POST /api/check says what `one check --format json` says."""

import pytest

from one.compiler import check_text
from one.domains.language import MAX_TEXT
from tests.compiler.world import vocabulary
from tests.domains.conftest import Client

pytestmark = pytest.mark.anyio

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


async def test_a_text_that_is_too_long_is_refused(client: Client) -> None:
    visitor = await client(None)
    answer = await visitor.post("/api/check", json={"text": "#" * (MAX_TEXT + 1)})
    assert answer.status_code == 422
