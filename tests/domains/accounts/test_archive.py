"""What ONE has of a person, for them to take along: all of it, and of others nothing private."""

import json
from typing import Any, get_args

import pytest
from httpx import AsyncClient
from pydantic import JsonValue

from one.clock import new_id
from one.domains.notices import say
from one.domains.payments import entries
from one.domains.payments.entries import About
from one.domains.payments.splits import Price, Rates, waterfall
from one.runtime.durable import Start, start
from one.store import Viewer
from one.store.archive import Part
from one.store.payees import begin_payee
from tests.domains.accounts.people import PASSWORD, address, signed_up
from tests.domains.accounts.test_audit import chained
from tests.domains.accounts.test_second_factor import turned_on
from tests.domains.conftest import Client
from tests.domains.live import GREET, kept
from tests.domains.notices.rooms import acting, fan, told
from tests.domains.payments.earning import OCTOBER, booked
from tests.domains.payments.shop import purchase_of
from tests.world import World, id_of

pytestmark = pytest.mark.anyio

PATH = "/api/account/export"
Rows = dict[str, list[dict[str, Any]]]


async def archive(browser: AsyncClient, limit: int = 200) -> Rows:
    """All parts, followed page by page from the first."""
    found: Rows = {}
    asked: dict[str, str | int] | None = {"limit": limit}
    while asked is not None:
        answer = await browser.get(PATH, params=asked)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found.setdefault(page["part"], []).extend(page["items"])
        if page["after"]:
            asked = {"part": page["part"], "after": page["after"], "limit": limit}
        else:
            asked = {"part": page["then"], "limit": limit} if page["then"] else None
    return found


async def lived(world: World, client: Client, owner: AsyncClient) -> tuple[AsyncClient, Viewer]:
    """Somebody of whom there is something of each part, and another who wrote to them."""
    browser, id = await signed_up(client, owner, address("ana"), kind="creator")
    ana, bo = Viewer(id, "person"), await fan(world, "Bo", phone="+4916012345678")
    draft = await world.thing("course", by=ana, name="My secret draft", status="draft")
    async with world.write(ana) as store:
        await store.tag(draft.id, ["topic:yoga"])
    await world.update(id, by=ana, phone="+4917012345678")
    await world.connect("following", id, id_of(bo))
    await told(world, bo, ana, about="Somebody likes it", channels=("app", "email"))
    async with acting(world, bo) as ctx:
        await say(ctx, to=id, text="Hello Ana")
    await kept(world, id, GREET)
    async with world.write(bo) as store:
        secret: dict[str, JsonValue] = {"name": "What Bo typed"}
        run = Start(feature="greet_a_fan", digest="d", author=ana, input=secret)
        await start(store.session, run)
    await browser.post("/api/notices/preferences", json={"wanted": False, "kind": "news"})
    await browser.post("/api/tokens", json={"name": "phone"})
    await traded(world, ana)
    await browser.post("/api/drafts", json={"text": "FEATURE: Not yet"})
    await chained(world)
    return browser, bo


async def traded(world: World, ana: Viewer) -> None:
    """She buys something, sells something, and says where she is to be paid."""
    await purchase_of(world, ana)
    split = waterfall(Price(10_000, "usd"), {id_of(ana): 10_000}, rates=Rates())
    about = About("sandbox", "usd", new_id(), new_id())
    await booked(world, OCTOBER, entries.charge(about, f"ch_{new_id().hex}", split=split))
    async with world.write() as store:
        await begin_payee(store.session, "sandbox", id_of(ana), country="DE")


async def test_it_holds_what_one_is_has_did_and_was_told(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, bo = await lived(world, client, owner)
    found = await archive(browser)
    assert list(found) == list(get_args(Part))
    assert [part for part, rows in found.items() if not rows] == ["requests"]
    assert found["account"][0]["email"] == found["person"][0]["properties"]["email"]
    assert found["person"][0]["properties"]["phone"] == "+4917012345678"
    assert [row["name"] for row in found["things"]] == ["My secret draft"]
    assert found["tags"][0]["tag"] == "topic:yoga"
    assert "following" in {row["type"] for row in found["relations"]}
    assert str(bo.id) in {row["to"] for row in found["relations"]}
    assert "Hello Ana" in {row["properties"]["text"] for row in found["messages"]}
    assert found["features"][0]["text"] == GREET
    assert found["drafts"][0]["title"] == "Not yet"
    assert found["tokens"][0]["name"] == "phone"
    (bought,), (earned,), (paid,) = found["purchases"], found["earnings"], found["payouts"]
    assert (bought["total"], bought["currency"], bought["state"]) == (500, "usd", "initiated")
    assert len(bought["sellers"]) == 1
    assert (earned["amount"], earned["pot"], earned["kind"]) == (8_500, "held", "charge")
    assert earned["reference"].startswith("charge:ch_")
    assert (paid["country"], paid["ready"]) == ("DE", False)
    assert {row["act"] for row in found["log"]} == {"signed_up", "signed_in", "token_made", "paid"}


async def test_it_comes_in_pages_of_any_size_the_same(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, _ = await lived(world, client, owner)
    assert await archive(browser, 1) == await archive(browser, 1_000)
    for wrong in ({"part": "log", "after": "x"}, {"part": "events", "after": "x"}, {"part": "no"}):
        assert (await browser.get(PATH, params=wrong)).status_code == 422


async def test_it_holds_no_secret_and_nothing_private_of_others(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, _ = await lived(world, client, owner)
    app, codes = await turned_on(browser)
    token = (await browser.post("/api/tokens", json={"name": "x"})).json()["secret"]
    text = json.dumps(await archive(browser))
    secrets = [PASSWORD, app.secret, token, browser.cookies["one_session"], *codes]
    others = ["+4916012345678", "What Bo typed", "argon2"]
    assert [word for word in (*secrets, *others) if word in text] == []


async def test_a_token_gets_none_of_it_and_another_only_their_own(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, _ = await lived(world, client, owner)
    made = await browser.post("/api/tokens", json={"name": "x"})
    script = await client(None)
    script.headers["Authorization"] = f"Bearer {made.json()['secret']}"
    assert (await script.get(PATH)).status_code == 401
    other, _ = await signed_up(client, owner, address("cy"))
    assert "My secret draft" not in json.dumps(await archive(other))
