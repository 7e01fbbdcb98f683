"""The shapes of a flow, walked: checks, branches, calls, waits, loops, tries, all or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext

from one.compiler.emit import effects, outside
from one.compiler.emit.cases.scene import Name, names_of
from one.compiler.emit.cases.ways import (
    Ended,
    Failed,
    Shape,
    Side,
    Walk,
    place_in,
)
from one.compiler.emit.certain import holds_anyway, parts_of
from one.compiler.emit.expressions import call, constant, dotted, mapping
from one.compiler.emit.printing import quoted, source
from one.compiler.emit.scope import Local
from one.compiler.emit.shapes import kept_in
from one.compiler.emit.solving import There, Wanted, outcomes
from one.compiler.emit.statements import read_in
from one.compiler.expression import Binary, Call, Expr, Items, Lit, Ref
from one.compiler.kinds import Base, Kind
from one.compiler.predicates import to_condition
from one.compiler.program import Step, steps_of
from one.compiler.results import result_kind, shaped
from one.compiler.spoken import says


def _validate(on: Walk, step: Step, *, path: str) -> None:
    assert step.validate_ is not None
    message = step.validate_.message
    whole = to_condition(step.validate_)
    for n, condition in enumerate([whole] if message is not None else parts_of(whole)):
        if holds_anyway(on.program, condition, path=path):
            continue
        ways = outcomes(condition)
        sides = [Side(says(condition), way) for so, way in ways if so]
        broken = [Side(_broken(way), way) for so, way in ways if not so]
        if on.fork(f"{path}:{n}", *sides, *broken) < len(sides):
            continue
        match message:
            case None:
                raise Failed(on.code(effects.plain_message(condition), path))
            case Lit(str(words)):
                raise Failed(on.code(words, path))
            case _:
                raise Failed(on.code("", path))


def _broken(way: Sequence[Wanted]) -> str:
    return " and ".join(says(tree, holds=so) for tree, so in way)


def _set(on: Walk, step: Step, *, path: str) -> None:
    for name, tree in (step.set or {}).items():
        if name not in on.write.read:
            continue
        value = on.write.at(path).value(tree)
        meant = on.scene.plain(tree)
        if source(value) != on.write.names.bind(name):
            on.write.add(f"{on.write.names.bind(name)} = {source(value)}")
        if name in names_of(meant):
            on.opaque(iter([name]))
        else:
            on.scene.sets[name] = meant


def _return(on: Walk, step: Step, *, path: str) -> None:
    del on
    raise Ended(step.return_ or {}, path)


def _show(on: Walk, step: Step, *, path: str) -> None:
    assert step.show is not None
    at = on.write.at(path)
    for key, tree in step.show.values.items():
        said = f"{quoted(key)}: {source(at.value(tree))}"
        on.shown = [one for one in on.shown if not one.startswith(f"{quoted(key)}:")]
        on.shown.append(said)


def _if(on: Walk, step: Step, *, path: str) -> None:
    assert step.if_ is not None
    ways = outcomes(step.if_.condition)
    sides = [Side(_broken(way), way) for _, way in ways]
    side = on.fork(path, *sides)
    if ways[side][0]:
        on.block(step.if_.then, f"{path}.then")
    else:
        on.block(step.if_.else_, f"{path}.else")


def _service(on: Walk, step: Step, *, path: str) -> None:
    assert step.service is not None
    what = f"{step.service.provider} {step.service.method}"
    service = shaped(on.write.services, step.service, output=step.output or "")
    asked = outside.call_of(on.write, service, path=path, retry=step.on_error)
    if on.fails_here(path, what):
        failed = source(asked).replace(".call(", ".call_failed(", 1)
        on.write.save(step.output, f"await {failed}")
        raise Failed
    on.write.save(step.output, f"await {source(asked)}")
    if step.output:
        action = outside.action_of(on.write, step)
        service = on.write.services.get(step.service.provider)
        kind = Kind(Base.UNKNOWN)
        if action is not None and service is not None:
            kind = result_kind(service, action, wanted=step.output, params=step.service.params)
        on.scene.sets.pop(step.output, None)
        on.scene.names[step.output] = Name("answer", kind, place_in(path))
        on.scene.facts[Call("failed", (Ref(step.output),))] = False


def _feature(on: Walk, step: Step, *, path: str) -> None:
    used = step.call
    assert used is not None
    if on.fails_here(path, used.feature, always=False):
        raise Failed
    at = on.write.at(path)
    given = at.values(used.input)
    run = f"{on.write.run}.feature"
    asked = call(run, constant(at.path), constant(used.feature), given=given)
    on.write.save(step.output, f"await {source(asked)}")
    if step.output:
        on.scene.names[step.output] = Name("answer", place=place_in(path))


def _wait(on: Walk, step: Step, *, path: str) -> None:
    outside.write_wait(on.write, step, path=path)


def _wait_for(on: Walk, step: Step, *, path: str) -> None:
    waits = step.wait_for_event
    assert waits is not None
    event = waits.type.replace("_", " ")
    came = Side(f"{event} comes in time")
    side = on.fork(f"{path}?", came, Side(f"no {event} comes in time"))
    name = step.output or f"came at {path}"
    if side == 0:
        on.script.comes.append(place_in(path))
    on.write.save(step.output, f"await {source(outside.waited(on.write, step, path=path))}")
    on.scene.names[name] = Name("event", place=place_in(path))
    on.scene.facts[Ref(name)] = There(name) if side == 0 else None
    if side == 0:
        return
    if step.on_error is not None and step.on_error.return_ is not None:
        on.ends_with(step.on_error.return_, path)
    elif step.on_error is None and not step.output:
        raise Failed(on.code(outside.LATE, path))


def _for_each(on: Walk, step: Step, *, path: str) -> None:
    loop = step.for_each
    assert loop is not None
    of = on.write.at(path).value(loop.in_)
    kept = kept_in(on.write, loop.do)
    if _none_at_all(on, loop.in_, path):
        for one in kept:
            on.write.add(f"{on.write.names.bind(one)}: list[Value] = []")
        return
    on.opaque(name for name in _bound(loop.do) if name in on.scene.names or name in on.scene.sets)
    each, item = on.write.names.fresh("each"), on.write.names.bind(loop.as_)
    on.scene.names[loop.as_] = _item_of(on, loop.in_)
    lists = {one: on.write.names.fresh(f"every_{one}") for one in kept}
    for local in lists.values():
        on.write.add(f"{local}: list[Value] = []")
    items = f"{on.write.data}.each({quoted(on.write.relative(path))}, {source(of)})"
    unsure = not _sure_of_some(on, loop.in_)
    at = len(on.write.writer.lines)
    ended: Ended | Failed | None = None
    with on.write.writer.block(f"for {each}, {item} in {items}:"), on.inside(each, path):
        on.unsure += unsure
        try:
            with on.catching() if loop.continue_on_error else nullcontext():
                on.block(loop.do, f"{path}.do")
        except (Ended, Failed) as end:
            ended = end
        on.unsure -= unsure
        for one, local in lists.items():
            if one in on.write.names.known and ended is None:
                on.write.add(f"{local}.append({on.write.names.known[one].python})")
    if isinstance(ended, Failed) and loop.continue_on_error:
        ended = None
    if ended is not None and not loop.parallel:
        first = f"{each}, {item} = {items}[0]"
        _dedent(on, at, first)
    for one, local in lists.items():
        on.write.names.known[one] = Local(local)
    on.scene.leave(dict.fromkeys(_bound(loop.do)))
    if ended is not None:
        raise ended


def _dedent(on: Walk, at: int, head: str) -> None:
    """The body of a loop for its first item alone."""
    lines = on.write.writer.lines
    depth = "    " * on.write.writer.depth
    body = [line.removeprefix("    ") for line in _body(lines[at:]) if line.strip() != "pass"]
    lines[at:] = [depth + head, *body]


def _body(lines: list[str]) -> list[str]:
    """The lines behind a head, which may take several."""
    opened = next(n for n, line in enumerate(lines) if line.endswith(":"))
    return lines[opened + 1 :]


def _none_at_all(on: Walk, of: Expr, path: str) -> bool:
    """Whether the way is taken on which the list is empty."""
    match on.scene.plain(of):
        case Ref(name) as ref:
            found = on.scene.names.get(name)
            many = Call("length", (ref,))
            if on.scene.facts.get(many) == 0:
                return True
            if found is not None and (found.source in ("rows", "input") or _is_list(found)):
                some, none = (Binary(">", many, Lit(0)), True), (Binary("==", many, Lit(0)), True)
                words = name.replace("_", " ")
                sides = (
                    Side(f"there are {words}", (some,)),
                    Side(f"there are no {words}", (none,)),
                )
                return on.fork(f"{path}*", *sides) == 1
        case _:
            pass
    return False


def _is_list(found: Name) -> bool:
    """Whether a service answers a list there."""
    return found.source == "answer" and found.kind.base is Base.LIST


def _sure_of_some(on: Walk, of: Expr) -> bool:
    """Whether a list surely has an item."""
    match on.scene.plain(of):
        case Ref(name):
            found = on.scene.names.get(name, Name("opaque"))
            return found.source in ("rows", "input") or _is_list(found)
        case Items([_, *_]):
            return True
        case _:
            return False


def _item_of(on: Walk, of: Expr) -> Name:
    match on.scene.plain(of):
        case Ref(name) if name in on.scene.names:
            found = on.scene.names[name]
            kind = found.kind if found.source == "rows" else (found.kind.item or Kind(Base.UNKNOWN))
            if found.source in ("rows", "input"):
                return Name("item", kind, slot=found.slot, of=name)
        case _:
            pass
    return Name("opaque")


def _bound(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps_of(steps):
        if step.output:
            yield step.output
        yield from step.set or {}


def _parallel(on: Walk, step: Step, *, path: str) -> None:
    ends: list[Ended | Failed] = []
    for key, block in (step.parallel or {}).items():
        branch = on.write.names.fresh(f"in_{key}")
        place = quoted(on.write.relative(f"{path}.{key}"))
        on.write.add(f"{branch} = {on.write.data}.at({place})")
        with on.inside(branch, f"{path}.{key}"):
            try:
                on.block(block, f"{path}.{key}")
            except (Ended, Failed) as end:
                ends.append(end)
    for end in sorted(ends, key=lambda one: isinstance(one, Ended)):
        raise end


def _try(on: Walk, step: Step, *, path: str) -> None:
    tried = step.try_
    assert tried is not None
    ended: Ended | Failed | None = None
    try:
        if tried.catch:
            with on.catching():
                on.block(tried.do, f"{path}.do")
        else:
            on.block(tried.do, f"{path}.do")
    except Failed as failure:
        ended = None if tried.catch else failure
        try:
            on.block(tried.catch, f"{path}.catch")
        except (Ended, Failed) as end:
            ended = end
    except Ended as end:
        ended = end
    on.block(tried.finally_, f"{path}.finally")
    if ended is not None:
        raise ended


def _retry(on: Walk, step: Step, *, path: str) -> None:
    again = step.retry
    assert again is not None
    last = Failed()
    for n in range(1, again.times + 1):
        tried = on.write.names.fresh(f"try_{n}")
        place = quoted(on.write.relative(f"{path}[try={n}]"))
        at = len(on.write.writer.lines)
        on.write.add(f"{tried} = {on.write.data}.at({place})")
        try:
            with on.inside(tried, path), on.catching():
                on.block(again.do, f"{path}.do")
            return
        except Failed as failure:
            last = failure
        if len(on.write.writer.lines) == at + 1:
            del on.write.writer.lines[at:]
        if again.delay and n < again.times:
            longer = 2 ** (n - 1) if again.backoff == "exponential" else 1
            pause = source(effects.length(on.write.at(path), again.delay))
            on.write.add(f"did.paused({pause}{f' * {longer}' if longer > 1 else ''})")
    if not again.fallback:
        raise last
    on.block(again.fallback, f"{path}.fallback")


def _checkpoint(on: Walk, step: Step, *, path: str) -> None:
    point = step.step
    assert point is not None
    at = on.write.at(path)
    number = {} if point.number is None else {"number": constant(point.number)}
    run = f"{on.write.run}.checkpoint"
    said = call(run, constant(at.path), constant(point.name), **number)
    on.write.add(f"await {source(said)}")
    on.block(point.do, f"{path}.do")


def _flow(on: Walk, step: Step, *, path: str) -> None:
    assert step.flow is not None
    on.block(step.flow.steps, f"{path}.steps")


def _later(on: Walk, step: Step, *, path: str) -> None:
    later = step.later
    assert later is not None
    at = on.write.at(path)
    read = read_in(later.do)
    known = on.write.names.known
    names = mapping({one: dotted(known[one].python) for one in known if one in read})
    when = {"when": constant(later.when)} if later.when else {}
    said = call(f"{on.write.run}.later", constant(at.path), names=names, **when)
    on.write.add(f"await {source(said)}")
    on.later.append((path, later.do))


def _atomic(on: Walk, step: Step, *, path: str) -> None:
    """Everything inside, or what was called is taken back."""
    steps = list(enumerate(step.atomic or []))
    done: list[tuple[int, Step]] = []
    pairs = outside.pairs_of(on.write, step)
    first, calls, last = outside.ordered(on.write, steps)
    try:
        with on.catching():
            for n, one in first:
                on.step(one, f"{path}.atomic.{n}")
            for n, called in calls:
                one = outside.with_result(on.write, called, named=pairs.get(n))
                on.step(one, f"{path}.atomic.{n}")
                done.append((n, one))
            for n, one in last:
                on.step(one, f"{path}.atomic.{n}")
    except Failed:
        for n, one in reversed(done):
            _undone(on, one, f"{path}.atomic.{n}", named=pairs.get(n))
        raise


def _undone(on: Walk, step: Step, path: str, *, named: Step | None) -> None:
    action = outside.action_of(on.write, step)
    if action is None or (not action.inverse and named is None):
        return
    back = outside.undo_of(on.write, step, named=named)
    on.write.add(f"await {source(outside.call_of(on.write, back, path=f'{path}.undo'))}")


SHAPES: Mapping[str, Shape] = {
    "validate": _validate,
    "set": _set,
    "return": _return,
    "show": _show,
    "if": _if,
    "service": _service,
    "call": _feature,
    "wait": _wait,
    "waitForEvent": _wait_for,
    "forEach": _for_each,
    "parallel": _parallel,
    "try": _try,
    "retry": _retry,
    "step": _checkpoint,
    "flow": _flow,
    "later": _later,
    "atomic": _atomic,
}
"""By primitive; all others are data commands."""
