"""Changes of things: which property of which thing, or which saved number, and by how much."""

from collections.abc import Sequence

from one.compiler.bind.fitting import fit
from one.compiler.bind.items import attempt_quietly, items_of, read_keys
from one.compiler.bind.leftover import left_of, tell_left
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.session import Reading
from one.compiler.bind.states import documented, state_key, state_of
from one.compiler.bind.sums import part_at
from one.compiler.diagnosis import nearest, within_one
from one.compiler.expression import Binary, Call, Expr, Get, Hole, Items, Lit, Ref, Unary
from one.compiler.grammar import Clause, Command, split_words
from one.compiler.kinds import INTEGER, NUMBER, THING, Base
from one.compiler.light import frozen
from one.compiler.program import ForEach, Grant, Step, Target, Update
from one.compiler.reader import Is, Span, Word, whole
from one.compiler.vocabulary import STATUSES, Words, camel, key_of, plural, singular, spaced


@frozen
class Change:
    """`how` is set, add or subtract."""

    how: str
    amount: Typed
    span: Span


def change(reading: Reading, target: Typed, how: str, *, amount: Typed, span: Span) -> None:
    """One change of what the target names: `set`, `add` or `subtract`."""
    if isinstance(target.tree, Hole) or isinstance(amount.tree, Hole):
        return
    match target.tree:
        case Call("balance", args):
            _balance(reading, args, Change(how, amount, span))
        case Get(of, key):
            _property(reading, of, key, Change(how, amount, span))
        case Ref(name):
            _name(reading, name, target, Change(how, amount, span))
        case _:
            reading.error("E205", "This can't be changed.", at=span)


def signed(how: str, tree: Expr) -> Expr:
    """A number as it is added: less than nothing for `subtract`."""
    if how != "subtract":
        return tree
    return (
        Lit(-tree.value)
        if isinstance(tree, Lit) and isinstance(tree.value, int | float)
        else Unary("-", tree)
    )


def _balance(reading: Reading, args: Sequence[Expr], change: Change) -> None:
    how, amount, span = change.how, change.amount, change.span
    if how == "set":
        reading.error(
            "E409",
            "A token balance can't be set, only added to or taken from.",
            why="Write ADD 10 TO fan's token balance.",
            at=span,
        )
        return
    asset = args[1] if len(args) > 1 else None
    reading.emit(Step(grant=Grant(to=args[0], asset=asset, amount=signed(how, amount.tree))), span)


def _property(reading: Reading, of: Expr, key: str, change: Change) -> None:
    how, amount, span = change.how, change.amount, change.span
    if key == "status" and isinstance(amount.tree, Lit):
        reading.emit(Step(update=Update(target=of, status=str(amount.tree.value))), span)
        reading.mark(reading.steps[-1], "status", span=reading.place_of(amount.tree, span))
        return
    if how == "set":
        update = Update(target=of, set={key: amount.tree})
    else:
        update = Update(target=of, add={key: signed(how, amount.tree)})
    place = {f"{'set' if how == 'set' else 'add'}__{key}": reading.place_of(amount.tree, span)}
    reading.emit(Step(update=update), span, **place)


def _name(reading: Reading, name: str, target: Typed, change: Change) -> None:
    how, amount, span = change.how, change.amount, change.span
    known = reading.find(name)
    if known is None:
        return
    if known.source in {"input", "trigger"}:
        reading.error(
            "E505",
            f"“{name}” is an input and can't be changed.",
            why="Save a new value under another name, or change a property of a thing.",
            at=span,
        )
        return
    if target.kind.base is Base.THING:
        reading.error(
            "E204",
            f"Which property of {name}?",
            why="Write for example ADD 1 TO the course's seats.",
            at=span,
        )
        return
    if target.kind.base is Base.LIST and how == "add":
        tree: Expr = Binary("+", Ref(name), Items((amount.tree,)))
        kind = target.kind
    elif how == "set":
        tree, kind = amount.tree, amount.kind
    else:
        tree, kind = Binary("+" if how == "add" else "-", Ref(name), amount.tree), target.kind
    reading.emit(Step(set={name: tree}), span)
    reading.bind(name, kind, source="saved", span=known.span)


def target_of(reading: Reading, words: Sequence[Word], default: Span) -> Typed:
    """What is to be changed; a bare new name may be set."""
    reading.keeping = True
    found = _free(reading, words) or value(reading, words, default)
    reading.keeping = False
    return found


def _free(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """`fan's warnings` where people have no such property: one of the writer's own."""
    marks = [n for n, word in enumerate(words) if word.kind is Is.POSSESSIVE]
    if not marks or marks[-1] + 1 >= len(words) or attempt_quietly(reading, words):
        return None
    base = (
        attempt(reading, words[: marks[-1]])
        if attempt_quietly(reading, words[: marks[-1]])
        else None
    )
    if base is None or base.kind.base is not Base.THING:
        return None
    if {word.low for word in words[marks[-1] + 1 :]} & {"every", "each", "per", "twice", "times"}:
        return None
    said = phrase(words[marks[-1] + 1 :])
    types = [reading.vocabulary.entity(one) for one in base.kind.types]
    if any(within_one(key_of(said), key_of(key)) for one in types for key in one.kinds):
        return None  # a slip in the name of one that it has
    reading.free[key_of(said)] = NUMBER
    reading.note("E421", f"“{said}” is kept as a property of your own.", at=whole(list(words)))
    return Typed(Get(base.tree, "x_" + camel(said)), NUMBER)


def set_to(reading: Reading, named: Sequence[Word], wanted: Sequence[Word], *, span: Span) -> None:
    """The new value of what is named."""
    target = target_of(reading, named, span)
    state = state_of(reading, target, wanted)
    if state is not None:
        target, amount = Typed(state[0], target.kind), Typed(state[1], target.kind)
    else:
        amount = _new_value(reading, wanted, target, default=span)
    change(reading, target, "set", amount=amount, span=span)


def _new_value(reading: Reading, words: Sequence[Word], target: Typed, *, default: Span) -> Typed:
    """What is set: a word that the property has for it (`published`), or any value."""
    known = documented(target.kind, strip(words))
    if known and reading.find(phrase(strip(words))) is None:
        return Typed(Lit(known), target.kind)
    if (part := _part_of_it(words, target)) is not None:
        reading.place(part.tree, whole(list(words)))
        return part
    if (odd := _no_status(reading, words, target)) is not None:
        reading.place(odd.tree, whole(list(words)))
        return odd
    return value(reading, words, default, expected=target.kind)


def _no_status(reading: Reading, words: Sequence[Word], target: Typed) -> Typed | None:
    """`status to sleeping`: a word that is no name is meant as a status, and is told to be none."""
    bare = strip(words)
    said = bare[0].low if len(bare) == 1 and bare[0].kind is Is.WORD else ""
    status = isinstance(target.tree, Get) and target.tree.key == "status"
    if not said or not status or nearest(said, STATUSES) or attempt_quietly(reading, bare):
        return None
    return Typed(Lit(said), target.kind)


def _part_of_it(words: Sequence[Word], target: Typed) -> Typed | None:
    """`half price`, `20% less`, `10% off`: of what it was before."""
    found = part_at(words) if words else None
    if found is None or not isinstance(target.tree, Get):
        return None
    part, count = found
    rest = [word.low for word in strip(words[count:]) if word.low != "of"]
    if rest == [spaced(target.tree.key)] or rest in _LOWER or rest in _HIGHER:
        tree = part.of(target.tree)
        if rest in _LOWER or rest in _HIGHER:
            tree = Binary("-" if rest in _LOWER else "+", target.tree, tree)
        return Typed(tree, target.kind)
    return None


_LOWER = (["less"], ["off"], ["lower"], ["cheaper"], ["discount"])
_HIGHER = (["more"], ["higher"], ["extra"])


def moved(
    command: Command, reading: Reading, how: str, *, amount: Sequence[Word], of: Sequence[Word]
) -> None:
    """ADD and SUBTRACT: the number or the tokens of what is named."""
    target = target_of(reading, of, command.span)
    words = strip(amount)
    if target.kind.person and len(words) > 1 and words[-1].low in {"token", "tokens"}:
        many = next(
            (n for n in range(len(words) - 1, 0, -1) if attempt_quietly(reading, words[:n])), 1
        )
        asset = [value(reading, words[many:-1], command.span).tree] if words[many:-1] else []
        target = Typed(Call("balance", (target.tree, *asset)), INTEGER)
        words = words[:many]
    change(
        reading,
        target,
        how,
        amount=amount_of(reading, words or amount, target, default=command.span),
        span=command.span,
    )


def amount_of(reading: Reading, words: Sequence[Word], target: Typed, *, default: Span) -> Typed:
    """By how much; a unit that repeats the target (`10 points to the fan's points`) is dropped."""
    bare = strip(words)
    found = attempt(reading, bare, target.kind)
    if found is None and len(bare) > 1 and bare[0].kind in {Is.NUMBER, Is.MONEY, Is.PERCENT}:
        found = attempt(reading, bare[:1], target.kind)
        tell_left(reading, left_of(bare[1:], _units_of(target)))
    if found is None:
        return value(reading, words, default, expected=target.kind)
    share = found.kind.base is Base.RATIO and target.kind.base is not Base.RATIO
    if share and not isinstance(target.tree, Hole):  # 10% more is 10% of what it is
        fitted = Typed(Binary("*", target.tree, found.tree), target.kind)
    else:
        fitted = fit(reading, found, target.kind, span=whole(bare))
    reading.place(fitted.tree, whole(bare))
    return fitted


_UNITS = frozenset({"points", "point", "tokens", "token", "more", "extra", "percent", "to", "of"})


def _units_of(target: Typed) -> frozenset[str]:
    """What may stand after a number that is added: what is counted, by its own name."""
    key = target.tree.key if isinstance(target.tree, Get) else ""
    key = target.tree.name if isinstance(target.tree, Ref) else key
    words = spaced(key.removeprefix("x_")).casefold().split()
    return _UNITS | {*words, *(singular(word) for word in words), *(plural(word) for word in words)}


def update_thing(command: Command, reading: Reading, words: Sequence[Word]) -> None:
    """UPDATE with its clauses: WITH, SET, ADD, SUBTRACT."""
    target = target_of(reading, words, default=command.span)
    if isinstance(target.tree, Hole):
        items_of(reading, command.clauses, None)
        return
    done = False
    for clause in command.clauses:
        done = True
        if clause.name in {"ADD", "SUBTRACT"}:
            _clause(reading, target, clause)
        else:
            _with(command, reading, target, clause)
    if not done:
        reading.error("E204", "Update it how? Say WITH, SET, ADD or SUBTRACT.", at=command.span)


def _clause(reading: Reading, target: Typed, clause: Clause) -> None:
    """ADD 1 to views, ADD 10: a property named in the clause, or the target itself."""
    words = clause.words
    at = next((n for n, word in enumerate(words) if n and word.low in {"to", "from"}), len(words))
    amount, rest = words[:at], words[at + 1 :]
    place = target
    if target.kind.base is Base.THING:
        place = _inner(reading, target, rest or words[1:], clause.span)
        amount = amount if rest else words[:1]
    how = "add" if clause.name == "ADD" else "subtract"
    change(
        reading,
        place,
        how,
        amount=amount_of(reading, amount, place, default=clause.span),
        span=clause.span,
    )


def _inner(reading: Reading, target: Typed, words: Sequence[Word], span: Span) -> Typed:
    bare = strip(words)
    for name in sorted(target.kind.types):
        known = reading.vocabulary.entity(name)
        key = known.key(phrase(bare)) if bare else None
        if key:
            return Typed(Get(target.tree, key), known.kinds[key])
    if (
        isinstance(target.tree, Ref)
        and target.kind.person
        and bare
        and key_of(bare[-1].text) in {"tokens", "token", "tokenbalance"}
    ):
        return Typed(Call("balance", (target.tree,)), target.kind)
    return value(reading, words, span)


def _with(command: Command, reading: Reading, target: Typed, clause: Clause) -> None:
    if target.kind.base is not Base.THING:
        found = value(
            reading, [w for w in clause.words if w.low != "to"], clause.span, expected=target.kind
        )
        change(reading, target, "set", amount=found, span=command.span)
        return
    types = sorted(target.kind.types)
    known = (
        reading.vocabulary.entity(types[0])
        if types
        else Words("thing", {}, frozenset(), frozenset(), frozenset())
    )
    noun = types[0].replace("_", " ") if types else "thing"
    items = items_of(
        reading,
        [Clause(clause.name, clause.key, _to(clause.words), clause.line, clause.items)],
        known,
    )
    update = Update(target=target.tree)
    places: dict[str, Span] = {}
    for one in read_keys(reading, items, known, noun=noun):
        own = state_key(reading, target, one.value.tree) if one.key == "status" else ""
        if own:
            update.set[own] = one.value.tree
            places[f"set__{own}"] = one.span
        elif one.key == "status" and isinstance(one.value.tree, Lit):
            update.status = str(one.value.tree.value)
            places["status"] = one.span
        else:
            update.set[one.key] = one.value.tree
            places[f"set__{one.key}"] = one.span
    reading.emit(Step(update=update), command.span, **places)


def _to(words: Sequence[Word]) -> list[Word]:
    """`SET status to active`: without the `to`."""
    found: list[Word] = []
    for n, word in enumerate(words):
        if n and word.low in {"to", "as"} and word.kind is Is.WORD:
            found.append(Word(":", ":", word.span, Is.MARK))
        else:
            found.append(word)
    return found


def _life_step(primitive: str, target: Target) -> Step:
    match primitive:
        case "delete":
            return Step(delete=target)
        case "restore":
            return Step(restore=target)
        case "archive":
            return Step(archive=target)
        case _:
            return Step(publish=target)


def life(command: Command, reading: Reading, primitive: str) -> None:
    """DELETE, RESTORE, ARCHIVE, PUBLISH: each of the things named."""
    if not command.words and not command.items:
        reading.error("E204", f"{command.phrase} what?", at=command.key)
        return
    runs = split_words(command.words, ",", "and") if command.words else command.items
    if len(runs) > 1 and reading.find(phrase(strip(command.words))):
        runs = [command.words]
    for run in runs:
        found = value(reading, run, command.span, expected=THING)
        if isinstance(found.tree, Hole):
            continue
        many = found.kind.base is Base.LIST
        inner = _life_step(primitive, Target(target=Ref("each") if many else found.tree))
        if many:
            reading.mark(inner, "", span=command.span)
            inner = Step(for_each=ForEach(in_=found.tree, as_="each", do=[inner]))
        reading.emit(inner, command.span, target=whole(run))
