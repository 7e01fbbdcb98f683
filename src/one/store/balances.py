"""Token balances: how many units of a token somebody holds, and the moves between holders.

A balance is the `amount` of the one live `holds` connection between holder and token. Every move
changes it in one statement that can't leave it below zero, with its event, which says what it was
and what it left, and with its changes. Whether the actor may move anything is for the caller to
know: nobody writes these rows by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.errors import Conflict, Invalid, NotFound
from one.ontology import ConnectionType
from one.store import supply
from one.store.filters import refuse
from one.store.session import CHANGE, Session, jsonb
from one.store.sight import Narrowed, connection_branches, live, named
from one.store.slots import filled

_MOST = 2**53 - 1
EventName = Literal["token_transacted", "token_staked"]


class NotEnough(Conflict):
    """A holder has fewer units than are to be taken; `details` hold both numbers."""

    def __init__(self, *, there: int, wanted: int) -> None:
        super().__init__(
            f"There are {there:,} tokens, and {wanted:,} are needed.",
            cure="Take fewer, or get more first.",
            details={"balance": there, "wanted": wanted},
        )


@dataclass(frozen=True, slots=True)
class Move:
    """Units of a token that somebody gets, or gives when `amount` is below zero.

    `action` is what happened to them (`earned`, `spent`, `purchased`, …), `about` more of it. A
    move with an `id`, which is then its event's, is made once, however often it is asked for.
    """

    holder: UUID
    token: UUID
    amount: int
    action: str
    about: Mapping[str, JsonValue]
    id: UUID | None = None
    event: EventName = "token_transacted"


async def balance(session: Session, holder: UUID, token: UUID) -> int:
    """How many units of the token somebody holds, as far as the viewer may know."""
    (branch,) = connection_branches(
        session.viewer, session.ontology, types=("holds",), narrowed=Narrowed(to_one=True)
    )
    mine = named(session.viewer)
    record = await session.tx.row(
        (f"WITH {mine} " if mine else "")
        + f"SELECT {units('x')} FROM connections x WHERE x.space_id = %(space)s"
        " AND x.from_id = %(holder)s AND x.to_id = %(token)s AND x.type = 'holds'"
        f" AND x.slot = 'tokens' AND {live('x')} AND {branch.condition}",
        session.params(holder=holder, token=token),
    )
    return cast(int, record[0]) if record else 0


def units(alias: str) -> str:
    """The amount that a `holds` connection says."""
    return f"coalesce(({alias}.metadata->>'amount')::bigint, 0)"


@dataclass(frozen=True, slots=True)
class Moved:
    """What is there now, and whether it was made only now."""

    balance: int
    new: bool


async def move(session: Session, wanted: Move) -> Moved:
    """Adds to a balance or takes from it: units come into being, or are no more.

    Raises NotFound, Invalid, NotEnough when it would fall below zero, Exhausted when the token has
    no more to give out.
    """
    kind, limited = await _checked(session, wanted.token, wanted.holder)
    if abs(wanted.amount) > _MOST:
        raise _too_large()
    limits = None
    if limited and wanted.amount > 0:
        limits = await supply.limits(session, wanted.token)
    if wanted.id is not None:
        await hold(session, kind, wanted.token, wanted.holder)
        if await made(session, wanted.id):
            return Moved(await held(session, wanted.holder, wanted.token), new=False)
    if limits is not None:
        await supply.admit(session, limits, wanted.amount, action=wanted.action)
    return Moved(await change(session, kind, wanted), new=True)


async def change(
    session: Session, kind: ConnectionType, wanted: Move, *, within: bool = False
) -> int:
    """One holder's side of a move; what is there now. `within`: no unit comes into being or is no
    more, as where another has it then. Raises NotEnough, Invalid.
    """
    for _ in range(2):
        there, after = await _changed(session, wanted, counted=0 if within else wanted.amount)
        if after is not None:
            return after
        if wanted.amount < 0:
            raise NotEnough(there=there or 0, wanted=-wanted.amount)
        if there is not None:
            raise _too_large()
        await opened(session, kind, wanted.holder, token=wanted.token)
    raise AssertionError("a balance that was just opened is there")


def _too_large() -> Invalid:
    return refuse("/amount", "No balance is as large as that.")


async def transfer(session: Session, source: Move, to: UUID, *, received: str | None = None) -> int:
    """Moves units from the holder of `source` to another, to whom it is `received`, if that isn't
    the same action; what the first has left.

    Raises NotFound, Invalid, NotEnough.
    """
    if source.amount <= 0:
        raise refuse("/amount", "Move at least one.")
    if to == source.holder:
        raise refuse("/to", "One can't send tokens to oneself.")
    kind, _ = await _checked(session, source.token, source.holder, to)
    await hold(session, kind, source.token, source.holder, to)
    if source.id is not None and await made(session, source.id):
        return await held(session, source.holder, source.token)
    given = {**source.about, "counterpartyId": str(to)}
    taken = replace(source, amount=-source.amount, about=given)
    left = await change(session, kind, taken, within=True)
    got = {**source.about, "counterpartyId": str(source.holder)}
    action = received or source.action
    await change(session, kind, Move(to, source.token, source.amount, action, got), within=True)
    return left


async def hold(session: Session, kind: ConnectionType, token: UUID, *holders: UUID) -> None:
    """Waits until nobody else moves the balances of these, which are there then.

    In one order, so that people who send to each other never wait in a circle.
    """
    for holder in sorted(holders):
        await opened(session, kind, holder, token=token)
    await session.tx.run(
        "SELECT FROM connections x WHERE x.space_id = %(space)s AND x.from_id = ANY(%(ends)s)"
        " AND x.to_id = %(token)s AND x.type = 'holds' AND x.slot = 'tokens'"
        " AND x.valid_to IS NULL ORDER BY x.from_id FOR NO KEY UPDATE",
        session.params(ends=list(holders), token=token),
    )


async def held(session: Session, holder: UUID, token: UUID) -> int:
    """How many units somebody holds, whoever asks."""
    record = await session.tx.row(
        f"SELECT {units('x')} FROM connections x WHERE x.space_id = %(space)s"
        " AND x.from_id = %(holder)s AND x.to_id = %(token)s AND x.type = 'holds'"
        " AND x.slot = 'tokens' AND x.valid_to IS NULL",
        session.params(holder=holder, token=token),
    )
    return cast(int, record[0]) if record else 0


async def made(session: Session, id: UUID) -> bool:
    """Whether the move with this id was made."""
    record = await session.tx.row(
        "SELECT FROM events v WHERE v.space_id = %(space)s AND v.id = %(id)s",
        session.params(id=id),
    )
    return record is not None


async def checked(session: Session, token: UUID, *holders: UUID) -> ConnectionType:
    """The type of balances of this token that these hold. Raises NotFound, Invalid."""
    kind, _ = await _checked(session, token, *holders)
    return kind


async def _checked(session: Session, token: UUID, *holders: UUID) -> tuple[ConnectionType, bool]:
    """The type of their balances, and whether the token has limits. Raises NotFound, Invalid."""
    ends = (*holders, token)
    records = await session.tx.rows(
        "SELECT e.id, e.type, e.id = %(token)s AND e.properties ?| ARRAY['totalSupply',"
        " 'dailyLimit'] FROM entities e WHERE e.space_id = %(space)s AND e.id = ANY(%(ends)s)"
        " AND e.deleted_at IS NULL",
        session.params(ends=list(ends), token=token),
    )
    found = cast("list[tuple[UUID, str, bool]]", records)
    types = {id: type for id, type, _ in found}
    for end in ends:
        if end not in types:
            raise NotFound(
                "The holder or the token isn't there.",
                cure="Check the ids; both must exist.",
                details={"id": str(end)},
            )
    kind = session.ontology.connection("holds")
    for holder in holders:
        kind.check_ends(types[holder], types[token])
    return kind, any(limited for _, _, limited in found)


async def _changed(
    session: Session, wanted: Move, *, counted: int
) -> tuple[int | None, int | None]:
    """The balance before and after; neither when there is none, no after when it isn't enough."""
    happened = session.ontology.event(wanted.event)
    said = {"amount": abs(wanted.amount), **wanted.about, "action": wanted.action}
    metadata = happened.validate({**said, "change": wanted.amount})
    columns = {f"e_{name}": value for name, value in filled(happened, metadata).items()}
    record = await session.tx.row(
        _MOVE,
        session.params(
            holder=wanted.holder,
            token=wanted.token,
            amount=wanted.amount,
            most=_MOST,
            counted=counted,
            event=wanted.id or new_id(),
            type=wanted.event,
            metadata=jsonb(metadata),
            c1=new_id(),
            c2=new_id(),
            **columns,
        ),
    )
    assert record is not None
    return cast("tuple[int | None, int | None]", record)


_UNITS = "(SELECT %(token)s::uuid AS token, %(counted)s::bigint AS units FROM x) m"

# `b` waits for whoever moves the same balance and reads what they left; of the event, the actor is
# the holder, of the changes, whoever moved the units. Whoever waited may have begun before who came
# first: so that the events of a balance stand in their order, each is later than the one before it.
_MOVE = (
    "WITH b AS (SELECT x.*, greatest(%(now)s, x.updated_at + interval '1 microsecond') AS at"
    " FROM connections x WHERE x.space_id = %(space)s"
    " AND x.from_id = %(holder)s AND x.to_id = %(token)s AND x.type = 'holds'"
    " AND x.slot = 'tokens' AND x.valid_to IS NULL FOR NO KEY UPDATE),"
    " x AS (UPDATE connections x SET metadata = b.metadata ||"
    f" jsonb_build_object('amount', {units('b')} + %(amount)s::bigint),"
    f" n1 = {units('b')} + %(amount)s::bigint, version = b.version + 1, updated_at = b.at"
    " FROM b WHERE x.space_id = b.space_id AND x.id = b.id"
    f" AND {units('b')} + %(amount)s::bigint BETWEEN 0 AND %(most)s RETURNING x.*),"
    " v AS (INSERT INTO events (space_id, id, type, entity_id, actor_id, actor_type, metadata,"
    " occurred_at, recorded_at, k1, k2, n1) SELECT %(space)s, %(event)s, %(type)s,"
    " %(token)s, %(holder)s, 'user', %(metadata)s::jsonb ||"
    f" jsonb_build_object('balance', {units('x')}), x.updated_at, x.updated_at, %(e_k1)s,"
    " %(e_k2)s, %(e_n1)s FROM x),"
    f" c AS ({CHANGE} SELECT %(space)s, %(c1)s::uuid, 'connections', x.id, 'holds', x.version,"
    " to_jsonb(b) - '{space_id,k1,k2,n1,at}'::text[], %(me)s::uuid, %(now)s::timestamptz FROM x, b"
    " UNION ALL SELECT %(space)s, %(c2)s, 'events', %(event)s, %(type)s, 1, NULL,"
    " %(me)s, %(now)s FROM x),"
    f" s AS ({supply.counted(_UNITS)})"
    f" SELECT (SELECT {units('b')} FROM b), (SELECT {units('x')} FROM x)"
)


async def opened(
    session: Session, kind: ConnectionType, holder: UUID, *, token: UUID, asset: str = "tokens"
) -> None:
    """An empty balance, unless there is one; waits for whoever is opening it."""
    metadata = kind.validate({"assetType": asset, "amount": 0})
    await session.tx.run(
        _OPEN,
        session.params(
            id=new_id(),
            holder=holder,
            token=token,
            asset=asset,
            metadata=jsonb(metadata),
            change=new_id(),
            **filled(kind, metadata),
        ),
    )


_OPEN = (
    "WITH x AS (INSERT INTO connections (space_id, id, type, from_id, to_id, slot, metadata,"
    " valid_from, version, created_at, updated_at, k1, k2, n1) VALUES (%(space)s, %(id)s, 'holds',"
    " %(holder)s, %(token)s, %(asset)s, %(metadata)s::jsonb, %(now)s, 1, %(now)s, %(now)s, %(k1)s,"
    " %(k2)s, %(n1)s) ON CONFLICT (space_id, from_id, to_id, type, slot) WHERE valid_to IS NULL"
    f" DO NOTHING RETURNING *) {CHANGE} SELECT space_id, %(change)s, 'connections', id, 'holds',"
    " 1, NULL, %(me)s::uuid, %(now)s::timestamptz FROM x"
)
