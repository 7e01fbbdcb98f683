"""Staff look at sales, and give money back, by pages."""

from collections.abc import AsyncGenerator
from uuid import UUID

import pytest
from httpx import AsyncClient

from one.store.sight import StaffRole
from one.store.staff import appoint
from tests.domains.payments.shop import Shop
from tests.web.pages.browsing import PASSWORD, address, attribute, fill, leads_to, sign_up, text_of
from tests.web.pages.shopping import arrived, browser_at, shop_of
from tests.web.pages.test_foundation import check_closed
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(world: World) -> Shop:
    return await shop_of(world)


@pytest.fixture
async def browser(shop: Shop) -> AsyncGenerator[AsyncClient]:
    async with browser_at(shop) as browser:
        yield browser


async def appointed(shop: Shop, browser: AsyncClient, role: StaffRole = "admin") -> None:
    """Somebody of the staff is in."""
    email = address("staff")
    await sign_up(browser, email)
    me = UUID((await browser.get("/api/account")).json()["entity"])
    async with shop.world.write() as store:
        await appoint(store.session, me, role)
    await fill(browser, "/sign-out")
    assert leads_to(await fill(browser, "/sign-in", email=email, password=PASSWORD)) == "/home"


async def test_only_staff_see_sales(shop: Shop, browser: AsyncClient) -> None:
    sale = await shop.bought((await shop.token()).id)
    for path in ("/staff/sales", f"/staff/sales/{sale.id}"):
        assert leads_to(await browser.get(path)).startswith("/sign-in")
    await arrived(browser)
    for path in ("/staff/sales", f"/staff/sales/{sale.id}"):
        assert (await browser.get(path)).status_code == 403
    assert (await fill(browser, f"/staff/sales/{sale.id}", reason="Mine")).status_code == 403
    assert "/staff" not in (await browser.get("/account")).text


async def test_sales_are_found_by_state_buyer_and_product(shop: Shop, browser: AsyncClient) -> None:
    await appointed(shop, browser)
    assert 'href="/staff/sales"' in (await browser.get("/account")).text
    token = await shop.token(price=250)
    paid = await shop.bought(token.id, 3)
    unpaid = await shop.buy(token.id, 5)
    page = await browser.get("/staff/sales")
    check_closed(page)
    assert str(paid.id) in page.text
    assert str(unpaid.id) in page.text
    assert "12.50 USD" in text_of(page)
    for query, seen in (
        ({"state": "completed"}, True),
        ({"buyer": str(paid.buyer), "product": str(token.id), "state": ""}, True),
        ({"state": "refunded"}, False),
        ({"buyer": str(token.id)}, False),
    ):
        assert (str(paid.id) in (await browser.get("/staff/sales", params=query)).text) is seen
    assert (await browser.get("/staff/sales", params={"state": "odd"})).status_code == 422
    older = await browser.get("/staff/sales", params={"before": str(unpaid.id)})
    assert str(unpaid.id) not in older.text
    assert (await browser.get("/staff/sales/nothing")).status_code == 404


async def test_a_sale_shows_what_moved_and_what_was_asked(shop: Shop, browser: AsyncClient) -> None:
    await appointed(shop, browser)
    await shop.ready(shop.ana)
    sale = await shop.bought((await shop.token(price=1_000)).id)
    page = await browser.get(f"/staff/sales/{sale.id}")
    check_closed(page)
    for words in ("Platform’s fee 1.50 USD", "Ana (100.00 %) 8.50 USD", "World -10.00 USD"):
        assert words in text_of(page), words
    for words in ("Connected: Ana 8.50 USD", "Transfer of 8.50 USD for Ana", f"{sale.charge}"):
        assert words in text_of(page), words


async def test_staff_give_a_part_back_once(shop: Shop, browser: AsyncClient) -> None:
    await appointed(shop, browser)
    await shop.ready(shop.ana)
    sale = await shop.bought((await shop.token(price=250)).id, 4)
    page = f"/staff/sales/{sale.id}"
    once = attribute(await browser.get(page), "once")
    asked = {"amount": "2.50", "reason": "Our fault", "once": once}
    first, again = [leads_to(await fill(browser, page, **asked)) for _ in range(2)]
    assert first == again
    await shop.news()
    shown = text_of(await browser.get(first))
    assert "The refund is on its way." in shown
    assert "Given back 2.50 USD" in shown
    for amount, status in (("7.51", 409), ("1.234", 422), ("-1", 422), ("0", 422)):
        refused = await fill(browser, page, amount=amount, reason="More")
        assert refused.status_code == status, amount
        assert f'value="{amount}"' in refused.text
    assert leads_to(await fill(browser, page, reason="The rest"))
    await shop.news()
    assert (await shop.sale(sale.id)).state == "refunded"
    assert "Give money back" not in text_of(await browser.get(page))


async def test_a_dispute_is_shown_and_nothing_refunded_meanwhile(
    shop: Shop, browser: AsyncClient
) -> None:
    await appointed(shop, browser)
    sale = await shop.disputed((await shop.token(price=250)).id)
    page = await browser.get(f"/staff/sales/{sale.id}")
    assert "disputes this payment" in text_of(page)
    assert "Give money back" not in text_of(page)
    assert (await fill(browser, f"/staff/sales/{sale.id}", reason="So")).status_code == 409


async def test_who_only_reads_gives_nothing_back(shop: Shop, browser: AsyncClient) -> None:
    await appointed(shop, browser, "read_only")
    sale = await shop.bought((await shop.token(price=250)).id)
    page = f"/staff/sales/{sale.id}"
    assert (await browser.get(page)).status_code == 200
    assert (await fill(browser, page, reason="So")).status_code == 403
    assert (await shop.sale(sale.id)).refunded == 0
