"""Places: how many of a thing there still are to buy, in all and for one buyer.

What somebody has begun to pay for is kept for them, until they have paid, give it up, or its time
is over.
"""

from collections.abc import Sequence
from uuid import UUID

from one.domains.payments.offers import NotForSale, here
from one.runtime import Context
from one.store import Entity
from one.store.sales import hold_product, reserved
from one.store.session import Session
from one.store.supply import circulating_of


async def require_places(ctx: Context, thing: Entity, quantity: int, *, hold: bool = False) -> None:
    """That so many can be bought by the one who acts. `hold`: whoever else buys of a thing of which
    there is an end waits until this transaction is over. Raises NotForSale.
    """
    limits = [thing.properties.get(name) for name in ("stock", "perBuyer", "totalSupply")]
    if not any(isinstance(limit, int) for limit in limits):
        return
    session, mode = ctx.store.session, ctx.deployment.payments.mode
    if hold:
        await hold_product(session, thing.id)
        thing = await here(ctx).get(thing.id)
    kept = await reserved(session, mode, thing.id, buyer=ctx.me)
    _require_own(thing, quantity, theirs=kept.theirs)
    left = (await left_of(session, [thing]))[thing.id]
    if left is not None:
        _require_left(thing, quantity, left=left - kept.unpaid, unpaid=kept.unpaid)


async def left_of(session: Session, things: Sequence[Entity]) -> dict[UUID, int | None]:
    """How many of each thing nobody has yet, what is kept for buyers included; none where there is
    no end.
    """
    supplies = {
        one.id: supply
        for one in things
        if isinstance(supply := one.properties.get("totalSupply"), int)
    }
    out = await circulating_of(session, supplies) if supplies else {}
    left: dict[UUID, int | None] = {}
    for one in things:
        stock = one.properties.get("stock")
        ends = [stock] if isinstance(stock, int) else []
        if one.id in supplies:
            ends.append(supplies[one.id] - out.get(one.id, 0))
        left[one.id] = min(ends, default=None)
    return left


def _require_own(thing: Entity, quantity: int, *, theirs: int) -> None:
    """Raises NotForSale."""
    most = thing.properties.get("perBuyer")
    if not isinstance(most, int) or theirs + quantity <= most:
        return
    left = max(most - theirs, 0)
    raise NotForSale(
        f"Everybody can buy {most:,} of “{thing.name}” at most, and you have bought, or begun to"
        f" buy, {theirs:,}."
        if theirs
        else f"Everybody can buy {most:,} of “{thing.name}” at most.",
        cure=f"Ask for {left:,}, or fewer."
        if left
        else "Pay for what you have begun to buy, or give it up; it is among your purchases.",
        details={"left": left},
    )


def _require_left(thing: Entity, quantity: int, *, left: int, unpaid: int) -> None:
    """Raises NotForSale."""
    if quantity <= left:
        return
    later = "What others are about to pay for may come free within a day." if unpaid else ""
    raise NotForSale(
        f"Of “{thing.name}” {left:,} are left." if left > 0 else f"“{thing.name}” is sold out.",
        cure=" ".join(
            part
            for part in (f"Ask for {left:,}, or fewer." if left > 0 else "Come back later.", later)
            if part
        ),
        details={"left": max(left, 0)},
    )
