"""What sets a live feature off by itself: EVERY becomes a schedule, WHEN a trigger on changes, or
on a signal of its author's.

They are registered in the transaction that moves the pointer. What begins by itself takes the live
revision; a canary takes calls alone.
"""

from collections.abc import Mapping
from datetime import date, time
from uuid import UUID

from pydantic import JsonValue

from one.compiler.expression import Lit
from one.compiler.program import Every, Program, Trigger
from one.domains.features.measures import reached
from one.runtime import durable
from one.runtime.durable import Start
from one.store import PLATFORM, Viewer
from one.store.reactions import Trigger as Kept
from one.store.reactions import drop_trigger, set_trigger, triggers_of
from one.store.session import Session

SIGNALS = "signals"
"""The kind of a trigger that no change sets off."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_VALUES = {"connections": "metadata", "events": "metadata", "entities": "properties"}


def author_of(owner: UUID) -> Viewer:
    """Whom a feature acts for: its owner; the platform's own may do what everyone's may."""
    return Viewer(owner, "staff" if owner == PLATFORM else "person")


def name_of(owner: UUID, slug: str) -> str:
    """The one name of what sets a feature off."""
    return f"feature:{owner}:{slug}"


async def dismiss(session: Session, owner: UUID, slug: str) -> None:
    """From now on a feature doesn't begin by itself."""
    await durable.unschedule(session, name_of(owner, slug))
    await drop_trigger(session, name_of(owner, slug))


async def set_off(
    session: Session, owner: UUID, program: Program, *, digest: str, zone: str = "UTC"
) -> None:
    """From now on a feature begins as its program says, and in no other way.

    Raises Invalid where nothing here could set it off so.
    """
    name, trigger = name_of(owner, program.feature), program.trigger
    if trigger is None:
        await dismiss(session, owner, program.feature)
    elif trigger.every is not None:
        await drop_trigger(session, name)
        begins = Start(feature=program.feature, digest=digest, author=author_of(owner), input={})
        await durable.schedule(session, name, every=every_of(trigger.every, zone), begins=begins)
    else:
        await durable.unschedule(session, name)
        kind, row_type, wanted = _watched(trigger)
        await set_trigger(
            session,
            Kept(
                name=name,
                feature=program.feature,
                digest=digest,
                author=author_of(owner),
                kind=kind,
                row_type=row_type,
                wanted=wanted,
            ),
        )


async def signalled(session: Session, owner: UUID) -> dict[str, list[Kept]]:
    """What an owner's live features wait for by name: the triggers of each signal."""
    found: dict[str, list[Kept]] = {}
    for trigger in await triggers_of(session.tx, session.space):
        if trigger.kind == SIGNALS and trigger.author.id == owner:
            found.setdefault(trigger.row_type, []).append(trigger)
    return found


def begun_by(trigger: Kept, payload: Mapping[str, JsonValue]) -> Start:
    """The run that a signal begins."""
    return Start(
        feature=trigger.feature, digest=trigger.digest, author=trigger.author, input=dict(payload)
    )


def every_of(every: Every, zone: str) -> durable.Every:
    """EVERY as the engine has it; weeks begin on Monday, or on the day that is said."""
    at = tuple(time.fromisoformat(one) for one in every.times) or (time(),)
    on, unit, count, since = every.days, every.unit, every.count, date(1970, 1, 1)
    days: tuple[int, ...] = ()
    if unit == "year":
        unit, count, since = "month", 12 * count, date.fromisoformat(f"1972-{(on or ['01-01'])[0]}")
    elif unit == "month" and on:
        since = date(1970, 1, int(on[0]))
    elif unit == "week":
        weekdays = [_DAYS.index(day.lower()) for day in on] or [0]
        since = date(1970, 1, 5 + weekdays[0])
        if len(weekdays) > 1:
            unit, days = "day", tuple(weekdays)
    return durable.Every(unit=unit, count=count, at=at, days=days, since=since, zone=zone)


def _watched(trigger: Trigger) -> tuple[str, str, dict[str, JsonValue]]:
    """Table, type and wanted values. Raises Invalid."""
    wanted: dict[str, JsonValue] = {}
    if trigger.signal is not None:
        return SIGNALS, trigger.signal, wanted
    if trigger.metric is not None:
        kind, row_type, wanted = reached(trigger.metric, trigger.reaches)
    elif trigger.connection is not None:
        kind, row_type = "connections", trigger.connection
        wanted["$change"] = "made"
    elif trigger.event is not None:
        kind, row_type = "events", trigger.event
    elif trigger.published is not None:
        kind, row_type = "entities", trigger.published
        wanted |= {"$change": "became", "status": "published"}
    else:
        kind, row_type = "entities", trigger.created or ""
        wanted["$change"] = "made"
    if kind != "entities" and trigger.entity_type is not None:
        wanted["$entity"] = trigger.entity_type
    if trigger.mine:
        wanted["$mine"] = True
    for key, tree in trigger.where.items():
        if isinstance(tree, Lit):
            wanted[f"{_VALUES[kind]}.{key}"] = tree.value
    return kind, row_type, wanted
