"""STREAM: goes live on a platform."""

from one.compiler.bind.items import items_of, read_keys
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import value
from one.compiler.bind.saving import cut_at, free_text, saved_name
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import listed, nearest
from one.compiler.expression import Expr, Hole, Lit, Ref
from one.compiler.grammar import Command, Verb, split_words
from one.compiler.kinds import Base, Kind, thing
from one.compiler.program import Connect, Entity, Service, Step, Update
from one.compiler.reader import Word, join, whole


def read(command: Command, reading: Reading) -> None:
    """A livestream, its service, and the clone that is mixed in."""
    content, _, platform = cut_at(command.words, "to", "on")
    clause = command.clause("TO")
    platform = platform or (clause.words if clause else [])
    if not content or not platform:
        reading.error("E204", "STREAM what to which platform?", at=command.span)
        return
    known = reading.vocabulary.entity("livestream")
    properties: dict[str, Expr] = {}
    for one in read_keys(
        reading, items_of(reading, command.all("WITH"), known), known, noun="livestream"
    ):
        properties[one.key] = one.value.tree
    if said := _description(command):
        properties["mix"] = Lit(said)
    output = _made(command, reading, content, properties)
    for run in split_words(platform, ",", "and"):
        _service(command, reading, run, output)
    _mix(command, reading, output)


def _made(
    command: Command, reading: Reading, content: list[Word], properties: dict[str, Expr]
) -> str:
    """The livestream: one that is there already, else a new one."""
    there = reading.find(phrase(strip(content)))
    if there is not None and there.kind.sure.types == frozenset({"livestream"}):
        reading.use(there)
        if properties:
            step = Step(update=Update(target=Ref(there.name), set=properties))
            reading.emit(step, command.span)
        return there.name
    named = properties.pop("name", None) or free_text(reading, content)
    saved = saved_name(reading, command)
    output = reading.save(
        saved[0] if saved else reading.fresh("stream"), thing("livestream"), span=command.span
    )
    entity = Entity(type="livestream", name=named, properties=properties)
    reading.emit(Step(entity=entity, output=output), command.span)
    return output


_CLONE = frozenset({"ai", "clone", "my", "the", "for", "of", "to", "as", "who", "that"})


def _description(command: Command) -> str:
    """What the clone that is mixed in is there for."""
    clause = command.clause("MIX WITH")
    words = list(clause.words) if clause else []
    while words and words[0].low in _CLONE:
        words.pop(0)
    return join(words) if len(words) > 1 else ""


def _service(command: Command, reading: Reading, words: list[Word], stream: str) -> None:
    service = reading.vocabulary.service(phrase(strip(words)))
    if service is None or "publish" not in service.by_name:
        titles = [one.title for one in reading.vocabulary.services if "unpublish" in one.by_name]
        close = nearest(phrase(words), titles)
        reading.error(
            "E801",
            f"I can't stream to “{phrase(words)}”. There are {listed(titles)}.",
            names=close,
            at=whole(words),
        )
        return
    output = reading.bind(
        reading.fresh(f"{service.name} stream"),
        Kind(Base.OUTCOME),
        source="saved",
        span=command.span,
    )
    call = Service(provider=service.name, method="publish", params={"content": Ref(stream)})
    reading.emit(Step(service=call, output=output), command.span)


def _mix(command: Command, reading: Reading, stream: str) -> None:
    clause = command.clause("MIX WITH")
    if clause is None:
        return
    words = strip([word for word in clause.words if word.low not in {"ai"}])
    while words and words[0].low in {"my", "the"}:
        words = words[1:]
    clones = [name for name in reading.names.values() if name.kind.types == frozenset({"ai_clone"})]
    mine = (
        value(
            reading, [Word("my", "my", clause.key), Word("clone", "clone", clause.key)], clause.span
        )
        if not clones
        else None
    )
    source = Ref(clones[-1].name) if clones else (mine.tree if mine else Hole())
    if not isinstance(source, Hole):
        if clones:
            reading.use(clones[-1])
        reading.emit(
            Step(connect=Connect(from_=source, to=Ref(stream), type="featured_in")), command.span
        )


VERBS = (
    Verb(
        name="STREAM",
        read=read,
        clauses=frozenset({"TO", "WITH", "MIX WITH", "SAVE AS"}),
        pattern=frozenset({"to", "on"}),
        says="Goes live on a platform.",
        example="""FEATURE: Sunday set
STREAM "Sunday set" TO YouTube
  WITH summary "Two hours of vinyl"
""",
    ),
)
