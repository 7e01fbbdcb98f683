"""Comparisons as SQL: columns with their own kind of value, JSON with whatever it is compared to.

What is missing compares to nothing: only `ne`, `exists false` and what is negated hold of it.
Texts are ordered and looked into in any case, and are equal only letter by letter.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Literal, cast
from uuid import UUID

import orjson
from pydantic import JsonValue

from one.errors import Invalid
from one.store.filters import COMPARISON, OPERATORS, refuse

Sort = Literal["text", "number", "time", "id", "json"]
Param = Callable[[object], str]
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$")
_MOST_VALUES = 1_000


@dataclass(frozen=True, slots=True)
class Field:
    """Where a value lies. Of JSON, `near` is the object that it lies in; of what has an index of
    its own, `index` is that column."""

    sql: str
    sort: Sort
    near: str = ""
    index: str = ""

    @property
    def number(self) -> str:
        """As a number; of money, its minor units."""
        if self.sort != "json":
            return self.sql if self.sort == "number" else "NULL::numeric"
        amount = f"{self.sql}->'amount'"
        return (
            f"(CASE jsonb_typeof({self.sql}) WHEN 'number' THEN ({self.sql})::numeric"
            f" WHEN 'object' THEN CASE jsonb_typeof({amount}) WHEN 'number'"
            f" THEN ({amount})::numeric END END)"
        )

    @property
    def currency(self) -> str:
        """The currency that the value has, or that stands beside it."""
        if self.sort != "json":
            return "NULL::text"
        own = f"{self.sql}->>'currency'"
        return f"coalesce({own}, {self.near}->>'currency')" if self.near else f"({own})"

    @property
    def text(self) -> str:
        """A text, to be ordered by; moments without their zone, which is always UTC."""
        if self.sort != "json":
            return f"{self.sql}::text"
        bare = f"regexp_replace({self.sql} #>> '{{}}', '^(\\d{{4}}-.*)(Z|\\+00:00)$', '\\1')"
        return f"(CASE jsonb_typeof({self.sql}) WHEN 'string' THEN {bare} END)"


@dataclass(frozen=True, slots=True)
class Compared:
    """A field that is compared with values, which `param` keeps beside the text."""

    field: Field
    param: Param

    def holds(self, operator: str, value: JsonValue) -> str:
        """That the field compares so with the value. Raises Invalid."""
        match operator:
            case "exists":
                return f"{self.field.sql} IS {'NOT ' if value is not False else ''}NULL"
            case "eq":
                return self._equal(value)
            case "ne":
                return f"({self._equal(value)}) IS NOT TRUE"
            case "in":
                return self._among(value if isinstance(value, list) else [value])
            case "between":
                low, high = _pair(value)
                return f"({self._ordered('>=', low)} AND {self._ordered('<=', high)})"
            case "contains" | "startsWith":
                return self._looked_into(operator, value)
            case _ if operator in COMPARISON:
                return self._ordered(COMPARISON[operator], value)
            case _:
                raise refuse("/where", f"There is no comparison {operator[:40]!r}.", *OPERATORS)

    def _among(self, values: Sequence[JsonValue]) -> str:
        if len(values) > _MOST_VALUES:
            raise refuse("/where", f"'in' takes at most {_MOST_VALUES:,} values.")
        sort, texts = self.field.sort, [one for one in values if isinstance(one, str)]
        if sort in ("text", "id") and len(texts) == len(values):
            ids = [id for one in texts if (id := _id(one))]
            return f"{self.field.sql} = ANY({self.param(ids if sort == 'id' else texts)})"
        return " OR ".join(f"({self._equal(one)})" for one in values) or "false"

    def _equal(self, value: JsonValue) -> str:
        if value is None:
            return f"{self.field.sql} IS NULL"
        match self.field.sort:
            case "number":
                return f"{self.field.sql} = {self.param(_number(value))}"
            case "time":
                return f"{self.field.sql} = {self.param(_time(value))}"
            case "id":
                return f"{self.field.sql} = {self.param(id)}" if (id := _id(value)) else "false"
            case "text":
                return f"{self.field.sql} = {self.param(_text(value))}"
            case "json":
                return self._equal_json(value)

    def _equal_json(self, value: JsonValue) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number("=", value)
        if money := _money(value):
            return self._money("=", *money)
        if isinstance(value, str) and _MOMENT.match(value):
            return f"{self.field.text} = {self.param(_bare(value))}"
        json = orjson.dumps(value).decode()
        exactly = f"{self.field.sql} = {self.param(json)}::jsonb"
        if self.field.index.startswith("x.k") and isinstance(value, str):
            return f"{exactly} AND {self.field.index} = {self.param(value[:500])}"
        return exactly

    def _ordered(self, comparison: str, value: JsonValue) -> str:
        field = self.field
        if field.sort == "time":
            return f"{field.sql} {comparison} {self.param(_time(value))}"
        if field.sort == "number":
            return f"{field.sql} {comparison} {self.param(_number(value))}"
        if isinstance(value, str) and field.sort != "id":
            wanted = self.param(_bare(value))
            return f'lower({field.text}) COLLATE "C" {comparison} lower({wanted})'
        if field.sort == "json" and (money := _money(value)):
            return self._money(comparison, *money)
        if field.sort == "json" and isinstance(value, int | float):
            return self._number(comparison, value)
        message = "This can't be ordered: compare with a number, money, a time or a text."
        raise refuse("/where", message)

    def _number(self, comparison: str, value: float) -> str:
        wanted = self.param(_number(value))
        compared = f"{self.field.number} {comparison} {wanted}"
        if self.field.index.startswith("x.n"):
            return f"{compared} AND {self.field.index} {comparison} {wanted}"
        return compared

    def _money(self, comparison: str, amount: int, currency: str) -> str:
        compared = self._number(comparison, amount)
        return f"{compared} AND {self.field.currency} = {self.param(currency)}"

    def _looked_into(self, operator: str, value: JsonValue) -> str:
        """A text in any case; a list for one that is equal."""
        field, wanted = self.field, self.param(_text(value))
        if field.sort not in ("text", "json"):
            raise refuse("/where", f"{operator!r} looks into texts and lists only.")
        text = field.sql if field.sort == "text" else f"{field.sql} #>> '{{}}'"
        found = f"starts_with(lower({text}), lower({wanted}))"
        if operator == "contains":
            found = f"strpos(lower({text}), lower({wanted})) > 0"
        if field.sort == "text":
            return found
        said = f"{_is(field, 'string')} AND {found}"
        if operator == "startsWith":
            return said
        item = f"{field.sql} @> {self.param(orjson.dumps([value]).decode())}::jsonb"
        return f"({said} OR {_is(field, 'array')} AND {item})"


def fits_none(operator: str, value: JsonValue) -> bool:
    """Whether a comparison of numbers holds of none of them, of 0. Raises Invalid."""
    match operator, value:
        case "between", _:
            least, most = _pair(value)
            return _number(least) <= 0 <= _number(most)
        case _ if operator in _OF_NUMBERS:
            return _OF_NUMBERS[operator](Decimal(0), _number(value))
        case _:
            raise refuse("/where", f"{operator[:20]!r} counts nothing.", "between", *_OF_NUMBERS)


_OF_NUMBERS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "eq": eq,
    "ne": ne,
    "gt": gt,
    "gte": ge,
    "lt": lt,
    "lte": le,
}


def _pair(value: JsonValue) -> tuple[JsonValue, JsonValue]:
    if isinstance(value, list) and len(value) == 2:
        return value[0], value[1]
    raise refuse("/where", "'between' takes two values.")


def _is(field: Field, kind: str) -> str:
    return f"jsonb_typeof({field.sql}) = '{kind}'"


def _money(value: JsonValue) -> tuple[int, str] | None:
    match value:
        case {"amount": int(amount), "currency": str(currency)}:
            return amount, currency.lower()
        case _:
            return None


def _number(value: JsonValue) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e30:
        raise refuse("/where", f"{str(value)[:40]!r} is not a number to compare with.")
    return Decimal(str(value))


def _text(value: JsonValue) -> str:
    if isinstance(value, dict | list) or value is None:
        raise refuse("/where", "Compare this with a text, a number or yes/no.")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "\0" in text:
        raise refuse("/where", "A text can't hold the NUL character.")
    return text


def _id(value: JsonValue) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _time(value: JsonValue) -> datetime:
    try:
        found = datetime.fromisoformat(cast("str", value).replace("Z", "+00:00"))
    except (ValueError, AttributeError):
        raise _no_time(value) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _no_time(value: JsonValue) -> Invalid:
    return refuse("/where", f"{str(value)[:40]!r} is not a time such as 2026-01-31T09:00:00Z.")


def _bare(value: str) -> str:
    """A moment in UTC without its zone, as `Field.text` has it; any other text as it is."""
    if "\0" in value:
        raise refuse("/where", "A text can't hold the NUL character.")
    if not _MOMENT.match(value) or len(value) <= 10:
        return value
    return _time(value).astimezone(UTC).replace(tzinfo=None).isoformat()
