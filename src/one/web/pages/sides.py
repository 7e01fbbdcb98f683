"""The other sides of a thing: what happened to it, and what it was before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from starlette.responses import Response

from one.domains import graph
from one.errors import JSON
from one.store import Entity, Version
from one.web.pages.exploring import paged
from one.web.pages.fields import label_of
from one.web.pages.names import names_of, things_of
from one.web.pages.thing import thing_in
from one.web.pages.visit import Form, Page, Visit

_PAGE = 30
_OWN = ("name", "status", "visibility", "type")


@dataclass(frozen=True, slots=True)
class Change:
    """What one field was and became."""

    label: str
    before: JSON
    after: JSON


@dataclass(frozen=True, slots=True)
class Step:
    """A version, and what it changed."""

    version: Version
    changes: tuple[Change, ...]


async def _history(visit: Visit, form: Form) -> Response:
    del form
    thing = await thing_in(visit)
    asked = {"before": visit.query.get("before")}
    found = (await visit.call(graph.list_history, id=thing.entity.id, limit=_PAGE, **asked)).result
    # the oldest of a page is told by what came after it, which stands on the page before
    later = thing.entity if not asked["before"] else None
    here = f"/things/{thing.entity.id}/history"
    return visit.page(
        "things/history.html",
        names=await names_of(visit, (one.actor for one in found.items if one.actor)),
        older=f"{here}?{urlencode({'before': found.next})}" if found.next else "",
        one=thing.entity,
        steps=[*_steps(found.items, later)],
        thing=thing,
    )


def _steps(versions: list[Version], later: Entity | None) -> Iterator[Step]:
    for version in versions:
        yield Step(version, tuple(_changes(version, later)))
        later = version.before


def _changes(version: Version, after: Entity | None) -> Iterator[Change]:
    for path in version.changed:
        label = label_of(path.removeprefix("properties."))
        if version.before is None or after is None or path == "deleted_at":
            yield Change(label, None, None)
        else:
            yield Change(label, _at(version.before, path), _at(after, path))


def _at(entity: Entity, path: str) -> JSON:
    """What it says at a path, as text where it can be."""
    key = path.removeprefix("properties.")
    value = cast("JSON", getattr(entity, path) if path in _OWN else entity.properties.get(key))
    match value:
        case {"amount": int(), "currency": str()} | str() | int() | float():
            return value
        case list():
            texts = [one for one in value if isinstance(one, str)]
            return ", ".join(texts) if len(texts) == len(value) else None
        case _:
            return None


async def _events(visit: Visit, form: Form) -> Response:
    del form
    thing = await thing_in(visit)
    asked = {"cursor": visit.query.get("cursor")}
    found = await visit.call(graph.list_events, entity=str(thing.entity.id), limit=_PAGE, **asked)
    ends = [end for one in found.result.items for end in (one.entity_id, one.actor_id) if end]
    return visit.page(
        "things/events.html",
        events=found.result.items,
        live=urlencode({"table": "events", "entity": str(thing.entity.id)}),
        one=thing.entity,
        thing=thing,
        things=await things_of(visit, ends),
        **paged(visit, {}, following=found.result.next),
    )


PAGES = (
    Page("/things/{id}/history", _history),
    Page("/things/{id}/events", _events),
)
