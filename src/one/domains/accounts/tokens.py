"""Tokens that act: who made them, what they may do, until when. Accounts grow from here.

Records no events of its own; a token that is revoked is told of by the change log.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

from one.errors import Denied, Invalid, NotFound
from one.runtime import Context, operation, signed_in
from one.store import Row, Token
from one.store.audit import note
from one.store.sight import Scope

Scopes = Annotated[
    list[Scope],
    Field(
        min_length=1,
        max_length=7,
        description="`read`: every read; `write`: all but changes of accounts; else the name of a"
        " room: all that is done there (a feature is run with `runs`).",
    ),
]


class NewToken(Row):
    """A token and its secret, which is shown this once and kept nowhere."""

    token: Token
    secret: str


class Tokens(Row):
    """Tokens, newest first."""

    items: list[Token]


@operation(
    kind="write",
    allow=signed_in,
    raises=(Denied, Invalid, NotFound),
    route="POST /api/tokens",
    status=201,
    secret=True,
)
async def create_token(
    ctx: Context,
    *,
    name: Annotated[str, Field(min_length=1, max_length=100)],
    entity: UUID | None = None,
    role: Literal["person", "staff"] = "person",
    expires_at: AwareDatetime | None = None,
    scopes: Scopes | None = None,
) -> NewToken:
    """A token that acts as you or, for staff, as another person or as the staff you are. With
    `scopes` it is for these alone, and makes no tokens itself.
    """
    acting = entity or ctx.me
    if not ctx.actor.staff and (role == "staff" or acting != ctx.me):
        raise Denied("You can make tokens for yourself only.", cure="Leave out entity and role.")
    if role == "staff" and acting != ctx.me and not ctx.actor.owns_all:
        raise Denied("Only an owner makes another's staff tokens.", cure="Leave out the entity.")
    if expires_at is not None and expires_at <= ctx.clock.now():
        raise Invalid("A token can't be over before it begins.", cure="Choose a later expiresAt.")
    await ctx.store.get(acting)
    token, secret = await ctx.store.issue_token(
        entity=acting, role=role, name=name, expires_at=expires_at, scopes=scopes
    )
    facts: dict[str, JsonValue] = {"name": name, "role": role}
    if scopes is not None:
        facts["scopes"] = list[JsonValue](token.scopes or ())
    await note(ctx.store.session, "token_made", about=acting, details=facts)
    return NewToken(token=token, secret=secret)


@operation(kind="read", allow=signed_in, route="GET /api/tokens")
async def list_tokens(ctx: Context) -> Tokens:
    """Your tokens; for staff everybody's. Never their secrets."""
    entity = None if ctx.actor.role == "staff" else ctx.actor.id
    return Tokens(items=await ctx.store.tokens_of(entity))


@operation(kind="write", allow=signed_in, raises=(NotFound,), route="DELETE /api/tokens/{id}")
async def revoke_token(ctx: Context, *, id: UUID) -> Token:
    """Ends a token at once."""
    if ctx.actor.role != "staff":
        mine = await ctx.store.tokens_of(ctx.actor.id)
        if id not in {token.id for token in mine}:
            raise NotFound("You have no token with this id.", cure="List your tokens to find it.")
    ended = await ctx.store.revoke_token(id)
    await note(ctx.store.session, "token_ended", about=ended.entity_id)
    return ended
