"""GIVE: the results, and the end; or a gift of tokens or access to a person."""

from collections.abc import Iterator, Sequence

from one.compiler.bind.derived import property_of
from one.compiler.bind.giving import (
    access,
    grant,
    is_money,
    paid_to,
    speaks_of_units,
    tell_money,
    transfer,
)
from one.compiler.bind.items import Item, attempt_quietly, split_item
from one.compiler.bind.leftover import tell_left, turns
from one.compiler.bind.literals import Typed, literal, unit_of
from one.compiler.bind.measures import measure_of
from one.compiler.bind.names import HOLE, IT, THEY, is_sign, lookup, phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.plain import tell_plain
from one.compiler.bind.session import Reading
from one.compiler.bind.sums import SIGNS, worth
from one.compiler.diagnosis import Applies, Edit, Fix, slipped
from one.compiler.expression import Expr, Get, Hole, Lit, Ref
from one.compiler.grammar import Command, Verb, split_words
from one.compiler.kinds import BOOLEAN, PEOPLE, PERSON, TEXT, UNKNOWN, Base, Kind, write_kind
from one.compiler.program import Step
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.vocabulary import camel, key_of, spaced


def read(command: Command, reading: Reading) -> None:
    """A gift when it begins with a person and goes on; else the results."""
    words = command.words
    if not words and not command.items:
        if command.clause("AND STOP HERE"):
            reading.emit(Step(return_={}), command.span)
            return
        reading.error("E204", "GIVE what?", at=command.key)
        return
    if [word.low for word in words] == ["nothing"] and "nothing" not in reading.outputs:
        reading.emit(Step(return_={}), command.span)
        return
    if words and transfer(reading, words, span=command.span):
        return
    if words and _gift(command, reading, words):
        return
    if words and _to_nobody(reading, words):
        return
    if words and paid_to(reading, words):
        tell_money(reading, "GIVE", words, span=command.span)
        return
    _results(command, reading, words)


def _gift(command: Command, reading: Reading, words: list[Word]) -> bool:
    bare = strip(words)
    for count in range(min(4, len(bare) - 1), 0, -1):
        head, rest = bare[:count], bare[count:]
        signed = len(rest) > 1 and is_sign(rest[0], rest[1])
        if (
            (Is.MARK in {rest[0].kind, head[-1].kind} and not signed)
            or rest[0].low in {"and", "is", "as"}
            or rest[0].kind is Is.POSSESSIVE
        ):
            continue
        if len(head) == 1 and key_of(head[0].text) in reading.gone and not _person(reading, head):
            reading.unknown(phrase(head), whole(head))
            return True
        person = _person(reading, head)
        if person is None:
            continue
        first = _split(reading, bare)[0]
        if lookup(reading, phrase(bare)) or (len(first) > count and lookup(reading, phrase(first))):
            return False  # `guest share, my share`, of a guest and a share of theirs
        return _to_person(command, reading, person, rest)
    to = next(
        (n for n, word in enumerate(bare) if n and word.low == "to" and word.kind is Is.WORD), 0
    )
    if to and (person := _person(reading, bare[to + 1 :])):
        return _to_person(command, reading, person, words[: to - len(bare)])
    return False


def _to_nobody(reading: Reading, words: Sequence[Word]) -> bool:
    """`aprentice 10 tokens`: a gift to somebody who is not known, told."""
    bare = strip(words)
    if len(bare) > 2 and bare[0].kind is Is.TEXT and _is_gift(bare[1:]):
        named = Typed(Lit(bare[0].text), TEXT)
        return tell_plain(reading, named, types=PEOPLE, span=bare[0].span)
    at = next((n for n, word in enumerate(bare) if n and word.kind is Is.NUMBER), 0)
    who = bare[:at]
    if _pays(reading, bare):
        tell_money(reading, "GIVE", bare, span=whole(bare))
        return True
    if not at or len(bare) < at + 2 or bare[at + 1].low not in {"token", "tokens"}:
        return False
    if any(word.kind is not Is.WORD or word.low in SIGNS for word in who):
        return False
    if lookup(reading, phrase(bare)) or attempt_quietly(reading, who):
        return False
    return isinstance(value(reading, who, whole(who), expected=PERSON).tree, Hole)


def _is_gift(words: Sequence[Word]) -> bool:
    """`access to the course`, `5 tokens`."""
    units = words[0].kind is Is.NUMBER and words[1].low in {"token", "tokens"}
    return units or (words[0].low == "access" and words[1].low == "to")


def _pays(reading: Reading, words: Sequence[Word]) -> bool:
    """`my producer 10% of the price`: money for somebody, and no result of that name."""
    ends = next((n for n, word in enumerate(words) if n > 1 and word.kind in _MONEYS), 0)
    somebody = ends and reading.vocabulary.is_person_word(words[ends - 1].text)
    mine = bool(ends) and words[0].low in {"my", "our", "their", "his", "her"}
    return bool(somebody) and mine and is_money(reading, words[ends:])


_MONEYS = frozenset({Is.MONEY, Is.PERCENT})


def _person(reading: Reading, words: Sequence[Word]) -> Typed | None:
    said = phrase(words)
    known = lookup(reading, said)
    pronoun = len(words) == 1 and words[0].low in {"them", "him", "her", "they"}
    noun = reading.vocabulary.is_person_word(said) and not any(
        w.kind is Is.POSSESSIVE for w in words
    )
    if (
        not (known and known.kind.person)
        and not pronoun
        and not (known is None and noun and len(words) < 3)
    ):
        return None
    found = attempt(reading, words)
    return found if found and (found.kind.person or isinstance(found.tree, Hole)) else None


def _to_person(
    command: Command,
    reading: Reading,
    person: Typed,
    rest: Sequence[Word],
) -> bool:
    bare = _without_reason(reading, rest)
    if bare is None:
        return True
    plain = strip(bare)
    if plain and plain[0].low == "access":
        access(
            reading,
            person,
            [w for w in plain[1:] if w.low not in {"to", "into"}],
            span=command.span,
        )
        return True
    if len(plain) > 1 and slipped(plain[0].low, "access"):
        said = f"“{plain[0].text}” is not a word I know here. Did you mean access?"
        fix = Fix("Write access", (Edit(plain[0].span, "access"),), Applies.SAFE)
        reading.error("E205", said, fix, names=("access",), at=plain[0].span)
        return True
    if is_money(reading, rest):
        tell_money(reading, "GIVE", rest, span=command.span)
        return True
    if grant(reading, person, bare, span=command.span):
        return True
    thing = attempt(reading, plain)
    if thing is not None and thing.kind.base is Base.THING and not thing.kind.person:
        if thing.kind.types & {"course", "lesson", "livestream", "membership", "community"}:
            access(reading, person, plain, span=command.span)
            return True
        _unclear(command, reading, person, plain)
        return True
    if thing is None and speaks_of_units(plain):
        said = f"“{join(plain)}” is no number of tokens."
        why = "A gift is one number: GIVE fan 10 tokens, GIVE fan 10 times seats tokens."
        reading.error("E205", said, why=why, at=whole(plain))
        return True
    if thing is None:
        reading.unknown(phrase(plain), whole(plain))
        return True
    if worth(thing).kind.base is Base.MONEY:
        tell_money(reading, "GIVE", plain, span=command.span)
        return True
    _unclear(command, reading, person, plain, number=thing.kind.numeric)
    return True


def _without_reason(reading: Reading, words: Sequence[Word]) -> list[Word] | None:
    """`10 tokens back for the long wait` without what is only said; None for what was told."""
    bare = list(words[:-1] if len(words) > 1 and words[-1].low == "back" else words)
    if bare[0].low == "access" and any(_lasts(reading, bare[n:]) for n in range(1, len(bare))):
        return None
    for n, word in enumerate(bare):
        if n and word.low in {"as", "for", "because", "when"}:
            if _is_rate(reading, bare[n:]):
                return None
            tell_left(reading, [one for one in bare[n:] if turns(one)])
            return bare[:n]
    return bare


def _lasts(reading: Reading, words: Sequence[Word]) -> bool:
    """`for 3 months`, `until Friday`, after what somebody is let into; told."""
    until = words[0].low in {"until", "till"} and len(words) > 1
    if not until and not (words[0].low == "for" and unit_of(words[-1].low)):
        return False
    said = "What somebody is let into stays open; nothing ends it by itself."
    why = (
        "Let them out again later: WAIT 30 days, then DISCONNECT fan FROM course. The feature may "
        "wait as long as that."
    )
    reading.error("E205", said, why=why, at=whole(list(words)))
    return True


def _is_rate(reading: Reading, words: Sequence[Word]) -> bool:
    """`for every dollar of the tip`: no reason, but how many; told."""
    numbers = any(word.kind in {Is.NUMBER, Is.MONEY, Is.PERCENT} for word in words)
    if not numbers and not {word.low for word in words} & {"each", "every", "per"}:
        return False
    said = f"“{join(list(words))}” is not reckoned here."
    why = "Write how many in all: GIVE fan 10 times seats tokens, where seats is a number."
    reading.error("E205", said, why=why, at=whole(list(words)))
    return True


def _unclear(
    command: Command, reading: Reading, person: Typed, rest: Sequence[Word], *, number: bool = False
) -> None:
    who = person.tree.name if isinstance(person.tree, Ref) else "them"
    what = phrase(rest)
    tokens = Fix("Give so many tokens", (Edit(command.span, f"GIVE {who} {what} tokens"),))
    fixes = [
        *([tokens] if number else []),
        Fix("Return both as results", (Edit(command.span, f"GIVE {who}, {what}"),), Applies.MAYBE),
        Fix("Send it to them", (Edit(command.span, f"SEND {what} TO {who}"),), Applies.MAYBE),
    ]
    reading.error("E207", f"Is {what} a result, or a gift to {who}?", *fixes, at=command.span)


def _results(command: Command, reading: Reading, words: list[Word]) -> None:
    runs = [*_split(reading, words), *command.items]
    values: dict[str, Expr] = {}
    places: dict[str, Span] = {}
    for run in runs:
        item = _item(reading, run)
        if not item.words:
            reading.error("E204", "GIVE what?", at=command.span)
            continue
        name, read = _result(reading, item)
        if not name:
            continue
        if name in values:
            reading.error("E603", f"“{name}” is given twice.", at=item.span)
            continue
        values[name] = read.tree
        places[name] = item.span
        reading.used.add(name)
        if name not in reading.outputs:
            _new_output(reading, name, read.kind, item.span)
    reading.emit(Step(return_=values), command.span, **places)


def _split(reading: Reading, words: list[Word]) -> list[list[Word]]:
    if not words or lookup(reading, phrase(strip(words))):
        return [words] if words else []
    runs: list[list[Word]] = []
    for run in split_words(words, ","):
        parts = split_words(run, "and", "&")
        whole_name = lookup(reading, phrase(strip(run))) or any(
            w.low in {"between", "difference"} for w in run
        )
        runs.extend([run] if whole_name else parts)
    return runs


def _item(reading: Reading, run: list[Word]) -> Item:
    bare = strip(run)
    for n, word in enumerate(bare):
        if 0 < n < len(bare) - 1 and word.low == "as" and word.kind is Is.WORD:
            return Item(tuple(bare[n + 1 :]), tuple(bare[:n]))
    named = camel(phrase(bare))
    if len(bare) > 2 and any(word.low == "is" for word in bare[1:-1]):
        return split_item(reading, bare, None)
    if named in reading.outputs or lookup(reading, phrase(bare)):
        return Item(tuple(bare), tuple(bare))
    if item := _output_and_value(reading, bare):
        return item
    if all(w.kind is Is.WORD for w in bare):
        return Item(tuple(bare), tuple(bare))
    return split_item(reading, bare, None)


def _output_and_value(reading: Reading, bare: list[Word]) -> Item | None:
    """`passed yes`, `feedback comment`: a declared output and what it is."""
    known = {key_of(name) for name in reading.outputs}
    for count in range(len(bare) - 1, 0, -1):
        rest = strip(bare[count:])
        plain = rest and (lookup(reading, phrase(rest)) or isinstance(literal(rest), Typed))
        if key_of(phrase(bare[:count])) in known and plain:
            return Item(tuple(bare[:count]), tuple(rest))
    return None


def _result(reading: Reading, item: Item) -> tuple[str, Typed]:
    if not item.name:
        if (name := _speaking_output(reading)) is not None:
            return name, value(reading, item.value, item.span)
        return "message", value(reading, item.value, item.span)
    tell_left(reading, [word for word in item.name if turns(word) and item.name != item.value])
    name = camel(item.key.replace("'s", "").replace("’s", ""))
    name = next((known for known in reading.outputs if key_of(known) == key_of(name)), name)
    known = reading.find(item.key) or lookup(reading, item.key)
    if (
        known is None
        and item.name == item.value
        and (made := _declared(reading, name, item)) is not None
    ):
        if isinstance(made.tree, Lit) and name not in reading.outputs:
            meant = "yes" if made.tree.value is True else f"“{made.tree.value}”"
            reading.note("E323", f"“{item.key}” is answered as {meant}.", at=item.span)
        return name, made
    if known is None and item.name == item.value:
        read = _open(reading, item)
        pronoun = key_of(name) in THEY | IT and isinstance(read.tree, Ref)
        return read.tree.name if pronoun and isinstance(read.tree, Ref) else name, read
    read = value(reading, item.value, item.span, expected=reading.output_kinds.get(name))
    _take_kind(reading, name, read.kind)
    return name, read


def _take_kind(reading: Reading, name: str, kind: Kind) -> None:
    """An output that no gloss describes is what is given under its name; a `post` is any post."""
    slot, known = reading.outputs.get(name), reading.find(name)
    if slot is None or known is None:
        return
    bare = not slot.gloss and kind.base is Base.THING and known.kind == kind
    if bare or _is_sort_of(f"{spaced(name)} {slot.gloss}", reading.output_kinds[name], given=kind):
        slot.type = write_kind(kind.maybe if slot.optional else kind)
        reading.output_kinds[name] = kind


def _is_sort_of(said: str, declared: Kind, *, given: Kind) -> bool:
    """`post`, where a social post is given: the word stands for both, the type for one of them."""
    one, other = declared.item or declared, given.item or given
    if declared.base is not given.base or len(one.types) != 1 or len(other.types) != 1:
        return False
    (first,), (second,) = one.types, other.types
    alike = first != second and first.rsplit("_")[-1] == second.rsplit("_")[-1]
    return alike and spaced(first) not in said.casefold()


def _open(reading: Reading, item: Item) -> Typed:
    """An output that no name binds: a value, else a question with what could be meant."""
    before = len(reading.findings.found)
    found = attempt(reading, item.value)
    if found is not None or reading.findings.open_since(before):
        return found or HOLE
    names = list(dict.fromkeys(_candidates(reading, item.key))) if item.key else []
    fixes = [Fix(f"It is {one}", (Edit(item.span, f"{item.key}: {one}"),)) for one in names[:6]]
    if not names:
        reading.unknown(item.key, item.span)
        return HOLE
    reading.ask(
        "E305", f"What is “{item.key}”? Nothing here says.", *fixes, names=names, at=item.span
    )
    return HOLE


def _candidates(reading: Reading, said: str) -> Iterator[str]:
    """Properties of things in scope whose key is of the same sort as the output's last word."""
    last = said.rsplit(maxsplit=1)[-1].casefold()
    wanted = {"link": {"url", "link", "file"}, "url": {"url", "link"}}.get(last, {last})
    wanted = {key_of(said)} if last == "id" else wanted
    for one in {name.name: name for name in reading.names.values()}.values():
        if one.kind.person and last in {"balance", "tokens"}:
            yield f"{spaced(one.name)}'s token balance"
        if one.kind.base is Base.THING and not one.kind.person and (measure := measure_of(said)):
            yield f"{spaced(one.name)}'s {measure}"
        for type_name in sorted(one.kind.types & reading.vocabulary.entity_types.keys()):
            known = reading.vocabulary.entity(type_name)
            for key in known.kinds.keys() - known.private:
                if any(key.casefold().endswith(word) for word in wanted):
                    yield f"{spaced(one.name)}'s {spaced(key)}"


def _speaking_output(reading: Reading) -> str | None:
    """The only declared output, when words are what it is for."""
    if len(reading.outputs) != 1:
        return None
    name = next(iter(reading.outputs))
    last = spaced(name).split()[-1]
    plain = reading.output_kinds.get(name, UNKNOWN).base in {Base.TEXT, Base.JSON}
    address = last in {"link", "url", "ID", "id", "email", "code", "file"}
    return name if plain and not address else None


def _declared(reading: Reading, name: str, item: Item) -> Typed | None:
    """An output that nothing binds: what it may stand for."""
    if name not in reading.outputs and reading.outline.has_outputs:
        return None
    kind = reading.output_kinds.get(name, UNKNOWN)
    if key_of(name) in {"success", "successful", "done", "ok"} and kind.base in {
        Base.BOOLEAN,
        Base.JSON,
        Base.UNKNOWN,
    }:
        return Typed(Lit(True), BOOLEAN)
    if "confirmation" in key_of(name) or (key_of(name) == "message" and kind.base is Base.TEXT):
        return (
            Typed(Lit("Done."), TEXT)
            if kind.base is not Base.BOOLEAN
            else Typed(Lit(True), BOOLEAN)
        )
    if key_of(name).endswith("id"):
        base = _reference(reading, kind)
        if base:
            return base
    return _suffix(reading, item)


def _reference(reading: Reading, kind: Kind) -> Typed | None:
    """`badge ID`: the only thing of that type that the flow made."""
    if kind.base is not Base.THING:
        return None
    made = [
        one
        for one in reading.names.values()
        if one.source == "saved"
        and one.kind.base is Base.THING
        and one.kind.types
        and one.kind.types <= kind.types
    ]
    if len({one.name for one in made}) == 1:
        reading.use(made[0])
        return Typed(Ref(made[0].name), made[0].kind)
    return None


def _suffix(reading: Reading, item: Item) -> Typed | None:
    """`checkout url` where `checkout` has a url: the property of a saved name."""
    said, words = item.key, item.key.split()
    whole_key = [
        one
        for one in {name.name: name for name in reading.names.values()}.values()
        if one.source == "saved" and one.kind.base in _RESULTS and one.kind.field(camel(said))
    ]
    if len(whole_key) == 1:
        reading.use(whole_key[0])
        field = whole_key[0].kind.field(camel(said))
        return Typed(Get(Ref(whole_key[0].name), camel(said)), field or UNKNOWN)
    for n in range(len(words) - 1, 0, -1):
        known = reading.find(" ".join(words[:n]))
        if known and known.kind == TEXT and known.source == "saved" and words[n:] in _IDS:
            reading.use(known)
            return Typed(Ref(known.name), TEXT)
        if known and known.kind.base in _RESULTS:
            base, rest = Typed(Ref(known.name), known.kind), " ".join(words[n:])
            if (found := property_of(reading, base, rest, span=item.span)) is None:
                continue
            if not known.kind.fields and words[n:] not in _IDS:
                told = f"“{said}” is taken as the {spaced(known.name)}'s {rest}."
                reading.note("E323", told, at=item.span)
            reading.use(known)
            return found
    return None


_IDS = (["ID"], ["id"], ["Id"])
_RESULTS = {Base.OUTCOME, Base.RECORD, Base.JSON, Base.UNKNOWN}


def _new_output(reading: Reading, name: str, kind: Kind, span: Span) -> None:
    """A given name that OUTPUT does not list is one more output."""
    if not reading.outline.has_outputs:
        reading.output_kinds[name] = kind
        reading.given.append((name, kind, span))
    else:
        reading.note(
            "E325", f"“{name}” is given though OUTPUT does not list it; it is added.", at=span
        )
        reading.given.append((name, kind, span))


VERBS = (
    Verb(
        name="GIVE",
        phrases=("GIVE BACK",),
        read=read,
        clauses=frozenset({"AND STOP HERE", "FOR"}),
        pattern=frozenset({"to", "as", "for"}),
        says="Answers with results and ends; or gives a person tokens or access.",
        example="""FEATURE: Count my songs
GET number of my podcasts SAVE AS songs
GIVE songs
""",
    ),
)
