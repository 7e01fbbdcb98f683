"""The compiler: text and vocabulary in; program, diagnostics and what was understood out. Pure.

    reader      text → lines of words with spans                 (never raises, loses nothing)
    pieces      a line → its verbs and clauses; misspelt ones mended and told
    assembly    pieces → commands with their clauses and bodies
    layout      lines → features: slots, triggers, trees of commands
    grammar     what a verb, a clause, a command is; phrases
    verbs/      one file per command: words → steps              (found by name)
    bind/       nouns, conditions, WITH, queries, calls → trees  (what verbs stand on);
                session is the state of one reading, feature reads a whole one
    program     the steps: pydantic models, the Technical DSL's JSON; expression: values
    kinds       the types of values; vocabulary: the words of a deployment
    checker/    everything that can be wrong with a program, in either spelling
    consequences    one mistake, one diagnostic
    literal, technical    JSON or the JavaScript-like literal → the program
    english     the program → canonical English, proved by reading it back
    spoken, paraphrase    the program as a person says it
    format      the canonical layout of a text, comments kept
    report      diagnostics as text and JSON, fixes applied
    sheet/      what a feature may do and for whom, from the program

A place in the text is kept beside the program: `Reading.marks` by (id of step, pointer), `spans`
by name. To add a command, add a file with `VERBS` to `verbs/`; to add a check, a function to
`checker/`; a code gets its page in `codes/`.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from one.compiler.bind.definitions import Definition, definitions_in
from one.compiler.bind.feature import read_feature, run_block, slug_of
from one.compiler.bind.session import Marks, Reading
from one.compiler.bind.slots import read_slots
from one.compiler.checker import check_program, kinds_of, outputs_of
from one.compiler.checker.services import secrets_in
from one.compiler.consequences import told_once
from one.compiler.diagnosis import Diagnostic, Findings, Severity
from one.compiler.english import all_lines
from one.compiler.grammar import Command, commands_in
from one.compiler.layout import Outline, lay_out
from one.compiler.outcomes import unsaid
from one.compiler.paraphrase import Places, Told, told
from one.compiler.program import Program, Step, kinds_of_slots, steps_of, walk
from one.compiler.reader import Line, Span, read, undisturbed
from one.compiler.report import diagnostic_json
from one.compiler.technical import read_technical
from one.compiler.verbs import grammar
from one.compiler.vocabulary import FeatureFace, Vocabulary
from one.errors import JSON

_CONSTANT = re.compile(r"(export\s+)?(const|let|var|default)\s|module\.exports\s*=")


Outcome = Literal["compiled", "assumptions", "draft", "error"]


@dataclass(slots=True)
class FeatureReport:
    """What became of one feature."""

    name: str
    title: str
    program: Program
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    read_back: Callable[[], list[Told]] = list
    stands: Callable[[], dict[str, int]] = dict[str, int]

    @property
    def lines(self) -> dict[str, int]:
        """The line of the text that each step stands in, by its path."""
        return self.stands()

    @property
    def understood(self) -> list[str]:
        """The program in words; written when it is asked for, which an editor never does."""
        return [one.says for one in self.read_back()]

    @property
    def outcome(self) -> Outcome:
        """compiled, assumptions, draft (holes) or error."""
        severities = {one.severity for one in self.diagnostics}
        if Severity.ERROR in severities:
            return "error"
        if Severity.QUESTION in severities:
            return "draft"
        return "assumptions" if Severity.INFO in severities else "compiled"

    def as_json(self) -> dict[str, JSON]:
        return {
            "name": self.name,
            "outcome": self.outcome,
            "diagnostics": [diagnostic_json(one) for one in self.diagnostics],
            "understood": list(self.understood),
        }


@dataclass(slots=True)
class FileReport:
    """What became of a file."""

    file: str
    text: str
    features: list[FeatureReport]

    def as_json(self) -> dict[str, JSON]:
        """One entry of `files` in the JSON of `one check`."""
        return {"file": self.file, "features": [one.as_json() for one in self.features]}

    @property
    def clean(self) -> bool:
        return all(one.outcome in {"compiled", "assumptions"} for one in self.features)


@undisturbed()
def check_text(text: str, vocabulary: Vocabulary, *, filename: str = "") -> FileReport:
    """Every feature of a text, read, checked and read back. Never raises for what a text says."""
    if is_technical(text):
        return _check_technical(text, vocabulary, filename)
    findings = Findings()
    if (yaml := _YAML.search(text)) is not None:
        return FileReport(filename, text, [_as_yaml(text, yaml.start("step"), findings)])
    lines = read(text)
    outlines = lay_out(lines, grammar(), findings=findings)
    _secrets(lines, text, findings)
    vocabulary = _with_own(vocabulary, outlines)
    taught = _definitions(vocabulary, outlines)
    outlines = [one for one in outlines if one.title or not _teaches(one)]
    begins = [replace(one.span, start=1) for one in outlines]
    reports = [
        _feature(vocabulary, outline, own, definitions=taught)
        for outline, own in zip(outlines, _owned(findings, begins), strict=True)
    ]
    raw = [line.raw for line in lines]
    for report in reports:
        report.diagnostics = told_once(report.diagnostics, raw)
    _duplicates(outlines, reports)
    if not reports:
        reports = [_empty(findings)]
    return FileReport(filename, text, reports)


_YAML = re.compile(r"^(flow|steps):[ \t]*\n\s*-[ ](?P<step>\w+):[ \t]*(\n\s+\w+:|[{\"'\d])", re.M)


def _as_yaml(text: str, at: int, findings: Findings) -> FeatureReport:
    """The Technical DSL as YAML, which nobody reads here: told once."""
    line, start = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    message = "This is YAML. The same can be written as JSON, or in plain English."
    why = 'As JSON a step is an object: {"notify": {"to": "$me", "about": "Hello"}}.'
    span = Span(line, start, start + 1)
    findings.say(Severity.ERROR, ("E910", span, message), why=why)
    return _empty(findings)


def is_technical(text: str) -> bool:
    """Whether the text is the Technical DSL: it begins with an object, a list or a `const`."""
    for line in text.splitlines():
        bare = line.strip("\ufeff \t")
        if bare and not bare.startswith("//"):
            return bare.startswith(("{", "[")) or bool(_CONSTANT.match(bare))
    return False


def _check_technical(text: str, vocabulary: Vocabulary, filename: str) -> FileReport:
    findings = Findings()
    found = read_technical(text, findings)
    for line in read(text):
        _secret(line, findings)
    reports: list[FeatureReport] = []
    for one, own in zip(found, _owned(findings, [one.where for one in found]), strict=True):
        check_program(
            one.program, vocabulary, findings=own, places=(one.marks, one.spans), english=False
        )
        said = own.sorted()
        program = one.program
        program.output = program.output or outputs_of(program, vocabulary)
        places = Places(steps=_steps(program, one.marks))
        read_back = partial(told, program, said, places=places)
        stands = partial(_lines, program, one.marks)
        reports.append(
            FeatureReport(program.feature, program.title, program, said, read_back, stands)
        )
    return FileReport(filename, text, reports or [_empty(findings)])


def _secrets(lines: Sequence[Line], text: str, findings: Findings) -> None:
    if any(True for _ in secrets_in(text)):
        for line in lines:
            _secret(line, findings)


def _secret(line: Line, findings: Findings) -> None:
    """What looks like a key or a password: an error, a warning inside a comment."""
    for start, end in secrets_in(line.raw):
        commented = line.comment != "" and start >= line.raw.find(line.comment)
        span = Span(line.number, start + 1, end + 1)
        severity = Severity.WARNING if commented else Severity.ERROR
        message = "This looks like a key or a password. It does not belong in a text."
        findings.say(severity, ("E806" if commented else "E805", span, message))


def _feature(
    vocabulary: Vocabulary,
    outline: Outline,
    findings: Findings,
    *,
    definitions: Sequence[Definition],
) -> FeatureReport:
    program, reading = read_feature(vocabulary, outline, findings=findings, definitions=definitions)
    places = (reading.marks, reading.spans)
    check_program(program, vocabulary, findings=findings, places=places, english=True)
    name = slug_of(outline.title) or program.feature
    found = findings.sorted()

    def read_back() -> list[Told]:
        steps = _steps(program, reading.marks)
        missed = _missed(outline, found, made=set(steps.values()))
        return told(program, found, places=Places(missed, steps, _heads(outline)))

    stands = partial(_lines, program, reading.marks)
    return FeatureReport(name, outline.title, program, found, read_back, stands)


_UNREAD = ("E1", "E2", "E3")
"""Families of layout, words and names: what they are said of was not read."""


def _missed(
    outline: Outline, found: Sequence[Diagnostic], *, made: Collection[int]
) -> dict[int, str]:
    """The lines of commands that a fault of reading stands in and that no step was made of."""
    faults = [one for one in found if one.open]
    if not faults:
        return {}
    begun = {line.number: line for command in outline.commands for line in _lines_of(command)}
    lines = {
        one.span.line: begun[one.span.line].raw.strip()
        for one in faults
        if one.code.startswith(_UNREAD) and one.span.line in begun
    }
    return {number: raw for number, raw in lines.items() if number not in made}


def _heads(outline: Outline) -> dict[str, int]:
    """The lines where what sets it off, its inputs and its outputs begin."""
    found = {"trigger": outline.triggers[0].key.line} if outline.triggers else {}
    for name, slots in (("input", outline.inputs), ("output", outline.outputs)):
        if slots:
            found[name] = slots[0].line.number
    return found


def _steps(program: Program, marks: Marks) -> dict[int, int]:
    """The line of each step, by its id."""
    places = ((step, marks.get((id(step), ""))) for step in steps_of(program.flow))
    return {id(step): span.line for step, span in places if span is not None}


def _lines_of(command: Command) -> Iterator[Line]:
    """The lines of a command, of its clauses and of what stands under it."""
    yield command.line
    for clause in command.clauses:
        yield clause.line
    for inner in (*command.body, *(one for clause in command.clauses for one in clause.body)):
        yield from _lines_of(inner)


def _lines(program: Program, marks: Marks) -> dict[str, int]:
    places = ((path, marks.get((id(step), ""))) for path, step in walk(program.flow))
    return {path: span.line for path, span in places if span is not None and span.line}


def _owned(read: Findings, places: Sequence[Span]) -> list[Findings]:
    """What was found in reading the whole text, by the feature whose lines it is in."""
    found = [Findings() for _ in places]
    begins = [(place.line, place.start) for place in places]
    for one in read.found if found else ():
        at = (one.span.line, one.span.start)
        found[max(0, bisect_right(begins, at) - 1)].add(one)
    return found


def _teaches(outline: Outline) -> bool:
    """Whether these lines only teach phrases."""
    return bool(outline.commands) and all(one.verb.name == "DEFINE" for one in outline.commands)


def _definitions(vocabulary: Vocabulary, outlines: Sequence[Outline]) -> list[Definition]:
    """Phrases of this file, then those of the project's `words.one`."""
    found = [one for outline in outlines for one in definitions_in(outline.commands)]
    if vocabulary.words:
        taught = lay_out(read(vocabulary.words), grammar(), findings=Findings())
        found += [one for outline in taught for one in definitions_in(outline.commands)]
    return found


def _with_own(vocabulary: Vocabulary, outlines: Sequence[Outline]) -> Vocabulary:
    """The vocabulary with this file's features, so that they can use each other."""
    if not any(_uses(outline.commands) for outline in outlines):
        return vocabulary
    return vocabulary.knowing(_face(vocabulary, outline) for outline in outlines)


def _uses(commands: Sequence[Command]) -> bool:
    return any(True for _ in _used(commands))


def _used(commands: Sequence[Command]) -> Iterator[str]:
    """The titles in every USE FEATURE."""
    for command in commands_in(commands):
        if command.verb.name == "USE FEATURE":
            yield " ".join(word.text for word in command.words)


def _face(vocabulary: Vocabulary, outline: Outline) -> FeatureFace:
    reading = Reading(vocabulary, Findings(), outline)
    inputs = read_slots(reading, outline.inputs, output=False)
    outputs = read_slots(reading, outline.outputs, output=True)
    return FeatureFace(
        slug_of(outline.title),
        outline.title,
        kinds_of_slots(inputs),
        kinds_of_slots(outputs),
        tuple(slug_of(title) for title in _used(outline.commands)),
        outline.span.line,
    )


def _duplicates(outlines: Sequence[Outline], reports: Sequence[FeatureReport]) -> None:
    seen: dict[str, Outline] = {}
    for outline, report in zip(outlines, reports, strict=True):
        slug = slug_of(outline.title)
        if slug and slug in seen:
            first = seen[slug]
            report.diagnostics.append(
                Diagnostic(
                    "E307",
                    Severity.ERROR,
                    outline.title_span,
                    f"Line {first.span.line} has a feature of this name already.",
                    "Its address is made of its name, in small letters: give one of them another.",
                )
            )
        seen.setdefault(slug, outline)


def _empty(findings: Findings) -> FeatureReport:
    if not findings.broken:
        said = "There is no feature here. Begin with FEATURE: and its name."
        findings.say(Severity.ERROR, ("E101", Span(1, 1, 1), said))
    return FeatureReport("", "", Program(feature="unnamed"), findings.sorted())


def write_english(program: Program, vocabulary: Vocabulary) -> str:
    """The program as canonical English; reading it back gives the same program."""

    def reads_back(step: Step, lines: list[str]) -> bool:
        return _reads_back(program, step, lines, vocabulary=vocabulary)

    return "\n".join(all_lines(unsaid(program), reads_back)).rstrip() + "\n"


def _short(program: Program) -> set[str]:
    """Names that only the Technical DSL has for an input: `$course` for `courseId`."""
    outputs = {step.output for step in steps_of(program.flow)}
    short = {name.removesuffix("Id") for name in program.input if name.endswith("Id")}
    return short - program.input.keys() - outputs


def _reads_back(program: Program, step: Step, lines: list[str], *, vocabulary: Vocabulary) -> bool:
    """Whether lines that stand alone, with every name bound, give exactly this step."""
    findings = Findings()
    outline = lay_out(read("\n".join(["FEATURE: one", *lines])), grammar(), findings=findings)[0]
    reading = Reading(vocabulary, findings, outline)
    short = _short(program)
    for name, kind in kinds_of(program, vocabulary).items():
        if name not in short:
            reading.bind(name, kind, source="known", span=outline.span)
    outline.has_inputs = True
    reading.run_block = run_block
    run_block(reading, outline.commands)
    return not findings.open and [one.model_dump() for one in reading.steps] == [step.model_dump()]
