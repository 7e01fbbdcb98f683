"""Nobody is spoken for: what needs somebody's yes asks them, waits, and goes on at it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import anyio
import pytest
from pydantic import JsonValue

from one.clock import Clock
from one.compiler.sheet import ticks_of, with_ticks
from one.domains import notices
from one.runtime import Context
from one.store import ConnectionAsk, Desk, EntityAsk, Viewer
from one.store.runs import Run
from tests.sdk.written import Players, Working, written
from tests.world import World, id_of


async def asked(players: Players, who: Viewer) -> list[str]:
    """What somebody is asked."""
    async with players.world.desk.write(players.world.space, who) as store:
        ctx = Context(store, who, players.world.space, players.deployment)
        return [one.words for one in (await notices.list_requests(ctx, open=True)).items]


async def answers(players: Players, who: Viewer, *, yes: bool) -> None:
    """Somebody answers the newest thing that they were asked."""
    async with players.world.desk.write(players.world.space, who) as store:
        ctx = Context(store, who, players.world.space, players.deployment)
        (one, *_) = (await notices.list_requests(ctx, open=True)).items
        await notices.answer_request(ctx, id=one.id, yes=yes)


async def ties(players: Players, type: str, from_: UUID, to: UUID) -> int:
    async with players.world.read() as store:
        ask = ConnectionAsk(types=(type,), from_id=from_, to_id=to)
        return len((await store.connections(ask)).items)


def error_of(run: Run) -> str:
    details = run.error.get("details") if isinstance(run.error, dict) else None
    return str(details.get("code") if isinstance(details, dict) else "")


async def waiting(working: Working, **given: JsonValue) -> UUID:
    """A run of the feature that waits."""
    id = await working.begin(by=working.players.runner, **given)
    await working.shelf.become(id, "waiting")
    return id


SPEND = """
FEATURE: Treat us
INPUT:
  - fan: who asks
  - friend: who pays
CHECK fan exists
SUBTRACT 10 from friend's token balance
GIVE "treated"
"""


async def held(players: Players, who: Viewer, token: UUID) -> int:
    async with players.world.read() as store:
        return await store.balance(id_of(who), token)


async def with_tokens(players: Players, who: Viewer) -> UUID:
    async with players.world.read() as store:
        known = (await store.entities(EntityAsk(types=("token",)))).items
    token = known[0] if known else await players.world.thing("token", by=players.author)
    give = "FEATURE: Start\nINPUT:\n  - fan: who\nCHECK fan exists\nGIVE fan 30 tokens\n"
    await players.run(give, by=players.author, fan=str(id_of(who)))
    return token.id


async def test_a_run_waits_for_the_yes_of_who_pays_and_goes_on_at_it(players: Players) -> None:
    olga = await players.world.person("creator", "Olga")
    token = await with_tokens(players, olga)
    async with players.working(SPEND) as working:
        id = await waiting(working, friend=str(id_of(olga)))
        assert await asked(players, olga) == [
            "“Treat us” by Ana asks for your yes: to spend 10 tokens."
        ]
        assert await held(players, olga, token) == 30
        await answers(players, olga, yes=True)
        run = await working.shelf.ended(working.engine, id)
        assert (run.status, run.reason) == ("done", "")
        assert await held(players, olga, token) == 20
        again = await working.run(friend=str(id_of(olga)))
        assert again.status == "done"
    assert await held(players, olga, token) == 10


async def test_a_run_fails_at_a_no_and_asks_no_second_time(players: Players) -> None:
    olga = await players.world.person("creator", "Olga")
    token = await with_tokens(players, olga)
    async with players.working(SPEND) as working:
        id = await waiting(working, friend=str(id_of(olga)))
        await answers(players, olga, yes=False)
        run = await working.shelf.ended(working.engine, id)
        assert (run.status, error_of(run)) == ("failed", "said_no")
        again = await working.run(friend=str(id_of(olga)))
        assert (again.status, error_of(again)) == ("failed", "said_no")
    assert await held(players, olga, token) == 30


async def test_a_run_waits_seven_days_for_a_yes(desk: Desk) -> None:
    clock = Clock()
    players = await Players.made(await World.made(desk.with_clock(clock)))
    olga = await players.world.person("creator", "Olga")
    await with_tokens(players, olga)
    async with players.working(SPEND) as working:
        id = await waiting(working, friend=str(id_of(olga)))
        clock.offset += timedelta(days=6)
        await working.engine.worker.settle()
        assert (await working.shelf.kept(id)).status == "waiting"
        clock.offset += timedelta(days=2)
        run = await working.shelf.ended(working.engine, id)
    assert (run.status, error_of(run)) == ("failed", "no_yes")


LOOP = """
FEATURE: Tip each
INPUT:
  - fan: who asks
  - friends: list of people who pay
CHECK fan exists
FOR EACH friend IN friends
  SUBTRACT 5 from friend's token balance
GIVE "tipped"
"""


async def test_each_of_several_is_asked_and_nothing_is_taken_before_all_agree(
    players: Players,
) -> None:
    olga, per = [await players.world.person("creator", name) for name in ("Olga", "Per")]
    token = await with_tokens(players, olga)
    await with_tokens(players, per)
    async with players.working(LOOP) as working:
        id = await waiting(working, friends=[str(id_of(olga)), str(id_of(per))])
        await answers(players, olga, yes=True)
        await until_asked(players, per)
        await answers(players, per, yes=True)
        run = await working.shelf.ended(working.engine, id)
    assert run.status == "done", run.reason
    assert {await held(players, who, token) for who in (olga, per)} == {25}


async def until_asked(players: Players, who: Viewer) -> None:
    with anyio.fail_after(10):
        while not await asked(players, who):  # noqa: ASYNC110 # in the database
            await anyio.sleep(0.05)


CHARGE = """
FEATURE: Bill a friend
INPUT:
  - fan: who asks
  - friend: who pays
CHECK fan exists
CALL Stripe to charge $9 WITH customer friend SAVE AS payment
GIVE "billed"
"""


async def test_nobody_is_charged_for_another_and_each_time_is_asked(players: Players) -> None:
    olga = await players.world.person("creator", "Olga")
    async with players.working(CHARGE) as working:
        for _ in range(2):
            id = await waiting(working, friend=str(id_of(olga)))
            charges = [step.path for step in await working.shelf.journal(id)]
            assert "flow.1" not in charges
            await answers(players, olga, yes=True)
            run = await working.shelf.ended(working.engine, id)
            assert run.status == "done", run.reason


PUBLISH = """
FEATURE: Post for me
INPUT:
  - fan: who asks
  - headline: text
CHECK fan exists
CREATE blog post called headline SAVE AS post
PUBLISH post
GIVE "out"
"""


async def posts(players: Players) -> list[str]:
    async with players.world.read() as store:
        found = await store.entities(EntityAsk(types=("blog_post",)))
        return [one.status for one in found.items]


async def test_what_a_runner_has_published_asks_the_author_each_time(players: Players) -> None:
    async with players.working(PUBLISH) as working:
        for count in (1, 2):
            id = await waiting(working, headline="Buy now")
            (words,) = await asked(players, players.author)
            assert "Finn runs your feature “Post for me” with headline: “Buy now”." in words
            assert "May it go on to publish" in words
            assert (await posts(players)).count("published") == count - 1
            await answers(players, players.author, yes=True)
            run = await working.shelf.ended(working.engine, id)
            assert run.status == "done", run.reason
        assert (await working.run(by=players.author, headline="Mine")).status == "done"


WELCOME = """
FEATURE: Welcome
WHEN a fan enrolls in my course
CONNECT fan to me as follower
"""


async def test_who_set_it_off_by_what_they_did_has_not_said_yes(players: Players) -> None:
    made = written(WELCOME)
    async with players.working_with(made) as working:
        run = await working.rested(await working.set_off(made))
    assert run.status == "done", run.reason
    follows = ("following", id_of(players.runner), id_of(players.author))
    assert await ties(players, *follows) == 0
    await answers(players, players.runner, yes=True)
    assert await ties(players, *follows) == 1


COAUTHOR = """
FEATURE: Work together
INPUT:
  - fan: who asks
  - friend: who else
CHECK fan exists
CONNECT friend to me as collaborator
"""


async def test_a_pending_tie_is_made_at_the_yes_and_not_at_a_no(players: Players) -> None:
    olga, per = [await players.world.person("creator", name) for name in ("Olga", "Per")]
    for who, yes in ((olga, True), (per, False)):
        await players.run(COAUTHOR, friend=str(id_of(who)))
        link = ("collaborates_with", id_of(who), id_of(players.author))
        assert await ties(players, *link) == 0
        await answers(players, who, yes=yes)
        assert await ties(players, *link) == int(yes)


async def test_a_ticked_line_asks_the_author_no_more(players: Players) -> None:
    made = written(PUBLISH)
    every = {tick.line for tick in ticks_of(made.sheet)}
    ticked = replace(made, sheet=with_ticks(made.sheet, every))
    async with players.working_with(ticked) as working:
        run = await working.run(by=players.runner, headline="Ours")
    assert run.status == "done", run.reason
    assert await posts(players) == ["published"]


APPROVAL = """
FEATURE: Ask for approval
INPUT:
  - reviewer: who reviews it
  - post: which blog post
WAIT until reviewer approves post TIMEOUT after 3 days SAVE AS approval
IF approval exists THEN
  GIVE answer is "approved"
ELSE
  GIVE answer is "refused"
"""


@pytest.mark.parametrize("yes", [True, False])
async def test_whose_word_is_waited_for_is_asked_for_it(players: Players, *, yes: bool) -> None:
    olga = await players.world.person("creator", "Olga")
    post = await players.world.thing("blog_post", by=players.author, status="published")
    async with players.working(APPROVAL) as working:
        id = await waiting(working, reviewer=str(id_of(olga)), post=str(post.id))
        assert await asked(players, olga) == [
            "“Ask for approval” by Ana, run by Finn, waits for your word:"
            f" reviewer approves post (“{post.name}”)."
        ]
        await answers(players, olga, yes=yes)
        run = await working.shelf.ended(working.engine, id)
    assert run.output == {"answer": "approved" if yes else "refused"}


async def test_nobody_is_their_own_reviewer_but_the_author(players: Players) -> None:
    post = await players.world.thing("blog_post", by=players.author, status="published")
    async with players.working(APPROVAL) as working:
        run = await working.run(reviewer=str(id_of(players.runner)), post=str(post.id))
        assert (run.status, error_of(run)) == ("failed", "own_judge")
        assert run.reason == "The reviewer has to be somebody else than who asks."
        ours = {"reviewer": str(id_of(players.author)), "post": str(post.id)}
        id = await working.begin(by=players.author, **ours)
        await working.shelf.become(id, "waiting")


PAY_OUT = """
FEATURE: Sell a course
INPUT:
  - buyer: who buys
  - teacher: who teaches it
CHECK buyer exists
CALL Stripe to charge $50 WITH customer buyer SAVE AS payment
CALL Stripe to pay out WITH to teacher, amount $40
GIVE "sold"
"""


async def test_money_is_paid_out_by_no_call_whoever_a_buyer_picks(players: Players) -> None:
    friend = await players.world.person("creator", "Olga")
    async with players.working(PAY_OUT) as working:
        run = await working.run(teacher=str(id_of(friend)))
    assert run.status == "failed"
    assert run.reason.startswith("Nobody is paid out by a call"), run.reason
    assert await asked(players, players.author) == []


TRIED = """
FEATURE: Treat us kindly
INPUT:
  - fan: who asks
  - friend: who pays
CHECK fan exists
TRY:
  - SUBTRACT 10 from friend's token balance
IF IT FAILS:
  - GIVE answer is "Another time, then"
GIVE answer is "treated"
"""
BILLED = """
FEATURE: Bill kindly
INPUT:
  - fan: who asks
  - friend: who pays
CHECK fan exists
CALL Stripe to charge $9 WITH customer friend SAVE AS payment
  OTHERWISE say "Your friend would rather not"
GIVE answer is "billed"
"""


async def test_a_no_ends_in_the_words_of_the_text(players: Players) -> None:
    olga = await players.world.person("creator", "Olga")
    await with_tokens(players, olga)
    async with players.working(TRIED) as working:
        id = await waiting(working, friend=str(id_of(olga)))
        await answers(players, olga, yes=False)
        run = await working.shelf.ended(working.engine, id)
        assert run.output == {"answer": "Another time, then"}
    async with players.working(BILLED) as working:
        id = await waiting(working, friend=str(id_of(olga)))
        await answers(players, olga, yes=False)
        run = await working.shelf.ended(working.engine, id)
        assert (run.status, run.reason) == ("failed", "Your friend would rather not")
