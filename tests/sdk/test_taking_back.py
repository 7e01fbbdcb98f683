"""Taking back what a service did, by the thing that bears the service's own name for it."""

import pytest
from pydantic import JsonValue

from one.errors import Denied
from one.store import Draft, Entity, Viewer
from tests.sdk.test_rights import error_of
from tests.sdk.written import Players
from tests.world import id_of

REFUND = """
FEATURE: Refund a sale
INPUT:
  - payment: the payment to refund
CALL Stripe to refund payment
GIVE "back"
"""


async def charged(players: Players) -> str:
    """The name that Stripe has for $25 of the runner's."""
    stripe = players.deployment.providers["stripe"]
    amount: JsonValue = {"amount": 2500, "currency": "usd"}
    asked = {"amount": amount, "customer": str(id_of(players.runner))}
    return str((await stripe.call("charge", asked, key="a sale"))["id"])


async def sale(players: Players, *, of: Viewer, charge: str = "", key: str = "reference") -> Entity:
    """A payment to somebody, as ONE writes it."""
    facts: dict[str, JsonValue] = {key: charge} if charge else {}
    async with players.world.write() as store:
        made = await store.create(Draft("payment", "Sale 7", facts))
        await store.share(made.id, [(id_of(of), 10_000)])
    await players.world.connect("transacted", id_of(players.runner), made.id)
    return made


async def refunds(players: Players) -> int:
    async with players.books.open("stripe") as book:
        return len(await book.entries("refund"))


@pytest.mark.parametrize("key", ["reference", "stripeChargeId"])
async def test_a_payment_is_refunded_by_its_own_reference(players: Players, key: str) -> None:
    payment = await sale(players, of=players.author, charge=await charged(players), key=key)
    async with players.working(REFUND) as working:
        run = await working.run(by=players.author, payment=str(payment.id))
    assert (run.output, await refunds(players)) == ({"message": "back"}, 1), run.reason


async def test_a_payment_without_reference_is_refused_in_words(players: Players) -> None:
    payment = await sale(players, of=players.author)
    async with players.working(REFUND) as working:
        run = await working.run(by=players.author, payment=str(payment.id))
    assert error_of(run) == "no_reference"
    assert run.reason.endswith("“Sale 7” bears no reference of Stripe's: no charge is known of it.")


async def test_what_the_author_paid_to_somebody_else_is_not_theirs_to_refund(
    players: Players,
) -> None:
    rival = await players.world.person("creator", "Rival")
    payment = await sale(players, of=rival, charge=await charged(players))
    await players.world.connect("transacted", id_of(players.author), payment.id)
    async with players.working(REFUND) as working:
        run = await working.run(by=players.author, payment=str(payment.id))
    assert (error_of(run), await refunds(players)) == ("not_yours", 0)


async def test_nobody_says_themselves_which_charge_their_payment_was(players: Players) -> None:
    with pytest.raises(Denied, match="reference of a payment"):
        await players.world.thing("payment", by=players.author, reference="ch_of_somebody_else")
