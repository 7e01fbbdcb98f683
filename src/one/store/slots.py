"""Declared keys in indexed columns: which property of a type lies in which of k1 … n2.

A type declares the few keys that lists are filtered and ordered by. Their values are copied at
every write into columns that all types share, so a filter on any of them reads one index, and an
extension type needs no index of its own (docs/decisions/0002).
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal, cast

from pydantic import JsonValue

from one.ontology import ConnectionType, EntityType, EventType

Schema = dict[str, object]
Type = EntityType | ConnectionType | EventType
Column = Literal["k1", "k2", "k3", "n1", "n2"]

_ROOM: dict[type, dict[str, tuple[Column, ...]]] = {
    EntityType: {"text": ("k1", "k2", "k3"), "number": ("n1", "n2")},
    ConnectionType: {"text": ("k1", "k2"), "number": ("n1",)},
    EventType: {"text": ("k1", "k2"), "number": ("n1",)},
}


@cache
def slots_of(kind: Type) -> Mapping[str, Column]:
    """Dotted path of each declared key → its column. Raises ValueError when there are too many."""
    room = {sort: list(columns) for sort, columns in _ROOM[type(kind)].items()}
    found: dict[str, Column] = {}
    for path in kind.indexed:
        free = room["number" if _is_number(kind, path) else "text"]
        if not free:
            raise ValueError(f"{kind.name} declares more indexed keys than there are columns")
        found[path] = free.pop(0)
    return found


def filled(kind: Type, values: Mapping[str, JsonValue]) -> dict[str, str | int | float | None]:
    """The columns and their values for a row with these properties or metadata."""
    columns: dict[str, str | int | float | None] = {
        column: None for some in _ROOM[type(kind)].values() for column in some
    }
    for path, column in slots_of(kind).items():
        columns[column] = as_stored(value_at(values, path), column)
    return columns


def as_stored(value: JsonValue, column: Column) -> str | int | float | None:
    """A JSON value as its column keeps it: numbers as they are, all else as text."""
    if value is None:
        return None
    if column.startswith("n"):
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:500]


def value_at(values: Mapping[str, JsonValue], path: str) -> JsonValue:
    """The value at a dotted path, null when it leads nowhere."""
    found: JsonValue = dict(values)
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _is_number(kind: Type, path: str) -> bool:
    schema = cast("Schema", kind.model.model_json_schema(by_alias=True))
    node = schema
    for key in path.split("."):
        fields = cast("Schema", node.get("properties", {}))
        node = _resolved(cast("Schema", fields.get(key, {})), schema)
    return node.get("type") in ("integer", "number")


def _resolved(node: Schema, whole: Schema) -> Schema:
    """A schema node with its reference followed; an optional one is its type without null."""
    choices = cast("list[Schema]", node.get("anyOf", [node]))
    choice = next((one for one in choices if one.get("type") != "null"), node)
    reference = str(choice.get("$ref", ""))
    if not reference:
        return choice
    definitions = cast("dict[str, Schema]", whole["$defs"])
    return definitions[reference.rsplit("/", 1)[-1]]
