"""INPUT and OUTPUT: a name, what it is for, and the kind that both say."""

import re
from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind import glosses
from one.compiler.bind.fitting import fit
from one.compiler.bind.leftover import left_of, tell_left, turns
from one.compiler.bind.literals import Typed, currency_named, literal, unit_of
from one.compiler.bind.names import phrase, taken_as
from one.compiler.bind.session import Reading
from one.compiler.bind.sorts import noun_kind, slot_kind
from one.compiler.diagnosis import Applies, Edit, Fix, listed, within_one
from one.compiler.expression import Expr, Lit, MoneyLit
from one.compiler.grammar import split_words
from one.compiler.kinds import (
    TEXT,
    Base,
    Kind,
    fits,
    read_kind,
    say_kind,
    write_kind,
)
from one.compiler.layout import SlotLine
from one.compiler.light import frozen
from one.compiler.meant import AKIN
from one.compiler.program import Slot
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.vocabulary import camel, singular


@frozen
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
            last = parts.name[-1]
            end = last.span.end
            at = last.span if last.kind is Is.MARK else Span(line.line.number, end, end)
            fix = Fix("Add the colon", (Edit(at, ":"),), Applies.SAFE)
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
        if not output:
            _told_as(reading, kind, parts)
            _unknown_noun(reading, kind, parts)
        if kind.base is Base.MONEY:
            named = [currency_named(word.low) for word in parts.gloss]
            reading.currency = next(filter(None, named), reading.currency)
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


def _told_as(reading: Reading, kind: Kind, parts: _Parts) -> None:
    """`workshop: which workshop` is a course: said, where none of its words says so."""
    of = (kind.item or kind).types
    if len(of) != 1 or (kind.item or kind).person:
        return
    type = next(iter(of))
    for word in [*reversed(parts.gloss), *reversed(parts.name)]:
        if word.kind is Is.WORD and reading.vocabulary.entity_of(word.text) == type:
            taken_as(reading, word.text, type, span=word.span)
            return


def _unknown_noun(reading: Reading, kind: Kind, parts: _Parts) -> None:
    """`snack: which banana`: nothing that people make here, so it is text, said."""
    words = [word for word in parts.gloss if word.low not in {"my", "the", "of", "our"}]
    noun = words[1] if len(words) > 1 and words[0].low == "which" else None
    if noun is None or kind != TEXT or parts.limits or noun.kind is not Is.WORD:
        return
    if noun_kind(reading.vocabulary, words[1:]) is None and noun.low not in _CHOSEN:
        akin = AKIN.get(singular(noun.low), ())
        why = f"It may be: {listed([f'which {one}' for one in akin])}." if akin else ""
        said = f"“{noun.text}” is no type of thing that I know; {phrase(parts.name)} is text."
        reading.note("E426", said, why=why, at=noun.span)


_CHOSEN = frozenset({"one", "ones", "kind", "sort", "way", "option", "them", "they", "you", "to"})


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
            if len(gloss) > 2 and gloss[-1].low == "optional" and gloss[-2].kind is Is.MARK:
                gloss, limits = gloss[:-2], [*limits, *gloss[-2:]]
            at = 0 if _is_choice(gloss) else _range_at(gloss)
            return _Parts(plain[:n], gloss[:at], [*gloss[at:], *limits])
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


def _range_at(gloss: Sequence[Word]) -> int:
    """Where a gloss goes over into limits: `1 to 12`, `number between 0 and 100`."""
    if not any(word.kind in _NUMERAL for word in gloss):
        return len(gloss)
    at = len(gloss)
    while at and _is_limiting(gloss[at - 1]):
        at -= 1
    while at < len(gloss) and gloss[at].low in {"of", "to", "is", "be", "and", "or", "it"}:
        at += 1
    said, lead = gloss[at:], {word.low for word in gloss[:at]}
    limits = {word.low for word in said} & _LIMITING or any("+" in word.text for word in said)
    number = any(word.kind in _NUMERAL for word in said)
    return at if limits and number and (not lead or lead & _MEASURES) else len(gloss)


def _is_limiting(word: Word) -> bool:
    known = word.low in _BOUNDS | _SIGNS or currency_named(word.low) or unit_of(word.low)
    scale = word.low in {"hundred", "thousand", "million", "billion"}
    return word.kind in _NUMERAL or bool(known) or scale or word.text in {"-", "–", "+"}


_NUMERAL = frozenset({Is.NUMBER, Is.MONEY, Is.PERCENT})
_SIGNS = frozenset({"characters", "letters", "signs", "chars"})
_LIMITING = frozenset({"least", "most", "between", "to", "minimum", "maximum", "min", "max"}) | {
    *("more", "less", "fewer", "over", "above", "under", "below", "up", "-", "–")
}
_MEASURES = frozenset({"number", "how", "text", "amount", "price", "integer", "dollars", "euros"})


def _ranged(kind: Kind, parts: _Parts) -> Kind:
    """`months: 1 to 12`: what only its limits say is as they are, a whole number or money."""
    said = {word.low for word in parts.limits}
    if parts.gloss or kind != TEXT or said & _SIGNS or not said & _LIMITING | {"+"}:
        return kind
    found = [literal([word]) for word in parts.limits if word.kind in _NUMERAL]
    kinds = [one.kind for one in found if isinstance(one, Typed)]
    return kinds[0] if kinds else kind


def _slot(reading: Reading, kind: Kind, parts: _Parts) -> Slot:
    given = parts.limits
    limits, presumed = _presumed(given)
    said, parts = _said_type(reading, replace(parts, limits=limits))
    kind = said or _ranged(kind, parts)
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
        runs = [run for run in runs if not _is_optional([word.low for word in run])]
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


def _said_type(reading: Reading, parts: _Parts) -> tuple[Kind | None, _Parts]:
    """`(text)`, `(Id<course>)`, `(a livestream)`: the type itself, in parentheses; and what is
    left.
    """
    runs = split_words(parts.limits, ",")
    for n, run in enumerate(runs):
        kind = read_kind("".join("[]" if word.kind is Is.SLOT else word.text for word in run))
        if len(run) > 1 and run[0].low in {"a", "an"}:
            named = noun_kind(reading.vocabulary, run[1:])
            kind = named if named is not None and named.base is Base.THING else kind
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
    values = [_plain(reading, _amount([*words[n:]]), kind) for n, _ in numbers]
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


def _amount(words: list[Word]) -> list[Word]:
    """The number that words begin with, and how many of what it is: `10 million`, `30 minutes`."""
    longest = (words[:count] for count in (3, 2))
    return next((one for one in longest if isinstance(literal(one), Typed)), words[:1])


def _plain(reading: Reading, words: list[Word], kind: Kind) -> Expr:
    found, alone = literal(words), literal(words[:1])
    if isinstance(found, Typed) and isinstance(alone, Typed) and not fits(found.kind, kind):
        found = alone  # `3 days` of a number of days
    if isinstance(found, Typed):
        return fit(reading, found, kind, span=whole(words)).tree
    reading.error("E504", "This amount is finer than its currency.", at=whole(words))
    return Lit(0)


def person_span(reading: Reading, name: str) -> Span:
    """Where a name was declared."""
    return reading.spans.get(name, reading.outline.span)
