"""Features run: what they change, answer and refuse."""

import re
from contextlib import nullcontext
from uuid import UUID

import orjson
import pytest

from one.compiler import check_text
from one.errors import Invalid
from one.store import ConnectionAsk
from tests.compiler.world import vocabulary
from tests.sdk.written import Players, written
from tests.world import id_of

SIDE_BY_SIDE = """
FEATURE: Count them
INPUT:
  - names: list of texts
OUTPUT:
  - count: how many
SET count to 0
FOR EACH name IN names AT SAME TIME
  SET count to count plus 1
GIVE count
"""
WELCOME = """
FEATURE: Join my club
INPUT:
  - member: who joins
  - club: which community
OUTPUT:
  - message: what we say
CHECK member exists
  OTHERWISE say "Please sign in"
CHECK member is not a member of club
  OTHERWISE say "You are in already"
CONNECT member to club as member
GIVE member 5 tokens
GIVE message "Welcome, [member]!"
"""


async def test_a_feature_changes_the_world_and_answers(players: Players) -> None:
    club = await players.world.thing("community", by=players.author, status="active")
    token = await players.world.thing("token", by=players.author, status="active")
    answer = await players.run(WELCOME, club=str(club.id))
    assert answer == {"message": "Welcome, Finn!"}
    async with players.world.read() as store:
        ask = ConnectionAsk(types=("member_of",), from_id=id_of(players.runner), to_id=club.id)
        assert len((await store.connections(ask)).items) == 1
        assert await store.balance(id_of(players.runner), token.id) == 5


async def test_a_check_that_fails_refuses_with_its_words_and_code(players: Players) -> None:
    club = await players.world.thing("community", by=players.author, status="active")
    await players.world.thing("token", by=players.author, status="active")
    await players.run(WELCOME, club=str(club.id))
    with pytest.raises(Invalid, match="You are in already") as refused:
        await players.run(WELCOME, club=str(club.id))
    assert refused.value.details["code"] == "you_are_in_already"


async def test_what_a_feature_makes_becomes_whose_it_says(players: Players) -> None:
    text = """
FEATURE: Open my shop
INPUT:
  - owner: who opens
CREATE website called "[owner]'s shop" WITH active status SAVE AS shop
CONNECT owner to shop as owner
GIVE shop
"""
    answer = await players.run(text)
    shop = answer["shop"]
    assert isinstance(shop, dict)
    assert shop["name"] == "Finn's shop"
    async with players.world.read(players.runner) as store:
        assert await store.standing(UUID(str(shop["id"]))) == "owner"
    async with players.world.read(players.author) as store:
        assert await store.standing(UUID(str(shop["id"]))) != "owner"


async def test_an_nft_of_the_authors_is_given_once(players: Players) -> None:
    text = """
FEATURE: Get a badge
INPUT:
  - fan: who
CREATE NFT called "Badge of [fan]" WITH active status SAVE AS badge
CONNECT fan to badge as holder
GIVE badge
"""
    answer = await players.run(text)
    assert isinstance(answer["badge"], dict)
    async with players.world.read() as store:
        assert await store.owns(id_of(players.runner), UUID(str(answer["badge"]["id"])))


async def test_my_students_are_those_of_my_courses_and_new_ones_came_lately(
    players: Players,
) -> None:
    mine = await players.world.thing("course", by=players.author, status="published")
    other = await players.world.thing("course", by=players.runner, status="published")
    await players.world.connect("enrolled_in", id_of(players.runner), mine.id)
    await players.world.connect("enrolled_in", id_of(players.author), other.id)
    report = "GET number of my students SAVE AS everybody\nGIVE everybody"
    assert await players.run(f"FEATURE: All\n{report}") == {"everybody": 1}
    fresh = "GET the number of new students this week SAVE AS fresh\nGIVE fresh"
    assert await players.run(f"FEATURE: New\n{fresh}") == {"fresh": 1}


def test_a_name_from_outside_is_not_saved_by_items_that_run_side_by_side() -> None:
    (report,) = check_text(SIDE_BY_SIDE, vocabulary()).features
    assert [(one.code, one.span.line) for one in report.diagnostics] == [("E306", 9)]
    in_turn = SIDE_BY_SIDE.replace(" AT SAME TIME", "")
    assert check_text(in_turn, vocabulary()).features[0].outcome == "compiled"


DEARER = """
FEATURE: Raise my price
INPUT:
  - course: which one
ADD $5 to the course's price
ADD 10% to the course's price
GIVE course's price
"""


async def test_money_is_added_to_money_of_the_same_currency(players: Players) -> None:
    course = await players.world.course(by=players.author)
    with pytest.raises(Invalid, match=r"no price to add \$5"):
        await players.run(DEARER, by=players.author, course=str(course.id))
    await players.world.update(course.id, price={"amount": 1500, "currency": "usd"})
    await players.run(DEARER, by=players.author, course=str(course.id))
    async with players.world.read() as store:
        kept = await store.get(course.id)
    assert kept.properties["price"] == {"amount": 2150, "currency": "usd"}
    await players.world.update(course.id, price={"amount": 1500, "currency": "eur"})
    with pytest.raises(Invalid, match="eur"):
        await players.run(DEARER, by=players.author, course=str(course.id))


LIMITS = """
FEATURE: Price a course
INPUT:
  - price: price in dollars (more than 20, at most 99.50)
  - cut: percent off (between 10 and 50)
GIVE price, cut
"""


@pytest.mark.parametrize(
    ("cents", "cut", "said"),
    [
        (2000, 0.2, "`price` must be at least $20.01."),
        (9951, 0.2, "`price` must be at most $99.50."),
        (2001, 0.09, "`cut` must be at least 0.1."),
        (9950, 0.5, ""),
    ],
)
def test_limits_are_in_the_unit_of_what_they_limit(cents: int, cut: float, said: str) -> None:
    given = orjson.dumps({"price": {"amount": cents, "currency": "usd"}, "cut": cut})
    with pytest.raises(Invalid, match=re.escape(said)) if said else nullcontext():
        written(LIMITS).feature.read(given)
