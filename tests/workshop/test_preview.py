"""A text is tried where nothing is kept: with stand-ins, with samples, and as a draft too."""

import pytest
from pydantic import JsonValue

from one.compiler import FeatureReport, check_text
from one.errors import Broken, Invalid
from one.sdk.values import Value
from one.store import Desk
from one.workshop.preview import Simulated, simulate
from one.workshop.rehearsal import Did, Rehearsal
from tests.compiler.world import vocabulary

pytestmark = pytest.mark.anyio

SOLD = """\
FEATURE: Sell my sample packs

INPUT:
- fan: who buys
- pack: which pack (digital product)
- amount: how much in dollars

CHECK fan does not own pack
  OTHERWISE say "You have it"
CALL stripe to charge fan WITH amount SAVE AS payment
WAIT 2 days
NOTIFY fan about "Enjoy [pack]" via email
GIVE bought is pack's name
"""
DRAFT = """\
FEATURE: Thank a fan

INPUT:
- fan: who

IF fan is frobnicated THEN
  NOTIFY fan ABOUT "Thank you"
GIVE thanked is "yes"
"""

UNBOUGHT = """\
FEATURE: Join my course

INPUT:
- student: who joins
- course: which course

CHECK student has not bought course
  OTHERWISE say "You own it already"
GIVE message "ok"
"""


def report(text: str) -> FeatureReport:
    return check_text(text, vocabulary()).features[0]


async def tried(desk: Desk, text: str, **given: JsonValue) -> Simulated:
    return await simulate(report(text), vocabulary(), database=desk.database, given=given)


JOIN = """\
FEATURE: Join my club

INPUT:
- fan: who joins

CHECK fan exists
  OTHERWISE say "Sign in"
GET my newest community SAVE AS club
CHECK club exists
CONNECT fan to club as member
GIVE club's name
"""


async def test_somebody_runs_it_unless_nobody_is_said_to(desk: Desk) -> None:
    found = await tried(desk, JOIN)
    assert (found.outcome, found.input) == ("done", {"fan": "Fan"})
    assert (await tried(desk, JOIN, fan=None)).message == "Sign in"


async def test_people_and_things_are_told_by_their_names(desk: Desk) -> None:
    looked, joined = (await tried(desk, JOIN, fan="Bo")).acts
    assert (looked.given, looked.gave) == ([], "My community")
    assert joined.given == ["Bo", "My community", {}]


async def test_what_a_text_would_do_is_told_step_by_step(desk: Desk) -> None:
    found = await tried(desk, SOLD, pack="Rain")
    assert found.outcome == "done"
    assert found.output == {"bought": "Rain"}
    assert found.input == {
        "fan": "Fan",
        "pack": "Rain",
        "amount": {"amount": 2500, "currency": "usd"},
    }
    assert [(act.line, act.does) for act in found.acts] == [
        (8, "owns"),
        (10, "stripe.charge"),
        (11, "wait"),
        (12, "notify"),
    ]


async def test_a_draft_is_tried_with_what_is_open(desk: Desk) -> None:
    assert report(DRAFT).outcome == "draft"
    found = await tried(desk, DRAFT)
    assert found.draft
    assert found.output == {"thanked": "yes"}
    assert "notify" in [act.does for act in found.acts]


async def test_a_refusal_is_told_in_the_words_of_the_text(desk: Desk) -> None:
    text = SOLD.replace("CHECK fan does not own pack", "CHECK amount is more than $100")
    found = await tried(desk, text, amount={"amount": 900, "currency": "usd"})
    assert (found.outcome, found.message) == ("failed", "You have it")


async def test_an_input_that_the_feature_does_not_take_is_told(desk: Desk) -> None:
    with pytest.raises(Invalid, match="takes no packs"):
        await tried(desk, SOLD, packs="Rain")


@pytest.mark.parametrize("pack", [[], [["Rain"]], 5, {"id": "x"}, ["Rain"] * 3])
async def test_a_thing_that_is_no_name_is_told(desk: Desk, pack: JsonValue) -> None:
    with pytest.raises(Invalid, match="known by name"):
        await tried(desk, SOLD, pack=pack)


async def test_a_relation_of_a_sort_is_looked_up(desk: Desk) -> None:
    found = await tried(desk, UNBOUGHT)
    assert (found.outcome, found.output) == ("done", {"message": "ok"})


MINE = """\
FEATURE: Welcome a fan

INPUT:
- fan: who

GET my newest course SAVE AS gift
CHECK gift exists
  OTHERWISE say "No course yet"
NOTIFY fan ABOUT "Begin with [gift]"
GIVE gift is gift's name
"""


async def test_what_a_text_looks_up_of_its_author_is_made_up(desk: Desk) -> None:
    found = await tried(desk, MINE)
    assert (found.output, found.found) == ({"gift": "My course"}, ["My course"])


AROUND = """\
FEATURE: Look around

INPUT:
- fan: who asks
- wish: text (at least 30)

GET my AI clone SAVE AS clone
GET my followers SAVE AS followers
GET my students SAVE AS students
GET members of my community SAVE AS members
CHECK fan owns at least 5 tokens
GIVE clone's name, number of followers, number of students, number of members, wish
"""


async def test_who_and_what_a_text_looks_up_is_there_and_people_have_tokens(desk: Desk) -> None:
    found = await tried(desk, AROUND)
    assert found.outcome == "done", found.message
    assert {key: one for key, one in found.output.items() if key != "wish"} == {
        "name": "My ai clone",
        "numberOfFollowers": 2,
        "numberOfStudents": 2,
        "numberOfMembers": 2,
    }
    assert len(str(found.output["wish"])) >= 30
    assert found.found[:3] == ["a token, Sun", "1,000 of it for Fan", "My ai clone"]


async def test_what_is_taken_back_has_the_line_of_what_was_done(desk: Desk) -> None:
    text = """FEATURE: Buy

INPUT:
- fan: who buys

DO TOGETHER
  - CALL Stripe to charge $5 SAVE AS payment
  - SUBTRACT 2000 tokens FROM fan
  IF ANY FAILS
  - CALL Stripe to refund payment
"""
    found = await tried(desk, text)
    undone = [one for one in found.acts if one.path.endswith(".undo")]
    assert [(one.does, one.line) for one in undone] == [("stripe.refund", 7)], found


async def test_a_fault_of_ours_is_told_as_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(self: Rehearsal, **given: Value) -> Did:
        raise KeyError("lost")

    monkeypatch.setattr(Rehearsal, "run", breaks)
    with pytest.raises(Broken, match="Something of ours broke in this run: KeyError: 'lost'"):
        await tried(desk, MINE)


async def test_nothing_of_it_stays(desk: Desk) -> None:
    async with desk.database.read() as tx:
        before = await tx.row("SELECT count(*) FROM spaces")
        await tried(desk, SOLD)
        assert await tx.row("SELECT count(*) FROM spaces") == before
