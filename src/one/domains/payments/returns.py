"""Returns: what was given back of a purchase, as its buyer and those whose share it was see it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from one.domains.payments.purchases import NotYours
from one.runtime import Context, operation, signed_in
from one.store import Row
from one.store.calls import Call, calls_of, find_call
from one.store.journal import Mode, Posted, entries_of, find_entry
from one.store.sales import Sale, find_sale

Stage = Literal["wanted", "sent", "failed"]


class Refund(Row):
    """Money that goes back for a purchase, in minor units of `currency`. `state`: `wanted`, `sent`
    on its way, or `failed`, after which it is the sellers' again. `tokens` were given back for it;
    `yours` came off what the purchase brought you.
    """

    id: UUID
    purchase: UUID
    amount: int
    currency: str
    state: Stage
    tokens: int
    yours: int
    mode: Mode
    at: datetime


class Refunds(Row):
    """In the order in which they were wanted, or came to be known."""

    items: list[Refund]


@operation(
    kind="read",
    allow=signed_in,
    raises=(NotYours,),
    route="GET /api/payments/purchases/{id}/refunds",
)
async def list_refunds(ctx: Context, *, id: UUID) -> Refunds:
    """What was given back of a purchase of yours, or of one that you have a share of; for staff, of
    anybody's.
    """
    return Refunds(items=await _refunds(ctx, await find_sale(ctx.store.session, id)))


@operation(kind="read", allow=signed_in, raises=(NotYours,), route="GET /api/payments/refunds/{id}")
async def get_refund(ctx: Context, *, id: UUID) -> Refund:
    """One refund of what you bought or have a share of; for staff, anybody's."""
    for refund in await _refunds(ctx, await _sale_of(ctx, id)):
        if refund.id == id:
            return refund
    raise NotYours("There is no such refund of yours.", cure="Check the id.")


async def _sale_of(ctx: Context, refund: UUID) -> Sale | None:
    """The sale that something was given back of: we asked for it, or it was only booked."""
    session = ctx.store.session
    call = await find_call(session, refund, kind="refund")
    if call is not None:
        return await find_sale(session, call.sale) if call.sale else None
    for mode in get_args(Mode):
        posted = await find_entry(session, mode, refund)
        if posted is not None and posted.entry.sale is not None:
            return await find_sale(session, posted.entry.sale)
    return None


async def _refunds(ctx: Context, sale: Sale | None) -> list[Refund]:
    """Raises NotYours."""
    concerned = sale is not None and (
        ctx.actor.staff or ctx.me == sale.buyer or any(s.person == ctx.me for s in sale.shares)
    )
    if sale is None or not concerned:
        raise NotYours("There is no such purchase of yours.", cure="Check the id.")
    session = ctx.store.session
    entries = await entries_of(session, sale.mode, sale=sale.id)
    booked = {one.entry.reference: one for one in entries}
    calls = await calls_of(session, sale.id, kind="refund")
    asked = [_asked(sale, call, booked, viewer=ctx.me) for call in calls]
    ours = {_reference(call) for call in calls}
    others = [
        _booked(sale, one, booked, viewer=ctx.me)
        for one in entries
        if one.entry.kind == "refund" and one.entry.reference not in ours
    ]
    return sorted((*asked, *others), key=lambda refund: (refund.at, refund.id))


def _reference(call: Call) -> str:
    """What the journal calls the refund that a call made."""
    return f"refund:{(call.answer or {}).get('id', '')}"


def _asked(sale: Sale, call: Call, booked: Mapping[str, Posted], *, viewer: UUID) -> Refund:
    """What we asked for."""
    known, failed = booked.get(_reference(call)), call.status == "failed"
    if call.status == "done":
        failed = known is None or f"{_reference(call)}:failed" in booked
    return Refund(
        id=call.id,
        purchase=sale.id,
        amount=call.amount,
        currency=sale.currency,
        state="failed" if failed else "sent" if known else "wanted",
        tokens=0 if failed else int(str(call.asked.get("tokens", 0))),
        yours=0 if failed or known is None else _off(known, viewer),
        mode=sale.mode,
        at=call.created_at,
    )


def _booked(sale: Sale, posted: Posted, booked: Mapping[str, Posted], *, viewer: UUID) -> Refund:
    """What was given back at the provider, without us."""
    failed = f"{posted.entry.reference}:failed" in booked
    return Refund(
        id=posted.id,
        purchase=sale.id,
        amount=sum(one.amount for one in posted.entry.postings if one.pot == "world"),
        currency=sale.currency,
        state="failed" if failed else "sent",
        tokens=0,
        yours=0 if failed else _off(posted, viewer),
        mode=sale.mode,
        at=posted.at,
    )


def _off(posted: Posted, person: UUID) -> int:
    """What an entry took off what is held for somebody."""
    return -sum(
        one.amount for one in posted.entry.postings if one.pot == "held" and one.party == person
    )
