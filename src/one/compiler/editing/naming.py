"""Names in a text: where each is bound and used, and another name for it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import orjson

from one.compiler import FileReport, check_text
from one.compiler.bind.names import ARTICLES
from one.compiler.diagnosis import Edit
from one.compiler.editing.scene import Feature, Place, Scene, covers, look, pieces
from one.compiler.light import frozen
from one.compiler.mending import apply_edits
from one.compiler.reader import Is, Line, Span, Word
from one.compiler.vocabulary import Vocabulary, camel, key_of, spaced

MAX_WORDS = 5
_HOLDER = re.compile(r"\[([^\[\]]+)\]|\{([^{}]+)\}")
_ASKING = frozenset({"E301", "E302", "E303", "E305"})


@frozen
class Named:
    """A name that stands at a place. `bound` is where it comes from."""

    name: str
    span: Span
    bound: Span


def name_at(scene: Scene, place: Place) -> Named | None:
    """The name whose words the place stands in."""
    feature = scene.feature(place)
    if feature is None:
        return None
    bound = bindings(feature)
    for key, span in occurrences(scene, feature, keys=bound):
        if covers(span, place):
            name, origin = bound[key]
            return Named(name, span, _narrow(scene, origin, key))
    return None


def bindings(feature: Feature) -> dict[str, tuple[str, Span]]:
    """Every name of the feature by its key, with the place that binds it."""
    found: dict[str, tuple[str, Span]] = {}
    for name, span in feature.reading.spans.items():
        plain = name.removeprefix("out:")
        found.setdefault(key_of(plain), (plain, span))
    return found


def occurrences(
    scene: Scene, feature: Feature, *, keys: Iterable[str]
) -> Iterator[tuple[str, Span]]:
    """Each place that spells one of these names, the longest first where several would fit."""
    wanted = frozenset(keys)
    slots = {slot.line.number for slot in (*feature.outline.inputs, *feature.outline.outputs)}
    typed = _types_of(feature)
    for line in scene.lines[feature.outline.span.line : feature.outline.last_line]:
        words = _slot_name(line) if line.number in slots else line.words
        yield from _runs(words, wanted, typed)
        for word in words:
            if word.kind is Is.TEXT:
                yield from _held(line, word, wanted)


def _types_of(feature: Feature) -> set[tuple[int, int]]:
    """Where the words of types stand after CREATE: they are no names."""
    found: set[tuple[int, int]] = set()
    for command, piece in pieces(feature.outline.commands):
        if piece is command and command.verb.name == "CREATE":
            for word in command.words:
                if word.low in {"called", "named", "titled"}:
                    break
                found.add((word.span.line, word.span.start))
    return found


def _slot_name(line: Line) -> list[Word]:
    for n, word in enumerate(line.words):
        if word.kind is Is.MARK:
            return line.words[:n]
    return line.words


def _runs(
    words: Sequence[Word], wanted: frozenset[str], typed: set[tuple[int, int]]
) -> Iterator[tuple[str, Span]]:
    at = 0
    while at < len(words):
        count = next(
            (n for n in range(MAX_WORDS, 0, -1) if _spells(words[at : at + n], n, wanted)), 0
        )
        first = words[at]
        if first.kind is Is.SLOT and key_of(first.text) in wanted:
            span = Span(first.span.line, first.span.start + 1, first.span.end - 1)
            yield key_of(first.text), span
        elif count and (first.span.line, first.span.start) not in typed:
            run = words[at : at + count]
            yield key_of(" ".join(word.text for word in run)), first.span.to(run[-1].span)
        at += max(count, 1)


def _spells(run: Sequence[Word], count: int, wanted: frozenset[str]) -> bool:
    plain = len(run) == count and all(word.kind in {Is.WORD, Is.NUMBER} for word in run)
    return plain and run[0].kind is Is.WORD and key_of(" ".join(w.text for w in run)) in wanted


def _held(line: Line, word: Word, wanted: frozenset[str]) -> Iterator[tuple[str, Span]]:
    """Names between [ and ] or { and } inside a text; of a path its beginning."""
    start = word.span.start - 1
    for found in _HOLDER.finditer(line.raw, start, word.span.end - 1):
        group = 1 if found[1] is not None else 2
        held = re.split(r"['’.]", found[group])[0]
        name = held.strip()
        begin = found.start(group) + len(held) - len(held.lstrip())
        if key_of(name) in wanted:
            yield key_of(name), Span(word.span.line, begin + 1, begin + 1 + len(name))


def _narrow(scene: Scene, span: Span, key: str) -> Span:
    """The name itself inside the place that binds it."""
    line = scene.lines[span.line - 1]
    inside = [word for word in line.words if span.start <= word.span.start < span.end]
    return next((one for _, one in _runs(inside, frozenset({key}), set())), span)


def references(text: str, place: Place, *, vocabulary: Vocabulary) -> list[Span]:
    """Every place of the name that stands here, where it is bound first."""
    scene = look(text, vocabulary)
    named, feature = name_at(scene, place), scene.feature(place)
    if named is None or feature is None:
        return []
    key, every = key_of(named.name), occurrences(scene, feature, keys=bindings(feature))
    found = [span for spelt, span in every if spelt == key]
    return sorted({named.bound, *found}, key=lambda span: span != named.bound)


def rename_at(text: str, place: Place, *, new: str, vocabulary: Vocabulary) -> list[Edit] | None:
    """Edits that give a name another spelling everywhere; None when that would change a meaning.

    The text with the new name is checked again: only the name may be different.
    """
    scene = look(text, vocabulary)
    named, feature = name_at(scene, place), scene.feature(place)
    new = _bare(new)
    if named is None or feature is None or not camel(new):
        return None
    if key_of(new) in bindings(feature) and key_of(new) != key_of(named.name):
        return None
    edits = [Edit(span, new) for span in references(text, place, vocabulary=vocabulary)]
    same = _Same(text, vocabulary, (named.name, camel(new)))
    sure = [one for one in edits if one.span == named.bound or same.uses(one)]
    return next((tried for tried in (sure, edits) if same(tried)), None)


def _bare(new: str) -> str:
    """The name without an article; nothing when it holds more than words."""
    words = new.split()
    while len(words) > 1 and words[0].casefold() in ARTICLES:
        words.pop(0)
    return " ".join(words) if re.fullmatch(r"[\w -]+", new) else ""


@dataclass(frozen=True)
class _Same:
    """Whether edits leave everything as it was but for one name, before and after."""

    text: str
    vocabulary: Vocabulary
    names: tuple[str, str]

    def __call__(self, edits: Sequence[Edit]) -> bool:
        return self._plain(apply_edits(self.text, edits)) == self._known

    def uses(self, edit: Edit) -> bool:
        """Whether the place means the name: with an unknown one the program would read it less."""
        reports = check_text(apply_edits(self.text, [Edit(edit.span, "zqxw")]), self.vocabulary)
        asked = any(one.code in _ASKING for each in reports.features for one in each.diagnostics)
        return asked or self._reads(reports) < self._reads(check_text(self.text, self.vocabulary))

    def _reads(self, report: FileReport) -> int:
        """How often the programs read the name, as `$name` or inside `$(…)`."""
        told = b"".join(each.program.encoded() for each in report.features).decode()
        name = rf"\b{re.escape(self.names[0])}\b"
        inside = re.findall(r'\$\(([^"]*)', told)
        return len(re.findall(rf"\${name}", told)) + len(re.findall(name, " ".join(inside)))

    @cached_property
    def _known(self) -> list[tuple[object, list[str]]]:
        return self._plain(self.text)

    def _plain(self, text: str) -> list[tuple[object, list[str]]]:
        """Programs and codes of all features, with a mark in the place of the name."""
        spelt = [*self.names, *(spaced(name) for name in self.names)]
        either = re.compile(rf"\b(?:{'|'.join(map(re.escape, spelt))})\b")
        return [
            (
                orjson.loads(either.sub("·", each.program.encoded().decode())),
                [one.code for one in each.diagnostics],
            )
            for each in check_text(text, self.vocabulary).features
        ]
