"""What stands for an author in the addresses of their features."""

import re
import unicodedata
from uuid import UUID

from one.runtime import Context
from one.store import PLATFORM, revisions

_LONGEST, _MOST = 36, 1_000


async def settle_handle(ctx: Context, owner: UUID) -> str | None:
    """The author's own handle, or one made of their name where they have none; the platform needs
    none. Their own is followed when it changes.
    """
    if owner == PLATFORM:
        return None
    session = ctx.store.session
    known = await revisions.handle_of(session, owner)
    person = await ctx.store.get(owner)
    own = person.properties.get("handle")
    if known is not None and own in (None, known):
        return known
    wanted = str(own) if own else handle_from(person.name)
    for n in range(1, _MOST):
        handle = wanted if n == 1 else f"{wanted}-{n}"
        if await revisions.take_handle(session, owner, handle):
            return handle
    raise AssertionError("there is always another number")


def handle_from(name: str) -> str:
    """`Ana Brown` → `ana_brown`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "_".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST].strip("_") or "author"
