"""Settling: what is held for the owners of a sale goes to their accounts, or comes back from there.

The journal says what is outstanding for each of them; a call is wanted for just that, one at a
time for each person, so that whatever happens meanwhile is made good by the next.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from pydantic import JsonValue

from one.domains.payments import entries
from one.domains.payments.entries import About
from one.runtime import Context
from one.store.calls import Call, Outcome, Wanted, calls_of, resize, settle, want
from one.store.journal import Posted, entries_of, post, pot
from one.store.payees import payees
from one.store.sales import Sale
from one.store.session import Session

_FIRST_PAUSE = timedelta(minutes=15)
_OPEN = ("due", "asking", "held")


def about(sale: Sale) -> About:
    """What every entry of a sale says."""
    return About(sale.mode, sale.currency, sale.id, sale.product, sale.feature)


async def settle_owners(ctx: Context, sale: Sale) -> None:
    """Wants what makes good what is outstanding, for everybody for whom nothing is under way. The
    sale is held.
    """
    session = ctx.store.session
    booked = await entries_of(session, sale.mode, sale=sale.id)
    calls = await calls_of(session, sale.id)
    held = held_of(booked)
    known = {one.person: one for one in await payees(session, sale.mode, held, lock=True)}
    ready = {person for person, one in known.items() if one.ready and not sale.disputed}
    busy = {
        call.person
        for call in calls
        if call.person
        and call.status in _OPEN
        and not await _dropped(session, call, held.get(call.person, 0), ready=ready)
    }
    outstanding = {
        person: amount for person, amount in sorted(held.items()) if amount and person not in busy
    }
    for person, amount in outstanding.items():
        if amount < 0:
            await _take_back(ctx, sale, calls, person=person, amount=-amount, after=len(booked))
            continue
        left = amount - await _net(ctx, sale, person=person, amount=amount, after=len(booked))
        if not left:
            continue
        await want(
            session,
            Wanted(
                sale.mode,
                f"transfer:{sale.id}:{person}:{_number(calls, person)}",
                "transfer",
                sale.id,
                person,
                left,
                sale.currency,
                {"again": _sent(calls, person) + left > _theirs(sale, person)},
                held=person not in ready,
                pause=_pause(calls, person),
            ),
        )


async def _dropped(session: Session, call: Call, due: int, *, ready: Collection[UUID]) -> bool:
    """Whether what was held is no longer wanted; else it is for what is due, and goes out to who
    can take it by now.
    """
    if call.status != "held":
        return False
    if due > 0:
        if call.amount != due:
            await resize(session, call.id, due)
        if call.person in ready:
            await settle(session, call.id, Outcome("due", due_at=session.now))
        return False
    await settle(session, call.id, Outcome("failed", reason="Nothing is due any more."))
    return True


def held_of(booked: Sequence[Posted]) -> Mapping[UUID, int]:
    """What is held for each person by these entries; below zero: more went out than is theirs."""
    sums: dict[UUID, int] = {}
    for posted in booked:
        for one in posted.entry.postings:
            if one.pot == "held" and one.party is not None:
                sums[one.party] = sums.get(one.party, 0) + one.amount
    return sums


def _sent(calls: Sequence[Call], person: UUID) -> int:
    """What went to somebody's account and didn't come back."""
    signs = {"transfer": 1, "reversal": -1}
    return sum(
        signs.get(call.kind, 0) * call.amount
        for call in calls
        if call.person == person and call.status == "done"
    )


def _theirs(sale: Sale, person: UUID) -> int:
    """What the provider sends to somebody out of the sale's own charge. A dispute that is won once
    its debt was paid leaves more, which comes out of what is available.
    """
    shares = sum(share.amount for share in sale.shares if share.person == person)
    return shares + (sale.referral if sale.referrer == person else 0)


def _pause(calls: Sequence[Call], person: UUID) -> timedelta:
    """How long what the provider refused to send is left before it is asked for anew."""
    refused = 0
    for call in calls:
        if call.kind == "transfer" and call.person == person:
            refused = 0 if call.status == "done" else refused + 1
    return _FIRST_PAUSE * 4 ** min(refused - 1, 3) if refused else timedelta()


def _number(calls: Sequence[Call], person: UUID) -> int:
    """How many calls there were for somebody: what tells the next from them."""
    return sum(1 for call in calls if call.person == person)


async def _net(ctx: Context, sale: Sale, *, person: UUID, amount: int, after: int) -> int:
    """Takes what somebody owes off what is held for them; how much. `after`: so many entries."""
    session = ctx.store.session
    owed = -await pot(session, sale.mode, "debt", currency=sale.currency, party=person, lock=True)
    part = min(owed, amount)
    if part <= 0:
        return 0
    id = f"{sale.id}:{person}:after:{after}"
    await post(session, entries.netting(about(sale), id, party=person, amount=part))
    return part


async def _take_back(
    ctx: Context, sale: Sale, calls: Sequence[Call], *, person: UUID, amount: int, after: int
) -> None:
    """Wants back what went out of the sale to somebody, of the newest transfer first; what can't
    be found in any is their debt, booked after so many entries.
    """
    session = ctx.store.session
    back: dict[str, int] = {}
    for call in calls:
        if call.kind == "reversal" and call.status == "done":
            of = str(call.asked["transfer"])
            back[of] = back.get(of, 0) + call.amount
    for call in reversed(calls):
        if call.kind != "transfer" or call.person != person or call.answer is None:
            continue
        transfer = str(call.answer["id"])
        tried = any(
            one.kind == "reversal" and one.status == "failed" and one.asked["transfer"] == transfer
            for one in calls
        )
        left = call.amount - back.get(transfer, 0)
        if left <= 0 or tried:
            continue
        await want(
            session,
            Wanted(
                sale.mode,
                f"reversal:{sale.id}:{person}:{_number(calls, person)}",
                "reversal",
                sale.id,
                person,
                min(left, amount),
                sale.currency,
                {"transfer": transfer},
            ),
        )
        return
    id = f"{sale.id}:{person}:after:{after}"
    await post(session, entries.debt(about(sale), id, party=person, amount=amount))


@dataclass(frozen=True, slots=True)
class Wish:
    """Money that is to go back: `tokens` were taken for it; `loss` is what the platform bears; `of`
    is the place of the run that wants it, of a `whole` one all that is left.
    """

    amount: int
    tokens: int = 0
    loss: int = 0
    reason: str = ""
    by: UUID | None = None
    of: str = ""
    whole: bool = False


def refund_id(sale: Sale, calls: Sequence[Call]) -> UUID:
    """The id of the next refund of a sale; `calls` are those before it."""
    return uuid5(sale.id, f"refund:{len(calls)}")


async def want_refund(ctx: Context, sale: Sale, wish: Wish) -> None:
    """Wants money back for the buyer of a sale that is held."""
    session = ctx.store.session
    calls = await calls_of(session, sale.id, kind="refund")
    asked: dict[str, JsonValue] = {
        "refund": str(refund_id(sale, calls)),
        "tokens": wish.tokens,
        "loss": wish.loss,
        "reason": wish.reason,
        "by": str(wish.by) if wish.by else None,
        **({"of": wish.of, "whole": wish.whole} if wish.of else {}),
    }
    key = f"refund:{sale.id}:{len(calls)}"
    await want(
        session,
        Wanted(sale.mode, key, "refund", sale.id, None, wish.amount, sale.currency, asked),
    )
