"""Features run: what they change, answer and refuse."""

import pytest

from one.errors import Invalid
from one.store import ConnectionAsk
from tests.sdk.written import Players
from tests.world import id_of

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
