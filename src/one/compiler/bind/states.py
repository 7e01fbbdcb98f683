"""What a thing is said to be: its name, a state that one of its properties documents, a yes/no."""

from collections.abc import Sequence

from one.compiler.bind.literals import Typed
from one.compiler.bind.names import lookup, phrase, strip
from one.compiler.bind.nouns import attempt
from one.compiler.bind.plain import is_unsaid, slot_of, tell_unsaid
from one.compiler.bind.session import Reading
from one.compiler.expression import Binary, Call, Expr, Get, Hole, Lit, Ref, Unary, names_in
from one.compiler.kinds import TEXT, Base, Kind
from one.compiler.layout import SlotLine
from one.compiler.reader import Is, Word, whole
from one.compiler.vocabulary import COLUMNS, STATUSES, key_of


def by_name(reading: Reading, left: Typed, subject: list[Word], *, rest: list[Word]) -> Typed:
    """`customer's tier is "gold"`: what is compared with words is a word of the thing, its name if
    it has no property that is called as the thing is.
    """
    bare = strip(rest)
    if left.kind.base is not Base.THING or not bare:
        return left
    found = reading.vocabulary.property_kind(left.kind.types, subject[-1].text)
    if bare[0].kind is not Is.TEXT and (found is None or lookup(reading, phrase(bare))):
        return left
    said = left.kind.types == frozenset({"message"})  # its words; it goes by no name
    key, kind = found or ("text" if said else "name", TEXT)
    return Typed(Get(left.tree, key), kind)


def documented(kind: Kind, words: Sequence[Word]) -> str | None:
    """The documented value that bare words spell."""
    wanted = key_of(phrase(words))
    return next((known for known in kind.values if key_of(known) == wanted), None)


def state_of(reading: Reading, left: Typed, words: Sequence[Word]) -> tuple[Get, Lit] | None:
    """`the payment's status` is `refunded`: the property of the thing that documents the word,
    where its life cycle has none such.
    """
    tree, bare = left.tree, strip(words)
    if not isinstance(tree, Get) or tree.key != "status" or documented(left.kind, bare):
        return None
    name = reading.find(tree.of.name) if isinstance(tree.of, Ref) else None
    for key, own in _valued(reading, name.kind) if name is not None else ():
        if known := documented(own, bare):
            return Get(tree.of, key), Lit(known)
    return None


def state_key(reading: Reading, target: Typed, said: Expr) -> str:
    """The property that `refunded` is a value of, where it is no status of the thing."""
    status = reading.vocabulary.property_kind(target.kind.types, "status")
    word = key_of(str(said.value)) if isinstance(said, Lit) else ""
    if not word or (status and word in map(key_of, status[1].values)):
        return ""
    known = _valued(reading, target.kind)
    return next((key for key, own in known if word in map(key_of, own.values)), "")


def is_state(reading: Reading, subject: list[Word], said: list[Word]) -> bool:
    """Whether the word is one that a property of the thing has, and no relation."""
    left = attempt(reading, subject)
    if left is None:
        return False
    if key_of(phrase(said)) in STATUSES and _unsaid(reading, left) is not None:
        return True
    known = _valued(reading, left.kind) if left.kind.base is Base.THING else []
    stated = state_of(reading, left, said) is not None
    return stated or any(documented(own, strip(said)) for _, own in known)


def adjective(reading: Reading, left: Typed, op: str, *, rest: list[Word]) -> Expr | None:
    """`is active`, `is a creator`, `is paid`, `is empty-handed`: a status, a type, a yes/no."""
    bare = strip(rest)
    wanted = key_of(phrase(bare))
    kind = left.kind
    if kind.base in {Base.THING, Base.JSON, Base.UNKNOWN} and wanted in STATUSES:
        return Binary(op, Get(left.tree, "status"), Lit(wanted))
    plain = wanted in STATUSES and bare[0].kind is Is.WORD and not lookup(reading, phrase(bare))
    if plain and isinstance(left.tree, Ref) and (line := _unsaid(reading, left)) is not None:
        tell_unsaid(reading, left.tree.name, line, span=whole(bare))
        return Hole()
    if (
        kind.base in {Base.OUTCOME, Base.JSON, Base.UNKNOWN}
        and wanted in {"successful", "ok", "completed", "approved"}
        and len(bare) == 1
    ):
        reading.asked.update(names_in(left.tree))
        tree = Call("failed", (left.tree,))
        return tree if op == "!=" else Unary("not", tree)
    sort = bool(rest and rest[0].low in {"a", "an"}) or not lookup(reading, phrase(bare))
    if kind.base is Base.THING and len(bare) == 1 and sort:
        found = reading.vocabulary.property_kind(kind.types, wanted)
        if found and found[1].base is Base.BOOLEAN:
            return Binary(op, Get(left.tree, found[0]), Lit(True))
        type_name = reading.vocabulary.entity_of(wanted)
        if type_name:
            return Binary(op, Get(left.tree, "type"), Lit(type_name))
        for key, own in _valued(reading, kind):
            if wanted in {key_of(one) for one in own.values}:
                return Binary(op, Get(left.tree, key), Lit(documented(own, bare)))
    return None


def _unsaid(reading: Reading, it: Typed) -> SlotLine | None:
    """The line of an input that is there as text, where it may well be a thing."""
    line = slot_of(reading, it.tree.name) if isinstance(it.tree, Ref) else None
    return line if line is not None and is_unsaid(line) else None


def _valued(reading: Reading, kind: Kind) -> list[tuple[str, Kind]]:
    """The properties of a thing that have documented values."""
    return [
        (key, own)
        for name in sorted(kind.types)
        if name in reading.vocabulary.entity_types
        for key, own in reading.vocabulary.entity(name).kinds.items()
        if own.values and key not in COLUMNS
    ]
