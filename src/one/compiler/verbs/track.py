"""TRACK: a measured number of a thing, and what it tells."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.derived import is_role_of_people
from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.leftover import left_of, length_in, tell_left
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import lookup, phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.saving import cut_at, saved_name
from one.compiler.bind.session import Reading
from one.compiler.expression import Binary, Call, Expr, Hole, Lit
from one.compiler.grammar import Clause, Command, Verb
from one.compiler.kinds import NUMBER
from one.compiler.program import Event, Filter, Query, Step
from one.compiler.reader import Word, join
from one.compiler.vocabulary import camel

_FUNCTIONS = {
    "growth": "growth",
    "trend": "trend",
    "average": "avg",
    "mean": "avg",
    "total": "sum",
    "sum": "sum",
    "projection": "projection",
    "forecast": "projection",
}


_BESIDE = frozenset(
    [
        *("rate", "the", "a", "an", "over", "for", "of", "in", "last", "past", "per", "and"),
        *("day", "week", "month", "daily", "weekly", "monthly", "to", "date", "so", "far"),
    ]
)
"""Words that may stand beside what is calculated."""


def read(command: Command, reading: Reading) -> None:
    """The event with its number, and a calculation over the earlier ones."""
    metric, _, about = cut_at(strip(command.words), "for", "of")
    clause = command.clause("FOR")
    about = about or (clause.words if clause else [])
    if not metric:
        reading.error("E204", "TRACK what? Say a measure, such as watch time.", at=command.key)
        return
    thing: Expr | None = value(reading, about, command.span).tree if about else None
    if isinstance(thing, Hole):
        return
    recorded = command.clause("RECORD")
    number: Expr = _number(reading, metric, recorded, about=about)
    name = _metric(metric)
    event = Event(
        type="metric_calculated", entity=thing, metadata={"metricType": Lit(name), "value": number}
    )
    reading.emit(Step(event=event), command.span)
    wanted = command.clause("CALCULATE")
    if wanted:
        _calculate(command, reading, wanted, name, thing=thing)


def _metric(words: list[Word]) -> str:
    return camel(join(words)) or "metric"


def _number(
    reading: Reading, metric: list[Word], clause: Clause | None, *, about: list[Word]
) -> Expr:
    if clause and clause.words:
        found = _of_it(reading, clause.words, about) or attempt(reading, clause.words)
        if found is not None:
            return found.tree
        base = reading.find(phrase(strip(clause.words)))
        if base is None and not reading.find(phrase(metric)):
            return (
                Lit(1)
                if clause.words[0].low in {"one", "it"}
                else value(reading, clause.words, clause.span).tree
            )
    known = attempt(reading, metric) if reading.find(phrase(strip(metric))) else None
    return known.tree if known else Lit(1)


def _of_it(reading: Reading, words: list[Word], about: list[Word]) -> Typed | None:
    """`number of members`: those of what is tracked."""
    counts = words[0].low in {"number", "count"} and all(word.low != "for" for word in words)
    if not counts or not about or [word.low for word in words].count("of") != 1:
        return None
    if not is_role_of_people(words[-1].low) or lookup(reading, phrase(strip(words[2:]))):
        return None
    said = [*words, replace(words[0], text="of", low="of"), *about]
    return attempt(reading, said) if attempt_quietly(reading, said) else None


def _noun(words: Sequence[Word]) -> list[Word]:
    """`trend over 7 days` → `trend`."""
    plain = [word for word in words if word.low not in {"the", "a"}]
    end = next((n for n, word in enumerate(plain) if n and word.low in _PERIODS), len(plain))
    return plain[: min(end, 2)]


_PERIODS = {"over", "in", "for", "this", "of", "from", "since", "during", "per", "last"}


def _calculate(
    command: Command, reading: Reading, clause: Clause, name: str, *, thing: Expr | None
) -> None:
    low = [word.low for word in clause.words]
    what = next((_FUNCTIONS[word] for word in low if word in _FUNCTIONS), None)
    if what is None:
        reading.error(
            "E205",
            "I can calculate a growth rate, a trend, an average, a total or a projection.",
            at=clause.span,
        )
        return
    period, rest = length_in(clause.words)
    strange = left_of(rest, _BESIDE | _FUNCTIONS.keys())
    if tell_left(reading, strange, "Write for example CALCULATE growth rate over 7 days."):
        return
    if period is None:
        period = next(
            (
                {
                    "day": "1d",
                    "week": "7d",
                    "month": "30d",
                    "daily": "1d",
                    "weekly": "7d",
                    "monthly": "30d",
                }[word]
                for word in low
                if word in {"day", "week", "month", "daily", "weekly", "monthly"}
            ),
            "30d",
        )
    where = [
        Filter(field="type", operator="eq", value=Lit("metric_calculated")),
        Filter(field="metadata.metricType", operator="eq", value=Lit(name)),
        Filter(field="occurredAt", operator="gte", value=Binary("-", Call("now", ()), Lit(period))),
    ]
    if thing is not None:
        where.append(Filter(field="entityId", operator="eq", value=thing))
    saved = saved_name(reading, command)
    target, span = saved or (
        join(_noun(clause.words)),
        clause.span,
    )
    output = reading.save(target, NUMBER, span=span)
    query = Query(from_="events", where=where, select=f"{what}(metadata.value)")
    reading.emit(Step(query=query, output=output), clause.span)


VERBS = (
    Verb(
        name="TRACK",
        read=read,
        clauses=frozenset({"FOR", "RECORD", "CALCULATE", "SAVE AS"}),
        pattern=frozenset({"for", "of"}),
        says="Notes a measure and calculates with it.",
        example="""FEATURE: Watch time
INPUT:
  - video: which one
  - minutes: how many
TRACK watch time FOR video RECORD minutes CALCULATE growth rate over 7 days
""",
    ),
)
