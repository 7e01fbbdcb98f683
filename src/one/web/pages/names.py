"""What things are called, for whoever looks."""

from collections.abc import Iterable
from uuid import UUID

from one.domains import graph
from one.errors import NotFound
from one.web.pages.visit import Visit


async def names_of(visit: Visit, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of those that can be seen, in this order."""
    known: dict[UUID, str] = {}
    for id in dict.fromkeys(ids):
        try:
            known[id] = (await visit.call(graph.get_entity, id=id)).result.name
        except NotFound:
            continue
    return known
