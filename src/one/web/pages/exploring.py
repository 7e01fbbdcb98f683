"""The four tables as people look through them: the types of things, each a list, and what happened
and how things are sorted.
"""

import re
from collections.abc import Iterable
from typing import cast
from urllib.parse import urlencode

import orjson
from starlette.responses import Response

from one.domains import graph
from one.errors import JSON, NotFound, OneError
from one.ontology import STATUSES, EntityType
from one.web.pages.fields import label_of
from one.web.pages.names import things_of
from one.web.pages.visit import Form, Page, Visit, refused

_PAGE = 50
_CHOICES = ("q", "status", "tag", "key", "is")
_NAME = re.compile("[a-z0-9_]{1,64}")


async def _types(visit: Visit, form: Form) -> Response:
    """Every type: those first of which there is something."""
    del form
    counted = (await visit.call(graph.count_types)).result.items
    known = visit.app.desk.ontology.entities
    rows = [(known[one.type], one) for one in counted if one.type in known]
    return visit.page(
        "explore/types.html",
        some=sorted((row for row in rows if row[1].count), key=lambda row: -row[1].count),
        others=sorted((kind for kind, one in rows if not one.count), key=lambda kind: kind.name),
        shown_of=shown_of,
    )


def shown_of(kind: EntityType) -> str:
    """`digital products`, as a title."""
    return kind.plural[:1].upper() + kind.plural[1:]


def type_in(visit: Visit) -> EntityType:
    """The type in the address. Raises NotFound."""
    name = visit.path["type"]
    kind = visit.app.desk.ontology.entities.get(name)
    if kind is None:
        raise NotFound("There is no such type of thing.", cure="Look at those there are.")
    return kind


async def _list(visit: Visit, form: Form) -> Response:
    """A page of the things of a type, filtered as the address says."""
    kind = type_in(visit)
    chosen = {name: visit.query.get(name, "").strip()[:200] for name in _CHOICES}
    keys = filterable(visit, kind)
    try:
        found = await visit.call(
            graph.list_entities,
            type=kind.name,
            status=chosen["status"],
            tag=chosen["tag"],
            where=cast("JSON", [*_where(chosen, keys)]),
            limit=_PAGE,
            cursor=visit.query.get("cursor"),
        )
        things, following = found.result.items, found.result.next
    except OneError as error:
        things, following = [], None
        form = refused(error, {}, name="")
    on = {name: value for name, value in chosen.items() if value}
    here = f"/explore/{kind.name}"
    return visit.page(
        "explore/list.html",
        kind=kind,
        title=shown_of(kind),
        things=things,
        form=form,
        chosen=chosen,
        filtered=bool(on),
        statuses=[("", "Any"), *((s, s.capitalize()) for s in STATUSES if s in kind.transitions)],
        keys=[("", "Any"), *((key, label_of(key)) for key in keys)],
        price="price" in kind.keys,
        further="cursor" in visit.query,
        more=f"{here}?{urlencode({**on, 'cursor': following})}" if following else "",
        live=urlencode({"table": "entities", "type": kind.name}),
        makes=visit.signed_in and "person" not in kind.groups,
    )


def filterable(visit: Visit, kind: EntityType) -> list[str]:
    """The keys that this type is found by, but amounts: those compare in one currency alone."""
    hidden = frozenset[str]() if visit.actor.staff else kind.private
    return [key for key in kind.indexed if "." not in key and key not in hidden]


def _where(chosen: dict[str, str], keys: list[str]) -> Iterable[JSON]:
    """As the list is asked; what is typed is text, whatever it looks like."""
    if chosen["q"]:
        yield f"name startsWith {quoted(chosen['q'])}"
    if chosen["key"] in keys and chosen["is"]:
        yield f"properties.{chosen['key']} eq {quoted(chosen['is'])}"


def quoted(text: str) -> str:
    """Text that stands in a filter as text, whatever it looks like."""
    return orjson.dumps(text).decode()


async def _events(visit: Visit, form: Form) -> Response:
    """What happened, as far as one may know."""
    type, cursor = visit.query.get("type", "").strip(), visit.query.get("cursor")
    try:
        found = await visit.call(graph.list_events, type=type, limit=_PAGE, cursor=cursor)
        events, following = found.result.items, found.result.next
    except OneError as error:
        events, following = [], None
        form = refused(error, {}, name="")
    ends = [end for one in events for end in (one.entity_id, one.actor_id) if end]
    on = {"type": type} if type else {}
    return visit.page(
        "explore/events.html",
        events=events,
        form=form,
        things=await things_of(visit, ends),
        type=type,
        types=[("", "Any"), *((n, label_of("x_" + n)) for n in visit.app.desk.ontology.events)],
        further="cursor" in visit.query,
        more=f"/explore/events?{urlencode({**on, 'cursor': following})}" if following else "",
        live=urlencode({"table": "events", **on}),
    )


async def _tags(visit: Visit, form: Form) -> Response:
    """The words that things are sorted by, those used most first."""
    category, cursor = visit.query.get("category", "").strip(), visit.query.get("cursor")
    try:
        asked: dict[str, JSON] = {"category": category, "cursor": cursor, "order": "-usageCount"}
        found = await visit.call(graph.list_tags, limit=_PAGE, **asked)
        tags, following = found.result.items, found.result.next
    except OneError as error:
        tags, following = [], None
        form = refused(error, {}, name="")
    on = {"category": category} if category else {}
    categories = visit.app.desk.ontology.tag_categories
    return visit.page(
        "explore/tags.html",
        tags=tags,
        form=form,
        category=category,
        categories=[("", "Any"), *((name, name.capitalize()) for name in categories)],
        further="cursor" in visit.query,
        more=f"/explore/tags?{urlencode({**on, 'cursor': following})}" if following else "",
    )


PAGES = (
    Page("/explore", _types),
    Page("/explore/events", _events),
    Page("/explore/tags", _tags),
    Page("/explore/{type}", _list),
)
