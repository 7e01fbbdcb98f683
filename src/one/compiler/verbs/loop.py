"""FOR EACH: the same for every item of a list."""

from collections.abc import Sequence

from one.compiler.bind.choosing import Asked
from one.compiler.bind.leftover import tell_left, turns
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import lookup, phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.queries import emit_query, read_get
from one.compiler.bind.session import Branch, Name, Reading
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.expression import Expr, Hole, Items, Lit, Ref
from one.compiler.grammar import Body, Command, Verb, split_words
from one.compiler.kinds import TEXT, UNKNOWN, Base, Kind, list_of, say_kind
from one.compiler.program import ForEach, Step
from one.compiler.reader import Is, Word, whole
from one.compiler.vocabulary import camel, key_of, plural


def read(command: Command, reading: Reading) -> None:
    """The item, its list, and what is done with each."""
    words = command.words
    at = next(
        (
            n
            for n, word in enumerate(words)
            if n and word.low in {"in", "of", "from"} and word.kind is Is.WORD
        ),
        0,
    ) or _misspelt_in(reading, words)
    item = strip(words[:at] if at else words)
    if not at and len(item) > 2:
        item = item[:1]
    if not item:
        reading.error("E204", "FOR EACH what, in which list?", at=command.span)
        return
    listed = _list(command, reading, words[at + 1 :]) if at else _own(command, reading, item)
    if not command.body:
        reading.error(
            "E112", "What should be done for each? There is no command under it.", at=command.span
        )
    tell_left(reading, [word for word in item if turns(word)])
    name = camel(phrase([word for word in item if not turns(word)] or item))
    _loop(command, reading, name, listed)


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
    found = read_get(reading, bare, whole(bare), wanted=list_of(UNKNOWN))
    if isinstance(found, Asked):
        found.many = True
        output = reading.fresh(found.noun)
        kind = emit_query(reading, found, output, span=whole(bare))
        return Typed(Ref(output), kind)
    return found or Typed(Hole(), UNKNOWN)


def _own(command: Command, reading: Reading, item: Sequence[Word]) -> Typed:
    """`FOR EACH video`: the list of that name."""
    wanted = phrase(item)
    for name in (plural(wanted), wanted + " list", wanted):
        if (found := reading.find(name)) and found.kind.base is Base.LIST:
            reading.use(found)
            return Typed(Ref(found.name), found.kind)
    lists = [name.name for name in reading.names.values() if name.kind.base is Base.LIST]
    reading.error("E204", f"FOR EACH {wanted} in which list?", names=lists, at=command.span)
    return Typed(Hole(), UNKNOWN)


def _loop(command: Command, reading: Reading, name: str, listed: Typed) -> None:
    kind = listed.kind
    if kind.base is not Base.LIST and not kind.vague and not isinstance(listed.tree, Hole):
        said = f"FOR EACH needs a list; this is {say_kind(kind)}."
        reading.error("E502", said, at=reading.place_of(listed.tree, command.span))
    item = kind.item or Kind(Base.UNKNOWN)
    shadowed = reading.names.get(key_of(name))
    reading.names[key_of(name)] = Name(name, item, "loop", command.span)
    reading.spans.setdefault(name, command.span)
    reading.mention(name, item)
    branch: Branch = reading.block(command.body)
    del reading.names[key_of(name)]
    if shadowed:
        reading.names[key_of(name)] = shadowed
    else:
        reading.gone[key_of(name)] = ("loop", command.span)
    each = ForEach(
        in_=listed.tree,
        as_=name,
        do=branch.steps,
        parallel=command.clause("AT SAME TIME") is not None,
        continue_on_error=command.clause("CONTINUE IF ONE FAILS") is not None,
    )
    reading.emit(Step(for_each=each), command.span)
    reading.keep_lists(branch)


VERBS = (
    Verb(
        name="FOR EACH",
        phrases=("FOR EVERY",),
        read=read,
        clauses=frozenset({"DO", "AT SAME TIME", "CONTINUE IF ONE FAILS"}),
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
