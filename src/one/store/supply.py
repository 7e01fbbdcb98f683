"""How much of a token is out, and what it may not pass: its total supply, and so much a day.

What is out is what is held and staked; it is also counted beside that, by whatever changes it, so
that a token is not dearer to give the more people hold it. Whoever issues units of a token with
limits waits for others who do, so that all of them together stay within these.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from one.errors import Conflict
from one.store.database import Transaction
from one.store.session import Session

_PAID = frozenset({"purchased"})
"""What counts towards the whole, and not towards a day: it was paid for."""
_PARTS = 64


class Exhausted(Conflict):
    """A token has fewer units left to give out than are wanted; `details` hold both numbers."""

    def __init__(self, *, left: int, wanted: int, today: bool) -> None:
        words = "today" if today else "in all"
        super().__init__(
            f"Of this token {left:,} are left to give out {words}, and {wanted:,} are wanted.",
            cure="Give fewer, or wait until tomorrow." if today else "Give fewer.",
            details={"left": left, "wanted": wanted},
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """How many units there may be in all, and how many may be given out in a day."""

    token: UUID
    most: int | None
    daily: int | None


async def limits(session: Session, token: UUID) -> Limits:
    """The limits of a token; whoever else issues units of it waits until this is over."""
    record = await session.tx.row(
        "SELECT (e.properties->>'totalSupply')::bigint, (e.properties->>'dailyLimit')::bigint"
        " FROM entities e WHERE e.space_id = %(space)s AND e.id = %(token)s FOR NO KEY UPDATE",
        session.params(token=token),
    )
    assert record is not None, "the token was found"
    most, daily = cast("tuple[int | None, int | None]", record)
    return Limits(token, most, daily)


async def admit(session: Session, limits: Limits, amount: int, *, action: str) -> None:
    """That so many more may come into being. Raises Exhausted."""
    if limits.most is not None:
        left = max(limits.most - await circulating(session, limits.token), 0)
        if amount > left:
            raise Exhausted(left=left, wanted=amount, today=False)
    if limits.daily is not None and action not in _PAID:
        left = max(limits.daily - await given_today(session, limits.token), 0)
        if amount > left:
            raise Exhausted(left=left, wanted=amount, today=True)


async def circulating(session: Session, token: UUID) -> int:
    """How many units are held or staked, by the count; more by what others are just taking."""
    return (await circulating_of(session, [token])).get(token, 0)


async def circulating_of(session: Session, tokens: Collection[UUID]) -> dict[UUID, int]:
    """The same of several tokens, of those of which anything is counted."""
    records = await session.tx.rows(
        "SELECT token_id, sum(units)::bigint FROM supplies WHERE space_id = %(space)s"
        " AND token_id = ANY(%(tokens)s) GROUP BY token_id",
        session.params(tokens=list(tokens)),
    )
    return dict(cast("list[tuple[UUID, int]]", records))


def counted(source: str) -> str:
    """A statement that counts more units, or fewer, as out: of each row its `token` and `units`."""
    return (
        "INSERT INTO supplies (space_id, token_id, part, units)"
        f" SELECT %(space)s, token, pg_backend_pid() %% {_PARTS}, units FROM {source}"
        " WHERE units <> 0 ORDER BY token ON CONFLICT (space_id, token_id, part)"
        " DO UPDATE SET units = supplies.units + excluded.units"
    )


def deleted(condition: str) -> str:
    """A statement that deletes connections, and counts what was held by them as no longer out."""
    return (
        f"WITH gone AS (DELETE FROM connections WHERE {condition}"
        " RETURNING type, to_id, valid_to, n1) "
        + counted(
            "(SELECT to_id AS token, -sum(n1)::bigint AS units FROM gone WHERE type = 'holds'"
            " AND valid_to IS NULL GROUP BY to_id) m"
        )
    )


async def count(tx: Transaction, space: UUID, changes: Mapping[UUID, int]) -> None:
    """Counts so many units more, or fewer, of these tokens as out."""
    if any(changes.values()):
        await tx.run(
            _COUNT,
            {"space": space, "tokens": list(changes), "units": list(changes.values())},
        )


async def miscounted(session: Session, *, most: int) -> list[tuple[UUID, int, int]]:
    """Tokens of which another number is counted as out than is held: both numbers."""
    records = await session.tx.rows(
        "WITH held AS (SELECT x.to_id AS token, sum(x.n1)::bigint AS units FROM connections x"
        " WHERE x.space_id = %(space)s AND x.type = 'holds' AND x.valid_to IS NULL GROUP BY 1),"
        " counted AS (SELECT s.token_id AS token, sum(s.units)::bigint AS units FROM supplies s"
        " WHERE s.space_id = %(space)s GROUP BY 1)"
        " SELECT token, coalesce(counted.units, 0), coalesce(held.units, 0)"
        " FROM held FULL JOIN counted USING (token)"
        " WHERE coalesce(counted.units, 0) <> coalesce(held.units, 0) ORDER BY token"
        " LIMIT %(most)s",
        session.params(most=most),
    )
    return cast("list[tuple[UUID, int, int]]", records)


async def given_today(session: Session, token: UUID) -> int:
    """How many units came into being since midnight, UTC, that nobody paid for."""
    start = session.now.replace(hour=0, minute=0, second=0, microsecond=0)
    record = await session.tx.row(
        "SELECT coalesce(sum((v.metadata->>'change')::bigint), 0)::bigint FROM events v"
        " WHERE v.space_id = %(space)s AND v.entity_id = %(token)s AND v.type = 'token_transacted'"
        " AND v.recorded_at >= %(start)s AND v.metadata->>'action' <> ALL(%(paid)s)"
        " AND NOT v.metadata ? 'counterpartyId' AND (v.metadata->>'change')::bigint > 0",
        session.params(token=token, start=start, paid=sorted(_PAID)),
    )
    assert record is not None
    return cast("int", record[0])


_COUNT = counted("unnest(%(tokens)s::uuid[], %(units)s::bigint[]) AS t (token, units)")
