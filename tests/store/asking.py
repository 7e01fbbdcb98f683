"""What queries mean, in plain Python over rows that were read one by one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from pydantic import JsonValue

from one.errors import NotFound
from one.store import Connection, Entity, Store
from one.store.queries import AnyOf, Average, Compare, Condition, Tied

Row = TypeVar("Row")
Comparable = TypeVar("Comparable", float, str)


@dataclass
class Seen:
    """All that one viewer may see: things, and the connections that hold."""

    things: dict[UUID, Entity]
    ties: list[Connection]
    balances: Mapping[UUID, int] = field(default_factory=dict[UUID, int])

    @classmethod
    async def by(cls, store: Store, ids: list[UUID], ties: list[UUID]) -> "Seen":
        """Asks for each alone."""
        things = {id: row for id in ids if (row := await there(store.get, id)) is not None}
        found = [await there(store.connection, id) for id in ties]
        kept = [tie for tie in found if tie is not None and tie.valid_to is None]
        return cls(things, kept)

    def rows(self, *where: Condition) -> list[Entity]:
        """Those that the conditions choose."""
        plain = [one for one in where if not isinstance(getattr(one, "value", None), Average)]
        found = [row for row in self.things.values() if all(self.fits(row, one) for one in plain)]
        for one in where:
            if one not in plain and isinstance(one, Compare) and isinstance(one.value, Average):
                means = mean_by_currency([self.value(row, one.value.field) for row in found])
                found = [row for row in found if self.beside(row, one, means)]
        return found

    def beside(self, row: Entity, one: Compare, means: Mapping[str, float]) -> bool:
        value = self.value(row, one.field)
        number, currency = amount_of(value)
        if number is None or currency not in means:
            return one.negated
        return compared(number, one.operator, means[currency]) is not one.negated

    def fits(self, row: Entity, one: Condition) -> bool:
        """Whether one condition holds of a row."""
        match one:
            case AnyOf(conditions):
                holds = any(self.fits(row, each) for each in conditions)
            case Tied() if one.count is None:
                holds = bool(self.tied(row, one))
            case Tied():
                assert one.count is not None
                ends = {
                    each.from_id if to_others(one) else each.to_id for each in self.tied(row, one)
                }
                holds = compared(len(ends), *one.count)
            case Compare(path, operator, value):
                assert not isinstance(value, Average)
                holds = compared(self.value(row, path), operator, value)
        return holds is not one.negated

    def tied(self, row: Entity, tie: Tied) -> list[Connection]:
        """The row's ties of this kind."""
        return [
            one
            for one in self.ties
            if one.type == tie.type
            and (one.to_id if to_others(tie) else one.from_id) == row.id
            and tie.to_id in (None, one.to_id)
            and tie.from_id in (None, one.from_id)
            and tie.metadata.items() <= one.metadata.items()
        ]

    def value(self, row: Entity, path: str) -> JsonValue:
        """A field of a row."""
        columns: dict[str, JsonValue] = {
            "type": row.type,
            "name": row.name,
            "status": row.status,
            "id": str(row.id),
            "createdAt": row.created_at.isoformat().replace("+00:00", "Z"),
            "balance": self.balances.get(row.id, 0),
        }
        if path in columns:
            return columns[path]
        if path.endswith(".length"):
            inner = self.value(row, path.removesuffix(".length"))
            return len(inner) if isinstance(inner, str | list) else None
        return row.properties.get(path)


def to_others(tie: Tied) -> bool:
    """Whether such ties run to the row, from others."""
    return tie.to_id is None and not tie.to_type


async def there(find: Callable[[UUID], Awaitable[Row]], id: UUID) -> Row | None:
    """What is found, or nothing."""
    try:
        return await find(id)
    except NotFound:
        return None


def amount_of(value: JsonValue) -> tuple[float | None, str]:
    """A number, or money, with its currency."""
    match value:
        case bool() | None:
            return None, ""
        case int() | float():
            return value, ""
        case {"amount": int(amount), "currency": str(currency)}:
            return amount, currency
        case _:
            return None, ""


def mean_by_currency(values: list[JsonValue]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for value in values:
        number, currency = amount_of(value)
        if number is not None:
            found.setdefault(currency, []).append(number)
    return {currency: sum(some) / len(some) for currency, some in found.items()}


def compared(value: JsonValue, operator: str, wanted: JsonValue) -> bool:
    """What a comparison says of a value; nothing compares to nothing."""
    match operator, wanted:
        case "exists", _:
            return (value is not None) is (wanted is not False)
        case "ne", _:
            return not compared(value, "eq", wanted)
        case "in", list():
            return any(compared(value, "eq", one) for one in wanted)
        case "between", [low, high]:
            return compared(value, "gte", low) and compared(value, "lte", high)
        case "contains", _ if isinstance(value, list):
            return wanted in value
        case "contains", str():
            return isinstance(value, str) and wanted.lower() in value.lower()
        case "startsWith", str():
            return isinstance(value, str) and value.lower().startswith(wanted.lower())
        case _:
            return ordered(value, operator, wanted)


def ordered(value: JsonValue, operator: str, wanted: JsonValue) -> bool:
    if isinstance(wanted, str):
        if not isinstance(value, str):
            return False
        if operator == "eq":
            return value == wanted
        return sign(value.lower(), operator, wanted.lower())
    number, currency = amount_of(value)
    limit, in_currency = amount_of(wanted)
    if limit is None:
        return operator == "eq" and value == wanted
    if number is None or (in_currency and in_currency != currency):
        return False
    return sign(number, operator, limit)


def sign(left: Comparable, operator: str, right: Comparable) -> bool:
    order = (left > right) - (left < right)
    return {
        "eq": order == 0,
        "gt": order > 0,
        "gte": order >= 0,
        "lt": order < 0,
        "lte": order <= 0,
    }[operator]


def in_order(rows: list[Entity], values: Mapping[UUID, JsonValue], *, down: bool) -> list[Entity]:
    """By a value, what is missing last; the newest first among equals."""
    newest = sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)
    there = [row for row in newest if values.get(row.id) is not None]
    missing = [row for row in newest if values.get(row.id) is None]
    ranked = sorted({rank(values[row.id]) for row in there}, reverse=down)
    return [row for one in ranked for row in there if rank(values[row.id]) == one] + missing


def rank(value: JsonValue) -> tuple[float, str]:
    number, _ = amount_of(value)
    return (number or 0, "") if not isinstance(value, str) else (0, value.lower())
