"""The four tables as people look through them: the types of things, each a list, and what happened
and how things are sorted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

import orjson
from starlette.responses import Response

from one.domains import graph
from one.errors import JSON, Invalid, NotFound, OneError
from one.ontology import STATUSES, EntityType
from one.runtime import Operation
from one.store import Page as Some
from one.store import Row
from one.store.slots import slots_of
from one.web.pages import reading
from one.web.pages.amounts import minor
from one.web.pages.fields import label_of
from one.web.pages.names import things_of
from one.web.pages.visit import Form, Page, Visit, refused

ItemT = TypeVar("ItemT", bound=Row)
_PAGE = 50
_CHOICES = ("q", "status", "tag", "key", "is", "by", "from", "to", "currency")
_COUNT = re.compile("[0-9]{1,6}")


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


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list of a type is narrowed by, as its address says it: `keys` and `amounts` are the
    paths that it may be.
    """

    kind: EntityType
    chosen: Mapping[str, str]
    keys: list[str]
    amounts: list[str]

    @property
    def by(self) -> str:
        """The path whose amounts are looked at, where there is one."""
        said = self.chosen["by"]
        return said if said in self.amounts else next(iter(self.amounts), "")

    @property
    def currency(self) -> str:
        """Of the amounts, where they are money: those of one alone can be compared."""
        return (self.chosen["currency"].lower() or "usd") if is_money(self.by) else ""

    @property
    def ranged(self) -> bool:
        return bool(self.by and (self.chosen["from"] or self.chosen["to"]))

    @property
    def asked(self) -> dict[str, JSON]:
        """As the operation is asked. Raises Invalid for an amount that can't be read."""
        where: list[JSON] = [*_where(self)]
        status, tag = self.chosen["status"], self.chosen["tag"]
        return {"type": self.kind.name, "status": status, "tag": tag, "where": where}

    @property
    def query(self) -> dict[str, str]:
        """What of it the address says."""
        own = () if self.ranged else ("by", "currency")
        return {name: value for name, value in self.chosen.items() if value and name not in own}


def is_money(path: str) -> bool:
    return path.endswith(".amount")


def narrowing_in(visit: Visit) -> Narrowing:
    """Raises NotFound for what is no type."""
    kind = type_in(visit)
    chosen = {name: visit.query.get(name, "").strip()[:200] for name in _CHOICES}
    hidden = frozenset[str]() if visit.actor.staff else kind.private
    slots = {p: at for p, at in slots_of(kind).items() if p.partition(".")[0] not in hidden}
    amounts = [path for path, column in slots.items() if column.startswith("n")]
    keys = [path for path in slots if path not in amounts and "." not in path]
    return Narrowing(kind, chosen, keys, amounts)


async def _listed(
    visit: Visit, operation: Operation[..., Some[ItemT]], form: Form, **asked: JSON
) -> tuple[list[ItemT], str | None, Form]:
    """A page of a list and the cursor of the next; what was refused stands in the form instead."""
    try:
        cursor = visit.query.get("cursor")
        found = (await visit.call(operation, limit=_PAGE, cursor=cursor, **asked)).result
    except OneError as error:
        return [], None, refused(error, {}, name="")
    return found.items, found.next, form


async def _list(visit: Visit, form: Form) -> Response:
    """A page of the things of a type, narrowed as the address says."""
    narrowing = narrowing_in(visit)
    kind, on = narrowing.kind, narrowing.query
    try:
        asked = narrowing.asked
    except OneError as error:
        things, following, form = [], None, refused(error, {}, name="")
    else:
        things, following, form = await _listed(visit, graph.list_entities, form, **asked)
    return visit.page(
        "explore/list.html",
        amounts=[(path, label_of(path.partition(".")[0])) for path in narrowing.amounts],
        form=form,
        keys=[("", "Any"), *((key, label_of(key)) for key in narrowing.keys)],
        kind=kind,
        live=urlencode({"table": "entities", "type": kind.name}),
        makes=visit.signed_in and "person" not in kind.groups,
        made=_made(visit),
        narrowed=urlencode(on),
        on=narrowing,
        price="price" in kind.keys,
        statuses=[("", "Any"), *((s, s.capitalize()) for s in STATUSES if s in kind.transitions)],
        things=things,
        title=shown_of(kind),
        **paged(visit, on, following=following),
    )


def _made(visit: Visit) -> str:
    """What came of a file that was brought in."""
    many = visit.query.get("made", "")
    return f"{int(many):,} {'is' if many == '1' else 'are'} made." if _COUNT.fullmatch(many) else ""


def _where(of: Narrowing) -> Iterable[JSON]:
    """As the list is asked; what is typed is text, whatever it looks like."""
    chosen = of.chosen
    if chosen["q"] and of.ranged:
        raise Invalid(
            "A list is narrowed by how names begin, or by amounts.", cure="Leave one of them empty."
        )
    if chosen["q"]:
        yield f"name startsWith {quoted(chosen['q'])}"
    if chosen["key"] in of.keys and chosen["is"]:
        yield f"properties.{chosen['key']} eq {quoted(chosen['is'])}"
    for name, operator in (("from", "gte"), ("to", "lte")):
        if of.by and chosen[name]:
            yield f"properties.{of.by} {operator} {_amount(of, chosen[name])}"
    if of.ranged and of.currency:
        whole = of.by.removesuffix(".amount")
        yield f"properties.{whole}.currency eq {quoted(of.currency)}"


def _amount(of: Narrowing, text: str) -> int | float:
    """As it is compared: of money the minor units. Raises Invalid."""
    return minor(text, of.currency) if of.currency else reading.number(text)


def quoted(text: str) -> str:
    """Text that stands in a filter as text, whatever it looks like."""
    return orjson.dumps(text).decode()


@dataclass(frozen=True, slots=True)
class Choice:
    """The one choice that a list is narrowed by, with what there is to choose from in words."""

    name: str
    label: str
    options: list[tuple[str, str]]
    value: str

    @property
    def query(self) -> dict[str, str]:
        return {self.name: self.value} if self.value else {}


def paged(visit: Visit, on: Mapping[str, str], *, following: str | None) -> dict[str, object]:
    """The address of a page of a list, and of the next."""
    cursor = visit.query.get("cursor", "")
    own = {**on, "cursor": cursor} if cursor else on
    return {
        "further": bool(cursor),
        "more": f"{visit.here}?{urlencode({**on, 'cursor': following})}" if following else "",
        "page": f"{visit.here}?{urlencode(own)}",
    }


async def _events(visit: Visit, form: Form) -> Response:
    """What happened, as far as one may know."""
    types = [("", "Any"), *((n, label_of("x_" + n)) for n in visit.app.desk.ontology.events)]
    choice = Choice("type", "What", types, visit.query.get("type", "").strip())
    events, following, form = await _listed(visit, graph.list_events, form, type=choice.value)
    ends = [end for one in events for end in (one.entity_id, one.actor_id) if end]
    return visit.page(
        "explore/events.html",
        about="What happened, newest first, as far as you may know of it.",
        choice=choice,
        form=form,
        items=events,
        live=urlencode({"table": "events", **choice.query}),
        things=await things_of(visit, ends),
        title="Events",
        **paged(visit, choice.query, following=following),
    )


async def _tags(visit: Visit, form: Form) -> Response:
    """The words that things are sorted by, those used most first."""
    known = visit.app.desk.ontology.tag_categories
    categories = [("", "Any"), *((name, name.capitalize()) for name in known)]
    choice = Choice("category", "Category", categories, visit.query.get("category", "").strip())
    asked: dict[str, JSON] = {"category": choice.value, "order": "-usageCount"}
    tags, following, form = await _listed(visit, graph.list_tags, form, **asked)
    return visit.page(
        "explore/tags.html",
        about="The words that things are sorted by, those used most first.",
        choice=choice,
        form=form,
        items=tags,
        live="",
        title="Tags",
        **paged(visit, choice.query, following=following),
    )


async def _tagged(visit: Visit, form: Form) -> Response:
    """The things that carry a tag, of whatever type."""
    tag = visit.query.get("tag", "").strip()[:200]
    if not tag:
        return visit.go("/explore/tags")
    things, following, form = await _listed(visit, graph.list_entities, form, tag=tag)
    return visit.page(
        "explore/tagged.html",
        form=form,
        tag=tag,
        things=things,
        **paged(visit, {"tag": tag}, following=following),
    )


PAGES = (
    Page("/explore", _types),
    Page("/explore/events", _events),
    Page("/explore/tags", _tags),
    Page("/explore/tags/things", _tagged),
    Page("/explore/{type}", _list),
)
