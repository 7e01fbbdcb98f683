"""The ledger of tokens: the moves of each holder, what is out of a token, and whether it all adds
up.

The moves are the `token_transacted` and `token_staked` events that say what they changed; the
balances are what `holds` connections say. Either can be told from the other.
"""

from datetime import datetime
from typing import cast
from uuid import UUID

from one.errors import NotFound
from one.store.balances import units
from one.store.rows import Row
from one.store.session import Session
from one.store.sight import live
from one.store.supply import miscounted

MOST_DIFFERENCES = 100
PAGE = 200
_TYPES = ("token_transacted", "token_staked")


class Line(Row):
    """One move of a holder's: `change` is what it did to their balance, which it left at
    `balance`. Of a stake, which changes what is free to be spent, `amount` is what was locked.
    """

    id: UUID
    token: UUID
    name: str
    at: datetime
    action: str
    amount: int
    change: int
    balance: int | None
    reason: str | None
    counterparty: UUID | None
    sale: UUID | None
    run: str | None
    locked_until: datetime | None
    reward: int | None


class Holding(Row):
    """What somebody has of a token: free to be spent, and staked."""

    token: UUID
    name: str
    symbol: str | None
    balance: int
    staked: int
    locked_until: datetime | None


class Supply(Row):
    """What is out of a token: held by how many, and staked of it."""

    holders: int
    circulating: int
    staked: int


class Difference(Row):
    """Where the moves and what is said to be held don't agree, in words."""

    holder: UUID | None
    token: UUID
    says: str


async def lines(
    session: Session, holder: UUID, *, token: UUID | None, before: UUID | None, limit: int
) -> list[Line]:
    """The moves of a holder, of one token or all, the newest first; from one on, those before it.

    Raises NotFound when there is none with the id `before`.
    """
    stop = None
    if before is not None:
        stop = await session.tx.row(
            "SELECT v.recorded_at FROM events v WHERE v.space_id = %(space)s AND v.id = %(before)s"
            " AND v.actor_id = %(holder)s",
            session.params(before=before, holder=holder),
        )
        if stop is None:
            raise NotFound("There is no such move.", cure="Begin again without `before`.")
    parts = " UNION ALL ".join(_part(type, after=stop is not None) for type in _TYPES)
    records = await session.tx.rows(
        f"SELECT m.id, m.entity_id, e.name, m.recorded_at, {_FIELDS} FROM ({parts}) m"
        " JOIN entities e ON e.space_id = m.space_id AND e.id = m.entity_id"
        " ORDER BY m.recorded_at DESC, m.id DESC LIMIT %(limit)s",
        session.params(
            holder=holder,
            token=token,
            before=before,
            stop=stop[0] if stop else None,
            limit=limit,
        ),
    )
    return [
        Line.model_validate(dict(zip(Line.model_fields, record, strict=True))) for record in records
    ]


def _part(type: str, *, after: bool) -> str:
    """One type's moves as an ordered range of the holder's index."""
    further = " AND (v.recorded_at, v.id) < (%(stop)s, %(before)s)" if after else ""
    return (
        "(SELECT v.* FROM events v WHERE v.space_id = %(space)s AND v.actor_id = %(holder)s"
        f" AND v.type = '{type}' AND v.metadata ? 'change'"
        f" AND (%(token)s::uuid IS NULL OR v.entity_id = %(token)s){further}"
        " ORDER BY v.recorded_at DESC, v.id DESC LIMIT %(limit)s)"
    )


_FIELDS = (
    "m.metadata->>'action', (m.metadata->>'amount')::bigint, (m.metadata->>'change')::bigint,"
    " (m.metadata->>'balance')::bigint, m.metadata->>'reason',"
    " (m.metadata->>'counterpartyId')::uuid, (m.metadata->>'saleId')::uuid,"
    " m.metadata->>'runId', (m.metadata->>'lockedUntil')::timestamptz,"
    " (m.metadata->>'reward')::bigint"
)


async def holdings(
    session: Session, holder: UUID, *, token: UUID | None = None, before: UUID | None = None
) -> list[Holding]:
    """What somebody holds, by token, a page at a time: those before one that they hold.

    Raises NotFound where they never held that one.
    """
    if before is not None and not await holdings(session, holder, token=before):
        raise NotFound("Nothing of this token was ever held.", cure="Begin again without `before`.")
    records = await session.tx.rows(
        "SELECT h.to_id, e.name, e.properties->>'symbol',"
        f" coalesce(sum({units('h')}) FILTER (WHERE h.slot = 'tokens'), 0)::bigint,"
        f" coalesce(sum({units('h')}) FILTER (WHERE h.slot = 'stake'), 0)::bigint,"
        " max((h.metadata->>'lockedUntil')::timestamptz) FROM connections h"
        " JOIN entities e ON e.space_id = h.space_id AND e.id = h.to_id AND e.type = 'token'"
        " WHERE h.space_id = %(space)s AND h.from_id = %(holder)s AND h.type = 'holds'"
        " AND h.valid_to IS NULL AND (%(token)s::uuid IS NULL OR h.to_id = %(token)s)"
        " AND (%(before)s::uuid IS NULL OR h.to_id < %(before)s)"
        " GROUP BY h.to_id, e.name, e.properties ORDER BY h.to_id DESC LIMIT %(page)s",
        session.params(holder=holder, token=token, before=before, page=PAGE),
    )
    return [
        Holding.model_validate(dict(zip(Holding.model_fields, record, strict=True)))
        for record in records
    ]


async def supply(session: Session, token: UUID) -> Supply:
    """What is out of a token, whoever asks."""
    record = await session.tx.row(
        "SELECT count(*) FILTER (WHERE p.held > 0), coalesce(sum(p.held), 0)::bigint,"
        " coalesce(sum(p.staked), 0)::bigint FROM (SELECT sum(h.n1) AS held,"
        " sum(h.n1) FILTER (WHERE h.slot = 'stake') AS staked FROM connections h"
        " WHERE h.space_id = %(space)s AND h.to_id = %(token)s AND h.type = 'holds'"
        " AND h.valid_to IS NULL GROUP BY h.from_id) p",
        session.params(token=token),
    )
    assert record is not None
    holders, circulating, staked = cast("tuple[int, int, int]", record)
    return Supply(holders=holders, circulating=circulating, staked=staked)


async def main_owner(session: Session, token: UUID) -> UUID | None:
    """Who owns most of a token, of several with as much the same one each time; whoever asks."""
    record = await session.tx.row(
        "SELECT o.from_id FROM connections o WHERE o.space_id = %(space)s AND o.to_id = %(token)s"
        f" AND o.type = 'owns' AND {live('o')}"
        " ORDER BY coalesce((o.metadata->>'revenueShare')::int, 0) DESC, o.from_id LIMIT 1",
        session.params(token=token),
    )
    return cast("UUID", record[0]) if record else None


async def verify(session: Session) -> list[Difference]:
    """Every balance once more out of its moves, and each move against the one before it: what
    doesn't agree, at most 100. Looks at the whole space; who was forgotten holds nothing.
    """
    found: list[Difference] = []
    for statement in (_BALANCES, _CHAINS, _TRANSFERS):
        records = await session.tx.rows(statement, session.params(most=MOST_DIFFERENCES))
        found += [
            Difference(holder=holder, token=token, says=says)
            for holder, token, says in cast("list[tuple[UUID | None, UUID, str]]", records)
        ]
    for token, counted, held in await miscounted(session, most=MOST_DIFFERENCES):
        says = f"{counted} of this token are counted as out, and {held} are held."
        found.append(Difference(holder=None, token=token, says=says))
    return found[:MOST_DIFFERENCES]


_MOVES = (
    "SELECT v.id, v.actor_id AS holder, v.entity_id AS token, v.type, v.recorded_at,"
    " (v.metadata->>'change')::bigint AS change, (v.metadata->>'balance')::bigint AS balance,"
    " (v.metadata->>'amount')::bigint AS amount, v.metadata->>'action' AS action,"
    " v.metadata->>'counterpartyId' AS counterparty"
    " FROM events v WHERE v.space_id = %(space)s"
    " AND v.type IN ('token_transacted', 'token_staked') AND v.metadata ? 'change'"
)

_BALANCES = (
    f"WITH m AS ({_MOVES} AND v.actor_id IS NOT NULL),"
    " told AS (SELECT holder, token, 'tokens' AS slot, sum(change) AS amount FROM m GROUP BY 1, 2"
    " UNION ALL SELECT holder, token, 'stake',"
    " sum(CASE action WHEN 'staked' THEN amount WHEN 'unstaked' THEN -amount ELSE 0 END) FROM m"
    " WHERE type = 'token_staked' GROUP BY 1, 2),"
    " said AS (SELECT h.from_id AS holder, h.to_id AS token, h.slot,"
    f" sum({units('h')}) AS amount, sum(h.n1) AS indexed FROM connections h JOIN entities e"
    " ON e.space_id = h.space_id AND e.id = h.to_id AND e.type = 'token'"
    " WHERE h.space_id = %(space)s AND h.type = 'holds' AND h.valid_to IS NULL GROUP BY 1, 2, 3)"
    " SELECT holder, token, format('%%s of this token are said to be %%s by this holder, and the"
    " moves come to %%s.', coalesce(said.amount, 0), CASE slot WHEN 'stake' THEN 'staked'"
    " ELSE 'held' END, coalesce(told.amount, 0))"
    " FROM told FULL JOIN said USING (holder, token, slot)"
    " WHERE coalesce(said.amount, 0) <> coalesce(told.amount, 0)"
    " OR said.indexed <> said.amount"
    " ORDER BY token, holder LIMIT %(most)s"
)

_CHAINS = (
    f"WITH m AS ({_MOVES} AND v.actor_id IS NOT NULL), c AS (SELECT m.*, coalesce(lag(balance) OVER"
    " (PARTITION BY holder, token ORDER BY recorded_at, id), 0) AS was FROM m)"
    " SELECT holder, token, format('The move %%s changes %%s by %%s and leaves %%s.', id, was,"
    " change, balance) FROM c WHERE balance IS NULL OR was + change <> balance"
    " OR type = 'token_transacted' AND abs(change) <> amount"
    " ORDER BY recorded_at LIMIT %(most)s"
)

_TRANSFERS = (
    f"WITH m AS ({_MOVES}) SELECT NULL::uuid, token, format('What holders of this token sent each"
    " other differs by %%s from what they got.', sum(change)) FROM m"
    " WHERE counterparty IS NOT NULL GROUP BY token HAVING sum(change) <> 0"
    " ORDER BY token LIMIT %(most)s"
)
