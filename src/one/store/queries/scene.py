"""One statement in the making: its rows `x`, what is looked up for each, its parameters."""

from dataclasses import dataclass, field
from functools import cached_property

from one.ontology import ConnectionType, EntityType, EventType
from one.store.queries.asked import Query
from one.store.session import Session
from one.store.sight import (
    Narrowed,
    connection_branches,
    entity_branches,
    event_branches,
    met,
    named,
    tag_seen,
)

Kind = EntityType | ConnectionType | EventType


@dataclass
class Scene:
    """`types` are those that the rows may have, every one of the table where none was said.

    In what is looked up for a row (`joins`), `x` is something else, and `o.id` the row.
    """

    session: Session
    query: Query
    types: tuple[str, ...]
    typed: bool
    params: dict[str, object] = field(default_factory=dict[str, object])
    joins: dict[str, str] = field(default_factory=dict[str, str])

    def param(self, value: object) -> str:
        """Keeps a value beside the text, the same one once."""
        for name, known in self.params.items():
            if type(known) is type(value) and known == value:
                return f"%({name})s"
        name = f"q{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def looked_up(self, sql: str) -> str:
        """What a query finds for each row: the name by which it is spoken of."""
        for name, known in self.joins.items():
            if known == sql:
                return name
        name = f"l{len(self.joins)}"
        self.joins[name] = sql
        return name

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The types of the rows, as the ontology has them."""
        ontology = self.session.ontology
        known: dict[str, dict[str, Kind]] = {
            "entities": {**ontology.entities},
            "connections": {**ontology.connections},
            "events": {**ontology.events},
            "tags": {},
        }
        return tuple(known[self.query.table][name] for name in self.types)

    @property
    def contacts(self) -> bool:
        """Whether the rows may be people that came to what is the viewer's."""
        if self.query.table != "entities":
            return False
        return met(self.session.ontology, self.types if self.typed else ())

    @property
    def named(self) -> str:
        """What the statement's WITH begins with: what the viewer has to do with."""
        mine = named(self.session.viewer, contacts=self.contacts)
        return f"WITH {mine} " if mine else ""

    @property
    def seen(self) -> str:
        """That the viewer sees the row `x`."""
        viewer, ontology = self.session.viewer, self.session.ontology
        match self.query.table:
            case "entities":
                branches = entity_branches(
                    viewer, public=True, newest=False, contacts=self.contacts
                )
            case "connections":
                return self.tie_seen(self.types)
            case "events":
                one = Narrowed(to_one=True)
                branches = event_branches(viewer, ontology, types=self.types, narrowed=one)
            case "tags":
                return tag_seen(viewer, "x")
        return f"({' OR '.join(one.condition for one in branches if not one.each)})"

    def tie_seen(self, types: tuple[str, ...]) -> str:
        """That the viewer sees the connection `x` of these types."""
        (branch,) = connection_branches(
            self.session.viewer,
            self.session.ontology,
            types=types,
            narrowed=Narrowed(to_one=True),
        )
        return branch.condition

    def source(self) -> str:
        """The rows with what is looked up for each."""
        rows = f"{self.query.table} x CROSS JOIN LATERAL (SELECT x.id AS id) o"
        joined = "".join(
            f" LEFT JOIN LATERAL ({sql}) {name} ON true" for name, sql in self.joins.items()
        )
        return rows + joined
