"""What a running feature may do, and for whom: each attack is stopped, whom it is meant for not."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import anyio
import pytest
from pydantic import JsonValue

from one.clock import Clock
from one.compiler import check_text
from one.compiler.sheet import ticks_of, with_budgets, with_ticks
from one.domains import notices
from one.errors import Denied, Invalid, NotFound, OneError
from one.runtime import Context
from one.sdk import Refusal
from one.store import ConnectionAsk, Desk, Viewer
from one.store.runs import Run
from tests.compiler.world import vocabulary
from tests.domains.notices.rooms import inbox
from tests.sdk.written import Players, written
from tests.world import World, id_of

DOLLARS: JsonValue = {"amount": 9900, "currency": "usd"}


async def other(players: Players, name: str = "Olga") -> Viewer:
    return await players.world.person("creator", name)


async def token(players: Players) -> UUID:
    return (await players.world.thing("token", by=players.author, status="active")).id


async def balance(players: Players, who: Viewer, of: UUID) -> int:
    async with players.world.read() as store:
        return await store.balance(id_of(who), of)


async def ties(players: Players, type: str, from_: UUID, to: UUID) -> int:
    async with players.world.read() as store:
        ask = ConnectionAsk(types=(type,), from_id=from_, to_id=to)
        return len((await store.connections(ask)).items)


def error_of(run: Run) -> str:
    error = run.error
    details = error.get("details") if isinstance(error, dict) else None
    return str(details.get("code") if isinstance(details, dict) else "") or run.reason


# --- 4: a person input is the runner

THANK = """
FEATURE: Thank me
INPUT:
  - fan: who asks
CHECK fan exists
  OTHERWISE say "Sign up first"
GIVE fan 5 tokens
"""


async def test_another_persons_id_is_not_found(players: Players) -> None:
    await token(players)
    with pytest.raises(Invalid, match="Sign up first"):
        await players.run(THANK, fan=str(id_of(await other(players))))


async def test_the_author_may_name_whom_it_is_for(players: Players) -> None:
    coin, olga = await token(players), await other(players)
    await players.run(THANK, by=players.author, fan=str(id_of(olga)))
    assert await balance(players, olga, coin) == 5


# --- 6: picks

TIDY = """
FEATURE: Tidy a post
INPUT:
  - writer: who asks
  - post: which blog post
CHECK writer exists
DELETE post
"""
REPRICE = """
FEATURE: Reprice
INPUT:
  - buyer: who asks
  - course: which course
  - price: amount in dollars
CHECK buyer exists
SET course's price to price
"""


async def test_the_authors_things_are_not_deleted_through_an_input(players: Players) -> None:
    theirs = await players.world.thing("blog_post", by=players.author, status="published")
    with pytest.raises(NotFound):
        await players.run(TIDY, post=str(theirs.id))


async def test_the_authors_things_are_not_repriced_through_an_input(players: Players) -> None:
    theirs = await players.world.thing("course", by=players.author, status="published")
    cheap: JsonValue = {"amount": 1, "currency": "usd"}
    with pytest.raises((NotFound, Invalid)):
        await players.run(REPRICE, course=str(theirs.id), price=cheap)


async def test_ones_own_pick_is_changed(players: Players) -> None:
    mine = await players.world.thing("blog_post", by=players.runner, status="published")
    await players.run(TIDY, post=str(mine.id))
    with pytest.raises(NotFound):
        async with players.world.read(players.runner) as store:
            await store.get(mine.id)


async def test_what_the_runner_cant_see_is_no_pick(players: Players) -> None:
    draft = await players.world.thing("blog_post", by=players.author, status="draft")
    read = "FEATURE: Read\nINPUT:\n  - reader: who\n  - post: which blog post\nGIVE post's name\n"
    with pytest.raises(NotFound, match="no such post"):
        await players.run(read, post=str(draft.id))


# --- 3, self-certification

CERTIFY = """
FEATURE: Certify me
INPUT:
  - student: who finished
  - course: which course
CONNECT student to course as completed
"""


async def test_nobody_certifies_themselves(players: Players) -> None:
    course = await players.world.course(by=players.author)
    with pytest.raises(Denied):
        await players.run(CERTIFY, course=str(course.id))
    olga = await other(players)
    await players.run(CERTIFY, by=players.author, student=str(id_of(olga)), course=str(course.id))
    assert await ties(players, "completed", id_of(olga), course.id) == 1


# --- 5: nobody is spoken for

FRIEND = """
FEATURE: Bring a friend
INPUT:
  - fan: who asks
  - friend: who is brought
CHECK fan exists
CONNECT friend to me as follower
"""


async def test_nobody_follows_in_anothers_name(players: Players) -> None:
    olga = await other(players)
    await players.run(FRIEND, friend=str(id_of(olga)))
    assert await ties(players, "following", id_of(olga), id_of(players.author)) == 0


async def test_who_is_asked_and_says_yes_follows_the_next_time(players: Players) -> None:
    olga = await other(players)
    await players.run(FRIEND, friend=str(id_of(olga)))
    desk, space = players.world.desk, players.world.space
    async with desk.write(space, olga) as store:
        ctx = Context(store, olga, space, players.deployment)
        asked = await notices.list_requests(ctx)
        assert len(asked.items) == 1
        await notices.answer_request(ctx, id=asked.items[0].id, yes=True)
    await players.run(FRIEND, friend=str(id_of(olga)))
    assert await ties(players, "following", id_of(olga), id_of(players.author)) == 1


async def test_who_runs_it_has_said_yes(players: Players) -> None:
    await players.run("FEATURE: Follow me\nINPUT:\n  - fan: who\nCONNECT fan to me as follower\n")
    assert await ties(players, "following", id_of(players.runner), id_of(players.author)) == 1


async def test_others_things_stay_theirs(players: Players) -> None:
    theirs = await players.world.course(by=await other(players))
    text = "FEATURE: Take it\nINPUT:\n  - fan: who\n  - course: which course\nARCHIVE course\n"
    with pytest.raises(OneError):
        await players.run(text, course=str(theirs.id))


# --- 8: gifts

WELCOME = """
FEATURE: Welcome gift
INPUT:
  - fan: who
CHECK fan exists
GIVE fan 10 tokens
"""


async def test_a_gift_is_given_once_to_each(players: Players) -> None:
    coin = await token(players)
    await players.run(WELCOME)
    for _ in range(2):
        with pytest.raises(Invalid):
            await players.run(WELCOME)
    olga = await other(players)
    await players.run(WELCOME, by=olga)
    assert await balance(players, players.runner, coin) == 10
    assert await balance(players, olga, coin) == 10


SPEND = """
FEATURE: Spend tokens
INPUT:
  - fan: who
  - amount: how many
CHECK fan exists
SUBTRACT amount FROM fan's token balance
"""


async def test_nobody_gets_tokens_by_spending_less_than_none(players: Players) -> None:
    of = await token(players)
    with pytest.raises(Refusal, match="must be more than 0"):
        await players.run(SPEND, amount=-1000)
    assert await balance(players, players.runner, of) == 0


async def test_gifts_in_parallel_are_one(players: Players) -> None:

    coin = await token(players)

    async def try_once() -> None:
        try:
            await players.run(WELCOME)
        except OneError:
            return

    async with anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(try_once)
    assert await balance(players, players.runner, coin) == 10


async def test_access_that_has_a_price_is_not_handed_out(players: Players) -> None:
    text = """
FEATURE: Enter
INPUT:
  - student: who
  - course: which course
CHECK student exists
CONNECT student to course as enrolled
"""
    dear = await players.world.thing("course", by=players.author, status="published", price=DOLLARS)
    free = await players.world.course(by=players.author)
    with pytest.raises(Invalid, match="has a price"):
        await players.run(text, course=str(dear.id))
    await players.run(text, course=str(free.id))
    assert await ties(players, "enrolled_in", id_of(players.runner), free.id) == 1


# --- 7: prices

SELL = """
FEATURE: Sell a pack
INPUT:
  - buyer: who
  - pack: the product
  - price: amount in dollars
CHECK buyer exists
CALL Stripe to charge payment WITH amount price, customer buyer SAVE AS payment
CONNECT buyer to pack as buyer
"""
CHEAP = """
FEATURE: Sell a pack cheaply
INPUT:
  - buyer: who
  - pack: the product
CHECK buyer exists
CALL Stripe to charge $1 WITH customer buyer SAVE AS payment
CONNECT buyer to pack as buyer
"""


async def test_a_buyer_doesnt_set_the_price(players: Players) -> None:
    pack = await players.world.thing(
        "digital_product", by=players.author, status="published", price=DOLLARS
    )
    async with players.working(SELL) as working:
        refused = await working.run(pack=str(pack.id), price={"amount": 1, "currency": "usd"})
        sold = await working.run(pack=str(pack.id), price=DOLLARS)
    assert (refused.status, error_of(refused)) == ("failed", "another_price")
    assert sold.status == "done", sold.reason
    assert await ties(players, "transacted", id_of(players.runner), pack.id) == 1


async def test_a_tick_lets_it_go_for_less_and_lets_the_unseen_be_picked(players: Players) -> None:
    made = written(CHEAP)
    every = {tick.line for tick in ticks_of(made.sheet)}
    ticked = replace(made, sheet=with_ticks(made.sheet, every))
    pack = await players.world.thing(
        "digital_product", by=players.author, status="draft", price=DOLLARS
    )
    async with players.working_with(made) as working:
        unseen = await working.run(pack=str(pack.id))
    async with players.working_with(ticked) as working:
        sold = await working.run(pack=str(pack.id))
    assert (unseen.status, sold.status) == ("failed", "done"), sold.reason


async def test_a_dear_product_isnt_sold_for_a_cheap_literal(players: Players) -> None:
    pack = await players.world.thing(
        "digital_product", by=players.author, status="published", price=DOLLARS
    )
    async with players.working(CHEAP) as working:
        refused = await working.run(pack=str(pack.id))
    assert (refused.status, error_of(refused)) == ("failed", "too_little")


# --- 11: whose eyes

PEEK = """
FEATURE: Look at posts
INPUT:
  - reader: who
GET all blog posts SAVE AS posts
GET number of blog posts SAVE AS count
GIVE posts, count
"""


async def test_private_rows_dont_leave_through_give_or_counts(players: Players) -> None:
    await players.world.thing("blog_post", by=players.author, status="published", name="Seen")
    await players.world.thing("blog_post", by=players.author, status="draft", name="Secret")
    answer = await players.run(PEEK)
    assert "Secret" not in str(answer)
    assert answer["count"] == 1


async def test_the_author_doesnt_read_a_callers_private_values(players: Players) -> None:
    await players.world.update(id_of(players.runner), email="finn@example.org")
    text = "FEATURE: Mail\nINPUT:\n  - fan: who\nCHECK fan exists\nGIVE fan\n"
    asked = check_text(text.replace("GIVE fan", "GIVE fan's email"), vocabulary()).features[0]
    assert "E807" in [one.code for one in asked.diagnostics]
    answer = await players.run(text)
    assert "finn@example.org" not in str(answer)


# --- 9: budgets

ASK = """
FEATURE: Ask me
INPUT:
  - fan: who
CALL OpenAI to answer WITH fan's name SAVE AS answer
GIVE answer
"""


async def test_a_runner_has_a_budget_of_paid_calls_a_day(players: Players) -> None:
    async with players.working(ASK) as working:
        came = [await working.run() for _ in range(21)]
    assert [run.status for run in came] == ["done"] * 20 + ["failed"]
    assert "as often as it may" in came[-1].reason


NIGHTLY = """
FEATURE: Nightly idea
EVERY DAY at 9am
CALL OpenAI to write an idea SAVE AS idea
NOTIFY me ABOUT idea
"""


async def test_what_runs_by_itself_waits_for_the_next_day_and_the_author_hears_before(
    desk: Desk,
) -> None:
    clock = Clock()
    players = await Players.made(await World.made(desk.with_clock(clock)))
    made = written(NIGHTLY)
    five = [one.model_copy(update={"everyone": 5}) for one in made.sheet.budgets]
    made = replace(made, sheet=with_budgets(made.sheet, five))
    async with players.working_with(made) as working:
        done = [await working.rested(await working.set_off(made)) for _ in range(5)]
        assert {run.status for run in done} == {"done"}
        heard = [str(one["title"]) for one in await inbox(players.world, players.author)]
        assert sum("used 80 % of its day" in title for title in heard) == 1
        late = await working.set_off(made)
        assert (await working.rested(late)).status == "waiting"
        clock.offset += timedelta(days=1, minutes=1)
        assert (await working.shelf.ended(working.engine, late)).status == "done"


# --- 14: rights are read when an effect happens

LATER = """
FEATURE: Close it later
INPUT:
  - course: which course
WAIT 1 day
ARCHIVE course
"""


async def test_a_right_that_was_lost_meanwhile_stops_the_effect(desk: Desk) -> None:
    clock = Clock()
    players = await Players.made(await World.made(desk.with_clock(clock)))
    rival = await other(players, "Rival")
    sold = await players.world.thing("course", by=players.author, status="published")
    kept = await players.world.thing("course", by=players.author, status="published")
    async with players.working(LATER) as working:
        runs = [await working.begin(by=players.author, course=str(one.id)) for one in (sold, kept)]
        for run in runs:
            await working.shelf.become(run, "waiting")
        async with players.world.write() as store:
            await store.share(sold.id, [(id_of(rival), 10_000)])
        clock.offset += timedelta(days=1, minutes=1)
        lost, done = [await working.shelf.ended(working.engine, run) for run in runs]
    assert (lost.status, error_of(lost)) == ("failed", "not_yours")
    assert done.status == "done", done.reason
    async with players.world.read() as store:
        assert (await store.get(sold.id)).status == "published"


MADE = """
FEATURE: Note an idea
INPUT:
  - fan: who asks
CREATE blog post called "Secret plan" SAVE AS idea
GIVE idea
"""


async def test_what_the_runner_cant_see_is_given_as_its_id_and_to_the_author_whole(
    players: Players,
) -> None:
    theirs = await players.run(MADE)
    ours = await players.run(MADE, by=players.author)
    assert "Secret plan" not in str(theirs)
    assert UUID(str(theirs["idea"]))
    assert "Secret plan" in str(ours)
