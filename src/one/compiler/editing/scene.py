"""A text read for questions: its features, the names of each, the command at a place."""

from collections.abc import Iterator, Sequence

from one.compiler.bind.definitions import Definition, definitions_in
from one.compiler.bind.feature import read_feature
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Findings
from one.compiler.grammar import Clause, Command, Grammar, Verb
from one.compiler.layout import Outline, lay_out
from one.compiler.light import frozen
from one.compiler.program import Program, Step, steps_of
from one.compiler.reader import Line, Span, read, split_lines
from one.compiler.verbs import grammar
from one.compiler.vocabulary import Vocabulary

_PROBE = "lookaroundhere"
Piece = Command | Clause


@frozen
class Place:
    """A line and a column, both from 1."""

    line: int
    column: int


@frozen
class Feature:
    """One feature as read; `reading` knows its names."""

    outline: Outline
    program: Program
    reading: Reading

    def steps(self, command: Command) -> list[Step]:
        """The steps that a command became."""
        found: list[Step] = []
        for step in steps_of(self.program.flow):
            span = self.reading.marks.get((id(step), ""))
            if span and command.key.line == span.line and _from(command, span):
                found.append(step)
        return found


def _from(command: Command, span: Span) -> bool:
    return command.key.start <= span.start <= command.span.end


@frozen
class Scene:
    lines: Sequence[Line]
    features: Sequence[Feature]

    def feature(self, place: Place) -> Feature | None:
        """The feature that the line belongs to."""
        above = [one for one in self.features if one.outline.span.line <= place.line]
        return above[-1] if above else None

    def line(self, place: Place) -> Line | None:
        return self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else None


def look(text: str, vocabulary: Vocabulary) -> Scene:
    """Reads a text in plain English; the Technical DSL has no features here."""
    lines = read(text)
    outlines = lay_out(lines, grammar(), findings=Findings())
    taught = _taught(vocabulary, outlines)
    features: list[Feature] = []
    for outline in outlines:
        program, reading = read_feature(
            vocabulary, outline, findings=Findings(), definitions=taught
        )
        features.append(Feature(outline, program, reading))
    return Scene(lines, features)


def _taught(vocabulary: Vocabulary, outlines: Sequence[Outline]) -> list[Definition]:
    """The phrases that this text and the project's words define."""
    words = lay_out(read(vocabulary.words), grammar(), findings=Findings())
    return [one for outline in (*outlines, *words) for one in definitions_in(outline.commands)]


def covers(span: Span, place: Place) -> bool:
    """Whether the place stands in the span or right behind it."""
    if not span.line <= place.line <= span.ending_line:
        return False
    after = place.line > span.line or span.start <= place.column
    return after and (place.line < span.ending_line or place.column <= span.end)


def pieces(commands: Sequence[Command]) -> Iterator[tuple[Command, Piece]]:
    """Commands and their clauses with the command they belong to, outer before inner."""
    for command in commands:
        yield command, command
        yield from pieces(command.body)
        for clause in command.clauses:
            yield command, clause
            yield from pieces(clause.body)


def piece_at(outline: Outline, place: Place) -> tuple[Command, Piece] | None:
    """The command or clause whose words the place stands in, or the last before it."""
    best: tuple[Command, Piece] | None = None
    for owner, piece in pieces(outline.commands):
        before = (piece.key.line, piece.key.start) <= (place.line, place.column)
        if before and (best is None or _later(piece, best[1])):
            best = owner, piece
    return best


def _later(piece: Piece, other: Piece) -> bool:
    return (piece.key.line, piece.key.start) >= (other.key.line, other.key.start)


def scope_at(text: str, place: Place, *, vocabulary: Vocabulary) -> Reading | None:
    """The reading as it is before the line: names in scope there. None outside a feature.

    A command that only looks around stands in for the line, at the same depth.
    """
    seen: list[Reading] = []

    def see(command: Command, reading: Reading) -> None:
        del command
        seen.append(_kept(reading))

    lines = split_lines(text)
    while len(lines) < place.line:
        lines.append("")
    raw = lines[place.line - 1]
    bare = raw[: place.column - 1] if not raw.strip() else raw
    lines[place.line - 1] = bare[: len(bare) - len(bare.lstrip())] + _PROBE
    probe = Verb(name=_PROBE, read=see, example="")
    known = Grammar([*grammar().verbs.values(), probe])
    outlines = lay_out(read("\n".join(lines)), known, findings=Findings())
    taught = _taught(vocabulary, outlines)
    for outline in outlines:
        read_feature(vocabulary, outline, findings=Findings(), definitions=taught)
    return seen[-1] if seen else None


def _kept(reading: Reading) -> Reading:
    """A copy whose names stay when the reading goes on."""
    kept = Reading(reading.vocabulary, Findings(), reading.outline)
    kept.names = dict(reading.names)
    kept.inputs = dict(reading.inputs)
    kept.outputs = dict(reading.outputs)
    kept.last_saved = reading.last_saved
    kept.trigger_kind = reading.trigger_kind
    kept.mentions = list(reading.mentions)
    return kept
