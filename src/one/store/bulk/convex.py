"""A snapshot of Convex: a ZIP with a folder per table, its documents made lines of ours.

A document's new id follows from its old one alone, so references need no table of ids, and a
later snapshot of the same deployment adds only what is new. The old id stays as `x_convexId`.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import IO, cast
from uuid import UUID

from one.errors import Fault, Invalid
from one.ontology import ConnectionType, EntityType, EventType, Ontology
from one.ontology.words import NOTHING
from one.store.bulk.accounts import kept_password
from one.store.bulk.lines import batches, read_object
from one.store.bulk.source import Convert, Files, Line, Part, digest_of

Kind = EntityType | ConnectionType | EventType
Values = dict[str, object]

LEFT_THERE = {
    "sessions": "people sign in anew",
    "passwordResets": "its links lead to the other deployment",
    "emailVerifications": "its links lead to the other deployment",
    "magicLinks": "its links lead to the other deployment",
    "_storage": "files come with uploads",
}
"""Tables that are counted and not taken in, and why."""

_IGNORED = {"_tables"}  # a list of the tables, which the folders themselves are
_DOCUMENTS = "documents.jsonl"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STAND_INS = {"draft": ("inactive",), "published": ("active",), "inactive": ("archived",)}
_WHOLE = 10_000


def open_snapshot(path: Path, ontology: Ontology) -> Files:
    """The parts of a snapshot, and what of it is left out. Raises Invalid for another ZIP."""
    converts = _converts(ontology)
    digest = digest_of(path)
    parts: list[Part] = []
    notes: list[str] = []
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            name = PurePosixPath(info.filename)
            if name.name != _DOCUMENTS or name.parent.name in _IGNORED:
                continue
            if info.flag_bits & 1:
                raise Invalid(f"{info.filename} is encrypted.", cure="Unpack it and zip it anew.")
            section, convert = converts.get(str(name.parent), ("", None))
            part = Part(
                section,
                info.filename,
                info.file_size,
                digest,
                partial(_member, path, info.filename),
                convert,
            )
            if section:
                parts.append(part)
                notes += _unknown_passwords(part) if section == "accounts" else []
            else:
                why = LEFT_THERE.get(str(name.parent), "this is no table that ONE knows")
                notes.append(f"{name.parent}: {_count(part):,} documents not imported: {why}.")
    if not parts:
        raise Invalid(
            f"{path.name} is not a snapshot of Convex.",
            cure=f"It should hold folders such as entities/ with {_DOCUMENTS} in each.",
        )
    return Files(tuple(parts), path.with_name(path.stem + ".rejected.ndjson"), tuple(notes))


@contextmanager
def _member(path: Path, name: str) -> Generator[IO[bytes]]:
    with zipfile.ZipFile(path) as archive, archive.open(name) as file:
        yield io.BufferedReader(cast(io.RawIOBase, file))


def _count(part: Part) -> int:
    with part.open() as file:
        return sum(len(batch.lines) for batch in batches(file))


def _unknown_passwords(users: Part) -> list[str]:
    """How many people will have to sign in by a letter."""
    with users.open() as file:
        found = [read_object(line) for batch in batches(file) for line in batch.lines]
    documents = [one for one in found if not isinstance(one, Fault)]
    lost = [
        one
        for one in documents
        if one.get("passwordHash")
        and not (one.get("emailVerified") is True and kept_password(one["passwordHash"]))
    ]
    if not lost:
        return []
    why = "of another kind than argon2id, or of an address that is not verified"
    return [f"users: {len(lost):,} passwords not imported: {why}. They sign in by a letter."]


def _converts(ontology: Ontology) -> dict[str, tuple[str, Convert]]:
    """Table → its section, and how its documents become lines."""
    return {
        "entities": ("entities", partial(_entity, ontology)),
        "embeddings": ("entities", partial(_embedding, ontology)),
        "tags": ("tags", partial(_tag, ontology)),
        "entityTags": ("entity_tags", _link),
        "connections": ("connections", partial(_connection, ontology)),
        "events": ("events", partial(_event, ontology)),
        "users": ("accounts", _account),
        "twoFactorAuth": ("second_factors", _factor),
    }


def _old(document: Line, key: str) -> str:
    """An id of Convex. Raises Invalid for anything else."""
    value = document.get(key)
    if isinstance(value, str) and value:
        return value
    fault = Fault(f"/{key}", "must be the id of a document" if value else "is required")
    raise Invalid("This document lacks an id.", faults=(fault,))


def new_id_of(old: str) -> str:
    """The id here of a document there (UUIDv8: a digest of the old one)."""
    number = int.from_bytes(hashlib.sha256(f"convex:{old}".encode()).digest()[:16])
    number = number & ~(0xF << 76) | 0x8 << 76
    return str(UUID(int=number & ~(0b11 << 62) | 0b10 << 62))


def _timed_id(old: str, millis: object) -> str:
    """The same in the order of time (UUIDv7), for what nothing refers to."""
    number = UUID(new_id_of(old)).int & ~(0xF << 76) | 0x7 << 76
    if isinstance(millis, int | float) and 0 <= millis < 2**48:
        number = number & (2**80 - 1) | int(millis) << 80
    return str(UUID(int=number))


def _moment(millis: object) -> object:
    """Milliseconds since 1970 as a moment; anything else as it stands."""
    if isinstance(millis, bool) or not isinstance(millis, int | float):
        return millis
    try:
        return (_EPOCH + timedelta(milliseconds=millis)).isoformat()
    except OverflowError:
        return millis


def _plain(value: object) -> object:
    """A value with whole numbers whole again: Convex writes 5 as 5.0."""
    match value:
        case float() if value.is_integer() and abs(value) < 2**53:
            return int(value)
        case list():
            return [_plain(one) for one in cast("list[object]", value)]
        case dict():
            return {key: _plain(one) for key, one in cast("Values", value).items()}
        case _:
            return value


def _entity(ontology: Ontology, document: Line, faults: tuple[Fault, ...]) -> Line:
    word = str(document.get("type"))
    kind = ontology.entity(word if word in ontology.entities else _or(ontology, word))
    properties = _values(kind, document, "properties", faults=faults)
    line: Values = {
        "id": new_id_of(_old(document, "_id")),
        "type": kind.name,
        "name": document.get("name"),
        "properties": properties,
        "status": document.get("status"),
        **_times(document, "updatedAt", "deletedAt"),
    }
    if line["status"] is not None and line["status"] not in kind.transitions:
        properties["x_convexStatus"] = line["status"]
        stand_ins = _STAND_INS.get(str(line["status"]), ())
        line["status"] = next((one for one in stand_ins if one in kind.transitions), None)
    return line


def _embedding(ontology: Ontology, document: Line, faults: tuple[Fault, ...]) -> Line:
    """A vector becomes a thing of its own: nobody's, so that only staff see it."""
    vector = document.get("embedding")
    properties = {key: document[key] for key in ("model", "entityId") if key in document}
    if isinstance(vector, list):
        numbers = cast("list[object]", vector)
        properties |= {"vector": numbers, "dimensions": len(numbers)}
    name = f"Vector of {document.get('entityId')}"
    thing = {**document, "type": "embedding", "name": name, "properties": properties}
    return _entity(ontology, thing, faults)


def _or(ontology: Ontology, word: str) -> str:
    return ontology.words.entity_word(word) or word


def _connection(ontology: Ontology, document: Line, faults: tuple[Fault, ...]) -> Line:
    name = str(document.get("relationshipType"))
    alias = ontology.words.connection_alias(name)
    kind = ontology.connection(alias.type if alias else name)
    said = alias.metadata if alias else NOTHING
    return {
        "id": _timed_id(_old(document, "_id"), document.get("createdAt")),
        "type": kind.name,
        "from": new_id_of(_old(document, "fromEntityId")),
        "to": new_id_of(_old(document, "toEntityId")),
        "metadata": {**said, **_values(kind, document, "metadata", faults=faults)},
        "strength": document.get("strength"),
        **_times(document, "updatedAt", "validFrom", "validTo"),
    }


def _event(ontology: Ontology, document: Line, faults: tuple[Fault, ...]) -> Line:
    name = str(document.get("eventType"))
    alias = ontology.words.event_alias(name)
    kind = ontology.event(alias.type if alias else name)
    said = alias.metadata if alias else NOTHING
    when = document.get("timestamp")
    recorded = document.get("_creationTime", when)
    return {
        "id": _timed_id(_old(document, "_id"), recorded),
        "type": kind.name,
        "entity": new_id_of(_old(document, "entityId")),
        "actor": new_id_of(_old(document, "actorId")) if document.get("actorId") else None,
        "actorType": document.get("actorType"),
        "metadata": {**said, **_values(kind, document, "metadata", faults=faults)},
        "occurredAt": _moment(when),
        "recordedAt": _moment(recorded),
        "source": document.get("source"),
        "session": document.get("sessionId"),
    }


def _tag(ontology: Ontology, document: Line, _faults: tuple[Fault, ...]) -> Line:
    name, category = str(document.get("name") or ""), document.get("category")
    before, colon, after = name.partition(":")
    if colon and before.strip().casefold() in ontology.tag_categories:
        category, name = category or before.strip().casefold(), after
    looks = {key: document.get(key) for key in ("description", "color", "icon")}
    id = new_id_of(_old(document, "_id"))
    return {"id": id, "category": category, "name": name, **looks, **_times(document)}


def _link(document: Line, _faults: tuple[Fault, ...]) -> Line:
    return {
        "entity": new_id_of(_old(document, "entityId")),
        "tag": new_id_of(_old(document, "tagId")),
        **_times(document),
    }


def _account(document: Line, _faults: tuple[Fault, ...]) -> Line:
    """A user. Who it is here is found by its address: there, nothing leads to an entity."""
    return {
        "id": new_id_of(_old(document, "_id")),
        "email": document.get("email"),
        "name": document.get("name") or None,
        "passwordHash": document.get("passwordHash"),
        "verified": document.get("emailVerified") is True,
        **_times(document),
    }


def _factor(document: Line, _faults: tuple[Fault, ...]) -> Line:
    said = {key: document.get(key) for key in ("secret", "backupCodes", "enabled")}
    return {"account": new_id_of(_old(document, "userId")), **said, **_times(document)}


def _times(document: Line, *keys: str) -> Values:
    created = document.get("createdAt", document.get("_creationTime"))
    times = {key: _moment(document[key]) for key in keys if key in document}
    return {"createdAt": _moment(created), **times}


def _values(kind: Kind, document: Line, key: str, *, faults: tuple[Fault, ...]) -> Values:
    """Properties or metadata, rewritten; what was faulty or is unknown becomes a free key."""
    given = _plain(document.get(key) or {})
    if not isinstance(given, dict):
        return cast("Values", given)  # the reader says what is wrong with it
    faulty = {fault.pointer.split("/")[2] for fault in faults if fault.pointer.count("/") > 1}
    sorts = _sorts(kind)
    values: Values = {}
    for name, value in cast("Values", given).items():
        if name in faulty or (name not in kind.keys and name not in kind.also):
            values[_free(name, values)] = value
        else:
            values[name] = _settled(name, value, sorts.get(name, ""))
    return values | {"x_convexId": document.get("_id")}


def _free(name: str, taken: Mapping[str, object]) -> str:
    free = re.sub(r"\W", "_", name if name.startswith("x_") else f"x_{name}")[:60]
    while free in taken:
        free += "_"
    return free


def _settled(name: str, value: object, sort: str) -> object:
    """A known key's value: shares in basis points, moments as text, references as new ids."""
    if name == "revenueShare":
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            fault = Fault(f"/metadata/{name}", "must lie between 0 and 1 in a snapshot")
            raise Invalid("A share is a part of one.", faults=(fault,))
        return round(value * _WHOLE)
    if sort == "date-time":
        return _moment(value)
    if sort == "uuid" and isinstance(value, str):
        try:
            return str(UUID(value))
        except ValueError:
            return new_id_of(value)
    return value


@cache
def _sorts(kind: Kind) -> Mapping[str, str]:
    """Key → date-time or uuid, for those that are nothing else."""
    schema = kind.model.model_json_schema(by_alias=True)
    fields = cast("Mapping[str, Mapping[str, object]]", schema.get("properties", {}))
    found: dict[str, str] = {}
    for key, node in fields.items():
        choices = cast("list[Mapping[str, object]]", node.get("anyOf", [node]))
        if not any(choice.get("type") in ("integer", "number") for choice in choices):
            formats = {str(choice.get("format")) for choice in choices}
            found[key] = next(iter(formats & {"date-time", "uuid"}), "")
    return found
