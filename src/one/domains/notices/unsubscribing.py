"""Unsubscribing by a signed link: to look at it changes nothing, however often a scanner does."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from one.errors import NotFound
from one.runtime import Context, operation, with_link
from one.store import Row
from one.store.notices import names_of
from one.store.outbox import CHANNELS, Channel
from one.store.preferences import About, prefer, unwanted

ANY_KIND = "notice"
_SEAL = 16
Token = Annotated[str, Field(max_length=200)]


@dataclass(frozen=True, slots=True)
class Link:
    """Whose letters a person no longer wants, by which channel."""

    person: UUID
    author: UUID
    channel: Channel


class Subscription(Row):
    """Whether letters of an author still come by a channel."""

    author: str
    channel: Channel
    subscribed: bool


@operation(
    kind="read", allow=with_link, raises=(NotFound,), route="GET /api/notices/unsubscribe/{token}"
)
async def get_subscription(ctx: Context, *, token: Token) -> Subscription:
    """What the link of a letter would end; to look changes nothing. POST it to unsubscribe."""
    return await _subscription(ctx, _link(ctx, token))


@operation(
    kind="write", allow=with_link, raises=(NotFound,), route="POST /api/notices/unsubscribe/{token}"
)
async def unsubscribe(ctx: Context, *, token: Token) -> Subscription:
    """Ends the letters of an author by a channel, for whom the link was made; also with the one
    click of a mail program (RFC 8058).
    """
    link = _link(ctx, token)
    about = About(author=link.author, channel=link.channel)
    await prefer(ctx.store.session, link.person, about, wanted=False)
    return await _subscription(ctx, link)


async def _subscription(ctx: Context, link: Link) -> Subscription:
    session = ctx.store.session
    names = await names_of(session, [link.author])
    said = await unwanted(session, link.author, [link.person], kind=ANY_KIND)
    return Subscription(
        author=names.get(link.author, "Somebody who is gone"),
        channel=link.channel,
        subscribed=(link.person, link.channel) not in said,
    )


def _link(ctx: Context, token: str) -> Link:
    """Raises NotFound."""
    link = opened(ctx.store.session.secret, token)
    if link is None:
        raise NotFound(
            "This link doesn't unsubscribe from anything.",
            cure="Copy the whole link out of the letter.",
        )
    return link


def sealed(secret: bytes, link: Link) -> str:
    """The token of a link; it holds for ever."""
    facts = link.person.bytes + link.author.bytes + bytes([CHANNELS.index(link.channel)])
    return base64.urlsafe_b64encode(facts + _seal(secret, facts)).decode().rstrip("=")


def opened(secret: bytes, token: str) -> Link | None:
    """What a token says, if it was made here."""
    try:
        whole = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    facts, seal = whole[:-_SEAL], whole[-_SEAL:]
    if len(facts) != 33 or not hmac.compare_digest(seal, _seal(secret, facts)):
        return None
    return Link(UUID(bytes=facts[:16]), UUID(bytes=facts[16:32]), CHANNELS[facts[32]])


def _seal(secret: bytes, facts: bytes) -> bytes:
    return hmac.new(secret, b"unsubscribe" + facts, hashlib.sha256).digest()[:_SEAL]
