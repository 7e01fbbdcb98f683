"""What a feature asks of a table, in the words that the program has for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from pydantic import JsonValue

Table = Literal["entities", "connections", "events", "tags"]
NONE: Mapping[str, JsonValue] = {}


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of a field over the rows that all other conditions choose."""

    field: str


@dataclass(frozen=True, slots=True)
class Compare:
    """A field of the row against a value; money is `{amount, currency}`, a moment its text.

    `between` takes two values, `in` any number, `exists` a truth.
    """

    field: str
    operator: str
    value: "JsonValue | Average"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Tied:
    """A connection that counts now: of the row to `to_id`, from `from_id` to the row, or any.

    Of an event, it is a connection of the thing that it happened to. `owned`: to `to_id` or to
    anything that they own, as somebody's students are. `since`, `until`: made then or later, and
    before. `to_type`, `from_type`: at that end stands anything of the type, or at all (`thing`).
    `bought`: of owning, what somebody has bought or holds counts as well. `count`: an operator and
    a number, with which the number of things at the other ends is compared, be it none.
    """

    type: str
    from_id: UUID | None = None
    to_id: UUID | None = None
    to_type: str = ""
    from_type: str = ""
    metadata: Mapping[str, JsonValue] = field(default_factory=lambda: NONE)
    negated: bool = False
    owned: bool = False
    since: datetime | None = None
    until: datetime | None = None
    bought: bool = False
    count: tuple[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Conditions of which one is enough."""

    conditions: "tuple[Condition, ...]"
    negated: bool = False


Condition: TypeAlias = Compare | Tied | AnyOf


@dataclass(frozen=True, slots=True)
class Query:
    """Rows of a table that all of `where` chooses, newest first unless `order` says otherwise.

    `order` are fields, `-` before one for descending. Without a `limit` all rows, of which there
    may be a thousand. `select` is a number of them (`count`, `sum(price)`, `trend(metadata.value)`)
    or a list of fields. `token` is the one that `balance` speaks of, else the viewer's newest.
    """

    table: Table = "entities"
    where: tuple[Condition, ...] = ()
    search: str | None = None
    order: tuple[str, ...] = ()
    limit: int | None = None
    select: str | tuple[str, ...] | None = None
    token: UUID | None = None
