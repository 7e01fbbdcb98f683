"""What a list may be asked: filters on declared keys, an order, a page.

Filters travel as text, `path operator value`, as in `properties.level eq beginner` or
`recordedAt between 2026-01-01,2026-02-01`. A value that reads as JSON is that JSON.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args
from uuid import UUID

import orjson
from pydantic import JsonValue

from one.errors import Fault, Invalid

Operator = Literal[
    "eq", "ne", "gt", "gte", "lt", "lte", "in", "contains", "startsWith", "exists", "between"
]
Sort = Literal["text", "number", "time", "id", "words"]
OPERATORS: tuple[str, ...] = get_args(Operator)
RANGES = frozenset({"gt", "gte", "lt", "lte", "between", "startsWith"})
COMPARISON = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
MOST_VALUES = 20
_LAST = "chr(1114111)"  # no letter sorts after it

_SHAPE = re.compile(r"^\s*([A-Za-z][A-Za-z0-9_.]{0,80})\s+([A-Za-z]{2,10})(?:\s+(.*))?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Filter:
    """`values` holds one value, two for between, one or more for in, a truth for exists.

    `pointer` says where in the request it stood.
    """

    path: str
    operator: Operator
    values: tuple[JsonValue, ...]
    pointer: str = "/where"


@dataclass(frozen=True, slots=True)
class Field:
    """Where a path lies: `sql` speaks of the row as `x`. Only what is `indexed` is asked for; what
    is `folded` is compared in lower case, as PostgreSQL makes it. What is `beside` an indexed path
    is asked of the rows that are found by that, each touching so many more buffers.
    """

    sql: str
    sort: Sort
    indexed: bool = True
    folded: bool = False
    beside: int = 0

    def value(self, param: str) -> str:
        """A parameter as this field compares with it."""
        return f"lower({param}::text)" if self.folded else param

    def equals(self, param: str) -> str:
        return f"{self.sql} = {self.value(param)}"

    def is_any_of(self, param: str) -> str:
        if self.folded:
            param = f"ARRAY(SELECT lower(v) FROM unnest({param}::text[]) v)"
        return f"{self.sql} = ANY({param})"


def refuse(pointer: str, message: str, *allowed: str) -> Invalid:
    """One wrong field, and what it may be instead."""
    cure = f"Use one of: {', '.join(allowed)}." if allowed else "Correct it and ask again."
    return Invalid(message, cure=cure, faults=(Fault(pointer, message, allowed),))


def parse_filter(text: str, pointer: str) -> Filter:
    """Reads `path operator value`. Raises Invalid, saying what is wrong with it."""
    shape = _SHAPE.match(text)
    if shape is None or len(text) > 2_000 or "\0" in text:
        raise refuse(pointer, f"A filter reads 'path operator value', not {text[:60]!r}.")
    path, operator, rest = shape[1], shape[2], (shape[3] or "").strip()
    name = next((known for known in get_args(Operator) if known.lower() == operator.lower()), None)
    if name is None:
        raise refuse(pointer, f"There is no comparison {operator!r}.", *OPERATORS)
    return Filter(path, name, _values(name, rest, pointer), pointer)


def _values(operator: Operator, rest: str, pointer: str) -> tuple[JsonValue, ...]:
    if operator == "exists":
        if rest.lower() not in ("", "true", "false"):
            raise refuse(pointer, "'exists' takes true or false.", "true", "false")
        return (rest.lower() != "false",)
    if operator in ("in", "between"):
        values = _listed(rest)
        if operator == "between" and len(values) != 2:
            raise refuse(pointer, "'between' takes two values: between 1,5.")
        if not 1 <= len(values) <= MOST_VALUES:
            raise refuse(pointer, f"'in' takes 1 to {MOST_VALUES} values: in a,b,c.")
        return values
    if not rest:
        raise refuse(pointer, f"{operator!r} needs a value to compare with.")
    return (_value(rest),)


def _listed(rest: str) -> tuple[JsonValue, ...]:
    if rest.startswith("["):
        try:
            found = orjson.loads(rest)
        except orjson.JSONDecodeError:
            return ()
        return tuple(found)
    return tuple(_value(part.strip()) for part in rest.split(",") if part.strip())


def _value(text: str) -> JsonValue:
    """JSON, but a number that is written otherwise stays text: `1.50` may be a version."""
    found = _loaded(text)
    number = isinstance(found, int | float) and not isinstance(found, bool)
    return text if number and str(found) != text else found


def _loaded(text: str) -> JsonValue:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def bound(field: Field, wanted: Filter) -> list[object]:
    """A filter's values as the column compares them. Raises Invalid for one of another kind."""
    return [_bound(field, value, wanted.pointer) for value in wanted.values]


def _bound(field: Field, value: JsonValue, pointer: str) -> object:
    match field.sort:
        case "number":
            return _number(value, pointer)
        case "time":
            return read_time(value, pointer)
        case "id":
            return read_id(value, pointer)
        case _:
            return _text(value, pointer)


def _text(value: JsonValue, pointer: str) -> str:
    if isinstance(value, dict | list) or value is None:
        raise refuse(pointer, "Compare this with a text, a number or yes/no.")
    if isinstance(value, bool):
        return "true" if value else "false"
    if "\0" in str(value):
        raise refuse(pointer, "A text can't hold the NUL character.")
    return str(value)


def _number(value: JsonValue, pointer: str) -> int | float:
    if isinstance(value, str):
        value = _loaded(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(pointer, f"{value!r} is not a number.")
    if not math.isfinite(value) or abs(value) > 1e30:
        raise refuse(pointer, "That number is too large.")
    return value


def read_time(value: JsonValue, pointer: str) -> datetime:
    """An ISO 8601 time or date; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 9000:
        raise refuse(pointer, f"{str(value)[:40]!r} is not a time such as 2026-01-31T09:00:00Z.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def read_id(value: JsonValue, pointer: str) -> UUID:
    """A UUID in its usual form."""
    try:
        return UUID(str(value)) if len(str(value)) == 36 else UUID(int=-1)
    except ValueError:
        raise refuse(pointer, f"{str(value)[:40]!r} is not an id.") from None


class Clause:
    """Grows a WHERE out of filters, keeping values in parameters."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.params: dict[str, object] = {}

    def copy(self) -> "Clause":
        copied = Clause()
        copied.conditions, copied.params = list(self.conditions), dict(self.params)
        return copied

    def param(self, value: object) -> str:
        name = f"f{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def condition(self, field: Field, wanted: Filter) -> str:
        """One filter on one field; its values become parameters."""
        if wanted.operator == "exists":
            return f"{field.sql} IS {'NOT NULL' if wanted.values[0] else 'NULL'}"
        values = bound(field, wanted)
        if wanted.operator == "in":
            return field.is_any_of(self.param(values))
        first, *others = (field.value(self.param(value)) for value in values)
        match wanted.operator:
            case "eq":
                return f"{field.sql} = {first}"
            case "ne":
                return f"{field.sql} IS DISTINCT FROM {first}"
            case "between":
                return f"{field.sql} BETWEEN {first} AND {others[0]}"
            case "startsWith":
                if field.sort != "text":
                    raise refuse(wanted.pointer, "'startsWith' compares texts only.")
                return f"{field.sql} >= {first} AND {field.sql} < {first} || {_LAST}"
            case "contains":
                message = "'contains' looks in the text of things: ask with `text` and a type."
                raise refuse(wanted.pointer, message)
            case "gt" | "gte" | "lt" | "lte":
                return f"{field.sql} {COMPARISON[wanted.operator]} {first}"
