"""Stakes: units that their holder locked for a while, and what the lock earns.

What somebody has staked of a token stands in one more `holds` connection, whose `assetType` is
`stake`; each stake, and its end, is a `token_staked` event. The reward follows from the token's
`stakingRate`, in basis points a year, is fixed when the stake is made, and is paid once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID, uuid5

from pydantic import JsonValue

from one.clock import new_id
from one.errors import Conflict, NotFound
from one.ontology import ConnectionType
from one.store import balances, supply
from one.store.balances import Move, units
from one.store.database import Record
from one.store.filters import refuse
from one.store.rows import Row
from one.store.session import CHANGE, Session

_YEAR = 365 * 24 * 3600
_WHOLE = 10_000
LONGEST = 100 * _YEAR


class Locked(Conflict):
    """A stake can't be freed yet; `details` say when it can."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"These tokens are locked until {until:%d %B %Y, %H:%M} UTC.",
            cure="Wait until then.",
            details={"lockedUntil": until.isoformat()},
        )


class Settled(Conflict):
    """A stake was freed, or its reward paid, before: each comes once."""

    def __init__(self, message: str) -> None:
        super().__init__(message, cure="Nothing is to be done.", details={"settled": True})


class Stake(Row):
    """Units that somebody locked; `reward` is what they get for it once, when the lock is over."""

    id: UUID
    token: UUID
    holder: UUID
    amount: int
    reward: int
    staked_at: datetime
    locked_until: datetime
    unstaked: bool
    claimed: bool


@dataclass(frozen=True, slots=True)
class Lock:
    """What is to be staked. `taken`: the units were taken off the balance already, by what says so
    beside this. With an `id` it is done once.
    """

    amount: int
    seconds: int
    taken: bool = False
    id: UUID | None = None
    about: Mapping[str, JsonValue] | None = None


async def stake(session: Session, holder: UUID, *, token: UUID, lock: Lock) -> Stake:
    """Locks units of a holder's. Raises NotFound, Invalid, NotEnough."""
    if lock.amount < 1:
        raise refuse("/amount", "Stake one token at least.")
    if not 0 <= lock.seconds <= LONGEST:
        raise refuse("/seconds", "A lock lasts up to a hundred years.")
    kind = await balances.checked(session, token, holder)
    await balances.hold(session, kind, token, holder)
    id = lock.id or new_id()
    if lock.id is None or not await balances.made(session, id):
        until = session.now + timedelta(seconds=lock.seconds)
        about: dict[str, JsonValue] = {
            **(lock.about or {}),
            "amount": lock.amount,
            "duration": float(lock.seconds),
            "lockedUntil": until.isoformat(),
            "reward": await _reward(session, token, lock),
        }
        amount = 0 if lock.taken else -lock.amount
        move = Move(holder, token, amount, "staked", about, id=id, event="token_staked")
        await balances.change(session, kind, move, within=True)
        if lock.taken:
            await supply.count(session.tx, session.space, {token: lock.amount})
        await _put(session, kind, holder, token=token, amount=lock.amount)
    return await find(session, id)


async def unstake(
    session: Session,
    stake: Stake,
    *,
    given: bool = False,
    about: Mapping[str, JsonValue] | None = None,
) -> Stake:
    """Frees a stake whose lock is over. `given`: the units were put back already, by what says so
    beside this. Raises NotFound, Invalid, Locked, Settled.
    """
    kind = await balances.checked(session, stake.token, stake.holder)
    await balances.hold(session, kind, stake.token, stake.holder)
    id = uuid5(stake.id, "unstaked")
    if await balances.made(session, id):
        raise Settled("These tokens were freed before.")
    if stake.locked_until > session.now:
        raise Locked(stake.locked_until)
    amount = 0 if given else stake.amount
    said = {**(about or {}), "amount": stake.amount, "stakeId": str(stake.id)}
    move = Move(stake.holder, stake.token, amount, "unstaked", said, id=id, event="token_staked")
    await balances.change(session, kind, move, within=True)
    if given:
        await supply.count(session.tx, session.space, {stake.token: -stake.amount})
    await _put(session, kind, stake.holder, token=stake.token, amount=-stake.amount)
    return await find(session, stake.id)


async def claim(session: Session, stake: Stake) -> Stake:
    """Pays what a stake earned. Raises NotFound, Invalid, Exhausted, Locked, Settled."""
    if stake.reward == 0:
        raise Settled("This stake earns nothing.")
    if stake.locked_until > session.now:
        raise Locked(stake.locked_until)
    about = {"stakeId": str(stake.id)}
    id = uuid5(stake.id, "rewarded")
    move = Move(
        stake.holder, stake.token, stake.reward, "rewarded", about, id=id, event="token_staked"
    )
    if not (await balances.move(session, move)).new:
        raise Settled("This reward was paid before.")
    return await find(session, stake.id)


async def find(session: Session, id: UUID, *, holder: UUID | None = None) -> Stake:
    """One stake, of this holder if one is named, whoever asks. Raises NotFound."""
    record = await session.tx.row(
        f"{_stakes_by(_HOLDER)} AND s.id = %(id)s"
        " AND s.actor_id = coalesce(%(holder)s, s.actor_id)",
        session.params(id=id, holder=holder),
    )
    if record is None:
        raise NotFound(
            "There is no stake with this id.",
            cure="List the stakes to find it.",
            details={"id": str(id)},
        )
    return _stake(record)


async def stakes_of(session: Session, holder: UUID, token: UUID | None = None) -> list[Stake]:
    """What somebody has staked and not freed yet, or not been paid for: the newest 200."""
    records = await session.tx.rows(
        f"SELECT * FROM ({_stakes_by('%(holder)s')} AND s.actor_id = %(holder)s"
        " AND (%(token)s::uuid IS NULL OR s.entity_id = %(token)s)) s"
        " WHERE NOT s.unstaked OR s.reward > 0 AND NOT s.claimed"
        " ORDER BY s.staked_at DESC, s.id DESC LIMIT 200",
        session.params(holder=holder, token=token),
    )
    return [_stake(record) for record in records]


_HOLDER = (
    "(SELECT w.actor_id FROM events w WHERE w.space_id = %(space)s AND w.id = %(id)s"
    " AND w.type = 'token_staked')"
)


def _stakes_by(holder: str) -> str:
    """The stakes of a holder, and whether of each there is an end, and a reward."""

    def told(action: str) -> str:
        return (
            "s.id::text IN (SELECT u.metadata->>'stakeId' FROM events u"
            f" WHERE u.space_id = %(space)s AND u.actor_id = {holder} AND u.type = 'token_staked'"
            f" AND u.k1 = '{action}')"
        )

    return (
        "SELECT s.id, s.entity_id AS token, s.actor_id AS holder,"
        " (s.metadata->>'amount')::bigint AS amount,"
        " coalesce((s.metadata->>'reward')::bigint, 0) AS reward, s.recorded_at AS staked_at,"
        " (s.metadata->>'lockedUntil')::timestamptz AS locked_until,"
        f" {told('unstaked')} AS unstaked, {told('rewarded')} AS claimed"
        " FROM events s WHERE s.space_id = %(space)s AND s.type = 'token_staked'"
        " AND s.k1 = 'staked' AND s.metadata ? 'change'"
    )


def _stake(record: Record) -> Stake:
    return Stake.model_validate(dict(zip(Stake.model_fields, record, strict=True)))


async def _reward(session: Session, token: UUID, lock: Lock) -> int:
    """What a lock earns: whole units of the yearly rate for its time."""
    record = await session.tx.row(
        "SELECT (e.properties->>'stakingRate')::bigint FROM entities e"
        " WHERE e.space_id = %(space)s AND e.id = %(token)s",
        session.params(token=token),
    )
    rate = cast("int | None", record[0]) if record else None
    return lock.amount * (rate or 0) * lock.seconds // (_WHOLE * _YEAR)


async def _put(
    session: Session, kind: ConnectionType, holder: UUID, *, token: UUID, amount: int
) -> None:
    """Adds to what somebody has staked; whoever else stakes theirs waits for their balance."""
    await balances.opened(session, kind, holder, token=token, asset="stake")
    last = max(
        (one.locked_until for one in await stakes_of(session, holder, token) if not one.unstaked),
        default=None,
    )
    done = await session.tx.row(
        _PUT,
        session.params(
            holder=holder,
            token=token,
            amount=amount,
            until=last.isoformat() if last else None,
            change=new_id(),
        ),
    )
    assert done is not None, "no more is freed than was staked"


_PUT = (
    "WITH b AS (SELECT x.* FROM connections x WHERE x.space_id = %(space)s"
    " AND x.from_id = %(holder)s AND x.to_id = %(token)s AND x.type = 'holds'"
    " AND x.slot = 'stake' AND x.valid_to IS NULL FOR NO KEY UPDATE),"
    " x AS (UPDATE connections x SET metadata = jsonb_strip_nulls(b.metadata ||"
    f" jsonb_build_object('amount', {units('b')} + %(amount)s::bigint,"
    " 'lockedUntil', %(until)s::text)),"
    f" n1 = {units('b')} + %(amount)s::bigint, version = b.version + 1, updated_at = %(now)s"
    " FROM b WHERE x.space_id = b.space_id AND x.id = b.id"
    f" AND {units('b')} + %(amount)s::bigint >= 0 RETURNING x.*),"
    f" c AS ({CHANGE} SELECT %(space)s, %(change)s::uuid, 'connections', x.id, 'holds', x.version,"
    " to_jsonb(b) - '{space_id,k1,k2,n1}'::text[], %(me)s::uuid, %(now)s::timestamptz FROM x, b)"
    " SELECT x.id FROM x"
)
