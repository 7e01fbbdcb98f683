"""What the phrase of a CALL says beside its action: values, how often, what for.

Every word is a value, repeats what the action or a value is called, is empty (`to`, `the`), or is
told: a word that nothing reads may be the one that says how much.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.literals import TooFine, Typed, count_of, literal, too_fine, unit_of
from one.compiler.bind.names import IT, THEY, lookup, phrase, strip
from one.compiler.bind.nouns import attempt, text
from one.compiler.bind.services import Found
from one.compiler.bind.session import Name, Reading
from one.compiler.bind.sums import SIGNS, part_at, worth
from one.compiler.diagnosis import Applies, Edit, Fix, listed
from one.compiler.expression import Expr, Get, Lit, Record, Ref, children, names_in
from one.compiler.kinds import PEOPLE, PERSON, TEXT, UNKNOWN, Base, Kind, fits, read_kind
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.vocabulary import camel, spaced
from one.ontology.services import Parameter

_BEFORE_NAMES = frozenset(
    {"the", "this", "that", "these", "those", "their", "to", "of", "from", "about", "on", "in"}
    | {"for", "with", "into", "and"}
)
_EMPTY = frozenset(
    {"to", "from", "of", "for", "with", "and", "at", "on", "in", "by", "via", "as", "using", "into"}
    | {"the", "a", "an", "my", "our", "their", "his", "her", "this", "that", "please", "now", ","}
    | {"then", "just", "also", "through", "'s", "’s", "'", "’", "because"}
)
"""Words that say nothing beside a value."""
_MEANS = frozenset({"card", "account", "wallet", "bank", "credit", "debit", "money", "method"})
_PURPOSE = ("description", "product", "title", "reason", "subject")
_SUM = "$40 times 3, price minus 20% or half of the payment"
_SELF = frozenset({"me", "myself", "us"})
_COUNTING = frozenset(
    {"each", "every", "per", "all", "off", "less", "more", "up", "instead", "not"}
)
_MEASURED = frozenset(
    {Base.INTEGER, Base.NUMBER, Base.RATIO, Base.SHARE, Base.MONEY, Base.DURATION, Base.DATETIME}
)
_UNITS = {"d": "day", "w": "week", "mo": "month", "y": "year"}
_OFTEN = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
    "annually": "year",
}
_RATES = frozenset({"installments", "instalments", "rates", "parts", "payments", "tranches"})


@dataclass(slots=True)
class Made:
    """The parameters of a call, the kind of its result and where each value stands."""

    found: Found
    params: dict[str, Expr] = field(default_factory=dict[str, Expr])
    kind: Kind = UNKNOWN
    places: dict[str, Span] = field(default_factory=dict[str, Span])
    wanted: str = "result"


def said(reading: Reading, made: Made) -> list[list[Word]]:
    """Places what the phrase itself says (`charge $100`, `charge the fan $10`, any instruction);
    the runs of words that found no place.
    """
    if (
        made.found.service.open
        and "instruction" in {param.name for param in made.found.action.params} - made.params.keys()
    ):
        if not made.found.given:
            made.params["instruction"] = _instruction(reading, made.found.instruction)
        return []
    words, n = how_often(reading, made, _named_whole(reading, made.found)), 0
    runs: list[list[Word]] = [[]]
    while n < len(words):
        count = _taken(reading, made, words[n:])
        if count:
            runs.append([])
            n += count
        else:
            runs[-1].append(words[n])
            n += 1
    unread = (_unread(reading, made, run) for run in runs)
    return [run for run in unread if run]


def _named_whole(reading: Reading, found: Found) -> Sequence[Word]:
    """`refund payment id`: what the phrase of the action ends with may begin a name."""
    said, begins = found.instruction, len(found.instruction) - len(found.rest)
    for count in range(len(found.rest), 0, -1):
        words = said[begins - 1 : begins + count]
        if begins > 1 and reading.find(phrase(words)) is not None:
            return said[begins - 1 :]
    own = reading.find(said[begins - 1].text) if begins > 1 else None
    if own is not None and own.kind.base is Base.THING and not own.kind.types & _PAID:
        return said[begins - 1 :]  # `publish video`, of that name
    return found.rest


_PAID = frozenset({"payment", "invoice", "subscription", "token"})
_MOST_WORDS, _MOST_PLAIN = 60, 12
"""Of one value, and of one that is no sum."""


def _taken(reading: Reading, made: Made, words: Sequence[Word]) -> int:
    """How many of the first words are one value that has a place; many are so only as a sum."""
    longest = min(len(words), _MOST_WORDS)
    sums = next((n for n in range(1, longest) if _reckons(words[n])), longest)
    for count in range(longest, 0, -1):
        part = words[:count]
        if count > _MOST_PLAIN and count < sums + 2:
            continue
        if {part[0].low, part[-1].low} & _EMPTY or not _may_be(reading, part):
            continue
        read = attempt(reading, part)
        if read is None:
            continue
        placed = read.tree in made.params.values() or place(made, read)
        return count if placed else 0
    return 0


def _reckons(word: Word) -> bool:
    """Whether a word stands between the parts of a value: a sum, a share, somebody's."""
    low = word.low
    return word.kind is Is.POSSESSIVE or low in SIGNS or low in {"of", "per", "each", "off"}


def _may_be(reading: Reading, words: Sequence[Word]) -> bool:
    """Whether the words are worth reading as a value: a literal, a name, a pronoun, a sum."""
    first, inner = words[0], words[1:-1]
    if first.kind is Is.TEXT or isinstance(literal(words), Typed):
        return True
    if len(words) == 1 and first.low in THEY | IT | _SELF:
        return True
    if lookup(reading, phrase(strip(words))) is not None:
        return True
    if len(words) == 1 or (first.kind is Is.MONEY and inner[:1] and inner[0].low == "of"):
        return False
    if len(words) == 2:
        known = part_at(words) is not None or lookup(reading, first.text) is not None
        return known and attempt_quietly(reading, words)
    reckoned = any(map(_reckons, inner)) or part_at(words) is not None
    return reckoned and attempt_quietly(reading, words)


def _unread(reading: Reading, made: Made, run: list[Word]) -> list[Word]:
    """Those of a run of words, from the first to the last that say something, which found no place
    after another look at them.
    """
    places = [n for n, word in enumerate(run) if word.low not in _EMPTY]
    known = _labels(reading, made)
    if all(run[n].low in known and not _is_other(reading, made, run[n]) for n in places):
        return []
    words = run[places[0] : places[-1] + 1]
    if _named_inside(reading, made, words):
        return []
    person = reading.may_declare and reading.vocabulary.is_person_word(phrase(words))
    if person or attempt_quietly(reading, words):
        read = attempt(reading, words)
        if read is not None and place(made, read):
            return []
    lead = {word.low for word in run[: places[0]]}
    done = _led(reading, made, words, lead=lead) or _purpose(reading, made, words, lead=lead)
    return [] if done else words


def _led(reading: Reading, made: Made, words: Sequence[Word], *, lead: set[str]) -> bool:
    """`translate the notes to Spanish`: plain words behind the one that leads to a parameter."""
    for param in made.found.action.params:
        leads = param.name not in made.params and read_kind(param.type) == TEXT
        if leads and lead & set(param.words) and not any(_matters(reading, one) for one in words):
            made.params[param.name] = Lit(join(list(words)))
            return True
    return False


def _is_other(reading: Reading, made: Made, word: Word) -> bool:
    """Whether the word names what is in scope and no parameter has: `charge singer and fan`."""
    name = reading.find(word.text)
    handed = {one for tree in made.params.values() for one in names_in(tree)}
    return name is not None and name.name not in handed and name.kind.person


def _named_inside(reading: Reading, made: Made, words: list[Word]) -> bool:
    """`due in 14 days`: a parameter's name in the phrase, and its value."""
    param = made.found.action.by_name.get(words[0].low)
    kind = read_kind(param.type) if param else None
    if param is None or kind is None or param.name in made.params:
        return False
    read = attempt(reading, words[1:]) if attempt_quietly(reading, words[1:]) else None
    if read is None or not fits(read.kind, kind):
        return False
    give(made, param, tree=read.tree)
    return True


def _labels(reading: Reading, made: Made) -> set[str]:
    """Words that repeat what the action, its service or a value that it has are called."""
    known = {word for one in made.found.action.phrases for word in one.split()}
    known |= {word for one in made.found.service.words for word in one.split()} | _MEANS
    for param in made.found.action.params:
        sure = param.fill == "runner" and len(reading.people()) < 2
        if param.name in made.params or sure:
            known |= {param.name.casefold(), *param.words}
    return known


def _purpose(reading: Reading, made: Made, words: Sequence[Word], *, lead: set[str]) -> bool:
    """`charge $20 for a coaching call`: plain words that say what for, where a text says so."""
    known = made.found.action.by_name
    param = next((known[one] for one in _PURPOSE if one in known), None)
    if param is None or param.name in made.params or not lead & {"for", "because"}:
        return False
    if any(_says_how_much(reading, word) for word in words):
        return False
    made.params[param.name] = Lit(join(list(words)))
    reading.note("E426", f"“{join(list(words))}” is taken as text.", at=whole(list(words)))
    return True


def _says_how_much(reading: Reading, word: Word) -> bool:
    number = count_of(word) is not None or unit_of(word.low) is not None
    return number or word.low in _COUNTING or _matters(reading, word)


def _matters(reading: Reading, word: Word) -> bool:
    return word.kind is not Is.WORD or reading.find(word.text) is not None


def tell_open(
    reading: Reading, found: Found, runs: Sequence[Sequence[Word]], *, missing: bool
) -> None:
    """Words of the phrase that found no place: told, never dropped. Where money moves, and where
    they are numbers or names or something is `missing`, they may be what matters.
    """
    if not runs:
        return
    for run in runs:
        words, at, why = join(list(run)), whole(list(run)), _say_it(reading, found, run)
        if found.action.takes_money and (part := part_at(run)) is not None:
            share = join(list(run[: part[1]]))
            of = [f"{share} of {one}" for one in _payments(reading)]
            fix = [Fix(f"It is {one}", (Edit(at, one),)) for one in of]
            why = "Say of what: 10% of the sale, half of the payment."
            reading.error("E205", f"“{words}” of what?", *fix, why=why, at=at)
        elif isinstance(fine := literal(run), TooFine):
            reading.error("E504", too_fine(fine.currency), at=at)
        elif found.action.takes_money or missing or any(_matters(reading, word) for word in run):
            reading.error("E205", f"I don't understand “{words}” here.", why=why, at=at)
        else:
            reading.warn("E824", f"“{words}” goes nowhere.", why=why, at=at)


def _payments(reading: Reading) -> list[str]:
    """The names of what was charged or paid, whose amount may be shared."""
    names = {name.name: name for name in reading.names.values()}
    return [spaced(one.name) for one in names.values() if _is_payment(one.kind)]


def _is_payment(kind: Kind) -> bool:
    return worth(Typed(Ref(""), kind)).kind.base is Base.MONEY and kind.base is not Base.MONEY


def _say_it(reading: Reading, found: Found, run: Sequence[Word]) -> str:
    """How what is not understood is said."""
    takes = listed([spoken(param) for param in found.action.params], "and")
    shown = f"CALL {found.service.title} to {found.action.phrases[0]}"
    for action in found.service.actions:
        if action is not found.action and any(one in join(list(run)) for one in action.phrases):
            again = f"CALL {found.service.title} to {action.phrases[0]}"
            return f"One CALL does one thing. Write {again} on a line of its own."
    people = any((name := reading.find(word.text)) and name.kind.person for word in run)
    if people and any(read_kind(param.type) == PERSON for param in found.action.params):
        return f"One CALL is for one person. Write {shown} once for each of them."
    why = f"Say it by its name after WITH: {shown} takes {takes}."
    return f"An amount is one sum, such as {_SUM}. {why}" if found.action.takes_money else why


def spoken(param: Parameter) -> str:
    """The parameter in plain words."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in param.name)


# --- how often ----------------------------------------------------------------------------------


def how_often(reading: Reading, made: Made, words: Sequence[Word]) -> list[Word]:
    """The words without `every month`, which goes to the interval of an action that has one; what
    happens once is not taken every month: told.
    """
    at = _again(reading, words) if words and made.found.action.takes_money else None
    if at is None:
        return list(words)
    start, end, interval = at
    if "interval" in made.found.action.by_name and interval:
        made.params["interval"] = Lit(interval)
    else:
        _once(reading, made.found, words[start:end], interval)
    return [*words[:start], *words[end:]]


def _again(reading: Reading, words: Sequence[Word]) -> tuple[int, int, str] | None:
    """Where the words say how often, and the one interval that it is, if it is one."""
    for n, word in enumerate(words):
        if word.low in _OFTEN:
            return n, n + 1, _OFTEN[word.low]
        found = _each(reading, words, n) or _times(words, n)
        if found is not None:
            return found
    return None


def _each(reading: Reading, words: Sequence[Word], n: int) -> tuple[int, int, str] | None:
    """`every month`, `$15 a month`, `every 3 months`; no `day pass`, nor months that are known."""
    low, after = words[n].low, [word.low for word in words[n + 1 : n + 3]]
    if not after or low not in {"every", "each", "per", "a"}:
        return None
    unit = _UNITS.get(unit_of(after[0]) or "")
    if low == "a" and (not n or words[n - 1].low in _EMPTY or not set(after[1:]) <= _EMPTY):
        return None
    if unit and reading.find(after[0] + "s") is None:
        return n, n + 2, unit
    several = low != "a" and len(after) == 2 and unit_of(after[1]) in _UNITS
    return (n, n + 3, "") if several else None


def _times(words: Sequence[Word], n: int) -> tuple[int, int, str] | None:
    """`twice`, `three times`, `in 3 rates`; not `3 times $20`, which is a sum."""
    low, last = words[n].low, n == len(words) - 1
    if low in {"twice", "thrice"} and last:
        return n, n + 1, ""
    if not n or count_of(words[n - 1]) is None:
        return None
    ends = last or words[n + 1].low in _EMPTY
    lead = int(n > 1 and words[n - 2].low == "in")
    return (n - 1 - lead, n + 1, "") if low in _RATES or (low == "times" and ends) else None


def _once(reading: Reading, found: Found, words: Sequence[Word], interval: str) -> None:
    """Tells that it happens once, and what happens again."""
    again = next((one for one in found.service.actions if "interval" in one.by_name), found.action)
    title, said_so, fixes = found.service.title, join(list(words)), list[Fix]()
    shown = f'CALL {title} to {again.phrases[0]} WITH amount $20, interval "month"'
    message = f"{title} can do this every day, week, month or year, not “{said_so}”."
    why = f"Write for example {shown}."
    if again is not found.action:
        message = f"This happens once, not “{said_so}”."
        why = f"What comes again is a subscription: {shown}. One payment is one sum: {_SUM}."
        verb = found.instruction[: len(found.instruction) - len(found.rest)]
        if interval and verb:
            edit = Edit(whole(list(verb)), again.phrases[0])
            fixes.append(Fix(f"Make it a subscription, each {interval}", (edit,), Applies.MAYBE))
    reading.error("E205", message, *fixes, why=why, at=whole(list(words)))


# --- values ---


def mentioned(reading: Reading, made: Made) -> None:
    """What the phrase names of what stands in scope goes along: `answer question`, `transfer nft`;
    `a note` is none of it, and people go to no model unasked.
    """
    context = made.params.get("context")
    fields = list(context.fields) if isinstance(context, Record) else []
    handed = {name for tree in made.params.values() for name in names_in(tree)}
    for name in _names_of(reading, made.found.instruction):
        tree = Ref(name.name)
        if name.name in handed:
            continue
        if made.found.service.open and not name.kind.types & PEOPLE:
            fields.append((camel(name.name), tree))
        elif not made.found.service.open and (param := _taking(made, name)) is not None:
            made.params[param.name] = tree
        else:
            continue
        reading.use(name)
    if fields and made.found.service.open and (context is None or isinstance(context, Record)):
        made.params["context"] = Record(tuple(fields))


def _names_of(reading: Reading, words: Sequence[Word]) -> Iterator[Name]:
    """Names behind the verb, an article or a preposition: not the club of a book club."""
    for n, word in enumerate(words):
        bare = n == 1 or (n > 1 and words[n - 1].low in _BEFORE_NAMES)
        name = reading.find(word.text) if bare and word.kind is Is.WORD else None
        if name is not None:
            yield name


def _taking(made: Made, name: Name) -> Parameter | None:
    """The parameter that such a thing is for."""
    for param in made.found.action.params:
        kind = read_kind(param.type)
        exact = kind is not None and kind.base is Base.THING and name.kind.types <= kind.types
        if param.name not in made.params and exact and name.kind.types:
            return param
    return None


def place(made: Made, read: Typed) -> bool:
    """Gives the value to the parameter of its kind; an amount of anything is no text."""
    free = [one for one in made.found.action.params if one.name not in made.params]
    for param in free:
        kind = read_kind(param.type)
        if kind and kind.base is read.kind.base and fits(read.kind, kind):
            give(made, param, tree=read.tree)
            return True
    for param in free:
        kind = read_kind(param.type)
        person = (read.kind.item or read.kind).sure.person
        wordy = kind is not None and (kind.base is Base.TEXT or kind.vague)
        if kind is None or (wordy and read.kind.base in _MEASURED):
            continue
        if person and (kind.vague or kind.base is Base.TEXT) and "recipient" not in param.words:
            continue
        amount = worth(read) if kind.base is Base.MONEY else read
        if amount is not read or kind.vague or fits(read.kind, kind):
            give(made, param, tree=amount.tree)
            return True
    return False


def _instruction(reading: Reading, words: Sequence[Word]) -> Expr:
    """The instruction as written; a quoted text alone may hold values."""
    if len(words) == 1 and words[0].kind is Is.TEXT:
        return text(reading, words[0]).tree
    return Lit(join(list(words)))


def give(made: Made, param: Parameter, *, tree: Expr) -> None:
    """Half of a sale is of that sale: it is the one to be refunded."""
    made.params[param.name] = tree
    paid = _paid_in(tree)
    if paid is None:
        return
    for other in made.found.action.params:
        if other.fill not in {"", "runner"} and other is not param:
            made.params.setdefault(other.name, paid)


def _paid_in(tree: Expr) -> Expr | None:
    """The payment whose amount is reckoned with."""
    if isinstance(tree, Get) and tree.key == "amount" and isinstance(tree.of, Ref):
        return tree.of
    return next((paid for one in children(tree) if (paid := _paid_in(one)) is not None), None)
