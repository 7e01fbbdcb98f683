"""A text or an amount where a person or a thing is needed: told once, with what it may be."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from one.compiler.bind.derived import ROLES
from one.compiler.bind.glosses import SPEAKING, TEXTS
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import phrase
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, nearest
from one.compiler.expression import Lit, Ref
from one.compiler.kinds import PEOPLE, PERSON, UNKNOWN, Base, say_kind
from one.compiler.layout import SlotLine
from one.compiler.meant import AKIN
from one.compiler.reader import Is, Span, Word, whole
from one.compiler.vocabulary import camel, key_of, plural, singular, spaced
from one.ontology.words import article

_NAMED = ("course", "community", "membership", "digital_product", "livestream", "video", "token")
_GIVEN = ("digital_product", "course", "video", "community", "report", "media_asset")
"""What people call by its name, and what they speak of, the likeliest first."""


def tell_plain(reading: Reading, end: Typed, *, types: Iterable[str] = (), span: Span) -> bool:
    """Whether the end of a relation is no person and no thing: told, with what it may be of the
    types that it may be of, for a quoted text and for an input that nothing says the kind of.
    """
    kind = (end.kind.item or UNKNOWN) if end.kind.base is Base.LIST else end.kind
    if kind.vague or kind.base is Base.THING:
        return False
    match end.tree:
        case Lit(str(text)):
            why = "A thing is called by its type and its name: my course called “Baking”."
            fixes = islice(_called(reading, text, set(types), span=span), 4)
            reading.error("E403", f"“{text}” is only text here.", *fixes, why=why, at=span)
        case Ref(name) if (line := slot_of(reading, name)) is not None:
            tell_unsaid(reading, name, line, types=types, span=span)
        case _:
            said = f"A person or a thing is needed here; this is {say_kind(end.kind)}."
            reading.error("E403", said, at=span)
    return True


def _called(reading: Reading, text: str, types: set[str], *, span: Span) -> Iterator[Fix]:
    """The thing of that title; somebody of that name, who can only be asked for."""
    for one in _NAMED:
        if not types or one in types:
            said = f'my {spaced(one)} called "{text}"'
            yield Fix(f"It is {said}", (Edit(span, said),), Applies.MAYBE)
    name = text.casefold()
    if types & PEOPLE and name.isalpha() and not reading.find(name):
        edits = (Edit(span, name), reading.input_edit(name, PERSON))
        yield Fix("Ask who it is", edits, Applies.MAYBE)


def tell_unsaid(
    reading: Reading, name: str, line: SlotLine, *, types: Iterable[str] = (), span: Span
) -> None:
    """An input that is used as somebody or something, and whose words don't say who or what."""
    if f"plain:{name}" in reading.told:
        return
    reading.told.add(f"plain:{name}")
    said = f"“{spaced(name)}” is text: the input doesn't say who or what it is."
    fixes = list(islice(_meant(line, set(types)), 5))
    why = "Say it under INPUT: fan: who is asking, course: which course."
    reading.error("E403", said, *fixes, why=why, at=span)


def slot_of(reading: Reading, name: str) -> SlotLine | None:
    """The line under INPUT of a name that is there as text."""
    slot = reading.inputs.get(name)
    if slot is None or slot.type.rstrip("?") != "text" or slot.one_of:
        return None
    lines = (one for one in reading.outline.inputs if camel(_text(_name(one))) == name)
    return next(lines, None)


def is_unsaid(line: SlotLine) -> bool:
    """Whether it may well be a thing: `the album` or `album`, and not `state` or `which style`."""
    low = {word.low for word in line.words}
    made = low & _MADE or any(singular(word) in AKIN for word in low)
    return bool(made) and not low & (TEXTS | SPEAKING)


_MADE = frozenset({"the", "which", "my", "a", "an"})


def _name(line: SlotLine) -> list[Word]:
    at = next((n for n, word in enumerate(line.words) if word.text == ":"), len(line.words))
    return line.words[:at]


def _text(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)


def _meant(line: SlotLine, types: set[str]) -> Iterator[Fix]:
    name, gloss = _name(line), line.words[len(_name(line)) + 1 :]
    gloss = gloss[: next((n for n, word in enumerate(gloss) if word.text == "("), len(gloss))]
    end = (gloss or name)[-1].span
    place = gloss[0].span.to(end) if gloss else Span(end.line, end.end, end.end)
    alone = line.line.words[-1] is line.words[-1]
    said = "{}" if gloss else ": {}" if alone else " ({})"
    nouns = [singular(word.low) for word in (*gloss, *name) if word.kind is Is.WORD]
    akin = list(dict.fromkeys(one for noun in nouns for one in AKIN.get(noun, ())))
    if not akin and (not types or types & PEOPLE):
        who = f"who is {_text(gloss)}" if gloss and gloss[0].low != "which" else "who it is"
        yield Fix("It is a person", (Edit(place, said.format(who)),), Applies.MAYBE)
    known = {camel(spaced(one)) for one in types}
    for one in akin or map(spaced, _GIVEN):
        if not types or camel(one) in known:
            edit = Edit(place, said.format(f"which {one}"))
            yield Fix(f"It is {article(one)}", (edit,), Applies.MAYBE)


def tell_no_property(reading: Reading, base: Typed, wanted: str, *, words: Sequence[Word]) -> None:
    """A property that nothing of the kind has, with the nearest that it has."""
    owned = next((n + 1 for n, word in enumerate(words[:-1]) if word.kind is Is.POSSESSIVE), 0)
    span = whole(list(words[owned:]))
    name = base.tree.name if isinstance(base.tree, Ref) else ""
    if base.kind.base is Base.TEXT and (line := slot_of(reading, name)) is not None:
        has = reading.vocabulary.property_kind
        types = [one for one in reading.vocabulary.entity_types if has(frozenset({one}), wanted)]
        tell_unsaid(reading, name, line, types=types, span=span)
        return
    known: set[str] = set()
    for name in base.kind.types:
        if name in reading.vocabulary.entity_types:
            known |= set(reading.vocabulary.entity(name).kinds)
    known |= {key for key, _ in base.kind.fields} or {plural(word) for word in ROLES}
    known |= {"token balance"} if base.kind.person else set()
    close = _near(wanted, known)
    owner, why = _owner(base), ""
    fixes = [Fix(f"Write {close[0]}", (Edit(span, close[0]),), Applies.MAYBE)] if close else []
    if base.kind.person and owned and not close and reading.outline.inputs:
        name = phrase([*words[: owned - 1], *words[owned:]])
        edits = (Edit(whole(list(words)), name), reading.input_edit(name, UNKNOWN))
        why = "What is not kept of people is asked for, as an input."
        fixes = [] if reading.trigger_kind else [Fix("Ask for it", edits, Applies.MAYBE)]
    said = f"{owner} has no “{wanted}”." + (f" Did you mean {close[0]}?" if close else "")
    reading.error("E309", said, *fixes, names=close, why=why, at=span)


def _near(wanted: str, known: set[str]) -> list[str]:
    """The nearest of the names, spelt as people write them; else those that begin alike."""
    spelt = {spaced(name) for name in known}
    begin = key_of(wanted)[:4]
    alike = sorted(name for name in spelt if key_of(name).startswith(begin))
    return [*nearest(wanted, spelt)] or alike[:3]


def _owner(base: Typed) -> str:
    said = spaced(base.tree.name) if isinstance(base.tree, Ref) else ""
    return said.capitalize() if said.startswith("my ") else f"The {said}" if said else "This"
