"""Calls, waits and all-or-nothing as statements: what stands between transactions."""

import ast
from collections.abc import Iterator, Mapping

from one.compiler.emit.effects import length
from one.compiler.emit.expressions import call, constant
from one.compiler.emit.printing import source
from one.compiler.emit.statements import (
    Shape,
    Statements,
    bound_in,
    in_data,
    only_raises,
    trees_of,
    wants_data,
)
from one.compiler.expression import Call, Lit, Ref, names_in
from one.compiler.program import OnError, Service, Step, Until, steps_of
from one.compiler.results import shaped
from one.ontology.services import Action, Parameter


def write_service(write: Statements, step: Step, *, path: str) -> None:
    """A call, and what is done when it fails."""
    failing = after_tries(step.on_error)
    if failing is None or only_raises(failing):
        _called(write, step, path=path)
        return
    if step.output:
        write.declare(iter([step.output]))
    with write.writer.block("try:"):
        _called(write, step, path=path)
    write.failing(failing, path, output=step.output)


def after_tries(failing: OnError | None) -> OnError | None:
    """What is done about a call once it was tried as often as was said."""
    return failing.model_copy(update={"retry": None}) if failing is not None else None


def _called(write: Statements, step: Step, *, path: str) -> None:
    assert step.service is not None
    asked = shaped(write.services, step.service, output=step.output or "")
    awaited = f"await {source(call_of(write, asked, path=path, retry=step.on_error))}"
    write.save(step.output, awaited)


def call_of(
    write: Statements, service: Service, *, path: str, retry: OnError | None = None
) -> ast.expr:
    at = write.at(path)
    what: ast.expr = constant(f"{service.provider}.{service.method}")
    if service.provider.startswith("$"):
        provider = at.use("lower", at.value(Ref(service.provider.removeprefix("$"))))
        what = ast.BinOp(provider, ast.Add(), constant(f".{service.method}"))
    again = service.retry or (retry.retry if retry else None)
    how: dict[str, ast.expr] = {}
    if again:
        how["tries"] = constant(again.times + 1 if service.retry else again.times)
        if again.delay:
            how["pause"] = length(at, again.delay)
    if service.timeout:
        how["timeout"] = length(at, service.timeout)
    beside = {"how": at.use("How", **how)} if how else {}
    params = at.values(write.looked_up(service.params, path))
    return call(f"{write.run}.call", constant(at.path), what, params=params, **beside)


LATE = "What this waited for did not happen in time."

# --- waits --------------------------------------------------------------------------------------


def write_wait(write: Statements, step: Step, *, path: str) -> None:
    """Sleeps for a time, or until one."""
    at = write.at(path)
    match step.wait:
        case Until(until=moment):
            found = at.value(write.looked_up({"moment": moment}, path)["moment"])
            slept = call(f"{write.run}.wait_until", constant(at.path), found)
        case str(duration) if duration.endswith("mo"):
            later = at.use("months_after", at.value(_NOW), constant(int(float(duration[:-2]))))
            slept = call(f"{write.run}.wait_until", constant(at.path), later)
        case duration:
            slept = call(f"{write.run}.wait", constant(at.path), length(at, str(duration)))
    write.add(f"await {source(slept)}")


def write_wait_for(write: Statements, step: Step, *, path: str) -> None:
    """Waits for an event; what a time-out does."""
    awaited = waited(write, step, path=path)
    if step.output and step.on_error is None:
        write.save(step.output, f"await {source(awaited)}")
        return
    local = write.names.bind(step.output) if step.output else write.names.fresh("came")
    write.add(f"{local} = await {source(awaited)}")
    with write.writer.block(f"if {local} is None:"):
        if step.on_error is not None:
            _timed_out(write, step.on_error, path)
        else:
            write.refuse(constant(LATE), said=LATE, path=path)


def waited(write: Statements, step: Step, *, path: str) -> ast.expr:
    """The wait for an event itself."""
    waits = step.wait_for_event
    assert waits is not None
    at = write.at(path)
    ends = {"entity": waits.entity, "actor": waits.actor}
    trees = {key: tree for key, tree in ends.items() if tree is not None}
    found = write.looked_up({**waits.where, **trees}, path)
    named = {key: at.value(found[key]) for key in trees}
    if waits.where:
        named["where"] = at.values({key: found[key] for key in waits.where})
    event = at.use("Awaited", constant(waits.type), **named)
    longest = {"longest": length(at, waits.timeout)} if waits.timeout else {}
    return call(f"{write.run}.wait_for", constant(at.path), event, **longest)


def _timed_out(write: Statements, failing: OnError, path: str) -> None:
    match failing.return_:
        case {"error": Lit(str(words))}:
            write.refuse(constant(words), said=words, path=path)
        case {"error": words}:
            with write.reading((words,), f"{path}.return"):
                write.refuse(write.at(path).words(words), said="", path=path)
        case None:
            write.add("pass")
        case fields:
            with write.reading(fields.values(), f"{path}.return"):
                write.give(fields, path)


def write_feature(write: Statements, step: Step, *, path: str) -> None:
    """Another feature, run and waited for."""
    used = step.call
    assert used is not None
    at = write.at(path)
    given = at.values(write.looked_up(used.input, path))
    asked = call(f"{write.run}.feature", constant(at.path), constant(used.feature), given=given)
    awaited = f"await {source(asked)}"
    write.save(step.output, awaited)


# --- all or nothing -----------------------------------------------------------------------------


def write_atomic(write: Statements, step: Step, *, path: str) -> None:
    """Everything inside, or nothing: calls that completed are undone when another fails."""
    steps = step.atomic or []
    failing = step.on_error or OnError()
    rest = failing.model_copy(update={"rollback": rest_of(write, step)})
    if only_raises(rest):
        _together(write, step, path=path)
        return
    write.declare(bound_in([*steps, *rest.rollback]))
    with write.writer.block("try:"):
        _together(write, step, path=path)
    write.failing(rest, path)


def rest_of(write: Statements, step: Step) -> list[Step]:
    """Of IF ANY FAIL what is no undo: it runs after them."""
    paired = {id(undo) for undo in pairs_of(write, step).values()}
    rollback = step.on_error.rollback if step.on_error else []
    return [one for one in rollback if id(one) not in paired]


def _together(write: Statements, step: Step, *, path: str) -> None:
    steps = list(enumerate(step.atomic or []))
    pairs = pairs_of(write, step)
    deal = write.names.fresh("together")
    with write.writer.merged(f"async with {write.run}.together() as {deal}"):
        if not any(one.kind in ("service", "call") for one in step.atomic or []):
            write.block(step.atomic or [], f"{path}.atomic")
            return
        first, calls, last = ordered(write, steps)
        _rows(write, first, path)
        for n, called in calls:
            one = with_result(write, called, named=pairs.get(n))
            place = f"{path}.atomic.{n}"
            write.one(one, place)
            if _is_final(write, one):
                write.add(f"{deal}.no_return()")
            if last or (n, called) != calls[-1]:  # else nothing is left that could fail
                _undoing(write, one, path=place, deal=deal, named=pairs.get(n))
        _rows(write, last, path)


Numbered = list[tuple[int, Step]]


def ordered(write: Statements, steps: Numbered) -> tuple[Numbered, Numbered, Numbered]:
    """First what checks and what a call needs, then the calls, the final one last, then the data
    that follows from them.
    """
    calls = [(n, one) for n, one in steps if not in_data(one)]
    needed = {found for _, one in calls for found in _read_by(one)}
    first: Numbered = []
    for n, one in reversed([pair for pair in steps if in_data(pair[1])]):
        early = one.validate_ is not None or bool(needed.intersection(bound_in([one])))
        if early and not needed_after(one, calls):
            first.insert(0, (n, one))
            needed |= set(_read_by(one))
    early_numbers = {n for n, _ in first}
    last = [(n, one) for n, one in steps if in_data(one) and n not in early_numbers]
    final = [pair for pair in calls if _is_final(write, pair[1])]
    others = [pair for pair in calls if not _is_final(write, pair[1])]
    return first, [*others, *final], last


def needed_after(step: Step, calls: Numbered) -> bool:
    """Whether the step reads what a call gives."""
    given = {one.output for _, one in calls if one.output}
    return bool(given.intersection(_read_by(step)))


def _read_by(step: Step) -> Iterator[str]:
    for one in steps_of([step]):
        for tree in trees_of(one):
            yield from names_in(tree)


def _rows(write: Statements, steps: Numbered, path: str) -> None:
    """Data commands in one transaction."""
    if not steps:
        return
    if not any(wants_data(one) for _, one in steps):
        for n, one in steps:
            write.step(one, f"{path}.atomic.{n}")
        return
    with write.transaction(f"{path}.atomic.{steps[0][0]}"):
        for n, one in steps:
            write.step(one, f"{path}.atomic.{n}")


def action_of(write: Statements, step: Step) -> Action | None:
    if step.service is None:
        return None
    service = write.services.get(step.service.provider)
    return service.by_name.get(step.service.method) if service else None


def with_result(write: Statements, step: Step, *, named: Step | None) -> Step:
    """The step, with a name for what it gives where its undo needs that."""
    action = action_of(write, step)
    if action is None or step.service is None:
        return step
    undo = write.services[step.service.provider].by_name.get(undo_method(action, named))
    said = named.service.params if named is not None and named.service else {}
    params = undo.params if undo else ()
    if not any(_takes_result(one, action) and one.name not in said for one in params):
        return step
    name, n = step.output or action.name, 2
    while not step.output and name in write.names.known:
        name, n = f"{action.name}{n}", n + 1
    write.read |= {name}
    return step.model_copy(update={"output": name})


def undo_method(action: Action, named: Step | None) -> str:
    return named.service.method if named is not None and named.service else action.inverse


def _takes_result(param: Parameter, action: Action) -> bool:
    """Whether an undo's parameter is what the call gave: its answer, or a field of it by name."""
    given = {key.lower() for key in action.fields or {}} - {"id", "status"}
    return bool(param.fill) or param.type == "json" or bool(given.intersection(param.words))


def _is_final(write: Statements, step: Step) -> bool:
    """Whether the call can't be taken back."""
    action = action_of(write, step)
    return action is not None and action.effect == "irreversible"


def pairs_of(write: Statements, step: Step) -> dict[int, Step]:
    """The undo that IF ANY FAIL names for each call, by the call's place."""
    rollback = step.on_error.rollback if step.on_error else []
    left = [one for one in rollback if one.service is not None]
    pairs: dict[int, Step] = {}
    for n, one in enumerate(step.atomic or []):
        action = action_of(write, one)
        for undo in left:
            assert (undo.service is not None and one.service is None) or undo.service is not None
            same = one.service is not None and undo.service.provider == one.service.provider
            if action is not None and same and undo.service.method == action.inverse:
                pairs[n] = undo
                left.remove(undo)
                break
    return pairs


def _undoing(write: Statements, step: Step, *, path: str, deal: str, named: Step | None) -> None:
    """Says how a call that has completed is taken back."""
    action = action_of(write, step)
    if action is None or (not action.inverse and named is None) or step.service is None:
        return
    undo = write.names.fresh(f"undo_{step.output or step.service.method}")
    with write.function(undo, "None", params={"run": "Run"}):
        outer = (write.run, write.data)
        write.run, write.data = "run", ""
        back = undo_of(write, step, named=named)
        write.add(f"await {source(call_of(write, back, path=f'{path}.undo'))}")
        write.run, write.data = outer
    write.add(f"{deal}.undo_by({undo})")


def undo_of(write: Statements, step: Step, *, named: Step | None) -> Service:
    """The call that takes back what a call did."""
    action = action_of(write, step)
    assert step.service is not None
    assert action is not None
    params = dict(named.service.params) if named is not None and named.service else {}
    method = undo_method(action, named)
    inverse = write.services[step.service.provider].by_name.get(method)
    params |= filled(write, step, inverse=inverse, given=params)
    return Service(provider=step.service.provider, method=method, params=params)


def filled(
    write: Statements, step: Step, *, inverse: Action | None, given: Mapping[str, object]
) -> dict[str, Ref | Lit]:
    """What an undo needs that nobody said: what the call gave, and what it was called with."""
    action = action_of(write, step)
    if inverse is None or action is None or step.service is None:
        return {}
    filled: dict[str, Ref | Lit] = {}
    for param in inverse.params:
        same = step.service.params.get(param.name)
        if param.name in given:
            continue
        if _takes_result(param, action) and step.output:
            filled[param.name] = Ref(str(step.output))
        elif isinstance(same, Ref | Lit):
            filled[param.name] = same
    return filled


_NOW = Call("now", ())
OUTSIDE: Mapping[str, Shape] = {
    "service": write_service,
    "wait": write_wait,
    "waitForEvent": write_wait_for,
    "call": write_feature,
    "atomic": write_atomic,
}
"""By primitive."""
