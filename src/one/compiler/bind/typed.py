"""A noun for a person or a type: whom or what of it in scope is meant, else an input."""

from collections.abc import Sequence

from one.compiler.bind.derived import parent, property_of
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import ADJECTIVES, HOLE, phrase, ref
from one.compiler.bind.session import Name, Reading
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.kinds import PERSON, Base, Kind, thing
from one.compiler.reader import Is, Word, join, whole
from one.compiler.vocabulary import key_of, plural, singular, spaced


def typed(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """A noun for a person or a type: the only such thing in scope, else an input if that may be."""
    if not all(word.kind is Is.WORD for word in words) or len(words) > 4:
        return None
    bare = [word for word in words if word.low not in ADJECTIVES] or list(words)
    noun = phrase(bare)
    last = bare[-1].text
    vocabulary = reading.vocabulary
    several = reading.find(plural(noun)) if singular(last.casefold()) == last.casefold() else None
    if several and several.kind.base is Base.LIST and (inner := _at_hand(reading, several)):
        said = f"“{noun}” is taken as the {spaced(inner.name)} of the loop."
        reading.note("E323", said, at=whole(list(words)))
        return ref(reading, inner)
    if several and several.kind.base is Base.LIST and key_of(noun) not in reading.gone:
        said = f"“{noun}” is taken as each of the {spaced(several.name)}."
        reading.note("E323", said, at=whole(list(words)))
        return ref(reading, several)
    if vocabulary.is_person_word(noun) or (
        vocabulary.is_person_word(last) and vocabulary.entity_of(noun) is None
    ):
        return _person_noun(reading, words, last)
    name = vocabulary.entity_of(noun)
    if name is None:
        return None
    alive = [
        one
        for one in reading.things()
        if one.kind.types == frozenset({name}) and one.source not in {"input"}
    ]
    alive = alive or [one for one in reading.things() if one.kind.types == frozenset({name})]
    if len(alive) == 1:
        return ref(reading, alive[0])
    if len(alive) > 1:
        return _two(reading, words, alive)
    if not reading.may_declare or (key_of(noun) in vocabulary.plurals and singular(last) != last):
        return parent(reading, name, span=whole(list(words)))
    return _declared(reading, words, thing(name))


def _at_hand(reading: Reading, several: Name) -> Name | None:
    """The one that a loop is at, where all that go through such a list are one."""
    loops = {
        one.name: one
        for one in reading.names.values()
        if one.source == "loop" and one.kind == several.kind.item
    }
    return next(iter(loops.values())) if len(loops) == 1 else None


def _person_noun(reading: Reading, words: Sequence[Word], last: str) -> Typed | None:
    if singular(last.casefold()) != last.casefold():
        return None
    if not reading.may_declare:
        return _whose_role(reading, words)
    return _declared(reading, words, PERSON)


def _whose_role(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """`the buyer`, `the author`: of the only thing in scope that has one."""
    role = words[-1].low
    owned = [
        one
        for one in {name.name: name for name in reading.things()}.values()
        if one.source != "derived"
        and one.kind.types
        and (one.kind.types <= _HAVING.get(role, frozenset()))
    ]
    if len(words) > 1 or len(owned) != 1:
        return None
    said = f"“{role}” is taken as that of the {spaced(owned[0].name)}."
    reading.note("E323", said, at=whole(list(words)))
    return property_of(reading, ref(reading, owned[0]), role, span=whole(list(words)))


_SOLD = frozenset({"payment", "invoice", "subscription"})
_WRITTEN = frozenset({"blog_post", "video", "podcast", "social_post", "message"})
_HAVING = {
    **dict.fromkeys(("buyer", "customer"), _SOLD),
    **dict.fromkeys(("author", "writer"), _WRITTEN),
    **dict.fromkeys(("teacher", "instructor"), frozenset({"course", "lesson"})),
}
"""Role words, and the things that have such a person."""


def _declared(reading: Reading, words: Sequence[Word], kind: Kind) -> Typed | None:
    wanted = phrase(words)
    if key_of(wanted) in reading.later or key_of(wanted) in reading.gone:
        return None
    span = whole(list(words))
    name = reading.declare(wanted, kind, span=span)
    reading.note(
        "E321", f"“{wanted}” is taken as an input: nothing else says who or what it is.", at=span
    )
    return ref(reading, name)


def _two(reading: Reading, words: Sequence[Word], alive: Sequence[Name]) -> Typed:
    span = whole(list(words))
    names = [name.name for name in alive]
    fixes = [Fix(f"It is {name}", (Edit(span, name),), Applies.MAYBE) for name in names[:6]]
    reading.ask("E308", f"Which “{join(list(words))}” is meant?", *fixes, names=names, at=span)
    return HOLE
