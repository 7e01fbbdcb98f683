"""The stand-ins for payments and tokens add up, whatever is asked of them."""

import pytest
from pydantic import JsonValue

from one.providers.stripe import CardDeclined
from tests.providers.calling import ANA, BEN, TOKEN, entries, fails, standin, usd
from tests.world import World

pytestmark = pytest.mark.anyio


def cents(value: JsonValue) -> int:
    assert isinstance(value, dict)
    return int(str(value["amount"]))


async def test_charges_less_refunds_are_what_was_kept(world: World) -> None:
    stripe = standin(world, "stripe")
    first = await stripe.call("charge", {"amount": usd(500), "customer": ANA}, key="1")
    await stripe.call("charge", {"amount": usd(900), "customer": BEN}, key="2")
    await stripe.call("refund", {"charge": first, "amount": usd(200)}, key="3")
    await stripe.call("refund", {"charge": first["id"]}, key="4")
    charged = sum(cents(one["amount"]) for one in await entries(world, "stripe", "charge"))
    refunded = sum(cents(one["amount"]) for one in await entries(world, "stripe", "refund"))
    assert (charged, refunded) == (1400, 500)


async def test_no_more_is_refunded_than_was_charged(world: World) -> None:
    stripe = standin(world, "stripe")
    charge = await stripe.call("charge", {"amount": usd(500), "customer": ANA}, key="1")
    async with fails("not_done", retryable=False):
        await stripe.call("refund", {"charge": charge, "amount": usd(501)}, key="2")
    await stripe.call("refund", {"charge": charge}, key="3")
    async with fails("done", retryable=False):
        await stripe.call("refund", {"charge": charge}, key="4")


@pytest.mark.parametrize("method", ["4000 0000 0000 0002", "pm_card_chargeDeclinedExpiredCard"])
async def test_cards_that_decline_are_declined(world: World, method: str) -> None:
    stripe = standin(world, "stripe")
    with pytest.raises(CardDeclined, match="declined"):
        await stripe.call(
            "charge", {"amount": usd(500), "customer": ANA, "method": method}, key="1"
        )
    assert await entries(world, "stripe", "charge") == []


@pytest.mark.parametrize("amount", [None, 5, {"amount": 0, "currency": "usd"}, {"amount": 1.5}])
async def test_what_is_no_money_is_not_charged(world: World, amount: JsonValue) -> None:
    async with fails("not_done", retryable=False):
        params: dict[str, JsonValue] = {"amount": amount, "customer": ANA}
        await standin(world, "stripe").call("charge", params, key="1")


async def test_what_is_ended_is_not_ended_again(world: World) -> None:
    stripe = standin(world, "stripe")
    made = await stripe.call("subscribe", {"amount": usd(500), "customer": ANA}, key="1")
    ended = await stripe.call("cancelSubscription", {"subscription": made}, key="2")
    assert ended["status"] == "canceled"
    async with fails("done", retryable=False):
        await stripe.call("cancelSubscription", {"subscription": made}, key="3")


async def test_token_balances_are_never_below_zero(world: World) -> None:
    chain = standin(world, "blockchain")
    minted = await chain.call("mint", {"to": ANA, "amount": 10, "token": TOKEN}, key="1")
    await chain.call("transfer", {"from": ANA, "to": BEN, "amount": 4, "token": TOKEN}, key="2")
    async with fails("not_done", retryable=False):
        await chain.call("burn", {"token": minted}, key="3")
    await chain.call("stake", {"from": BEN, "amount": 3, "token": TOKEN}, key="4")
    answers = [
        await chain.call("balance", {"owner": one, "token": TOKEN}, key=f"b{n}")
        for n, one in enumerate((ANA, BEN))
    ]
    assert [answer["value"] for answer in answers] == [6, 1]


async def test_a_mint_is_taken_back_by_its_own_answer(world: World) -> None:
    chain = standin(world, "blockchain")
    minted = await chain.call("mint", {"to": ANA, "amount": 10, "token": TOKEN}, key="1")
    await chain.call("burn", {"token": minted}, key="2")
    left = await chain.call("balance", {"owner": ANA, "token": TOKEN}, key="3")
    assert left["value"] == 0


async def test_a_treasury_gives_no_more_than_its_supply(world: World) -> None:
    chain = standin(world, "blockchain")
    await chain.call("deployContract", {"name": "calm", "supply": 5}, key="1")
    async with fails("not_done", retryable=False):
        await chain.call("transfer", {"to": ANA, "amount": 6, "token": "calm"}, key="2")
    sent = await chain.call("transfer", {"to": ANA, "amount": 5, "token": "calm"}, key="3")
    assert str(sent["transaction"]).startswith("off-chain:")
