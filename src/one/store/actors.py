"""Who acts with a token, remembered for a moment, so that a busy caller is looked up once.

What is remembered is dropped when this process ends a token, and with every news of the change
log, by which other processes tell that they have.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from one.clock import Clock, monotonic
from one.store.database import Database
from one.store.keys import Bearer, bearer_of, token_hash
from one.store.sight import Viewer

LONGEST = 2.0  # seconds; how long a process that hears no news may be wrong
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    bearer: Bearer
    until: float

    def holds(self, now: datetime) -> bool:
        over = self.bearer.expires_at
        return monotonic() < self.until and (over is None or over > now)


class Actors:
    """The bearers of tokens, by space and hash."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[tuple[UUID, str], _Known] = {}

    def forget(self) -> None:
        """Drops all that is remembered, also by look-ups that are on their way."""
        self._known = {}

    async def viewer_of(self, space: UUID, secret: str) -> Viewer | None:
        """Who acts with this token; nobody when it is none."""
        now, key = self._clock.now(), (space, token_hash(secret))
        known = self._known.get(key)
        if known is not None and known.holds(now):
            return known.bearer.viewer
        remembered = self._known
        async with self._database.read(snapshot=False) as tx:
            bearer = await bearer_of(tx, space, key[1], now=now)
        if bearer is None:
            return None
        if len(remembered) >= _MOST:
            remembered.clear()
        remembered[key] = _Known(bearer, monotonic() + LONGEST)
        return bearer.viewer
