"""Notices: who may be told by whom, and the notifications of many people in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.store.database import Transaction
from one.store.rows import Properties
from one.store.session import CHANGE, Session, jsonb
from one.store.sight import PEOPLE, live, quoted, seen
from one.store.slots import filled, slots_of
from one.store.things import SEARCH, WHOLE, searchable_text

TIES = ("following", "member_of", "enrolled_in", "transacted")
"""Connections that a person makes of their own will; whoever they lead to may write to them."""

AFTER = timedelta(days=365)
"""So long after its end a tie still counts."""


@dataclass(frozen=True, slots=True)
class Known:
    """A person as far as reaching them goes. `tied`: to the author, by themselves. `guest`: of the
    author, who has nothing of them but an address that was typed.

    `unsubscribed` is what their own row says, as a list that was imported has it.
    """

    id: UUID
    name: str
    email: str
    phone: str
    guest: bool
    unsubscribed: bool
    devices: Sequence[str]
    tied: bool
    invited: bool


GUEST = "guest"
"""The `source` of a person who was made from an address that somebody typed."""
# That the person of `e` is one of the author's guests.
_GUEST = (
    f"(e.properties->>'source' IS NOT DISTINCT FROM '{GUEST}' AND EXISTS (SELECT 1"
    " FROM connections g WHERE g.space_id = %(space)s AND g.from_id = %(author)s"
    f" AND g.to_id = e.id AND g.type = 'owns' AND {live('g')}))"
)
# That the person of `e` has a tie to the author: to them, or to a thing of theirs.
_TIED = (
    "EXISTS (SELECT 1 FROM connections c WHERE c.space_id = %(space)s AND c.from_id = e.id"
    f" AND c.type IN ({quoted(TIES)}) AND (c.valid_to IS NULL OR c.valid_to > %(since)s)"
    " AND (c.to_id = %(author)s OR EXISTS (SELECT 1 FROM connections o"
    " WHERE o.space_id = %(space)s AND o.from_id = %(author)s AND o.to_id = c.to_id"
    f" AND o.type = 'owns' AND {live('o')})))"
)
# That they wrote to the author: a message of theirs in a conversation that the author is in.
_WROTE = (
    "EXISTS (SELECT 1 FROM connections a JOIN entities m ON m.space_id = a.space_id"
    " AND m.id = a.to_id AND m.type = 'message' JOIN connections t ON t.space_id = a.space_id"
    " AND t.from_id = %(author)s AND t.type = 'member_of'"
    " AND t.to_id::text = m.properties->>'conversation' WHERE a.space_id = %(space)s"
    " AND a.from_id = e.id AND a.type = 'authored' AND a.created_at > %(since)s)"
)
_AUDIENCE = (
    "SELECT e.id, e.name, coalesce(e.properties->>'email', ''),"
    f" coalesce(e.properties->>'phone', ''), {_GUEST},"
    " coalesce((e.properties->>'unsubscribed')::boolean, false),"
    " array(SELECT d.address FROM devices d WHERE d.space_id = %(space)s AND d.person_id = e.id"
    f" ORDER BY d.id), ({_TIED} OR {_WROTE}), EXISTS (SELECT 1 FROM notices n"
    " WHERE n.space_id = %(space)s AND n.key = %(invitation)s AND n.person_id = e.id)"
    " FROM entities e WHERE e.space_id = %(space)s AND e.id = ANY(%(people)s)"
    f" AND e.type IN ({quoted(PEOPLE)}) AND e.status = 'active' AND e.deleted_at IS NULL"
)


async def audience(session: Session, author: UUID, people: Sequence[UUID]) -> dict[UUID, Known]:
    """Those of the ids that are people who are there, seen by the author or not."""
    records = await session.tx.rows(
        _AUDIENCE,
        session.params(
            author=author,
            people=list(people),
            since=session.now - AFTER,
            invitation=invitation_key(author),
        ),
    )
    found = [Known(*record) for record in records]  # pyright: ignore[reportArgumentType] # columns as selected
    return {known.id: known for known in found}


async def names_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What people and things are called, by whoever has to do with them."""
    records = await session.tx.rows(
        "SELECT id, name FROM entities WHERE space_id = %(space)s AND id = ANY(%(ids)s)"
        " AND deleted_at IS NULL",
        session.params(ids=list(ids)),
    )
    return dict(cast("list[tuple[UUID, str]]", records))


async def told_by(session: Session, author: UUID) -> bool:
    """Whether an author has told the viewer anything, of what is still kept."""
    record = await session.tx.row(
        "SELECT FROM notices WHERE space_id = %(space)s AND person_id = %(me)s"
        " AND author_id = %(author)s LIMIT 1",
        session.params(author=author),
    )
    return record is not None


def invitation_key(author: UUID) -> str:
    """The key under which a person without a tie hears of an author, this once."""
    return f"invitation:{author}"


async def invited_since(session: Session, by: UUID, since: datetime) -> int:
    """How many somebody has invited; they are held, so that two at once count one another."""
    await session.tx.run(
        "SELECT 1 FROM entities WHERE space_id = %(space)s AND id = %(by)s FOR NO KEY UPDATE",
        session.params(by=by),
    )
    record = await session.tx.row(
        "SELECT count(*) FROM notices WHERE space_id = %(space)s AND by_id = %(by)s"
        " AND at > %(since)s",
        session.params(by=by, since=since),
    )
    return int(str(record[0])) if record else 0


@dataclass(frozen=True, slots=True)
class Posting:
    """A notice to be posted to some people. `by` is who is behind an invitation."""

    key: str
    author: UUID
    kind: str
    title: str
    properties: Mapping[str, JsonValue]
    by: UUID | None = None


async def post(session: Session, posting: Posting, people: Sequence[UUID]) -> dict[UUID, UUID]:
    """A notification for each person, who owns it; nothing for whom the key told it already.

    Their ids, by person. Raises Invalid.
    """
    kind = session.ontology.entity("notification")
    properties = kind.validate(posting.properties)
    columns = filled(kind, properties)
    values = session.params(
        key=posting.key,
        author=posting.author,
        by=posting.by,
        kind=posting.kind,
        name=posting.title,
        visibility=kind.visibility,
        seen=seen(kind.visibility, "active"),
        properties=jsonb(properties),
        type=kind.name,
        actor_type=session.viewer.type,
        people=list(people),
        **_texts(session, posting.title, properties),
        **columns,
        **_beside(session),
        **{name: [new_id() for _ in people] for name in _IDS},
    )
    records = await session.tx.rows(_post_sql(slots_of(kind)["recipient"]), values)
    return dict(cast("list[tuple[UUID, UUID]]", records))


_IDS = ("ids", "events", "owned", "c1", "c2", "c3")


def _texts(session: Session, title: str, properties: Properties) -> dict[str, object]:
    kind = session.ontology.entity("notification")
    texts = searchable_text(kind, title, properties=properties)
    return {"text_a": texts["A"], "text_b": texts["B"], "text_c": texts["C"]}


def _beside(session: Session) -> dict[str, object]:
    """The declared keys of the event and of the ownership that come with each notification."""
    made: Properties = {"entityType": "notification"}
    whole: Properties = {"revenueShare": WHOLE}
    event = filled(session.ontology.event("entity_created"), made)
    owns = filled(session.ontology.connection("owns"), whole)
    keys = {f"e_{name}": value for name, value in event.items()}
    keys |= {f"o_{name}": value for name, value in owns.items()}
    return {**keys, "created": jsonb(made), "whole": jsonb(whole)}


_DECLARED = {"k1": "text", "k2": "text", "k3": "text", "n1": "numeric", "n2": "numeric"}


def _post_sql(recipient: str) -> str:
    """`recipient` is the column of that key, the one that differs from person to person."""
    declared = ", ".join(
        "w.person::text" if column == recipient else f"%({column})s::{kind}"
        for column, kind in _DECLARED.items()
    )
    return (
        "WITH g AS (SELECT * FROM unnest(%(people)s::uuid[], %(ids)s::uuid[], %(events)s::uuid[],"
        " %(owned)s::uuid[], %(c1)s::uuid[], %(c2)s::uuid[], %(c3)s::uuid[])"
        " AS t (person, id, event, owned, c1, c2, c3)),"
        " n AS (INSERT INTO notices (space_id, key, person_id, author_id, by_id, kind,"
        " notification_id, at) SELECT %(space)s, %(key)s, g.person, %(author)s, %(by)s::uuid,"
        " %(kind)s, g.id, %(now)s FROM g ON CONFLICT DO NOTHING RETURNING notification_id),"
        " w AS (SELECT g.* FROM g JOIN n ON n.notification_id = g.id),"
        " e AS (INSERT INTO entities (space_id, id, type, name, status, visibility, seen,"
        f" properties, version, created_at, updated_at, {', '.join(_DECLARED)}, search)"
        " SELECT %(space)s, w.id, %(type)s, %(name)s, 'active', %(visibility)s, %(seen)s,"
        " %(properties)s::jsonb || jsonb_build_object('recipient', w.person::text), 1, %(now)s,"
        f" %(now)s, {declared}, {SEARCH} FROM w),"
        " v AS (INSERT INTO events (space_id, id, type, entity_id, actor_id, actor_type, metadata,"
        " occurred_at, recorded_at, k1, k2, n1) SELECT %(space)s, w.event, 'entity_created', w.id,"
        " %(me)s::uuid, %(actor_type)s, %(created)s::jsonb, %(now)s, %(now)s, %(e_k1)s::text,"
        " %(e_k2)s::text, %(e_n1)s::numeric FROM w),"
        " o AS (INSERT INTO connections (space_id, id, type, from_id, to_id, slot, metadata,"
        " valid_from, version, created_at, updated_at, k1, k2, n1) SELECT %(space)s, w.owned,"
        " 'owns', w.person, w.id, '', %(whole)s::jsonb, %(now)s, 1, %(now)s, %(now)s,"
        " %(o_k1)s::text, %(o_k2)s::text, %(o_n1)s::numeric FROM w),"
        f" c AS ({CHANGE} SELECT %(space)s::uuid, w.c1, 'entities', w.id, %(type)s, 1, NULL::jsonb,"
        " %(me)s::uuid, %(now)s::timestamptz FROM w UNION ALL SELECT %(space)s, w.c2, 'events',"
        " w.event, 'entity_created', 1, NULL, %(me)s, %(now)s FROM w UNION ALL SELECT %(space)s,"
        " w.c3, 'connections', w.owned, 'owns', 1, NULL, %(me)s, %(now)s FROM w)"
        " SELECT person, id FROM w"
    )


async def forget_notices(tx: Transaction, *, before: datetime) -> int:
    """Drops the keys of old notices, but not that somebody was invited; how many."""
    return await tx.run(
        "DELETE FROM notices WHERE at < %(before)s AND kind <> 'invitation'", {"before": before}
    )
