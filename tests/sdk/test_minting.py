"""What features do by a call of the blockchain is in the ledger: once, and with leave."""

from uuid import UUID

import pytest
from pydantic import JsonValue

from one.clock import Clock, new_id
from one.domains.notices import list_requests
from one.providers.base import Stage, parse_faults
from one.store import EventAsk, Move, Viewer, ledger
from one.store.books import Books
from one.store.runs import Run
from one.store.stakes import stakes_of
from tests.domains.notices.rooms import acting
from tests.sdk.written import Players, deployed
from tests.world import World, id_of

pytestmark = pytest.mark.anyio

BUY = """
FEATURE: Buy tokens
INPUT:
  - fan: who is buying
  - amount: how many tokens (between 1 and 100)
OUTPUT:
  - token balance: what they hold now
DO TOGETHER:
  - CALL payment processor to charge $2 times amount WITH customer fan SAVE AS payment
  - CALL blockchain to mint tokens WITH amount, to fan SAVE AS minted
  - REWARD fan WITH amount tokens
IF ANY FAIL:
  - CALL payment processor to refund payment
  - CALL blockchain to burn tokens WITH amount
RECORD tokens purchased BY fan WITH amount
GIVE fan's token balance
"""


class Bank:
    """Players whose tokens are in the ledger, and the author's token."""

    def __init__(self, players: Players, token: UUID) -> None:
        self.players, self.token, self.world = players, token, players.world

    @property
    def fan(self) -> Viewer:
        return self.players.runner

    async def give(self, who: Viewer, amount: int) -> None:
        async with self.world.write() as store:
            await store.move(Move(id_of(who), self.token, amount, "earned", {}))

    async def balance(self, who: Viewer | None = None) -> int:
        async with self.world.read() as store:
            return await store.balance(id_of(who or self.fan), self.token)

    async def run(self, text: str, **given: JsonValue) -> Run:
        async with self.players.working(text) as working:
            return await working.run(by=None, **given)

    async def agrees(self) -> None:
        async with self.world.read() as store:
            assert await ledger.verify(store.session) == []


async def stage(world: World, faults: str = "", **terms: JsonValue) -> Bank:
    players = await Players.made(world)
    books = Books(world.desk.database, Clock(), world.space, world.desk.session_of)
    stage = Stage(world.desk.clock, books, parse_faults(faults), ledger=True)
    players.deployment = deployed(world, stage)
    token = await world.thing("token", by=players.author, name="Calm", status="active")
    await world.update(token.id, by=players.author, **terms)
    return Bank(players, token.id)


async def test_who_mints_and_rewards_the_same_gives_it_once(world: World) -> None:
    here = await stage(world)
    run = await here.run(BUY, fan=str(id_of(here.fan)), amount=5)
    assert (run.status, run.output) == ("done", {"tokenBalance": 5}), run.reason
    assert await here.balance() == 5
    async with world.read() as store:
        ask = EventAsk(types=("token_transacted",), actor_id=here.fan.id, order="recordedAt")
        told = [event.metadata for event in (await store.events(ask)).items]
    assert [(one["action"], one.get("change")) for one in told] == [
        ("minted", 5),
        ("purchased", None),
    ]
    assert told[0]["runId"] == str(run.id)
    await here.agrees()


MINT = """
FEATURE: Welcome
INPUT:
  - fan: who comes
CALL blockchain to mint tokens WITH amount 10, to fan SAVE AS minted
GIVE fan's token balance
"""


async def test_a_mint_alone_is_on_the_balance_once_for_each_person(world: World) -> None:
    here = await stage(world)
    fan = str(id_of(here.fan))
    first = await here.run(MINT, fan=fan)
    assert (first.status, first.output) == ("done", {"tokenBalance": 10})
    again = await here.run(MINT, fan=fan)
    assert (again.status, await here.balance()) == ("failed", 10)
    assert "given before" in str(again.error)


@pytest.mark.parametrize("kind", ["before", "after", "unknown", "busy"])
async def test_a_mint_whose_answer_is_lost_is_made_once(world: World, kind: str) -> None:
    here = await stage(world, f"blockchain.mint#1={kind}")
    run = await here.run(BUY, fan=str(id_of(here.fan)), amount=5)
    assert (run.status, await here.balance()) == ("done", 5)
    await here.agrees()


async def test_what_fails_takes_back_what_was_minted(world: World) -> None:
    here = await stage(world, "openai.write=refused")
    line = "  - CALL OpenAI to write a welcome SAVE AS welcome"
    text = BUY.replace("  - REWARD fan", f"{line}\n  - REWARD fan")
    run = await here.run(text, fan=str(id_of(here.fan)), amount=5)
    assert (run.status, await here.balance()) == ("failed", 0)
    await here.agrees()


async def test_no_more_is_minted_than_there_may_be(world: World) -> None:
    here = await stage(world, totalSupply=4)
    run = await here.run(BUY, fan=str(id_of(here.fan)), amount=5)
    assert (run.status, await here.balance()) == ("failed", 0)
    assert "4 are left" in str(run.error)


STAKE = """
FEATURE: Hold tokens
INPUT:
  - holder: who stakes
  - amount: number of tokens (>= 10)
CHECK holder's token balance >= amount
  OTHERWISE say "Not enough tokens"
SUBTRACT amount tokens FROM holder
CALL blockchain to stake amount WITH owner holder SAVE AS stake
  IF IT FAILS:
    ADD amount tokens TO holder
WAIT 1 second
CALL blockchain to unstake stake
GIVE holder amount tokens
"""


async def test_who_subtracts_and_stakes_the_same_takes_it_once_and_gives_it_back_once(
    world: World,
) -> None:
    here = await stage(world)
    await here.give(here.fan, 15)
    async with here.players.working(STAKE) as working:
        run = await working.begin(holder=str(id_of(here.fan)), amount=10)
        await working.rested(run)
        assert await here.balance() == 5
        async with world.read() as store:
            (made,) = await stakes_of(store.session, id_of(here.fan))
        assert made.amount == 10
        await here.agrees()
        kept = await working.shelf.ended(working.engine, run)
    assert kept.status == "done", kept.reason
    assert await here.balance() == 15
    await here.agrees()


LOCK = """
FEATURE: Lock mine
INPUT:
  - fan: who stakes
CALL blockchain to stake 10 tokens WITH from fan, duration 7 days SAVE AS stake
CALL blockchain to unstake stake
"""


async def test_a_lock_holds_against_the_feature_too(world: World) -> None:
    here = await stage(world, stakingRate=10_000)
    await here.give(here.fan, 10)
    run = await here.run(LOCK, fan=str(id_of(here.fan)))
    assert run.status == "failed"
    assert "locked until" in str(run.error)
    async with world.read() as store:
        (made,) = await stakes_of(store.session, id_of(here.fan))
    assert (made.locked_until - made.staked_at).days in (6, 7)


BURN = """
FEATURE: Burn theirs
INPUT:
  - fan: who runs it
  - friend: somebody else
CALL blockchain to burn 3 tokens WITH from friend
"""


async def test_nobodys_tokens_are_burned_without_their_yes(world: World) -> None:
    here = await stage(world)
    friend = await world.person("creator", "Bo")
    await here.give(friend, 5)
    people = {"fan": str(id_of(here.fan)), "friend": str(id_of(friend))}
    async with here.players.working(BURN) as working:
        run = await working.begin(by=None, **people)
        kept = await working.rested(run)
        assert (kept.status, await here.balance(friend)) == ("waiting", 5)
        async with acting(world, friend) as ctx:
            assert "burn tokens" in str((await list_requests(ctx)).items[0])


async def test_ones_own_tokens_are_burned_by_running_it(world: World) -> None:
    here = await stage(world)
    await here.give(here.fan, 5)
    text = (
        "FEATURE: Burn mine\nINPUT:\n  - fan: who\nCALL blockchain to burn 3 tokens WITH from fan"
    )
    run = await here.run(text, fan=str(id_of(here.fan)))
    assert (run.status, await here.balance()) == ("done", 2)
    over = await here.run(text, fan=str(id_of(here.fan)))
    assert (over.status, await here.balance()) == ("failed", 2)


async def test_nobody_mints_what_is_anothers(world: World) -> None:
    here = await stage(world)
    other = await world.thing("token", by=await world.person(), name="Gold", status="active")
    text = MINT.replace("INPUT:\n", "INPUT:\n  - token: which token\n").replace(
        "WITH amount 10,", "WITH token, amount 10,"
    )
    run = await here.run(text, fan=str(id_of(here.fan)), token=str(other.id))
    assert run.status == "failed"
    async with world.read() as store:
        assert await store.balance(id_of(here.fan), other.id) == 0


async def test_what_stays_with_its_holder_is_not_sent_by_a_feature(world: World) -> None:
    here = await stage(world, transferable=False)
    await here.give(here.fan, 5)
    text = (
        "FEATURE: Send\nINPUT:\n  - fan: who\n  - friend: somebody else\n"
        "CALL blockchain to transfer tokens WITH amount 2, from fan, to friend"
    )
    friend = await world.person("creator", "Cy")
    run = await here.run(text, fan=str(id_of(here.fan)), friend=str(id_of(friend)))
    assert (run.status, await here.balance()) == ("failed", 5)
    assert "stays with" in str(run.error)


async def test_tokens_are_sent_once_between_two(world: World) -> None:
    here = await stage(world)
    await here.give(here.fan, 5)
    text = (
        "FEATURE: Send\nINPUT:\n  - fan: who\n  - friend: somebody else\n"
        "CALL blockchain to transfer tokens WITH amount 2, from fan, to friend"
    )
    friend = await world.person("creator", "Cy")
    run = await here.run(text, fan=str(id_of(here.fan)), friend=str(id_of(friend)))
    assert (run.status, await here.balance(), await here.balance(friend)) == ("done", 3, 2)
    await here.agrees()


async def test_what_was_rewarded_before_it_was_minted_is_taken_back_once(world: World) -> None:
    here = await stage(world, "openai.write=refused")
    await here.give(here.fan, 7)
    reward = "  - REWARD fan WITH amount tokens\n"
    mint = "  - CALL blockchain to mint tokens"
    line = "  - CALL OpenAI to write a welcome SAVE AS welcome\n"
    text = BUY.replace(reward, line).replace(mint, f"{reward}{mint}")
    run = await here.run(text, fan=str(id_of(here.fan)), amount=5)
    assert (run.status, await here.balance()) == ("failed", 7)
    await here.agrees()


async def test_of_what_was_minted_no_more_is_taken_back_than_is_left(world: World) -> None:
    here = await stage(world)
    chain = here.players.deployment.providers["blockchain"]
    fan: JsonValue = {"id": str(id_of(here.fan)), "name": "Finn", "type": "audience_member"}
    token: JsonValue = {"id": str(here.token), "name": "Calm", "type": "token"}
    asked = {"space": str(world.space)}
    run = str(new_id())
    minted = await chain.call(
        "mint", {**asked, "to": fan, "token": token, "amount": 5}, key=f"{run}:1"
    )
    async with world.write() as store:
        await store.move(Move(id_of(here.fan), here.token, -3, "spent", {}))
    burned = await chain.call("burn", {**asked, "token": minted}, key=f"{run}:2")
    assert (burned["amount"], await here.balance()) == (2, 0)
    assert (minted["mode"], minted["ledger"]) == ("local", True)
    assert str(minted["transaction"]).startswith("off-chain:")
    assert await chain.lookup("mint", key=f"{run}:1") == minted
    await here.agrees()


async def test_what_is_said_of_a_purchase_changes_no_balance(world: World) -> None:
    here = await stage(world)
    text = BUY.replace("BY fan WITH amount", "BY fan WITH amount, change 99, balance 99")
    run = await here.run(text, fan=str(id_of(here.fan)), amount=5)
    assert (run.status, await here.balance()) == ("done", 5), run.reason
    await here.agrees()


async def test_two_rewards_beside_one_mint_are_one_more(world: World) -> None:
    here = await stage(world)
    line = "REWARD fan WITH amount tokens"
    text = BUY.replace(f"  - {line}", f"  - {line}\n  - {line}")
    run = await here.run(text, fan=str(id_of(here.fan)), amount=5)
    assert (run.status, await here.balance()) == ("done", 10), run.reason
    await here.agrees()
