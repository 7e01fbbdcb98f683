"""Who holds what: relations between two things, what somebody has, how many of it."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.counting import how_many, many_of, of_row, quantity, related
from one.compiler.bind.derived import ME
from one.compiler.bind.glosses import TEXTS
from one.compiler.bind.literals import Typed
from one.compiler.bind.measures import counted
from one.compiler.bind.names import lookup, phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.plain import tell_plain
from one.compiler.bind.saying import Predicate
from one.compiler.bind.session import Reading
from one.compiler.expression import Binary, Call, Expr, Get, Hole, Lit, Ref, Unary
from one.compiler.grammar import split_words
from one.compiler.kinds import INTEGER, TEXT, UNKNOWN, Base, thing
from one.compiler.reader import Is, Span, Word, whole
from one.compiler.vocabulary import key_of, singular, spaced


def quietly(reading: Reading, words: list[Word]) -> None:
    """Looks at an object whose subject is unknown, so that its names count as used."""
    if words:
        attempt(reading, words)


def relate(
    reading: Reading, left: Typed, predicate: Predicate, *, rest: list[Word], subject: Span
) -> Expr:
    """`a owns b`: owning also by purchase or holding; others by a live connection."""
    low = [word.low for word in rest]
    if predicate.relation == "transacted" and low == ["from", "me"]:
        rest = rest[1:] if left.tree == Ref("row") else []
    if low == ["nothing"]:
        predicate, rest = replace(predicate, negated=not predicate.negated), []
    anybody = left.tree == Ref("row") or (left.kind.person and predicate.relation == "transacted")
    if not rest and anybody and not predicate.flipped:
        return _anything(reading, left, predicate=predicate, subject=subject)
    if left.kind.person and predicate.relation == "published_to":
        return _anything(reading, left, predicate=predicate, subject=subject)
    if not rest:
        reading.error("E204", "Who or what is the other side of this relation?", at=subject)
        return Hole()
    if (
        predicate.relation in {"holds", "owns"}
        and (held := _tokens(reading, left, rest)) is not None
    ):
        return negate(held) if predicate.negated else held
    if (many := _so_many(reading, left, predicate, rest)) is not None:
        return negate(many) if predicate.negated else many
    any_type = any_of(reading, rest)
    if any_type is not None and not isinstance(left.tree, Hole):
        if not fitting(reading, predicate, one=left):
            return _anything(reading, left, predicate=predicate, subject=subject)
        ends = (left.tree, Lit(predicate.relation), Lit(any_type), *_sort(predicate))
        tree = Call("connected", ends)
        return negate(tree) if predicate.negated else tree
    runs = split_words(rest, ",", "and")
    listed = len(runs) > 1 and attempt(reading, rest) is None
    far = thing(*reading.vocabulary.ends(predicate.relation, at=int(not predicate.flipped)))
    right = value(reading, runs[0] if listed else rest, whole(rest), expected=far)
    if isinstance(left.tree, Hole) or isinstance(right.tree, Hole):
        return Hole()
    return _tied(reading, left, right, predicate=predicate, spans=(subject, whole(rest)))


def _tied(
    reading: Reading, left: Typed, right: Typed, *, predicate: Predicate, spans: tuple[Span, Span]
) -> Expr:
    """Two that stand in a relation; a text or an amount, which stands in none, is told."""
    predicate = _within(predicate, left, right=right)
    ends = _turned(reading, predicate, left, right)
    spans = spans if ends[0] is left else (spans[1], spans[0])
    for n, (end, span) in enumerate(zip(ends, spans, strict=True)):
        types = reading.vocabulary.ends(predicate.relation, at=n)
        if tell_plain(reading, end, types=types, span=span):
            return Hole()
    if predicate.relation == "owns":
        tree: Expr = Call("owns", (ends[0].tree, ends[1].tree))
    else:
        tree = Call(
            "connected", (ends[0].tree, Lit(predicate.relation), ends[1].tree, *_sort(predicate))
        )
    return negate(tree) if predicate.negated else tree


def _so_many(reading: Reading, left: Typed, predicate: Predicate, rest: list[Word]) -> Expr | None:
    """`owns at least 3 courses`; a number of nothing is told."""
    if isinstance(left.tree, Hole):
        return None
    if (many := many_of(reading, rest)) is not None:
        return related(reading, left, predicate, many=many)
    said, number = how_many(rest)
    if not said or not left.kind.person or quantity(reading, number) is None:
        return None
    reading.error("E204", f"“{phrase(rest)}” of what?", at=whole(rest))
    return Hole()


def _sort(predicate: Predicate) -> tuple[Expr, ...]:
    """What the word says beside the relation: `likes` is no mere view."""
    return (Lit(predicate.sort),) if predicate.sort else ()


def _anything(reading: Reading, left: Typed, *, predicate: Predicate, subject: Span) -> Expr:
    """`who bought this week`: whatever it was; `courses bought this week`: by whomever."""
    ends: list[Expr] = [left.tree, Lit(predicate.relation), Lit("thing")]
    if not fitting(reading, predicate, one=left):
        ends.reverse()
        if not fitting(reading, predicate, one=left, far=True):
            role = predicate.role.word if predicate.role else spaced(predicate.relation)
            reading.not_kept(role, subject)
            return Hole()
    tree = Call("connected", (*ends, *_sort(predicate)))
    return negate(tree) if predicate.negated else tree


def fitting(reading: Reading, predicate: Predicate, *, one: Typed, far: bool = False) -> bool:
    """Whether such a relation may run from it, or to it."""
    pairs = reading.vocabulary.connection_types[predicate.relation].pairs
    end = int(far != predicate.flipped)
    return not one.kind.types or any(one.kind.types & pair[end] for pair in pairs)


_WITHIN = {
    "community": "member_of",
    "membership": "member_of",
    "conversation": "member_of",
    "course": "enrolled_in",
    "lesson": "enrolled_in",
    "livestream": "enrolled_in",
}


def _within(predicate: Predicate, left: Typed, *, right: Typed) -> Predicate:
    """Who is `in` a community is a member of it, who is in a course enrolled."""
    name = next((_WITHIN[one] for one in right.kind.types if one in _WITHIN), "")
    if predicate.relation != "part_of" or not left.kind.person or not name:
        return predicate
    return replace(predicate, relation=name, flipped=False, role=None)


_ANY = frozenset({"something", "anything", "someone", "somebody", "anyone", "anybody"})


def any_of(reading: Reading, words: list[Word]) -> str | None:
    """`a course`, `any lesson`: any thing of the type, where no such name is in scope."""
    if len(words) == 1 and words[0].low in _ANY:
        return "thing"
    if len(words) < 2 or words[0].low not in {"a", "an", "any"}:
        return None
    noun = phrase(words[1:])
    return None if lookup(reading, noun) else reading.vocabulary.entity_of(noun)


def _turned(
    reading: Reading, predicate: Predicate, left: Typed, right: Typed
) -> tuple[Typed, Typed]:
    """The ends in the direction of the relation."""
    ends = (right, left) if predicate.flipped else (left, right)
    kind = reading.vocabulary.connection_types[predicate.relation]
    lefts, rights = ends[0].kind.types, ends[1].kind.types
    if not lefts or not rights:
        return ends
    forward = any(kind.fits(a, b) for a in lefts for b in rights)
    backward = any(kind.fits(b, a) for a in lefts for b in rights)
    return ends if forward or not backward else (ends[1], ends[0])


def _tokens(reading: Reading, left: Typed, rest: list[Word]) -> Expr | None:
    """`owns tokens`, `holds 10 tokens`, `owns at least 5 tokens`: a balance."""
    bare = strip(rest)
    words = [word.low for word in bare]
    if words[-1:] not in (["tokens"], ["token"]) and words[-1:] != ["units"]:
        return None
    if words[-1] == "token" and lookup(reading, "token"):
        return None
    if words[-3:-1] == ["of", "my"]:  # `10 of my tokens`
        bare, words = [*bare[:-3], bare[-1]], [*words[:-3], words[-1]]
    if "of" in words and (balance := _of_whom(reading, left, bare[words.index("of") :])):
        op, amount = how_many(bare[: words.index("of")])
        count = quantity(reading, amount)
        return Binary(op or ">=", balance, count.tree) if count else None
    none = words[0] == "no"
    op, bare = how_many(bare[1:-1] if none else bare[:-1])
    if not bare or (len(bare) == 1 and bare[0].low in {"enough", "any", "some"}):
        return Binary("<=" if none else ">", Call("balance", (left.tree,)), Lit(0))
    if bare[0].low == "between" and "and" in (low := [word.low for word in bare]):
        at = low.index("and")
        least, most = quantity(reading, bare[1:at]), quantity(reading, bare[at + 1 :])
        own = Call("balance", (left.tree,))
        return (
            Binary("and", Binary(">=", own, least.tree), Binary("<=", own, most.tree))
            if least and most
            else None
        )
    for count in range(len(bare), 0, -1):
        if (amount := quantity(reading, bare[:count])) is not None:
            balance = _balance(reading, left, bare[count:])
            return Binary(op or ">=", balance, amount.tree) if balance else None
    balance = _balance(reading, left, bare)
    return Binary("<=" if none else ">", balance, Lit(0)) if balance else None


def _of_whom(reading: Reading, left: Typed, words: list[Word]) -> Expr | None:
    """`of the artist's tokens`: what somebody has of the token that another owns."""
    if len(words) < 4 or words[0].low != "of" or words[-2].kind is not Is.POSSESSIVE:
        return None
    token = replace(words[-1], text="token", low="token")
    found = attempt(reading, [*words[1:-1], token])
    return Call("balance", (left.tree, found.tree)) if found else None


def _balance(reading: Reading, left: Typed, asset: list[Word]) -> Expr | None:
    """What somebody has of the token that the words name, of the usual one where there are none."""
    if not asset:
        return Call("balance", (left.tree,))
    found = attempt(reading, asset)
    of = found is not None and found.kind.base is Base.THING
    return Call("balance", (left.tree, found.tree)) if found and of else None


def has(
    reading: Reading, left: Typed, predicate: Predicate, *, rest: list[Word], subject: Span
) -> Expr:
    """`has 100 tokens`, `has at least 3 lessons`, `has an email`, `has a certificate`."""
    if isinstance(left.tree, Hole):
        quietly(reading, rest)
        return Hole()
    if not rest:
        reading.error("E204", "Has what?", at=subject)
        return Hole()
    op = predicate.op.removeprefix("#") if predicate.op != "has" else ""
    of_rows = _has_so_many(reading, left, op, rest) if left.tree == Ref("row") else None
    if of_rows is not None:
        tree = of_rows
    elif predicate.op.startswith("#"):
        tree = _has_count(reading, left, predicate.op[1:], rest)
    else:
        tree = _has_thing(reading, left, rest)
    return negate(tree) if predicate.negated else tree


def _has_so_many(reading: Reading, left: Typed, op: str, rest: list[Word]) -> Expr | None:
    """`with more than 10 students`, of rows; None for what isn't counted by a relation."""
    many = many_of(reading, rest, op=op)
    if many is None:
        return None
    noun = [word for word in rest if word.kind is Is.WORD][-1:]
    found = of_row(reading, left, noun)
    return many.holds(found) if found is not None else None


def _has_count(reading: Reading, left: Typed, op: str, rest: list[Word]) -> Expr:
    split = next((n for n in range(len(rest), 0, -1) if quantity(reading, rest[:n]) is not None), 0)
    amount = quantity(reading, rest[:split])
    if amount is None:
        reading.error("E204", "How many?", at=whole(rest))
        return Hole()
    noun = rest[split:]
    if left.kind.base is Base.LIST and (not noun or _are_in(reading, left, noun)):
        return Binary(op, Call("length", (left.tree,)), amount.tree)
    if not noun:
        return Binary(op, left.tree, amount.tree)
    if amount.kind.base is Base.RATIO and left.tree == Ref("row"):
        reading.error("E502", f"A share counts nothing: how many {phrase(noun)}?", at=rest[0].span)
        return Hole()
    if (balance := _of_whom(reading, left, noun)) is not None:
        return Binary(op, balance, amount.tree)
    inner = _owned_noun(reading, left, noun)
    if inner is None:
        reading.unknown(phrase(noun), whole(noun))
        return Hole()
    if inner.kind.base is Base.LIST:
        inner = counted(reading, inner) or Typed(Call("length", (inner.tree,)), INTEGER)
    return Binary(op, inner.tree, amount.tree)


def _are_in(reading: Reading, left: Typed, noun: Sequence[Word]) -> bool:
    """`band has at least 2 people`: what the list is of, or what it is called."""
    bare = [word for word in strip(noun) if word.low not in {"in", "it", "them", "on"}]
    said, item = singular(phrase(bare).casefold()), left.kind.item or UNKNOWN
    if isinstance(left.tree, Ref) and key_of(said) == key_of(singular(left.tree.name)):
        return True
    if len(bare) != 1 or lookup(reading, phrase(bare)):
        return False
    if said in _ITEMS or (item.person and reading.vocabulary.is_person_word(said)):
        return True
    return reading.vocabulary.entity_of(said) in item.types or (item == TEXT and said in TEXTS)


_ITEMS = frozenset({"item", "thing", "entry", "element", "one"})


def _owned_noun(reading: Reading, left: Typed, noun: Sequence[Word]) -> Typed | None:
    """The subject's own tokens, lessons, email …"""
    possessive = Word("'s", "'s", noun[0].span, Is.POSSESSIVE)
    holder = Word("it", "it", noun[0].span)
    names = [name for name in reading.names.values() if left.tree == Ref(name.name)]
    if names:
        holder = Word(names[0].name, names[0].name.casefold(), noun[0].span)
        before = len(reading.findings.found)
        found = attempt(reading, [holder, possessive, *strip(noun)])
        if len(reading.findings.found) > before and (found is None or isinstance(found.tree, Hole)):
            reading.findings.take_back(before)
            return None
        return found
    return attempt(reading, [Word("my", "my", noun[0].span), *noun] if left.tree == ME else noun)


def _has_thing(reading: Reading, left: Typed, rest: list[Word]) -> Expr:
    tokens = _tokens(reading, left, rest)
    if tokens is not None:
        return tokens
    bare = strip(rest)
    if bare and bare[0].low == "enough":
        bare = bare[1:]
    if not bare:
        reading.error("E204", "Has what?", at=whole(rest))
        return Hole()
    direct = attempt(reading, bare) if lookup(reading, phrase(bare)) else None
    if direct and direct.kind.base is Base.THING and left.kind.person:
        return Call("owns", (left.tree, direct.tree))
    own = _owned_noun(reading, left, bare)
    if own is not None and not isinstance(own.tree, Hole):
        if own.kind.base is Base.LIST:
            return Binary(">", Call("length", (own.tree,)), Lit(0))
        if own.kind.numeric:
            return Binary(">", own.tree, Lit(0))
        return is_there(reading, own)
    thing = attempt(reading, bare)
    if thing is None:
        reading.unknown(phrase(bare), whole(rest))
        return Hole()
    return Call("owns", (left.tree, thing.tree))


def is_there(reading: Reading, found: Typed) -> Expr:
    """That something is there. What was looked up for this question alone may be missing."""
    step = reading.steps[-1] if reading.steps else None
    asked = step is not None and isinstance(found.tree, Ref) and step.output == found.tree.name
    if step is not None and asked and step.query is not None and step.query.required:
        step.query = step.query.model_copy(update={"required": False})
        name = reading.names[key_of(step.output or "")]
        reading.names[key_of(name.name)] = replace(name, kind=name.kind.maybe)
    if found.kind.base is Base.LIST and not found.kind.optional:
        return Binary(">", Call("length", (found.tree,)), Lit(0))
    return Binary("!=", found.tree, Lit(None))


def where_there(reading: Reading, tree: Expr, *, span: Span) -> Expr:
    """A property of what may be missing is what is asked only where it is there; not to be so, it
    may be missing. Nobody is tied, or not tied, to what is not there.
    """
    match tree:
        case Call("owns" | "connected", (_, *_, Ref(name))) | Unary(
            "not", Call("owns" | "connected", (_, *_, Ref(name)))
        ) if (found := reading.find(name)) is not None:
            if found.source != "saved" or not found.kind.optional or found.kind.person:
                return tree
            said = f"Where there is no {spaced(name)}, this does not hold."
            reading.note("E323", said, at=span)
            return Binary("and", Binary("!=", Ref(name), Lit(None)), tree)
        case Binary(op, Get(Ref(name)), _) if (found := reading.find(name)) is not None:
            if found.source != "derived" or not found.kind.optional:
                return tree
            missing = Binary("==", Ref(name), Lit(None))
            return (
                Binary("or", missing, tree) if op == "!=" else Binary("and", negate(missing), tree)
            )
        case _:
            return tree


def negate(tree: Expr) -> Expr:
    """The opposite, said the short way where there is one."""
    opposite = {"==": "!=", "!=": "==", ">": "<=", "<=": ">", "<": ">=", ">=": "<"}
    match tree:
        case Hole():
            return tree
        case Binary(">", Call("length", _) as many, Lit(0)):
            return Binary("==", many, Lit(0))
        case Binary(op, left, right) if op in opposite:
            return Binary(opposite[op], left, right)
        case Unary("not", inner):
            return inner
        case _:
            return Unary("not", tree)
