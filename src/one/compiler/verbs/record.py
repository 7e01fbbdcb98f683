"""RECORD: something that happened, by its own name or a loose one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from one.compiler.bind.items import attempt_quietly, items_of, read_keys
from one.compiler.bind.leftover import left_of, tell_left
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.saving import cut_at
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, listed, nearest, slipped
from one.compiler.expression import Expr, Hole, Lit, Ref
from one.compiler.grammar import Command, Verb, span_of
from one.compiler.kinds import PEOPLE, Base
from one.compiler.kinds import thing as a_thing
from one.compiler.program import Connect, Event, Step
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.vocabulary import spaced
from one.ontology.words import LIFE_CYCLE

_CONTENT = frozenset(
    {
        "blog_post",
        "video",
        "podcast",
        "social_post",
        "email",
        "course",
        "lesson",
        "livestream",
        "recording",
    }
)


@dataclass(slots=True)
class _Happened:
    """What the words say: the event, what it says beside, the relation, the thing spoken of."""

    type: str
    metadata: dict[str, Expr] = field(default_factory=dict[str, Expr])
    connection: str = ""
    about: Expr | None = None
    alias: bool = False
    noun: str = ""
    """The type of the thing that the words only name."""


def read(command: Command, reading: Reading) -> None:
    """The event with its metadata, its actor and its thing."""
    words, by, about = _parts(command, reading)
    if not words:
        reading.error(
            "E204", "RECORD what? Say what happened, such as course completed.", at=command.span
        )
        return
    happened = _understood(command, reading, words, whom=about or by)
    if happened is None:
        items_of(reading, command.all("WITH"), None)
        return
    if happened.alias:
        _note(reading, happened, whole(words))
    places: dict[str, Span] = {}
    known = reading.vocabulary.event(happened.type)
    for one in read_keys(
        reading,
        items_of(reading, command.all("WITH"), known),
        known,
        noun=f"record of “{spaced(happened.type)}”",
    ):
        happened.metadata[one.key] = one.value.tree
        places[f"metadata__{one.key}"] = one.span
    actor = value(reading, by, whole(by)).tree if by else None
    thing = _about(reading, happened, about)
    if thing is not None and actor is None and about and _is_person(reading, thing):
        actor = thing
        thing = _of_kind(reading, happened, words) if happened.noun else thing
    if _mistaken(reading, happened, thing, actor=actor, places=(about, by)):
        return
    if isinstance(actor, Hole) or isinstance(thing, Hole):
        return
    if happened.connection:
        _connect(reading, happened.connection, actor, thing, span=command.span)
    if _merged(reading, happened):
        return
    event = Event(type=happened.type, entity=thing, actor=actor, metadata=happened.metadata)
    reading.emit(Step(event=event), command.span, **places)


def _gift(
    command: Command, happened: _Happened, *, words: list[Word], whom: list[Word]
) -> Fix | None:
    """`RECORD 10 tokens earned FOR fan` means the command that gives them."""
    beside = [word for clause in command.all("WITH") for word in clause.words]
    many = [word.text for word in (*words, *beside) if word.kind is Is.NUMBER]
    if happened.metadata.get("action") != Lit("earned") or len(many) != 1 or not whom:
        return None
    reward = f"REWARD {join(whom)} WITH {many[0]} tokens"
    last = command.clauses[-1].span if command.clauses else command.span
    return Fix(f"Write {reward}", (Edit(command.key.to(last), reward),), Applies.MAYBE)


def _moved(reading: Reading) -> bool:
    return bool(reading.calls) or any(step.grant is not None for step in reading.steps)


def _understood(
    command: Command, reading: Reading, words: list[Word], *, whom: list[Word]
) -> _Happened | None:
    """What happened; what is nothing that does, or what another command does, is told."""
    before = len(reading.findings.found)
    happened = _happened(reading, words)
    if happened is not None and happened.type in LIFE_CYCLE.values():
        about = command.clause("FOR")
        happened = None if _of_another(reading, words, about.words if about else []) else happened
    if happened is None:
        _unknown(command, reading, words)
        return None
    given = None if _moved(reading) else _gift(command, happened, words=words, whom=whom)
    if given is None:
        return happened
    reading.findings.take_back(before)  # the number is no odd word of it
    said = "That somebody holds or earns tokens is written when it happens, not by hand."
    why = "REWARD gives them, and writes it down."
    reading.error("E412", said, given, why=why, at=command.span)
    return None


def _of_another(reading: Reading, words: list[Word], about: list[Word]) -> bool:
    """`member removed FOR community`: what befell the one says nothing of the other."""
    noun = phrase(words[:-1])
    name = reading.vocabulary.entity_of(noun)
    types = PEOPLE if reading.vocabulary.is_person_word(noun) else frozenset({name} if name else ())
    found = attempt(reading, about) if about and attempt_quietly(reading, about) else None
    return found is not None and bool(types and found.kind.types) and not types & found.kind.types


def _merged(reading: Reading, happened: _Happened) -> bool:
    """REFER writes referral_created itself; a RECORD of it only adds to that one."""
    if happened.type != "referral_created":
        return False
    for step in reversed(reading.steps):
        if step.event and step.event.type == "referral_created":
            step.event.metadata.update(happened.metadata)
            return True
    return False


def _parts(command: Command, reading: Reading) -> tuple[list[Word], list[Word], list[Word]]:
    words, by, about = strip(command.words), list[Word](), list[Word]()
    for clause in command.clauses:
        if clause.name in {"BY", "FOR"} and not clause.words:
            reading.error(
                "E204",
                f"{clause.name} whom?" if clause.name == "BY" else "FOR what?",
                at=clause.key,
            )
        if clause.name == "BY":
            by = clause.words
        elif clause.name == "FOR":
            about = clause.words
    head, mark, rest = cut_at(words, "by", "for")
    while mark:
        following, next_mark, after = cut_at(rest, "by", "for")
        if mark == "by":
            by = by or following
        else:
            about = about or following
        mark, rest = next_mark, after
    return head, by, about


def _happened(reading: Reading, words: Sequence[Word]) -> _Happened | None:
    said = words[0].text if words[0].kind is Is.TEXT else phrase(words)
    found = _by_name(reading, said)
    if found is not None:
        found.noun = _content(reading, words[:-1])
        return found
    for n in range(len(words) - 1, 0, -1):
        noun, verb = words[:n], words[n:]
        if noun[0].kind is Is.TEXT:
            break
        named = attempt(reading, noun) if _scoped(reading, noun) else None
        kinds = sorted(named.kind.types) if named and named.kind.base is Base.THING else []
        subjects = [*kinds, *(["content"] if set(kinds) & _CONTENT else []), noun[-1].text]
        done = [w for w in verb if w.low not in {"is", "was", "has", "been"}]
        for subject in subjects:
            found = _by_name(
                reading,
                f"{subject} {phrase(done)}",
            )
            if found is not None:
                found.about = named.tree if named else None
                found.noun = _content(reading, noun)
                if named is None:
                    tell_left(reading, left_of(noun[:-1], {"new"}))
                return found
    return None


def _content(reading: Reading, noun: Sequence[Word]) -> str:
    """The type of what people take in, where the words are only its noun."""
    name = reading.vocabulary.entity_of(phrase(noun)) if noun else None
    return name if name in _CONTENT else ""


def _scoped(reading: Reading, words: Sequence[Word]) -> bool:
    return (
        reading.find(phrase(strip(words))) is not None
        or words[0].low in {"my", "their"}
        or any(w.kind is Is.POSSESSIVE for w in words)
    )


def _by_name(reading: Reading, said: str) -> _Happened | None:
    alias = reading.vocabulary.ontology.words.event_alias(said)
    if alias is None or alias.type not in reading.vocabulary.event_types:
        return None
    metadata = _plain(alias.metadata)
    other = alias.name != alias.type
    return _Happened(alias.type, metadata, alias.connection, alias=other)


def _plain(metadata: Mapping[str, object]) -> dict[str, Expr]:
    return {
        key: Lit(value)
        for key, value in metadata.items()
        if isinstance(value, str | int | float | bool)
    }


def _note(reading: Reading, happened: _Happened, span: Span) -> None:
    beside = ", ".join(
        f"{spaced(key)} {tree.value}"
        for key, tree in happened.metadata.items()
        if isinstance(tree, Lit)
    )
    more = f" with {beside}" if beside else ""
    reading.note("E420", f"This is recorded as “{spaced(happened.type)}”{more}.", at=span)


def _about(reading: Reading, happened: _Happened, words: list[Word]) -> Expr | None:
    """FOR, else the thing in the phrase, else the thing last bound that fits, else the actor."""
    if words:
        return value(reading, words, whole(words)).tree
    if happened.about is not None:
        return happened.about
    subjects = reading.vocabulary.event_types[happened.type].subjects
    entity_type = happened.metadata.get("entityType")
    wanted = {entity_type.value} if isinstance(entity_type, Lit) else set(subjects)
    for name in reversed(list(reading.names.values())):
        kind = name.kind
        if kind.base is Base.THING and not kind.person and (not wanted or kind.types & wanted):
            reading.use(name)
            return Ref(name.name)
    return None


def _of_kind(reading: Reading, happened: _Happened, words: list[Word]) -> Expr:
    """`course completed FOR fan`: the course that was spoken of; without one it is asked for."""
    known = [one for one in reading.things() if happened.noun in one.kind.types]
    if len({one.name for one in known}) == 1:
        reading.use(known[0])
        return Ref(known[0].name)
    noun = whole(words[:1])
    reading.unknown(words[0].text, noun, wanted=a_thing(happened.noun))
    return Hole()


def _mistaken(
    reading: Reading,
    happened: _Happened,
    thing: Expr | None,
    *,
    actor: Expr | None,
    places: tuple[list[Word], list[Word]],
) -> bool:
    """`agent executed BY agent FOR report`: it is said of the other of the two."""
    subjects = reading.vocabulary.event_types[happened.type].subjects
    about, by = places
    told, doer = _types_of(reading, thing), _types_of(reading, actor)
    if not about or not by or not told or told & subjects or not doer & subjects:
        return False
    what = spaced(happened.type).capitalize()
    said = f"“{what}” is said of {phrase(by)}, not of {phrase(about)}."
    fix = Fix(f"Write FOR {phrase(by)}", (Edit(whole(about), phrase(by)),), Applies.MAYBE)
    reading.error("E403", said, fix, at=whole(about))
    return True


def _types_of(reading: Reading, tree: Expr | None) -> frozenset[str]:
    found = reading.find(tree.name) if isinstance(tree, Ref) else None
    return found.kind.types if found else frozenset[str]()


def _is_person(reading: Reading, tree: Expr) -> bool:
    found = reading.find(tree.name) if isinstance(tree, Ref) else None
    return found is not None and found.kind.person


def _connect(
    reading: Reading, relation: str, actor: Expr | None, thing: Expr | None, *, span: Span
) -> None:
    """`course completed` makes the relation too, unless the feature just made it."""
    people = reading.people()
    source = actor or (Ref(people[0].name) if len(people) == 1 else None)
    if source is None or thing is None:
        return
    made = any(step.connect and step.connect.type == relation for step in reading.steps)
    if not made and source != thing:
        reading.emit(Step(connect=Connect(from_=source, to=thing, type=relation)), span)


def _unknown(command: Command, reading: Reading, words: list[Word]) -> None:
    said = join(words).strip('"')
    known = [*reading.vocabulary.event_types, *reading.vocabulary.ontology.words.events]
    names = _alike(said, known)
    span = span_of(words, words[0].span)
    fixes = [Fix(f"Write {name}", (Edit(span, name),), Applies.MAYBE) for name in names]
    fixes += _tracked(command, said)
    near = f" Did you mean {listed(names)}?" if names else ""
    usual = "lesson completed, course enrolled, content shared, certificate earned, member created"
    reading.error(
        "E410",
        f"I know nothing called “{said}” that can happen.{near}",
        *fixes,
        names=names,
        why=f"What is recorded is for example {usual}. What is your own is counted by TRACK.",
        at=span,
    )


def _alike(said: str, known: Sequence[str]) -> list[str]:
    """What can happen that is spelt nearly so, or has one of the words."""
    parts = said.casefold().split()
    if not parts:
        return []
    close = [spaced(name) for name in nearest(said.replace(" ", "_"), known)]
    begun = sorted(
        one for one in map(spaced, known) if any(w.startswith(parts[0][:6]) for w in one.split())
    )
    shared = [one for one in close if slipped(said, one) or {*parts} & {*one.split()}]
    akin = [one for one in begun if one not in shared] if len(parts[0]) > 4 else []
    return [*shared, *akin][:3]


def _tracked(command: Command, said: str) -> Sequence[Fix]:
    """The line as a measure of the author's own, where nothing goes along."""
    by, about = command.clause("BY"), command.clause("FOR")
    if command.clause("WITH") or command.asked != "RECORD":
        return []
    edits = [Edit(command.key, "TRACK")]
    if by and about:  # a measure is of one thing
        edits.append(Edit(Span(by.key.line, max(by.key.start - 1, 1), by.span.end), ""))
    elif by:
        edits.append(Edit(by.key, "FOR"))
    return [Fix(f"Count it: TRACK {said}", tuple(edits), Applies.MAYBE)]


VERBS = (
    Verb(
        name="RECORD",
        read=read,
        clauses=frozenset({"BY", "FOR", "WITH"}),
        loose=frozenset({"WITH"}),
        says="Writes down that something happened.",
        example="""FEATURE: Note a listen
INPUT:
  - listener: who listened
  - podcast: what they heard
RECORD content viewed BY listener FOR podcast
""",
    ),
)
