"""How often something was done: counted in the transaction that does it, up to a limit.

A key says what is counted and for whom; `day` is the day it counts for, the first of all days where
it counts for ever.
"""

from datetime import date

from one.store.session import Session

EVER = date(1970, 1, 1)


async def count_use(session: Session, key: str, *, limit: int, day: date = EVER) -> bool:
    """Counts one more; false, and nothing counted, when that would be one too many."""
    if limit < 1:
        return False
    record = await session.tx.row(
        "INSERT INTO uses AS u (space_id, key, day, count) VALUES (%(space)s, %(key)s, %(day)s, 1)"
        " ON CONFLICT (space_id, key, day) DO UPDATE SET count = u.count + 1"
        " WHERE u.count < %(limit)s RETURNING u.count",
        session.params(key=key, day=day, limit=limit),
    )
    return record is not None


async def uses_of(session: Session, key: str, *, day: date = EVER) -> int:
    """How often it was done."""
    record = await session.tx.row(
        "SELECT count FROM uses WHERE space_id = %(space)s AND key = %(key)s AND day = %(day)s",
        session.params(key=key, day=day),
    )
    return int(str(record[0])) if record else 0


async def forget_uses(session: Session, before: date) -> int:
    """Removes the counts of days that are over."""
    return await session.tx.run(
        "DELETE FROM uses WHERE space_id = %(space)s AND day > %(ever)s AND day < %(before)s",
        session.params(ever=EVER, before=before),
    )
