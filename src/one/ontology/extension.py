"""Types that a deployment adds in its ontology.toml: no code, no migration.

A new entity type extends a built-in one, or one of the groups below, and stands wherever its base
stands: in the matrix of connections, among the subjects of events, in its life cycle.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from one.errors import Fault, Invalid
from one.ontology import values
from one.ontology.connections import Connection
from one.ontology.events import Event
from one.ontology.families import (
    Agent,
    Business,
    Content,
    Entity,
    Marketing,
    Page,
    Person,
    Product,
)
from one.ontology.registry import (
    Ontology,
    build,
    built_in_entities,
    complete,
    connection_type,
    entity_type,
    event_type,
)
from one.ontology.types import (
    ConnectionType,
    EntityType,
    EventType,
    Facts,
    Properties,
    Role,
    Type,
    Visibility,
    faults_of,
    nearest,
)
from one.ontology.words import nouns_of, plural_of, spelling

BASES: Mapping[str, type[Properties]] = {
    "thing": Entity,
    "agent": Agent,
    "content": Content,
    "product": Product,
    "page": Page,
    "business": Business,
    "marketing": Marketing,
}

KINDS: Mapping[str, object] = {
    "text": values.Text,
    "long_text": values.LongText,
    "word": values.Word,
    "yes_no": bool,
    "integer": values.Integer,
    "count": values.Count,
    "number": values.Number,
    "ratio": values.Ratio,
    "share": values.Share,
    "money": values.Money,
    "price": values.Price,
    "currency": values.Currency,
    "when": values.When,
    "date": values.Date,
    "duration": values.Duration,
    "seconds": values.Seconds,
    "email": values.Email,
    "phone": values.Phone,
    "url": values.Url,
    "slug": values.Slug,
    "handle": values.Handle,
    "color": values.Color,
    "locale": values.Locale,
    "zone": values.Zone,
    "country": values.Country,
    "id": values.Id,
    "sha256": values.Sha256,
    "json": values.Free,
}

NAME = r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$"
KEY = r"^[a-z][A-Za-z0-9]*$"
INDEXED_ENTITY = 4
INDEXED_EVENT = 2
INDEXED_EVENTS = 20

Name = Annotated[str, Field(pattern=NAME, max_length=60)]
Key = Annotated[str, Field(pattern=KEY, max_length=60)]
Noun = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^,]+$")]
Kinds = dict[Key, str | Annotated[list[str], Field(min_length=1, max_length=100)]]


class _Table(BaseModel):
    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", validate_by_name=False, defer_build=True
    )

    at: ClassVar[str]
    holder: ClassVar[str] = "metadata"

    doc: str = ""
    indexed: list[str] = []
    private: list[str] = []
    required: list[str] = []
    keys: Kinds = {}


class _EntityTable(_Table):
    at = "/entities"
    holder = "properties"

    extends: str = "thing"
    singular: Noun = ""
    plural: Noun = ""
    synonyms: list[Noun] = []
    visibility: Visibility | None = None
    unique: list[str] = []
    search: dict[str, Literal["A", "B", "C"]] = {}
    keys: Annotated[Kinds, Field(alias="properties")] = {}


class _ConnectionTable(_Table):
    at = "/connections"

    from_: Annotated[list[str], Field(alias="from", min_length=1)]
    to: Annotated[list[str], Field(min_length=1)]
    seen_by: Literal["public", "ends", "owners"] = "ends"
    written_by: Literal["open", "owner", "owner_of_thing"] = "owner"
    cardinality: Literal["one_per_pair", "many"] = "one_per_pair"
    roles: list[Noun] = []
    keys: Annotated[Kinds, Field(alias="metadata")] = {}


class _EventTable(_Table):
    at = "/events"

    subjects: list[str] = []
    seen_by: Literal["public", "ends", "owners"] = "owners"
    written_by: Literal["open", "owner", "owner_of_thing"] = "owner"
    keys: Annotated[Kinds, Field(alias="metadata")] = {}


class _File(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", defer_build=True)

    entities: dict[Name, _EntityTable] = {}
    connections: dict[Name, _ConnectionTable] = {}
    events: dict[Name, _EventTable] = {}


def extended(path: Path) -> Ontology:
    """The built-in types and those of the file. Raises Invalid naming every mistake in it."""
    reading = _Reading(path)
    file = reading.file()
    known = built_in_entities()
    for name, table in file.entities.items():
        known |= reading.entity(name, table, known=known)
    core = complete(known)
    connections = dict(core.connections)
    for name, table in file.connections.items():
        reading.new(name, connections, at=f"/connections/{name}")
        connections[name] = reading.connection(name, table, known=known)
    events = dict(core.events)
    for name, table in file.events.items():
        reading.new(name, events, at=f"/events/{name}")
        events[name] = reading.event(name, table, known=known)
    if sum(len(event.indexed) for event in events.values()) > INDEXED_EVENTS:
        reading.wrong("/events", f"have more than {INDEXED_EVENTS} indexed keys, built-in ones too")
    reading.refuse()
    return build(known.values(), connection_types=connections.values(), event_types=events.values())


class _Reading:
    """One reading of a file, with what is wrong in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []

    def wrong(self, at: str, message: str, *, allowed: tuple[str, ...] = ()) -> None:
        self.faults.append(Fault(at, message, allowed))

    def refuse(self) -> None:
        """Raises Invalid if anything was wrong."""
        if self.faults:
            said = "; ".join(f"{fault.pointer} {fault.message}" for fault in self.faults[:5])
            raise Invalid(
                f"{self.path.name} can't be used: {said}.",
                cure=f"Correct {self.path.name} and start again.",
                faults=tuple(self.faults),
            )

    def file(self) -> _File:
        given: object = None
        try:
            given = tomllib.loads(self.path.read_text(encoding="utf-8"))
            return _File.model_validate(given)
        except ValidationError as error:
            self.faults += faults_of(error, given, at="")
        except ValueError as error:
            self.wrong("", f"is not TOML: {error}")
        self.refuse()
        return _File()

    def entity(
        self, name: str, table: _EntityTable, *, known: Mapping[str, EntityType]
    ) -> dict[str, EntityType]:
        at = f"/entities/{name}"
        self.new(name, {**known, **BASES}, at=at)
        bases = {**BASES, **{each.name: each.model for each in known.values()}}
        base = bases.get(table.extends)
        if base is None or issubclass(base, Person):
            near = nearest(table.extends, bases.keys() - {"creator", "audience_member"})
            self.wrong(f"{at}/extends", "is no type or group that can be extended", allowed=near)
            return {}
        singular = table.singular or name.replace("_", " ")
        facts: Facts = {
            "groups": (table.extends,),
            "singular": singular,
            "plural": table.plural or plural_of(singular),
            "synonyms": ", ".join(table.synonyms),
            "unique": tuple(table.unique),
            "search": table.search,
        }
        if table.visibility:
            facts["visibility"] = table.visibility
        kind = entity_type(self.model(name, table, base=base, facts=facts), extension=True)
        self.words_free(kind, known, at=at)
        self.keys_known(kind, at=at, most=INDEXED_ENTITY)
        return {name: kind}

    def connection(
        self, name: str, table: _ConnectionTable, *, known: Mapping[str, EntityType]
    ) -> ConnectionType:
        at = f"/connections/{name}"
        facts: Facts = {
            "ends": ((" ".join(table.from_), " ".join(table.to)),),
            "seen_by": table.seen_by,
            "written_by": table.written_by,
            "cardinality": table.cardinality,
            "roles": tuple(Role(word) for word in table.roles),
        }
        self.types_known(table.from_, known, at=f"{at}/from")
        self.types_known(table.to, known, at=f"{at}/to")
        model = self.model(name, table, base=Connection, facts=facts)
        kind = connection_type(model, known, extension=True)
        self.keys_known(kind, at=at, most=INDEXED_ENTITY)
        return kind

    def event(self, name: str, table: _EventTable, *, known: Mapping[str, EntityType]) -> EventType:
        at = f"/events/{name}"
        facts: Facts = {
            "subjects": " ".join(table.subjects),
            "seen_by": table.seen_by,
            "written_by": table.written_by,
        }
        self.types_known(table.subjects, known, at=f"{at}/subjects")
        model = self.model(name, table, base=Event, facts=facts)
        kind = event_type(model, known, extension=True)
        self.keys_known(kind, at=at, most=INDEXED_EVENT)
        return kind

    def model(
        self, name: str, table: _Table, *, base: type[Properties], facts: Facts
    ) -> type[Properties]:
        """The class that the table would be, were it written in Python."""
        taken = {field.alias for field in base.model_fields.values()}
        fields: dict[str, Any] = {}
        for key, kind in table.keys.items():
            at = f"{table.at}/{name}/{table.holder}/{key}"
            value = self.kind(kind, at=at)
            if key in taken:
                self.wrong(at, "is a key that every such thing has already")
            elif value is not None:
                fields[f"own_{key}"] = (value, Field(default=None, alias=key))
        shared: Facts = {
            "name": name,
            "family": "extension",
            "indexed": tuple(table.indexed),
            "private": tuple(table.private),
            "required": tuple(table.required),
        }
        return create_model(
            name,
            __base__=base,
            __doc__=table.doc or f"A {name.replace('_', ' ')}.",
            __cls_kwargs__={**facts, **shared},
            **fields,
        )

    def kind(self, written: str | list[str], *, at: str) -> object:
        """The annotation for a written kind: a word, a word with [], or a list of choices."""
        if isinstance(written, list):
            return cast("Any", Literal)[tuple(written)] | None
        value = cast("Any", KINDS.get(written.removesuffix("[]")))
        if value is None:
            near = nearest(written, KINDS)
            self.wrong(at, f"is of no known kind; did you mean {near[0]}?", allowed=near)
            return None
        if written.endswith("[]"):
            return cast("Any", Annotated)[list[value], Field(max_length=200)] | None
        return value | None

    def new(self, name: str, known: Iterable[str], *, at: str) -> None:
        if name in known:
            self.wrong(at, "is a name that is taken")

    def types_known(
        self, words: Iterable[str], known: Mapping[str, EntityType], *, at: str
    ) -> None:
        groups = {group for kind in known.values() for group in kind.groups}
        for word in words:
            if word not in known and word not in groups:
                near = nearest(word, {*known, *groups})
                self.wrong(at, f"names {word!r}, which is no type or group", allowed=near)

    def words_free(self, kind: EntityType, known: Mapping[str, EntityType], *, at: str) -> None:
        """No word may mean two types; only a type's own name may take over another's synonym."""
        own = {spelling(word) for word in (kind.name, kind.singular, kind.plural)}
        for other in known.values():
            theirs = {spelling(word) for word in (other.name, other.singular, other.plural)}
            for noun in nouns_of(kind):
                if noun in theirs or (noun not in own and noun in nouns_of(other)):
                    self.wrong(at, f"has the word {noun!r}, which means {other.name}")

    def keys_known(self, kind: Type, *, at: str, most: int) -> None:
        named = {"indexed": kind.indexed, "private": kind.private, "required": kind.required}
        if isinstance(kind, EntityType):
            named |= {"unique": kind.unique, "search": kind.searchable}
        for place, keys in named.items():
            for key in keys:
                if key.partition(".")[0] not in kind.keys:
                    near = nearest(key, kind.keys)
                    self.wrong(f"{at}/{place}", f"names {key!r}, which is no key", allowed=near)
        if len(kind.indexed) > most:
            self.wrong(f"{at}/indexed", f"has more than {most} keys, those of the base counted")
