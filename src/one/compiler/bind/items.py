"""WITH: items to keys and values, against the keys that a type or an action knows.

An item is `name value`, `name: value`, `name is value`, `value name`, `name of value`, a bare name
in scope (both), or an adjective such as `active status`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from one.compiler.bind.fitting import fit
from one.compiler.bind.leftover import TURNING, tell_left
from one.compiler.bind.literals import Typed, duration_of, literal
from one.compiler.bind.names import HOLE, is_sign, lookup, phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.session import Reading
from one.compiler.bind.states import documented
from one.compiler.bind.sums import PARTS, SIGNS, part_at
from one.compiler.diagnosis import Applies, Edit, Fix, within_one
from one.compiler.expression import Hole, Lit
from one.compiler.grammar import Clause, split_words
from one.compiler.kinds import UNKNOWN, Base, Kind
from one.compiler.light import frozen
from one.compiler.reader import Is, Span, Word, whole
from one.compiler.vocabulary import STATUSES, Words, camel, key_of
from one.ontology.words import article

_SHARES = frozenset(
    {"revenue", "share", "shares", "royalty", "royalties", "split", "of", "the", "sales", "income"}
    | {"earnings", "profit", "profits", "money", "everything", "all"}
)
"""Words beside a percentage that make it a share."""
_LEADING = frozenset({"to", "from", "for", "at", "on"})
_SEPARATORS = frozenset({":", "=", "→", "->", "=>"})


@dataclass(slots=True)
class Item:
    """One item: the words of its name (none for a value alone) and of its value. `key` is the name
    as one text.
    """

    name: tuple[Word, ...]
    value: tuple[Word, ...]
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.key = phrase(strip(self.name)) if self.name else ""

    @property
    def words(self) -> list[Word]:
        """Its words as they stand: a value may stand before its name."""
        both = self.name if self.name == self.value else (*self.name, *self.value)
        return sorted(both, key=lambda word: (word.span.line, word.span.start))

    @property
    def span(self) -> Span:
        return whole(self.words)


@frozen
class Read:
    """An item after reading."""

    key: str
    value: Typed
    span: Span
    known: bool = True


def items_of(reading: Reading, clauses: Sequence[Clause], known: Words | None) -> list[Item]:
    """The items of all the clauses, in order."""
    found: list[Item] = []
    for clause in clauses:
        if clause.name == "WITH" and not clause.words and not clause.items:
            reading.error("E204", "WITH what?", at=clause.key)
        runs = [*split_words(clause.words, ",", ";"), *clause.items]
        for run in runs:
            parts = [two for part in _ands(reading, run, known) for two in _pair(reading, part)]
            read = [split_item(reading, bare, known) for part in parts if (bare := _tidy(part))]
            turned = [word for word in run if word.low in TURNING] if known is None else []
            for item in read if turned else ():
                named = [word for word in turned if word in item.name and word not in item.value]
                tell_left(reading, named)
            found.extend(read)
    return found


def _tidy(words: Sequence[Word]) -> list[Word]:
    found = list(words)
    while (
        found
        and found[0].low in {"and", "&", "also", "its", "an"}
        and len(found) > 1
        and found[0].kind in {Is.WORD, Is.MARK}
    ):
        found.pop(0)
    while found and found[-1].kind is Is.MARK and found[-1].text in {",", ".", ";", ":"}:
        found.pop()
    return found


def _ands(reading: Reading, words: list[Word], known: Words | None) -> list[list[Word]]:
    """Split at `and` only where both sides can stand as items."""
    for n, word in enumerate(words):
        if (
            word.low not in {"and", "&"}
            or word.kind not in {Is.WORD, Is.MARK}
            or not 0 < n < len(words) - 1
        ):
            continue
        left, right = words[:n], words[n + 1 :]
        if _stands(reading, left, known) and _stands(reading, right, known):
            return [*_ands(reading, left, known), *_ands(reading, right, known)]
        if (more := _theirs(reading, left, right)) is not None:
            return [left, *_ands(reading, more, known)]
    return [words]


def _theirs(reading: Reading, left: list[Word], right: list[Word]) -> list[Word] | None:
    """`the course's title and price`: the second is of the same thing, which is written once."""
    mark = next((n for n, word in enumerate(left) if word.kind is Is.POSSESSIVE), 0)
    bare = right[1:] if right[0].low in {"its", "their", "his", "her"} else right
    if not mark or not bare or any(word.kind is not Is.WORD for word in bare):
        return None
    return [*left[: mark + 1], *bare] if attempt_quietly(reading, left) else None


def _pair(reading: Reading, words: list[Word]) -> list[list[Word]]:
    """`amount to fan`, `client at start time`: a name and who or when are two items."""
    for n, word in enumerate(words):
        if word.low in _LEADING and word.kind is Is.WORD and 0 < n < len(words) - 1:
            left, right = (
                lookup(reading, phrase(strip(words[:n]))),
                lookup(reading, phrase(strip(words[n + 1 :]))),
            )
            when = right is not None and right.kind.sure.base is Base.DATETIME
            if left and right and (when if word.low in {"at", "on"} else right.kind.person):
                return [words[:n], words[n + 1 :]]
    return [words]


def _stands(reading: Reading, words: list[Word], known: Words | None) -> bool:
    """Whether the words can be an item: a known key with a value, a pair, or a name in scope."""
    bare = strip(words)
    if not bare or any(word.text in _SEPARATORS for word in bare):
        return bool(bare)
    if _adjective(bare) or lookup(reading, phrase(bare)):
        return True
    if bare[0].low in {"my", "our"} and attempt_quietly(reading, bare):
        return True
    if (
        _known_prefix(known, bare)
        or (literal(bare[-1:]) and len(bare) > 1)
        or bare[-1].kind is Is.TEXT
    ):
        return True
    if literal(bare[:1]) and len(bare) > 1:
        return True
    if "is" in {word.low for word in bare[1:]} or _as(reading, bare, known):
        return True
    return any(lookup(reading, phrase(bare[n:])) is not None for n in range(1, len(bare)))


def split_item(reading: Reading, words: list[Word], known: Words | None) -> Item:
    """Where the name ends and the value begins."""
    for n, word in enumerate(words):
        if word.kind is Is.MARK and word.text in _SEPARATORS and 0 < n < len(words) - 1:
            return Item(tuple(words[:n]), tuple(words[n + 1 :]))
    for n, word in enumerate(words[:-1]):
        if n and word.kind is Is.WORD and word.low in {"is", "are"}:
            return Item(tuple(words[:n]), tuple(words[n + 1 :]))
    if named := _as(reading, words, known):
        return named
    bare = strip(words)
    if not bare:
        return Item((), tuple(words))
    if bare[0].low == "in" and duration_of(bare[1:]) is not None:  # `in 2 days`: when
        return Item((), tuple(bare))
    if len(bare) == 1 and bare[0].kind in {Is.TEXT, Is.ADDRESS}:
        return Item((), tuple(bare))
    if adjective := _adjective(bare):
        return adjective
    if known is not None and (again := _again(bare, known)):
        return again
    if _is_sum(reading, bare) or _is_reckoned(reading, bare):
        return Item(tuple(bare), tuple(bare))
    return _by_words(reading, bare, known)


def _as(reading: Reading, words: list[Word], known: Words | None) -> Item | None:
    """`request as content`: a value, and what it is to be."""
    at = next((n for n, word in enumerate(words[:-1]) if n and word.low == "as"), 0)
    if not at or words[at].kind is not Is.WORD or not _is_value(reading, words[:at]):
        return None
    name = words[at + 1 :]
    key = known is not None and known.key(phrase(strip(name)))
    free = all(word.kind is Is.WORD for word in name) and not _is_value(reading, name)
    return Item(tuple(name), tuple(words[:at])) if key or free else None


def _again(words: list[Word], known: Words) -> Item | None:
    """`$15 a month`, `price $120 per year`: the type's monthly or yearly price."""
    at = next((n for n, word in enumerate(words) if word.kind is Is.MONEY), len(words))
    low = [word.low for word in words[at + 1 :]]
    often = low[1:] if low[:1] in (["a"], ["per"], ["each"], ["every"]) else low
    if len(often) != 1 or often[0] not in _OFTEN or not {word.low for word in words[:at]} <= _PRICE:
        return None
    name = f"{_OFTEN[often[0]]} price"
    word = words[at + 1]
    spoken = replace(word, text=name, low=name, kind=Is.WORD) if known.key(name) else word
    return Item((spoken, *words[at + 2 :]) if spoken is word else (spoken,), (words[at],))


_PRICE = frozenset({"price", "cost", "fee", "of", "for", "the", "a", "is"})
_OFTEN = {
    "month": "monthly",
    "monthly": "monthly",
    "year": "yearly",
    "yearly": "yearly",
    "week": "weekly",
    "weekly": "weekly",
    "day": "daily",
    "daily": "daily",
}


def _is_reckoned(reading: Reading, words: list[Word]) -> bool:
    """`half of the price`, `$49 minus 10%`, `$40 per seat`: one value, no name and its value."""
    if len(words) < 2:
        return False
    signs = any(word.low in SIGNS or word.low == "per" for word in words[1:-1])
    return (signs or part_at(words) is not None) and attempt_quietly(reading, words)


def _is_sum(reading: Reading, words: list[Word]) -> bool:
    """`number of drafts`: how many there are of a list in scope, not a number called so."""
    if len(words) < 3 or words[0].low not in {"number", "count", "total"} or words[1].low != "of":
        return False
    of = lookup(reading, phrase(strip(words[2:])))
    return of is not None and of.kind.base is Base.LIST


def _adjective(words: list[Word]) -> Item | None:
    """`active status`, `visibility public`."""
    if len(words) != 2 or {word.kind for word in words} != {Is.WORD}:
        return None
    for said, name in (words, words[::-1]):
        if name.low in {"status", "visibility"}:
            return Item((name,), (said,))
    return None


def _after_key(reading: Reading, words: list[Word], count: int) -> tuple[Word, ...]:
    """The value behind a key; `email address`, where that came in, is the whole of it."""
    if lookup(reading, phrase(words)):
        return tuple(words)
    rest = words[count:]
    leads = rest[0].low in {"of", "to", "at", "as", "from"} and rest[0].kind is Is.WORD
    return tuple(rest[1:] if leads and len(rest) > 1 else rest)


def _by_words(reading: Reading, words: list[Word], known: Words | None) -> Item:
    count = _known_prefix(known, words)
    if count and count < len(words):
        return Item(tuple(words[:count]), _after_key(reading, words, count))
    if all(word.kind in {Is.WORD, Is.NUMBER} for word in words) and lookup(reading, phrase(words)):
        return Item(tuple(words), tuple(words))
    if item := _value_first(words):
        return item
    if any(word.kind is Is.POSSESSIVE for word in words) and attempt_quietly(reading, words):
        last = max(n for n, word in enumerate(words) if word.kind is Is.POSSESSIVE)
        return Item(tuple(words[last + 1 :]), tuple(words))
    if (
        words[0].low in {"my", "our", "their", "its", "his", "her"}
        and len(words) > 1
        and attempt_quietly(reading, words)
    ):
        return Item(tuple(words[1:]), tuple(words))
    for n in range(1, len(words)):
        if (
            words[n].low == "of"
            and words[n].kind is Is.WORD
            and n + 1 < len(words)
            and words[n - 1].kind not in {Is.NUMBER, Is.MONEY, Is.PERCENT}
            and words[n - 1].low not in PARTS
            and _is_value(reading, words[n + 1 :])
        ):
            return Item(tuple(words[:n]), tuple(words[n + 1 :]))
    for n in range(1, len(words)):
        if not is_sign(words[n - 1], words[n]) and _is_value(reading, words[n:]):
            rest = words[n:]
            name = words[:n]
            if name[-1].low in {"to", "as", "at", "in"} and len(name) > 1:
                name = name[:-1]
            return Item(tuple(name), tuple(rest))
    return Item(tuple(words), tuple(words))


def _value_first(words: list[Word]) -> Item | None:
    """`12 modules`, `a 10% discount`, `24 hours validity`."""
    if len(words) > 2 and words[0].kind is Is.NUMBER and words[1].glued:  # 1080p quality
        return Item(tuple(words[2:]), tuple(words[:2])) if literal(words[:2]) is None else None
    for count in (3, 2, 1):
        if len(words) > count and words[0].kind in {Is.NUMBER, Is.MONEY, Is.PERCENT}:
            plain = literal(words[:count])
            if isinstance(plain, Typed):
                return Item(tuple(words[count:]), tuple(words[:count]))
    return None


def _is_value(reading: Reading, words: list[Word]) -> bool:
    if len(words) == 1 and words[0].kind in {Is.TEXT, Is.ADDRESS, Is.SLOT}:
        return True
    bare = strip(words)
    if isinstance(literal(bare), Typed):
        return True
    if lookup(reading, phrase(bare)):
        return True
    return attempt_quietly(reading, bare)


def attempt_quietly(reading: Reading, words: Sequence[Word]) -> bool:
    """Whether the words mean something, leaving no trace of the trial."""
    take_back, inputs = reading.trial(), len(reading.inputs)
    trial = attempt(reading, words)
    good = trial is not None and not isinstance(trial.tree, Hole)
    good = good and len(reading.inputs) == inputs
    take_back()
    return good


def _known_prefix(known: Words | None, words: Sequence[Word]) -> int:
    """How many first words spell a key of the type."""
    if known is None:
        return 0
    for count in range(min(4, len(words)), 0, -1):
        part = words[:count]
        if all(word.kind is Is.WORD for word in part) and (
            known.key(phrase(part)) or key_of(phrase(part)) in {"name", "title", "status"}
        ):
            return count
    return 0


def read_value(reading: Reading, item: Item, kind: Kind | None) -> Typed:
    """The value of an item where a kind is expected: documented words first, then names."""
    words = strip(item.value)
    if kind and kind.values and (known := documented(kind, words)):
        return Typed(Lit(known), kind)
    if (
        kind
        and kind.base is Base.LIST
        and kind.item
        and kind.item.base is Base.TEXT
        and (listed := _texts(reading, words))
    ):
        return listed
    bare = item.name == item.value and not _known(reading, words)
    if kind and kind.base is Base.BOOLEAN and bare:
        return Typed(Lit(True), kind)  # `chat enabled`
    if (
        kind
        and kind.base in {Base.TEXT, Base.JSON}
        and not kind.values
        and item.name != item.value
        and _is_bare(reading, words)
    ):
        said = phrase(words)
        reading.note("E426", f"“{said}” is taken as text.", at=whole(words))
        return Typed(Lit(said), kind)
    if words and all(word.kind is Is.WORD for word in words) and item.name == item.value:
        found = lookup(reading, phrase(words))
        if found is None and not attempt_quietly(reading, words):
            _unknown_item(reading, item)
            return HOLE
    return value(reading, item.value, item.span, expected=kind)


def _known(reading: Reading, words: Sequence[Word]) -> bool:
    return lookup(reading, phrase(words)) is not None or attempt_quietly(reading, words)


def _is_bare(reading: Reading, words: list[Word]) -> bool:
    """A word that names nothing, and is not one letter off a name."""
    if len(words) != 1 or words[0].kind is not Is.WORD:
        return False
    near = any(within_one(key_of(words[0].text), key) for key in reading.names)
    return (
        not near and lookup(reading, words[0].text) is None and not attempt_quietly(reading, words)
    )


def _texts(reading: Reading, words: list[Word]) -> Typed | None:
    """One text where a list of texts is wanted."""
    if len(words) == 1 and words[0].kind is Is.TEXT:
        return attempt(reading, words)
    return None


def _unknown_item(reading: Reading, item: Item) -> None:
    said = item.key
    words = [word.text for word in item.name]
    if len(words) > 1:
        quoted = f'{words[0]} "{" ".join(words[1:])}"'
        fix = Fix(f"Write {quoted}", (Edit(item.span, quoted),), Applies.MAYBE)
        reading.ask(
            "E305",
            f"What is “{said}”? Nothing here says.",
            fix,
            why="A text stands in quotes; a name comes from INPUT or SAVE AS.",
            at=item.span,
        )
        return
    reading.unknown(said, item.span)


def read_keys(reading: Reading, items: Sequence[Item], known: Words, *, noun: str) -> list[Read]:
    """Items as keys of a type: known ones with their kind, near misses refused, others `x_…`."""
    found: list[Read] = []
    for item in (_shared(known, one) for one in items):
        if not item.name:
            reading.error(
                "E205",
                "This value has no name.",
                why=f"Say what of the {noun} it is: name, then value.",
                at=item.span,
            )
            continue
        key = known.key(item.key)
        if key_of(item.key) in {"name", "title"} and key is None and known.titled:
            key = "name"
        if key_of(item.key) in {"status", "visibility"} and key is None:
            found.append(_status(reading, item))
            continue
        if key is None and (near := known.near(item.key)):
            span = whole(list(item.name))
            plain = all(word.kind is Is.WORD for word in item.name)
            applies = Applies.SAFE if plain else Applies.MAYBE
            fix = Fix(f"Write {near}", (Edit(span, near),), applies)
            reading.error(
                "E206",
                f"{_lacks(noun, item)}. Did you mean {near}?",
                fix,
                names=(near,),
                at=span,
            )
            continue
        if key is None and (wrong := _misplaced(item)):
            said, why = wrong
            reading.error("E205", f"{_lacks(noun, item)}: {said}", why=why, at=item.span)
            continue
        kind = known.kinds.get(key, UNKNOWN) if key else None
        read = read_value(reading, item, kind)
        if key is None:
            key = "x_" + camel(re.sub(r"^x[ _]", "", item.key))
            if not isinstance(read.tree, Hole):
                kept = f"{_lacks(noun, item)}; it is kept as a property of your own."
                reading.note("E421", kept, at=whole(list(item.name)))
                reading.free[key_of(key.removeprefix("x_"))] = read.kind
        found.append(
            Read(
                key,
                fit(reading, read, kind, span=item.span),
                item.span,
                known=not key.startswith("x_"),
            )
        )
    return found


def _misplaced(item: Item) -> tuple[str, str] | None:
    """What is no property of anything made, and how it is said instead."""
    if item.value[0].kind is Is.MONEY and item.name[-1].low in _OFTEN:
        shown = 'CREATE membership called "Club" WITH monthly price $15'
        return "its price is paid once.", f"What is paid again is a membership: {shown}."
    if _is_share(item):
        shown = "CONNECT tom to the course as owner WITH share 30%"
        return "a share is somebody's.", f"Write {shown}, once it is there."
    return None


def _shared(known: Words, item: Item) -> Item:
    """`WITH 30%` and `30% of the revenue` of an owner: their share."""
    if known.key("share") is None or known.key(item.key) or not _is_share(item):
        return item
    value = next(word for word in item.words if word.kind is Is.PERCENT)
    return Item((replace(value, text="share", low="share", kind=Is.WORD),), (value,))


def _is_share(item: Item) -> bool:
    """`30%`, `share 30%`, `50% of the revenue`: what somebody gets of what a thing earns."""
    words = item.words
    percents = [word for word in words if word.kind is Is.PERCENT]
    others = {key_of(word.text) for word in words if word.kind is not Is.PERCENT}
    return len(percents) == 1 and others <= _SHARES


def _lacks(noun: str, item: Item) -> str:
    owner = article(noun)
    return f"{owner[:1].upper()}{owner[1:]} has no “{item.key}”"


def _status(reading: Reading, item: Item) -> Read:
    wanted = key_of(phrase(strip(item.value)))
    if key_of(item.key) == "visibility":
        return Read("visibility", Typed(Lit(wanted), Kind(Base.TEXT)), item.span)
    if wanted in STATUSES:
        return Read("status", Typed(Lit(wanted), Kind(Base.TEXT)), item.span)
    plain = attempt(reading, item.value) if item.value[0].kind is Is.TEXT else None
    if plain and isinstance(plain.tree, Lit):
        return Read("status", plain, item.span)
    return Read("status", Typed(Lit(phrase(strip(item.value))), Kind(Base.TEXT)), item.span)
