"""CALL: the service and action that words name, and the values that its parameters take."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from one.compiler.bind.items import Item, items_of
from one.compiler.bind.leftover import left_of, tell_left
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import ADJECTIVES, phrase, strip
from one.compiler.bind.nouns import text, value
from one.compiler.bind.phrasing import (
    Made,
    give,
    how_often,
    mentioned,
    said,
    spoken,
    tell_open,
)
from one.compiler.bind.services import Found
from one.compiler.bind.session import Name, Reading
from one.compiler.bind.sums import worth
from one.compiler.diagnosis import Applies, Edit, Fix, within_one
from one.compiler.expression import Expr, Get, Hole, Lit, Record, Ref
from one.compiler.grammar import Clause
from one.compiler.kinds import (
    BOOLEAN,
    TEXT,
    Base,
    Kind,
    fits,
    read_kind,
    write_kind,
)
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.results import result_kind
from one.compiler.vocabulary import camel, key_of
from one.ontology.services import Parameter


def call_action(
    reading: Reading,
    found: Found,
    clauses: Sequence[Clause],
    *,
    wanted: str,
    shape: Kind | None = None,
    span: Span,
) -> Made:
    """Binds WITH by name, then by type; then what the phrase says, then what stands in scope.

    A model is asked for the `shape`, where its name (`wanted`) doesn't say it.
    """
    made = Made(found, dict(found.given), wanted=_result_name(found))
    _published(reading, made)
    waiting: list[tuple[Item, Typed]] = []
    often = [replace(one, words=how_often(reading, made, one.words)) for one in clauses]
    items = items_of(reading, often, None)
    for item in sorted(items, key=lambda item: len(_takers(found, item.key))):
        _item(reading, found, made, item, waiting=waiting)
    _by_kind(reading, found, made, waiting)
    _extras(reading, found, made, waiting)
    unread = said(reading, made)
    missing = _scope(reading, found, made, span, told=bool(unread))
    tell_open(reading, found, unread, missing=missing)
    mentioned(reading, made)
    made.kind = result_kind(found.service, found.action, wanted=wanted)
    if shape is None and made.kind == TEXT and _asks_yes_or_no(made.params.get("instruction")):
        shape = BOOLEAN
    if found.service.open and shape is not None and shape != made.kind:
        made.params["as"], made.kind = Lit(write_kind(shape)), shape
    return made


_YES_OR_NO = re.compile(
    r"(please )?(judge|decide|check|say|tell|tell me|determine|see|assess|find out|work out|verify)"
    r" (whether|if) ",
    re.IGNORECASE,
)


def _asks_yes_or_no(instruction: Expr | None) -> bool:
    """`judge whether the text is rude`: a model answers that with yes or no."""
    said = instruction.value if isinstance(instruction, Lit) else None
    return isinstance(said, str) and _YES_OR_NO.match(said) is not None and " or " not in said


def _item(
    reading: Reading, found: Found, made: Made, item: Item, *, waiting: list[tuple[Item, Typed]]
) -> None:
    param = found.action.by_name.get(key_of(item.key).casefold()) if item.name else None
    if param is not None and _said_already(found, param, item):
        param = None
    elif param is None and item.name != item.value:
        if _near_param(reading, found, item):
            return
        param, odd = _param_in(found, item)
        if tell_left(reading, odd):
            return
    kind = read_kind(param.type) if param else None
    wanted = kind if kind and kind.base is Base.MONEY else None
    if not item.name:
        read = (
            text(reading, item.value[0])
            if item.value[0].kind is Is.TEXT
            else value(reading, item.value, item.span)
        )
    else:
        read = value(reading, item.value, item.span, expected=wanted)
    if isinstance(read.tree, Hole):
        if param:
            made.params.setdefault(param.name, read.tree)
        return
    if param and kind and kind.base is Base.MONEY:
        read = worth(read)
    if param and param.name in made.params:  # the video is the content, its text the caption
        free = (one for one in _takers(found, item.key) if one.name not in made.params)
        param = next(free, param)
    if param and param.name not in made.params:
        give(made, param, tree=read.tree)
        made.places[f"params__{param.name}"] = item.span
        _judge(reading, param, read, item.span)
    else:
        waiting.append((item, read))


def _published(reading: Reading, made: Made) -> None:
    """`publish video WITH caption`: what the phrase names is the content, the caption its own."""
    content, words = made.found.action.by_name.get("content"), made.found.instruction
    name = reading.find(words[-1].text) if len(words) > 1 else None
    thing = name is not None and name.kind.base is Base.THING and not name.kind.person
    if name is not None and thing and content is not None and content.type == "json":
        reading.use(name)
        give(made, content, tree=Ref(name.name))


def _said_already(found: Found, param: Parameter, item: Item) -> bool:
    """`give a reading WITH question`: the phrase says what to do, and the question goes along."""
    if not found.service.open or param.name != "instruction" or item.key == param.name:
        return False
    about = strip(found.rest)
    if about and about[0].low == item.key.casefold():
        return False  # `answer the question WITH question`
    verbs = {word for one in found.action.phrases for word in one.split()}
    known = verbs | {param.name, *param.words} | ADJECTIVES
    return bool(left_of([word for word in found.instruction if word.low not in known], frozenset()))


def _takers(found: Found, key: str) -> list[Parameter]:
    """The parameters that go by this name."""
    wanted = key_of(key).casefold()
    return [one for one in found.action.params if wanted in one.spellings]


def _param_in(found: Found, item: Item) -> tuple[Parameter | None, list[Word]]:
    """`the total amount $20`: the parameter that the name ends or begins with, and words of the
    name that say nothing of it.
    """
    words = strip(item.name)
    cuts = ((words[n:], words[:n]) for n in range(1, len(words)))
    backs = ((words[:n], words[n:]) for n in range(len(words) - 1, 0, -1))
    for named, beside in (*cuts, *backs):
        if (param := found.action.by_name.get(key_of(phrase(named)))) is not None:
            return param, left_of(beside, ADJECTIVES | {"total", "final", "is", "of", "to"})
    return None, []


def _near_param(reading: Reading, found: Found, item: Item) -> bool:
    """A name one letter away from a parameter's: reported."""
    said = key_of(item.key)
    near = [
        p for word, p in found.action.by_name.items() if len(word) > 3 and within_one(said, word)
    ]
    if not near or not said:
        return False
    span = whole(list(item.name))
    applies = Applies.SAFE if all(w.kind is Is.WORD for w in item.name) else Applies.MAYBE
    fix = Fix(f"Write {near[0].name}", (Edit(span, near[0].name),), applies)
    reading.error("E206", f"Did you mean {near[0].name}?", fix, names=(near[0].name,), at=span)
    return True


def _judge(reading: Reading, param: Parameter, read: Typed, span: Span) -> None:
    kind = read_kind(param.type)
    if kind and kind.base is Base.MONEY and not fits(read.kind, kind):
        code = "E506" if read.kind.numeric else "E502"
        what = "; this is a number without a currency" if read.kind.numeric else ""
        reading.error(code, f"“{param.name}” must be money, such as $5{what}.", at=span)


def _by_kind(reading: Reading, found: Found, made: Made, waiting: list[tuple[Item, Typed]]) -> None:
    for item, read in list(waiting):
        for param in found.action.params:
            kind = read_kind(param.type)
            if param.name in made.params or kind is None:
                continue
            person = (read.kind.item or read.kind).sure.person
            if kind.vague and not (person and "recipient" in param.words):
                continue
            exact = kind.vague or (
                kind.base is read.kind.base
                and kind.base in {Base.MONEY, Base.THING, Base.DATETIME}
                and fits(read.kind, kind)
            )
            only = (
                param.required
                and len(waiting) == 1
                and fits(read.kind, kind)
                and kind.base is not Base.TEXT
            )
            if exact or only:
                give(made, param, tree=read.tree)
                _called_otherwise(reading, item, param)
                made.places[f"params__{param.name}"] = item.span
                waiting.remove((item, read))
                break


def _called_otherwise(reading: Reading, item: Item, param: Parameter) -> None:
    """A value whose name is none of the parameter's: said, with what it is taken as."""
    known = {param.name.casefold(), *param.words}
    apart = bool(item.name) and item.name[0] not in item.value
    if apart and not known & {word.low for word in item.name}:
        said = f"“{item.key}” is taken as “{spoken(param)}”."
        reading.note("E323", said, at=whole(list(item.name)))


def _extras(reading: Reading, found: Found, made: Made, waiting: list[tuple[Item, Typed]]) -> None:
    """What no parameter takes: context for a model, else metadata."""
    if not waiting:
        return
    main = next(
        (
            p
            for p in found.action.params
            if p.name in {"input", "samples", "content", "file", "source", "body", "text"}
        ),
        None,
    )
    if (
        main
        and main.name not in made.params
        and len(waiting) == 1
        and (not found.service.open or waiting[0][0].name)
    ):
        item, read = waiting[0]
        made.params[main.name] = read.tree
        _called_otherwise(reading, item, main)
        return
    if main and main.required and main.name not in made.params:
        item, read = waiting.pop(0)
        made.params[main.name] = read.tree
        _called_otherwise(reading, item, main)
    _titles(found, made, waiting)
    fields = tuple(_fields(waiting))
    if not fields:
        return
    if found.service.open:
        made.params["context"] = Record(fields)
        return
    made.params["metadata"] = Record(fields)
    for item, read in waiting:
        if found.action.takes_money and read.kind.base in {Base.MONEY, Base.RATIO}:
            reading.error(
                "E205",
                f"“{join(list(item.words))}” does not change what {found.service.title} takes.",
                why="Reckon it into the amount: WITH amount $49 minus 20%, or price plus $5.",
                at=item.span,
            )
            continue
        reading.note(
            "E822",
            f"{found.service.title} has no place for “{item.key or 'this'}”; it is a note.",
            at=item.span,
        )


def _titles(found: Found, made: Made, waiting: list[tuple[Item, Typed]]) -> None:
    """A text without a name is the first text that the action takes and has not."""
    for item, read in list(waiting):
        free = (one for one in found.action.params if one.name not in made.params)
        param = next((one for one in free if read_kind(one.type) == TEXT), None)
        if not item.name and param is not None and not found.service.open:
            made.params[param.name] = read.tree
            waiting.remove((item, read))


def _fields(waiting: list[tuple[Item, Typed]]) -> Iterator[tuple[str, Expr]]:
    """Keys of what goes along: the item's name, its whole phrase where two are named alike."""
    seen: set[str] = set()
    for n, (item, read) in enumerate(waiting, 1):
        key = camel(item.key) or f"text{n}"
        if key in seen:
            key = camel(" ".join(word.text for word in item.value if word.kind is Is.WORD)) or key
        seen.add(key)
        yield key, read.tree


def _scope(reading: Reading, found: Found, made: Made, span: Span, *, told: bool) -> bool:
    """Required parameters that nobody named: by name in scope, by type, by what fills them.

    Where words are `told` that found no place, what is missing may be said in them: it is left
    open, and whether it was is the answer.
    """
    missing = False
    for param in found.action.params:
        if param.name in made.params:
            continue
        name = _by_spelling(reading, param) or _by_type(reading, param)
        if name is not None and (param.required or param.fill):
            reading.use(name)
            made.params[param.name] = Ref(name.name)
            continue
        if param.fill and (tree := _fill(reading, found, param)) is not None:
            made.params[param.name] = tree
        elif (price := _price(reading, found, made, param=param, span=span)) is not None:
            made.params[param.name] = price
        elif param.required and (told or reading.lost):
            made.params[param.name] = Hole()
            missing = missing or told
        elif param.required:
            said = f"{found.service.title} needs “{spoken(param)}” to {found.action.phrases[0]}."
            end = Span(span.ending_line, span.end, span.end)
            fix = Fix(
                f"Add WITH {spoken(param)}",
                (Edit(end, f" WITH {spoken(param)} <{spoken(param)}>"),),
                Applies.PLACEHOLDER,
            )
            given = _as_input(reading, found, param)
            why = _where_from(reading, found, param)
            reading.error("E803", said, *given, fix, why=why, at=span)
    return missing


def _as_input(reading: Reading, found: Found, param: Parameter) -> list[Fix]:
    """What is undone may come in: `payment: which payment`."""
    noun = _undone(reading, found, param)
    outline = reading.outline
    if not noun or outline.triggers:
        return []
    lines = [slot.line.number for slot in outline.inputs]
    at = Span(max(lines, default=outline.span.line) + 1, 1, 1)
    head = "" if lines else "INPUT:\n"
    edit = Edit(at, f"{head}  - {noun}: which {noun}\n")
    return [Fix(f"Let the {noun} be an input", (edit,), Applies.MAYBE)]


def _undone(reading: Reading, found: Found, param: Parameter) -> str:
    """The thing that an action was made by, where this one undoes it."""
    does = next((one for one in found.service.actions if one.inverse == found.action.name), None)
    words = (spoken(param), *param.words) if does and param.fill not in {"", "runner"} else ()
    return next((one for one in words if reading.vocabulary.entity_of(one)), "")


def _where_from(reading: Reading, found: Found, param: Parameter) -> str:
    """Where a missing value comes from: what is undone is saved by the call that did it."""
    does = next((one for one in found.service.actions if one.inverse == found.action.name), None)
    if does is None or param.fill in {"", "runner"}:
        return "Add it with WITH, or save it under that name before."
    noun = _undone(reading, found, param)
    shown = f"CALL {found.service.title} to {does.phrases[0]} … SAVE AS {noun or spoken(param)}"
    known = f", or from an input ({noun}: which {noun})" if noun else ""
    return f"It comes from the call that made it ({shown}){known}."


def _price(
    reading: Reading, found: Found, made: Made, *, param: Parameter, span: Span
) -> Expr | None:
    """`subscribe WITH membership`: the price of the thing that goes along, where money is due."""
    notes = made.params.get("metadata")
    kind = read_kind(param.type)
    if not param.required or kind is None or kind.base is not Base.MONEY:
        return None
    for tree in (one for _, one in notes.fields) if isinstance(notes, Record) else ():
        name = reading.find(tree.name) if isinstance(tree, Ref) else None
        if name and name.kind.types and reading.vocabulary.property_kind(name.kind.types, "price"):
            reading.note("E323", f"{found.service.title} takes the {name.name}'s price.", at=span)
            return Get(tree, "price")
    return None


def _by_spelling(reading: Reading, param: Parameter) -> Name | None:
    known = (reading.find(word) for word in (param.name, *param.words))
    return next((found for found in known if found), None)


def _by_type(reading: Reading, param: Parameter) -> Name | None:
    kind = read_kind(param.type)
    if kind is None or kind.base not in {Base.MONEY, Base.THING}:
        return None
    fitting = [
        name
        for name in reading.names.values()
        if name.kind.base is kind.base and not name.kind.optional and fits(name.kind, kind)
    ]
    if kind.person:
        fitting = [name for name in fitting if name.kind.person]
    return fitting[0] if len(fitting) == 1 else None


def _fill(reading: Reading, found: Found, param: Parameter) -> Expr | None:
    """The runner; else the last call that this one undoes, or that is called so."""
    if param.fill == "runner":
        people = reading.people()
        return Ref(people[0].name) if people else None
    for output, (provider, method) in reversed(list(reading.calls.items())):
        made = reading.vocabulary.action(provider, method)
        undone = made is not None and made.inverse == found.action.name
        if undone and provider == found.service.name:
            return Ref(output)
        if param.fill in method.lower() or param.fill in output.lower():
            return Ref(output)
    return None


def _result_name(found: Found) -> str:
    last = found.action.phrases[0].split()[-1]
    return {"openai": "response"}.get(found.service.name, f"{last} result")
