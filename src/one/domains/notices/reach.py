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

MOST_INVITED = 20
"""How many strangers one person may have invited in a day."""

Standing = Literal["author", "run", "tie", "typed", "invitation"]
LeftOut = Literal["unsubscribed", "stranger", "limit", "repeated"]


@dataclass(frozen=True, slots=True)
class Reach:
    """As what a person may be reached, or why they may not; also where there is no such person."""

    standing: Standing | None
    why: LeftOut | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """What is known of those whom a notice is meant for, and as what each may be reached."""

    known: dict[UUID, Known]
    unwanted: frozenset[tuple[UUID, str]]
    reaches: dict[UUID, Reach]

    def objects(self, person: UUID) -> bool:
        """Whether somebody who is here doesn't want to hear of it."""
        return self.known[person].unsubscribed or (person, "app") in self.unwanted

    def of(self, *standings: Standing) -> list[UUID]:
        return [person for person, reach in self.reaches.items() if reach.standing in standings]


async def reach_of(
    ctx: Context,
    people: Sequence[UUID],
    *,
    about_run_of: Sequence[UUID] = (),
    kind: str = "notice",
) -> Reached:
    """As what the actor, as an author, may reach people; `about_run_of` are the runner and the
    actor of the run that it is about.
    """
    session = ctx.store.session
    known = await audience(session, ctx.me, people)
    said = await unwanted(session, ctx.me, list(known), kind=kind)
    found = Reached(known, said, {person: Reach(None, "stranger") for person in people})
    reaches = found.reaches
    for person, each in known.items():
        reaches[person] = _reach(ctx, each, run_of=about_run_of, objects=found.objects(person))
    strangers = [person for person, reach in reaches.items() if reach.standing == "invitation"]
    if strangers:
        room = MOST_INVITED - await invited_since(
            session, about_run_of[0], session.now - timedelta(days=1)
        )
        reaches |= {person: Reach(None, "limit") for person in strangers[max(0, room) :]}
    return found


def _reach(ctx: Context, person: Known, *, run_of: Sequence[UUID], objects: bool) -> Reach:
    if person.id == ctx.actor.id:
        return Reach("author")
    if person.guest:
        return Reach(None, "unsubscribed") if objects else Reach("typed")
    if person.id in run_of:
        return Reach("run")
    tied = person.tied or ctx.actor.staff
    if not tied and not run_of:  # what strangers want is not told, either
        return Reach(None, "stranger")
    if objects:
        return Reach(None, "unsubscribed")
    if tied:
        return Reach("tie")
    return Reach(None, "limit") if person.invited else Reach("invitation")
