"""Conditions in words to expressions: subject, predicate, object; joined by and, or, not.

A subject or a predicate that one part leaves out is taken from its neighbour: `fan and token
exist`, `price is at least $5 and at most $50`, `status is active or published`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.awaited import asked_of
from one.compiler.bind.belonging import is_mine, is_of_mine
from one.compiler.bind.counting import many_do, of_each
from one.compiler.bind.deeds import deed, spent
from one.compiler.bind.holding import has, is_there, negate, quietly, relate, where_there
from one.compiler.bind.literals import Typed, duration_of, literal
from one.compiler.bind.measures import counted
from one.compiler.bind.moments import beside_time
from one.compiler.bind.names import ARTICLES, IT, lookup, phrase, ref, row_of, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.parts import denied, grouped, is_yes_no, merged, parted
from one.compiler.bind.periods import as_moment, cut_period, within
from one.compiler.bind.saying import (
    ALONE,
    ENDS,
    MADE,
    OR_MORE,
    Predicate,
    find_predicate,
    normal,
    or_more,
    or_more_of,
)
from one.compiler.bind.session import Reading
from one.compiler.bind.sizes import LENGTHS, sizes
from one.compiler.bind.states import adjective, by_name, documented, is_state, state_of
from one.compiler.diagnosis import Applies, Edit, Fix, slipped
from one.compiler.expression import Binary, Call, Expr, Get, Hole, Items, Lit, Ref, Unary, names_in
from one.compiler.grammar import span_of, split_words
from one.compiler.kinds import BOOLEAN, DURATION, INTEGER, TEXT, Base, Kind
from one.compiler.light import frozen
from one.compiler.predicates import chained
from one.compiler.reader import Is, Span, Word, whole


@frozen
class Condition:
    """A read condition; `subject` and `predicate` may be taken over by the next part, and `took`
    says that this one took them.
    """

    tree: Expr
    subject: tuple[Word, ...] = ()
    predicate: Predicate | None = None
    took: bool = False


def condition(reading: Reading, words: Sequence[Word], default: Span) -> Expr:
    """The expression of a condition; reports what it cannot read and answers a hole."""
    named = bool(words) and words[0].low == "when" and reading.find("when") is not None
    plain = or_more_of(normal(list(words) if named else strip_if(words)))
    if not plain:
        reading.error("E204", "What should be checked here?", at=default)
        return Hole()
    if plain[0].low == "unless" and len(plain) > 1:
        return negate(_either(reading, grouped(reading, plain[1:]), default))
    if plain[-1].low in {"and", "or"} and plain[-1].kind is Is.WORD:
        said = f"Something is missing after this “{plain[-1].low}”."
        reading.error("E204", said, at=plain[-1].span)
        return Hole()
    return _either(reading, grouped(reading, plain), default)


def strip_if(words: Sequence[Word]) -> list[Word]:
    found = list(words)
    while found and found[0].low in {"if", "that", "whether", "when"} and found[0].kind is Is.WORD:
        if [word.low for word in found[:2]] in (["that", "failed"], ["that", "fails"]):
            break
        found.pop(0)
    while found and found[-1].kind is Is.MARK and found[-1].text in ENDS:
        found.pop()
    return found


def _either(reading: Reading, words: list[Word], default: Span) -> Expr:
    runs = merged(reading, parted(reading, words, "or", "||", "nor"))
    if not runs:
        reading.error("E204", "What should be checked here?", at=span_of(words, default))
        return Hole()
    last = _both(reading, runs[0], None)
    tree = last.tree
    for run in runs[1:]:
        denies = last.predicate is not None and last.predicate.denies
        last = _both(reading, run, last)
        # `is not draft or archived`, as everyone means it, is neither of them
        tree = _nor(tree, last.tree) if last.took and denies else Binary("or", tree, last.tree)
    return tree


def _both(reading: Reading, words: list[Word], last: Condition | None) -> Condition:
    runs = merged(reading, parted(reading, words, "and", "&&", "but", ","))
    found: list[Condition] = []
    for run in runs:
        last = _one(reading, run, last)
        found.append(last)
    if last is None:
        return Condition(Hole())
    tree = found[0].tree
    for one in found[1:]:
        tree = _nor(tree, one.tree)
    return Condition(tree, last.subject, last.predicate, found[0].took)


def _nor(tree: Expr, other: Expr) -> Expr:
    """Both; of one thing that is neither of two, that it is none of them."""
    match tree, other:
        case Binary("!=", left, one), Binary("!=", again, two) if left == again:
            if Lit(None) not in (one, two):
                return Unary("not", Binary("in", left, Items((one, two))))
        case Unary("not", Binary("in", left, Items(some))), Binary("!=", again, one) if (
            left == again and one != Lit(None)
        ):
            return Unary("not", Binary("in", left, Items((*some, one))))
        case _:
            pass
    return Binary("and", tree, other)


def _one(reading: Reading, words: list[Word], last: Condition | None) -> Condition:
    if denied(words) and len(words) > 1:
        inner = _one(reading, words[1:], last)
        again = inner.took and inner.predicate is not None and inner.predicate.denies
        return replace(inner, tree=inner.tree if again else negate(inner.tree), took=False)
    if len(words) > 2 and words[0].text == "(" and words[-1].text == ")":
        return Condition(_either(reading, words[1:-1], whole(words)))
    if (came := asked_of(reading, words, whole(words))) is not None:
        return Condition(came)
    if words[0].low in {"there", "we", "you"} and len(words) > 2 and words[1].low in {"is", "has"}:
        return _there(reading, words[2:])
    if words[0].low == "no" and len(words) > 1 and lookup(reading, phrase(words[1:])):
        return _there(reading, words)  # `IF no posts`
    if len(words) > 2 and words[0].low in MADE and words[1].low in {"before", "after"}:
        words = [words[0], *_is(words), *words[1:]]  # `created before Monday`
    words = as_moment(words)
    at, predicate = _of_count(reading, words) or find_predicate(reading, words)
    if predicate is not None:
        subject = words[:at] or list(last.subject if last else ())
        rest = words[at + predicate.count :]
        if not subject:
            reading.error("E204", "Who or what is this about?", at=whole(words))
            return Condition(Hole())
        if not rest and predicate.op.lstrip("!") in _STATING:
            said = words[at + predicate.count - 1 :]
            if is_state(reading, subject, said):  # `the payment is completed`
                unlike = predicate.negated or predicate.op.startswith("!")
                predicate, rest = Predicate("!=" if unlike else "==", 1), said
        tree = _apply(reading, subject, predicate, rest)
        return Condition(tree, tuple(subject), predicate)
    return _bare(reading, words, last)


def _of_count(reading: Reading, words: list[Word]) -> tuple[int, Predicate] | None:
    """`the number of students enrolled in class is less than 20`: what is compared comes last."""
    low = [word.low for word in words[:3] if word.low not in ARTICLES]
    if low[:2] not in (["number", "of"], ["how", "many"]):
        return None
    for n in range(len(words) - 1, 2, -1):
        at, predicate = find_predicate(reading, words[n:]) if words[n].low == "is" else (1, None)
        if at == 0 and predicate is not None and predicate.op in _ORDERED | {"!="}:
            return n, predicate
    return None


_STATING = frozenset({"relation", "failed", "ok"})


def _there(reading: Reading, words: list[Word]) -> Condition:
    """`there is a course`, `there are at least 3 videos`, `there are no posts`, `… none`."""
    if [word.low for word in words] == ["none"]:
        lists = [one for one in reading.names.values() if one.kind.base is Base.LIST]
        if lists:
            return Condition(negate(is_there(reading, ref(reading, lists[-1]))))
    if words[0].low in {"no", "not"} and len(words) > 1:
        rest = words[1:] if words[1].low in {"any", "no"} and len(words) > 2 else words
        there = _bare(reading, rest[1:], None)
        return replace(there, tree=negate(there.tree))
    return _bare(reading, words, None)


def _bare(reading: Reading, words: list[Word], last: Condition | None) -> Condition:
    """No predicate: `at least 3 videos`, a yes/no name, or the object of the part before."""
    if last is not None and last.subject and _goes_on(reading, words):
        trial = [*last.subject, *words]  # `they hold 100 tokens and follow me`
        at, predicate = find_predicate(reading, trial)
        if predicate is not None and at == len(last.subject):
            return _one(reading, trial, None)
    if enough := _at_least(reading, words) or _recent(reading, words):
        return Condition(enough)
    alone = last is None or last.predicate is None or is_yes_no(reading, words)
    named = attempt(reading, words) if alone else None
    if not alone and last and last.predicate and last.subject and last.predicate.op not in ALONE:
        again = (
            find_predicate(reading, [*_is(words), *words])[1]
            if words[0].low in {"at", "more", "less", "over", "under"}
            else None
        )
        tree = _apply(
            reading,
            list(last.subject),
            again or last.predicate,
            words[again.count - 1 if again else 0 :],
        )
        return Condition(tree, last.subject, last.predicate, took=again is None)
    if named is None and (right := _slipped_predicate(reading, words)):
        fix = Fix(f"Write {right}", (Edit(words[-1].span, right),), Applies.SAFE)
        said = f"“{words[-1].text}” is not a word I know here. Did you mean {right}?"
        reading.error("E205", said, fix, names=(right,), at=words[-1].span)
        return Condition(Hole())
    if named is None:
        bare = _after_count(reading, words)
        reading.unknown(phrase(bare), whole(bare), wanted=BOOLEAN)
        return Condition(Hole())
    if named.kind.base in {Base.BOOLEAN, Base.UNKNOWN, Base.OUTCOME, Base.JSON}:
        return Condition(named.tree, tuple(words))
    if isinstance(named.tree, Hole):
        return Condition(Hole())
    may_be_there = named.kind.base in {Base.THING, Base.EVENT, Base.LIST, Base.TEXT}
    if not isinstance(named.tree, Lit) and (named.kind.optional or may_be_there):
        return Condition(is_there(reading, named), tuple(words))
    reading.error(
        "E210",
        f"“{phrase(words)}” says nothing that can be true or false.",
        why="Add what must hold: exists, is at least …, is …",
        at=whole(words),
    )
    return Condition(Hole())


def _goes_on(reading: Reading, words: Sequence[Word]) -> bool:
    """Whether the words begin with a verb whose subject was named before."""
    first = words[0]
    noun = reading.vocabulary.entity_of(first.low) or reading.vocabulary.is_person_word(first.low)
    return len(words) > 1 and first.kind is Is.WORD and not noun and reading.find(first.low) is None


def _slipped_predicate(reading: Reading, words: list[Word]) -> str:
    """`fan exsits`: the word that says something of a name, with a slip in it."""
    last = words[-1].low
    if len(words) < 2 or not lookup(reading, phrase(strip(words[:-1]))):
        return ""
    known = ("exists", "exist", "failed", "succeeded", "succeeds", "fails")
    return next((one for one in known if slipped(last, one)), "")


def _recent(reading: Reading, words: list[Word]) -> Expr | None:
    """`created in the last 7 days`: a moment of the row, and the stretch it lies in."""
    head, period = cut_period(words)
    moment = row_of(reading, phrase(head)) if period is not None else None
    if period is None or moment is None or moment.kind.base is not Base.DATETIME:
        return None
    return within(moment.tree, period.since, until=period.end)


def _after_count(reading: Reading, words: list[Word]) -> list[Word]:
    """`at least 3 video links` → `video links`: the words that nothing binds."""
    _, predicate = find_predicate(reading, [*_is(words), *words])
    rest = words[predicate.count - 1 :] if predicate and predicate.count > 1 else words
    if rest and rest[0].kind is Is.NUMBER:
        rest = rest[1:]
    return strip(rest) or list(words)


def _is(words: Sequence[Word]) -> list[Word]:
    return [replace(words[0], text="is", low="is", kind=Is.WORD)]


def _at_least(reading: Reading, words: list[Word]) -> Expr | None:
    """`at least 3 video links`, `more than 5 followers`, `3+ videos`, `enough tokens`."""
    trial = [*_is(words), *words]
    _, predicate = find_predicate(reading, trial)
    if predicate is None or predicate.op not in {">=", "<=", ">", "<"} or predicate.count < 2:
        if not (words[0].kind is Is.NUMBER and words[0].text.endswith("+") and len(words) > 1):
            return None
        op, rest = ">=", words
    else:
        op, rest = predicate.op, words[predicate.count - 1 :]
    if len(rest) < 2 or rest[0].kind is not Is.NUMBER:
        return None
    count = literal(rest[:1])
    things = attempt(reading, rest[1:]) or _in_list(reading, rest[1:])
    if things is None or not isinstance(count, Typed):
        return None
    tree = (
        Call("length", (things.tree,))
        if things.kind.base in {Base.LIST, Base.UNKNOWN}
        else things.tree
    )
    return Binary(op, tree, count.tree)


def _in_list(reading: Reading, words: list[Word]) -> Typed | None:
    """`people in band`: the list that they are in."""
    at = next((n for n, word in enumerate(words) if n and word.low in {"in", "on"}), len(words))
    found = attempt(reading, words[at + 1 :]) if at + 1 < len(words) else None
    return found if found is not None and found.kind.base is Base.LIST else None


# --- putting it together ------------------------------------------------------------------------


def _apply(reading: Reading, subject: list[Word], predicate: Predicate, rest: list[Word]) -> Expr:
    """One subject or several: each must hold."""
    subjects = parted(reading, subject, ",", "and", "&")
    if len(subjects) > 1 and not lookup(reading, phrase(strip(subject))):
        trees = [_apply_one(reading, one, predicate, rest) for one in subjects]
        return chained("and", trees)
    return _apply_one(reading, subject, predicate, rest)


def _apply_one(
    reading: Reading, subject: list[Word], predicate: Predicate, rest: list[Word]
) -> Expr:
    before, reading.asking = reading.asking, reading.rows is None
    tree = _has_one_so(reading, subject, predicate, rest=rest)
    tree = tree or _applied(reading, subject, predicate, rest)
    reading.asking = before
    return where_there(reading, tree, span=whole([*subject, *rest]))


def _applied(reading: Reading, subject: list[Word], predicate: Predicate, rest: list[Word]) -> Expr:
    default = whole(subject)
    if predicate.op == "relation":
        return _related(reading, subject, predicate, rest)
    if predicate.op == "has" or predicate.op.startswith("#"):
        left = _subject(reading, subject)
        if predicate.op.startswith("#") and (long := _sized(reading, left, predicate.op[1:], rest)):
            return negate(long) if predicate.negated else long
        return has(reading, left, predicate, rest=rest, subject=default)
    left = _outcome(reading, subject, predicate.op) or _subject(reading, subject)
    if predicate.op.startswith("$"):
        return spent(reading, left, op=predicate.op[1:], rest=rest)
    if isinstance(left.tree, Hole):
        quietly(reading, rest)
        return Hole()
    if predicate.op in ALONE:
        if rest:
            reading.error("E205", f"I don't understand “{phrase(rest)}” here.", at=whole(rest))
            return Hole()
        return _alone(reading, left, predicate.op)
    negated = predicate.op.startswith("!") and predicate.op != "!="
    op = predicate.op.lstrip("!") if negated else predicate.op
    if op in {"older", "newer"}:
        tree = _aged(reading, left, op, rest=rest, default=default)
        return negate(tree) if negated else tree
    if (
        rest
        and rest[-1].low == "ago"
        and {"more", "less", "over", "under", "fewer", "most", "least"} & set(predicate.words)
    ):
        op = _AGO[op]  # more days ago is earlier
    left = by_name(reading, left, subject, rest=rest) if op in _WORDY else left
    tree = _compare(reading, left, op, rest, default=default)
    return negate(tree) if negated else tree


def _related(reading: Reading, subject: list[Word], predicate: Predicate, rest: list[Word]) -> Expr:
    if (many := many_do(reading, subject, predicate, rest=rest)) is not None:
        return negate(many) if predicate.negated else many
    left = _subject(reading, subject)
    if predicate.relation == "part_of" and predicate.flipped:
        left = by_name(reading, left, subject, rest=rest) if _is_text(rest) else left
        if left.kind.base is not Base.THING:
            return _compare(reading, left, "contains", rest, default=whole(subject))
    if (mine := is_of_mine(reading, left, predicate, rest=rest)) is not None:
        return negate(mine) if predicate.negated else mine
    if left.kind.base is Base.LIST and subject[0].low in {"any", "some"}:
        why = "Ask it of each: FOR EACH one of them, with IF under it."
        reading.error("E205", "Of several I can ask only of all.", why=why, at=whole(subject))
        return Hole()
    did = deed(reading, left, predicate=predicate, rest=rest) if reading.rows is None else None
    if did is not None:
        return negate(did) if predicate.negated else did
    return relate(reading, left, predicate, rest=rest, subject=whole(subject))


def _has_one_so(
    reading: Reading, subject: list[Word], predicate: Predicate, *, rest: list[Word]
) -> Expr | None:
    """`has an active subscription` → `'s subscription is active`."""
    bare = strip(rest)
    noun = reading.vocabulary.entity_of(bare[-1].text) if len(bare) == 2 else None
    if predicate.op != "has" or noun not in {"subscription", "membership", "payment", "invoice"}:
        return None
    mark = replace(bare[-1], text="'s", low="'s", kind=Is.POSSESSIVE, glued=True)
    own = [*subject, mark, bare[-1]]
    if not is_state(reading, own, bare[:1]):
        return None
    tree = _apply_one(reading, own, Predicate("==", 1, words=("is",)), bare[:1])
    return negate(tree) if predicate.negated else tree


def _is_text(words: Sequence[Word]) -> bool:
    return bool(words) and words[0].kind is Is.TEXT


_WORDY = frozenset({"==", "!=", "in", "contains", "starts"})


def _outcome(reading: Reading, words: list[Word], op: str) -> Typed | None:
    """`it failed`, after a CALL: what was asked for last."""
    if op.lstrip("!") not in {"failed", "ok"} or not reading.calls:
        return None
    alone = len(words) == 1 and words[0].low in IT
    last = reading.find([*reading.calls][-1]) if alone else None
    return ref(reading, last) if last else None


def _subject(reading: Reading, words: list[Word]) -> Typed:
    """The subject; inside WHERE a property of the row comes before names in scope."""
    if (many := of_each(reading, words)) is not None:
        return Typed(many, INTEGER)
    reading.row_first = reading.rows is not None
    found = value(reading, words, whole(words))
    reading.row_first = False
    return found


def _aged(reading: Reading, left: Typed, op: str, *, rest: list[Word], default: Span) -> Expr:
    """`is older than 30 days`: by when a thing was made, or by a moment."""
    lasts = duration_of(rest)  # `a month`
    length = Typed(Lit(lasts), DURATION) if lasts else literal(strip(rest))
    if not isinstance(length, Typed) or length.kind.base is not Base.DURATION:
        return _compare(reading, left, ">" if op == "older" else "<", rest, default=default)
    moment = Get(left.tree, "createdAt") if left.kind.base is Base.THING else left.tree
    since = Binary("-", Call("now", ()), length.tree)
    return Binary("<" if op == "older" else ">", moment, since)


def _alone(reading: Reading, left: Typed, op: str) -> Expr:
    match op:
        case "exists":
            return is_there(reading, left)
        case "missing":
            return negate(is_there(reading, left))
        case "empty":
            return Binary("==", Call("length", (left.tree,)), Lit(0))
        case "!empty":
            return Binary(">", Call("length", (left.tree,)), Lit(0))
        case _:
            reading.asked.update(names_in(left.tree))
            tree = Call("failed", (left.tree,))
            return tree if op == "failed" else Unary("not", tree)


_COUNTING = {"more", "less", "over", "under", "fewer", "least", "most"}
_AGO = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


def _compare(reading: Reading, left: Typed, op: str, rest: list[Word], *, default: Span) -> Expr:
    if not rest:
        reading.error("E204", "What should it be compared with?", at=default)
        return Hole()
    if op == "==" and len(rest) > 2 and or_more(rest[-2:]):
        op, rest = OR_MORE[rest[-1].low], rest[:-2]
    if (timed := beside_time(reading, left, op, rest=rest)) is not None:
        return timed
    if (sized := _sized(reading, left, op, rest)) is not None:
        return sized
    if op in _EQUAL and (mine := is_mine(reading, left, rest)) is not None:
        return negate(mine) if op == "!=" else mine
    if op in {"between", "in"}:
        return (_between if op == "between" else _in)(reading, left, rest)
    if op in {"==", "!="} and (special := adjective(reading, left, op, rest=rest)) is not None:
        return special
    if op in {"==", "!="} and (state := state_of(reading, left, rest)) is not None:
        return Binary(op, state[0], state[1])
    if op in {"contains", "starts"}:
        wanted = left.kind.item if left.kind.base is Base.LIST else None
        right = _object(reading, rest, wanted)
        return Call("contains" if op == "contains" else "startsWith", (left.tree, right.tree))
    if left.kind.base is Base.LIST and op not in {"==", "!="}:
        left = counted(reading, left) or Typed(Call("length", (left.tree,)), INTEGER)
        if len(rest) > 1 and rest[0].kind is Is.NUMBER:
            rest = rest[:1]
    right = _chosen(reading, left, rest) or _object(reading, rest, left.kind)
    if isinstance(right.tree, Hole):
        return Hole()
    return Binary(op, left.tree, right.tree)


_EQUAL = frozenset({"in", "==", "!="})


def _chosen(reading: Reading, left: Typed, words: list[Word]) -> Typed | None:
    """`topic is billing`, after `classify the message as billing or praise SAVE AS topic`."""
    told = reading.told_of.get(left.tree.name, "") if isinstance(left.tree, Ref) else ""
    said = phrase(strip(words))
    if not told or lookup(reading, said) or said.casefold() not in _WORD.findall(told):
        return None
    reading.note("E426", f"“{said}” is taken as text.", at=whole(words))
    return Typed(Lit(said), TEXT)


_WORD = re.compile(r"[^\W_]+")


def _sized(reading: Reading, left: Typed, op: str, rest: list[Word]) -> Expr | None:
    """`is longer than 10 minutes`, `is at most 60 characters`, `is under $50`."""
    if op not in _ORDERED or not rest:
        return None
    trees = [
        Binary(op, one.of, one.value.tree)
        for one in sizes(reading, left, rest)
        if not isinstance(one.value.tree, Hole)
    ]
    return chained("or", trees) if trees else None


_ORDERED = frozenset({"<", "<=", ">", ">=", "=="})


_SAID_SO = frozenset({"yes", "no", "true", "false"})


def _object(reading: Reading, words: list[Word], wanted: Kind | None) -> Typed:
    """The other side of a comparison: a documented value, a percentage of something, a name."""
    bare = strip(words)
    if wanted and wanted.values and (known := documented(wanted, bare)):
        return Typed(Lit(known), wanted)
    if wanted and wanted.base is Base.BOOLEAN and bare and bare[0].low in _SAID_SO:
        bare = words = [replace(bare[0], kind=Is.WORD)]  # `is "yes"`
    return value(reading, words, span_of(words, Span(0, 1, 1)), expected=wanted)


def _between(reading: Reading, left: Typed, rest: list[Word]) -> Expr:
    places = [n for n, word in enumerate(rest) if word.low in {"and", "to", "-"}]
    if not places:
        reading.error("E204", "Between what and what?", at=whole(rest))
        return Hole()
    first, second = rest[: places[0]], rest[places[0] + 1 :]
    if second and second[-1].low in LENGTHS:  # `between 5 and 60 characters`
        both = [
            _sized(reading, left, op, [*part])
            for op, part in ((">=", [*first, second[-1]]), ("<=", second))
        ]
        return chained("and", [one for one in both if one is not None] or [Hole()])
    low = value(reading, first, whole(rest), expected=left.kind)
    high = value(reading, second, whole(rest), expected=left.kind)
    return Binary("and", Binary(">=", left.tree, low.tree), Binary("<=", left.tree, high.tree))


def _in(reading: Reading, left: Typed, rest: list[Word]) -> Expr:
    runs = split_words(rest, ",", "or", "nor", "and")
    if len(runs) == 1 and (listed := attempt(reading, runs[0])) and listed.kind.base is Base.LIST:
        return Binary("in", left.tree, listed.tree)
    values = tuple(_object(reading, run, left.kind).tree for run in runs)
    return Binary("in", left.tree, Items(values))
