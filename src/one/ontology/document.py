"""The JSON Schema (2020-12) of a type, as it is published and as the digest sees it."""

from dataclasses import asdict
from typing import cast

from one.errors import JSON
from one.ontology.types import Role, Type

Definition = dict[str, JSON]

FREE_PATTERN = r"^x_[\p{L}\p{N}_]{1,62}$"


def definitions_of(kind: Type) -> tuple[Definition, dict[str, Definition]]:
    """The definition of a type, and those of the values that it refers to, by name."""
    schema = cast("Definition", kind.model.model_json_schema(ref_template="#/$defs/value.{model}"))
    values = cast("dict[str, Definition]", schema.pop("$defs", {}))
    properties = cast("dict[str, Definition]", schema.get("properties", {}))
    definition: Definition = {
        "title": kind.name,
        "description": kind.doc,
        "type": "object",
        "properties": {key: _given(each) for key, each in properties.items()},
        "patternProperties": {FREE_PATTERN: {}},
        "additionalProperties": False,
    }
    if kind.required:
        definition["required"] = list[JSON](sorted(kind.required))
    return definition, {name: _value(value) for name, value in values.items()}


def _value(value: Definition) -> Definition:
    properties = cast("dict[str, Definition]", value.get("properties", {}))
    if properties:
        value = {**value, "properties": {key: _given(each) for key, each in properties.items()}}
    return value


def _given(field: Definition) -> Definition:
    """Of a field that may be left out: the schema of what it is when it is there."""
    field = {key: value for key, value in field.items() if key not in ("title", "default")}
    branches = cast("list[Definition]", field.pop("anyOf", []))
    kept = [branch for branch in branches if branch != {"type": "null"}]
    if len(kept) == 1:
        return {**field, **kept[0]}
    return {**field, "anyOf": cast("JSON", kept)} if kept else field


def facts_shown(kind: Type) -> JSON:
    """What a type says of itself beside its keys, as plain JSON."""
    return cast("JSON", {key: _plain(value) for key, value in sorted(kind.facts.items())})


def _plain(value: object) -> JSON:
    match value:
        case frozenset():
            return cast("JSON", sorted(cast("frozenset[str]", value)))
        case tuple():
            return [_plain(each) for each in cast("tuple[object, ...]", value)]
        case dict():
            return {key: _plain(each) for key, each in cast("dict[str, object]", value).items()}
        case Role():
            return _plain(asdict(value))
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"no JSON for {type(value).__name__}")
