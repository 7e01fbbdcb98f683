"""What a run tells of twice and does once: by a call of the blockchain, and by a command.

A feature may mint tokens for a fan and REWARD the fan with them, as one says a thing to two who
keep books of it. There is one book; so of two tellings of the same person, token and number, of
which one is a call's and the other a command's, the second moves nothing. Each is paired once.
"""

from datetime import timedelta
from typing import Literal, cast
from uuid import UUID

from one.store.session import Session

Side = Literal["call", "command"]
_OTHER: dict[Side, Side] = {"call": "command", "command": "call"}


async def told(
    session: Session, side: Side, *, run: UUID, holder: UUID, token: UUID, change: int
) -> bool:
    """Whether the other side has told of this change, in this run and today or yesterday, more
    often than this one; then it is not to be done again.
    """
    await session.tx.run(
        "SELECT pg_advisory_xact_lock(hashtextextended(%(run)s::text, 0))",
        session.params(run=run),
    )
    today, what = session.now.date(), f"{run}:{holder}:{token}:{change}"
    record = await session.tx.row(
        "WITH mine AS (INSERT INTO uses AS u (space_id, key, day, count)"
        " VALUES (%(space)s, %(mine)s, %(today)s, 1) ON CONFLICT (space_id, key, day)"
        " DO UPDATE SET count = u.count + 1)"
        f" SELECT ({_SUM.format('mine')}) < ({_SUM.format('other')})",
        session.params(
            mine=f"told:{side}:{what}",
            other=f"told:{_OTHER[side]}:{what}",
            today=today,
            since=today - timedelta(days=1),
        ),
    )
    assert record is not None
    return cast("bool", record[0])


# The snapshot of the statement is from before its own row: this telling isn't counted.
_SUM = (
    "SELECT coalesce(sum(t.count), 0) FROM uses t WHERE t.space_id = %(space)s"
    " AND t.key = %({})s AND t.day >= %(since)s"
)
