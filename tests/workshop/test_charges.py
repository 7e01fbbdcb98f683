"""Features that charge at once: real sales of the payments sandbox, given back where they fail."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest
from httpx import AsyncClient
from pydantic import JsonValue

from one import library
from one.domains import notices, payments
from one.domains.payments.comparing import differences
from one.providers.stripe.payments import over_network
from one.settings import Settings
from one.store.sales import Asked, Sale, sales
from one.store.verification import verify
from tests.domains.live import live
from tests.domains.payments.shop import Shop
from tests.domains.test_spaces_http import stamping
from tests.workshop.conftest import Town, town_of
from tests.world import STAFF, World, id_of

__all__ = ["stamping"]
pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("stamping")]
CARD = "pm_card_visa"
LESSON = """
FEATURE: Book a lesson
INPUT:
  - fan: who books
  - card: text
CHECK fan exists
CALL payment processor to charge $20 WITH customer fan, method card SAVE AS payment
  OTHERWISE say "Your card was declined"
GIVE answer is "booked"
"""
PICKY = """
FEATURE: Sell a seat
INPUT:
  - fan: who comes
CHECK fan exists
DO TOGETHER:
  - CALL payment processor to charge $20 WITH customer fan SAVE AS payment
  - SUBTRACT 5 from fan's token balance
IF ANY FAIL:
  - CALL payment processor to refund payment
GIVE answer is "seated"
"""
HALF = """
FEATURE: Sell with a discount
INPUT:
  - fan: who comes
CHECK fan exists
CALL payment processor to charge $20 WITH customer fan SAVE AS payment
CALL payment processor to refund $5 WITH payment
CALL payment processor to refund $30 WITH payment
  IF IT FAILS: say "More than was paid"
GIVE answer is "sold"
"""
TAKE_BACK = """
FEATURE: Take back
INPUT:
  - charge: text
CALL Stripe to refund charge
GIVE charge
"""
PACK = """
FEATURE: Sell my pack
INPUT:
  - fan: who buys
  - pack: the product
CHECK fan exists
CALL Stripe to charge payment WITH amount pack's price, customer fan SAVE AS payment
CONNECT fan to pack as buyer
GIVE answer is "yours"
"""
SEAT = """
FEATURE: Take a seat
INPUT:
  - fan: who comes
  - card: text
CHECK fan exists
CALL payment processor to charge fan $20 for my Evening product WITH method card SAVE AS payment
  OTHERWISE say "You stand at the door"
GIVE answer is "seated"
"""


@pytest.fixture
async def shop(world: World) -> Shop:
    return await Shop.opened(world)


@pytest.fixture
def town(shop: Shop) -> Town:
    return town_of(shop.world, payments=shop.deployment.payments)


async def deployed(shop: Shop, text: str) -> str:
    """The address of a feature of Ana's."""
    return (await live(shop.world, id_of(shop.ana), text, handle="ana")).address


async def called(town: Town, shop: Shop, address: str, **given: JsonValue) -> dict[str, JsonValue]:
    """What Bo's run of it comes to."""
    fan: AsyncClient = await town.as_(shop.bo)
    async with town.working():
        answer = await fan.post(address, json=given, headers={"prefer": "wait=30"})
    assert answer.status_code != 202, answer.text
    return answer.json()


async def made(shop: Shop) -> list[Sale]:
    async with shop.world.read() as store:
        return [*reversed(await sales(store.session, Asked()))]


async def agrees(shop: Shop) -> None:
    """The journal holds, and says what the provider has."""
    await shop.news()
    async with shop.world.read() as store:
        assert (await verify(store.session, "sandbox")).faults == ()
    assert await differences(shop.deployment) == []


async def test_a_charge_is_a_sale_with_a_receipt_and_a_share(shop: Shop, town: Town) -> None:
    address = await deployed(shop, library.texts()["let_fans_buy_tokens"])
    await shop.ready(shop.ana)
    await shop.token()
    said = await called(town, shop, address, amount=3)
    assert said["message"] == "Enjoy your tokens", said
    await agrees(shop)
    (sale,) = await made(shop)
    assert (sale.state, sale.gross, sale.feature) == ("completed", 600, "let_fans_buy_my_tokens")
    pots = await shop.pots(sale)
    assert (pots["world", None], pots["connected", id_of(shop.ana)]) == (-600, 510)
    fan, ana = await town.as_(shop.bo), await town.as_(shop.ana)
    (bought,) = (await fan.get("/api/payments/purchases")).json()["items"]
    assert (bought["total"], bought["state"], bought["pay"]) == (600, "completed", None)
    earned = (await ana.get("/api/payments/earnings")).json()["accounts"]
    assert [one["closing"]["balance"] for one in earned] == [510], earned
    told = await shop.act(notices.list_notices, shop.bo)
    paid = "You paid $6.00 for “Let fans buy my tokens”"
    assert any(paid in one.name for one in told.items), [one.name for one in told.items]


async def test_a_declined_card_is_the_calls_failure_in_the_words_of_the_text(
    shop: Shop, town: Town
) -> None:
    address = await deployed(shop, LESSON)
    said = await called(town, shop, address, card="4000 0000 0000 9995")
    assert said["detail"] == "Your card was declined", said
    said = await called(town, shop, address, card="pm_card_visa")
    assert said["answer"] == "booked", said
    await agrees(shop)
    declined, paid = await made(shop)
    assert (declined.state, declined.charge, paid.state) == ("failed", None, "completed")


async def test_what_fails_after_it_gives_everything_back(shop: Shop, town: Town) -> None:
    await shop.token()
    address = await deployed(shop, PICKY)
    await called(town, shop, address)
    await agrees(shop)
    (sale,) = await made(shop)
    assert (sale.state, sale.refunded) == ("refunded", 2_000)
    pots = await shop.pots(sale)
    assert not {pot for pot, _ in pots} - {"platform", "fees"}, "all but the provider's fee is back"


async def test_a_part_is_given_back_out_of_each_share_and_never_more_than_is_left(
    shop: Shop, town: Town
) -> None:
    address = await deployed(shop, HALF)
    said = await called(town, shop, address)
    assert said.get("detail") == "More than was paid", said
    await agrees(shop)
    (sale,) = await made(shop)
    assert (sale.state, sale.refunded) == ("partially_refunded", 500)
    assert (await shop.pots(sale))["held", id_of(shop.ana)] == 1_275


async def test_what_is_sold_is_its_owners(shop: Shop, town: Town) -> None:
    cy = await shop.world.person("creator", "Cy")
    price: JsonValue = {"amount": 1_000, "currency": "usd"}
    pack = await shop.world.thing("digital_product", by=shop.ana, status="published", price=price)
    await shop.shared(pack.id, [(shop.ana, 5_000), (cy, 5_000)])
    address = await deployed(shop, PACK)
    said = await called(town, shop, address, pack=str(pack.id))
    assert said["answer"] == "yours", said
    (sale,) = await made(shop)
    pots = await shop.pots(sale)
    assert (pots["held", id_of(shop.ana)], pots["held", id_of(cy)]) == (425, 425)
    await agrees(shop)


async def test_staff_give_it_back_and_its_buyer_alone_does_not(shop: Shop, town: Town) -> None:
    address = await deployed(shop, LESSON)
    await called(town, shop, address, card="pm_card_visa")
    (sale,) = await made(shop)
    fan = await town.as_(shop.bo)
    answer = await fan.post(f"/api/payments/purchases/{sale.id}/refund", json={})
    assert answer.status_code == 403, answer.text
    await shop.act(payments.refund_sale, STAFF, id=sale.id)
    await agrees(shop)
    assert (await made(shop))[0].state == "refunded"


async def test_a_bank_doubts_it_as_any_other(shop: Shop, town: Town) -> None:
    address = await deployed(shop, LESSON)
    await called(town, shop, address, card="pm_card_createDispute")
    await agrees(shop)
    (sale,) = await made(shop)
    assert (sale.state, sale.disputed) == ("disputed", True)
    await shop.decide(sale, won=False)
    await agrees(shop)


async def test_who_would_pay_themselves_is_refused(shop: Shop, town: Town) -> None:
    address = await deployed(shop, LESSON)
    ana = await town.as_(shop.ana)
    async with town.working():
        answer = await ana.post(address, json={"fan": str(id_of(shop.ana)), "card": "pm_card_visa"})
    assert answer.status_code in (403, 422), answer.text
    assert await made(shop) == []


async def test_another_is_not_charged_by_naming_them(shop: Shop, town: Town) -> None:
    cy = await shop.world.person("creator", "Cy")
    address = await deployed(shop, LESSON)
    said = await called(town, shop, address, fan=str(id_of(cy)), card="pm_card_visa")
    assert said["status"] in (404, 422), said
    assert await made(shop) == []


async def test_a_payment_of_somebody_elses_is_not_given_back(shop: Shop, town: Town) -> None:
    address = await deployed(shop, LESSON)
    await called(town, shop, address, card="pm_card_visa")
    (sale,) = await made(shop)
    rival = await shop.world.person("creator", "Rival")
    taken = await live(shop.world, id_of(rival), TAKE_BACK, handle="rival")
    hers = await town.as_(rival)
    async with town.working():
        answer = await hers.post(taken.address, json={"charge": sale.charge})
    assert answer.status_code == 404, answer.text
    await agrees(shop)
    assert (await made(shop))[0].refunded == 0


async def test_with_a_key_it_refuses_and_says_what_to_do(world: World) -> None:
    shop = await Shop.opened(world)
    settings = Settings.model_validate({"mode": "test", "stripe_key": "sk_test_none"})
    town = town_of(world, settings, payments=over_network("sk_test_none", ()))
    address = await deployed(shop, LESSON)
    said = await called(town, shop, address, card="pm_card_visa")
    assert said["detail"] == "Your card was declined", said
    async with world.read() as store:
        steps = await store.session.tx.rows(
            "SELECT error::text FROM steps WHERE space_id = %(s)s AND operation = 'stripe.charge'",
            {"s": world.space},
        )
    assert "to create checkout" in str(steps), steps
    assert await made(shop) == []


async def seats(shop: Shop, number: int) -> UUID:
    """What Ana sells by a feature, and of which there is an end."""
    price: JsonValue = {"amount": 2_000, "currency": "usd"}
    evening = await shop.world.thing(
        "digital_product",
        by=shop.ana,
        name="Evening",
        status="published",
        price=price,
        stock=number,
        perBuyer=1,
    )
    return evening.id


async def test_what_a_feature_sells_has_its_places_however_many_hurry(
    shop: Shop, town: Town
) -> None:
    evening, address = await seats(shop, 3), await deployed(shop, SEAT)
    fans = [await town.as_(await shop.world.person("audience_member", f"F{n}")) for n in range(6)]
    async with town.working():
        asked = [
            one.post(address, json={"card": CARD}, headers={"prefer": "wait=30"}) for one in fans
        ]
        answers = [answer.json() for answer in await asyncio.gather(*asked)]
    said = Counter(answer.get("answer") or answer.get("detail") for answer in answers)
    assert said == {"seated": 3, "You stand at the door": 3}, answers
    good = await shop.act(payments.get_good, shop.ana, id=evening)
    assert (good.sold, good.left, good.state) == (3, 0, "sold_out")
    await agrees(shop)


async def test_a_place_that_is_not_paid_or_given_back_is_free_again(shop: Shop, town: Town) -> None:
    evening, address = await seats(shop, 1), await deployed(shop, SEAT)
    said = await called(town, shop, address, card="pm_card_visa_chargeDeclined")
    assert said["detail"] == "You stand at the door"
    assert (await called(town, shop, address, card=CARD))["answer"] == "seated"
    assert (await called(town, shop, address, card=CARD))["detail"] == "You stand at the door"
    _, sale = await made(shop)
    await shop.act(payments.refund_sale, STAFF, id=sale.id)
    await shop.news()
    good = await shop.act(payments.get_good, shop.ana, id=evening)
    assert (good.sold, good.left, good.state) == (0, 1, "open")
    assert (await called(town, shop, address, card=CARD))["answer"] == "seated"
    await agrees(shop)


async def test_nobody_sells_anothers_places_for_less(shop: Shop, town: Town) -> None:
    cy = await shop.world.person("creator", "Cy")
    price: JsonValue = {"amount": 5_000, "currency": "usd"}
    gala = await shop.world.thing(
        "digital_product", by=cy, name="Gala", status="published", price=price, stock=9
    )
    text = SEAT.replace("- card: text", "- card: text\n  - gala: the product")
    address = await deployed(shop, text.replace("my Evening product", "gala"))
    said = await called(town, shop, address, card=CARD, gala=str(gala.id))
    assert "answer" not in said, said
    assert await made(shop) == []
    good = await shop.act(payments.get_good, cy, id=gala.id)
    assert (good.sold, good.left) == (0, 9)
