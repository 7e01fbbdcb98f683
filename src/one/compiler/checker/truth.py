"""Conditions that never hold, and those that always do: by themselves, and by what was asked
before them on the same way. Only what is certain is told.
"""

from collections.abc import Callable, Mapping, Sequence

from one.compiler.bind.session import ends
from one.compiler.checker.infer import Judge
from one.compiler.checker.ranges import ORDERED, Constant, Fact, constants, limits_of, possible
from one.compiler.diagnosis import Severity
from one.compiler.expression import (
    Binary,
    Call,
    Expr,
    Get,
    Items,
    Lit,
    Ref,
    Unary,
    children,
    has_hole,
    names_in,
)
from one.compiler.kinds import UNKNOWN, Base, read_kind
from one.compiler.light import frozen
from one.compiler.predicates import chained, opposite, to_condition
from one.compiler.program import Filter, Program, Query, Step, Validate, steps_of
from one.compiler.reader import Span
from one.compiler.spoken import says

Facts = dict[Expr, tuple[Fact, ...]]
"""What is known of a value where a step stands."""

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_DENIED = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "==": "!=",
    "!=": "==",
    "in": "not in",
    "not in": "in",
}
_OPERATORS = {"eq": "==", "ne": "!=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "in": "in"}
_MOVING = frozenset({"connected", "owns", "balance", "now", "failed", "config", "average"})
"""Functions that may answer otherwise after a step."""
_STILL = frozenset({"validate", "if", "set", "query", "return", "show"})
"""Steps after which the world is what it was."""
_STRAIGHT = frozenset({"step", "flow", "atomic"})
"""Steps whose block is gone through once, whatever comes."""
_COUNTED = frozenset({"length", "balance"})
_YES = (Constant("yes or no", True),)


@frozen
class _Atom:
    """A plain question of one value, and the fact that a yes to it is."""

    subject: Expr
    fact: Fact


@frozen
class _Verdict:
    """What a condition comes to: always yes, always no, or neither; `at` where, `why` from what."""

    answer: bool | None = None
    at: Expr | None = None
    why: tuple[Expr, ...] = ()


_OPEN = _Verdict()
_STOPS = "the feature always ends here"
Place = Callable[[Step, str], Span]


def check_truth(
    judge: Judge,
    program: Program,
    steps: Sequence[Step],
    *,
    places: tuple[Place, Mapping[str, Span]],
) -> None:
    """Judges every condition on the ways through the program."""
    place, spans = places
    limits: Facts = {}
    whole: set[Expr] = set()
    for name, slot in program.input.items():
        kind = read_kind(slot.type) or UNKNOWN
        if kind.base is Base.INTEGER:
            whole.add(Ref(name))
        if kind.base is not Base.TEXT or slot.one_of:
            limits[Ref(name)] = found = tuple(limits_of(Ref(name), slot))
            if found and not possible(found, whole=kind.base is Base.INTEGER):
                why = " and ".join(says(one.said) for one in found)
                said = "Nothing that is given here is within the limits."
                judge.error("E605", said, span=spans.get(name), why=f"It can't be that {why}.")
    counted = {Ref(one.output) for one in steps if one.output and _counts(one)}
    way = _Way(judge, place, whole=frozenset(whole | counted), counted=frozenset(counted))
    way.limits = limits
    way.block(program.flow, {})


def _counts(step: Step) -> bool:
    return step.query is not None and step.query.select == "count"


class _Way:
    """Goes through the steps with what is known where each stands."""

    def __init__(
        self, judge: Judge, place: Place, *, whole: frozenset[Expr], counted: frozenset[Expr]
    ) -> None:
        self.judge = judge
        self.place = place
        self.whole = whole
        self.counted = counted
        self.limits: Facts = {}
        self.last = set[int]()
        """An ELSE IF that says what is left, without an ELSE: said for who reads it."""
        self.told = {
            one.span.line for one in judge.findings.found if one.severity is Severity.ERROR
        }

    # --- the steps ------------------------------------------------------------------------

    def block(self, steps: Sequence[Step], facts: Facts) -> Facts:
        for step in steps:
            facts = self._step(step, facts)
        return facts

    def _step(self, step: Step, facts: Facts) -> Facts:
        if step.validate_ is not None:
            return self._validated(step, step.validate_, facts)
        if step.if_ is not None:
            return self._branching(step, facts)
        if step.query is not None:
            self._asked(step, step.query)
        blocks = step.blocks()
        if not blocks:
            return _after(facts, [step]) if facts else facts
        if step.kind in _STRAIGHT and step.on_error is None:
            return self.block(blocks[0][1], facts)
        known = _after(facts, [step, *steps_of([step])])
        for _, steps in blocks:
            self.block(steps, known)
        return known

    def _validated(self, step: Step, body: Validate, facts: Facts) -> Facts:
        tree = to_condition(body)
        found = self.verdict(tree, facts)
        place = self.place(step, "condition" if body.condition is not None else "")
        if found.answer is not None:
            known = facts
            for name, checks in body.checks.items():  # the first that leaves nothing
                part = to_condition(Validate(checks={name: checks}))
                if self.verdict(part, known).answer is found.answer:
                    place = self.place(step, name)
                    break
                known = self.assumed(part, known, holds=True)
        self._told(found, place, ends=_STOPS)
        return self.assumed(tree, facts, holds=True)

    def _asked(self, step: Step, query: Query) -> None:
        """A query that finds nothing: what always holds is its own affair."""
        fields = [part.field for part in query.where if part.operator == "eq"]
        if len({*fields}) == len(query.where):  # each asks of another field what it is
            return None
        facts: Facts = {}
        for n, part in enumerate(query.where):
            tree = _row(part)
            found = self.verdict(tree, facts)
            if found.answer is False:
                exact = self.judge.place_of(part.value) if part.value is not None else None
                place = exact or self.place(step, f"where/{n}/value")
                return self._told(found, place, ends="nothing is ever found")
            facts = self.assumed(tree, facts, holds=True)
        return None

    def _branching(self, step: Step, facts: Facts) -> Facts:
        body = step.if_
        if body is None:
            return facts
        # CHECK … OTHERWISE asks for the opposite
        checks = self.place(step, "condition") == self.place(step, "")
        found = self.verdict(opposite(body.condition) if checks else body.condition, facts)
        ends_ = _STOPS if checks else "what stands under it is never done"
        if not found.answer or body.else_ or id(step) not in self.last:
            self._told(found, self.place(step, "condition"), ends=ends_)
        if len(body.else_) == 1:
            self.last.add(id(body.else_[0]))
        if _alike(body.then, body.else_):
            said = "Both ways do the same."
            why = "Leave out the condition, or do something else on one of the ways."
            self.judge.warn("E615", said, span=self.place(step, ""), why=why)
        if found.answer is not None:
            return _after(facts, list(steps_of([*body.then, *body.else_])))
        left_ends, right_ends = ends(body.then), ends(body.else_)
        left, right = (
            self.block(steps, self.assumed(body.condition, facts, holds=holds))
            if ended or not _plain(steps)
            else facts
            for steps, holds, ended in (
                (body.then, True, right_ends),
                (body.else_, False, left_ends),
            )
        )
        if left_ends:
            return right
        return left if right_ends else _after(facts, list(steps_of([*body.then, *body.else_])))

    def _told(self, found: _Verdict, place: Span, *, ends: str) -> None:
        at = found.at.of if isinstance(found.at, Unary) else found.at
        place = (self.judge.place_of(at) if at is not None else None) or place
        if found.answer is None or place.line in self.told:
            return
        why = " and ".join(says(one) for one in found.why)
        if found.answer:
            why = f"It is so anyway: {why}." if why else ""
            self.judge.warn("E614", "This always holds.", span=place, why=why)
        else:
            self.told.add(place.line)
            why = f"It can't be that {why}." if why else ""
            self.judge.error("E605", f"This never holds, so {ends}.", span=place, why=why)

    # --- the conditions -------------------------------------------------------------------

    def verdict(self, tree: Expr, facts: Facts) -> _Verdict:
        """What the condition comes to where this is known."""
        if has_hole(tree):
            return _OPEN
        match _pushed(tree):
            case Binary("and" | "or") as both:
                return self._both(both, facts)
            case Lit(bool(answer)):
                return _Verdict(answer, tree)
            case one:
                return self._plain(one, tree, facts)

    def _both(self, tree: Binary, facts: Facts) -> _Verdict:
        """One `no` decides an `and`, one `yes` an `or`."""
        left, right, decides = tree.left, tree.right, tree.op == "or"
        first = self.verdict(left, facts)
        if first.answer is decides:
            return first
        second = self.verdict(right, self.assumed(left, facts, holds=not decides))
        if second.answer is decides:
            return _Verdict(True, second.at) if decides else second
        if first.answer is not None and second.answer is not None:
            return first
        return _OPEN

    def _plain(self, tree: Expr, at: Expr, facts: Facts) -> _Verdict:
        if isinstance(tree, Binary) and tree.left == tree.right and tree.op in _FLIPPED:
            return _Verdict(tree.op in {"==", "<=", ">="}, at)
        atom = _atom(tree)
        if atom is None:
            return _both_known(tree, at)
        known = (*self._natural(atom.subject), *(facts.get(atom.subject, ()) if facts else ()))
        bound = (*self.limits.get(atom.subject, ()), *known) if self.limits else known
        if facts and (gone := _gone(atom.subject, facts)) is not None:
            return _Verdict(False, at, (gone, tree))
        if not bound and atom.fact.values:
            return _OPEN
        if not possible([*bound, atom.fact], whole=self._is_whole(atom.subject)):
            told = (*self._against(atom.subject, bound, atom.fact), tree)
            if not atom.fact.values or _is_tie(atom.subject):
                told = ()  # nothing that a person would say
            return _Verdict(False, at, told)
        again = any((one.op, one.values) == (atom.fact.op, atom.fact.values) for one in known)
        denied = _denied(atom.fact)
        if again or (denied.op != "==" and not possible([*known, denied])):
            return _Verdict(True, at, tuple(self._against(atom.subject, known, denied)))
        return _OPEN

    def _is_whole(self, subject: Expr) -> bool:
        return subject in self.whole or _is_count(subject)

    def _against(self, subject: Expr, known: Sequence[Fact], fact: Fact) -> Sequence[Expr]:
        """The one that alone leaves nothing, else all of them."""
        whole = self._is_whole(subject)
        alone = (one for one in known if not possible([one, fact], whole=whole))
        found = next(alone, None)
        return [found.said] if found is not None else [one.said for one in known]

    def _natural(self, subject: Expr) -> tuple[Fact, ...]:
        """What is counted is never less than nothing."""
        if not _is_count(subject) and subject not in self.counted:
            return ()
        return (Fact(">=", (Constant("number", 0),), Binary(">=", subject, Lit(0))),)

    def assumed(self, tree: Expr, facts: Facts, *, holds: bool) -> Facts:
        """What is known where the condition holds, or does not."""
        match _pushed(tree if holds else Unary("not", tree)):
            case Binary("and", left, right):
                return self.assumed(right, self.assumed(left, facts, holds=True), holds=True)
            case Binary("or", _, _):
                return facts
            case one:
                if (atom := _atom(one)) is None:
                    return facts
                return {**facts, atom.subject: (*facts.get(atom.subject, ()), atom.fact)}


def _plain(steps: Sequence[Step]) -> bool:
    """Whether the steps ask nothing."""
    return not any(step.validate_ or step.query or step.blocks() for step in steps)


def _alike(left: Sequence[Step], right: Sequence[Step]) -> bool:
    kinds = [step.kind for step in left]
    return bool(kinds) and kinds == [step.kind for step in right] and left == right


def _is_tie(subject: Expr) -> bool:
    return isinstance(subject, Call) and any(isinstance(one, Items) for one in subject.args)


def _is_count(subject: Expr) -> bool:
    return isinstance(subject, Call) and subject.name in _COUNTED


def _pushed(tree: Expr) -> Expr:
    """The condition with `not` on its plain questions alone."""
    match tree:
        case Unary("not", Unary("not", inner)):
            return _pushed(inner)
        case Unary("not", Binary("and" | "or" as op, left, right)):
            other = "or" if op == "and" else "and"
            return Binary(other, Unary("not", left), Unary("not", right))
        case Unary("not", Binary(op, left, right)) if op in _FLIPPED:
            return Binary(_DENIED[op], left, right)
        case Unary("not", Lit(bool(value))):
            return Lit(not value)
        case _:
            return tree


def _atom(tree: Expr) -> _Atom | None:
    """The plain question: of a value and a constant, else a yes or a no."""
    match tree:
        case Binary("==" | "!=" as op, of, Lit(None)):
            there = Binary("!=", of, Lit(None))
            return _Atom(there, Fact("==" if op == "!=" else "!=", _YES, tree))
        case Binary(op, left, right) if op in _FLIPPED or op == "in":
            values, others = constants(right), constants(left)
            if values is not None and others is None:
                return _Atom(left, Fact(op, values, tree))
            if others is not None and values is None and op != "in":
                return _Atom(right, Fact(_FLIPPED[op], others, tree))
            if values is None and others is None and op in ORDERED:
                return _ordered(tree)
        case Unary("not", Binary("in", left, right)) if (values := constants(right)) is not None:
            return _Atom(left, Fact("not in", values, tree))
        case Unary("not", inner):
            return _Atom(inner, Fact("!=", _YES, tree))
        case Lit() | Items():
            return None
        case _:
            return _Atom(tree, Fact("==", _YES, tree))
    return None


def _ordered(tree: Binary) -> _Atom:
    """Which of two values is more: a question of what lies between them."""
    op, left, right = tree.op, tree.left, tree.right
    if repr(right) < repr(left):
        left, right, op = right, left, _FLIPPED[op]
    return _Atom(Binary("-", left, right), Fact(op, (Constant("number", 0),), tree))


def _both_known(tree: Expr, at: Expr) -> _Verdict:
    """Two constants beside each other."""
    if isinstance(tree, Binary) and (tree.op in _FLIPPED or tree.op == "in"):
        left, right = constants(tree.left), constants(tree.right)
        if left is not None and right is not None and len(left) == 1:
            known, fact = Fact("==", left, tree), Fact(tree.op, right, tree)
            sorts = {one.sort for one in (*left, *right)}
            if len(sorts) == 1:
                return _Verdict(possible([known, fact]), at)
    return _OPEN


def _denied(fact: Fact) -> Fact:
    return Fact(_DENIED[fact.op], fact.values, fact.said)


def _gone(subject: Expr, facts: Facts) -> Expr | None:
    """That the thing, of which a property is asked, was found not to be there."""
    while isinstance(subject, Get):
        subject = subject.of
        for fact in facts.get(Binary("!=", subject, Lit(None)), ()):
            if fact.op == "!=":
                return fact.said
    return None


def _after(facts: Facts, steps: Sequence[Step]) -> Facts:
    """What is still known after the steps: not of names that they save, nor of what may change."""
    if not facts:
        return facts
    if not all(step.kind in _STILL for step in steps):
        facts = {subject: known for subject, known in facts.items() if not _moves(subject)}
    saved = {name for step in steps for name in (step.output, *(step.set or {})) if name}
    if not saved:
        return facts
    return {one: known for one, known in facts.items() if saved.isdisjoint(names_in(one))}


def _moves(subject: Expr) -> bool:
    """Whether it may be another after a step that does something."""
    match subject:
        case Ref():
            return False
        case Get() | Binary("!=", _, Lit(None)):
            return True
        case Call(name, _) if name in _MOVING:
            return True
        case _:
            return any(map(_moves, children(subject)))


def _row(part: Filter) -> Expr:
    tree = _asked(part)
    return Unary("not", tree) if part.negated else tree


def _asked(part: Filter) -> Expr:
    if part.any:
        return chained("or", [_row(one) for one in part.any])
    tie, value = part.connected, part.value
    of: Expr = Get(Ref("each"), part.field or "")
    if tie is not None:
        ends_ = (Lit(tie.type), tie.from_ or Lit(None), tie.to or Lit(None))
        whole = Items(
            (*ends_, tie.since or Lit(None), tie.until or Lit(None), *tie.metadata.values())
        )
        of = Call("length", (whole,)) if part.operator else Call("connected", (whole,))
    if part.operator == "exists" or (part.operator is None and tie is None):
        return Call("connected", (of, value or Lit(True)))
    if part.operator == "between" and isinstance(value, Items) and len(value.values) == 2:
        low, high = value.values
        return Binary("and", Binary(">=", of, low), Binary("<=", of, high))
    if value is None or part.operator not in _OPERATORS:
        return (
            of
            if part.operator is None
            else Call("connected", (of, Lit(part.operator), value or Lit(None)))
        )
    return Binary(_OPERATORS[part.operator], of, value)
