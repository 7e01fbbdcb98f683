"""Stretches of time: `the last 7 days`, `since yesterday` up to now; `last week` to its end;
`before last week`, `more than a year ago`, which only have an end.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from one.compiler.bind.dates import calendar_day, moment_of, time_of
from one.compiler.bind.literals import duration_of
from one.compiler.expression import Binary, Call, Expr, Lit
from one.compiler.light import frozen
from one.compiler.reader import Is, Word

_DAYS = {"day": "1d", "week": "7d", "month": "30d", "year": "365d"}
_LEADS = frozenset(
    {"from", "in", "the", "since", "within", "during", "over", "last", "past", "this", "of", "for"}
)
_BEGINS = frozenset(
    {"from", "in", "since", "within", "during", "over", "this", "today", "last", "past"}
    | {"before", "after", "until", "till", "between", "on", "for", "more", "less", "at", "earlier"}
)
_ROLLING = frozenset({"in", "within", "over", "past", "during"})
_EARLIER = (["more", "than"], ["over"], ["at", "least"], ["longer", "than"])
_LATER = (["less", "than"], ["under"], ["at", "most"], ["within"], ["up", "to"])
_TODAY = Call("today", ())
_NOW = Call("now", ())


@frozen
class Period:
    """From a moment on, until another, or only one of the two; `past` where its end has come.

    `lasting`: what has held for so long, `for 30 days`, began before; what has not happened for so
    long has not since.
    """

    since: Expr | None = None
    until: Expr | None = None
    past: bool = False
    lasting: bool = False

    def of(self, *, holding: bool) -> "Period":
        """The stretch in which what lasts began, else the one in which it may have happened."""
        if not self.lasting:
            return self
        return Period(None, self.since, past=True) if holding else Period(self.since)

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
    if duration := duration_of(bare):
        return Period(Binary("-", _NOW, Lit(duration)), lasting=leads == {"for"})
    return (
        _lasting(words)
        or _ago(words)
        or _edged([word for word in words if word.low not in {"from", "the"}])
    )


def _lasting(words: Sequence[Word]) -> Period | None:
    """`for more than a year`, `for at least 30 days`."""
    for lead in _EARLIER:
        if [word.low for word in words[: len(lead) + 1]] == ["for", *lead] and (
            duration := duration_of(words[len(lead) + 1 :])
        ):
            return Period(Binary("-", _NOW, Lit(duration)), lasting=True)
    return None


def _ago(words: Sequence[Word]) -> Period | None:
    """`more than a year ago`, `less than 2 weeks ago`."""
    for said, ended in ((_EARLIER, True), (_LATER, False)):
        for lead in said:
            at = len(lead)
            if [word.low for word in words[:at]] != lead or words[-1].low != "ago":
                continue
            if duration := duration_of(words[at:-1]):
                moment = Binary("-", _NOW, Lit(duration))
                return Period(None, moment, past=True) if ended else Period(moment)
    return None


def _edged(words: Sequence[Word]) -> Period | None:
    """`before last week`, `after 2030-01-01`, `until yesterday`, `between two dates`."""
    if len(words) < 2:
        return None
    first, rest = words[0].low, words[1:]
    if [word.low for word in words[:2]] == ["earlier", "than"]:
        first, rest = "before", words[2:]
    if first == "between":
        at = next((n for n, word in enumerate(rest) if word.low == "and"), 0)
        since, until = _edge(rest[:at]), _edge(rest[at + 1 :])
        return Period(since[0], until[1], past=True) if since and until else None
    edges = {"before", "until", "till", "after", "since", "on"}
    if first not in edges or (edge := _edge(rest)) is None:
        return None
    match first:
        case "on":
            return Period(*edge, past=True)
        case "before":
            return Period(None, edge[0], past=True)
        case "after":
            return Period(edge[1])
        case "since":
            return Period(edge[0])
        case _:
            return Period(None, edge[1], past=True)


def _edge(words: Sequence[Word]) -> tuple[Expr, Expr] | None:
    """When the day, week, month or year begins that the words say, and when it is over."""
    low = [word.low for word in words]
    if low[-1:] == ["ago"] and (duration := duration_of(words[:-1])):
        moment = Binary("-", _NOW, Lit(duration))
        return moment, moment
    if low == ["today"]:
        return _TODAY, Binary("+", _TODAY, Lit("1d"))
    if low == ["yesterday"]:
        return Binary("-", _TODAY, Lit("1d")), _TODAY
    if len(low) == 2 and low[1] in _DAYS and low[0] in {"this", "last"}:
        back = int(low[0] == "last")
        return _beginning(low[1], back), _beginning(low[1], back - 1)
    if len(words) == 1 and words[0].kind is Is.TIME:
        return _dated(time_of(words[0].text))
    said, rest = calendar_day(words) or (None, [])
    day = of_now(moment_of(words) or "") if said is None else None
    if day is not None:
        return day, Binary("+", day, Lit("1d"))
    return None if rest else _dated(said)


def of_now(said: str) -> Expr | None:
    """`18:00` of today, `friday 20:00` of this week, `12-24` of this year; nothing of a date."""
    day, _, clock = said.rpartition(" ") if ":" in said else (said, "", "")
    if not said or (len(day) == 10 and day[:2].isdigit()):
        return None
    moment: Expr = _TODAY
    if day == "tomorrow":
        moment = Binary("+", _TODAY, Lit("1d"))
    elif day not in {"", "today"}:
        moment = Call("beginning", (Lit(day),))
    hours, _, minutes = clock.partition(":")
    for count, unit in ((hours, "h"), (minutes, "m")):
        moment = Binary("+", moment, Lit(f"{int(count)}{unit}")) if int(count or 0) else moment
    return moment


def _dated(said: str | None) -> tuple[Expr, Expr] | None:
    """A date, and the day after it."""
    try:
        day = date.fromisoformat(said or "")
    except ValueError:
        return None
    return Lit(day.isoformat()), Lit((day + timedelta(days=1)).isoformat())


def _of_calendar(unit: str, leads: set[str]) -> Period:
    """`this week` and `last week` are the calendar's; `in the last week` is the last 7 days."""
    rolling = "last" in leads and leads & _ROLLING
    if unit == "day" or rolling or not leads & {"last", "this"}:
        return Period(Binary("-", _NOW, Lit(_DAYS[unit])))
    if "this" in leads:
        return Period(_beginning(unit), _beginning(unit, -1))
    since = _beginning(unit, 1)
    return Period(since) if "since" in leads else Period(since, _beginning(unit), past=True)


def _beginning(unit: str, back: int = 0) -> Expr:
    if unit == "day":
        return Binary("-", _TODAY, Lit("1d")) if back > 0 else _TODAY
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


_MOMENTS = {
    **dict.fromkeys(("created", "made"), "createdAt"),
    **dict.fromkeys(("updated", "changed"), "updatedAt"),
    "published": "publishedAt",
}
_COMPARED = frozenset(
    {"more", "less", "at", "over", "under", "before", "after", "in", "within", "during", "today"}
    | {"yesterday", "this", "last", "on", "between"}
)
_OLD = {
    ("less", "than"): "newer",
    ("at", "most"): "newer",
    ("more", "than"): "older",
    ("at", "least"): "older",
}


_BOUNDS = {
    **dict.fromkeys(("started", "begun", "begins", "starts"), "startsAt"),
    **dict.fromkeys(("ended", "ends"), "endsAt"),
}


def _begun(words: list[Word], key: str) -> list[Word] | None:
    """`the show has not started`: it starts after now."""
    at = next((n for n, word in enumerate(words) if word.low in {"has", "is"}), 0)
    between = [word.low for word in words[at + 1 : -1]]
    if not at or between not in ([], ["not"], ["already"], ["not", "yet"]):
        return None
    word = words[at]
    when = "after" if "not" in between else "before"
    spoken = (
        ("'s", Is.POSSESSIVE),
        (key, Is.WORD),
        ("is", Is.WORD),
        (when, Is.WORD),
        ("now", Is.WORD),
    )
    said = [replace(word, text=one, low=one.casefold(), kind=kind) for one, kind in spoken]
    return [*words[:at], *said]


_BESIDE = {
    "past": ("before", "after"),
    "future": ("after", "before"),
    "passed": ("before", "after"),
}
"""How a moment lies to now, and how where it is denied."""


def _beside_now(words: list[Word]) -> list[Word]:
    """`is in the past`, `is not in the future`, `has passed`: before or after now."""
    last = words[-1]
    low = [word.low for word in words]
    for said in (["is"], ["has"]) if last.low == "passed" else (["is", "in", "the"], ["is", "in"]):
        for no in ([], ["not"]):
            told = [said[0], *no, *said[1:]]
            if low[-1 - len(told) : -1] == told and len(words) > len(told) + 1:
                spoken = ("is", _BESIDE[last.low][bool(no)], "now")
                end = [replace(last, text=one, low=one) for one in spoken]
                return [*words[: -1 - len(told)], *end]
    return words


def as_moment(words: list[Word]) -> list[Word]:
    """`the payment was created less than 14 days ago`, `is less than 14 days old`, as what is said
    of the moment that it keeps.
    """
    if words[-1].low in _BESIDE:
        words = _beside_now(words)
    if (key := _BOUNDS.get(words[-1].low)) and (begun := _begun(words, key)):
        return begun
    for n, word in enumerate(words[:-2]):
        if not n or word.low not in {"is", "was"}:
            continue
        made, rest = words[n + 1], words[n + 2 :]
        if made.low in _MOMENTS and rest[0].low in _COMPARED:
            key = _MOMENTS[made.low]
            moment = [
                replace(word, text="'s", low="'s", kind=Is.POSSESSIVE),
                replace(made, text=key, low=key.casefold()),
                replace(word, text="is", low="is"),
            ]
            if rest[0].low in {"in", "during"}:
                rest = [replace(rest[0], text="within", low="within"), *rest[1:]]
            return [*words[:n], *moment, *rest]
        age = _OLD.get((made.low, rest[0].low)) if words[-1].low == "old" else None
        if age is not None:
            than = [replace(made, text=age, low=age), replace(rest[0], text="than", low="than")]
            return [*words[: n + 1], *than, *rest[1:-1]]
    return words


def within(moment: Expr, since: Expr | None, *, until: Expr | None) -> Expr:
    """That a moment lies in a stretch of time, of which one end may be open."""
    begun = Binary(">=", moment, since) if since is not None else None
    over = Binary("<", moment, until) if until is not None else None
    if begun is not None and over is not None:
        return Binary("and", begun, over)
    return begun or over or Lit(True)
