"""Statements add up, are one's own, and a past month never changes."""

from datetime import timedelta

import pytest

from one.clock import new_id
from one.domains.payments import entries
from one.domains.payments.entries import About
from tests.domains.conftest import Client
from tests.domains.payments.earning import MONTH, NOVEMBER, OCTOBER, booked, earner
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio

EARNINGS, ENTRIES = "/api/payments/earnings", "/api/payments/entries"


async def test_a_month_opens_with_what_was_left_and_adds_up(world: World, client: Client) -> None:
    ana = await earner(world)
    said = (await (await client(ana.viewer)).get(EARNINGS, params=MONTH)).json()
    assert (said["mode"], said["person"]) == ("sandbox", str(ana.id))
    yen, dollars = said["accounts"]
    assert dollars["opening"] == {
        "balance": 3_500,
        "held": 0,
        "connected": 3_500,
        "owed": 0,
        "paidOut": 5_000,
    }
    assert dollars["closing"] == {
        "balance": 7_750,
        "held": 50,
        "connected": 7_750,
        "owed": 50,
        "paidOut": 5_000,
    }
    changes = {total["kind"]: (total["count"], total["change"]) for total in dollars["kinds"]}
    assert {kind: count for kind, (count, _) in changes.items()} == {
        "charge": 1,
        "refund": 1,
        "transfer": 1,
        "debt": 1,
    }
    for name in ("balance", "held", "connected", "owed", "paidOut"):
        total = sum(change[name] for _, change in changes.values())
        assert dollars["opening"][name] + total == dollars["closing"][name]
    assert changes["transfer"][1]["balance"] == changes["debt"][1]["balance"] == 0
    assert yen["closing"]["held"] == 8_500


async def test_a_product_is_told_with_what_it_brought(world: World, client: Client) -> None:
    ana = await earner(world)
    said = (await (await client(ana.viewer)).get(EARNINGS, params=MONTH)).json()
    assert said["accounts"][1]["products"] == [
        {
            "product": str(ana.course),
            "name": "=Piano",
            "sales": 1,
            "earned": 8_500,
            "takenBack": 4_250,
        }
    ]


async def test_what_a_referral_brought_is_told_apart(world: World, client: Client) -> None:
    await earner(world)
    async with world.read() as store:
        record = await store.session.tx.row(
            "SELECT party_id FROM postings WHERE space_id = %(space)s AND kind = 'referral'",
            store.session.params(),
        )
    assert record is not None
    owner = await client(STAFF)
    said = (await owner.get(f"{EARNINGS}/{record[0]}", params=MONTH)).json()
    totals = {total["kind"]: total["change"]["balance"] for total in said["accounts"][1]["kinds"]}
    assert totals == {"referral": 1_000 - 500}


async def test_facts_are_listed_newest_first_a_page_at_a_time(world: World, client: Client) -> None:
    ana = await earner(world)
    mine = await client(ana.viewer)
    whole = (await mine.get(ENTRIES, params=MONTH)).json()
    assert [item["kind"] for item in whole["items"]] == [
        *("charge", "debt", "transfer", "refund", "charge")
    ]
    assert whole["next"] is None
    assert whole["items"][3] == {
        "id": whole["items"][3]["id"],
        "at": "2026-11-05T00:00:00Z",
        "kind": "refund",
        "currency": "usd",
        "sale": str(ana.sale),
        "product": str(ana.course),
        "change": {"balance": -4_250, "held": -4_250, "connected": 0, "owed": 0, "paidOut": 0},
    }
    pages, before = list[object](), {}
    while True:
        page = (await mine.get(ENTRIES, params={**MONTH, **before, "limit": "2"})).json()
        pages += page["items"]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert pages == whole["items"]


async def test_the_facts_add_up_to_the_statement(world: World, client: Client) -> None:
    ana = await earner(world)
    mine = await client(ana.viewer)
    since = {"since": "2026-01-01T00:00:00Z"}
    lines = (await mine.get(ENTRIES, params=since)).json()["items"]
    for account in (await mine.get(EARNINGS, params=since)).json()["accounts"]:
        changes = [line["change"] for line in lines if line["currency"] == account["currency"]]
        sums = {name: sum(change[name] for change in changes) for name in account["closing"]}
        assert sums == account["closing"]
        assert set(account["opening"].values()) == {0}


async def test_a_past_month_stays_as_it_was(world: World, client: Client) -> None:
    ana = await earner(world)
    mine = await client(ana.viewer)
    before = (await mine.get(EARNINGS, params=MONTH)).json()
    about = About("sandbox", "usd")
    later = NOVEMBER + timedelta(days=40)
    await booked(world, later, entries.payout(about, "po_9", party=ana.id, amount=7_000))
    assert (await mine.get(EARNINGS, params=MONTH)).json() == before


async def test_nobody_is_told_what_another_earns(world: World, client: Client) -> None:
    ana = await earner(world)
    other = await client(await world.person(name="Cy"))
    assert (await other.get(EARNINGS, params=MONTH)).json()["accounts"] == []
    assert (await other.get(ENTRIES, params=MONTH)).json()["items"] == []
    for path in (EARNINGS, ENTRIES):
        assert (await other.get(f"{path}/{ana.id}")).status_code == 403
        assert (await (await client(None)).get(path)).status_code == 401
    entry = (await (await client(ana.viewer)).get(ENTRIES, params=MONTH)).json()["items"][0]["id"]
    page = (await other.get(ENTRIES, params={**MONTH, "before": entry})).json()
    assert page["items"] == []


async def test_staff_are_told_of_anybody_who_is_there(world: World, client: Client) -> None:
    ana = await earner(world)
    owner, mine = await client(STAFF), await client(ana.viewer)
    for path in (EARNINGS, ENTRIES):
        theirs = (await owner.get(f"{path}/{ana.id}", params=MONTH)).json()
        assert theirs == (await mine.get(path, params=MONTH)).json()
        assert (await owner.get(f"{path}/{new_id()}")).status_code == 404


async def test_the_name_of_what_one_may_not_see_any_more_is_not_told(
    world: World, client: Client
) -> None:
    ana, ben = await earner(world), await world.person(name="Ben")
    draft = await world.thing("course", by=ana.viewer, name="Secret", status="draft")
    fact = entries.transfer(
        About("sandbox", "usd", new_id(), draft.id), "tr_5", party=id_of(ben), amount=5
    )
    await booked(world, NOVEMBER, fact)
    said = (await (await client(ben)).get(EARNINGS, params=MONTH)).json()
    (product,) = said["accounts"][0]["products"]
    assert (product["product"], product["name"]) == (str(draft.id), "")


async def test_a_statement_begins_with_the_month_unless_told_otherwise(
    world: World, client: Client
) -> None:
    ana = await earner(world)
    said = (await (await client(ana.viewer)).get(EARNINGS)).json()
    now = world.desk.clock.now()
    assert said["since"] == f"{now:%Y-%m}-01T00:00:00Z"
    assert said["until"] is None


async def test_an_end_before_the_beginning_is_refused(world: World, client: Client) -> None:
    ana = await earner(world)
    turned = {"since": MONTH["until"], "until": MONTH["since"]}
    for path in (EARNINGS, ENTRIES):
        answer = await (await client(ana.viewer)).get(path, params=turned)
        assert answer.status_code == 422
        assert "before the beginning" in answer.json()["detail"]


async def test_other_money_is_none_of_it(world: World, client: Client) -> None:
    ana = await earner(world)
    live = entries.payout(About("live", "usd"), "po_1", party=ana.id, amount=1)
    mine = await client(ana.viewer)
    before = (await mine.get(EARNINGS, params=MONTH)).json()
    await booked(world, OCTOBER, live)
    assert (await mine.get(EARNINGS, params=MONTH)).json() == before
