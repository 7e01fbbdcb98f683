"""FOR EACH: the same for every item of a list."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.derived import ROLES, TOWARDS
from one.compiler.bind.described import read_list
from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.leftover import tell_left, turns
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import lookup, phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.session import Branch, Name, Reading
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.expression import Expr, Hole, Items, Lit, Ref
from one.compiler.grammar import Body, Command, Verb, place_of, split_words
from one.compiler.kinds import TEXT, UNKNOWN, Base, Kind, list_of, say_kind
from one.compiler.program import ForEach, Step
from one.compiler.reader import Is, Span, Word
from one.compiler.vocabulary import camel, key_of, plural, singular, spaced

_QUALIFIES = frozenset(
    {"who", "whom", "that", "which", "whose", "of", "in", "from", "enrolled", "i", "we", "with"}
    | {"without", "where", "not", "to", "tagged", "about", "they"}
)
"""What follows a noun and says which of them."""


def read(command: Command, reading: Reading) -> None:
    """The item, its list, and what is done with each."""
    words = strip(command.words)
    for clause in command.all("WHERE") if words else ():
        key = Word("where", "where", clause.key)
        words = [*words, key, *clause.words, *(word for item in clause.items for word in item)]
    while words and (
        words[0].low in {"of", "all"} or [one.low for one in words[:2]] == ["one", "of"]
    ):
        words = words[1:]
    if not words:
        reading.error("E204", "FOR EACH what, in which list?", at=command.span)
        return
    item, listed = _halved(command, reading, words) or _phrased(command, reading, words)
    if not command.body:
        reading.error(
            "E112", "What should be done for each? There is no command under it.", at=command.span
        )
    tell_left(reading, [word for word in item if turns(word)])
    name = _one_of(phrase([word for word in item if not turns(word)] or item))
    _loop(command, reading, name, listed)


def _one_of(said: str) -> str:
    """The name that each goes by: `guests IN guest list` are a guest each."""
    before, _, last = said.rpartition(" ")
    return camel(f"{before} {singular(last.casefold())}".strip())


_OPEN = Typed(Hole(), UNKNOWN)


def _halved(
    command: Command, reading: Reading, words: list[Word]
) -> tuple[Sequence[Word], Typed] | None:
    """`lesson IN`, `IN my lessons`: what is missing beside the IN, told."""
    first, last = words[0], words[-1]
    if len(words) > 1 and last.low == "in" and last.kind is Is.WORD:
        noun = words[:-1]
        place = Span(last.span.line, last.span.end, last.span.end)
        shown = _lists(reading, plural(singular(noun[-1].low)))[:3]
        fixes = [Fix(f"IN {one}", (Edit(place, f" {one}"),), Applies.MAYBE) for one in shown]
        reading.error("E204", f"FOR EACH {phrase(noun)} in which list?", *fixes, at=last.span)
        return noun, _OPEN
    if len(words) > 1 and first.text == "IN":
        item = singular(last.low)
        place = Span(first.span.line, first.span.start, first.span.start)
        fix = Fix(f"Call each of them {item}", (Edit(place, f"{item} "),), Applies.MAYBE)
        reading.error("E204", f"FOR EACH what in {phrase(words[1:])}?", fix, at=first.span)
        return [replace(last, text=item, low=item)], _list(command, reading, words[1:])
    return None


def _lists(reading: Reading, many: str) -> list[str]:
    """The lists in scope; where there is none, all of the owner's things called so."""
    lists = [spaced(name.name) for name in reading.names.values() if name.kind.base is Base.LIST]
    return lists or ([f"my {many}"] if reading.vocabulary.entity_of(many) else [])


def _phrased(command: Command, reading: Reading, words: list[Word]) -> tuple[Sequence[Word], Typed]:
    """`fan IN my followers`; `student in my course`, `of my courses`, `fan who follows me`."""
    ends = next((n for n, word in enumerate(words) if n and word.low in _QUALIFIES), len(words))
    noun = words[:ends]
    at = _in(words) if not (words[ends:] and words[ends].low in _CLAUSES) else 0
    own = _own(reading, words) if ends == len(words) or not at else None
    if own is not None:
        return words, own
    if at:
        mine = [word.low for word in words[at + 1 :]] in (["mine"], ["ours"])
        listed = None if mine else _list(command, reading, words[at + 1 :])
        nouns = mine or reading.vocabulary.entity_of(noun[-1].low) is not None
        if listed is not None and not (nouns and listed.kind.base is Base.THING):
            return strip(words[:at]), listed
    elif ends == len(words) and (slip := _misspelt_in(reading, words)):
        return words[:slip], _list(command, reading, words[slip + 1 :])
    return _item(noun), _of_noun(command, reading, noun, words[ends:])


_CLAUSES = frozenset({"who", "whom", "that", "which", "whose"})


def _in(words: Sequence[Word]) -> int:
    """Where the list begins, 0 where no word leads to one."""
    places = (
        n
        for n, word in enumerate(words)
        if n and word.low in {"in", "of", "from"} and word.kind is Is.WORD
    )
    at = next(places, 0)
    return at if at + 1 < len(words) else 0


def _item(noun: Sequence[Word]) -> list[Word]:
    """`my followers` → `follower`: the name that each of them goes by."""
    bare = strip([word for word in noun if word.low not in {"my", "our", "all", "new", "active"}])
    last = bare[-1] if bare else noun[-1]
    one = singular(last.low)
    return [*bare[:-1], replace(last, text=one, low=one)]


def _of_noun(
    command: Command, reading: Reading, noun: Sequence[Word], rest: Sequence[Word]
) -> Typed:
    """The things of a noun phrase that says which: `student in my course` are its students."""
    last = noun[-1]
    many = plural(singular(last.low))
    words = [*noun[:-1], replace(last, text=many, low=many, kind=Is.WORD)]
    my = replace(last, text="my", low="my", kind=Is.WORD)
    if _defined(reading, words):
        return _named(command, reading, [*words, *rest])
    if [word.low for word in rest[1:]] in (["mine"], ["ours"]):
        return _named(command, reading, [my, *words])
    if rest or words[0].low in {"my", "our"}:
        return _named(command, reading, [*words, *rest])
    if ROLES.get(singular(last.low)) in TOWARDS and len(noun) == 1:  # followers are mine
        return _named(command, reading, [my, *words])
    shown = _lists(reading, many)
    end = Span(last.span.line, last.span.end, last.span.end)
    fixes = [Fix(f"IN {one}", (Edit(end, f" IN {one}"),), Applies.MAYBE) for one in shown[:3]]
    said = f"FOR EACH {phrase(noun)} in which list?"
    reading.error("E204", said, *fixes, names=shown, at=command.span)
    return _OPEN


def _defined(reading: Reading, noun: Sequence[Word]) -> bool:
    """Whether the phrase is one that DEFINE taught."""
    return reading.expand is not None and attempt_quietly(reading, noun)


_NEAR_IN = frozenset({"im", "ni", "on", "inn", "iin", "un", "ib", "i", "n", "inb"})


def _misspelt_in(reading: Reading, words: Sequence[Word]) -> int:
    """Where `IM` or `ON` stands for IN, told; 0 where the words are all the item's."""
    if lookup(reading, plural(phrase(words))):
        return 0
    for n, word in enumerate(words[1:-1], 1):
        if word.kind is Is.WORD and word.low in _NEAR_IN:
            fix = Fix("Write IN", (Edit(word.span, "IN"),), Applies.SAFE)
            said = f"“{word.text}” is not a word I know here. Did you mean IN?"
            reading.error("E203", said, fix, names=("IN",), at=word.span)
            return n
    return 0


def _list(command: Command, reading: Reading, words: Sequence[Word]) -> Typed:
    """A name, a noun phrase, or the listed words themselves."""
    runs = [run for run in (*split_words(words, ",", "and"), *command.items) if strip(run)]
    if not runs:
        reading.error("E204", "FOR EACH in which list?", at=command.span)
        return Typed(Hole(), UNKNOWN)
    if len(runs) == 1:
        return _named(command, reading, runs[0])
    trees: list[Expr] = []
    for run in runs:
        known = reading.find(phrase(strip(run)))
        found = attempt(reading, run) if known or run[0].kind is not Is.WORD else None
        tell_left(reading, [word for word in run if found is None and turns(word)])
        trees.append(found.tree if found else Lit(phrase(strip(run))))
    return Typed(Items(tuple(trees)), list_of(TEXT))


def _named(command: Command, reading: Reading, words: Sequence[Word]) -> Typed:
    bare = strip(words)
    if reading.find(phrase(bare)):
        return value(reading, bare, command.span)
    at = place_of(bare, {"where"})
    found = reading.find(phrase(bare[:at])) if at else None
    if found is not None and found.kind.base is Base.LIST:
        said = (
            f"The {spaced(found.name)} are found already; WHERE chooses where they are looked for."
        )
        why = "Say WHERE at the GET that finds them, or ask of each with IF under the FOR EACH."
        reading.error("E205", said, why=why, at=bare[at].span)
        return _OPEN
    several = reading.find(plural(phrase(bare)))
    if several is not None and several.kind.base is Base.LIST:
        reading.use(several)
        return Typed(Ref(several.name), several.kind)
    found = read_list(reading, bare, wanted=list_of(UNKNOWN))
    return found or Typed(Hole(), UNKNOWN)


def _own(reading: Reading, item: Sequence[Word]) -> Typed | None:
    """`FOR EACH video`: the list of that name."""
    wanted = phrase(item)
    for name in (plural(wanted), wanted + " list", wanted):
        if (found := reading.find(name)) and found.kind.base is Base.LIST:
            reading.use(found)
            return Typed(Ref(found.name), found.kind)
    return None


def _loop(command: Command, reading: Reading, name: str, listed: Typed) -> None:
    kind = listed.kind
    if kind.base is not Base.LIST and not kind.vague and not isinstance(listed.tree, Hole):
        said = f"FOR EACH needs a list; this is {say_kind(kind)}."
        reading.error("E502", said, at=reading.place_of(listed.tree, command.span))
    item = kind.item or Kind(Base.UNKNOWN)
    shadowed = reading.names.get(key_of(name))
    spelt = reading.fresh(name)  # the course of a loop is not the course that was given
    reading.names[key_of(name)] = Name(spelt, item, "loop", command.span)
    reading.spans.setdefault(spelt, command.span)
    reading.mention(spelt, item)
    branch: Branch = reading.block(command.body)
    del reading.names[key_of(name)]
    if shadowed:
        reading.names[key_of(name)] = shadowed
    else:
        reading.gone[key_of(name)] = ("loop", command.span)
    each = ForEach(
        in_=listed.tree,
        as_=spelt,
        do=branch.steps,
        parallel=command.clause("AT SAME TIME") is not None,
        continue_on_error=command.clause("CONTINUE IF ONE FAILS") is not None,
    )
    reading.emit(Step(for_each=each), command.span)
    reading.keep_lists(branch)


VERBS = (
    Verb(
        name="FOR EACH",
        phrases=("FOR EVERY", "FOR ALL"),
        read=read,
        clauses=frozenset({"DO", "AT SAME TIME", "CONTINUE IF ONE FAILS", "WHERE"}),
        pattern=frozenset({"in"}),
        body=Body.ONE,
        says="Does the same for every item of a list.",
        example="""FEATURE: Write to my followers
FOR EACH follower IN my followers
  NOTIFY follower ABOUT "A new song is out"
  CONTINUE IF ONE FAILS
""",
    ),
)
