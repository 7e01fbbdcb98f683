"""What things are called, for whoever looks."""

from collections.abc import Iterable
from uuid import UUID

from one.domains import graph
from one.store import Entity
from one.web.pages.visit import Visit

_MOST = 200


async def things_of(visit: Visit, ids: Iterable[UUID]) -> dict[UUID, Entity]:
    """Those of the first 200 that can be seen."""
    wanted = [str(id) for id in dict.fromkeys(ids)][:_MOST]
    if not wanted:
        return {}
    found = await visit.call(graph.list_entities, ids=[*wanted], limit=_MOST)
    return {one.id: one for one in found.result.items}


async def names_of(visit: Visit, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of those that can be seen."""
    return {id: one.name for id, one in (await things_of(visit, ids)).items()}
