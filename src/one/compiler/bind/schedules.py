"""EVERY: how often a feature begins by itself, on which days, and at what times."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from one.compiler.bind.dates import DAY, DAYS, MONTHS, time_of, weekday_of
from one.compiler.bind.literals import duration_of
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, slipped
from one.compiler.layout import Head
from one.compiler.program import Every, Trigger
from one.compiler.reader import Is, Word
from one.compiler.vocabulary import singular

_Unit = Literal["minute", "hour", "day", "week", "month", "year"]
_UNITS: dict[str, _Unit] = {
    "minute": "minute",
    "min": "minute",
    "hour": "hour",
    "day": "day",
    "week": "week",
    "month": "month",
    "year": "year",
    "morning": "day",
    "afternoon": "day",
    "evening": "day",
    "night": "day",
}
_SEVERAL: dict[str, tuple[int, _Unit]] = {"quarter": (3, "month"), "fortnight": (2, "week")}
_AT = {"morning": "09:00", "afternoon": "15:00", "evening": "18:00", "night": "21:00"}
_SPOKEN = ("minutes", "hours", "days", "weeks", "months", *_UNITS, "weekday", "noon", "midnight")
_LEADING = frozenset({"at", "on", "and", "&", "the", "of", "each", "every"})
_WORKDAYS = frozenset({"weekday", "workday"})
_FIRST = {"first": "1", "last": "31"}


def read_every(reading: Reading, head: Head, words: Sequence[Word]) -> Trigger | None:
    """A schedule; reports what is no part of one."""
    times: list[str] = []
    rest: list[Word] = []
    words = _clocked(words)
    for n, word in enumerate(words):
        if _is_time(words, n):
            at = _TIMES.get(word.low) or time_of(word.text if word.kind is Is.TIME else _full(word))
            at = _late(at, word, words)
            if at is None:
                reading.error("E512", f"“{word.text}” is no time of day.", at=word.span)
                return None
            times.append(at)
        elif word.low == "at" and n + 1 == len(words):
            reading.error("E204", "At what time?", why="Write EVERY DAY at 9am.", at=word.span)
        elif word.low not in _LEADING:
            if times and _weekday(word) and any(_weekday(one) for one in rest):
                return _refuse(reading, head, words)  # `Monday at 9am, Friday at 6pm`
            rest.append(word)
    every = _period(rest)
    if every is None:
        return _refuse(reading, head, words)
    said = sorted(set(times)) if len(times) > 1 else times
    if said:
        every = every.model_copy(update={"at": said[0] if len(said) == 1 else said})
    return Trigger(every=every)


def _clocked(words: Sequence[Word]) -> list[Word]:
    """`6 in the morning` as `6am`, `9 o'clock` as `9:00`."""
    found: list[Word] = []
    for word in words:
        said = [one.low for one in found[-2:]]
        if word.low in {"o'clock", "o’clock", "oclock"} and found:
            found[-1] = replace(found[-1], text=f"{found[-1].text}:00", kind=Is.TIME)
        elif said == ["in", "the"] and word.low in _HALVES and len(found) > 2:
            text = found[-3].text
            late = text[:2].isdigit() and int(text[:2]) > 12
            half = _HALVES[word.low] if text[-1].isdigit() and not late else ""
            found[-3:] = [replace(found[-3], text=text + half, kind=Is.TIME)]
        else:
            found.append(word)
    return found


_HALVES = {"morning": "am", "afternoon": "pm", "evening": "pm"}
_TIMES = {"noon": "12:00", "midnight": "00:00"}


def _is_time(words: Sequence[Word], n: int) -> bool:
    """`9am`, `noon`; a number alone behind `at`, and behind another such."""
    word = words[n]
    if word.kind is Is.TIME or word.low in _TIMES:
        return True
    if word.kind is not Is.NUMBER or not n:
        return False
    return words[n - 1].low == "at" or (words[n - 1].low == "and" and _is_time(words, n - 2))


def _late(at: str | None, word: Word, words: Sequence[Word]) -> str | None:
    """`Friday evening at 8` is at 20:00."""
    bare = word.text[-1].isdigit() and at is not None
    late = bare and any(one.low in {"afternoon", "evening", "night"} for one in words)
    return f"{int(at[:2]) + 12}{at[2:]}" if at and late and "05:00" < at < "12:00" else at


def _full(word: Word) -> str:
    return f"{word.text}:00"


def _refuse(reading: Reading, head: Head, words: Sequence[Word]) -> None:
    """Told, and how what is nearest to it is said."""
    said, why, fixes = "I don't understand how often this is.", "", list[Fix]()
    weekend = next((word for word in words if singular(word.low) == "weekend"), None)
    if weekend is not None:
        said = "A weekend has two days. Which is meant?"
        for days in ("SATURDAY", "SATURDAY and SUNDAY"):
            fixes.append(Fix(f"Every {days}", (Edit(weekend.span, days),), Applies.MAYBE))
    elif sum(word.kind is Is.TIME for word in words) > 1:
        said = "All days of a schedule have the same times."
        why = "Make a feature for each, such as EVERY SATURDAY at 10am; they may USE one FEATURE."
    elif any(word.low in {"month", "monthly", "year", "yearly"} for word in words):
        why = "Write EVERY MONTH on the 15th at 9am, EVERY MARCH 3 at 9am, or EVERY 30 days."
    for word in words:
        known = next((one for one in (*DAYS, *_SPOKEN) if word.low == one), None)
        near = next((one for one in (*DAYS, *_SPOKEN) if slipped(word.low, one)), None)
        if near is not None and known is None:
            right = near if word.text.islower() else near.upper()
            fixes.append(Fix(f"Write {right}", (Edit(word.span, right),), Applies.MAYBE))
    usual = "Write EVERY DAY at 9am, EVERY MONDAY and THURSDAY, EVERY 15 minutes."
    reading.error("E208", said, *fixes, why=why or usual, at=head.span)


def _period(words: Sequence[Word]) -> Every | None:
    """How often, without times of day."""
    low = [word.low for word in words]
    part = _AT.get(low[-1]) if low else None
    if not words:
        return None
    if len(words) == 1 and (several := _SEVERAL.get(low[0])):
        return Every(count=several[0], unit=several[1])
    if len(words) == 1 and (unit := _UNITS.get(low[0])):
        return Every(unit=unit, at=_AT.get(low[0]))
    if set(low) <= _AT.keys():  # `morning and evening`
        return Every(unit="day", at=sorted(_AT[one] for one in {*low}))
    if days := _weekdays(words[1:] if low[0] == "week" else words[:-1] if part else words):
        return Every(unit="week", on=days[0] if len(days) == 1 else days, at=part)
    if (dated := _dated(low)) is not None:
        return dated
    if low[0] in {"second", "other"} and len(words) == 2 and low[1] in _UNITS:
        return Every(count=2, unit=_UNITS[low[1]])
    text = duration_of(words)
    if text is None:
        return None
    units = {"m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month"}
    number = text.rstrip("smhdwo")
    unit = units.get(text[len(number) :])
    return Every(count=int(number), unit=_UNITS[unit]) if unit and int(number) else None


def _weekdays(words: Sequence[Word]) -> list[str]:
    """`Monday and Thursday`, `Mon to Fri`, `weekday` in the order of the week; none where anything
    else is said.
    """
    if len(words) == 1 and singular(words[0].low) in _WORKDAYS:
        return list(DAYS[:5])
    found: set[str] = set()
    last, through = "", False
    for word in words:
        day = _weekday(word)
        if word.low in {"to", "through", "till", "until", "-", "–"} and last and not through:
            through = True
            continue
        if day is None:
            return []
        if through:
            start, end = DAYS.index(last), DAYS.index(day)
            found |= {DAYS[n % 7] for n in range(start, end + 1 if end > start else end + 8)}
            through = False
        found.add(day)
        last = day
    return [] if through else sorted(found, key=DAYS.index)


def _weekday(word: Word) -> str | None:
    short = {day[:3]: day for day in DAYS} | {"tues": "tuesday", "thurs": "thursday"}
    known = weekday_of(word.text) or short.get(word.low)
    return known if word.kind is Is.WORD else None


def _dated(low: Sequence[str]) -> Every | None:
    """`month 15th`, `15th month`, `March 3`, `3 March`, `year March 3`: a day of each."""
    bare = [one for one in low if one not in {"day", "year"}]
    months = [one for one in bare if one in MONTHS]
    days = [day for one in bare if (day := _day(one)) is not None]
    if len(days) != 1 or len(bare) != 2:
        return None
    if "month" in bare:
        return Every(unit="month", on=days[0] if days[0] != "1" else None)
    if not months:
        return None
    month, day = MONTHS.index(months[0]) + 1, int(days[0])
    if day > monthrange(2028, month)[1]:
        return None
    return Every(unit="year", on=f"{month:02d}-{day:02d}")


def _day(word: str) -> str | None:
    if word in _FIRST:
        return _FIRST[word]
    found = DAY.fullmatch(word)
    return str(int(found[1])) if found and 1 <= int(found[1]) <= 31 else None
