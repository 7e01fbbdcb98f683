"""How often an operation may be called, by whom: declared beside it, kept in the database.

What a process has refused it refuses again by itself until the limit is free, so that a flood
costs the database nothing.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from one.clock import monotonic
from one.errors import TooMany
from one.store import Desk
from one.store.limits import Rate, give_back, spend

_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` calls at once and as many each `period`, for each value of `by`: `address` is the
    caller's network, `session` the secret of theirs, `actor` who is signed in, every other word
    an argument. With `refused` only calls that are refused count.
    """

    burst: int
    period: timedelta
    by: tuple[str, ...]
    refused: bool = False

    @property
    def rate(self) -> Rate:
        return Rate(self.burst, self.period)


class Limiter:
    """Keeps who is refused for how long."""

    def __init__(self) -> None:
        self._refused: dict[tuple[UUID, str], float] = {}

    async def spend(
        self, desk: Desk, space: UUID, *, name: str, limit: Limit, values: Mapping[str, object]
    ) -> None:
        """Uses a limit once; calls that have no value for it are not counted. Raises TooMany."""
        key = _key(name, limit, values)
        if key is None:
            return
        left = self._refused.get((space, key), 0.0) - monotonic()
        if left <= 0:
            async with desk.database.write() as tx:
                left = (await spend(tx, space, key=key, rate=limit.rate)).total_seconds()
            if left > 0:
                self._keep(space, key, until=monotonic() + left)
        if left > 0:
            seconds = math.ceil(left)
            raise TooMany(
                "This was tried too often.",
                cure=f"Try again in {_told(seconds)}.",
                details={"retryAfter": seconds},
            )

    async def give_back(
        self, desk: Desk, space: UUID, *, name: str, limit: Limit, values: Mapping[str, object]
    ) -> None:
        """As if it had not been used."""
        key = _key(name, limit, values)
        if key is not None:
            async with desk.database.write() as tx:
                await give_back(tx, space, key=key, rate=limit.rate)

    def _keep(self, space: UUID, key: str, *, until: float) -> None:
        if len(self._refused) >= _MOST:
            now = monotonic()
            self._refused = {key: over for key, over in self._refused.items() if over > now}
        if len(self._refused) < _MOST:
            self._refused[space, key] = until


def _key(name: str, limit: Limit, values: Mapping[str, object]) -> str | None:
    """Under which a limit is kept, without the words themselves; none where one is missing."""
    parts = [values.get(word) for word in limit.by]
    if any(part in (None, "") for part in parts):
        return None
    said = "\n".join([name, *limit.by, *(str(part).casefold() for part in parts)])
    return hashlib.sha256(said.encode()).hexdigest()


def _told(seconds: int) -> str:
    if seconds < 60:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    minutes = math.ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"
