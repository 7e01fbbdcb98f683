"""What may be written at a place: commands, clauses, names, types, services, their parameters."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from one.compiler.bind.channels import CHANNELS
from one.compiler.bind.services import find_call
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Findings
from one.compiler.editing.scene import Piece, Place, piece_at, scope_at
from one.compiler.grammar import CLAUSES, FLOATING, HEADS, Clause, Command
from one.compiler.kinds import Base, Kind, say_kind
from one.compiler.layout import Outline, lay_out
from one.compiler.light import frozen
from one.compiler.phrases import CLAUSE_WORDS, PART_WORDS, keys_of
from one.compiler.reader import Is, Line, Span, Word, read, split_lines
from one.compiler.verbs import grammar
from one.compiler.vocabulary import STATUSES, Vocabulary, Words, key_of, spaced

_SLOTS = (
    ("who is asking", "a person"),
    ("which course", "a thing of a type"),
    ("text of it", "text"),
    ("how many", "a number"),
    ("price in dollars", "money"),
    ("list of texts", "a list"),
    ("email address", "text that is an address"),
    ("whether it is so", "yes or no"),
    ("date of it", "a moment"),
)
_TRIGGERS = (
    "a fan completes a course",
    "a student enrolls in a course",
    "a fan follows a creator",
    "a fan sends a message",
    "a fan joins a community",
    "a customer buys a product",
)
_SCHEDULES = ("DAY at 9am", "MONDAY", "15 minutes", "WEEK", "MONTH")
_NOUNS = ("token balance", "followers", "lessons", "owner", "conversation history")


@frozen
class Completion:
    """`kind` is command, part, clause, name, type, service, action, key, role, event or word."""

    label: str
    kind: str
    detail: str = ""
    doc: str = ""


@frozen
class Completions:
    """`span` is what a chosen one takes the place of."""

    span: Span
    items: tuple[Completion, ...]


def completions_at(text: str, place: Place, *, vocabulary: Vocabulary) -> Completions:
    """What may be written here, the likeliest first; only what begins like the word at hand."""
    lines = split_lines(text)
    raw = lines[place.line - 1] if place.line <= len(lines) else ""
    before = raw[: place.column - 1]
    line = read(before)[0]
    words, begun = _begun(line, before)
    span = Span(place.line, place.column - len(begun), place.column)
    quoted = bool(line.words) and line.words[-1].broken
    if line.comment or (quoted and not _in_holder(before)):
        return Completions(span, ())
    found = _Asked(text, place, vocabulary, words)
    items = found.names() if quoted or _in_holder(before) else found.all()
    wanted = begun.casefold()
    unique = {(one.label, one.kind): one for one in items if _begins(one.label, wanted)}
    return Completions(span, tuple(unique.values()))


def _begun(line: Line, before: str) -> tuple[list[Word], str]:
    """The whole words before the place, and the one being written."""
    words = list(line.words)
    if words and before and not before[-1].isspace() and words[-1].kind is Is.WORD:
        return words[:-1], words[-1].text
    if words and words[-1].broken:
        tail = before.replace("{", "[").rpartition("[")[2]
        return words, tail if _in_holder(before) else ""
    return words, ""


def _in_holder(before: str) -> bool:
    """Whether a [ or { is open."""
    return max(before.rfind("["), before.rfind("{")) > max(before.rfind("]"), before.rfind("}"))


def _begins(label: str, wanted: str) -> bool:
    low = label.casefold()
    return low.startswith(wanted) or any(part.startswith(wanted) for part in low.split())


@dataclass(slots=True)
class _Asked:
    """One question; `words` are those of the line before the word being written."""

    text: str
    place: Place
    vocabulary: Vocabulary
    words: list[Word]
    _scope: Reading | None = None

    @property
    def scope(self) -> Reading | None:
        if self._scope is None:
            self._scope = scope_at(self.text, self.place, vocabulary=self.vocabulary)
        return self._scope

    def all(self) -> Iterator[Completion]:
        outline, section = self._before()
        if section in {"WHEN", "EVERY"}:
            said = _TRIGGERS if section == "WHEN" else _SCHEDULES
            yield from (Completion(one, "word") for one in said)
            return
        if section in {"INPUT", "OUTPUT"} and any(word.text == ":" for word in self.words):
            yield from (Completion(label, "word", detail) for label, detail in _SLOTS)
            return
        found = piece_at(outline, self.place) if outline else None
        if not self.words:
            if found and _is_open(found[1]):
                yield from self._inside(*found)
            yield from self._starts(outline)
            return
        if found is None or found[1].key.line != self.place.line:
            return
        yield from self._inside(*found)
        if found[1].words:
            yield from _clauses(found[0])

    def _before(self) -> tuple[Outline | None, str]:
        """The feature up to here without the word being written; the section the line is in."""
        lines = split_lines(self.text)[: self.place.line - 1]
        raw = split_lines(self.text)[self.place.line - 1 : self.place.line]
        end = self.words[-1].span.end - 1 if self.words else 0
        lines.append(raw[0][:end] if raw else "")
        read_lines = read("\n".join(lines))
        outlines = lay_out(read_lines, grammar(), findings=Findings())
        return (outlines[-1] if outlines else None), _section(read_lines)

    def _starts(self, outline: Outline | None) -> Iterator[Completion]:
        """What may begin a line: clauses of the commands above, commands, parts of a feature."""
        if outline is not None:
            found = piece_at(outline, self.place)
            if found:
                yield from _clauses(found[0])
            for command in _open(outline.commands):
                yield from _clauses(command, only=FLOATING)
        for verb in grammar().verbs.values():
            doc = f"{verb.says}\n\n```one\n{verb.example.strip()}\n```"
            yield Completion(verb.name, "command", verb.says, doc)
        for name in HEADS:
            yield Completion(f"{name}:" if name in _COLON else name, "part", PART_WORDS[name])

    def names(self) -> Iterator[Completion]:
        """Names in scope, the last first."""
        scope = self.scope
        if scope is None:
            return
        for name in reversed(scope.names.values()):
            yield Completion(spaced(name.name), "name", said_of(name.kind))

    def _inside(self, command: Command, piece: Piece) -> Iterator[Completion]:
        """What may stand in a command or a clause."""
        last = self.words[-1] if self.words else None
        if last is not None and last.kind is Is.POSSESSIVE:
            yield from self._keys_of_owner()
        elif isinstance(piece, Clause):
            yield from self._in_clause(command, piece)
        else:
            yield from self._in_head(command)

    def _in_head(self, command: Command) -> Iterator[Completion]:
        verb, words = command.verb.name, command.words
        low = [word.low for word in words]
        if verb == "CREATE":
            yield from self._types()
        elif verb == "CALL":
            yield from self._call(words)
        elif verb == "RECORD":
            for kind in self.vocabulary.event_types.values():
                yield Completion(spaced(kind.name), "event", _first(kind.doc))
        elif verb == "USE FEATURE":
            for face in self.vocabulary.features:
                yield Completion(face.title, "word", "another feature")
        elif verb == "CONNECT" and "as" in low:
            yield from self._roles()
        else:
            yield from self.names()
            if verb in {"GET", "FOR EACH", "SHOW", "TRACK"}:
                yield from self._types(plural=True)
            yield Completion("me", "word", "the owner of this feature")

    def _in_clause(self, command: Command, clause: Clause) -> Iterator[Completion]:
        name = clause.name
        if name == "SAVE AS":
            yield from self._outputs()
        elif name == "VIA":
            yield from (Completion(one, "word") for one in dict.fromkeys(CHANNELS.values()))
        elif name == "WITH":
            yield from self._with(command)
            yield from self.names()
        elif name == "RETRY":
            yield Completion("3 times", "word")
        elif name == "TIMEOUT":
            yield Completion("after 5 minutes", "word")
        elif name == "OTHERWISE":
            yield Completion('say "…"', "word", "ends the run with these words")
        else:
            yield from self.names()

    def _with(self, command: Command) -> Iterator[Completion]:
        verb, words = command.verb.name, command.words
        known = self.vocabulary
        if verb == "TAG":
            for name, category in known.ontology.tag_categories.items():
                yield Completion(f"{name}:", "word", _first(category.doc))
        elif verb == "CREATE" and (type_name := self._type_of(words)):
            keys = keys_of(known, known.entity_types[type_name])
            yield from _keys(known.entity(type_name), keys)
        elif verb == "CALL":
            yield from self._parameters(words)
        elif verb == "RECORD":
            alias = known.ontology.words.event_alias(" ".join(word.text for word in words))
            if alias and alias.type in known.event_types:
                yield from _keys(known.event(alias.type))
        elif verb == "CONNECT":
            for name, _ in self._role_of(words):
                yield from _keys(known.connection(name))
        elif verb == "USE FEATURE":
            title = words[0].text if words else ""
            face = known.feature(title)
            if face:
                for name, kind in face.inputs.items():
                    yield Completion(spaced(name), "key", said_of(kind))

    def _type_of(self, words: Sequence[Word]) -> str | None:
        """The type that the words after CREATE begin with."""
        bare = [word for word in words if word.low not in {"a", "an", "the", "new", *STATUSES}]
        for count in range(min(4, len(bare)), 0, -1):
            name = self.vocabulary.entity_of(" ".join(word.text for word in bare[:count]))
            if name:
                return name
        return None

    def _role_of(self, words: Sequence[Word]) -> list[tuple[str, object]]:
        low = [word.low for word in words]
        if "as" not in low:
            return []
        said = " ".join(low[low.index("as") + 1 :])
        return list(self.vocabulary.roles.get(key_of(said), ()))

    def _types(self, *, plural: bool = False) -> Iterator[Completion]:
        for kind in self.vocabulary.entity_types.values():
            label = f"my {kind.plural}" if plural else kind.singular
            yield Completion(label, "type", _first(kind.doc))

    def _roles(self) -> Iterator[Completion]:
        for kind in self.vocabulary.connection_types.values():
            for role in kind.roles:
                yield Completion(role.word, "role", _first(kind.doc))

    def _call(self, words: Sequence[Word]) -> Iterator[Completion]:
        """Services; after `to` what the named one can do."""
        low = [word.low for word in words]
        if "to" not in low:
            for service in self.vocabulary.services:
                yield Completion(service.title, "service", service.doc)
            return
        said = " ".join(word.text for word in words[: low.index("to")])
        service = self.vocabulary.service(said)
        for action in service.actions if service else ():
            takes = ", ".join(one.name for one in action.params if one.required)
            yield Completion(action.phrases[0], "action", f"needs {takes}" if takes else "")

    def _parameters(self, words: Sequence[Word]) -> Iterator[Completion]:
        if self.scope is None or not words:
            return
        found = find_call(self.scope, words)
        for param in found.action.params if found else ():
            needed = "needed" if param.required else "optional"
            yield Completion(spaced(param.name), "key", f"{param.type}, {needed}")

    def _outputs(self) -> Iterator[Completion]:
        if self.scope is not None:
            for name in self.scope.outputs:
                yield Completion(spaced(name), "name", "promised under OUTPUT")

    def _keys_of_owner(self) -> Iterator[Completion]:
        """The properties of what stands before 's."""
        if self.scope is None:
            return
        words = self.words[:-1]
        for count in range(1, min(4, len(words)) + 1):
            name = self.scope.find(" ".join(word.text for word in words[-count:]))
            for type_name in sorted(name.kind.types) if name else ():
                if type_name in self.vocabulary.entity_types:
                    kind = self.vocabulary.entity_types[type_name]
                    keys = keys_of(self.vocabulary, kind)
                    yield from _keys(self.vocabulary.entity(type_name), keys)
        yield from (Completion(noun, "key") for noun in _NOUNS)


_COLON = frozenset({"FEATURE", "INPUT", "OUTPUT", "FLOW"})


def said_of(kind: Kind) -> str:
    """`a person`, `a list of courses`; nothing when nothing is known."""
    said = "" if kind.base is Base.UNKNOWN else say_kind(kind.sure)
    return f"{said}, perhaps missing" if kind.optional and said else said


def _section(lines: Sequence[Line]) -> str:
    """The part of the feature that the last line is in: INPUT, OUTPUT, WHEN, EVERY or none."""
    last = lines[-1]
    own = grammar().head_phrases.match(last.words)
    if own and own[0] in {"WHEN", "EVERY"}:
        return own[0]
    for line in reversed(lines[:-1]):
        head = grammar().head_phrases.match(line.words)
        if head:
            return head[0]
        if line.words and grammar().verb_phrases.match(line.words) and not line.bullet:
            return ""
    return ""


def _is_open(piece: Piece) -> bool:
    """A clause that has no words yet: its items may follow on lines of their own."""
    return isinstance(piece, Clause) and not piece.words and piece.name == "WITH"


def _open(commands: Sequence[Command]) -> Iterator[Command]:
    """The last command and the last one inside it, and so on: heads that may still be open."""
    if commands:
        yield commands[-1]
        yield from _open(commands[-1].body)


def _clauses(command: Command, *, only: Iterable[str] | None = None) -> Iterator[Completion]:
    used = {clause.name for clause in command.clauses if clause.words or clause.body}
    for name in CLAUSES:
        legal = name in command.verb.clauses and (only is None or name in only)
        if legal and name not in used - {"WITH"}:
            yield Completion(CLAUSES[name][0], "clause", CLAUSE_WORDS.get(name, ""))


def _keys(words: Words, keys: Iterable[str] | None = None) -> Iterator[Completion]:
    for key in keys if keys is not None else words.kinds:
        if key not in words.private:
            yield Completion(spaced(key), "key", said_of(words.kinds[key]))


def _first(doc: str) -> str:
    return " ".join(doc.split("\n\n", maxsplit=1)[0].split())
