"""Types, relations and events that a program of the Technical DSL speaks of without making them."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from one.compiler.checker.infer import Judge
from one.compiler.checker.ranges import Fact, constants, limits_of, possible
from one.compiler.diagnosis import listed, nearest
from one.compiler.expression import Expr, Items, Lit, Ref
from one.compiler.kinds import UNKNOWN, Base, Kind, fits, read_kind, say_kind
from one.compiler.program import Filter, Program, Query, Slot, Step, Trigger
from one.compiler.reader import Span
from one.ontology.words import Alias

Place = Callable[[Step, str], Span]


def check_types(
    judge: Judge,
    program: Program,
    steps: Sequence[Step],
    *,
    spans: Mapping[str, Span],
    place: Place,
) -> None:
    """Those of inputs and outputs, of what sets it off, and of what is looked for."""
    known = judge.vocabulary
    for prefix, slots in (("", program.input), ("out:", program.output)):
        for name, slot in slots.items():
            for kind in _types(read_kind(slot.type)):
                if kind not in known.entity_types:
                    near = nearest(kind, known.entity_types)
                    said = f" Did you mean {listed(near)}?" if near else ""
                    span = spans.get(prefix + name)
                    judge.error("E401", f"I know no type “{kind}”.{said}", span=span)
    for name, slot in program.input.items():
        _chosen(judge, name, slot, spans)
    if (trigger := program.trigger) is not None:
        _heard(judge, trigger, spans)
        for code, what, key, all_ in (
            ("E410", "event", "event", known.event_types),
            ("E402", "relation", "connection", known.connection_types),
            ("E401", "type", "created", known.entity_types),
            ("E401", "type", "published", known.entity_types),
        ):
            said = getattr(trigger, key)
            if isinstance(said, str) and said not in all_:
                judge.place = spans.get(f"trigger:{key}", judge.place)
                judge.unknown(code, said, what=what, known=all_)
    for step in steps:
        if step.query is not None:
            _query(judge, step, step.query, place)


def _chosen(judge: Judge, name: str, slot: Slot, spans: Mapping[str, Span]) -> None:
    """What an input may be and what it is when nothing is said, against what it is at all."""
    wanted, span = read_kind(slot.type) or UNKNOWN, spans.get(name)
    if slot.one_of == []:
        judge.error("E909", f"“{name}” can be none of nothing.", span=span, why=_CHOICES)
    named = (slot.min, slot.max) if wanted.numeric or wanted.base is Base.MONEY else ()
    for tree in (*named, *(slot.one_of or ()), slot.default):
        kind = UNKNOWN if tree is None else judge.kind(tree, {})
        if not fits(kind, wanted.sure) or (kind.base is Base.TEXT and wanted.numeric):
            said = f"“{name}” is {say_kind(wanted)}; one of its values here is {say_kind(kind)}."
            judge.error("E502", said, span=span)
            return
    given = constants(slot.default) if slot.default is not None else None
    limits = list(limits_of(Ref(name), slot))
    if given and limits and (wanted.base is not Base.TEXT or slot.one_of):
        fact = Fact("==", given, Ref(name))
        if possible(limits) and not possible([*limits, fact]):
            why = "What is taken when nothing is said has to be within the limits too."
            judge.error(
                "E909", f"The default of “{name}” is not one that it can be.", span=span, why=why
            )


_CHOICES = 'Write what it can be, such as ["email", "sms"], or leave the field out.'


def _heard(judge: Judge, trigger: Trigger, spans: Mapping[str, Span]) -> None:
    """An event that goes by another name here: the one it is recorded as, or its relation."""
    alias = judge.vocabulary.ontology.words.event_alias(trigger.event or "")
    if alias is None or trigger.event in judge.vocabulary.event_types:
        return
    judge.place = spans.get("trigger:event", judge.place)
    judge.note("E420", f"{trigger.event} is recorded as {alias.connection or alias.type}.")
    if alias.connection:
        trigger.event, trigger.connection = None, alias.connection
    else:
        trigger.event, trigger.where = alias.type, {**_said(alias), **trigger.where}


def _said(alias: Alias) -> dict[str, Expr]:
    plain = {k: v for k, v in alias.metadata.items() if isinstance(v, str | int | float | bool)}
    return {key: Lit(value) for key, value in plain.items()}


def _types(kind: Kind | None) -> Iterator[str]:
    if kind is not None:
        yield from sorted(kind.types)
        yield from _types(kind.item)


def _query(judge: Judge, step: Step, query: Query, place: Place) -> None:
    known = judge.vocabulary
    tables = {
        "entities": ("E401", "type", known.entity_types),
        "connections": ("E402", "relation", known.connection_types),
        "events": ("E410", "event", known.event_types),
    }
    for n, one in enumerate([*query.where]):
        if one.field == "type" and query.from_ in tables:
            code, what, all_ = tables[query.from_]
            judge.place = place(step, f"where/{n}/value")
            for said in _texts(one.value):
                alias = known.ontology.words.event_alias(said) if what == "event" else None
                if said in all_:
                    continue
                if alias is None or one.value != Lit(said):
                    judge.unknown(code, said, what=what, known=all_)
                    continue
                judge.note("E420", f"{said} is recorded as {alias.type}.")
                one.value = Lit(alias.type)
                query.where += [
                    Filter(field=f"metadata.{key}", operator="eq", value=value)
                    for key, value in _said(alias).items()
                ]
        elif one.connected is not None and one.connected.type not in known.connection_types:
            judge.place = place(step, f"where/{n}/connected/type")
            judge.unknown("E402", one.connected.type, what="relation", known=known.connection_types)


def _texts(value: Expr | None) -> Iterator[str]:
    match value:
        case Lit(str(text)):
            yield text
        case Items(values):
            for one in values:
                yield from _texts(one)
        case _:
            pass
