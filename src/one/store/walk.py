"""The graph walked: what lies around a thing, and the ways from one thing to another."""

from uuid import UUID

from one.store.filters import refuse
from one.store.lists import EntityAsk, entity_list
from one.store.rows import Connection, Entity, Neighbour, Path
from one.store.session import Session, connection_columns
from one.store.sight import Narrowed, connection_branches, live, named
from one.store.things import get

MOST_DEPTH = 3
_MOST_EDGES = 200
_MOST_REACHED = 1_000


async def neighbours(
    session: Session, id: UUID, *, depth: int = 1, types: tuple[str, ...] = ()
) -> list[Neighbour]:
    """The things connected to one, up to `depth` connections away, nearest first.

    Each thing comes once, by the connection that led to it first; at most 200 connections of a
    thing are followed and 1,000 things reached. Raises NotFound, Invalid.
    """
    _check_depth(depth)
    await get(session, id)
    reached: dict[UUID, tuple[int, Connection]] = {}
    frontier = [id]
    for distance in range(1, depth + 1):
        edges = await _edges(session, frontier, types)
        following: list[UUID] = []
        for edge in edges:
            for here, there in ((edge.from_id, edge.to_id), (edge.to_id, edge.from_id)):
                if here in frontier and there not in reached and there != id:
                    reached[there] = (distance, edge)
                    following.append(there)
        frontier = following[:_MOST_REACHED]
        if not frontier or len(reached) >= _MOST_REACHED:
            break
    things = await _things(session, list(reached)[:_MOST_REACHED])
    return [
        Neighbour.model_construct(None, depth=distance, entity=things[end], connection=edge)
        for end, (distance, edge) in reached.items()
        if end in things
    ]


async def paths(
    session: Session, start: UUID, goal: UUID, *, depth: int = MOST_DEPTH
) -> list[Path]:
    """The shortest ways between two things, either direction of a connection, at most `depth`.

    Raises NotFound for a thing that the viewer can't see, Invalid.
    """
    _check_depth(depth)
    await get(session, start)
    await get(session, goal)
    ways: dict[UUID, list[list[Connection]]] = {start: [[]]}
    frontier = [start]
    for _ in range(depth):
        found: dict[UUID, list[list[Connection]]] = {}
        for edge in await _edges(session, frontier, ()):
            for here, there in ((edge.from_id, edge.to_id), (edge.to_id, edge.from_id)):
                if here in frontier and there not in ways:
                    more = [[*way, edge] for way in ways[here]]
                    found.setdefault(there, []).extend(more)
        if goal in found:
            return [Path.model_construct(None, steps=way) for way in found[goal][:_MOST_EDGES]]
        ways |= {end: some[:_MOST_EDGES] for end, some in found.items()}
        frontier = list(found)[:_MOST_REACHED]
    return []


def _check_depth(depth: int) -> None:
    if not 1 <= depth <= MOST_DEPTH:
        raise refuse("/depth", f"Depth lies between 1 and {MOST_DEPTH}.")


async def _edges(session: Session, things: list[UUID], types: tuple[str, ...]) -> list[Connection]:
    """The live connections of these things that the viewer may see, from each at most 200."""
    known = types or tuple(session.ontology.connections)
    (branch,) = connection_branches(
        session.viewer, session.ontology, types=known, narrowed=Narrowed(to_one=True)
    )
    mine = named(session.viewer)
    found: dict[UUID, Connection] = {}
    for column in ("from_id", "to_id"):
        records = await session.tx.rows(
            (f"WITH {mine} " if mine else "")
            + f"SELECT l.* FROM unnest(%(things)s::uuid[]) AS m (id) CROSS JOIN LATERAL"
            f" (SELECT {connection_columns('x')} FROM connections x"
            f" WHERE x.space_id = %(space)s AND x.{column} = m.id AND x.type = ANY(%(types)s)"
            f" AND {live('x')} AND {branch.condition}"
            f" ORDER BY x.created_at DESC, x.id DESC LIMIT {_MOST_EDGES}) l",
            session.params(things=things, types=list(known)),
        )
        found |= {edge.id: edge for edge in map(session.connection, records)}
    return list(found.values())


async def _things(session: Session, ids: list[UUID]) -> dict[UUID, Entity]:
    found: dict[UUID, Entity] = {}
    for at in range(0, len(ids), 200):
        listing = entity_list(session, EntityAsk(ids=tuple(ids[at : at + 200])))
        records, _ = await listing.page(session, limit=200, cursor=None)
        found |= {entity.id: entity for entity in map(session.entity, records)}
    return found
