"""What was understood: the program in sentences, each assumption marked."""

from collections.abc import Iterator, Sequence

from one.compiler.diagnosis import Diagnostic, Severity
from one.compiler.english import say, say_condition, say_duration, trigger_line
from one.compiler.expression import Expr, Ref
from one.compiler.kinds import read_kind, say_kind
from one.compiler.predicates import to_condition
from one.compiler.program import Filter, Program, Query, Slot, Step
from one.compiler.vocabulary import spaced

ASSUMED = "(assumed)"


def understood(program: Program, found: Sequence[Diagnostic]) -> list[str]:
    """The program step by step, then what was assumed."""
    lines = list(_head(program))
    lines.extend(_block(program.flow, 0))
    lines.extend(
        f"{ASSUMED} Line {one.span.line}: {one.message}"
        for one in found
        if one.severity is Severity.INFO
    )
    return lines


def _head(program: Program) -> Iterator[str]:
    if program.trigger is not None:
        yield (
            trigger_line(program.trigger).capitalize().replace("_", " ") + ", this runs by itself."
        )
    if program.input:
        yield "It needs " + _listed(_slot(name, slot) for name, slot in program.input.items()) + "."
    if program.output:
        yield (
            "It gives " + _listed(_slot(name, slot) for name, slot in program.output.items()) + "."
        )


def _slot(name: str, slot: Slot) -> str:
    kind = read_kind(slot.type)
    said = say_kind(kind.sure) if kind else slot.type
    return f"{spaced(name)} ({said}{', optional' if slot.optional else ''})"


def _listed(parts: Iterator[str]) -> str:
    found = list(parts)
    return ", ".join(found[:-1]) + (" and " if len(found) > 1 else "") + found[-1]


def _block(steps: Sequence[Step], depth: int) -> Iterator[str]:
    for step in steps:
        lead = "  " * depth
        yield lead + _sentence(step)
        for name, block in step.blocks():
            if block and (title := _TITLES.get(name)) is not None:
                yield lead + title
            yield from _block(block, depth + 1)


_TITLES = {
    "else": "Otherwise:",
    "rollback": "If any of it fails:",
    "catch": "If it fails:",
    "finally": "Always:",
    "fallback": "If all tries fail:",
}


def _sentence(step: Step) -> str:
    for part in (_data, _flow, _people, _outside):
        if said := part(step):
            return said
    return f"Do {step.kind}."


def _beside(values: dict[str, Expr], lead: str = " with ") -> str:
    pairs = [f"{spaced(key)} {say(tree)}" for key, tree in values.items()]
    return lead + ", ".join(pairs) if pairs else ""


def _kept(step: Step) -> str:
    return f"; call it {spaced(step.output)}" if step.output else ""


def _data(step: Step) -> str:
    if entity := step.entity:
        name = f" called {say(entity.name)}" if entity.name is not None else ""
        status = f" ({entity.status})" if entity.status else ""
        kind = spaced(entity.type)
        return f"Create a {kind}{status}{name}{_beside(entity.properties)}{_kept(step)}."
    if connect := step.connect:
        tie = spaced(connect.type)
        return (
            f"Connect {say(connect.from_)} to {say(connect.to)}: {tie}{_beside(connect.metadata)}."
        )
    if event := step.event:
        about = f" for {say(event.entity)}" if event.entity is not None else ""
        by = f" by {say(event.actor)}" if event.actor is not None else ""
        return f"Record {spaced(event.type)}{by}{about}{_beside(event.metadata)}."
    if query := step.query:
        return f"Find {_query(query)}{_kept(step)}."
    if update := step.update:
        added = _beside(update.add, "; add ")
        status = f"; make it {update.status}" if update.status else ""
        return f"Change {say(update.target)}{_beside(update.set, ': ')}{added}{status}."
    if ended := step.disconnect:
        return f"End {spaced(ended.type)} between {say(ended.from_)} and {say(ended.to)}."
    return _life(step)


def _life(step: Step) -> str:
    for verb in ("delete", "restore", "archive", "publish"):
        target = getattr(step, verb)
        if target is not None:
            return f"{verb.capitalize()} {say(target.target)}."
    if step.tag:
        return f"Tag {say(step.tag.target)} with {', '.join(say(one) for one in step.tag.names)}."
    return ""


def _query(query: Query) -> str:
    how_many = "one" if query.limit == 1 else f"up to {query.limit}" if query.limit else "all"
    what = query.select if isinstance(query.select, str) else how_many
    parts = [_filter(one) for one in query.where]
    where = " where " + " and ".join(parts) if parts else ""
    order = [
        f"{spaced(one.field)}{', highest first' if one.descending else ''}"
        for one in query.order_by
    ]
    by = f", by {', '.join(order)}" if order else ""
    search = f" about {say(query.search)}" if query.search is not None else ""
    return f"{what} of the {query.from_}{where}{search}{by}"


def _filter(one: Filter) -> str:
    if one.any:
        return "(" + " or ".join(_filter(part) for part in one.any) + ")"
    negated = "not " if one.negated else ""
    if one.connected is not None:
        tie = one.connected
        if tie.to is not None:
            return f"{negated}{spaced(tie.type)} to {say(tie.to)}"
        return f"{negated}{spaced(tie.type)} from {say(tie.from_ or Ref('it'))}"
    value = say(one.value) if one.value is not None else ""
    return f"{negated}{spaced(one.field or '')} {one.operator} {value}"


def _flow(step: Step) -> str:
    if step.validate_ is not None:
        message = step.validate_.message
        stop = f", else stop and say {say(message)}" if message is not None else ", else stop"
        return f"Make sure that {say_condition(to_condition(step.validate_))}{stop}."
    if step.if_ is not None:
        return f"If {say_condition(step.if_.condition)}:"
    if step.for_each is not None:
        loop = step.for_each
        how = ", all at the same time" if loop.parallel else ""
        return f"For each {spaced(loop.as_)} in {say(loop.in_)}{how}:"
    if step.atomic is not None:
        return "All of this or nothing of it:"
    if step.parallel is not None:
        return "Side by side:"
    if step.try_ is not None:
        return "Try:"
    if step.retry is not None:
        wait = f", {say_duration(step.retry.delay)} apart" if step.retry.delay else ""
        return f"Try up to {step.retry.times} times{wait}:"
    return _timed(step)


def _timed(step: Step) -> str:
    if step.step is not None:
        return f"Step {step.step.number or ''} {step.step.name}:".replace("  ", " ")
    if step.later is not None:
        return f"Later{f' ({step.later.when})' if step.later.when else ''}:"
    if isinstance(step.wait, str):
        return f"Wait {say_duration(step.wait)}."
    if step.wait is not None:
        return f"Wait until {say(step.wait.until)}."
    if event := step.wait_for_event:
        who = f" by {say(event.actor)}" if event.actor is not None else ""
        limit = f", at most {say_duration(event.timeout)}" if event.timeout else ""
        return f"Wait until {spaced(event.type)}{_beside(event.where)}{who}{limit}{_kept(step)}."
    if step.return_ is not None:
        return f"Answer{_beside(step.return_)} and end."
    if step.set is not None:
        return f"Note{_beside(step.set, ' ')}."
    return ""


def _people(step: Step) -> str:
    if grant := step.grant:
        token = say(grant.asset) if grant.asset is not None else "tokens"
        when = f" when {say_condition(grant.when)}" if grant.when is not None else ""
        return f"Give {say(grant.to)} {say(grant.amount)} {token}{when}."
    if notify := step.notify:
        via = " and ".join(notify.channels)
        return f"Tell {say(notify.to)} {say(notify.about)} by {via}{_beside(notify.with_)}."
    if show := step.show:
        return f"Show{_beside(show.values, ' ')}."
    return ""


def _outside(step: Step) -> str:
    if service := step.service:
        retry = f", up to {service.retry.times} more times" if service.retry else ""
        action = spaced(service.method)
        return f"Ask {service.provider} to {action}{_beside(service.params)}{retry}{_kept(step)}."
    if call := step.call:
        return f"Run the feature {spaced(call.feature)}{_beside(call.input)}{_kept(step)}."
    return ""
