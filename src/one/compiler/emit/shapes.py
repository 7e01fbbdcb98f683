"""The shapes of a flow as statements: checks, branches, loops, tries, what goes at once, later."""

import ast
from collections.abc import Mapping, Sequence

from one.compiler.emit.certain import holds_anyway, parts_of
from one.compiler.emit.effects import length, plain_message
from one.compiler.emit.expressions import asks, call, constant, mapping, name, opposite
from one.compiler.emit.printing import source
from one.compiler.emit.scope import Local, Static
from one.compiler.emit.statements import Part, Shape, Statements, bound_in, read_in, times_read
from one.compiler.expression import Binary, Expr, Lit, Unary
from one.compiler.predicates import to_condition
from one.compiler.program import If, Step, Validate, steps_of


def write_validate(write: Statements, step: Step, *, path: str) -> None:
    """What must hold, or the run ends: with the words given, else each part with its own."""
    assert step.validate_ is not None
    message = step.validate_.message
    whole = to_condition(step.validate_)
    for condition in [whole] if message is not None else parts_of(whole):
        if holds_anyway(write.program, condition, path=path):
            continue
        test = opposite(write.at(path).condition(condition))
        if isinstance(test, ast.Constant) and not test.value:
            continue
        with write.writer.block(f"if {source(test)}:"):
            _refused(write, condition, message, path=path)


def _refused(write: Statements, condition: Expr, message: Expr | None, *, path: str) -> None:
    match message:
        case Lit(str(words)):
            write.refuse(constant(words), said=words, path=path)
        case None:
            words = plain_message(condition)
            write.refuse(constant(words), said=words, path=path)
        case tree:
            write.refuse(write.at(path).words(tree), said="", path=path)


def write_set(write: Statements, step: Step, *, path: str) -> None:
    for key, tree in (step.set or {}).items():
        if key not in write.read:
            continue
        value, static = write.at(path).typed(tree)
        static = Static.VALUE if key in write.names.known else static
        if source(value) == write.names.bind(key, static):  # it is itself
            continue
        write.add(f"{write.names.bind(key, static)} = {source(value)}")


def write_return(write: Statements, step: Step, *, path: str) -> None:
    write.give(step.return_ or {}, path)


def write_show(write: Statements, step: Step, *, path: str) -> None:
    assert step.show is not None
    values = write.at(path).values(step.show.values)
    write.add(source(call(f"{write.run}.show", values)))


def write_if(write: Statements, step: Step, *, path: str) -> None:
    """A branch; what follows an end needs no `else`."""
    assert step.if_ is not None
    step, path = _both(write, step, path)
    if (check := _only_check(step)) is not None:
        write_validate(write, check, path=f"{path}.then.0")
        return
    assert step.if_ is not None
    test = _tested(write, step.if_.condition, path)
    then, other = step.if_.then, step.if_.else_
    write.declare(bound_in([*then, *other]), sure=_in_both(then, other))
    with write.writer.block(f"if {test}:"):
        write.block(then, f"{path}.then")
    while other and not ends(then):
        if (check := _lone_check(write, other)) is not None:
            test = opposite(write.at(f"{path}.else.0").condition(check))
            write.writer.say(f"{path}.else.0")
            with write.writer.block(f"elif {source(test)}:"):
                message = other[0].validate_.message if other[0].validate_ else None
                _refused(write, check, message, path=f"{path}.else.0")
            return
        inner = other[0].if_
        if len(other) > 1 or inner is None or not _simple(write, inner.condition):
            with write.writer.block("else:"):
                write.block(other, f"{path}.else")
            return
        path = f"{path}.else.0"
        write.writer.say(path)
        test = source(write.at(path).condition(inner.condition))
        with write.writer.block(f"elif {test}:"):
            write.block(inner.then, f"{path}.then")
        then, other = inner.then, inner.else_
    write.block(other, f"{path}.else")


def _both(write: Statements, step: Step, path: str) -> tuple[Step, str]:
    """A branch that holds nothing but another one as one branch, with its place."""
    while step.if_ is not None and not step.if_.else_ and len(step.if_.then) == 1:
        inner = step.if_.then[0].if_
        simple = _simple(write, step.if_.condition) and inner and _simple(write, inner.condition)
        if inner is None or inner.else_ or not simple:
            break
        path = f"{path}.then.0"
        write.writer.say(path)
        both = Binary("and", step.if_.condition, inner.condition)
        step = Step(if_=If(condition=both, then=inner.then))
    return step, path


def _only_check(step: Step) -> Step | None:
    """A branch that does nothing but check something, as one check."""
    branch = step.if_
    inner = branch.then[0] if branch and len(branch.then) == 1 and not branch.else_ else None
    if branch is None or inner is None or inner.validate_ is None or inner.on_error is not None:
        return None
    checked = to_condition(inner.validate_)
    message = inner.validate_.message
    if asks(branch.condition) or asks(checked) or (message is None and len(parts_of(checked)) > 1):
        return None
    either = Binary("or", Unary("not", branch.condition), checked)
    words = message if message is not None else Lit(plain_message(checked))
    return Step(validate_=Validate(condition=either, message=words))


def _lone_check(write: Statements, steps: Sequence[Step]) -> Expr | None:
    """What has to hold, where that one check is all of the steps."""
    check = steps[0].validate_
    if check is None or len(steps) > 1 or steps[0].on_error is not None:
        return None
    condition = to_condition(check)
    lone = check.message is not None or len(parts_of(condition)) == 1
    return condition if lone and _simple(write, condition) else None


def _in_both(then: Sequence[Step], other: Sequence[Step]) -> frozenset[str]:
    """The names that whoever comes past a branch has bound."""
    if ends(then):
        return _surely(other)
    return _surely(then) & _surely(other) if not ends(other) else _surely(then)


def _surely(steps: Sequence[Step]) -> frozenset[str]:
    """The names that steps bind whenever they run."""
    found: set[str] = set()
    for step in steps:
        if step.on_error is not None or step.for_each is not None:
            continue
        if step.if_ is not None:
            found |= _in_both(step.if_.then, step.if_.else_)
        if step.output and not list(step.blocks()):
            found.add(step.output)
        found |= (step.set or {}).keys()
    return frozenset(found)


def ends(steps: Sequence[Step]) -> bool:
    """Whether steps surely end the flow."""
    return bool(steps) and steps[-1].return_ is not None


def _simple(write: Statements, condition: Expr) -> bool:
    return bool(write.data) or not asks(condition)


def _tested(write: Statements, condition: Expr, path: str) -> str:
    found = write.looked_up({"it_holds": condition}, path)
    return source(write.at(path).condition(found["it_holds"]))


def _listed(write: Statements, items: Expr, path: str) -> str:
    return source(write.at(path).value(write.looked_up({"items": items}, path)["items"]))


def write_for_each(write: Statements, step: Step, *, path: str) -> None:
    loop = step.for_each
    assert loop is not None
    if loop.parallel:
        _at_once(write, step, path=path)
        return
    of = _listed(write, loop.in_, path)
    saved = kept_in(write, loop.do)
    lists = {one: write.names.fresh(f"every_{one}") for one in saved}
    for local in lists.values():
        write.add(f"{local}: list[Value] = []")
    holder = write.data or write.run
    with write.names.inside(), write.loop():
        inner = write.names.fresh("each_data" if write.data else "each_run")
        item = write.names.bind(loop.as_)
        each = f"{holder}.each({write.place(path)}, {of})"
        with write.writer.block(f"for {inner}, {item} in {each}:"):
            outer = (write.run, write.data, write.front)
            write.front = path
            write.run, write.data = (write.run, inner) if write.data else (inner, "")
            _one_item(write, step, path=path, lists=lists)
            write.run, write.data, write.front = outer
    for one, local in lists.items():
        write.names.known[one] = Local(local)


def _one_item(write: Statements, step: Step, *, path: str, lists: Mapping[str, str]) -> None:
    loop = step.for_each
    assert loop is not None
    if not loop.continue_on_error:
        write.block(loop.do, f"{path}.do")
        _kept(write, lists)
        return
    with write.writer.block("try:"), write.writer.merged(f"async with {write.run}.attempt()"):
        write.block(loop.do, f"{path}.do")
        _kept(write, lists)
    with write.writer.block("except Failure:"):
        write.add("continue")


def kept_in(write: Statements, steps: Sequence[Step]) -> list[str]:
    """Names that a loop's body binds for the first time and that are read after it."""
    inside = times_read(steps)
    found = [one for one in dict.fromkeys(bound_in(steps)) if one not in write.names.known]
    return [one for one in found if write.times[one] > inside[one]]


def _kept(write: Statements, lists: Mapping[str, str]) -> None:
    for one, local in lists.items():
        if one in write.names.known:
            write.add(f"{local}.append({write.names.known[one].python})")


def _at_once(write: Statements, step: Step, *, path: str) -> None:
    loop = step.for_each
    assert loop is not None
    of = _listed(write, loop.in_, path)
    saved = kept_in(write, loop.do)
    lists = {one: write.names.fresh(f"every_{one}") for one in saved}
    for local in lists.values():
        write.add(f"{local}: list[Value] = []")
    body = write.names.fresh(f"each_{loop.as_}")
    with write.names.inside():
        item = write.names.bind(loop.as_)
        with write.function(body, _gives(loop.do), params={"run": "Run", item: "Value"}):
            _function(write, loop.do, path=f"{path}.do", front=path, lists=lists)
    carry = ", carry_on=True" if loop.continue_on_error else ""
    _answered(write, f"{write.run}.at_once({write.place(path)}, {of}, body={body}{carry})", loop.do)
    for one, local in lists.items():
        write.names.known[one] = Local(local)


def _function(
    write: Statements,
    steps: Sequence[Step],
    *,
    path: str,
    front: str,
    lists: Mapping[str, str] | None = None,
) -> None:
    """The body of an inner function with a run of its own, whose paths begin at a front."""
    outer = (write.run, write.data, write.front)
    write.run, write.data, write.front = "run", "", front
    write.writer.forget()
    write.block(steps, path)
    _kept(write, lists or {})
    if _may_end(steps) and not ends(steps):
        write.add("return None")
    write.run, write.data, write.front = outer


def _may_end(steps: Sequence[Step]) -> bool:
    """Whether some step, wherever in them, ends the flow with an answer."""
    return any(
        step.return_ is not None
        or (step.on_error is not None and "error" not in (step.on_error.return_ or {"error": ""}))
        for step in steps_of(steps)
    )


def _gives(steps: Sequence[Step]) -> str:
    return "Result | None" if _may_end(steps) else "None"


def _answered(write: Statements, awaited: str, steps: Sequence[Step]) -> None:
    """Awaits what may end the flow with an answer."""
    if _may_end(steps):
        local = write.names.fresh("answer")
        write.add(f"{local} = await {awaited}")
        with write.writer.block(f"if {local} is not None:"):
            write.add(f"return {local}")
    else:
        write.add(f"await {awaited}")


def write_parallel(write: Statements, step: Step, *, path: str) -> None:
    branches = step.parallel or {}
    every = [one for block in branches.values() for one in block]
    bound = list(dict.fromkeys(bound_in(every)))
    write.declare(iter(bound), captured=True)
    functions: dict[str, str] = {}
    for key, block in branches.items():
        functions[key] = write.names.fresh(f"do_{key}")
        with write.function(functions[key], _gives(block), params={"run": "Run"}):
            own = _outer(write, block)
            if own:
                write.add(f"nonlocal {', '.join(own)}")
            _function(write, block, path=f"{path}.{key}", front=f"{path}.{key}")
    given = source(mapping({key: name(one) for key, one in functions.items()}))
    _answered(write, f"{write.run}.parallel({write.place(path)}, {given})", every)


def _outer(write: Statements, steps: Sequence[Step]) -> list[str]:
    """The locals around that an inner function binds."""
    found = dict.fromkeys(bound_in(steps))
    return [write.names.known[one].python for one in found if one in write.read]


def write_try(write: Statements, step: Step, *, path: str) -> None:
    tried = step.try_
    assert tried is not None
    write.declare(
        bound_in([*tried.do, *tried.catch, *tried.finally_]), captured=bool(tried.finally_)
    )
    if not tried.finally_:
        _attempted(write, step, path=path)
        return
    function = write.names.fresh("always")
    late = frozenset(_outer(write, [*tried.do, *tried.catch]))
    with write.function(function, "None", late=late, params={"run": "Run"}):
        outer = (write.run, write.data)
        write.run, write.data = "run", ""
        bound = _outer(write, tried.finally_)
        if bound:
            write.add(f"nonlocal {', '.join(bound)}")
        write.block(tried.finally_, f"{path}.finally")
        write.run, write.data = outer
    with write.writer.merged(f"async with {write.run}.closing({function})"):
        _attempted(write, step, path=path)


def _attempted(write: Statements, step: Step, *, path: str) -> None:
    tried = step.try_
    assert tried is not None
    if not tried.catch:
        write.block(tried.do, f"{path}.do")
        return
    with write.writer.block("try:"), write.writer.merged(f"async with {write.run}.attempt()"):
        write.block(tried.do, f"{path}.do")
    with write.writer.block("except Failure:"), write.in_handler():
        write.block(tried.catch, f"{path}.catch")


def write_retry(write: Statements, step: Step, *, path: str) -> None:
    again = step.retry
    assert again is not None
    write.declare(bound_in([*again.do, *again.fallback]))
    pause = f", pause={source(length(write.at(path), again.delay))}" if again.delay else ""
    growing = ", growing=True" if again.backoff == "exponential" else ""
    tries, one = write.names.fresh("tries"), write.names.fresh("one_try")
    tried = f"{write.run}.tries({write.place(path)}, times={again.times}{pause}{growing})"
    write.add(f"{tries} = {tried}")
    with write.loop(), write.writer.block(f"async for {one} in {tries}:"):
        inner = write.names.fresh("tried")
        with write.writer.merged(f"async with {one} as {inner}"):
            outer = (write.run, write.front)
            write.run, write.front = inner, path
            write.block(again.do, f"{path}.do")
            write.run, write.front = outer
    with write.writer.block(f"if {tries}.failure is not None:", needed=False):
        if again.fallback:
            write.block(again.fallback, f"{path}.fallback")
        else:
            write.add(f"raise {tries}.failure{' from None' if write.handling else ''}")


def write_checkpoint(write: Statements, step: Step, *, path: str) -> None:
    point = step.step
    assert point is not None
    number = {} if point.number is None else {"number": constant(point.number)}
    said = call(
        f"{write.run}.checkpoint", constant(write.relative(path)), constant(point.name), **number
    )
    write.add(f"await {source(said)}")
    write.block(point.do, f"{path}.do")


def write_flow(write: Statements, step: Step, *, path: str) -> None:
    assert step.flow is not None
    write.block(step.flow.steps, f"{path}.steps")


def write_later(write: Statements, step: Step, *, path: str) -> None:
    later = step.later
    assert later is not None
    read = read_in(later.do)
    needed = [one for one in write.names.known if one in read]
    write.parts.append(Part(path, later.do, needed))
    names = mapping({one: name(write.names.known[one].python) for one in needed})
    when = {"when": constant(later.when)} if later.when else {}
    begun = call(f"{write.run}.later", constant(write.relative(path)), names=names, **when)
    write.add(f"await {source(begun)}")


SHAPES: Mapping[str, Shape] = {
    "validate": write_validate,
    "set": write_set,
    "return": write_return,
    "show": write_show,
    "if": write_if,
    "forEach": write_for_each,
    "parallel": write_parallel,
    "try": write_try,
    "retry": write_retry,
    "step": write_checkpoint,
    "flow": write_flow,
    "later": write_later,
}
