"""The staff of a space, as what they act, and the log of what is done to accounts and rights.

An owner may do all; an admin, all but choose the staff. Support, and who may read only, see all;
for the rest both have the rights of the person they are. Whoever becomes staff of another kind
signs in anew.
"""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from one.errors import Denied, Invalid, NotFound
from one.runtime import Context, in_session, operation, staff, staff_owner
from one.store import PEOPLE, Row
from one.store import staff as people
from one.store.accounts import account_of
from one.store.audit import Entry, log_of, note
from one.store.keys import revoke_staff_tokens
from one.store.sessions import end_others
from one.store.sight import StaffRole
from one.store.staff import Member

Limit = Annotated[int, Field(ge=1, le=200)]
Before = Annotated[int, Field(ge=1, le=2**53)]


class Staff(Row):
    """The staff, by when they came."""

    items: list[Member]


class Log(Row):
    """Entries, newest first; `next` is the `before` of the following page."""

    items: list[Entry]
    next: int | None


@operation(kind="read", snapshot=False, allow=staff, route="GET /api/staff")
async def list_staff(ctx: Context) -> Staff:
    """Who is of the staff, and as what."""
    return Staff(items=await people.staff(ctx.store.session))


@operation(
    kind="write",
    allow=staff_owner,
    raises=(NotFound, Invalid, Denied),
    route="PUT /api/staff/{person}",
)
async def appoint_staff(ctx: Context, *, person: UUID, role: StaffRole) -> Staff:
    """Makes somebody staff; every device of theirs is signed out."""
    known = await ctx.store.get(person)
    if known.type not in PEOPLE:
        raise Invalid(f"“{known.name}” is not a person.", cure="Name a person.")
    await _leave(ctx, person)
    await people.appoint(ctx.store.session, person, role)
    await note(ctx.store.session, "staff_appointed", about=person, details={"role": role})
    return await list_staff(ctx)


@operation(
    kind="write",
    allow=staff_owner,
    raises=(NotFound, Denied),
    route="DELETE /api/staff/{person}",
)
async def dismiss_staff(ctx: Context, *, person: UUID) -> Staff:
    """Takes somebody off the staff; every device of theirs is signed out."""
    if not await people.dismiss(ctx.store.session, person):
        raise NotFound("Nobody of the staff has this id.", cure="List the staff to find them.")
    await _leave(ctx, person)
    await note(ctx.store.session, "staff_dismissed", about=person)
    return await list_staff(ctx)


async def _leave(ctx: Context, person: UUID) -> None:
    """Ends what somebody has begun with the rights they had."""
    await revoke_staff_tokens(ctx.store.session, person)
    account = await account_of(ctx.store.session.tx, ctx.space, person)
    if account is not None:
        await end_others(ctx.store.session, account.id, None)


@operation(kind="read", snapshot=False, allow=staff, route="GET /api/audit")
async def list_audit(ctx: Context, *, before: Before | None = None, limit: Limit = 50) -> Log:
    """What was done to accounts, rights, money and features, and what staff looked at."""
    return await _log(ctx, None, before=before, limit=limit)


@operation(kind="read", snapshot=False, allow=in_session, route="GET /api/account/log")
async def list_own_log(ctx: Context, *, before: Before | None = None, limit: Limit = 50) -> Log:
    """What you did that was kept for certain, and what others did to you."""
    return await _log(ctx, ctx.me, before=before, limit=limit)


async def _log(ctx: Context, person: UUID | None, *, before: int | None, limit: int) -> Log:
    found = await log_of(ctx.store.session, person, before=before, limit=limit + 1)
    items = found[:limit]
    return Log(items=items, next=items[-1].position if len(found) > limit else None)
