"""Which rows a query is about: its conditions as SQL, and how many rows they make one look at."""

from pydantic import JsonValue

from one.errors import Invalid
from one.store.filters import COMPARISON, refuse
from one.store.queries.asked import AnyOf, Average, Compare, Condition, Query, Tied
from one.store.queries.comparing import Compared, Field, fits_none
from one.store.queries.fields import field_at, tie_conditions
from one.store.queries.scene import Scene
from one.store.session import Session
from one.store.sight import live

MOST_LOOKED_AT = 200_000
_MOST_COUNTED = 10_000
_TYPES = {
    "entities": ("type",),
    "connections": ("type", "relationshipType"),
    "events": ("type", "eventType"),
    "tags": (),
}
_ENDS = {
    "entities": ("id",),
    "connections": ("id", "from", "fromEntityId", "to", "toEntityId"),
    "events": ("id", "entity", "entityId", "actor", "actorId"),
    "tags": (),
}


def scene_of(session: Session, query: Query) -> Scene:
    """A statement about the query's table. Raises Invalid for types that there are none of."""
    ontology = session.ontology
    known = {
        "entities": ontology.entities,
        "connections": ontology.connections,
        "events": ontology.events,
    }.get(query.table, {})
    wanted = _wanted(query)
    check = {
        "entities": ontology.entity,
        "connections": ontology.connection,
        "events": ontology.event,
    }
    types = tuple(check[query.table](name).name for name in wanted or ())
    return Scene(session, query, types if wanted is not None else tuple(known), wanted is not None)


def _wanted(query: Query) -> list[str] | None:
    """The types that the rows must be of, if the query says so."""
    for one in query.where:
        if isinstance(one, Compare) and one.field in _TYPES[query.table] and not one.negated:
            match one.operator, one.value:
                case "eq", str(name):
                    return [name]
                case "in", list(names):
                    return [str(name) for name in names]
                case _:
                    pass
    return None


def chosen(scene: Scene) -> str:
    """That a row is one of the query's, and seen. Raises Invalid."""
    plain = [one for one in scene.query.where if not _averaged(one)]
    parts = [*_base(scene), scene.seen, *(_condition(scene, one) for one in plain)]
    whole = " AND ".join(parts)
    compared = [_condition(scene, one, whole) for one in scene.query.where if _averaged(one)]
    return " AND ".join((whole, *compared))


def _base(scene: Scene) -> list[str]:
    parts = ["x.space_id = %(space)s"]
    if scene.typed:
        one = len(scene.types) == 1
        names = scene.param(scene.types[0] if one else list(scene.types))
        parts.append(f"x.type = {names}" if one else f"x.type = ANY({names})")
    match scene.query.table:
        case "entities":
            parts.append("x.deleted_at IS NULL")
        case "connections":
            parts.append(live("x"))
        case _:
            pass
    if scene.query.search is not None:
        parts.append(f"x.search @@ {searched(scene)}")
        if scene.types and scene.typed:
            parts.append(f"x.search @@ {_of_types(scene)}")
    return parts


def searched(scene: Scene) -> str:
    """The query's words, of which any is enough."""
    if scene.query.table != "entities":
        raise refuse("/search", "Only things are looked for by words.")
    words = scene.param((scene.query.search or "").replace("\0", "")[:2_000])
    return f"replace(plainto_tsquery('english', {words})::text, ' & ', ' | ')::tsquery"


def _of_types(scene: Scene) -> str:
    """The types, as the text of things has them."""
    names = [f"quote_literal({scene.param(f'type/{name}')})::tsquery" for name in scene.types]
    return f"({' || '.join(names)})"


def _averaged(one: Condition) -> bool:
    match one:
        case Compare(value=Average()):
            return True
        case AnyOf(conditions):
            return any(map(_averaged, conditions))
        case _:
            return False


def _condition(scene: Scene, wanted: Condition, whole: str = "") -> str:
    """One condition; `whole` are all that have no average."""
    match wanted:
        case AnyOf(conditions):
            said = _any_of(scene, conditions, whole)
        case Tied() if wanted.count is not None:
            operator, many = wanted.count
            said = _so_many(scene, wanted, operator, many=many)
        case Tied():
            said = f"{_end(scene)} IN ({_tied(scene, wanted)})"
        case Compare(value=Average(of)):
            said = _to_average(scene, wanted, of, whole=whole)
        case Compare(value=value):
            assert not isinstance(value, Average)
            said = _compared(scene, wanted, value)
    return f"({said}) IS NOT TRUE" if wanted.negated else f"({said})"


def _any_of(scene: Scene, conditions: tuple[Condition, ...], whole: str) -> str:
    tied = [one for one in conditions if isinstance(one, Tied) and _plain(one)]
    if conditions and len(tied) == len(conditions):  # found by their index, all at once
        found = " UNION ALL ".join(_tied(scene, one) for one in tied)
        return f"{_end(scene)} IN ({found})"
    return " OR ".join(_condition(scene, one, whole) for one in conditions) or "false"


def _ties(scene: Scene) -> list[Tied]:
    return [one for one in scene.query.where if isinstance(one, Tied)]


def _end(scene: Scene) -> str:
    """What ties are of: the row, or the thing that an event happened to."""
    found = {"entities": "x.id", "events": "x.entity_id"}.get(scene.query.table)
    if found is None:
        raise refuse("/where", "Only things are tied to others.")
    return found


def _tied(scene: Scene, tie: Tied) -> str:
    """The things with such a tie."""
    found = f"FROM connections x WHERE {tie_conditions(scene, tie)}"
    to, source = tie.to_id or tie.to_type, tie.from_id or tie.from_type
    if to and not source:
        return f"SELECT x.from_id {found}"
    if source and not to:
        return f"SELECT x.to_id {found}"
    return f"SELECT unnest(ARRAY[x.from_id, x.to_id]) {found}"


def _plain(tie: Tied) -> bool:
    """That there must be such a tie, be it one or many."""
    return not tie.negated and tie.count is None


def _so_many(scene: Scene, tie: Tied, operator: str, *, many: JsonValue) -> str:
    """That so many things are at the other ends; what has none is in no group."""
    to, source = tie.to_id or tie.to_type, tie.from_id or tie.from_type
    if bool(to) == bool(source):
        raise refuse("/where", "Ties are counted from one of their ends.")
    row, other = ("x.from_id", "x.to_id") if to else ("x.to_id", "x.from_id")
    near = [one for one in _ties(scene) if _plain(one) and _anchors(scene.query, one)]
    found = " AND ".join((tie_conditions(scene, tie), *(_among(scene, row, one) for one in near)))
    so = Compared(Field(f"count(DISTINCT {other})", "number"), scene.param).holds(operator, many)
    none = fits_none(operator, many)
    groups = (
        f"SELECT {row} FROM connections x WHERE {found} GROUP BY {row}"
        f" HAVING ({so}){' IS NOT TRUE' if none else ''}"
    )
    return f"({_end(scene)} IN ({groups})) IS NOT TRUE" if none else f"{_end(scene)} IN ({groups})"


def _among(scene: Scene, row: str, tie: Tied) -> str:
    """That it is one of the few that the query is about anyway, so that only they are counted."""
    return f"{row} IN ({_tied(scene, tie)})"


def _compared(scene: Scene, wanted: Compare, value: JsonValue) -> str:
    field = field_at(scene, wanted.field, ties=_ties(scene))
    said = Compared(field, scene.param).holds(wanted.operator, value)
    if field.sql == "x.occurred_at" and wanted.operator in ("gt", "gte"):
        # what happened is recorded later, but for a clock that was five minutes ahead
        return f"{said} AND x.recorded_at >= {scene.param(value)}::timestamptz - interval '5 min'"
    if field.sql == "x.name" and wanted.operator == "eq" and scene.typed:
        return f'{said} AND lower(x.name) COLLATE "C" = lower({scene.param(value)})'
    return said


def _to_average(scene: Scene, wanted: Compare, path: str, *, whole: str) -> str:
    """A field above or below the average of one, of money with the same currency."""
    comparison = COMPARISON.get(wanted.operator)
    if comparison is None:
        raise refuse("/where", "A field is above or below its average: gt, gte, lt or lte.")
    field, of = (field_at(scene, one, ties=_ties(scene)) for one in (wanted.field, path))
    means = (
        f"SELECT {of.currency} AS c, avg({of.number}) AS a FROM {scene.source()}"
        f" WHERE {whole} GROUP BY 1"
    )
    return (
        f"EXISTS (SELECT 1 FROM ({means}) m WHERE m.c IS NOT DISTINCT FROM {field.currency}"
        f" AND {field.number} {comparison} m.a)"
    )


# --- how much is looked at -----------------------------------------------------------------------


async def require_bounded(scene: Scene, *, sorted_by_time: bool) -> None:
    """Raises Invalid where the query would look through more rows than it may."""
    query = scene.query
    anchors = [one for one in query.where if _anchors(query, one)]
    if not (anchors or scene.typed or query.search is not None or query.table == "tags"):
        raise _unbounded(query)
    costly = bool(scene.joins) or not sorted_by_time or any(map(_looks_into, query.where))
    if not costly or query.table == "tags":
        return
    most = _MOST_COUNTED if scene.joins else MOST_LOOKED_AT
    parts = [*_base(scene), *(_condition(scene, one) for one in anchors)]
    record = await scene.session.tx.row(
        f"{scene.named}SELECT count(*) FROM (SELECT FROM {query.table} x"
        f" WHERE {' AND '.join(parts)} LIMIT {most + 1}) n",
        scene.session.params(**scene.params),
    )
    if record and int(str(record[0])) > most:
        raise _too_many(query, most)


def _anchors(query: Query, one: Condition) -> bool:
    """That a condition alone finds few rows by an index."""
    match one:
        case Tied(negated=False, from_id=source, to_id=target):
            return source is not None or target is not None
        case Compare(negated=False, field=path, operator="eq" | "in", value=value):
            return path in _ENDS[query.table] and value is not None
        case AnyOf(conditions, negated=False):
            return bool(conditions) and all(_anchors(query, each) for each in conditions)
        case _:
            return False


def _looks_into(one: Condition) -> bool:
    match one:
        case Compare(field=path):
            return "." in path or path not in _QUICK
        case AnyOf(conditions):
            return any(map(_looks_into, conditions))
        case Tied():
            return False


_QUICK = frozenset(
    {"id", "type", "status", "name", "createdAt", "updatedAt", "recordedAt", "occurredAt"}
    | {name for names in (*_TYPES.values(), *_ENDS.values()) for name in names}
)


def _unbounded(query: Query) -> Invalid:
    said = {"connections": "connections", "events": "events"}.get(query.table, "things")
    return refuse(
        "/where", f"This asks for {said} of every kind.", "a type", "what they are tied to"
    )


def _too_many(query: Query, most: int) -> Invalid:
    return Invalid(
        f"More than {most:,} {query.table} would have to be looked through.",
        cure="Ask for those of somebody or something, or for a narrower type.",
        details={"most": most},
    )
