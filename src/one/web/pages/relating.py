"""What a thing is connected to: by which relation, seen from its end, and what it may be yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from starlette.responses import Response

from one.domains import graph
from one.errors import JSON, Fault, Invalid, OneError
from one.ontology import ConnectionType
from one.store import Connection, Entity
from one.web.pages.drawing import Around, around
from one.web.pages.fields import Field, changes, fields_of, label_of, names_in
from one.web.pages.names import things_of
from one.web.pages.picking import begins, common, entries, meant, references
from one.web.pages.reading import beside
from one.web.pages.thing import Thing, thing_in
from one.web.pages.visit import Form, Page, Visit

_MOST = 100
_FOUND = 20
_DRAWN = 24
_DONE = {"connected": "They are connected.", "ended": "That connection is ended."}
Way = Literal["out", "in"]


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation as one end of it sees it."""

    kind: ConnectionType
    way: Way

    @property
    def name(self) -> str:
        return f"{self.kind.name}.{self.way}"

    @property
    def label(self) -> str:
        words = label_of(f"x_{self.kind.name}")
        return words if self.way == "out" else f"{words} this"

    def others(self, type: str) -> list[str]:
        """The types that may stand at the other end of one of this type."""
        pairs = self.kind.pairs if self.way == "out" else [(b, a) for a, b in self.kind.pairs]
        return sorted({name for here, there in pairs if type in here for name in there})


@dataclass(frozen=True, slots=True)
class Group:
    """The connections by one relation, each with its other end."""

    relation: Relation
    ties: list[tuple[Connection, Entity]]


async def _show(visit: Visit, form: Form) -> Response:
    thing = await thing_in(visit)
    id = str(thing.entity.id)
    ties: dict[Way, list[Connection]] = {}
    ways: tuple[tuple[Way, dict[str, JSON]], ...] = (("out", {"from": id}), ("in", {"to": id}))
    cut = False
    for way, end in ways:
        page = (await visit.call(graph.list_connections, limit=_MOST, **end)).result
        ties[way] = page.items
        cut = cut or page.next is not None
    ends = [*(one.to_id for one in ties["out"]), *(one.from_id for one in ties["in"])]
    groups = [*_groups(visit, ties, await things_of(visit, ends))]
    return visit.page(
        "things/connections.html",
        facts_of=_facts,
        cut=cut,
        done=_DONE.get(visit.query.get("done", ""), ""),
        drawn=_drawn(groups),
        form=form,
        groups=groups,
        one=thing.entity,
        relations=[*_possible(visit, thing)] if thing.mine and not thing.deleted else [],
        thing=thing,
    )


def _groups(
    visit: Visit, ties: Mapping[Way, list[Connection]], things: Mapping[UUID, Entity]
) -> Iterator[Group]:
    known = visit.app.desk.ontology.connections
    for way, some in ties.items():
        by_type: dict[str, list[tuple[Connection, Entity]]] = {}
        for tie in some:
            end = things.get(tie.to_id if way == "out" else tie.from_id)
            if end is not None and tie.type in known:
                by_type.setdefault(tie.type, []).append((tie, end))
        for name, found in sorted(by_type.items()):
            yield Group(Relation(known[name], way), found)


def _facts(tie: Connection) -> Iterator[str]:
    """What a connection says in few words, as people say it: a share is a part of all."""
    for key, value in tie.metadata.items():
        if key == "revenueShare" and isinstance(value, int):
            yield f"Share: {value / 100:g} %"
        elif isinstance(value, str | int | float):
            yield f"{label_of(key)}: {value}"


def _drawn(groups: list[Group]) -> list[Around]:
    """As many as a small picture holds, some of each relation."""
    ends = [
        (group.relation.label, group.relation.way, end)
        for at in range(_DRAWN)
        for group in groups
        for _, end in group.ties[at : at + 1]
    ]
    return around(ends[:_DRAWN])


def _possible(visit: Visit, thing: Thing) -> Iterator[Relation]:
    """The relations that the ontology allows of such a thing, and that people write."""
    ways: tuple[Way, Way] = ("out", "in")
    for kind in visit.app.desk.ontology.connections.values():
        if kind.written_by == "system" and not visit.actor.staff:
            continue
        for way in ways:
            relation = Relation(kind, way)
            if relation.others(thing.entity.type):
                yield relation


def _relation(visit: Visit, thing: Thing) -> Relation:
    """The one that was chosen. Raises Invalid."""
    said = visit.form.get("as") or visit.query.get("as", "")
    for relation in _possible(visit, thing):
        if relation.name == said:
            return relation
    raise Invalid("It can't be connected so.", cure="Go back and choose another relation.")


def _fields(visit: Visit, relation: Relation) -> tuple[Field, ...]:
    return fields_of(visit.app.desk.ontology, relation.kind)


async def _pick(visit: Visit, form: Form) -> Response:
    """The things that it can be connected to so, found by their names."""
    thing = await thing_in(visit)
    relation = _relation(visit, thing)
    types = relation.others(thing.entity.type)
    asked = {**visit.query, **visit.form}
    said, chosen = asked.get("q", "").strip()[:100], asked.get("type", "")
    wanted = [chosen] if chosen in types else common(types)
    found = await visit.call(
        graph.list_entities,
        type=[*wanted],
        where=begins(said) if said else None,
        limit=_FOUND,
    )
    fields = _fields(visit, relation)
    return visit.page(
        "things/connect.html",
        chosen=chosen,
        entries=await entries(visit, fields, form=form, values={}),
        form=form,
        found=[one for one in found.result.items if one.id != thing.entity.id],
        one=thing.entity,
        picked=visit.form.get("other", ""),
        relation=relation,
        said=said,
        thing=thing,
        types=[("", "Any"), *((name, label_of(f"x_{name}")) for name in types)],
        visible={},
    )


async def _connect(visit: Visit) -> Response:
    thing = await thing_in(visit)
    relation, other = _relation(visit, thing), visit.form.get("other", "")
    if not other:
        fault = Fault("/other", "Choose what it is connected to")
        raise Invalid("This can't be connected yet.", cure="Choose a thing.", faults=(fault,))
    fields = _fields(visit, relation)
    named = await meant(visit, references(fields), form=visit.form)
    said = changes(fields, named.form, current=relation.kind.defaults, wrong=named.wrong)
    ends = (str(thing.entity.id), other)
    from_, to = ends if relation.way == "out" else ends[::-1]
    given: dict[str, JSON] = {"from": from_, "to": to}
    try:
        await visit.once().call(
            graph.connect, type=relation.kind.name, metadata=said or None, **given
        )
    except OneError as error:
        raise beside(error, names_in(fields)) from None
    return visit.go(f"/things/{thing.entity.id}/connections?done=connected")


async def _end(visit: Visit) -> Response:
    thing = await thing_in(visit)
    await visit.call(graph.disconnect, id=visit.form.get("connection", "-"))
    return visit.go(f"/things/{thing.entity.id}/connections?done=ended")


PAGES = (
    Page("/things/{id}/connections", _show),
    Page("/things/{id}/connect", _pick, _connect),
    Page("/things/{id}/disconnect", _show, _end, read=False),
)
