"""What is held, what became of it, and whether it adds up."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from one.domains.tokens.asking import token_of
from one.errors import Denied, NotFound
from one.runtime import Context, operation, signed_in, staff
from one.store import Row, ledger
from one.store.ledger import Difference, Holding, Line

Limit = Annotated[int, Field(ge=1, le=200, description="How many to a page.")]
Before = Annotated[UUID | None, Field(description="The `next` of the page before.")]


class Holdings(Row):
    """What somebody holds, by token; `next` is the `before` of the following page."""

    items: list[Holding]
    next: UUID | None
    off_chain: Literal[True] = True


class Held(Holding):
    """What you have of one token."""

    off_chain: Literal[True] = True


class Statement(Row):
    """Moves, newest first; `next` is the `before` of the following page."""

    items: list[Line]
    next: UUID | None
    off_chain: Literal[True] = True


class Audit(Row):
    """Whether all balances are what their moves come to, and where they aren't."""

    agrees: bool
    differences: list[Difference]


@operation(
    kind="read",
    snapshot=False,
    allow=signed_in,
    raises=(NotFound,),
    route="GET /api/ledger/holdings",
)
async def list_holdings(ctx: Context, *, before: Before = None) -> Holdings:
    """What you hold of each token, and what of it you have staked."""
    found = await ledger.holdings(ctx.store.session, ctx.me, before=before)
    return Holdings(items=found, next=found[-1].token if len(found) == ledger.PAGE else None)


@operation(
    kind="read",
    snapshot=False,
    allow=signed_in,
    raises=(NotFound,),
    route="GET /api/entities/{id}/holding",
)
async def get_holding(ctx: Context, *, id: UUID) -> Held:
    """What you hold of one token: free to be spent, and staked."""
    found = await ledger.holdings(ctx.store.session, ctx.me, token=id)
    if found:
        return Held(**found[0].model_dump())
    facts = await token_of(ctx, id)
    symbol = facts.properties.get("symbol")
    return Held(
        token=facts.id,
        name=facts.name,
        symbol=str(symbol) if symbol else None,
        balance=0,
        staked=0,
        locked_until=None,
    )


@operation(
    kind="read",
    snapshot=False,
    allow=signed_in,
    raises=(NotFound,),
    route="GET /api/ledger/moves",
)
async def list_moves(
    ctx: Context, *, token: UUID | None = None, before: Before = None, limit: Limit = 50
) -> Statement:
    """Your statement: every move of your tokens, or of one of them, and what it left."""
    found = await ledger.lines(
        ctx.store.session, ctx.me, token=token, before=before, limit=limit + 1
    )
    items = found[:limit]
    return Statement(items=items, next=items[-1].id if len(found) > limit else None)


@operation(kind="read", allow=staff, raises=(Denied,), route="GET /api/ledger/verify")
async def verify_tokens(ctx: Context) -> Audit:
    """Reckons every balance once more from its moves, and says where they don't agree."""
    found = await ledger.verify(ctx.store.session)
    return Audit(agrees=not found, differences=found)
