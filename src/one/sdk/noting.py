"""What a feature keeps of another person: a note that its author alone sees.

To the author's features the person has what was noted beside what they say of themselves; queries
over people don't look into notes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from one.errors import Invalid
from one.runtime import Context
from one.sdk.refusal import NotTheirs
from one.sdk.standing import Standing
from one.sdk.values import Thing, Value, plain
from one.store import PEOPLE
from one.store.notes import held_note, notes_of, write_note

MOST_KEYS, MOST_TAGS = 100, 100


def is_noted(standing: Standing, person: Thing) -> bool:
    """Whether what a feature says of this is a note, and no change of what others see."""
    return person.type in PEOPLE and person.id != standing.author.id and not standing.rehearsed


async def note(
    ctx: Context,
    standing: Standing,
    person: Thing,
    *,
    set: Mapping[str, Value],
    add: Mapping[str, int | float],
    status: str | None,
) -> Thing:
    """The person with what is noted of them from now on. Raises Refusal, Invalid."""
    if status is not None:
        raise NotTheirs(f"What {person.name} is, is not theirs to change.")
    author = standing.author.id
    assert author is not None, "features have an author"
    session = ctx.store.session
    known = await held_note(session, author, person.id)
    noted: dict[str, JsonValue] = {**known.properties}
    noted |= {key: plain(value) for key, value in set.items()}
    for key, amount in add.items():
        noted[key] = _number(noted.get(key, person.properties.get(key, 0)), key) + amount
    if len(noted) > MOST_KEYS:
        raise Invalid(f"There are {MOST_KEYS} notes on {person.name}, the most there may be.")
    await write_note(session, author, person.id, properties=noted, tags=known.tags)
    return _with(person, noted)


async def tag(ctx: Context, standing: Standing, person: Thing, *, names: Sequence[str]) -> None:
    """Keeps tags of a person. Raises Invalid."""
    author = standing.author.id
    assert author is not None, "features have an author"
    known = await held_note(ctx.store.session, author, person.id)
    tags = [*dict.fromkeys([*known.tags, *names])]
    if len(tags) > MOST_TAGS:
        raise Invalid(f"There are {MOST_TAGS} tags on {person.name}, the most there may be.")
    await write_note(ctx.store.session, author, person.id, properties=known.properties, tags=tags)


async def with_notes(ctx: Context, standing: Standing, found: list[Value]) -> list[Value]:
    """The same with what the author has noted of the people among them."""
    people = [one.id for one in found if isinstance(one, Thing) and is_noted(standing, one)]
    author = standing.author.id
    if not people or author is None:
        return found
    known = await notes_of(ctx.store.session, author, people)
    return [
        _with(one, known[one.id].properties) if isinstance(one, Thing) and one.id in known else one
        for one in found
    ]


def _with(person: Thing, noted: Mapping[str, JsonValue]) -> Thing:
    return replace(person, properties={**person.properties, **noted})


def _number(value: JsonValue, key: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(f"“{key}” is no number to add to.")
    return value
