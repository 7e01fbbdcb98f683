"""What a viewer may see otherwise once connections were made, changed or ended (see sight.py)."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from one.store.session import Session
from one.store.sight import BELONGS, CONTACTS, CONTAINS, GRANTS, quoted

RELATING = frozenset((*GRANTS, *BELONGS, *CONTACTS, *CONTAINS))
_JOINED = ("enrolled_in", "member_of")
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Edge:
    """A connection whose type gives sight."""

    type: str
    source: UUID
    target: UUID


async def reached(session: Session, edges: Iterable[Edge]) -> frozenset[UUID] | None:
    """What the viewer may see otherwise now that these connections were made, changed or ended."""
    me = session.viewer.id
    mine = [edge for edge in edges if edge.source == me]
    found = {edge.target for edge in mine}
    found |= {edge.source for edge in edges if edge.target == me and edge.type in CONTACTS}
    found |= await _neighbouring(session, [edge for edge in edges if edge.source != me])
    for types, onward in ((("owns",), CONTACTS), (_JOINED, CONTAINS)):
        ends = [edge.target for edge in mine if edge.type in types]
        if not ends:
            continue
        beyond = await ids_of(
            session,
            "SELECT c.from_id FROM connections c WHERE c.space_id = %(space)s"
            f" AND c.to_id = ANY(%(ends)s) AND c.type IN ({quoted(onward)})",
            ends=ends,
        )
        if beyond is None:
            return None
        found |= beyond
    return frozenset(found)


async def _neighbouring(session: Session, edges: list[Edge]) -> set[UUID]:
    """The far ends of those that end at what the viewer owns or has joined."""
    ends = {edge.target for edge in edges if edge.type in (*CONTACTS, *CONTAINS)}
    if not ends:
        return set()
    records = await session.tx.rows(
        "SELECT r.to_id, r.type = 'owns' FROM connections r WHERE r.space_id = %(space)s"
        " AND r.from_id = %(me)s AND r.to_id = ANY(%(ends)s)"
        f" AND r.type IN ({quoted(('owns', *_JOINED))})",
        session.params(ends=list(ends)),
    )
    known = {(end, bool(owned)) for end, owned in records}
    return {
        edge.source
        for edge in edges
        if (edge.type in CONTACTS and (edge.target, True) in known)
        or (edge.type in CONTAINS and (edge.target, False) in known)
    }


async def ids_of(session: Session, sql: str, **params: object) -> frozenset[UUID] | None:
    """The ids that a query finds; none where there are too many to judge one by one."""
    records = await session.tx.rows(f"{sql} LIMIT {_MOST + 1}", session.params(**params))
    if len(records) > _MOST:
        return None
    return frozenset(record[0] for record in records if isinstance(record[0], UUID))
