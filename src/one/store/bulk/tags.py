"""The sections `tags` and `entity_tags`: the words, and what carries them.

How often a tag is used is counted anew from the things that are live here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from typing_extensions import override

from one.errors import Fault
from one.ontology import Ontology, TagName, parse_tag
from one.store.bulk.fields import Fields, escaped
from one.store.bulk.section import Ground, Read, Section

_TAGS = {
    "category": "category",
    "color": "color",
    "createdAt": "created_at",
    "description": "description",
    "icon": "icon",
    "id": "id",
    "key": "key",
    "name": "name",
    "updatedAt": "updated_at",
    "usageCount": "usage_count",
    "version": "version",
}
_LINKS = {"createdAt": "created_at", "entity": "entity_id", "tag": "tag_id"}


@dataclass(slots=True)
class TagRead(Read):
    word: tuple[str, str]


class Tags(Section[TagRead]):
    name = "tags"
    table = "tags"
    fields = _TAGS

    @override
    def read(self, given: Mapping[str, object], *, ontology: Ontology, now: datetime) -> TagRead:
        fields = Fields(given, self.known)
        id, version = fields.id("id"), fields.version()
        category = str(given.get("category") or "topic")
        name = fields.raw("name", most=1_000) or ""
        tag = fields.tried(lambda: parse_tag(f"{category}:{name}"))
        created = fields.time("createdAt", default=now.isoformat())
        updated = fields.time("updatedAt", default=created)
        looks = [fields.text(key, most=2_000) for key in ("description", "color", "icon")]
        fields.done()
        tag = tag or TagName("", "", "")
        copy = "\t".join(
            (
                *(id, tag.category, escaped(tag.name), escaped(tag.key), *looks),
                *("0", str(version), created, updated),
            )
        )
        return TagRead(id, copy, (tag.category, tag.key))

    @override
    async def new(self, ground: Ground, rows: Sequence[TagRead]) -> list[TagRead]:
        """A tag that is here under another id is there already: its links come to that one."""
        there = await tags_there(ground, [row.word for row in rows])
        first: dict[tuple[str, str], TagRead] = {}
        for row in await super().new(ground, rows):
            if row.word not in there:
                first.setdefault(row.word, row)
        return list(first.values())

    @override
    async def judge(self, ground: Ground, rows: Sequence[TagRead]) -> list[TagRead]:
        return list(rows)

    @override
    async def write(self, ground: Ground, rows: Sequence[TagRead]) -> None:
        await ground.copy(
            "tags (space_id, id, category, name, key, description, color, icon, usage_count,"
            " version, created_at, updated_at)",
            (row.copy for row in rows),
        )


async def tags_there(
    ground: Ground, words: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """(category, key) → the id of that tag, for those that are there."""
    records = await ground.tx.rows(
        "SELECT t.category, t.key, t.id::text FROM tags t"
        " JOIN unnest(%(categories)s::text[], %(keys)s::text[]) AS w (category, key)"
        " USING (category, key) WHERE t.space_id = %(space)s",
        ground.params(
            categories=[category for category, _ in words], keys=[key for _, key in words]
        ),
    )
    return {(str(category), str(key)): str(id) for category, key, id in records}


@dataclass(slots=True)
class LinkRead(Read):
    """`id` is the pair, as text."""

    entity: str
    tag: str


class EntityTags(Section[LinkRead]):
    name = "entity_tags"
    table = "entity_tags"
    fields = _LINKS
    order = ("entity_id", "tag_id")

    @override
    def read(self, given: Mapping[str, object], *, ontology: Ontology, now: datetime) -> LinkRead:
        fields = Fields(given, self.known)
        entity, tag = fields.id("entity"), fields.id("tag")
        created = fields.time("createdAt", default=now.isoformat())
        fields.done()
        return LinkRead(f"{entity} {tag}", created, entity, tag)

    @override
    async def new(self, ground: Ground, rows: Sequence[LinkRead]) -> list[LinkRead]:
        for row in rows:
            row.tag = ground.known.renamed.get(row.tag, row.tag)
        records = await ground.tx.rows(
            "SELECT l.entity_id::text, l.tag_id::text FROM entity_tags l"
            " JOIN unnest(%(entities)s::uuid[], %(tags)s::uuid[]) AS w (entity_id, tag_id)"
            " USING (entity_id, tag_id) WHERE l.space_id = %(space)s",
            ground.params(entities=[row.entity for row in rows], tags=[row.tag for row in rows]),
        )
        there = {(str(entity), str(tag)) for entity, tag in records}
        new: list[LinkRead] = []
        for row in rows:
            if (row.entity, row.tag) not in there:
                there.add((row.entity, row.tag))
                new.append(row)
        return new

    @override
    async def judge(self, ground: Ground, rows: Sequence[LinkRead]) -> list[LinkRead]:
        things = await ground.known.types(ground, {row.entity for row in rows})
        records = await ground.tx.rows(
            "SELECT id::text FROM tags WHERE space_id = %(space)s AND id = ANY(%(ids)s::uuid[])",
            ground.params(ids=list({row.tag for row in rows})),
        )
        tags = {str(record[0]) for record in records}
        kept: list[LinkRead] = []
        for row in rows:
            faults = [
                Fault(key, f"there is no {noun} with the id {id}")
                for key, noun, id, known in (
                    ("/entity", "entity", row.entity, things),
                    ("/tag", "tag", row.tag, tags),
                )
                if id not in known
            ]
            if faults:
                ground.refuse(row, *faults)
            else:
                kept.append(row)
        return kept

    @override
    async def write(self, ground: Ground, rows: Sequence[LinkRead]) -> None:
        # A thing that is deleted or restored meanwhile would be counted wrongly: hold them first.
        await ground.tx.run(
            "SELECT 1 FROM entities WHERE space_id = %(space)s AND id = ANY(%(ids)s::uuid[])"
            " ORDER BY id FOR SHARE",
            ground.params(ids=list({row.entity for row in rows})),
        )
        await ground.copy(
            "entity_tags (space_id, entity_id, tag_id, created_at)",
            (f"{row.entity}\t{row.tag}\t{row.copy}" for row in rows),
        )
        await ground.tx.run(
            "WITH uses AS (SELECT w.tag_id, count(*) AS many"
            " FROM unnest(%(entities)s::uuid[], %(tags)s::uuid[]) AS w (entity_id, tag_id)"
            " JOIN entities e ON e.space_id = %(space)s AND e.id = w.entity_id"
            " AND e.deleted_at IS NULL AND e.seen = 'public' GROUP BY w.tag_id),"
            " held AS (SELECT t.id, u.many FROM tags t JOIN uses u ON u.tag_id = t.id"
            " WHERE t.space_id = %(space)s ORDER BY t.id FOR NO KEY UPDATE OF t)"
            " UPDATE tags t SET usage_count = t.usage_count + held.many FROM held"
            " WHERE t.space_id = %(space)s AND t.id = held.id",
            ground.params(entities=[row.entity for row in rows], tags=[row.tag for row in rows]),
        )
