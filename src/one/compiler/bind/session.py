"""The reading of one feature: names in scope, who was mentioned, the steps made, what was found.

Verb files and the other modules of `bind` work on a `Reading`; it knows no verb and no grammar of
nouns.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Required, Unpack

from one.compiler.bind.crowds import crowd, is_sought
from one.compiler.bind.glosses import gloss_of
from one.compiler.bind.literals import Typed
from one.compiler.diagnosis import (
    Applies,
    Edit,
    Findings,
    Fix,
    More,
    Severity,
    listed,
    nearest,
    within_one,
)
from one.compiler.expression import Expr
from one.compiler.grammar import Command
from one.compiler.kinds import PERSON, UNKNOWN, Base, Kind, either, list_of
from one.compiler.layout import Outline
from one.compiler.light import frozen
from one.compiler.meant import AGREED, ASKED_BY_ITSELF, DEEDS, KEPT, UNTAGGED, timed_as
from one.compiler.program import Slot, Step, WaitForEvent, steps_of
from one.compiler.reader import Span, Word
from one.compiler.vocabulary import Vocabulary, camel, key_of, plural, singular, spaced


@frozen
class Name:
    """A name in scope. `source` says what bound it."""

    name: str
    kind: Kind
    source: str
    span: Span


@dataclass(slots=True)
class Mention:
    """The people and things that one command spoke of, by name, and the list of people it saved."""

    people: list[str] = field(default_factory=list[str])
    things: list[str] = field(default_factory=list[str])
    crowd: str = ""


Marks = dict[tuple[int, str], Span]
"""(id of a step, pointer below its primitive) → place in the text; "" is the step's head.

Of a value: (id of its tree, `VALUE`).
"""
VALUE = "value"
_MONTHS = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)
_CONDITIONS = (
    "What must hold is said as: fan exists, price is at least $20, fan owns course, fan holds 50 "
    "tokens, fan is enrolled in course, fan has completed course, title is empty."
)


_EACH = frozenset({"each", "eachone", "eachofthem", "everyone", "everyoneofthem"})


class At(More):
    """Where a diagnostic stands, and what it says beside its message."""

    at: Required[Span]


@dataclass(slots=True)
class Reading:
    """All state of one feature's reading; `steps` is the block being filled."""

    vocabulary: Vocabulary
    findings: Findings
    outline: Outline
    names: dict[str, Name] = field(default_factory=dict[str, Name])
    gone: dict[str, tuple[str, Span]] = field(default_factory=dict[str, tuple[str, Span]])
    later: frozenset[str] = frozenset()
    inputs: dict[str, Slot] = field(default_factory=dict[str, Slot])
    outputs: dict[str, Slot] = field(default_factory=dict[str, Slot])
    output_kinds: dict[str, Kind] = field(default_factory=dict[str, Kind])
    steps: list[Step] = field(default_factory=list[Step])
    marks: Marks = field(default_factory=Marks)
    placed: list[Expr] = field(default_factory=list[Expr])
    mentions: list[Mention] = field(default_factory=list[Mention])
    used: set[str] = field(default_factory=set[str])
    trigger_kind: str = ""
    currency: str = ""
    """Of plain numbers beside money, where INPUT says one: `price in euros`."""
    clone: list[Word] = field(default_factory=list[Word])
    """Whom alone the feature listens to what is said to."""
    awaited: tuple[Step, WaitForEvent] | None = None
    """The last wait for something to happen."""
    titled: tuple[str, str] | None = None
    """The thing of the trigger that goes by one name, and that name."""
    last_saved: str = ""
    told_of: dict[str, str] = field(default_factory=dict[str, str])
    """What a model was told to make, by the name of its result."""
    asked: set[str] = field(default_factory=set[str])
    """Results that a condition asks whether they failed."""
    calls: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    spans: dict[str, Span] = field(default_factory=dict[str, Span])
    asking: bool = False
    """Whether a condition is read: what is looked up for it may be missing."""
    rows: Kind | None = None
    row_first: bool = False
    row_named: bool = False
    keeping: bool = False
    row_tie: str = ""
    lost: list[frozenset[str]] = field(default_factory=list[frozenset[str]])
    free: dict[str, Kind] = field(default_factory=dict[str, Kind])
    nested: int = 0
    filled: frozenset[str] = frozenset()
    expand: "Callable[[Reading, Sequence[Word]], Typed | None] | None" = None
    seek: "Callable[[Reading, Sequence[Word]], Typed | None] | None" = None
    misdeclared: "Callable[[Reading, str, Name], bool] | None" = None
    here: Span = field(init=False)
    """The command that is read, where it begins; before the first one the whole feature."""
    told: set[str] = field(default_factory=set[str])
    given: list[tuple[str, Kind, Span]] = field(default_factory=list[tuple[str, Kind, Span]])
    run_block: "Callable[[Reading, Sequence[Command]], None] | None" = None

    def __post_init__(self) -> None:
        self.here = self.outline.span

    # --- saying ---------------------------------------------------------------------------

    def error(self, code: str, message: str, *fixes: Fix, **more: Unpack[At]) -> None:
        self._say(Severity.ERROR, (code, message), fixes, more=more)

    def ask(self, code: str, message: str, *fixes: Fix, **more: Unpack[At]) -> None:
        """A hole: the answer is an edit of the text."""
        self._say(Severity.QUESTION, (code, message), fixes, more=more)

    def warn(self, code: str, message: str, *fixes: Fix, **more: Unpack[At]) -> None:
        self._say(Severity.WARNING, (code, message), fixes, more=more)

    def note(self, code: str, message: str, *fixes: Fix, **more: Unpack[At]) -> None:
        """An assumption, shown and read back."""
        self._say(Severity.INFO, (code, message), fixes, more=more)

    def _say(
        self, severity: Severity, what: tuple[str, str], fixes: tuple[Fix, ...], *, more: At
    ) -> None:
        code, message = what
        why, names = more.get("why", ""), more.get("names", ())
        self.findings.say(severity, (code, more["at"], message), fixes=fixes, why=why, names=names)

    # --- names ----------------------------------------------------------------------------

    def bind(self, name: str, kind: Kind, *, source: str, span: Span) -> str:
        """Puts a name in scope and returns its spelling in the program."""
        spelt = camel(name) or "result"
        self.names[key_of(spelt)] = Name(spelt, kind, source, span)
        self.spans.setdefault(spelt, span)
        self.mention(spelt, kind)
        return spelt

    def save(self, name: str, kind: Kind, *, span: Span) -> str:
        """What SAVE AS does: the name is also the last result."""
        spelt = self.bind(name, kind, source="saved", span=span)
        self.last_saved = spelt
        if kind.item and kind.item.person:
            self.mentions[-1].crowd = spelt
        return spelt

    def find(self, name: str) -> Name | None:
        """The name in scope, by any spelling; what DEFINE taught speaks of no name of the feature
        but those that its slots are filled with.
        """
        key = key_of(name)
        found = self.names.get(key)
        hidden = self.nested and key not in self.filled and not key.startswith("my")
        return None if hidden else found

    def use(self, name: Name) -> None:
        if name.source == "collected":
            said = f"After its loop “{name.name}” is the list of what it was each time."
            self.note("E324", said, at=name.span)
        self.used.add(name.name)
        self.mention(name.name, name.kind)

    def fresh(self, wanted: str) -> str:
        """A name like `wanted` that is not in scope."""
        spelt, n = camel(wanted) or "result", 2
        while key_of(spelt) in self.names:
            spelt, n = f"{camel(wanted)}{n}", n + 1
        return spelt

    def mention(self, name: str, kind: Kind) -> None:
        if not self.mentions:
            self.mentions.append(Mention())
        seen = self.mentions[-1]
        if kind.person:
            if name not in seen.people:
                seen.people.append(name)
        elif kind.base is Base.THING and name not in seen.things:
            seen.things.append(name)

    def people(self) -> list[Name]:
        """Who could be meant by `they`: not the owner, who goes by `me`."""
        everyone = (one for one in self.names.values() if one.kind.sure.person)
        return list({one.name: one for one in everyone if one.source != "owner"}.values())

    def things(self) -> list[Name]:
        return [
            one
            for one in self.names.values()
            if one.kind.base is Base.THING and not one.kind.person
        ]

    def declare(self, name: str, kind: Kind, *, span: Span) -> Name:
        """A person or thing that the text only names: an input."""
        spelt = self.bind(name, kind, source="input", span=span)
        self.inputs[spelt] = Slot(type=_slot_type(kind))
        self.used.add(spelt)
        return self.names[key_of(spelt)]

    @property
    def may_declare(self) -> bool:
        """Only a feature that is called and declares nothing may have inputs by being named."""
        return not self.outline.has_inputs and not self.trigger_kind

    # --- steps ----------------------------------------------------------------------------

    def emit(self, step: Step, span: Span, /, **places: Span) -> Step:
        """Adds a step; `places` are spans of its parts by pointer (`/` written `__`)."""
        self.steps.append(step)
        self.mark(step, "", span=span)
        for pointer, place in places.items():
            self.mark(step, pointer.replace("__", "/"), span=place)
        return step

    def mark(self, step: Step, pointer: str, *, span: Span) -> None:
        self.marks[(id(step), pointer)] = span

    def place(self, tree: Expr, span: Span) -> None:
        """Remembers where a value stands; the tree is kept, so that its id stays its own."""
        self.placed.append(tree)
        self.marks.setdefault((id(tree), VALUE), span)

    def place_of(self, tree: Expr, default: Span) -> Span:
        return self.marks.get((id(tree), VALUE), default)

    def trial(self) -> Callable[[], None]:
        """Begins a reading that may come to nothing; what is answered takes it back."""
        found, steps, told = len(self.findings.found), len(self.steps), set(self.told)
        names, inputs = dict(self.names), dict(self.inputs)

        def take_back() -> None:
            self.findings.take_back(found)
            del self.steps[steps:]
            self.names, self.inputs, self.told = names, inputs, told

        return take_back

    def block(self, commands: Sequence[Command]) -> "Branch":
        """Reads commands into steps of their own; names bound there are handed back, not kept."""
        if self.run_block is None:
            raise AssertionError("a reading begins in feature.read_feature")
        with self._inside() as (steps, before):
            self.run_block(self, commands)
            bound = {key: name for key, name in self.names.items() if before.get(key) is not name}
        return Branch(steps, bound)

    @contextmanager
    def _inside(self) -> "Generator[tuple[list[Step], dict[str, Name]]]":
        outer_steps, before, mentions = self.steps, dict(self.names), list(self.mentions)
        steps: list[Step] = []
        self.steps = steps
        try:
            yield steps, before
        finally:
            self.steps, self.names, self.mentions = outer_steps, dict(before), mentions

    def keep(self, branch: "Branch", change: Callable[[Kind], Kind], *, source: str = "") -> None:
        """Names of a branch stay in scope after it, with their kind changed."""
        for key, name in branch.bound.items():
            if name.source == "loop":
                self.gone[key] = ("loop", name.span)
                continue
            kind = change(name.kind)
            before = self.names.get(key)
            if name.source == "derived" and kind.optional and before is None:
                continue  # looked up anew where it is spoken of again
            if before is not None:
                kind = either(before.kind, name.kind) if not kind.optional or before else kind
            self.names[key] = replace(name, kind=kind, source=source or name.source)

    def join(self, left: "Branch", right: "Branch") -> None:
        """After an if: what both bound is certain, what one bound may be missing."""
        if left.ends and not right.ends:
            self.keep(right, lambda kind: kind)
            return
        if right.ends and not left.ends:
            self.keep(left, lambda kind: kind)
            return
        for key in sorted(left.bound.keys() | right.bound.keys()):
            one, other = left.bound.get(key), right.bound.get(key)
            name = one or other
            if name is None or name.source == "loop":
                continue
            if name.source == "derived" and not (one and other) and key not in self.names:
                continue  # looked up anew where it is spoken of again
            if one and other:
                self.names[key] = replace(name, kind=either(one.kind, other.kind))
                continue
            before = self.names.get(key)
            kind = either(before.kind, name.kind) if before else name.kind.maybe
            self.names[key] = replace(name, kind=kind, source=name.source if before else "branch")

    def keep_lists(self, branch: "Branch") -> None:
        """After a loop a name saved in it is the list of what it was each time."""
        for key, name in branch.bound.items():
            if name.source == "loop":
                self.gone[key] = ("loop", name.span)
            elif key not in self.names and name.source != "derived":
                self.names[key] = replace(name, kind=list_of(name.kind.sure), source="collected")

    # --- unknown names --------------------------------------------------------------------

    def unknown(self, said: str, span: Span, *, wanted: Kind | None = None) -> None:
        """Reports a name that nothing binds: once, with the nearest name or what happened to it.

        The answers of the question fit the kind that is wanted.
        """
        if not said.split():  # a mark alone
            self.error("E204", "Something is missing here.", at=span)
            return
        chosen = self.rows is not None and said.startswith("row ")
        said = said.removeprefix("row ") if chosen else said
        key = key_of(said)
        again = any(
            key.endswith(told) or key.startswith(told) for told in self.told if len(told) > 3
        )
        if again or key in self.told or self._was_lost(said):
            self.told.add(key)
            return
        self.told.add(key)
        self.told.add(key_of(said.casefold().rpartition(" as ")[2]))
        gone = self.gone.get(key) or (self._last_loop() if key in _EACH else None)
        if gone is not None:
            self._gone(said, span, gone[0], where=gone[1])
            return
        if key in self.later:
            self.error("E302", f"“{said}” is used here before it is saved.", at=span)
            return
        if wanted is not None and wanted.values:
            self._none_of(said, span, wanted.values)
            return
        if {"tag", "tagged"} & {*said.casefold().split()}:
            self.error("E205", "A feature can't ask for tags.", why=UNTAGGED, at=span)
            return
        if deeds := [word for word in said.split() if word.casefold() in DEEDS]:
            self.not_kept(deeds[0], span)
            return
        if close := self._near(said):
            self._misspelt(said, span, close)
            return
        why = "A name comes from INPUT, from the trigger, or from SAVE AS on an earlier line."
        if wanted is not None and wanted.base is Base.BOOLEAN:
            why = ASKED_BY_ITSELF if AGREED & set(said.casefold().split()) else _CONDITIONS
        if _MONTHS.intersection(said.casefold().split()):
            why = "A date is written as 2030-12-24."
        asked = why is ASKED_BY_ITSELF
        fixes = () if chosen or asked else self._answers(said, span, wanted)
        self.ask("E305", f"What is “{said}”? Nothing here says.", *fixes, why=why, at=span)

    def _near(self, said: str) -> tuple[str, ...]:
        """Names and nouns that are almost this one."""
        one = self.names.get(key_of(singular(said)))
        if one is not None and one.kind.base is Base.THING:
            return (one.name,)
        if _NEGATING & set(said.casefold().split()):
            return ()  # without that word it says the opposite
        somebody = self.vocabulary.is_person_word(said)  # `friend` is no `friend email`
        said_so = (one for one in self.names.values() if one.source != "derived")
        named = (one for one in said_so if one.kind.person or not somebody)
        known = [one.name for one in named]
        close = nearest(camel(said), known, count=2) or self._near_types(said) or timed_as(said)
        return tuple(one for one in close if key_of(singular(one)) != key_of(singular(said)))

    def _misspelt(self, said: str, span: Span, close: tuple[str, ...]) -> None:
        """Told where the slip is: here, or where the name is made."""
        made = self.names.get(key_of(close[0]))
        if made and self.misdeclared and self.misdeclared(self, said, made):
            return
        close = tuple(spaced(one) for one in close)
        fix = Fix(f"Write {close[0]}", (Edit(span, close[0]),), Applies.MAYBE)
        message = f"I don't know “{said}”. Did you mean {close[0]}?"
        self.error("E301", message, fix, names=close, at=span)

    def _last_loop(self) -> tuple[str, Span] | None:
        """The loop that was over last: `REWARD each`, after it."""
        return next((one for one in reversed(self.gone.values()) if one[0] == "loop"), None)

    def _none_of(self, said: str, span: Span, values: Sequence[str]) -> None:
        """A word where one of a few stands: which of them is it?"""
        shown = nearest(said, values) or tuple(values)
        fixes = [Fix(f"Write {one}", (Edit(span, one),), Applies.MAYBE) for one in shown[:4]]
        why = f"One of these stands here: {listed([*values], 'or')}."
        self.ask("E305", f"What is “{said}”? Nothing here says.", *fixes, why=why, at=span)

    def not_kept(self, said: str, span: Span) -> None:
        """Tells that nothing is written down of what is asked of somebody."""
        message = f"Nothing is kept of who “{said}”, so it can't be asked."
        fix = Fix("Ask whether they are there", (Edit(span, "there"),), Applies.MAYBE)
        fixes = [fix] if said.casefold() in {"signed", "logged"} else []
        self.error("E205", message, *fixes, why=KEPT, at=span)

    def _answers(self, said: str, span: Span, wanted: Kind | None) -> Iterator[Fix]:
        """What an unknown name may be, as edits of the text."""
        kind = wanted or UNKNOWN
        if (many := [*crowd(self.vocabulary, said)]) or is_sought(said):
            yield from (Fix(f"It is {one}", (Edit(span, one),), Applies.MAYBE) for one in many)
            return
        if said in {"first lesson", "last lesson"}:
            own = f"my newest course's {said}"
            yield Fix(f"It is {own}", (Edit(span, own),), Applies.MAYBE)
            return
        called, _, noun = said.removeprefix("my ").rpartition(" ")
        type_ = self.vocabulary.entity_of(noun) if called and singular(noun) == noun else None
        if type_ and not self.vocabulary.is_person_word(noun) and len(called.split()) < 4:
            own = f'my {noun} called "{called}"'
            yield Fix(f"It is {own}", (Edit(span, own),), Applies.MAYBE)
        for name in self.things():
            found = self.vocabulary.property_kind(name.kind.types, said)
            if found and name.kind.types and found[0] not in {"name", "id", "status", "type"}:
                own = f"{spaced(name.name)}'s {spaced(found[0])}"
                yield Fix(f"It is {own}", (Edit(span, own),), Applies.MAYBE)
        number = said.split(maxsplit=1)[0]
        if number[:1].isdigit():  # `5 tokens`, `20% off` are nobody's name
            if kind.base is Base.MONEY and number.isdigit():
                yield Fix(f"It is ${number}", (Edit(span, f"${number}"),), Applies.MAYBE)
            return
        if _NEGATING & set(said.casefold().split()):
            return
        if self.trigger_kind != "EVERY":  # nobody sends anything to a feature on a schedule
            yield Fix("Make it an input", (self.input_edit(said, kind),), Applies.MAYBE)
        elif kind.person:
            yield Fix("All my followers", (Edit(span, "my followers"),), Applies.MAYBE)
        elif (line := _GIVEN.get(kind.base)) and self.outline.commands:
            first = self.outline.commands[0].line
            edit = Edit(Span(first.number, 1, 1), f"{' ' * first.indent}SET {said} TO {line}\n")
            yield Fix(f"Say it above: SET {said} TO {line}", (edit,), Applies.PLACEHOLDER)
        if (kind.vague and not said.startswith("my ")) or kind.base is Base.TEXT:
            yield Fix("It is text", (Edit(span, f'"{said}"'),), Applies.MAYBE)

    def _near_types(self, said: str) -> tuple[str, ...]:
        """The phrase with its last word as a noun of the ontology that is one letter away."""
        before, _, last = said.rpartition(" ")
        if last.casefold() in _PLAIN:
            return ()
        nouns = [
            noun
            for one in self.vocabulary.entity_types.values()
            for word in (one.singular, *one.synonyms)
            for noun in (word, plural(word))
        ]
        if key_of(last) in {key_of(noun) for noun in nouns}:
            return ()
        near = [noun for noun in nouns if within_one(key_of(last), key_of(noun))][:2]
        return tuple(f"{before} {noun}".strip() for noun in near)

    def _was_lost(self, said: str) -> bool:
        """A name that a command in error may have bound: not accused as well.

        Such a name is made of the command's own words; without any it may be any name, once.
        """
        spelt = {singular(word) for word in said.casefold().split()}
        for words in self.lost:
            if not words:
                self.lost.remove(words)
                return len(spelt) < 4
            if spelt & words:
                return True
        return False

    def _gone(self, said: str, span: Span, what: str, *, where: Span) -> None:
        if what == "loop":
            edits = tuple(
                Edit(Span(line, 1, 1), " " * 4)
                for line in self._flat_lines(where.line + 1, span.line)
            )
            gone = Edit(Span(span.line, 1, 1, span.line + 1), "")
            fixes = [
                Fix("Put this line inside the loop", edits, Applies.MAYBE),
                Fix("Leave this line out", (gone,), Applies.MAYBE),
            ]
            message = f"“{said}” only exists inside the FOR EACH of line {where.line}."
            why = "Indent the line to make it part of the loop."
            self.error("E303", message, *fixes, why=why, at=span)
            return
        self.error("E303", f"“{said}” only exists inside the block of line {where.line}.", at=span)

    def _flat_lines(self, first: int, last: int) -> list[int]:
        """The lines of commands from `first` to `last` that aren't indented."""
        found: set[int] = {last}
        waiting = list(self.outline.commands)
        while waiting:
            command = waiting.pop()
            lines = [command.line, *(clause.line for clause in command.clauses)]
            found |= {line.number for line in lines if not line.level}
            waiting += [*command.body, *(one for c in command.clauses for one in c.body)]
        return sorted(line for line in found if first <= line <= last)

    def input_edit(self, said: str, kind: Kind) -> Edit:
        """The line under INPUT that asks for a name."""
        gloss = gloss_of(kind)
        outline = self.outline
        if outline.inputs:
            last = outline.inputs[-1].line
            return Edit(Span(last.number + 1, 1, 1), f"  - {said}{gloss}\n")
        return Edit(Span(outline.span.line + 1, 1, 1), f"INPUT:\n  - {said}{gloss}\n")


_NEGATING = frozenset({"no", "not", "never"})
_PLAIN = frozenset({"not", "no", "any", "all", "one", "two", "them", "the", "and", "now", "new"})


_GIVEN = {
    Base.MONEY: "$10",
    Base.INTEGER: "10",
    Base.NUMBER: "10",
    Base.RATIO: "10%",
    Base.BOOLEAN: "yes",
    Base.DATETIME: "2030-12-24",
    Base.DURATION: "1 day",
}
"""How a value of a kind is written, for a feature on a schedule that nobody gives one."""


def _slot_type(kind: Kind) -> str:
    if kind.person:
        return "Id<person>"
    return f"Id<{'|'.join(sorted(kind.types)) or 'entities'}>"


@dataclass(slots=True)
class Branch:
    """The steps of a block and the names that it bound."""

    steps: list[Step]
    bound: dict[str, Name] = field(default_factory=dict[str, Name])

    @property
    def ends(self) -> bool:
        return ends(self.steps)


def ends(steps: Sequence[Step]) -> bool:
    """Whether no way leads past these steps."""
    return any(_ends(step) for step in steps)


def _ends(step: Step) -> bool:
    if step.return_ is not None:
        return True
    if step.if_ is not None:
        return bool(step.if_.else_) and ends(step.if_.then) and ends(step.if_.else_)
    inner = step.atomic if step.step is None else step.step.do
    return inner is not None and ends(inner)


def always_given(steps: Sequence[Step]) -> frozenset[str]:
    """The outputs that every way through the steps gives."""
    if not ends(steps):
        return frozenset()
    answers = [step.return_ for step in steps_of(steps) if step.return_ is not None]
    return frozenset(answers[0]).intersection(*answers)


def person_of(name: Name | None) -> Kind:
    """The kind of a name, a person when it is nothing else."""
    return name.kind if name and name.kind is not UNKNOWN else PERSON
