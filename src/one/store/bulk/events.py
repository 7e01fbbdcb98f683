"""The section `events`: what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import orjson
from typing_extensions import override

from one.errors import Fault, Invalid
from one.ontology import EventType, Ontology
from one.store.bulk.fields import NULL, Fields, cell
from one.store.bulk.section import Ground, Read, Section
from one.store.slots import as_stored, slots_of, value_at

_FIELDS = {
    "actor": "actor_id",
    "actorType": "actor_type",
    "entity": "entity_id",
    "id": "id",
    "metadata": "metadata",
    "occurredAt": "occurred_at",
    "recordedAt": "recorded_at",
    "session": "session_id",
    "source": "source",
    "type": "type",
}
_KNOWN = frozenset(_FIELDS)
_ACTORS = ("user", "ai_agent", "system", "api")
_COLUMNS = (
    "events (space_id, id, type, entity_id, actor_id, actor_type, metadata, occurred_at,"
    " recorded_at, source, session_id, k1, k2, n1)"
)


@dataclass(slots=True)
class EventRead(Read):
    kind: EventType
    entity: str
    actor: str | None


class Events(Section[EventRead]):
    name = "events"
    table = "events"
    fields = _FIELDS

    @override
    def read(self, given: Mapping[str, object], *, ontology: Ontology, now: datetime) -> EventRead:
        fields = Fields(given, _KNOWN)
        id, entity, actor = fields.id("id"), fields.id("entity"), fields.id_or_null("actor")
        given_metadata = fields.object("metadata")
        type = given.get("type")
        kind = ontology.events.get(type) if isinstance(type, str) else None
        metadata = None
        try:
            kind = kind or ontology.event(str(type))
            metadata = kind.validate(given_metadata)
        except Invalid as error:
            fields.faults.extend(error.faults)
        occurred = fields.time("occurredAt")
        recorded = fields.time("recordedAt")
        if NULL in (occurred, recorded):
            occurred = now.isoformat() if occurred == NULL else occurred
            recorded = now.isoformat() if recorded == NULL else recorded
        actor_type = fields.word("actorType", _ACTORS, default="user")
        source, session = fields.text("source", most=200), fields.text("session", most=200)
        fields.done()
        kind = cast(EventType, kind)
        json = orjson.dumps(metadata).decode().replace("\\", "\\\\") if metadata else "{}"
        keys = {"k1": NULL, "k2": NULL, "n1": NULL}
        for path, column in slots_of(kind).items():
            keys[column] = cell(as_stored(value_at(metadata or {}, path), column))
        copy = (
            f"{id}\t{kind.name}\t{entity}\t{actor or NULL}\t{actor_type}\t{json}\t{occurred}"
            f"\t{recorded}\t{source}\t{session}\t{keys['k1']}\t{keys['k2']}\t{keys['n1']}"
        )
        return EventRead(id, copy, kind, entity, actor)

    @override
    async def judge(self, ground: Ground, rows: Sequence[EventRead]) -> list[EventRead]:
        ids = {row.entity for row in rows}
        ids.update(row.actor for row in rows if row.actor)
        types = await ground.known.types(ground, ids)
        kept: list[EventRead] = []
        for row in rows:
            subject = types.get(row.entity)
            if (
                subject is not None
                and (not row.kind.subjects or subject in row.kind.subjects)
                and (row.actor is None or row.actor in types)
            ):
                kept.append(row)
            else:
                ground.refuse(row, *_unfit(row, types))
        return kept

    @override
    async def write(self, ground: Ground, rows: Sequence[EventRead]) -> None:
        await ground.copy(_COLUMNS, (row.copy for row in rows))


def _unfit(row: EventRead, types: Mapping[str, str]) -> list[Fault]:
    """Why an event does not fit the things that are there."""
    faults: list[Fault] = []
    for key, end in (("/entity", row.entity), ("/actor", row.actor)):
        if end is not None and end not in types:
            faults.append(Fault(key, f"there is no entity with the id {end}"))
    if row.entity in types:
        try:
            row.kind.check_subject(types[row.entity])
        except Invalid as error:
            faults.extend(error.faults)
    return faults
