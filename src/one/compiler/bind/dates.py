"""Days and times of day, as people write them."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from one.compiler.diagnosis import slipped
from one.compiler.reader import Is, Word

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_BETWEEN_DATES = frozenset({",", "of", "st", "nd", "rd", "th", "the"})
DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")


def time_of(text: str) -> str | None:
    """`9am`, `8:30 pm`, `20:00` as `09:00`; a date stays as it is. None where there is no such."""
    if re.match(r"\d{4}-", text):
        return text.replace(" ", "T") if _is_day(text[:10]) else None
    found = re.match(r"(\d{1,2})(?:[:.](\d{2}))?\s?([ap])?", text.casefold())
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "p" else 0)
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def weekday_of(word: str) -> str | None:
    """`Friday`, `fridays` → `friday`."""
    low = word.casefold().rstrip("s")
    return low if low in DAYS else None


def calendar_day(words: Sequence[Word]) -> tuple[str | None, list[Word]] | None:
    """`24 December 2030`, `December 24th, 2030` as a date, with the other words; no date without
    its year. None where no month is named beside a day.
    """
    bare = [word for word in words if word.low not in _BETWEEN_DATES]
    at = next((n for n, word in enumerate(bare) if word.low in MONTHS), -1)
    for n in (at - 1, at + 1):
        day = DAY.fullmatch(bare[n].low) if at >= 0 and 0 <= n < len(bare) else None
        if day is None:
            continue
        after = max(n, at) + 1
        year = bare[after].text if after < len(bare) else ""
        if not re.fullmatch(r"20\d\d", year):
            return None if year and bare[after].kind is Is.NUMBER else (None, [])
        month = MONTHS.index(bare[at].low) + 1
        if not 1 <= int(day[1]) <= monthrange(int(year), month)[1]:
            return None, []
        said = f"{year}-{month:02d}-{int(day[1]):02d}"
        return said, [*bare[: min(n, at)], *bare[after + 1 :]]
    return None


def day_of_year(words: Sequence[Word]) -> tuple[str, list[Word]] | None:
    """`December 24`, `the 24th of December` as `12-24`, with the other words."""
    bare = [word for word in words if word.low not in _BETWEEN_DATES]
    at = next((n for n, word in enumerate(bare) if word.low in MONTHS), -1)
    for n in (at - 1, at + 1):
        day = DAY.fullmatch(bare[n].low) if at >= 0 and 0 <= n < len(bare) else None
        month = MONTHS.index(bare[at].low) + 1
        if day and 1 <= int(day[1]) <= monthrange(2028, month)[1]:
            return f"{month:02d}-{int(day[1]):02d}", [*bare[: min(n, at)], *bare[max(n, at) + 1 :]]
    return None


def moment_of(words: Sequence[Word]) -> str | None:
    """`9am`, `Friday 8pm`, `tomorrow at 9am`, a date: one text that names the moment."""
    parts: list[str] = []
    if (found := calendar_day(words)) is not None:
        day, words = found if found[0] is not None else day_of_year(words) or (None, [])
        if day is None:
            return None
        parts.append(day)
    for word in words:
        if word.low in {"at", "on", "next", "the", ",", "this", "in"}:
            continue
        day = weekday_of(word.text) if word.kind is Is.WORD else None
        time = time_of(word.text) if word.kind is Is.TIME else None
        plain = {
            "noon": "12:00",
            "midnight": "00:00",
            "tomorrow": "tomorrow",
            "today": "today",
            "tonight": "20:00",
        }.get(word.low)
        if (found := day or time or plain) is None:
            return None
        parts.append(found)
    order = sorted(parts, key=_is_clock)
    clocks = sum(map(_is_clock, parts))
    return " ".join(order) if parts and clocks < 2 and len(parts) - clocks < 2 else None


def no_moment(words: Sequence[Word]) -> tuple[list[Word], tuple[str, ...]] | None:
    """What is said like a day or a time and is none (`13pm`, `Fryday`, a bare `9`), with what it
    may have been meant as.
    """
    said = [word for word in words if word.low not in _FILLING and word.kind is not Is.MARK]
    for word in said:
        if word.kind is Is.TIME and time_of(word.text) is None:
            return [word], ()
    for word in said if len(said) < 4 else ():
        near = [one.title() for one in (*DAYS, *MONTHS) if slipped(word.low, one)]
        if word.kind is Is.WORD and near and len(word.low) > 4 and word.low not in MONTHS:
            return [word], () if weekday_of(word.low) else tuple(near[:1])
    if said and said[0].kind is Is.NUMBER and [word.low for word in said[1:]] in ([], ["o'clock"]):
        hour = said[0].text
        clock = hour.isdigit() and 1 <= int(hour) <= 12
        return said, (f"{hour}am", f"{hour}pm") if clock else ()
    return None


_FILLING = frozenset({"at", "on", "next", "the", "this", "in", "until", "till", "coming", "by"})


def _is_clock(part: str) -> bool:
    return part[0].isdigit() and ":" in part and len(part) == 5
