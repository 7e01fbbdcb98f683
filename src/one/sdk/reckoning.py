"""Computing and comparing as the language means it, with values whose kind only a run knows.

Where the compiler is sure of the kinds, Python's own operators stand in the code instead. What
can't be computed raises Invalid, in the words of the language.
"""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar
from uuid import UUID

from one.errors import Invalid
from one.sdk.values import Happening, Money, Relation, Thing, Value, met, text

Known = TypeVar("Known", bound=Value)

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(ms|mo|s|m|h|d|w)$")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "mo": 2_592_000}


# --- looking into values -----------------------------------------------------------------------


def read(of: Value, key: str) -> Value:
    """A property of a thing, a key of a record; nothing where it isn't there."""
    match of:
        case Thing():
            if key in _COLUMNS:
                return _column(of, key)
            return met(of.properties.get(key))
        case Happening():
            return of.actor and str(of.actor) if key == "actorId" else _of_happening(of, key)
        case Relation():
            return _of_relation(of, key)
        case Money(amount, currency):
            return {"amount": amount, "currency": currency}.get(key)
        case Mapping():
            return of.get(key)
        case list() if key in ("first", "last"):
            return first(of) if key == "first" else last(of)
        case list() if key == "length":
            return len(of)
        case _:
            return None


_COLUMNS = ("id", "type", "name", "status", "version", "createdAt", "updatedAt")


def _column(of: Thing, key: str) -> Value:
    match key:
        case "id":
            return str(of.id)
        case "createdAt":
            return of.created_at
        case "updatedAt":
            return of.updated_at
        case "version":
            return of.version
        case "type":
            return of.type
        case "status":
            return of.status
        case _:
            return of.name


def _of_happening(of: Happening, key: str) -> Value:
    match key:
        case "id":
            return str(of.id)
        case "type" | "eventType":
            return of.type
        case "entity" | "entityId":
            return str(of.entity)
        case "actor":
            return str(of.actor) if of.actor else None
        case "occurredAt" | "timestamp":
            return of.occurred_at
        case _:
            return met(of.metadata.get(key))


def _of_relation(of: Relation, key: str) -> Value:
    match key:
        case "id":
            return str(of.id)
        case "type" | "relationshipType":
            return of.type
        case "fromEntityId" | "from":
            return str(of.from_id)
        case "toEntityId" | "to":
            return str(of.to_id)
        case "createdAt" | "validFrom":
            return of.created_at
        case _:
            return met(of.metadata.get(key))


def pick(of: Value, at: Value) -> Value:
    """The element of a list, the key of a record; nothing beyond its end."""
    if isinstance(of, Mapping):
        return of.get(text(at))
    if isinstance(of, Sequence) and not isinstance(of, str) and isinstance(at, int):
        return of[at] if -len(of) <= at < len(of) else None
    return None


def items(value: Value) -> list[Value]:
    """A value as a list: nothing is none, anything else is one."""
    if value is None:
        return []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    return [value]


def length(value: Value) -> int:
    """How many there are, of letters in a text."""
    return len(value) if isinstance(value, str | Mapping) else len(items(value))


def first(value: Value) -> Value:
    found = items(value)
    return found[0] if found else None


def last(value: Value) -> Value:
    found = items(value)
    return found[-1] if found else None


def failed(value: Value) -> bool:
    """Whether what was called did not succeed."""
    return value is None or (isinstance(value, Mapping) and value.get("failed") is True)


# --- conditions --------------------------------------------------------------------------------


def truth(value: Value) -> bool:
    """Whether a value alone is a yes: what is there, not empty, not zero and not failed."""
    if isinstance(value, Thing | Money | datetime | timedelta | Relation | Happening):
        return True
    return bool(value) and not failed(value)


def equal(left: Value, right: Value) -> bool:
    """Whether two values are the same; a thing is its id, and a moment its text."""
    left, right = _alike(left, right)
    return left == right


def among(value: Value, of: Value) -> bool:
    """Whether a value is one of a list, or part of a text."""
    if isinstance(of, str):
        return text(value).casefold() in of.casefold()
    return any(equal(value, one) for one in items(of))


def contains(of: Value, part: Value) -> bool:
    """Whether a text has the words in it, in any case, or a list the value."""
    return among(part, of)


def starts_with(of: Value, part: Value) -> bool:
    return text(of).casefold().startswith(text(part).casefold())


def less(left: Value, right: Value) -> bool:
    return _order(left, right) < 0


def more(left: Value, right: Value) -> bool:
    return _order(left, right) > 0


def at_most(left: Value, right: Value) -> bool:
    return _order(left, right) <= 0


def at_least(left: Value, right: Value) -> bool:
    return _order(left, right) >= 0


def _order(left: Value, right: Value) -> int:
    left, right = _alike(left, right)
    match left, right:
        case Money(), Money():
            return (left > right) - (left < right)
        case datetime(), datetime():
            return (left > right) - (left < right)
        case timedelta(), timedelta():
            return (left > right) - (left < right)
        case str(), str():
            return (left.casefold() > right.casefold()) - (left.casefold() < right.casefold())
        case int() | float(), int() | float():
            return (left > right) - (left < right)
        case (None, _) | (_, None):
            raise Invalid("What is not there can't be compared.", cure="Check that it exists.")
        case _:
            raise Invalid(f"“{text(left)}” and “{text(right)}” can't be compared.")


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    """Two values in one kind, where one of them only spells it."""
    match left, right:
        case Thing(), str() | UUID():
            return str(left.id), str(right)
        case str(), Thing():
            return left, str(right.id)
        case datetime(), str():
            return left, _moment(right) or right
        case str(), datetime():
            return _moment(left) or left, right
        case timedelta(), str():
            return left, _duration(right) or right
        case str(), timedelta():
            return _duration(left) or left, right
        case Money(), int() | float() if not isinstance(right, bool):
            return left.amount, right
        case int() | float(), Money() if not isinstance(left, bool):
            return left, right.amount
        case str(), int() | float() if not isinstance(right, bool):
            return _number(left), right
        case int() | float(), str() if not isinstance(left, bool):
            return left, _number(right)
        case _:
            return left, right


def _number(said: str) -> Value:
    try:
        return float(said.replace(",", ""))
    except ValueError:
        return said


def _moment(said: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _duration(said: str) -> timedelta | None:
    found = _LENGTH.match(said)
    return timedelta(seconds=float(found[1]) * _SECONDS[found[2]]) if found else None


# --- arithmetic --------------------------------------------------------------------------------


def _then(left: Value, right: Value) -> Value:
    """The moment that a text spells, as a thing's properties have it, beside a time or a length."""
    timely = isinstance(right, datetime | timedelta)
    timely = timely or (isinstance(right, str) and (_duration(right) or _moment(right)) is not None)
    return (_moment(left) or left) if isinstance(left, str) and timely else left


def plus(left: Value, right: Value) -> Value:
    left = _then(left, right)
    match left, right:
        case Money(), Money():
            return left + right
        case (bool(), _) | (_, bool()):
            raise _impossible("added", left, right)
        case int() | float(), int() | float():
            return left + right
        case datetime(), _:
            return left + _length(right)
        case timedelta(), timedelta():
            return left + right
        case list(), _:
            return [*left, *items(right)]
        case (str(), _) | (_, str()):
            return text(left) + text(right)
        case _:
            raise _impossible("added", left, right)


def minus(left: Value, right: Value) -> Value:
    left = _then(left, right)
    match left, right:
        case Money(), Money():
            return left - right
        case (bool(), _) | (_, bool()):
            raise _impossible("subtracted", left, right)
        case int() | float(), int() | float():
            return left - right
        case datetime(), datetime():
            return left - right
        case datetime(), _:
            return left - _length(right)
        case timedelta(), timedelta():
            return left - right
        case _:
            raise _impossible("subtracted", left, right)


def times(left: Value, right: Value) -> Value:
    match left, right:
        case (bool(), _) | (_, bool()):
            raise _impossible("multiplied", left, right)
        case Money(), int() | float():
            return left.times(right)
        case int() | float(), Money():
            return right.times(left)
        case int() | float(), int() | float():
            return left * right
        case ((timedelta() | str()), int() | float()) if _lasts(left):
            return _length(left) * right
        case int() | float(), (timedelta() | str()) if _lasts(right):
            return _length(right) * left
        case _:
            raise _impossible("multiplied", left, right)


def divided(left: Value, right: Value) -> Value:
    match left, right:
        case (bool(), _) | (_, bool()):
            raise _impossible("divided", left, right)
        case Money(), Money():
            return left.ratio(right)
        case Money(), int() | float():
            return left.divided(right)
        case int() | float(), int() | float():
            if right == 0:
                raise Invalid("Nothing can be divided by zero.")
            return left / right
        case _:
            raise _impossible("divided", left, right)


def remainder(left: Value, right: Value) -> Value:
    match left, right:
        case int() | float(), int() | float() if right != 0:
            return left % right
        case _:
            raise _impossible("divided", left, right)


def negative(value: Value) -> Value:
    match value:
        case Money():
            return -value
        case int() | float():
            return -value
        case _:
            raise Invalid(f"“{text(value)}” has no opposite.")


def _lasts(value: Value) -> bool:
    return isinstance(value, timedelta) or (isinstance(value, str) and bool(_duration(value)))


def _length(value: Value) -> timedelta:
    found = _duration(value) if isinstance(value, str) else value
    if not isinstance(found, timedelta):
        raise Invalid(f"“{text(value)}” is not a length of time.")
    return found


def _impossible(how: str, left: Value, right: Value) -> Invalid:
    if left is None or right is None:
        return Invalid(f"What is not there can't be {how}.", cure="Check that it exists.")
    return Invalid(f"“{text(left)}” and “{text(right)}” can't be {how}.")


def rounded(value: Value, places: Value = 0) -> Value:
    """To whole numbers, halves away from zero; money is whole already."""
    if isinstance(value, int | float) and isinstance(places, int):
        found = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        return float(found) if places > 0 else int(found)
    return value


def floor(value: Value) -> Value:
    return math.floor(value) if isinstance(value, int | float) else value


def ceiling(value: Value) -> Value:
    return math.ceil(value) if isinstance(value, int | float) else value


def least(*values: Value) -> Value:
    found = _those(values)
    best = found[0] if found else None
    for one in found[1:]:
        best = one if less(one, best) else best
    return best


def most(*values: Value) -> Value:
    found = _those(values)
    best = found[0] if found else None
    for one in found[1:]:
        best = one if more(one, best) else best
    return best


def _those(values: Sequence[Value]) -> list[Value]:
    return items(values[0]) if len(values) == 1 else list(values)


def total(value: Value, key: str = "") -> Value:
    """The sum of a list, or of a property of its things; nothing of none is 0."""
    found = [read(one, key) if key else one for one in items(value)]
    found = [one for one in found if one is not None]
    sum: Value = found[0] if found else 0
    for one in found[1:]:
        sum = plus(sum, one)
    return sum


def average(value: Value, key: str = "") -> Value:
    """The mean of a list, or of a property of its things; nothing of none."""
    found = [read(one, key) if key else one for one in items(value)]
    found = [one for one in found if one is not None]
    return divided(total(found), len(found)) if found else None


# --- texts -------------------------------------------------------------------------------------


def lower(value: Value) -> str:
    return text(value).lower()


def upper(value: Value) -> str:
    return text(value).upper()


def trim(value: Value) -> str:
    return text(value).strip()


def join(value: Value, between: Value = "") -> str:
    return text(between).join(text(one) for one in items(value))


def split(value: Value, at: Value = ",") -> list[Value]:
    return [part.strip() for part in text(value).split(text(at) or ",")]


def either(value: Value, other: Value) -> Value:
    """The first of two that is there."""
    return other if value is None else value


def money(amount: Value, currency: str) -> Money:
    """Whole minor units of a currency."""
    if isinstance(amount, int) and not isinstance(amount, bool):
        return Money(amount, currency)
    raise Invalid(f"“{text(amount)}” is no amount of money.")
