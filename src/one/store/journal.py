"""The journal of money: what moved from which pot to which, and what is in each pot.

An entry is one fact of payments in one currency; its postings sum to zero. It is known by its
reference, so that a fact which is told twice is booked once. Sandbox, test and live money never
meet: the mode is a part of every key.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, cast, get_args
from uuid import UUID

import orjson

from one.clock import new_id
from one.ontology.values import CURRENCIES, LARGEST
from one.store.database import Record
from one.store.session import Session

Mode = Literal["sandbox", "test", "live"]
Personal = Literal["held", "debt", "connected", "bank"]
Common = Literal["world", "platform", "fees", "tax", "disputed", "loss"]
Pot = Personal | Common
Kind = Literal[
    "charge",
    "fee",
    "referral",
    "transfer",
    "refund",
    "refund_failed",
    "reversal",
    "debt",
    "netting",
    "dispute",
    "dispute_won",
    "dispute_lost",
    "payout",
    "payout_failed",
    "adjustment",
]
PERSONAL: frozenset[str] = frozenset(get_args(Personal))
ON_PLATFORM: tuple[Pot, ...] = ("held", "debt", "platform", "tax", "loss")
"""The pots that make up the platform's balance at the provider; the others lie outside it."""


class Unsound(Exception):
    """A bug: an entry that is no entry, or another one than is known under its reference."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What comes into a pot, or goes out where it is below zero.

    `party` is whose pot it is, for the personal ones. `kind`: what it is to them, where that isn't
    what the entry is as a whole.
    """

    pot: Pot
    amount: int
    party: UUID | None = None
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact of payments. `reference` is the fact's own name: `charge:<id at the provider>`.

    `sale` and `thing` are what it is about: a purchase, and the product that was bought.
    """

    kind: Kind
    reference: str
    currency: str
    mode: Mode
    postings: tuple[Posting, ...]
    sale: UUID | None = None
    thing: UUID | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry as it is booked. `fresh`: by this call, and not before."""

    id: UUID
    at: datetime
    entry: Entry
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """What is in a pot."""

    pot: Pot
    party: UUID | None
    currency: str
    amount: int


async def post(session: Session, entry: Entry) -> Posted:
    """Books a fact, unless it is known. Of several in a transaction see `post_all`."""
    (posted,) = await post_all(session, (entry,))
    return posted


async def post_all(session: Session, entries: Sequence[Entry]) -> list[Posted]:
    """Books facts of one transaction together, so that the pots are locked in one order.

    Nothing is added for a reference that is known, and the entry under it is returned; another
    entry under the same reference is a bug, as is one whose postings don't sum to zero.
    """
    if not entries:
        return []
    drafts = [Posted(new_id(), session.now, _tidied(entry)) for entry in entries]
    records = await session.tx.rows(_POST, session.params(**_rows(session.space, drafts)))
    fresh = {cast(UUID, record[0]) for record in records}
    booked = {_name(one): replace(one, fresh=True) for one in drafts if one.id in fresh}
    known: dict[Mode, list[str]] = {}
    for one in drafts:
        if _name(one) not in booked:
            known.setdefault(one.entry.mode, []).append(one.entry.reference)
    for mode, references in known.items():
        found = await _entries(session, mode, "j.reference = ANY(%(which)s)", references)
        booked.update((_name(one), one) for one in found)
    for one in drafts:
        if booked[_name(one)].entry != one.entry:
            raise Unsound(f"{one.entry.reference} is booked, and not as this: {one.entry}")
    return [booked[_name(one)] for one in drafts]


async def entries_of(session: Session, mode: Mode, *, sale: UUID) -> list[Posted]:
    """All that is booked of a purchase, in the order in which it was."""
    return await _entries(session, mode, "j.sale_id = %(which)s", sale)


async def find(session: Session, mode: Mode, *, reference: str) -> Posted | None:
    """The fact of this name, where it is booked."""
    found = await _entries(session, mode, "j.reference = %(which)s", reference)
    return found[0] if found else None


async def find_entry(session: Session, mode: Mode, id: UUID) -> Posted | None:
    """What is booked under this id."""
    found = await _entries(session, mode, "j.id = %(which)s", id)
    return found[0] if found else None


async def pot(
    session: Session,
    mode: Mode,
    pot: Pot,
    *,
    currency: str,
    party: UUID | None = None,
    lock: bool = False,
) -> int:
    """What is in a pot. `lock`: nobody moves anything in or out of this person's until the
    transaction ends; for whoever takes out at most what is there.
    """
    assert party is not None or not lock, "only a person's pot is one row"
    records = await session.tx.rows(
        "SELECT balance FROM pots WHERE space_id = %(space)s AND mode = %(mode)s"
        " AND party_id IS NOT DISTINCT FROM %(party)s::uuid AND pot = %(pot)s"
        " AND currency = %(currency)s" + (" FOR NO KEY UPDATE" if lock else ""),
        session.params(mode=mode, pot=pot, currency=currency, party=party),
    )
    return sum(cast(int, record[0]) for record in records)


async def pots_of(
    session: Session, mode: Mode, *, party: UUID | None, lock: bool = False
) -> list[Balance]:
    """What is in a person's pots; of nobody: in those that are no person's."""
    records = await session.tx.rows(
        "SELECT pot, party_id, currency, balance FROM pots WHERE space_id = %(space)s"
        " AND mode = %(mode)s AND party_id IS NOT DISTINCT FROM %(party)s::uuid"
        " ORDER BY pot, currency, part" + (" FOR NO KEY UPDATE" if lock else ""),
        session.params(mode=mode, party=party),
    )
    sums: dict[tuple[Pot, UUID | None, str], int] = {}
    for record in records:
        which, of, currency, amount = cast("tuple[Pot, UUID | None, str, int]", record)
        sums[which, of, currency] = sums.get((which, of, currency), 0) + amount
    return [Balance(*key, amount) for key, amount in sums.items()]


async def on_platform(session: Session, mode: Mode) -> Mapping[str, int]:
    """What the provider should say that the platform has there, by currency."""
    records = await session.tx.rows(
        "SELECT currency, sum(balance)::bigint FROM pots WHERE space_id = %(space)s"
        " AND mode = %(mode)s AND pot = ANY(%(pots)s) GROUP BY currency ORDER BY currency",
        session.params(mode=mode, pots=list(ON_PLATFORM)),
    )
    return dict(cast("list[tuple[str, int]]", records))


# --- writing


def _name(posted: Posted) -> tuple[Mode, str]:
    return (posted.entry.mode, posted.entry.reference)


def _tidied(entry: Entry) -> Entry:
    """The same with one posting for each pot, in one order, and without those of nothing.

    Raises Unsound.
    """
    sums: dict[tuple[Pot, UUID | None, Kind | None], int] = {}
    for one in entry.postings:
        if (one.party is not None) != (one.pot in PERSONAL):
            raise Unsound(f"{entry.reference}: a person has {one.pot}, or nobody does")
        key = (one.pot, one.party, None if one.kind == entry.kind else one.kind)
        sums[key] = sums.get(key, 0) + one.amount
    postings = tuple(
        Posting(pot, amount, party, kind)
        for (pot, party, kind), amount in sorted(sums.items(), key=lambda item: _order(item[0]))
        if amount
    )
    if sum(one.amount for one in postings):
        raise Unsound(f"{entry.reference} doesn't sum to zero: {postings}")
    if any(abs(one.amount) > LARGEST for one in postings):
        raise Unsound(f"{entry.reference} is too large")
    if entry.currency not in CURRENCIES or not entry.reference:
        raise Unsound(f"{entry.reference!r} in {entry.currency!r} is no entry")
    return replace(entry, postings=postings)


def _order(key: tuple[Pot, UUID | None, Kind | None]) -> tuple[str, str, str]:
    pot, party, kind = key
    return (str(party or ""), pot, kind or "")


def digest(space: UUID, posted: Posted) -> str:
    """What tells whether a word of an entry, or of a posting, is another than was booked."""
    entry = posted.entry
    said: list[object] = [space, posted.id, posted.at.astimezone(UTC), _columns(entry)]
    said += [[one.pot, one.party, one.amount, one.kind] for one in entry.postings]
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def _rows(space: UUID, drafts: Sequence[Posted]) -> dict[str, object]:
    """The parameters of `_POST`: the rows of the entries, and those of their postings."""
    drafts = sorted(drafts, key=_name)  # who books the same facts at once locks them in one order
    entries = [
        {"id": one.id, "digest": digest(space, one), **_columns(one.entry)} for one in drafts
    ]
    postings = [
        {"entry": one.id, "line": line, "pot": posting.pot, "party": posting.party}
        | {"amount": posting.amount, "kind": posting.kind or one.entry.kind}
        for one in drafts
        for line, posting in enumerate(one.entry.postings)
    ]
    return {
        "entries": orjson.dumps(entries).decode(),
        "postings": orjson.dumps(postings).decode(),
    }


def _columns(entry: Entry) -> dict[str, object]:
    return {
        "mode": entry.mode,
        "kind": entry.kind,
        "reference": entry.reference,
        "currency": entry.currency,
        "sale": entry.sale,
        "thing": entry.thing,
        "note": entry.note,
    }


# Whoever books the same reference at once is waited for by `e`, and their entry is found after it.
# The part of a common pot is the connection's own: two transactions rarely meet in it.
_POST = (
    "WITH e AS (INSERT INTO journal (space_id, mode, id, at, kind, reference, currency, sale_id,"
    " thing_id, note, digest) SELECT %(space)s, mode, id, %(now)s, kind, reference, currency,"
    " sale, thing, note, digest FROM jsonb_to_recordset(%(entries)s::jsonb) AS t (mode text,"
    " id uuid, kind text, reference text, currency text, sale uuid, thing uuid, note text,"
    " digest text) ON CONFLICT (space_id, mode, reference) DO NOTHING"
    " RETURNING mode, id, currency, sale_id, thing_id),"
    " p AS (INSERT INTO postings (space_id, mode, entry_id, line, pot, party_id, currency, amount,"
    " kind, at, sale_id, thing_id) SELECT %(space)s, e.mode, e.id, t.line, t.pot, t.party,"
    " e.currency, t.amount, t.kind, %(now)s, e.sale_id, e.thing_id FROM e JOIN"
    " jsonb_to_recordset(%(postings)s::jsonb) AS t (entry uuid, line smallint, pot text,"
    " party uuid, amount bigint, kind text) ON t.entry = e.id"
    " RETURNING mode, pot, party_id, currency, amount),"
    " b AS (INSERT INTO pots (space_id, mode, party_id, pot, currency, part, balance)"
    " SELECT %(space)s, mode, party_id, pot, currency,"
    " CASE WHEN party_id IS NULL THEN pg_backend_pid() %% 64 ELSE 0 END, sum(amount)::bigint"
    " FROM p GROUP BY mode, party_id, pot, currency ORDER BY mode, party_id, pot, currency"
    " ON CONFLICT (space_id, mode, party_id, pot, currency, part)"
    " DO UPDATE SET balance = pots.balance + excluded.balance)"
    " SELECT id FROM e"
)


# --- reading


async def _entries(session: Session, mode: Mode, where: str, which: object) -> list[Posted]:
    # both sides of the join are few whatever the planner knows of the tables, which may be new
    records = await session.tx.rows(
        "WITH j AS MATERIALIZED (SELECT j.id, j.at, j.kind, j.reference, j.currency, j.mode,"
        " j.sale_id, j.thing_id, j.note FROM journal j WHERE j.space_id = %(space)s"
        f" AND j.mode = %(mode)s AND {where}) SELECT j.*, p.pot, p.amount, p.party_id, p.kind"
        " FROM j LEFT JOIN postings p ON p.space_id = %(space)s AND p.mode = %(mode)s"
        " AND p.entry_id = ANY(ARRAY(SELECT id FROM j)) AND p.entry_id = j.id"
        " ORDER BY j.id, p.line",
        session.params(mode=mode, which=which),
    )
    return read(records)


def read(records: Iterable[Record]) -> list[Posted]:
    """Entries out of their rows, of which there is one for each posting."""
    found: dict[UUID, Posted] = {}
    for record in records:
        id, at, kind, reference, currency, mode, sale, thing, note = record[:9]
        known = found.get(cast(UUID, id))
        if known is None:
            entry = Entry(kind, reference, currency, mode, (), sale, thing, note)  # pyright: ignore[reportArgumentType] # columns as selected
            known = Posted(cast(UUID, id), cast(datetime, at), entry)
        if record[9] is not None:
            pot, amount, party, own = record[9:]
            own = None if own == known.entry.kind else own
            posting = Posting(pot, amount, party, own)  # pyright: ignore[reportArgumentType] # columns as selected
            entry = replace(known.entry, postings=(*known.entry.postings, posting))
            known = replace(known, entry=entry)
        found[known.id] = known
    return list(found.values())
