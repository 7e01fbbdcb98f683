"""A feature as an operation of OpenAPI 3.1: what it is asked with, what it answers and refuses."""

import re
from collections.abc import Mapping
from typing import cast

from pydantic.alias_generators import to_camel

from one.compiler.emit.inputs import attribute, inputs_of
from one.compiler.emit.module import Emitted
from one.compiler.expression import write_value
from one.compiler.kinds import Base, Kind, read_kind
from one.compiler.light import frozen
from one.compiler.program import Program, Slot
from one.errors import JSON
from one.ontology import CURRENCIES

Object = dict[str, JSON]
PROBLEM: Object = {"$ref": "#/components/schemas/Problem"}

_CURRENCY: Object = {"type": "string", "enum": [*sorted(CURRENCIES)]}
_AMOUNT: Object = {"type": "integer"}
_MONEY: Object = {
    "type": "object",
    "description": "Whole minor units (cents) of a currency.",
    "required": ["amount", "currency"],
    "properties": {"amount": _AMOUNT, "currency": _CURRENCY},
}
_ID: Object = {"type": "string", "format": "uuid"}
_WORD: Object = {"type": "string"}
_SEEN: Object = {
    "type": "object",
    "description": "A thing; its id alone where it may not be seen.",
    "required": ["id", "type", "name"],
    "properties": {"id": _ID, "type": _WORD, "name": _WORD, "status": _WORD},
}
_GIVEN: Mapping[Base, Object] = {
    Base.TEXT: {"type": "string"},
    Base.INTEGER: {"type": "integer"},
    Base.NUMBER: {"type": "number"},
    Base.RATIO: {"type": "number"},
    Base.SHARE: {"type": "integer"},
    Base.BOOLEAN: {"type": "boolean"},
    Base.MONEY: _MONEY | {"additionalProperties": False},
    Base.DATETIME: {"type": "string", "format": "date-time"},
    Base.DURATION: {"type": "string", "description": "90s, 45m, 24h, 7d."},
    Base.THING: _ID,
}
_ANSWERED: Mapping[Base, Object] = {
    Base.INTEGER: {"type": "integer"},
    Base.NUMBER: {"type": "number"},
    Base.BOOLEAN: {"type": "boolean"},
    Base.MONEY: _MONEY,
    Base.THING: {"anyOf": [_ID, _SEEN]},
}


@frozen
class Entry:
    """The JSON Schemas of a feature; `request` is that of its POST, `answer` of its 200."""

    request: Object
    answer: Object
    required: bool


def entry(program: Program) -> Entry:
    """What a feature is asked with and what it answers."""
    asked = {
        to_camel(attribute(name).rstrip("_")): (slot, missing)
        for name, (slot, missing) in inputs_of(program).items()
    }
    required: list[JSON] = [
        name for name, (slot, missing) in asked.items() if not missing and slot.default is None
    ]
    request: Object = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _given(slot, missing=m) for name, (slot, m) in asked.items()},
    }
    if required:
        request["required"] = required
    given: Object = {
        to_camel(attribute(name).rstrip("_")): _described(_answered(_kind(slot)), slot)
        for name, slot in program.output.items()
    }
    answer: Object = {"type": "object", "properties": given}
    return Entry(request, answer, bool(required))


def operation(program: Program, emitted: Emitted, *, said: str = "") -> Object:
    """The operation that calls the feature. `said` is what it does, in words.

    Refers to `#/components/schemas/Problem`; that of a run is for who knows it.
    """
    shapes = entry(program)
    title = program.title or program.feature
    return {
        "operationId": to_camel(f"run_{emitted.slug}"),
        "tags": ["features"],
        "summary": title,
        **({"description": said} if said else {}),
        "requestBody": {
            "required": shapes.required,
            "content": {"application/json": {"schema": shapes.request}},
        },
        "responses": {
            "200": {
                "description": "What the feature gives; what is not there is left out.",
                "content": {"application/json": {"schema": shapes.answer}},
            },
            **({"202": _RUN} if emitted.durable else {}),
            "404": _problem("Something that was named is not there, or not for the caller."),
            "422": _refusals(emitted.errors),
        },
    }


_RUN: Object = {
    "description": "The run goes on; `Location` is where it is followed.",
    "headers": {"Location": {"schema": {"type": "string"}}},
}


def _problem(words: str) -> Object:
    return {"description": words, "content": {"application/problem+json": {"schema": PROBLEM}}}


def _refusals(errors: Mapping[str, str]) -> Object:
    """The problem of a refusal: its code is one of the feature's own."""
    words = "The input is not as it has to be"
    if not errors:
        return _problem(f"{words}.")
    rows = [f"- `{code}`: {said or 'in the words of the moment'}" for code, said in errors.items()]
    codes: list[JSON] = ["invalid", *errors]
    schema: Object = {
        "allOf": [PROBLEM, {"type": "object", "properties": {"code": {"examples": codes}}}]
    }
    described = _problem("\n".join([f"{words}, or the feature refuses:", "", *rows]))
    cast("Object", described["content"])["application/problem+json"] = {"schema": schema}
    return described


# --- values -------------------------------------------------------------------------------------


def _kind(slot: Slot) -> Kind:
    return (read_kind(slot.type) or Kind(Base.JSON)).sure


def _given(slot: Slot, *, missing: bool) -> Object:
    kind = _kind(slot)
    one = kind.item if kind.base is Base.LIST and kind.item else kind
    found = dict(_GIVEN.get(one.base, {}))
    if one.base is Base.THING and one.types:
        named = " or ".join(sorted(each.replace("_", " ") for each in one.types))
        found["description"] = f"The id of {named}."
    if slot.one_of:
        found["enum"] = [write_value(value) for value in slot.one_of]
    if slot.default is not None:
        found["default"] = write_value(slot.default)
    bounds = _bounds(slot, kind)
    if kind.base is Base.LIST:
        found = Object(type="array", items=found)
    found |= bounds
    found = _described(found, slot)
    if not missing:
        return found
    null: Object = {"type": "null"}
    return {"anyOf": [found, null]}


_BOUNDS: Mapping[str, tuple[str, str]] = {
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
}


def _bounds(slot: Slot, kind: Kind) -> Object:
    shape = "array" if kind.base is Base.LIST else str(_GIVEN.get(kind.base, {}).get("type"))
    names = _BOUNDS.get(shape, ())
    limits = (slot.min, slot.max)
    found = {name: write_value(one) for name, one in zip(names, limits, strict=False) if one}
    return {name: value for name, value in found.items() if isinstance(value, int | float)}


def _answered(kind: Kind) -> Object:
    if kind.base is Base.LIST and kind.item is not None:
        return {"type": "array", "items": _answered(kind.item.sure)}
    return dict(_ANSWERED.get(kind.base, {}))


def _described(schema: Object, slot: Slot) -> Object:
    gloss = re.sub(r"\s+", " ", slot.gloss).strip()
    if not gloss:
        return schema
    beside = schema.get("description")
    said = f"{gloss[0].upper()}{gloss[1:].rstrip('.')}."
    return {**schema, "description": f"{said} {beside}" if beside else said}
