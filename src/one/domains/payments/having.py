"""Having: what somebody has of a thing and what comes with it; what costs nothing is taken."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from pydantic import JsonValue

from one.domains.payments.goods import ENTERED, shelve
from one.domains.payments.offers import (
    NotForSale,
    OwnPurchase,
    here,
    money,
    require_open,
)
from one.domains.payments.places import require_places
from one.errors import Conflict, Denied, Invalid, NotFound
from one.ontology.values import written_amount
from one.runtime import Context, Limit, operation, signed_in
from one.store import Connection, ConnectionAsk, Entity, Link, Proof, Row
from one.store.sales import owners_of

HANDED = ("fileUrl", "meetingUrl")
"""What is private of a thing until somebody has it."""
_THEIRS = ("completed", "partially_refunded")
_LIMITS = (Limit(60, timedelta(minutes=10), by=("actor",)),)


class Had(Row):
    """What you have of a thing: it was bought or taken (`had`), it was entered, or so many of its
    `units` are yours. `purchase` is the newest that was paid, `handed` what comes with it.
    """

    product: UUID
    had: bool
    entered: bool
    units: int
    purchase: UUID | None
    handed: dict[str, str]


@operation(kind="read", allow=signed_in, raises=(NotFound,), route="GET /api/entities/{id}/had")
async def show_had(ctx: Context, *, id: UUID) -> Had:
    """What you have of a thing, and what was handed over to you with it."""
    return await _had(ctx, await ctx.store.get(id))


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, NotForSale, OwnPurchase, Denied, Conflict),
    route="POST /api/entities/{id}/take",
    limits=_LIMITS,
)
async def take(ctx: Context, *, id: UUID) -> Had:
    """Takes what costs nothing: it is yours at once, once."""
    thing = await ctx.store.get(id)
    _require_free(ctx, thing)
    if ctx.me in dict(await owners_of(ctx.store.session, id)):
        raise OwnPurchase(f"“{thing.name}” is your own.", cure="It is for others to take.")
    known = await _had(ctx, thing)
    if known.had or known.entered:
        return known
    await require_places(ctx, thing, 1, hold=True)
    tie = ENTERED.get(thing.type)
    if tie is not None:
        with suppress(Conflict):
            await here(ctx).connect(Link(tie, ctx.me, id, {}))
    else:
        await _note(ctx, thing)
    await shelve(ctx, id, -1)
    return await _had(ctx, thing)


def _require_free(ctx: Context, thing: Entity) -> None:
    """Raises NotForSale."""
    require_open(ctx, thing)
    price = thing.properties.get("price")
    if isinstance(price, dict) and price["amount"]:
        costs = written_amount(int(str(price["amount"])), str(price["currency"]))
        raise NotForSale(f"“{thing.name}” costs {costs}.", cure="Buy it.")
    if thing.type in ("token", "nft"):
        raise NotForSale(
            f"“{thing.name}” isn't taken, but given out.", cure="Ask its owner for some."
        )


async def _note(ctx: Context, thing: Entity) -> None:
    """That somebody has it now; by two requests at once it is kept once."""
    price = thing.properties["price"]
    currency = str(price["currency"]) if isinstance(price, dict) else ""
    facts: dict[str, JsonValue] = {
        "transactionType": "purchase",
        "amount": money(0, currency),
        "currency": currency,
        "quantity": 1,
        "state": "completed",
    }
    proof = Proof("one", ctx.deployment.payments.mode, f"free:{thing.id}:{ctx.me}")
    with suppress(Conflict):
        await here(ctx).relate_fact(Link("transacted", ctx.me, thing.id, facts), proof)


async def _had(ctx: Context, thing: Entity) -> Had:
    kinds = ("transacted", *sorted(set(ENTERED.values())))
    ask = ConnectionAsk(types=kinds, from_id=ctx.me, to_id=thing.id)
    ties = (await ctx.store.connections(ask, limit=100)).items
    bought = [one for one in ties if _is_theirs(one)]
    paid = [str(one.metadata["paymentId"]) for one in bought if "paymentId" in one.metadata]
    units = await ctx.store.balance(ctx.me, thing.id) if thing.type == "token" else 0
    return Had(
        product=thing.id,
        had=bool(bought),
        entered=any(one.type != "transacted" for one in ties),
        units=units,
        purchase=UUID(paid[0]) if paid else None,
        handed=await _handed(ctx, thing) if bought else {},
    )


def _is_theirs(tie: Connection) -> bool:
    """Whether it says that the thing was bought, and the money wasn't given back."""
    said = tie.metadata
    return said.get("transactionType") == "purchase" and said.get("state") in _THEIRS


async def _handed(ctx: Context, thing: Entity) -> dict[str, str]:
    whole = await here(ctx).get(thing.id, private=True)
    found = {name: whole.properties.get(name) for name in HANDED}
    return {name: value for name, value in found.items() if isinstance(value, str)}
