"""A text that the language model writes for somebody who says what they want: shown with all that
is wrong with it and what it would change, and taken only by them.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from one.errors import Fault, Invalid
from one.web.pages.remarks import Looked, look_at
from one.web.pages.visit import Visit
from one.workshop import writing
from one.workshop.writing import Writer

_KINDS: Mapping[str, Literal["added", "gone", "same"]] = {"+": "added", "-": "gone", " ": "same"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """Such a text. `lines` are those that it adds and takes away with some around them, and a gap
    where some are left out; `base` names the text that it would take the place of.
    """

    text: str
    base: str
    lines: Sequence[tuple[Literal["added", "gone", "same", "gap"], str]]
    looked: Looked
    credit: str


async def writer(visit: Visit) -> Writer:
    return (await visit.call(writing.show_writer)).result


async def proposed(visit: Visit, text: str = "") -> Proposal:
    """What the model makes of the wish in a form, as a change of a text or a new one."""
    idea = visit.form.get("idea", "").strip()
    if not idea:
        raise Invalid(
            "There is nothing to write yet.",
            cure="Say in your own words what is to happen.",
            faults=(Fault("/idea", "Say what you want"),),
        )
    found = (await visit.call(writing.write_feature, idea=idea, text=text)).result
    asked, tokens = found["asked"], found["tokens"]
    credit = f"Written by {found['model']} in {asked} {'answer' if asked == 1 else 'answers'}"
    credit += f", {tokens:,} tokens." if tokens else "."
    return await beside(visit, found["text"], before=text, credit=credit)


async def beside(visit: Visit, text: str, *, before: str, credit: str = "") -> Proposal:
    """A text held against the one that it would take the place of."""
    looked = await look_at(visit, text)
    return Proposal(text, name_of(before), [*_lines(before, text)], looked, credit)


def name_of(text: str) -> str:
    """A short name that no other text has."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _lines(
    before: str, after: str
) -> Iterator[tuple[Literal["added", "gone", "same", "gap"], str]]:
    said = writing.difference("", before=before, after=after).splitlines()[2:]
    for number, line in enumerate(said):
        if line.startswith("@@"):
            if number:
                yield "gap", "…"
        else:
            yield _KINDS[line[:1]], line[1:]
