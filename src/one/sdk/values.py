"""What a feature's values are: plain ones, money, things and what is between and about them.

`Value` is any of them. What a run keeps of them is JSON (`kept`, `known`); what goes to a service
or an answer is JSON too, without the marks (`plain`); what a person reads is `text`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TypeAlias
from uuid import UUID

from pydantic import JsonValue

from one.errors import Invalid
from one.ontology.values import written_amount
from one.store import Connection, Entity, Event

Plain: TypeAlias = bool | int | float | str | datetime | timedelta | None
Value: TypeAlias = "Plain | Money | Row | Sequence[Value] | Mapping[str, Value]"
"""Anything that a name of a feature can stand for."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """Whole minor units (cents) of a currency. Computing with two currencies raises Invalid."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._like(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._like(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def times(self, factor: int | float) -> "Money":
        """Rounded to whole minor units, halves away from zero."""
        return self.times_exactly(Fraction(str(factor)))

    def times_exactly(self, factor: Fraction) -> "Money":
        """The same by a fraction."""
        exact = Fraction(self.amount) * factor
        whole = (abs(exact) + Fraction(1, 2)).__floor__()
        return Money(whole if exact >= 0 else -whole, self.currency)

    def divided(self, by: int | float) -> "Money":
        """Rounded to whole minor units, halves away from zero."""
        if by == 0:
            raise Invalid("Nothing can be divided by zero.")
        return self.times_exactly(1 / Fraction(str(by)))

    def ratio(self, of: "Money") -> float:
        """This as a part of another amount."""
        if of.amount == 0:
            raise Invalid("Nothing can be divided by zero.")
        return float(Fraction(self.amount, self._like(of)))

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._like(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._like(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._like(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._like(other)

    def _like(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise Invalid(
                f"{self.currency} and {other.currency} can't be computed with each other.",
                cure="Use one currency.",
            )
        return other.amount

    def __str__(self) -> str:
        return written_amount(self.amount, self.currency)


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing as it was when it was read. Two are equal when they are one thing."""

    id: UUID
    type: str
    name: str
    status: str
    properties: Mapping[str, JsonValue]
    version: int
    created_at: datetime
    updated_at: datetime

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thing) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Relation:
    """A connection between two things."""

    id: UUID
    type: str
    from_id: UUID
    to_id: UUID
    metadata: Mapping[str, JsonValue]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened. `entity` is the thing, `actor` who did it."""

    id: UUID
    type: str
    entity: UUID
    actor: UUID | None
    metadata: Mapping[str, JsonValue]
    occurred_at: datetime


Row: TypeAlias = Thing | Relation | Happening


def thing(entity: Entity) -> Thing:
    """A row of the store as a feature has it."""
    return Thing(
        entity.id,
        entity.type,
        entity.name,
        entity.status,
        entity.properties,
        entity.version,
        entity.created_at,
        entity.updated_at,
    )


def relation(row: Connection) -> Relation:
    """A row of the store as a feature has it."""
    return Relation(row.id, row.type, row.from_id, row.to_id, row.metadata, row.created_at)


def happening(row: Event) -> Happening:
    """A row of the store as a feature has it."""
    return Happening(row.id, row.type, row.entity_id, row.actor_id, row.metadata, row.occurred_at)


# --- what a run keeps --------------------------------------------------------------------------

_MARK = "$"


def kept(value: Value) -> JsonValue:
    """A value as the journal keeps it; `known` gives an equal one back."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Money(amount, currency):
            return {_MARK: "money", "amount": amount, "currency": currency}
        case datetime():
            return {_MARK: "moment", "at": value.isoformat()}
        case timedelta():
            return {_MARK: "duration", "seconds": value.total_seconds()}
        case Thing():
            return {
                _MARK: "thing",
                "id": str(value.id),
                "type": value.type,
                "name": value.name,
                "status": value.status,
                "properties": dict(value.properties),
                "version": value.version,
                "createdAt": value.created_at.isoformat(),
                "updatedAt": value.updated_at.isoformat(),
            }
        case Relation():
            return {
                _MARK: "relation",
                "id": str(value.id),
                "type": value.type,
                "from": str(value.from_id),
                "to": str(value.to_id),
                "metadata": dict(value.metadata),
                "createdAt": value.created_at.isoformat(),
            }
        case Happening():
            return {
                _MARK: "happening",
                "id": str(value.id),
                "type": value.type,
                "entity": str(value.entity),
                "actor": str(value.actor) if value.actor else None,
                "metadata": dict(value.metadata),
                "occurredAt": value.occurred_at.isoformat(),
            }
        case Mapping():
            return {key: kept(one) for key, one in value.items()}
        case _:
            return [kept(one) for one in value]


def known(json: JsonValue) -> Value:
    """The value that was kept."""
    if isinstance(json, list):
        return [known(one) for one in json]
    if not isinstance(json, dict):
        return json
    read = _KNOWN.get(str(json.get(_MARK, "")))
    return read(json) if read else {key: known(one) for key, one in json.items()}


def _thing(json: Mapping[str, JsonValue]) -> Value:
    return Thing(
        UUID(str(json["id"])),
        str(json["type"]),
        str(json["name"]),
        str(json["status"]),
        _facts(json["properties"]),
        _whole(json["version"]),
        _moment(json["createdAt"]),
        _moment(json["updatedAt"]),
    )


def _relation(json: Mapping[str, JsonValue]) -> Value:
    return Relation(
        UUID(str(json["id"])),
        str(json["type"]),
        UUID(str(json["from"])),
        UUID(str(json["to"])),
        _facts(json["metadata"]),
        _moment(json["createdAt"]),
    )


def _happening(json: Mapping[str, JsonValue]) -> Value:
    actor = json["actor"]
    return Happening(
        UUID(str(json["id"])),
        str(json["type"]),
        UUID(str(json["entity"])),
        UUID(str(actor)) if actor else None,
        _facts(json["metadata"]),
        _moment(json["occurredAt"]),
    )


def _money(json: Mapping[str, JsonValue]) -> Value:
    return Money(_whole(json["amount"]), str(json["currency"]))


def _duration(json: Mapping[str, JsonValue]) -> Value:
    seconds = json["seconds"]
    return timedelta(seconds=seconds if isinstance(seconds, int | float) else 0)


def _facts(json: JsonValue) -> Mapping[str, JsonValue]:
    return json if isinstance(json, dict) else {}


def _whole(json: JsonValue) -> int:
    return json if isinstance(json, int) else 0


def _moment(json: JsonValue) -> datetime:
    return datetime.fromisoformat(str(json))


def _at(json: Mapping[str, JsonValue]) -> Value:
    return _moment(json["at"])


_KNOWN: Mapping[str, Callable[[Mapping[str, JsonValue]], Value]] = {
    "thing": _thing,
    "relation": _relation,
    "happening": _happening,
    "money": _money,
    "moment": _at,
    "duration": _duration,
}


# --- what goes out -----------------------------------------------------------------------------


def plain(value: Value) -> JsonValue:
    """A value as JSON for a service, a property or an answer; a thing is its id."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Money(amount, currency):
            return {"amount": amount, "currency": currency}
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case timedelta():
            return value.total_seconds()
        case Thing() | Relation() | Happening():
            return str(value.id)
        case Mapping():
            return {key: plain(one) for key, one in value.items()}
        case _:
            return [plain(one) for one in value]


def met(json: JsonValue) -> Value:
    """JSON of a property or of a service as a value: `{amount, currency}` is money."""
    if isinstance(json, list):
        return [met(one) for one in json]
    if not isinstance(json, dict):
        return json
    match json:
        case {"amount": int(amount), "currency": str(currency)} if len(json) == 2:
            return Money(amount, currency)
        case _:
            return {key: met(one) for key, one in json.items()}


def text(value: Value) -> str:
    """A value as a person reads it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.2f}".rstrip("0").rstrip(".")
        case str():
            return value
        case Money() | Thing():
            return str(value)
        case datetime():
            return f"{value:%d %B %Y, %H:%M}".lstrip("0")
        case timedelta():
            return _spoken(value)
        case Relation() | Happening():
            return value.type.replace("_", " ")
        case Mapping():
            return ", ".join(f"{key}: {text(one)}" for key, one in value.items())
        case _:
            said = [text(one) for one in value]
            return " and ".join([", ".join(said[:-1]), said[-1]] if said[1:] else said)


def _spoken(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0 and seconds:
            many = seconds // size
            return f"{many} {word}{'' if many == 1 else 's'}"
    return "no time"
