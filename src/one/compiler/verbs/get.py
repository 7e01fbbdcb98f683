"""GET, FIND, SEARCH, CALCULATE: fetch or work out something."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.choosing import Asked, about, where
from one.compiler.bind.derived import is_role_of_people
from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.ordering import limited, ordered
from one.compiler.bind.queries import emit_query, read_get
from one.compiler.bind.saving import saved_name
from one.compiler.bind.session import Name, Reading
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.expression import Hole, Ref
from one.compiler.grammar import Command, Verb, place_of, span_of
from one.compiler.kinds import UNKNOWN, Base
from one.compiler.program import Step
from one.compiler.reader import Is, Span, Word
from one.compiler.vocabulary import camel, key_of


def read(command: Command, reading: Reading) -> None:
    """A query, or a name for a value that is there already."""
    saved = saved_name(reading, command)
    span = span_of(command.words, command.key)
    if not command.words:
        reading.error("E204", f"{command.phrase} what?", at=command.key)
        _save(reading, saved, "result", command.key)
        return
    if _is_trend(reading, command):
        _save(reading, saved, "growth", span)
        return
    words, named = _named(reading, _words(command)) if not saved else (_words(command), [])
    saved = (phrase(named), span_of(named, span)) if named else saved
    found = read_get(reading, words, span, rows=command.clause("WHERE") is not None)
    name = saved[0] if saved else _name(command.words)
    if found is None or (isinstance(found, Typed) and isinstance(found.tree, Hole)):
        _save(reading, saved, name, span)
        return
    if isinstance(found, Asked):
        _clauses(command, reading, found)
        target = saved[0] if saved else _free(reading, name)
        emit_query(reading, found, target, span=command.span)
    else:
        _value(command, reading, found, saved, name=name)
    if not saved:
        _also(reading, name)


def _words(command: Command) -> list[Word]:
    words = list(command.words)
    while words and words[0].low in {"me", "for"} and len(words) > 1:
        words.pop(0)
    return words


_TRENDS = frozenset({"growth", "trend", "projection", "forecast"})


def _is_trend(reading: Reading, command: Command) -> bool:
    """`growth rate of followers over 30 days`: reckoned from what TRACK counted; told."""
    words = strip(command.words)
    of = place_of(words, {"of", "in"})
    if not of or words[0].low not in _TRENDS or attempt_quietly(reading, words):
        return False
    over = place_of(words, {"over", "this", "last", "in", "for", "since"} - {words[of].low})
    what = phrase([word for word in words[of + 1 : over or None] if word.low not in {"my", "the"}])
    asked, period = phrase(words[:of]), f" {phrase(words[over:])}" if over else ""
    counted = f"number of my {what}" if is_role_of_people(what) else f"<how many {what}>"
    line = f"TRACK {what} RECORD {counted} CALCULATE {asked}{period}"
    sure = Applies.PLACEHOLDER if "<" in counted else Applies.MAYBE
    at = command.key.to(words[-1].span)
    fix = Fix(f"Write {line}", (Edit(at, line),), sure)
    why = f"TRACK keeps a number each time it runs, and reckons with all of them: {line}."
    said = f"“{asked}” needs the numbers of earlier days, which nothing keeps by itself."
    reading.error("E205", said, fix, why=why, at=at)
    return True


def _named(reading: Reading, words: list[Word]) -> tuple[list[Word], list[Word]]:
    """`share = amount divided by 2`, `share as half of it`, `half of it as share`: what is worked
    out, and its name.
    """
    at = next((n for n, word in enumerate(words) if n and word.low in {"=", "as"}), 0)
    left, right = strip(words[:at]), strip(words[at + 1 :])
    if not left or not right:
        return words, []
    if _is_name(left):
        equal = words[at].text == "="
        if equal or (not attempt_quietly(reading, left) and attempt_quietly(reading, right)):
            return right, left
    named = words[at].low == "as" and _is_name(right) and attempt_quietly(reading, left)
    return (left, right) if named else (words, [])


def _is_name(words: list[Word]) -> bool:
    return len(words) < 5 and all(word.kind is Is.WORD for word in words)


def _name(words: list[Word]) -> str:
    """The noun of what was asked for, as its own name."""
    bare = [
        word
        for word in strip(words)
        if word.low not in {"my", "our", "all", "the", "last", "newest", "latest", "recent", "top"}
    ]
    kept: list[Word] = []
    for word in bare:
        if word.low in {
            "where",
            "whose",
            "which",
            "about",
            "from",
            "for",
            "by",
            "with",
            "who",
            "that",
            "called",
            "in",
            "between",
        }:
            break
        kept.append(word)
    poss = [n for n, word in enumerate(kept) if word.kind == "possessive"]
    kept = kept[poss[-1] + 1 :] if poss else kept
    return phrase([word for word in kept if word.kind == "word"]) or "result"


def _also(reading: Reading, name: str) -> None:
    """`members of community` are the members from there on."""
    short, of, _ = name.partition(" of ")
    found = reading.find(name)
    if of and found is not None and found.kind.base is Base.LIST and reading.find(short) is None:
        reading.names[key_of(short)] = found


def _free(reading: Reading, name: str) -> str:
    return name if reading.find(name) is None else reading.fresh("found " + name)


def _save(reading: Reading, saved: tuple[str, Span] | None, name: str, span: Span) -> None:
    target, place = saved or (name, span)
    if reading.find(target) is None or saved:
        reading.save(target, UNKNOWN, span=place)


def _clauses(command: Command, reading: Reading, asked: Asked) -> None:
    for clause in command.clauses:
        words = clause.words or (clause.items[0] if clause.items else [])
        if clause.name == "WHERE":
            where(reading, asked, _joined([clause.words, *clause.items]))
        elif clause.name == "ABOUT" and not words:
            reading.error("E204", "ABOUT what?", at=clause.key)
        elif clause.name == "ABOUT":
            about(reading, asked, words)
        elif clause.name == "ORDER BY":
            ordered(reading, asked, words, at=clause.key)
        elif clause.name == "LIMIT":
            limited(reading, asked, words, at=clause.key)


def _joined(lines: Sequence[list[Word]]) -> list[Word]:
    """Conditions listed under WHERE: each must hold."""
    found: list[Word] = []
    for words in filter(None, lines):
        if found and words[0].low not in {"and", "or"}:
            found.append(replace(words[0], text="and", low="and", kind=Is.WORD))
        found += words
    return found


def _value(
    command: Command, reading: Reading, found: Typed, saved: tuple[str, Span] | None, *, name: str
) -> None:
    """No query is needed; a query just made for a derived noun takes the name."""
    asked = command.clause("WHERE") or command.clause("ABOUT")
    if asked:
        said = f"{asked.name} needs things to choose from; this is one value."
        if found.kind.base is Base.LIST:
            said = f"These are found already; {asked.name} chooses where they are looked for."
        reading.error("E205", said, at=asked.key)
    last = reading.steps[-1] if reading.steps else None
    derived = reading.find(found.tree.name) if isinstance(found.tree, Ref) else None
    target, place = saved or (name, span_of(command.words, command.key))
    if (
        last
        and last.query
        and derived
        and derived.source == "derived"
        and last.output == derived.name
    ):
        last.output = reading.save(target, found.kind, span=place)
        _renamed(reading, derived, last.output)
        return
    if not saved and isinstance(found.tree, Ref) and camel(target) == found.tree.name:
        return
    if not saved and reading.find(target):
        target = reading.fresh("the " + target)
    output = reading.save(target, found.kind, span=place)
    reading.emit(Step(set={output: found.tree}), command.span)


def _renamed(reading: Reading, derived: Name, target: str) -> None:
    """The derived noun is found under the name that its rows were saved as."""
    if derived.name != target:
        reading.names[key_of(derived.name)] = replace(derived, name=target)


VERBS = (
    Verb(
        name="GET",
        phrases=("FIND", "SEARCH FOR", "SEARCH", "CALCULATE"),
        read=read,
        clauses=frozenset({"WHERE", "ABOUT", "SAVE AS", "ORDER BY", "LIMIT"}),
        pattern=frozenset({"about", "in", "by", "for", "to", "as", "with"}),
        says="Fetches things, a property, a count or a total; works out a sum.",
        example="""FEATURE: My cheap courses
GET all my courses WHERE price is at most $20
  SAVE AS bargains
GIVE bargains
""",
    ),
)
