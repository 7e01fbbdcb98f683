"""Noun phrases to values: names in scope, inputs, people, types, properties, pronouns, sums.

`value` always answers (with a hole when it had to report); `attempt` answers None and says nothing.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from one.compiler.bind.derived import (
    ME,
    between,
    called,
    lies_between,
    mine,
    property_of,
    titled,
)
from one.compiler.bind.fitting import fit
from one.compiler.bind.kept import is_kept
from one.compiler.bind.literals import TooFine, Typed, literal, too_fine
from one.compiler.bind.measures import counted
from one.compiler.bind.names import (
    ADJECTIVES,
    HOLE,
    IT,
    LAST,
    THEY,
    is_chosen,
    it,
    lookup,
    person,
    phrase,
    ref,
    row_of,
    strip,
    words_of,
)
from one.compiler.bind.plain import tell_no_property
from one.compiler.bind.session import Reading
from one.compiler.bind.sums import (
    Part,
    arithmetic_kind,
    joined,
    moment,
    part_at,
    sign_at,
    without_extra,
    worth,
)
from one.compiler.bind.typed import typed
from one.compiler.expression import (
    BadExpression,
    Binary,
    Call,
    Choice,
    Expr,
    Get,
    Hole,
    Items,
    Lit,
    Ref,
    Template,
    names_in,
    parse,
)
from one.compiler.grammar import span_of, split_words
from one.compiler.kinds import (
    DATETIME,
    INTEGER,
    MONEY,
    NUMBER,
    PERSON,
    RATIO,
    TEXT,
    UNKNOWN,
    Base,
    Kind,
    either,
    list_of,
)
from one.compiler.reader import Is, Span, Word, whole
from one.compiler.vocabulary import camel, key_of, plural, spaced

_MINE = frozenset({"my", "our"})
_ME = frozenset({"me", "i", "us", "we", "myself", "mine", "ours"})
_NAMING = frozenset({Is.WORD, Is.NUMBER})
_BETWEEN = frozenset({"to", "for", "from", "with", "and", "at", "as", "per", "each"})
_OPEN = frozenset({Base.UNKNOWN, Base.JSON, Base.OUTCOME})
"""Kinds that may have any field."""
_ALL = frozenset({"each", "every", "all"})
_HOLDER = re.compile(r"\[([^\[\]]+)\]|\{([^{}]+)\}")


def value(
    reading: Reading, words: Sequence[Word], default: Span, *, expected: Kind | None = None
) -> Typed:
    """What the words mean; reports what nothing binds and answers a hole for it."""
    bare = strip(words)
    if not bare:
        reading.error("E204", "Something is missing here.", at=default)
        return HOLE
    before = len(reading.findings.found)
    found = _meant(reading, words, bare, expected=expected)
    if found is None and reading.seek:
        found = reading.seek(reading, bare)
    if found is not None:
        fitted = fit(reading, found, expected, span=whole(bare))
        if fitted.tree is not ME and not isinstance(fitted.tree, Hole):
            reading.place(fitted.tree, whole(bare))
        return fitted
    if not reading.findings.open_since(before):
        reading.findings.take_back(before)
        reading.unknown(phrase(bare).replace(" 's", "'s"), whole(bare), wanted=expected)
    return HOLE


def attempt(reading: Reading, words: Sequence[Word], expected: Kind | None = None) -> Typed | None:
    """What the words mean, or None when nothing says."""
    return _meant(reading, words, strip(words), expected=expected)


def _meant(
    reading: Reading, words: Sequence[Word], bare: list[Word], *, expected: Kind | None
) -> Typed | None:
    """What words mean that are `bare` without what stands around them."""
    if not bare or len(bare) > 60:
        return None
    if words[0].low in _ALL and (one := _each(reading, list(words))):
        return one
    if bare[0].low == "all" and len(bare) > 1 and lookup(reading, phrase(bare)) is None:
        bare = strip(bare[2 if len(bare) > 2 and bare[1].low == "of" else 1 :])
    if not bare:
        return None
    first = bare[0]
    if len(bare) == 1 and first.kind in _WHOLE:
        return _WHOLE[first.kind](reading, first)
    plain = literal(bare)
    if isinstance(plain, TooFine):
        reading.error("E504", too_fine(plain.currency), at=whole(bare))
        return HOLE
    if plain and not (first.kind is Is.WORD and reading.find(phrase(bare))):
        return plain
    return (
        _listed(reading, bare, expected)
        or _named(reading, bare)
        or _end_of_list(reading, bare)
        or _pronoun(reading, bare)
        or _defined(reading, bare)
        or _computed(reading, bare)
        or _owned(reading, bare)
        or typed(reading, bare)
        or _quoted(reading, bare)
        or called(reading, phrase(bare), span=whole(bare))
    )


def _quoted(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """`community "Morning Circle"`, `"7 days of calm" course`: the owner's thing of that name."""
    texts = [n for n, word in enumerate(words) if word.kind is Is.TEXT]
    if len(words) < 2 or texts not in ([0], [len(words) - 1]):
        return None
    noun = [word for word in words if word.kind is not Is.TEXT]
    noun = noun[:-1] if noun[-1].low in {"called", "named", "titled"} else noun
    title = words[texts[0]].text
    return titled(reading, phrase(noun), [title], span=whole(list(words))) if noun else None


def _each(reading: Reading, words: list[Word]) -> Typed | None:
    """`each`, in a loop, is whom it is at; `each of them` and `every fan` are all in the list."""
    low = [word.low for word in words[1:]]
    if words[0].low == "each" and low in ([], ["one"], ["of", "them"]):
        loop = next((one for one in reversed(reading.names.values()) if one.source == "loop"), None)
        if loop is not None or not low:
            return ref(reading, loop) if loop else None
    if low[:1] == ["of"]:
        return attempt(reading, words[2:])
    named = lookup(reading, phrase(words)) or lookup(reading, phrase(words[1:]))
    several = lookup(reading, plural(phrase(words[1:]))) if low and named is None else None
    return ref(reading, several) if several and several.kind.base is Base.LIST else None


def _defined(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """A phrase that DEFINE taught."""
    return reading.expand(reading, words) if reading.expand else None


def _expression(reading: Reading, word: Word) -> Typed:
    """An expression of the Technical DSL inside English."""
    try:
        tree = parse(word.text)
    except BadExpression as error:
        reading.error("E907", f"This is no expression: {error}.", at=word.span)
        return HOLE
    for name in names_in(tree):
        if found := reading.find(name):
            reading.use(found)
    return Typed(tree, UNKNOWN)


def text(reading: Reading, word: Word) -> Typed:
    """A quoted text; `[name]` and `{name}` in it are values."""
    parts: list[str | Expr] = []
    at = 0
    for found in _HOLDER.finditer(word.text):
        inner = found.group(1) or found.group(2)
        if found.start() > at:
            parts.append(word.text[at : found.start()])
        at = found.end()
        tree = _inside(reading, inner, word.span, found.start()).tree
        parts.append(tree.other if isinstance(tree, Choice) else tree)
    if not parts:
        return Typed(Lit(word.text), TEXT)
    if at < len(word.text):
        parts.append(word.text[at:])
    return Typed(Template(tuple(parts)), TEXT)


def _inside(reading: Reading, inner: str, span: Span, at: int) -> Typed:
    start = span.start + 1 + at + 1
    words = words_of(inner, Span(span.line, start, start + len(inner)))
    return value(reading, words, span)


def _slot(reading: Reading, word: Word) -> Typed | None:
    inner = words_of(word.text, Span(word.span.line, word.span.start + 1, word.span.end - 1))
    return attempt(reading, inner)


_WHOLE: Mapping[Is, Callable[[Reading, Word], Typed | None]] = {
    Is.TEXT: text,
    Is.EXPRESSION: _expression,
    Is.SLOT: _slot,
}
"""What one word alone can be whole."""


# --- names --------------------------------------------------------------------------------------


def _named(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """A name in scope, by its whole spelling, as a path, or by the end of it."""
    if not {word.kind for word in words} <= _NAMING:
        return None
    wanted = phrase(words)
    if reading.row_first and (row := row_of(reading, wanted)):
        return row
    if found := lookup(reading, wanted):
        return ref(reading, found)
    if (
        len(words) > 1
        and words[0].low in ADJECTIVES
        and (found := lookup(reading, phrase(words[1:])))
    ):
        return ref(reading, found)
    if key_of(wanted) in LAST and reading.last_saved:
        found = reading.find(reading.last_saved)
        return ref(reading, found) if found else None
    if row := row_of(reading, wanted):
        return row
    for count in range(len(words) - 1, 0, -1):
        found = lookup(reading, phrase(words[:count]))
        if found is None or words[count].low in _BETWEEN:
            continue
        beside = lookup(reading, phrase(words[count:]))
        thing_ = beside is not None and beside.kind.base is Base.THING
        if thing_ and beside and beside.source == "input" and found.source in _GIVEN:
            continue  # `charge buyer course`: two names, not what the one has of the other
        base = ref(reading, found)
        rest = phrase(words[count:])
        if base.kind.base in _OPEN and base.kind.field(camel(rest)) is None:
            continue  # `verdict carefully`: anything may be a field of it, so it is said with 's
        if inner := property_of(reading, base, rest, span=whole(list(words))):
            return inner
    own = words[0].low in _MINE
    return _ending(reading, wanted, but=("input", "derived") if own else ("input",))


_GIVEN = frozenset({"input", "trigger", "saved", "loop"})


def _ending(
    reading: Reading, wanted: str, *, but: Collection[str] = ("input",), own: bool = False
) -> Typed | None:
    """`response` where only `AI response` is in scope."""
    key = key_of(wanted)
    if len(key) < 4:
        return None
    ends = [
        name
        for spelt, name in reading.names.items()
        if spelt.endswith(key)
        and name.source not in but
        and not (own and reading.find(spelt.removesuffix(key)))  # my share is not the guest's
    ]
    return ref(reading, ends[-1]) if len({name.name for name in ends}) == 1 else None


def _end_of_list(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """`the first lesson`, where lessons are in scope."""
    if len(words) < 2 or words[0].low not in {"first", "last"} or words[-1].kind is not Is.WORD:
        return None
    found = reading.find(plural(phrase(words[1:])))
    if found is None or found.kind.base is not Base.LIST:
        return None
    item = found.kind.item or UNKNOWN
    return Typed(Call(words[0].low, (ref(reading, found).tree,)), item.maybe)


# --- pronouns -----------------------------------------------------------------------------------


def _pronoun(reading: Reading, words: Sequence[Word]) -> Typed | None:
    first = words[0].low
    if first in _ME and len(words) == 1:
        return Typed(ME, PERSON)
    if first in _MINE and len(words) > 1:
        return _my(reading, words[1:])
    if first == "both" and len(words) in {1, 3}:
        people = [one for one in reading.people() if one.source != "derived"]
        both = Items(tuple(ref(reading, one).tree for one in people))
        return Typed(both, list_of(PERSON)) if len(people) == 2 else None
    if first not in THEY and first not in IT:
        return None
    base = person(reading, words[0]) if first in THEY else it(reading, words[0])
    rest = words[1:]
    if rest and rest[0].kind is Is.POSSESSIVE:
        rest = rest[1:]
    if not rest or isinstance(base.tree, Hole):
        return base if not rest else HOLE
    return _property(reading, base, rest)


def _my(reading: Reading, words: Sequence[Word]) -> Typed | None:
    bare = [word for word in words if word.low not in {"own", "newest", "latest", "current"}]
    wanted = phrase(bare)
    if not wanted:
        return None
    if (one := _quoted(reading, bare)) is not None:
        return one
    newest = bool({word.low for word in words} & {"newest", "latest"})
    named = (None if newest else lookup(reading, wanted)) or reading.find("my " + wanted)
    if (named and named.source not in {"derived"}) or (named and named.name.startswith("my")):
        return ref(reading, named)
    poss = next((n for n, word in enumerate(words) if word.kind is Is.POSSESSIVE), 0)
    if poss and is_chosen(reading, words[poss + 1 :]):
        return None
    if poss:
        base = _my(reading, words[:poss])
        noun = words[poss + 1 :]
        return _property(reading, base, noun) if base and noun else None
    if ending := _ending(reading, wanted, but=("input", "derived"), own=True):
        return ending
    found = mine(reading, wanted, whole(list(words)))
    if found:
        return found
    for count in range(len(bare) - 1, 0, -1):
        base = mine(reading, phrase(bare[:count]), whole(list(words)))
        if base and (
            inner := property_of(reading, base, phrase(bare[count:]), span=whole(list(words)))
        ):
            return inner
    return None


# --- properties ---------------------------------------------------------------------------------


def _owned(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """`A's B` and `B of A`."""
    marks = [n for n, word in enumerate(words) if word.kind is Is.POSSESSIVE]
    first = next((n for n, word in enumerate(words) if n and word.low == "of"), len(words))
    if marks and marks[-1] < first:
        at = marks[-1]
        if is_chosen(reading, words[at + 1 :]):
            return None
        base = attempt(reading, words[:at])
        if base is None or at + 1 >= len(words):
            return None
        return _property(reading, base, words[at + 1 :], said=words)
    places = [n for n, word in enumerate(words) if word.low == "of" and 0 < n < len(words) - 1]
    if places and not is_chosen(reading, words[: places[0]]):
        at = places[0]
        base = attempt(reading, words[at + 1 :])
        return _property(reading, base, words[:at]) if base else None
    return None


def _property(
    reading: Reading, base: Typed, words: Sequence[Word], *, said: Sequence[Word] = ()
) -> Typed | None:
    if isinstance(base.tree, Hole):
        return base
    span = whole(list(words))
    wanted = phrase(strip(words))
    found = property_of(reading, base, wanted, span=span)
    if found is None and len(words) > 1 and words[0].low in ADJECTIVES:
        found = property_of(reading, base, phrase(words[1:]), span=span)
    if found is None and base.kind.base is Base.THING:
        found = _in_between(reading, base, words) or _in_all(reading, base, wanted, span)
    if found is not None:
        return found
    if isinstance(base.tree, Ref):
        combined = reading.find(f"{base.tree.name} {wanted}")
        if combined:
            return ref(reading, combined)
    plain = base.kind.base is Base.THING and not reading.keeping
    if plain and is_kept(reading.outline.commands, wanted):
        own = Get(base.tree, "x_" + camel(wanted))
        note = f"“{wanted}” is kept as a property of your own; it is 0 at first."
        if f"kept:{key_of(wanted)}" not in reading.told:
            reading.told.add(f"kept:{key_of(wanted)}")
            reading.note("E421", note, at=span)
        return Typed(Choice(Binary("==", own, Lit(None)), Lit(0), own), NUMBER)
    tell_no_property(reading, base, wanted, words=said or words)
    return HOLE


def _in_between(reading: Reading, base: Typed, words: Sequence[Word]) -> Typed | None:
    """`progress in the course`: what lies between the base and another thing."""
    for n, word in enumerate(words):
        if word.low in {"in", "of", "on", "for", "with"} and 0 < n < len(words) - 1:
            other = attempt(reading, words[n + 1 :])
            if other is None or other.kind.base is not Base.THING:
                return None
            said = phrase(strip(words[:n]))
            return between(reading, base, said, other=other, span=whole(list(words)))
    return None


def _in_all(reading: Reading, base: Typed, wanted: str, span: Span) -> Typed | None:
    """`the student's progress` where only one thing in scope can lie between: in that course."""
    others = [
        one
        for one in {name.name: name for name in reading.things()}.values()
        if one.kind.types and lies_between(reading, base.kind, wanted, other=one.kind)
    ]
    if not base.kind.person or len(others) != 1:
        return None
    reading.note("E323", f"“{wanted}” is taken as the one in {spaced(others[0].name)}.", at=span)
    return between(reading, base, wanted, other=ref(reading, others[0]), span=span)


# --- sums ---------------------------------------------------------------------------------------


def _computed(reading: Reading, words: Sequence[Word]) -> Typed | None:
    low = [word.low for word in words]
    if low in (["now"], ["current", "time"], ["right", "now"]):
        return Typed(Call("now", ()), DATETIME)
    if low in (["today"], ["current", "date"]):
        return Typed(Call("today", ()), DATETIME)
    return (
        moment(words, low)
        or _difference(reading, words, low)
        or _arithmetic(reading, words)
        or _part_of(reading, words, low)
        or _rate(reading, words, low)
    )


def _difference(reading: Reading, words: Sequence[Word], low: list[str]) -> Typed | None:
    if low[:2] == ["difference", "between"] and "and" in low:
        at = low.index("and")
        return _sum(reading, words[2:at], words[at + 1 :], "-")
    return None


def _arithmetic(reading: Reading, words: Sequence[Word]) -> Typed | None:
    found = sign_at(words)
    return _sum(reading, words[: found[0]], words[found[1] :], found[2]) if found else None


def _sum(reading: Reading, left: Sequence[Word], right: Sequence[Word], op: str) -> Typed | None:
    one, other = attempt(reading, left), attempt(reading, without_extra(right))
    if one is None or other is None:
        return None
    one = worth(one)
    if one.kind.base is Base.MONEY and op in "+-" and other.kind.base is not Base.RATIO:
        other = fit(reading, other, MONEY, span=span_of(right, whole(list(left))))
    elif other.kind.base is Base.MONEY and op in "+-":
        one = fit(reading, one, MONEY, span=span_of(left, whole(list(right))))
    return joined(op, one, right=other)


def _part_of(reading: Reading, words: Sequence[Word], low: list[str]) -> Typed | None:
    """`10% of x`, `half of x`, `20% off x`, `number of x`, `total of x`, `average of x`."""
    if len(words) > 1 and (found := part_at(words)) is not None:
        return _portion(reading, *found, words)
    of = low.index("of") if "of" in low[1:-1] else 0
    rate = lookup(reading, phrase(strip(words[:of]))) if of else None
    if rate is not None and rate.kind.base is Base.RATIO:  # `discount of the price`
        entire = attempt(reading, words[of + 1 :])
        return joined("*", worth(entire), right=ref(reading, rate)) if entire else None
    if low[0] in {"number", "count", "amount"} and len(words) > 2 and low[1] == "of":
        return _count(reading, words[2:])
    if low[0] in {"total", "sum", "average", "length"} and len(words) > 2 and low[1] == "of":
        return _total(reading, low[0], words[2:])
    return None


def _portion(reading: Reading, part: Part, count: int, words: Sequence[Word]) -> Typed | None:
    """The part of the whole that is named after it; with `off`, what is left of it."""
    rest = [word.low for word in words[count : count + 2]]
    off = rest[:1] == ["off"] or rest == ["discount", "on"]
    skip = len(rest) if off and rest[1:] in (["of"], ["on"]) else int(off or rest[:1] == ["of"])
    base = attempt(reading, words[count + skip :]) if skip or part.bare else None
    if base is None:
        return None
    base = worth(base)
    kind = arithmetic_kind("*", base.kind, right=RATIO)
    if part.bottom == 1 and isinstance(part.top, int):
        kind = base.kind
    tree = part.of(base.tree)
    return Typed(Binary("-", base.tree, tree) if off else tree, kind)


def _rate(reading: Reading, words: Sequence[Word], low: list[str]) -> Typed | None:
    """`$40 per seat`, where the number of seats is known."""
    at = next((low.index(word) for word in ("per", "each", "every") if word in low), 0)
    if not at or at == len(words) - 1:
        return None
    noun = phrase(words[at + 1 :])
    many = lookup(reading, plural(noun)) or lookup(reading, f"number of {plural(noun)}")
    if many is None or not (many.kind.numeric or many.kind.base is Base.LIST):
        return None
    one = attempt(reading, words[: at - (low[at - 1] == "for")])
    if one is None:
        return None
    found = ref(reading, many)
    if many.kind.base is Base.LIST:
        found = Typed(Call("length", (found.tree,)), INTEGER)
    return joined("*", one, right=found)


def _count(reading: Reading, words: Sequence[Word]) -> Typed | None:
    base = attempt(reading, words)
    if base is None and all(word.kind is Is.WORD for word in words):
        base = mine(reading, phrase(strip(words)), whole(list(words)))  # whose is not said
    if base is None:
        return None
    if (many := counted(reading, base)) is not None:
        return many
    if base.kind.base in {Base.LIST, Base.TEXT, Base.UNKNOWN}:
        return Typed(Call("length", (base.tree,)), INTEGER)
    return base


def _total(reading: Reading, what: str, words: Sequence[Word]) -> Typed | None:
    base = attempt(reading, words)
    if base is None or base.kind.base not in {Base.LIST, Base.UNKNOWN, Base.TEXT}:
        return base
    item = base.kind.item or NUMBER
    if what == "length":
        return Typed(Call("length", (base.tree,)), INTEGER)
    name = "average" if what == "average" else "sum"
    halves = name == "average" and item.base is Base.INTEGER
    return Typed(Call(name, (base.tree,)), NUMBER if halves else item)


# --- lists and types ----------------------------------------------------------------------------


def _listed(reading: Reading, words: Sequence[Word], expected: Kind | None) -> Typed | None:
    """`a, b and c`."""
    marked = [
        word for word in words if word.low in {",", "and", "&"} and word.kind in {Is.MARK, Is.WORD}
    ]
    several = expected is None or (expected.base in _SEVERAL and not expected.person)
    if not marked or not several:
        return None
    if key_of(phrase(words)) in reading.names:
        return None
    runs = split_words(words, ",", "and", "&")
    if len(runs) < 2 or reckons(reading, words):
        return None
    found = [attempt(reading, run) for run in runs]
    if any(one is None for one in found):
        return None
    sure = [one for one in found if one is not None]
    kind = sure[0].kind
    for one in sure[1:]:
        kind = either(kind, one.kind)
    return Typed(Items(tuple(one.tree for one in sure)), list_of(kind))


def reckons(reading: Reading, words: Sequence[Word]) -> bool:
    """Whether it is one sum of several: `the sum of a and b`; totals of lists are one each."""
    bare = words[1:] if words[0].low == "the" else words
    if len(bare) < 5 or bare[0].low not in _RECKONED or bare[1].low not in {"of", "between"}:
        return False
    end = next((n for n, word in enumerate(bare) if word.low in {"and", ",", "&"}), len(bare))
    found = attempt(reading, bare[2:end]) if 2 < end < len(bare) - 1 else None
    return found is not None and found.kind.base is not Base.LIST


_RECKONED = frozenset({"sum", "total", "average", "difference"})
_SEVERAL = frozenset({Base.LIST, Base.JSON, Base.UNKNOWN, Base.THING})
"""Where a list may stand."""
