"""The way through a program: what is bound where, what is reached, what each step reads."""

from collections.abc import Callable, Iterator, Mapping

from one.compiler.bind.session import Marks, ends
from one.compiler.checker.infer import Judge, Names, narrowed, spoken
from one.compiler.checker.ontology import check_things
from one.compiler.checker.services import check_service, service_kind
from one.compiler.diagnosis import listed
from one.compiler.expression import Call, Expr, Items, Lit, Ref, has_hole
from one.compiler.fields import OPERATORS
from one.compiler.kinds import (
    INTEGER,
    MONEY,
    NUMBER,
    UNKNOWN,
    Base,
    Kind,
    either,
    fits,
    list_of,
    read_kind,
    say_kind,
    thing,
)
from one.compiler.predicates import to_condition
from one.compiler.program import Filter, Query, Slot, Step, Tie, steps_of
from one.compiler.reader import Span
from one.compiler.vocabulary import spaced


class Walker:
    """Walks the steps with the names in scope and judges each."""

    def __init__(
        self, judge: Judge, marks: Marks, outputs: dict[str, Slot], *, inputs: dict[str, Slot]
    ) -> None:
        self.judge = judge
        self.marks = marks
        self.outputs = outputs
        self.inputs = inputs

    def place(self, step: Step, pointer: str = "") -> Span:
        """Where a part of a step stands, the step's own place failing that."""
        found = self.marks.get((id(step), pointer)) if pointer else None
        return found or self.marks.get((id(step), ""), self.judge.place)

    def block(self, steps: list[Step], names: Names) -> Names:
        """Judges the steps in order; answers the names after them."""
        ended = False
        for number, step in enumerate(steps):
            self.judge.place = self.place(step)
            if ended:
                self.judge.error("E601", "This is never reached: the flow ends before it.")
                break
            names = self.step(step, names)
            ended = ends(steps[number : number + 1])
        return names

    def step(self, step: Step, names: Names) -> Names:
        """One step: what it reads, what is wrong with it, what it binds."""
        if step.validate_ is not None:
            return self._validate(step, names)
        if step.if_ is not None or step.for_each is not None:
            return self._branching(step, names)
        if step.blocks():
            return self._nested(step, names)
        self._read(step, names)
        check_things(self.judge, step, names, place=self.place)
        check_service(self.judge, step, names, place=self.place)
        self.judge.place = self.place(step)
        return {**names, **self.binds(step, names)}

    # --- reading --------------------------------------------------------------------------

    def _read(self, step: Step, names: Names) -> None:
        for pointer, tree, lenient in values_of(step):
            self.judge.place = self.place(step, pointer)
            if has_hole(tree):
                self._uses(tree, names)
            elif lenient:
                kind = self.judge.kind(tree, names)
                if kind.optional and kind.base is not Base.NOTHING and self.judge.english:
                    self.judge.note(
                        "E521", f"“{spoken(tree)}” may be missing; it is left out then."
                    )
            else:
                self.judge.sure(tree, names)
        if step.query:
            self._query(step, step.query, names)
        if step.for_each is None and step.grant and step.grant.when is not None:
            self.judge.kind(step.grant.when, names)
        if step.return_ is not None:
            self._returned(step, names)

    def _uses(self, tree: Expr, names: Names) -> None:
        if isinstance(tree, Ref):
            self.judge.kind(tree, names)

    def _query(self, step: Step, query: Query, names: Names) -> None:
        for n, part in _filters(query.where):
            self.judge.place = self.place(step, f"where/{n}/value")
            if part.connected is not None and {"operator", "value"} & part.model_fields_set:
                if part.operator is None or part.value is None:
                    self.judge.place = self.place(step, f"where/{n}")
                self._how_many(part, part.connected, names)
            if part.field and part.value is not None and not has_hole(part.value):
                self._weighed(query, part, names)
            for tree in (
                part.value,
                part.connected.from_ if part.connected else None,
                part.connected.to if part.connected else None,
                part.connected.since if part.connected else None,
                part.connected.until if part.connected else None,
            ):
                if tree is None or has_hole(tree) or _average(tree):
                    continue
                if not self._before_a_word(part, tree, names):
                    self.judge.sure(tree, names)
        if query.search is not None:
            self.judge.sure(query.search, names)

    def _weighed(self, query: Query, part: Filter, names: Names) -> None:
        """What a row's property is compared with is of its kind."""
        op, value = _WEIGHED.get(part.operator or ""), part.value
        key = (part.field or "").removeprefix("properties.")
        types = _types(query) if query.from_ == "entities" else frozenset[str]()
        found = self.judge.vocabulary.property_kind(types, key) if types else None
        if op is None or value is None or found is None or _average(value):
            return
        self.judge.place = self.judge.place_of(value) or self.judge.place
        for tree in value.values if isinstance(value, Items) else (value,):
            self.judge.place = self.judge.place_of(tree) or self.judge.place
            if key == "status" and isinstance(tree, Lit) and isinstance(tree.value, str):
                self.judge.state(key, tree.value, types=types, never=False)
            kind = self.judge.kind(tree, dict(names)).sure
            if found[1].base is not Base.MONEY or not kind.numeric:  # in the smallest coin
                self.judge.compared(op, found[1], right=kind, tree=tree)

    def _how_many(self, part: Filter, tie: Tie, names: Names) -> None:
        """What the number of a row's ties is compared with."""
        if part.operator is None or part.value is None:
            lacks = "operator" if part.operator is None else "value"
            self.judge.error("E903", f"“{lacks}” is missing here: how many?")
            return
        if part.operator in _UNCOUNTED:
            operators = [one for one in OPERATORS if one not in _UNCOUNTED]
            said = f"How many there are is compared by {listed(operators)}."
            self.judge.error("E906", said)
        elif (tie.from_ is None) == (tie.to is None):
            why = "Give one end: what is at the other end is the row."
            self.judge.error("E909", "Ties are counted from one end.", why=why)
        numbers = part.value.values if isinstance(part.value, Items) else (part.value,)
        for tree in numbers:
            kind = UNKNOWN if has_hole(tree) else self.judge.kind(tree, names)
            if not (kind.numeric or kind.vague):
                self.judge.error("E502", f"How many? This is {say_kind(kind)}.")

    def _before_a_word(self, part: Filter, tree: Expr, names: Names) -> bool:
        """Whether it is a conversation that may not have begun: nothing was said in it then."""
        tie = part.connected
        parts = tie is not None and tie.type == "part_of" and tie.to is tree
        return parts and self.judge.kind(tree, names).types == frozenset({"conversation"})

    def _returned(self, step: Step, names: Names) -> None:
        for name, tree in (step.return_ or {}).items():
            self.judge.place = self.place(step, name)
            slot = self.outputs.get(name)
            kind = UNKNOWN if has_hole(tree) else self.judge.kind(tree, names)
            wanted = read_kind(slot.type) if slot else None
            if wanted is None or kind.base is Base.NOTHING:
                continue
            if kind.optional and not wanted.optional:
                self.judge.missing(tree)
            elif not fits(kind.sure, wanted.sure) and not (
                wanted.base is Base.THING and kind.base is Base.TEXT
            ):
                self.judge.error(
                    "E502", f"“{name}” should be {say_kind(wanted)}; this is {say_kind(kind)}."
                )

    # --- binding --------------------------------------------------------------------------

    def binds(self, step: Step, names: Names) -> Names:
        """The names that a step without blocks gives values to."""
        found: Names = {}
        for name, tree in (step.set or {}).items():
            if name in self.inputs:
                self.judge.error("E505", f"“{name}” is an input and can't be changed.")
            found[name] = UNKNOWN if has_hole(tree) else self.judge.kind(tree, names)
        if step.output:
            found[step.output] = self._kind(step)
            if step.output in self.inputs and not self.judge.english:  # reading has said so
                self.judge.error(
                    "E505", f"“{step.output}” is an input and can't be given a new value."
                )
        return found

    def _kind(self, step: Step) -> Kind:
        if step.entity:
            return thing(step.entity.type)
        if step.query:
            return query_kind(self.judge, step.query)
        if step.service:
            return service_kind(self.judge, step)
        if step.wait_for_event:
            return Kind(Base.EVENT, frozenset({step.wait_for_event.type}), optional=True)
        if step.connect:
            return Kind(Base.CONNECTION, frozenset({step.connect.type}))
        if step.event:
            return Kind(Base.EVENT, frozenset({step.event.type}))
        if step.call:
            face = self.judge.vocabulary.feature(step.call.feature)
            if face and len(face.outputs) == 1:
                return next(iter(face.outputs.values()))
            return Kind(Base.RECORD, fields=tuple(face.outputs.items())) if face else UNKNOWN
        return UNKNOWN

    # --- branches -------------------------------------------------------------------------

    def _validate(self, step: Step, names: Names) -> Names:
        body = step.validate_
        if body is None:
            return names
        found = dict(names)
        for name in body.checks:
            base = name.split(".")[0]
            if base not in found and not self.judge.english and base in self.inputs:
                found[base] = UNKNOWN
        tree = to_condition(body)
        if not has_hole(tree):
            self.judge.asked(tree, found)
        if body.message is not None:
            self.judge.place = self.place(step, "message")
            self.judge.sure(body.message, found)
        self._loads(step, found)
        return narrowed(tree, found, holds=True)

    def _loads(self, step: Step, names: Names) -> None:
        """A check that `xId` exists also binds `x` to that thing."""
        for name, checks in (step.validate_.checks if step.validate_ else {}).items():
            if not name.endswith("Id") or not checks.exists or name not in self.inputs:
                continue
            kind = read_kind(self.inputs[name].type) or thing()
            if checks.type:
                kind = thing(checks.type)
            names.setdefault(name[:-2], kind if kind.base is Base.THING else thing())

    def _branching(self, step: Step, names: Names) -> Names:
        if step.if_ is not None:
            body = step.if_
            if not has_hole(body.condition):
                self.judge.place = self.place(step, "condition")
                self.judge.asked(body.condition, names)
            left = self.block(body.then, narrowed(body.condition, names, holds=True))
            right = self.block(body.else_, narrowed(body.condition, names, holds=False))
            return joined(names, left, right=right, ended=(ends(body.then), ends(body.else_)))
        loop = step.for_each
        if loop is None:
            return names
        kind = UNKNOWN if has_hole(loop.in_) else self.judge.sure(loop.in_, names)
        if kind.base is not Base.LIST and not kind.vague:
            said = f"FOR EACH needs a list; this is {say_kind(kind)}."
            self.judge.error("E502", said, span=self.judge.place_of(loop.in_))
        inner = {**names, loop.as_: kind.item or UNKNOWN}
        after = self.block(loop.do, inner)
        if loop.parallel:
            self._side_by_side(loop.do, outside=names)
        found = dict(names)
        for name, one in after.items():
            if name not in names and name != loop.as_:
                found[name] = list_of(one.sure)
            elif name in names and name != loop.as_:
                found[name] = either(names[name], one)
        return found

    def _side_by_side(self, steps: list[Step], *, outside: Names) -> None:
        """Items that go at the same time can't all have the last word on a name from outside."""
        for step in steps_of(steps):
            for name in (*(step.set or {}), step.output):
                if name in outside:
                    self.judge.error(
                        "E306",
                        f"“{spaced(name)}” is saved by every item, and they run side by side.",
                        why="Leave out AT SAME TIME, or save it under a name of its own.",
                        span=self.place(step),
                    )

    def _nested(self, step: Step, names: Names) -> Names:
        """Steps with blocks that are no branch: together, side by side, try, retry, step, later."""
        if not step.parallel and not step.atomic:
            self._read(step, names)
        found = dict(names)
        for path, steps in step.blocks():
            after = self.block(steps, dict(found if path != "do" or step.later is None else names))
            if path == "rollback" or step.later is not None:
                continue
            risky = step.try_ is not None and path == "do" and not ends(step.try_.catch)
            for name, kind in after.items():
                if name not in names:
                    found[name] = kind.maybe if risky or path == "catch" else kind
        if step.service or step.wait_for_event or step.entity or step.query:
            check_service(self.judge, step, names, place=self.place)
            return {**names, **self.binds(step, names)}
        return found


def joined(before: Names, left: Names, *, right: Names, ended: tuple[bool, bool]) -> Names:
    """The names after both ways of an if."""
    if ended[0] and not ended[1]:
        return right
    if ended[1] and not ended[0]:
        return left
    found: Names = {}
    for name in left.keys() | right.keys():
        one, other = left.get(name), right.get(name)
        if one and other:
            found[name] = either(one, other)
        else:
            kind = one or other or UNKNOWN
            found[name] = kind if name in before else kind.maybe
    return {name: found[name] for name in sorted(found)}


_WEIGHED = {"eq": "==", "ne": "!=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "in": "=="}
_WEIGHED["between"] = ">="

_UNCOUNTED = frozenset({"in", "contains", "startsWith", "exists"})
"""Operators that compare no number."""


def _average(tree: Expr) -> bool:
    return isinstance(tree, Call) and tree.name == "average"


def _filters(filters: list[Filter]) -> Iterator[tuple[int, Filter]]:
    """Every filter with the number of the outermost that it is part of."""
    for n, one in enumerate(filters):
        yield n, one
        yield from ((n, inner) for _, inner in _filters(one.any or []))


def query_kind(judge: Judge, query: Query) -> Kind:
    """What a query answers."""
    if isinstance(query.select, str):
        return _selected(judge, query, query.select)
    row = Kind(
        {"connections": Base.CONNECTION, "events": Base.EVENT}.get(query.from_, Base.THING),
        _types(query),
    )
    if query.from_ == "entities" and not row.types:
        row = thing()
    if query.limit == 1:
        return row if query.required else row.maybe
    return list_of(row)


def _selected(judge: Judge, query: Query, select: str) -> Kind:
    if select == "count":
        return INTEGER
    name, _, path = select.partition("(")
    if not path:
        return list_of(UNKNOWN)
    key = path.rstrip(")").removeprefix("metadata.")
    if (
        query.from_ == "events"
        and key == "amount"
        and _types(query) == frozenset({"payment_processed"})
    ):
        return MONEY
    found = judge.vocabulary.property_kind(_types(query), key)
    return found[1] if found and name in {"sum", "avg", "min", "max"} else NUMBER


def _types(query: Query) -> frozenset[str]:
    names = {
        "entities": ("type",),
        "connections": ("type", "relationshipType"),
        "events": ("type", "eventType"),
    }
    for part in query.where:
        if part.field not in names.get(query.from_, ()) or part.negated:
            continue
        match part.value:
            case Lit(str(name)) if part.operator == "eq":
                return frozenset({name})
            case Items(values) if part.operator == "in":
                return frozenset(
                    one.value
                    for one in values
                    if isinstance(one, Lit) and isinstance(one.value, str)
                )
            case _:
                pass
    return frozenset()


Read = Iterator[tuple[str, Expr, bool]]


def values_of(step: Step) -> Read:
    """Every value that a step reads: its pointer, its tree, and whether it may be missing."""
    for name in step.model_fields_set:
        if (part := _PARTS.get(name)) is not None:
            yield from part(step)


def _bag(prefix: str, values: dict[str, Expr], *, lenient: bool = True) -> Read:
    for key, tree in values.items():
        yield f"{prefix}/{key}", tree, lenient


def _needed(**values: Expr | None) -> Read:
    for key, tree in values.items():
        if tree is not None:
            yield key.rstrip("_"), tree, False


def _made(step: Step) -> Read:
    if entity := step.entity:
        yield from _needed(name=entity.name)
        yield from _bag("properties", entity.properties)
    if connect := step.connect:
        yield from _needed(from_=connect.from_, to=connect.to)
        yield from _bag("metadata", connect.metadata)
    if event := step.event:
        yield from _needed(entity=event.entity, actor=event.actor)
        yield from _bag("metadata", event.metadata)
    if ended := step.disconnect:
        yield from _needed(from_=ended.from_, to=ended.to)


def _asked(step: Step) -> Read:
    if service := step.service:
        yield from _bag("params", service.params)
    if call := step.call:
        yield from _bag("input", call.input)
    if event := step.wait_for_event:
        yield from _needed(entity=event.entity, actor=event.actor)


def _changed(step: Step) -> Read:
    if update := step.update:
        yield from _needed(target=update.target)
        yield from _bag("set", update.set)
        yield from _bag("add", update.add, lenient=False)
    if grant := step.grant:
        yield from _needed(to=grant.to, amount=grant.amount, asset=grant.asset)
    for target in (step.delete, step.restore, step.archive, step.publish):
        if target is not None:
            yield from _needed(target=target.target)


def _told(step: Step) -> Read:
    if tag := step.tag:
        yield from _needed(target=tag.target)
        yield from (("names", tree, False) for tree in tag.names)
    if notify := step.notify:
        yield from _needed(to=notify.to, about=notify.about)
        yield from _bag("with", notify.with_)
    if show := step.show:
        yield from _bag("values", show.values)
        yield from _needed(to=show.to)


_PARTS: Mapping[str, Callable[[Step], Read]] = {
    "entity": _made,
    "connect": _made,
    "event": _made,
    "disconnect": _made,
    "service": _asked,
    "call": _asked,
    "wait_for_event": _asked,
    "update": _changed,
    "grant": _changed,
    "delete": _changed,
    "restore": _changed,
    "archive": _changed,
    "publish": _changed,
    "tag": _told,
    "notify": _told,
    "show": _told,
}
"""What reads the values of a step, by its primitive."""
