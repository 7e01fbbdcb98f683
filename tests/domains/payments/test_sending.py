"""What the provider refuses to send is asked for again in time, and never without end."""

from uuid import UUID

import pytest
import stripe

from one.domains import payments
from one.domains.payments.comparing import differences
from one.domains.payments.onboarding import OutOfReach
from one.errors import Outside
from one.providers.base import parse_faults
from one.providers.stripe.inprocess import InProcess
from one.providers.stripe.payments import in_process
from one.store.calls import Call, calls_of
from one.store.sales import Sale
from one.store.verification import verify
from tests.domains.payments.shop import Shop
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
AT_ONCE, LATER = "4000000000000077", "4242424242424242"


async def bought(shop: Shop, token: UUID, card: str) -> Sale:
    purchase = await shop.buy(token, 10)
    await shop.pay(purchase, card)
    await shop.news()
    return await shop.sale(purchase.id)


async def won_late(world: World, card: str) -> tuple[Shop, Sale]:
    """A sale whose share was paid out before a bank took the money back; the debt was paid by a
    second sale, with that card, and then the bank gave the money back.
    """
    shop = await Shop.opened(world)
    token = (await shop.token(price=1_000)).id
    await shop.ready(shop.ana)
    sale = await bought(shop, token, AT_ONCE)
    account = await shop.account(shop.ana)
    client = stripe.StripeClient("sk_test_1", http_client=InProcess(shop.sandbox))
    await client.v1.payouts.create_async(
        {"amount": 8_500, "currency": "usd"}, {"stripe_account": account}
    )
    assert sale.charge is not None
    await shop.sandbox.dispute(sale.charge)
    await shop.news()
    await bought(shop, token, card)
    await shop.decide(sale, won=True)
    return shop, sale


async def transfers(shop: Shop, sale: Sale) -> list[Call]:
    async with shop.world.read() as store:
        found = await calls_of(store.session, sale.id)
    return [call for call in found if call.kind == "transfer"]


async def test_what_is_won_back_after_its_debt_was_paid_is_sent_too(world: World) -> None:
    shop, sale = await won_late(world, AT_ONCE)
    assert [call.status for call in await transfers(shop, sale)] == ["done", "done"]
    pots = await shop.pots(sale)
    assert pots["connected", id_of(shop.ana)] == 17_000
    assert ("held", id_of(shop.ana)) not in pots
    async with world.read() as store:
        assert (await verify(store.session, "sandbox")).faults == ()
    assert await differences(shop.deployment) == []


async def test_what_is_not_available_yet_is_asked_for_later_and_once(world: World) -> None:
    shop, sale = await won_late(world, LATER)
    asked = await transfers(shop, sale)
    assert [call.status for call in asked] == ["done", "failed", "due"]
    assert "insufficient" in asked[1].reason
    pots = await shop.pots(sale)
    assert pots["held", id_of(shop.ana)] == 8_500


@pytest.mark.parametrize(
    ("home", "there", "taken"),
    [
        ("US", "DE", True),
        ("DE", "US", True),
        ("US", "JP", False),
        ("AU", "AU", True),
        ("AU", "NZ", False),
    ],
)
async def test_who_can_not_be_paid_is_told_before_anything_is_sold(
    world: World, home: str, there: str, taken: bool
) -> None:
    shop = await Shop.opened(world, stripe_country=home)
    if taken:
        assert (await shop.act(payments.begin_payouts, shop.ana, country=there)).stage == "begun"
        return
    with pytest.raises(OutOfReach, match=f"account in {there} from one in {home}"):
        await shop.act(payments.begin_payouts, shop.ana, country=there)
    assert (await shop.act(payments.show_payouts, shop.ana)).stage == "none"


async def test_what_is_refused_after_it_was_given_back_is_known_as_given_back(
    world: World,
) -> None:
    shop = await Shop.opened(world)
    sale = await shop.bought((await shop.token()).id, 10)
    assert sale.charge is not None
    faults = parse_faults("stripe.refund#2=refused, stripe.refund#3=refused")
    cashier = in_process(shop.sandbox, (), faults=faults).cashier
    first = await cashier.refund(sale.charge, 100, key="one")
    assert (await cashier.refund(sale.charge, 100, key="one")).id == first.id
    with pytest.raises(Outside, match="refuses"):
        await cashier.refund(sale.charge, 100, key="another")
    refunded = (await cashier.charge(sale.charge)).refunds
    assert [one.id for one in refunded] == [first.id]
