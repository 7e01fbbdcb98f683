"""What may be asked of each of the four tables, and how it is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from one.ontology import Ontology
from one.store.filters import RANGES, Field, Filter, refuse
from one.store.listing import Listing, Order
from one.store.session import (
    Session,
    connection_columns,
    entity_columns,
    event_columns,
    tag_columns,
)
from one.store.sight import (
    SEEN_STATUSES,
    Narrowed,
    Viewer,
    connection_branches,
    entity_branches,
    event_branches,
    live,
    met,
    named,
    tag_branches,
)
from one.store.slots import Type, slots_of

_KEPT = 500  # lists of things, ready to be read
_APART = 3  # buffers to read what a row keeps apart for its length
_ID = Field("x.id", "id")
_TYPE, _STATUS, _CATEGORY = (Field(f"x.{name}", "text") for name in ("type", "status", "category"))


@dataclass(frozen=True, slots=True)
class Ask:
    """Filters and an order (`createdAt`, `-createdAt`, …) on a table. No type: every type."""

    types: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    order: str = ""


@dataclass(frozen=True, slots=True)
class EntityAsk(Ask):
    """`text`: words that the thing's text holds. `owner`: whose it is. `deleted`: what was deleted
    instead.

    `tagged` is the category and key of a tag that need not be there yet.
    """

    status: str | None = None
    tag: UUID | None = None
    tagged: tuple[str, str] | None = None
    text: str | None = None
    ids: tuple[UUID, ...] = ()
    owner: UUID | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionAsk(Ask):
    """Those that hold now, or held at `as_of`, or, with `ended`, all there ever were."""

    from_id: UUID | None = None
    to_id: UUID | None = None
    as_of: datetime | None = None
    ended: bool = False
    ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class EventAsk(Ask):
    entity_id: UUID | None = None
    actor_id: UUID | None = None
    session: str | None = None
    ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class TagAsk(Ask):
    category: str | None = None
    ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asking:
    """Whoever asks the same in the same standing is read the same list; `text` is the ask's."""

    ask: EntityAsk = field(compare=False)
    text: str  # 1, 1.0 and true are equal, and not the same question
    ontology: Ontology
    viewer: Viewer = field(compare=False)
    standing: str

    @staticmethod
    def of(session: Session, ask: EntityAsk) -> "_Asking":
        viewer = session.viewer
        standing = "staff" if viewer.staff else "anybody" if viewer.id is None else "a person"
        return _Asking(ask, str(ask), session.ontology, viewer, standing)


def entity_list(session: Session, ask: EntityAsk) -> Listing:
    """A list of things that the viewer may see."""
    asking = _Asking.of(session, ask)
    return _entity_list(asking) if ask.ids else _kept_list(asking)


@lru_cache(maxsize=_KEPT)
def _kept_list(asking: _Asking) -> Listing:
    """What is asked for again and again; what names its ids hardly is."""
    return _entity_list(asking)


def _entity_list(asking: _Asking) -> Listing:
    ask, viewer = asking.ask, asking.viewer
    fields = {
        "createdAt": Field("x.created_at", "time"),
        "updatedAt": Field("x.updated_at", "time", indexed=bool(ask.types)),
        "name": Field('lower(x.name) COLLATE "C"', "text", indexed=bool(ask.types), folded=True),
    }
    fields |= _declared(asking.ontology, ask, "properties", staff=viewer.staff)
    listing = _listing(ask, "entities", fields)
    unseen = ask.deleted or (ask.status is not None and ask.status not in SEEN_STATUSES)
    contacts = not unseen and met(asking.ontology, ask.types)
    listing.named = named(viewer, contacts=contacts)
    listing.budget -= 600 if contacts else 0  # what gathering them may have cost
    by_time = ask.order in ("", "createdAt", "-createdAt") and ask.status is None
    by_key = _keyed(ask) or any(wanted.path == "name" for wanted in ask.filters)
    listing.branches = entity_branches(
        viewer, public=not unseen, newest=by_time and not by_key, contacts=contacts
    )
    add = listing.clause
    add.conditions.append(f"x.deleted_at IS {'NOT NULL' if ask.deleted else 'NULL'}")
    if ask.status is not None:
        listing.splits.append((_STATUS, [ask.status]))
    if ask.owner is not None:
        listing.lookups.append(
            "SELECT o.to_id AS id FROM connections o WHERE o.space_id = %(space)s"
            f" AND o.from_id = {add.param(ask.owner)} AND o.type = 'owns' AND {live('o')}"
        )
    if ask.tag is not None:
        listing.lookups.append(
            "SELECT t.entity_id AS id FROM entity_tags t WHERE t.space_id = %(space)s"
            f" AND t.tag_id = {add.param(ask.tag)}"
        )
    if ask.tagged is not None:
        category, key = map(add.param, ask.tagged)
        listing.lookups.append(
            "SELECT l.entity_id AS id FROM entity_tags l JOIN tags t ON t.space_id = l.space_id"
            " AND t.id = l.tag_id WHERE l.space_id = %(space)s"
            f" AND t.category = {category} AND t.key = {key}"
        )
    if ask.text is not None:
        add.conditions.append(_words(listing, ask))
    return listing


def connection_list(session: Session, ask: ConnectionAsk) -> Listing:
    """A list of relations between things that the viewer may see."""
    fields = {"createdAt": Field("x.created_at", "time")}
    known = session.ontology.connections
    fields |= _declared(session.ontology, ask, "metadata", staff=session.viewer.staff)
    listing = _listing(ask, "connections", fields)
    narrowed = ask.from_id is not None or ask.to_id is not None or bool(ask.ids)
    types = ask.types or tuple(known)
    listing.few = _few(ask)
    listing.named = named(session.viewer)
    listing.branches = connection_branches(
        session.viewer, session.ontology, types=types, narrowed=Narrowed(narrowed, _keyed(ask))
    )
    add = listing.clause
    if not ask.types and not ask.ids and narrowed:  # its ends' indexes begin with the type
        listing.kinds = f"SELECT unnest({add.param(list(types))}::text[]) AS id"
    for column, value in (("from_id", ask.from_id), ("to_id", ask.to_id)):
        if value is not None:
            add.conditions.append(f"x.{column} = {add.param(value)}")
    if not ask.ended:
        moment = add.param(ask.as_of or session.now)
        add.conditions.append(f"x.valid_from <= {moment}")
        add.conditions.append(f"(x.valid_to IS NULL OR x.valid_to > {moment})")
    return listing


def event_list(session: Session, ask: EventAsk) -> Listing:
    """A list of what happened, as far as the viewer may know."""
    fields = {"recordedAt": Field("x.recorded_at", "time")}
    known = session.ontology.events
    fields |= _declared(session.ontology, ask, "metadata", staff=session.viewer.staff)
    listing = _listing(ask, "events", fields)
    add = listing.clause
    narrowing = {
        column: add.param(value)
        for column, value in (
            ("entity_id", ask.entity_id),
            ("actor_id", ask.actor_id),
            ("session_id", ask.session),
        )
        if value is not None
    }
    add.conditions.extend(f"x.{column} = {value}" for column, value in narrowing.items())
    types = ask.types or tuple(known)
    listing.few = _few(ask, narrowed=bool(narrowing))
    listing.named = named(session.viewer)
    listing.branches = event_branches(
        session.viewer,
        session.ontology,
        types=types,
        narrowed=Narrowed(bool(narrowing or ask.ids), _keyed(ask), narrowing.get("entity_id", "")),
    )
    return listing


def tag_list(session: Session, ask: TagAsk) -> Listing:
    """A list of the tags of what the viewer may see."""
    fields = {
        "createdAt": Field("x.created_at", "time"),
        "usageCount": Field("x.usage_count", "number"),
        "key": Field("x.key", "text", indexed=ask.category is not None),
    }
    listing = _listing(replace(ask, types=()), "tags", fields)
    listing.named = named(session.viewer)
    listing.branches = tag_branches(session.viewer)
    if ask.category is not None:
        listing.splits.append((_CATEGORY, [ask.category]))
    return listing


def listing_of(session: Session, ask: Ask) -> Listing:
    """The list that an ask stands for. Raises Invalid."""
    match ask:
        case EntityAsk():
            return entity_list(session, ask)
        case ConnectionAsk():
            return connection_list(session, ask)
        case EventAsk():
            return event_list(session, ask)
        case TagAsk():
            return tag_list(session, ask)
        case _:
            raise TypeError(f"no table for {type(ask).__name__}")


_COLUMNS = {
    "entities": entity_columns("x"),
    "connections": connection_columns("x"),
    "events": event_columns("x"),
    "tags": tag_columns("x"),
}


def _listing(ask: Ask, table: str, fields: Mapping[str, Field]) -> Listing:
    time = "recordedAt" if table == "events" else "createdAt"
    narrowing = [(_field(fields, wanted), wanted) for wanted in ask.filters]
    order, ordered_by = _order(ask, fields, time)
    listing = Listing(table, _COLUMNS[table], order, [])
    listing.asked = str(ask)
    if ask.types:
        listing.splits.append((_TYPE, list(ask.types)))
    if ids := getattr(ask, "ids", ()):
        listing.by_ids = True
        listing.clause.conditions.append(f"x.id = ANY({listing.clause.param(list(ids))})")
    if ordered_by.sort != "time":
        listing.clause.conditions.append(f"{ordered_by.sql} IS NOT NULL")
    for where, wanted in narrowing:
        listing.narrow(where, wanted)
    return listing


def _field(fields: Mapping[str, Field], wanted: Filter) -> Field:
    found = fields.get(wanted.path)
    if found is None:
        message = f"This list can't be filtered by {wanted.path!r}."
        raise refuse(wanted.pointer, message, *fields)
    if not found.indexed:
        raise refuse(wanted.pointer, f"To filter by {wanted.path!r}, say of which type.")
    return found


def _order(ask: Ask, fields: Mapping[str, Field], time: str) -> tuple[Order, Field]:
    """The sort keys. A range on a declared key is read in that key's order."""
    ranged = {f.path for f in ask.filters if f.operator in RANGES and f.path in fields}
    ranged = {p for p in ranged if fields[p].sort != "time" and not fields[p].beside}
    if len(ranged) > 1:
        raise refuse("/where", "Only one key at a time can be asked for a range.", *sorted(ranged))
    name = ask.order.removeprefix("-") or next(iter(ranged), time)
    allowed = tuple(p for p, where in fields.items() if where.indexed and not where.beside)
    if name not in allowed:
        raise refuse("/order", f"A list can't be ordered by {name!r}.", *allowed)
    if ranged and name not in ranged:
        path = next(iter(ranged))
        raise refuse("/order", f"With a range on {path!r}, order by it too.", path, f"-{path}")
    first = fields[name]
    keys = (first, _ID) if name == time else (first, fields[time], _ID)
    return Order(keys, descending=ask.order.startswith("-") or not ask.order), first


def _declared(ontology: Ontology, ask: Ask, prefix: str, *, staff: bool) -> dict[str, Field]:
    """The fields of the types asked for that lists may be filtered by: those all of them have."""
    kinds = [_kind(ontology, ask, name) for name in ask.types]
    if not kinds:
        return {}
    shared = dict(slots_of(kinds[0]))
    for kind in kinds[1:]:
        shared = {p: c for p, c in shared.items() if slots_of(kind).get(p) == c}
    if not staff:
        hidden = frozenset[str]().union(*(kind.private for kind in kinds))
        shared = {p: c for p, c in shared.items() if p.split(".")[0] not in hidden}
    found = {
        f"{prefix}.{path}": Field(f"x.{column}", "number" if column.startswith("n") else "text")
        for path, column in shared.items()
    }
    return found | {
        f"{prefix}.{whole}.currency": Field(_currency(prefix, whole), "text", beside=_APART)
        for whole in (p.removesuffix(".amount") for p in shared if p.endswith(".amount"))
        if f"{prefix}.{whole}.currency" not in found
    }


def _currency(column: str, whole: str) -> str:
    """The currency of an amount: of each row by itself, for it stands in no index."""
    return f"x.{column} #>> '{{{whole.replace('.', ',')},currency}}'"


def _kind(ontology: Ontology, ask: Ask, name: str) -> Type:
    match ask:
        case EntityAsk():
            return ontology.entity(name)
        case ConnectionAsk():
            return ontology.connection(name)
        case _:
            return ontology.event(name)


def _keyed(ask: Ask) -> bool:
    return any("." in wanted.path for wanted in ask.filters)


def _few(ask: Ask, *, narrowed: bool = False) -> int:
    """How many things of the viewer's own are looked up one by one: fewer where what else is asked
    lies in the rows themselves, not in the index by their ends."""
    if _keyed(ask) or narrowed:
        return 20
    return 200 if len(ask.types) == 1 else 30


def _words(listing: Listing, ask: EntityAsk) -> str:
    """That the thing's text holds all these words, or words that begin so."""
    words = re.findall(r"\w+", ask.text or "", re.UNICODE)[:12]
    if len(ask.types) != 1 or not words:
        raise refuse("/text", "To look for words, give at least one word and one type.")
    query = listing.clause.param(" & ".join(f"{word}:*" for word in words))
    kind = listing.clause.param(f"type/{ask.types[0]}")
    return f"x.search @@ (to_tsquery('english', {query}) && quote_literal({kind})::tsquery)"
