"""Stand-ins do each effect once per key, keep their books, and fail where faults are planted."""

import asyncio

import pytest

from one.errors import Invalid
from one.providers.base import Planted, Stage, catalogue, parse_faults, standins
from tests.providers.calling import ANA, TOKEN, Params, asked, entries, fails, standin, usd
from tests.world import World

pytestmark = pytest.mark.anyio

ACTIONS = [(service.name, action.name) for service in catalogue() for action in service.actions]


@pytest.mark.parametrize(("name", "method"), ACTIONS)
async def test_every_action_has_an_answer_that_says_whose_it_is(
    world: World, name: str, method: str
) -> None:
    provider = standin(world, name)
    _, answer = await asked(provider, method, "run:1")
    assert (answer["provider"], answer["mode"]) == (name, "sandbox")
    assert answer["reference"]
    action = {service.name: service for service in catalogue()}[name].by_name[method]
    wanted = action.fields or ({} if action.result == "json" else {"value": action.result})
    assert [field for field in wanted if field not in answer] == []


@pytest.mark.parametrize(("name", "method"), ACTIONS)
async def test_a_repeated_key_has_the_same_answer(world: World, name: str, method: str) -> None:
    params, first = await asked(standin(world, name), method, "run:1")
    again = standin(world, name)  # as after a restart: only the database is the same
    assert await again.call(method, params, key="run:1") == first


async def test_an_effect_is_done_once_by_many_who_ask_with_one_key(world: World) -> None:
    stripe = standin(world, "stripe")
    params: Params = {"amount": usd(500), "customer": ANA}
    calls = [stripe.call("charge", params, key="run:1") for _ in range(8)]
    answers = await asyncio.gather(*calls)
    assert len({str(answer["id"]) for answer in answers}) == 1
    assert len(await entries(world, "stripe", "charge")) == 1


async def test_a_key_of_another_call_is_refused(world: World) -> None:
    stripe = standin(world, "stripe")
    await stripe.call("charge", {"amount": usd(500), "customer": ANA}, key="run:1")
    async with fails("not_done", retryable=False):
        await stripe.call("charge", {"amount": usd(900), "customer": ANA}, key="run:1")


async def test_what_was_asked_can_be_looked_up(world: World) -> None:
    stripe = standin(world, "stripe")
    async with fails("not_done", retryable=False):
        await stripe.lookup("charge", key="run:1")
    charge = await stripe.call("charge", {"amount": usd(500), "customer": ANA}, key="run:1")
    assert await stripe.lookup("charge", key="run:1") == charge


async def test_an_unknown_action_is_refused(world: World) -> None:
    async with fails("not_done", retryable=False):
        await standin(world, "stripe").call("levitate", {}, key="run:1")


@pytest.mark.parametrize(
    ("kind", "outcome", "retryable", "charges"),
    [
        ("before", "not_done", True, 0),
        ("unknown", "unknown", True, 0),
        ("after", "unknown", True, 1),
        ("busy", "not_done", True, 0),
        ("refused", "not_done", False, 0),
    ],
)
async def test_a_planted_fault_strikes_the_nth_call(
    world: World, kind: str, outcome: str, retryable: bool, charges: int
) -> None:
    stripe = standin(world, "stripe", f"stripe.charge#2={kind}")
    params: Params = {"amount": usd(500), "customer": ANA}
    await stripe.call("charge", params, key="run:1")
    async with fails(outcome, retryable=retryable):
        await stripe.call("charge", params, key="run:2")
    assert len(await entries(world, "stripe", "charge")) == 1 + charges
    answer = await stripe.call("charge", params, key="run:2")
    assert len(await entries(world, "stripe", "charge")) == 2
    assert await stripe.lookup("charge", key="run:2") == answer


async def test_what_was_done_with_a_key_is_not_refused_to_it_later(world: World) -> None:
    stripe = standin(world, "stripe", "stripe.charge#2=refused")
    params: Params = {"amount": usd(500), "customer": ANA}
    done = await stripe.call("charge", params, key="run:1")
    assert await stripe.call("charge", params, key="run:1") == done
    assert len(await entries(world, "stripe", "charge")) == 1


async def test_a_slow_answer_is_of_what_was_done(world: World) -> None:
    stripe = standin(world, "stripe", "stripe.*=slow:60")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await stripe.call("charge", {"amount": usd(500), "customer": ANA}, key="run:1")
    assert len(await entries(world, "stripe", "charge")) == 1


async def test_faults_are_planted_while_it_runs() -> None:
    faults = parse_faults("")
    mail = standins(Stage(faults=faults))["email"]
    await mail.call("send", {"to": ANA}, key="1")
    faults.planted.append(Planted("email", "send", "busy"))
    async with fails("not_done", retryable=True):
        await mail.call("send", {"to": ANA}, key="2")


@pytest.mark.parametrize("text", ["stripe", "stripe.charge=odd", "stripe.charge#0=busy", "a b"])
def test_faults_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match="ONE_FAULTS"):
        parse_faults(text)


async def test_what_fails_leaves_no_trace_in_passing_books() -> None:
    stage = Stage()
    chain = standins(stage)["blockchain"]
    async with fails("not_done", retryable=False):
        await chain.call("stake", {"token": TOKEN, "amount": 1, "from": ANA}, key="1")
    async with stage.books.open("blockchain") as book:
        assert await book.entries("balance") == []
