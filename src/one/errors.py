"""The six families of error that every room speaks in, each with its fixed HTTP status, and ours.

A room raises, `@operation(raises=…)` declares, a door renders. The message is in the user's
words; `cure` says what to do about it. Everything else that escapes is a bug: `Broken`.
"""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import JsonValue

JSON = JsonValue


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong field of an input. `pointer` is an RFC 6901 JSON pointer into what was sent."""

    pointer: str
    message: str
    allowed: tuple[str, ...] = ()


class OneError(Exception):
    """The root. `details` are machine-readable members of the problem document."""

    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(
        self,
        message: str,
        *,
        cure: str = "",
        faults: tuple[Fault, ...] = (),
        details: Mapping[str, JSON] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure
        self.faults = faults
        self.details: Mapping[str, JSON] = details or {}

    @property
    def document(self) -> dict[str, JSON]:
        """As RFC 9457 has it; `details` become members of it, the standard ones win."""
        document: dict[str, JSON] = {
            **self.details,
            "type": f"/problems/{slug(type(self))}",
            "title": self.title,
            "status": self.status,
            "detail": self.message,
        }
        if self.cure:
            document["cure"] = self.cure
        if self.faults:
            document["errors"] = [_told(fault) for fault in self.faults]
        return document


def slug(error: type[OneError]) -> str:
    """`SharesExceedWhole` → `shares-exceed-whole`: the last part of its problem type."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def _told(fault: Fault) -> JSON:
    told: dict[str, JSON] = {"pointer": fault.pointer, "message": fault.message}
    if fault.allowed:
        told["allowed"] = list(fault.allowed)
    return told


class Invalid(OneError):
    """What was sent makes no sense; nothing was written."""

    status = 422
    title = "Invalid"


class Denied(OneError):
    """The actor sees the thing but may not do this."""

    status = 403
    title = "Denied"


class NotSignedIn(Denied):
    """Nobody is known to be acting."""

    status = 401
    title = "Not signed in"


class NotFound(OneError):
    """No such thing, or none that this viewer may see."""

    status = 404
    title = "Not found"


class Conflict(OneError):
    """The world has moved on since the actor looked; `details` carry what it is now."""

    status = 409
    title = "Conflict"


class TooMany(OneError):
    """A limit of rate was passed; `details["retryAfter"]` is in seconds."""

    status = 429
    title = "Too many"


class Broken(OneError):
    """A fault of ours; it is logged under the reference that the answer names."""

    status = 500
    title = "Something broke"


class Outside(OneError):
    """A service outside failed. `outcome` says whether the effect happened."""

    status = 502
    title = "Outside service failed"

    def __init__(
        self,
        message: str,
        *,
        outcome: Literal["not_done", "unknown", "done"],
        retryable: bool,
        cure: str = "",
        details: Mapping[str, JSON] | None = None,
    ) -> None:
        known: dict[str, JSON] = {"outcome": outcome, "retryable": retryable}
        super().__init__(message, cure=cure, details={**known, **(details or {})})
        self.outcome = outcome
        self.retryable = retryable


class ShutOut(Outside):
    """A service lets nobody of this deployment in. Nothing was done, and nothing is told of what
    was asked before.
    """

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(message, outcome="not_done", retryable=False, cure=cure)


@contextmanager
def writable(path: Path) -> Generator[None]:
    """What is written inside goes to a place that the user chose. Raises Invalid when it can't."""
    try:
        yield
    except OSError as error:
        raise Invalid(
            f"{path} can't be written: {error.strerror or error}.",
            cure="Choose another place, or see that it is a folder that you may write to.",
        ) from error
