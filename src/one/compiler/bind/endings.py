"""Ends of relations: which relation between two is over."""

from collections.abc import Sequence

from one.compiler.bind.names import phrase
from one.compiler.bind.nouns import value
from one.compiler.bind.relations import Relation, directed, only_relation, relation_of
from one.compiler.bind.session import Reading
from one.compiler.expression import Hole
from one.compiler.kinds import PEOPLE, Base, Kind
from one.compiler.program import Disconnect, Step
from one.compiler.reader import Span, Word, whole
from one.compiler.vocabulary import spaced

_USUAL: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"community", "conversation"}), "member_of"),
    (frozenset({"course", "lesson", "livestream", "membership"}), "enrolled_in"),
    (PEOPLE, "following"),
    (frozenset({"token", "nft"}), "holds"),
)


def end_between(
    reading: Reading,
    left: Sequence[Word],
    right: Sequence[Word],
    *,
    role: Sequence[Word],
    span: Span,
) -> None:
    """A disconnect; with no relation said, the one the feature made or the usual one."""
    one, other = value(reading, left, span), value(reading, right, span)
    if isinstance(one.tree, Hole) or isinstance(other.tree, Hole):
        return
    if role:
        relation = relation_of(reading, phrase(role), one, right=other, span=whole(list(role)))
    elif name := _usual(one.kind, other.kind):
        relation = Relation(name)
        reading.note("E423", f"The relation that ends is taken as “{spaced(name)}”.", at=span)
    else:
        relation = only_relation(reading, one, other, span=span)
    if relation is None:
        return
    source, target = directed(reading, relation, one, right=other, span=span)
    reading.emit(
        Step(disconnect=Disconnect(from_=source.tree, to=target.tree, type=relation.type)), span
    )


def _usual(left: Kind, right: Kind) -> str:
    """The relation that is meant between such ends; none where they say too little."""
    if left.base is Base.THING and not left.person:
        return "part_of"
    for types, name in _USUAL:
        if right.types and right.types <= types:
            return name
    return ""
