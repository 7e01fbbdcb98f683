"""Telling people: a notification each, and a letter for every other channel."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue

from one.clock import new_id
from one.domains.notices.reach import LeftOut, Reached, Standing, reach_of
from one.domains.notices.wording import Wording, worded
from one.errors import Invalid
from one.runtime import Context, operation, signed_in
from one.store import Row
from one.store.notices import Known, Posting, invitation_key, names_of, post
from one.store.outbox import Channel, Copy, Words, enqueue, suppressed
from one.store.preferences import Way

MOST = 1_000
INVITATION = "invitation"
RESERVED = (INVITATION, "request")
"""Kinds of notice that only ONE gives."""

ALLOWED: tuple[Standing, ...] = ("author", "run", "tie")


class Delivered(Row):
    """How many were told, how many letters wait in the outbox, and who was left out, by why.

    `stranger`: nothing ties them to the author, or there is no such person; `limit`: they, or who
    invites them, had their share for today; `repeated`: told before under the same key. `missed`
    counts those who were told in the app but not by that channel, for want of an address or
    because they don't want it.
    """

    count: int
    queued: dict[Channel, int]
    missed: dict[Channel, int]
    left_out: dict[LeftOut, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is to be said. The same `key` tells a person once.

    `run_of` are the runner and the actor of the run that it is about; `typed` is what the runner
    typed, of which nothing goes to an address that was typed too.
    """

    about: str
    key: str
    data: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    channels: Sequence[Way] = ("app",)
    kind: str = "notice"
    url: str | None = None
    run_of: Sequence[UUID] = ()
    typed: Sequence[str] = ()


@operation(kind="write", allow=signed_in, raises=(Invalid,))
async def notify(
    ctx: Context,
    *,
    to: Annotated[list[UUID], Field(min_length=1, max_length=MOST)],
    about: Annotated[str, Field(min_length=1, max_length=2_000)],
    channels: Annotated[list[Way], Field(max_length=4)] | None = None,
    data: Annotated[dict[str, JsonValue], Field(max_length=50)] | None = None,
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")] = "notice",
) -> Delivered:
    """Tells people something, in the app and by other channels: those who follow, joined, bought
    or enrolled, or wrote to you, and don't object. Others are left out, and counted.
    """
    if kind in RESERVED:
        raise Invalid(f"A notice of the kind {kind} comes from ONE.", cure="Choose another kind.")
    notice = Notice(
        about=about,
        key=str(new_id()),
        data=data or {},
        channels=channels or ["app"],
        kind=kind,
    )
    return await tell(ctx, notice, to=to)


async def tell(ctx: Context, notice: Notice, *, to: Sequence[UUID]) -> Delivered:
    """The same in the caller's transaction, for a run. The actor is the author. Raises Invalid."""
    people = list(dict.fromkeys(to))
    found = await reach_of(ctx, people, about_run_of=notice.run_of, kind=notice.kind)
    wording = worded(notice.about, notice.data)
    count = _Count(Counter(reach.why for reach in found.reaches.values() if reach.why))
    await _tell(ctx, notice, wording, count=count, found=found, people=found.of(*ALLOWED))
    guests = found.of("typed")
    plain = wording.without(notice.typed) if guests else wording
    await _tell(ctx, notice, plain, count=count, found=found, people=guests)
    await _invite(ctx, notice, wording, count=count, found=found)
    return count.delivered


@dataclass(slots=True)
class _Count:
    left_out: Counter[LeftOut]
    told: int = 0
    queued: Counter[Channel] = field(default_factory=Counter[Channel])
    missed: Counter[Channel] = field(default_factory=Counter[Channel])

    @property
    def delivered(self) -> Delivered:
        return Delivered(
            count=self.told,
            queued=dict(+self.queued),
            missed=dict(+self.missed),
            left_out=dict(+self.left_out),
        )


async def _invite(
    ctx: Context, notice: Notice, wording: Wording, *, count: _Count, found: Reached
) -> None:
    """Those without a tie hear of the author once, in the name of who runs the feature."""
    people = found.of("invitation")
    if not people:
        return
    runner = notice.run_of[0]
    names = await names_of(ctx.store.session, [runner])
    invitation = replace(
        notice,
        key=invitation_key(ctx.me),
        kind=INVITATION,
        run_of=(runner,),
    )
    invites = replace(
        wording, title=f"{names.get(runner, 'Somebody')} invites you: {wording.title}"
    )
    await _tell(ctx, invitation, invites, count=count, found=found, people=people)


async def _tell(
    ctx: Context,
    notice: Notice,
    wording: Wording,
    *,
    count: _Count,
    found: Reached,
    people: list[UUID],
) -> None:
    """Tells those who may be told, all in the same words."""
    if not people:
        return
    session, said = ctx.store.session, wording.cut()
    author = ctx.me
    properties: dict[str, JsonValue] = {
        "title": said.title,
        "text": said.text,
        "kind": notice.kind,
        "channel": "app",
        "sender": str(author),
        "sentAt": session.now.isoformat(),
        **({"url": notice.url} if notice.url else {}),
    }
    posting = Posting(
        key=notice.key,
        author=author,
        kind=notice.kind,
        title=said.title or "A notice",
        properties=properties,
        by=notice.run_of[0] if notice.kind == INVITATION else None,
    )
    told = await post(session, posting, people)
    count.told += len(told)
    count.left_out["repeated"] += len(people) - len(told)
    for channel in _channels(notice):
        body = said.text if channel == "email" else said.short
        words = Words(author=author, kind=notice.kind, subject=said.title, body=body)
        await _queue(ctx, words, channel, count=count, found=found, told=told)


async def _queue(
    ctx: Context,
    words: Words,
    channel: Channel,
    *,
    count: _Count,
    found: Reached,
    told: Mapping[UUID, UUID],
) -> None:
    """A letter to each address of those who were told, where they want it."""
    session, copies = ctx.store.session, list[Copy]()
    addresses = {person: addresses_of(found.known[person], channel) for person in told}
    refused = await suppressed(
        session, {(channel, each) for some in addresses.values() for each in some}
    )
    for person, notification in told.items():
        typed = found.reaches[person].standing == "typed"
        usable = [each for each in addresses[person] if (channel, each) not in refused]
        if (person, channel) in found.unwanted or not usable:
            count.missed[channel] += 1
            continue
        day = session.now.date() if typed else None
        copies += [Copy(channel, person, notification, each, day) for each in usable]
    queued = await enqueue(session, words, copies)
    count.queued[channel] += queued
    count.left_out["limit"] += len(copies) - queued


def addresses_of(person: Known, channel: Channel) -> Sequence[str]:
    """Where a person is reached by a channel."""
    if channel == "push":
        return person.devices
    address = person.email if channel == "email" else person.phone
    return (address,) if address else ()


def _channels(notice: Notice) -> list[Channel]:
    """Those beside the app, each once."""
    return [channel for channel in dict.fromkeys(notice.channels) if channel != "app"]
