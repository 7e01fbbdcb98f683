"""The vocabulary as a page of documentation (docs/ontology.md)."""

from collections.abc import Iterable, Mapping
from typing import cast

from one.errors import JSON
from one.ontology.document import Definition, definitions_of
from one.ontology.registry import Ontology
from one.ontology.types import STATUSES, ConnectionType, EntityType, Type

HEAD = """\
# The ontology

<!-- Written by `make docs` from src/one/ontology; edit that. -->

Everything that people model in ONE is an **entity** (a thing), a **connection** (from one thing to
another), an **event** (something that happened to a thing) or a **tag**.

```mermaid
erDiagram
    ENTITY ||--o{{ CONNECTION : "from"
    ENTITY ||--o{{ CONNECTION : "to"
    ENTITY ||--o{{ EVENT : "is about"
    ENTITY |o--o{{ EVENT : "acts in"
    ENTITY }}o--o{{ TAG : "bears"
    ENTITY {{ text type  text name  text status  text visibility  json properties }}
    CONNECTION {{ text type  json metadata  number strength  time validFrom  time validTo }}
    EVENT {{ text type  json metadata  time occurredAt  text actorType }}
    TAG {{ text category  text name }}
```

{entities} entity types, {connections} connection types, {events} event types, {tags} tag
categories. Every key is optional unless it says *required*; besides these a thing may carry free
keys that begin with `x_` (any JSON, up to 32 KiB and 8 levels). Keys marked *private* never leave
through a general read; those marked *indexed* may be filtered and sorted by; *unique* ones are
shared by no two live things of a type. Money is `{{"amount": <minor units>, "currency": "eur"}}`,
shares are basis points (10,000 is the whole), other ratios are 0 to 1, moments are RFC 3339 in UTC,
planned durations are written `90s`, `45m`, `24h`, `7d`; measured ones are seconds.

The same as JSON Schema: `GET /api/ontology`. How to add types of your own:
[extending.md](extending.md).
"""


def describe(ontology: Ontology) -> str:
    """The whole vocabulary in Markdown."""
    parts = [
        HEAD.format(
            entities=len(ontology.entities),
            connections=len(ontology.connections),
            events=len(ontology.events),
            tags=len(ontology.tag_categories),
        ),
        "## Tag categories\n",
        _table(
            ("category", "what it says"),
            rows=[(f"`{each.name}`", each.doc) for each in ontology.tag_categories.values()],
        ),
        "## Entity types\n",
        *(_entity(kind) for kind in ontology.entities.values()),
        "## Connection types\n",
        *(_connection(kind, ontology.entities) for kind in ontology.connections.values()),
        "## Event types\n",
    ]
    for kind in ontology.events.values():
        about = _types(kind.subjects, ontology.entities) if kind.subjects else "anything"
        facts = f"About {about}. Seen by: {_sight(kind.seen_by)}. {_writer(kind.written_by)}"
        parts.append(_section(kind, facts))
    return "\n".join(parts)


def _entity(kind: EntityType) -> str:
    words = ", ".join(dict.fromkeys((kind.singular, kind.plural, *kind.synonyms)))
    after = "; ".join(
        f"{status} → {', '.join(s for s in STATUSES if s in kind.transitions[status])}"
        for status in STATUSES
        if status in kind.transitions
    )
    return _section(
        kind,
        f"Words: {words}. Seen by: {_VISIBILITY[kind.visibility]}. "
        f"Begins as {kind.initial}; {after}.",
    )


def _connection(kind: ConnectionType, entities: Mapping[str, EntityType]) -> str:
    ends = "; ".join(
        f"{_types(left, entities)} → {_types(right, entities)}" for left, right in kind.pairs
    )
    words = ", ".join(role.word + (" (turned)" if role.flipped else "") for role in kind.roles)
    count = {
        "one_per_pair": "One between the same two",
        "one_per_slot": f"One between the same two for each `{kind.slot_key}`",
        "many": "Any number between the same two",
    }[kind.cardinality]
    limit = f", {kind.limit_from} from each" if kind.limit_from else ""
    return _section(
        kind,
        f"{ends}. Words: {words}. {count}{limit}. Seen by: {_sight(kind.seen_by)}. "
        + _writer(kind.written_by),
    )


_VISIBILITY = {
    "public": "everybody, once it is published or active",
    "members": "the members of what it belongs to",
    "parties": "its parties",
    "private": "its owner",
}


def _sight(seen_by: str) -> str:
    return {"public": "everybody", "ends": "both ends", "owners": "its owners"}[seen_by]


def _writer(written_by: str) -> str:
    return {
        "open": "Written by anybody signed in.",
        "owner": "Written by the owner of where it begins.",
        "owner_of_thing": "Written by the owner of the thing it is about.",
        "system": "Written only by the operation that moves what it tells of.",
    }[written_by]


def _types(names: Iterable[str], entities: Mapping[str, EntityType]) -> str:
    """The shortest way to say a set of types: groups first, then what is left."""
    left, said = set(names), list[str]()
    for group in ("thing", "person", "agent", "content", "product"):
        members = {name for name, kind in entities.items() if group in kind.groups}
        if members and members <= left:
            said.append(f"any {group}")
            left -= members
    return ", ".join(said + [f"`{name}`" for name in sorted(left)])


def _section(kind: Type, facts: str) -> str:
    definition, _ = definitions_of(kind)
    properties = cast("dict[str, Definition]", definition["properties"])
    rows = [(f"`{key}`", _kind(field), _marks(kind, key)) for key, field in properties.items()]
    return f"### {kind.name}\n\n{kind.doc} {facts}\n\n" + _table(("key", "kind", ""), rows=rows)


def _marks(kind: Type, key: str) -> str:
    unique = kind.unique if isinstance(kind, EntityType) else ()
    indexed = {path.partition(".")[0] for path in kind.indexed}
    marks = {
        "required": key in kind.required,
        "private": key in kind.private,
        "indexed": key in indexed,
        "unique": key in unique,
    }
    return ", ".join(mark for mark, is_so in marks.items() if is_so)


def _kind(field: JSON) -> str:
    match field:
        case {"$ref": str(reference)}:
            return reference.rpartition(".")[2]
        case {"x-of": list(types)}:
            return f"id of {' or '.join(map(str, types))}"
        case {"type": "string", "format": str(form)}:
            return _FORMATS.get(form, form)
        case {"enum": list(choices)}:
            return " · ".join(str(choice) for choice in choices)
        case {"const": only}:
            return str(only)
        case {"anyOf": list(branches)}:
            return " or ".join(dict.fromkeys(_kind(branch) for branch in branches))
        case {"type": "array", "items": dict(item)}:
            return f"list of {_kind(item)}"
        case {"type": "string", "maxLength": int(longest)}:
            return f"text, up to {longest:,}"
        case {"type": str(kind)}:
            return _WORDS.get(kind, kind) + _bounds(field)
        case _:
            return "any JSON"


def _bounds(field: Mapping[str, JSON]) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return ""
    if high < 1e9:
        return f", {low:g} to {high:g}"
    return ", 0 or more" if low == 0 else ""


_FORMATS = {
    "date-time": "moment",
    "date": "day",
    "uuid": "id",
    "uri-reference": "web address",
    "email": "e-mail address",
    "phone": "phone number",
    "length-of-time": "length of time",
    "locale": "language code",
    "time-zone": "time zone",
    "country": "country code",
    "sha256": "SHA-256",
    "color": "colour",
}
_WORDS = {"integer": "whole number", "string": "text", "boolean": "yes or no", "object": "table"}


def _table(head: tuple[str, ...], *, rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
