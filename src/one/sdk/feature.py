"""What a generated module declares: its feature, what that is given and gives, how it refuses."""

import dataclasses
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import MISSING, dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from types import GenericAlias, NoneType, UnionType
from typing import (
    Annotated,
    Literal,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
)
from uuid import UUID

from pydantic import AwareDatetime, JsonValue

from one.errors import Fault, Invalid
from one.ontology import Money as Price
from one.ontology import seconds
from one.ontology.values import Duration
from one.runtime.input import Input as Signature
from one.runtime.input import escape, wire_name
from one.sdk.reckoning import among, less, more
from one.sdk.values import Money, Thing, Value, text

_MEASURED: Mapping[type, tuple[str, str]] = {str: ("have", " characters"), list: ("have", " items")}


@dataclass(frozen=True, slots=True)
class Slot:
    """What is asked of a value beside its type; `types` are those that a thing may be of."""

    types: tuple[str, ...] = ()
    at_least: Value = None
    at_most: Value = None
    one_of: tuple[Value, ...] = ()

    def problem(self, value: Value) -> str:
        """What is wrong with a value; empty when nothing is."""
        measured = len(value) if isinstance(value, str | list) else value
        have, of = _MEASURED.get(type(value), ("be", ""))
        if self.at_least is not None and less(measured, self.at_least):
            return f"must {have} at least {text(self.at_least)}{of}"
        if self.at_most is not None and more(measured, self.at_most):
            return f"must {have} at most {text(self.at_most)}{of}"
        if self.one_of and not among(value, self.one_of):
            return f"must be one of {', '.join(text(one) for one in self.one_of)}"
        return ""


ANYTHING = Slot()
Person = Annotated[Thing, Slot(types=("audience_member", "creator"))]
"""An input that is somebody."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Record:
    """Frozen fields, given by name."""

    def __init_subclass__(cls) -> None:
        shown = inspect.get_annotations(cls)
        # a Value is spelt as text, which would be looked up in a module that is no real one
        cls.__annotations__ = {k: object if isinstance(v, str) else v for k, v in shown.items()}
        dataclass(frozen=True, kw_only=True)(cls)


class Input(Record):
    """What a feature is given. A field's `Slot` stands in its annotation."""


class Output(Record):
    """What a feature gives."""

    def given(self) -> dict[str, Value]:
        """By the name that the feature's text has, camelCase; nothing is left out."""
        fields = dataclasses.fields(cast("type[_Fields]", type(self)))
        found = {wire_name(one.name): cast("Value", getattr(self, one.name)) for one in fields}
        return {name: value for name, value in found.items() if value is not None}


@dataclass
class _Fields:
    """What every subclass of Record is to the standard library."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """What sets a feature off, and the inputs that it fills: who did it, the thing, and what came
    of it, by type.
    """

    kind: Literal["entities", "connections", "events"] = "events"
    actor: str = ""
    entity: str = ""
    made: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Field:
    """An input as it is told and read. `kind` is a Python type; a list of them when `many`. What
    is left out is its `default`.
    """

    name: str
    kind: object
    slot: Slot
    many: bool
    optional: bool
    default: Value = None

    @property
    def needed(self) -> bool:
        """Whether it must be given."""
        return not self.optional and self.default is None

    @property
    def wire(self) -> object:
        """The type of its JSON."""
        whole = _WIRE.get(cast("type", self.kind), JsonValue)
        whole = GenericAlias(list, (whole,)) if self.many else whole
        return cast("UnionType", whole) | None if self.optional else whole

    def value(self, json: object) -> Value:
        """What was read, as a feature has it; ids of things stay ids."""
        if self.many and isinstance(json, list):
            return [_value(one) for one in cast("list[object]", json)]
        return _value(json)

    def of_json(self, value: Value) -> Value:
        """A value that may still be as JSON has it: money, moments and lengths of time."""
        match value:
            case {"amount": int(amount), "currency": str(currency)} if self.kind is Money:
                return Money(amount, currency)
            case str() if self.kind is datetime:
                return datetime.fromisoformat(value)
            case str() if self.kind is timedelta:
                return timedelta(seconds=seconds(value))
            case list() if self.many:
                return [replace(self, many=False).of_json(one) for one in value]
            case _:
                return value


_WIRE: Mapping[type, object] = {
    Thing: UUID,
    Money: Price,
    timedelta: Duration,
    datetime: AwareDatetime,
    int: int,
    float: float,
    bool: bool,
    str: str,
}


def _value(json: object) -> Value:
    match json:
        case UUID():
            return str(json)
        case Price():
            return Money(json.amount, json.currency)
        case _:
            return cast("Value", json)


Main = Callable[..., Awaitable[Output]]
Part = Callable[..., Awaitable[None]]


@dataclass
class Feature:
    """A feature as its module declares it; `parts` are those that go their own way, by path."""

    title: str
    main: Main
    durable: bool
    trigger: Trigger | None = None
    parts: dict[str, Part] = dataclasses.field(default_factory=dict[str, Part])

    @property
    def slug(self) -> str:
        return str(getattr(self.main, "__name__", ""))

    def part(self, path: str) -> Callable[[Part], Part]:
        """Declares the part that goes its own way at a path."""

        def declare(part: Part) -> Part:
            self.parts[path] = part
            return part

        return declare

    @cached_property
    def given(self) -> type[Input]:
        """The class of what it is given."""
        return cast("type[Input]", list(inspect.get_annotations(self.main).values())[1])

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Its inputs, in order."""
        shown = inspect.get_annotations(self.given)
        own = dataclasses.fields(cast("type[_Fields]", self.given))
        defaults = {one.name: None if one.default is MISSING else one.default for one in own}
        return tuple(
            replace(_field(name, kind), default=cast("Value", defaults[name]))
            for name, kind in shown.items()
            if name in defaults
        )

    def read(self, body: bytes, *, without: str = "") -> dict[str, Value]:
        """The inputs in a JSON object, by Python name; things by their ids. The one that is
        `without` need not be there. Raises Invalid.
        """
        read = (self._signing(without) if without else self._signature).read(body)
        values = {one.name: one.value(read[one.name]) for one in self.fields}
        faults = [
            Fault(f"/{escape(wire_name(one.name))}", problem)
            for one in self.fields
            if values[one.name] is not None and one.kind is not Thing
            for problem in [one.slot.problem(_measured(one, values[one.name]))]
            if problem
        ]
        if faults:
            first = faults[0]
            raise Invalid(
                f"`{first.pointer[1:]}` {first.message}.",
                cure="Correct it and send it again.",
                faults=tuple(faults),
            )
        return values

    @cached_property
    def _signature(self) -> Signature:
        return self._signing("")

    def _signing(self, without: str) -> Signature:
        empty = inspect.Parameter.empty
        parameters = {
            one.name: inspect.Parameter(
                one.name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=(replace(one, optional=True) if absent else one).wire,
                default=empty if one.needed and not absent else one.default,
            )
            for one in self.fields
            for absent in (wire_name(one.name) == without,)
        }
        return Signature(f"{self.slug}_given", parameters)


def _measured(one: Field, value: Value) -> Value:
    if one.kind is timedelta and isinstance(value, str):
        return timedelta(seconds=seconds(value))
    return value


def _field(name: str, annotation: object) -> Field:
    slot, optional, many = ANYTHING, False, False
    while (origin := get_origin(annotation)) in (Annotated, Union, UnionType, list):
        parts = get_args(annotation)
        if origin is Annotated:
            inner = next((one for one in parts[1:] if isinstance(one, Slot)), ANYTHING)
            slot = replace(slot, types=inner.types) if slot is not ANYTHING else inner
        elif origin is not list:
            parts = [one for one in parts if one is not NoneType]
            optional = True
        many = many or origin is list
        annotation = parts[0]
    return Field(name, annotation, slot, many, optional)


def feature(
    title: str, *, durable: bool = False, trigger: Trigger | None = None
) -> Callable[[Main], Feature]:
    """Declares the feature of a module: the function that does it becomes a `Feature`."""

    def declare(main: Main) -> Feature:
        return Feature(title, main, durable, trigger)

    return declare
