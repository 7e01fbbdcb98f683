"""INPUT and OUTPUT: a name, what it is for, and the kind that both say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from one.compiler.bind import glosses
from one.compiler.bind.fitting import fit
from one.compiler.bind.leftover import left_of, tell_left, turns
from one.compiler.bind.literals import Typed, literal
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, within_one
from one.compiler.expression import Expr, Lit, MoneyLit
from one.compiler.grammar import split_words
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
    Base,
    Kind,
    fits,
    list_of,
    read_kind,
    say_kind,
    thing,
    thinks,
    write_kind,
)
from one.compiler.layout import SlotLine
from one.compiler.program import Slot
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.vocabulary import Vocabulary, camel, key_of, singular


@dataclass(frozen=True, slots=True)
class _Parts:
    name: list[Word]
    gloss: list[Word]
    limits: list[Word]
    unmarked: bool = False


def read_slots(reading: Reading, lines: Sequence[SlotLine], *, output: bool) -> dict[str, Slot]:
    """The slots of a section by name; a name given twice is reported."""
    found: dict[str, Slot] = {}
    for line in lines:
        parts = _parts(line.words)
        if parts.unmarked:
            end = parts.name[-1].span.end
            fix = Fix("Add the colon", (Edit(Span(line.line.number, end, end), ":"),), Applies.SAFE)
            reading.error("E209", "A colon is missing after the name.", fix, at=line.span)
        name = camel(" ".join(word.text for word in parts.name))
        if not name:
            reading.error(
                "E209", "I can't read this. Write a name, a colon, and what it is.", at=line.span
            )
            reading.lost.append(frozenset())
            continue
        if name in found:
            reading.error("E603" if output else "E310", f"“{name}” is here twice.", at=line.span)
            continue
        _misspelt_gloss(reading, parts)
        kind = slot_kind(reading.vocabulary, parts.name, gloss=parts.gloss, output=output)
        slot = _slot(reading, kind, parts)
        kind = (read_kind(slot.type) or kind).sure
        span = whole(parts.name)
        reading.spans["out:" + name if output else name] = span
        found[name] = slot
        if output:
            reading.output_kinds[name] = kind
        else:
            optional = slot.optional
            kind = replace(kind, values=_choices(slot)) if kind == TEXT else kind
            reading.bind(name, kind.maybe if optional else kind, source="input", span=span)
    return found


def _misspelt_gloss(reading: Reading, parts: _Parts) -> None:
    """`wo asks`, `lisst of links`, `hw many`: the word that says what kind it is."""
    words = parts.gloss
    if len(words) < 2 or words[0].kind is not Is.WORD or words[0].low in glosses.GLOSS_STARTS:
        return
    first, second = words[0].low, words[1].low
    near = "list" if second == "of" and _slip(first, "list") else ""
    near = near or ("how" if second in {"many", "much", "long"} and _slip(first, "how") else "")
    near = near or ("who" if first in {"wo", "hwo", "woh", "whoo", "whho"} else "")
    near = near or next((one for one in ("whether", "which") if within_one(first, one)), "")
    if near and first != near and not (near == "which" and first == "witch"):
        fix = Fix(f"Write {near}", (Edit(words[0].span, near),), Applies.SAFE)
        reading.error("E209", f"Did you mean {near}?", fix, names=(near,), at=words[0].span)


def _slip(said: str, right: str) -> bool:
    return within_one(said, right) or (len(said) == 2 and set(said) < set(right))


def _parts(words: Sequence[Word]) -> _Parts:
    limits: list[Word] = []
    plain: list[Word] = []
    depth = 0
    for word in words:
        if word.kind is Is.MARK and word.text in "()":
            depth += 1 if word.text == "(" else -1
            if depth == 1 and word.text == "(" and limits:
                limits.append(Word(",", ",", word.span, Is.MARK))
            continue
        (limits if depth > 0 else plain).append(word)
    for n, word in enumerate(plain):
        if word.kind is Is.MARK and word.text in {":", "-", "–", "—", "=", "→"}:
            gloss = plain[n + 1 :]
            return (
                _Parts(plain[:n], [], [*gloss, *limits])
                if _is_choice(gloss)
                else _Parts(plain[:n], gloss, limits)
            )
    for n, word in enumerate(plain):
        if n and len(plain) > 2 and word.low in glosses.GLOSS_STARTS:
            return _Parts(plain[:n], plain[n:], limits, unmarked=True)
    if [word.low for word in plain[-2:-1]] == ["in"] and plain[-1].low in glosses.MONEY:
        return _Parts(plain[:-2], plain[-2:], limits)  # `amount in dollars`
    return _Parts(plain, [], limits)


def _is_choice(gloss: Sequence[Word]) -> bool:
    """`one of: easy, hard`, and not `one of my courses`."""
    low = [word.low for word in gloss]
    return low[:2] == ["one", "of"] and bool({":", ",", "or"} & set(low))


def _slot(reading: Reading, kind: Kind, parts: _Parts) -> Slot:
    given = parts.limits
    limits, presumed = _presumed(given)
    said, parts = _said_type(replace(parts, limits=limits))
    kind = said or kind
    low = [word.low for word in parts.limits]
    optional = _is_optional(low) or (bool(parts.gloss) and parts.gloss[0].low == "optional")
    if optional or presumed:
        tell_left(
            reading, [word for word in given if turns(word) and (presumed or word.low != "not")]
        )
    gloss = join(parts.gloss)
    values: dict[str, Expr] = {}
    one_of: list[Expr] | None = None
    if "one" in low and "of" in low:
        at = low.index("of") + 1
        begun = parts.limits[low.index("one") + 1 : at - 1]
        before = [word for word in parts.limits[: low.index("one")] if word.low != "only"]
        tell_left(reading, [*filter(turns, before), *begun])
        runs = split_words([w for w in parts.limits[at:] if w.text != ":"], ",", "or", "and")
        one_of = [Lit(" ".join(word.text for word in run)) for run in runs]
        kind = kind if kind.base is Base.LIST or _numbers(runs) else TEXT
    elif parts.limits:
        values = _limits(reading, parts.limits, kind)
        if (
            not values
            and not optional
            and kind == TEXT
            and (inner := slot_kind(reading.vocabulary, [], gloss=parts.limits, output=False))
            != TEXT
        ):
            kind = inner
        if not values and not gloss and not optional:
            gloss = join(parts.limits)
            inner = slot_kind(reading.vocabulary, parts.name, gloss=parts.limits, output=False)
            kind = inner if inner != TEXT else kind
    slot = Slot(
        type=write_kind(kind.maybe if optional and not presumed else kind),
        gloss=gloss,
        min=values.get("min"),
        max=values.get("max"),
        one_of=one_of,
    )
    slot.default = _default(reading, kind, presumed, slot)
    return slot


_PRESUMED = frozenset({"default", "defaults"})
_PLAIN = frozenset({Base.TEXT, Base.INTEGER, Base.NUMBER, Base.BOOLEAN, Base.MONEY, Base.RATIO})


def _presumed(words: list[Word]) -> tuple[list[Word], list[Word]]:
    """The words without `default 1` or `1 by default`; and what is said as the default."""
    at = next((n for n, word in enumerate(words) if word.low in _PRESUMED), None)
    if at is None:
        return words, []
    marks = [n for n, word in enumerate(words) if word.kind is Is.MARK and word.text in ",;"]
    start = max((n for n in marks if n < at), default=-1) + 1
    end = min((n for n in marks if n > at), default=len(words))
    value = [word for word in words[at + 1 : end] if word.low not in {"is", "to", ":", "=", "of"}]
    if at and words[at - 1].low == "by":
        value = words[start : at - 1]
    return [*words[: max(start - 1, 0)], *words[end:]], value or [words[at]]


def _default(reading: Reading, kind: Kind, words: list[Word], asked: Slot) -> Expr | None:
    """What an input is where nobody gives it: a plain value of its kind within its limits."""
    if not words:
        return None
    read = literal(words)
    if kind == TEXT:
        read = Typed(Lit(words[0].text if words[0].kind is Is.TEXT else join(words)), TEXT)
    elif isinstance(read, Typed):
        read = fit(reading, read, kind, span=whole(words))
    plain = isinstance(read, Typed) and kind.base in _PLAIN and fits(read.kind, kind)
    if isinstance(read, Typed) and plain and _within(read.tree, asked):
        return read.tree
    said = f"“{join(words)}” can't be the default of {say_kind(kind)} here."
    why = (
        "A default is one plain value within the limits: (default 1), (default $5), (default yes)."
    )
    reading.error("E209", said, why=why, at=whole(words))
    return None


def _within(tree: Expr, asked: Slot) -> bool:
    """Whether the value is one of the allowed, or within the least and the most."""
    if asked.one_of is not None and tree not in asked.one_of:
        return False
    at, least, most = (_measure(one) for one in (tree, asked.min, asked.max))
    low = least is None or (at is not None and at >= least)
    return low and (most is None or (at is not None and at <= most))


def _measure(tree: Expr | None) -> float | None:
    match tree:
        case MoneyLit(amount, _):
            return amount
        case Lit(str(text)):
            return len(text)
        case Lit(int(number) | float(number)):
            return number
        case _:
            return None


def _choices(slot: Slot) -> tuple[str, ...]:
    """The words that `(one of: …)` allows: each is that value where the input is compared."""
    return tuple(str(one.value) for one in slot.one_of or () if isinstance(one, Lit))


def _numbers(runs: Sequence[Sequence[Word]]) -> bool:
    return all(len(run) == 1 and run[0].kind is Is.NUMBER for run in runs)


def _said_type(parts: _Parts) -> tuple[Kind | None, _Parts]:
    """`(text)`, `(Id<course>)`: the type itself, in parentheses; and what is left."""
    runs = split_words(parts.limits, ",")
    for n, run in enumerate(runs):
        kind = read_kind("".join("[]" if word.kind is Is.SLOT else word.text for word in run))
        if kind is not None:
            rest = [word for other in [*runs[:n], *runs[n + 1 :]] for word in other]
            return kind, _Parts(parts.name, parts.gloss, rest)
    return None, parts


def _limits(reading: Reading, words: Sequence[Word], kind: Kind) -> dict[str, Expr]:
    """The least and the most that a value of a kind may be."""
    found, low = dict[str, Expr](), [word.low for word in words]
    if _misspelt_limit(reading, words):
        return found
    numbers = [
        (n, word) for n, word in enumerate(words) if word.kind in {Is.NUMBER, Is.MONEY, Is.PERCENT}
    ]
    if not numbers:
        if set(low) & {"least", "most", "between", "minimum", "maximum"}:
            reading.error("E209", "A number is missing here.", at=whole(list(words)))
        return found
    if "between" in low and len(numbers) < 2:
        reading.error("E209", "A number is missing here.", at=whole(list(words)))
        return found
    _tell_beside(reading, words, numbers[-1][0])
    values = [_plain(reading, word, kind) for _, word in numbers]
    if "between" in low or (len(values) == 2 and ("to" in low or "-" in low)):
        return {"min": values[0], "max": values[-1]}
    start = 0
    for (n, _), limit in zip(numbers, values, strict=True):
        end = n + 3 if low[n + 1 : n + 2] == ["or"] else n + 1
        which, step = _bound(" ".join(low[start:end]))
        found.setdefault(which, _next(limit, step) if step else limit)
        start = n + 1
    if found.pop("", None) is not None and not found:
        at = whole([word for word in words if word.kind is not Is.MARK])
        said = f"“{join(list(words))}” sets no limit; it is a remark."
        reading.warn(
            "E213", said, why="Limits are said as (at least 3) or (between 1 and 5).", at=at
        )
    return found


def _bound(text: str) -> tuple[str, int]:
    """Which end the words around one number set, and how far the end lies beyond the number."""
    if re.search(r"at most|maximum|max\b|up to|not? (more|over|above)|or (less|fewer)|<=", text):
        return "max", 0
    if re.search(r"at least|minimum|min\b|from|not? (less|fewer)|or more|\+|>=", text):
        return "min", 0
    if re.search(r"more than|over|above|>", text):
        return "min", 1
    return ("max", -1) if re.search(r"less than|fewer than|under|below|<", text) else ("", 0)


def _next(bound: Expr, step: int) -> Expr:
    """The nearest value beyond a bound that is not allowed itself."""
    match bound:
        case Lit(int(number)):
            return Lit(number + step)
        case MoneyLit(amount, currency):
            return MoneyLit(amount + step, currency)
        case _:
            return bound


_BOUNDS = frozenset(
    {"at", "least", "most", "between", "and", "but", "to", "minimum", "maximum", "min", "max"}
    | {"more", "than", "less", "fewer", "from", "up", "or", "no", "of", "is", "be", "must", "it"}
    | {"over", "above", "under", "below"}
)


def _tell_beside(reading: Reading, words: Sequence[Word], last: int) -> None:
    """What stands inside a limit (`at least perhaps 3`), and what would turn it around."""
    first = next((n for n, word in enumerate(words) if word.low in _BOUNDS), 0)
    inside = [
        word for word in words[first:last] if word.kind is Is.WORD and not _is_no(words, word)
    ]
    around = [*words[:first], *words[last + 1 :]]
    turned = [word for word in around if turns(word) and not _is_no(words, word)]
    odd = [*left_of(inside, _BOUNDS), *turned]
    tell_left(reading, odd, "A limit is at least 3, at most 10, between 1 and 5.")


def _is_no(words: Sequence[Word], word: Word) -> bool:
    """`not` of `not more than`."""
    after = words[words.index(word) + 1 :][:1]
    return word.low == "not" and bool(after) and after[0].low in {"more", "less", "fewer"}


def _is_optional(low: Sequence[str]) -> bool:
    """`(optional)`, `(not required)`, and not `(not optional)`."""
    at = next((n for n, word in enumerate(low) if word in _NEEDED), -1)
    return at >= 0 and _NEEDED[low[at]] == bool(at and low[at - 1] in {"not", "never", "isn't"})


_NEEDED = {"optional": False, "required": True, "mandatory": True, "necessary": True}


def _misspelt_limit(reading: Reading, words: Sequence[Word]) -> bool:
    """`(at leats 3)`, `(optinal)`: told; other words in parentheses are a remark."""
    for before, word in zip([None, *words], words, strict=False):
        known = ("least", "most") if before and before.low == "at" else ("optional", "between")
        near = [name for name in known if word.low != name and within_one(word.low, name)]
        one_of = before is None and len(words) > 1 and words[1].low == "of"
        if one_of and word.low != "one" and _slip(word.low, "one"):
            near = ["one"]
        if near:
            fix = Fix(f"Write {near[0]}", (Edit(word.span, near[0]),), Applies.SAFE)
            said = f"Did you mean {near[0]}?"
            reading.error("E209", said, fix, names=near, at=word.span)
            return True
    return False


def _plain(reading: Reading, word: Word, kind: Kind) -> Expr:
    found = literal([word])
    if isinstance(found, Typed):
        return fit(reading, found, kind, span=word.span).tree
    reading.error("E504", "This amount is finer than its currency.", at=word.span)
    return Lit(0)


def slot_kind(
    vocabulary: Vocabulary, name: Sequence[Word], *, gloss: Sequence[Word], output: bool
) -> Kind:
    """A gloss with a kind wins over the name; else text, and for an output whatever is given."""
    said = _gloss_kind(vocabulary, gloss)
    own = _name_kind(vocabulary, name)
    if said == INTEGER and name and name[-1].low == "id":
        return own or TEXT  # `order ID: number of the order`
    if gloss and gloss[0].low == "text":
        return TEXT  # `plan: text` is no membership
    if said is not None and own == TEXT and (said == PERSON or _spoken(said)):
        return TEXT  # `text: the message` is its words, `name: who it is for` a name
    if said is not None and not (
        own is not None and own.types and said == TEXT and not _spoken(own)
    ):
        return said
    if own is not None:
        return own
    return ANY_JSON if output else TEXT


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
        inner = _noun_kind(vocabulary, words[at:]) if at < len(words) else None
        return inner if inner and inner.item else list_of(inner or TEXT)
    if (
        low[0] in {"whether", "true", "yes"}
        or "yes/no" in text
        or "true or false" in text
        or "yes or no" in text
    ):
        return BOOLEAN
    if text.startswith("how many") or _counts(low):
        return (
            MONEY if low[2:3] in (["dollars"], ["euros"], ["pounds"], ["usd"], ["eur"]) else INTEGER
        )
    if text.startswith("how much"):
        return _how_much(low[2:])
    if text.startswith("how long"):
        return DURATION
    if low[0] == "how" and low[1:2] and low[1] in glosses.UNSAID | glosses.LEAD:
        return TEXT  # `how the clone should speak`
    if low[0] == "when":
        return DATETIME
    if set(low) & glosses.MONEY:
        return MONEY
    if set(low) & {"percent", "percentage"}:
        return RATIO
    if low[0] == "what" or "text" in low:
        return _what(vocabulary, words)
    return _noun_kind(vocabulary, words)


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
    return (_noun_kind(vocabulary, words[1:2]) if noun else None) or (
        TEXT if set(low) & glosses.SPEAKING else None
    )


def _noun_kind(vocabulary: Vocabulary, words: Sequence[Word]) -> Kind | None:
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
                _noun_kind(vocabulary, bare[n + 1 :]) if ident else _name_kind(vocabulary, bare[:n])
            )
    return _name_kind(vocabulary, bare[:4]) if bare else None


def _name_kind(vocabulary: Vocabulary, words: Sequence[Word]) -> Kind | None:
    """The kind that a name itself says: its last word weighs most."""
    named = [word for word in words if word.kind in {Is.WORD, Is.NUMBER, Is.POSSESSIVE}]
    spread = [
        part for word in named if word.kind is not Is.POSSESSIVE for part in _pieces(word.text)
    ]
    if not spread:
        return None
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


def person_span(reading: Reading, name: str) -> Span:
    """Where a name was declared."""
    return reading.spans.get(name, reading.outline.span)
