"""CREATE: a new thing of a type, with its properties."""

from collections.abc import Sequence
from typing import Literal

from one.compiler.bind.items import Read, items_of, read_keys
from one.compiler.bind.leftover import tell_lines
from one.compiler.bind.names import phrase, strip, words_of
from one.compiler.bind.nouns import attempt, text, value
from one.compiler.bind.saving import saved_name
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, listed, nearest, slipped, within_one
from one.compiler.expression import Expr, Hole, Items, Lit, Template
from one.compiler.grammar import Command, Verb, span_of, split_words
from one.compiler.kinds import UNKNOWN, list_of, thing
from one.compiler.meant import AKIN
from one.compiler.program import Entity, Step
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.vocabulary import STATUSES, camel, key_of, singular

Visibility = Literal["public", "members", "parties", "private"]
_CALLED = frozenset({"called", "named", "titled", "entitled"})
_AFTER = frozenset({"for", "by", "from", "to", "in", "on", "about"})


def read(command: Command, reading: Reading) -> None:
    """One thing, or one of each listed type."""
    words, name_words = _called(command.words)
    _beside_name(reading, name_words)
    runs = split_words(words, ",", "and") if not name_words else [words]
    if not any(strip(run) for run in [words, *command.items]):
        reading.error(
            "E204", "CREATE what? Say a type, such as course or community.", at=command.key
        )
        _bind_unknown(command, reading)
        return
    runs = [strip(run) for run in [*runs, *command.items] if strip(run)]
    if len(runs) > 1 and not all(_type(reading, run)[0] for run in runs):
        runs = [words]
        tell_lines(reading, command.items)
    trees = [_create(command, reading, run, name_words, alone=len(runs) == 1) for run in runs]
    if len(runs) > 1 and (saved := saved_name(reading, command)):
        made = [tree for tree in trees if tree is not None]
        output = reading.save(saved[0], list_of(thing()), span=saved[1])
        reading.emit(Step(set={output: Items(tuple(made))}), command.span)


def _beside_name(reading: Reading, words: Sequence[Word]) -> None:
    """What follows a quoted name: properties whose WITH is missing or misspelt."""
    rest = list(words[1:]) if words and words[0].kind is Is.TEXT else []
    if not rest:
        return
    if within_one(rest[0].low, "with"):
        fix = Fix("Write WITH", (Edit(rest[0].span, "WITH"),), Applies.SAFE)
        said = f"“{rest[0].text}” is not a word I know here. Did you mean WITH?"
        reading.error("E203", said, fix, names=("WITH",), at=rest[0].span)
        return
    start = Span(rest[0].span.line, rest[0].span.start, rest[0].span.start)
    fix = Fix("Put WITH before it", (Edit(start, "WITH "),), Applies.MAYBE)
    why = "After the name comes WITH or SAVE AS."
    said = f"I don't understand “{join(rest)}” here."
    reading.error("E205", said, fix, why=why, at=whole(rest))


def _called(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    for n, word in enumerate(words):
        if word.kind is Is.WORD and word.low in _CALLED and n + 1 < len(words):
            return list(words[:n]), list(words[n + 1 :])
    texts = [n for n, word in enumerate(words) if word.kind is Is.TEXT]
    if texts and texts[0] == len(words) - 1 and texts[0]:
        return list(words[:-1]), [words[-1]]
    return list(words), []


def _type(reading: Reading, words: Sequence[Word]) -> tuple[str | None, str, list[Word]]:
    """The type, a status before it, and what stands after it."""
    bare = [word for word in strip(words) if word.low not in {"new", "my", "our"}]
    status = ""
    while len(bare) > 1 and key_of(bare[0].text) in STATUSES:
        status, bare = key_of(bare[0].text), bare[1:]
    for count in range(min(4, len(bare)), 0, -1):
        if all(word.kind is Is.WORD for word in bare[:count]):
            name = reading.vocabulary.entity_of(phrase(bare[:count]))
            if name:
                return name, status, bare[count:]
    return None, status, bare


def _create(
    command: Command, reading: Reading, run: Sequence[Word], name_words: list[Word], *, alone: bool
) -> Expr | None:
    type_name, status, rest = _type(reading, run)
    if type_name is None:
        _unknown_type(command, reading, run)
        return None
    words = reading.vocabulary.entity(type_name)
    noun = reading.vocabulary.entity_types[type_name].singular
    reads = (
        read_keys(reading, items_of(reading, command.all("WITH"), words), words, noun=noun)
        if alone
        else []
    )
    named = _name(reading, name_words) if name_words else None
    visibility: Visibility | None = None
    properties: dict[str, Expr] = {}
    places = {"name": whole(name_words)} if name_words else dict[str, Span]()
    for one in reads:
        if one.key == "name":
            named = one.value.tree
            places["name"] = one.span
        elif one.key == "status":
            status = _status(one)
        elif one.key == "visibility":
            visibility = _visibility(reading, one)
        else:
            properties[one.key] = one.value.tree
        places["status" if one.key == "status" else f"properties__{one.key}"] = one.span
    if rest:
        _trailing(reading, rest, properties)
    entity = Entity(type=type_name, name=named, properties=properties, status=status or None)
    entity.visibility = visibility
    output = _output(command, reading, run, type_name, alone=alone)
    step = Step(entity=entity, output=output)
    reading.emit(step, command.span, **places)
    found = reading.find(output)
    return None if found is None else attempt_name(reading, output)


def attempt_name(reading: Reading, name: str) -> Expr | None:
    """The tree of a name just bound."""
    found = attempt(reading, words_of(name, reading.outline.span))
    return found.tree if found else None


def _status(one: Read) -> str:
    return (
        one.value.tree.value
        if isinstance(one.value.tree, Lit) and isinstance(one.value.tree.value, str)
        else ""
    )


def _visibility(reading: Reading, one: Read) -> Visibility | None:
    match one.value.tree:
        case Lit("public" | "members" | "parties" | "private" as known):
            return known
        case _:
            said = "Things are seen by public, members, parties, or are private."
            reading.error("E411", said, at=one.span)
            return None


def _trailing(reading: Reading, words: list[Word], properties: dict[str, Expr]) -> None:
    """`for the buyer`, `about breathing`: kept as a free property."""
    if words[0].low in _AFTER and len(words) > 1:
        found = value(reading, words[1:], whole(words))
        key = f"x_{words[0].low}"
        if not isinstance(found.tree, Hole):
            properties[key] = found.tree
            reading.note(
                "E421", f"“{phrase(words)}” is kept as a property of your own.", at=whole(words)
            )
        return
    reading.error(
        "E205",
        f"I don't understand “{join(words)}” here.",
        why="After the type comes called, WITH or SAVE AS.",
        at=whole(words),
    )


def _name(reading: Reading, words: list[Word]) -> Expr:
    """A quoted text, a value in scope, a text with [holders], or the words as they stand."""
    if len(words) == 1 and words[0].kind is Is.TEXT:
        return text(reading, words[0]).tree
    if any(word.kind is Is.SLOT for word in words):
        return _holders(reading, words)
    if words[0].kind is not Is.TEXT and _is_value(reading, words):
        found = value(reading, words, whole(words))
        return found.tree
    return Lit(
        join([word for word in words if word.kind is not Is.TEXT])
        if words[0].kind is not Is.TEXT
        else words[0].text
    )


def _is_value(reading: Reading, words: list[Word]) -> bool:
    known = reading.find(phrase(strip(words)))
    if known is not None:
        return True
    return (
        any(word.kind is Is.POSSESSIVE for word in words)
        and reading.find(words[0].text) is not None
    ) or words[0].low in {"my", "their"}


def _holders(reading: Reading, words: list[Word]) -> Expr:
    parts: list[str | Expr] = []
    for n, word in enumerate(words):
        gap = "" if word.glued or not n else " "
        if word.kind is Is.SLOT:
            inner = words_of(
                word.text, Span(word.span.line, word.span.start + 1, word.span.end - 1)
            )
            if gap:
                parts.append(gap)
            parts.append(value(reading, inner, word.span).tree)
        else:
            parts.append(gap + word.text)
    merged: list[str | Expr] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return Template(tuple(merged))


def _output(
    command: Command, reading: Reading, run: Sequence[Word], type_name: str, *, alone: bool
) -> str:
    saved = saved_name(reading, command) if alone else None
    if saved:
        return reading.save(saved[0], thing(type_name), span=saved[1])
    noun = " ".join(
        word.text
        for word in strip(run)
        if word.kind is Is.WORD
        and word.low not in {"new", "my"}
        and key_of(word.text) not in STATUSES
    )
    wanted = noun if reading.vocabulary.entity_of(noun) else type_name
    if reading.find(wanted):
        wanted = "new " + wanted
    return reading.save(
        reading.fresh(wanted), thing(type_name), span=span_of(list(run), command.span)
    )


def _unknown_type(command: Command, reading: Reading, run: Sequence[Word]) -> None:
    bare = [word for word in strip(run) if word.low not in {"new", "my"}] or list(run)
    if not bare:
        reading.error(
            "E204", "CREATE what? Say a type, such as course or community.", at=command.key
        )
        return
    said = phrase(bare)
    types = reading.vocabulary.entity_types.values()
    akin = AKIN.get(singular(bare[-1].low), ())
    close = akin or nearest(
        said, [word for kind in types for word in (kind.singular, *kind.synonyms)]
    )
    if not akin and close and slipped(key_of(said), key_of(close[0])):
        close = close[:1]
    span = whole(bare)
    fixes = [Fix(f"Write {name}", (Edit(span, name),), Applies.MAYBE) for name in close]
    near = f" Did you mean {listed(close)}?" if close else ""
    near = f" It may be: {listed(akin)}." if akin else near
    reading.error("E401", f"I know no type “{said}”.{near}", *fixes, names=close, at=span)
    reading.told.add(key_of(said))
    _bind_unknown(command, reading)


def _bind_unknown(command: Command, reading: Reading) -> None:
    saved = saved_name(reading, command)
    if saved:
        reading.save(saved[0], UNKNOWN, span=saved[1])
    elif command.words:
        reading.bind(
            camel(phrase(strip(_called(command.words)[0]))) or "thing",
            UNKNOWN,
            source="saved",
            span=command.span,
        )


VERBS = (
    Verb(
        name="CREATE",
        read=read,
        clauses=frozenset({"WITH", "SAVE AS"}),
        loose=frozenset({"WITH"}),
        says="Makes a new thing of a type you name.",
        example="""FEATURE: Open a choir
CREATE community called "Morning choir"
  WITH summary "We sing before work"
  SAVE AS choir
GIVE choir
""",
    ),
)
