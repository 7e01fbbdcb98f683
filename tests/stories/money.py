"""A market in which all goes wrong that can: sales, refunds, disputes, payouts and their failures,
at random, in the journal of a real PostgreSQL: `python -m tests.stories.money URL --events 10000`.

Facts are also told again. In the end every pot is what a model of it says, all sums to zero in
every currency, and nobody was paid more than came in for them.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from one.clock import Clock, new_id
from one.domains.payments import entries
from one.domains.payments.entries import About
from one.domains.payments.splits import Price, Rates, Split, refund, step, waterfall
from one.ontology import load
from one.store import PLATFORM, Database, Desk, Viewer, migrate
from one.store.journal import Entry, Mode, post_all
from one.store.verification import verify
from tests.stories.splits import shared

MODE: Mode = "sandbox"
STAFF = Viewer(PLATFORM, "staff")
AT_ONCE = 25
Pots = Counter[tuple[str, UUID | None, str]]


@dataclass
class Sale:
    """`left` is what of the price isn't given back; `moved`, what of it went out of what is held
    for somebody, of which `sent` went to their account.
    """

    about: About
    left: Split
    moved: Counter[UUID] = field(default_factory=Counter[UUID])
    sent: Counter[UUID] = field(default_factory=Counter[UUID])
    disputed: tuple[str, Split] | None = None

    def part(self, party: UUID) -> int:
        own = self.left.referral if party == self.left.referrer else 0
        return self.left.owners.get(party, 0) + own


class Market:
    """The model: what is in each pot, and what may happen next."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.pots: Pots = Counter()
        self.sales: list[Sale] = []
        self.paid_out: list[tuple[str, UUID, int, str]] = []
        self.waiting: list[Entry] = []
        self.told: list[Entry] = []
        self.happened: Counter[str] = Counter()

    def happen(self) -> None:
        """One event, of whatever kind."""
        likely: dict[Callable[[], None], int] = {
            self.pay: 30,
            self.settle: 30,
            self.give_back: 12,
            self.dispute: 5,
            self.decide: 5,
            self.pay_out: 10,
            self.fail: 3,
            self.tell_again: 5,
        }
        (event,) = self.random.choices(list(likely), list(likely.values()))
        event()
        self.happened[event.__name__] += 1

    def book(self, *facts: Entry) -> None:
        for fact in facts:
            self.waiting.append(fact)
            self.told.append(fact)
            for one in fact.postings:
                self.pots[one.pot, one.party, fact.currency] += one.amount

    def pay(self) -> None:
        currency = self.random.choice(("usd", "jpy", "kwd"))
        coin = step(currency)
        gross = self.random.randint(20, 20_000) * coin
        tax = gross // coin // self.random.choice((5, 20, 10**9)) * coin
        owners = shared(self.random)
        referrer = UUID(int=11) if self.random.random() < 0.3 else None
        split = waterfall(Price(gross, currency, tax), owners, rates=Rates(), referrer=referrer)
        about = About(MODE, currency, new_id(), UUID(int=self.random.randint(100, 110)))
        id = f"ch_{about.sale}"
        self.sales.append(Sale(about, split))
        kept = entries.fee(about, id, amount=gross // 35 + 30)
        self.book(entries.charge(about, id, split=split), kept)

    def settle(self) -> None:
        """What is held of a sale goes to its people, less what they owe."""
        for sale in self.some_sale():
            for party in self.people(sale):
                about, due = sale.about, sale.part(party) - sale.moved[party]
                owed = -self.pots["debt", party, about.currency]
                netted = min(due, owed)
                if netted > 0:
                    self.book(entries.netting(about, self.id(), party=party, amount=netted))
                # a debt of a dispute that was won may be paid by now: its sale is sent once
                sent = max(0, min(due - netted, sale.part(party) - sale.sent[party]))
                self.send(about, party, sent)
                self.send(About(MODE, about.currency), party, due - netted - sent)
                sale.sent[party] += sent
                if due > 0:
                    sale.moved[party] += due

    def send(self, about: About, party: UUID, amount: int) -> None:
        if amount > 0:
            self.book(entries.transfer(about, self.id(), party=party, amount=amount))

    def give_back(self) -> None:
        for sale in self.some_sale():
            if sale.disputed is None and sale.left.total:
                coin = step(sale.about.currency)
                most = sale.left.total // coin
                amount = self.random.choice((1, self.random.randint(1, most), most)) * coin
                back = refund(amount, sale.left, step=coin)
                self.book(entries.refund(sale.about, self.id(), back=back))
                self.take_back(sale, back)

    def dispute(self) -> None:
        for sale in self.some_sale():
            if sale.disputed is None and sale.left.total:
                id, back = self.id(), sale.left
                self.book(entries.dispute(sale.about, id, back=back))
                self.book(entries.fee(sale.about, id, amount=1_500))
                self.take_back(sale, back)
                sale.disputed = (id, back)

    def decide(self) -> None:
        for sale in [sale for sale in self.sales[-200:] if sale.disputed is not None][:1]:
            assert sale.disputed is not None
            id, back = sale.disputed
            if self.random.random() < 0.5:
                self.book(entries.dispute_won(sale.about, id, back=back))
                sale.left = back
                sale.disputed = None
            else:
                self.book(entries.dispute_lost(sale.about, id, amount=back.total))
                sale.disputed = None

    def take_back(self, sale: Sale, back: Split) -> None:
        """What had gone out of a sale comes back from where it went, or is owed."""
        sale.left = sale.left.less(back)
        for party in self.people(sale):
            about, over = sale.about, sale.moved[party] - sale.part(party)
            if over <= 0:
                continue
            most = min(over, sale.sent[party], self.pots["connected", party, about.currency])
            if most > 0:
                self.book(entries.reversal(about, self.id(), party=party, amount=most))
                sale.sent[party] -= most
            if over - most > 0:
                self.book(entries.debt(about, self.id(), party=party, amount=over - most))
            sale.moved[party] -= over

    def pay_out(self) -> None:
        full = [key for key, amount in self.pots.items() if key[0] == "connected" and amount > 0]
        if full:
            key = self.random.choice(full)
            _, party, currency = key
            assert party is not None
            id, amount = self.id(), self.random.randint(1, self.pots[key])
            self.book(entries.payout(About(MODE, currency), id, party=party, amount=amount))
            self.paid_out.append((id, party, amount, currency))

    def fail(self) -> None:
        if self.paid_out:
            place = self.random.randrange(len(self.paid_out))
            id, party, amount, currency = self.paid_out.pop(place)
            self.book(entries.payout_failed(About(MODE, currency), id, party=party, amount=amount))

    def tell_again(self) -> None:
        if self.told:
            self.waiting.append(self.random.choice(self.told))

    def some_sale(self) -> Sequence[Sale]:
        return [self.random.choice(self.sales[-200:])] if self.sales else []

    def people(self, sale: Sale) -> list[UUID]:
        referrer = sale.left.referrer
        return sorted({*sale.left.owners, *([referrer] if referrer else [])})

    def id(self) -> str:
        return str(new_id())

    def sound(self) -> None:
        """What holds of every market at any time."""
        for currency in ("usd", "jpy", "kwd"):
            here = {key: amount for key, amount in self.pots.items() if key[2] == currency}
            assert sum(here.values()) == 0, (currency, here)
        for (pot, party, currency), amount in self.pots.items():
            if pot in ("held", "connected", "bank", "disputed", "tax"):
                assert amount >= 0, (pot, party, currency, amount)
            if pot in ("debt", "world"):
                assert amount <= 0, (pot, party, currency, amount)


async def run(desk: Desk, space: UUID, *, events: int, seed: int) -> Market:
    """So many events in a space; AssertionError where the journal is not what it must be."""
    market = Market(seed)
    for number in range(events):
        market.happen()
        market.sound()
        if len(market.waiting) >= AT_ONCE or number == events - 1:
            async with desk.write(space, STAFF) as store:
                await post_all(store.session, market.waiting)
            market.waiting.clear()
    async with desk.read(space, STAFF) as store:
        verdict = await verify(store.session, MODE)
        records = await store.session.tx.rows(
            "SELECT pot, party_id, currency, sum(balance)::bigint FROM pots"
            " WHERE space_id = %(space)s GROUP BY pot, party_id, currency",
            store.session.params(),
        )
    assert verdict.faults == (), verdict.faults
    assert verdict.entries == len(market.told)
    assert {record[:3]: record[3] for record in records if record[3]} == {
        key: amount for key, amount in market.pots.items() if amount
    }
    return market


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    given = parser.parse_args()
    database = Database(given.url, "money")
    await migrate(database, now=Clock().now())
    await database.start()
    desk = await Desk.open(database, load(None), clock=Clock())
    space = new_id()
    await desk.add_space(space, "A market")
    began = time.monotonic()
    market = await run(desk, space, events=given.events, seed=given.seed)
    sys.stdout.write(
        f"{given.events:,} events, {len(market.told):,} entries from seed {given.seed}: all sound,"
        f" {time.monotonic() - began:.0f} s. {dict(market.happened)}\n"
    )
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
