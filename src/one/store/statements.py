"""Statements out of the journal of money: what came in for somebody, what went out, what is left.

All amounts are whole minor units. A past period never changes: an entry stands at the moment at
which it was booked.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import cast
from uuid import UUID

from one.store.journal import Kind, Mode, pots_of
from one.store.rows import Row
from one.store.session import Session

MOST_LINES = 1_000
_EARNED = ("charge", "referral")


class Sums(Row):
    """What is somebody's, or by how much it changes. `held`: with the platform; `connected`: in
    their account at the provider; `owed`: what they owe; `paidOut`: to their bank. `balance` is
    what they have and not yet at their bank: held and connected, less what is owed.
    """

    balance: int = 0
    held: int = 0
    connected: int = 0
    owed: int = 0
    paid_out: int = 0

    def plus(self, pot: str, amount: int) -> "Sums":
        """With so much more in one of the pots."""
        paid = pot == "bank"
        return Sums(
            balance=self.balance + (0 if paid else amount),
            held=self.held + (amount if pot == "held" else 0),
            connected=self.connected + (amount if pot == "connected" else 0),
            owed=self.owed - (amount if pot == "debt" else 0),
            paid_out=self.paid_out + (amount if paid else 0),
        )


class Line(Row):
    """A fact, and what it changed of somebody's."""

    id: UUID
    at: datetime
    kind: Kind
    currency: str
    sale: UUID | None
    product: UUID | None
    change: Sums


class KindTotal(Row):
    """How many facts of a kind there were, and what they changed together."""

    kind: Kind
    count: int
    change: Sums


class ProductTotal(Row):
    """What a product brought somebody. `takenBack`: by refunds, and disputes that aren't won.
    `name` is empty where it can't be seen any more.
    """

    product: UUID | None
    name: str = ""
    sales: int = 0
    earned: int = 0
    taken_back: int = 0


class Account(Row):
    """What somebody had and has in one currency, and what came in between."""

    currency: str
    opening: Sums
    closing: Sums
    kinds: list[KindTotal]
    products: list[ProductTotal]


Group = tuple[str, Kind, UUID | None, str, bool, int, int]


async def accounts(
    session: Session, mode: Mode, *, owner: UUID, since: datetime, until: datetime
) -> list[Account]:
    """Somebody's accounts, one a currency, from `since` until before `until`; in one snapshot."""
    records = await session.tx.rows(
        "SELECT currency, kind, thing_id, pot, at < %(until)s, sum(amount)::bigint, count(*)"
        " FROM postings WHERE space_id = %(space)s AND mode = %(mode)s AND party_id = %(owner)s"
        " AND at >= %(since)s GROUP BY 1, 2, 3, 4, 5",
        session.params(mode=mode, owner=owner, since=since, until=until),
    )
    groups = cast("list[Group]", records)
    now = await pots_of(session, mode, party=owner)
    found: list[Account] = []
    for currency in sorted({balance.currency for balance in now}):
        mine = [group for group in groups if group[0] == currency]
        opening = _sum((one.pot, one.amount) for one in now if one.currency == currency)
        opening = _sum(((pot, -amount) for _, _, _, pot, _, amount, _ in mine), opening)
        within = [group for group in mine if group[4]]
        closing = _sum(((pot, amount) for _, _, _, pot, _, amount, _ in within), opening)
        found.append(
            Account(
                currency=currency,
                opening=opening,
                closing=closing,
                kinds=_by_kind(within),
                products=_by_product(within),
            )
        )
    return found


def _sum(pots: Iterable[tuple[str, int]], sums: Sums | None = None) -> Sums:
    sums = sums or Sums()
    for pot, amount in pots:
        sums = sums.plus(pot, amount)
    return sums


def _by_kind(groups: list[Group]) -> list[KindTotal]:
    """A fact of a kind is at most once in each of a person's pots, and each time in the same."""
    kinds: list[Kind] = sorted({group[1] for group in groups})
    return [
        KindTotal(
            kind=kind,
            count=_most((pot, count) for _, one, _, pot, _, _, count in groups if one == kind),
            change=_sum((pot, amount) for _, one, _, pot, _, amount, _ in groups if one == kind),
        )
        for kind in kinds
    ]


def _most(counts: Iterable[tuple[str, int]]) -> int:
    """In the pot that was in most facts."""
    sums: dict[str, int] = {}
    for pot, count in counts:
        sums[pot] = sums.get(pot, 0) + count
    return max(sums.values(), default=0)


def _by_product(groups: list[Group]) -> list[ProductTotal]:
    """Those that brought most first."""
    found: dict[UUID | None, ProductTotal] = {}
    for _, kind, product, pot, _, amount, count in groups:
        if pot == "bank" or (product is None and kind not in _EARNED):
            continue
        one = found.get(product) or ProductTotal(product=product)
        earned = kind in _EARNED and pot == "held"
        found[product] = ProductTotal(
            product=product,
            sales=one.sales + (count if kind == "charge" else 0),
            earned=one.earned + (amount if earned else 0),
            taken_back=one.taken_back - (0 if earned else amount),
        )
    return sorted(found.values(), key=lambda one: (-one.earned, str(one.product)))


async def lines(
    session: Session,
    mode: Mode,
    *,
    owner: UUID,
    within: tuple[datetime, datetime],
    before: UUID | None = None,
    limit: int = MOST_LINES,
) -> list[Line]:
    """The facts of somebody, newest first; from before one of theirs on."""
    records = await session.tx.rows(
        "SELECT entry_id, at, (array_agg(kind ORDER BY line))[1], min(currency),"
        " (array_agg(sale_id))[1], (array_agg(thing_id))[1],"
        " coalesce(sum(amount) FILTER (WHERE pot = 'held'), 0)::bigint,"
        " coalesce(sum(amount) FILTER (WHERE pot = 'connected'), 0)::bigint,"
        " coalesce(sum(amount) FILTER (WHERE pot = 'debt'), 0)::bigint,"
        " coalesce(sum(amount) FILTER (WHERE pot = 'bank'), 0)::bigint FROM postings"
        " WHERE space_id = %(space)s AND mode = %(mode)s AND party_id = %(owner)s"
        " AND at >= %(since)s AND at < %(until)s"
        " AND (%(before)s::uuid IS NULL OR (at, entry_id) < (SELECT at, entry_id FROM postings"
        " WHERE space_id = %(space)s AND mode = %(mode)s AND entry_id = %(before)s"
        " AND party_id = %(owner)s LIMIT 1))"
        " GROUP BY at, entry_id ORDER BY at DESC, entry_id DESC LIMIT %(limit)s",
        session.params(
            mode=mode,
            owner=owner,
            since=within[0],
            until=within[1],
            before=before,
            limit=limit,
        ),
    )
    return [_line(record) for record in records]


def _line(record: tuple[object, ...]) -> Line:
    id, at, kind, currency, sale, product, *amounts = record
    pots = zip(("held", "connected", "debt", "bank"), cast("list[int]", amounts), strict=True)
    return Line.model_construct(
        None,
        id=id,
        at=at,
        kind=kind,
        currency=currency,
        sale=sale,
        product=product,
        change=_sum(pots),
    )
