"""Closing one's account: hidden at once, to be had back for a while, then forgotten for good."""

from datetime import datetime, timedelta
from functools import cache

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from one.domains.accounts.again import ATTEMPTS, keep_wrong_password, mine, require_again
from one.domains.accounts.letters import mail_link
from one.domains.accounts.passwords import CurrentPassword
from one.errors import Denied, NotFound
from one.providers.base import catalogue
from one.runtime import Context, in_session, operation
from one.store import Row
from one.store.leaving import Leaving, close, leaving


@cache
def paying() -> frozenset[str]:
    """What the steps of runs are called that take what can be given back."""
    return frozenset(
        f"{service.name}.{action.name}"
        for service in catalogue()
        for action in service.actions
        if action.takes_money and action.inverse
    )


class Closed(Row):
    """`until` then one has the account back by signing in."""

    until: datetime
    session_secret: SkipJsonSchema[str | None] = Field(default=None, exclude=True, repr=False)


@operation(kind="read", allow=in_session, raises=(NotFound,), route="GET /api/account/closing")
async def show_closing(ctx: Context) -> Leaving:
    """What closing your account would come to."""
    person = (await mine(ctx)).entity_id
    return await leaving(ctx.store.session, person, paying=paying())


@operation(
    kind="write",
    allow=in_session,
    raises=(NotFound, Denied),
    limits=ATTEMPTS,
    refused=keep_wrong_password,
)
async def close_account(ctx: Context, *, password: CurrentPassword | None = None) -> Closed:
    """Closes your account: you and what is yours alone are hidden, your features retired, your
    runs cancelled (one that has taken money gives it back in time), every device and token signed
    out. Sign in before `until` to have it back; then it is forgotten for good, but for what money
    came of, which stays without a name.
    """
    account = await mine(ctx)
    await require_again(ctx, account, password)
    await close(ctx.store.session, account, paying=paying())
    await mail_link(ctx, "closed", account.email)
    until = ctx.clock.now() + timedelta(days=ctx.settings.reopen_days)
    return Closed(until=until, session_secret="")
