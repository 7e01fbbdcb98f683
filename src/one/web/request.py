"""What an HTTP request says: whose it is, which space, what input."""

import re
from collections.abc import (
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from one.errors import Denied, Invalid, NotSignedIn
from one.runtime import NOWHERE, Asked, Origin
from one.web.errors import TooLarge, UnsupportedMedia

Scope = MutableMapping[str, Any]  # as ASGI has it
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Mapping[bytes, bytes]
Networks = Sequence[IPv4Network | IPv6Network]

MAX_BODY = 1 << 20
MAX_FIELDS = 500
ETAG = re.compile(r'(?:W/)?"([0-9]{1,18})"')
KEY = re.compile(r"[!-~]{1,200}")
JSON_TYPES = ("application/json", "application/merge-patch+json")
COOKIES = ("__Host-one_session", "one_session")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LONGEST_DEVICE = 300
_NUMBERS = ("127.0.0.1", "::1")
_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.ASCII | re.IGNORECASE)
_FIELD = re.compile(r'form-data;.*?\bname="([^"\r\n]*)"', re.IGNORECASE)
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class Gone(Exception):
    """The caller hung up before all was sent."""


def headers_of(scope: Scope) -> Headers:
    return dict(cast("list[tuple[bytes, bytes]]", scope["headers"]))


def token_of(headers: Headers) -> str | None:
    """The bearer token. Raises NotSignedIn when another scheme is used."""
    stated = headers.get(b"authorization")
    if stated is None:
        return None
    scheme, _, token = stated.decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn(
            "This kind of authorization is not known.",
            cure="Send a token: `Authorization: Bearer <token>`.",
        )
    return token.strip()


def session_of(headers: Headers) -> str:
    """The secret of the session in the cookie; empty without one."""
    for part in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        if name in COOKIES:
            return value
    return ""


def cookie(secret: str, *, secure: bool, days: int) -> bytes:
    """What lets a browser keep a session, out of reach of scripts; an empty secret drops it."""
    name, more = (COOKIES[0], "; Secure") if secure else (COOKIES[1], "")
    age = days * 86_400 if secret else 0
    return f"{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{more}".encode("latin-1")


def require_same_site(method: str, headers: Headers, *, told: bool = False) -> None:
    """A browser that another site told to change something here is refused. Raises Denied.

    Where nothing tells which site asked, it was no browser of these days: each says `Origin` with
    what it posts, and `Sec-Fetch-Site` where the connection is safe. JSON is taken then, which no
    page of another site can post unasked; a form, which any page can, has to be `told` of.
    """
    if method in SAFE_METHODS:
        return
    said = headers.get(b"sec-fetch-site")
    if said is None:
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        host = headers.get(b"host", b"").decode("latin-1").lower()
        ours = urlsplit(origin).netloc == host if origin else not told
    else:
        ours = said in (b"same-origin", b"none")
    if not ours:
        raise Denied("Another site asked for this in your name.", cure="Do it on our own pages.")


def origin_of(scope: Scope, headers: Headers, *, trusted: Networks) -> Origin:
    """Whence a request comes. Of the addresses that proxies name, the last that isn't trusted is
    believed, since it was seen by one that is.
    """
    peer = cast("tuple[str, int] | None", scope.get("client"))
    address = peer[0] if peer else ""
    named = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
    while named[-1].strip() and _within(address, trusted):
        address = named.pop().strip()
        named = named or [""]
    device = headers.get(b"user-agent", b"").decode("latin-1")[:LONGEST_DEVICE]
    return Origin(_network(address), device, session_of(headers))


def is_local(scope: Scope, headers: Headers, *, site: str) -> bool:
    """Whether somebody at this machine asks, for what they know to be here: no proxy, and no page
    whose name was made to lead here.
    """
    peer = cast("tuple[str, int] | None", scope.get("client"))
    proxied = b"x-forwarded-for" in headers or b"forwarded" in headers
    host = urlsplit("//" + headers.get(b"host", b"").decode("latin-1")).hostname
    loopback = _within(peer[0] if peer else "", _LOOPBACK)
    return loopback and not proxied and host in ("localhost", *_NUMBERS, urlsplit(site).hostname)


def _within(address: str, networks: Networks) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in networks)


def _network(address: str) -> str:
    """Whom a limit counts as one: an IPv4 address, or the /64 that a line has of IPv6."""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    if known.version == 4:
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ip_network((known, 64), strict=False))


def asked_of(headers: Headers, origin: Origin = NOWHERE) -> Asked:
    """Raises Invalid when a header can't be read."""
    key = headers.get(b"idempotency-key", b"").decode("latin-1")
    if b"idempotency-key" in headers and not KEY.fullmatch(key):
        raise Invalid(
            "The Idempotency-Key can't be used.", cure="Send 1 to 200 visible ASCII characters."
        )
    return Asked(key, _version(headers.get(b"if-match")), origin)


def _version(stated: bytes | None) -> int | None:
    """The version in `If-Match`; none where `*` asks only that the thing exists."""
    if stated is None or stated.strip() == b"*":
        return None
    match = ETAG.fullmatch(stated.decode("latin-1").strip())
    if match is None:
        raise Invalid(
            "The If-Match header can't be read.",
            cure='Send the ETag that you were given, like `If-Match: "3"`, or `*`.',
        )
    return int(match[1])


def query_of(scope: Scope) -> tuple[tuple[str, str], ...]:
    """Names and values of the query. Raises Invalid unless it is UTF-8 of a sane length."""
    raw = cast(bytes, scope["query_string"])
    if not raw:
        return ()
    try:
        text = raw.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Invalid(
            "The query in the address can't be read.",
            cure=f"Send at most {MAX_FIELDS} fields, percent-encoded as UTF-8.",
        ) from None
    return tuple(pairs)


async def body_of(headers: Headers, receive: Receive) -> bytes:
    """All of the JSON body. Raises TooLarge, UnsupportedMedia."""
    body = await _whole(headers, receive)
    if body:
        _check_media_type(headers)
    return body


async def form_of(headers: Headers, receive: Receive) -> dict[str, str]:
    """The fields of a form that a browser posts, of a file its text. Raises TooLarge,
    UnsupportedMedia, Invalid.
    """
    body = await _whole(headers, receive)
    stated = headers.get(b"content-type", b"").decode("latin-1")
    kind = stated.partition(";")[0].strip().lower()
    if body and kind not in FORM_TYPES:
        raise UnsupportedMedia("This is not a form.", cure="Send it from our own pages.")
    try:
        if kind == FORM_TYPES[1]:
            return dict(_parts(stated, body))
        return dict(
            parse_qsl(
                body.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=MAX_FIELDS,
            )
        )
    except ValueError:
        raise Invalid("This form can't be read.", cure="Load the page again.") from None


def _parts(stated: str, body: bytes) -> Iterator[tuple[str, str]]:
    """The fields of a form that holds a file. Raises ValueError; Invalid for what is no text."""
    found = _BOUNDARY.search(stated)
    if found is None:
        raise ValueError("no boundary")
    boundary = b"\r\n--" + (found[1] or found[2]).encode("latin-1")
    parts = (b"\r\n" + body).split(boundary, MAX_FIELDS + 1)
    if len(parts) > MAX_FIELDS + 1 or not parts[-1].startswith(b"--"):
        raise ValueError("too many fields, or not all of them")
    for part in parts[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = _FIELD.search(head.decode())
        if name is None:
            raise ValueError("a field without a name")
        yield name[1], _text_of(content, file=b"filename=" in head)


def _text_of(content: bytes, *, file: bool) -> str:
    """Raises ValueError, or Invalid where it is a file that holds no text."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if file and wide else "utf-8-sig" if file else "utf-8")
    except UnicodeDecodeError:
        if not file:
            raise
        raise Invalid(
            "This file is not text in UTF-8.",
            cure="Save it as UTF-8 (spreadsheets call it “CSV UTF-8”) and choose it again.",
        ) from None


async def _whole(headers: Headers, receive: Receive) -> bytes:
    """The body. Raises TooLarge before reading more than is allowed."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > MAX_BODY:
        raise _too_large()
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = cast(bytes, message.get("body", b""))
        size += len(chunk)
        if size > MAX_BODY:
            raise _too_large()
        chunks.append(chunk)
        more = cast(bool, message.get("more_body", False))
    return b"".join(chunks)


def is_form(headers: Headers) -> bool:
    """Whether the body is a form: what a mail program posts with its one click to unsubscribe."""
    stated = headers.get(b"content-type", b"").decode("latin-1").lower()
    return stated.partition(";")[0].strip() in FORM_TYPES


def _too_large() -> TooLarge:
    return TooLarge(
        f"A request may hold at most {MAX_BODY:,} bytes.", cure="Send it in several parts."
    )


def _check_media_type(headers: Headers) -> None:
    stated = headers.get(b"content-type", b"").decode("latin-1").lower()
    kind, _, parameters = stated.partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    if kind.strip() not in JSON_TYPES or charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMedia(
            "The body isn't said to be JSON in UTF-8.",
            cure="Send `Content-Type: application/json`.",
        )
