"""What features ask of the four tables: any condition on any field, in any order, or a number.

Unlike a list, a query may compare what no index holds; it refuses, before it begins, to look
through more rows than a feature may. Each statement holds the viewer's sight.
"""

from datetime import datetime
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from one.errors import Invalid
from one.store.filters import refuse
from one.store.queries.asked import AnyOf, Average, Compare, Condition, Query, Table, Tied
from one.store.queries.choosing import chosen, require_bounded, scene_of, searched
from one.store.queries.comparing import fits_none
from one.store.queries.fields import field_at
from one.store.queries.measures import measured
from one.store.queries.scene import Scene
from one.store.rows import Connection, Entity, Event, Tag
from one.store.session import (
    Session,
    connection_columns,
    entity_columns,
    event_columns,
    tag_columns,
    tag_of,
)

MOST_ROWS = 1_000
_COLUMNS = {
    "entities": entity_columns("x"),
    "connections": connection_columns("x"),
    "events": event_columns("x"),
    "tags": tag_columns("x"),
}
_TIMES = {
    "entities": ("createdAt", "x.created_at"),
    "connections": ("createdAt", "x.created_at"),
    "events": ("recordedAt", "x.recorded_at"),
    "tags": ("createdAt", "x.created_at"),
}


async def ask(
    session: Session, query: Query
) -> list[Entity] | list[Connection] | list[Event] | list[Tag]:
    """The rows of a query. Raises Invalid for one that makes no sense or asks for too much."""
    scene = scene_of(session, query)
    records = await _read(scene, _COLUMNS[query.table])
    match query.table:
        case "entities":
            return [session.entity(record) for record in records]
        case "connections":
            return [session.connection(record) for record in records]
        case "events":
            return [session.event(record) for record in records]
        case "tags":
            return [tag_of(record) for record in records]


async def measure(session: Session, query: Query) -> JsonValue:
    """The number that the query selects, or of each row the fields that it names. Raises Invalid.

    Money is `{amount, currency}`; the mean, least and most of nothing is null.
    """
    scene = scene_of(session, query)
    match query.select:
        case str(select):
            return await measured(scene, select)
        case None:
            raise refuse("/select", "Say which number of the rows.", "count", "sum(…)", "avg(…)")
        case paths:
            fields = [field_at(scene, path) for path in paths]
            columns = ", ".join(field.sql for field in fields)
            records = await _read(scene, columns)
            return [dict(zip(paths, map(_json, record), strict=True)) for record in records]


async def _read(scene: Scene, columns: str) -> list[tuple[object, ...]]:
    query = scene.query
    limit = MOST_ROWS if query.limit is None else query.limit
    if not 1 <= limit <= MOST_ROWS:
        raise refuse("/limit", f"A query gives 1 to {MOST_ROWS:,} rows.")
    where, order = chosen(scene), _order(scene)
    await require_bounded(scene, sorted_by_time=_by_time(query))
    more = 1 if query.limit is None else 0
    records = await scene.session.tx.rows(
        f"{scene.named}SELECT {columns} FROM {scene.source()} WHERE {where}"
        f" ORDER BY {order} LIMIT {limit + more}",
        scene.session.params(**scene.params),
    )
    if len(records) > limit:
        raise Invalid(
            f"There are more than {MOST_ROWS:,} {query.table} here.",
            cure="Ask for the newest, the top ones, or fewer of them.",
            details={"most": MOST_ROWS},
        )
    return records


def _by_time(query: Query) -> bool:
    path, _ = _TIMES[query.table]
    return query.search is None and all(one.removeprefix("-") == path for one in query.order)


def _order(scene: Scene) -> str:
    """The sort keys; the newest first where nothing else decides. What is missing comes last."""
    query = scene.query
    path, time = _TIMES[query.table]
    keys: list[str] = []
    if query.search is not None and not query.order:
        keys.append(f"ts_rank(x.search, {searched(scene)}) DESC")
    ties = [tie for tie in query.where if isinstance(tie, Tied)]
    way = " DESC"
    for one in query.order:
        wanted = one.removeprefix("-")
        way = " DESC" if one.startswith("-") else ""
        if wanted == path:
            break
        field = field_at(scene, wanted, ties=ties)
        if field.sort in ("number", "json"):
            keys.append(f"{field.number}{way} NULLS LAST")
        if field.sort in ("text", "json"):
            keys.append(f'lower({field.text}) COLLATE "C"{way} NULLS LAST')
        if field.sort in ("time", "id"):
            keys.append(f"{field.sql}{way} NULLS LAST")
        way = " DESC"
    return ", ".join((*keys, f"{time}{way}", f"x.id{way}"))


def _json(value: object) -> JsonValue:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return cast("JsonValue", value)


__all__ = [
    "AnyOf",
    "Average",
    "Compare",
    "Condition",
    "Query",
    "Table",
    "Tied",
    "ask",
    "fits_none",
    "measure",
]
