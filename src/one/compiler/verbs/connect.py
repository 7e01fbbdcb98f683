"""CONNECT: a relation between two."""

from collections.abc import Mapping, Sequence

from one.compiler.bind.items import items_of, read_keys
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import value
from one.compiler.bind.plain import tell_plain
from one.compiler.bind.relations import (
    Relation,
    beside,
    directed,
    only_relation,
    relation_of,
)
from one.compiler.bind.saying import find_predicate, normal
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.expression import Expr, Hole, Items, Ref
from one.compiler.grammar import Command, Verb, split_words
from one.compiler.kinds import THING, Base
from one.compiler.program import Connect, ForEach, Grant, Step
from one.compiler.reader import Is, Span, Word, whole
from one.compiler.vocabulary import spaced


def read(command: Command, reading: Reading) -> None:
    """`a to b as role`, `a owns b`."""
    left, right, said = _parts(reading, command.words)
    if not left or not right:
        clause = command.clause("WITH")
        with_ = clause if left and not right and clause and clause.words else None
        fix = [Fix("Write TO", (Edit(with_.key, "TO"),), Applies.MAYBE)] if with_ else []
        why = "Write CONNECT fan to course as enrolled."
        reading.error("E204", "CONNECT what to what?", *fix, why=why, at=command.span)
        return
    one, other = _end(reading, left), _end(reading, right)
    if isinstance(one.tree, Hole) or isinstance(other.tree, Hole):
        items_of(reading, command.all("WITH"), None)
        return
    span = whole(said) if said and not isinstance(said, Relation) else command.span
    if isinstance(said, Relation):
        relation = said
    elif said:
        relation = relation_of(reading, phrase(strip(said)), one, right=other, span=span)
    else:
        relation = only_relation(reading, one, other, span=command.span)
    if relation is None:
        return
    metadata = _metadata(command, reading, relation)
    ends = directed(reading, relation, one, right=other, span=span)
    for end, words in ((one, left), (other, right)):
        types = reading.vocabulary.ends(relation.type, at=0 if end is ends[0] else 1)
        if tell_plain(reading, end, types=types, span=whole(words)):
            return
    _emit(reading, relation, ends, metadata, span=command.span)


def _parts(
    reading: Reading, words: Sequence[Word]
) -> tuple[list[Word], list[Word], list[Word] | Relation]:
    """The two ends, and the words of the role or the relation that stands between them."""
    role: list[Word] = []
    body = list(words)
    for n in range(len(body) - 1, 0, -1):
        if body[n].low == "as" and body[n].kind is Is.WORD:
            role, body = strip(body[n + 1 :]), body[:n]
            break
    plain = normal(body)
    at, predicate = find_predicate(reading, plain)
    rest = plain[at + predicate.count :] if predicate else []
    if predicate and predicate.role and not role and at > 0 and rest:
        said = beside(predicate.role.metadata or {})
        return plain[:at], rest, Relation(predicate.relation, predicate.flipped, said)
    for mark in ("to", "with", "→", "->"):
        for n, word in enumerate(body):
            if 0 < n < len(body) - 1 and word.low == mark and word.kind in {Is.WORD, Is.MARK}:
                return body[:n], body[n + 1 :], role
    if predicate and predicate.op in {"relation", "has"} and at > 0 and rest:
        return plain[:at], rest, role or plain[at : at + predicate.count]
    if len(split_words(body, "and")) == 2:
        left, right = split_words(body, "and")
        return left, right, role
    return body, [], role


def _end(reading: Reading, words: list[Word]) -> Typed:
    return value(reading, words, whole(words), expected=THING)


def _metadata(
    command: Command, reading: Reading, relation: Relation
) -> dict[str, tuple[Expr, Span]]:
    words = reading.vocabulary.connection(relation.type)
    noun = f"relation “{spaced(relation.type)}”"
    found = {key: (tree, command.span) for key, tree in relation.metadata.items()}
    for one in read_keys(reading, items_of(reading, command.all("WITH"), words), words, noun=noun):
        found[one.key] = (one.value.tree, one.span)
    return found


def _emit(
    reading: Reading,
    relation: Relation,
    ends: tuple[Typed, Typed],
    metadata: dict[str, tuple[Expr, Span]],
    *,
    span: Span,
) -> None:
    if _is_grant(reading, relation, ends, metadata):
        amount, place = metadata["amount"]
        grant = Grant(to=ends[0].tree, asset=ends[1].tree, amount=amount)
        reading.emit(Step(grant=grant), span, amount=place)
        return
    places = {f"metadata__{key}": place for key, (_, place) in metadata.items()}
    values = {key: tree for key, (tree, _) in metadata.items()}
    for source in _each(ends[0]):
        for target in _each(ends[1]):
            connect = Connect(from_=source, to=target, type=relation.type, metadata=values)
            step = Step(connect=connect)
            many = _many(ends)
            if many is None:
                reading.emit(step, span, **places)
                continue
            at, tree = many
            row = Ref("each")
            changed = connect.model_copy(update={"from_": row} if at == 0 else {"to": row})
            inner = Step(connect=changed)
            reading.mark(inner, "", span=span)
            reading.emit(Step(for_each=ForEach(in_=tree, as_="each", do=[inner])), span)


_TAKEN_BACK = frozenset({"refund", "burn"})
"""What undoes a charge or a mint."""


def _is_grant(
    reading: Reading,
    relation: Relation,
    ends: tuple[Typed, Typed],
    metadata: Mapping[str, tuple[Expr, Span]],
) -> bool:
    """`CONNECT fan to token as holder WITH amount 5` where nothing moved any before: it moves."""
    called = (reading.vocabulary.action(*one) for one in reading.calls.values())
    moved = any(action is not None and action.inverse in _TAKEN_BACK for action in called)
    token = ends[1].kind.types == frozenset({"token"}) and ends[0].kind.person
    given = any(step.grant is not None for step in reading.steps)
    return relation.type == "holds" and token and "amount" in metadata and not (moved or given)


def _each(end: Typed) -> Sequence[Expr]:
    return end.tree.values if isinstance(end.tree, Items) else (end.tree,)


def _many(ends: tuple[Typed, Typed]) -> tuple[int, Expr] | None:
    """A list in scope at one end: each of its items."""
    for at, end in enumerate(ends):
        if end.kind.base is Base.LIST and not isinstance(end.tree, Items):
            return at, end.tree
    return None


VERBS = (
    Verb(
        name="CONNECT",
        read=read,
        clauses=frozenset({"WITH"}),
        pattern=frozenset({"to", "as"}),
        loose=frozenset({"WITH"}),
        says="Ties two things or people together.",
        example="""FEATURE: Join the choir
INPUT:
  - singer: who is joining
  - choir: the community they join
CONNECT singer to choir as member
""",
    ),
)
