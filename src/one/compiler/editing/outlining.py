"""The parts of a text, and what each of its words is, for colours."""

from collections.abc import Iterator
from dataclasses import field

from one.compiler.diagnosis import Findings
from one.compiler.editing.naming import bindings, occurrences
from one.compiler.editing.scene import Scene, look, pieces
from one.compiler.grammar import Clause, Command
from one.compiler.layout import SlotLine, lay_out
from one.compiler.light import frozen
from one.compiler.reader import Is, Line, Span, Stuff, join, read
from one.compiler.verbs import grammar
from one.compiler.vocabulary import Vocabulary

COLOURS = (
    "keyword",
    "string",
    "number",
    "comment",
    "variable",
    "parameter",
    "type",
    "namespace",
    "function",
)
"""What a word can be."""

_BY_KIND = {
    Is.TEXT: "string",
    Is.ADDRESS: "string",
    Is.NUMBER: "number",
    Is.MONEY: "number",
    Is.PERCENT: "number",
    Is.TIME: "number",
}


@frozen
class Part:
    """`kind` is feature, input, output, trigger or command; `span` its first words, `last` line."""

    name: str
    kind: str
    span: Span
    last: int
    inside: list["Part"] = field(default_factory=list["Part"])


@frozen
class Coloured:
    span: Span
    colour: str


def parts_of(text: str) -> list[Part]:
    """The features of a text with their inputs, outputs and commands."""
    found: list[Part] = []
    for outline in lay_out(read(text), grammar(), findings=Findings()):
        inside = [
            Part(join(head.words), "trigger", head.span, head.key.line) for head in outline.triggers
        ]
        inside += [_slot(slot, "input") for slot in outline.inputs]
        inside += [_slot(slot, "output") for slot in outline.outputs]
        inside += [_command(command) for command in outline.commands]
        last = max(outline.last_line, outline.span.line)
        found.append(Part(outline.title or "no name", "feature", outline.span, last, inside))
    return found


def _slot(slot: SlotLine, kind: str) -> Part:
    words = [word for word in slot.words if word.span.line == slot.line.number]
    colon = next((n for n, word in enumerate(words) if word.text == ":"), len(words))
    return Part(join(words[: colon or 1]), kind, slot.span, slot.line.number)


def _command(command: Command) -> Part:
    inside = [_command(one) for one in command.body]
    for clause in command.clauses:
        inside += [_command(one) for one in clause.body]
    ends = [command.key.line, *(clause.key.line for clause in command.clauses)]
    last = max([*ends, *(part.last for part in inside)])
    words = join(command.words)
    name = f"{command.phrase} {words}".strip()
    return Part(name if len(name) <= 60 else f"{name[:59]}…", "command", command.span, last, inside)


def colours_of(text: str, vocabulary: Vocabulary) -> list[Coloured]:
    """What each word is, in order; words that are nothing special are left out."""
    scene = look(text, vocabulary)
    found: list[Coloured] = []
    taken: set[tuple[int, int]] = set()
    for colouring in (_keywords, _names, _types, _plain):
        for one in colouring(scene, vocabulary):
            cells = {(one.span.line, column) for column in range(one.span.start, one.span.end)}
            if not cells & taken:
                found.append(one)
                taken |= cells
    return sorted(found, key=lambda one: one.span)


def _keywords(scene: Scene, vocabulary: Vocabulary) -> Iterator[Coloured]:
    del vocabulary
    for line in scene.lines:
        head = grammar().head_phrases.match(line.words)
        if head:
            last = line.words[head[1] - 1]
            yield Coloured(line.words[0].span.to(last.span), "keyword")
    for feature in scene.features:
        outline = feature.outline
        if outline.title_span is not outline.span:
            yield Coloured(outline.title_span, "function")
        for _, piece in pieces(outline.commands):
            yield Coloured(piece.key, "keyword")


def _names(scene: Scene, vocabulary: Vocabulary) -> Iterator[Coloured]:
    del vocabulary
    for feature in scene.features:
        inputs = {name.casefold() for name in feature.reading.inputs}
        for key, span in occurrences(scene, feature, keys=bindings(feature)):
            yield Coloured(span, "parameter" if key in inputs else "variable")


def _types(scene: Scene, vocabulary: Vocabulary) -> Iterator[Coloured]:
    for feature in scene.features:
        for command, piece in pieces(feature.outline.commands):
            if isinstance(piece, Clause):
                continue
            colour = {"CREATE": "type", "CALL": "namespace"}.get(command.verb.name)
            for count in range(min(3, len(piece.words)), 0, -1):
                run = piece.words[:count]
                said = " ".join(word.text for word in run)
                known = vocabulary.entity_of if colour == "type" else vocabulary.service
                if colour and known(said):
                    yield Coloured(run[0].span.to(run[-1].span), colour)
                    break


def _plain(scene: Scene, vocabulary: Vocabulary) -> Iterator[Coloured]:
    del vocabulary
    for line in scene.lines:
        for word in line.words:
            if word.kind in _BY_KIND:
                yield Coloured(word.span, _BY_KIND[word.kind])
        if line.comment and line.kind in {Stuff.COMMENT, Stuff.WORDS, Stuff.SECTION}:
            yield _comment(line)


def _comment(line: Line) -> Coloured:
    start = line.raw.rfind(line.comment) + 1
    return Coloured(Span(line.number, start, start + len(line.comment)), "comment")
