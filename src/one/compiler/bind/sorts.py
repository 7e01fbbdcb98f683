"""The kind that a name and its gloss say: `price in dollars` is money, `who is buying` a person."""

import re
from collections.abc import Sequence

from one.compiler.bind import glosses
from one.compiler.kinds import (
    ANY_JSON,
    BOOLEAN,
    DATETIME,
    DURATION,
    INTEGER,
    MONEY,
    NUMBER,
    PERSON,
    RATIO,
    TEXT,
    Kind,
    list_of,
    thing,
    thinks,
)
from one.compiler.reader import Is, Word
from one.compiler.vocabulary import Vocabulary, key_of, singular


def slot_kind(
    vocabulary: Vocabulary, name: Sequence[Word], *, gloss: Sequence[Word], output: bool
) -> Kind:
    """A gloss with a kind wins over the name; else text, and for an output whatever is given."""
    if gloss and gloss[0].low == "of":  # `name: of the token`
        name, gloss = [*name, *gloss], gloss[:0]
    said = _gloss_kind(vocabulary, gloss)
    own = _name_kind(vocabulary, name)
    if said == INTEGER and name and name[-1].low == "id":
        return own or TEXT  # `order ID: number of the order`
    if gloss and gloss[0].low == "text":
        return TEXT  # `plan: text` is no membership
    if said is not None and _spoken(said) and {word.low for word in gloss} & _TYPED:
        return TEXT  # `note: a short message`
    if said is not None and own == TEXT and (said == PERSON or _spoken(said)):
        return TEXT  # `text: the message` is its words, `name: who it is for` a name
    if said is not None and not (
        own is not None and own.types and said == TEXT and not _spoken(own) and not _linked(gloss)
    ):
        return said
    if own is not None:
        return own
    return ANY_JSON if output else TEXT


_TYPED = frozenset({"short", "brief", "personal", "little", "their", "your"})
"""What is said of words that somebody is yet to write."""


def _linked(gloss: Sequence[Word]) -> bool:
    """`file: link to the video`: where it is found, not itself."""
    return next((word.low for word in gloss if word.low not in glosses.LEAD), "") in {"link", "url"}


def _spoken(kind: Kind) -> bool:
    """Whether the thing is something said or written, so that its words may be what is meant."""
    return bool(kind.types) and kind.types <= glosses.SPOKEN


def _gloss_kind(vocabulary: Vocabulary, words: Sequence[Word]) -> Kind | None:
    low = [word.low for word in words if word.kind is not Is.POSSESSIVE]
    if not low:
        return None
    text = " ".join(low)
    if low[0] == "who" or text.startswith(("the person", "a person", "person who")):
        return PERSON
    if low[0] == "list" or " list of " in f" {text} " or low[0] == "several":
        at = low.index("of") + 1 if "of" in low else 1
        inner = noun_kind(vocabulary, words[at:]) if at < len(words) else None
        return inner if inner and inner.item else list_of(inner or TEXT)
    if (
        low[0] in {"whether", "true", "yes"}
        or "yes/no" in text
        or "true or false" in text
        or "yes or no" in text
    ):
        return BOOLEAN
    if text.startswith("how many") or _counts(low):
        return _MANY.get("".join(low[2:3]), INTEGER)
    if text.startswith("how much"):
        return _how_much(low[2:])
    if text.startswith("how long"):
        return DURATION
    if low[0] == "how" and low[1:2] and low[1] in glosses.UNSAID | glosses.LEAD:
        return TEXT  # `how the clone should speak`
    if low[0] in {"when", "where", "why"}:
        return DATETIME if low[0] == "when" else None  # `link: where the file is`
    if set(low) & glosses.MONEY:
        return MONEY
    if set(low) & {"percent", "percentage"}:
        return RATIO
    if low[0] == "what" or "text" in low:
        return _what(vocabulary, words)
    return noun_kind(vocabulary, words)


_MANY = {
    **dict.fromkeys(("dollars", "euros", "pounds", "usd", "eur"), MONEY),
    **dict.fromkeys(("percent", "%"), RATIO),
}
"""What is counted and no whole number."""


def _counts(low: Sequence[str]) -> bool:
    """`number`, `number of tickets`, not `the number of the order`."""
    if low[0] == "number":
        return low[1:3] not in (["of", "the"], ["of", "their"])
    at = low.index("number") if "number" in low[:-2] else -1
    return at >= 0 and low[at + 1] == "of" and low[at + 2] not in glosses.LEAD


def _how_much(low: Sequence[str]) -> Kind:
    """`how much they pay` is money, `how much experience` a number."""
    if set(low) & (glosses.MONEY | {"pay", "pays", "costs", "gives"}):
        return MONEY
    return MONEY if not low or low[0] in glosses.UNSAID else NUMBER


def _what(vocabulary: Vocabulary, words: Sequence[Word]) -> Kind | None:
    """`what they wrote` is text, `what course` is a course."""
    low = [word.low for word in words]
    if low[-1] == "text":
        return TEXT
    noun = len(low) > 1 and low[1] not in glosses.YES
    kind = noun_kind(vocabulary, words[1:2]) if noun else None
    if kind is not None and (kind.person or (kind.item or kind).person):
        kind = TEXT  # `what somebody asks` is what they say, and not they
    return kind or (TEXT if set(low) & glosses.SPEAKING else None)


def noun_kind(vocabulary: Vocabulary, words: Sequence[Word]) -> Kind | None:
    """The kind of the noun that a phrase begins with: its longest known run of words."""
    bare = [word for word in words if word.kind in {Is.WORD, Is.POSSESSIVE}]
    while bare and bare[0].low in glosses.LEAD:
        bare = bare[1:]
    for n, word in enumerate(bare):
        if n and word.low in {
            "to",
            "of",
            "for",
            "that",
            "who",
            "in",
            "from",
            "on",
            "they",
            "with",
            "being",
            "is",
            "we",
            "it",
            "you",
            "at",
            "by",
            "when",
            "where",
        }:
            ident = word.low == "of" and n == 1 and bare[0].low in {"id", "identifier"}
            return (
                noun_kind(vocabulary, bare[n + 1 :]) if ident else _name_kind(vocabulary, bare[:n])
            )
    return _led(vocabulary, bare[:4]) if bare else None


def _led(vocabulary: Vocabulary, words: Sequence[Word]) -> Kind | None:
    """The kind of a noun; of `posts made` that of the noun before what was done."""
    last = words[-1].low
    done = len(words) > 1 and (last.endswith(("ed", "tten")) or last in {"made", "sold", "sent"})
    return _name_kind(vocabulary, words) or (_led(vocabulary, words[:-1]) if done else None)


def _name_kind(vocabulary: Vocabulary, words: Sequence[Word]) -> Kind | None:
    """The kind that a name itself says: its last word weighs most."""
    named = [word for word in words if word.kind in {Is.WORD, Is.NUMBER, Is.POSSESSIVE}]
    spread = [
        part for word in named if word.kind is not Is.POSSESSIVE for part in _pieces(word.text)
    ]
    if not spread:
        return None
    if len(spread) > 1 and spread[-1] in _COUNTED:
        return _name_kind(vocabulary, named[:-1])  # `course one`, `course 2`
    places = [n for n, word in enumerate(named) if word.low == "of" and 0 < n < len(named) - 1]
    if places:
        return _name_of(vocabulary, named, places[0])
    last = spread[-1]
    if last in {"id", "ids"} and len(spread) > 1:
        inner = _reference(vocabulary, spread[:-1]) or TEXT
        return list_of(inner) if last == "ids" else inner
    if last == "list" and len(spread) > 1:
        return list_of(_plain_kind(spread[:-1]) or _reference(vocabulary, spread[:-1]) or TEXT)
    plain = _plain_kind(spread)
    if plain is not None and not (plain == TEXT and len(spread) == 1 and last in {"website"}):
        return plain
    found = _reference(vocabulary, spread)
    if found is None and last.endswith("s") and len(last) > 3 and singular(last) != last:
        inner = _plain_kind([*spread[:-1], singular(last)])
        return list_of(inner) if inner is not None and singular(last) not in glosses.COUNT else None
    return found


_COUNTED = frozenset({"one", "two", "three", "four", "1", "2", "3", "4"})


def _name_of(vocabulary: Vocabulary, words: Sequence[Word], at: int) -> Kind | None:
    """`name of the group` is a name, `list of links` a list."""
    if words[0].low == "list" and at == 1:
        return list_of(_name_kind(vocabulary, words[at + 1 :]) or TEXT)
    if words[at - 1].low in {"id", "identifier"}:
        return _name_kind(vocabulary, [*words[at + 1 :], words[at - 1]])
    return _name_kind(vocabulary, words[:at])


def _pieces(text: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return [part.casefold() for part in re.split(r"[\s_\-]+", spaced) if part]


def _plain_kind(parts: Sequence[str]) -> Kind | None:
    last = parts[-1]
    if "phone" in parts:
        return TEXT
    table: tuple[tuple[frozenset[str], Kind], ...] = (
        (glosses.TEXTS, TEXT),
        (glosses.MONEY, MONEY),
        (glosses.RATIO, RATIO),
        (glosses.TIME, DATETIME),
        (glosses.COUNT, INTEGER),
        (frozenset({"duration"}), DURATION),
        (glosses.YES - {"is", "was", "if"}, BOOLEAN),
    )
    if last == "amount":
        return MONEY if set(parts) & (glosses.MONEY | {"usd"}) else NUMBER
    for words, kind in table:
        if last in words:
            return kind
    return None


_AGENTS = frozenset({"agent", "ai agent"})
"""What any agent is called, and any AI clone."""


def _reference(vocabulary: Vocabulary, parts: Sequence[str]) -> Kind | None:
    """A person or a thing of the ontology; plural: a list of them."""
    for start in range(len(parts)):
        noun = " ".join(parts[start:])
        many = key_of(noun) in vocabulary.plurals and key_of(singular(parts[-1])) != key_of(
            parts[-1]
        )
        if vocabulary.is_person_word(noun) and vocabulary.entity_of(noun) != "creator":
            return list_of(PERSON) if many else PERSON
        name = vocabulary.entity_of(noun)
        if singular(noun) in _AGENTS:
            agents = thing(*(one for one in vocabulary.entity_types if thinks(thing(one))))
            return list_of(agents) if singular(noun) != noun else agents
        if name in {"creator", "audience_member"}:
            kind = thing("creator") if singular(parts[-1]) == "creator" else PERSON
            return list_of(kind) if many else kind
        if name is not None:
            return list_of(thing(name)) if many else thing(name)
    return None
