"""Nouns of a WHEN: who and what a happening is about, bound as names.

A word that chooses among what happens is refused: CHECK and IF choose.
"""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.literals import count_of
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, within_one
from one.compiler.kinds import PEOPLE, PERSON, Base, Kind, thing
from one.compiler.light import frozen
from one.compiler.reader import Is, Span, Word, whole
from one.compiler.vocabulary import key_of, singular


@frozen
class Noun:
    """A noun of the trigger: the name that it binds, its kind, whether it is the owner's."""

    name: str
    kind: Kind = PERSON
    mine: bool = False

    @property
    def type(self) -> str | None:
        return next(iter(self.kind.types)) if len(self.kind.types) == 1 else None


MORE = frozenset(
    {"of", "for", "with", "without", "to", "or", "and", "than", "who", "that", "which", "whose"}
    | {"in", "on", "at", "from", "by", "after", "before", "when", "if", "while", "not", "more"}
    | {
        "less",
        "two",
        "three",
        "several",
        "many",
        "all",
        "me",
        "us",
        "my",
        "our",
        "i",
        "we",
        "every",
        "each",
        "both",
        "only",
        "never",
        "twice",
        "once",
        "today",
        "tomorrow",
        "yesterday",
    }
)
"""Words that a noun of a trigger can't hold: they choose, or speak of something else."""


def bind_noun(reading: Reading, words: Sequence[Word], *, person: bool = False) -> Noun:
    """A noun of the trigger, bound; what it says beside is told."""
    bare, mine = whose(words)
    marks = [n for n, word in enumerate(bare) if word.kind is Is.POSSESSIVE]
    if marks and marks[-1] + 1 < len(bare):
        bind_noun(reading, bare[: marks[0]], person=True)
        bare = bare[marks[-1] + 1 :]
    if [word.low for word in bare] in (["me"], ["us"], ["i"], ["we"]):
        return owner(reading, whole(bare), person=person)
    if not bare:
        return Noun("")
    bare = _one(reading, bare) if person else bare
    bare, title = _titled(reading, bare)
    vocabulary = reading.vocabulary
    full = len(bare)
    if vocabulary.entity_of(phrase(bare)) is None:
        bare = plain(reading, bare)
    said, last, meant = phrase(bare), bare[-1].text, ""
    name = vocabulary.entity_of(said) or vocabulary.entity_of(last)
    if vocabulary.is_person_word(said) or (vocabulary.is_person_word(last) and name is None):
        kind = thing("creator") if key_of(said) == "creator" and not person else PERSON
    elif name is not None:
        kind = thing(name)
    else:
        kind = PERSON if person else Kind(Base.THING)
        meant = _unknown(reading, bare, person=person) if len(bare) == full else ""
    if len(bare) == full:
        note_any(reading, bare)
    bound = reading.bind(said, kind, source="trigger", span=whole(bare))
    reading.titled = (bound, title) if title else reading.titled
    if meant:  # the rest of the text says it right
        reading.names.setdefault(key_of(meant), reading.names[key_of(bound)])
    if person and reading.find(last) is None:  # `VIP fan` is the fan
        reading.names[key_of(last)] = reading.names[key_of(bound)]
    return Noun(bound, kind, mine)


def _unknown(reading: Reading, bare: Sequence[Word], *, person: bool) -> str:
    """A noun that no word is known for: one that is a letter away is asked for and answered; who
    does something is a person whatever they are called.
    """
    said, last = phrase(bare), bare[-1]
    near = _near_people(reading, last.text) if person else _near_nouns(reading, last.text)
    odd = any(word.low in _NO_NOUN for word in bare)
    if person and not near and not odd and last.kind is Is.WORD:
        reading.note("E323", f"“{said}” is taken as a person.", at=whole(list(bare)))
    elif person or near or odd:
        fixes = [Fix(f"Write {one}", (Edit(last.span, one),), Applies.MAYBE) for one in near]
        who = "who does it, such as a fan, a student or a customer."
        why = f"WHEN says {who if person else 'to what it happens, such as a course or a video.'}"
        why = f"Nothing that I know is called “{last.text}”." if near and not person else why
        asked = f"Who or what is “{said}”?" + (f" Did you mean {near[0]}?" if near else "")
        reading.error("E208", asked, *fixes, names=near, why=why, at=whole(list(bare)))
    return near[0] if near else ""


_NO_NOUN = frozenset({"a", "an", "the", "is", "was", "has", "have", "does", "will", "they", "it"})
_CALLED = frozenset({"called", "named", "titled"})


def _titled(reading: Reading, words: list[Word]) -> tuple[list[Word], str]:
    """`Yoga Basics course`, `course called "Yoga Basics"`, `course "Yoga Basics"`: a noun, and the
    name of the one thing that is meant.
    """
    last, known = words[-1], reading.vocabulary.entity_of
    if last.kind is Is.TEXT and len(words) > 1:
        noun = words[: -2 if words[-2].low in _CALLED else -1]
        title = last.text
    elif (at := _proper(words)) and known(phrase(words[:at])):
        noun = words[:at]
        title = phrase(words[at + (words[at].low in _CALLED) :])
    else:
        noun, before = words[-1:], words[:-1]
        proper = bool(before) and all(word.text[:1].isupper() for word in before)
        title = phrase(before) if proper and not phrase(words).isupper() else ""
    fits = bool(noun) and title and known(phrase(words)) is None and known(phrase(noun))
    if not fits or fits in PEOPLE:
        return words, ""
    return noun, title


def _proper(words: Sequence[Word]) -> int:
    """Where a name begins after a noun: `course Yoga Basics`, `course called yoga`; else 0."""
    for n, word in enumerate(words):
        if n and word.low in _CALLED and n + 1 < len(words):
            return n
        if n and word.text[:1].isupper() and not words[0].text[:1].isupper():
            return n
    return 0


def note_any(reading: Reading, bare: Sequence[Word]) -> None:
    """`premium lead` is any lead, called so: said."""
    said, vocabulary = phrase(bare), reading.vocabulary
    if len(bare) > 1 and not (vocabulary.entity_of(said) or vocabulary.is_person_word(said)):
        told = f"“{said}” is a name here for any {bare[-1].low}: WHEN does not choose among them."
        reading.note("E323", told, at=whole(list(bare)))


def whose(words: Sequence[Word]) -> tuple[list[Word], bool]:
    """`one of my students` → `student`, and that they are the owner's."""
    bare, mine = strip(words), False
    while bare and bare[0].low in _CHOOSING and len(bare) > 1:
        mine = mine or bare[0].low in {"my", "our"}
        bare = strip(bare[1:])
    return bare, mine


_CHOOSING = frozenset({"new", "my", "our", "another", "one", "of", "any"})


def _one(reading: Reading, words: list[Word]) -> list[Word]:
    """`fans`, `one of my students`: whoever of them it is."""
    last = words[-1]
    one = singular(last.low)
    if one == last.low or not reading.vocabulary.is_person_word(one):
        return words
    return [*words[:-1], replace(last, text=one, low=one)]


def plain(reading: Reading, bare: list[Word]) -> list[Word]:
    """The noun up to a word that chooses among what happens, which is told."""
    inner = next((n for n, word in enumerate(bare) if n and word.low in {"a", "an", "the"}), 0)
    if inner and inner + 1 < len(bare):  # `sends at once a message`
        too_much(reading, bare[:inner])
        return plain(reading, bare[inner + 1 :])
    odd = next(
        (
            n
            for n, word in enumerate(bare)
            if word.kind not in {Is.WORD, Is.POSSESSIVE} or word.low in MORE
        ),
        None,
    )
    if odd is None:
        return bare
    too_much(reading, bare[odd:] if odd else bare[:1])
    return bare[:odd] or bare[-1:]


def too_much(reading: Reading, words: Sequence[Word]) -> None:
    """What WHEN can't wait for is said afterwards, of what happened."""
    said, low = phrase(words), words[0].low
    why = "WHEN only says what happens. What must hold besides is a CHECK or an IF after it."
    if low in {"or", "and"}:
        why = "WHEN waits for one thing. Make a feature for each; they may USE one FEATURE."
    if count_of(words[0]) is not None:
        why = (
            "WHEN says that it happens, once each time. How often is asked after it: WHEN a fan "
            "completes a lesson, then IF fan has completed at least 5 lessons."
        )
    place = whole(list(words))
    fixes = [] if low in {"or", "and"} else [Fix("Leave it out", (Edit(place, ""),), Applies.MAYBE)]
    reading.error("E208", f"“{said}” is more than WHEN waits for.", *fixes, why=why, at=place)


def owner(reading: Reading, span: Span, *, person: bool = False) -> Noun:
    """`me`: the creator of a happening is always the feature's owner."""
    kind = PERSON if person else thing("creator")
    return Noun(reading.bind("creator", kind, source="owner", span=span), kind, mine=True)


def _near_nouns(reading: Reading, word: str) -> list[str]:
    """Nouns of the ontology one letter away."""
    types = reading.vocabulary.entity_types.values()
    nouns = (noun for one in types for noun in (one.singular, *one.synonyms))
    return [noun for noun in nouns if len(word) > 3 and within_one(key_of(word), key_of(noun))][:2]


def _near_people(reading: Reading, word: str) -> list[str]:
    """Words for people one letter away."""
    known = sorted(reading.vocabulary.person_words)
    return [one for one in known if len(word) > 3 and within_one(key_of(word), one)][:2]


def plain_end(words: Sequence[Word]) -> Word:
    """The last word of a noun, before what is said beside it."""
    end = next((n for n, word in enumerate(words) if n and word.low in MORE), len(words))
    return words[end - 1]
