"""The journal of a run that is at work: what is known, and what is written, in order."""

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import orjson
from pydantic import JsonValue

from one.errors import (
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
from one.runtime.durable.parting import Cancelled, Diverged, Fenced, Stopped
from one.store import Store
from one.store.runs import Lease, Lost
from one.store.steps import MOST_STEPS, Step, write_step

_FAMILIES: dict[str, type[OneError]] = {
    family.__name__: family
    for family in (NotSignedIn, Denied, NotFound, Conflict, Invalid, TooMany)
}
"""The narrower before the wider."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the program something is done, what, and the digest of what it is given."""

    path: str
    operation: str
    digest: str


def place(path: str, operation: str, *, given: JsonValue = None) -> Place:
    """Equal inputs have equal digests, whatever the order of their keys."""
    text = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
    return Place(path, operation, hashlib.sha256(text).hexdigest()[:32])


def line_of(path: str, lines: Mapping[str, int]) -> int:
    """The line that a path stands for, by those of the places of its program; 0 for none."""
    place = re.sub(r"\[[^]]*\]", "", path)
    while place and place not in lines:
        place = place.rpartition(".")[0]
    return lines.get(place, 0)


class Journal:
    """`cancelled` turns true when the database says that somebody asked for it."""

    def __init__(
        self, lease: Lease, steps: Sequence[Step], *, lines: Mapping[str, int] | None = None
    ) -> None:
        self.lease = lease
        self._lines = lines or {}
        self.cancelled = lease.cancelled
        self.written = 0
        self.visited: set[str] = set()
        self.known = {step.path: step for step in steps}
        self._number = max((step.number for step in steps), default=0)
        self.lock = asyncio.Lock()

    def find(self, at: Place) -> Step | None:
        """What was done at this place. Raises Diverged when that was something else."""
        known = self.known.get(at.path)
        self.visited.add(at.path)
        if known is None:
            return None
        if known.operation != at.operation:
            raise Diverged(
                f"At {at.path} the program has {at.operation}, but the run did"
                f" {known.operation} there.",
                at.path,
            )
        if known.digest != at.digest:
            raise Diverged(
                f"At {at.path} the program gives {at.operation} something else than the run did.",
                at.path,
            )
        return known

    def turn(self) -> "Turn":
        """To be entered before the transaction that writes rows."""
        return Turn(self)

    def number(self) -> int:
        """The next row's."""
        self._number += 1
        return self._number

    def line_of(self, path: str) -> int:
        """The line of the feature's text that a path stands for, 0 when that isn't known."""
        return line_of(path, self._lines)

    def room_for(self, path: str) -> None:
        """Raises Stopped when a new row would be one too many."""
        if len(self.known) >= MOST_STEPS and path not in self.known:
            raise Stopped(f"This run has done {MOST_STEPS:,} steps, the most there may be.", path)

    def go_on(self, *, shielded: bool) -> None:
        """Raises Cancelled where something new would begin in a run that shall stop."""
        if self.cancelled and not shielded:
            raise Cancelled


class Turn:
    """Writes rows in one transaction, which is to end within it.

    Rows of one run are committed one after the other, so that their numbers are the order in which
    they can be seen. Raises Fenced when the run is another worker's.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: list[Step] = []
        self._held = False

    async def __aenter__(self) -> Self:
        return self

    async def write(self, store: Store, step: Step) -> Step:
        """Adds a row in the store's transaction."""
        journal = self._journal
        journal.room_for(step.path)
        if not self._held:
            await journal.lock.acquire()
            self._held = True
        numbered = replace(step, number=journal.number(), line=journal.line_of(step.path))
        asked = await write_step(store.session.tx, journal.lease, step=numbered)
        journal.cancelled = journal.cancelled or asked
        self._rows.append(numbered)
        return numbered

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        if error is None:
            self._journal.known |= {step.path: step for step in self._rows}
            self._journal.written += len(self._rows)
        if self._held:
            self._journal.lock.release()
        if isinstance(error, Lost):
            raise Fenced from error


def told(error: OneError) -> dict[str, JsonValue]:
    """An error as the journal keeps it."""
    family = next((name for name, kind in _FAMILIES.items() if isinstance(error, kind)), "")
    return {
        "name": type(error).__name__,
        "family": "Outside" if isinstance(error, Outside) else family,
        "message": error.message,
        "cure": error.cure,
        "details": dict(error.details),
        "faults": [[f.pointer, f.message, list(f.allowed)] for f in error.faults],
    }


class Refused(Conflict):
    """An error of a family that is gone since it was kept."""


def raised(kept: dict[str, JsonValue]) -> OneError:
    """The error that the journal keeps, as one of its family."""
    message, cure = str(kept.get("message", "")), str(kept.get("cure", ""))
    details = kept.get("details")
    details = details if isinstance(details, dict) else {}
    if kept.get("family") == "Outside":
        outcome = details.get("outcome")
        return Outside(
            message,
            outcome="done"
            if outcome == "done"
            else "unknown"
            if outcome == "unknown"
            else "not_done",
            retryable=bool(details.get("retryable")),
            cure=cure,
        )
    family = _FAMILIES.get(str(kept.get("family")), Refused)
    error = family(message, cure=cure, details=details, faults=tuple(_faults(kept.get("faults"))))
    error.args = (message, kept.get("name"))
    return error


def _faults(kept: JsonValue) -> list[Fault]:
    return [
        Fault(str(item[0]), str(item[1]), tuple(map(str, item[2])))
        for item in (kept if isinstance(kept, list) else [])
        if isinstance(item, list) and len(item) == 3 and isinstance(item[2], list)
    ]
