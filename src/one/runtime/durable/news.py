"""News for runs: changes that begin one, and events that one waits for, by position."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import JsonValue

from one.clock import new_id
from one.store import PLATFORM, Desk, Store, Viewer, signals
from one.store.changes import Change, changed_since, changes_after
from one.store.crossings import REACH, About, Reach, crosses
from one.store.reactions import (
    Trigger,
    events_since,
    hold_mark,
    move_mark,
    row_as_it_is,
    set_mark,
    spaces_with_news,
    triggers_of,
)
from one.store.relations import Link
from one.store.runs import End, Lease, Start, keep_over, start
from one.store.session import Session
from one.store.steps import Step, Waiting, waiting_for
from one.store.talks import seat_of

BATCH = 500
MOST_DEPTH = 8
TIE = "tie:"
"""Before the type of a relation that is waited for."""
BY = "$by"
"""Whose eyes see that it is there."""
_PLATFORM = Viewer(PLATFORM, "staff", "system")
Facts = Mapping[str, JsonValue]


def matches(row: Facts, wanted: Facts) -> bool:
    """Whether a row has every wanted value; a list of values allows any of them."""
    for path, value in wanted.items():
        allowed = value if isinstance(value, list) else [value]
        if not path.startswith("$") and _at(row, path) not in allowed:
            return False
    return True


def _at(row: Facts, path: str) -> JsonValue:
    found: JsonValue = dict(row)
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


async def look_back(desk: Desk, lease: Lease, *, step: Step) -> None:
    """Signals to a run what it waits for since now and that came since it began; a relation also
    where it was there before.

    Its wait is committed by then: what is recorded from now on is found by `follow`.
    """
    topic = step.topic or ""
    async with desk.write(lease.space, _PLATFORM) as store:
        await set_mark(store.session)
    if topic.startswith(TIE):
        async with desk.write(lease.space, lease.author) as store:
            tied = await _tied(store, topic, step.wanted or {})
            if tied is not None:
                await signals.send(store.session, lease.id, topic=topic, payload=dict(tied))
        return
    async with desk.write(lease.space, _PLATFORM) as store:
        events = await events_since(
            store.session.tx,
            lease.space,
            type=topic.removeprefix("event:"),
            since=lease.created_at,
        )
        for id, row in events:
            if matches(row, step.wanted or {}):
                await signals.send(store.session, lease.id, topic=topic, payload=dict(row), id=id)


async def _tied(store: Store, topic: str, wanted: Facts) -> Facts | None:
    """The relation that is waited for as what happened, where it holds as far as the viewer may
    know.
    """
    type, one, other = topic.removeprefix(TIE), str(wanted["from"]), str(wanted["to"])
    if type == "owns":
        holds = await store.owns(UUID(one), UUID(other))
    else:
        holds = await store.connected(Link(type, UUID(one), UUID(other), {}))
    if not holds:
        return None
    now = store.session.now.isoformat()
    return {
        "id": str(new_id()),
        "type": type,
        "entity": other,
        "actor": one,
        "metadata": {},
        "occurredAt": now,
    }


async def follow(desk: Desk) -> int:
    """Reads on in the changes of every space; how many were read."""
    async with desk.database.read(snapshot=False) as tx:
        spaces = await spaces_with_news(tx)
    return sum([await _follow(desk, space) for space in spaces if space in desk.spaces])


async def _follow(desk: Desk, space: UUID) -> int:
    """What the changes begin and wake is in the transaction that says they were read."""
    async with desk.write(space, _PLATFORM) as store:
        session = store.session
        mark = await hold_mark(session.tx, space)
        if mark is None:
            return 0
        changes = await changes_after(session.tx, space, mark, limit=BATCH)
        triggers = await triggers_of(session.tx, space) if changes else []
        for change in changes:
            await _tell(desk, store, change=change, triggers=triggers)
        if changes:
            await move_mark(session.tx, space, position=changes[-1].position, now=session.now)
        return len(changes)


async def _tell(desk: Desk, store: Store, *, change: Change, triggers: Sequence[Trigger]) -> None:
    session = store.session
    fitting = [
        trigger
        for trigger in triggers
        if (trigger.kind, trigger.row_type) == (change.kind, change.row_type)
        and change.position > trigger.since
        and _is_new(change, trigger.wanted)
    ]
    waiting = [
        one
        for topic in _topics(change)
        for one in await waiting_for(session.tx, session.space, topic=topic)
    ]
    if not fitting and not waiting:
        return
    row = await row_as_it_is(session.tx, session.space, kind=change.kind, id=change.row_id)
    if row is None:
        return
    for wait in waiting:
        if matches(row, wait.wanted):
            await _came(desk, store, wait=wait, row=row)
    for trigger in fitting:
        if await _fits(store, change, trigger=trigger, row=row) and await _concerns(
            desk, store, trigger=trigger, row=row
        ):
            begun = await _begun(store, change, trigger=trigger, row=row)
            if begun is not None:
                new = Start(
                    feature=trigger.feature,
                    digest=trigger.digest,
                    author=trigger.author,
                    input=begun,
                    key=f"trigger:{trigger.name}:{change.position}",
                    depth=change.depth + 1,
                )
                await _set_off(session, new)


def _topics(change: Change) -> tuple[str, ...]:
    """What a change may be waited for as; who buys a thing or holds some of it owns it too."""
    if change.kind == "events":
        return (f"event:{change.row_type}",)
    if change.kind != "connections":
        return ()
    owning = change.row_type in ("transacted", "holds")
    return (f"{TIE}{change.row_type}", *([f"{TIE}owns"] if owning else []))


async def _came(desk: Desk, store: Store, *, wait: Waiting, row: Facts) -> None:
    """Signals to a run what came; of a relation, what its author may know of it now."""
    session, payload = store.session, row
    if wait.topic.startswith(TIE):
        author = Viewer(UUID(str(wait.wanted[BY])), "person")
        eyes = Store(desk.session_of(session.tx, session.space, author))
        tied = await _tied(eyes, wait.topic, wait.wanted)
        if tied is None:
            return
        payload = tied
    id = UUID(str(row["id"]))
    await signals.send(session, wait.run, topic=wait.topic, payload=dict(payload), id=id)


async def _set_off(session: Session, new: Start) -> None:
    """Begins a run; where features have set one another off too often, it is given up at once."""
    if new.depth <= MOST_DEPTH:
        await start(session, new)
        return
    reason = f"features that set each other off are {MOST_DEPTH} deep here, the most"
    await keep_over(session, new_id(), new, end=End("dead", reason))


async def _begun(store: Store, change: Change, *, trigger: Trigger, row: Facts) -> Facts | None:
    """What a change gives to the run that it begins; nothing where a number isn't reached by it."""
    actor = str(change.actor_id) if change.actor_id else None
    reach = trigger.wanted.get(REACH)
    if reach is None:
        return {"kind": change.kind, "row": dict(row), "actor": actor}
    thing = str(row[_SUBJECT[trigger.kind]])
    about = About(UUID(thing), change.row_id, made=change.before is None)
    if not await crosses(store.session, trigger, reach=Reach.of_json(reach), about=about):
        return None
    return {"kind": "events", "row": {"entity": thing, "metadata": {}}, "actor": None}


def _is_new(change: Change, wanted: Facts) -> bool:
    """Whether the change is as is asked for: any, a new row, or a row that wasn't so before."""
    how = wanted.get("$change")
    if how is None or change.before is None:
        return True
    return how == "became" and not matches(change.before, wanted)


_SUBJECT = {"entities": "id", "connections": "to", "events": "entity"}


async def _fits(store: Store, change: Change, *, trigger: Trigger, row: Facts) -> bool:
    """Whether a row has what is wanted, right after the change where that is what counts, and is
    about a thing of the wanted type.
    """
    session, wanted = store.session, trigger.wanted
    after = row
    if wanted.get("$change") == "became":
        after = await changed_since(session, change.row_id, change.version) or row
    if not matches(after, wanted):
        return False
    if (type := wanted.get("$entity")) is None:
        return True
    thing = UUID(str(row[_SUBJECT[trigger.kind]]))
    found = await row_as_it_is(session.tx, session.space, kind="entities", id=thing)
    return found is not None and found["type"] == type


async def _concerns(desk: Desk, store: Store, *, trigger: Trigger, row: Facts) -> bool:
    """Whether the row is about a thing of the trigger's author, where that is asked for: a message
    where it is said to them or to a clone of theirs, anything else where they own it.
    """
    mine = bool(trigger.wanted.get("$mine"))
    if not mine and (not trigger.own or trigger.author.staff):
        return True
    author = Viewer(trigger.author.id, "person")
    eyes = Store(desk.session_of(store.session.tx, store.session.space, author))
    if mine or REACH in trigger.wanted:
        thing = row.get(_SUBJECT[trigger.kind])
        return thing is not None and await eyes.standing(UUID(str(thing))) == "owner"
    if row.get("type") == "message":
        return await _hears(eyes, row)
    ends = {str(row.get(key)) for key in ("id", "entity", "from", "to") if row.get(key)}
    return any([await eyes.standing(UUID(end)) == "owner" for end in sorted(ends)])


async def _hears(eyes: Store, message: Facts) -> bool:
    """Whether the viewer is in the conversation of a message that is not their own."""
    said = message.get("properties")
    talk = said.get("conversation") if isinstance(said, dict) else None
    if talk is None or await eyes.standing(UUID(str(message["id"]))) == "owner":
        return False
    assert eyes.session.viewer.id is not None, "a trigger has an author"
    return await seat_of(eyes.session, UUID(str(talk)), eyes.session.viewer.id) is not None
