"""Connections: made between two things, amended, ended; and the shares of what an item earns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.errors import Conflict, Fault, Invalid, NotFound
from one.ontology import ConnectionType
from one.store.filters import refuse
from one.store.lists import ConnectionAsk, connection_list
from one.store.rows import Connection, Properties
from one.store.session import CHANGE, Session, connection_columns, connection_of, jsonb
from one.store.sight import entity_seen, not_ended
from one.store.slots import filled
from one.store.things import WHOLE, merge

_BEFORE = "to_jsonb(x) - '{space_id,k1,k2,n1}'::text[]"


@dataclass(frozen=True, slots=True)
class Link:
    """A connection to be made. `valid_from` is now unless it says otherwise."""

    type: str
    from_id: UUID
    to_id: UUID
    metadata: Mapping[str, JsonValue]
    strength: float | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None


async def connect(session: Session, link: Link) -> Connection:
    """Relates two things.

    Raises NotFound for an end that the viewer can't see, Invalid when the relation makes no sense
    between these types, Conflict when it holds already or an end has all it may have.
    """
    kind = session.ontology.connection(link.type)
    ends = await _ends(session, link)
    if link.from_id == link.to_id and not kind.allow_self:
        raise refuse("/to", "A thing can't be connected to itself.")
    kind.check_ends(ends[link.from_id], ends[link.to_id])
    _check_period(link.valid_from or session.now, link.valid_to)
    if link.strength is not None and not 0 <= link.strength <= 1:
        raise refuse("/strength", "Strength lies between 0 and 1.")
    metadata = kind.validate(link.metadata)
    if kind.name == "owns":
        metadata = await _with_free_share(session, link.to_id, metadata)
    await _check_limits(session, kind, link)
    made = await insert(session, kind, replace(link, metadata=metadata), id=new_id())
    if made is None:
        raise await _already(session, kind, link)
    return made


async def insert(
    session: Session, kind: ConnectionType, link: Link, *, id: UUID
) -> Connection | None:
    """The row of a checked link; nothing when it, or a row with this id, is there already."""
    metadata = dict(link.metadata)
    record = await session.tx.row(
        _INSERT,
        session.params(
            id=id,
            type=kind.name,
            from_id=link.from_id,
            to_id=link.to_id,
            slot=kind.slot(metadata, id),
            metadata=jsonb(metadata),
            strength=link.strength,
            valid_from=link.valid_from or session.now,
            valid_to=link.valid_to,
            change=new_id(),
            **filled(kind, metadata),
        ),
    )
    return session.connection(record) if record else None


_INSERT = (
    "WITH x AS (INSERT INTO connections (space_id, id, type, from_id, to_id, slot, metadata,"
    " strength, valid_from, valid_to, version, created_at, updated_at, k1, k2, n1)"
    " VALUES (%(space)s, %(id)s, %(type)s, %(from_id)s, %(to_id)s, %(slot)s, %(metadata)s::jsonb,"
    " %(strength)s, %(valid_from)s, %(valid_to)s, 1, %(now)s, %(now)s, %(k1)s, %(k2)s, %(n1)s)"
    f" ON CONFLICT DO NOTHING RETURNING *), c AS ({CHANGE} SELECT space_id, %(change)s,"
    " 'connections', id, type, 1, NULL, %(me)s::uuid, %(now)s::timestamptz FROM x)"
    f" SELECT {connection_columns('x')} FROM x"
)


async def _ends(session: Session, link: Link) -> dict[UUID, str]:
    records = await session.tx.rows(
        "SELECT e.id, e.type FROM entities e WHERE e.space_id = %(space)s"
        " AND e.id = ANY(%(ends)s) AND e.deleted_at IS NULL"
        f" AND {entity_seen(session.viewer, 'e')}",
        session.params(ends=[link.from_id, link.to_id]),
    )
    found = {record[0]: str(record[1]) for record in records if isinstance(record[0], UUID)}
    missing = [
        Fault(pointer, f"there is nothing with the id {end} that you can see")
        for pointer, end in (("/from", link.from_id), ("/to", link.to_id))
        if end not in found
    ]
    if missing:
        raise NotFound(
            "One end of this connection isn't there.",
            cure="Check the ids; both things must exist and be visible to you.",
            faults=tuple(missing),
        )
    return found


def _check_period(start: datetime, end: datetime | None) -> None:
    if end is not None and end <= start:
        raise refuse("/validTo", "A connection must end after it begins.")


async def _check_limits(session: Session, kind: ConnectionType, link: Link) -> None:
    """How many of this kind one end may have; counted while that end is held."""
    for limit, column, end in (
        (kind.limit_from, "from_id", link.from_id),
        (kind.limit_to, "to_id", link.to_id),
    ):
        if limit is None:
            continue
        session = await _hold(session, end)
        record = await session.tx.row(
            "SELECT count(*) FROM connections x WHERE x.space_id = %(space)s"
            f" AND x.{column} = %(end)s AND x.type = %(type)s AND {not_ended('x')}",
            session.params(end=end, type=kind.name),
        )
        if record and int(str(record[0])) >= limit:
            which = "from" if column == "from_id" else "to"
            raise Conflict(
                f"There can be only {limit} {kind.name} here, and there is.",
                cure="End the one that holds first.",
                faults=(Fault(f"/{which}", f"has its {limit} {kind.name} already"),),
            )


async def _hold(session: Session, thing: UUID) -> Session:
    """Locks a thing; the session as it is then."""
    await session.tx.run(
        "SELECT 1 FROM entities WHERE space_id = %(space)s AND id = %(thing)s FOR NO KEY UPDATE",
        session.params(thing=thing),
    )
    return session.later()


async def _with_free_share(session: Session, thing: UUID, metadata: Properties) -> Properties:
    """An ownership with its share: what is asked for if it is free, else what is left."""
    session = await _hold(session, thing)
    record = await session.tx.row(
        "SELECT coalesce(sum((x.metadata->>'revenueShare')::int), 0) FROM connections x"
        " WHERE x.space_id = %(space)s AND x.to_id = %(thing)s AND x.type = 'owns'"
        f" AND {not_ended('x')}",
        session.params(thing=thing),
    )
    free = WHOLE - int(str(record[0])) if record else WHOLE
    asked = metadata.get("revenueShare", free)
    share = asked if isinstance(asked, int) else 0
    if share <= 0 or share > free:
        raise Invalid(
            f"A share of {share} doesn't fit: {free} of {WHOLE} basis points are free.",
            cure="Divide the shares anew with share-revenue, or take a smaller one.",
            faults=(Fault("/metadata/revenueShare", f"at most {free} is free"),),
        )
    return metadata | {"revenueShare": share}


async def _already(session: Session, kind: ConnectionType, link: Link) -> Conflict:
    ask = ConnectionAsk(types=(kind.name,), from_id=link.from_id, to_id=link.to_id)
    records, _ = await connection_list(session, ask).page(session, limit=1, cursor=None)
    current = session.connection(records[0]).model_dump(mode="json") if records else None
    return Conflict(
        f"This {kind.name} holds already.",
        cure="Change its metadata, or end it first.",
        details={"current": current},
    )


async def find_connection(session: Session, id: UUID) -> Connection:
    """One connection, ended or not, if the viewer may see it. Raises NotFound."""
    listing = connection_list(session, ConnectionAsk(ids=(id,), ended=True))
    records, _ = await listing.page(session, limit=1, cursor=None)
    if not records:
        raise NotFound(
            "There is no connection with this id that you can see.", details={"id": str(id)}
        )
    return session.connection(records[0])


async def amend(
    session: Session,
    id: UUID,
    *,
    metadata: Mapping[str, JsonValue] | None = None,
    strength: float | None = None,
    valid_to: datetime | None = None,
    version: int | None = None,
) -> Connection:
    """Changes what a connection says (`metadata` is a merge patch), or when it ends.

    Raises NotFound, Invalid, and Conflict when `version` is not the current one.
    """
    current = await find_connection(session, id)
    current = await _held(session, current.id)
    if version is not None and version != current.version:
        raise Conflict(
            f"This is at version {current.version} by now, not {version}.",
            cure="Look at it again, then send your change with the current version.",
            details={"current": current.model_dump(mode="json"), "changed": []},
        )
    kind = session.ontology.connection(current.type)
    merged = kind.validate(merge(current.metadata, metadata or {}))
    if kind.name == "owns" and merged.get("revenueShare") != current.metadata.get("revenueShare"):
        raise refuse("/metadata/revenueShare", "Shares are changed all at once: share-revenue.")
    if kind.slot(merged, id) != kind.slot(current.metadata, id):
        raise refuse("/metadata", "That would be another connection: end this one, connect anew.")
    if strength is not None and not 0 <= strength <= 1:
        raise refuse("/strength", "Strength lies between 0 and 1.")
    if valid_to is not None:
        _check_period(current.valid_from, valid_to)
    return await _rewrite(
        session,
        kind,
        current.model_copy(
            update={
                "metadata": merged,
                "strength": current.strength if strength is None else strength,
                "valid_to": current.valid_to if valid_to is None else valid_to,
            }
        ),
    )


async def end(session: Session, id: UUID, *, version: int | None = None) -> Connection:
    """Ends a connection now; it stays to be read as of an earlier time.

    Raises NotFound, Conflict, and Invalid when it has ended already.
    """
    current = await find_connection(session, id)
    if current.valid_to is not None and current.valid_to <= session.now:
        raise Invalid("This has ended already.", cure="Connect the two anew to begin again.")
    moment = session.now if session.now > current.valid_from else current.valid_from
    if moment == current.valid_from:
        return await amend(session, id, valid_to=_just_after(moment), version=version)
    return await amend(session, id, valid_to=moment, version=version)


def _just_after(moment: datetime) -> datetime:
    return moment.fromtimestamp(moment.timestamp() + 0.000_001, moment.tzinfo)


async def _held(session: Session, id: UUID) -> Connection:
    """The row whole, held until the end of the transaction."""
    record = await session.tx.row(
        f"SELECT {connection_columns('x')} FROM connections x WHERE x.space_id = %(space)s"
        " AND x.id = %(id)s FOR NO KEY UPDATE",
        session.params(id=id),
    )
    if record is None:
        raise NotFound("This connection is gone.", details={"id": str(id)})
    return connection_of(record)


async def _rewrite(session: Session, kind: ConnectionType, after: Connection) -> Connection:
    record = await session.tx.row(
        _REWRITE,
        session.params(
            id=after.id,
            metadata=jsonb(after.metadata),
            strength=after.strength,
            valid_to=after.valid_to,
            change=new_id(),
            **filled(kind, after.metadata),
        ),
    )
    assert record is not None
    return session.connection(record)


_REWRITE = (
    f"WITH c AS ({CHANGE} SELECT space_id, %(change)s, 'connections', id, type, version + 1,"
    f" {_BEFORE}, %(me)s::uuid, %(now)s::timestamptz FROM connections x"
    " WHERE space_id = %(space)s AND id = %(id)s)"
    " UPDATE connections x SET metadata = %(metadata)s::jsonb, strength = %(strength)s,"
    " valid_to = %(valid_to)s, k1 = %(k1)s, k2 = %(k2)s, n1 = %(n1)s, version = version + 1,"
    " updated_at = %(now)s WHERE space_id = %(space)s AND id = %(id)s"
    f" RETURNING {connection_columns('x')}"
)


async def share(
    session: Session, thing: UUID, shares: Sequence[tuple[UUID, int]]
) -> list[Connection]:
    """Divides what a thing earns: every owner with their basis points, together the whole.

    Replaces all shares at once, under a lock on the thing. Raises Invalid unless each share is
    above 0, no owner stands twice and they sum to 10,000; NotFound for an owner who isn't there.
    """
    _check_shares(shares)
    session = await _hold(session, thing)
    kind = session.ontology.connection("owns")
    records = await session.tx.rows(
        f"SELECT {connection_columns('x')} FROM connections x WHERE x.space_id = %(space)s"
        f" AND x.to_id = %(thing)s AND x.type = 'owns' AND {not_ended('x')} FOR NO KEY UPDATE",
        session.params(thing=thing),
    )
    held = {owned.from_id: owned for owned in map(connection_of, records)}
    wanted = dict(shares)
    for owner, owned in held.items():
        if owner not in wanted:
            await _rewrite(session, kind, owned.model_copy(update={"valid_to": session.now}))
    result: list[Connection] = []
    for owner, points in shares:
        owned = held.get(owner)
        if owned is None:
            result.append(
                await connect(session, Link("owns", owner, thing, {"revenueShare": points}))
            )
        elif owned.metadata.get("revenueShare") != points:
            metadata = owned.metadata | {"revenueShare": points}
            result.append(
                await _rewrite(session, kind, owned.model_copy(update={"metadata": metadata}))
            )
        else:
            result.append(owned)
    return result


def _check_shares(shares: Sequence[tuple[UUID, int]]) -> None:
    faults: list[Fault] = []
    seen_owners: set[UUID] = set()
    for at, (owner, points) in enumerate(shares):
        if not 0 < points <= WHOLE:
            faults.append(Fault(f"/shares/{at}/share", f"lies between 1 and {WHOLE}"))
        if owner in seen_owners:
            faults.append(Fault(f"/shares/{at}/owner", "stands twice"))
        seen_owners.add(owner)
    total = sum(points for _, points in shares)
    if not faults and total != WHOLE:
        faults.append(Fault("/shares", f"sums to {total}, not to {WHOLE}"))
    if faults:
        raise Invalid(
            f"The shares of all owners make {WHOLE} basis points.",
            cure=f"Give each owner once, above 0, {WHOLE} in all.",
            faults=tuple(faults),
        )
