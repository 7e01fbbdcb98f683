"""Sales as staff see them: what was bought by whom, what was booked of it, and what was asked of
the provider.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from one.domains.payments.purchases import NotYours
from one.runtime import Context, operation, staff
from one.store import Row
from one.store.calls import Call, Kind, Status, calls_of
from one.store.journal import Kind as Fact
from one.store.journal import Posted, Pot, entries_of
from one.store.sales import Asked, Mode, Sale, State, find_sale, sales


class Part(Row):
    """What of a sale is an owner's; `points` are basis points."""

    person: UUID
    points: int
    amount: int


class Sold(Row):
    """A sale. Amounts are minor units of `currency`; `fee` is the platform's, the referrer's share
    in it; `charge` is the provider's name of the payment. What a feature charged names it.
    """

    id: UUID
    product: UUID
    buyer: UUID
    quantity: int
    unit_price: int
    total: int
    tax: int
    fee: int
    currency: str
    parts: list[Part]
    referrer: UUID | None
    referral: int
    state: State
    refunded: int
    disputed: bool
    charge: str | None
    mode: Mode
    expires_at: datetime
    created_at: datetime
    updated_at: datetime
    feature: str


class Sales(Row):
    """Newest first; `next` is the `before` of the following page."""

    items: list[Sold]
    next: UUID | None


class Moved(Row):
    """What came into a pot, or went out where it is below zero; `person` has it, of their own."""

    pot: Pot
    person: UUID | None
    amount: int


class Entered(Row):
    """A fact in the journal."""

    id: UUID
    at: datetime
    kind: Fact
    reference: str
    note: str
    moved: list[Moved]


class Wish(Row):
    """What the provider was asked, or is to be. `reason`: why it came to nothing, so far."""

    id: UUID
    at: datetime
    kind: Kind
    status: Status
    attempts: int
    person: UUID | None
    amount: int
    reason: str


class File(Row):
    """All there is of a sale, each list in its order."""

    sale: Sold
    entries: list[Entered]
    calls: list[Wish]


@operation(kind="read", allow=staff, route="GET /api/payments/sales")
async def list_sales(
    ctx: Context,
    *,
    state: State | None = None,
    buyer: UUID | None = None,
    product: UUID | None = None,
    before: UUID | None = None,
    limit: Annotated[int, Field(ge=1, le=100)] = 20,
) -> Sales:
    """What was bought, newest first, for staff."""
    states: list[State] | None = None if state is None else [state]
    asked = Asked(buyer, product, states, before, limit + 1)
    found = await sales(ctx.store.session, asked)
    items = [_sold(sale) for sale in found[:limit]]
    return Sales(items=items, next=items[-1].id if len(found) > limit else None)


@operation(kind="read", allow=staff, raises=(NotYours,), route="GET /api/payments/sales/{id}")
async def get_sale(ctx: Context, *, id: UUID) -> File:
    """One sale with all that was booked and asked of the provider for it, for staff."""
    session = ctx.store.session
    sale = await find_sale(session, id)
    if sale is None:
        raise NotYours("There is no such sale.", cure="Check the id.")
    entries = await entries_of(session, sale.mode, sale=id)
    calls = await calls_of(session, id)
    return File(
        sale=_sold(sale),
        entries=[_entered(posted) for posted in entries],
        calls=[_wish(call) for call in calls],
    )


def _sold(sale: Sale) -> Sold:
    return Sold(
        id=sale.id,
        product=sale.product,
        buyer=sale.buyer,
        quantity=sale.quantity,
        unit_price=sale.unit_price,
        total=sale.gross,
        tax=sale.tax,
        fee=sale.fee,
        currency=sale.currency,
        parts=[Part(person=p.person, points=p.points, amount=p.amount) for p in sale.shares],
        referrer=sale.referrer,
        referral=sale.referral,
        state=sale.state,
        refunded=sale.refunded,
        disputed=sale.disputed,
        charge=sale.charge,
        mode=sale.mode,
        expires_at=sale.expires_at,
        created_at=sale.created_at,
        updated_at=sale.updated_at,
        feature=sale.feature,
    )


def _entered(posted: Posted) -> Entered:
    entry = posted.entry
    moved = [Moved(pot=one.pot, person=one.party, amount=one.amount) for one in entry.postings]
    return Entered(
        id=posted.id,
        at=posted.at,
        kind=entry.kind,
        reference=entry.reference,
        note=entry.note,
        moved=moved,
    )


def _wish(call: Call) -> Wish:
    return Wish(
        id=call.id,
        at=call.created_at,
        kind=call.kind,
        status=call.status,
        attempts=call.attempts,
        person=call.person,
        amount=call.amount,
        reason=call.reason,
    )
