"""EVERY: the times at which a feature runs by itself, in its project's zone."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, cast
from zoneinfo import ZoneInfo

from pydantic import JsonValue

Unit = Literal["minute", "hour", "day", "week", "month"]
_SECONDS = {"minute": 60, "hour": 3600}


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """Each `count` units. Minutes and hours count from midnight UTC of the first day of 1970, the
    others from the day `since`, at the times of day `at`; a month without that day has its last.
    With `days` only these count, from Monday, 0.
    """

    unit: Unit
    count: int = 1
    at: tuple[time, ...] = (time(),)
    days: tuple[int, ...] = ()
    since: date = date(1970, 1, 1)
    zone: str = "UTC"

    def after(self, moment: datetime) -> datetime:
        """The first time that is later than a moment, in UTC.

        A time of day that a change of the clocks leaves out comes as much later; one that it
        repeats comes once, the first time.
        """
        if self.unit in _SECONDS:
            span = _SECONDS[self.unit] * self.count
            return datetime.fromtimestamp((int(moment.timestamp()) // span + 1) * span, UTC)
        day = moment.astimezone(ZoneInfo(self.zone)).date() - timedelta(days=1)
        while True:
            day = self._day_from(day)
            for at in sorted(self._times_of(day)):
                if at > moment:
                    return at
            day += timedelta(days=1)

    def _times_of(self, day: date) -> Iterator[datetime]:
        if not self.days or day.weekday() in self.days:
            for at in self.at:
                yield datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)

    def _day_from(self, day: date) -> date:
        """The first of the days that is not before one."""
        day = max(day, self.since)
        if self.unit == "month":
            months = (day.year - self.since.year) * 12 + day.month - self.since.month
            turn = -(-months // self.count)
            found = self._in_month(turn * self.count)
            return found if found >= day else self._in_month((turn + 1) * self.count)
        step = self.count * (7 if self.unit == "week" else 1)
        return day + timedelta(days=-(day - self.since).days % step)

    def _in_month(self, months: int) -> date:
        year, month = divmod(self.since.month - 1 + months, 12)
        year += self.since.year
        return date(year, month + 1, min(self.since.day, monthrange(year, month + 1)[1]))

    def as_json(self) -> dict[str, JsonValue]:
        times: list[JsonValue] = [at.isoformat() for at in self.at]
        kept: dict[str, JsonValue] = {
            "unit": self.unit,
            "count": self.count,
            "at": times if len(times) > 1 else times[0],
            "since": self.since.isoformat(),
            "zone": self.zone,
        }
        if self.days:
            kept["days"] = [*self.days]
        return kept

    @classmethod
    def of_json(cls, kept: dict[str, JsonValue]) -> "Every":
        """What `as_json` gave."""
        at = kept["at"]
        days = cast(list[int], kept.get("days", []))
        return cls(
            unit=cast(Unit, kept["unit"]),
            count=int(str(kept["count"])),
            at=tuple(
                time.fromisoformat(str(one)) for one in (at if isinstance(at, list) else [at])
            ),
            days=tuple(days),
            since=date.fromisoformat(str(kept["since"])),
            zone=str(kept["zone"]),
        )
