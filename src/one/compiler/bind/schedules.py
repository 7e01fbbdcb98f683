"""EVERY: how often a feature begins by itself, and at what time."""

from collections.abc import Sequence
from typing import Literal

from one.compiler.bind.literals import duration_of, time_of, weekday_of
from one.compiler.bind.session import Reading
from one.compiler.layout import Head
from one.compiler.program import Every, Trigger
from one.compiler.reader import Is, Word

_Unit = Literal["minute", "hour", "day", "week", "month"]
_UNITS = {
    "minute": "minute",
    "min": "minute",
    "hour": "hour",
    "day": "day",
    "week": "week",
    "month": "month",
    "morning": "day",
    "evening": "day",
    "night": "day",
}
_AT = {"morning": "09:00", "evening": "18:00", "night": "21:00"}
_PARTS: tuple[list[str], ...] = ([], *([part] for part in _AT))


def read_every(reading: Reading, head: Head, words: Sequence[Word]) -> Trigger | None:
    """A schedule; reports what is no part of one."""
    at: str | None = None
    rest: list[Word] = []
    for n, word in enumerate(words):
        if word.kind is Is.TIME:
            at = time_of(word.text)
            if at is None:
                reading.error("E512", f"“{word.text}” is no time of day.", at=word.span)
        elif word.low in {"noon", "midnight"}:
            at = "12:00" if word.low == "noon" else "00:00"
        elif word.low == "at" and n + 1 < len(words) and words[n + 1].kind is Is.NUMBER:
            at = time_of(words[n + 1].text + ":00")
        elif word.low == "at" and n + 1 == len(words):
            reading.error("E204", "At what time?", why="Write EVERY DAY at 9am.", at=word.span)
        elif word.low not in {"at", "on"} and not (
            word.kind is Is.NUMBER and n and words[n - 1].low == "at"
        ):
            rest.append(word)
    every = _period(rest)
    if every is None or sum(word.kind is Is.TIME for word in words) > 1:
        _refuse(reading, head, words)
        return None
    return Trigger(every=every.model_copy(update={"at": at or every.at}))


_DAYS = frozenset({"weekday", "weekdays", "weekend", "weekends", "workday"})


def _refuse(reading: Reading, head: Head, words: Sequence[Word]) -> None:
    """Told, and how what is nearest to it is said."""
    days = sum(weekday_of(word.text) is not None for word in words if word.kind is Is.WORD)
    times = sum(word.kind is Is.TIME for word in words)
    said, why = "I don't understand how often this is.", ""
    if days > 1 or times > 1 or any(word.low in _DAYS for word in words):
        said = "A schedule has one day and one time."
        why = "Make a feature for each, such as EVERY SATURDAY at 10am; they may USE one FEATURE."
    elif any(word.low in {"month", "monthly", "year", "yearly"} for word in words):
        why = "Write EVERY MONTH at 9am, which is on its first day, or EVERY 30 days."
    usual = "Write EVERY DAY at 9am, EVERY MONDAY, EVERY 15 minutes."
    reading.error("E208", said, why=why or usual, at=head.span)


_FIRST = (["the", "1st"], ["1st"], ["the", "first"], ["the", "first", "day"], ["first", "day"])


def _period(words: Sequence[Word]) -> Every | None:
    if not words:
        return None
    first = words[0]
    low = [word.low for word in words]
    if first.kind is Is.WORD and (day := weekday_of(first.text)) and low[1:] in _PARTS:
        return Every(unit="week", on=day, at=_AT.get(low[-1]))
    if first.low in _UNITS and len(words) == 1:
        return Every(unit=_unit(first.low), at=_AT.get(first.low))
    if low[:1] == ["month"] and low[1:] in _FIRST:
        return Every(unit="month")
    if first.low == "week" and len(words) == 2 and (day := weekday_of(words[1].text)):
        return Every(unit="week", on=day)
    if first.low in {"second", "other"} and len(words) == 2 and words[1].low in _UNITS:
        return Every(count=2, unit=_unit(words[1].low))
    text = duration_of(words)
    if text is None:
        return None
    units = {"m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month"}
    number = text.rstrip("smhdwo")
    unit = units.get(text[len(number) :])
    return Every(count=int(number), unit=_unit(unit)) if unit and int(number) else None


def _unit(word: str) -> _Unit:
    match _UNITS[word]:
        case "minute":
            return "minute"
        case "hour":
            return "hour"
        case "week":
            return "week"
        case "month":
            return "month"
        case _:
            return "day"
