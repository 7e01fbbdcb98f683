"""Who changes what an account is entered by proves once more that it is theirs."""

from collections.abc import Mapping
from datetime import timedelta

from one.domains.accounts.passwords import CurrentPassword
from one.errors import Denied, Fault, NotFound
from one.runtime import Call, Context, Deployment, Limit
from one.store.accounts import Account, account_of
from one.store.audit import note
from one.store.sessions import begun_at

FRESH = timedelta(minutes=15)
ATTEMPTS = (Limit(10, FRESH, by=("actor",), refused=True),)


async def keep_wrong_password(
    deployment: Deployment, call: Call, *, arguments: Mapping[str, object]
) -> None:
    """Notes that somebody who is signed in didn't know the password."""
    tried = arguments.get("password")
    if isinstance(tried, CurrentPassword) and not tried.right:
        place = call.asked.origin.place
        async with deployment.desk.write(call.space, call.actor) as store:
            await note(store.session, "password_refused", about=call.actor.id, details=place)


async def mine(ctx: Context) -> Account:
    """The account of who acts. Raises NotFound."""
    account = await account_of(ctx.store.session.tx, ctx.space, ctx.actor.id)
    if account is None:
        raise NotFound("You have no account here.", cure="Sign up with your e-mail address.")
    return account


async def require_again(ctx: Context, account: Account, password: CurrentPassword | None) -> None:
    """The password once more; who has none must have signed in just now. Raises Denied."""
    if account.password is None:
        begun = await begun_at(ctx.store.session, ctx.actor.session)
        if begun is None or begun < ctx.clock.now() - FRESH:
            raise Denied(
                "It is a while since you signed in.",
                cure="Sign in again, by a link that we e-mail you.",
            )
    elif password is None or not password.right:
        wrong = "is required" if password is None else "is not the one that you sign in with"
        raise Denied(
            "Your password is needed for this.",
            cure="Give the one that you sign in with.",
            faults=(Fault("/password", wrong),),
        )
