"""An operation's signature as a typed input: read once from JSON, refused in the user's words."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import cast

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.alias_generators import to_camel, to_pascal
from pydantic_core import ErrorDetails

from one.errors import JSON, Fault, Invalid

MAX_DEPTH = 64
_MOST_FAULTS = 50
"""So many are told of what is wrong; who sends more mistakes hears how many there are."""

_WORDS: dict[str, str] = {
    "missing": "is required",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "none_required": "must be null",
    "string_too_short": "must have {min_length} or more characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have {min_length} or more items",
    "too_long": "must have at most {max_length} items",
    "string_pattern_mismatch": "must look like {pattern}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "uuid_type": "must be an id (a UUID)",
    "uuid_parsing": "must be an id (a UUID)",
    "timezone_aware": "must say its time zone, like 2026-01-31T12:00:00Z",
    "date_type": "must be a date like 2026-01-31",
    "date_parsing": "must be a date like 2026-01-31",
    "date_from_datetime_parsing": "must be a date like 2026-01-31",
}
_TIME = "must be a time like 2026-01-31T12:00:00Z"
_NUMBER = {
    "integer": re.compile(r"-?(0|[1-9][0-9]{0,18})"),
    "number": re.compile(r"-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?"),
}
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_TRUTH: Mapping[str, JSON] = {"true": True, "false": False}


def wire_name(parameter: str) -> str:
    """`from_` → `from`, `valid_from` → `validFrom`."""
    return to_camel(parameter.rstrip("_"))


class Input:
    """The parameters of one operation, or those of them that stand in its path."""

    def __init__(self, name: str, parameters: Mapping[str, inspect.Parameter]) -> None:
        self.name = name
        self.parameters = parameters

    @cached_property
    def model(self) -> type[BaseModel]:
        fields: dict[str, tuple[object, object]] = {
            name: (p.annotation, ... if p.default is p.empty else p.default)
            for name, p in self.parameters.items()
        }
        config = ConfigDict(extra="forbid", strict=True, alias_generator=wire_name)
        make = cast(Callable[..., type[BaseModel]], create_model)
        return make(to_pascal(self.name), __config__=config, **fields)

    @cached_property
    def schema(self) -> dict[str, JSON]:
        return self.model.model_json_schema()

    @cached_property
    def _kinds(self) -> dict[str, tuple[str, bool]]:
        """Of each field as it stands in a URL: the JSON type of one value, whether it repeats."""
        return {name: _url_kind(self._resolved(spec)) for name, spec in _fields(self.schema)}

    def fields(self) -> dict[str, tuple[dict[str, JSON], bool]]:
        """By wire name: the JSON Schema, references followed and null left out; if required."""
        required = self.schema.get("required")
        names = required if isinstance(required, list) else []
        return {name: (self._described(spec), name in names) for name, spec in _fields(self.schema)}

    def _described(self, field: JSON) -> dict[str, JSON]:
        words = field.get("description") if isinstance(field, dict) else None
        found = self._resolved(field)
        return {"description": words, **found} if words else found

    def read(self, body: bytes) -> dict[str, object]:
        """The arguments in `body`, a JSON object. Raises Invalid."""
        return self._read(body, parse(body))

    def _read(self, body: bytes, value: JSON) -> dict[str, object]:
        try:
            read = self.model.__pydantic_validator__.validate_json(body)
        except ValidationError as error:
            raise self._invalid(error, value) from None
        return dict(read.__dict__)

    def read_url(self, pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
        """The arguments in a path or a query, where a list is its name repeated. Raises Invalid."""
        values: dict[str, JSON] = {}
        for name, text in pairs:
            kind, repeats = self._kinds.get(name, ("string", False))
            if "\0" in text:
                at = f"/{len(cast(list[JSON], values.get(name, [])))}" if repeats else ""
                raise _nul(f"/{escape(name)}{at}")
            if kind == "date-time" and not _RFC3339.fullmatch(text):
                raise _wrong(name, _TIME)
            value = _from_url(kind, text)
            if repeats:
                cast(list[JSON], values.setdefault(name, [])).append(value)
            elif name in values:
                raise _wrong(name, "is given twice")
            else:
                values[name] = value
        return self._read(orjson.dumps(values), values)

    def _invalid(self, error: ValidationError, value: JSON) -> Invalid:
        faults: dict[str, Fault] = {}
        details = error.errors(include_url=False)
        for detail in details[:_MOST_FAULTS]:
            fault = self._fault(detail, value)
            known = faults.get(fault.pointer)
            if known and fault.message not in known.message:
                fault = Fault(fault.pointer, f"{known.message}, or {fault.message}", known.allowed)
            faults[fault.pointer] = fault
        first = next(iter(faults.values()))
        words = f"`{first.pointer[1:]}` {first.message}." if first.pointer else _whole(first)
        many = len(faults) + len(details[_MOST_FAULTS:])
        if many > 1:
            words = f"{many} things are wrong; first: {words}"
        return Invalid(words, cure="Correct it and send it again.", faults=tuple(faults.values()))

    def _fault(self, detail: ErrorDetails, value: JSON) -> Fault:
        kind, context = detail["type"], detail.get("ctx", {})
        path = _steps(detail["loc"], value, missing=kind == "missing")
        pointer = "".join("/" + escape(str(step)) for step in path)
        if kind == "extra_forbidden":
            known = self._known_at(path[:-1])
            near = get_close_matches(str(path[-1]), known, n=3, cutoff=0.5)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            return Fault(pointer, "is not known here" + hint, tuple(near or known))
        if kind in ("literal_error", "enum"):
            allowed = tuple(re.findall(r"'((?:[^'\\]|\\.)*)'", str(context.get("expected", ""))))
            return Fault(pointer, "must be one of those allowed", allowed)
        if kind in ("value_error", "assertion_error"):
            return Fault(pointer, str(context.get("error", "is not usable")))
        if kind.startswith(("datetime", "time_")):
            return Fault(pointer, _TIME)
        return Fault(pointer, _WORDS.get(kind, "is not usable").format_map(context))

    def _resolved(self, spec: JSON) -> dict[str, JSON]:
        """A property's schema with its references followed and its null left out."""
        found = spec if isinstance(spec, dict) else {}
        reference = found.get("$ref")
        if isinstance(reference, str):
            definitions = cast(dict[str, JSON], self.schema["$defs"])
            return self._resolved(definitions[reference.rsplit("/", 1)[-1]])
        choices = found.get("anyOf")
        if isinstance(choices, list):
            real = [c for c in choices if isinstance(c, dict) and c.get("type") != "null"]
            return self._resolved(real[0]) if real else {}
        return found

    def _known_at(self, path: list[str | int]) -> list[str]:
        spec = self._resolved(self.schema)
        for step in path:
            below = spec.get("items") if isinstance(step, int) else dict(_fields(spec)).get(step)
            spec = self._resolved(below)
        return [name for name, _ in _fields(spec)]


def parse(body: bytes) -> JSON:
    """What `body` says, once it is JSON of a sane depth without NUL. Raises Invalid."""
    try:
        value: JSON = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid(
            f"This is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).",
            cure="Send one JSON object in UTF-8.",
        ) from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH or b"\\u0000" in body:
        _check_tree(value)
    return value


def _check_tree(root: JSON) -> None:
    level: list[tuple[str, JSON]] = [("", root)]
    for _ in range(MAX_DEPTH + 1):
        below: list[tuple[str, JSON]] = []
        for pointer, value in level:
            if isinstance(value, str) and "\0" in value:
                raise _nul(pointer)
            for step, child in _children(value):
                if isinstance(step, str) and "\0" in step:
                    raise _nul(pointer)
                below.append((f"{pointer}/{escape(str(step))}", child))
        if not below:
            return
        level = below
    raise Invalid(f"This is nested deeper than {MAX_DEPTH} levels.", cure="Send flatter JSON.")


def _children(value: JSON) -> Iterator[tuple[str | int, JSON]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _nul(pointer: str) -> Invalid:
    message = "must not hold the NUL character"
    return Invalid(
        "A text holds the NUL character.",
        cure="Take it out and send it again.",
        faults=(Fault(pointer, message),),
    )


def escape(step: str) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return step.replace("~", "~0").replace("/", "~1")


def _wrong(name: str, words: str) -> Invalid:
    fault = Fault("/" + escape(name), words)
    return Invalid(f"`{name}` {words}.", cure="Correct it and send it again.", faults=(fault,))


def _whole(fault: Fault) -> str:
    return f"What was sent {fault.message}."


def _fields(spec: Mapping[str, JSON]) -> list[tuple[str, JSON]]:
    properties = spec.get("properties")
    return list(properties.items()) if isinstance(properties, dict) else []


def _url_kind(spec: dict[str, JSON]) -> tuple[str, bool]:
    items = spec.get("items")
    if spec.get("type") == "array":
        return _url_kind(items)[0] if isinstance(items, dict) else "string", True
    return str(spec.get("format", spec.get("type", "string"))), False


def _from_url(kind: str, text: str) -> JSON:
    """A value that is not of its kind stays text, so that reading names what is wrong."""
    if kind == "boolean":
        return _TRUTH.get(text, text)
    pattern = _NUMBER.get(kind)
    if pattern is None or not pattern.fullmatch(text):
        return text
    return int(text) if kind == "integer" else float(text)


def _steps(loc: tuple[str | int, ...], value: JSON, *, missing: bool) -> list[str | int]:
    """The part of pydantic's location that lies in what was sent (it also names union members)."""
    steps: list[str | int] = []
    for step in loc:
        match value:
            case dict() if step in value:
                value = value[str(step)]
            case list() if isinstance(step, int) and step < len(value):
                value = value[step]
            case _:
                continue
        steps.append(step)
    return [*steps, loc[-1]] if missing else steps
