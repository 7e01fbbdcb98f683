"""Invitations: somebody is asked to come, in the name of who asks, by a letter alone.

The link is never told to who invites, who learns nothing of the address either. Looking at it does
nothing; using it makes the account. Whoever has one already signs in as ever.
"""

import re
from datetime import timedelta

from one.domains.accounts.entrance import Mailed
from one.domains.accounts.letters import mail_link
from one.errors import NotFound
from one.ontology.values import Email
from one.runtime import Context, Limit, in_session, operation
from one.store.accounts import account_by_email

_DAY = timedelta(days=1)
_LIMITS = (
    Limit(1, timedelta(days=30), by=("actor", "email")),
    Limit(3, _DAY, by=("email",)),
    Limit(20, _DAY, by=("actor",)),
)
_LONGEST = 60
_PLAIN = re.compile(r"[^\w .'’-]|_")


@operation(kind="write", allow=in_session, raises=(NotFound,), status=202, limits=_LIMITS)
async def invite(ctx: Context, *, email: Email) -> Mailed:
    """Asks somebody to come, by a letter in your name with a link that is good for a week; each
    address once a month. They are then known to have come by you.
    """
    me = await ctx.store.get(ctx.me)
    account = await account_by_email(ctx.store.session.tx, ctx.space, email)
    await mail_link(
        ctx,
        "invited",
        email,
        account=account.id if account else None,
        facts={"kind": "audience_member", "by": str(ctx.me), "name": plainly(me.name)},
    )
    return Mailed()


def plainly(name: str) -> str:
    """A name without what could be an address or a text to strangers."""
    said = " ".join(_PLAIN.sub(" ", name).split())[:_LONGEST].strip()
    return re.sub(r"\.(?=\w)", ". ", said) or "Somebody"
