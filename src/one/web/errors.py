"""Errors as RFC 9457 problem documents."""

from typing import ClassVar

import orjson

from one.errors import (
    Broken,
    Conflict,
    Denied,
    Invalid,
    NotFound,
    NotSignedIn,
    OneError,
    Outside,
    TooMany,
)

PROBLEM = b"application/problem+json"


class MethodNotAllowed(OneError):
    """The path is there, but doesn't do this; `Allow` names what it does."""

    status: ClassVar[int] = 405
    title: ClassVar[str] = "Method not allowed"


class TooLarge(OneError):
    """What was sent is larger than is read."""

    status: ClassVar[int] = 413
    title: ClassVar[str] = "Too large"


class UnsupportedMedia(OneError):
    """What was sent isn't JSON, or isn't said to be."""

    status: ClassVar[int] = 415
    title: ClassVar[str] = "Unsupported media type"


FAMILIES: tuple[type[OneError], ...] = (
    NotSignedIn,
    Denied,
    NotFound,
    MethodNotAllowed,
    Conflict,
    TooLarge,
    UnsupportedMedia,
    Invalid,
    TooMany,
    Broken,
    Outside,
)


def problem(error: OneError) -> bytes:
    """The document as bytes."""
    return orjson.dumps(error.document)


def headers(error: OneError) -> list[tuple[bytes, bytes]]:
    """What HTTP wants said beside the document."""
    said = [(b"content-type", PROBLEM)]
    if error.status == 401:
        said.append((b"www-authenticate", b"Bearer"))
    wait = error.details.get("retryAfter")
    if isinstance(wait, int | float):
        said.append((b"retry-after", str(int(wait) + 1).encode()))
    allow = error.details.get("allow")
    if error.status == 405 and isinstance(allow, list):
        said.append((b"allow", ", ".join(map(str, allow)).encode()))
    return said
