"""What was understood: the program in sentences, each assumption marked."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from one.compiler.asking import asks
from one.compiler.bind.dates import DAYS, MONTHS
from one.compiler.bind.literals import say_duration
from one.compiler.diagnosis import Diagnostic, Severity
from one.compiler.english import bound, trigger_line
from one.compiler.expression import Binary, Call, Expr, Get, Lit, MoneyLit, Record, Ref, Unary
from one.compiler.kinds import read_kind, say_kind
from one.compiler.light import frozen
from one.compiler.predicates import to_condition
from one.compiler.program import Every, Program, Slot, Step, Trigger
from one.compiler.spoken import (
    TIED,
    Values,
    along,
    beside,
    listed,
    named,
    of,
    over,
    says,
    span,
    subject,
    the,
    tied,
    words,
)
from one.compiler.vocabulary import plural
from one.ontology.words import article

ASSUMED = "(assumed)"
MISSED = "(not understood)"
_CHANNELS = {"app": "in the app", "push": "by push message", "sms": "by text message"}
_PROVIDERS = {
    "openai": "OpenAI",
    "elevenlabs": "ElevenLabs",
    "stripe": "Stripe",
    "youtube": "YouTube",
    "instagram": "Instagram",
    "twitter": "Twitter",
    "linkedin": "LinkedIn",
    "tiktok": "TikTok",
    "twitch": "Twitch",
}
_LONG = re.compile(r"\b\d{4,}\b")
_SEEN = {
    "public": "public",
    "members": "members-only",
    "parties": "shared",
    "private": "private",
}


@frozen
class Told:
    """A sentence of what was understood, and the line of the text that it is about; 0 for none."""

    says: str
    line: int = 0


def understood(program: Program, found: Sequence[Diagnostic]) -> list[str]:
    """The program step by step; then what was assumed."""
    return [one.says for one in told(program, found, places=Places())]


def told(program: Program, found: Sequence[Diagnostic], *, places: "Places") -> list[Told]:
    """The program step by step, with the lines that weren't understood; then what was assumed."""
    lines = [Told(says, places.heads.get(part, 0)) for part, says in _head(program)]
    lines.extend(_block(program.flow, 0, places))
    lines.extend(places.before(None, ""))
    assumed = (
        Told(f"{ASSUMED} Line {one.span.line}: {one.message}", one.span.line)
        for one in found
        if one.severity is Severity.INFO
    )
    return [*lines, *dict.fromkeys(assumed)]


def _head(program: Program) -> Iterator[tuple[str, str]]:
    if program.trigger is not None:
        yield "trigger", f"{started(program.trigger)}, this runs by itself."
    if program.input:
        yield "input", f"It needs {listed([_slot(*one) for one in program.input.items()])}."
    if program.output:
        yield "output", f"It gives {listed([_slot(*one) for one in program.output.items()])}."


def started(trigger: Trigger) -> str:
    """What sets it off: `When a fan completes a course`, `Every Monday at 9am`."""
    if trigger.signal is not None:
        return f"When the signal “{named(trigger.signal)}” comes"
    if trigger.every is not None:
        trigger = trigger.model_copy(update={"every": _whole(trigger.every)})
    head, _, rest = trigger_line(trigger).partition(" ")
    if trigger.every is None:
        return f"{head.capitalize()} {_LONG.sub(lambda found: f'{int(found[0]):,}', rest)}"
    said = (one.capitalize() if one.lower() in _NAMED else one.lower() for one in rest.split(" "))
    return f"{head.capitalize()} {' '.join(said)}"


def _whole(every: Every) -> Every:
    """With the day and the time that it has where none is said."""
    first = {"week": "monday", "month": "1"}.get(every.unit) if every.count == 1 else None
    midnight = None if every.unit in {"minute", "hour"} else "00:00"
    return every.model_copy(update={"on": every.on or first, "at": every.at or midnight})


_NAMED = frozenset({*DAYS, *MONTHS, *(f"{day}," for day in DAYS)})
"""What is written with a capital in English."""


def _slot(name: str, slot: Slot) -> str:
    kind = read_kind(slot.type)
    said = say_kind(kind.sure) if kind else slot.type
    head, _, noun = said.partition(" ")
    said = article(named(noun)) if head in {"a", "an"} else said
    notes = [*([] if said == "something" else [said]), *limits(slot)]
    return f"{named(name)} ({', '.join(notes)})" if notes else named(name)


def limits(slot: Slot) -> Iterator[str]:
    """What is asked of a slot beside its kind."""
    characters = " characters" if slot.type.rstrip("?") == "text" else ""
    least, most = (one and bound(slot, one, how=words) for one in (slot.min, slot.max))
    if least and most:
        yield f"between {least} and {most}{characters}"
    elif least or most:
        yield f"at least {least}{characters}" if least else f"at most {most}{characters}"
    if slot.one_of:
        each = "each of them " if slot.type.rstrip("?").endswith("[]") else ""
        yield each + listed([words(one).strip("“”") for one in slot.one_of], "or")
    if slot.default is not None:
        yield f"{words(slot.default)} unless it is given"
    if slot.optional:
        yield "optional"


@dataclass(slots=True)
class Places:
    """The lines that nothing was made of, by number, and where each step (by its id) and head
    (trigger, input, output) stands.
    """

    missed: dict[int, str] = field(default_factory=dict[int, str])
    steps: Mapping[int, int] = field(default_factory=dict[int, int])
    heads: Mapping[str, int] = field(default_factory=dict[str, int])

    def before(self, step: Step | None, lead: str) -> Iterator[Told]:
        """Those missed above a step, each once; with no step those that are left."""
        at = self.steps.get(id(step), 0) if step is not None else None
        yield from self.above(at, lead)

    def above(self, at: int | None, lead: str) -> Iterator[Told]:
        """Those missed above a line."""
        for number in [n for n in sorted(self.missed) if at is None or n < at]:
            yield Told(f"{lead}{MISSED} Line {number}: {self.missed.pop(number)}", number)


def _block(steps: Sequence[Step], depth: int, places: Places) -> Iterator[Told]:
    for step in steps:
        lead = "  " * depth
        if places.missed:
            yield from places.before(step, lead)
        if step.set != {}:  # what stands for a step that wasn't understood
            yield Told(lead + sentence(step), places.steps.get(id(step), 0))
        for name, block in step.blocks():
            if block and (title := _title(step, name)) is not None:
                first = places.steps.get(id(block[0]), 0)  # its head is the line above
                yield from places.above(first - 1, f"{lead}  ")
                yield Told(lead + title)
            yield from _block(block, depth + 1, places)


_TITLES = {
    "else": "Otherwise:",
    "catch": "If it fails:",
    "finally": "Always:",
    "fallback": "If all tries fail:",
}


def _title(step: Step, block: str) -> str | None:
    if block == "rollback":
        return "If any of it fails:" if step.atomic is not None else "If it fails:"
    return None if step.parallel is not None else _TITLES.get(block)


def sentence(step: Step) -> str:
    """What a step does, without what is inside it."""
    write = _SENTENCES.get(step.kind)
    said = write(step) if write else ""
    return said or f"Do {step.kind}."


def _kept(step: Step) -> str:
    return f"; call it {named(step.output)}" if step.output else ""


def _failing(step: Step) -> str:
    """What is done instead when it fails, where that is no block."""
    if (wrong := step.on_error) is None:
        return ""
    again = f"; if it fails, try up to {wrong.retry.times} more times" if wrong.retry else ""
    if wrong.continue_:
        return f"{again}; if it fails, go on"
    if wrong.return_ is None:
        return again
    said = wrong.return_.get("error")
    what = f"say {words(said)}" if said is not None else f"answer{along(wrong.return_)}"
    late = step.wait_for_event is not None
    return f"{again}; if it {'does not come in time' if late else 'fails'}, stop and {what}"


def _entity(step: Step) -> str:
    if (entity := step.entity) is None:
        return ""
    name = f" called {words(entity.name)}" if entity.name is not None else ""
    seen = _SEEN.get(entity.visibility or "", "")
    noun = " ".join(part for part in (seen, entity.status or "", named(entity.type)) if part)
    return f"Create {article(noun)}{name}{along(entity.properties)}{_kept(step)}{_failing(step)}."


def _connect(step: Step) -> str:
    if (tie := step.connect) is None:
        return ""
    verb, metadata = tied(tie.type, tie.metadata)
    done = verb.partition(" ")[0] in {"has", "was", "came"}
    lead = "Note that" if done else "From now on,"
    return f"{lead} {subject(tie.from_, verb)} {words(tie.to)}{along(metadata)}{_kept(step)}."


_HAPPENED = {
    "entity_created": "entityType",
    "entity_updated": "entityType",
    "entity_deleted": "entityType",
    "entity_published": "entityType",
    "payment_processed": "status",
    "token_transacted": "action",
    "content_interacted": "interactionType",
    "agent_executed": "status",
}


def _happening(kind: str, metadata: Values) -> tuple[str, Values]:
    """What happened in quotes (`“payment completed”`), and what is left to say of it."""
    key = _HAPPENED.get(kind)
    what = metadata.get(key) if key else None
    if not isinstance(what, Lit):
        return f"“{named(kind)}”", metadata
    said, left = named(str(what.value)), {one: metadata[one] for one in metadata if one != key}
    noun, _, verb = kind.partition("_")
    if key == "entityType":
        return f"“{'signed up' if said == 'audience member' else f'{said} {verb}'}”", left
    return f"“{plural(noun) if noun == 'token' else noun} {said}”", left


def _event(step: Step) -> str:
    if (event := step.event) is None:
        return ""
    metric, value = event.metadata.get("metricType"), event.metadata.get("value")
    if event.type == "metric_calculated" and isinstance(metric, Lit) and value is not None:
        what = named(str(metric.value))
        whole = of(words(event.entity), what) if event.entity is not None else what
        return f"Write down {words(value)} as {whole}."
    said, left = _happening(event.type, event.metadata)
    about = f" for {words(event.entity)}" if event.entity is not None else ""
    by = f" by {words(event.actor)}" if event.actor is not None else ""
    return f"Record {said}{by}{about}{along(left)}{_kept(step)}."


def _find(step: Step) -> str:
    return f"Find {asks(step.query)}{_kept(step)}{_failing(step)}." if step.query else ""


def _update(step: Step) -> str:
    if (update := step.update) is None:
        return ""
    target = words(update.target)
    parts = [_added(target, key, tree) for key, tree in update.add.items()]
    if len(update.set) == 1:
        parts += [f"change {of(target, named(k))} to {words(t)}" for k, t in update.set.items()]
    elif update.set:
        parts.append(f"change {target}{along(update.set, ': ')}")
    if update.status:
        parts.append(f"make {target} {update.status}")
    said = listed(parts)
    return f"{said[:1].upper()}{said[1:]}{_failing(step)}."


def _added(target: str, key: str, tree: Expr) -> str:
    whose = of(target, named(key))
    match tree:
        case Lit(int() | float() as amount) if amount < 0:
            return f"take {words(Lit(-amount))} from {whose}"
        case MoneyLit(amount, currency) if amount < 0:
            return f"take {words(MoneyLit(-amount, currency))} from {whose}"
        case Unary("-", amount):
            return f"take {words(amount)} from {whose}"
        case _:
            return f"add {words(tree)} to {whose}"


def _disconnect(step: Step) -> str:
    if (tie := step.disconnect) is None:
        return ""
    verb = over(tied(tie.type)[0])
    return f"From now on, {subject(tie.from_, verb)} {words(tie.to)}{_failing(step)}."


def _life(step: Step) -> str:
    target = step.delete or step.restore or step.archive or step.publish
    verb = {"restore": "Bring back"}.get(step.kind, step.kind.capitalize())
    return f"{verb} {words(target.target)}{_failing(step)}." if target else ""


def _tag(step: Step) -> str:
    names = listed([words(one) for one in step.tag.names]) if step.tag else ""
    return f"Tag {words(step.tag.target)} with {names}." if step.tag else ""


def _validate(step: Step) -> str:
    if (check := step.validate_) is None:
        return ""
    stop = f" and say {words(check.message)}" if check.message is not None else ""
    return f"Make sure that {says(to_condition(check))}, else stop{stop}."


def _if(step: Step) -> str:
    return f"If {says(step.if_.condition)}:" if step.if_ else ""


def _for_each(step: Step) -> str:
    if (loop := step.for_each) is None:
        return ""
    how = ", all at the same time" if loop.parallel else ""
    fails = ", going on if one fails" if loop.continue_on_error else ""
    one = "of" if loop.as_ == "each" else f"{named(loop.as_)} of"
    return f"For each {one} {words(loop.in_)}{how}{fails}:"


def _atomic(_: Step) -> str:
    return "All of this or nothing of it:"


def _parallel(_: Step) -> str:
    return "At the same time:"


def _try(_: Step) -> str:
    return "Try:"


def _flow(step: Step) -> str:
    return f"{step.flow.name or 'Do this'}:" if step.flow else ""


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


_ONES = {"1s": "seconds", "1m": "minutes", "1h": "hours", "1d": "days", "1w": "weeks"}


def _wait(step: Step) -> str:
    if isinstance(step.wait, str):
        return f"Wait {say_duration(step.wait)}."
    match step.wait.until if step.wait else None:
        case Binary("+", Call("now", ()), Ref(_) | Get() as length):
            return f"Wait as long as {words(length)}."
        case Binary("+", Call("now", ()), Binary("*", many, Lit(str(one)))) if one in _ONES:
            return f"Wait as many {_ONES[one]} as {words(many)}."
        case Lit(str(moment)) if not moment[:1].isdigit():  # friday, tomorrow 09:00
            day, _, clock = moment.partition(" ")
            day = day.capitalize() if day in DAYS else day
            return f"Wait until {day}{f' at {clock}' if clock else ''}."
        case _:
            pass
    return f"Wait until {words(step.wait.until)}." if step.wait else ""


def _wait_for(step: Step) -> str:
    if (event := step.wait_for_event) is None:
        return ""
    said, left = _happening(event.type, event.where)
    if event.type == "signal" and isinstance(name := event.where.get("name"), Lit):
        said = f"“{named(str(name.value))}”"
        left = {key: tree for key, tree in event.where.items() if key != "name"}
    who = f" by {words(event.actor)}" if event.actor is not None else ""
    about = f" for {words(event.entity)}" if event.entity is not None else ""
    limit = f", at most {say_duration(event.timeout)}" if event.timeout else ""
    if event.type in TIED and event.actor is not None and event.entity is not None:
        holds = f"{subject(event.actor, tied(event.type)[0])} {words(event.entity)}"
        return f"Wait until {holds}{limit}{_kept(step)}{_failing(step)}."
    return f"Wait for {said}{who}{about}{along(left)}{limit}{_kept(step)}{_failing(step)}."


def _return(step: Step) -> str:
    return f"Answer{along(step.return_)}, and end." if step.return_ else "Stop here."


def _set(step: Step) -> str:
    said = [f"set {named(key)} to {span(tree)}" for key, tree in (step.set or {}).items()]
    return f"S{listed(said)[1:]}."


def _grant(step: Step) -> str:
    if (grant := step.grant) is None:
        return ""
    when = f", once {says(grant.when)}" if grant.when is not None else ""
    who, asset = words(grant.to), words(grant.asset) if grant.asset is not None else ""
    kind = "tokens" if asset in {"", "the token"} else f"tokens of {asset}"
    if isinstance(grant.amount, MoneyLit):
        return f"Give {who} {words(grant.amount)}{when}."
    match grant.amount:
        case Lit(int() | float() as amount) if amount < 0:
            return f"Take {words(Lit(-amount))} {_units(kind, -amount)} from {who}{when}."
        case Unary("-", amount):
            return f"Take {words(amount)} in {kind} from {who}{when}."
        case Lit(int() | float() as amount):
            return f"Give {who} {words(grant.amount)} {_units(kind, amount)}{when}."
        case amount:
            said = words(amount)
            return f"Give {who} {said}{'' if said.endswith('tokens') else f' in {kind}'}{when}."


def _units(kind: str, count: float) -> str:
    return kind.replace("tokens", "token", 1) if count == 1 else kind


def _notify(step: Step) -> str:
    if (notify := step.notify) is None:
        return ""
    via = listed([_CHANNELS.get(one, f"by {one}") for one in notify.channels])
    who, what = words(notify.to), words(notify.about)
    said = f"Tell {who} {what}" if what.startswith("“") else f"Send {what} to {who}"
    return f"{said} {via}{along(notify.with_)}{_failing(step)}."


def _show(step: Step) -> str:
    if step.show is None:
        return ""
    to = f" to {words(step.show.to)}" if step.show.to is not None else ""
    return f"Show {listed([beside(*one) for one in step.show.values.items()])}{to}."


def _service(step: Step) -> str:
    if (call := step.service) is None:
        return ""
    left = dict(call.params)
    mind = left.pop("clone", None)
    if mind is not None and left.get("system") == Get(mind, "personality"):
        del left["system"]
    to = f" to {words(left.pop('to'))}" if "to" in left else ""
    at = f" at {words(left.pop('at'))}" if "at" in left else ""
    given = [words(left.pop("input"))] if {"input", "instruction"} <= left.keys() else []
    if isinstance(asked := left.get("instruction"), Lit):
        del left["instruction"]
        said = str(asked.value)
    else:
        said = _action(named(call.method), left)
    if isinstance(context := left.get("context"), Record):
        del left["context"]
        given += [_context(*one) for one in context.fields]
    source = f", from {listed(given)}" if given else ""
    shape = read_kind(str(kind.value)) if isinstance(kind := left.pop("as", None), Lit) else None
    retry = f", up to {_times(call.retry.times)}" if call.retry else ""
    limit = f", giving up after {say_duration(call.timeout)}" if call.timeout else ""
    asked_of = words(mind) if mind is not None else service_called(call.provider)
    lead = _MESSAGES.get(call.provider) or f"Ask {asked_of} to {said}"
    full = f"{lead}{to}{at}{source}{along(left)}{retry}{limit}"
    kept = f"{_kept(step)}, {say_kind(shape)}" if shape and step.output else _kept(step)
    return f"{full}{kept}{_failing(step)}."


_MESSAGES = {"email": "Send an email", "sms": "Send a text message", "push": "Send a push message"}


def service_called(name: str) -> str:
    """A service by its provider's name."""
    return _PROVIDERS.get(name) or the(name.removeprefix("$"))


def _times(count: int) -> str:
    return "once more" if count == 1 else f"{count} more times"


def _context(key: str, tree: Expr) -> str:
    return beside(key, tree) if isinstance(tree, Lit | MoneyLit) else words(tree)


def _action(action: str, given: dict[str, Expr]) -> str:
    """An action with the one thing it is about: `refund the payment`, `cancel the booking`."""
    key = "input" if "input" in given else next(iter(given), "")
    tree = given.get(key)
    if tree is None or not (key == "input" or (len(given) == 1 and isinstance(tree, Ref | Get))):
        return action
    said = words(tree)
    verb, _, noun = action.rpartition(" ")
    if verb and not said.endswith(noun):
        return action
    del given[key]
    return f"{verb or action} {said}"


def _call(step: Step) -> str:
    if (call := step.call) is None:
        return ""
    done = f"Run the feature “{named(call.feature)}”{along(call.input)}"
    return f"{done}{_kept(step)}{_failing(step)}."


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
    "flow": _flow,
}
