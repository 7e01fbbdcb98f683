"""Whether the journal of money holds: all that it says is worked out again and compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from one.ontology.values import written_amount
from one.store.journal import Mode, digest, on_platform, read
from one.store.session import Session

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


async def verify(
    session: Session, mode: Mode, *, provider: Mapping[str, int] | None = None
) -> Verdict:
    """Goes through the whole journal; to be called in one snapshot. `provider`: what the provider
    says that the platform has there, with what is pending, by currency.
    """
    entries, faults = await _words(session, mode)
    for check in (_orphans, _unbalanced, _pots, _below, _sales, _parts):
        faults += await check(session, mode)
    balances = await on_platform(session, mode)
    for currency in sorted({*provider, *balances}) if provider is not None else ():
        ours, theirs = balances.get(currency, 0), (provider or {}).get(currency, 0)
        if ours != theirs:
            faults.append(
                f"The provider has {written_amount(theirs, currency)} of the platform's, and the"
                f" journal {written_amount(ours, currency)}."
            )
    return Verdict(entries, tuple(faults), balances)


async def _words(session: Session, mode: Mode) -> tuple[int, list[str]]:
    """How many entries there are, and which say something else than was booked."""
    count, faults, after = 0, list[str](), UUID(int=0)
    while True:
        records = await session.tx.rows(
            _ENTRIES, session.params(mode=mode, after=after, most=_PAGE)
        )
        posted = read(record[:-2] for record in records)
        booked = {record[0]: record[-2] for record in records}
        strange = {record[0] for record in records if record[-1]}
        for one in posted:
            after = one.id
            if one.id in strange or booked[one.id] != digest(session.space, one):
                faults.append(f"{one.entry.reference} is not as it was booked.")
        count += len(posted)
        if len(posted) < _PAGE:
            return count, faults[:_MOST]


# With each posting, its entry's digest, and whether it says of the entry what that doesn't.
_ENTRIES = (
    "SELECT j.id, j.at, j.kind, j.reference, j.currency, j.mode, j.sale_id, j.thing_id, j.note,"
    " p.pot, p.amount, p.party_id, p.kind, j.digest, p.at IS NOT NULL"
    " AND (p.at, p.currency, p.sale_id, p.thing_id)"
    " IS DISTINCT FROM (j.at, j.currency, j.sale_id, j.thing_id)"
    " FROM (SELECT * FROM journal WHERE space_id = %(space)s AND mode = %(mode)s AND id > %(after)s"
    " ORDER BY id LIMIT %(most)s) j LEFT JOIN postings p ON p.space_id = j.space_id"
    " AND p.mode = j.mode AND p.entry_id = j.id ORDER BY j.id, p.line"
)


async def _orphans(session: Session, mode: Mode) -> list[str]:
    """Postings of entries that aren't there."""
    records = await session.tx.rows(
        "SELECT DISTINCT p.entry_id FROM postings p LEFT JOIN journal j ON j.space_id = p.space_id"
        " AND j.mode = p.mode AND j.id = p.entry_id WHERE p.space_id = %(space)s"
        " AND p.mode = %(mode)s AND j.id IS NULL ORDER BY p.entry_id LIMIT %(most)s",
        session.params(mode=mode, most=_MOST),
    )
    return [f"The entry {record[0]} is missing, and its postings are there." for record in records]


async def _unbalanced(session: Session, mode: Mode) -> list[str]:
    """Entries that make money, or lose it."""
    records = await session.tx.rows(
        "SELECT j.reference, p.currency, p.off FROM (SELECT entry_id, currency,"
        " sum(amount)::bigint AS off FROM postings WHERE space_id = %(space)s AND mode = %(mode)s"
        " GROUP BY entry_id, currency HAVING sum(amount) <> 0) p JOIN journal j"
        " ON j.space_id = %(space)s AND j.mode = %(mode)s AND j.id = p.entry_id"
        " ORDER BY j.id LIMIT %(most)s",
        session.params(mode=mode, most=_MOST),
    )
    return [
        f"{reference} doesn't sum to zero: it is off by {written_amount(off, currency)}."
        for reference, currency, off in cast("list[tuple[str, str, int]]", records)
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
    """Sales of which more was given back, or sent on, than was paid."""
    records = await session.tx.rows(
        "SELECT * FROM (SELECT sale_id, currency,"
        " coalesce(-sum(amount) FILTER (WHERE pot = 'world' AND kind = 'charge'), 0)::bigint,"
        " coalesce(sum(amount) FILTER (WHERE pot IN ('world', 'disputed') AND kind <> 'charge'),"
        " 0)::bigint, coalesce(sum(amount) FILTER (WHERE pot IN ('connected', 'bank')), 0)::bigint"
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
    """People who were sent more of a sale than was theirs."""
    records = await session.tx.rows(
        "SELECT * FROM (SELECT sale_id, party_id, currency, coalesce(sum(amount) FILTER"
        " (WHERE pot = 'held' AND kind IN ('charge', 'referral') AND amount > 0), 0)::bigint,"
        " sum(amount) FILTER (WHERE pot IN ('connected', 'bank'))::bigint FROM postings"
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


def _named(pot: str, party: UUID | None) -> str:
    return f"The pot {pot} of {party}" if party else f"The pot {pot}"
