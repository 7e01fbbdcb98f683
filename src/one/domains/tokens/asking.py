"""What the operations on tokens have in common."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from one.errors import Invalid
from one.runtime import Context
from one.store import Entity

Amount = Annotated[int, Field(ge=1, le=2**53 - 1, description="How many units.")]
Reason = Annotated[str, Field(min_length=1, max_length=300, description="What it was for.")]


async def token_of(ctx: Context, id: UUID) -> Entity:
    """A token that the actor may see. Raises NotFound, Invalid."""
    found = await ctx.store.get(id)
    if found.type != "token":
        raise Invalid(f"“{found.name}” is no token.", cure="Name a token.")
    return found
