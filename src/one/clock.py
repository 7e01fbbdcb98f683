"""The one source of time, identifiers and randomness.

Business time is `Clock.now()`; ids are UUIDv7, monotonic within a process, so that what one
process makes in order also sorts in order.
"""

import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID


class Clock:
    """Wall time in UTC, moved by `offset` outside live mode."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


class _Ids:
    """UUIDv7 (RFC 9562, method 1): 48 bits of milliseconds, a 42-bit counter, 32 random bits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millis = 0
        self._counter = 0

    def next(self) -> UUID:
        with self._lock:
            millis = time.time_ns() // 1_000_000
            if millis > self._millis:
                self._millis, self._counter = millis, secrets.randbits(41)
            else:
                self._counter += 1
            millis, counter = self._millis, self._counter
        value = millis << 80 | 0x7 << 76 | (counter >> 30) << 64
        value |= 0b10 << 62 | (counter & 0x3FFFFFFF) << 32 | secrets.randbits(32)
        return UUID(int=value)


_ids = _Ids()


def new_id() -> UUID:
    """A new UUIDv7, greater than every earlier one of this process."""
    return _ids.next()


def new_secret(size: int = 32) -> str:
    """`size` random bytes as URL-safe text."""
    return secrets.token_urlsafe(size)


def new_code() -> str:
    """59 random bits to be typed by hand: `k7m2-p9xw-4tqc`, without letters that look alike."""
    letters = [secrets.choice(_TYPED) for _ in range(12)]
    return "-".join("".join(letters[start : start + 4]) for start in (0, 4, 8))


_TYPED = "23456789abcdefghjkmnpqrstuvwxyz"


def monotonic() -> float:
    """Seconds on a clock that never goes back; for measuring, never for storing."""
    return time.monotonic()
