"""What is counted of a thing: its views, likes, sales, its average rating.

The same words order a query (`most viewed`), choose its rows (`more than 100 views`), and set a
feature off (`reaches 10,000 views`).
"""

from dataclasses import field
from typing import Literal

from one.compiler.bind.literals import Typed
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr, Get, Lit, Ref, names_in
from one.compiler.kinds import INTEGER, NUMBER, Base, Kind
from one.compiler.light import frozen
from one.compiler.program import Filter, Query, Step
from one.compiler.reader import Span
from one.compiler.vocabulary import camel, key_of


@frozen
class Measure:
    """Rows of a table that count for a thing; `select` says how."""

    table: Literal["connections", "events"]
    type: str
    says: dict[str, str] = field(default_factory=dict[str, str])
    select: str = "count"
    kind: Kind = INTEGER


def _engaged(how: str) -> Measure:
    return Measure("connections", "engaged_with", {"engagementType": how})


def _interacted(how: str) -> Measure:
    return Measure("events", "content_interacted", {"interactionType": how})


_RATED = Measure(
    "connections", "engaged_with", {"engagementType": "rated"}, "avg(metadata.rating)", NUMBER
)
MEASURES = {
    "views": Measure("events", "content_viewed"),
    "downloads": Measure("events", "content_downloaded"),
    "likes": _engaged("liked"),
    "comments": _interacted("commented"),
    "shares": _interacted("shared"),
    "rating": _RATED,
    "sales": Measure("connections", "transacted", {"transactionType": "purchase"}),
}


def measure_of(noun: str) -> str | None:
    """The measure that a noun names: `likes`, `number of likes`, `view count`, `average rating`."""
    key = key_of(noun)
    key = key.removeprefix("the").removeprefix("numberof").removeprefix("total")
    if key in {"averagerating", "averagestars", "averagereview", "starrating"}:
        return "rating"
    if key.endswith("count") and f"{key.removesuffix('count')}s" in MEASURES:
        return f"{key.removesuffix('count')}s"
    return key if key in MEASURES else None


def measured(reading: Reading, base: Typed, noun: str, *, span: Span) -> Typed | None:
    """`the video's views`: counted before the command that speaks of it; of a row, its field."""
    name = measure_of(noun)
    if name is None or base.kind.base is not Base.THING or base.kind.person:
        return None
    found = MEASURES[name]
    if reading.rows is not None and "row" in names_in(base.tree):
        return Typed(Get(base.tree, name), found.kind)
    wanted = camel(f"{next(iter(names_in(base.tree)), 'my')} {name}")
    output = reading.bind(reading.fresh(wanted), found.kind, source="derived", span=span)
    where = [_is("type", found.type), *_place(found, base.tree)]
    query = Query(from_=found.table, where=where, select=found.select)
    reading.emit(Step(query=query, output=output), span)
    return Typed(Ref(output), found.kind)


def _place(found: Measure, thing: Expr) -> list[Filter]:
    key = "entityId" if found.table == "events" else "toEntityId"
    of = Filter(field=key, operator="eq", value=thing)
    return [of, *(_is(f"metadata.{name}", value) for name, value in found.says.items())]


def _is(field: str, value: str) -> Filter:
    return Filter(field=field, operator="eq", value=Lit(value))


def counted(reading: Reading, listed: Typed) -> Typed | None:
    """The list of a derived noun, only to be counted: its query counts instead."""
    last = reading.steps[-1] if reading.steps else None
    name = reading.find(listed.tree.name) if isinstance(listed.tree, Ref) else None
    if last is None or last.query is None or name is None or name.source != "derived":
        return None
    if last.output != name.name:
        return None
    last.query.select, last.query.limit, last.query.order_by = "count", None, []
    del reading.names[key_of(name.name)]
    wanted = reading.fresh(f"{name.name} count")
    last.output = reading.bind(wanted, INTEGER, source="derived", span=name.span)
    return Typed(Ref(last.output), INTEGER)
