"""SAVE: keeps a thing, a conversation or a result."""

from one.compiler.bind.derived import said_in
from one.compiler.bind.items import items_of, read_keys
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import value
from one.compiler.bind.saving import saved_name
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr, Hole, Lit, Ref
from one.compiler.grammar import Command, Verb
from one.compiler.kinds import Base, thing
from one.compiler.program import Connect, Entity, Step
from one.compiler.reader import join, whole
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


def _thing(command: Command, reading: Reading, name: str) -> None:
    known = reading.vocabulary.entity(name)
    items = items_of(reading, command.all("WITH"), known)
    properties = {one.key: one.value.tree for one in read_keys(reading, items, known, noun=name)}
    saved = saved_name(reading, command)
    target, span = saved or (reading.fresh(name), command.span)
    named = properties.pop("name", None)
    step = Step(entity=Entity(type=name, name=named, properties=properties))
    step.output = reading.save(target, thing(name), span=span)
    reading.emit(step, command.span)


def _conversation(command: Command, reading: Reading) -> None:
    """One conversation per pair, its messages part of it.

    A message that set this off was said in one: that is the one, and it is kept.
    """
    saved = saved_name(reading, command)
    if found := said_in(reading, span=command.span):
        reading.note("E327", "This is kept already; nothing more is done.", at=command.span)
        reading.save(saved[0] if saved else "conversation", found.kind, span=command.span)
        step = Step(set={reading.last_saved: found.tree})
        reading.emit(step, command.span)
        return
    people = reading.people()
    messages = [one for one in reading.names.values() if one.kind.types == frozenset({"message"})]
    if not messages:
        said = "No message is known here, so this begins a new conversation with nothing in it."
        reading.note("E327", said, at=command.span)
    title: Expr = Lit("Conversation")
    step = Step(entity=Entity(type="conversation", name=title))
    output = reading.save(
        saved[0] if saved else reading.fresh("conversation"),
        thing("conversation"),
        span=command.span,
    )
    step.output = output
    reading.emit(step, command.span)
    for name in people[:2]:
        reading.emit(
            Step(connect=Connect(from_=Ref(name.name), to=Ref(output), type="member_of")),
            command.span,
        )
    for name in messages:
        reading.emit(
            Step(connect=Connect(from_=Ref(name.name), to=Ref(output), type="part_of")),
            command.span,
        )


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
