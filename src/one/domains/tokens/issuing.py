"""Tokens come into being, and units of them: within what the token says that there may be."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from one.domains.tokens.asking import Amount, Reason, token_of
from one.errors import Conflict, Denied, Invalid, NotFound
from one.runtime import Context, anyone, operation, owner_of, signed_in
from one.store import Draft, Entity, Exhausted, Link, Move, Row, ledger
from one.store import supply as limits

Name = Annotated[str, Field(min_length=1, max_length=300)]
Symbol = Annotated[str, Field(min_length=1, max_length=12, pattern=r"^[A-Za-z0-9]+$")]
Whole = Annotated[int, Field(ge=1, le=2**53 - 1)]
Rate = Annotated[
    int, Field(ge=0, le=100_000, description="What a stake earns, in basis points a year.")
]


class Facts(Row):
    """What there is to know of a token; `left` and `leftToday` are null where there is no end."""

    token: UUID
    name: str
    symbol: str | None
    holders: int
    circulating: int
    staked: int
    total_supply: int | None
    left: int | None
    daily_limit: int | None
    left_today: int | None
    staking_rate: int
    transferable: bool
    off_chain: Literal[True] = True


class Given(Row):
    """What somebody has of a token now."""

    token: UUID
    holder: UUID
    balance: int
    off_chain: Literal[True] = True


@operation(kind="read", allow=anyone, raises=(NotFound,), route="GET /api/entities/{id}/supply")
async def get_token_facts(ctx: Context, *, id: UUID) -> Facts:
    """How many hold a token, how much of it is out, and how much there may be."""
    found = await token_of(ctx, id)
    out = await ledger.supply(ctx.store.session, id)
    most, daily = _count(found, "totalSupply"), _count(found, "dailyLimit")
    today = await limits.given_today(ctx.store.session, id) if daily is not None else 0
    symbol = found.properties.get("symbol")
    return Facts(
        token=found.id,
        name=found.name,
        symbol=str(symbol) if symbol else None,
        holders=out.holders,
        circulating=out.circulating,
        staked=out.staked,
        total_supply=most,
        left=None if most is None else max(most - out.circulating, 0),
        daily_limit=daily,
        left_today=None if daily is None else max(daily - today, 0),
        staking_rate=_count(found, "stakingRate") or 0,
        transferable=found.properties.get("transferable") is not False,
    )


def _count(token: Entity, key: str) -> int | None:
    value = token.properties.get(key)
    return value if isinstance(value, int) else None


@operation(
    kind="write",
    allow=signed_in,
    raises=(Denied, Invalid, Conflict, NotFound),
    route="POST /api/ledger/tokens",
    status=201,
)
async def issue_token(
    ctx: Context,
    *,
    name: Name,
    symbol: Symbol,
    summary: Annotated[str, Field(max_length=2_000)] = "",
    total_supply: Whole | None = None,
    daily_limit: Whole | None = None,
    staking_rate: Rate | None = None,
    transferable: bool = True,
    contract: bool = False,
) -> Entity:
    """A token of yours, of which there is none yet. `totalSupply` is how many units there may be,
    `dailyLimit` how many may be given out in a day; with `contract` its terms stand in a contract
    too. All of it is off-chain.
    """
    me = await ctx.store.get(ctx.me)
    if me.type != "creator" and not ctx.actor.staff:
        raise Denied("Only creators issue tokens.", cure="Become a creator first.")
    terms: dict[str, JsonValue] = {"symbol": symbol, "totalSupply": total_supply}
    known = {key: value for key, value in terms.items() if value is not None}
    said: dict[str, JsonValue] = {
        "summary": summary or None,
        "dailyLimit": daily_limit,
        "stakingRate": staking_rate,
        "transferable": transferable,
    }
    own = {key: value for key, value in said.items() if value is not None}
    made = await ctx.store.create(Draft("token", name, {**known, **own}, "active"))
    if contract:
        facts = Draft("token_contract", name, {**known, "offChain": True}, "active")
        paper = await ctx.store.create(facts)
        await ctx.store.connect(Link("references", paper.id, made.id, {}))
    return made


@operation(
    kind="write",
    allow=owner_of("id"),
    raises=(NotFound, Invalid, Exhausted),
    route="POST /api/entities/{id}/mint",
)
async def mint_tokens(
    ctx: Context, *, id: UUID, to: UUID, amount: Amount, reason: Reason | None = None
) -> Given:
    """Gives somebody new units of your token, within its supply and its day."""
    await token_of(ctx, id)
    await ctx.store.get(to)
    about: dict[str, JsonValue] = {"reason": reason} if reason else {}
    left = await ctx.store.move(Move(to, id, amount, "minted", about))
    return Given(token=id, holder=to, balance=left)
