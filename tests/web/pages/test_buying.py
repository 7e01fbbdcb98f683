"""One buys by pages: a thing's page, the receipt, money back."""

from collections.abc import AsyncGenerator
from uuid import UUID

import pytest
from httpx import AsyncClient
from pydantic import JsonValue

from one.store import Entity
from one.web.pages import buying, earnings, purchases, selling, staff
from tests.domains.payments.shop import DISPUTED, Shop
from tests.web.pages.browsing import attribute, fill, leads_to, text_of
from tests.web.pages.shopping import arrived, browser_at, shop_of
from tests.web.pages.test_foundation import check_closed
from tests.world import World, id_of

pytestmark = pytest.mark.anyio

SANDBOX = "Sandbox: no money moves."
POOR = "4000000000009995"


@pytest.fixture
async def shop(world: World) -> Shop:
    return await shop_of(world)


@pytest.fixture
async def browser(shop: Shop) -> AsyncGenerator[AsyncClient]:
    async with browser_at(shop) as browser:
        yield browser


async def bought(browser: AsyncClient, thing: Entity, **fields: str) -> UUID:
    """A purchase made on a thing's page."""
    page = f"/buy/{thing.id}"
    once = attribute(await browser.get(page), "once")
    there = leads_to(await fill(browser, page, once=once, **fields))
    assert there.startswith("/pay/")
    return UUID(there.removeprefix("/pay/"))


async def pay(shop: Shop, browser: AsyncClient, id: UUID) -> str:
    """Pays on the provider's page and comes back; where that leads."""
    assert leads_to(await browser.get(f"/pay/{id}"))
    sale = await shop.sale(id)
    assert sale.checkout is not None
    await shop.sandbox.pay(sale.checkout)
    return leads_to(await browser.get(f"/pay/{id}/done"))


async def test_a_fan_buys_tokens_and_sees_the_receipt(shop: Shop, browser: AsyncClient) -> None:
    token = await shop.token(price=250)
    await arrived(browser)
    page = await browser.get(f"/buy/{token.id}")
    check_closed(page)
    assert "2.50 USD each" in text_of(page)
    assert "By Ana" in text_of(page)
    assert SANDBOX in text_of(page)
    id = await bought(browser, token, quantity="4")
    unpaid = text_of(await browser.get(f"/purchases/{id}"))
    assert "Not paid yet" in unpaid
    assert "Pay now" in unpaid
    there = await pay(shop, browser, id)
    assert there == f"/purchases/{id}?done=paid"
    receipt = await browser.get(there)
    check_closed(receipt)
    for words in ("Thank you", "Paid", "4 at 2.50 USD", "10.00 USD", "By Ana", str(id), SANDBOX):
        assert words in text_of(receipt), words
    assert "Pay now" not in text_of(receipt)


async def test_in_the_sandbox_one_says_before_what_becomes_of_the_payment(
    shop: Shop, browser: AsyncClient
) -> None:
    token = await shop.token()
    await arrived(browser)
    for page in (f"/buy/{token.id}", f"/tip/{id_of(shop.ana)}"):
        shown = text_of(await browser.get(page))
        assert f"Declined (insufficient funds): {POOR}" in shown
        assert f"Paid, then disputed (fraudulent): {DISPUTED}" in shown
    leads = leads_to(await fill(browser, f"/buy/{token.id}", quantity="1", card=DISPUTED))
    sale = leads.removeprefix("/pay/").removesuffix(f"?card={DISPUTED}")
    hosted = leads_to(await browser.get(leads))
    assert hosted.endswith(f"?card={DISPUTED}")
    unpaid = await browser.get(f"/purchases/{sale}")
    assert POOR in unpaid.text
    assert leads_to(await browser.get(f"/pay/{sale}?card={POOR}")).endswith(f"?card={POOR}")
    assert "?" not in leads_to(await browser.get(f"/pay/{sale}?card=4111"))


async def test_who_is_not_in_sees_the_price_and_comes_back_after_signing_in(
    shop: Shop, browser: AsyncClient
) -> None:
    token = await shop.token(price=250)
    page = f"/buy/{token.id}"
    shown = await browser.get(page)
    assert "2.50 USD" in text_of(shown)
    assert f'href="/sign-in?next={page}"' in shown.text
    refused = await fill(browser, page, quantity="1")
    assert leads_to(refused) == f"/sign-in?next=%2Fbuy%2F{token.id}"
    assert leads_to(await browser.get("/purchases")) == "/sign-in?next=%2Fpurchases"


async def test_a_form_that_is_posted_twice_buys_once(shop: Shop, browser: AsyncClient) -> None:
    token = await shop.token()
    await arrived(browser)
    page = f"/buy/{token.id}"
    once = attribute(await browser.get(page), "once")
    first, again = [await fill(browser, page, once=once, quantity="2") for _ in range(2)]
    assert leads_to(first) == leads_to(again)
    assert (await browser.get("/purchases")).text.count("Not paid yet") == 1


@pytest.mark.parametrize("quantity", ["-1", "0", "1.5", "", "9" * 30, "٣", "1e3"])
async def test_a_quantity_that_is_none_is_told(
    shop: Shop, browser: AsyncClient, quantity: str
) -> None:
    token = await shop.token()
    await arrived(browser)
    refused = await fill(browser, f"/buy/{token.id}", quantity=quantity)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text or "aria-invalid" in refused.text
    assert "Nothing bought yet" in text_of(await browser.get("/purchases"))


async def test_the_price_of_a_form_is_nobodys(shop: Shop, browser: AsyncClient) -> None:
    token = await shop.token(price=250)
    await arrived(browser)
    id = await bought(browser, token, quantity="2", amount="1", price="1", currency="jpy")
    assert (await shop.sale(id)).gross == 500


async def test_why_a_thing_can_not_be_bought_is_told(shop: Shop, browser: AsyncClient) -> None:
    price: JsonValue = {"amount": 500, "currency": "usd"}
    me = await arrived(browser, kind="creator")
    free = await shop.world.course(by=shop.ana)
    gone = await shop.world.thing(
        "digital_product", by=shop.ana, status="published", price=price, stock=0
    )
    own = await shop.world.thing("course", by=me, name="Mine", status="published", price=price)
    for thing, words in ((free, "has no price"), (gone, "is sold out"), (own, "is your own")):
        page = await browser.get(f"/buy/{thing.id}")
        assert words in text_of(page)
        assert "<form" not in page.text
        assert (await fill(browser, f"/buy/{thing.id}")).status_code in (403, 409)
    assert (await browser.get("/buy/nothing")).status_code == 404


async def test_a_purchase_is_given_up(shop: Shop, browser: AsyncClient) -> None:
    token = await shop.token()
    await arrived(browser)
    id = await bought(browser, token, quantity="1")
    done = leads_to(await fill(browser, f"/purchases/{id}/cancel"))
    page = text_of(await browser.get(done))
    assert "It is given up" in page
    assert "Pay now" not in page
    assert (await shop.sale(id)).state == "cancelled"
    assert "Given up" in text_of(await browser.get("/purchases"))


async def test_money_comes_back_for_tokens_that_are_left(shop: Shop, browser: AsyncClient) -> None:
    token = await shop.token(price=250)
    await shop.ready(shop.ana)
    await arrived(browser)
    id = await bought(browser, token, quantity="4")
    receipt = await browser.get(await pay(shop, browser, id))
    assert "neither spent nor staked" in text_of(receipt)
    once = attribute(receipt, "once")
    done, again = [
        leads_to(await fill(browser, f"/purchases/{id}/refund", once=once)) for _ in range(2)
    ]
    assert done == again
    await shop.news()
    page = text_of(await browser.get(done))
    assert "on its way back" in page
    assert "Given back 10.00 USD" in page
    refused = await fill(browser, f"/purchases/{id}/refund")
    assert refused.status_code == 409
    assert "You have 0 of the tokens left" in text_of(refused)


async def test_what_can_not_be_returned_says_so(shop: Shop, browser: AsyncClient) -> None:
    price: JsonValue = {"amount": 500, "currency": "usd"}
    course = await shop.world.thing("course", by=shop.ana, status="published", price=price)
    await arrived(browser)
    id = await bought(browser, course)
    receipt = await browser.get(await pay(shop, browser, id))
    assert "can’t be returned here" in text_of(receipt)
    assert "refund" not in receipt.text
    assert (await fill(browser, f"/purchases/{id}/refund")).status_code == 403


async def test_what_a_feature_charged_is_called_by_its_name(
    shop: Shop, browser: AsyncClient
) -> None:
    token = await shop.token(price=250)
    await arrived(browser)
    id = await bought(browser, token)
    await pay(shop, browser, id)
    async with shop.world.write() as store:
        await store.session.tx.run(
            "UPDATE sales SET feature = 'sell_my_songs' WHERE space_id = %(s)s",
            {"s": shop.world.space},
        )
    receipt = await browser.get(f"/purchases/{id}")
    assert "Sell my songs" in text_of(receipt)
    assert "can’t be returned here" in text_of(receipt)
    assert "Sell my songs" in text_of(await browser.get("/purchases"))


async def test_nobody_sees_anothers_purchase(shop: Shop, browser: AsyncClient) -> None:
    token = await shop.token()
    theirs = await shop.buy(token.id)
    await arrived(browser)
    for path in (f"/purchases/{theirs.id}", "/purchases/nothing"):
        assert (await browser.get(path)).status_code == 404
    for act in ("cancel", "refund"):
        assert (await fill(browser, f"/purchases/{theirs.id}/{act}")).status_code == 404
    assert (await shop.sale(theirs.id)).state == "initiated"
    assert (await browser.get(f"/pay/{theirs.id}/done")).status_code == 200


async def test_purchases_are_listed_newest_first_by_pages(shop: Shop, browser: AsyncClient) -> None:
    token = await shop.token(price=100)
    me = await arrived(browser)
    for quantity in range(1, 23):
        await shop.buy(token.id, quantity, by=me)
    page = await browser.get("/purchases")
    assert text_of(page).index("× 22") < text_of(page).index("× 21")
    assert "× 2 " not in text_of(page)
    older = page.text.partition('href="/purchases?before=')[2].partition('"')[0]
    assert "× 2 " in text_of(await browser.get(f"/purchases?before={older}"))


async def test_a_fan_tips_a_creator(shop: Shop, browser: AsyncClient) -> None:
    page = f"/tip/{shop.ana.id}"
    assert f'href="/sign-in?next={page}"' in (await browser.get(page)).text
    me = await arrived(browser, kind="creator")
    shown = await browser.get(page)
    check_closed(shown)
    once = attribute(shown, "once")
    fields = {"amount": "7,50", "currency": "eur", "once": once}
    first, again = [leads_to(await fill(browser, page, **fields)) for _ in range(2)]
    assert first == again
    sale = await shop.sale(UUID(first.removeprefix("/pay/")))
    assert (sale.gross, sale.currency, sale.product) == (750, "eur", shop.ana.id)
    for amount, currency in (("0", "usd"), ("-1", "usd"), ("a lot", "usd"), ("1", "xxx")):
        refused = await fill(browser, page, amount=amount, currency=currency)
        assert refused.status_code == 422, amount
    assert "This is you." in text_of(await browser.get(f"/tip/{me.id}"))
    assert (await fill(browser, f"/tip/{me.id}", amount="1", currency="usd")).status_code == 403
    course = await shop.world.course(by=shop.ana)
    assert (await browser.get(f"/tip/{course.id}")).status_code == 404


async def test_nothing_that_is_typed_breaks_a_page(shop: Shop, world: World) -> None:
    """In this mode a bug is raised on."""
    strict = await Shop.opened(world)
    token = await shop.token()
    pages = [*buying.PAGES, *purchases.PAGES, *earnings.PAGES, *selling.PAGES, *staff.PAGES]
    fields = ("quantity", "amount", "currency", "country", "reason", "once", "next")
    names = ("before", "cursor", "from", "to", "since", "until", "state", "buyer", "done")
    async with browser_at(shop) as one, browser_at(strict) as browser:
        await arrived(one)
        browser.cookies = one.cookies
        for text in ("\0", "<script>alert(1)</script>\"'>", "\U0001f600" * 3_000, "9" * 5_000):
            for page in pages:
                for id in ("%F0%9F%98%80", str(token.id)):
                    path = page.path.replace("{id}", id)
                    query: dict[str, str] = dict.fromkeys(names, text[:200])
                    seen = await browser.get(path, params=query)
                    typed = await fill(browser, path, **dict.fromkeys(fields, text))
                    for answer in (seen, typed):
                        assert answer.status_code < 500, path
                        assert "<script>" not in answer.text, path


async def test_what_was_bought_says_so_and_leads_to_its_file_and_receipt(
    shop: Shop, browser: AsyncClient
) -> None:
    price: JsonValue = {"amount": 1900, "currency": "usd"}
    file = "https://files.example/drums.zip"
    pack = await shop.world.thing(
        "digital_product", by=shop.ana, status="published", price=price, fileUrl=file, refundDays=14
    )
    await arrived(browser)
    page = f"/things/{pack.id}"
    before = await browser.get(page)
    assert f'href="/buy/{pack.id}"' in before.text
    assert file not in before.text
    id = await bought(browser, pack)
    assert "It is yours" not in text_of(await browser.get(page))
    receipt = await browser.get(await pay(shop, browser, id))
    assert f'href="{page}"' in receipt.text
    await shop.news()
    after = await browser.get(page)
    assert "It is yours. Download it Your receipt" in text_of(after)
    for there in (file, f"/purchases/{id}"):
        assert f'href="{there}"' in after.text
    assert f'href="/buy/{pack.id}"' not in after.text
    again = await browser.get(f"/buy/{pack.id}")
    assert ("It is yours" in text_of(again), "<form" in again.text) == (True, False)
    async with browser_at(shop) as other:
        await arrived(other)
        assert file not in (await other.get(page)).text
        assert file not in (await other.get(f"/api/entities/{pack.id}/had")).text
    await fill(browser, f"/purchases/{id}/refund")
    await shop.news()
    gone = await browser.get(page)
    assert ("It is yours" in text_of(gone), file in gone.text) == (False, False)


@pytest.mark.parametrize(
    ("type", "says"),
    [
        ("digital_product", "It is yours. Download it"),
        ("course", "You are enrolled."),
        ("community", "You are a member."),
    ],
)
async def test_what_costs_nothing_is_taken_once(
    shop: Shop, browser: AsyncClient, type: str, says: str
) -> None:
    facts: dict[str, JsonValue] = {"price": {"amount": 0, "currency": "usd"}}
    if type == "digital_product":
        facts |= {"fileUrl": "https://files.example/free.pdf", "stock": 1}
    thing = await shop.world.thing(type, by=shop.ana, name="Quiet", status="published", **facts)
    page = f"/buy/{thing.id}"
    shown = await browser.get(page)
    assert f'href="/sign-in?next={page}"' in shown.text
    assert leads_to(await fill(browser, page, take="true")).startswith("/sign-in?next=")
    await arrived(browser)
    thing_page = await browser.get(f"/things/{thing.id}")
    assert "Price Free" in text_of(thing_page)
    assert f'href="{page}">Take it' in thing_page.text
    free = await browser.get(page)
    check_closed(free)
    assert "Free" in text_of(free)
    for _ in range(2):
        taken = leads_to(await fill(browser, page, take="true"))
        assert taken == f"/things/{thing.id}?done=taken"
        assert says in text_of(await browser.get(taken))
    assert says in text_of(await browser.get(page))
    if type != "digital_product":
        return
    async with browser_at(shop) as other:
        await arrived(other)
        late = await fill(other, page, take="true")
        assert (late.status_code, "is sold out" in text_of(late)) == (409, True)


async def test_what_costs_something_or_is_ones_own_is_not_taken(
    shop: Shop, browser: AsyncClient
) -> None:
    me = await arrived(browser, kind="creator")
    free: JsonValue = {"amount": 0, "currency": "usd"}
    costs: JsonValue = {"amount": 500, "currency": "usd"}
    dear = await shop.world.thing("course", by=shop.ana, status="published", price=costs)
    own = await shop.world.thing("course", by=me, status="published", price=free)
    token = await shop.token(price=0)
    for thing, words in ((dear, "costs $5.00"), (own, "is your own"), (token, "given out")):
        refused = await fill(browser, f"/buy/{thing.id}", take="true")
        assert refused.status_code in (403, 409)
        assert words in text_of(refused)
    assert "<form" not in (await browser.get(f"/buy/{own.id}")).text
