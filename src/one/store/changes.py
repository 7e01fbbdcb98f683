"""The change log as its readers see it: history, and everything that follows news by position."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from one.store.database import Record, Transaction
from one.store.filters import refuse
from one.store.rows import Entity, Properties, Version
from one.store.session import Session

# What was written a moment ago is still in the queue; a snapshot sees each change exactly once.
_ALL = (
    "(SELECT kind, row_id, version, at, actor_id, position, before, id FROM changes"
    " WHERE space_id = %(space)s AND row_id = %(row)s UNION ALL"
    " SELECT kind, row_id, version, at, actor_id, NULL, before, id FROM change_queue"
    " WHERE space_id = %(space)s AND row_id = %(row)s)"
)


@dataclass(frozen=True, slots=True)
class Change:
    """One change to one row. `before` is the whole row as it was, null for a new one. `depth` is
    how many runs that changes set off lead to it.
    """

    position: int
    kind: str
    row_id: UUID
    row_type: str
    version: int
    before: Properties | None
    actor_id: UUID | None
    at: datetime
    depth: int = 0

    @property
    def types(self) -> set[str]:
        """What the row is, and what it was: a fan becomes a creator."""
        was = str(self.before["type"]) if self.before and "type" in self.before else self.row_type
        return {self.row_type, was}


_ChangeRow = tuple[int, str, UUID, str, int, Properties | None, UUID | None, datetime, int]


async def changed_since(session: Session, row: UUID, version: int) -> Properties | None:
    """The row as it was at `version`, if the log still holds it."""
    record = await session.tx.row(
        f"SELECT before FROM {_ALL} c WHERE version = %(version)s AND before IS NOT NULL",
        session.params(row=row, version=version + 1),
    )
    return cast("Properties | None", record[0]) if record else None


async def history(
    session: Session, row: UUID, current: Mapping[str, JsonValue], *, limit: int, before: int | None
) -> list[Version]:
    """The versions of a row that the log holds, newest first, each with what it changed."""
    if not 1 <= limit <= 200:
        raise refuse("/limit", "A page holds 1 to 200 items.")
    records = await session.tx.rows(
        f"SELECT kind, row_id, version, at, actor_id, position, before FROM {_ALL} c"
        " WHERE kind <> 'tagging' AND version < %(before)s ORDER BY version DESC LIMIT %(limit)s",
        session.params(row=row, limit=limit, before=before or 2**31 - 1),
    )
    after = current
    if before is not None:
        after = await changed_since(session, row, before - 1) or current
    found: list[Version] = []
    for record in records:
        was = cast("Properties", record[6] or {})
        found.append(_version(record, was, after))
        after = was
    return found


def _version(record: Record, was: Properties, after: Mapping[str, JsonValue]) -> Version:
    kind, row_id, version, at, actor, position, _ = record
    return Version.model_construct(
        None,
        kind=kind,
        id=row_id,
        version=version,
        at=at,
        actor=actor,
        position=position,
        changed=_changed(was, after) if was else [],
        before=Entity.model_validate(was) if was else None,
    )


_COMPARED = (
    *("type", "name", "status", "visibility", "deleted_at"),
    *("strength", "valid_to", "usage_count"),
)


def _changed(was: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> list[str]:
    fields = {key for key in _COMPARED if was.get(key) != after.get(key)}
    for key in ("properties", "metadata"):
        one, two = was.get(key), after.get(key)
        if isinstance(one, dict) and isinstance(two, dict):
            fields |= {f"{key}.{k}" for k in one.keys() | two.keys() if one.get(k) != two.get(k)}
    return sorted(fields)


async def last_position(tx: Transaction, space: UUID) -> int:
    """The position of the newest change that readers can see."""
    record = await tx.row("SELECT last FROM positions WHERE space_id = %(space)s", {"space": space})
    return int(str(record[0])) if record else 0


async def oldest_position(tx: Transaction, space: UUID) -> int:
    """The position after which every change is still kept."""
    record = await tx.row(
        "SELECT oldest FROM positions WHERE space_id = %(space)s", {"space": space}
    )
    return int(str(record[0])) if record else 0


async def changes_after(
    tx: Transaction, space: UUID, position: int, *, limit: int = 1_000
) -> list[Change]:
    """The next changes after a position, in order."""
    records = await tx.rows(
        "SELECT position, kind, row_id, row_type, version, before, actor_id, at, depth FROM changes"
        " WHERE space_id = %(space)s AND position > %(position)s ORDER BY position LIMIT %(limit)s",
        {"space": space, "position": position, "limit": limit},
    )
    return [Change(*cast("_ChangeRow", record)) for record in records]
