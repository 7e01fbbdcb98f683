"""Errors as RFC 9457 problem documents."""

import re
from collections.abc import Mapping
from typing import ClassVar

import orjson
import structlog

from one.clock import new_id
from one.errors import (
    JSON,
    Conflict,
    Denied,
    Fault,
    Invalid,
    NotFound,
    NotSignedIn,
    OneError,
    Outside,
    TooMany,
)

PROBLEM = b"application/problem+json"
log: structlog.stdlib.BoundLogger = structlog.get_logger()


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


class Broken(OneError):
    """A fault of ours; it is logged under the reference that the answer names."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something broke"


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


def slug(error: type[OneError]) -> str:
    """`SharesExceedWhole` → `shares-exceed-whole`: the last part of its problem type."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def problem(error: OneError) -> bytes:
    """The document; `details` become members of it, the standard ones win."""
    document: dict[str, JSON] = dict(error.details)
    document |= {
        "type": f"/problems/{slug(type(error))}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
    }
    if error.cure:
        document["cure"] = error.cure
    if error.faults:
        document["errors"] = [_fault(fault) for fault in error.faults]
    return orjson.dumps(document)


def _fault(fault: Fault) -> JSON:
    document: dict[str, JSON] = {"pointer": fault.pointer, "message": fault.message}
    if fault.allowed:
        document["allowed"] = list(fault.allowed)
    return document


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


def broken(error: Exception, facts: Mapping[str, str]) -> Broken:
    """Logs a bug; what may be shown of it."""
    reference = str(new_id())
    log.error("bug", reference=reference, exc_info=error, **facts)
    return Broken(
        "Something broke on our side; nothing was changed.",
        cure="Try again; if it stays, tell us the reference.",
        details={"reference": reference},
    )
