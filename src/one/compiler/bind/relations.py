"""Role words and ends to relations: `as owner`, `owns`, or the only relation that fits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from one.compiler.bind.literals import Typed
from one.compiler.bind.plain import tell_plain
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, listed, nearest
from one.compiler.expression import Expr, Lit, Ref
from one.compiler.kinds import Base, say_kind
from one.compiler.light import frozen
from one.compiler.reader import Span
from one.compiler.vocabulary import FACTS, Vocabulary, key_of, spaced
from one.errors import JSON

_DEFAULTS: tuple[tuple[frozenset[str], frozenset[str], str], ...] = (
    (
        frozenset({"lesson", "message", "video", "chapter"}),
        frozenset({"course", "conversation", "lesson"}),
        "part_of",
    ),
    (frozenset({"ai_clone"}), frozenset({"creator"}), "clone_of"),
    (
        frozenset({"audience_member", "creator"}),
        frozenset({"community", "conversation"}),
        "member_of",
    ),
)
"""Pairs for which one relation is meant though others fit."""


@frozen
class Relation:
    """A relation with its direction and what its role word says beside."""

    type: str
    flipped: bool = False
    metadata: dict[str, Expr] = field(default_factory=dict[str, Expr])


def relation_of(
    reading: Reading, said: str, left: Typed, *, right: Typed, span: Span
) -> Relation | None:
    """The relation that a role word names between these ends; reports when there is none."""
    found = _meant(reading.vocabulary, said, left, right=right)
    if found is None:
        words = _near_roles(reading.vocabulary, said, left, right=right)
        fixes = [Fix(f"Write {word}", (Edit(span, word),), Applies.MAYBE) for word in words[:3]]
        said_near = f" Did you mean {listed(words)}?" if words else ""
        fit = [] if words else _roles_between(reading.vocabulary, left, right)
        fixes += [Fix(f"as {word}", (Edit(span, word),), Applies.MAYBE) for word in fit[:6]]
        why = f"Between these two fit {listed(fit, 'and')}." if len(fit) > 1 else ""
        message = f"I know no relation “{said}”.{said_near}"
        reading.error("E402", message, *fixes, names=words, at=span, why=why)
        return None
    if not fits_some_way(reading.vocabulary, found, left=left, right=right):
        words = _roles_between(reading.vocabulary, left, right)
        if words:
            _unfit(reading, found, words, ends=(left, right), span=span)
            return None
    return found


def _unfit(
    reading: Reading,
    relation: Relation,
    words: Sequence[str],
    *,
    ends: tuple[Typed, Typed],
    span: Span,
) -> None:
    """Such ends have other relations: these are the answers."""
    left, right = (say_kind(one.kind) for one in ends)
    fixes = [Fix(f"as {word}", (Edit(span, word),), Applies.MAYBE) for word in words[:8]]
    said = f"“{spaced(relation.type).capitalize()}” can't tie {left} to {right}."
    why = f"Between these two fit {listed(words, 'and')}."
    reading.error("E403", said, *fixes, why=why, names=words, at=span)


def _meant(vocabulary: Vocabulary, said: str, left: Typed, *, right: Typed) -> Relation | None:
    """The relation of this name; of several the one that fits as the ends stand."""
    found: list[Relation] = []
    for word in _stems(said):
        found = found or candidates(vocabulary, word)
    fitting = [one for one in found if fits_some_way(vocabulary, one, left=left, right=right)]
    forward = [one for one in fitting if _fits(vocabulary, one, left, right=right)]
    return next(iter(forward or fitting or found), None)


def _near_roles(vocabulary: Vocabulary, said: str, left: Typed, *, right: Typed) -> list[str]:
    """The nearest role words; only those that fit, where there are such."""
    keys = nearest(key_of(said), [role for role in vocabulary.roles if len(role) > 3])
    words = [_role_words(vocabulary, key) for key in keys]
    fitting = [
        word
        for word in words
        if (one := _meant(vocabulary, word, left, right=right))
        and fits_some_way(vocabulary, one, left=left, right=right)
    ]
    return fitting or words


def _roles_between(vocabulary: Vocabulary, left: Typed, right: Typed) -> list[str]:
    """A word for each relation from one to the other; money moves only by paying."""
    names = vocabulary.relations_between(_types(vocabulary, left), _types(vocabulary, right))
    return [
        word
        for name in names
        if name not in FACTS and (word := _role_for(vocabulary, name, left, right=right))
    ]


def _role_for(vocabulary: Vocabulary, name: str, left: Typed, *, right: Typed) -> str | None:
    """A word that means this relation between these ends and is no clause."""
    roles = vocabulary.ontology.connections[name].roles
    for word in (spaced(name), *(role.word for role in roles if not role.flipped)):
        meant = _meant(vocabulary, word, left, right=right)
        if meant and meant.type == name and not {"with", "to", "by", "for"} & set(word.split()):
            return word
    return None


def _stems(said: str) -> list[str]:
    """`attending`, `student of` → the role words that they come from."""
    low = said.casefold()
    tails = (" of", " in", " to", " for")
    words = [said, *(low.removesuffix(tail) for tail in tails if low.endswith(tail))]
    if low.endswith("ing") and len(low) > 5:
        stem = low[:-3]
        words += [stem + "s", stem + "es", stem, stem + "ed", stem + "e", stem + "er"]
    return words


def _role_words(vocabulary: Vocabulary, key: str) -> str:
    return vocabulary.roles[key][0][1].word


def candidates(vocabulary: Vocabulary, said: str) -> list[Relation]:
    """What the word may mean: role words, relation names and aliases."""
    found = [
        Relation(name, role.flipped, beside(role.metadata or {}))
        for name, role in vocabulary.roles.get(key_of(said), ())
    ]
    alias = vocabulary.ontology.words.connection_alias(said)
    if alias and all(one.type != alias.type for one in found):
        found.append(Relation(alias.type, metadata=beside(alias.metadata)))
    return found


def beside(metadata: Mapping[str, JSON]) -> dict[str, Expr]:
    """What a role word says beside its relation."""
    return {k: Lit(v) for k, v in metadata.items() if isinstance(v, str | int | bool)}


def _types(vocabulary: Vocabulary, end: Typed) -> Iterable[str]:
    kind = end.kind.item if end.kind.base is Base.LIST and end.kind.item else end.kind
    return kind.types or vocabulary.entity_types


def _fits(vocabulary: Vocabulary, relation: Relation, left: Typed, *, right: Typed) -> bool:
    ends = (right, left) if relation.flipped else (left, right)
    fits = vocabulary.connection_types[relation.type].fits
    rights = list(_types(vocabulary, ends[1]))
    return any(fits(a, b) for a in _types(vocabulary, ends[0]) for b in rights)


def fits_some_way(vocabulary: Vocabulary, relation: Relation, *, left: Typed, right: Typed) -> bool:
    """Whether the ends fit, as they stand or turned round."""
    return _fits(vocabulary, relation, left, right=right) or _fits(
        vocabulary, relation, right, right=left
    )


def directed(
    reading: Reading, relation: Relation, left: Typed, *, right: Typed, span: Span
) -> tuple[Typed, Typed]:
    """From and to; turned, with a note, when only the other way fits."""
    vocabulary = reading.vocabulary
    ends = (right, left) if relation.flipped else (left, right)
    if _fits(vocabulary, relation, left, right=right):
        return ends
    if _fits(vocabulary, relation, right, right=left):
        reading.note(
            "E422",
            f"The ends of {spaced(relation.type)} only fit the other way, so they are turned.",
            at=span,
        )
        return ends[1], ends[0]
    return ends


def _was_told(reading: Reading, tree: Expr) -> bool:
    """Whether it is a thing of a type that nobody knows, which was told where it is made."""
    return isinstance(tree, Ref) and key_of(tree.name) in reading.told


def only_relation(reading: Reading, left: Typed, right: Typed, *, span: Span) -> Relation | None:
    """With no role said: the one relation that fits, else a question."""
    vocabulary = reading.vocabulary
    if any(end.kind.vague and _was_told(reading, end.tree) for end in (left, right)):
        return None
    lefts, rights = list(_types(vocabulary, left)), list(_types(vocabulary, right))
    for froms, tos, name in _DEFAULTS:
        if set(lefts) <= froms and set(rights) <= tos:
            reading.note("E423", f"No relation is said; “{spaced(name)}” is taken.", at=span)
            return Relation(name)
    for end in (left, right):
        if tell_plain(reading, end, span=reading.place_of(end.tree, span)):
            return None
    forward = vocabulary.relations_between(lefts, rights)
    backward = vocabulary.relations_between(rights, lefts)
    names = forward or backward
    if len(names) == 1:
        reading.note(
            "E423", f"No relation is said; “{spaced(names[0])}” is the only one that fits.", at=span
        )
        return Relation(names[0])
    if not names:
        reading.error("E403", "No relation can go between these two.", at=span)
        return None
    words = _roles_between(vocabulary, *((left, right) if forward else (right, left)))
    end = Span(span.ending_line, span.end, span.end)
    fixes = [Fix(f"as {word}", (Edit(end, f" as {word}"),), Applies.MAYBE) for word in words[:8]]
    reading.ask(
        "E404", f"How are they connected? {listed(words)} would fit.", *fixes, names=words, at=span
    )
    return None
