"""How much of a token is out, and what it may not pass: its total supply, and so much a day.

Nothing is counted apart: what is out is what is held. Whoever issues units of a token with limits
waits for others who do, so that all of them together stay within these.
"""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from one.errors import Conflict
from one.store.session import Session

_PAID = frozenset({"purchased"})
"""What counts towards the whole, and not towards a day: it was paid for."""


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
    """How many units are held or staked."""
    record = await session.tx.row(
        "SELECT coalesce(sum(x.n1), 0)::bigint FROM connections x"
        " WHERE x.space_id = %(space)s AND x.to_id = %(token)s AND x.type = 'holds'"
        " AND x.valid_to IS NULL",
        session.params(token=token),
    )
    assert record is not None
    return cast("int", record[0])


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
