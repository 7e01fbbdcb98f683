"""Whether the journal of money holds: all that it says is worked out again and compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from one.ontology.values import written_amount
from one.store.database import Record
from one.store.journal import Mode, digest, on_platform, read
from one.store.sales import PAID
from one.store.session import Session
from one.store.supply import miscounted

_PAGE = 1_000
_MOST = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries were looked at; what doesn't hold, of each sort the first twenty; and what
    the provider should have of the platform's, by currency.
    """

    entries: int
    faults: tuple[str, ...]
    balances: Mapping[str, int]


async def verify(session: Session, mode: Mode) -> Verdict:
    """Goes through the whole journal; to be called in one snapshot."""
    entries, faults = await _words(session, mode)
    for check in (_unbalanced, _pots, _below, _sales, _parts, _states, _stuck):
        faults += await check(session, mode)
    faults += await _supplies(session)
    return Verdict(entries, tuple(faults), await on_platform(session, mode))


async def _supplies(session: Session) -> list[str]:
    """Tokens of which more could be sold than there may be, or fewer."""
    return [
        f"Of the token {id} {counted:,} are counted as out, and {held:,} are held."
        for id, counted, held in await miscounted(session, most=_MOST)
    ]


async def _words(session: Session, mode: Mode) -> tuple[int, list[str]]:
    """How many entries there are, and which say something else than was booked."""
    count, faults, after = 0, list[str](), UUID(int=0)
    while True:
        page = await session.tx.rows(_ENTRIES, session.params(mode=mode, after=after, most=_PAGE))
        last = cast(UUID, page[-1][0]) if len(page) == _PAGE else UUID(int=2**128 - 1)
        lines = await session.tx.rows(_LINES, session.params(mode=mode, after=after, last=last))
        faults += _strange(session.space, page, lines)
        count += len(page)
        if len(page) < _PAGE:
            return count, faults[:_MOST]
        after = last


_ENTRIES = (
    "SELECT id, at, kind, reference, currency, mode, sale_id, thing_id, note, digest FROM journal"
    " WHERE space_id = %(space)s AND mode = %(mode)s AND id > %(after)s ORDER BY id"
    " LIMIT %(most)s"
)
_LINES = (
    "SELECT entry_id, pot, amount, party_id, kind, at, currency, sale_id, thing_id FROM postings"
    " WHERE space_id = %(space)s AND mode = %(mode)s AND entry_id > %(after)s"
    " AND entry_id <= %(last)s ORDER BY entry_id, line"
)


def _strange(space: UUID, page: Sequence[Record], lines: Sequence[Record]) -> list[str]:
    """What is wrong with entries, each with its postings."""
    of: dict[object, list[Record]] = {record[0]: [] for record in page}
    missing = dict.fromkeys(line[0] for line in lines if line[0] not in of)
    faults = [f"The entry {id} is missing, and its postings are there." for id in missing]
    for line in lines:
        of.setdefault(line[0], []).append(line)
    for record in page:
        mine = of[record[0]]
        (posted,) = read((*record[:9], *line[1:5]) for line in mine or [(None,) * 5])
        same = all(line[5:] == (record[1], record[4], record[6], record[7]) for line in mine)
        if not same or digest(space, posted) != record[9]:
            faults.append(f"{posted.entry.reference} is not as it was booked.")
    return faults


async def _unbalanced(session: Session, mode: Mode) -> list[str]:
    """Entries that make money, or lose it."""
    records = await session.tx.rows(
        "SELECT entry_id, currency, sum(amount)::bigint FROM postings WHERE space_id = %(space)s"
        " AND mode = %(mode)s GROUP BY entry_id, currency HAVING sum(amount) <> 0"
        " ORDER BY entry_id LIMIT %(most)s",
        session.params(mode=mode, most=_MOST),
    )
    return [
        f"The entry {id} doesn't sum to zero: it is off by {written_amount(off, currency)}."
        for id, currency, off in cast("list[tuple[UUID, str, int]]", records)
    ]


async def _pots(session: Session, mode: Mode) -> list[str]:
    """Pots that hold something else than their postings come to."""
    records = await session.tx.rows(
        "SELECT pot, party_id, currency, sum(kept)::bigint, sum(worked)::bigint FROM (SELECT pot,"
        " party_id, currency, balance AS kept, 0 AS worked FROM pots WHERE space_id = %(space)s"
        " AND mode = %(mode)s UNION ALL SELECT pot, party_id, currency, 0, amount FROM postings"
        " WHERE space_id = %(space)s AND mode = %(mode)s) b GROUP BY pot, party_id, currency"
        " HAVING sum(kept) <> sum(worked) ORDER BY pot, party_id, currency LIMIT %(most)s",
        session.params(mode=mode, most=_MOST),
    )
    found = cast("list[tuple[str, UUID | None, str, int, int]]", records)
    return [
        f"{_named(pot, party)} says {written_amount(kept, currency)}, and its postings come to"
        f" {written_amount(worked, currency)}."
        for pot, party, currency, kept, worked in found
    ]


async def _below(session: Session, mode: Mode) -> list[str]:
    """Pots with a sign that they can't have: more was paid out than came in."""
    records = await session.tx.rows(
        "SELECT pot, party_id, currency, sum(amount)::bigint FROM postings"
        " WHERE space_id = %(space)s AND mode = %(mode)s GROUP BY pot, party_id, currency"
        " HAVING sum(amount) < 0 AND pot IN ('connected', 'bank', 'disputed')"
        " OR sum(amount) > 0 AND pot IN ('world', 'debt') ORDER BY pot, party_id, currency"
        " LIMIT %(most)s",
        session.params(mode=mode, most=_MOST),
    )
    found = cast("list[tuple[str, UUID | None, str, int]]", records)
    return [
        f"{_named(pot, party)} has {written_amount(amount, currency)}: more went out than came in."
        for pot, party, currency, amount in found
    ]


async def _sales(session: Session, mode: Mode) -> list[str]:
    """Sales of which more was given back, or sent on and isn't owed, than was paid."""
    records = await session.tx.rows(
        "SELECT * FROM (SELECT sale_id, currency,"
        " coalesce(-sum(amount) FILTER (WHERE pot = 'world' AND kind = 'charge'), 0)::bigint,"
        " coalesce(sum(amount) FILTER (WHERE pot IN ('world', 'disputed') AND kind <> 'charge'),"
        " 0)::bigint, coalesce(sum(amount) FILTER (WHERE pot IN ('connected', 'debt')), 0)::bigint"
        " FROM postings WHERE space_id = %(space)s AND mode = %(mode)s AND sale_id IS NOT NULL"
        " GROUP BY sale_id, currency) s (sale, currency, paid, back, sent)"
        " WHERE back > paid OR sent > paid ORDER BY sale LIMIT %(most)s",
        session.params(mode=mode, most=_MOST),
    )
    found = cast("list[tuple[UUID, str, int, int, int]]", records)
    return [
        f"Of the sale {sale} {written_amount(paid, currency)} were paid,"
        f" {written_amount(back, currency)} given back and"
        f" {written_amount(sent, currency)} sent on."
        for sale, currency, paid, back, sent in found
    ]


async def _parts(session: Session, mode: Mode) -> list[str]:
    """People who were sent more of a sale than was theirs, and don't owe it."""
    records = await session.tx.rows(
        "SELECT * FROM (SELECT sale_id, party_id, currency, coalesce(sum(amount) FILTER"
        " (WHERE pot = 'held' AND kind IN ('charge', 'referral') AND amount > 0), 0)::bigint,"
        " sum(amount) FILTER (WHERE pot IN ('connected', 'debt'))::bigint FROM postings"
        " WHERE space_id = %(space)s AND mode = %(mode)s AND sale_id IS NOT NULL"
        " AND party_id IS NOT NULL GROUP BY sale_id, party_id, currency)"
        " s (sale, party, currency, part, sent) WHERE sent > part ORDER BY sale, party"
        " LIMIT %(most)s",
        session.params(mode=mode, most=_MOST),
    )
    found = cast("list[tuple[UUID, UUID, str, int, int]]", records)
    return [
        f"{party} was sent {written_amount(sent, currency)} of the sale {sale}, of which"
        f" {written_amount(part, currency)} were theirs."
        for sale, party, currency, part, sent in found
    ]


async def _states(session: Session, mode: Mode) -> list[str]:
    """Sales that say something else of what was paid and given back than is booked of them."""
    records = await session.tx.rows(
        "SELECT * FROM (SELECT id, max(currency), sum(gross)::bigint, sum(paid)::bigint,"
        " sum(refunded)::bigint, least(sum(paid), sum(back))::bigint FROM (SELECT id, currency,"
        " CASE WHEN state = ANY(%(paid)s) THEN gross ELSE 0 END AS gross, 0 AS paid, refunded,"
        " 0 AS back, true AS sale FROM sales WHERE space_id = %(space)s AND mode = %(mode)s"
        " UNION ALL SELECT sale_id, currency, 0, CASE WHEN kind = 'charge' THEN -amount ELSE 0 END,"
        " 0, CASE WHEN kind = 'charge' THEN 0 ELSE amount END, false FROM postings"
        " WHERE space_id = %(space)s AND mode = %(mode)s AND pot = 'world'"
        " AND sale_id IS NOT NULL) b GROUP BY id HAVING bool_or(sale))"
        " s (id, currency, gross, paid, refunded, back) WHERE gross <> paid OR refunded <> back"
        " ORDER BY id LIMIT %(most)s",
        session.params(mode=mode, paid=list(PAID), most=_MOST),
    )
    found = cast("list[tuple[UUID, str, int, int, int, int]]", records)
    return [
        f"The sale {id} says that {written_amount(gross, currency)} were paid and"
        f" {written_amount(refunded, currency)} given back; booked are"
        f" {written_amount(paid, currency)} and {written_amount(back, currency)}."
        for id, currency, gross, paid, refunded, back in found
    ]


async def _stuck(session: Session, mode: Mode) -> list[str]:
    """People whose account takes money, for whom a part of a sale is held that nothing sends."""
    records = await session.tx.rows(
        "SELECT h.sale_id, h.party_id, h.currency, h.amount FROM (SELECT sale_id, party_id,"
        " currency, sum(amount)::bigint AS amount FROM postings WHERE space_id = %(space)s"
        " AND mode = %(mode)s AND pot = 'held' AND sale_id IS NOT NULL"
        " GROUP BY sale_id, party_id, currency HAVING sum(amount) > 0) h"
        " JOIN payees p ON p.space_id = %(space)s AND p.mode = %(mode)s"
        " AND p.person_id = h.party_id AND p.ready"
        " JOIN sales s ON s.space_id = %(space)s AND s.id = h.sale_id AND NOT s.disputed"
        " WHERE NOT EXISTS (SELECT FROM payment_calls c WHERE c.space_id = %(space)s"
        " AND c.sale_id = h.sale_id AND c.person_id = h.party_id"
        " AND c.status IN ('due', 'asking')) ORDER BY 1, 2 LIMIT %(most)s",
        session.params(mode=mode, most=_MOST),
    )
    found = cast("list[tuple[UUID, UUID, str, int]]", records)
    return [
        f"Of the sale {sale} {written_amount(amount, currency)} are held for {party}, whose account"
        " takes money, and nothing sends them there."
        for sale, party, currency, amount in found
    ]


def _named(pot: str, party: UUID | None) -> str:
    return f"The pot {pot} of {party}" if party else f"The pot {pot}"
