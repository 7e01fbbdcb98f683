"""What was understood: the program in sentences, each assumption marked."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from one.compiler.bind.literals import say_duration
from one.compiler.diagnosis import Diagnostic, Severity
from one.compiler.english import trigger_line
from one.compiler.expression import Expr, Lit, MoneyLit, Unary
from one.compiler.kinds import read_kind, say_kind
from one.compiler.predicates import to_condition
from one.compiler.program import Program, Slot, Step, Trigger
from one.compiler.spoken import asks, says, words
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
        yield f"{_started(program.trigger)}, this runs by itself."
    if program.input:
        yield "It needs " + _listed(_slot(name, slot) for name, slot in program.input.items()) + "."
    if program.output:
        yield (
            "It gives " + _listed(_slot(name, slot) for name, slot in program.output.items()) + "."
        )


def _started(trigger: Trigger) -> str:
    head, _, rest = trigger_line(trigger).partition(" ")
    return f"{head.capitalize()} {rest.lower() if head == 'EVERY' else rest}"


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
    write = _SENTENCES.get(step.kind)
    said = write(step) if write else ""
    return said or f"Do {step.kind}."


def _beside(values: dict[str, Expr], lead: str = " with ") -> str:
    pairs = [f"{spaced(key)} {words(tree)}" for key, tree in values.items()]
    return lead + ", ".join(pairs) if pairs else ""


def _kept(step: Step) -> str:
    return f"; call it {spaced(step.output)}" if step.output else ""


def _entity(step: Step) -> str:
    if (entity := step.entity) is None:
        return ""
    name = f" called {words(entity.name)}" if entity.name is not None else ""
    status = f" ({entity.status})" if entity.status else ""
    return f"Create {spaced(entity.type)}{status}{name}{_beside(entity.properties)}{_kept(step)}."


def _connect(step: Step) -> str:
    if (tie := step.connect) is None:
        return ""
    said = f"{spaced(tie.type)}{_beside(tie.metadata)}"
    return f"Connect {words(tie.from_)} to {words(tie.to)}: {said}."


def _event(step: Step) -> str:
    if (event := step.event) is None:
        return ""
    about = f" for {words(event.entity)}" if event.entity is not None else ""
    by = f" by {words(event.actor)}" if event.actor is not None else ""
    return f"Record {spaced(event.type)}{by}{about}{_beside(event.metadata)}."


def _find(step: Step) -> str:
    return f"Find {asks(step.query)}{_kept(step)}." if step.query else ""


def _update(step: Step) -> str:
    if (update := step.update) is None:
        return ""
    added = _beside(update.add, "; add ")
    status = f"; make it {update.status}" if update.status else ""
    return f"Change {words(update.target)}{_beside(update.set, ': ')}{added}{status}."


def _disconnect(step: Step) -> str:
    if (tie := step.disconnect) is None:
        return ""
    return f"End {spaced(tie.type)} between {words(tie.from_)} and {words(tie.to)}."


def _life(step: Step) -> str:
    target = step.delete or step.restore or step.archive or step.publish
    return f"{step.kind.capitalize()} {words(target.target)}." if target else ""


def _tag(step: Step) -> str:
    names = ", ".join(words(one) for one in step.tag.names) if step.tag else ""
    return f"Tag {words(step.tag.target)} with {names}." if step.tag else ""


def _validate(step: Step) -> str:
    if (check := step.validate_) is None:
        return ""
    stop = (
        f", else stop and say {words(check.message)}"
        if check.message is not None
        else ", else stop"
    )
    return f"Make sure that {says(to_condition(check))}{stop}."


def _if(step: Step) -> str:
    return f"If {says(step.if_.condition)}:" if step.if_ else ""


def _for_each(step: Step) -> str:
    if (loop := step.for_each) is None:
        return ""
    how = ", all at the same time" if loop.parallel else ""
    one = "of" if loop.as_ == "each" else f"{spaced(loop.as_)} in"
    return f"For each {one} {words(loop.in_)}{how}:"


def _atomic(_: Step) -> str:
    return "All of this or nothing of it:"


def _parallel(_: Step) -> str:
    return "Side by side:"


def _try(_: Step) -> str:
    return "Try:"


def _retry(step: Step) -> str:
    if (retry := step.retry) is None:
        return ""
    wait = f", {say_duration(retry.delay)} apart" if retry.delay else ""
    return f"Try up to {retry.times} times{wait}:"


def _step(step: Step) -> str:
    if (point := step.step) is None:
        return ""
    return f"Step {point.number}, {point.name}:" if point.number else f"{point.name}:"


def _later(step: Step) -> str:
    when = f" ({step.later.when})" if step.later and step.later.when else ""
    return f"Later{when}:"


def _wait(step: Step) -> str:
    if isinstance(step.wait, str):
        return f"Wait {say_duration(step.wait)}."
    return f"Wait until {words(step.wait.until)}." if step.wait else ""


def _wait_for(step: Step) -> str:
    if (event := step.wait_for_event) is None:
        return ""
    who = f" by {words(event.actor)}" if event.actor is not None else ""
    limit = f", at most {say_duration(event.timeout)}" if event.timeout else ""
    return f"Wait until {spaced(event.type)}{_beside(event.where)}{who}{limit}{_kept(step)}."


def _return(step: Step) -> str:
    return f"Answer{_beside(step.return_ or {})} and end."


def _set(step: Step) -> str:
    return f"Note{_beside(step.set or {}, ' ')}."


def _grant(step: Step) -> str:
    if (grant := step.grant) is None:
        return ""
    token = words(grant.asset) if grant.asset is not None else "tokens"
    when = f" when {says(grant.when)}" if grant.when is not None else ""
    if isinstance(grant.amount, MoneyLit):
        return f"Give {words(grant.to)} {words(grant.amount)}{when}."
    match grant.amount:
        case Lit(int() | float() as amount) if amount < 0:
            return f"Take {-amount} {token} from {words(grant.to)}{when}."
        case Unary("-", amount):
            return f"Take {words(amount)} {token} from {words(grant.to)}{when}."
        case amount:
            return f"Give {words(grant.to)} {words(amount)} {token}{when}."


def _notify(step: Step) -> str:
    if (notify := step.notify) is None:
        return ""
    via = " and ".join(notify.channels)
    return f"Tell {words(notify.to)} {words(notify.about)} by {via}{_beside(notify.with_)}."


def _show(step: Step) -> str:
    return f"Show{_beside(step.show.values, ' ')}." if step.show else ""


def _service(step: Step) -> str:
    if (call := step.service) is None:
        return ""
    retry = f", up to {call.retry.times} more times" if call.retry else ""
    return (
        f"Ask {call.provider} to {spaced(call.method)}{_beside(call.params)}{retry}{_kept(step)}."
    )


def _call(step: Step) -> str:
    if (call := step.call) is None:
        return ""
    return f"Run the feature {spaced(call.feature)}{_beside(call.input)}{_kept(step)}."


_SENTENCES: Mapping[str, Callable[[Step], str]] = {
    "entity": _entity,
    "connect": _connect,
    "event": _event,
    "query": _find,
    "update": _update,
    "disconnect": _disconnect,
    "delete": _life,
    "restore": _life,
    "archive": _life,
    "publish": _life,
    "tag": _tag,
    "validate": _validate,
    "if": _if,
    "forEach": _for_each,
    "atomic": _atomic,
    "parallel": _parallel,
    "try": _try,
    "retry": _retry,
    "step": _step,
    "later": _later,
    "wait": _wait,
    "waitForEvent": _wait_for,
    "return": _return,
    "set": _set,
    "grant": _grant,
    "notify": _notify,
    "show": _show,
    "service": _service,
    "call": _call,
}
