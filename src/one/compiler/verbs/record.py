"""RECORD: something that happened, by its own name or a loose one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from one.compiler.bind.items import attempt_quietly, items_of, read_keys
from one.compiler.bind.leftover import left_of, tell_left
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.saving import cut_at
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, listed, nearest
from one.compiler.expression import Expr, Hole, Lit, Ref
from one.compiler.grammar import Command, Verb, span_of
from one.compiler.kinds import PEOPLE, Base
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


def read(command: Command, reading: Reading) -> None:
    """The event with its metadata, its actor and its thing."""
    words, by, about = _parts(command, reading)
    if not words:
        reading.error(
            "E204", "RECORD what? Say what happened, such as course completed.", at=command.span
        )
        return
    happened = _happened(reading, words)
    if happened is not None and happened.type in LIFE_CYCLE.values():
        happened = None if _of_another(reading, words, about) else happened
    if happened is None:
        _unknown(reading, words)
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
    if isinstance(actor, Hole) or isinstance(thing, Hole):
        return
    if happened.connection:
        _connect(reading, happened.connection, actor, thing, span=command.span)
    if _merged(reading, happened):
        return
    event = Event(type=happened.type, entity=thing, actor=actor, metadata=happened.metadata)
    reading.emit(Step(event=event), command.span, **places)


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
                if named is None:
                    tell_left(reading, left_of(noun[:-1], {"new"}))
                return found
    return None


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


def _unknown(reading: Reading, words: list[Word]) -> None:
    said = join(words).strip('"')
    known = [*reading.vocabulary.event_types, *reading.vocabulary.ontology.words.events]
    close = nearest(said.replace(" ", "_"), known)
    names = [spaced(name) for name in close]
    span = span_of(words, words[0].span)
    fixes = [Fix(f"Write {name}", (Edit(span, name),), Applies.MAYBE) for name in names]
    near = f" Did you mean {listed(names)}?" if names else ""
    usual = "lesson completed, course enrolled, content shared, certificate earned, member created"
    reading.error(
        "E410",
        f"I know nothing called “{said}” that can happen.{near}",
        *fixes,
        names=names,
        why="" if names else f"What is recorded is for example {usual}.",
        at=span,
    )


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
