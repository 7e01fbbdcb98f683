"""The ontology as a map: the types by families, and which relation leads where."""

from dataclasses import dataclass

from starlette.responses import Response

from one.domains import graph
from one.ontology import EntityType
from one.web.pages.exploring import shown_of
from one.web.pages.fields import label_of
from one.web.pages.visit import Form, Page, Visit

_WIDE, _HIGH, _GAP, _ACROSS = 172, 26, 8, 4


@dataclass(frozen=True, slots=True)
class Spot:
    """A type on the map, and whether there is something of it."""

    kind: EntityType
    words: str
    x: int
    y: int
    some: bool


@dataclass(frozen=True, slots=True)
class Land:
    """A family of types, as a box on the map."""

    name: str
    x: int
    y: int
    height: int
    spots: tuple[Spot, ...]


async def _show(visit: Visit, form: Form) -> Response:
    del form
    ontology = visit.app.desk.ontology
    counted = (await visit.call(graph.count_types)).result.items
    some = {one.type for one in counted if one.count}
    families: dict[str, list[EntityType]] = {}
    for kind in ontology.entities.values():
        families.setdefault(kind.family or "other", []).append(kind)
    lands = _laid(families, some)
    relations = [
        (label_of(f"x_{kind.name}"), kind.doc, [(sorted(a), sorted(b)) for a, b in kind.pairs])
        for kind in ontology.connections.values()
    ]
    return visit.page(
        "explore/map.html",
        height=max(land.y + land.height for land in lands) + _GAP,
        lands=lands,
        many=len(ontology.entities),
        relations=relations,
        titles={name: label_of(f"x_{name}") for name in ontology.entities},
        wide=_ACROSS * (_WIDE + 2 * _GAP),
    )


def _laid(families: dict[str, list[EntityType]], some: set[str]) -> list[Land]:
    """In columns, each family under what stands least deep."""
    depth = [0] * _ACROSS
    lands: list[Land] = []
    for name, kinds in sorted(families.items(), key=lambda one: -len(one[1])):
        at = depth.index(min(depth))
        x, y = at * (_WIDE + 2 * _GAP) + _GAP, depth[at] + _GAP
        spots = tuple(
            Spot(kind, shown_of(kind), x + _GAP, y + 32 + place * _HIGH, kind.name in some)
            for place, kind in enumerate(sorted(kinds, key=shown_of))
        )
        height = 32 + len(spots) * _HIGH + _GAP
        lands.append(Land(label_of(f"x_{name}"), x, y, height, spots))
        depth[at] = y + height
    return lands


PAGES = (Page("/explore/map", _show),)
