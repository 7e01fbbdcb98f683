"""Nobody is spoken for: whose yes an effect needs, and how a run comes by it.

A connection that somebody has to agree to stays pending and is made at their yes, while the flow
goes on. All else waits: the command leaves its transaction by `Unsaid`, the run asks and sleeps,
and does the command again at the yes.
"""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from pydantic import JsonValue

from one.compiler.sheet import Answer, Budget, Consent, Price, Read
from one.compiler.spoken import named
from one.domains import notices
from one.domains.graph import ends_to_ask
from one.errors import Denied, TooMany
from one.runtime import Context, durable
from one.runtime.durable.parting import Interrupted, Parting
from one.sdk.reckoning import items
from one.sdk.refusal import NotTheirs, Refusal
from one.sdk.standing import Standing, as_one, as_person, speaks_for
from one.sdk.values import Thing, Value
from one.store import PEOPLE, Link
from one.store.uses import count_use

PATIENCE = timedelta(days=7)
MOST_WORDS = 10
"""How often a day somebody's runs of a feature may ask one person for a word."""
NO: JsonValue = {"yes": False}
_PAYERS = ("customer", "from")
"""The parameters of actions that name who pays, or whose tokens they are."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A yes that is wanted: whose, and to what."""

    person: UUID
    name: str
    question: notices.Question


class Unsaid(Parting):
    """A command needs a yes that nobody has given yet; nothing of its transaction stays."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__()
        self.wanted = wanted


class Tomorrow(Parting):
    """A command has been done as often as it may be today, and nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a flow waits for somebody to say, `reviewerApprovesPost`, and of what."""

    topic: str
    of: Value
    about: Value


# --- at the effects -----------------------------------------------------------------------------


async def voice(
    ctx: Context, standing: Standing, link: Link, *, ends: tuple[Thing, Thing], path: str
) -> Context | None:
    """The hands that write a connection between two ends: all whose say it is have said yes.

    Nothing where somebody has yet to say it, or said no: then it is pending, and the flow goes on.
    Raises Denied where it is somebody's say who can't be asked.
    """
    asked, agreed = ends_to_ask(ctx.ontology.connection(link.type)), True
    if link.type == "collaborates_with":  # the graph lets an owner grant it; here it is both's
        asked |= {"from"}
    for name, end in zip(("from", "to"), ends, strict=True):
        if name not in asked or await speaks_for(ctx, standing, end.id):
            continue
        if end.type not in PEOPLE:
            raise Denied(f"“{end.name}” is not theirs to connect.", cure="Its owner has to say it.")
        wanted = await _wanted(ctx, standing, end, path=path)
        said = await notices.ask(ctx, replace(wanted.question, tie=link), person=end.id)
        agreed = agreed and said is True
    if not agreed:
        return None
    speaker = next((one.id for one in ends if one.id in standing.willing), standing.author.id)
    return as_one(ctx, speaker)


async def speak(ctx: Context, standing: Standing, person: Thing, *, path: str) -> None:
    """That something may be done in a person's name. Raises Unsaid, Refusal."""
    if person.id not in standing.willing and not standing.rehearsed:
        await _need(ctx, await _wanted(ctx, standing, person, path=path))


async def sanction(ctx: Context, standing: Standing, *, path: str) -> None:
    """That the author lets somebody else's run do this. Raises Unsaid, Refusal."""
    if standing.by_author or standing.author.staff:
        return
    for line in standing.lines(path):
        if isinstance(line, Consent) and line.asks_author and not line.ticked:
            await _need(ctx, await _sanction(ctx, standing, line, path=path))


async def act_outside(
    ctx: Context, standing: Standing, what: str, *, params: Mapping[str, Value], path: str
) -> None:
    """That a service may be asked this: who pays has said yes, a voice is its owner's.

    Raises Unsaid, Refusal.
    """
    await sanction(ctx, standing, path=path)
    for name in _PAYERS:
        for one in items(params.get(name)):
            if isinstance(one, Thing) and one.type in PEOPLE:
                await speak(ctx, standing, one, path=path)
    if what == "elevenlabs.cloneVoice":
        for value in params.values():
            for one in items(value):
                await _own_voice(ctx, standing, one, path=path)


async def _own_voice(ctx: Context, standing: Standing, heard: Value, *, path: str) -> None:
    if isinstance(heard, Thing) and heard.type in PEOPLE:
        await speak(ctx, standing, heard, path=path)
    elif isinstance(heard, Thing) and not await speaks_for(ctx, standing, heard.id):
        raise NotTheirs(f"“{heard.name}” is not theirs to make a voice of.")


async def _need(ctx: Context, wanted: Wanted) -> None:
    said = await notices.answer_to(ctx, wanted.question, person=wanted.person)
    if said is None:
        raise Unsaid(wanted)
    if not said:
        raise Refusal("said_no", f"{wanted.name} said no to this.")


# --- what is asked ------------------------------------------------------------------------------


async def _wanted(ctx: Context, standing: Standing, person: Thing, *, path: str) -> Wanted:
    """What a person is asked: once for what the line asks, where they pay each time."""
    lines = standing.lines(path)
    consent = next((one for one in lines if isinstance(one, Consent)), None)
    pays = any(isinstance(one, Price) and one.service for one in lines)
    author = await _name(ctx, standing.author.id)
    what = _to_others(consent.to, author) if consent else "to do something in your name"
    words = f"“{standing.title}” by {author} asks for your yes: {what}."
    return Wanted(person.id, person.name, _question(standing, words, path=path, each=pays))


async def _sanction(ctx: Context, standing: Standing, line: Consent, *, path: str) -> Wanted:
    """What the author is asked about a run of somebody else's: each time."""
    who = await _name(ctx, standing.runner) if standing.runner else "A guest"
    typed = "; ".join(f"{key}: “{text[:100]}”" for key, text in sorted(standing.typed.items()))
    given = f" with {typed}" if typed else ""
    title = standing.title
    words = f"{who} runs your feature “{title}”{given}. May it go on {line.to}?"
    assert standing.author.id is not None, "features have an author"
    question = _question(standing, words, path=path, each=True)
    return Wanted(standing.author.id, "Its author", question)


async def _name(ctx: Context, person: UUID | None) -> str:
    assert person is not None, "features have an author"
    return (await as_one(ctx, None).store.get(person)).name


def _question(standing: Standing, words: str, *, path: str, each: bool) -> notices.Question:
    """The same line is what asks for the same, wherever a revision has it."""
    kinds = (Read, Answer, Budget)
    found = [one.digest for one in standing.lines(path) if not isinstance(one, kinds)]
    asked = " ".join(sorted(found)) or re.sub(r"\[[^]]*\]", "", path)
    line = f"{standing.sheet.feature}: {asked}" + (f" {standing.run}" if each else "")
    return notices.Question(line=line, words=words)


def _to_others(words: str, author: str) -> str:
    """A line of the sheet, which says `you` to the author, as others read it."""
    said = re.sub(r"\byour\b", f"{author}'s", words)
    return re.sub(r"\byou\b", author, said)


# --- the run that waits -------------------------------------------------------------------------


@asynccontextmanager
async def asking(engine: durable.Run, path: str) -> AsyncGenerator[None]:
    """What is done inside may need a yes, or another day: then the run waits. Raises Refusal."""
    asked = await again(
        engine, path, what="asks", wait=lambda n: _said(engine, path, n, wanted=None)
    )
    days = await again(engine, path, what="tomorrow", wait=lambda n: _slept(engine, path, n))
    try:
        yield
    except Unsaid as unsaid:
        await _said(engine, path, asked + 1, wanted=unsaid.wanted)
        raise Interrupted from unsaid  # the yes came at once: from the journal on again
    except Tomorrow as tomorrow:
        await _slept(engine, path, days + 1)
        raise Interrupted from tomorrow


async def again(
    engine: durable.Run, path: str, *, what: str, wait: Callable[[int], Awaitable[None]]
) -> int:
    """Goes through the waits that the journal knows of a place; how many there are."""
    n = 0
    while f"{engine.front}{path}.{what}[{n + 1}]" in engine.journal.known:
        n += 1
        await wait(n)
    return n


async def _slept(engine: durable.Run, path: str, n: int) -> None:
    await engine.wait(f"{path}.tomorrow[{n}]", timedelta(days=1))


async def _said(engine: durable.Run, path: str, n: int, *, wanted: Wanted | None) -> None:
    topic = f"yes:{engine.front}{path}[{n}]"
    name = await engine.step(
        f"{path}.asks[{n}]", partial(_ask, wanted, engine.id_of_run, topic), operation="ask"
    )
    came = await engine.wait_for(f"{path}.yes[{n}]", topic, longest=PATIENCE)
    if not isinstance(came, dict):
        raise Refusal("no_yes", f"{name} has not said yes to this in {PATIENCE.days} days.")


async def asked(engine: durable.Run, standing: Standing, *, word: Word, path: str) -> bool:
    """Whether the word is somebody's who stands beside the run; then they are asked for it. Raises
    TooMany.
    """
    person = word.of
    if not isinstance(person, Thing) or person.type not in PEOPLE or standing.rehearsed:
        return False
    if person.id in standing.people:
        return False

    async def ask(ctx: Context) -> JsonValue:
        key = f"word:{standing.sheet.feature}:{standing.author.id}:{standing.runner}:{person.id}"
        today = ctx.store.session.now.date()
        if not await count_use(ctx.store.session, key, limit=MOST_WORDS, day=today):
            raise TooMany(
                f"{person.name} was asked {MOST_WORDS} times today.", cure="Try again tomorrow."
            )
        words = await _asked(ctx, standing, word, person=person.id)
        question = _question(standing, words, path=engine.front + path, each=True)
        question = replace(question, run=engine.id_of_run, topic=word.topic)
        await notices.ask(ctx, question, person=person.id)
        return person.name

    await engine.step(f"{path}.asks", ask, operation="ask")
    return True


async def _asked(ctx: Context, standing: Standing, word: Word, *, person: UUID) -> str:
    author = await _name(ctx, standing.author.id)
    by = f", run by {await _name(ctx, standing.runner)}," if standing.runner else ""
    about, title = "", standing.title
    if isinstance(word.about, Thing) and await as_person(ctx, person).store.standing(word.about.id):
        about = f" (“{word.about.name}”)"
    return f"“{title}” by {author}{by} waits for your word: {named(word.topic)}{about}."


async def _ask(wanted: Wanted | None, run: UUID, topic: str, ctx: Context) -> JsonValue:
    assert wanted is not None, "what the journal knows is not asked again"
    question = replace(wanted.question, run=run, topic=topic)
    said = await notices.ask(ctx, question, person=wanted.person)
    if said is not None:
        await durable.send(ctx.store.session, run, topic=topic, payload={"yes": said})
    return wanted.name
