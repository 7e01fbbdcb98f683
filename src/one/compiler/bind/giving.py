"""Gifts to people: units of a token, access to a thing."""

from collections.abc import Sequence

from one.compiler.bind.changes import signed
from one.compiler.bind.fitting import fit
from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.leftover import tell_left
from one.compiler.bind.literals import Typed, literal
from one.compiler.bind.names import lookup, phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.plain import tell_plain
from one.compiler.bind.session import Reading
from one.compiler.bind.sums import SIGNS, joined, part_at
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.expression import Call, Expr, Hole, Ref
from one.compiler.grammar import place_of, span_of
from one.compiler.kinds import INTEGER, PERSON, Base
from one.compiler.program import Connect, ForEach, Grant, Step
from one.compiler.reader import Is, Span, Word, whole
from one.compiler.vocabulary import plural

_UNITS = frozenset(
    {
        "token",
        "tokens",
        "point",
        "points",
        "credit",
        "credits",
        "coin",
        "coins",
        "xp",
        "units",
        "unit",
    }
)


_POINTS = frozenset({"point", "points", "xp"})


def grant(reading: Reading, person: Typed, words: Sequence[Word], *, span: Span) -> bool:
    """`10 tokens`, `5 FIT tokens`, `reward tokens`, `amount of the token`; whether it was one."""
    if len(words) > 1 and words[0].text == "-" and words[1].kind is Is.NUMBER:
        said = "A gift is more than nothing. SUBTRACT takes tokens away."
        reading.error("E502", said, at=words[0].span.to(words[1].span))
        return True
    bare = strip(words)
    split = _amount(reading, bare)
    if split is None:
        return False
    amount, rest = split
    if bare[-1].low in _POINTS and not _is_token(reading, rest):
        _points(reading, bare[-1])
        return True
    if len(rest) > 6:
        reading.error("E205", f"I don't understand “{phrase(rest)}” here.", at=whole(rest))
        return True
    asset = _asset(reading, rest, span)
    to = person.tree
    if isinstance(amount.tree, Hole) or isinstance(to, Hole):
        return True
    if person.kind.base is Base.LIST:
        inner = Step(grant=Grant(to=Ref("each"), asset=asset, amount=amount.tree))
        reading.mark(inner, "", span=span)
        reading.emit(Step(for_each=ForEach(in_=to, as_="each", do=[inner])), span)
        return True
    reading.emit(
        Step(grant=Grant(to=to, asset=asset, amount=amount.tree)), span, amount=span_of(bare, span)
    )
    return True


def transfer(reading: Reading, words: Sequence[Word], *, span: Span) -> bool:
    """`20 tokens FROM fan TO me`: what one has less, the other has more; whether it was that."""
    payer_at, payee_at = place_of(words, {"from"}), place_of(words, {"to"})
    first, second = sorted((payer_at, payee_at))
    if not first or not speaks_of_units(words[:first]):
        return False
    split = _amount(reading, strip(words[:first]))
    sides = [list(words[first + 1 : second]), list(words[second + 1 :])]
    if split is None or not all(sides):
        return False
    amount, rest = split
    asset = _asset(reading, rest, span)
    ends = [value(reading, side, whole(side), expected=PERSON).tree for side in sides]
    if any(isinstance(tree, Hole) for tree in (*ends, amount.tree)):
        return True
    payer, payee = ends if payer_at < payee_at else reversed(ends)
    place = span_of(words[:first], span)
    if payer != Call("me", ()):  # what is the owner's own is given as it is anyway
        taken = Grant(to=payer, asset=asset, amount=signed("subtract", amount.tree))
        reading.emit(Step(grant=taken), span, amount=place)
    given = Grant(to=payee, asset=asset, amount=amount.tree)
    reading.emit(Step(grant=given), span, amount=place)
    return True


def _points(reading: Reading, word: Word) -> None:
    """Points are what people have earned, tokens are what they hold: never one for the other."""
    fix = Fix("They are tokens", (Edit(word.span, "tokens"),), Applies.MAYBE)
    reading.ask(
        "E308",
        f"Are “{word.text}” tokens? Points that people earn are not given, they are recorded.",
        fix,
        why="Write tokens, or RECORD achievement unlocked BY student WITH points 50.",
        at=word.span,
    )


def _amount(reading: Reading, words: list[Word]) -> tuple[Typed, list[Word]] | None:
    """The number and the words of the token after it."""
    if not words:
        return None
    if at := place_of(words, {"per"}):
        return _per(reading, words[:at], words[at + 1 :])
    if part_at(words) and attempt_quietly(reading, words):
        part = attempt(reading, words)
        return (part, []) if part and part.kind.numeric else None
    if lookup(reading, phrase(words)) and words[-1].low not in _UNITS:
        named = attempt(reading, words)
        return (named, []) if named and named.kind.numeric else None
    for n in range(len(words) - 1, 0, -1):
        head, rest = words[:n], words[n:]
        if rest[-1].low not in _UNITS and not _is_token(reading, rest):
            continue
        plain = literal(head)
        if isinstance(plain, Typed) and plain.kind.numeric:
            return plain, rest
        named = (
            attempt(reading, head)
            if lookup(reading, phrase(strip(head)))
            or head[-1].kind is Is.NUMBER
            or any(w.kind in {Is.POSSESSIVE, Is.MARK, Is.PERCENT} for w in head)
            or any(w.low in SIGNS for w in head)
            else None
        )
        if named and (named.kind.numeric or named.kind.vague):
            return named, rest
    if words[-1].low in _UNITS and len(words) > 1 and (known := lookup(reading, phrase(words))):
        reading.use(known)
        return Typed(Ref(known.name), known.kind if known.kind.numeric else INTEGER), []
    return None


def _per(reading: Reading, left: list[Word], noun: list[Word]) -> tuple[Typed, list[Word]] | None:
    """`10 tokens per seat`, where the number of seats is known."""
    many = lookup(reading, plural(phrase(strip(noun)))) if noun else None
    one = _amount(reading, left)
    if many is None or one is None or not many.kind.numeric:
        return None
    reading.use(many)
    return joined("*", one[0], right=Typed(Ref(many.name), many.kind)), one[1]


def _is_token(reading: Reading, words: Sequence[Word]) -> bool:
    known = lookup(reading, phrase(strip(words)))
    return known is not None and bool(known.kind.types & {"token", "nft"})


def _asset(reading: Reading, words: list[Word], span: Span) -> Expr | None:
    """Which token: the one named, the one in scope, else the owner's."""
    named = [
        word
        for word in strip(words)
        if word.low not in _UNITS and word.low not in {"of", "my", "the", "our"}
    ]
    if named:
        if isinstance(literal(named), Typed):
            tell_left(reading, named, "A gift is one number of tokens: GIVE fan 10 tokens.")
            return None
        found = fit(reading, value(reading, named, whole(named)), None, span=span)
        if found.kind.numeric or found.kind.person:
            tell_left(reading, named, "A gift is one number of tokens: GIVE fan 10 tokens.")
            return None
        return None if isinstance(found.tree, Hole) else found.tree
    if _is_token(reading, words):
        found_token = attempt(reading, words)
        return found_token.tree if found_token else None
    tokens = [
        name
        for name in reading.names.values()
        if name.kind.types == frozenset({"token"}) and name.source != "loop"
    ]
    if len(tokens) == 1:
        reading.use(tokens[0])
        return Ref(tokens[0].name)
    reading.note("E326", "The token is taken to be the owner's.", at=span)
    return None


_JOINED = frozenset({"community", "conversation", "membership"})
_OPENED = _JOINED | {"course", "lesson", "livestream"}


def access(reading: Reading, person: Typed, words: Sequence[Word], *, span: Span) -> None:
    """Enrolled in what can be entered, a member of what can be joined."""
    if not words:
        reading.error("E204", "Access to what?", at=span)
        return
    thing = value(reading, words, whole(list(words)))
    if isinstance(thing.tree, Hole) or isinstance(person.tree, Hole):
        return
    types = thing.kind.types
    if tell_plain(reading, thing, types=_OPENED, span=whole(list(words))):
        return
    if types and not types & _OPENED:
        reading.error(
            "E403",
            "Access can be given to a course, a lesson, a livestream, a membership or a community.",
            at=whole(list(words)),
        )
        return
    relation = "member_of" if types & _JOINED else "enrolled_in"
    reading.emit(Step(connect=Connect(from_=person.tree, to=thing.tree, type=relation)), span)


# --- money --------------------------------------------------------------------------------------


def is_money(reading: Reading, words: Sequence[Word]) -> bool:
    """`$20`, `30% of the sale`, `half the payment`, `20 dollars`: no tokens, no text."""
    bare = strip(words)
    if not bare or {word.low for word in bare[-1:]} & _UNITS:
        return False
    plain = literal(bare)
    if isinstance(plain, Typed):
        return plain.kind.base in {Base.MONEY, Base.RATIO}
    found = part_at(words) or part_at(bare)
    if found is None:
        return False
    read = attempt(reading, words) if attempt_quietly(reading, words) else None
    return read is None or not read.kind.numeric


def is_units(words: Sequence[Word]) -> bool:
    """`50 tokens`, `5 FIT tokens`: a number and what it is of."""
    units = 1 < len(words) < 4 and words[-1].low in _UNITS
    return units and isinstance(literal(words[:1]), Typed)


def speaks_of_units(words: Sequence[Word]) -> bool:
    """Whether tokens are among the words."""
    return any(word.low in _UNITS for word in words)


def paid_to(reading: Reading, words: Sequence[Word]) -> bool:
    """`70% of the sale to me and 30% to Tom`: a split of money, no result of that name."""
    at = place_of(words, {"to", "for"})
    return bool(at) and is_money(reading, words[:at]) and lookup(reading, phrase(words)) is None


def tell_money(reading: Reading, verb: str, what: Sequence[Word], *, span: Span) -> None:
    """Money is moved by a payment only, and goes to those who own what is sold."""
    service = reading.vocabulary.service("payment processor")
    call = f"CALL {service.title if service else 'Stripe'} to"
    plain, whole_of = literal(strip(what)[:1]), place_of(what, {"of"})
    if isinstance(plain, Typed) and plain.kind.base is Base.RATIO and not whole_of:
        why = f"A discount is part of the charge: {call} charge buyer $40 minus 10%."
        reading.error("E212", f"{verb} takes nothing off a price.", why=why, at=span)
        return
    why = (
        "What is sold pays its owners by itself: let them own a share of all that it earns, with "
        "CONNECT tom to course as owner WITH share 30%."
    )
    reading.error("E212", f"{verb} moves no money.", why=why, at=span)
