"""One space, one viewer, one transaction: what every verb of the store works with."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Literal, TypeVar
from uuid import UUID

import orjson

from one.clock import Clock
from one.ontology import Ontology
from one.store.database import Record, Transaction
from one.store.rows import Connection, Entity, Event, Properties, Row, Tag
from one.store.sight import Viewer

Kind = Literal[
    "entities",
    "connections",
    "events",
    "tags",
    "tagging",
    "imported",
    "purged",
    "tokens",
    "elapsed",
]


@dataclass(frozen=True, slots=True)
class Session:
    """`now` is the business time at which it was opened; `secret` signs cursors."""

    tx: Transaction
    space: UUID
    viewer: Viewer
    ontology: Ontology
    clock: Clock
    now: datetime
    secret: bytes

    def later(self) -> "Session":
        """The same, now: for who waited for a lock and must see what its holder did as past."""
        return replace(self, now=max(self.now, self.clock.now()))

    def params(self, **more: object) -> dict[str, object]:
        """Parameters of a statement, with those that every statement may speak of."""
        return {"space": self.space, "me": self.viewer.id, "now": self.now, **more}

    def entity(self, record: Record, *, private: bool = False) -> Entity:
        """A row of ENTITY_COLUMNS, without its private properties unless they are asked for."""
        entity = _made(Entity, _ENTITY_FIELDS, record)
        return entity if private else self.without_private(entity)

    def connection(self, record: Record) -> Connection:
        """A row of connection columns; its private metadata only for its two ends and staff."""
        made = connection_of(record)
        known = self.ontology.connections.get(made.type)
        ends = (made.from_id, made.to_id)
        if known is None or self.viewer.staff or self.viewer.id in ends:
            return made
        return made.model_copy(update={"metadata": _without(made.metadata, known.private)})

    def event(self, record: Record) -> Event:
        """A row of event columns; its private metadata only for its actor and staff."""
        made = event_of(record)
        known = self.ontology.events.get(made.type)
        if known is None or self.viewer.staff or self.viewer.id == made.actor_id:
            return made
        return made.model_copy(update={"metadata": _without(made.metadata, known.private)})

    def without_private(self, entity: Entity) -> Entity:
        known = self.ontology.entities.get(entity.type)
        if known is None or known.private.isdisjoint(entity.properties):
            return entity
        kept = _without(entity.properties, known.private)
        return entity.model_copy(update={"properties": kept})


def _without(values: Properties, private: frozenset[str]) -> Properties:
    return {key: value for key, value in values.items() if key not in private}


_ENTITY_FIELDS = (
    "id",
    "type",
    "name",
    "status",
    "visibility",
    "properties",
    "version",
    "created_at",
    "updated_at",
    "deleted_at",
)
_CONNECTION_FIELDS = (
    "id",
    "type",
    "from_id",
    "to_id",
    "metadata",
    "strength",
    "valid_from",
    "valid_to",
    "version",
    "created_at",
    "updated_at",
)
_EVENT_FIELDS = (
    "id",
    "type",
    "entity_id",
    "actor_id",
    "actor_type",
    "metadata",
    "occurred_at",
    "recorded_at",
    "source",
    "session",
)
_TAG_FIELDS = (
    "id",
    "category",
    "name",
    "key",
    "description",
    "color",
    "icon",
    "usage_count",
    "version",
    "created_at",
    "updated_at",
)


RowT = TypeVar("RowT", bound=Row)
_set = object.__setattr__
_new = object.__new__
_FIELDS_SET: dict[type[Row], set[str]] = {
    Entity: set(_ENTITY_FIELDS),
    Connection: set(_CONNECTION_FIELDS),
    Event: set(_EVENT_FIELDS),
    Tag: set(_TAG_FIELDS),
}


def _made(kind: type[RowT], fields: tuple[str, ...], record: Record) -> RowT:
    """A row as the database has it. It was checked when it was written: a list of twenty made by
    pydantic's own `model_construct` takes as long as its query.
    """
    row = _new(kind)
    _set(row, "__dict__", dict(zip(fields, record)))  # noqa: B905 # the columns are the fields
    _set(row, "__pydantic_fields_set__", _FIELDS_SET[kind])
    _set(row, "__pydantic_extra__", None)
    _set(row, "__pydantic_private__", None)
    return row


@cache
def columns(fields: tuple[str, ...], alias: str) -> str:
    return ", ".join(f"{alias}.{'session_id' if field == 'session' else field}" for field in fields)


def entity_columns(alias: str) -> str:
    return columns(_ENTITY_FIELDS, alias)


def connection_columns(alias: str) -> str:
    return columns(_CONNECTION_FIELDS, alias)


def event_columns(alias: str) -> str:
    return columns(_EVENT_FIELDS, alias)


def tag_columns(alias: str) -> str:
    return columns(_TAG_FIELDS, alias)


def connection_of(record: Record) -> Connection:
    return _made(Connection, _CONNECTION_FIELDS, record)


def event_of(record: Record) -> Event:
    return _made(Event, _EVENT_FIELDS, record)


def tag_of(record: Record) -> Tag:
    return _made(Tag, _TAG_FIELDS, record)


def jsonb(value: Properties | dict[str, object]) -> str:
    """JSON text for a `::jsonb` parameter."""
    return orjson.dumps(value).decode()


# A change row: what kind of row, which, and what it was before. Its id is made here, so that
# the rows one transaction writes keep their order.
CHANGE = (
    "INSERT INTO change_queue (space_id, id, kind, row_id, row_type, version, before, actor_id, at)"
)
