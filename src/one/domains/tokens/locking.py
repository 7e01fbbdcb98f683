"""Tokens are locked for a while, freed when it is over, and earn what the token says."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from one.domains.tokens.asking import Amount, token_of
from one.errors import Invalid, NotFound
from one.runtime import Context, operation, signed_in
from one.store import Exhausted, NotEnough, Row, stakes
from one.store.stakes import LONGEST, Lock, Locked, Settled, Stake

Seconds = Annotated[int, Field(ge=0, le=LONGEST, description="How long, in seconds.")]


class Stakes(Row):
    """Stakes that are not freed yet, or whose reward isn't paid, newest first."""

    items: list[Stake]
    off_chain: Literal[True] = True


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, NotEnough),
    route="POST /api/entities/{id}/stakes",
    status=201,
)
async def stake_tokens(ctx: Context, *, id: UUID, amount: Amount, seconds: Seconds) -> Stake:
    """Locks units of yours for so long; the answer says until when, and what they earn."""
    await token_of(ctx, id)
    return await stakes.stake(ctx.store.session, ctx.me, token=id, lock=Lock(amount, seconds))


@operation(kind="read", snapshot=False, allow=signed_in, route="GET /api/ledger/stakes")
async def list_stakes(ctx: Context) -> Stakes:
    """What you have staked."""
    return Stakes(items=await stakes.stakes_of(ctx.store.session, ctx.me))


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, Locked, Settled),
    route="POST /api/ledger/stakes/{id}/unstake",
)
async def unstake_tokens(ctx: Context, *, id: UUID) -> Stake:
    """Frees a stake of yours whose lock is over; its reward is claimed apart."""
    return await stakes.unstake(
        ctx.store.session, await stakes.find(ctx.store.session, id, holder=ctx.me)
    )


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, Exhausted, Locked, Settled),
    route="POST /api/ledger/stakes/{id}/claim",
)
async def claim_reward(ctx: Context, *, id: UUID) -> Stake:
    """Pays you, once, what a stake of yours earned."""
    return await stakes.claim(
        ctx.store.session, await stakes.find(ctx.store.session, id, holder=ctx.me)
    )
