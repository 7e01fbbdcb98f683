"""The section `entities`: the things, with their private properties, the deleted ones too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast

import orjson
from typing_extensions import override

from one.errors import Fault
from one.ontology import EntityType, Ontology
from one.store.bulk.fields import Fields, cell, escaped
from one.store.bulk.section import Ground, Read, Section
from one.store.migrate import PLATFORM
from one.store.sight import seen
from one.store.slots import filled
from one.store.things import SEARCH, checked_name, searchable_text, unique_scope, unique_values_of

_FIELDS = {
    key: column or key
    for key, column in {
        "createdAt": "created_at",
        "deletedAt": "deleted_at",
        "id": "",
        "name": "",
        "properties": "",
        "status": "",
        "type": "",
        "updatedAt": "updated_at",
        "version": "",
        "visibility": "",
    }.items()
}
_KNOWN = frozenset(_FIELDS)
_VISIBILITIES = ("public", "members", "parties", "private")
_SLOTS = ("k1", "k2", "k3", "n1", "n2")
_ROW = (
    "id, type, name, status, visibility, seen, properties, version, created_at, updated_at,"
    " deleted_at, k1, k2, k3, n1, n2"
)
_SET = ", ".join(f"{column} = excluded.{column}" for column in [*_ROW.split(", ")[1:], "search"])
# Only PostgreSQL finds the words in texts, so things come by way of a table of this session.
_STAGE = (
    "CREATE TEMP TABLE IF NOT EXISTS staged (space_id uuid, id uuid, type text, name text,"
    " status text, visibility text, seen text, properties jsonb, version integer,"
    " created_at timestamptz, updated_at timestamptz, deleted_at timestamptz, k1 text, k2 text,"
    " k3 text, n1 numeric, n2 numeric, text_a text, text_b text, text_c text)"
    " ON COMMIT DELETE ROWS"
)
_LAND = (
    f"INSERT INTO entities AS e (space_id, {_ROW}, search) SELECT space_id, {_ROW}, "
    + SEARCH % {"text_a": "text_a", "text_b": "text_b", "text_c": "text_c", "type": "type"}
    + " FROM staged ON CONFLICT (space_id, id) DO UPDATE SET "
    + _SET
    + " WHERE e.id = %(platform)s AND e.version = 1"
)


@dataclass(slots=True)
class EntityRead(Read):
    """`unique` is what no other live thing of its scope may have, empty for a deleted one."""

    scope: str
    unique: dict[str, str]


class Entities(Section[EntityRead]):
    name = "entities"
    table = "entities"
    fields = _FIELDS

    @override
    def read(self, given: Mapping[str, object], *, ontology: Ontology, now: datetime) -> EntityRead:
        fields = Fields(given, _KNOWN)
        id = fields.id("id")
        kind = fields.tried(lambda: ontology.entity(str(given.get("type"))))
        name = fields.tried(lambda: checked_name(fields.raw("name", most=1_000) or ""))
        properties = kind and fields.tried(partial(kind.validate, fields.object("properties")))
        status = str(given.get("status") or (kind.initial if kind else ""))
        if kind:
            fields.tried(partial(kind.check_status, None, status))
        visibility = fields.word(
            "visibility", _VISIBILITIES, default=kind.visibility if kind else "private"
        )
        version = fields.version()
        created = fields.time("createdAt", default=now.isoformat())
        updated = fields.time("updatedAt", default=created)
        deleted = fields.time("deletedAt")
        fields.done()
        kind, name, properties = cast(EntityType, kind), name or "", properties or {}
        slots = filled(kind, properties)
        texts = searchable_text(kind, name, properties=properties)
        copy = "\t".join(
            (
                *(id, kind.name, escaped(name), status, visibility, seen(visibility, status)),
                *(orjson.dumps(properties).decode().replace("\\", "\\\\"), str(version)),
                *(created, updated, deleted),
                *(cell(slots[column]) for column in _SLOTS),
                *(escaped(texts["A"]), escaped(texts["B"]), escaped(texts["C"])),
            )
        )
        held = {} if given.get("deletedAt") else unique_values_of(kind, properties)
        return EntityRead(id, copy, unique_scope(kind), held)

    @override
    async def new(self, ground: Ground, rows: Sequence[EntityRead]) -> list[EntityRead]:
        """The platform's own entity, which every space has, is new as long as nobody changed it."""
        new = await super().new(ground, rows)
        platform = next((row for row in rows if row.id == str(PLATFORM)), None)
        if platform and platform not in new and await _untouched(ground):
            new.append(platform)
        return new

    @override
    async def judge(self, ground: Ground, rows: Sequence[EntityRead]) -> list[EntityRead]:
        graves = await _graves(ground, rows)
        taken = await _taken(ground, rows)
        kept: list[EntityRead] = []
        for row in rows:
            clashes = [
                Fault(
                    f"/properties/{rule}", f"{value!r} is taken by {taken[row.scope, rule, value]}"
                )
                for rule, value in row.unique.items()
                if taken.get((row.scope, rule, value), row.id) != row.id
            ]
            if row.id in graves:
                ground.refuse(row, Fault("/id", "was deleted for good here and stays so"))
            elif clashes:
                ground.refuse(row, *clashes)
            else:
                kept.append(row)
                taken.update(
                    ((row.scope, rule, value), row.id) for rule, value in row.unique.items()
                )
        return kept

    @override
    async def write(self, ground: Ground, rows: Sequence[EntityRead]) -> None:
        for statement in (_STAGE, "DELETE FROM staged"):
            await ground.tx.run(statement)
        await ground.copy(
            f"staged (space_id, {_ROW}, text_a, text_b, text_c)", (row.copy for row in rows)
        )
        await ground.tx.run(_LAND, ground.params(platform=PLATFORM))
        await ground.copy(
            "unique_values (space_id, type, rule, value, entity_id)",
            (
                f"{row.scope}\t{rule}\t{escaped(value)}\t{row.id}"
                for row in rows
                for rule, value in row.unique.items()
            ),
        )


async def _untouched(ground: Ground) -> bool:
    record = await ground.tx.row(
        "SELECT version = 1 FROM entities WHERE space_id = %(space)s AND id = %(platform)s",
        ground.params(platform=PLATFORM),
    )
    return bool(record and record[0])


async def _graves(ground: Ground, rows: Sequence[EntityRead]) -> set[str]:
    records = await ground.tx.rows(
        "SELECT id::text FROM tombstones WHERE space_id = %(space)s AND id = ANY(%(ids)s::uuid[])",
        ground.params(ids=[row.id for row in rows]),
    )
    return {str(record[0]) for record in records}


async def _taken(ground: Ground, rows: Sequence[EntityRead]) -> dict[tuple[str, str, str], str]:
    """(type, rule, value) → the entity that has it already."""
    wanted = [(row.scope, rule, value) for row in rows for rule, value in row.unique.items()]
    if not wanted:
        return {}
    types, rules, values = (list(column) for column in zip(*wanted, strict=True))
    records = await ground.tx.rows(
        "SELECT u.type, u.rule, u.value, u.entity_id::text FROM unique_values u"
        " JOIN unnest(%(types)s::text[], %(rules)s::text[], %(values)s::text[])"
        " AS w (type, rule, value) USING (type, rule, value) WHERE u.space_id = %(space)s",
        ground.params(types=types, rules=rules, values=values),
    )
    return {(str(a), str(b), str(c)): str(entity) for a, b, c, entity in records}
