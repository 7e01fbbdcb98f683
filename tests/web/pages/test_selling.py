"""A creator sells by pages: prices as people write them, what came in, how it is paid out."""

from collections.abc import AsyncGenerator
from uuid import UUID

import pytest
from httpx import AsyncClient

from one.errors import Invalid
from one.store import Entity, Viewer
from one.web.pages.amounts import minor, plain
from tests.domains.payments.shop import Shop
from tests.web.pages.browsing import fill, leads_to, text_of
from tests.web.pages.shopping import arrived, browser_at, shop_of
from tests.web.pages.test_foundation import check_closed
from tests.world import World

pytestmark = pytest.mark.anyio

READ = [
    *(("12.50", "usd", 1_250), ("12,50", "eur", 1_250), ("12", "usd", 1_200), ("0", "usd", 0)),
    *(("1,250", "usd", 125_000), ("1,250.5", "usd", 125_050), ("1'250.00", "chf", 125_000)),
    *(("1 250,00", "eur", 125_000), (" 0.07 ", "usd", 7), ("500", "jpy", 500)),
    *(("1,250", "jpy", 1_250), ("1.250", "kwd", 1_250), ("1250,5", "kwd", 1_250_500)),
    ("90071992547.99", "usd", 9_007_199_254_799),
]
UNREAD = [
    *(("", "usd"), ("-1", "usd"), ("1.234", "usd"), ("12.5", "jpy"), ("1,234", "kwd")),
    *(("1e3", "usd"), ("12.", "usd"), (".5", "usd"), ("1,25,0", "usd"), ("1,250,50", "usd")),
    *(("٣", "usd"), ("$5", "usd"), ("NaN", "usd"), ("9" * 400, "usd"), ("1", "xxx")),
]


@pytest.mark.parametrize(("text", "currency", "amount"), READ)
def test_an_amount_is_read_as_people_write_it(text: str, currency: str, amount: int) -> None:
    assert minor(text, currency) == amount
    assert minor(plain(amount, currency), currency) == amount


@pytest.mark.parametrize(("text", "currency"), UNREAD)
def test_an_amount_that_might_be_another_is_refused(text: str, currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        minor(text, currency)
    assert refused.value.faults


@pytest.fixture
async def shop(world: World) -> Shop:
    return await shop_of(world)


@pytest.fixture
async def browser(shop: Shop) -> AsyncGenerator[AsyncClient]:
    async with browser_at(shop) as browser:
        yield browser


@pytest.fixture
async def me(browser: AsyncClient) -> Viewer:
    return await arrived(browser, kind="creator")


async def price_of(shop: Shop, thing: Entity) -> object:
    async with shop.world.read() as store:
        return (await store.get(thing.id)).properties.get("price")


async def test_a_thing_gets_a_price_and_is_published(
    shop: Shop, browser: AsyncClient, me: Viewer
) -> None:
    course = await shop.world.thing("course", by=me, name="Piano")
    await shop.world.thing("blog_post", by=me, name="No goods")
    listed = text_of(await browser.get("/sell"))
    assert "Piano Course No price Draft" in listed
    assert "No goods" not in listed
    page = f"/sell/{course.id}"
    check_closed(await browser.get(page))
    done = leads_to(await fill(browser, page, amount="1,249.50", currency="eur"))
    shown = await browser.get(done)
    assert "The price is set." in text_of(shown)
    assert 'value="1249.50"' in shown.text
    assert await price_of(shop, course) == {"amount": 124_950, "currency": "eur"}
    published = text_of(await browser.get(leads_to(await fill(browser, f"{page}/publish"))))
    assert "It is published." in published
    assert "People buy it at its page" in published
    assert (await shop.buy(course.id)).total == 124_950
    assert "Course · On sale · 0 sold · 1 being paid" in text_of(await browser.get(page))
    there = f"/things/{course.id}"
    assert f'href="{page}">Price and sales' in (await browser.get(there)).text
    async with browser_at(shop) as fan:
        assert f'href="/buy/{course.id}">Buy' in (await fan.get(there)).text


async def test_who_has_nothing_to_sell_is_led_to_make_it(browser: AsyncClient, me: Viewer) -> None:
    assert me.id
    assert 'href="/explore/course/new"' in (await browser.get("/sell")).text


async def test_who_comes_to_write_features_signs_up_as_a_creator(shop: Shop) -> None:
    async with browser_at(shop) as visitor:
        front = (await visitor.get("/")).text
        assert 'href="/sign-up?as=creator"' in front
        assert 'value="creator" checked' in (await visitor.get("/sign-up?as=creator")).text


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("12.345", "usd", "USD has at most 2 decimals."),
        ("1.5", "jpy", "JPY has no decimals."),
        ("a lot", "usd", "Write it like 12.50."),
        ("1", "xxx", "Choose one of the list."),
        ("1.001", "kwd", "Round the price."),
        ("0.40", "usd", "The price is too low"),
        ("1000000", "usd", "at most $999,999.99"),
    ],
)
async def test_a_price_that_can_not_be_is_told_beside_it(
    world: World, amount: str, currency: str, words: str
) -> None:
    shop = await Shop.opened(world, mode="development", least_fees="usd=50")
    async with browser_at(shop) as browser:
        me = await arrived(browser, kind="creator")
        course = await shop.world.thing("course", by=me)
        refused = await fill(browser, f"/sell/{course.id}", amount=amount, currency=currency)
        assert refused.status_code == 422
        assert words in text_of(refused)
        assert f'value="{amount}"' in refused.text
        assert await price_of(shop, course) is None


async def test_nobody_sets_the_price_of_anothers_thing(
    shop: Shop, browser: AsyncClient, me: Viewer
) -> None:
    token = await shop.token(price=250)
    refused = await fill(browser, f"/sell/{token.id}", amount="1", currency="usd")
    assert refused.status_code == 403
    assert (await browser.get(f"/sell/{token.id}")).status_code == 403
    assert (await browser.get("/sell/nothing")).status_code == 404
    assert await price_of(shop, token) == {"amount": 250, "currency": "usd"}
    await fill(browser, "/sign-out")
    assert leads_to(await browser.get("/sell")).startswith("/sign-in")
    assert leads_to(await browser.get(f"/sell/{token.id}")).startswith("/sign-in")


async def test_a_creator_sees_what_is_held_and_comes_to_be_paid(
    shop: Shop, browser: AsyncClient, me: Viewer
) -> None:
    assert "Nothing earned yet" in text_of(await browser.get("/earnings"))
    price = {"amount": 1_000, "currency": "usd"}
    course = await shop.world.thing(
        "course", by=me, name="Piano", status="published", price={**price}
    )
    await shop.bought(course.id)
    page = await browser.get("/earnings")
    check_closed(page)
    for words in ("Held 8.50 USD", "Sale: Piano", "Piano 1 sold 8.50 USD 0.00 USD", "no money"):
        assert words in text_of(page), words
    assert leads_to(await fill(browser, "/earnings", country="US")) == "/pay/onboarding"
    assert leads_to(await browser.get("/pay/onboarding"))
    assert "wants to know more" in text_of(await browser.get("/earnings"))
    await shop.sandbox.onboard(await shop.account(me))
    assert "You can be paid" in text_of(await browser.get("/pay/onboarding/done"))
    await shop.news()
    page = text_of(await browser.get("/earnings"))
    assert "Ready" in page
    assert "In your account 8.50 USD" in page
    assert "Sent to your account: Piano" in page
    other = await fill(browser, "/earnings", country="DE")
    assert (other.status_code, "Your account is in US." in text_of(other)) == (409, True)


async def test_earnings_are_of_the_days_that_are_chosen(
    shop: Shop, browser: AsyncClient, me: Viewer
) -> None:
    course = await shop.world.thing(
        "course",
        by=me,
        name="Piano",
        status="published",
        price={"amount": 1_000, "currency": "usd"},
    )
    sale: UUID = (await shop.bought(course.id)).id
    today = (await shop.sale(sale)).created_at.date().isoformat()
    now = text_of(await browser.get("/earnings", params={"from": today, "to": today}))
    assert "Sale: Piano" in now
    before = text_of(
        await browser.get("/earnings", params={"from": "2020-01-01", "to": "2020-12-31"})
    )
    assert "Sale: Piano" not in before
    assert "Held 0.00 USD" in before
    for wrong in ("yesterday", "2026-02-30", "9999-12-31", "\0"):
        assert (await browser.get("/earnings", params={"to": wrong})).status_code == 422
        assert (
            await browser.get("/earnings", params={"from": wrong, "to": today})
        ).status_code == 422
