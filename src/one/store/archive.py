"""A person's own data, part by part, a page at a time: what they are, have, did and were told.

Of others nothing but their ids: what is private of a row is left out unless it is theirs to see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast
from uuid import UUID

import orjson
from pydantic import JsonValue

from one.store.bulk.connections import Connections
from one.store.bulk.entities import Entities
from one.store.bulk.events import Events
from one.store.bulk.preferences import Preferences
from one.store.filters import refuse
from one.store.session import Session
from one.store.sight import not_ended

Part = Literal[
    "account",
    "person",
    "things",
    "tags",
    "relations",
    "events",
    "messages",
    "notices",
    "letters",
    "requests",
    "preferences",
    "features",
    "drafts",
    "runs",
    "purchases",
    "earnings",
    "payouts",
    "devices",
    "tokens",
    "log",
]
_OWNED = (
    "SELECT c.to_id FROM connections c WHERE c.space_id = %(space)s AND c.from_id = %(me)s"
    f" AND c.type = 'owns' AND {not_ended('c')}"
)
_SAID = (
    "SELECT p.from_id FROM connections p JOIN connections c ON c.space_id = p.space_id"
    " AND c.to_id = p.to_id AND c.type = 'member_of' WHERE p.space_id = %(space)s"
    " AND p.type = 'part_of' AND c.from_id = %(me)s"
)
_OURS = ("message", "notification")  # parts of their own


@dataclass(frozen=True, slots=True)
class _Rows:
    """Which rows of a table (as x) are a part, its keys with their columns, and the key that they
    are read by, of which no two are the same.
    """

    table: str
    where: str
    fields: Mapping[str, str]
    key: str = "x.id"
    sort: Literal["uuid", "bigint", "text"] = "uuid"


def _same(*names: str, **others: str) -> dict[str, str]:
    return {name: f"x.{name}" for name in names} | others


def _of(fields: Mapping[str, str]) -> dict[str, str]:
    """The keys that an export of the whole space has, too."""
    return {key: f"x.{column}" for key, column in fields.items()}


_THINGS = _of(Entities.fields)
_PARTS: dict[Part, _Rows] = {
    "account": _Rows(
        "account_entity n JOIN accounts x ON x.id = n.account_id",
        "n.space_id = %(space)s AND n.entity_id = %(me)s",
        _same("email", createdAt="x.created_at", secondFactorSince="x.totp_since"),
    ),
    "person": _Rows("entities x", "x.id = %(me)s", _THINGS),
    "things": _Rows(
        "entities x", f"x.id IN ({_OWNED}) AND x.type NOT IN {_OURS} AND x.id <> %(me)s", _THINGS
    ),
    "tags": _Rows(
        "entity_tags x JOIN tags t ON t.space_id = x.space_id AND t.id = x.tag_id",
        f"(x.entity_id = %(me)s OR x.entity_id IN ({_OWNED}))",
        {"entity": "x.entity_id", "tag": "t.category || ':' || t.name"},
        "x.entity_id::text || x.tag_id::text",
        "text",
    ),
    "relations": _Rows(
        "connections x", "(x.from_id = %(me)s OR x.to_id = %(me)s)", _of(Connections.fields)
    ),
    "events": _Rows(
        "events x", "(x.actor_id = %(me)s OR x.entity_id = %(me)s)", _of(Events.fields)
    ),
    "messages": _Rows("entities x", f"x.type = 'message' AND x.id IN ({_SAID})", _THINGS),
    "notices": _Rows(
        "entities x",
        f"x.type = 'notification' AND x.id IN ({_OWNED})",
        _THINGS,
    ),
    "letters": _Rows(
        "outbox x",
        "x.person_id = %(me)s",
        _same("id", "channel", "kind", "subject", "body", "status", createdAt="x.created_at"),
    ),
    "requests": _Rows(
        "yeses x",
        "x.person_id = %(me)s",
        _same(
            "id",
            "words",
            "answer",
            author="x.author_id",
            askedAt="x.asked_at",
            answeredAt="x.answered_at",
        ),
    ),
    "preferences": _Rows(
        "preferences x",
        "x.person_id = %(me)s",
        dict(Preferences.fields),
        "concat_ws(' ', x.author_id, x.kind, x.channel)",
        "text",
    ),
    "features": _Rows(
        "revisions x",
        "x.owner_id = %(me)s",
        _same("slug", "number", "text", createdAt="x.created_at"),
        "x.slug || ' ' || lpad(x.number::text, 10, '0')",
        "text",
    ),
    "drafts": _Rows(
        "drafts x",
        "x.owner_id = %(me)s",
        _same("id", "title", "text", createdAt="x.created_at", updatedAt="x.updated_at"),
    ),
    "runs": _Rows(
        "runs x",
        "(x.author_id = %(me)s OR x.runner_id = %(me)s)",
        _same(
            "id",
            "feature",
            "status",
            createdAt="x.created_at",
            endedAt="x.ended_at",
            **{  # what others typed is theirs
                name: f"CASE WHEN x.runner_id = %(me)s THEN x.{name} END"
                for name in ("input", "output")
            },
        ),
    ),
    "purchases": _Rows(
        "sales x",
        "x.buyer_id = %(me)s",
        _same(
            *("id", "mode", "quantity", "currency", "tax", "state", "refunded", "feature"),
            product="x.product_id",
            unitPrice="x.unit_price",
            total="x.gross",
            sellers="jsonb_path_query_array(x.shares, '$[*].person')",
            createdAt="x.created_at",
        ),
    ),
    "earnings": _Rows(
        "postings x JOIN journal j ON j.space_id = x.space_id AND j.mode = x.mode"
        " AND j.id = x.entry_id",
        "x.party_id = %(me)s",
        _same(
            *("mode", "at", "kind", "pot", "amount", "currency"),
            reference="j.reference",
            sale="x.sale_id",
            product="x.thing_id",
        ),
        "x.entry_id::text || ' ' || lpad(x.line::text, 5, '0')",
        "text",
    ),
    "payouts": _Rows(
        "payees x",
        "x.person_id = %(me)s",
        _same(
            *("mode", "account", "country", "ready", "missing"),
            paysOut="x.pays_out",
            createdAt="x.created_at",
        ),
        "x.mode",
        "text",
    ),
    "devices": _Rows(
        "sessions x",
        "x.entity_id = %(me)s",
        _same(
            "id",
            "device",
            "address",
            createdAt="x.created_at",
            seenAt="x.seen_at",
            endedAt="x.ended_at",
        ),
    ),
    "tokens": _Rows(
        "tokens x",
        "x.entity_id = %(me)s",
        _same(
            "id",
            "name",
            "role",
            "scopes",
            createdAt="x.created_at",
            expiresAt="x.expires_at",
            revokedAt="x.revoked_at",
        ),
    ),
    "log": _Rows(
        "audit x",
        "(x.actor_id = %(me)s OR x.about_id = %(me)s)",
        _same("position", "at", "act", "details", by="x.actor_id", about="x.about_id"),
        "x.position",
        "bigint",
    ),
}
PARTS: tuple[Part, ...] = tuple(_PARTS)


async def page_of(
    session: Session, part: Part, *, after: str | None, limit: int
) -> tuple[list[dict[str, JsonValue]], str | None]:
    """The next rows of a part, and where the following page begins. Raises Invalid."""
    rows = _PARTS[part]
    begins = _checked(after, rows.sort) if after is not None else None
    space = "" if part == "account" else "x.space_id = %(space)s AND "
    later = f" AND {rows.key} > %(after)s::{rows.sort}" if begins is not None else ""
    columns = ", ".join(rows.fields.values())
    order = f'{rows.key} COLLATE "C"' if rows.sort == "text" else rows.key
    later = later.replace(rows.key, order) if rows.sort == "text" else later
    records = await session.tx.rows(
        f"SELECT {rows.key}, {columns} FROM {rows.table} WHERE {space}{rows.where}{later}"
        f" ORDER BY {order} LIMIT %(limit)s",
        session.params(after=begins, limit=limit + 1),
    )
    found = [_shown(session, part, tuple(record[1:])) for record in records[:limit]]
    return found, str(records[limit - 1][0]) if len(records) > limit else None


def _checked(after: str, sort: str) -> str:
    try:
        return (
            str(UUID(after)) if sort == "uuid" else str(int(after)) if sort == "bigint" else after
        )
    except ValueError as error:
        raise refuse("/after", "There is no page that begins there.") from error


def _shown(session: Session, part: Part, values: tuple[object, ...]) -> dict[str, JsonValue]:
    row = dict(zip(_PARTS[part].fields, values, strict=True))
    kind = session.ontology.events.get(str(row["type"])) if part == "events" else None
    if kind is not None and row["actor"] != session.viewer.id:
        metadata = cast("dict[str, JsonValue]", row["metadata"])
        row["metadata"] = {k: v for k, v in metadata.items() if k not in kind.private}
    return cast("dict[str, JsonValue]", orjson.loads(orjson.dumps(row)))
