"""Entities: changed, taken through their life cycle, deleted, restored, purged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.errors import Conflict, Denied, Fault, Invalid, NotFound
from one.ontology import ConnectionType, EntityType, EventType
from one.store.changes import changed_since
from one.store.database import Clash
from one.store.filters import refuse
from one.store.migrate import PLATFORM
from one.store.rows import Entity, Properties, Visibility
from one.store.session import CHANGE, Session, entity_columns, jsonb
from one.store.sight import PEOPLE, entity_seen, seen
from one.store.slots import filled, value_at
from one.store.supply import deleted

WHOLE = 10_000
_NAME_LIMIT = 300
_TEXT_LIMIT = 200_000
_VISIBILITIES = ("public", "members", "parties", "private")
_LIFE_EVENTS = {"published": "entity_published", "archived": "entity_archived"}

SEARCH = (
    "setweight(to_tsvector('english', %(text_a)s), 'A')"
    " || setweight(to_tsvector('english', %(text_b)s), 'B')"
    " || setweight(to_tsvector('english', %(text_c)s), 'C')"
    " || array_to_tsvector(ARRAY['type/' || %(type)s])"
)
_BEFORE = "to_jsonb(e) - '{space_id,search,k1,k2,k3,n1,n2,seen}'::text[]"


@dataclass(frozen=True, slots=True)
class Written:
    """A thing's own part of its row, checked."""

    name: str
    status: str
    visibility: Visibility
    properties: Properties


@dataclass(frozen=True, slots=True)
class Patch:
    """What is to change. `properties` is a JSON merge patch (null takes a key away);
    `increment` adds to numbers by dotted path."""

    name: str | None = None
    status: str | None = None
    visibility: Visibility | None = None
    properties: Mapping[str, JsonValue] | None = None
    increment: Mapping[str, int | float] | None = None


def published(session: Session, kind: EntityType, *, given: Properties) -> Properties:
    """With when it was published first, where things of the type say so."""
    if "publishedAt" not in kind.keys or given.get("publishedAt"):
        return given
    return {**given, "publishedAt": session.now.isoformat()}


def declared_beside(
    kind: ConnectionType | EventType, metadata: Properties, *, prefix: str
) -> dict[str, object]:
    """The declared keys of a row that is written beside the thing, as parameters."""
    return {f"{prefix}_{column}": value for column, value in filled(kind, metadata).items()}


async def get(
    session: Session, id: UUID, *, deleted: bool = False, private: bool = False
) -> Entity:
    """One thing that the viewer may see.

    Raises NotFound also for what is hidden or deleted; `deleted` finds it deleted or not.
    """
    record = await session.tx.row(
        f"SELECT {entity_columns('x')} FROM entities x WHERE x.space_id = %(space)s"
        f" AND x.id = %(id)s AND {entity_seen(session.viewer, 'x')}"
        + ("" if deleted else " AND x.deleted_at IS NULL"),
        session.params(id=id),
    )
    if record is None:
        raise await _missing(session, id)
    return session.entity(record, private=private)


async def _missing(session: Session, id: UUID) -> NotFound:
    grave = None
    if session.viewer.staff:
        grave = await session.tx.row(
            "SELECT type, purged_at FROM tombstones WHERE space_id = %(space)s AND id = %(id)s",
            session.params(id=id),
        )
    if grave is not None:
        details: dict[str, JsonValue] = {"type": str(grave[0]), "purgedAt": str(grave[1])}
        return NotFound("This was deleted for good.", details={"id": str(id), **details})
    return NotFound(
        "There is nothing with this id that you can see.",
        cure="Check the id; a draft or a private thing is seen by its owners alone.",
        details={"id": str(id)},
    )


async def update(session: Session, id: UUID, patch: Patch, *, version: int | None = None) -> Entity:
    """Changes a thing; its events follow from what changed.

    Raises NotFound, Invalid, Denied for a property that is not theirs to set, and Conflict when
    `version` is not the current one or a unique value is taken; the conflict carries the current
    row and the fields changed since.
    """
    current = await locked(session, id, version)
    kind = session.ontology.entity(current.type)
    given = _patched(current.properties, patch)
    if patch.status == "published" != current.status:
        given = published(session, kind, given=given)
    properties = kind.validate(given)
    check_guarded(session, kind, before=current.properties, after=properties)
    after = current.model_copy(
        update={
            "name": current.name if patch.name is None else checked_name(patch.name),
            "status": patch.status or current.status,
            "visibility": checked_visibility(patch.visibility or current.visibility),
            "properties": properties,
        }
    )
    fields = changed_fields(current, after)
    if not fields:
        return current
    if "status" in fields:
        kind.check_status(current.status, after.status)
    return await rewrite(session, current, after, event=_life_event(after, fields))


def check_guarded(
    session: Session, kind: EntityType, *, before: Properties, after: Properties
) -> None:
    """What a thing may not say of itself is set by ONE and by staff."""
    changed = {key for key in kind.guarded if before.get(key) != after.get(key)}
    if changed and not session.viewer.staff:
        raise Denied(
            f"{' and '.join(sorted(changed))} of a {kind.singular} can't be set by its owner.",
            cure="Leave it out; it follows from what happens.",
            faults=tuple(Fault(f"/properties/{key}", "is not yours to set") for key in changed),
        )


def _life_event(after: Entity, fields: list[str]) -> tuple[str, Properties]:
    event = _LIFE_EVENTS.get(after.status) if "status" in fields else None
    if event == "entity_published":
        return event, {"visibility": after.visibility}
    if event == "entity_archived":
        return event, {}
    return "entity_updated", {"fields": list[JsonValue](fields)}


async def archive(
    session: Session, id: UUID, *, reason: str | None = None, version: int | None = None
) -> Entity:
    """Takes a thing out of use, for its owners to look at. Raises NotFound, Invalid, Conflict."""
    current = await locked(session, id, version)
    kind = session.ontology.entity(current.type)
    kind.check_status(current.status, "archived")
    after = current.model_copy(update={"status": "archived"})
    metadata: Properties = {"archiveReason": reason} if reason else {}
    return await rewrite(session, current, after, event=("entity_archived", metadata))


async def delete(
    session: Session, id: UUID, *, reason: str | None = None, version: int | None = None
) -> Entity:
    """Hides a thing everywhere until it is restored. Raises NotFound, Conflict."""
    current = await locked(session, id, version)
    if current.id == session.viewer.id:
        raise Denied(
            "You can't delete yourself here.", cure="Close your account instead, at /account/close."
        )
    if current.id == PLATFORM:
        raise Denied("The platform itself can't be deleted.", cure="Rename it, if you like.")
    after = current.model_copy(update={"deleted_at": session.now})
    session.tx.ends_tokens = True
    metadata: Properties = {"reason": reason} if reason else {}
    return await rewrite(session, current, after, event=("entity_deleted", metadata))


async def restore(session: Session, id: UUID, *, version: int | None = None) -> Entity:
    """Brings a deleted thing back as it was, or an archived one into use.

    Raises NotFound, Invalid when there is nothing to bring back, and Conflict when a unique value
    was taken in the meantime; the conflict lists the clash.
    """
    current = await locked(session, id, version, deleted=True)
    kind = session.ontology.entity(current.type)
    if current.deleted_at is not None:
        after = current.model_copy(update={"deleted_at": None})
    elif current.status == "archived":
        after = current.model_copy(update={"status": kind.initial})
    else:
        raise Invalid("This is neither deleted nor archived.", cure="There is nothing to restore.")
    by: Properties = {"restoredBy": str(session.viewer.id)} if session.viewer.id else {}
    return await rewrite(session, current, after, event=("entity_restored", by))


async def purge(session: Session, id: UUID) -> None:
    """Removes a deleted thing for good, with its relations, events and history.

    Only its id, type and the time remain. Raises NotFound, Invalid unless it was deleted first.
    """
    current = await locked(session, id, None, deleted=True)
    if current.deleted_at is None:
        raise Invalid("Only what is deleted can be purged.", cure="Delete it first.")
    session.tx.ends_tokens = True
    params = session.params(id=id, type=current.type, version=current.version + 1, change=new_id())
    for statement in _PURGE:
        await session.tx.run(statement, params)


# What a row was before is forgotten with it: in the queue first, since a row that is held there is
# not moved on while we look for it in the log.
FORGOTTEN = (
    " SET before = NULL WHERE space_id = %(space)s AND before IS NOT NULL AND (row_id = %(id)s"
    " OR row_id IN (SELECT id FROM connections WHERE space_id = %(space)s AND from_id = %(id)s)"
    " OR row_id IN (SELECT id FROM connections WHERE space_id = %(space)s AND to_id = %(id)s))"
)
_PURGE = (
    f"UPDATE change_queue{FORGOTTEN}",
    f"UPDATE changes{FORGOTTEN}",
    "DELETE FROM unique_values WHERE space_id = %(space)s AND entity_id = %(id)s",
    "DELETE FROM entity_tags WHERE space_id = %(space)s AND entity_id = %(id)s",
    deleted("space_id = %(space)s AND (from_id = %(id)s OR to_id = %(id)s)"),
    "DELETE FROM supplies WHERE space_id = %(space)s AND token_id = %(id)s",
    "DELETE FROM events WHERE space_id = %(space)s AND entity_id = %(id)s",
    "UPDATE events SET actor_id = NULL WHERE space_id = %(space)s AND actor_id = %(id)s",
    "DELETE FROM tokens WHERE space_id = %(space)s AND entity_id = %(id)s",
    *(
        f"DELETE FROM {table} WHERE space_id = %(space)s AND person_id = %(id)s"
        for table in ("notices", "outbox", "preferences", "devices", "yeses", "notes")
    ),
    "DELETE FROM entities WHERE space_id = %(space)s AND id = %(id)s",
    "INSERT INTO tombstones (space_id, id, type, purged_at)"
    " VALUES (%(space)s, %(id)s, %(type)s, %(now)s)",
    f"{CHANGE} VALUES (%(space)s, %(change)s, 'purged', %(id)s, %(type)s, %(version)s, NULL,"
    " %(me)s, %(now)s)",
)


async def locked(
    session: Session, id: UUID, version: int | None, *, deleted: bool = False
) -> Entity:
    """The row with its private properties, held until the end of the transaction."""
    record = await session.tx.row(
        f"SELECT {entity_columns('x')} FROM entities x WHERE x.space_id = %(space)s"
        f" AND x.id = %(id)s AND {entity_seen(session.viewer, 'x')}"
        + ("" if deleted else " AND x.deleted_at IS NULL")
        + " FOR NO KEY UPDATE",
        session.params(id=id),
    )
    if record is None:
        raise await _missing(session, id)
    current = session.entity(record, private=True)
    if version is not None and version != current.version:
        raise await stale(session, current, version)
    return current


async def stale(session: Session, current: Entity, version: int) -> Conflict:
    """What to say to somebody who speaks of an earlier version."""
    was = await changed_since(session, current.id, version)
    fields = sorted(_differences(was, current)) if was is not None else []
    shown = session.without_private(current).model_dump(mode="json")
    return Conflict(
        f"This is at version {current.version} by now, not {version}.",
        cure="Look at what changed, then send your change again with the current version.",
        details={"current": shown, "changed": list[JsonValue](fields)},
    )


def _differences(was: Properties, current: Entity) -> set[str]:
    now = current.model_dump(mode="json")
    own = ("type", "name", "status", "visibility")
    fields = {key for key in own if was.get(key) != now[key]}
    before, after = was.get("properties"), now["properties"]
    if isinstance(before, dict):
        keys = before.keys() | after.keys()
        fields |= {f"properties.{key}" for key in keys if before.get(key) != after.get(key)}
    return fields


def changed_fields(before: Entity, after: Entity) -> list[str]:
    """The names of what differs; a property as `properties.<key>`."""
    return sorted(_differences(before.model_dump(mode="json"), after))


async def rewrite(
    session: Session,
    before: Entity,
    after: Entity,
    *,
    event: tuple[str, Properties],
    keeps_values: bool = False,
) -> Entity:
    """Writes a changed row with its event, its change rows and its unique values; those of what
    is deleted are free, unless it `keeps_values`.
    """
    kind = session.ontology.entity(after.type)
    written = Written(after.name, after.status, after.visibility, after.properties)
    values = row_of(kind, written) | {
        "id": after.id,
        "deleted": after.deleted_at,
        "event": new_id(),
        "event_type": event[0],
        "metadata": jsonb(event[1]),
        "actor_type": session.viewer.type,
        "c1": new_id(),
        "c2": new_id(),
        "version": after.version + 1,
        **declared_beside(session.ontology.event(event[0]), event[1], prefix="e"),
    }
    held = {} if before.deleted_at else unique_values_of(kind, before.properties)
    free = after.deleted_at and not keeps_values
    wanted = {} if free else unique_values_of(kind, after.properties)
    if held != wanted:
        await _claim(session, kind, after.id, wanted=wanted)
    if _counts(before) != _counts(after):
        await _count_tags(session, after.id, 1 if _counts(after) else -1)
    record = await session.tx.row(_REWRITE, session.params(**values))
    assert record is not None
    return session.entity(record, private=True)


_REWRITE = (
    f"WITH e AS (SELECT {_BEFORE} AS row FROM entities e WHERE space_id = %(space)s"
    " AND id = %(id)s),"
    " c AS (" + CHANGE + " SELECT %(space)s, %(c1)s::uuid, 'entities', %(id)s::uuid,"
    " %(type)s, %(version)s, e.row, %(me)s::uuid, %(now)s::timestamptz FROM e"
    " UNION ALL SELECT %(space)s, %(c2)s, 'events', %(event)s, %(event_type)s, 1, NULL, %(me)s,"
    " %(now)s),"
    " v AS (INSERT INTO events (space_id, id, type, entity_id, actor_id, actor_type, metadata,"
    " occurred_at, recorded_at, k1, k2, n1) VALUES (%(space)s, %(event)s, %(event_type)s, %(id)s,"
    " %(me)s, %(actor_type)s, %(metadata)s::jsonb, %(now)s, %(now)s, %(e_k1)s, %(e_k2)s,"
    " %(e_n1)s))"
    " UPDATE entities x SET type = %(type)s, name = %(name)s, status = %(status)s,"
    " visibility = %(visibility)s, seen = %(seen)s, properties = %(properties)s::jsonb,"
    " version = %(version)s, updated_at = %(now)s, deleted_at = %(deleted)s,"
    " k1 = %(k1)s, k2 = %(k2)s, k3 = %(k3)s,"
    f" n1 = %(n1)s, n2 = %(n2)s, search = {SEARCH}"
    f" WHERE space_id = %(space)s AND id = %(id)s RETURNING {entity_columns('x')}"
)


async def _claim(
    session: Session,
    kind: EntityType,
    id: UUID,
    *,
    wanted: dict[str, str],
) -> None:
    params = session.params(
        id=id, scope=unique_scope(kind), rules=list(wanted), taken=list(wanted.values())
    )
    await session.tx.run(
        "DELETE FROM unique_values WHERE space_id = %(space)s AND entity_id = %(id)s", params
    )
    if wanted:
        try:
            await session.tx.run(
                "INSERT INTO unique_values (space_id, type, rule, value, entity_id)"
                " SELECT %(space)s, %(scope)s, rule, value, %(id)s"
                " FROM unnest(%(rules)s::text[], %(taken)s::text[]) AS t (rule, value)",
                params,
            )
        except Clash as clash:
            raise taken(kind, wanted) from clash


def taken(kind: EntityType, unique: dict[str, str]) -> Conflict:
    faults = tuple(
        Fault(f"/properties/{rule}", f"{value!r} is taken by another {kind.singular}")
        for rule, value in unique.items()
    )
    return Conflict(
        f"Another {kind.singular} already has this {' or '.join(unique)}.",
        cure="Choose another one.",
        faults=faults,
    )


def row_of(kind: EntityType, thing: Written) -> dict[str, object]:
    """The columns that follow from what a thing is."""
    texts = searchable_text(kind, thing.name, properties=thing.properties)
    return {
        "type": kind.name,
        "name": thing.name,
        "status": thing.status,
        "visibility": thing.visibility,
        "seen": seen(thing.visibility, thing.status),
        "properties": jsonb(thing.properties),
        "text_a": texts["A"],
        "text_b": texts["B"],
        "text_c": texts["C"],
        **filled(kind, thing.properties),
    }


def searchable_text(
    kind: EntityType, name: str, *, properties: Mapping[str, JsonValue]
) -> dict[Literal["A", "B", "C"], str]:
    """The words a thing is found by, by weight; private properties are never among them."""
    found: dict[Literal["A", "B", "C"], list[str]] = {"A": [name], "B": [], "C": []}
    for key, weight in kind.searchable.items():
        value = properties.get(key)
        if isinstance(value, str):
            found[weight].append(value)
        elif isinstance(value, list):
            found[weight].extend(str(item) for item in value if isinstance(item, str | int))
    return {weight: "\n".join(texts)[:_TEXT_LIMIT] for weight, texts in found.items()}


def unique_scope(kind: EntityType) -> str:
    """Among what a unique value is unique: all people share theirs, else each type has its own."""
    return "person" if kind.name in PEOPLE else kind.name


def unique_values_of(kind: EntityType, properties: Mapping[str, JsonValue]) -> dict[str, str]:
    """What no other live thing of the type may have: rule → value, as it is kept."""
    values = {rule: value_at(properties, rule) for rule in kind.unique}
    return {rule: str(value).casefold() for rule, value in values.items() if value is not None}


def _patched(properties: Properties, patch: Patch) -> Properties:
    merged = merge(properties, patch.properties or {})
    for path, more in (patch.increment or {}).items():
        keys = path.removeprefix("properties.").split(".")
        _add(merged, keys, more)
    return merged


def merge(target: Mapping[str, JsonValue], patch: Mapping[str, JsonValue]) -> Properties:
    """RFC 7396: null takes away, an object goes deeper, all else replaces."""
    merged = dict(target)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            below = merged.get(key)
            merged[key] = merge(below if isinstance(below, dict) else {}, value)
        else:
            merged[key] = value
    return merged


def _add(values: Properties, keys: list[str], more: float) -> None:
    head, *rest = keys
    if rest:
        below = values.get(head)
        values[head] = deeper = dict(below) if isinstance(below, dict) else {}
        _add(deeper, rest, more)
        return
    before = values.get(head, 0)
    if isinstance(before, bool) or not isinstance(before, int | float):
        raise refuse("/increment", f"{head!r} is not a number, so nothing can be added to it.")
    values[head] = before + more


def _counts(thing: Entity) -> bool:
    """Whether a thing's tags are counted: those of what everybody sees."""
    return thing.deleted_at is None and seen(thing.visibility, thing.status) == "public"


async def _count_tags(session: Session, id: UUID, by: int) -> None:
    """Counts the thing's tags up or down, in one order, so that two of these never deadlock."""
    await session.tx.run(
        "UPDATE tags SET usage_count = usage_count + %(by)s WHERE space_id = %(space)s AND id IN"
        " (SELECT t.id FROM tags t JOIN entity_tags l ON l.space_id = t.space_id"
        " AND l.tag_id = t.id WHERE l.space_id = %(space)s AND l.entity_id = %(id)s"
        " ORDER BY t.id FOR NO KEY UPDATE OF t)",
        session.params(id=id, by=by),
    )


def checked_name(name: str) -> str:
    """The name as it is kept. Raises Invalid."""
    name = name.strip()
    if not name:
        raise refuse("/name", "A name can't be empty.")
    if len(name) > _NAME_LIMIT:
        raise refuse("/name", f"A name has at most {_NAME_LIMIT} characters.")
    if "\0" in name:
        raise refuse("/name", "A name can't hold the NUL character.")
    return name


def checked_visibility(visibility: Visibility) -> Visibility:
    if visibility not in _VISIBILITIES:
        raise refuse("/visibility", f"{visibility!r} is no visibility.", *_VISIBILITIES)
    return visibility
