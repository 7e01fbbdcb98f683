"""The worked example of docs/payments.md is what the journal has of it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest

from one.clock import new_id
from one.domains.payments import entries
from one.domains.payments.entries import About
from one.domains.payments.splits import Price, Rates, refund, waterfall
from one.store.journal import PERSONAL, Entry, Kind, Pot, post_all
from one.store.verification import verify
from tests.world import World

pytestmark = pytest.mark.anyio

ANA, BO, CY = (UUID(int=number) for number in (1, 2, 3))
NAMES = {ANA: "Ana", BO: "Bo", CY: "Cy"}
PAGE = (Path(__file__).parents[3] / "docs" / "payments.md").read_text("utf-8")


def story() -> Sequence[Entry]:
    """A sale of two owners' course, half of it refunded, the rest disputed and won."""
    about = About("sandbox", "usd", new_id(), new_id())
    shares = {ANA: 7_000, BO: 3_000}
    split = waterfall(Price(12_000, "usd", tax=2_000), shares, rates=Rates(), referrer=CY)
    back = refund(6_000, split)
    left = split.less(back)
    next_ = replace(about, sale=new_id())
    other = waterfall(Price(10_000, "usd"), {BO: 10_000}, rates=Rates())
    return (
        entries.charge(about, "1", split=split),
        entries.fee(about, "1", amount=378),
        entries.transfer(about, "1", party=ANA, amount=split.owners[ANA]),
        entries.transfer(about, "2", party=BO, amount=split.owners[BO]),
        entries.payout(about, "1", party=BO, amount=split.owners[BO]),
        entries.refund(about, "1", back=back),
        entries.reversal(about, "1", party=ANA, amount=back.owners[ANA]),
        entries.debt(about, "1", party=BO, amount=back.owners[BO]),
        entries.payout_failed(about, "1", party=BO, amount=split.owners[BO]),
        entries.dispute(about, "1", back=left),
        entries.fee(about, "2", amount=1_500),
        entries.dispute_won(about, "1", back=left),
        entries.charge(next_, "2", split=other),
        entries.netting(next_, "1", party=BO, amount=back.owners[BO]),
        entries.transfer(next_, "3", party=BO, amount=other.owners[BO] - back.owners[BO]),
    )


def said(amount: int) -> str:
    return f"{'+' if amount > 0 else '-'}{abs(amount) // 100}.{abs(amount) % 100:02}"


def told(entry: Entry) -> str:
    """An entry as the page has it."""
    parts = [
        " ".join(filter(None, (one.pot, NAMES.get(one.party or UUID(int=0)), said(one.amount))))
        for one in entry.postings
    ]
    return f"{entry.kind:<14}{'  '.join(parts)}"


def block(heading: str) -> list[str]:
    """The lines of the block after a heading."""
    found = re.search(rf"### {heading}\n.*?```text\n(.*?)```", PAGE, re.DOTALL)
    assert found, heading
    return found[1].splitlines()


async def test_the_example_posts_what_the_page_says(world: World) -> None:
    async with world.write() as store:
        booked = await post_all(store.session, story())
    assert [told(posted.entry) for posted in booked] == block("A sale, told through")


async def test_the_example_leaves_in_the_pots_what_the_page_says(world: World) -> None:
    async with world.write() as store:
        await post_all(store.session, story())
    async with world.read() as store:
        records = await store.session.tx.rows(
            "SELECT pot, party_id, sum(balance)::bigint FROM pots WHERE space_id = %(space)s"
            " GROUP BY pot, party_id HAVING sum(balance) <> 0 ORDER BY party_id NULLS FIRST, pot",
            store.session.params(),
        )
        verdict = await verify(store.session, "sandbox")
    lines = [
        f"{pot if party is None else f'{pot} {NAMES[party]}':<16}{said(amount):>8}"  # pyright: ignore[reportArgumentType] # columns as selected
        for pot, party, amount in records
    ]
    there = verdict.balances["usd"]
    assert verdict.faults == ()
    assert [*lines, f"{'at the provider':<16}{said(there):>8}"] == block("What is left in the pots")


def test_every_pot_and_every_fact_has_its_row() -> None:
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE))
    pots = {*PERSONAL, *(pot for part in get_args(Pot) for pot in get_args(part) or (part,))}
    assert rows == pots | set(get_args(Kind))
