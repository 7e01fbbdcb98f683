"""What an HTTP request says: whose it is, which space, what input."""

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, cast
from urllib.parse import parse_qsl

from one.errors import Invalid, NotSignedIn
from one.runtime import Asked
from one.web.errors import TooLarge, UnsupportedMedia

Scope = MutableMapping[str, Any]  # as ASGI has it
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Mapping[bytes, bytes]

MAX_BODY = 1 << 20
MAX_FIELDS = 500
ETAG = re.compile(r'(?:W/)?"([0-9]{1,18})"')
KEY = re.compile(r"[!-~]{1,200}")
JSON_TYPES = ("application/json", "application/merge-patch+json")
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


def asked_of(headers: Headers) -> Asked:
    """Raises Invalid when a header can't be read."""
    key = headers.get(b"idempotency-key", b"").decode("latin-1")
    if b"idempotency-key" in headers and not KEY.fullmatch(key):
        raise Invalid(
            "The Idempotency-Key can't be used.", cure="Send 1 to 200 visible ASCII characters."
        )
    return Asked(idempotency_key=key, if_match=_version(headers.get(b"if-match")))


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
    """All of the JSON body. Raises TooLarge before reading more than is allowed."""
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
    body = b"".join(chunks)
    if body:
        _check_media_type(headers)
    return body


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
