"""Declared keys in indexed columns: which property of a type lies in which of k1 … n2.

A type declares the few keys that lists are filtered and ordered by. Their values are copied at
every write into columns that all types share, so a filter on any of them reads one index, and an
extension type needs no index of its own (docs/decisions/0002).
"""

from collections.abc import Iterable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue

from one.errors import Fault, Invalid
from one.ontology import ConnectionType, EntityType, EventType, Ontology

Type = EntityType | ConnectionType | EventType
Column = Literal["k1", "k2", "k3", "n1", "n2"]
Declared = dict[str, dict[str, dict[str, Column]]]
"""By table and type: the column of each declared key."""

_ROOM: dict[type, dict[str, tuple[Column, ...]]] = {
    EntityType: {"text": ("k1", "k2", "k3"), "number": ("n1", "n2")},
    ConnectionType: {"text": ("k1", "k2"), "number": ("n1",)},
    EventType: {"text": ("k1", "k2"), "number": ("n1",)},
}


@cache
def slots_of(kind: Type) -> Mapping[str, Column]:
    """Dotted path of each declared key → its column. Raises Invalid when there are too many."""
    room = {sort: list(columns) for sort, columns in _ROOM[type(kind)].items()}
    found: dict[str, Column] = {}
    for path in kind.indexed:
        free = room["number" if _is_number(kind, path) else "text"]
        if not free:
            raise _too_many(kind)
        found[path] = free.pop(0)
    return found


def _too_many(kind: Type) -> Invalid:
    texts, numbers = (len(columns) for columns in _ROOM[type(kind)].values())
    return Invalid(
        f"{kind.name} declares more indexed keys than there is room for.",
        cure=f"Index at most {texts} texts and {numbers} numbers, those of what it extends"
        " included.",
        faults=(Fault("/indexed", f"are {', '.join(kind.indexed)}"),),
    )


def declared(ontology: Ontology) -> Declared:
    """The columns of all declared keys. Raises Invalid when a type declares too many."""
    tables: dict[str, Iterable[Type]] = {
        "entities": ontology.entities.values(),
        "connections": ontology.connections.values(),
        "events": ontology.events.values(),
    }
    return {
        table: {kind.name: dict(slots_of(kind)) for kind in kinds if kind.indexed}
        for table, kinds in tables.items()
    }


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
    """Where it may be of several kinds, the first decides.

    Read off the annotations: to make the JSON Schema of every type would slow each start.
    """
    found: list[object] = [kind.model]
    for key in path.split("."):
        found = [value for model in found for value in _values(model, key)]
    return bool(found) and (found[0] is int or found[0] is float)


def _values(model: object, key: str) -> list[object]:
    """What the value of a key may be, unless it is left out; nothing where there is no such key."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    for name, field in model.model_fields.items():
        if key == (field.alias or name):
            return _choices(field.annotation)
    return []


def _choices(annotation: object) -> list[object]:
    """The branches of a union, without None; of each the bare type."""
    if get_origin(annotation) is Annotated:
        return _choices(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [choice for branch in get_args(annotation) for choice in _choices(branch)]
    return [] if annotation in (None, NoneType) else [annotation]
