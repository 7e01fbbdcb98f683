"""Advancing: what the provider shows of a payment is booked, each fact once, and what follows from
it is done.

A sale only goes forward. In whatever order, and however often, it is looked at, the same facts are
booked in the same way: what is known by its reference is passed over, and the rest is taken in
one order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from pydantic import JsonValue

from one.domains.payments import entries, splits
from one.domains.payments.goods import deliver, give_back, kind_of, mark, shelve
from one.domains.payments.purchases import end_unpaid, note_state, record
from one.domains.payments.receipts import tell_paid, tell_refunded
from one.domains.payments.settling import Wish, about, settle_owners, want_refund
from one.domains.payments.splits import Split
from one.providers.stripe.cashier import Charge, Disputed, Refunded
from one.runtime import Context
from one.store.calls import Call, calls_of
from one.store.journal import Posted, entries_of, post
from one.store.sales import PAID, Sale, State, change_sale

_LOST = ("lost",)
_WON = ("won", "warning_closed")


async def advance(ctx: Context, sale: Sale, charge: Charge) -> Sale:
    """Brings a held sale to where its charge is; the sale as it is then."""
    session = ctx.store.session
    if not charge.paid:
        return sale
    if sale.state not in PAID:
        sale = await _paid(ctx, sale, charge)
    booked = {
        one.entry.reference: one for one in await entries_of(session, sale.mode, sale=sale.id)
    }
    if charge.fee and f"fee:{charge.fee_reference}" not in booked:
        await post(session, entries.fee(about(sale), charge.fee_reference, amount=charge.fee))
    calls = await calls_of(session, sale.id, kind="refund")
    for refund in sorted(charge.refunds, key=lambda one: one.id):
        await _refunded(ctx, sale, refund, calls=calls, booked=booked)
    for dispute in sorted(charge.disputes, key=lambda one: one.id):
        await _disputed(ctx, sale, dispute, booked=booked)
    sale = await _stated(ctx, sale, charge)
    await settle_owners(ctx, sale)
    return sale


def split_of(sale: Sale) -> Split:
    """How a sale was split when it was made."""
    parts = {share.person: share.amount for share in sale.shares}
    return Split(parts, sale.fee - sale.referral, sale.tax, sale.referrer, sale.referral)


async def _paid(ctx: Context, sale: Sale, charge: Charge) -> Sale:
    """The money has come: it is booked, and the buyer gets what they paid for."""
    session = ctx.store.session
    if (charge.amount, charge.currency) != (sale.gross, sale.currency):
        raise AssertionError(f"{charge.id} paid {charge.amount} {charge.currency} for {sale.id}")
    await post(session, entries.charge(about(sale), charge.id, split=split_of(sale)))
    await change_sale(
        session, sale.id, state="completed", charge=charge.id, intent=charge.intent, url=None
    )
    sale = replace(sale, state="completed", charge=charge.id, intent=charge.intent, url=None)
    await note_state(
        ctx,
        sale,
        "completed",
        paidAt=session.now.isoformat(),
        platformFee={"amount": sale.fee, "currency": sale.currency},
        stripeChargeId=charge.id,
        reference=charge.id,
        receiptUrl=charge.receipt_url,
    )
    await record(ctx, sale, "completed", reference=charge.id)
    await mark(ctx, sale, "completed")
    await tell_paid(ctx, sale)
    if not await deliver(ctx, sale, kind=await kind_of(ctx, sale.product)):
        await want_refund(ctx, sale, Wish(sale.gross, reason="What was bought can't be given."))
    return sale


async def _remaining(ctx: Context, sale: Sale) -> Split:
    """What of each part of a sale neither was refunded nor is disputed, by the journal."""
    left = split_of(sale)
    for posted in await entries_of(ctx.store.session, sale.mode, sale=sale.id):
        if posted.entry.kind in ("refund", "refund_failed", "dispute", "dispute_won"):
            left = left.less(_taken(posted, left))
    return left


def _taken(posted: Posted, of: Split) -> Split:
    """What an entry took from each part."""
    owners = dict.fromkeys(of.owners, 0)
    platform = tax = referral = 0
    for one in posted.entry.postings:
        match one.pot:
            case "held" if one.party is not None and one.kind != "referral":
                owners[one.party] -= one.amount
            case "held":
                referral -= one.amount
            case "platform":
                platform -= one.amount
            case "tax":
                tax -= one.amount
            case _:
                pass
    return Split(owners, platform, tax, of.referrer, referral)


def _borne(posted: Posted) -> int:
    """What of an entry the platform bears."""
    return -sum(one.amount for one in posted.entry.postings if one.pot == "loss")


async def _refunded(
    ctx: Context,
    sale: Sale,
    refund: Refunded,
    *,
    calls: Sequence[Call],
    booked: Mapping[str, Posted],
) -> None:
    """Money went back: everybody's part of what remains, but for what the platform bears."""
    ours = next((one for one in calls if (one.answer or {}).get("id") == refund.id), None)
    known = booked.get(f"refund:{refund.id}")
    if refund.failed and known is not None:
        await _came_back(ctx, sale, refund, call=ours, booked=known)
    if refund.failed or known is not None:
        return
    wanted = int(str(ours.asked.get("loss", 0))) if ours else 0
    remaining = await _remaining(ctx, sale)
    loss = max(wanted, refund.amount - remaining.total)
    coin = splits.step(sale.currency)
    back = splits.refund(refund.amount - loss, remaining, step=coin)
    entry = entries.refund(about(sale), refund.id, back=back, loss=loss)
    await post(ctx.store.session, entry)
    await record(ctx, sale, "refunded", reference=refund.id)
    await tell_refunded(ctx, sale, refund)


async def _came_back(
    ctx: Context, sale: Sale, refund: Refunded, *, call: Call | None, booked: Posted
) -> None:
    """What was given back never reached the buyer: it is everybody's again, and what the buyer
    gave for it is theirs.
    """
    back, loss = _taken(booked, split_of(sale)), _borne(booked)
    entry = entries.refund_failed(about(sale), refund.id, back=back, loss=loss)
    if (await post(ctx.store.session, entry)).fresh and call is not None:
        await failed_refund(ctx, sale, call)


async def _disputed(
    ctx: Context, sale: Sale, dispute: Disputed, *, booked: Mapping[str, Posted]
) -> None:
    """A bank took money back; then it decided."""
    session, base = ctx.store.session, f"dispute:{dispute.id}"
    withdrawn = booked.get(f"{base}:withdrawn")
    if withdrawn is None and (dispute.taken > 0 or dispute.status in _LOST):
        remaining = await _remaining(ctx, sale)
        loss = max(0, dispute.amount - remaining.total)
        back = splits.refund(dispute.amount - loss, remaining, step=splits.step(sale.currency))
        entry = entries.dispute(about(sale), dispute.id, back=back, loss=loss)
        withdrawn = await post(session, entry)
        await record(ctx, sale, "disputed", reference=dispute.id)
    if dispute.fee and f"fee:{dispute.id}" not in booked:
        await post(session, entries.fee(about(sale), dispute.id, amount=dispute.fee))
    if withdrawn is None:
        return
    if dispute.status in _LOST and f"{base}:lost" not in booked:
        entry = entries.dispute_lost(about(sale), dispute.id, amount=dispute.amount)
        await post(session, entry)
    if dispute.status in _WON and f"{base}:reinstated" not in booked:
        back, loss = _taken(withdrawn, split_of(sale)), _borne(withdrawn)
        await post(session, entries.dispute_won(about(sale), dispute.id, back=back, loss=loss))


async def _stated(ctx: Context, sale: Sale, charge: Charge) -> Sale:
    """The sale with what its facts come to."""
    refunded = sum(one.amount for one in charge.refunds if not one.failed)
    lost = sum(one.amount for one in charge.disputes if one.status in _LOST)
    open_ = any(one.status not in (*_LOST, *_WON) for one in charge.disputes)
    gone = min(sale.gross, refunded + lost)
    state: State = (
        "disputed"
        if open_
        else "refunded"
        if gone >= sale.gross
        else "partially_refunded"
        if gone
        else "completed"
    )
    if (state, gone, open_) == (sale.state, sale.refunded, sale.disputed):
        return sale
    await change_sale(ctx.store.session, sale.id, state=state, refunded=gone, disputed=open_)
    if returned := gone // sale.unit_price - sale.refunded // sale.unit_price:
        await shelve(ctx, sale.product, returned)
    back: dict[str, JsonValue] = {"amount": gone, "currency": sale.currency}
    await note_state(ctx, sale, state, refunded=back)
    await mark(ctx, sale, state)
    return replace(sale, state=state, refunded=gone, disputed=open_)


async def failed_refund(ctx: Context, sale: Sale, call: Call) -> None:
    """The provider refused to give money back: the buyer has again what they gave for it."""
    tokens = int(str(call.asked.get("tokens", 0)))
    await give_back(ctx, sale, refund=UUID(str(call.asked["refund"])), tokens=tokens)


async def expired(ctx: Context, sale: Sale) -> None:
    """Nobody paid, and nobody can any more."""
    if sale.state not in PAID:
        await end_unpaid(ctx, sale, "cancelled")
