"""How often something begins by itself, in other words than EVERY: the line as EVERY says it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from one.compiler.reader import KEPT_LINES, Is, Line, Word

_UNITS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMES = frozenset(_DAYS) | {"day", "week", "month", "year", "weekday", "workday", "weekend"}
_MANY = frozenset({f"{day}s" for day in _DAYS} | {"weekdays", "workdays", "weekends"})
_BESIDE = frozenset({"the", "of", "at", "and", "on", "in", "every", "each"})
_AGAIN = {"once": ("a", "every", "each", "per"), "when": ("every", "each")}
_FIRSTS = frozenset({"each", "on", "at"}) | _UNITS.keys() | _AGAIN.keys()
_TIMES = frozenset({"first", "last", "noon", "midnight"})


@lru_cache(maxsize=KEPT_LINES)
def as_every(line: Line) -> Line:
    """`ON the first of every month`, `DAILY at 9am`, `EACH MORNING` as EVERY."""
    first, rest = line.words[0], line.words[1:]
    if first.low not in _FIRSTS:
        return line
    said: Sequence[Word] | None = None
    again = rest[0].low if rest else ""
    if first.low in _UNITS and again in {"", "at", "on"}:
        said = [replace(first, text=_UNITS[first.low], low=_UNITS[first.low]), *rest]
    elif len(rest) > 1 and again in _AGAIN.get(first.low, ()):
        said = rest[1:]
    elif first.low == "each" and again in _NAMES | {"morning", "evening", "night"}:
        said = rest
    elif first.low in {"on", "at"} and _is_regular(rest):
        said = rest if first.low == "on" else line.words
    if said is None or first.kind is not Is.WORD:
        return line
    return line.with_words([replace(first, text="EVERY", low="every"), *said])


def _is_regular(words: Sequence[Word]) -> bool:
    """Whether the words are days and times alone, and say that they come again."""
    low = {word.low for word in words if word.kind is Is.WORD}
    again = low & (_MANY | {"every", "each"})
    others = low - _NAMES - _MANY - _BESIDE - _TIMES
    return bool(again and low & (_MANY | _NAMES)) and all(one[:1].isdigit() for one in others)
