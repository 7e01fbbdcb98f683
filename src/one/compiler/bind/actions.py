"""CALL: the service and action that words name, and the values that its parameters take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from one.compiler.bind.items import Item, attempt_quietly, items_of
from one.compiler.bind.literals import Typed, literal
from one.compiler.bind.names import lookup, phrase, strip
from one.compiler.bind.nouns import attempt, text, value
from one.compiler.bind.session import Name, Reading
from one.compiler.diagnosis import Applies, Edit, Fix, listed, nearest, within_one
from one.compiler.expression import Expr, Get, Hole, Lit, Record, Ref, names_in
from one.compiler.grammar import Clause, place_of
from one.compiler.kinds import (
    PEOPLE,
    TEXT,
    UNKNOWN,
    Base,
    Kind,
    fits,
    read_kind,
    write_kind,
)
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.results import result_kind
from one.compiler.vocabulary import camel, key_of, singular
from one.ontology.services import Action, Parameter, Service

_SUMS = frozenset({"times", "plus", "minus", "divided", "*", "+", "/", "of", "%"})
_BEFORE_NAMES = frozenset(
    {"the", "this", "that", "these", "those", "their", "to", "of", "from", "about", "on", "in"}
    | {"for", "with", "into", "and"}
)
_SKIP = frozenset({"the", "a", "an", "my", "our", "their", "this", "that", "for"})


@dataclass(frozen=True, slots=True)
class Found:
    """A service, its action, the words of the instruction and those after the action's phrase."""

    service: Service
    action: Action
    instruction: tuple[Word, ...]
    rest: tuple[Word, ...]
    given: tuple[tuple[str, Expr], ...] = ()


@dataclass(slots=True)
class Made:
    """The parameters of a call, the kind of its result and where each value stands."""

    params: dict[str, Expr] = field(default_factory=dict[str, Expr])
    kind: Kind = UNKNOWN
    places: dict[str, Span] = field(default_factory=dict[str, Span])
    wanted: str = "result"


def find_call(reading: Reading, words: Sequence[Word]) -> Found | None:
    """`<service> to <action>`, or an action that only one service has."""
    service, rest = _service(reading, words)
    if service is not None:
        if not rest:
            _missing_action(reading, service, words)
            return None
        return _found(reading, service, rest)
    named, after = _before_to(words)
    if after and (found := _named_service(reading, named, after)) is not None:
        return found
    if after:
        _unknown_service(reading, named)
        return None
    return _by_phrase(reading, words)


def _service(reading: Reading, words: Sequence[Word]) -> tuple[Service | None, list[Word]]:
    for count in range(min(4, len(words)), 0, -1):
        if all(word.kind in {Is.WORD, Is.ADDRESS} for word in words[:count]):
            found = reading.vocabulary.service(phrase(words[:count]))
            if found is not None:
                rest = list(words[count:])
                while rest and rest[0].low in {"to", "and", ":", ",", "for"}:
                    rest.pop(0)
                if count < len(words) and not rest:
                    return found, rest
                return found, rest
    return None, list(words)


def _before_to(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    at = place_of(words, {"to"})
    return (list(words[:at]), list(words[at + 1 :])) if at else (list(words), [])


def _named_service(reading: Reading, named: Sequence[Word], after: Sequence[Word]) -> Found | None:
    """A name in scope whose value is a service, for an action that several have."""
    name = lookup(reading, phrase(strip(named)))
    if name is None or name.kind.base not in {Base.TEXT, Base.UNKNOWN, Base.JSON}:
        return None
    for service in reading.vocabulary.services:
        counts = [(count, one) for one in service.actions if (count := _phrase_count(one, after))]
        if counts and "unpublish" in service.by_name:
            reading.use(name)
            count, action = max(counts, key=lambda one: one[0])
            chosen = replace(service, name=f"${name.name}", title=phrase(named))
            return Found(chosen, action, tuple(after), tuple(after[count:]))
    return None


def _unknown_service(reading: Reading, words: list[Word]) -> None:
    said = phrase(words)
    known = [service.title for service in reading.vocabulary.services]
    close = nearest(said, known)
    span = whole(words)
    fixes = [Fix(f"Write {name}", (Edit(span, name),), Applies.MAYBE) for name in close]
    near = f" Did you mean {listed(close)}?" if close else f" I know {listed(known, 'and')}."
    reading.error("E801", f"I know no service “{said}”.{near}", *fixes, names=close, at=span)


def _missing_action(reading: Reading, service: Service, words: Sequence[Word]) -> None:
    known = [action.phrases[0] for action in service.actions]
    reading.error(
        "E204",
        f"CALL {service.title} to do what? It can {listed(known[:8])}.",
        at=whole(list(words)),
    )


def _by_phrase(reading: Reading, words: Sequence[Word]) -> Found | None:
    """An action without its service, when only one fits."""
    fitting: list[Found] = []
    for service in reading.vocabulary.services:
        for action in service.actions:
            count = _phrase_count(action, words)
            if count:
                fitting.append(Found(service, action, tuple(words), tuple(words[count:])))
    longest = max((len(one.instruction) - len(one.rest) for one in fitting), default=0)
    fitting = [one for one in fitting if len(one.instruction) - len(one.rest) == longest]
    if len(fitting) == 1:
        reading.note(
            "E823",
            f"No service is named; only {fitting[0].service.title} can do this.",
            at=whole(list(words)),
        )
        return fitting[0]
    if fitting:
        names = [one.service.title for one in fitting]
        start = Span(words[0].span.line, words[0].span.start, words[0].span.start)
        fixes = [
            Fix(f"Call {name}", (Edit(start, f"{name} to "),), Applies.MAYBE) for name in names
        ]
        reading.ask(
            "E308",
            f"Which service? {listed(names)} can do this.",
            *fixes,
            names=names,
            at=whole(list(words)),
        )
        return None
    _unknown_service(reading, list(words))
    return None


def _found(reading: Reading, service: Service, words: list[Word]) -> Found | None:
    best: tuple[int, Action] | None = None
    for action in service.actions:
        count = _phrase_count(action, words)
        if count and (best is None or count > best[0]):
            best = (count, action)
    if best is not None:
        return Found(service, best[1], tuple(words), tuple(words[best[0] :]))
    if service.open:
        return Found(service, service.by_name[service.open], tuple(words), ())
    known = [one for action in service.actions for one in action.phrases]
    close = nearest(phrase(words), known) or nearest(words[0].text, known)
    span = whole(words)
    fixes = [Fix(f"Write {name}", (Edit(span, name),), Applies.MAYBE) for name in close]
    near = (
        f"Did you mean {listed(close)}?"
        if close
        else f"It can {listed([a.phrases[0] for a in service.actions])}."
    )
    reading.error(
        "E802", f"{service.title} can't “{phrase(words)}”. {near}", *fixes, names=close, at=span
    )
    return None


def _phrase_count(action: Action, words: Sequence[Word]) -> int:
    """How many words the action's longest fitting phrase takes, articles skipped."""
    best = 0
    for parts in _parts(action.phrases):
        n = matched = 0
        while n < len(words) and matched < len(parts):
            low = words[n].low
            if low == parts[matched] or _same_noun(low, parts[matched]):
                matched += 1
            elif low not in _SKIP or not matched:
                break
            n += 1
        if matched == len(parts) and n > best:
            best = n
    return best


@lru_cache(maxsize=1024)
def _parts(phrases: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The words of each phrase, articles left out."""
    return tuple(tuple(part for part in one.split() if part not in _SKIP) for one in phrases)


def _same_noun(one: str, other: str) -> bool:
    """Whether the two differ in number only."""
    return one[:1] == other[:1] and key_of(singular(one)) == key_of(singular(other))


# --- parameters ---------------------------------------------------------------------------------


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
    made = Made(params=dict(found.given), wanted=_result_name(found))
    waiting: list[tuple[Item, Typed]] = []
    for item in items_of(reading, clauses, None):
        _item(reading, found, made, item, waiting=waiting)
    _by_kind(found, made, waiting)
    _extras(reading, found, made, waiting)
    _said(reading, found, made)
    _scope(reading, found, made, span)
    _mentioned(reading, found, made)
    made.kind = result_kind(found.service, found.action, wanted=wanted)
    if found.service.open and shape is not None and shape != made.kind:
        made.params["as"], made.kind = Lit(write_kind(shape)), shape
    return made


def _item(
    reading: Reading, found: Found, made: Made, item: Item, *, waiting: list[tuple[Item, Typed]]
) -> None:
    param = found.action.by_name.get(key_of(item.key).casefold()) if item.name else None
    if param is None and item.name != item.value and _near_param(reading, found, item):
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
    if param and param.name not in made.params:
        made.params[param.name] = read.tree
        made.places[f"params__{param.name}"] = item.span
        _judge(reading, param, read, item.span)
    else:
        waiting.append((item, read))


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
        reading.error("E502", f"“{param.name}” must be money, such as $5.", at=span)


def _by_kind(found: Found, made: Made, waiting: list[tuple[Item, Typed]]) -> None:
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
                and kind.base in {Base.MONEY, Base.THING}
                and fits(read.kind, kind)
            )
            only = (
                param.required
                and len(waiting) == 1
                and fits(read.kind, kind)
                and kind.base is not Base.TEXT
            )
            if exact or only:
                made.params[param.name] = read.tree
                made.places[f"params__{param.name}"] = item.span
                waiting.remove((item, read))
                break


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
        made.params[main.name] = waiting[0][1].tree
        return
    if main and main.required and main.name not in made.params:
        made.params[main.name] = waiting.pop(0)[1].tree
    _titles(found, made, waiting)
    fields = tuple(_fields(waiting))
    if not fields:
        return
    if found.service.open:
        made.params["context"] = Record(fields)
        return
    made.params["metadata"] = Record(fields)
    for item, _ in waiting:
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


def _said(reading: Reading, found: Found, made: Made) -> None:
    """What the phrase itself says: `charge $100`, `charge the fan $10`, any instruction."""
    if found.service.open and "instruction" in {param.name for param in found.action.params}:
        if "instruction" not in made.params and not found.given:
            made.params["instruction"] = _instruction(reading, found.instruction)
        return None
    rest = [word for word in found.rest if word.low not in {"to", "from", "of", "for", "with", ","}]
    for n in range(len(rest)):
        for count in range(len(rest) - n, 0, -1):
            part = rest[n : n + count]
            plain = literal(part)
            named = lookup(reading, phrase(strip(part))) if strip(part) else None
            owned = any(word.kind is Is.POSSESSIVE for word in part[1:-1])
            sums = count > 2 and any(word.low in _SUMS for word in part[1:-1])
            simple = isinstance(plain, Typed) or named is not None or part[0].kind is Is.TEXT
            if not simple and not sums and not (owned and attempt_quietly(reading, part)):
                continue
            read = attempt(reading, part)
            there = read is not None and read.tree in made.params.values()
            if read is not None and (there or _place(found, made, read)):
                return _said(
                    reading,
                    Found(found.service, found.action, found.instruction, tuple(rest[n + count :])),
                    made,
                )
            break
    _left_over(reading, rest)
    return None


def _mentioned(reading: Reading, found: Found, made: Made) -> None:
    """What the phrase names of what stands in scope goes along: `answer question`, `transfer nft`;
    `a note` is none of it, and people go to no model unasked.
    """
    context = made.params.get("context")
    fields = list(context.fields) if isinstance(context, Record) else []
    handed = {name for tree in made.params.values() for name in names_in(tree)}
    for name in _names_of(reading, found.instruction):
        tree = Ref(name.name)
        if name.name in handed:
            continue
        if found.service.open and not name.kind.types & PEOPLE:
            fields.append((camel(name.name), tree))
        elif not found.service.open and (param := _taking(found, made, name)) is not None:
            made.params[param.name] = tree
        else:
            continue
        reading.use(name)
    if fields and found.service.open and (context is None or isinstance(context, Record)):
        made.params["context"] = Record(tuple(fields))


def _names_of(reading: Reading, words: Sequence[Word]) -> Iterator[Name]:
    """Names behind the verb, an article or a preposition: not the club of a book club."""
    for n, word in enumerate(words):
        bare = n == 1 or (n > 1 and words[n - 1].low in _BEFORE_NAMES)
        name = reading.find(word.text) if bare and word.kind is Is.WORD else None
        if name is not None:
            yield name


def _taking(found: Found, made: Made, name: Name) -> Parameter | None:
    """The parameter that such a thing is for."""
    for param in found.action.params:
        kind = read_kind(param.type)
        exact = kind is not None and kind.base is Base.THING and name.kind.types <= kind.types
        if param.name not in made.params and exact and name.kind.types:
            return param
    return None


def _left_over(reading: Reading, words: Sequence[Word]) -> None:
    """Numbers and names of the phrase that found no place: told, never dropped."""
    known = [
        word
        for word in words
        if word.kind in {Is.NUMBER, Is.MONEY}
        or ((name := reading.find(word.text)) is not None and name.kind.numeric)
    ]
    if known:
        said = f"I don't understand “{join(known)}” here."
        reading.error("E205", said, why="Say it with WITH, by its name.", at=whole(known))


def _place(found: Found, made: Made, read: Typed) -> bool:
    for param in found.action.params:
        kind = read_kind(param.type)
        if (
            param.name not in made.params
            and kind
            and kind.base is read.kind.base
            and fits(read.kind, kind)
        ):
            made.params[param.name] = read.tree
            return True
    for param in found.action.params:
        kind = read_kind(param.type)
        loose = kind is not None and kind.base is Base.TEXT and read.kind.numeric
        if param.name in made.params or kind is None or loose:
            continue
        if kind.vague or fits(read.kind, kind):
            made.params[param.name] = read.tree
            return True
    return False


def _instruction(reading: Reading, words: Sequence[Word]) -> Expr:
    """The instruction as written; a quoted text alone may hold values."""
    if len(words) == 1 and words[0].kind is Is.TEXT:
        return text(reading, words[0]).tree
    return Lit(join(list(words)))


def _scope(reading: Reading, found: Found, made: Made, span: Span) -> None:
    """Required parameters that nobody named: by name in scope, by type, by what fills them."""
    for param in found.action.params:
        if param.name in made.params:
            continue
        name = _by_spelling(reading, param) or _by_type(reading, param)
        if name is not None and (param.required or param.fill):
            reading.use(name)
            made.params[param.name] = Ref(name.name)
            continue
        if param.fill and (tree := _fill(reading, param)) is not None:
            made.params[param.name] = tree
        elif (price := _price(reading, found, made, param=param, span=span)) is not None:
            made.params[param.name] = price
        elif param.required and reading.lost:
            made.params[param.name] = Hole()
        elif param.required:
            said = f"{found.service.title} needs “{spoken(param)}” to {found.action.phrases[0]}."
            end = Span(span.ending_line, span.end, span.end)
            fix = Fix(
                f"Add WITH {spoken(param)}",
                (Edit(end, f" WITH {spoken(param)} <{spoken(param)}>"),),
                Applies.PLACEHOLDER,
            )
            reading.error(
                "E803",
                said,
                fix,
                why="Add it with WITH, or save it under that name before.",
                at=span,
            )


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


def spoken(param: Parameter) -> str:
    """The parameter in plain words."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in param.name)


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


def _fill(reading: Reading, param: Parameter) -> Expr | None:
    if param.fill == "runner":
        people = reading.people()
        return Ref(people[0].name) if people else None
    for output, (provider, method) in reversed(list(reading.calls.items())):
        del provider
        if param.fill in method.lower() or param.fill in output.lower():
            return Ref(output)
    return None


def _result_name(found: Found) -> str:
    last = found.action.phrases[0].split()[-1]
    return {"openai": "response"}.get(found.service.name, f"{last} result")
