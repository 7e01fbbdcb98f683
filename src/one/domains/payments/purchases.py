"""Purchases: a buyer names a thing and how many; what it costs and whose that is stands here.

`purchase` writes the sale and what is to be asked of the provider; the page to pay on is reached
by the address that it answers with.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue

from one.domains.payments.goods import mark
from one.domains.payments.offers import (
    NotForSale,
    Offer,
    OwnPurchase,
    PriceChanged,
    Quote,
    gift,
    here,
    money,
    offer,
    quoted,
)
from one.domains.payments.places import require_places
from one.errors import Conflict, Invalid, NotFound
from one.ontology.values import Price as Amount
from one.runtime import Context, Limit, operation, signed_in
from one.store import Draft, Happening, Link, Patch, Proof, Row, Written
from one.store.calls import Outcome, Wanted, calls_of, settle, want
from one.store.sales import (
    UNPAID,
    Asked,
    Sale,
    Share,
    State,
    change_sale,
    find_sale,
    hold_sale,
    open_sale,
    sales,
)

LASTS = timedelta(hours=23, minutes=55)  # the provider's pages are open for a day at most
_LIMITS = (Limit(60, timedelta(minutes=10), by=("actor",)),)
Quantity = Annotated[int, Field(ge=1, le=1_000_000)]
ForQuote = Annotated[str, Field(max_length=2_000, description="A quote of ours, for its price.")]


class NotYours(NotFound):
    """No such purchase of this person's."""


class Purchase(Row):
    """What somebody buys, and of whom. Amounts are minor units of `currency`; `pay` is where it is
    paid while it isn't; `mode` says whose money it is: of the sandbox, which moves none, of a
    test, or live. What a feature charged names that `feature`, and what a run began that `run`.
    """

    id: UUID
    product: UUID
    buyer: UUID
    sellers: list[UUID]
    quantity: int
    unit_price: int
    total: int
    currency: str
    state: State
    refunded: int
    mode: str
    pay: str | None
    expires_at: datetime
    created_at: datetime
    feature: str
    run: UUID | None


class Purchases(Row):
    """Newest first; `next` is the `before` of the following page."""

    items: list[Purchase]
    next: UUID | None


def shown(ctx: Context, sale: Sale) -> Purchase:
    """A sale as its buyer sees it."""
    return Purchase(
        id=sale.id,
        product=sale.product,
        buyer=sale.buyer,
        sellers=[share.person for share in sale.shares],
        quantity=sale.quantity,
        unit_price=sale.unit_price,
        total=sale.gross,
        currency=sale.currency,
        state=sale.state,
        refunded=sale.refunded,
        mode=sale.mode,
        pay=pay_address(ctx, sale.id) if sale.state in UNPAID and not sale.feature else None,
        expires_at=sale.expires_at,
        created_at=sale.created_at,
        feature=sale.feature,
        run=sale.run,
    )


def pay_address(ctx: Context, sale: UUID) -> str:
    """Where a purchase is paid: ours, and leads on to the provider's page."""
    return f"{ctx.settings.address_of(ctx.space)}/pay/{sale}"


@operation(
    kind="read",
    allow=signed_in,
    raises=(NotFound, Invalid, NotForSale, OwnPurchase, PriceChanged),
)
async def quote(ctx: Context, *, product: UUID, quantity: Quantity = 1) -> Quote:
    """What so many of a thing cost you; it holds for a quarter of an hour."""
    found = await offer(ctx, product, quantity=quantity)
    await require_places(ctx, found.product, quantity)
    return quoted(ctx, found)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, NotForSale, OwnPurchase, PriceChanged, Conflict),
    status=201,
    limits=_LIMITS,
)
async def purchase(
    ctx: Context, *, product: UUID, quantity: Quantity = 1, quote: ForQuote = ""
) -> Purchase:
    """Buys so many of a thing, at its price. Pay at `pay`, within a day; what you bought is yours
    when the money has come.
    """
    return await begin(ctx, await offer(ctx, product, quantity=quantity, quote=quote))


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, NotForSale, OwnPurchase, PriceChanged, Conflict),
    status=201,
    limits=_LIMITS,
)
async def tip(ctx: Context, *, to: UUID, amount: Amount) -> Purchase:
    """Gives a person money, as much as you say. Pay at `pay`, within a day."""
    found = await gift(ctx, to, amount=amount.amount, currency=amount.currency)
    return await begin(ctx, found, kind="tip")


@dataclass(frozen=True, slots=True)
class Charging:
    """What takes the money at once: a feature, by its slug and as it is called, with a means of
    payment.
    """

    feature: str
    title: str
    method: str


async def begin(
    ctx: Context,
    found: Offer,
    *,
    kind: str = "purchase",
    charging: Charging | None = None,
    run: UUID | None = None,
) -> Purchase:
    """A purchase of what is offered to the one who acts, by a run or by hand. Raises NotForSale."""
    await require_places(ctx, found.product, found.quantity, hold=True)
    session = ctx.store.session
    ours = here(ctx)
    payment = await ours.create(
        Draft(
            "payment",
            _called(found) if charging is None else charging.title,
            {
                "amount": money(found.price.gross, found.price.currency),
                "state": "initiated",
                "provider": "stripe",
                "quantity": found.quantity,
                "paymentType": kind,
            },
            owned=False,
        )
    )
    sale = replace(
        _sale(ctx, found, payment.id), feature=charging.feature if charging else "", run=run
    )
    await open_sale(session, sale)
    bought = Link(
        "transacted",
        sale.buyer,
        sale.id,
        {"transactionType": kind, "state": "pending", "paymentId": str(sale.id)},
    )
    await ours.relate_fact(bought, Proof("stripe", sale.mode, f"payment:{sale.id}"))
    await want(session, _first_call(sale, charging))
    await record(ctx, sale, "initiated", reference=str(sale.id))
    return shown(ctx, sale)


def _sale(ctx: Context, found: Offer, id: UUID) -> Sale:
    """The sale as it begins."""
    split, now = found.split, ctx.store.session.now
    return Sale(
        id,
        ctx.deployment.payments.mode,
        found.product.id,
        ctx.me,
        found.quantity,
        found.unit_price,
        found.price.currency,
        found.price.gross,
        found.price.tax,
        split.platform + split.referral,
        tuple(
            Share(person, found.points[person], part)
            for person, part in sorted(split.owners.items())
        ),
        split.referrer,
        split.referral,
        "initiated",
        None,
        None,
        None,
        None,
        refunded=0,
        disputed=False,
        expires_at=now + LASTS,
        created_at=now,
        updated_at=now,
    )


def _called(found: Offer) -> str:
    name = found.product.name
    return f"{found.quantity} × {name}" if found.quantity > 1 else name


def _first_call(sale: Sale, charging: Charging | None) -> Wanted:
    """What the provider is asked for it. Who charges says when, and waits for it."""
    if charging is None:
        return Wanted(sale.mode, f"checkout:{sale.id}", "checkout", sale.id)
    return Wanted(
        sale.mode,
        charge_key(sale.id),
        "charge",
        sale.id,
        None,
        sale.gross,
        sale.currency,
        {"method": charging.method},
        held=True,
    )


def charge_key(sale: UUID) -> str:
    """What the call is named that charges for a sale."""
    return f"charge:{sale}"


async def record(ctx: Context, sale: Sale, status: str, *, reference: str) -> None:
    """Writes down that a payment came a step further, once."""
    happening = Happening(
        "payment_processed",
        sale.id,
        {
            "status": status,
            "amountMinor": sale.gross,
            "amount": money(sale.gross, sale.currency),
            "currency": sale.currency,
            "quantity": sale.quantity,
            "platformFeeMinor": sale.fee,
            "paymentId": str(sale.id),
        },
    )
    proof = Proof("stripe", sale.mode, reference)
    try:
        await here(ctx).record_fact(happening, proof, actor=sale.buyer)
    except Written:
        return


@operation(
    kind="read", allow=signed_in, raises=(NotYours,), route="GET /api/payments/purchases/{id}"
)
async def get_purchase(ctx: Context, *, id: UUID) -> Purchase:
    """One purchase of yours; for staff, of anybody's."""
    return shown(ctx, _mine(ctx, await find_sale(ctx.store.session, id)))


@operation(kind="read", allow=signed_in, route="GET /api/payments/purchases")
async def list_purchases(
    ctx: Context,
    *,
    before: UUID | None = None,
    limit: Annotated[int, Field(ge=1, le=100)] = 20,
) -> Purchases:
    """What you bought, newest first."""
    asked = Asked(buyer=ctx.me, before=before, limit=limit + 1)
    found = await sales(ctx.store.session, asked)
    items = [shown(ctx, sale) for sale in found[:limit]]
    return Purchases(items=items, next=items[-1].id if len(found) > limit else None)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotYours, NotFound, Conflict),
    route="POST /api/payments/purchases/{id}/cancel",
)
async def cancel_purchase(ctx: Context, *, id: UUID) -> Purchase:
    """Gives up a purchase of yours that isn't paid; its page is closed."""
    sale = _mine(ctx, await hold_sale(ctx.store.session, id))
    if sale.state in UNPAID:
        await give_up(ctx, sale)
    elif sale.state != "cancelled":
        raise Conflict(
            f"This purchase is {sale.state} already.", cure="Ask for a refund if it is paid."
        )
    found = await find_sale(ctx.store.session, id)
    assert found is not None, "it is held"
    return shown(ctx, found)


async def give_up_purchase(ctx: Context, id: UUID) -> bool:
    """Gives up a purchase, whosever it is; whether it wasn't paid."""
    sale = await hold_sale(ctx.store.session, id)
    if sale is None or sale.state not in UNPAID:
        return False
    await give_up(ctx, sale)
    return True


async def give_up(ctx: Context, sale: Sale) -> None:
    """Ends a held sale that isn't paid: the page that may be open is closed first, and only when
    the provider says so it is over.
    """
    session = ctx.store.session
    opening = [
        call for call in await calls_of(session, sale.id) if call.kind in ("checkout", "charge")
    ]
    if all(call.status in ("due", "held") and not call.attempts for call in opening):
        for call in opening:
            await settle(session, call.id, Outcome("failed", reason="It was cancelled before."))
        await end_unpaid(ctx, sale, "cancelled")
        return
    if sale.feature:
        return  # its one call will tell
    await want(session, Wanted(sale.mode, f"expire:{sale.id}", "expire", sale.id))


async def end_unpaid(ctx: Context, sale: Sale, state: State) -> None:
    """Keeps that a held sale came to nothing."""
    await change_sale(ctx.store.session, sale.id, state=state)
    await note_state(ctx, sale, state)
    await mark(ctx, sale, state)
    await record(ctx, sale, state, reference=str(sale.id))


async def note_state(ctx: Context, sale: Sale, state: State, **more: JsonValue) -> None:
    """Says on the payment how it stands."""
    await here(ctx).update(sale.id, Patch(properties={"state": state, **more}))


def _mine(ctx: Context, sale: Sale | None) -> Sale:
    """Raises NotYours."""
    if sale is None or (sale.buyer != ctx.me and not ctx.actor.staff):
        raise NotYours("There is no such purchase of yours.", cure="Check the id.")
    return sale
