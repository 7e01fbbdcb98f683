"""An account is closed: hidden at once, had back for a while, then forgotten but for money."""

from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient
from pydantic import JsonValue

from one.clock import Clock, new_id
from one.domains.notices import say
from one.runtime.durable import Start, start
from one.store import Link, Move, Viewer
from one.store.facts import Proof, record, relate
from one.store.happenings import Happening
from one.store.keeping import tidy
from one.store.supply import circulating, miscounted
from tests.domains.accounts.people import (
    PASSWORD,
    address,
    enter,
    letters,
    newest,
    sign_in,
    signed_up,
)
from tests.domains.accounts.test_audit import chained, verdict
from tests.domains.accounts.test_nothing_told import all_rows
from tests.domains.accounts.test_second_factor import turned_on
from tests.domains.accounts.test_staff import appointed
from tests.domains.conftest import Client
from tests.domains.live import GREET, live
from tests.domains.notices.rooms import acting, told
from tests.world import World, id_of

pytestmark = pytest.mark.anyio

PATH = "/api/accounts/close-account"
DAY = timedelta(days=1)


async def close(browser: AsyncClient) -> None:
    answer = await browser.post(PATH, json={"password": PASSWORD})
    assert answer.status_code == 200, answer.text


async def forgotten(world: World, after: timedelta = 31 * DAY) -> None:
    """What is tidied away when so much time has gone by."""
    later = World(world.desk.with_clock(Clock(after)), world.space)
    await tidy(later.desk, keep=365 * DAY, keep_runs=365 * DAY, reopen=30 * DAY)


async def status(client: AsyncClient, id: UUID | None) -> int:
    return (await client.get(f"/api/entities/{id}")).status_code


async def test_nobody_sees_the_person_nor_what_is_theirs_alone(
    world: World, client: Client, owner: AsyncClient
) -> None:
    handle = f"h{new_id().hex[:20]}"
    browser, ana = await signed_up(client, owner, address("ana"), kind="creator", handle=handle)
    bo, me = await world.person(name="Bo"), Viewer(ana, "person")
    alone, ours = await world.course(by=me), await world.course(by=me)
    async with world.write(me) as store:
        await store.share(ours.id, [(ana, 6_000), (id_of(bo), 4_000)])
    anyone, kept = await client(None), dict(browser.cookies)
    token = (await browser.post("/api/tokens", json={"name": "x"})).json()["secret"]
    lost = (await browser.get("/api/account/closing")).json()
    assert (lost["things"], lost["shared"]) == (1, 1)
    await close(browser)
    assert [await status(anyone, id) for id in (ana, alone.id, ours.id)] == [404, 404, 200]
    stale = await client(None)
    stale.cookies.update(kept)
    assert (await stale.get("/api/account")).status_code == 401
    stale.headers["Authorization"] = f"Bearer {token}"
    assert (await stale.get("/api/tokens")).status_code == 401
    taken = await owner.post(
        "/api/entities",
        json={"type": "creator", "name": "Ana", "properties": {"handle": handle}},
    )
    assert taken.status_code == 409, "a handle is kept for its person"
    assert "Sign in within 30 days" in (await newest(owner)).body.replace("{days}", "30")


async def test_it_takes_the_password_and_is_not_done_by_deleting_oneself(
    client: Client, owner: AsyncClient
) -> None:
    browser, ana = await signed_up(client, owner, address("ana"))
    for body in ({}, {"password": "guess"}):
        assert (await browser.post(PATH, json=body)).status_code == 403
    deleted = await browser.delete(f"/api/entities/{ana}")
    assert (deleted.status_code, "/account/close" in deleted.json()["cure"]) == (403, True)
    assert (await browser.get("/api/account")).status_code == 200


async def test_what_they_wrote_stays_with_whom_they_wrote_to_without_their_name(
    world: World, client: Client, owner: AsyncClient
) -> None:
    browser, ana = await signed_up(client, owner, address("ana"), kind="creator")
    bo = await world.person("audience_member", "Bo")
    await world.connect("following", id_of(bo), ana)
    async with acting(world, Viewer(ana, "person")) as ctx:
        await say(ctx, to=id_of(bo), text="See you at the lake")
    await close(browser)
    mine = await client(bo)
    (talk,) = (await mine.get("/api/notices/conversations")).json()["items"]
    assert {party["name"] for party in talk["parties"]} == {"Bo", "Somebody who left"}
    messages = await mine.get(f"/api/notices/conversations/{talk['conversation']['id']}/messages")
    assert "See you at the lake" in messages.text


async def test_signing_in_gives_it_all_back_but_features_and_tokens(
    world: World, client: Client, owner: AsyncClient
) -> None:
    email, slug = address("ana"), new_id().hex
    browser, ana = await signed_up(client, owner, email, kind="creator", handle=f"h{slug[:20]}")
    me = Viewer(ana, "person")
    course = await world.thing("course", by=me, slug=slug, status="published")
    async with world.write(me) as store:
        (tag,) = await store.tag(course.id, ["topic:lakes"])
    gone = await world.course(by=me)
    await browser.delete(f"/api/entities/{gone.id}")
    await live(world, ana, GREET, handle=f"h{slug[:20]}")
    token = (await browser.post("/api/tokens", json={"name": "x"})).json()["secret"]
    await close(browser)
    await forgotten(world, 29 * DAY)
    back = await sign_in(browser, email)
    assert (back.json()["entity"], back.json()["reopened"]) == (str(ana), True)
    assert [await status(browser, id) for id in (ana, course.id, gone.id)] == [200, 200, 404]
    used = (await owner.get(f"/api/tags/{tag.id}")).json()["usageCount"]
    assert used == 1
    features = (await browser.get("/api/features?retired=true")).json()["items"]
    assert [one["retiredAt"] is not None for one in features] == [True]
    script = await client(None)
    script.headers["Authorization"] = f"Bearer {token}"
    assert (await script.get("/api/tokens")).status_code == 401
    await chained(world)
    acts = [one["act"] for one in (await browser.get("/api/account/log")).json()["items"]]
    assert {"account_closed", "account_reopened", "feature_retired"} <= set(acts)
    assert (await sign_in(browser, email)).json()["reopened"] is False


async def test_it_is_had_back_by_letter_and_with_the_second_factor(
    client: Client, owner: AsyncClient
) -> None:
    email = address("ana")
    browser, ana = await signed_up(client, owner, email)
    _, codes = await turned_on(browser)
    await close(browser)
    await browser.post("/api/accounts/mail-sign-in", json={"email": email})
    assert (await enter(browser, (await newest(owner)).link))["needs"] == "second_factor"
    anyone = await client(None)
    assert await status(anyone, ana) == 404
    passed = await browser.post("/api/accounts/pass-second-factor", json={"code": codes[0]})
    assert (passed.status_code, passed.json()["reopened"]) == (200, True)
    assert await status(browser, ana) == 200


async def test_runs_are_cancelled_and_features_retired(
    world: World, client: Client, owner: AsyncClient
) -> None:
    handle = f"h{new_id().hex[:20]}"
    browser, ana = await signed_up(client, owner, address("ana"), kind="creator", handle=handle)
    me, bo = Viewer(ana, "person"), await world.person()
    await live(world, ana, GREET, handle=handle)
    every = 'FEATURE: Each day\n\nEVERY day at 9am\n\nSEND me "Good morning"\n'
    await live(world, ana, every, handle=handle)
    async with world.write(bo) as store:
        theirs = Start(feature="greet_a_fan", digest="d", author=me, input={})
        run = await start(store.session, theirs)
    lost = (await browser.get("/api/account/closing")).json()
    assert (lost["features"], lost["runs"]) == (2, 1)
    await close(browser)
    async with world.read() as store:
        rows = await store.session.tx.rows(
            "SELECT id FROM runs WHERE cancel_at IS NOT NULL AND space_id = %(s)s"
            " UNION ALL SELECT space_id FROM schedules WHERE space_id = %(s)s",
            {"s": world.space},
        )
    assert rows == [(run,)]


async def test_staff_who_close_their_account_are_staff_no_more(
    client: Client, owner: AsyncClient
) -> None:
    browser, id = await appointed(client, owner, "admin")
    await close(browser)
    staff = (await owner.get("/api/staff")).json()["items"]
    assert str(id) not in {one["entityId"] for one in staff}


async def test_after_its_days_nothing_of_the_person_is_left_but_what_money_came_of(
    world: World, client: Client, owner: AsyncClient
) -> None:
    email, mark = address("ana"), f"mark{new_id().hex[:16]}"
    browser, ana = await signed_up(client, owner, email, kind="creator", handle=mark[:20])
    me, bo = Viewer(ana, "person"), await world.person(name="Bo")
    await world.update(ana, by=me, bio=f"About {mark}", phone="+4917099887766")
    draft = await world.thing("course", by=me, name=f"Draft {mark}", status="draft")
    sold = await world.thing("course", by=me, name="Sold", description=mark, status="published")
    ours = await world.course(by=me)
    async with world.write(me) as store:
        await store.share(ours.id, [(ana, 5_000), (id_of(bo), 5_000)])
    await world.connect("following", ana, id_of(bo))
    await told(world, bo, me, about=f"Dear {mark}", channels=("app", "email"))
    await browser.post("/api/notices/mark-all-read", json={})
    await live(world, ana, GREET.replace("Hello", f"Hello {mark}"), handle=mark[:20])
    paid = Proof("stripe", "sandbox", new_id().hex)
    money: dict[str, JsonValue] = {"amount": {"amount": 500, "currency": "USD"}}
    async with world.write() as store:
        await relate(store.session, Link("transacted", id_of(bo), sold.id, money), paid)
        other = Proof("stripe", "sandbox", new_id().hex)
        await relate(store.session, Link("transacted", ana, ours.id, money), other)
        facts: dict[str, JsonValue] = {**money, "status": "completed"}
        happened = Happening("payment_processed", ours.id, facts)
        event = await record(store.session, happened, paid, actor=ana)
    token = await world.thing("token", by=bo, status="active", totalSupply=10)
    async with world.write(bo) as store:
        await store.move(Move(ana, token.id, 10, "earned", {}))
    await close(browser)
    await forgotten(world)
    rows = await all_rows(world)
    assert [word for word in (mark, email, "+4917099887766") if word in rows] == []
    kept = (await owner.get(f"/api/events/{event.id}")).json()
    assert kept["actor"] == str(ana)
    async with world.read() as store:
        names = await store.session.tx.rows(
            "SELECT id, name FROM entities WHERE space_id = %(s)s AND id = ANY(%(ids)s) ORDER BY 2",
            {"s": world.space, "ids": [ana, draft.id, sold.id]},
        )
        shares = await store.session.tx.rows(
            "SELECT (metadata->>'revenueShare')::int FROM connections WHERE to_id = %(to)s"
            " AND type = 'owns' AND valid_to IS NULL",
            {"to": ours.id},
        )
        assert await circulating(store.session, token.id) == 0
        assert await miscounted(store.session, most=10) == []
    assert names == [(sold.id, "Sold"), (ana, "Somebody who left")]
    assert shares == [(10_000,)]
    await chained(world)
    assert (await verdict(world)).fault == ""
    assert (await sign_in(await client(None), email)).status_code == 403
    again, new = await signed_up(client, owner, email, kind="creator", handle=mark[:20])
    assert new != ana
    assert await status(again, new) == 200


async def test_who_is_somebody_in_another_space_stays_so_there(
    world: World, client: Client, owner: AsyncClient
) -> None:
    email = address("ana")
    browser, _ = await signed_up(client, owner, email)
    there = await world.neighbour()
    async with there.write() as store:
        (account,) = await store.session.tx.rows(
            "SELECT account_id FROM claims WHERE value = %(email)s", {"email": email}
        )
        elsewhere = await there.person(name="Ana elsewhere")
        await store.session.tx.run(
            "INSERT INTO account_entity VALUES (%(space)s, %(account)s, %(entity)s)",
            store.session.params(account=account[0], entity=elsewhere.id),
        )
    await close(browser)
    await forgotten(world)
    async with there.read() as store:
        account_left = await store.session.tx.row(
            "SELECT count(*) FROM accounts a JOIN claims c ON c.account_id = a.id"
            " WHERE a.email = %(email)s",
            {"email": email},
        )
    assert account_left == (1,)
    assert (await letters(owner))[0].subject == "Your account is closed"
