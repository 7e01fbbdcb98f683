"""The journal books each fact once, keeps its pots in step, and makes no sale wait for another."""

import asyncio
import contextlib
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from uuid import UUID

import pytest

from one.clock import new_id
from one.store import Contended
from one.store.journal import (
    Balance,
    Entry,
    Mode,
    Posted,
    Posting,
    Unsound,
    entries_of,
    find,
    on_platform,
    post,
    post_all,
    pot,
    pots_of,
)
from tests.world import World

pytestmark = pytest.mark.anyio

ANA, BO = UUID(int=1), UUID(int=2)


def charge(reference: str, *, mode: Mode = "sandbox", currency: str = "usd") -> Entry:
    """1,000 that a buyer pays, for two people and the platform."""
    return Entry(
        "charge",
        reference,
        currency,
        mode,
        (
            Posting("world", -1_000),
            Posting("held", 595, ANA),
            Posting("held", 255, BO),
            Posting("platform", 150),
        ),
    )


def transfer(reference: str, amount: int) -> Entry:
    moved = (Posting("held", -amount, ANA), Posting("connected", amount, ANA))
    return Entry("transfer", reference, "usd", "sandbox", moved)


async def booked(world: World, *entries: Entry) -> list[Posted]:
    async with world.write() as store:
        return await post_all(store.session, entries)


async def held(world: World, party: UUID, *, mode: Mode = "sandbox", currency: str = "usd") -> int:
    async with world.read() as store:
        return await pot(store.session, mode, "held", party=party, currency=currency)


async def sums(world: World) -> Sequence[tuple[object, ...]]:
    """By mode and currency, of postings and of pots."""
    async with world.read() as store:
        return await store.session.tx.rows(
            "SELECT mode, currency, sum(amount)::bigint FROM postings WHERE space_id = %(space)s"
            " GROUP BY mode, currency UNION ALL SELECT mode, currency, sum(balance)::bigint"
            " FROM pots WHERE space_id = %(space)s GROUP BY mode, currency",
            store.session.params(),
        )


async def test_what_is_booked_is_in_the_pots(world: World) -> None:
    await booked(world, charge("charge:1"), charge("charge:2"), transfer("transfer:1", 1_000))
    async with world.read() as store:
        mine = await pots_of(store.session, "sandbox", party=ANA)
        common = await pots_of(store.session, "sandbox", party=None)
        there = await on_platform(store.session, "sandbox")
    assert mine == [Balance("connected", ANA, "usd", 1_000), Balance("held", ANA, "usd", 190)]
    assert common == [
        Balance("platform", None, "usd", 300),
        Balance("world", None, "usd", -2_000),
    ]
    assert there == {"usd": 1_000}


async def test_a_fact_that_is_told_again_is_booked_once(world: World) -> None:
    (first,) = await booked(world, charge("charge:1"))
    (again,) = await booked(world, charge("charge:1"))
    assert (first.fresh, again.fresh, again.id) == (True, False, first.id)
    assert again.entry == first.entry
    assert await held(world, ANA) == 595


async def test_a_fact_that_is_told_twice_at_once_is_booked_once(world: World) -> None:
    told = await asyncio.gather(*(booked(world, charge("charge:1")) for _ in range(8)))
    assert sum(one.fresh for (one,) in told) == 1
    assert len({one.id for (one,) in told}) == 1
    assert await held(world, ANA) == 595


async def test_the_same_fact_twice_in_one_call_is_booked_once(world: World) -> None:
    one, two = await booked(world, charge("charge:1"), charge("charge:1"))
    assert one.id == two.id
    assert await held(world, ANA) == 595


async def test_another_entry_under_a_known_reference_is_a_bug(world: World) -> None:
    await booked(world, charge("charge:1"))
    others = (
        charge("charge:1", currency="eur"),
        replace(charge("charge:1"), kind="refund"),
        replace(charge("charge:1"), sale=new_id()),
        replace(
            charge("charge:1"), postings=(Posting("world", -1_000), Posting("platform", 1_000))
        ),
    )
    for other in others:
        with pytest.raises(Unsound):
            await booked(world, charge("charge:2"), other)
    assert await held(world, ANA) == 595  # what was to be booked with it is not


async def test_the_order_and_the_pieces_of_postings_do_not_matter(world: World) -> None:
    await booked(world, charge("charge:1"))
    pieces = (
        Posting("platform", 150),
        Posting("held", 255, BO),
        Posting("held", 500, ANA),
        Posting("held", 95, ANA, "charge"),
        Posting("tax", 0),
        Posting("world", -1_000),
    )
    (again,) = await booked(world, replace(charge("charge:1"), postings=pieces))
    assert not again.fresh


@pytest.mark.parametrize(
    "postings",
    [
        (Posting("world", -1), Posting("platform", 2)),
        (Posting("world", -1), Posting("held", 1)),
        (Posting("world", -1), Posting("platform", 1, ANA)),
        (Posting("world", -(2**53)), Posting("platform", 2**53)),
    ],
)
async def test_what_is_no_entry_is_a_bug(world: World, postings: tuple[Posting, ...]) -> None:
    with pytest.raises(Unsound):
        await booked(world, Entry("charge", "charge:1", "usd", "sandbox", postings))
    with pytest.raises(Unsound):
        await booked(world, charge("charge:1", currency="xxx"))
    assert await sums(world) == []


async def test_modes_spaces_and_currencies_never_meet(world: World) -> None:
    other = await world.neighbour()
    await booked(world, charge("charge:1"), charge("charge:1", mode="live"))
    await booked(world, charge("charge:2", currency="jpy"))
    await booked(other, charge("charge:1"))
    assert await held(world, ANA) == 595
    assert await held(world, ANA, mode="live") == 595
    assert await held(world, ANA, mode="test") == 0
    assert await held(world, ANA, currency="jpy") == 595
    assert await held(other, ANA) == 595
    assert all(total == 0 for _, _, total in await sums(world))


async def test_entries_are_found_by_their_sale_and_their_reference(world: World) -> None:
    sale, thing = new_id(), new_id()
    entry = replace(charge("charge:1"), sale=sale, thing=thing, note="A course")
    fee = Entry(
        "fee", "a:1", "usd", "sandbox", (Posting("platform", -59), Posting("fees", 59)), sale
    )
    await booked(world, entry, fee, charge("charge:2"))
    async with world.read() as store:
        found = await entries_of(store.session, "sandbox", sale=sale)
        one = await find(store.session, "sandbox", reference="charge:1")
        none = await find(store.session, "live", reference="charge:1")
    assert [posted.entry.kind for posted in found] == ["charge", "fee"]
    assert (one, none) == (found[0], None)
    assert one is not None
    assert (one.entry.sale, one.entry.thing, one.entry.note) == (sale, thing, "A course")


async def test_an_entry_of_nothing_is_known_all_the_same(world: World) -> None:
    free = Entry("fee", "fee:1", "usd", "sandbox", (Posting("platform", 0), Posting("fees", 0)))
    (first,) = await booked(world, free)
    (again,) = await booked(world, free)
    assert (first.fresh, again.fresh, again.entry.postings) == (True, False, ())


async def test_sales_at_once_wait_for_nobody_but_their_people(world: World) -> None:
    """Sales in transactions that are open at once, of different people, into the same pots. Two
    connections may share a part of a pot by chance, hardly three more.
    """

    def sale(person: UUID) -> Entry:
        postings = (Posting("world", -100), Posting("held", 85, person), Posting("platform", 15))
        return Entry("charge", f"charge:{person}", "usd", "sandbox", postings)

    booked = 0
    async with world.write() as one, AsyncExitStack() as others:
        await post(one.session, sale(ANA))
        for store in [await others.enter_async_context(world.write()) for _ in range(3)]:
            await store.session.tx.run("SET LOCAL lock_timeout = '100ms'")
            with contextlib.suppress(Contended):
                async with store.session.tx.part():
                    await post(store.session, sale(new_id()))
                    booked += 1
    assert booked > 0
    async with world.read() as store:
        there = await pot(store.session, "sandbox", "platform", currency="usd")
    assert there == 15 + 15 * booked


async def test_entries_of_the_same_people_at_once_all_count(world: World) -> None:
    async def one(number: int) -> None:
        await booked(world, transfer(f"transfer:{number}", 10), charge(f"charge:{number}"))

    await asyncio.gather(*(one(number) for number in range(40)))
    assert await held(world, ANA) == 40 * 585
    assert all(total == 0 for _, _, total in await sums(world))


async def test_whoever_locks_a_pot_takes_out_at_most_what_is_there(world: World) -> None:
    await booked(world, charge("charge:1"))

    async def take(number: int) -> bool:
        async with world.write() as store:
            there = await pot(
                store.session, "sandbox", "held", currency="usd", party=ANA, lock=True
            )
            if there < 100:
                return False
            await asyncio.sleep(0.01)
            await post(store.session, transfer(f"transfer:{number}", 100))
            return True

    taken = await asyncio.gather(*(take(number) for number in range(9)))
    assert sum(taken) == 5
    assert await held(world, ANA) == 95
