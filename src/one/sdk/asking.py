"""What a feature looks for, as its code says it: a query with its conditions."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from one.sdk.values import Value

Table = Literal["entities", "connections", "events", "tags"]


@dataclass(frozen=True, slots=True)
class Where:
    """A field compared with a value: `Where("price", "lte", Money(5000, "usd"))`."""

    field: str
    operator: str
    value: "Value | Average"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Average:
    """The average of a field over the rows looked at; stands where a value does."""

    field: str


@dataclass(frozen=True, slots=True)
class Tie:
    """A live connection that the row must have: from a thing to it, or from it to a thing.

    A type in the place of a thing (`lesson`) is anything of it. `since`, `until`: made then
    or later, and before then. `bought`: of owning, with what was bought or is held. `count`: how
    many there must be, which may be none: `("lt", 5)`.
    """

    type: str
    source: Value = None
    target: Value = None
    metadata: tuple[tuple[str, Value], ...] = ()
    since: Value = None
    until: Value = None
    negated: bool = False
    bought: bool = False
    count: tuple[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Conditions of which one is enough."""

    conditions: "tuple[Condition, ...]"
    negated: bool = False


Condition: TypeAlias = "Where | Tie | AnyOf"


@dataclass(frozen=True, slots=True)
class Query:
    """Rows of a table. `order` are fields, `-` before one for descending; `select` a number of
    the rows instead: `count`, `sum(price)`, `avg(metadata.value)`.
    """

    table: Table = "entities"
    where: tuple[Condition, ...] = ()
    search: Value = None
    order: tuple[str, ...] = ()
    limit: int | None = None
    select: str = ""
