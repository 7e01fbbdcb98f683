"""Steps as statements: the shapes of a flow, and what runs between transactions."""

import ast
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from one.compiler.bind.feature import slug_of
from one.compiler.emit import effects
from one.compiler.emit.expressions import Expressions, asks, call, constant
from one.compiler.emit.printing import quoted, source
from one.compiler.emit.scope import Local, Names
from one.compiler.emit.writer import Writer
from one.compiler.expression import Expr, Lit, Ref, names_in
from one.compiler.predicates import trees_of
from one.compiler.program import OnError, Program, Step, Values, steps_of
from one.ontology.services import Service

OUTSIDE = frozenset(
    {
        "service",
        "wait",
        "waitForEvent",
        "parallel",
        "try",
        "retry",
        "step",
        "call",
        "later",
        "atomic",
    }
)
"""What stands between transactions."""


def in_data(step: Step) -> bool:
    """Whether the step and all in it can be part of a transaction."""
    if step.on_error is not None or step.kind in OUTSIDE:
        return False
    if step.for_each is not None and (step.for_each.parallel or step.for_each.continue_on_error):
        return False
    return all(in_data(one) for _, block in step.blocks() for one in block)


def wants_data(step: Step) -> bool:
    """Whether the step has to be part of a transaction."""
    if any(asks(tree) for tree in trees_of(step)):
        return True
    if step.kind in effects.WRITERS:
        return True
    return any(wants_data(one) for _, block in step.blocks() for one in block)


def read_in(steps: Sequence[Step]) -> frozenset[str]:
    """The names that steps read, wherever in them."""
    trees = (tree for step in steps_of(steps) for tree in trees_of(step))
    return frozenset(name for tree in trees for name in names_in(tree))


def times_read(steps: Sequence[Step]) -> Counter[str]:
    """How often steps read each name, wherever in them."""
    trees = (tree for step in steps_of(steps) for tree in trees_of(step))
    return Counter(name for tree in trees for name in names_in(tree))


def is_durable(steps: Sequence[Step]) -> bool:
    """Whether a flow calls, waits, or hands on to other runs."""
    waiting = {"service", "wait", "waitForEvent", "call", "later"}
    return any(step.kind in waiting for step in steps_of(steps))


def bound_in(steps: Sequence[Step]) -> Iterator[str]:
    """The names that steps bind, wherever in them."""
    for step in steps_of(steps):
        if step.output:
            yield step.output
        yield from step.set or {}


NONE: frozenset[str] = frozenset()


@dataclass(slots=True)
class Part:
    """What goes its own way: its steps, and the names that it needs."""

    path: str
    steps: list[Step]
    names: list[str]


@dataclass(slots=True)
class Statements:
    """Writes the steps of one function body. `front` is cut off paths that are relative to it.

    `shapes` write the primitives that are no data command; `errors` are the codes so far.
    """

    program: Program
    writer: Writer
    names: Names
    outputs: Mapping[str, str]
    services: Mapping[str, Service]
    shapes: "Mapping[str, Shape]"
    read: frozenset[str]
    times: Counter[str]
    errors: dict[str, str] = field(default_factory=dict[str, str])
    parts: list[Part] = field(default_factory=list[Part])
    run: str = "run"
    data: str = ""
    front: str = "flow"
    handling: bool = False
    before_loop: frozenset[str] | None = None

    # --- where it is

    def relative(self, path: str) -> str:
        """A program path as the run at hand takes it."""
        return path.removeprefix(f"{self.front}.") if self.front != "flow" else path

    def at(self, path: str) -> Expressions:
        """Writes values at a path."""
        return Expressions(self.names, self.run, self.data, self.relative(path))

    def place(self, path: str) -> str:
        return quoted(self.relative(path))

    def add(self, line: str) -> None:
        self.writer.add(line)

    # --- blocks

    def block(self, steps: Sequence[Step], path: str) -> None:
        """Steps in order; those of data that stand together in one transaction."""
        at = 0
        while at < len(steps):
            if self.data or not (in_data(steps[at]) and wants_data(steps[at])):
                self.step(steps[at], f"{path}.{at}")
                at += 1
                continue
            end = self._run_of_data(steps, at)
            with self.transaction(f"{path}.{at}"):
                for n in range(at, end):
                    self.step(steps[n], f"{path}.{n}")
            at = end

    def _run_of_data(self, steps: Sequence[Step], at: int) -> int:
        """Where a row of data steps ends: behind the last that has to be in the transaction."""
        end = last = at
        while end < len(steps) and in_data(steps[end]):
            if wants_data(steps[end]):
                last = end + 1
            end += 1
        return last

    @contextmanager
    def transaction(self, path: str) -> Generator[None]:
        """One transaction around what is written inside."""
        with self.writer.block(f"async with {self.run}.step({self.place(path)}) as data:"):
            self.data = "data"
            yield
            self.data = ""

    def one(self, step: Step, path: str) -> None:
        """One step, in a transaction where it needs one."""
        if self.data or not (in_data(step) and wants_data(step)):
            self.step(step, path)
            return
        with self.transaction(path):
            self.step(step, path)

    def step(self, step: Step, path: str) -> None:
        """One step, with what happens when it fails."""
        if step.on_error is not None and step.kind not in ("atomic", "service", "waitForEvent"):
            self._guarded(step, path, step.on_error)
        else:
            self._plain(step, path)

    def _plain(self, step: Step, path: str) -> None:
        self.writer.say(path)
        shape = self.shapes.get(step.kind)
        if shape is not None:
            shape(self, step, path=path)
            return
        self.save(step.output, f"await {source(effects.effect(self.at(path), step))}")

    def save(self, output: str | None, done: str) -> None:
        """A statement, its value under the name that somebody reads it by."""
        if output in self.read:
            self.add(f"{self.names.bind(output)} = {done}")
        else:
            self.add(done)

    def _guarded(self, step: Step, path: str, failing: OnError) -> None:
        """A step of which it is said what to do when it fails."""
        bare = step.model_copy(update={"on_error": None})
        if only_raises(failing):
            self.one(bare, path)
            return
        self.declare(bound_in([bare]))
        with self.writer.block("try:"), self.writer.merged(f"async with {self.run}.attempt()"):
            self.one(bare, path)
        self.failing(failing, path, output=step.output)

    def failing(self, failing: OnError, path: str, *, output: str | None = None) -> None:
        """The `except` of a step."""
        named = " as failure" if _names_failure(failing) else ""
        with self.writer.block(f"except Failure{named}:"), self.in_handler():
            self.failed(failing, path, output=output)

    def failed(self, failing: OnError, path: str, *, output: str | None) -> None:
        """What is done with a failure."""
        rest = failing.rollback
        self.block(rest, f"{path}.rollback")
        match failing.return_:
            case None if failing.continue_ or failing.retry:
                if output in self.read:
                    self.add(f"{self.names.bind(output)} = failed_with(failure)")
                else:
                    self.add(f"{self.run}.passed_over(failure)")
            case None:
                if not (rest and rest[-1].return_ is not None):
                    self.add("raise")
            case {"error": Lit(str(words))}:
                self.refuse(constant(words), said=words, path=path, cause="failure")
            case {"error": words}:
                with self.reading((words,), f"{path}.return"):
                    self.refuse(self.at(path).words(words), said="", path=path, cause="failure")
            case fields:
                with self.reading(fields.values(), f"{path}.return"):
                    self.give(fields, path)

    @contextmanager
    def reading(self, trees: Iterable[Expr], path: str) -> Generator[None]:
        """A transaction, where values need one and none is open."""
        if self.data or not any(map(asks, trees)):
            yield
            return
        with self.transaction(path):
            yield

    def looked_up(self, trees: Mapping[str, Expr], path: str) -> dict[str, Expr]:
        """Values for where no transaction can be: what looks into the tables is read before, in
        one of its own, and stands there as a name.
        """
        found = dict(trees)
        asking = {key: tree for key, tree in trees.items() if asks(tree)}
        if self.data or not asking:
            return found
        with self.transaction(f"{path}.in"):
            for key, tree in asking.items():
                value, static = self.at(path).typed(tree)
                local = Local(self.names.fresh(key), static)
                self.add(f"{local.python} = {source(value)}")
                name = f"{path}.in.{key}"
                self.names.known[name] = local
                found[key] = Ref(name)
        return found

    @contextmanager
    def in_handler(self, *, handling: bool = True) -> Generator[None]:
        """Within an `except`, or a function in it, which is none of it."""
        outer, self.handling = self.handling, handling
        yield
        self.handling = outer

    @contextmanager
    def function(
        self,
        name: str,
        gives: str,
        *,
        params: Mapping[str, str],
        late: frozenset[str] = NONE,
    ) -> Generator[None]:
        """A function inside. What it reads of a loop around it is bound when it is made, but for
        names that are bound `late`.
        """
        outside = self.names.used if self.before_loop is None else self.before_loop
        looped = self.names.used - outside
        kinds = {one.python: one.static.value for one in self.names.known.values()}
        held = {one: kinds[one] for one in sorted(looped - late) if one in kinds}
        inside = self.in_handler(handling=False)
        with self.writer.function(name, gives, held=held, **params), inside:
            yield

    @contextmanager
    def loop(self) -> Generator[None]:
        """Within a loop."""
        outer = self.before_loop
        if outer is None:
            self.before_loop = frozenset(self.names.used)
        yield
        self.before_loop = outer

    def declare(
        self,
        names: Iterator[str],
        *,
        sure: frozenset[str] = NONE,
        captured: bool = False,
    ) -> None:
        """Names that are bound in a part that may not run: nothing until then.

        Those of `sure` are bound whoever comes past; `captured` ones by functions inside, which a
        type checker doesn't follow.
        """
        for one in dict.fromkeys(names):
            if one not in self.read:
                continue
            if one not in self.names.known:
                if one not in sure:
                    nothing = "nothing()" if captured else "None"
                    self.add(f"{self.names.bind(one)}: Value = {nothing}")
            else:
                self.names.vague(iter([one]))

    # --- ends

    def refuse(self, words: ast.expr, *, said: str, path: str, cause: str = "") -> None:
        """Ends the run with words, under a code made of them."""
        code = (slug_of(said) or f"refused_at_{path.replace('.', '_')}")[:60].rstrip("_")
        code = self._code(code, said)
        raised = source(call("Refusal", constant(code), words))
        cause = cause or ("None" if self.handling else "")
        self.add(f"raise {raised}{f' from {cause}' if cause else ''}")

    def _code(self, code: str, said: str) -> str:
        """The code of these words: the same for the same, another one for others."""
        found, n = code, 2
        while self.errors.get(found, said) != said:
            found, n = f"{code}_{n}", n + 1
        self.errors[found] = said
        return found

    def give(self, fields: Values, path: str) -> None:
        """Ends the flow with an answer."""
        at = self.at(path)
        given = {
            self.outputs[key]: at.value(tree) for key, tree in fields.items() if key in self.outputs
        }
        self.add(f"return {source(call('Result', **given))}")


def only_raises(failing: OnError) -> bool:
    """Whether nothing is done about a failure."""
    return not (
        failing.rollback or failing.return_ is not None or failing.continue_ or failing.retry
    )


def _names_failure(failing: OnError) -> bool:
    """Whether what is done about a failure speaks of it."""
    if failing.return_ is not None:
        return "error" in failing.return_
    return failing.continue_ or failing.retry is not None


class Shape(Protocol):
    """Writes a step that is no data command."""

    def __call__(self, write: Statements, step: Step, *, path: str) -> None: ...
