"""Tokens change hands, and are used up: by their holder alone."""

from uuid import UUID

from pydantic import JsonValue

from one.domains.tokens.asking import Amount, Reason, token_of
from one.domains.tokens.issuing import Given
from one.errors import Conflict, Invalid, NotFound
from one.runtime import Context, operation, signed_in
from one.store import Move, NotEnough, ledger


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, NotEnough),
    route="POST /api/entities/{id}/spend",
)
async def spend_tokens(ctx: Context, *, id: UUID, amount: Amount, reason: Reason) -> Given:
    """Gives units of yours back to the owner of the token, for a reason. Of a token that is your
    own they are used up.
    """
    await token_of(ctx, id)
    about: dict[str, JsonValue] = {"reason": reason}
    owner = await ledger.main_owner(ctx.store.session, id)
    if owner is None or owner == ctx.me:
        left = await ctx.store.move(Move(ctx.me, id, -amount, "spent", about))
    else:
        source = Move(ctx.me, id, amount, "spent", about)
        left = await ctx.store.transfer(source, owner, received="earned")
    return Given(token=id, holder=ctx.me, balance=left)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, NotEnough, Conflict),
    route="POST /api/entities/{id}/transfer",
)
async def transfer_tokens(
    ctx: Context, *, id: UUID, to: UUID, amount: Amount, reason: Reason | None = None
) -> Given:
    """Sends units of yours to somebody else, where the token lets them change hands."""
    found = await token_of(ctx, id)
    await ctx.store.get(to)
    if found.properties.get("transferable") is False:
        raise Conflict(
            f"“{found.name}” stays with whoever has it.", cure="Spend them with its owner instead."
        )
    about: dict[str, JsonValue] = {"reason": reason} if reason else {}
    left = await ctx.store.transfer(Move(ctx.me, id, amount, "transferred", about), to)
    return Given(token=id, holder=ctx.me, balance=left)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, NotEnough),
    route="POST /api/entities/{id}/burn",
)
async def burn_tokens(
    ctx: Context, *, id: UUID, amount: Amount, reason: Reason | None = None
) -> Given:
    """Takes units of yours out of the world."""
    await token_of(ctx, id)
    about: dict[str, JsonValue] = {"reason": reason} if reason else {}
    left = await ctx.store.move(Move(ctx.me, id, -amount, "burned", about))
    return Given(token=id, holder=ctx.me, balance=left)
