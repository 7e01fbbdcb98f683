"""The ontology as a whole: the built-in types and those that a deployment adds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType, ModuleType
from typing import TypeVar, cast

import orjson

from one.errors import JSON, Fault, Invalid
from one.ontology import business, connections, entities, events
from one.ontology.document import definitions_of, facts_shown
from one.ontology.families import Entity
from one.ontology.tags import TAG_CATEGORIES, TagCategory
from one.ontology.types import (
    ConnectionType,
    EntityType,
    EventType,
    Properties,
    Type,
    facts_of,
    nearest,
    type_name,
)
from one.ontology.words import CONNECTION_ALIASES, EVENT_ALIASES, Alias, Words, words_of

T = TypeVar("T", bound=Type)


def _classes(module: ModuleType, root: type[Properties]) -> list[type[Properties]]:
    return [
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, root)
        and each is not root
        and each.__module__ == module.__name__
    ]


def _doc(model: type[Properties]) -> str:
    return " ".join((model.__doc__ or "").split())


def entity_type(model: type[Properties], *, extension: bool = False) -> EntityType:
    """The type that a class declares."""
    facts = facts_of(model)
    groups = set(facts.get("groups", ()))
    if "person" not in groups:
        groups.add("thing")
    return EntityType(type_name(model), _doc(model), model, facts, frozenset(groups), extension)


def expand(words: str, known: Mapping[str, EntityType]) -> frozenset[str]:
    """Types and groups, separated by spaces → types, with those that extend them."""
    asked = set(words.split())
    return frozenset(
        name for name, entity in known.items() if name in asked or entity.groups & asked
    )


def connection_type(
    model: type[Properties], known: Mapping[str, EntityType], *, extension: bool = False
) -> ConnectionType:
    """The type that a class declares, its ends resolved against the entity types."""
    facts = facts_of(model)
    pairs = tuple(
        (expand(left, known), expand(right, known)) for left, right in facts.get("ends", ())
    )
    return ConnectionType(
        type_name(model), _doc(model), model, facts, frozenset(), extension, pairs=pairs
    )


def event_type(
    model: type[Properties], known: Mapping[str, EntityType], *, extension: bool = False
) -> EventType:
    """The type that a class declares, its subjects resolved against the entity types."""
    facts = facts_of(model)
    subjects = expand(facts.get("subjects", ""), known)
    return EventType(
        type_name(model), _doc(model), model, facts, frozenset(), extension, subjects=subjects
    )


def _one(table: Mapping[str, T], name: str, *, noun: str) -> T:
    found = table.get(name)
    if found is None:
        near = nearest(name, table)
        raise Invalid(
            f"There is no {noun} type {name[:64]!r}.",
            cure="Did you mean " + ", ".join(near[:-1]) + f" or {near[-1]}?",
            faults=(Fault("/type", f"is no {noun} type", near),),
        )
    return found


@dataclass(frozen=True, eq=False)
class Ontology:
    """Every type that a deployment knows; never changes once built."""

    entities: Mapping[str, EntityType]
    connections: Mapping[str, ConnectionType]
    events: Mapping[str, EventType]
    tag_categories: Mapping[str, TagCategory]

    def entity(self, name: str) -> EntityType:
        """By canonical name. Raises Invalid with the three nearest names."""
        return _one(self.entities, name, noun="entity")

    def connection(self, name: str) -> ConnectionType:
        """By canonical name. Raises Invalid with the three nearest names."""
        return _one(self.connections, name, noun="connection")

    def event(self, name: str) -> EventType:
        """By canonical name. Raises Invalid with the three nearest names."""
        return _one(self.events, name, noun="event")

    @cached_property
    def document(self) -> dict[str, JSON]:
        """The published JSON Schema, made once."""
        return json_schema(self)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the whole vocabulary: schemas, facts, aliases. Changes when a meaning does."""
        return sha256(orjson.dumps(self.document, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @cached_property
    def words(self) -> Words:
        """English ↔ types."""
        return words_of(
            self.entities.values(),
            connections=self.connections.values(),
            events=self.events.values(),
        )


def json_schema(ontology: Ontology) -> dict[str, JSON]:
    """One JSON Schema document: `entity.<type>`, `connection.<type>`, `event.<type>` in `$defs`.

    Each describes what is stored: the properties of an entity, the metadata of the others. What is
    no matter of JSON Schema (ends, statuses, who sees and who writes) is beside it under `x-one`.
    """
    definitions: dict[str, JSON] = {}
    tables = (ontology.entities, ontology.connections, ontology.events)
    for kind in (kind for table in tables for kind in table.values()):
        definition, values = definitions_of(kind)
        definitions[f"{kind.noun}.{kind.name}"] = {**definition, "x-one": facts_shown(kind)}
        definitions |= {f"value.{name}": cast("JSON", value) for name, value in values.items()}
    aliases = {
        "connections": {alias.name: _meaning(alias) for alias in CONNECTION_ALIASES},
        "events": {alias.name: _meaning(alias) for alias in EVENT_ALIASES},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The ONE ontology",
        "$defs": definitions,
        "x-aliases": cast("JSON", aliases),
        "x-tag-categories": {each.name: each.doc for each in ontology.tag_categories.values()},
    }


def _meaning(alias: Alias) -> JSON:
    return {"type": alias.type, "metadata": dict(alias.metadata), "connection": alias.connection}


def build(
    entity_types: Iterable[EntityType],
    *,
    connection_types: Iterable[ConnectionType],
    event_types: Iterable[EventType],
) -> Ontology:
    """An ontology of these types."""
    return Ontology(
        entities=MappingProxyType({each.name: each for each in entity_types}),
        connections=MappingProxyType({each.name: each for each in connection_types}),
        events=MappingProxyType({each.name: each for each in event_types}),
        tag_categories=MappingProxyType(TAG_CATEGORIES),
    )


def built_in_entities() -> dict[str, EntityType]:
    """The 50."""
    models = [*_classes(entities, Entity), *_classes(business, Entity)]
    return {type_name(model): entity_type(model) for model in models}


def complete(entity_types: Mapping[str, EntityType]) -> Ontology:
    """The built-in connections and events over these entity types."""
    return build(
        entity_types.values(),
        connection_types=[
            connection_type(model, entity_types)
            for model in _classes(connections, connections.Connection)
        ],
        event_types=[event_type(model, entity_types) for model in _classes(events, events.Event)],
    )
