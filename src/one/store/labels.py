"""Tags: words that sort things, counted by the live things that everybody sees them on."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.errors import Conflict, NotFound
from one.ontology import TagName, parse_tag
from one.store.filters import refuse
from one.store.rows import Tag
from one.store.session import CHANGE, Session, tag_columns, tag_of
from one.store.sight import named, tag_seen
from one.store.things import get

_MOST_TAGS = 50


async def tags_of(session: Session, entity: UUID) -> list[Tag]:
    """The tags of one thing, by category and name. Raises NotFound."""
    await get(session, entity)
    return await _carried(session, entity)


async def _carried(session: Session, entity: UUID) -> list[Tag]:
    records = await session.tx.rows(
        f"SELECT {tag_columns('t')} FROM entity_tags l JOIN tags t ON t.space_id = l.space_id"
        " AND t.id = l.tag_id WHERE l.space_id = %(space)s AND l.entity_id = %(entity)s"
        " ORDER BY t.category, t.key",
        session.params(entity=entity),
    )
    return [tag_of(record) for record in records]


async def find_tag(session: Session, id: UUID) -> Tag:
    """One tag. Raises NotFound."""
    mine = named(session.viewer)
    record = await session.tx.row(
        (f"WITH {mine} " if mine else "")
        + f"SELECT {tag_columns('t')} FROM tags t WHERE t.space_id = %(space)s AND t.id = %(id)s"
        f" AND {tag_seen(session.viewer, 't')}",
        session.params(id=id),
    )
    if record is None:
        raise NotFound("There is no tag with this id.", details={"id": str(id)})
    return tag_of(record)


async def tag_named(session: Session, name: str) -> Tag | None:
    """The tag written `category:name`, or a topic of that name."""
    wanted = parse_tag(name, "/tag")
    record = await session.tx.row(
        f"SELECT {tag_columns('t')} FROM tags t WHERE t.space_id = %(space)s"
        " AND t.category = %(category)s AND t.key = %(key)s",
        session.params(category=wanted.category, key=wanted.key),
    )
    return tag_of(record) if record else None


async def tag(session: Session, entity: UUID, names: Sequence[str], *, pointer: str) -> list[Tag]:
    """Puts tags on a thing, making those that are new; all its tags afterwards.

    Raises NotFound, and Invalid for a name that can't be one.
    """
    _check_many(names)
    await _hold(session, entity)
    wanted = reversed(_parsed(names, pointer))
    parsed = list({(one.category, one.key): one for one in wanted}.values())  # first spelling
    params = session.params(
        entity=entity,
        ids=[new_id() for _ in parsed],
        changes=[new_id() for _ in parsed],
        categories=[one.category for one in parsed],
        keys=[one.key for one in parsed],
        names=[one.name for one in parsed],
    )
    await session.tx.run(_UPSERT, params)
    await _count(session, entity, _LINK, params=params, by=1)
    return await _carried(session, entity)


async def untag(session: Session, entity: UUID, names: Sequence[str]) -> list[Tag]:
    """Takes tags off a thing; all its tags afterwards. Raises NotFound, Invalid."""
    _check_many(names)
    await _hold(session, entity)
    parsed = _parsed(names, "/names")
    params = session.params(
        entity=entity,
        categories=[one.category for one in parsed],
        keys=[one.key for one in parsed],
    )
    await _count(session, entity, _UNLINK, params=params, by=-1)
    return await _carried(session, entity)


_UPSERT = (
    "WITH t AS (INSERT INTO tags (space_id, id, category, name, key, usage_count, version,"
    " created_at, updated_at) SELECT %(space)s, n.id, n.category, n.name, n.key, 0, 1, %(now)s,"
    " %(now)s FROM unnest(%(ids)s::uuid[], %(categories)s::text[], %(names)s::text[],"
    " %(keys)s::text[]) AS n (id, category, name, key) ORDER BY n.category, n.key"
    " ON CONFLICT (space_id, category, key) DO NOTHING RETURNING id),"
    " m AS (SELECT id, row_number() OVER () AS at FROM t)"
    f" {CHANGE} SELECT %(space)s, (%(changes)s::uuid[])[m.at], 'tags', m.id, 'tag', 1, NULL,"
    " %(me)s::uuid, %(now)s FROM m"
)

_LINK = (
    "WITH known AS (SELECT t.id FROM tags t JOIN unnest(%(categories)s::text[], %(keys)s::text[])"
    " AS n (category, key) ON t.category = n.category AND t.key = n.key"
    " WHERE t.space_id = %(space)s ORDER BY t.id FOR NO KEY UPDATE OF t)"
    " INSERT INTO entity_tags (space_id, entity_id, tag_id, created_at)"
    " SELECT %(space)s, %(entity)s, id, %(now)s FROM known"
    " ON CONFLICT DO NOTHING RETURNING tag_id"
)

_UNLINK = (
    "WITH known AS (SELECT t.id FROM tags t JOIN unnest(%(categories)s::text[], %(keys)s::text[])"
    " AS n (category, key) ON t.category = n.category AND t.key = n.key"
    " WHERE t.space_id = %(space)s ORDER BY t.id FOR NO KEY UPDATE OF t)"
    " DELETE FROM entity_tags l USING known WHERE l.space_id = %(space)s"
    " AND l.entity_id = %(entity)s AND l.tag_id = known.id RETURNING l.tag_id"
)


async def _count(
    session: Session, entity: UUID, sql: str, *, params: dict[str, object], by: int
) -> None:
    """Links or unlinks; where that changed something, counts it and tells of it."""
    before = await _carried(session, entity)
    touched = await session.tx.rows(sql, params)
    if not touched:
        return
    names: list[JsonValue] = [f"{one.category}:{one.key}" for one in before]
    await session.tx.run(
        "WITH c AS (UPDATE tags SET usage_count = usage_count + %(by)s"
        " WHERE space_id = %(space)s AND id = ANY(%(touched)s) AND EXISTS (SELECT 1 FROM entities"
        " WHERE space_id = %(space)s AND id = %(entity)s AND seen = 'public'))"
        f" {CHANGE} SELECT space_id, %(change)s, 'tagging', id, type, version,"
        " jsonb_build_object('tags', %(names)s::text[]), %(me)s::uuid, %(now)s"
        " FROM entities WHERE space_id = %(space)s AND id = %(entity)s",
        session.params(
            entity=entity,
            by=by,
            touched=[record[0] for record in touched],
            change=new_id(),
            names=names,
        ),
    )


async def describe_tag(
    session: Session,
    id: UUID,
    *,
    description: str | None = None,
    color: str | None = None,
    icon: str | None = None,
    version: int | None = None,
) -> Tag:
    """Says what a tag means and how it looks. Raises NotFound, Conflict."""
    current = await find_tag(session, id)
    if version is not None and version != current.version:
        raise Conflict(
            f"This tag is at version {current.version} by now, not {version}.",
            cure="Look at it again, then send your change with the current version.",
            details={"current": current.model_dump(mode="json"), "changed": []},
        )
    record = await session.tx.row(
        f"WITH c AS ({CHANGE} SELECT space_id, %(change)s, 'tags', id, 'tag', version + 1,"
        " to_jsonb(t) - 'space_id', %(me)s::uuid, %(now)s::timestamptz FROM tags t"
        " WHERE space_id = %(space)s AND id = %(id)s)"
        " UPDATE tags t SET description = coalesce(%(description)s, description),"
        " color = coalesce(%(color)s, color), icon = coalesce(%(icon)s, icon),"
        " version = version + 1, updated_at = %(now)s"
        f" WHERE space_id = %(space)s AND id = %(id)s RETURNING {tag_columns('t')}",
        session.params(id=id, description=description, color=color, icon=icon, change=new_id()),
    )
    assert record is not None
    return tag_of(record)


def _check_many(names: Sequence[str]) -> None:
    if not 1 <= len(names) <= _MOST_TAGS:
        raise refuse("/names", f"Give 1 to {_MOST_TAGS} tags.")


def _parsed(names: Sequence[str], pointer: str) -> list[TagName]:
    return [parse_tag(name, f"{pointer}/{at}") for at, name in enumerate(names)]


async def _hold(session: Session, entity: UUID) -> None:
    """Sees that the thing is there and keeps it from being deleted until the end."""
    await get(session, entity)
    await session.tx.run(
        "SELECT 1 FROM entities WHERE space_id = %(space)s AND id = %(entity)s FOR SHARE",
        session.params(entity=entity),
    )
