"""The shape of commands: what a verb is, the clauses, and how phrases are found in words.

A verb file makes one `Verb`; `Grammar` is built from all of them. Nothing here knows a verb.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple

from one.compiler.light import frozen
from one.compiler.reader import KEPT_LINES, Is, Line, Span, Word, whole


class Body(StrEnum):
    """What a head takes when nothing is indented or bulleted under it."""

    NONE = "none"
    ONE = "one"
    RUN = "run"
    STEP = "step"


@dataclass(slots=True)
class Clause:
    """A clause of a command: its words, its listed items or the commands under it."""

    name: str
    key: Span
    words: list[Word]
    line: Line
    items: list[list[Word]] = field(default_factory=list[list[Word]])
    body: "list[Command]" = field(default_factory=list["Command"])
    colon: bool = False

    @property
    def span(self) -> Span:
        return self.key.to(self.words[-1].span) if self.words else self.key


@dataclass(slots=True)
class Command:
    """A verb with its words, its clauses, its listed items and the commands under it."""

    verb: "Verb"
    key: Span
    words: list[Word]
    line: Line
    clauses: list[Clause] = field(default_factory=list[Clause])
    items: list[list[Word]] = field(default_factory=list[list[Word]])
    body: "list[Command]" = field(default_factory=list["Command"])
    asked: str = ""
    inline: bool = False

    @property
    def span(self) -> Span:
        """The head only: keyword and words, without clauses."""
        return self.key.to(self.words[-1].span) if self.words else self.key

    def clause(self, name: str) -> Clause | None:
        """The first clause of that name."""
        for one in self.clauses:
            if one.name == name:
                return one
        return None

    def all(self, name: str) -> list[Clause]:
        return [one for one in self.clauses if one.name == name]

    @property
    def phrase(self) -> str:
        """The phrase of the verb that was written, in upper case."""
        return self.asked or self.verb.name


def commands_in(commands: Iterable[Command]) -> Iterator[Command]:
    """Each of the commands with those under it, outer before inner."""
    for command in commands:
        yield command
        if command.body:
            yield from commands_in(command.body)
        for clause in command.clauses:
            if clause.body:
                yield from commands_in(clause.body)


ReadVerb = Callable[[Command, "object"], None]


@frozen
class Verb:
    """One command of the language.

    `pattern` are words of the command's own (`to`, `as`), which stay among its words; `closers`
    are clauses that end a flat body; `loose` are clauses read in any case. `read` gets the command
    and the reading session of `bind`, and puts steps into the program.
    """

    name: str
    read: Callable[..., None]
    example: str
    phrases: tuple[str, ...] = ()
    clauses: frozenset[str] = frozenset()
    pattern: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    body: Body = Body.NONE
    closers: tuple[str, ...] = ()
    says: str = ""

    @property
    def all_phrases(self) -> tuple[str, ...]:
        return (self.name, *self.phrases)


def _silent(command: Command, reading: object) -> None:
    """What a broken command does: its fault was told when it was laid out."""
    del command, reading


CLAUSES: dict[str, tuple[str, ...]] = {
    "OTHERWISE": ("OTHERWISE", "OR ELSE", "OR SAY", "OR STOP AND SAY", "OR STOP WITH"),
    "THEN": ("THEN",),
    "ELSE": ("ELSE",),
    "ELSE IF": ("ELSE IF", "ELSEIF", "OTHERWISE IF"),
    "WITH": ("WITH",),
    "SAVE AS": ("SAVE AS", "SAVE IT AS", "SAVED AS"),
    "BY": ("BY",),
    "FOR": ("FOR",),
    "TO": ("TO",),
    "WHERE": ("WHERE",),
    "ABOUT": ("ABOUT",),
    "VIA": ("VIA",),
    "IN": ("IN",),
    "AS": ("AS",),
    "INTO": ("INTO",),
    "RETRY": ("RETRY", "TRY AGAIN", "TRY IT AGAIN"),
    "TIMEOUT": ("TIMEOUT AFTER", "TIMEOUT", "TIME OUT AFTER", "TIMES OUT AFTER"),
    "REWARD": ("REWARD",),
    "RECORD": ("RECORD",),
    "CALCULATE": ("CALCULATE",),
    "MIX WITH": ("MIX WITH",),
    "CONTINUE IF ONE FAILS": (
        "CONTINUE IF ONE FAILS",
        "CONTINUE IF ANY FAIL",
        "CONTINUE IF ANY FAILS",
    ),
    "AT SAME TIME": ("AT SAME TIME", "AT THE SAME TIME"),
    "BETWEEN TRIES": ("BETWEEN TRIES",),
    "ADD": ("ADD",),
    "SUBTRACT": ("SUBTRACT",),
    "SET": ("SET",),
    "ORDER BY": ("ORDER BY", "ORDERED BY", "SORT BY", "SORTED BY"),
    "LIMIT": ("LIMIT", "LIMIT TO", "LIMITED TO"),
    "AND STOP HERE": ("AND STOP HERE", "AND STOP", "STOP HERE"),
    "DO": ("DO",),
    "IF": ("IF",),
    "IF ANY FAIL": ("IF ANY FAIL", "IF ANY FAILS", "IF ONE FAILS", "IF ANYTHING FAILS"),
    "IF IT FAILS": ("IF IT FAILS", "IF THIS FAILS", "IF THAT FAILS", "IF IT STILL FAILS"),
    "IF ALL FAIL": ("IF ALL FAIL", "IF ALL FAILS", "IF ALL TRIES FAIL"),
    "ALWAYS DO": ("ALWAYS DO", "ALWAYS"),
    "WAIT FOR ALL": ("WAIT FOR ALL TO FINISH", "WAIT FOR ALL", "WAIT FOR THEM ALL"),
    "PROCESS WHEN": ("PROCESS WHEN",),
}
"""Every clause with its phrases; the first phrase is what the formatter writes."""

BROKEN = Verb(
    name="",
    read=_silent,
    example="",
    clauses=frozenset(CLAUSES)
    - {"ELSE", "ELSE IF", "IF ANY FAIL", "IF IT FAILS", "IF ALL FAIL", "ALWAYS DO", "WAIT FOR ALL"},
)
"""A line that begins with no command: it takes the clauses after it, so that none is accused."""

CARRYING = frozenset(
    {
        "OTHERWISE",
        "THEN",
        "ELSE",
        "ELSE IF",
        "DO",
        "IF ANY FAIL",
        "IF IT FAILS",
        "IF ALL FAIL",
        "ALWAYS DO",
    }
)
"""Clauses that hold commands."""

FLOATING = CARRYING - {"OTHERWISE", "DO"} | {
    "CONTINUE IF ONE FAILS",
    "AT SAME TIME",
    "BETWEEN TRIES",
    "WAIT FOR ALL",
    "PROCESS WHEN",
}
"""Clauses that look past the command before them for an open head that takes them."""

ANY_CASE = frozenset(
    {
        "OTHERWISE",
        "THEN",
        "ELSE",
        "ELSE IF",
        "SAVE AS",
        "AND STOP HERE",
        "CONTINUE IF ONE FAILS",
        "AT SAME TIME",
        "BETWEEN TRIES",
        "ORDER BY",
        "WHERE",
        "MIX WITH",
    }
)
"""Clauses whose words are no names, so that their case inside a line says nothing."""

NEEDS_OWNER = frozenset(
    {
        "ADD",
        "SUBTRACT",
        "SET",
        "RECORD",
        "REWARD",
        "FOR",
        "IF",
        "DO",
        "TO",
        "IN",
        "AS",
        "BY",
        "INTO",
        "ABOUT",
        "LIMIT",
    }
)
"""Words inside a line that are clauses only for a command that takes them."""

HEADS: dict[str, tuple[str, ...]] = {
    "FEATURE": ("FEATURE", "FEATURE NAME", "NEW FEATURE"),
    "INPUT": ("INPUT", "INPUTS"),
    "OUTPUT": ("OUTPUT", "OUTPUTS"),
    "FLOW": ("FLOW", "STEPS", "THE FLOW"),
    "WHEN": ("WHEN", "WHENEVER"),
    "EVERY": ("EVERY",),
}


def find_phrase(words: Sequence[Word], phrase: Sequence[str], *, at: int = 0) -> bool:
    """Whether the words stand there, in any case, as plain words."""
    if at + len(phrase) > len(words):
        return False
    for n, part in enumerate(phrase, at):
        word = words[n]
        if word.low != part or word.kind is not Is.WORD:
            return False
    return True


class Phrases:
    """Longest match of many phrases at a place."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self._alone: dict[str, tuple[str, int]] = {}
        self._longer: dict[tuple[str, str], list[tuple[tuple[str, ...], str]]] = {}
        for phrase, name in entries:
            first, *rest = parts = tuple(phrase.lower().split())
            if rest:
                self._longer.setdefault((first, rest[0]), []).append((parts, name))
            else:
                self._alone.setdefault(first, (name, 1))
        for found in self._longer.values():
            found.sort(key=lambda one: -len(one[0]))
        self.firsts = frozenset(self._alone) | {first for first, _ in self._longer}

    def match(self, words: Sequence[Word], at: int = 0) -> tuple[str, int] | None:
        """The name and how many words it takes."""
        if at >= len(words):
            return None
        word = words[at]
        first = word.low
        if first not in self.firsts or word.kind is not Is.WORD:
            return None
        if at + 1 < len(words):
            for parts, name in self._longer.get((first, words[at + 1].low), ()):
                if find_phrase(words, parts, at=at):
                    return name, len(parts)
        return self._alone.get(first)


class Grammar:
    """All verbs together with the clauses and heads."""

    def __init__(self, verbs: Iterable[Verb]) -> None:
        self.verbs = {verb.name: verb for verb in sorted(verbs, key=lambda verb: verb.name)}
        self.verb_phrases = Phrases(
            (phrase, verb.name) for verb in self.verbs.values() for phrase in verb.all_phrases
        )
        self.clause_phrases = Phrases(
            (phrase, name) for name, phrases in CLAUSES.items() for phrase in phrases
        )
        self.head_phrases = Phrases(
            (phrase, name) for name, phrases in HEADS.items() for phrase in phrases
        )
        self.firsts = self.verb_phrases.firsts | self.clause_phrases.firsts

    @cached_property
    def joined(self) -> dict[str, str]:
        """Phrases of several words by their letters alone: `saveas` is SAVE AS."""
        return {
            phrase.replace(" ", "").casefold(): phrase
            for phrase in self.spellings()
            if " " in phrase
        }

    @cached_property
    def long_phrases(self) -> dict[str, list[tuple[list[str], str]]]:
        """Phrases of several words, each with the verb that it is another spelling of.

        By their first word, and by the second and a space.
        """
        owners = {phrase: verb.name for verb in self.verbs.values() for phrase in verb.phrases}
        found: dict[str, list[tuple[list[str], str]]] = {}
        for phrase in self.spellings():
            parts = phrase.lower().split()
            if len(parts) > 1:
                known = (parts, owners.get(phrase, ""))
                found.setdefault(parts[0], []).append(known)
                found.setdefault(parts[1] + " ", []).append(known)
        for phrases in found.values():
            phrases.sort(key=lambda known: (-len(known[0]), known[0]))
        return found

    def spellings(self) -> list[str]:
        """Every phrase that may begin a line."""
        verbs = [phrase for verb in self.verbs.values() for phrase in verb.all_phrases]
        clauses = [phrase for phrases in CLAUSES.values() for phrase in phrases]
        return sorted({*verbs, *clauses, *(p for phrases in HEADS.values() for p in phrases)})

    def takers(self, clause: str) -> list[str]:
        """The commands that take this clause."""
        return [verb.name for verb in self.verbs.values() if clause in verb.clauses]


class Lead(NamedTuple):
    """What a line begins with, by each of the tables: a name and how many words it takes; whether
    it is any of them, and whether the verb is in capitals.
    """

    verb: tuple[str, int] | None
    clause: tuple[str, int] | None
    head: tuple[str, int] | None
    known: bool
    loud: bool


@lru_cache(maxsize=KEPT_LINES)
def lead_of(line: Line, grammar: Grammar) -> Lead:
    """What the line begins with."""
    words = line.words
    verb, clause = grammar.verb_phrases.match(words), grammar.clause_phrases.match(words)
    head = grammar.head_phrases.match(words)
    loud = verb is not None and is_upper(words[: verb[1]])
    return Lead(verb, clause, head, verb is not None or bool(clause or head), loud)


def is_upper(words: Sequence[Word]) -> bool:
    """Whether every letter is a capital."""
    return "".join([word.text for word in words]).isupper()


_ENDS = frozenset({":", ",", ".", ";", "!", "?", "-", "–", "—"})


def strip_colon(words: list[Word]) -> tuple[list[Word], bool]:
    """Without a trailing colon, comma, dot or dash; says whether there was a colon."""
    colon = False
    while words and words[-1].kind is Is.MARK and words[-1].text in _ENDS:
        colon = colon or words[-1].text == ":"
        words = words[:-1]
    return words, colon


def split_words(words: Sequence[Word], *marks: str) -> list[list[Word]]:
    """The runs between the marks (`,` or `and`); empty runs are dropped, brackets kept whole."""
    runs: list[list[Word]] = [[]]
    depth = 0
    for word in words:
        depth += (word.text == "(") - (word.text == ")") if word.kind is Is.MARK else 0
        if depth <= 0 and word.low in marks and word.kind in {Is.MARK, Is.WORD}:
            runs.append([])
        else:
            runs[-1].append(word)
    return [run for run in runs if run]


def place_of(words: Sequence[Word], marks: Collection[str]) -> int:
    """Where the first of the plain words stands, not counting the very first; 0 when nowhere."""
    return next(
        (n for n, word in enumerate(words) if n and word.kind is Is.WORD and word.low in marks), 0
    )


def span_of(words: Sequence[Word], default: Span) -> Span:
    """Where the words stand, or the default when there are none."""
    return whole(list(words)) if words else default
