"""Who may be reached by whom: what an author may say, to which people.

The author themselves; the runner and the actor of a run, about that run; whoever made a tie of
their own will, up to a year after it ended, and doesn't object; one invitation to whoever has
none; and one letter a day to an address that somebody typed. The rest are left out, and counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from one.runtime import Context
from one.store.notices import Known, audience, invited_since
from one.store.preferences import unwanted

GUEST = "guest"
"""The `source` of a person who was made from an address that somebody typed."""

MOST_INVITED = 20
"""How many strangers one person may have invited in a day."""

Standing = Literal["author", "run", "tie", "typed", "invitation"]
LeftOut = Literal["gone", "unsubscribed", "stranger", "limit", "repeated"]


@dataclass(frozen=True, slots=True)
class Reach:
    """As what a person may be reached, or why they may not."""

    standing: Standing | None
    why: LeftOut | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """What is known of those whom a notice is meant for, and as what each may be reached."""

    known: dict[UUID, Known]
    unwanted: frozenset[tuple[UUID, str]]
    reaches: dict[UUID, Reach]

    def of(self, *standings: Standing) -> list[UUID]:
        return [person for person, reach in self.reaches.items() if reach.standing in standings]


async def reachable(
    ctx: Context, *, person: UUID, about_run_of: Sequence[UUID] = (), kind: str = "notice"
) -> Reach:
    """As what the actor, as an author, may reach a person; `about_run_of` are the runner and the
    actor of the run that it is about.
    """
    found = await reach_of(ctx, [person], about_run_of=about_run_of, kind=kind)
    return found.reaches[person]


async def reach_of(
    ctx: Context, people: Sequence[UUID], *, about_run_of: Sequence[UUID], kind: str
) -> Reached:
    """The same of many."""
    session = ctx.store.session
    known = await audience(session, ctx.me, people)
    said = await unwanted(session, ctx.me, list(known), kind=kind)
    reaches = {person: Reach(None, "gone") for person in people}
    for person, each in known.items():
        reaches[person] = _reach(
            ctx, each, run_of=about_run_of, objects=each.unsubscribed or (person, "app") in said
        )
    strangers = [person for person, reach in reaches.items() if reach.standing == "invitation"]
    if strangers:
        room = MOST_INVITED - await invited_since(
            session, about_run_of[0], session.now - timedelta(days=1)
        )
        reaches |= {person: Reach(None, "limit") for person in strangers[max(0, room) :]}
    return Reached(known, said, reaches)


def _reach(ctx: Context, person: Known, *, run_of: Sequence[UUID], objects: bool) -> Reach:
    if person.id == ctx.actor.id:
        return Reach("author")
    if person.source == GUEST:
        return Reach(None, "unsubscribed") if objects else Reach("typed")
    if person.id in run_of:
        return Reach("run")
    if objects:
        return Reach(None, "unsubscribed")
    if person.tied or ctx.actor.staff:
        return Reach("tie")
    if not run_of:
        return Reach(None, "stranger")
    return Reach(None, "limit") if person.invited else Reach("invitation")
