"""Where the fields of a query lie: columns, properties and metadata, a tie's keys, counts."""

import re
from collections.abc import Iterable

from one.store.filters import refuse
from one.store.queries.asked import Tied
from one.store.queries.comparing import Field, Sort
from one.store.queries.popularity import COUNTED, counted
from one.store.queries.scene import Scene
from one.store.session import jsonb
from one.store.sight import live, quoted
from one.store.slots import slots_of
from one.store.ties import OWNING, bought, counts

_PATH = re.compile(r"[A-Za-z]\w{0,80}(\.[A-Za-z]\w{0,80}){0,7}")
_SHARED: dict[str, tuple[str, Sort]] = {
    "id": ("id", "id"),
    "type": ("type", "text"),
    "version": ("version", "number"),
    "createdAt": ("created_at", "time"),
    "updatedAt": ("updated_at", "time"),
}
_ENTITY: dict[str, tuple[str, Sort]] = {
    **_SHARED,
    "name": ("name", "text"),
    "status": ("status", "text"),
    "visibility": ("visibility", "text"),
}
_CONNECTION: dict[str, tuple[str, Sort]] = {
    **_SHARED,
    "relationshipType": ("type", "text"),
    "fromEntityId": ("from_id", "id"),
    "from": ("from_id", "id"),
    "toEntityId": ("to_id", "id"),
    "to": ("to_id", "id"),
    "strength": ("strength", "number"),
    "validFrom": ("valid_from", "time"),
    "validTo": ("valid_to", "time"),
}
_EVENT: dict[str, tuple[str, Sort]] = {
    "id": ("id", "id"),
    "type": ("type", "text"),
    "eventType": ("type", "text"),
    "entityId": ("entity_id", "id"),
    "entity": ("entity_id", "id"),
    "actorId": ("actor_id", "id"),
    "actor": ("actor_id", "id"),
    "actorType": ("actor_type", "text"),
    "occurredAt": ("occurred_at", "time"),
    "timestamp": ("occurred_at", "time"),
    "createdAt": ("occurred_at", "time"),
    "recordedAt": ("recorded_at", "time"),
    "source": ("source", "text"),
    "sessionId": ("session_id", "text"),
}
_TAG: dict[str, tuple[str, Sort]] = {
    "id": ("id", "id"),
    "category": ("category", "text"),
    "name": ("name", "text"),
    "key": ("key", "text"),
    "description": ("description", "text"),
    "color": ("color", "text"),
    "icon": ("icon", "text"),
    "usageCount": ("usage_count", "number"),
    "createdAt": ("created_at", "time"),
    "updatedAt": ("updated_at", "time"),
}
COLUMNS = {"entities": _ENTITY, "connections": _CONNECTION, "events": _EVENT, "tags": _TAG}
_BAGS = {"entities": "properties", "connections": "metadata", "events": "metadata", "tags": ""}


def field_at(scene: Scene, path: str, *, ties: Iterable[Tied] = ()) -> Field:
    """The field that a path names; `ties` are those that the row is asked to have.

    Raises Invalid for what is no path.
    """
    if not _PATH.fullmatch(path):
        raise refuse("/where", f"{path[:60]!r} is not a field.")
    table = scene.query.table
    bag = _BAGS[table]
    plain = path.removeprefix(f"{bag}.")
    column = COLUMNS[table].get(plain) if plain == path else None
    if column is not None:
        return Field(f"x.{column[0]}", column[1])
    if not bag:
        raise refuse("/where", f"A tag has no {path[:60]!r}.", *COLUMNS[table])
    measured = plain.endswith(".length")
    found = _deep(scene, plain.removesuffix(".length"), ties)
    return _length(found) if measured else found


def _length(of: Field) -> Field:
    many, text = f"jsonb_array_length({of.sql})", f"char_length({of.sql} #>> '{{}}')"
    length = f"(CASE jsonb_typeof({of.sql}) WHEN 'array' THEN {many} WHEN 'string' THEN {text} END)"
    return Field(length if of.sort == "json" else f"char_length({of.sql})", "number")


def _deep(scene: Scene, path: str, ties: Iterable[Tied]) -> Field:
    head, _, rest = path.partition(".")
    declared = any(head in kind.keys for kind in scene.kinds)
    if scene.query.table == "entities" and not declared:
        if head == "balance" and not rest:
            return Field(f"{scene.looked_up(_held(scene))}.n", "number")
        if head in COUNTED and not rest:
            return Field(f"{scene.looked_up(counted(scene, head))}.n", "number")
        if rest and head in scene.session.ontology.connections:
            return _of_tie(scene, head, rest, ties=ties)
        if head in COLUMNS["entities"] and not rest:  # `name.length`
            return Field(f"x.{_ENTITY[head][0]}", _ENTITY[head][1])
    return _of_bag(scene, path)


def _of_bag(scene: Scene, path: str) -> Field:
    bag = _BAGS[scene.query.table]
    head, dot, rest = path.partition(".")
    if not any(head in kind.keys for kind in scene.kinds):
        head = _known_as(scene, head)
    path = f"{head}{dot}{rest}"
    base = f"x.{bag}"
    if not scene.session.viewer.staff and (
        hidden := [kind.name for kind in scene.kinds if head in kind.private]
    ):
        private = f"x.type IN ({quoted(hidden)}) AND {_not_for(scene)}"
        base = f"(CASE WHEN {private} THEN NULL ELSE {base} END)"
    return _json(base, path, index=_index(scene, path))


def _known_as(scene: Scene, key: str) -> str:
    """Another name of a key, or a free one, which begins with x_."""
    for kind in scene.kinds:
        if key in kind.also:
            return kind.also[key]
    return key if key.startswith("x_") else f"x_{key}"


def _not_for(scene: Scene) -> str:
    """That the viewer is none of those who may see what is private in the row."""
    ends = {
        "connections": "(x.from_id = %(me)s OR x.to_id = %(me)s)",
        "events": "x.actor_id = %(me)s",
    }
    return f"({ends.get(scene.query.table, 'false')}) IS NOT TRUE"


def _index(scene: Scene, path: str) -> str:
    """The column that all the types keep this key in, if they do."""
    columns = {
        slots_of(kind).get(path) or slots_of(kind).get(f"{path}.amount") for kind in scene.kinds
    }
    column = columns.pop() if len(columns) == 1 else None
    return f"x.{column}" if column else ""


def _json(base: str, path: str, *, index: str = "") -> Field:
    keys = path.split(".")
    sql = f"({base} #> {_keys(keys)})"
    near = ""
    if keys[-1] == "amount":
        near = base if len(keys) == 1 else f"({base} #> {_keys(keys[:-1])})"
    return Field(sql, "json", near, index)


def _keys(keys: list[str]) -> str:
    """Checked names, as they stand in a path."""
    return "'{" + ",".join(keys) + "}'"


def _of_tie(scene: Scene, type: str, key: str, *, ties: Iterable[Tied]) -> Field:
    """A key of the tie that the row is asked to have, else of its newest one of the type."""
    named = next((one for one in ties if one.type == type and not one.negated), Tied(type))
    near = tie_conditions(scene, named, row="o.id")
    kind = scene.session.ontology.connection(type)
    hidden = key.split(".", maxsplit=1)[0] in kind.private and not scene.session.viewer.staff
    ends = " AND (x.from_id = %(me)s OR x.to_id = %(me)s)" if hidden else ""
    found = (
        f"SELECT x.metadata AS m FROM connections x WHERE {near}{ends}"
        " ORDER BY x.created_at DESC, x.id DESC LIMIT 1"
    )
    keys = key if key.split(".", maxsplit=1)[0] in kind.keys or key.startswith("x_") else f"x_{key}"
    return _json(f"{scene.looked_up(found)}.m", keys)


def tie_conditions(scene: Scene, tie: Tied, *, row: str = "") -> str:
    """That the connection `x` is such a tie, of the row where one is given. Raises Invalid."""
    kind = scene.session.ontology.connection(tie.type)
    types = OWNING if tie.bought else (kind.name,)
    parts = ["x.space_id = %(space)s", f"x.type IN ({quoted(types)})"]
    if tie.bought:
        parts.append(bought("x"))
    if tie.to_id is not None:
        parts.append(_to(scene, tie))
    if tie.since is not None:
        parts.append(f"x.valid_from >= {scene.param(tie.since)}")
    if tie.until is not None:
        parts.append(f"x.valid_from < {scene.param(tie.until)}")
    if tie.from_id is not None:
        parts.append(f"x.from_id = {scene.param(tie.from_id)}")
    if tie.metadata:
        parts.append(f"x.metadata @> {scene.param(jsonb(dict(tie.metadata)))}::jsonb")
    for end, type in (("x.to_id", tie.to_type), ("x.from_id", tie.from_type)):
        if type not in ("", "thing"):
            parts.append(
                f"{end} IN (SELECT t.id FROM entities t WHERE t.space_id = %(space)s"
                f" AND t.type = {scene.param(type)} AND t.deleted_at IS NULL)"
            )
    if row and (tie.to_id is not None or tie.to_type):
        parts.append(f"x.from_id = {row}")
    elif row and (tie.from_id is not None or tie.from_type):
        parts.append(f"x.to_id = {row}")
    elif row:
        parts.append(f"(x.from_id = {row} OR x.to_id = {row})")
    return " AND ".join((*parts, counts("x"), scene.tie_seen(types)))


def _to(scene: Scene, tie: Tied) -> str:
    """That the connection ends at the thing, or at one of those that the person owns."""
    there = scene.param(tie.to_id)
    if not tie.owned:
        return f"x.to_id = {there}"
    return (
        f"(x.to_id = {there} OR x.to_id IN (SELECT c.to_id FROM connections c"
        " WHERE c.space_id = %(space)s AND c.type = 'owns'"
        f" AND c.from_id = {there} AND {live('c')}))"
    )


def _held(scene: Scene) -> str:
    """The units that the row holds of the query's token, else of the viewer's newest."""
    token = (
        "(SELECT x.id FROM entities x JOIN connections c ON c.space_id = x.space_id"
        " AND c.to_id = x.id AND c.type = 'owns' WHERE x.space_id = %(space)s"
        f" AND c.from_id = %(me)s AND {live('c')} AND x.type = 'token' AND x.deleted_at IS NULL"
        " ORDER BY x.created_at DESC, x.id DESC LIMIT 1)"
    )
    if scene.query.token is not None:
        token = scene.param(scene.query.token)
    return (
        "SELECT coalesce(sum((x.metadata->>'amount')::bigint), 0) AS n FROM connections x"
        " WHERE x.space_id = %(space)s AND x.from_id = o.id AND x.type = 'holds'"
        f" AND x.slot = 'tokens' AND {live('x')} AND x.to_id = {token}"
        f" AND {scene.tie_seen(('holds',))}"
    )
