"""Who holds a session, asked in as few round trips as a read takes anyway.

Whose a session is never changes, and is remembered. Whether it still holds is asked each time:
alone, or together with the first statement of what its holder reads.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from one.clock import Clock
from one.store.database import Database, Premise
from one.store.keys import token_hash
from one.store.sessions import SEEN_EACH, holder_of, premise_of, see
from one.store.sight import Viewer

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    """A session as it was when it was looked up, made ready for the next time."""

    viewer: Viewer
    hash: str
    seen_at: datetime


class Holders:
    """The holders of sessions that were looked up, by space and secret."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[tuple[UUID, str], _Known] = {}

    async def find(self, space: UUID, secret: str, *, idle: timedelta) -> Viewer | None:
        """Who acts in this session; nobody in one that lacks the second factor."""
        now = self._clock.now()
        async with self._database.read(snapshot=False) as tx:
            holder = await holder_of(tx, space, secret, now=now, idle=idle)
        if holder is None or not holder.whole:
            self._known.pop((space, secret), None)
            return None
        if now - holder.seen_at > SEEN_EACH:
            async with self._database.write() as tx:
                await see(tx, holder, now=now)
            holder = holder.seen(now)
        if len(self._known) >= _MOST:
            self._known.clear()
        viewer = holder.viewer
        self._known[space, secret] = _Known(viewer, token_hash(secret), holder.seen_at)
        return viewer

    def remembered(
        self, space: UUID, secret: str, *, idle: timedelta
    ) -> tuple[Viewer, Premise] | None:
        """Who of the people it was the last time, if that is not long ago, and what makes sure."""
        now, known = self._clock.now(), self._known.get((space, secret))
        if known is None or not timedelta() <= now - known.seen_at <= SEEN_EACH:
            return None
        if known.viewer.staff:
            return None
        return known.viewer, premise_of(space, known.hash, now=now, idle=idle)
