"""What is measured of things, and when it reaches a number that a trigger waits for."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Literal, cast
from uuid import UUID

from pydantic import JsonValue

from one.store.reactions import Trigger
from one.store.session import Session, jsonb

How = Literal["count", "total", "last"]
REACH = "$reach"
"""Where a trigger keeps the number."""
_KEY = "metadata."


@dataclass(frozen=True, slots=True)
class Reach:
    """A number to be reached: by how many rows there are, by the total of a key of their metadata,
    or by what the last row has there.
    """

    at_least: float
    how: How = "count"
    key: str = ""

    def as_json(self) -> JsonValue:
        return {"atLeast": self.at_least, "how": self.how, "key": self.key}

    @classmethod
    def of_json(cls, kept: JsonValue) -> "Reach":
        """What `as_json` gave."""
        assert isinstance(kept, dict), "a number to be reached is kept with how"
        return cls(float(str(kept["atLeast"])), cast(How, kept["how"]), str(kept["key"]))


@dataclass(frozen=True, slots=True)
class About:
    """A row that was written about a thing: made, or changed."""

    thing: UUID
    row: UUID
    made: bool


async def crosses(session: Session, trigger: Trigger, *, reach: Reach, about: About) -> bool:
    """Whether a thing has come to the number: it wasn't there when this was last asked of it, or
    when the trigger was made. To be asked at each row about it, in their order.
    """
    known = await _standing(session, trigger, about.thing)
    if known is not None and reach.how == "count":
        above, missing = known
        if above and about.made:
            return False
        if not above and missing > 1:
            await _stand(session, trigger, about.thing, missing=missing - about.made)
            return False
    was = known[0] if known else await _missing(session, trigger, reach, about, anew=True) <= 0
    missing = await _missing(session, trigger, reach, about)
    await _stand(session, trigger, about.thing, missing=missing)
    return missing <= 0 and not was


async def _standing(session: Session, trigger: Trigger, thing: UUID) -> tuple[bool, int] | None:
    record = await session.tx.row(
        "SELECT missing <= 0, missing FROM crossings WHERE space_id = %(space)s"
        " AND trigger = %(trigger)s AND thing_id = %(thing)s",
        session.params(trigger=trigger.name, thing=thing),
    )
    return cast("tuple[bool, int]", record) if record else None


async def _stand(session: Session, trigger: Trigger, thing: UUID, *, missing: int) -> None:
    await session.tx.run(
        "INSERT INTO crossings (space_id, trigger, thing_id, missing) VALUES (%(space)s,"
        " %(trigger)s, %(thing)s, %(missing)s) ON CONFLICT (space_id, trigger, thing_id)"
        " DO UPDATE SET missing = excluded.missing",
        session.params(trigger=trigger.name, thing=thing, missing=missing),
    )


# of which thing a row speaks, when it was made, and whether it counts now
_ROWS = {
    "connections": ("to_id", "created_at", "(t.valid_to IS NULL OR t.valid_to > %(now)s)"),
    "events": ("entity_id", "recorded_at", "true"),
}
_NUMBER = (
    "CASE jsonb_typeof(t.metadata->%(key)s) WHEN 'number' THEN (t.metadata->>%(key)s)::numeric"
    " WHEN 'object' THEN (t.metadata->%(key)s->>'amount')::numeric END"
)


async def _missing(
    session: Session, trigger: Trigger, reach: Reach, about: About, *, anew: bool = False
) -> int:
    """How much is missing now, or was when the trigger was made anew; 0 or less when nothing is.

    Of a count it is no more than that: as many rows are looked at as it takes.
    """
    thing, made, counts = _ROWS[trigger.kind]
    rows = (
        f"FROM {trigger.kind} t WHERE t.space_id = %(space)s AND t.{thing} = %(thing)s"
        f" AND t.type = %(type)s AND t.metadata @> %(says)s::jsonb AND {counts}"
        f" AND (%(until)s::timestamptz IS NULL OR t.{made} < %(until)s)"
    )
    selects = {
        "count": f"SELECT count(*) FROM (SELECT {rows} LIMIT %(most)s) counted",
        "total": f"SELECT sum({_NUMBER}) {rows}",
        "last": f"SELECT {_NUMBER} {rows} AND t.id <= %(row)s ORDER BY t.id DESC LIMIT 1",
    }
    record = await session.tx.row(
        selects[reach.how],
        session.params(
            thing=about.thing,
            row=about.row,
            type=trigger.row_type,
            says=jsonb(_said(trigger)),
            until=_moment(trigger) if anew else None,
            key=reach.key,
            most=max(0, ceil(reach.at_least)),
        ),
    )
    return ceil(reach.at_least - float(str(record[0] or 0))) if record else ceil(reach.at_least)


def _moment(trigger: Trigger) -> datetime:
    assert trigger.made_at is not None, "a trigger that is kept has its moment"
    return trigger.made_at


def _said(trigger: Trigger) -> dict[str, object]:
    """What the metadata of the rows has to say."""
    return {
        path.removeprefix(_KEY): value
        for path, value in trigger.wanted.items()
        if path.startswith(_KEY)
    }
