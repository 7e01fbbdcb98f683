"""Who stands behind a run, whose eyes it has, and what has been paid in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from pydantic import JsonValue

from one.compiler.sheet import Line, Party, Sheet
from one.runtime import Context
from one.store import ANYBODY, PLATFORM, Proof, Store, Viewer


@dataclass(frozen=True, slots=True)
class Receipt:
    """A service's action that was done in this run: its proof, what it was asked, what it gave."""

    service: str
    action: str
    proof: Proof
    asked: Mapping[str, JsonValue]
    gave: JsonValue


@dataclass(frozen=True, slots=True)
class Standing:
    """For whom a run acts. `called`: by somebody, who is the `runner` when they are signed in;
    otherwise a change, by the `actor`, or a time set it off. `sheet` says what it may do, `typed`
    are the texts that came in, by name. A `guest` is a runner of whom no more is known than the
    address that they typed, so that they see what everybody sees. What was done since so many
    `receipts` is `undone` by the text itself, should the rest fail.
    """

    author: Viewer
    run: UUID
    sheet: Sheet
    called: bool = False
    runner: UUID | None = None
    actor: UUID | None = None
    guest: bool = False
    receipts: list[Receipt] = field(default_factory=list[Receipt])
    typed: dict[str, str] = field(default_factory=dict[str, str])
    undone: int | None = None

    @property
    def willing(self) -> tuple[UUID, ...]:
        """Those who have said yes by what they did: who deployed it, and who runs it."""
        found = (self.author.id, self.runner)
        return tuple(dict.fromkeys(one for one in found if one is not None))

    @property
    def people(self) -> tuple[UUID, ...]:
        """Those whom it is about: the willing, and who set it off."""
        found = (*self.willing, self.actor)
        return tuple(dict.fromkeys(one for one in found if one is not None))

    @property
    def title(self) -> str:
        """What the feature is called."""
        return re.sub(r"[_-]+", " ", self.sheet.feature).capitalize()

    @property
    def going_on(self) -> "Standing":
        """The same where it only goes forward: nothing is given back any more."""
        return replace(self, undone=0)

    @property
    def rehearsed(self) -> bool:
        """Whether it only shows what it does: for ONE's staff, in a space that is removed."""
        return self.author.staff and self.author.id != PLATFORM

    @property
    def by_author(self) -> bool:
        """Whether nobody but the author gets what it does."""
        return not self.called or self.runner == self.author.id

    @property
    def receiver(self) -> Viewer:
        """Who gets what a run gives."""
        if self.by_author:
            return self.author
        return Viewer(self.runner, "person") if self.runner and not self.guest else ANYBODY

    def receipt(self, *services: str) -> Receipt | None:
        """The last one of these services."""
        found = [one for one in self.receipts if one.service in services]
        return found[-1] if found else None

    def lines(self, path: str) -> tuple[Line, ...]:
        """What the sheet says of a place."""
        return self.sheet.at(program_path(path))


def program_path(path: str) -> str:
    """A path of a run as the program has it: without items and tries."""
    return re.sub(r"\[[^]]*\]", "", path)


def with_eyes(ctx: Context, viewer: Viewer) -> Context:
    """The same transaction with somebody else's eyes and hands."""
    session = ctx.deployment.desk.session_of(ctx.store.session.tx, ctx.space, viewer)
    return replace(ctx, store=Store(replace(session, now=ctx.store.session.now)), actor=viewer)


def as_person(ctx: Context, person: UUID) -> Context:
    """With a person's eyes and hands."""
    return with_eyes(ctx, Viewer(person, "person"))


def as_one(ctx: Context, actor: UUID | None) -> Context:
    """As ONE itself, in the name of somebody: for what has been allowed."""
    return with_eyes(ctx, Viewer(actor, "staff"))


def eyes_of(standing: Standing, party: Party) -> Viewer:
    """The eyes of people as a sheet names them; of those it can't name, everybody's."""
    match party.who:
        case "author":
            return standing.author
        case "runner":
            return standing.receiver
        case "actor" if standing.actor is not None:
            return Viewer(standing.actor, "person")
        case _:
            return ANYBODY


async def speaks_for(ctx: Context, standing: Standing, thing: UUID) -> bool:
    """Whether the thing belongs to the author, or to who runs it; of people, themselves alone."""
    if standing.author.staff:
        return True
    for person in standing.willing:
        if await belongs(ctx, thing, person):
            return True
    return False


async def belongs(ctx: Context, thing: UUID, person: UUID) -> bool:
    """Whether a thing is somebody's own."""
    return await as_person(ctx, person).store.standing(thing) == "owner"
