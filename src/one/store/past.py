"""The tables as they were at a position, for the SQL that reads them as they are.

A WITH named like a table stands in its place: the table without the rows that have changed since,
and those rows as they were. Nothing here knows what the SQL that follows asks.
"""

from collections.abc import Iterable, Mapping
from typing import cast
from uuid import UUID

import orjson
from pydantic import JsonValue

from one.ontology import Ontology
from one.store.changes import Change
from one.store.rows import Properties
from one.store.sight import seen
from one.store.slots import filled
from one.store.things import searchable_text

Was = dict[str, object]

_TIMES = {"created_at": "timestamptz", "updated_at": "timestamptz"}
_SHAPES: dict[str, dict[str, str]] = {
    "entities": {
        "id": "uuid",
        "type": "text",
        "name": "text",
        "status": "text",
        "visibility": "text",
        "seen": "text",
        "properties": "jsonb",
        "version": "integer",
        **_TIMES,
        "deleted_at": "timestamptz",
        "k1": 'text COLLATE "C"',
        "k2": 'text COLLATE "C"',
        "k3": 'text COLLATE "C"',
        "n1": "numeric",
        "n2": "numeric",
    },
    "connections": {
        "id": "uuid",
        "type": "text",
        "from_id": "uuid",
        "to_id": "uuid",
        "slot": "text",
        "metadata": "jsonb",
        "strength": "double precision",
        "valid_from": "timestamptz",
        "valid_to": "timestamptz",
        "version": "integer",
        **_TIMES,
        "k1": 'text COLLATE "C"',
        "k2": 'text COLLATE "C"',
        "n1": "numeric",
    },
    "tags": {
        "id": "uuid",
        "category": "text",
        "name": "text",
        "key": "text",
        "description": "text",
        "color": "text",
        "icon": "text",
        "usage_count": "integer",
        "version": "integer",
        **_TIMES,
    },
}
_TEXTS = {"text_a": "text", "text_b": "text", "text_c": "text"}
_SEARCH = (
    "setweight(to_tsvector('english', r.text_a), 'A')"
    " || setweight(to_tsvector('english', r.text_b), 'B')"
    " || setweight(to_tsvector('english', r.text_c), 'C')"
    " || array_to_tsvector(ARRAY['type/' || r.type]) AS search"
)


def given(table: str, rows: str, *more: str) -> str:
    """Rows of `table` out of the JSON in parameter `rows`; `more` are integers beside them."""
    shape = dict(_SHAPES[table]) | (_TEXTS if table == "entities" else {})
    shape |= dict.fromkeys(more, "integer")
    columns = ["%(space)s::uuid AS space_id", *(f"r.{name}" for name in _SHAPES[table])]
    columns += [_SEARCH] if table == "entities" else []
    columns += [f"r.{name}" for name in more]
    stated = ", ".join(f"{name} {sort}" for name, sort in shape.items())
    return f"SELECT {', '.join(columns)} FROM jsonb_to_recordset(%({rows})s::jsonb) AS r ({stated})"


def as_row(ontology: Ontology, table: str, *, before: Properties) -> Was:
    """A row out of the log with the columns that follow from what it says."""
    row = cast("Was", dict(before))
    if table == "entities":
        properties = cast("Mapping[str, JsonValue]", before["properties"])
        row["seen"] = seen(str(before["visibility"]), str(before["status"]))
        kind = ontology.entities.get(str(before["type"]))
        texts = {"A": str(before["name"]), "B": "", "C": ""}
        if kind is not None:
            row |= filled(kind, properties)
            texts = searchable_text(kind, str(before["name"]), properties=properties)
        row |= {f"text_{weight.lower()}": text for weight, text in texts.items()}
    elif table == "connections":
        relation = ontology.connections.get(str(before["type"]))
        if relation is not None:
            row |= filled(relation, cast("Mapping[str, JsonValue]", before["metadata"]))
    return row


class Past:
    """What has changed since a position: from each row's first change after it."""

    def __init__(self, ontology: Ontology, changes: Iterable[Change]) -> None:
        self._gone: dict[str, list[UUID]] = {}
        self._rows: dict[str, list[Was]] = {}
        for change in changes:
            self._gone.setdefault(change.kind, []).append(change.row_id)
            if change.before is None:
                continue
            rows = self._rows.setdefault(change.kind, [])
            if change.kind == "tagging":
                rows += _tagged(change.row_id, change.before)
            else:
                rows.append(as_row(ontology, change.kind, before=change.before))
        self.params: dict[str, object] = {f"gone_{kind}": ids for kind, ids in self._gone.items()}
        self.params |= {f"was_{kind}": orjson.dumps(r).decode() for kind, r in self._rows.items()}

    @property
    def prelude(self) -> str:
        """The WITH to stand before a SELECT; empty where nothing has changed."""
        parts = [self._stand_in(kind) for kind in _STANDS_IN if kind in self._gone]
        return f"WITH {', '.join(parts)} " if parts else ""

    def _stand_in(self, kind: str) -> str:
        table, key = _STANDS_IN[kind]
        columns = "*"
        if kind in _SHAPES:
            columns = ", ".join(("space_id", *_SHAPES[kind]))
            columns += ", search" if kind == "entities" else ""
        elif kind == "tagging":
            columns = "space_id, entity_id, tag_id"
        kept = (
            f"SELECT {columns} FROM {table} WHERE space_id = %(space)s"
            f" AND {key} <> ALL(%(gone_{kind})s)"
        )
        if kind in self._rows:
            was = _TAGGED if kind == "tagging" else given(table, f"was_{kind}")
            kept += f" UNION ALL {was}"
        return f"{table} AS NOT MATERIALIZED ({kept})"


# Tags come after what carries them: their names are looked up among the tags as they are.
_STANDS_IN = {
    "tagging": ("entity_tags", "entity_id"),
    "entities": ("entities", "id"),
    "connections": ("connections", "id"),
    "events": ("events", "id"),
    "tags": ("tags", "id"),
}
_TAGGED = (
    "SELECT %(space)s::uuid, r.entity_id, t.id"
    " FROM jsonb_to_recordset(%(was_tagging)s::jsonb)"
    " AS r (entity_id uuid, category text, key text) JOIN tags t ON t.space_id = %(space)s"
    " AND t.category = r.category AND t.key = r.key"
)


def _tagged(entity: UUID, before: Properties) -> list[Was]:
    names = cast("list[str]", before.get("tags") or [])
    pairs = [name.partition(":") for name in names]
    return [{"entity_id": entity, "category": one, "key": key} for one, _, key in pairs]
