"""Limits of rate, kept where all processes see them: the generic cell rate algorithm in SQL.

A key is spoken for until a moment; each use moves that moment on by what one use costs, and is
refused where it would lie further ahead than a burst may.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from one.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` uses at once, and over time as many each `period`."""

    burst: int
    period: timedelta

    @property
    def cost(self) -> timedelta:
        return self.period / self.burst


async def spend(tx: Transaction, space: UUID, *, key: str, rate: Rate) -> timedelta:
    """Uses a key once; zero where that was allowed, else how long it takes until it is."""
    params = {"space": space, "key": key, "cost": rate.cost, "period": rate.period}
    free = "greatest(limits.until, now())"
    taken = await tx.run(
        "INSERT INTO limits VALUES (%(space)s, %(key)s, now() + %(cost)s::interval)"
        f" ON CONFLICT (space_id, key) DO UPDATE SET until = {free} + %(cost)s::interval"
        f" WHERE {free} + %(cost)s::interval <= now() + %(period)s::interval",
        params,
    )
    if taken:
        return timedelta()
    record = await tx.row(
        "SELECT until + %(cost)s::interval - %(period)s::interval - now() FROM limits"
        " WHERE space_id = %(space)s AND key = %(key)s",
        params,
    )
    wait = record[0] if record else None
    assert isinstance(wait, timedelta), "a limit that refused is there"
    return max(wait, timedelta(seconds=1))


async def give_back(tx: Transaction, space: UUID, *, key: str, rate: Rate) -> None:
    """Takes a use back."""
    await tx.run(
        "UPDATE limits SET until = until - %(cost)s::interval WHERE space_id = %(space)s"
        " AND key = %(key)s",
        {"space": space, "key": key, "cost": rate.cost},
    )


async def forget_limits(tx: Transaction) -> int:
    """Drops what is free again; how many."""
    return await tx.run("DELETE FROM limits WHERE until < now()")
