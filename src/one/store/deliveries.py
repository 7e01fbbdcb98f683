"""Tokens that somebody paid for: delivered, and taken back when the money goes back, once each."""

from typing import cast
from uuid import UUID, uuid5

from one.store import balances
from one.store.balances import Move
from one.store.filters import refuse
from one.store.session import Session


async def deliver(session: Session, buyer: UUID, token: UUID, *, quantity: int, sale: UUID) -> int:
    """Gives what a sale sold, once, however often it is asked; the buyer's balance.

    Raises NotFound, Invalid, Exhausted.
    """
    _require_some(quantity)
    about = {"saleId": str(sale)}
    id = uuid5(sale, "delivered")
    move = Move(buyer, token, quantity, "purchased", about, id=id)
    return (await balances.move(session, move)).balance


async def unspent(session: Session, buyer: UUID, token: UUID, *, sale: UUID) -> int:
    """How many of what a sale delivered could be taken back: what wasn't yet, and is neither spent
    nor staked. One unit is like another: no more than the buyer's balance.
    """
    record = await session.tx.row(
        "SELECT coalesce(sum((v.metadata->>'change')::bigint), 0)::bigint FROM events v"
        " WHERE v.space_id = %(space)s AND v.actor_id = %(buyer)s AND v.entity_id = %(token)s"
        " AND v.type = 'token_transacted' AND v.metadata->>'saleId' = %(sale)s::text",
        session.params(buyer=buyer, token=token, sale=sale),
    )
    assert record is not None
    rest = cast("int", record[0])
    return min(max(rest, 0), await balances.held(session, buyer, token))


async def take_back(
    session: Session, buyer: UUID, token: UUID, *, quantity: int, sale: UUID, refund: UUID
) -> int:
    """Takes back so many of what a sale delivered, or as many as are unspent, once for each refund;
    how many were taken. Raises NotFound, Invalid.
    """
    _require_some(quantity)
    kind = await balances.checked(session, token, buyer)
    await balances.hold(session, kind, token, buyer)
    id = uuid5(refund, "taken back")
    known = await session.tx.row(
        "SELECT (v.metadata->>'amount')::bigint FROM events v WHERE v.space_id = %(space)s"
        " AND v.id = %(id)s",
        session.params(id=id),
    )
    if known is not None:
        return cast("int", known[0])
    taken = min(quantity, await unspent(session, buyer, token, sale=sale))
    if taken > 0:
        about = {"saleId": str(sale), "reason": "refunded"}
        await balances.change(session, kind, Move(buyer, token, -taken, "burned", about, id=id))
    return taken


def _require_some(quantity: int) -> None:
    if quantity < 1:
        raise refuse("/quantity", "Name one token at least.")
