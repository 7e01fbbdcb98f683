"""What features find: sentences that people write, over rows that are there."""

from tests.sdk.written import Players
from tests.world import id_of


async def found(players: Players, what: str) -> object:
    """The number of what a sentence asks for."""
    answer = await players.run(f"FEATURE: Ask\nGET number of {what} SAVE AS many\nGIVE many")
    return answer["many"]


async def test_a_stretch_that_only_ends_leaves_out_what_came_after(players: Players) -> None:
    await players.world.connect("following", id_of(players.runner), id_of(players.author))
    assert await found(players, "my followers") == 1
    assert await found(players, "my followers who followed me more than 1 year ago") == 0
    assert await found(players, "my followers who followed me less than 1 year ago") == 1
    assert await found(players, "people who followed me before 2020-01-01") == 0
    assert await found(players, "people who followed me after 2020-01-01") == 1
    assert await found(players, "people who followed me until 2100-01-01") == 1
    assert await found(players, "people who followed me on 2020-01-01") == 0
