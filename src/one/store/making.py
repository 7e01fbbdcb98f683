"""Things as they are made; and what would be wrong with them, before they are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from one.clock import new_id
from one.errors import Denied, Fault, Invalid
from one.ontology import EntityType
from one.store.database import Clash
from one.store.rows import Entity, Properties, Visibility
from one.store.session import CHANGE, Session, entity_columns, jsonb
from one.store.things import (
    SEARCH,
    WHOLE,
    Written,
    check_guarded,
    checked_name,
    checked_visibility,
    declared_beside,
    published,
    row_of,
    taken,
    unique_scope,
    unique_values_of,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new thing is to be. `owned`: the actor becomes its owner, whole."""

    type: str
    name: str
    properties: Mapping[str, JsonValue]
    status: str | None = None
    visibility: Visibility | None = None
    owned: bool = True


async def create(session: Session, draft: Draft) -> Entity:
    """Makes a thing, its `entity_created` event and, for a person's, their whole ownership.

    Raises Invalid, Denied for a property that is not theirs to set, Conflict for a value taken.
    """
    kind = session.ontology.entity(draft.type)
    written = Written(
        name=checked_name(draft.name),
        status=draft.status or kind.initial,
        visibility=checked_visibility(draft.visibility or kind.visibility),
        properties=_properties(session, kind, draft),
    )
    kind.check_status(None, written.status)
    values = row_of(kind, written) | {
        "id": new_id(),
        "event": new_id(),
        "owns": new_id(),
        "created": jsonb({"entityType": kind.name}),
        "actor_type": session.viewer.type,
        "c1": new_id(),
        "c2": new_id(),
        "c3": new_id(),
    }
    created, owns = session.ontology.event("entity_created"), session.ontology.connection("owns")
    values |= declared_beside(created, {"entityType": kind.name}, prefix="e")
    values |= declared_beside(owns, {"revenueShare": WHOLE}, prefix="o")
    unique = unique_values_of(kind, written.properties)
    values |= {
        "scope": unique_scope(kind),
        "rules": list(unique),
        "taken": list(unique.values()),
    }
    owned = draft.owned and session.viewer.id is not None
    sql = _create_sql(owned=owned, unique=bool(unique))
    try:
        record = await session.tx.row(sql, session.params(**values))
    except Clash as clash:
        raise (taken(kind, unique) if unique else clash) from clash
    assert record is not None
    return session.entity(record, private=True)


def _properties(session: Session, kind: EntityType, draft: Draft) -> Properties:
    """What it is to say, checked. Raises Invalid, Denied."""
    given = dict(draft.properties)
    if (draft.status or kind.initial) == "published":
        given = published(session, kind, given=given)
    properties = kind.validate(given)
    check_guarded(session, kind, before={}, after=properties)
    return properties


async def check(session: Session, drafts: Sequence[Draft]) -> list[tuple[Fault, ...]]:
    """All that is wrong with each of these, before they are made. Raises Invalid for a type."""
    found = [_faults_of(session, draft) for draft in drafts]
    held = await _held(session, [values for _, values in found])
    seen: dict[tuple[str, str, str], int] = {}
    told: list[tuple[Fault, ...]] = []
    for at, (draft, (faults, values)) in enumerate(zip(drafts, found, strict=True)):
        kind = session.ontology.entity(draft.type)
        for scope, rule, value in values:
            first = seen.setdefault((scope, rule, value), at)
            if (scope, rule, value) in held:
                words = f"{value!r} is taken by another {kind.singular}"
            elif first != at:
                words = f"{value!r} stands in number {first + 1} of these already"
            else:
                continue
            faults.append(Fault(f"/properties/{rule}", words))
        told.append(tuple(faults))
    return told


Unique = tuple[str, str, str]
"""The scope, the rule and the value of something that only one thing may have."""


def _faults_of(session: Session, draft: Draft) -> tuple[list[Fault], list[Unique]]:
    """What is wrong with a thing by itself, and what no other may have of it."""
    kind = session.ontology.entity(draft.type)
    unique: list[Unique] = []

    def read_properties() -> None:
        values = unique_values_of(kind, _properties(session, kind, draft))
        unique.extend((unique_scope(kind), rule, value) for rule, value in values.items())

    checks: tuple[Callable[[], object], ...] = (
        lambda: checked_name(draft.name),
        lambda: kind.check_status(None, draft.status or kind.initial),
        lambda: checked_visibility(draft.visibility or kind.visibility),
        read_properties,
    )
    faults: list[Fault] = []
    for each in checks:
        try:
            each()
        except (Invalid, Denied) as error:
            faults += error.faults or (Fault("", error.message),)
    return faults, unique


async def _held(session: Session, wanted: Sequence[Sequence[Unique]]) -> set[Unique]:
    """Those that another thing has."""
    asked = [one for some in wanted for one in some]
    if not asked:
        return set()
    scopes, rules, values = (list(column) for column in zip(*asked, strict=True))
    records = await session.tx.rows(
        "SELECT u.type, u.rule, u.value FROM unique_values u"
        " JOIN unnest(%(scopes)s::text[], %(rules)s::text[], %(values)s::text[])"
        " AS w (type, rule, value) USING (type, rule, value) WHERE u.space_id = %(space)s",
        session.params(scopes=scopes, rules=rules, values=values),
    )
    return {(str(scope), str(rule), str(value)) for scope, rule, value in records}


def _create_sql(*, owned: bool, unique: bool) -> str:
    parts = [
        "e AS (INSERT INTO entities (space_id, id, type, name, status, visibility, seen,"
        " properties, version, created_at, updated_at, k1, k2, k3, n1, n2, search)"
        " VALUES (%(space)s, %(id)s, %(type)s, %(name)s, %(status)s, %(visibility)s, %(seen)s,"
        " %(properties)s::jsonb, 1, %(now)s, %(now)s, %(k1)s, %(k2)s, %(k3)s, %(n1)s,"
        " %(n2)s,"
        f" {SEARCH}) RETURNING *)",
        "v AS (INSERT INTO events (space_id, id, type, entity_id, actor_id, actor_type, metadata,"
        " occurred_at, recorded_at, k1, k2, n1) VALUES (%(space)s, %(event)s, 'entity_created',"
        " %(id)s, %(me)s, %(actor_type)s, %(created)s::jsonb, %(now)s, %(now)s, %(e_k1)s,"
        " %(e_k2)s, %(e_n1)s))",
    ]
    changes = (
        "(%(space)s, %(c1)s, 'entities', %(id)s, %(type)s, 1, NULL::jsonb, %(me)s::uuid, %(now)s),"
        " (%(space)s, %(c2)s, 'events', %(event)s, 'entity_created', 1, NULL, %(me)s, %(now)s)"
    )
    if owned:
        parts.append(
            "o AS (INSERT INTO connections (space_id, id, type, from_id, to_id, slot, metadata,"
            " valid_from, version, created_at, updated_at, k1, k2, n1)"
            f" VALUES (%(space)s, %(owns)s, 'owns', %(me)s, %(id)s, '',"
            f" '{{\"revenueShare\":{WHOLE}}}', %(now)s, 1, %(now)s, %(now)s, %(o_k1)s, %(o_k2)s,"
            " %(o_n1)s))"
        )
        changes += (
            ", (%(space)s, %(c3)s, 'connections', %(owns)s, 'owns', 1, NULL, %(me)s, %(now)s)"
        )
    if unique:
        parts.append(
            "u AS (INSERT INTO unique_values (space_id, type, rule, value, entity_id)"
            " SELECT %(space)s, %(scope)s, rule, value, %(id)s"
            " FROM unnest(%(rules)s::text[], %(taken)s::text[]) AS t (rule, value))"
        )
    parts.append(f"c AS ({CHANGE} VALUES {changes})")
    return f"WITH {', '.join(parts)} SELECT {entity_columns('e')} FROM e"
