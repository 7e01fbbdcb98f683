"""Lengths of time and moments, as features say them. Clock times are in the project's zone: UTC."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from one.errors import Invalid
from one.ontology.types import Type
from one.sdk.values import Value, text

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(
    r"(?:(?P<day>[a-z]+) )?(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?(?P<half>am|pm)?$"
)
_OF_YEAR = re.compile(r"(?P<month>\d\d)-(?P<date>\d\d)(?: (?P<hour>\d\d):(?P<minute>\d\d))?$")
_NIGHT = 22
PROJECT: Mapping[str, str] = {"currency": "usd", "zone": "UTC"}


def seconds(n: float) -> timedelta:
    return timedelta(seconds=n)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def days(n: float) -> timedelta:
    return timedelta(days=n)


def weeks(n: float) -> timedelta:
    return timedelta(weeks=n)


def months_after(moment: datetime, n: int) -> datetime:
    """The same day so many calendar months later, or the last of its month."""
    year, month = divmod(moment.month - 1 + n, 12)
    year += moment.year
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def beginning(moment: datetime, unit: Value, *, back: Value = 0) -> datetime:
    """When its day, week, month or year began, or one so many before it. Weeks begin on Monday.

    Of a weekday that of its week, of `12-24` that of its year.
    """
    many = back if isinstance(back, int) else 0
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case str() if unit in _DAYS:
            return day - timedelta(days=day.weekday() - _DAYS.index(unit), weeks=many)
        case str() if found := _OF_YEAR.match(unit):
            return _of_year(found, day.year - many, day)
        case "week":
            return day - timedelta(days=day.weekday(), weeks=many)
        case "month":
            return months_after(day.replace(day=1), -many)
        case "year":
            return months_after(day.replace(month=1, day=1), -12 * many)
        case _:
            return day - timedelta(days=many)


def moment(said: Value, now: datetime) -> datetime:
    """The next time that is meant: `20:00`, `friday 20:00`, `friday`, `12-24`, `tomorrow 09:00`, a
    date. Raises Invalid.
    """
    if isinstance(said, datetime):
        return said
    if at := clock_time(text(said), now):
        return at
    try:
        at = datetime.fromisoformat(text(said).strip())
    except ValueError:
        message = f"“{text(said)[:60]}” is no moment."
        raise Invalid(message, cure="Say a time, a weekday and a time, or a date.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def clock_time(said: str, now: datetime) -> datetime | None:
    """The next `20:00`, `friday` or `friday 20:00`, `12-24`; nothing where it is no such time."""
    words = said.strip().lower()
    if dated := _OF_YEAR.match(words):
        at = _of_year(dated, now.year, now)
        return at if at > now else _of_year(dated, now.year + 1, now)
    if words.startswith("tomorrow"):
        midnight = beginning(now, "day", back=-1)
        clock = words.removeprefix("tomorrow").strip()
        return clock_time(clock, midnight - timedelta(seconds=1)) if clock else midnight
    words = words.removeprefix("today").strip()
    found = _CLOCK.match(f"{words} 00:00" if words in _DAYS else words)
    timed = found and (
        found["day"] in _DAYS or (not found["day"] and (found["minute"] or found["half"]))
    )
    return _next(found, now) if found and timed else None


def _of_year(found: re.Match[str], year: int, now: datetime) -> datetime:
    """The day of that year at its time; the 29th of February is the 1st of March in most years."""
    clock = timedelta(hours=int(found["hour"] or 0), minutes=int(found["minute"] or 0))
    first = now.replace(year=year, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    return (
        months_after(first, int(found["month"]) - 1)
        + timedelta(days=int(found["date"]) - 1)
        + clock
    )


def settled(facts: Mapping[str, JsonValue], kind: Type, *, now: datetime) -> dict[str, JsonValue]:
    """Properties with the moments that `friday 20:00` means, where the type has moments."""
    times = (key for key in facts if key in kind.moments)
    meant = {key: at for key in times if (at := clock_time(str(facts[key]), now))}
    return {**facts, **{key: at.isoformat() for key, at in meant.items()}}


def _next(found: re.Match[str], now: datetime) -> datetime:
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "pm" else 0)
    at = now.replace(hour=hour % 24, minute=int(found["minute"] or 0), second=0, microsecond=0)
    if found["day"]:
        at += timedelta(days=(_DAYS.index(found["day"]) - at.weekday()) % 7)
    return at if at > now else at + timedelta(days=7 if found["day"] else 1)


def until_begin(when: str, now: datetime) -> timedelta:
    """How long what is queued may have to wait: `at night` is until 22:00."""
    if "night" not in when.lower() or now.hour >= _NIGHT or now.hour < 6:
        return timedelta()
    return now.replace(hour=_NIGHT, minute=0, second=0, microsecond=0) - now
