"""Goods: what a buyer gets when the money has come, and gives back when it goes.

Tokens are moved, a course or a tier is entered; of everything there is a `transacted` that says
that it was bought. Each once: the purchase's own reference keeps a second one out.
"""

from contextlib import suppress
from uuid import UUID, uuid5

from pydantic import JsonValue

from one.domains.payments.offers import here, money
from one.errors import Conflict, NotFound
from one.runtime import Context
from one.store import (
    PEOPLE,
    ConnectionAsk,
    Link,
    Move,
    Patch,
    Proof,
    Store,
    Written,
    deliveries,
)
from one.store.sales import Sale, State, hold_product
from one.store.supply import Exhausted

ENTERED = {
    "course": "enrolled_in",
    "livestream": "enrolled_in",
    "membership": "enrolled_in",
    "community": "member_of",
}
"""What one is in once one has it, and by which relation."""

_NOTHING: tuple[State, ...] = ("failed", "cancelled")


async def deliver(ctx: Context, sale: Sale, *, kind: str) -> bool:
    """Gives a buyer what they paid for; whether that can be done. `kind` is that of the thing."""
    store = here(ctx)
    if sale.feature:
        await _note_payer(store, sale, kind)
        await shelve(ctx, sale.product, -sale.quantity)
        return True
    try:
        await store.relate_fact(_bought(sale, kind), Proof("stripe", sale.mode, str(sale.id)))
        await shelve(ctx, sale.product, -sale.quantity)
        if kind == "token":
            await deliveries.deliver(
                store.session, sale.buyer, sale.product, quantity=sale.quantity, sale=sale.id
            )
        elif tie := ENTERED.get(kind):
            await _enter(store, sale, tie)
    except Written:
        return True
    except (NotFound, Exhausted):
        return False
    return True


async def _note_payer(store: Store, sale: Sale, kind: str) -> None:
    """Who was charged is a customer of the feature's creator; what they get for it is the feature's
    to give.
    """
    if kind in PEOPLE:
        with suppress(Written, NotFound):
            await store.relate_fact(_bought(sale, kind), Proof("stripe", sale.mode, str(sale.id)))


def _bought(sale: Sale, kind: str) -> Link:
    tip = kind in PEOPLE and not sale.feature
    return Link(
        "transacted",
        sale.buyer,
        sale.product,
        {
            "transactionType": "tip" if tip else "purchase",
            "amount": money(sale.gross, sale.currency),
            "currency": sale.currency,
            "quantity": sale.quantity,
            "state": "completed",
            "paymentId": str(sale.id),
        },
    )


async def _enter(store: Store, sale: Sale, tie: str) -> None:
    try:
        await store.connect(Link(tie, sale.buyer, sale.product, {"x_payment": str(sale.id)}))
    except Conflict:
        return  # they are in already, by another way


async def shelve(ctx: Context, thing: UUID, number: int) -> None:
    """Puts so many of a thing back into its stock, or takes them out, where it has one."""
    store = here(ctx)
    await hold_product(store.session, thing)
    try:
        found = await store.get(thing)
    except NotFound:
        return  # it is sold no more
    stock = found.properties.get("stock")
    if isinstance(stock, int):
        await store.update(thing, Patch(properties={"stock": max(0, stock + number)}))


async def give_back(ctx: Context, sale: Sale, *, refund: UUID, tokens: int) -> None:
    """A refund came to nothing: the buyer has again what was taken for it."""
    store = here(ctx)
    if tokens:
        about: dict[str, JsonValue] = {"saleId": str(sale.id), "reason": "not refunded"}
        id = uuid5(refund, "given back")
        await store.move(Move(sale.buyer, sale.product, tokens, "purchased", about, id=id))
    elif not sale.feature and (tie := ENTERED.get(await kind_of(ctx, sale.product))):
        await _enter(store, sale, tie)


async def mark(ctx: Context, sale: Sale, state: State) -> None:
    """Says on what ties the buyer to the thing and to the payment how that stands; ends what they
    entered by it once all of the money is back.
    """
    store = here(ctx)
    for end in (sale.product, sale.id):
        for tie in await _ties(store, sale, "transacted", end=end):
            if state in _NOTHING:
                await store.end(tie)
            else:
                await store.amend(tie, metadata={"state": state})
    if state == "refunded":
        for name in ("enrolled_in", "member_of"):
            for tie in await _ties(store, sale, name, end=sale.product):
                await store.end(tie)


async def _ties(store: Store, sale: Sale, name: str, *, end: UUID) -> list[UUID]:
    ask = ConnectionAsk(types=(name,), from_id=sale.buyer, to_id=end)
    found = await store.connections(ask, limit=100)
    return [
        one.id
        for one in found.items
        if str(sale.id) in (one.metadata.get("paymentId"), one.metadata.get("x_payment"))
    ]


async def kind_of(ctx: Context, thing: UUID) -> str:
    """The type of a thing, also of one that was deleted since. Raises NotFound."""
    return (await here(ctx).get(thing, deleted=True)).type
