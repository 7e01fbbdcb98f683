"""Whom a feature writes to: people, and whoever has an address that somebody typed.

An address that was typed stands for a guest: a person without account, seen by the author alone,
who gets one letter a day, with none of the words that were typed beside it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from one.compiler.sheet import Reach
from one.domains import notices
from one.errors import Invalid
from one.runtime import Context
from one.sdk.asking import Query, Tie, Where
from one.sdk.finding import rows
from one.sdk.standing import Standing, as_one
from one.sdk.values import Thing, Value, plain, text, thing
from one.store import Draft
from one.store.preferences import Way
from one.store.uses import count_use

_ANY_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Telling:
    """What people are told at a place of the program; the same `key` tells each of them once."""

    about: Value
    key: str
    path: str
    channels: Sequence[str]
    data: Mapping[str, Value]


async def notify(ctx: Context, standing: Standing, notice: Telling, *, to: Sequence[Value]) -> int:
    """A notice for each person who may be reached; how many were. Raises Invalid."""
    people = [await _person(ctx, standing, one) for one in to if one is not None]
    if not people:
        return 0
    told = notices.Notice(
        about=text(notice.about),
        key=notice.key,
        data={name: said(value) for name, value in notice.data.items() if value is not None},
        channels=[cast("Way", one) for one in notice.channels],
        run_of=[one for one in (standing.runner, standing.actor) if one is not None],
        typed=_typed(standing, notice.path),
    )
    return (await notices.tell(ctx, told, to=[person.id for person in people])).count


def said(value: Value) -> JsonValue:
    """A value as a person reads it in a notice; money and numbers stay what they are."""
    return plain(value) if isinstance(value, bool | int | float | str) else text(value)


def _typed(standing: Standing, path: str) -> list[str]:
    """The runner's own words in what is written at a place."""
    if standing.by_author:
        return []
    named = {name for one in standing.lines(path) if isinstance(one, Reach) for name in one.words}
    return [standing.typed[name] for name in sorted(named) if name in standing.typed]


async def _person(ctx: Context, standing: Standing, to: Value) -> Thing:
    if isinstance(to, Thing):
        return to
    if isinstance(to, str) and to.strip():
        return await guest_of(ctx, standing, to.strip())
    raise Invalid(f"“{text(to)[:80]}” is nobody to write to.", cure="Name a person or an address.")


async def guest_of(ctx: Context, standing: Standing, address: str) -> Thing:
    """The author's guest with an e-mail address or a phone number. Raises Invalid."""
    author, key = standing.author.id, "email" if "@" in address else "phone"
    address = address.lower() if key == "email" else address
    digest = hashlib.sha256(address.encode()).hexdigest()[:24]
    held = f"guest:{author}:{digest}"  # two at once make one
    await count_use(ctx.store.session, held, limit=_ANY_NUMBER)
    known = Query(
        "entities",
        (
            Where("type", "eq", "audience_member"),
            Where(key, "eq", address),
            Where("source", "eq", notices.GUEST),
            Tie("owns", source=str(author)),
        ),
        limit=1,
    )
    for found in await rows(as_one(ctx, None), known):
        if isinstance(found, Thing):
            return found
    draft = Draft(
        "audience_member",
        address.partition("@")[0][:80] or "Guest",
        {key: address, "source": notices.GUEST},
    )
    return thing(await as_one(ctx, author).store.create(draft))
