"""What stands at a place: its meaning, and the step that the command became."""

from collections.abc import Iterator, Sequence

import orjson

from one.compiler.editing.completing import said_of
from one.compiler.editing.naming import name_at
from one.compiler.editing.scene import Feature, Place, Scene, covers, look, piece_at, scope_at
from one.compiler.grammar import Clause, Command
from one.compiler.light import frozen
from one.compiler.phrases import CLAUSE_WORDS, PART_WORDS, search
from one.compiler.program import Step
from one.compiler.reader import Is, Span, Word
from one.compiler.verbs import grammar
from one.compiler.vocabulary import Vocabulary, spaced

MAX_STEP = 1_200


@frozen
class Hover:
    """`text` is Markdown."""

    span: Span
    text: str


def hover_at(text: str, place: Place, *, vocabulary: Vocabulary) -> Hover | None:
    """The meaning of the word here; nothing between words."""
    scene = look(text, vocabulary)
    line, feature = scene.line(place), scene.feature(place)
    word = next((one for one in line.words if covers(one.span, place)), None) if line else None
    if line is None or word is None:
        return None
    head = grammar().head_phrases.match(line.words)
    if head and covers(line.words[0].span, place):
        return Hover(line.words[0].span, f"**{head[0]}** {PART_WORDS[head[0]]}")
    found = piece_at(feature.outline, place) if feature else None
    if feature is None or found is None or found[1].key.line != place.line:
        return _name(text, scene, place, vocabulary=vocabulary)
    command, piece = found
    parts = list(_step(feature, command))
    if covers(piece.key, place):
        return Hover(piece.key, "\n\n".join([*_keyword(piece), *parts]))
    named = _name(text, scene, place, vocabulary=vocabulary) or _phrase(
        piece.words, word, vocabulary
    )
    if named is None:
        return Hover(word.span, "\n\n".join(parts)) if parts else None
    return Hover(named.span, "\n\n".join([named.text, *parts]))


def _keyword(piece: Command | Clause) -> Iterator[str]:
    if isinstance(piece, Clause):
        yield f"**{piece.name}** {CLAUSE_WORDS.get(piece.name, '')}"
        return
    verb = piece.verb
    yield f"**{verb.name}** {verb.says}"
    yield f"```one\n{verb.example.strip()}\n```"


def _name(text: str, scene: Scene, place: Place, *, vocabulary: Vocabulary) -> Hover | None:
    named = name_at(scene, place)
    if named is None:
        return None
    below = Place(max(place.line, named.bound.line) + 1, 1)
    for reading in (scope_at(text, at, vocabulary=vocabulary) for at in (place, below)):
        known = reading.find(named.name) if reading else None
        if known is not None:
            kind, source = said_of(known.kind), _SOURCES.get(known.source, "")
            said = ", ".join(part for part in (kind, source) if part)
            return Hover(named.span, f"**{spaced(named.name)}** {said}; line {named.bound.line}")
    return Hover(named.span, f"**{spaced(named.name)}** line {named.bound.line}")


_SOURCES = {
    "input": "an input",
    "trigger": "from the trigger",
    "loop": "one item of the list after the other",
    "collected": "a list of what each round saved",
    "branch": "saved in a branch",
    "saved": "saved before",
}


def _phrase(words: Sequence[Word], word: Word, vocabulary: Vocabulary) -> Hover | None:
    """A type, relation, event, service or action by the longest run of words around here."""
    plain = [one for one in words if one.kind is Is.WORD]
    if word not in plain:
        return None
    at = plain.index(word)
    for count in range(4, 0, -1):
        for start in range(max(0, at - count + 1), at + 1):
            run = plain[start : start + count]
            if len(run) < count or word not in run:
                continue
            hover = _known(run, vocabulary)
            if hover:
                return hover
    return None


def _known(run: Sequence[Word], vocabulary: Vocabulary) -> Hover | None:
    said = " ".join(one.low for one in run)
    for phrase in search(vocabulary, said):
        spelt = [spelling.casefold() for spelling in phrase.spellings]
        if said in spelt and phrase.kind not in {"clause", "part", "command"}:
            return Hover(
                run[0].span.to(run[-1].span),
                f"**{phrase.words}** ({phrase.kind}) {phrase.meaning}",
            )
    return None


def _step(feature: Feature, command: Command) -> Iterator[str]:
    """The steps as the Technical DSL writes them; of a block only its head."""
    for step in feature.steps(command)[:2]:
        body = orjson.dumps(_head(step), option=orjson.OPT_INDENT_2).decode()
        if len(body) <= MAX_STEP:
            yield f"```json\n{body}\n```"


def _head(step: Step) -> object:
    body: dict[str, object] = step.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    return _without_steps(body)


def _without_steps(value: object) -> object:
    """Lists of steps as `…`: they are seen at their own commands."""
    if isinstance(value, dict):
        items: dict[str, object] = dict(value)  # pyright: ignore[reportUnknownArgumentType] # JSON
        return {key: _without_steps(inner) for key, inner in items.items()}
    if isinstance(value, list):
        found: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType] # JSON
        steps = found and all(isinstance(one, dict) for one in found)
        return "…" if steps else [_without_steps(one) for one in found]
    return value
