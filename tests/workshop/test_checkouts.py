"""Features that sell: the run waits for the money, and what was bought is there when it goes on."""

from uuid import UUID

import anyio
import pytest
from httpx import AsyncClient
from pydantic import JsonValue

from one import library
from tests.domains.payments.shop import Shop
from tests.domains.test_spaces_http import stamping
from tests.workshop.conftest import Town, town_of
from tests.world import STAFF, World, id_of

__all__ = ["stamping"]
pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("stamping")]
TEXTS = dict(library.texts())


@pytest.fixture
async def shop(world: World) -> Shop:
    return await Shop.opened(world)


@pytest.fixture
def town(shop: Shop) -> Town:
    return town_of(shop.world, payments=shop.deployment.payments)


async def deployed(town: Town, name: str) -> None:
    owner = await town.as_(STAFF)
    answer = await owner.post("/api/features", json={"text": TEXTS[name]})
    assert answer.status_code == 200, answer.text


async def begun(town: Town, shop: Shop, slug: str, **given: object) -> tuple[AsyncClient, str]:
    """A run of Bo's that waits for their money: who looks, and where it is told of."""
    fan = await town.as_(shop.bo)
    async with town.working():
        answer = await fan.post(f"/api/features/{slug}", json=given, headers={"Prefer": "wait=0"})
        assert answer.status_code == 202, answer.text
        run = answer.headers["location"]
        for _ in range(400):
            if (await told(fan, run))["status"] == "waiting":
                return fan, run
            await anyio.sleep(0.05)
    raise AssertionError("it doesn't wait for the money")


async def told(fan: AsyncClient, run: str) -> dict[str, object]:
    return (await fan.get(run)).json()["run"]


async def test_tokens_are_bought_by_a_feature(shop: Shop, town: Town) -> None:
    await deployed(town, "buy_tokens")
    token = await shop.token(price=250)
    given = {"fan": str(shop.bo.id), "token": str(token.id), "quantity": 4}
    fan, run = await begun(town, shop, "buy_tokens", **given)
    (bought,) = (await fan.get("/api/payments/purchases")).json()["items"]
    assert (bought["total"], bought["state"]) == (1_000, "initiated")
    (notice,) = (await fan.get("/api/notices")).json()["items"]
    assert bought["pay"] in str(notice)
    assert (await fan.get(run)).json()["pay"] == bought["id"]
    assert (await (await town.as_(STAFF)).get(run)).json()["pay"] is None
    await shop.pay_for(bought["id"])
    await shop.news()
    assert (await fan.get(run)).json()["pay"] is None
    async with town.working():
        await until_ended(fan, run)
    assert (await told(fan, run))["output"] == {"message": "Enjoy your 4 tokens"}
    async with shop.world.read() as store:
        assert await store.balance(id_of(shop.bo), token.id) == 4


async def until_ended(fan: AsyncClient, run: str) -> None:
    """Reads the run's own stream, which ends with it."""
    with anyio.fail_after(20):
        async with fan.stream("GET", f"{run}/stream") as stream:
            await stream.aread()


async def test_what_is_paid_for_something_else_does_not_set_it_going(
    shop: Shop, town: Town
) -> None:
    await deployed(town, "buy_tokens")
    token = await shop.token(price=250)
    given = {"fan": str(shop.bo.id), "token": str(token.id), "quantity": 4}
    fan, run = await begun(town, shop, "buy_tokens", **given)
    await shop.bought(token.id, 1)
    async with town.working():
        await anyio.sleep(0.5)
    assert (await told(fan, run))["status"] == "waiting"


async def test_a_course_is_bought_and_entered(shop: Shop, town: Town) -> None:
    await deployed(town, "buy_a_course")
    price: JsonValue = {"amount": 4_900, "currency": "eur"}
    course = await shop.world.thing("course", by=shop.ana, status="published", price=price)
    given = {"student": str(shop.bo.id), "course": str(course.id)}
    fan, run = await begun(town, shop, "buy_a_course", **given)
    (bought,) = (await fan.get("/api/payments/purchases")).json()["items"]
    await shop.pay_for(bought["id"])
    await shop.news()
    async with town.working():
        await until_ended(fan, run)
    assert (await told(fan, run))["status"] == "done"
    again = await fan.post("/api/features/buy_a_course", json=given)
    assert again.json()["detail"] == "You are enrolled already"


async def test_a_tip_goes_to_whom_it_is_for(shop: Shop, town: Town) -> None:
    await deployed(town, "tip_a_creator")
    amount = {"amount": 700, "currency": "usd"}
    given = {"fan": str(shop.bo.id), "creator": str(shop.ana.id), "amount": amount}
    fan, run = await begun(town, shop, "tip_a_creator", **given)
    (bought,) = (await fan.get("/api/payments/purchases")).json()["items"]
    await shop.pay_for(bought["id"])
    await shop.news()
    pots = await shop.pots(await shop.sale(UUID(bought["id"])))
    assert pots["held", shop.ana.id] == 595
    del run


async def test_nobody_is_made_to_buy(shop: Shop, town: Town) -> None:
    await deployed(town, "buy_tokens")
    token = await shop.token(price=250)
    given = {"fan": str(shop.ana.id), "token": str(token.id), "quantity": 4}
    fan = await town.as_(shop.bo)
    async with town.working():
        answer = await fan.post("/api/features/buy_tokens", json=given)
    assert answer.status_code == 404, answer.text
    assert (await (await town.as_(shop.ana)).get("/api/payments/purchases")).json()["items"] == []
