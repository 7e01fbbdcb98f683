"""One way through a program: the trace of what a run does on it, and what has to hold for it.

Where a flow may go one way or another stands a fork; a walk takes the side that it is told, else
the first that can be had together with what it has already taken.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from one.compiler.bind.feature import slug_of
from one.compiler.emit import effects, outside
from one.compiler.emit.cases.alike import (
    are_twins,
    asks_for,
    owned_anyway,
    plain_words,
    relation_of,
    tied,
)
from one.compiler.emit.cases.scene import Name, Scene, Unsolved, always_there
from one.compiler.emit.inputs import inputs_of, short
from one.compiler.emit.module import SDK, static_of
from one.compiler.emit.printing import quoted, source
from one.compiler.emit.scope import Names, Static
from one.compiler.emit.solving import There, Wanted
from one.compiler.emit.statements import Statements, read_in, times_read
from one.compiler.emit.writer import Writer
from one.compiler.expression import Binary, Call, Expr, Lit, Ref
from one.compiler.kinds import PEOPLE, Base, Kind, read_kind
from one.compiler.light import frozen
from one.compiler.predicates import trees_of
from one.compiler.program import Filter, OnError, Program, Query, Step, Tie, Values, steps_of, walk
from one.compiler.vocabulary import Vocabulary

TAKEN = frozenset({"rehearsal", "did", "Rehearsal", "PLANNED"})
_NOTHING = Lit(None)


@frozen
class Side:
    """One side of a fork. `says` is what is so on it, in words; `wanted` what makes it so."""

    says: str
    wanted: tuple[Wanted, ...] = ()


@frozen
class Fork:
    """A place where a flow goes one way or another, and the side that a walk took."""

    place: str
    sides: tuple[Side, ...]
    taken: int


class Ended(Exception):
    """The flow gave its answer at a place."""

    def __init__(self, answer: Values, path: str) -> None:
        super().__init__()
        self.answer, self.path = answer, path


class Failed(Exception):
    """A step failed. `code` is that of a refusal of the feature's own."""

    def __init__(self, code: str = "") -> None:
        super().__init__()
        self.code = code


class Unreached(Exception):
    """No run can be led this way: `why` in words, and where that is known."""

    def __init__(self, why: str, path: str = "") -> None:
        super().__init__(why)
        self.why, self.path = why, path


@dataclass(slots=True)
class Script:
    """What a rehearsal is told to let happen: places that fail, and waits that see their event."""

    fails: list[str] = field(default_factory=list[str])
    comes: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Walk:
    """`told` are the sides to take, by place of the fork; `unplaced` what can't be put there."""

    program: Program
    vocabulary: Vocabulary
    errors: Mapping[str, str]
    told: Mapping[str, int]
    shapes: "Mapping[str, Shape]"
    can_place: "Callable[[Walk, Query], bool]"
    write: Statements = field(init=False)
    scene: Scene = field(init=False)
    script: Script = field(default_factory=Script)
    forks: list[Fork] = field(default_factory=list[Fork])
    shown: list[str] = field(default_factory=list[str])
    later: list[tuple[str, list[Step]]] = field(default_factory=list[tuple[str, list[Step]]])
    unplaced: dict[str, str] = field(default_factory=dict[str, str])
    guarded: int = 0
    unsure: int = 0

    def __post_init__(self) -> None:
        services = {one.name: one for one in self.vocabulary.services}
        names = Names(SDK | TAKEN)
        flow = self.program.flow
        self.write = Statements(
            self.program,
            Writer((), {}),
            names,
            {},
            services,
            {},
            read_in(flow),
            times_read(flow),
            run="did",
        )
        self.write.data, self.write.writer.depth = "did", 1
        self.scene = Scene(self.vocabulary, {})
        for name, (slot, missing) in inputs_of(self.program).items():
            kind = (read_kind(slot.type) or Kind(Base.JSON)).sure
            self.scene.names[name] = Name("input", kind, slot=slot, missing=missing)
            names.bind(name, Static.VALUE if missing else static_of(kind))
            names.known.setdefault(short(name), names.known[name])
            self._bounds(name)

    def _bounds(self, name: str) -> None:
        """What an input must be anyway."""
        found = self.scene.names[name]
        slot, it = found.slot, Ref(name)
        if slot is None or found.kind.base in (Base.TEXT, Base.LIST, Base.DURATION):
            return
        for op, bound in ((">=", slot.min), ("<=", slot.max)):
            if bound is not None:
                within = Binary(op, it, bound)
                missing = Binary("==", it, _NOTHING)
                self.scene.wanted.append((Binary("or", missing, within), True))

    # --- the whole

    def go(self) -> None:
        """Walks; the last line says how it ends. Raises Unreached."""
        try:
            self.block(self.program.flow, "flow")
        except Ended as end:
            self._parts()
            self._gave(end.answer, end.path)
        except Failed as failure:
            self._parts()
            ended = f"refused({quoted(failure.code)})" if failure.code else "failed()"
            self.write.add(f"did.{ended}")
        else:
            self._parts()
            self._gave({}, "flow")

    def _gave(self, answer: Values, path: str) -> None:
        at = self.write.at(path)
        given = {key: source(at.value(tree)) for key, tree in answer.items()}
        wires = [f"{quoted(key)}: {one}" for key, one in given.items() if key in self._outputs]
        told = [
            one for one in self.shown if one.split(":")[0] not in {w.split(":")[0] for w in wires}
        ]
        both = [*told, *wires]
        self.write.add(f"did.gave({{{', '.join(both)}}})" if both else "did.gave()")

    @property
    def _outputs(self) -> frozenset[str]:
        return frozenset(self.program.output)

    def _parts(self) -> None:
        """What went its own way."""
        while self.later:
            path, steps = self.later.pop(0)
            try:
                self.block(steps, f"{path}.do")
            except (Ended, Failed):
                continue

    # --- forks

    def fork(self, place: str, *sides: Side) -> int:
        """The side that is taken here."""
        number = sum(one.place.partition("#")[0] == place for one in self.forks)
        place = f"{place}#{number}" if number else place
        order = [self.told[place]] if place in self.told else range(len(sides))
        doubt = ""
        for n in order:
            try:
                if self.scene.want(*sides[n].wanted):
                    self.forks.append(Fork(place, sides, n))
                    return n
                doubt = doubt or "it can't be so with what was so before"
            except Unsolved:
                doubt = "what decides it is only known when it runs"
        raise Unreached(f"{sides[order[0]].says}: {doubt}", path_of(place))

    def fails_here(self, path: str, says: str, *, always: bool = True) -> bool:
        """Whether a step is let fail; where nobody would catch it only when `always`."""
        if self.unsure or (not always and not self.guarded):
            return False
        place = place_in(path)
        if place in self.script.fails:
            return True
        sides = (Side(f"{says} goes well"), Side(f"{says} fails"))
        if self.fork(f"{place}!", *sides) == 0:
            return False
        self.script.fails.append(place)
        return True

    @contextmanager
    def catching(self) -> Generator[None]:
        """Around what is caught when it fails."""
        self.guarded += 1
        try:
            yield
        finally:
            self.guarded -= 1

    # --- steps

    def block(self, steps: Sequence[Step], path: str) -> None:
        for n, step in enumerate(steps):
            self.step(step, f"{path}.{n}")

    def step(self, step: Step, path: str) -> None:
        failing = step.on_error
        again = step.service and failing and failing.retry and not failing.return_
        if failing is None or step.kind == "waitForEvent" or (again and not failing.continue_):
            self.plain(step, path)
            return
        try:
            with self.catching():
                self.plain(step, path)
        except Failed as failure:
            self.failed(failing, step, path=path, failure=failure)

    def plain(self, step: Step, path: str) -> None:
        shape = self.shapes.get(step.kind)
        if shape is not None:
            shape(self, step, path=path)
            return
        if self.fails_here(path, f"step {_said(path)}", always=False):
            raise Failed
        self.command(step, path)

    def command(self, step: Step, path: str) -> None:
        """A data command."""
        if step.query is not None:
            self._query(step, step.query, path)
            return
        done = source(effects.effect(self.write.at(path), step))
        self.write.save(step.output, f"await {done}")
        self._learn(step)

    def _learn(self, step: Step) -> None:
        """What is no longer as it was before the run."""
        if step.output:
            self.scene.names[step.output] = Name("opaque")
            self.scene.facts[Ref(step.output)] = There(step.output)
        if step.grant is not None or step.update is not None:
            self.scene.stale.add("balance")
        for tie in (step.connect, step.disconnect):
            if tie is not None:
                self.scene.stale |= {tie.type, "owns"}

    def _query(self, step: Step, query: Query, path: str) -> None:
        verb = f"await {source(effects.effect(self.write.at(path), step))}"
        one = query.limit == 1 and not query.select
        words = f"what step {_said(path)} looks for"
        name = step.output or f"found at {path}"
        if query.select:
            sure = self.can_place(self, query) and not self._shared(query)
            countable = query.select == "count" and sure
            counted = "count" if countable else "opaque"
            twin = self._twin(query) if countable else ""
            self.scene.names[name] = Name(
                counted, Kind(Base.INTEGER), place_in(path), query, twin=twin
            )
            self._as_many(name, twin)
            if not self._can_be(query):
                self._empty(name, one=False)
                self.scene.facts[Ref(name)] = 0
            self.write.save(step.output, verb)
            return
        if one and (sides := relation_of(query)) is not None and self._are_given(sides[1:]):
            self._relation(name, sides, query=query, path=path)
            self.write.save(step.output, verb)
            return
        kind = self.row_kind(query)
        twin = "" if one else self._twin(query)
        self.scene.names[name] = Name(
            "row" if one else "rows", kind, place_in(path), query, twin=twin
        )
        if not self._can_be(query) or not (owned_anyway(query) or self.can_place(self, query)):
            self.unplaced[path] = f"{words} is there: it can't be put in place"
            if self._may_be_found(query):
                self._doubtful(name, query)
            else:
                self._empty(name, one=one)
                if query.required:
                    raise Failed
        elif self.unsure or owned_anyway(query):
            self.scene.names[name] = Name("opaque" if self.unsure else "row", kind)
            self.scene.facts[Ref(name)] = There(name)
        elif one:
            missing = Side(f"{words} is missing")
            there = self.fork(
                f"{path}?", Side(f"{words} is there"), *([] if self._shared(query) else [missing])
            )
            self.scene.facts[Ref(name)] = _NOTHING.value if there else There(name)
            if there and query.required:
                raise Failed
        elif query.required or step.output in self.write.read:
            many = Call("length", (Ref(name),))
            self._as_many(name, twin)
            some = (Binary(">", many, Lit(0)), True)
            none = (Binary("==", many, Lit(0)), True)
            missing = Side(f"{words} is missing", (none,))
            sides = (
                Side(f"{words} is there", (some,)),
                *([] if self._shared(query) else [missing]),
            )
            if self.fork(f"{path}?", *sides) and query.required:
                raise Failed
        self.write.save(step.output, verb)

    def _twin(self, query: Query) -> str:
        """The name of what was found before by the same conditions, or by the same since a moment
        that is past: what is put in place for it is found again.
        """
        for name, found in self.scene.names.items():
            many = found.source in ("count", "rows") and found.query is not None
            if many and found.query is not None and are_twins(found.query, query):
                return found.twin or name
        return ""

    def _as_many(self, name: str, twin: str) -> None:
        """As many are found as were of its twin."""
        if twin:
            sizes = (self._size(one) for one in (name, twin))
            self.scene.want((Binary("==", *sizes), True))

    def _size(self, name: str) -> Expr:
        one = Ref(name)
        return one if self.scene.names[name].source == "count" else Call("length", (one,))

    def _relation(
        self, name: str, sides: tuple[str, Expr, Expr], *, query: Query, path: str
    ) -> None:
        """The relation between two things that are there."""
        type, one, other = sides
        self.scene.names[name] = Name(
            "relation", Kind(Base.CONNECTION, frozenset({type})), query=query
        )
        self.scene.facts[Ref(name)] = There(name)
        if type in self.scene.stale or self._are_tied(type, one, other):
            self.scene.names[name] = Name("opaque")
            return
        words, tied = (
            f"what step {_said(path)} looks for",
            Call("connected", (one, Lit(type), other)),
        )
        there = Side(f"{words} is there", ((tied, True),))
        if self.fork(f"{path}?", there, Side(f"{words} is missing", ((tied, False),))):
            self.scene.facts[Ref(name)] = None
            if query.required:
                raise Failed

    def _are_tied(self, type: str, one: Expr, other: Expr) -> bool:
        """Whether one of two things was found by its relation to the other."""
        for each, end in ((one, other), (other, one)):
            found = self.scene.names[each.name] if isinstance(each, Ref) else Name("opaque")
            rows = self.scene.names.get(found.of, found)
            ties = [of.connected for of in rows.query.where] if rows.query else []
            if any(tie and tie.type == type and end in (tie.from_, tie.to) for tie in ties):
                return True
        return False

    def _are_given(self, ends: tuple[Expr, ...]) -> bool:
        return all(
            isinstance(end, Ref)
            and (self.scene.names[end.name].source == "input" or self.scene.is_found(end.name))
            for end in ends
        )

    def _doubtful(self, name: str, query: Query) -> None:
        """What may be found though nothing was put in place for it. Raises Unreached."""
        if query.required:
            raise Unreached("what is looked for can't be put in place")
        self.scene.names[name] = Name("opaque")

    def _empty(self, name: str, *, one: bool) -> None:
        """What can't be found by anybody."""
        self.scene.names[name] = Name("opaque")
        if one:
            self.scene.facts[Ref(name)] = None
        else:
            self.scene.facts[Call("length", (Ref(name),))] = 0

    def _can_be(self, query: Query) -> bool:
        """Whether such rows can be there at all, as far as their relations go."""
        types = plain_words(query, "type")
        for one in query.where:
            tie = one.connected
            if tie is None or one.negated or not types:
                continue
            known = self.vocabulary.connection_types.get(tie.type)
            end = self.types_at(tie.from_ if tie.from_ is not None else tie.to)
            pairs = known.pairs if known else ()
            ends = [(a, b) if tie.from_ is not None else (b, a) for a, b in pairs]
            if self.owned_at(tie):
                ends = [(PEOPLE, a) for a, _ in pairs]
            if end and not any(a & end and b & types for a, b in ends):
                return False
        return True

    def owned_at(self, tie: Tie) -> bool:
        """Whether who stands in a relation to somebody does so to a thing of theirs: the students
        of a person are those of their courses.
        """
        known = self.vocabulary.connection_types.get(tie.type)
        end = self.types_at(tie.to) if tie.from_ is None else frozenset[str]()
        if known is None or not end or not end <= PEOPLE:
            return False
        return tie.type == "transacted" or not any(b & end for _, b in known.pairs)

    def _shared(self, query: Query) -> bool:
        """Whether another query may find what is there for this one, or what this one may find is
        there for another.
        """
        types = self.row_kind(query).types
        there = always_there(query, self.row_kind(query), program=self.program)
        if there or any(self._tied_otherwise(one, before=query) for one in query.where):
            return True
        queries = [step.query for step in steps_of(self.program.flow) if step.query is not None]
        queries = [one for one in queries if one is query or not are_twins(one, query)]
        alike = [one for one in queries if self.row_kind(one).types & types]
        if len(alike) < 2:
            return False
        ties = [{tied(one) for one in other.where if tied(one)} for other in alike]
        return any(
            not one - other for n, one in enumerate(ties) for other in ties[:n] + ties[n + 1 :]
        )

    def _may_be_found(self, query: Query) -> bool:
        """Whether what is put in place for something else may be what a query looks for."""
        types = self.row_kind(query).types
        others = (step.query for step in steps_of(self.program.flow) if step.query is not query)
        placed = [one for one in others if one is not None and self.can_place(self, one)]
        alike = any(self.row_kind(one).types & types for one in placed)
        return alike or any(self._tied_otherwise(one, before=query) for one in query.where)

    def _tied_otherwise(self, one: Filter, *, before: Query) -> bool:
        """Whether the flow makes such a relation before a query, or asks for one, which then is
        put in place.
        """
        tie = one.connected
        if tie is None or one.negated:
            return False
        end = tie.from_ if tie.from_ is not None else tie.to
        steps = list(walk(self.program.flow))
        if any(asks_for(tree, tie.type, end=end) for _, step in steps for tree in trees_of(step)):
            return True
        for path, step in steps:
            if step.query is before and ".do." not in path:
                break
            made = step.connect
            if made is None or made.type != tie.type:
                continue
            if isinstance(end, Lit) or end in (made.from_, made.to):
                return True
        return False

    def row_kind(self, query: Query) -> Kind:
        """What a row of a query is."""
        return Kind(Base.THING, plain_words(query, "type") or self._tied_types(query))

    def _tied_types(self, query: Query) -> frozenset[str]:
        """The types that the relations of a row leave."""
        found: frozenset[str] = frozenset()
        for tie in (one.connected for one in query.where):
            known = self.vocabulary.connection_types.get(tie.type) if tie else None
            end = 1 if tie is not None and tie.from_ is not None else 0
            allowed = frozenset(one for pair in (known.pairs if known else ()) for one in pair[end])
            found = found & allowed or found or allowed
        return found

    def types_at(self, tree: Expr | None) -> frozenset[str]:
        """The types that a thing may have; none where that isn't known."""
        match tree:
            case Call("me", ()):
                return frozenset({"creator"})
            case Ref(name) if name in self.scene.names:
                return self.scene.names[name].kind.types
            case _:
                return frozenset()

    # --- what happens when something fails

    def failed(self, failing: OnError, step: Step, *, path: str, failure: Failed) -> None:
        rest = failing.rollback
        if step.atomic is not None:
            rest = outside.rest_of(self.write, step)
        self.block(rest, f"{path}.rollback")
        match failing.return_:
            case None if failing.continue_ or failing.retry:
                self._passed(step, failure)
            case None:
                raise failure
            case fields:
                self.ends_with(fields, path)

    def _passed(self, step: Step, failure: Failed) -> None:
        """What failed, and the flow goes on."""
        del failure
        name = step.output
        if name and name in self.write.read:
            self.scene.names[name] = Name("opaque")
            self.scene.facts[Call("failed", (Ref(name),))] = True
            self.scene.facts[Ref(name)] = There(f"failure of {name}")
            if step.service is None:
                self.write.add(f"{self.write.names.bind(name)} = PLANNED")

    def ends_with(self, fields: Values, path: str) -> None:
        match fields:
            case {"error": Lit(str(words))}:
                raise Failed(self.code(words, path))
            case {"error": _}:
                raise Failed(self.code("", path))
            case _:
                raise Ended(fields, path)

    def code(self, said: str, path: str) -> str:
        """The code that the feature's code refuses with here."""
        base = (slug_of(said) or f"refused_at_{place_in(path).replace('.', '_')}")[:60].rstrip("_")
        fitting = [one for one, words in self.errors.items() if words == said]
        return next((one for one in fitting if one.startswith(base)), base)

    # --- scope

    @contextmanager
    def inside(self, run: str, front: str) -> Generator[None]:
        """What stands in one item, one try or one branch."""
        write = self.write
        outer = (write.run, write.data, write.front)
        write.run, write.data, write.front = run, run, front
        try:
            yield
        finally:
            write.run, write.data, write.front = outer

    def opaque(self, names: Iterator[str]) -> None:
        """Names of which nothing is known from here on."""
        for one in names:
            self.scene.sets.pop(one, None)
            self.scene.names[one] = Name("opaque")


def place_in(path: str) -> str:
    """A path as a rehearsal is told it."""
    return path.replace("'", "")


def path_of(place: str) -> str:
    """The path of the step where a fork stands."""
    return place.partition("#")[0].partition(":")[0].rstrip("?!*")


def _said(path: str) -> str:
    """A path in words: `2.then.0`."""
    return path.removeprefix("flow.")


class Shape(Protocol):
    """Walks a step that is no data command."""

    def __call__(self, on: Walk, step: Step, *, path: str) -> None: ...
