"""SAVE: keeps a thing, a conversation or a result."""

from collections.abc import Iterator, Sequence

from one.compiler.bind.derived import ME, in_talk, said_in, talk_of
from one.compiler.bind.items import attempt_quietly, items_of, read_keys
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import value
from one.compiler.bind.saving import saved_name
from one.compiler.bind.session import Name, Reading
from one.compiler.expression import Binary, Expr, Hole, Lit, Ref, names_in
from one.compiler.grammar import Command, Verb
from one.compiler.kinds import PERSON, Base, thing, thinks
from one.compiler.program import Connect, Entity, If, Step
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.vocabulary import key_of


def read(command: Command, reading: Reading) -> None:
    """By the lexicon: a conversation, a thing of a type, or a value under a name."""
    words = strip(command.words)
    if not words:
        reading.error("E204", "SAVE what?", at=command.key)
        return
    said = key_of(phrase(words))
    known = reading.find(phrase(words))
    if known is None and said in {"conversation", "chat", "exchange", "thisconversation"}:
        _conversation(command, reading)
        return
    if known is None and _names_answer(command, reading, words):
        return
    saved = saved_name(reading, command)
    if known is None and (name := reading.vocabulary.entity_of(phrase(words))):
        _thing(command, reading, name)
        return
    found = value(reading, words, command.span)
    if isinstance(found.tree, Hole):
        return
    if saved:
        output = reading.save(saved[0], found.kind, span=saved[1])
        reading.emit(Step(set={output: found.tree}), command.span)
        return
    if found.kind.base is Base.THING:
        for clause in command.all("WITH"):
            said = f"What is there already is not changed by SAVE: “WITH {join(clause.words)}”."
            reading.error("E205", said, why="UPDATE changes a thing.", at=clause.span)
        reading.note("E327", "This is kept already; nothing more is done.", at=whole(words))
        return
    entity = Entity(
        type="knowledge_item", name=Lit(phrase(words)), properties={"content": found.tree}
    )
    output = reading.save(
        reading.fresh("saved " + phrase(words)), thing("knowledge_item"), span=command.span
    )
    reading.note("E327", "This is kept as a knowledge item.", at=whole(words))
    reading.emit(Step(entity=entity, output=output), command.span)


_SAID = frozenset({"message", "notification"})
_WRITTEN = ("content", "body", "text", "caption")
_ANSWERS = frozenset({"answer", "output", "reply", "response", "result", "results"})


def _names_answer(command: Command, reading: Reading, words: list[Word]) -> bool:
    """`SAVE the reply` under a CALL that names no result: it is its result, under that name."""
    made = _unnamed(reading)
    if made is None or command.clauses:
        return False
    plain = all(word.kind is Is.WORD for word in words) and len(words) < 4
    type = reading.vocabulary.entity_of(phrase(words))
    kept = type is not None and type not in _SAID and _written(reading, type, made)
    other = kept or (type is None and attempt_quietly(reading, words))
    told = words[-1].low in reading.told_of.get(made.name, "").split()
    if not plain or (words[-1].low not in _ANSWERS and (other or (type and not told))):
        return False
    output = reading.save(phrase(words), made.kind, span=whole(words))
    reading.emit(Step(set={output: Ref(made.name)}), command.span)
    return True


def _unnamed(reading: Reading) -> Name | None:
    """The result of a CALL on the line before that gave it no name."""
    made = reading.find("call")
    last = reading.steps[-1] if reading.steps else None
    return made if made is not None and last is not None and last.output == made.name else None


def _written(reading: Reading, type: str, made: Name) -> dict[str, Expr]:
    """The text that a model wrote, as the property of a thing that holds it."""
    if made.kind.base is not Base.TEXT:
        return {}
    keys = reading.vocabulary.entity(type).kinds
    key = next((one for one in _WRITTEN if one in keys), None)
    return {key: Ref(made.name)} if key else {}


def _thing(command: Command, reading: Reading, name: str) -> None:
    known = reading.vocabulary.entity(name)
    made = _unnamed(reading)
    items = items_of(reading, command.all("WITH"), known)
    properties = {one.key: one.value.tree for one in read_keys(reading, items, known, noun=name)}
    if made is not None and not items:
        properties = _written(reading, name, made)
    saved = saved_name(reading, command)
    target, span = saved or (reading.fresh(name), command.span)
    named = properties.pop("name", None)
    step = Step(entity=Entity(type=name, name=named, properties=properties))
    step.output = reading.save(target, thing(name), span=span)
    reading.emit(step, command.span)


def _conversation(command: Command, reading: Reading) -> None:
    """One conversation per pair, its messages part of it.

    A message that set this off was said in one: that is the one, and it is kept. Else the one of
    the two is found, or begins, and what was asked and answered is said in it.
    """
    saved = saved_name(reading, command)
    span = command.span
    if found := said_in(reading, span=span):
        reading.note("E327", "This is kept already; nothing more is done.", at=span)
        reading.save(saved[0] if saved else "conversation", found.kind, span=span)
        reading.emit(Step(set={reading.last_saved: found.tree}), span)
        return
    ends = _speakers(reading)
    talk = talk_of(reading, ends or [Typed(ME, PERSON)], span=span)
    assert isinstance(talk.tree, Ref), "a conversation is found under a name"
    begins = Step(entity=Entity(type="conversation", name=Lit("Conversation")))
    begins.output = talk.tree.name
    steps = [begins, *(_joins(talk.tree, one) for one in ends)]
    for step in steps:
        reading.mark(step, "", span=span)
    missing = Binary("==", talk.tree, Lit(None))
    reading.emit(Step(if_=If(condition=missing, then=steps)), span)
    for one in _messages(reading, ends, span=span):
        reading.emit(Step(connect=Connect(from_=one, to=talk.tree, type="part_of")), span)
    if saved:
        output = reading.save(saved[0], talk.kind, span=saved[1])
        reading.emit(Step(set={output: talk.tree}), span)


def _speakers(reading: Reading) -> list[Typed]:
    """Who speaks here: the first person, and a clone or an agent, another person or the owner."""
    people = [Typed(Ref(one.name), one.kind) for one in reading.people()]
    clones = [Typed(Ref(one.name), one.kind) for one in reading.things() if thinks(one.kind)]
    others = clones[:1] or people[1:2] or [Typed(ME, PERSON)]
    return [*people[:1], *others] if people else []


def _joins(talk: Ref, end: Typed) -> Step:
    tie = in_talk(end)
    return Step(connect=Connect(from_=end.tree, to=talk, type=tie.type))


def _messages(reading: Reading, ends: Sequence[Typed], *, span: Span) -> Iterator[Expr]:
    """The messages that are known; else what the last model was asked, and what it answered."""
    known = {one.name for one in reading.names.values() if one.kind.types == frozenset({"message"})}
    if known or len(ends) < 2:
        yield from (Ref(name) for name in sorted(known))
        return
    asked = [step for step in reading.steps if step.service and step.service.provider == "openai"]
    if not asked or asked[-1].service is None:
        return
    given = (name for tree in asked[-1].service.params.values() for name in names_in(tree))
    said = next((one for one in given if one in reading.inputs), None)
    for author, name in zip(ends, (said, asked[-1].output), strict=False):
        found = reading.find(name) if name else None
        if found is None or found.kind.base is not Base.TEXT:
            continue
        reading.use(found)
        step = Step(entity=Entity(type="message", properties={"text": Ref(found.name)}))
        step.output = reading.bind(
            reading.fresh(f"{found.name} message"), thing("message"), source="derived", span=span
        )
        reading.emit(step, span)
        wrote = Connect(from_=author.tree, to=Ref(step.output), type="authored")
        reading.emit(Step(connect=wrote), span)
        yield Ref(step.output)


VERBS = (
    Verb(
        name="SAVE",
        read=read,
        clauses=frozenset({"WITH", "SAVE AS"}),
        loose=frozenset({"WITH"}),
        says="Keeps a conversation, a thing or a result.",
        example="""FEATURE: Keep our talk
WHEN a fan sends a message
SAVE the conversation
""",
    ),
)
