"""Lists that are followed: asked for like the list itself, told of as long as one listens."""

from dataclasses import dataclass, fields
from typing import Literal
from uuid import UUID

from one.domains.graph.asking import Order, Types, Where, filters
from one.domains.graph.connections import list_connections
from one.domains.graph.events import Session, list_events
from one.domains.graph.tags import Category, list_tags
from one.domains.graph.things import Status, TagName, Text, list_entities
from one.errors import Fault, Invalid
from one.ontology import Ontology, parse_tag
from one.store import Ask, ConnectionAsk, EntityAsk, EventAsk, TagAsk

Table = Literal["entities", "connections", "events", "tags"]

_LISTS = {
    "entities": list_entities,
    "connections": list_connections,
    "events": list_events,
    "tags": list_tags,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Which list is followed: its table, and what its list operation would be asked."""

    table: Table
    type: Types = None
    status: Status | None = None
    tag: TagName | None = None
    text: Text | None = None
    deleted: bool = False
    from_: UUID | None = None
    to: UUID | None = None
    ended: bool = False
    entity: UUID | None = None
    actor: UUID | None = None
    session: Session | None = None
    category: Category | None = None
    where: Where = None
    order: Order = None

    def ask(self, ontology: Ontology) -> Ask:
        """What the store is asked. Raises Invalid, also for what this table isn't asked."""
        self._check()
        where, order = filters(self.where), self.order or ""
        match self.table:
            case "entities":
                return self._things(ontology)
            case "connections":
                return ConnectionAsk(
                    types=tuple(ontology.connection(name).name for name in self.type or ()),
                    filters=where,
                    order=order,
                    from_id=self.from_,
                    to_id=self.to,
                    ended=self.ended,
                )
            case "events":
                return EventAsk(
                    types=tuple(ontology.event(name).name for name in self.type or ()),
                    filters=where,
                    order=order,
                    entity_id=self.entity,
                    actor_id=self.actor,
                    session=self.session,
                )
            case "tags":
                return TagAsk(order=order, category=self.category)

    def _things(self, ontology: Ontology) -> EntityAsk:
        tag = parse_tag(self.tag, "/tag") if self.tag is not None else None
        return EntityAsk(
            types=tuple(ontology.entity(name).name for name in self.type or ()),
            filters=filters(self.where),
            order=self.order or "",
            status=self.status,
            tagged=(tag.category, tag.key) if tag else None,
            text=self.text,
            deleted=self.deleted,
        )

    def _check(self) -> None:
        known = _LISTS[self.table].input.parameters
        stated = [f for f in fields(Following) if getattr(self, f.name) != f.default]
        strange = [f.name.rstrip("_") for f in stated if f.name not in (*known, "table")]
        if strange:
            own = tuple(f.name.rstrip("_") for f in fields(Following) if f.name in known)
            raise Invalid(
                f"A list of {self.table} can't be asked for `{strange[0]}`.",
                cure=f"It can be for: {', '.join(own)}.",
                faults=tuple(Fault(f"/{name}", "is not known here", own) for name in strange),
            )
