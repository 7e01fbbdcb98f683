"""`one money`: a statement in words and as a sheet, and a journal that was edited by hand."""

import asyncio
import csv
from collections.abc import Awaitable, Callable
from io import StringIO
from uuid import UUID

import orjson
import pytest

from one.clock import Clock
from one.domains.payments import entries
from one.domains.payments.entries import About
from one.domains.payments.splits import Price, Rates, waterfall
from one.ontology import load
from one.store import DEFAULT_SPACE, PLATFORM, Database, Desk, Draft, Store, Viewer
from one.store.journal import post_all
from tests.cli.test_db import Environ, environ, one

__all__ = ["environ"]
STAFF = Viewer(PLATFORM, "staff")


def within(
    environ: Environ, act: Callable[[Store], Awaitable[str]], space: UUID = DEFAULT_SPACE
) -> str:
    """What is done in a transaction of the deployment."""

    async def acted() -> str:
        database = Database(environ["ONE_DATABASE_URL"], environ["ONE_SCHEMA"])
        await database.start()
        try:
            desk = await Desk.open(database, load(None), clock=Clock())
            async with desk.write(space, STAFF) as store:
                return await act(store)
        finally:  # a pool that is left open keeps its loop from ending
            await database.close()

    return asyncio.run(acted())


async def sold(store: Store) -> str:
    """The id of a creator who sold something, and had most of it sent to their account."""
    ana = await store.create(Draft("creator", "Ana", {}, owned=False))
    about = About("sandbox", "usd")
    split = waterfall(Price(10_000, "usd"), {ana.id: 10_000}, rates=Rates())
    await post_all(
        store.session,
        [
            entries.charge(about, "ch_1", split=split),
            entries.transfer(about, "tr_1", party=ana.id, amount=8_000),
            entries.payout(about, "po_1", party=ana.id, amount=3_000),
        ],
    )
    return str(ana.id)


async def edited(store: Store) -> str:
    await store.session.tx.run("UPDATE postings SET amount = amount + 1 WHERE pot = 'platform'")
    return ""


@pytest.fixture
def seller(environ: Environ) -> str:
    assert one(environ, "db", "indexes").returncode == 0
    return within(environ, sold)


def test_a_statement_in_words_as_a_sheet_and_as_json(environ: Environ, seller: str) -> None:
    told = one(environ, "money", "statement", seller, "--since", "2020-01-01")
    assert told.returncode == 0, told.stderr
    lines = [" ".join(line.split()) for line in told.stdout.splitlines()]
    assert lines[0].endswith("sandbox money:")
    assert lines[1:] == [
        "USD",
        "there was $0.00",
        "1 × charge $85.00",
        "1 × payout -$30.00",
        "1 × transfer $0.00",
        "there is $55.00",
        "held by the platform $5.00",
        "in their account $50.00",
        "owed $0.00",
        "paid to their bank, ever $30.00",
        "no product, 1 sold $85.00",
    ]
    sheet = one(environ, "money", "statement", seller, "--csv").stdout
    rows = list(csv.DictReader(StringIO(sheet)))
    assert [(row["what"], row["balance"]) for row in rows] == [
        ("payout", "-30.00"),
        ("transfer", "0.00"),
        ("charge", "85.00"),
    ]
    told = one(environ, "money", "statement", seller, "--json").stdout
    assert orjson.loads(told)["accounts"][0]["closing"]["balance"] == 5_500


def test_a_statement_of_nobody_says_so(environ: Environ) -> None:
    told = one(environ, "money", "statement", "nobody")
    assert told.returncode == 1
    assert "Nobody has the handle nobody." in told.stderr


def test_a_journal_that_was_edited_does_not_hold(environ: Environ, seller: str) -> None:
    del seller
    before = one(environ, "money", "verify", "--alone")
    assert before.returncode == 0, before.stderr
    assert "All 3 entries hold" in before.stdout
    assert "At the provider: $20.00" in before.stdout
    within(environ, edited)
    after = one(environ, "money", "verify", "--alone")
    assert after.returncode == 1
    assert "charge:ch_1 is not as it was booked." in after.stdout
    assert "The pot platform says $15.00, and its postings come to $15.01." in after.stdout
    assert one(environ, "money", "verify", "--mode", "live").returncode == 0


def test_another_balance_at_the_provider_is_told(environ: Environ, seller: str) -> None:
    told = one(environ, "money", "verify")
    assert told.returncode == 1
    assert "At the provider lie $0.00, and $20.00 are booked." in told.stdout
    del seller


def test_what_all_spaces_booked_lies_at_the_provider(environ: Environ, seller: str) -> None:
    del seller
    space = one(environ, "db", "add-space", "Yoga").stdout.strip()
    within(environ, sold, UUID(space))
    told = one(environ, "money", "verify", "--space", space)
    assert "At the provider lie $0.00, and $40.00 are booked." in told.stdout


def test_an_empty_journal_is_what_the_provider_has(environ: Environ) -> None:
    told = one(environ, "money", "verify")
    assert (told.returncode, told.stdout.splitlines()[0][:13]) == (0, "All 0 entries")
