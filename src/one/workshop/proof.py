"""What the generated tests of a feature are worth: the ways that they don't take, and the programs
with one slip that they don't find out. Too slow for a deploy; `one build --full` shows it.
"""

import ast
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import coverage
import orjson

from one.compiler.emit.cases import cases_of
from one.compiler.program import Program
from one.compiler.vocabulary import Vocabulary
from one.ontology import Ontology
from one.store import Database
from one.workshop.gate import build
from one.workshop.mutants import Mutant, mutants_of
from one.workshop.rehearsal.running import Rehearsed, Test, cases_in, feature_of, rehearse


@dataclass(frozen=True, slots=True)
class Proof:
    """`untried`: lines of the module, and where they should have gone on, that no test takes."""

    tests: Sequence[Rehearsed]
    untried: Sequence[tuple[int, int]]
    killed: Sequence[Mutant]
    alive: Sequence[Mutant]

    @property
    def wrong(self) -> list[Rehearsed]:
        return [one for one in self.tests if one.wrong]

    @property
    def share(self) -> float:
        """Of the mutants, those found out; 1 when there is none."""
        every = len(self.killed) + len(self.alive)
        return len(self.killed) / every if every else 1.0


@dataclass(frozen=True, slots=True)
class Trial:
    """A feature's code, the tests that are written for it, and where they are run."""

    name: str
    module: str
    tests: Mapping[str, Test]
    vocabulary: Vocabulary
    database: Database


def trial_of(program: Program, vocabulary: Vocabulary, *, database: Database) -> Trial:
    """A checked program, built."""
    built = build(program, vocabulary, lines={})
    cases = cases_of(program, vocabulary, emitted=built.emitted).module
    tests = cases_in(program.feature, cases)
    return Trial(program.feature, built.module, tests, vocabulary, database)


async def prove(program: Program, vocabulary: Vocabulary, *, database: Database) -> Proof:
    """Rehearses a checked program, then each of its mutants."""
    trial = trial_of(program, vocabulary, database=database)
    went, untried = await traced(
        trial.name,
        trial.module,
        tests=trial.tests,
        database=database,
        ontology=vocabulary.ontology,
    )
    killed, alive = await hunt(trial, mutants_of(program, vocabulary))
    return Proof(went, untried, killed, alive)


async def hunt(trial: Trial, mutants: Iterable[Mutant]) -> tuple[list[Mutant], list[Mutant]]:
    """Which mutants of a program its tests find out, and which they don't; those that come to the
    same code are neither.
    """
    killed: list[Mutant] = []
    alive: list[Mutant] = []
    for mutant in mutants:
        module = build(mutant.program, trial.vocabulary, lines={}).module
        if module == trial.module:
            continue
        found = await rehearse(
            feature_of(trial.name, module),
            trial.tests,
            database=trial.database,
            ontology=trial.vocabulary.ontology,
            until_wrong=True,
        )
        (killed if any(one.wrong for one in found) else alive).append(mutant)
    return killed, alive


async def traced(
    name: str, module: str, *, tests: Mapping[str, Test], database: Database, ontology: Ontology
) -> tuple[list[Rehearsed], list[tuple[int, int]]]:
    """The tests' outcomes; the branches of the module, line to line, that none of them took."""
    with tempfile.TemporaryDirectory(prefix="one-proof-") as folder:
        file = Path(folder) / f"{name}.py"
        module, numbers = _traceable(module)
        file.write_text(module, "utf-8")
        watch = coverage.Coverage(
            data_file=None, branch=True, include=[str(file)], config_file=False
        )
        with watch.collect():
            feature = feature_of(name, module, file=str(file))
            went = await rehearse(feature, tests, database=database, ontology=ontology)
        told = Path(folder) / "coverage.json"
        watch.json_report(outfile=str(told))
        [found] = orjson.loads(told.read_bytes())["files"].values()
    lines = [(line, line) for line in found["missing_lines"]]
    missed = [*lines, *((one, other) for one, other in found["missing_branches"])]
    return went, [(numbers.get(one, one), numbers.get(other, other)) for one, other in missed]


def _traceable(module: str) -> tuple[str, Mapping[int, int]]:
    """The module with a line at the end of each transaction that ends with a branch, and the
    numbers that its lines had: Python 3.11 says of who passes by such a branch that they went in.
    """
    depths = {
        node.body[-1].end_lineno: node.body[-1].col_offset
        for node in ast.walk(ast.parse(module))
        if isinstance(node, ast.AsyncWith) and isinstance(node.body[-1], ast.If)
    }
    lines, numbers = list[str](), dict[int, int]()
    for number, line in enumerate(module.splitlines(), 1):
        lines.append(line)
        numbers[len(lines)] = number
        if number in depths:
            lines.append(f"{' ' * depths[number]}pass")
            numbers[len(lines)] = number + 1
    return "\n".join(lines) + "\n", numbers
