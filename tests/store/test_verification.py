"""Whatever is changed of the journal by hand, whoever verifies it is told."""

from dataclasses import replace
from uuid import UUID

import pytest

from one.clock import new_id
from one.store.journal import Entry, Posting, post_all
from one.store.verification import Verdict, verify
from tests.world import World

pytestmark = pytest.mark.anyio

ANA, BO = UUID(int=1), UUID(int=2)
SALE = UUID(int=3)
CHARGE = Entry(
    "charge",
    "charge:1",
    "usd",
    "sandbox",
    (
        Posting("world", -1_000),
        Posting("held", 595, ANA),
        Posting("held", 255, BO),
        Posting("platform", 150),
    ),
    SALE,
)
FEE = Entry("fee", "fee:1", "usd", "sandbox", (Posting("platform", -59), Posting("fees", 59)), SALE)


def moved(reference: str, kind: str, amount: int, *, party: UUID = ANA) -> Entry:
    ends = {"transfer": ("held", "connected"), "payout": ("connected", "bank")}[kind]
    postings = (Posting(ends[0], -amount, party), Posting(ends[1], amount, party))  # pyright: ignore[reportArgumentType] # pots, both
    sale = SALE if kind == "transfer" else None
    return Entry(kind, reference, "usd", "sandbox", postings, sale)  # pyright: ignore[reportArgumentType] # a kind


async def book(world: World, *entries: Entry) -> None:
    async with world.write() as store:
        await post_all(store.session, entries)


async def verdict(world: World) -> Verdict:
    async with world.read() as store:
        return await verify(store.session, "sandbox")


async def test_a_journal_as_it_was_booked_holds(world: World) -> None:
    await book(world, CHARGE, FEE, moved("transfer:1", "transfer", 500))
    await book(world, moved("payout:1", "payout", 200))
    assert await verdict(world) == Verdict(4, (), {"usd": 441})


async def test_more_entries_than_a_page_are_all_looked_at(world: World) -> None:
    await book(world, *(replace(FEE, reference=f"fee:{number}") for number in range(2_001)))
    assert (await verdict(world)).entries == 2_001
    async with world.write() as store:
        await store.session.tx.run(
            "UPDATE journal SET note = 'x' WHERE space_id = %(space)s"
            " AND reference IN ('fee:0', 'fee:1000', 'fee:2000')",
            store.session.params(),
        )
    assert len((await verdict(world)).faults) == 3


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("UPDATE postings SET amount = amount + 1 WHERE {} AND pot = 'platform'", "to zero"),
        ("UPDATE postings SET amount = -amount WHERE {}", "as it was booked"),
        (
            "UPDATE postings SET amount = CASE WHEN pot = 'platform' THEN 149 ELSE 596 END"
            " WHERE {} AND kind = 'charge' AND amount IN (150, 595)",
            "The pot platform says $0.91, and its postings come to $0.90.",
        ),
        ("UPDATE postings SET party_id = gen_random_uuid() WHERE {} AND amount = 255", "come to"),
        ("UPDATE postings SET at = at - interval '1 day' WHERE {}", "fee:1 is not as it was"),
        ("UPDATE postings SET thing_id = gen_random_uuid() WHERE {}", "as it was booked"),
        ("UPDATE postings SET kind = 'payout' WHERE {}", "as it was booked"),
        ("UPDATE postings SET currency = 'eur' WHERE {}", "come to"),
        ("UPDATE postings SET mode = 'live' WHERE {} AND kind = 'fee'", "as it was booked"),
        ("UPDATE journal SET note = 'mine' WHERE {}", "charge:1 is not as it was booked."),
        ("UPDATE journal SET reference = 'fee:2' WHERE {} AND kind = 'fee'", "fee:2 is not as"),
        ("UPDATE journal SET at = at + interval '1 day' WHERE {}", "as it was booked"),
        ("UPDATE journal SET kind = 'payout' WHERE {}", "as it was booked"),
        ("UPDATE journal SET sale_id = NULL WHERE {}", "as it was booked"),
        ("UPDATE journal SET id = gen_random_uuid() WHERE {} AND kind = 'fee'", "is missing"),
        ("DELETE FROM postings WHERE {} AND pot = 'fees'", "off by -$0.59"),
        ("DELETE FROM journal WHERE {} AND kind = 'fee'", "is missing, and its postings"),
        ("DELETE FROM postings WHERE {}", "come to"),
        ("DELETE FROM pots WHERE {} AND pot = 'fees'", "says $0.00"),
        ("UPDATE pots SET balance = balance + 100 WHERE {} AND pot = 'held'", "says $6.95"),
        (
            "INSERT INTO postings SELECT space_id, mode, entry_id, line + 9, pot, party_id,"
            " currency, amount, kind, at, sale_id, thing_id FROM postings WHERE {}",
            "as it was booked",
        ),
        (
            "WITH e AS (INSERT INTO journal SELECT space_id, mode, gen_random_uuid(), at, kind,"
            " 'fee:2', currency, sale_id, thing_id, note, digest FROM journal WHERE {}"
            " AND kind = 'fee' RETURNING *) INSERT INTO postings SELECT space_id, mode, id, 0,"
            " 'fees', NULL, currency, 59, kind, at, sale_id, thing_id FROM e",
            "doesn't sum to zero: it is off by $0.59.",
        ),
    ],
)
async def test_an_edit_by_hand_is_told(world: World, edit: str, told: str) -> None:
    await book(world, CHARGE, FEE)
    assert (await verdict(world)).faults == ()
    async with world.write() as store:
        where = "space_id = %(space)s AND mode = 'sandbox'"
        assert await store.session.tx.run(edit.format(where), store.session.params())
    faults = (await verdict(world)).faults
    assert any(told in fault for fault in faults), faults


async def test_a_whole_entry_that_is_taken_out_is_told(world: World) -> None:
    await book(world, CHARGE, FEE)
    async with world.write() as store:
        for table in ("journal", "postings"):
            await store.session.tx.run(
                f"DELETE FROM {table} WHERE space_id = %(space)s AND kind = 'fee'",
                store.session.params(),
            )
    assert (await verdict(world)).faults == (
        "The pot fees says $0.59, and its postings come to $0.00.",
        "The pot platform says $0.91, and its postings come to $1.50.",
    )


async def test_more_given_back_than_was_paid_is_told(world: World) -> None:
    back = (Posting("world", 1_001), Posting("loss", -1_001))
    await book(world, CHARGE, Entry("refund", "refund:1", "usd", "sandbox", back, SALE))
    assert (await verdict(world)).faults == (
        "The pot world has $0.01: more went out than came in.",
        f"Of the sale {SALE} $10.00 were paid, $10.01 given back and $0.00 sent on.",
    )


async def test_more_sent_on_of_a_sale_than_was_theirs_is_told(world: World) -> None:
    other = replace(CHARGE, reference="charge:2", sale=new_id())
    await book(world, CHARGE, other, moved("transfer:1", "transfer", 596))
    assert (await verdict(world)).faults == (
        f"{ANA} was sent $5.96 of the sale {SALE}, of which $5.95 were theirs.",
    )


async def test_more_paid_out_than_came_in_is_told(world: World) -> None:
    await book(world, CHARGE, moved("transfer:1", "transfer", 500), moved("p:1", "payout", 501))
    assert (await verdict(world)).faults == (
        f"The pot connected of {ANA} has -$0.01: more went out than came in.",
    )


async def test_other_modes_and_spaces_are_none_of_it(world: World) -> None:
    other = await world.neighbour()
    await book(other, CHARGE)
    await book(world, replace(CHARGE, mode="live"))
    assert await verdict(world) == Verdict(0, (), {})
