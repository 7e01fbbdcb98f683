"""Refunds: a buyer has back what they haven't used; staff may give more, at the platform's cost."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from pydantic import Field

from one.domains.payments import splits
from one.domains.payments.goods import kind_of
from one.domains.payments.offers import here
from one.domains.payments.purchases import NotYours, Purchase, shown
from one.domains.payments.settling import Wish, refund_id, want_refund
from one.errors import Conflict, Denied, Invalid, NotFound
from one.ontology.values import written_amount
from one.runtime import Context, operation, signed_in, staff
from one.store.calls import Call, calls_of
from one.store.deliveries import take_back, unspent
from one.store.sales import PAID, Sale, find_sale, hold_charged, hold_sale
from one.store.session import Session

Minor = Annotated[int, Field(ge=1, description="Minor units; all that is left where none is said.")]
_ASK = "Ask its creator, or the staff."
Reason = Annotated[str, Field(max_length=500)]


class TooMuchBack(Conflict):
    """More than is left of a payment can't be given back; `details` say how much is."""

    title = "Too much to give back"


class Disputed(Conflict):
    """The bank decides about this payment; it isn't refunded meanwhile."""

    title = "Disputed"


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotYours, NotFound, Invalid, TooMuchBack, Disputed, Conflict, Denied),
    route="POST /api/payments/purchases/{id}/refund",
    status=202,
)
async def refund_purchase(ctx: Context, *, id: UUID, amount: Minor | None = None) -> Purchase:
    """Gives a purchase of yours back: of tokens, those that you have neither spent nor staked; of
    anything else, within the days in which it can be returned.
    """
    sale = await hold_sale(ctx.store.session, id)
    if sale is None or sale.buyer != ctx.me:
        raise NotYours("There is no such purchase of yours.", cure="Check the id.")
    _check(sale)
    if sale.feature:
        raise Denied("A feature took this; it isn't returned here.", cure=_ASK)
    if await kind_of(ctx, sale.product) == "token":
        return await _back(ctx, sale, Wish(*await _of_tokens(ctx, sale, amount)))
    await _check_days(ctx, sale)
    left = await _left(ctx, sale)
    return await _back(ctx, sale, Wish(left if amount is None else amount))


@operation(
    kind="write",
    allow=staff,
    raises=(NotYours, NotFound, Invalid, TooMuchBack, Disputed, Conflict, Denied),
    route="POST /api/payments/sales/{id}/refund",
    status=202,
)
async def refund_sale(
    ctx: Context, *, id: UUID, amount: Minor | None = None, reason: Reason = ""
) -> Purchase:
    """Gives a buyer money back, for staff: tokens that they still have are taken for it, and what
    those don't cover is the platform's loss.
    """
    sale = await hold_sale(ctx.store.session, id)
    if sale is None:
        raise NotYours("There is no such sale.", cure="Check the id.")
    _check(sale)
    left = await _left(ctx, sale)
    wanted = amount if amount is not None else left
    tokens, covered = await _left_of_tokens(ctx, sale, wanted), wanted
    if tokens is not None:
        covered = tokens * sale.unit_price
    return await _back(ctx, sale, Wish(wanted, tokens or 0, wanted - covered, reason))


async def _left_of_tokens(ctx: Context, sale: Sale, wanted: int) -> int | None:
    """How many of the tokens that were bought are taken for so much; nothing of anything else."""
    if sale.feature or await kind_of(ctx, sale.product) != "token":
        return None
    return min(await _unspent(ctx, sale), wanted // sale.unit_price)


async def refund_charge(
    ctx: Context,
    charge: str,
    *,
    amount: tuple[int, str] | None,
    of: str,
    may: Callable[[Sale], bool],
) -> Sale | None:
    """Gives a buyer money back out of the shares, for a place of a run, where a feature may say so;
    nothing where nothing is left of it.

    Raises NotYours, Conflict, Disputed, TooMuchBack, Invalid.
    """
    session = ctx.store.session
    sale = await hold_charged(session, ctx.deployment.payments.mode, charge)
    if sale is None or not may(sale):
        raise NotYours("There is no such payment of yours.", cure="Check which one is meant.")
    if amount is not None and amount[1] != sale.currency:
        raise Invalid(f"It was paid in {sale.currency}.", cure="Give it back in the same money.")
    _check(sale)
    left = await _left(ctx, sale)
    if not left:
        return None
    wanted = left if amount is None else amount[0]
    tokens = await _left_of_tokens(ctx, sale, wanted)
    await _back(ctx, sale, Wish(wanted, tokens or 0, of=of, whole=amount is None))
    return sale


async def is_sold(ctx: Context, charge: str) -> bool:
    """Whether a payment, by the provider's name of it, is one of ours."""
    mode = ctx.deployment.payments.mode
    return await hold_charged(ctx.store.session, mode, charge) is not None


async def refund_again(ctx: Context, sale: UUID, *, of: str) -> bool:
    """Wants anew what the provider refused to give back for a place of a run: of all that was left,
    what is left by now. Whether it is still to come; not where all of it is back. Raises
    TooMuchBack where less is left than was wanted.
    """
    session = ctx.store.session
    held = await hold_sale(session, sale)
    assert held is not None, "a sale stays"
    last, left = (await refunds_for(session, sale, of=of))[-1], await _left(ctx, held)
    under_way = left < held.left
    if last.status != "failed" or under_way or not left:
        return held.left > 0
    whole = bool(last.asked.get("whole"))
    amount = min(last.amount, left) if whole else last.amount
    tokens = await _left_of_tokens(ctx, held, amount)
    await _back(ctx, held, Wish(amount, tokens or 0, of=of, whole=whole))
    return True


async def refunds_for(session: Session, sale: UUID, *, of: str) -> list[Call]:
    """What was wanted back of a sale for a place of a run."""
    calls = await calls_of(session, sale, kind="refund")
    return [call for call in calls if call.asked.get("of") == of]


def _check(sale: Sale) -> None:
    """Raises Conflict, Disputed."""
    if sale.state not in PAID:
        raise Conflict(f"This purchase is {sale.state}: no money came.", cure="Cancel it.")
    if sale.disputed:
        raise Disputed(
            "The buyer's bank looks into this payment, and decides.",
            cure="Wait for the bank; it gives the money back itself if it says so.",
        )


async def _left(ctx: Context, sale: Sale) -> int:
    """What is neither back nor on its way back."""
    calls = await calls_of(ctx.store.session, sale.id, kind="refund")
    under_way = sum(call.amount for call in calls if call.status in ("due", "asking"))
    return sale.left - under_way


async def _unspent(ctx: Context, sale: Sale) -> int:
    return await unspent(ctx.store.session, sale.buyer, sale.product, sale=sale.id)


async def _of_tokens(ctx: Context, sale: Sale, amount: int | None) -> tuple[int, int]:
    """What a buyer gets back, and for how many tokens. Raises TooMuchBack, Invalid."""
    has = await _unspent(ctx, sale)
    most = min(await _left(ctx, sale), has * sale.unit_price)
    wanted = most if amount is None else amount
    if wanted > most or most == 0:
        raise TooMuchBack(
            f"You have {has:,} of the tokens left, and get"
            f" {written_amount(most, sale.currency)} for them at most.",
            cure="Ask for that, or less.",
            details={"most": most, "tokens": has},
        )
    if wanted % sale.unit_price:
        raise Invalid(
            f"A token cost {written_amount(sale.unit_price, sale.currency)}.",
            cure="Ask for the price of whole tokens.",
        )
    return wanted, wanted // sale.unit_price


async def _check_days(ctx: Context, sale: Sale) -> None:
    """Raises Denied where a thing can't be returned any more."""
    thing = await here(ctx).get(sale.product, deleted=True)
    days = thing.properties.get("refundDays")
    allowed = days if isinstance(days, int) else 0
    if (ctx.clock.now() - sale.created_at).days >= allowed:
        raise Denied(
            f"“{thing.name}” can be returned for {allowed} days."
            if allowed
            else f"“{thing.name}” can't be returned.",
            cure=_ASK,
        )


async def _back(ctx: Context, sale: Sale, wish: Wish) -> Purchase:
    """Wants a refund, and takes for it what the buyer gives back, until it is known to fail."""
    session = ctx.store.session
    left = await _left(ctx, sale)
    if not 0 < wish.amount <= left:
        raise TooMuchBack(
            f"Of this payment {written_amount(left, sale.currency)} can be given back.",
            cure="Ask for that, or less.",
            details={"most": left},
        )
    if wish.amount % splits.step(sale.currency):
        raise Invalid("No such coin can be paid in this currency.", cure="Round it.")
    if wish.tokens:
        number = refund_id(sale, await calls_of(session, sale.id, kind="refund"))
        await take_back(
            session, sale.buyer, sale.product, quantity=wish.tokens, sale=sale.id, refund=number
        )
    await want_refund(ctx, sale, replace(wish, by=ctx.actor.id))
    found = await find_sale(session, sale.id)
    assert found is not None, "it is held"
    return shown(ctx, found)
