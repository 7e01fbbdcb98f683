"""A program as canonical English. What no plain phrase says exactly is written as an expression.

`write_english` proves each sentence by reading it back: a step that would not come back as itself
is written with EXACTLY and its JSON.
"""

from collections.abc import Callable, Iterator, Sequence

import orjson

from one.compiler.bind.dates import DAYS, MONTHS
from one.compiler.bind.literals import say_duration, say_money
from one.compiler.diagnosis import listed
from one.compiler.expression import (
    Binary,
    Call,
    Expr,
    Get,
    Items,
    Lit,
    MoneyLit,
    Record,
    Ref,
    Template,
    Unary,
    write_value,
)
from one.compiler.predicates import to_condition
from one.compiler.program import Every, Filter, Program, Query, Slot, Step, Tie, Trigger
from one.compiler.vocabulary import plural, spaced
from one.ontology.words import article

Lines = list[str]
_OPS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_SAID = {
    "==": "is",
    "!=": "is not",
    ">": "is more than",
    ">=": "is at least",
    "<": "is less than",
    "<=": "is at most",
}


# --- values -------------------------------------------------------------------------------------


def say(tree: Expr) -> str:
    """A value in English; what has no phrase of its own is an expression in `$(…)`."""
    match tree:
        case Lit(str(text)):
            return _quoted(text)
        case Lit(bool(value)):
            return "yes" if value else "no"
        case Lit(int(value)) | Lit(float(value)):
            return str(value)
        case MoneyLit(amount, currency):
            return say_money(amount, currency)
        case Ref(name):
            return spaced(name)
        case Template(parts):
            return '"' + "".join(_part(part) for part in parts) + '"'
        case _:
            return _phrase(tree)


def _phrase(tree: Expr) -> str:
    match tree:
        case Call("me", ()):
            return "me"
        case Get(of, key) if isinstance(of, Ref | Get):
            return f"{say(of)}'s {spaced(key)}"
        case Call("balance", (of,)) if isinstance(of, Ref):
            return f"{say(of)}'s token balance"
        case Call("length", (of,)) if isinstance(of, Ref):
            return f"number of {say(of)}"
        case Binary(op, left, right) if op in _OPS and _simple(left) and _simple(right):
            return f"{say(left)} {_OPS[op]} {say(right)}"
        case Items(values) if len(values) > 1 and all(_simple(one) for one in values):
            return ", ".join(say(one) for one in values[:-1]) + " and " + say(values[-1])
        case _:
            return exact(tree)


def exact(tree: Expr) -> str:
    """The value as the Technical DSL writes it."""
    text = write_value(tree)
    if isinstance(text, str) and text.startswith("$("):
        return text
    return f"$({orjson.dumps(text).decode()})" if not isinstance(text, str) else text


def _simple(tree: Expr) -> bool:
    return isinstance(tree, Lit | MoneyLit | Ref) or (isinstance(tree, Get) and _simple(tree.of))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _part(part: "str | Expr") -> str:
    return part.replace('"', '\\"') if isinstance(part, str) else "{" + say(part) + "}"


def say_condition(tree: Expr) -> str:
    """A condition in English."""
    match tree:
        case Binary("and" | "or" as op, left, right):
            return f"{say_condition(left)} {op} {say_condition(right)}"
        case Binary("!=", left, Lit(None)):
            return f"{say(left)} exists"
        case Binary("==", left, Lit(None)):
            return f"{say(left)} does not exist"
        case Binary(">", Call("length", (left,)), Lit(0)):
            return f"{say(left)} is not empty"
        case Binary("==", Call("length", (left,)), Lit(0)):
            return f"{say(left)} is empty"
        case Binary(op, left, right) if op in _SAID:
            return f"{say(left)} {_SAID[op]} {say(right)}"
        case Call("owns", (left, right)):
            return f"{say(left)} owns {say(right)}"
        case Call("failed", (left,)):
            return f"{say(left)} failed"
        case Unary("not", Call("failed", (left,))):
            return f"{say(left)} succeeded"
        case _:
            return exact(tree)


# --- steps --------------------------------------------------------------------------------------


def _with(values: dict[str, Expr]) -> Lines:
    return [f"  WITH {_key(key)}: {say(tree)}" for key, tree in values.items()]


def _key(key: str) -> str:
    return spaced(key.removeprefix("x_"))


def _saved(step: Step) -> Lines:
    return [f"  SAVE AS {spaced(step.output)}"] if step.output else []


def _indent(lines: Sequence[str]) -> Lines:
    return ["  " + line for line in lines]


def _entity(step: Step) -> Lines | None:
    entity = step.entity
    if entity is None:
        return None
    name = f" called {say(entity.name)}" if entity.name is not None else ""
    lines = [f"CREATE {spaced(entity.type)}{name}", *_with(entity.properties)]
    if entity.status:
        lines.append(f"  WITH {entity.status} status")
    if entity.visibility:
        lines.append(f"  WITH {entity.visibility} visibility")
    return [*lines, *_saved(step)]


def _connect(step: Step) -> Lines | None:
    connect = step.connect
    if connect is None or step.output:
        return None
    head = f"CONNECT {say(connect.from_)} to {say(connect.to)} as {spaced(connect.type)}"
    return [head, *_with(connect.metadata)]


def _event(step: Step) -> Lines | None:
    event = step.event
    if event is None or event.entity is None or step.output:
        return None
    by = [f"  BY {say(event.actor)}"] if event.actor is not None else []
    return [
        f"RECORD {spaced(event.type)}",
        *by,
        f"  FOR {say(event.entity)}",
        *_with(event.metadata),
    ]


def _validate(step: Step) -> Lines | None:
    if step.validate_ is None:
        return None
    lines = [f"CHECK {say_condition(to_condition(step.validate_))}"]
    if step.validate_.message is not None:
        lines.append(f"  OTHERWISE say {say(step.validate_.message)}")
    return lines


def _wait(step: Step) -> Lines | None:
    return [f"WAIT {say_duration(step.wait)}"] if isinstance(step.wait, str) else None


def _grant(step: Step) -> Lines | None:
    grant = step.grant
    if grant is None or grant.when is not None or not _simple(grant.amount):
        return None
    token = f"tokens of {say(grant.asset)}" if grant.asset is not None else "tokens"
    return [f"GIVE {say(grant.to)} {say(grant.amount)} {token}"]


def _tag(step: Step) -> Lines | None:
    tag = step.tag
    names = ", ".join(say(one) for one in tag.names) if tag else ""
    return [f"TAG {say(tag.target)} WITH {names}"] if tag else None


def _notify(step: Step) -> Lines | None:
    notify = step.notify
    if notify is None:
        return None
    via = "" if notify.channels == ["app"] else f" VIA {' and '.join(notify.channels)}"
    return [f"NOTIFY {say(notify.to)} ABOUT {say(notify.about)}{via}", *_with(notify.with_)]


def _life(step: Step) -> Lines | None:
    for verb in ("delete", "restore", "archive", "publish"):
        target = getattr(step, verb)
        if target is not None:
            return [f"{verb.upper()} {say(target.target)}"]
    return None


def _returned(step: Step) -> Lines | None:
    if step.return_ is None:
        return None
    if not step.return_:
        return ["GIVE AND STOP HERE"]
    if all(tree == Ref(name) for name, tree in step.return_.items()):
        return [f"GIVE {', '.join(spaced(name) for name in step.return_)}"]
    return ["GIVE:", *(f"  - {spaced(name)}: {say(tree)}" for name, tree in step.return_.items())]


def _set(step: Step) -> Lines | None:
    if step.set is None or len(step.set) != 1:
        return None
    (name, tree), *_ = step.set.items()
    return [f"SET {spaced(name)} to {say(tree)}"]


def _show(step: Step) -> Lines | None:
    show = step.show
    if show is None or any(tree != Ref(name) for name, tree in show.values.items()):
        return None
    to = f" TO {say(show.to)}" if show.to is not None else ""
    return [f"SHOW {', '.join(spaced(name) for name in show.values)}{to}"]


def _update(step: Step) -> Lines | None:
    update = step.update
    if update is None or update.add:
        return None
    status = [f"  WITH {update.status} status"] if update.status else []
    return [f"UPDATE {say(update.target)}", *_with(update.set), *status]


def _disconnect(step: Step) -> Lines | None:
    ended = step.disconnect
    if ended is None:
        return None
    return [f"DISCONNECT {say(ended.from_)} from {say(ended.to)} as {spaced(ended.type)}"]


def _service(step: Step) -> Lines | None:
    call = step.service
    if call is None:
        return None
    given = dict(call.params)
    said = given.pop("instruction", None)
    plain = isinstance(said, Lit) and isinstance(said.value, str)
    action = str(said.value) if isinstance(said, Lit) and plain else spaced(call.method)
    for name in ("context", "metadata"):
        if isinstance(beside := given.get(name), Record):
            del given[name]
            given.update(dict(beside.fields))
    retry = [f"  RETRY {call.retry.times} times"] if call.retry else []
    limit = [f"  TIMEOUT after {say_duration(call.timeout)}"] if call.timeout else []
    head = f"CALL {call.provider} to {action}"
    shape = _SHAPES.get(str(kind.value)) if isinstance(kind := given.get("as"), Lit) else None
    if shape and step.output:
        del given["as"]
    saved = [f"{line} as {shape}" if shape else line for line in _saved(step)]
    return [head, *_with(given), *retry, *limit, *saved]


_SHAPES = {"number": "number", "text": "text", "text[]": "list", "boolean": "yes/no"}


def _query(step: Step) -> Lines | None:
    query = step.query
    if query is None or query.from_ != "entities" or query.required:
        return None
    noun = _noun(query)
    if noun is None:
        return None
    count = "number of " if query.select == "count" else ""
    where = [said for one in query.where if (said := _where(one))]
    lines = [f"GET {count}{_order(query)}{_whose(query)}{noun}"]
    if query.search is not None:
        lines.append(f"  ABOUT {say(query.search)}")
    if where:
        lines.append(f"  WHERE {' and '.join(where)}")
    return [*lines, *_saved(step)]


def _noun(query: Query) -> str | None:
    for one in query.where:
        if one.field == "type" and isinstance(one.value, Lit):
            noun = spaced(str(one.value.value))
            return noun if query.limit == 1 else plural(noun)
        if one.field == "type":
            return _people(query) if _kinds(one) == {"audience_member", "creator"} else "content"
    return None


def _kinds(one: Filter) -> set[str]:
    values = one.value.values if isinstance(one.value, Items) else ()
    return {str(value.value) for value in values if isinstance(value, Lit)}


_ROLES = {"following": "followers", "member_of": "members", "enrolled_in": "students"}


def _people(query: Query) -> str:
    ties = (one.connected for one in query.where)
    known = (_ROLES.get(tie.type) for tie in ties if tie and tie.to == Call("me", ()))
    return next(known, None) or "people"


def _order(query: Query) -> str:
    by = query.order_by[0].field if query.order_by else ""
    if query.limit == 1:
        return "newest " if by == "createdAt" else ""
    if by == "createdAt":
        return f"newest {query.limit or ''} ".replace("  ", " ")
    if by == "engagement":
        return f"top {query.limit} "
    return "" if query.select or query.search is not None else "all "


def _whose(query: Query) -> str:
    mine = any(
        one.connected is not None and one.connected.from_ == Call("me", ()) for one in query.where
    )
    return "my " if mine else ""


def _others(tie: Tie) -> str:
    """What is counted of a row."""
    end = tie.from_ if tie.from_ is not None else tie.to
    noun = str(end.value) if isinstance(end, Lit) else "thing"
    return _ROLES.get(tie.type, "people") if noun == "thing" else plural(spaced(noun))


def _where(one: Filter) -> str:
    said = {"eq": "is", "ne": "is not", "gt": "is more than", "gte": "is at least"}
    said |= {"lt": "is less than", "lte": "is at most", "contains": "contains"}
    if one.connected is not None and one.operator in said and one.value is not None:
        return f"number of {_others(one.connected)} {said[one.operator]} {say(one.value)}"
    if one.field in {None, "type"} or one.operator not in said or one.value is None:
        return ""
    return f"{spaced(str(one.field))} {said[one.operator]} {say(one.value)}"


_PLAIN: tuple[Callable[[Step], Lines | None], ...] = (
    _entity,
    _connect,
    _event,
    _validate,
    _wait,
    _grant,
    _tag,
    _notify,
    _life,
    _returned,
    _set,
    _show,
    _update,
    _disconnect,
    _service,
    _query,
)


def plain_lines(step: Step) -> Lines | None:
    """The step in English, when a command says it."""
    if step.id or (step.on_error and not step.atomic):
        return None
    for write in _PLAIN:
        if (lines := write(step)) is not None:
            return lines
    return None


def exactly(step: Step) -> Lines:
    """The step as its JSON."""
    body = step.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    return [f"EXACTLY {orjson.dumps(body).decode()}"]


def step_lines(step: Step, reads_back: Callable[[Step, Lines], bool]) -> Lines:
    """The step in English that reads back as itself."""
    nested = _nested(step, reads_back)
    lines = nested if nested is not None else plain_lines(step)
    if lines is not None and reads_back(step, lines):
        return lines
    return exactly(step)


def _block(steps: Sequence[Step], reads_back: Callable[[Step, Lines], bool]) -> Lines:
    return _indent([line for step in steps for line in step_lines(step, reads_back)])


def _nested(step: Step, reads_back: Callable[[Step, Lines], bool]) -> Lines | None:
    if step.id:
        return None
    match step:
        case Step(if_=body) if body is not None:
            lines = [f"IF {say_condition(body.condition)}:", *_block(body.then, reads_back)]
            return [*lines, "ELSE:", *_block(body.else_, reads_back)] if body.else_ else lines
        case Step(for_each=loop) if loop is not None:
            tail = " AT SAME TIME" if loop.parallel else ""
            fails = ["  CONTINUE IF ONE FAILS"] if loop.continue_on_error else []
            head = f"FOR EACH {spaced(loop.as_)} IN {say(loop.in_)}{tail}"
            return [head, *_block(loop.do, reads_back), *fails]
        case Step(step=point) if point is not None:
            number = f"{point.number} " if point.number is not None else ""
            return [f"STEP {number}{point.name}:", *_block(point.do, reads_back)]
        case Step(atomic=steps) if steps is not None:
            undo = step.on_error.rollback if step.on_error else []
            lines = ["DO TOGETHER:", *_block(steps, reads_back)]
            return [*lines, "IF ANY FAIL:", *_block(undo, reads_back)] if undo else lines
        case _:
            return None


# --- heads --------------------------------------------------------------------------------------


def head_lines(program: Program) -> Lines:
    """Title, trigger, inputs and outputs."""
    lines = [f"FEATURE: {program.title or spaced(program.feature)}", ""]
    if program.trigger is not None:
        lines += [trigger_line(program.trigger), ""]
    for name, slots in (("INPUT", program.input), ("OUTPUT", program.output)):
        if slots:
            lines += [f"{name}:", *(f"  - {_slot(key, slot)}" for key, slot in slots.items()), ""]
    return lines


def _slot(name: str, slot: Slot) -> str:
    """`name: gloss (type, limits)`."""
    gloss = f" {slot.gloss}" if slot.gloss else ""
    return f"{spaced(name)}:{gloss} ({', '.join([slot.type.removesuffix('?'), *_limits(slot)])})"


def _limits(slot: Slot) -> Iterator[str]:
    if slot.optional:
        yield "optional"
    least, most = (one and bound(slot, one, how=say) for one in (slot.min, slot.max))
    if least and most:
        yield f"between {least} and {most}"
    elif least or most:
        yield f"at least {least}" if least else f"at most {most}"
    if slot.one_of:
        yield "one of: " + " or ".join(_bare(one) for one in slot.one_of)
    if slot.default is not None:
        yield f"default {say(slot.default)}"


def bound(slot: Slot, tree: Expr, *, how: Callable[[Expr], str]) -> str:
    """The least or the most that a slot takes, a length of time as `30 minutes`."""
    timed = slot.type.rstrip("?") == "duration"
    match tree:
        case Lit(str(length)) if timed:
            return say_duration(length)
        case _:
            return how(tree)


def _bare(tree: Expr) -> str:
    return str(tree.value) if isinstance(tree, Lit) else say(tree)


def trigger_line(trigger: Trigger) -> str:
    """WHEN or EVERY."""
    if trigger.every is not None:
        return _schedule(trigger.every)
    actor, entity = article(spaced(trigger.actor or "person")), spaced(trigger.entity or "it")
    if trigger.mine:
        entity = "me" if trigger.entity == "creator" else f"my {entity}"
    else:
        entity = article(entity)
    return f"WHEN {_happening(trigger, actor=actor, entity=entity)}"


def _schedule(every: Every) -> str:
    """EVERY with its days and times."""
    at = f" at {listed(every.times, 'and')}" if every.times else ""
    days = every.days
    if every.count > 1:
        return f"EVERY {every.count} {every.unit}s{at}"
    if every.unit == "week" and days:
        workdays = [day.lower() for day in days] == [*DAYS[:5]]
        said = "WEEKDAY" if workdays else listed([day.upper() for day in days], "and")
        return f"EVERY {said}{at}"
    if every.unit == "year" and days:
        month, day = days[0].split("-")
        return f"EVERY {MONTHS[int(month) - 1].upper()} {int(day)}{at}"
    on = f" on the {_counted(int(days[0]))}" if every.unit == "month" and days else ""
    return f"EVERY {every.unit.upper()}{on}{at}"


def _counted(number: int) -> str:
    """`1st`, `22nd`, `13th`; the 31st is the last of every month."""
    if number == 31:
        return "last day"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number in {11, 12, 13} else ending}"


_VERBS = {
    "enrolled_in": "enrolls in",
    "following": "follows",
    "member_of": "joins",
    "transacted": "buys",
    "engaged_with": "likes",
    "completed": "completes",
    "content_viewed": "views",
    "content_downloaded": "downloads",
}


_INTERACTS = {"commented": "comments on", "shared": "shares", "rated": "rates", "saved": "saves"}


def _happening(trigger: Trigger, *, actor: str, entity: str) -> str:
    if trigger.metric is not None:
        reaches = say(trigger.reaches) if trigger.reaches is not None else ""
        if entity == "me":
            return f"my {spaced(trigger.metric)} reach {reaches}"
        return f"{entity} reaches {reaches} {spaced(trigger.metric)}"
    if trigger.signal is not None:
        return f"signal {spaced(trigger.signal)}"
    made, shown = trigger.created, trigger.published
    if made == "message" and trigger.actor:
        return f"{actor} sends {entity}"
    if made in {"audience_member", "creator"} and trigger.entity is None:
        return f"{actor} signs up"
    if made is not None or shown is not None:
        verb = "creates" if made else "publishes"
        return (
            f"{actor} {verb} {entity}"
            if trigger.actor
            else f"{entity} is {'created' if made else 'published'}"
        )
    kind = trigger.where.get("interactionType")
    if isinstance(kind, Lit) and trigger.event == "content_interacted":
        return f"{actor} {_INTERACTS.get(str(kind.value), 'uses')} {entity}"
    status = trigger.where.get("status")
    if trigger.event == "payment_processed" and isinstance(status, Lit):
        return f"{entity} {status.value}"
    name = trigger.connection or trigger.event or ""
    if name == "assessment_completed" and trigger.where.keys() == {"passed"}:
        passed = trigger.where["passed"] != Lit(False)
        return f"{actor} {'passes' if passed else 'fails'} a quiz"
    if name == "progress_updated" and trigger.where == {"progress": Lit(1)}:
        name = "completed"
    if trigger.entity is None:
        any_ = " anything" if trigger.connection else ""
        return f"{actor} {_VERBS.get(name, spaced(name))}{any_}"
    return f"{actor} {_VERBS.get(name, spaced(name))} {entity}"


def all_lines(program: Program, reads_back: Callable[[Step, Lines], bool]) -> Iterator[str]:
    """The whole program, line by line."""
    yield from head_lines(program)
    for step in program.flow:
        yield from step_lines(step, reads_back)
