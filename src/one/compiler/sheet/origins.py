"""Where values come from: whose they are, which typed words, picks and look-ups they carry."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce

from one.compiler.checker import kinds_of
from one.compiler.checker.infer import Judge, Names
from one.compiler.diagnosis import Findings
from one.compiler.expression import Call, Choice, Expr, Get, Index, Items, Lit, Ref, Template
from one.compiler.expression import children as parts_of
from one.compiler.kinds import PEOPLE, PERSON, Base, Kind, read_kind, thing
from one.compiler.light import frozen
from one.compiler.program import Program, Slot, Step, trees_in, walk
from one.compiler.sheet.parts import Party
from one.compiler.vocabulary import Vocabulary

AUTHOR = Party(who="author")
_CONTACT = frozenset({"email", "phone", "id", "name"})
_JUDGING = re.compile(
    r"(?<![a-z])(accept|agree|approv|examin|inspect|judg|moderat|referee|reject|review|supervis)"
)
_WORDS = frozenset({"signal", "content_moderated", "entity_created"})
"""What somebody's word comes as: a signal, a moderation, a message."""
_ADDRESS = re.compile(r"\be-?mail|\bmail address", re.IGNORECASE)


@frozen
class Origin:
    """`people` whom the value is, `typed` inputs and `reads` (paths) in it, the `pick` it is."""

    people: tuple[Party, ...] = ()
    typed: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    pick: str = ""

    def joined(self, other: "Origin") -> "Origin":
        people = (*self.people, *(one for one in other.people if one not in self.people))
        return Origin(people, self.typed | other.typed, self.reads | other.reads, self.pick)


class Origins:
    """The origins of every value of one program."""

    def __init__(self, program: Program, vocabulary: Vocabulary) -> None:
        self.program = program
        self.vocabulary = vocabulary
        self.kinds: Names = kinds_of(program, vocabulary)
        self._judge = Judge(vocabulary, Findings(), english=False)
        self.steps = tuple(walk(program.flow))
        inputs = {name: self._kind_of(name, slot) for name, slot in program.input.items()}
        self.persons = tuple(name for name, kind in inputs.items() if kind.person)
        self.judges = tuple(self._judges())
        self.people_picked: Mapping[str, Kind] = {
            name: kind
            for name, kind in inputs.items()
            if (kind.item or kind).person and name != self.runner
        }
        self.picks: Mapping[str, Kind] = {
            name: kind for name, kind in inputs.items() if _is_thing(kind.item or kind)
        }
        self.names: dict[str, Origin] = dict(self._given())
        for _ in range(2):  # a loop may read what it has set before
            for path, step in self.steps:
                self.names.update(self._bound(path, step))

    @property
    def runner(self) -> str:
        """The first person input that is no judge; in a WHEN or EVERY nobody runs."""
        able = [name for name in self.persons if name not in self.judges]
        return able[0] if able and self.program.trigger is None else ""

    def _judges(self) -> Iterator[str]:
        """The person inputs whose word the flow waits for: nobody is their own judge."""
        waits = [step.wait_for_event for _, step in self.steps if step.wait_for_event is not None]
        waits = [one for one in waits if one.type in _WORDS]
        said = [tree for wait in waits for tree in wait.where.values()]
        topics = [one.value for one in said if isinstance(one, Lit) and isinstance(one.value, str)]
        for name in self.persons:
            role = f"{name} {self.program.input[name].gloss}".lower()
            verbs = [one.removeprefix(name).lower() for one in topics if one.startswith(name)]
            if any(map(_JUDGING.match, verbs)) or (waits and _JUDGING.search(role)):
                yield name

    def kind(self, tree: Expr) -> Kind:
        return self._judge.kind(tree, dict(self.kinds))

    # --- names ----------------------------------------------------------------------------

    def _given(self) -> Iterator[tuple[str, Origin]]:
        trigger = self.program.trigger
        for name, slot in self.program.input.items():
            yield from ((each, self._input(name, slot)) for each in {name, _bare(name)})
        if trigger is None:
            return
        if trigger.entity:
            person = self.kinds.get(trigger.entity, Kind(Base.UNKNOWN)).person
            yield trigger.entity, Origin((AUTHOR,) if person else ())
        if trigger.actor:
            yield trigger.actor, Origin((Party(who="actor", name=trigger.actor),))

    def _input(self, name: str, slot: Slot) -> Origin:
        kind = self._kind_of(name, slot)
        inner = kind.item or kind
        if inner.person:
            who = "runner" if name == self.runner else "other"
            return Origin((Party(who=who, name=name, many=kind.item is not None),))
        if inner.base is Base.THING:
            return Origin(pick=name)
        typed = frozenset({name})
        return (
            Origin((Party(who="typed", name=name),), typed)
            if is_address(name, slot)
            else (Origin(typed=typed))
        )

    def _kind_of(self, name: str, slot: Slot) -> Kind:
        """The kind of an input; `buyerId` of no type is what is checked of it, or what it says."""
        kind = (read_kind(slot.type) or Kind(Base.UNKNOWN)).sure
        if kind.base is not Base.THING or kind.types:
            return kind
        checks = [step.validate_.checks for _, step in self.steps if step.validate_ is not None]
        said = next((one[name].type for one in checks if name in one and one[name].type), None)
        if said is not None:
            return PERSON if said in PEOPLE else thing(said)
        return PERSON if self.vocabulary.is_person_word(_bare(name)) else kind

    def _bound(self, path: str, step: Step) -> Iterator[tuple[str, Origin]]:
        if step.for_each is not None:
            item = self.of(step.for_each.in_)
            people = tuple(replace_many(one, many=False) for one in item.people)
            yield step.for_each.as_, replace(item, people=people)
        for name, tree in (step.set or {}).items():
            yield name, self.of(tree)
        if step.output is not None:
            yield step.output, self._result(path, step, step.output)

    def _result(self, path: str, step: Step, name: str) -> Origin:
        carried = self.carried(step)
        if step.query is not None:
            kind = self.kinds.get(name, Kind(Base.UNKNOWN))
            person = (kind.item or kind).person
            who = (Party(who="found", name=name, many=kind.item is not None),) if person else ()
            return Origin(who, reads=carried.reads | {path})
        if step.entity is not None:
            return Origin((Party(who="made", name=name),))
        if step.service is not None or step.call is not None:
            return Origin(typed=carried.typed, reads=carried.reads)
        return Origin()

    def carried(self, step: Step) -> Origin:
        """What all values of a step carry together."""
        return self.all(trees_in(step))

    # --- values ---------------------------------------------------------------------------

    def all(self, trees: Iterable[Expr]) -> Origin:
        """What the values carry together; they are no one pick."""
        found = reduce(Origin.joined, (self.of(tree) for tree in trees), Origin())
        return replace(found, pick="")

    def of(self, tree: Expr) -> Origin:
        match tree:
            case Ref(name):
                return self.names.get(name, Origin())
            case Call("me", ()):
                return Origin((AUTHOR,))
            case Get(of, key):
                return self._property(tree, of, key)
            case Index(of) | Call("first" | "last", (of,)):
                inner = self.of(of)
                return replace(
                    inner, people=tuple(replace_many(one, many=False) for one in inner.people)
                )
            case Choice(_, then, other):
                return self.of(then).joined(self.of(other))
            case Lit(str(text)) if "@" in text:
                return Origin((Party(who="named", name=text),))
            case Items(values):
                found = self.all(values)
                return replace(found, pick="")
            case Template() | Call():
                return replace(self.all(parts_of(tree)), people=())
            case _:
                return self.all(parts_of(tree))

    def _property(self, tree: Expr, of: Expr, key: str) -> Origin:
        inner = replace(self.of(of), pick="")
        if key in _CONTACT and inner.people:
            return inner
        kind = self.kind(tree).sure
        if (kind.item or kind).person or key in {"email", "phone", "actor"}:
            return replace(inner, people=(Party(who="found", many=kind.item is not None),))
        return replace(inner, people=())

    def is_person(self, tree: Expr) -> bool:
        """Whether the value is a person or several; a value of no known kind may be one."""
        kind = self.kind(tree).sure
        inner = kind.item or kind
        return inner.person or (bool(self.of(tree).people) and inner.vague)

    def type_of(self, tree: Expr) -> str:
        """The type of the thing that the value is, or are; empty when several are possible."""
        kind = self.kind(tree).sure
        types = (kind.item or kind).types
        return "person" if types == PEOPLE else next(iter(types)) if len(types) == 1 else ""

    def has_price(self, name: str) -> bool:
        """Whether the things picked by this input bear a price."""
        kind = self.picks[name]
        types = (kind.item or kind).types & self.vocabulary.entity_types.keys()
        return any("price" in self.vocabulary.entity(one).kinds for one in types)

    def picks_in(self, tree: Expr) -> frozenset[str]:
        """The picks that a value is read from, by whatever name they go."""
        own = self.of(tree).pick
        inner = (one for part in parts_of(tree) for one in self.picks_in(part))
        return frozenset([*([own] if own else []), *inner])

    def picks_of(self, step: Step) -> frozenset[str]:
        """The picks that a step speaks of."""
        checked = step.validate_.checks if step.validate_ is not None else {}
        named = (self.names.get(name.split(".")[0], Origin()).pick for name in checked)
        found = (one for tree in trees_in(step) for one in self.picks_in(tree))
        return frozenset(one for one in (*named, *found) if one)

    def name_of(self, tree: Expr) -> str:
        return tree.name if isinstance(tree, Ref) else ""

    def people(self, tree: Expr) -> tuple[Party, ...]:
        """Whom a value means; someone, when that is known only at run time."""
        return self.of(tree).people or (Party(who="someone"),)


def replace_many(party: Party, *, many: bool) -> Party:
    return party.model_copy(update={"many": many}) if party.many is not many else party


def is_address(name: str, slot: Slot) -> bool:
    """Whether an input is an e-mail address: its name or its gloss says so."""
    return slot.type.startswith("text") and bool(_ADDRESS.search(f"{name} {slot.gloss}"))


def _bare(name: str) -> str:
    """`creatorId` also binds `creator`."""
    return name.removesuffix("Id") if len(name) > len("Id") else name


def _is_thing(kind: Kind) -> bool:
    return kind.base is Base.THING and not kind.person
