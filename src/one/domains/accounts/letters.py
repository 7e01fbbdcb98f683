"""The letters of accounts: a link and a code, which stand in the letter alone.

What is kept of a letter has places for the two; they follow from the link's id and the
deployment's keys, and are put in when the letter is handed over.
"""

from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.runtime import Context, Deployment
from one.store import PLATFORM
from one.store.accounts import Account
from one.store.links import Link, Purpose, make_link
from one.store.outbox import Words, enqueue_link

KIND = "account"
_ONCE = "It works for 15 minutes, once. If it wasn't you who asked, do nothing."


@dataclass(frozen=True, slots=True)
class _Text:
    subject: str
    body: str


_TEXTS: dict[Purpose, _Text] = {
    "sign_up": _Text(
        "Finish signing up",
        "Open this to finish signing up:\n{link}\n\nOr type this code: {code}\n\n" + _ONCE,
    ),
    "sign_in": _Text(
        "Sign in",
        "Open this to sign in:\n{link}\n\nOr type this code: {code}\n\n" + _ONCE,
    ),
    "nobody": _Text(
        "You have no account here",
        "Somebody asked to sign in with this address, and there is no account with it here.\n"
        "Sign up at {site}/sign-up, or try another address of yours.",
    ),
    "reset": _Text(
        "Choose a new password",
        "Open this to choose a new password:\n{link}\n\n" + _ONCE,
    ),
    "closed": _Text(
        "Your account is closed",
        "You and what is yours alone are hidden, and nothing acts for you any more.\n"
        "Sign in within {days} days to have it back: {site}/sign-in\nAfter that it is forgotten for"
        " good. If it wasn't you who closed it, sign in and change your password.",
    ),
    "invited": _Text(
        "{name} invites you",
        "{name} asks you to come along. Open this to see, and to sign up if you like:\n{link}\n\n"
        "It is good for a week. If you don't want to, do nothing: no account is made.",
    ),
    "changed": _Text(
        "{name}",
        "{name}. If it was you, all is well.\nIf it wasn't, choose a new password now:"
        " {site}/forgot",
    ),
    "new_email": _Text(
        "Confirm your new address",
        "Open this to confirm that this is to be your address:\n{link}\n\n" + _ONCE,
    ),
    "old_email": _Text(
        "Your address is to change",
        "Somebody who is signed in as you wants another address for your account. Open this to"
        " agree:\n{link}\n\nIt works for 15 minutes, once. If it wasn't you, change your password.",
    ),
}


async def mail_link(
    ctx: Context,
    purpose: Purpose,
    email: str,
    *,
    account: UUID | None = None,
    facts: dict[str, JsonValue] | None = None,
) -> None:
    """Makes a link and puts its letter in the outbox."""
    await _mail(ctx, Link(new_id(), purpose, email, account, facts or {}))


async def tell_change(ctx: Context, account: Account, what: str) -> None:
    """Tells a person of a change to what their account is entered by."""
    await mail_link(ctx, "changed", account.email, account=account.id, facts={"name": what})


async def mail_pair(ctx: Context, account: Account, email: str) -> None:
    """Two links, one to each address, which both have to be used for the address to change."""
    old, new = new_id(), new_id()
    facts: dict[str, JsonValue] = {"email": email}
    to_old = {**facts, "other": str(new)}
    to_new = {**facts, "other": str(old)}
    await _mail(ctx, Link(old, "old_email", account.email, account.id, to_old))
    await _mail(ctx, Link(new, "new_email", email, account.id, to_new))


async def _mail(ctx: Context, link: Link) -> None:
    session, text = ctx.store.session, _TEXTS[link.purpose]
    await make_link(session, link)
    name = str(link.facts.get("name", ""))
    subject, body = (said.replace("{name}", name) for said in (text.subject, text.body))
    words = Words(PLATFORM, KIND, subject, body)
    await enqueue_link(session, words, link.id, address=link.email)


def token_of(deployment: Deployment, space: UUID, *, link: UUID) -> str:
    """What a link's address ends with, and nobody can guess."""
    return f"{link.hex}.{deployment.seal.sign(_signed(space, link))}"


def link_of(deployment: Deployment, space: UUID, *, token: str) -> UUID | None:
    """The link that such a token is of; none where we didn't make it."""
    id, _, signature = token.partition(".")
    try:
        link = UUID(hex=id)
    except ValueError:
        return None
    return link if deployment.seal.signed(_signed(space, link), signature) else None


def code_of(deployment: Deployment, space: UUID, *, link: UUID) -> str:
    """The six digits that do the same as the link."""
    return deployment.seal.digits(_signed(space, link))


def filled(deployment: Deployment, space: UUID, *, link: UUID, body: str) -> str:
    """A letter's words with what its reader is to use."""
    site = deployment.settings.address_of(space)
    address = f"{site}/enter/{token_of(deployment, space, link=link)}"
    code = code_of(deployment, space, link=link)
    days = str(deployment.settings.reopen_days)
    return (
        body.replace("{link}", address)
        .replace("{code}", code)
        .replace("{site}", site)
        .replace("{days}", days)
    )


def _signed(space: UUID, link: UUID) -> str:
    return f"link:{space}:{link}"
