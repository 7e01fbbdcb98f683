"""How a class becomes a type of the vocabulary.

A type is one class: its fields are the keys that it may carry, its docstring what it is, its class
keywords the rest (`class Course(Content, plural="courses", unique=("slug",))`). Keywords add to
those of the bases. Every key is optional on the class; `required` names those that must be there
when the whole is written.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import cached_property
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    TypedDict,
    Union,
    Unpack,
    cast,
    get_args,
    get_origin,
)

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from one.errors import JSON, Fault, Invalid
from one.ontology.values import free

Visibility = Literal["public", "members", "parties", "private"]
Sight = Literal["public", "ends", "owners"]
Writer = Literal["open", "owner", "owner_of_thing", "system"]
Cardinality = Literal["one_per_pair", "one_per_slot", "many"]
Transitions = Mapping[str, frozenset[str]]

STATUSES = ("active", "inactive", "draft", "published", "archived")

FREE_KEYS = 64
_FREE_KEY = re.compile(r"x_\w{1,62}")


@dataclass(frozen=True, slots=True)
class Role:
    """A word for a relation, seen from one of its ends.

    `CONNECT a to b as <word>` makes from = a, to = b; `flipped` turns the two. `metadata` is what
    the word says beside the type.
    """

    word: str
    flipped: bool = False
    metadata: Mapping[str, JSON] | None = None


class Facts(TypedDict, total=False):
    """What a class says of its type beside its fields; keys are named as on the wire."""

    name: str
    family: str
    groups: tuple[str, ...]
    also: dict[str, str]
    required: tuple[str, ...]
    defaults: dict[str, JSON]
    private: tuple[str, ...]
    indexed: tuple[str, ...]
    seen_by: Sight
    written_by: Writer
    use: str
    # entity types
    singular: str
    plural: str
    synonyms: str  # joined by commas
    visibility: Visibility
    initial: str
    transitions: Transitions
    search: dict[str, Literal["A", "B", "C"]]
    unique: tuple[str, ...]
    # connection types: each pair is (words for the from end, words for the to end)
    ends: tuple[tuple[str, str], ...]
    cardinality: Cardinality
    slot_key: str
    guarded: tuple[str, ...]
    limit_from: int
    limit_to: int
    roles: tuple[Role, ...]
    # event types
    subjects: str


class Properties(BaseModel):
    """The fields of one type: strict, optional, camelCase on the wire; free keys are `x_…`."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="allow",
        alias_generator=to_camel,
        allow_inf_nan=False,
        defer_build=True,
        protected_namespaces=(),
    )
    own_facts: ClassVar[Facts] = {}

    def __init_subclass__(cls, **facts: Unpack[Facts]) -> None:
        cls.own_facts = facts


_LISTS = ("groups", "required", "private", "indexed", "unique", "guarded")
_TABLES = ("also", "defaults", "search")


def facts_of(model: type[Properties]) -> Facts:
    """The keywords of a class and its bases: lists and tables add up, else the last one holds."""
    merged: dict[str, Any] = {}
    for base in reversed(model.__mro__):
        own = cast("dict[str, Any]", base.__dict__.get("own_facts", {}))
        for key, value in own.items():
            if key in merged and key in _LISTS:
                merged[key] = tuple(dict.fromkeys((*merged[key], *value)))
            elif key in merged and key in _TABLES:
                merged[key] = {**merged[key], **value}
            else:
                merged[key] = value
    return cast("Facts", merged)


def type_name(model: type[Properties]) -> str:
    """`AiClone` → `ai_clone`, unless the class says otherwise."""
    if "name" in model.own_facts:
        return model.own_facts["name"]
    return re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


def nearest(word: str, known: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """The `count` known words most like `word`, best first."""
    word = word[:64].lower()
    return tuple(
        sorted(known, key=lambda each: (-SequenceMatcher(None, word, each.lower()).ratio(), each))
    )[:count]


def _escaped(segment: object) -> str:
    return str(segment).replace("~", "~0").replace("/", "~1")


_SAYS = {
    "string_type": "must be text",
    "string_unicode": "must be readable text",
    "string_too_long": "must be at most {max_length} characters",
    "string_too_short": "must not be empty",
    "int_type": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be yes or no (true or false)",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "too_long": "must have at most {max_length} items",
    "too_short": "must have {min_length} or more items",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "greater_than": "must be more than {gt}",
    "less_than": "must be less than {lt}",
    "missing": "is required",
    "extra_forbidden": "is not known here",
    "value_error": "{error}",
    "recursion_loop": "must not hold itself",
}


def _pointer(given: object, location: tuple[int | str, ...], *, missing: bool) -> str:
    """The pointer to what is wrong; the branches of a union, which a location names, left out."""
    here, pointer = given, ""
    for place, segment in enumerate(location):
        if isinstance(here, Mapping) and segment in here:
            here = cast("Mapping[object, object]", here)[segment]
        elif isinstance(here, list) and isinstance(segment, int):
            here = cast("list[object]", here)[segment]
        elif not missing or place < len(location) - 1:
            continue
        pointer += "/" + _escaped(segment)
    return pointer


def faults_of(error: ValidationError, given: object, *, at: str) -> tuple[Fault, ...]:
    """One fault per wrong field, in the user's words, with a pointer below `at`."""
    said: dict[str, tuple[list[str], list[str]]] = {}
    for item in error.errors(include_url=False, include_input=False):
        pointer = at + _pointer(given, item["loc"], missing=item["type"] == "missing")
        messages, allowed = said.setdefault(pointer, ([], []))
        context = item.get("ctx", {})
        if item["type"] == "literal_error":
            values = re.findall(r"'([^']*)'", str(context["expected"]))
            allowed += [value for value in values if value not in allowed]
            message = "must be one of " + ", ".join(values)
        else:
            message = _SAYS.get(item["type"], "is not usable").format_map(context)
        if message not in messages:
            messages.append(message)
    return tuple(
        Fault(pointer, ", or ".join(messages), tuple(allowed))
        for pointer, (messages, allowed) in said.items()
    )


def _is_list(annotation: object) -> bool:
    """Whether only a list will do, if anything is there."""
    match get_origin(annotation):
        case None:
            return False
        case one if one is Annotated:
            return _is_list(get_args(annotation)[0])
        case one if one in (Union, UnionType):
            return all(_is_list(each) for each in get_args(annotation) if each is not NoneType)
        case one:
            return one is list


def _is_moment(annotation: object) -> bool:
    return annotation is datetime or any(_is_moment(one) for one in get_args(annotation))


@dataclass(frozen=True, eq=False)
class Type:
    """What entity, connection and event types share: a name and the keys they may carry."""

    at: ClassVar[str] = ""
    noun: ClassVar[str] = ""

    name: str
    doc: str
    model: type[Properties]
    facts: Facts
    groups: frozenset[str]
    extension: bool = False

    @property
    def family(self) -> str:
        return self.facts.get("family", "")

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every wire key that the type knows."""
        return frozenset(field.alias or name for name, field in self.model.model_fields.items())

    @cached_property
    def lists(self) -> frozenset[str]:
        """Wire keys that hold several values."""
        fields = self.model.model_fields.items()
        return frozenset(one.alias or name for name, one in fields if _is_list(one.annotation))

    @cached_property
    def moments(self) -> frozenset[str]:
        """Wire keys that hold a moment."""
        fields = self.model.model_fields.items()
        return frozenset(one.alias or name for name, one in fields if _is_moment(one.annotation))

    @cached_property
    def required(self) -> frozenset[str]:
        return frozenset(self.facts.get("required", ()))

    @cached_property
    def defaults(self) -> Mapping[str, JSON]:
        """What a whole writing says where the giver was silent."""
        return self.facts.get("defaults", {})

    @cached_property
    def private(self) -> frozenset[str]:
        """Wire keys that never leave through a general read."""
        return frozenset(self.facts.get("private", ()))

    @cached_property
    def indexed(self) -> tuple[str, ...]:
        """Dotted wire paths that may be filtered and sorted by."""
        return self.facts.get("indexed", ())

    @cached_property
    def also(self) -> Mapping[str, str]:
        """Other names of keys, rewritten when read."""
        return self.facts.get("also", {})

    def read(self, given: Mapping[str, object], *, partial: bool = False) -> dict[str, JSON]:
        """What is stored of `given`: settled values under known and free keys.

        A null takes a key away: left out of a whole, kept in a part (so that it can be merged).
        Raises Invalid with a fault per wrong field.
        """
        if given.keys() - self.keys:
            given = self._settled(given)
        given = self._part(given) if partial else self._whole(given)
        try:
            found = self.model.__pydantic_validator__.validate_python(
                given if isinstance(given, dict) else dict(given)
            )
        except ValidationError as error:
            raise self._invalid(faults_of(error, given, at=self.at)) from None
        stored = cast(
            "dict[str, JSON]",
            found.__pydantic_serializer__.to_python(
                found, mode="json", by_alias=True, exclude_unset=True, exclude_none=True
            ),
        )
        if partial and len(stored) < len(given):
            stored |= {key: None for key, value in given.items() if value is None}
        return stored

    def _whole(self, given: Mapping[str, object]) -> Mapping[str, object]:
        if self.defaults:
            given = {**self.defaults, **given}
        self._require(key for key in self.required if given.get(key) is None)
        return given

    def _part(self, given: Mapping[str, object]) -> Mapping[str, object]:
        self._require(key for key in self.required if key in given and given[key] is None)
        return given

    def _require(self, missing: Iterable[str]) -> None:
        faults = tuple(Fault(f"{self.at}/{key}", "is required") for key in sorted(missing))
        if faults:
            raise self._invalid(faults)

    def _settled(self, given: Mapping[str, object]) -> dict[str, object]:
        """With other names rewritten, free keys checked and unknown ones refused."""
        settled: dict[str, object] = {}
        faults: list[Fault] = []
        for key, value in given.items():
            if key in self.keys:
                settled[key] = value
            elif key in self.also:
                settled.setdefault(self.also[key], value)
            else:
                fault = self._stray(key, value)
                if fault:
                    faults.append(fault)
                settled[key] = value
        if len(settled.keys() - self.keys) > FREE_KEYS:
            faults.append(Fault(self.at, f"must not have more than {FREE_KEYS} free keys"))
        if faults:
            raise self._invalid(tuple(faults))
        return settled

    def _stray(self, key: object, value: object) -> Fault | None:
        if not isinstance(key, str):
            return Fault(self.at, "must have text as keys")
        pointer = f"{self.at}/{_escaped(key[:100])}"
        if not key.startswith("x_"):
            near = nearest(key, self.keys)
            return Fault(
                pointer,
                f"is not known for {self.name}"
                + (f"; did you mean {near[0]}?" if near else "")
                + " Free keys begin with x_.",
                near,
            )
        if not _FREE_KEY.fullmatch(key):
            return Fault(pointer, "must be x_ and up to 62 letters, digits or underscores")
        try:
            free(value)
        except ValueError as error:
            return Fault(pointer, str(error))
        return None

    def _invalid(self, faults: tuple[Fault, ...]) -> Invalid:
        first = faults[0]
        field = first.pointer.removeprefix(self.at).removeprefix("/") or self.at.removeprefix("/")
        return Invalid(
            f"This {self.name} can't be kept as it is: {field} {first.message}",
            cure="Correct the fields named and send it again.",
            faults=faults,
        )


@dataclass(frozen=True, eq=False)
class EntityType(Type):
    """A kind of thing."""

    at: ClassVar[str] = "/properties"
    noun: ClassVar[str] = "entity"

    @cached_property
    def singular(self) -> str:
        return self.facts.get("singular") or self.name.replace("_", " ")

    @cached_property
    def plural(self) -> str:
        return self.facts.get("plural") or self.singular + "s"

    @cached_property
    def synonyms(self) -> tuple[str, ...]:
        return tuple(filter(None, self.facts.get("synonyms", "").split(", ")))

    @cached_property
    def visibility(self) -> Visibility:
        return self.facts.get("visibility", "private")

    @cached_property
    def initial(self) -> str:
        return self.facts.get("initial", "active")

    @cached_property
    def transitions(self) -> Transitions:
        """Status → the statuses that may follow it."""
        return self.facts.get("transitions", {})

    @cached_property
    def searchable(self) -> Mapping[str, Literal["A", "B", "C"]]:
        """Wire key → its weight in search; the name is always A."""
        return self.facts.get("search", {})

    @cached_property
    def guarded(self) -> frozenset[str]:
        """Wire keys that ONE and staff alone may set: what a thing may not say of itself."""
        return frozenset(self.facts.get("guarded", ()))

    @cached_property
    def unique(self) -> tuple[str, ...]:
        """Wire keys whose value no two live things of this type share in a space."""
        return self.facts.get("unique", ())

    def validate(
        self, properties: Mapping[str, object], *, partial: bool = False
    ) -> dict[str, JSON]:
        """See `Type.read`; pointers begin with /properties."""
        return self.read(properties, partial=partial)

    def check_status(self, before: str | None, after: str) -> None:
        """Raises Invalid unless such a thing may go from `before` (None: new) to `after`."""
        allowed = self.transitions if before is None else self.transitions.get(before, frozenset())
        if after in allowed or (after == before and after in self.transitions):
            return
        names = tuple(status for status in STATUSES if status in allowed)
        message = (
            f"A {self.singular} has no status {after[:40]!r}."
            if after not in self.transitions
            else f"A {self.singular} that is {before} can't become {after}."
        )
        raise Invalid(
            message,
            cure="Use one of: " + ", ".join(names) + ".",
            faults=(Fault("/status", "must be one of " + ", ".join(names), names),),
        )


@dataclass(frozen=True, eq=False)
class ConnectionType(Type):
    """A kind of relation from one entity to another."""

    at: ClassVar[str] = "/metadata"
    noun: ClassVar[str] = "connection"

    pairs: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()

    @property
    def allow_self(self) -> bool:
        return False

    @property
    def cardinality(self) -> Cardinality:
        """How many may live between the same two: one, one per `slot_key` value, or any number."""
        return self.facts.get("cardinality", "one_per_pair")

    @property
    def many(self) -> bool:
        return self.cardinality != "one_per_pair"

    @property
    def slot_key(self) -> str:
        return self.facts.get("slot_key", "")

    @cached_property
    def guarded(self) -> frozenset[str]:
        """Keys that only the owner of the to end may set, whoever else may write it."""
        return frozenset(self.facts.get("guarded", ()))

    @property
    def limit_from(self) -> int | None:
        """How many live ones may leave one entity."""
        return self.facts.get("limit_from")

    @property
    def limit_to(self) -> int | None:
        """How many live ones may reach one entity."""
        return self.facts.get("limit_to")

    @property
    def seen_by(self) -> Sight:
        return self.facts.get("seen_by", "ends")

    @property
    def written_by(self) -> Writer:
        return self.facts.get("written_by", "owner")

    @property
    def use(self) -> str:
        """The operation that writes a system-written one."""
        return self.facts.get("use", "")

    @property
    def roles(self) -> tuple[Role, ...]:
        return self.facts.get("roles", ())

    def slot(self, metadata: Mapping[str, object], row_id: object) -> str:
        """The key that is unique per live pair: "", the slot key's value, or the row's own id."""
        if self.cardinality == "many":
            return str(row_id)
        return str(metadata.get(self.slot_key, "")) if self.slot_key else ""

    def validate(self, metadata: Mapping[str, object], *, partial: bool = False) -> dict[str, JSON]:
        """See `Type.read`; pointers begin with /metadata."""
        return self.read(metadata, partial=partial)

    def fits(self, from_type: str, to_type: str) -> bool:
        """Whether such a connection may go from one of `from_type` to one of `to_type`."""
        return any(from_type in left and to_type in right for left, right in self.pairs)

    def check_ends(self, from_type: str, to_type: str) -> None:
        """Raises Invalid naming the types allowed, unless `fits`."""
        if self.fits(from_type, to_type):
            return
        froms = {name for left, _ in self.pairs for name in left}
        tos = {name for left, right in self.pairs if from_type in left for name in right}
        end, allowed = ("to", tos) if from_type in froms else ("from", froms)
        names = tuple(sorted(allowed))
        raise Invalid(
            f"{self.name} can't go from {from_type[:64]} to {to_type[:64]}.",
            cure=f"The {end} end of {self.name} may be: " + ", ".join(names) + ".",
            faults=(Fault(f"/{end}", f"has a type that {self.name} doesn't take here", names),),
        )


@dataclass(frozen=True, eq=False)
class EventType(Type):
    """A kind of thing that happened."""

    at: ClassVar[str] = "/metadata"
    noun: ClassVar[str] = "event"

    subjects: frozenset[str] = frozenset()
    """The entity types that it may be about; empty: any."""

    @property
    def seen_by(self) -> Sight:
        return self.facts.get("seen_by", "owners")

    @property
    def written_by(self) -> Writer:
        return self.facts.get("written_by", "owner")

    @property
    def use(self) -> str:
        """The operation that writes a system-written one."""
        return self.facts.get("use", "")

    def validate(self, metadata: Mapping[str, object], *, partial: bool = False) -> dict[str, JSON]:
        """See `Type.read`; pointers begin with /metadata."""
        return self.read(metadata, partial=partial)

    def check_subject(self, entity_type: str) -> None:
        """Raises Invalid naming the types allowed, unless such an event may be about this type."""
        if not self.subjects or entity_type in self.subjects:
            return
        names = tuple(sorted(self.subjects))
        raise Invalid(
            f"{self.name} can't be about a {entity_type[:64]}.",
            cure=f"{self.name} may be about: " + ", ".join(names) + ".",
            faults=(Fault("/entity", f"has a type that {self.name} isn't about", names),),
        )
