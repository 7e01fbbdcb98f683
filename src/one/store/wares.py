"""Wares: how many of what somebody owns were bought, and are about to be."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from one.store.sales import PAID, UNPAID, Mode
from one.store.session import Session
from one.store.sight import live


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a thing were paid for and not given back, and how many are about to be paid."""

    sold: int = 0
    unpaid: int = 0


async def owned_by(
    session: Session, owner: UUID, *, types: Collection[str], before: UUID | None, limit: int
) -> list[UUID]:
    """Things of these types that somebody owns, newest first, from before one of them on."""
    records = await session.tx.rows(
        "SELECT e.id FROM connections x JOIN entities e ON e.space_id = x.space_id"
        " AND e.id = x.to_id WHERE x.space_id = %(space)s AND x.from_id = %(owner)s"
        f" AND x.type = 'owns' AND {live('x')} AND e.type = ANY(%(types)s)"
        " AND e.deleted_at IS NULL AND (%(before)s::uuid IS NULL OR e.id < (SELECT b.to_id"
        " FROM connections b WHERE b.space_id = %(space)s AND b.from_id = %(owner)s"
        " AND b.to_id = %(before)s AND b.type = 'owns' LIMIT 1))"
        " ORDER BY e.id DESC LIMIT %(limit)s",
        session.params(owner=owner, types=sorted(types), before=before, limit=limit),
    )
    return [cast(UUID, record[0]) for record in records]


async def counts_of(session: Session, mode: Mode, things: Collection[UUID]) -> dict[UUID, Count]:
    """What of each of these things was sold, of those of which anything was."""
    records = await session.tx.rows(
        "SELECT product_id, coalesce(sum(quantity - refunded / nullif(unit_price, 0))"
        " FILTER (WHERE state = ANY(%(paid)s)), 0)::bigint,"
        " coalesce(sum(quantity) FILTER (WHERE state = ANY(%(unpaid)s)), 0)::bigint"
        " FROM sales WHERE space_id = %(space)s AND product_id = ANY(%(things)s)"
        " AND mode = %(mode)s GROUP BY product_id",
        session.params(mode=mode, things=list(things), paid=[*PAID], unpaid=[*UNPAID]),
    )
    return {
        id: Count(sold, unpaid) for id, sold, unpaid in cast("list[tuple[UUID, int, int]]", records)
    }
