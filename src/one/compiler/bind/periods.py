"""Stretches of time: `the last 7 days`, `since yesterday` up to now; `last week` to its end."""

from collections.abc import Sequence
from dataclasses import dataclass

from one.compiler.bind.literals import duration_of
from one.compiler.expression import Binary, Call, Expr, Lit
from one.compiler.reader import Is, Word

_DAYS = {"day": "1d", "week": "7d", "month": "30d", "year": "365d"}
_LEADS = frozenset(
    {"from", "in", "the", "since", "within", "during", "over", "last", "past", "this", "of", "for"}
)
_BEGINS = frozenset(
    {"from", "in", "since", "within", "during", "over", "this", "today", "last", "past"}
)
_ROLLING = frozenset({"in", "within", "over", "past", "during"})
_TODAY = Call("today", ())


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment on, until another where it has an end; `past` where that end has come."""

    since: Expr
    until: Expr | None = None
    past: bool = False

    @property
    def end(self) -> Expr | None:
        """Where what has happened must end: nothing has happened after now."""
        return self.until if self.past else None


def period_of(words: Sequence[Word]) -> Period | None:
    """The stretch that the words say; None when they say none."""
    bare = [word for word in words if word.low not in _LEADS]
    leads = {word.low for word in words if word.low in _LEADS}
    if not bare:
        return None
    low = [word.low for word in bare]
    if low == ["today"]:
        return Period(_TODAY, Binary("+", _TODAY, Lit("1d")))
    if low == ["yesterday"]:
        since = Binary("-", _TODAY, Lit("1d"))
        return Period(since) if "since" in leads else Period(since, _TODAY, past=True)
    if len(low) == 1 and low[0] in _DAYS:
        return _of_calendar(low[0], leads)
    duration = duration_of(bare)
    return Period(Binary("-", Call("now", ()), Lit(duration))) if duration else None


def _of_calendar(unit: str, leads: set[str]) -> Period:
    """`this week` and `last week` are the calendar's; `in the last week` is the last 7 days."""
    rolling = "last" in leads and leads & _ROLLING
    if unit == "day" or rolling or not leads & {"last", "this"}:
        return Period(Binary("-", Call("now", ()), Lit(_DAYS[unit])))
    if "this" in leads:
        return Period(_beginning(unit), _beginning(unit, -1))
    since = _beginning(unit, 1)
    return Period(since) if "since" in leads else Period(since, _beginning(unit), past=True)


def _beginning(unit: str, back: int = 0) -> Expr:
    return Call("beginning", (Lit(unit), *([Lit(back)] if back else [])))


def cut_period(words: list[Word]) -> tuple[list[Word], Period | None]:
    """`the course in the last 7 days` → `the course`, and that stretch."""
    for n, word in enumerate(words):
        compared = words[n - 1].low in {"is", "are", "was", "before", "after", "than", "since"}
        if word.kind is Is.WORD and word.low in _BEGINS | {"yesterday"} and n and not compared:
            period = period_of(words[n:])
            if period is not None:
                return words[:n], period
    return words, None
