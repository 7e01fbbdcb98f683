"""The manners of the API: keys, accounts, idempotency, errors, and the faults that are planted."""

import asyncio

import httpx
import pytest
import stripe
from stripe import StripeClient

from one.providers.stripe.inprocess import InProcess
from one.sandbox import Fault, Sandbox, Trouble
from tests.sandbox.sales import SELLER, course, seller, share, sold
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
def plain(sandbox: Sandbox) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=sandbox),
        base_url="https://api.stripe.test",
        headers={"authorization": "Bearer sk_test_one"},
    )


async def test_who_brings_no_key_of_a_sandbox_is_refused(sandbox: Sandbox) -> None:
    for key in ("sk_live_one", "pk_test_one"):
        client = StripeClient(key, http_client=InProcess(sandbox))
        with pytest.raises(stripe.AuthenticationError):
            await client.v1.balance.retrieve_async()
    transport = httpx.ASGITransport(app=sandbox)
    async with httpx.AsyncClient(transport=transport, base_url="https://a.test") as nobody:
        assert (await nobody.get("/v1/balance")).status_code == 401
        assert (await nobody.get("/v1/balance", auth=("sk_test_one", ""))).status_code == 200


async def test_what_is_wrong_is_told_as_stripe_tells_it(plain: httpx.AsyncClient) -> None:
    async def code(path: str, **form: str) -> tuple[int, str, str]:
        came = await plain.post(path, data=form)
        error = came.json()["error"]
        return came.status_code, error.get("code", ""), error.get("param", "")

    refunds = "/v1/refunds"
    assert await code(refunds) == (400, "parameter_missing", "charge")
    assert await code(refunds, charge="ch_no") == (400, "resource_missing", "charge")
    assert await code(refunds, charge="ch_no", ch="1") == (400, "parameter_unknown", "ch")
    whole = await code(refunds, charge="ch_no", amount="1.5")
    assert whole == (400, "parameter_invalid_integer", "amount")
    assert (await code("/v1/nothing"))[0] == 404
    intent = "/v1/payment_intents"
    assert await code(intent, amount="10", currency="usd") == (400, "amount_too_small", "amount")
    assert await code(intent, amount="10", currency="xxx") == (400, "", "currency")
    assert (await plain.get("/v1/charges/ch_no")).status_code == 404


async def test_the_fee_of_a_split_is_what_is_not_transferred(client: StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="application_fee_amount"):
        await client.v1.payment_intents.create_async(
            {"amount": 1_000, "currency": "usd", "application_fee_amount": 100}
        )


async def test_an_account_sees_what_is_its_own(sandbox: Sandbox, client: StripeClient) -> None:
    charge, ana = await sold(sandbox, client), await seller(sandbox, client)
    with pytest.raises(stripe.InvalidRequestError, match="No such charge"):
        await client.v1.charges.retrieve_async(charge.id, options={"stripe_account": ana})
    with pytest.raises(stripe.PermissionError):
        await client.v1.balance.retrieve_async(options={"stripe_account": "acct_no"})
    transfer = await client.v1.transfers.create_async(
        share(charge, ana, 500), {"idempotency_key": "t1"}
    )
    theirs = await client.v1.charges.retrieve_async(
        str(transfer.destination_payment), options={"stripe_account": ana}
    )
    assert theirs.amount == 500


async def test_a_key_does_once_what_it_is_used_for(sandbox: Sandbox, client: StripeClient) -> None:
    charge = await sold(sandbox, client)
    first = await client.v1.refunds.create_async(
        {"charge": charge.id, "amount": 100}, {"idempotency_key": "r1"}
    )
    again = await client.v1.refunds.create_async(
        {"charge": charge.id, "amount": 100}, {"idempotency_key": "r1"}
    )
    assert again.id == first.id
    with pytest.raises(stripe.IdempotencyError):
        await client.v1.refunds.create_async(
            {"charge": charge.id, "amount": 200}, {"idempotency_key": "r1"}
        )
    tries = (
        client.v1.refunds.create_async(
            {"charge": charge.id, "amount": 300}, {"idempotency_key": "r2"}
        )
        for _ in range(5)
    )
    assert len({refund.id for refund in await asyncio.gather(*tries)}) == 1
    after = await client.v1.charges.retrieve_async(charge.id)
    assert after.amount_refunded == 400


async def test_a_key_keeps_a_no_but_not_a_mistake(sandbox: Sandbox, client: StripeClient) -> None:
    charge, ana = await sold(sandbox, client), await client.v1.accounts.create_async(SELLER)
    early = share(charge, ana.id, 500)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await client.v1.transfers.create_async(early, {"idempotency_key": "t1"})
        assert refused.value.code == "insufficient_capabilities_for_transfer"
        await sandbox.onboard(ana.id)
    await client.v1.transfers.create_async(early, {"idempotency_key": "t2"})
    with pytest.raises(stripe.InvalidRequestError, match="No such charge"):
        await client.v1.refunds.create_async({"charge": "ch_no"}, {"idempotency_key": "r1"})
    await client.v1.refunds.create_async({"charge": charge.id}, {"idempotency_key": "r1"})


async def test_a_decline_is_answered_again(client: StripeClient) -> None:
    ids: set[str] = set()
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            await client.v1.payment_intents.create_async(
                {
                    "amount": 900,
                    "currency": "usd",
                    "payment_method": "pm_card_visa_chargeDeclined",
                    "confirm": True,
                },
                {"idempotency_key": "p1"},
            )
        assert declined.value.error is not None
        assert declined.value.error.decline_code == "generic_decline"
        assert declined.value.error.payment_intent is not None
        ids.add(declined.value.error.payment_intent.id)
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("trouble", "done", "again"),
    [
        ("429", 0, 1),
        ("timeout", 0, 1),
        ("500", 0, None),
        ("timeout_after", 1, 1),
        ("500_after", 1, None),
    ],
)
async def test_a_fault_befalls_one_call(
    *, sandbox: Sandbox, client: StripeClient, trouble: Trouble, done: int, again: int | None
) -> None:
    """`again`: what there is after the same key has come a second time; nothing: it fails as
    before.
    """

    async def sessions() -> int:
        return len((await client.v1.checkout.sessions.list_async()).data)

    await sandbox.plant(Fault("POST /v1/checkout/sessions", trouble))
    with pytest.raises(stripe.StripeError):
        await client.v1.checkout.sessions.create_async(course(), {"idempotency_key": "s1"})
    assert await sessions() == done
    if again is None:
        with pytest.raises(stripe.APIError):
            await client.v1.checkout.sessions.create_async(course(), {"idempotency_key": "s1"})
    else:
        await client.v1.checkout.sessions.create_async(course(), {"idempotency_key": "s1"})
        assert await sessions() == again
    await client.v1.checkout.sessions.create_async(course(), {"idempotency_key": "s2"})


async def test_a_fault_waits_for_its_call(sandbox: Sandbox, client: StripeClient) -> None:
    await sandbox.plant(Fault("POST /v1/refunds", "429", times=2, skip=1))
    charge = await sold(sandbox, client)
    came: list[bool] = []
    for place in range(4):
        try:
            await client.v1.refunds.create_async({"charge": charge.id, "amount": 10 + place})
            came.append(True)
        except stripe.RateLimitError:
            came.append(False)
    assert came == [True, False, False, True]
    await sandbox.plant(Fault("GET /v1/charges/*", "timeout"))
    with pytest.raises(stripe.APIConnectionError):
        await client.v1.charges.retrieve_async(charge.id)
    await sandbox.plant(Fault("GET /v1/charges/*", "timeout"))
    await sandbox.heal()
    assert (await client.v1.charges.retrieve_async(charge.id)).amount_refunded == 23


async def test_lists_go_on_where_they_ended(client: StripeClient) -> None:
    made = [
        (await client.v1.customers.create_async({"name": f"Fan {n}", "metadata": {"n": str(n)}})).id
        for n in range(5)
    ]
    first = await client.v1.customers.list_async({"limit": 2})
    assert ([each.id for each in first.data], first.has_more) == (made[:2:-1], True)
    every = [each.id async for each in first.auto_paging_iter()]
    assert every == made[::-1]
    back = await client.v1.customers.list_async({"limit": 2, "ending_before": made[0]})
    assert [each.id for each in back.data] == [made[2], made[1]]
    await client.v1.customers.delete_async(made[4])
    assert (await client.v1.customers.list_async({"limit": 1})).data[0].id == made[3]


async def test_two_spaces_keep_apart(world: World, client: StripeClient) -> None:
    customer = await client.v1.customers.create_async({"name": "Bo"})
    other = (await world.neighbour()).space
    apart = Sandbox(world.desk.database, world.desk.clock, space=other)
    theirs = StripeClient("sk_test_one", http_client=InProcess(apart))
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        await theirs.v1.customers.retrieve_async(customer.id)
