"""Signing up, in and out. What is answered never says whether an address has an account.

To sign up is to ask for a letter; the person and their account are made when its link is used, so
that every account's address is proven.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from one.domains.accounts.letters import code_of, link_of, mail_link, tell_change
from one.domains.accounts.passwords import NewPassword, TriedPassword
from one.domains.accounts.secondfactor import Code, TriedCode
from one.errors import Conflict, Denied, Fault, Invalid, NotFound
from one.ontology.values import Email, Handle
from one.runtime import Call, Context, Deployment, Limit, anyone, operation, with_link
from one.store import PLATFORM, Draft, Row, Store, Viewer
from one.store import Link as Tie
from one.store.accounts import (
    Account,
    account_by_email,
    account_by_id,
    keep_password,
    move_email,
    open_account,
)
from one.store.audit import note
from one.store.leaving import reopen
from one.store.links import Link, Purpose, find_link, newest_links, use_link, was_used
from one.store.session import Session
from one.store.sessions import begin, end, end_others

QUARTER = timedelta(minutes=15)
HALF = timedelta(minutes=10)  # what the second factor may take
LETTERS = (Limit(4, QUARTER, by=("email",)), Limit(30, timedelta(hours=1), by=("address",)))
GUESSES = (
    Limit(10, QUARTER, by=("address", "email"), refused=True),
    Limit(100, QUARTER, by=("address",), refused=True),
)
_USELESS = ("nobody", "closed", "changed")  # links of letters that only tell
WRONG = "The e-mail address or the password is wrong."

Name = Annotated[str, Field(min_length=1, max_length=200)]
Token = Annotated[str, Field(min_length=1, max_length=200)]
Next = Annotated[
    str,
    Field(
        max_length=500,
        pattern=r"^(/([!-.0-\[\]-~][!-\[\]-~]*)?)?$",
        description="A path of this site, to go on to once in.",
    ),
]


class Mailed(Row):
    """A letter is on its way, if it was wanted there."""

    mailed: Literal[True] = True


class Entered(Row):
    """Who you are now, or what is still needed for it: the code of your second factor, or that
    the other of two addresses is confirmed, too. `made`: you have your account since now.
    `reopened`: it was closed, and is open again. `next` is where you were going when you asked for
    the letter.
    """

    entity: UUID | None
    needs: Literal["nothing", "second_factor", "other_address"] = "nothing"
    made: bool = False
    reopened: bool = False
    next: str = ""
    session_secret: SkipJsonSchema[str | None] = Field(default=None, exclude=True, repr=False)


class LinkShown(Row):
    """What a link does when it is used, and whose address it went to. Of an invitation: in whose
    name it came, and whether there is an account with the address, which signs in as ever.
    """

    purpose: Purpose
    email: str
    by: str | None = None
    known: bool = False


@operation(kind="write", allow=anyone, raises=(Conflict, Invalid), status=202, limits=LETTERS)
async def sign_up(
    ctx: Context,
    *,
    email: Email,
    name: Name,
    kind: Literal["creator", "audience_member"] = "audience_member",
    handle: Handle | None = None,
    password: NewPassword | None = None,
    next: Next = "",
) -> Mailed:
    """Asks for an account; the letter has the link that makes it. Without a password one signs in
    by letters.
    """
    account = await account_by_email(ctx.store.session.tx, ctx.space, email)
    await mail_link(
        ctx,
        "sign_in" if account else "sign_up",
        email,
        account=account.id if account else None,
        facts={
            "name": name,
            "kind": kind,
            "handle": handle,
            "password": password.hash if password else None,
            "next": next,
        },
    )
    return Mailed()


@operation(kind="write", allow=anyone, status=202, limits=LETTERS)
async def mail_sign_in(ctx: Context, *, email: Email, next: Next = "") -> Mailed:
    """Asks for a letter with a link, and a code, that sign in."""
    return await _mail_known(ctx, "sign_in", email, next=next)


@operation(kind="write", allow=anyone, status=202, limits=LETTERS)
async def mail_reset(ctx: Context, *, email: Email) -> Mailed:
    """Asks for a letter with a link by which a new password is chosen."""
    return await _mail_known(ctx, "reset", email)


async def _mail_known(ctx: Context, purpose: Purpose, email: str, *, next: str = "") -> Mailed:
    account = await account_by_email(ctx.store.session.tx, ctx.space, email)
    id = account.id if account else None
    about = purpose if account else "nobody"
    await mail_link(ctx, about, email, account=id, facts={"next": next})
    return Mailed()


async def _keep_refused(
    deployment: Deployment, call: Call, *, arguments: Mapping[str, object]
) -> None:
    """Notes who tried to sign in as whom; does the same for an address that has no account."""
    async with deployment.desk.write(call.space, call.actor) as store:
        email = str(arguments["email"])
        account = await account_by_email(store.session.tx, call.space, email)
        await _note_refused(store.session, call, account.entity_id if account else None)


async def _note_refused(session: Session, call: Call, person: UUID | None) -> None:
    await note(session, "sign_in_refused", about=person, details=call.asked.origin.place)


@operation(
    kind="write",
    allow=anyone,
    raises=(Denied, Conflict),
    limits=GUESSES,
    refused=_keep_refused,
)
async def sign_in(ctx: Context, *, email: Email, password: TriedPassword) -> Entered:
    """Signs in with a password."""
    del email  # it was looked up with the password
    account = password.account
    if account is None:
        raise Denied(WRONG, cure="Try again, or have a link e-mailed that signs you in.")
    if password.hash:
        await keep_password(ctx.store.session, account.id, password.hash)
    return await _enter(ctx, account)


def _no_link() -> NotFound:
    return NotFound(
        "This link is not known, was used, or is too old.",
        cure="Ask for a new one. It works for 15 minutes, an invitation for a week.",
    )


@operation(kind="read", allow=with_link, snapshot=False, raises=(NotFound,))
async def show_link(ctx: Context, *, link: Token) -> LinkShown:
    """What a link would do. Looking doesn't use it."""
    id = link_of(ctx.deployment, ctx.space, token=link)
    found = await find_link(ctx.store.session, id) if id else None
    if found is None or found.purpose in _USELESS:
        raise _no_link()
    if found.purpose != "invited":
        return LinkShown(purpose=found.purpose, email=found.email)
    known = await account_by_email(ctx.store.session.tx, ctx.space, found.email)
    by = str(found.facts["name"])
    return LinkShown(purpose="invited", email=found.email, by=by, known=known is not None)


@operation(
    kind="write",
    allow=with_link,
    raises=(NotFound, Invalid, Conflict, Denied),
)
async def enter(
    ctx: Context,
    *,
    link: Token,
    name: Name | None = None,
    handle: Handle | None = None,
    password: NewPassword | None = None,
) -> Entered:
    """Uses a link: signs up, signs in, or confirms an address. A reset takes the new password, an
    invitation the name of who comes.
    """
    id = link_of(ctx.deployment, ctx.space, token=link)
    used = await use_link(ctx.store.session, id) if id else None
    if used is None or used.purpose in _USELESS:
        raise _no_link()
    if used.purpose == "invited":
        hash = password.hash if password else None
        return await _come(ctx, used, {"name": name, "handle": handle, "password": hash})
    return await _follow(ctx, used, handle=handle, password=password)


async def _come(ctx: Context, link: Link, said: Mapping[str, str | None]) -> Entered:
    """Signs up who was invited, and remembers by whom they came."""
    session = ctx.store.session
    if await account_by_email(session.tx, ctx.space, link.email) is not None:
        raise Conflict("You have an account here.", cure="Sign in with it.")
    if said["name"] is None:
        missing = Fault("/name", "is required")
        raise Invalid("Your name is missing.", cure="Say what you are called.", faults=(missing,))
    account = await _made(ctx, replace(link, facts={**link.facts, **said}), None)
    inviter = UUID(str(link.facts["by"]))
    platform = ctx.deployment.desk.session_of(session.tx, ctx.space, Viewer(PLATFORM, "staff"))
    if not (await Store(platform).get(inviter)).deleted_at:
        await Store(platform).connect(Tie("referred_by", account.entity_id, inviter, {}))
    return await _enter(ctx, account, made=True)


@operation(
    kind="write",
    allow=anyone,
    raises=(NotFound, Invalid, Conflict, Denied),
    limits=GUESSES,
    refused=_keep_refused,
)
async def enter_code(
    ctx: Context, *, email: Email, code: Code, handle: Handle | None = None
) -> Entered:
    """Uses the code of a letter instead of its link, to sign up or in."""
    session = ctx.store.session
    for known in await newest_links(session, email, ("sign_up", "sign_in"), most=3):
        if code_of(ctx.deployment, ctx.space, link=known.id) == code:
            used = await use_link(session, known.id)
            if used is not None:
                return await _follow(ctx, used, handle=handle, password=None)
    raise NotFound(
        "This code is not known, was used, or is older than 15 minutes.", cure="Ask for a new one."
    )


async def _follow(
    ctx: Context, link: Link, *, handle: str | None, password: NewPassword | None
) -> Entered:
    session = ctx.store.session
    next = str(link.facts.get("next") or "")
    if link.purpose == "sign_up":
        entered = await _enter(ctx, await _made(ctx, link, handle), made=True)
        return entered.model_copy(update={"next": next})
    account = await account_by_id(session.tx, ctx.space, link.account_id)
    if account is None:
        raise _no_link()
    if link.purpose in ("new_email", "old_email"):
        return await _moved(ctx, link, account)
    if link.purpose == "reset":
        if password is None or password.hash is None:
            missing = Fault("/password", "is required")
            raise Invalid("The new password is missing.", cure="Choose one.", faults=(missing,))
        await keep_password(session, account.id, password.hash)
        await end_others(session, account.id, None)
        await note(session, "password_changed", about=account.entity_id)
        await tell_change(ctx, account, "Your password was changed")
    return (await _enter(ctx, account)).model_copy(update={"next": next})


async def _made(ctx: Context, link: Link, handle: str | None) -> Account:
    """The person and the account that a sign-up asked for."""
    session, facts = ctx.store.session, link.facts
    known = await account_by_email(session.tx, ctx.space, link.email)
    if known is not None:
        return known
    properties = {"email": link.email, "handle": handle or facts.get("handle")}
    given = {key: value for key, value in properties.items() if value is not None}
    draft = Draft(str(facts["kind"]), str(facts["name"]), given, owned=False)
    entity = await ctx.store.create(draft)
    password = facts.get("password")
    id = await open_account(
        session,
        entity.id,
        email=link.email,
        password=password if isinstance(password, str) else None,
    )
    account = await account_by_id(session.tx, ctx.space, id)
    assert account is not None, "it was just made"
    await note(session, "signed_up", about=entity.id, by=entity.id)
    return account


async def _moved(ctx: Context, link: Link, account: Account) -> Entered:
    """An address changes when both the old and the new one have agreed."""
    session = ctx.store.session
    if not await was_used(session, UUID(str(link.facts["other"]))):
        return Entered(entity=None, needs="other_address")
    if not await move_email(session, account.id, str(link.facts["email"])):
        raise Conflict("Somebody has taken this address since.", cure="Choose another.")
    await note(session, "email_changed", about=account.entity_id)
    return Entered(entity=account.entity_id)


async def _enter(ctx: Context, account: Account, *, made: bool = False) -> Entered:
    """Begins a session, which lets in unless there is a second factor."""
    if account.totp_since is None:
        return (await begun(ctx, account)).model_copy(update={"made": made})
    secret = await _session(ctx, account, lasts=HALF, whole=False)
    return Entered(entity=None, needs="second_factor", session_secret=secret)


async def begun(ctx: Context, account: Account) -> Entered:
    """Signed in, in a session of its own; an account that was closed is open again."""
    if account.closed_at is not None:
        await reopen(ctx.store.session, account)
    lasts = timedelta(days=ctx.settings.session_days)
    secret = await _session(ctx, account, lasts=lasts, whole=True)
    place = ctx.asked.origin.place
    await note(ctx.store.session, "signed_in", by=account.entity_id, details=place)
    reopened = account.closed_at is not None
    return Entered(entity=account.entity_id, reopened=reopened, session_secret=secret)


async def _session(ctx: Context, account: Account, *, lasts: timedelta, whole: bool) -> str:
    session, origin = ctx.store.session, ctx.asked.origin
    place = (origin.device, origin.address)
    return await begin(session, account, place=place, until=session.now + lasts, whole=whole)


async def _keep_wrong_code(
    deployment: Deployment, call: Call, *, arguments: Mapping[str, object]
) -> None:
    """Notes that somebody who knew the first factor didn't have the second."""
    code = arguments["code"]
    if isinstance(code, TriedCode) and code.half is not None:
        async with deployment.desk.write(call.space, call.actor) as store:
            await _note_refused(store.session, call, code.half.entity)


@operation(
    kind="write",
    allow=anyone,
    raises=(Denied, NotFound),
    limits=(
        Limit(10, QUARTER, by=("session",), refused=True),
        Limit(50, QUARTER, by=("address",), refused=True),
    ),
    refused=_keep_wrong_code,
)
async def pass_second_factor(ctx: Context, *, code: TriedCode) -> Entered:
    """The second half of signing in: the code that your app shows, or a backup code."""
    half = code.half
    account = await account_by_id(ctx.store.session.tx, ctx.space, half.account if half else None)
    if half is None or account is None:
        raise NotFound("Nobody is signing in here.", cure="Sign in first.")
    if not await code.passes(ctx, account):
        raise Denied("This code is wrong, or was used.", cure="Wait for the next one.")
    await end(ctx.store.session, account.id, half.session)
    return await begun(ctx, account)
