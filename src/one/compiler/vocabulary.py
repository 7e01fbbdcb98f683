"""The words of a deployment as the compiler sees them: types, relations, events, services.

A `Vocabulary` is built once (by app) from the ontology and the service catalogue and is never
changed; the same vocabulary and the same text give the same program.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from one.compiler.diagnosis import within_one
from one.compiler.kinds import (
    ANY_JSON,
    BOOLEAN,
    DATETIME,
    DURATION,
    INTEGER,
    MONEY,
    NUMBER,
    PEOPLE,
    RATIO,
    SHARE,
    TEXT,
    Base,
    Kind,
    list_of,
)
from one.compiler.people import MORE_PEOPLE
from one.ontology import Ontology
from one.ontology.services import Action, Service
from one.ontology.types import ConnectionType, EntityType, EventType, Role, Type
from one.ontology.values import Date, Duration, Money, Ratio, Seconds, Share, When
from one.ontology.words import IRREGULAR, PERSON_WORDS, plural_of

STATUSES = ("active", "inactive", "draft", "published", "archived")
COLUMNS: Mapping[str, Kind] = {
    "id": TEXT,
    "type": TEXT,
    "name": TEXT,
    "status": Kind(Base.TEXT, values=STATUSES),
    "visibility": TEXT,
    "createdAt": DATETIME,
    "updatedAt": DATETIME,
    "version": INTEGER,
}
"""What every thing has beside its properties."""

CONNECTION_COLUMNS: Mapping[str, Kind] = {
    "id": TEXT,
    "type": TEXT,
    "fromEntityId": TEXT,
    "toEntityId": TEXT,
    "relationshipType": TEXT,
    "strength": RATIO,
    "validFrom": DATETIME,
    "validTo": DATETIME,
    "createdAt": DATETIME,
}
EVENT_COLUMNS: Mapping[str, Kind] = {
    "id": TEXT,
    "type": TEXT,
    "eventType": TEXT,
    "entityId": TEXT,
    "actorId": TEXT,
    "timestamp": DATETIME,
    "occurredAt": DATETIME,
    "sessionId": TEXT,
}


@lru_cache(maxsize=65_536)
def singular(word: str) -> str:
    """`courses` → `course`; words that only look plural stay."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or word.endswith(("ss", "us", "is")) or not word.endswith("s"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]


_IRREGULAR = {
    "people": "person",
    "children": "child",
    "salespeople": "salesperson",
    **{
        word: word
        for word in (
            "news",
            "series",
            "status",
            "address",
            "access",
            "progress",
            "bonus",
            "analysis",
            "process",
            "class",
            "success",
            "canvas",
            "business",
            "previous",
            "always",
            "plus",
            "minus",
            "times",
            "has",
            "was",
            "is",
            "this",
            "its",
            "as",
            "less",
            "unless",
        )
    },
}


def plural(word: str) -> str:
    """`course` → `courses`."""
    return IRREGULAR.get(word) or plural_of(word)


@lru_cache(maxsize=65_536)
def key_of(name: str) -> str:
    """The one form of a name: `video links`, `videoLinks`, `Video-Links` → `videolinks`."""
    return re.sub(r"[^a-z0-9]+", "", name.casefold())


@lru_cache(maxsize=65_536)
def camel(name: str) -> str:
    """The name as programs spell it: `video links` → `videoLinks`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", spaced) if part]
    if not parts:
        return ""
    head, rest = parts[0].lower(), parts[1:]
    text = head + "".join(part[:1].upper() + part[1:].lower() for part in rest)
    return text if not text[0].isdigit() else "n" + text


@lru_cache(maxsize=65_536)
def spaced(name: str) -> str:
    """The name as people write it: `videoLinks` → `video links`."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z]A)(?=[A-Z][a-z])", " ", name)
    parts = parts.replace("_", " ")
    return " ".join(
        part if part in {"ID", "AI", "URL", "NFT"} else part.lower() for part in parts.split()
    )


_ALIASES: tuple[tuple[object, Kind], ...] = (
    (Share, SHARE),
    (Ratio, RATIO),
    (Seconds, DURATION),
    (Duration, DURATION),
    (When, DATETIME),
    (Date, DATETIME),
)


def kind_of(annotation: object) -> Kind:
    """The kind of a property from the annotation of its field."""
    for alias, kind in _ALIASES:
        if annotation == alias:
            return kind
    origin = get_origin(annotation)
    if origin is Annotated:
        return kind_of(get_args(annotation)[0])
    if origin in (Union, UnionType):
        inner = [kind_of(arg) for arg in get_args(annotation) if arg is not type(None)]
        if MONEY in inner and len(inner) > 1:
            return ANY_JSON
        return inner[0] if len(inner) == 1 or inner[0] == inner[-1] else _mixed(inner)
    if origin is Literal:
        return Kind(Base.TEXT, values=tuple(str(arg) for arg in get_args(annotation)))
    if origin in (list, tuple):
        return list_of(kind_of(get_args(annotation)[0]))
    return _plain_kind(annotation)


def _mixed(inner: Sequence[Kind]) -> Kind:
    return NUMBER if all(kind.numeric for kind in inner) else ANY_JSON


def _plain_kind(annotation: object) -> Kind:
    if not isinstance(annotation, type):
        return ANY_JSON
    if issubclass(annotation, Money):
        return MONEY
    if issubclass(annotation, BaseModel):
        return ANY_JSON
    for plain, kind in ((bool, BOOLEAN), (int, INTEGER), (float, NUMBER), (str, TEXT)):
        if issubclass(annotation, plain):
            return kind
    return ANY_JSON


@dataclass(frozen=True)
class Words:
    """A type of the ontology with its keys as words. `keys`: `key_of` spellings → wire keys."""

    name: str
    kinds: Mapping[str, Kind]
    private: frozenset[str]
    required: frozenset[str]
    defaults: frozenset[str]
    also: Mapping[str, str] = field(default_factory=dict[str, str])
    titled: bool = True
    """Whether what is of this type has a name of its own: things do, what happens does not."""

    @cached_property
    def keys(self) -> Mapping[str, str]:
        own = {key_of(key): key for key in self.kinds}
        return own | {key_of(word): key for word, key in self.also.items()}

    def key(self, name: str) -> str | None:
        """The wire key that a name means, or None."""
        wanted = key_of(name)
        found = self.keys.get(wanted) or self.keys.get(key_of(singular(wanted)))
        if found is None and wanted in _WRITTEN:
            return self.keys.get("text") or self.keys.get("content")
        return found

    def near(self, name: str) -> str | None:
        """The wire key within one letter of the name."""
        wanted = key_of(name)
        if len(wanted) < 4:
            return None
        return next((key for spelt, key in self.keys.items() if within_one(wanted, spelt)), None)


_WRITTEN = frozenset({"body", "text", "bodytext", "fulltext"})
"""What people call that which stands in a post, a lesson, a letter."""


def _words_of(kind: Type) -> Words:
    kinds: dict[str, Kind] = {}
    for name, info in kind.model.model_fields.items():
        annotation = info.annotation
        if info.metadata:
            annotation = Annotated[(annotation, *info.metadata)]  # pyright: ignore[reportInvalidTypeForm] # made at run time
        kinds[info.alias or name] = kind_of(annotation)
    for word, key in kind.also.items():
        if key in kinds:
            kinds.setdefault(word, kinds[key])
    defaults, titled = frozenset(kind.defaults), isinstance(kind, EntityType)
    return Words(kind.name, kinds, kind.private, kind.required, defaults, kind.also, titled)


@dataclass(frozen=True)
class FeatureFace:
    """What another feature takes and gives, kinds by name; the slugs of those that it uses.

    `line` is where it stands in the text being read, 0 when it stands elsewhere. `revision` is the
    digest that whoever uses somebody else's feature accepts, empty for one's own.
    """

    slug: str
    title: str
    inputs: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    outputs: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    calls: tuple[str, ...] = ()
    line: int = 0
    revision: str = ""


PAID = frozenset({"transacted", "payment_processed"})
HELD = frozenset({"holds", "token_transacted", "token_staked", "nft_minted"})
FACTS = PAID | HELD
"""Relations and events of money and tokens: only what moves them writes them."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Everything the compiler may know beside the text. `uncharged`: why nobody can be charged at
    once where it is to run.
    """

    ontology: Ontology
    services: tuple[Service, ...] = ()
    features: tuple[FeatureFace, ...] = ()
    currency: str = "usd"
    zone: str = "UTC"
    has_model: bool = True
    payment: str = "stripe"
    uncharged: str = ""
    signals: frozenset[str] = frozenset()
    words: str = ""

    @cached_property
    def entity_words(self) -> Mapping[str, str]:
        """Every noun for a type, singular and plural, as `key_of` spells it, to the type's name."""
        return {key_of(word): name for word, name in self.ontology.words.entities.items()}

    @cached_property
    def person_words(self) -> frozenset[str]:
        """Singular nouns for people."""
        own = {
            key_of(word) for word, name in self.ontology.words.entities.items() if name in PEOPLE
        }
        return frozenset(own | MORE_PEOPLE | {key_of(word) for word in PERSON_WORDS})

    @cached_property
    def plurals(self) -> frozenset[str]:
        """Nouns for several things of a type."""
        found = {key_of(kind.plural) for kind in self.ontology.entities.values()}
        for kind in self.ontology.entities.values():
            found |= {key_of(plural(word)) for word in (kind.singular, *kind.synonyms)}
        return frozenset(found | {key_of(plural(w)) for w in self.person_words} | {"people"})

    def entity_of(self, word: str) -> str | None:
        """The type that a noun means."""
        wanted = key_of(word)
        return self.entity_words.get(wanted) or self.entity_words.get(key_of(singular(wanted)))

    def is_person_word(self, word: str) -> bool:
        wanted = key_of(word)
        return wanted in self.person_words or singular(wanted) in self.person_words

    def entity(self, name: str) -> Words:
        return self._words_of(self.ontology.entities[name])

    def connection(self, name: str) -> Words:
        return self._words_of(self.ontology.connections[name])

    def ends(self, relation: str, *, at: int) -> frozenset[str]:
        """The types that a relation goes from (0) or to (1)."""
        known = self._ends.get((relation, at))
        if known is None:
            pairs = self.connection_types[relation].pairs
            known = self._ends[relation, at] = frozenset(one for pair in pairs for one in pair[at])
        return known

    @cached_property
    def _ends(self) -> dict[tuple[str, int], frozenset[str]]:
        """Those asked for so far."""
        return {}

    def event(self, name: str) -> Words:
        return self._words_of(self.ontology.events[name])

    def _words_of(self, kind: Type) -> Words:
        words = self._words.get(kind.model)
        if words is None:
            words = self._words[kind.model] = _words_of(kind)
        return words

    @cached_property
    def _words(self) -> dict[type[BaseModel], Words]:
        """The types asked for so far."""
        return {}

    def knowing(self, faces: Iterable[FeatureFace], *, words: str = "") -> "Vocabulary":
        """The same, with these features before the others and these phrases as the project's.

        What was made of the words is kept, which `replace` would have made anew.
        """
        known = copy(self)
        known.__dict__.update(features=(*faces, *self.features), words=words or self.words)
        known.__dict__.pop("_faces", None)
        return known

    @property
    def entity_types(self) -> Mapping[str, EntityType]:
        return self.ontology.entities

    @property
    def connection_types(self) -> Mapping[str, ConnectionType]:
        return self.ontology.connections

    @property
    def event_types(self) -> Mapping[str, EventType]:
        return self.ontology.events

    @cached_property
    def private_keys(self) -> frozenset[str]:
        """Every key that some type keeps from a general look."""
        types: Iterable[Type] = (
            *self.ontology.entities.values(),
            *self.ontology.connections.values(),
            *self.ontology.events.values(),
        )
        return frozenset(key for kind in types for key in kind.private)

    @cached_property
    def roles(self) -> Mapping[str, tuple[tuple[str, Role], ...]]:
        """Role word → the relations it may mean with the role."""
        found: dict[str, list[tuple[str, Role]]] = {}
        for kind in self.ontology.connections.values():
            plain = Role(kind.name.replace("_", " "))
            for role in (plain, *kind.roles):
                entries = found.setdefault(key_of(role.word), [])
                if all(name != kind.name for name, _ in entries):
                    entries.append((kind.name, role))
        return {word: tuple(entries) for word, entries in found.items()}

    def relations_between(self, left: Iterable[str], right: Iterable[str]) -> list[str]:
        """The relations that may go from one of the left types to one of the right ones."""
        rights = tuple(right)
        lefts = tuple(left)
        return [
            kind.name
            for kind in self.ontology.connections.values()
            if any(kind.fits(a, b) for a in lefts for b in rights)
        ]

    def property_kind(self, types: Iterable[str], key: str) -> tuple[str, Kind] | None:
        """The wire key and kind of a property or column that one of the types has."""
        wanted = camel(key)
        for name in sorted(types):
            if name not in self.ontology.entities:
                continue
            words = self.entity(name)
            found = words.key(key)
            if found:
                return found, words.kinds[found]
        if wanted in COLUMNS:
            return wanted, COLUMNS[wanted]
        return None

    def statuses(self, types: Iterable[str]) -> list[str]:
        """Those that a thing of one of the types can have; none where a type is not known."""
        kinds = [self.entity_types.get(name) for name in types]
        found = {one for kind in kinds if kind is not None for one in kind.transitions}
        return [] if None in kinds else [one for one in STATUSES if one in found] or list(STATUSES)

    @cached_property
    def service_words(self) -> Mapping[str, Service]:
        return {
            key_of(word): service
            for service in self.services
            for word in (service.name, service.title, *service.words)
        }

    def service(self, word: str) -> Service | None:
        return self.service_words.get(key_of(word))

    def action(self, provider: str, method: str) -> Action | None:
        service = next((one for one in self.services if one.name == provider), None)
        return service.by_name.get(method) if service else None

    def feature(self, title: str) -> FeatureFace | None:
        """The feature of a title or a slug."""
        return self._faces.get(key_of(title))

    @cached_property
    def _faces(self) -> Mapping[str, FeatureFace]:
        """The features by title and by slug; the first of a name counts."""
        named = ((name, one) for one in self.features for name in (one.title, one.slug))
        return {key_of(name): one for name, one in reversed(list(named))}
