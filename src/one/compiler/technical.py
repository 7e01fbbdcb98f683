"""The Technical DSL: JSON or the JavaScript-like literal to programs, with the place of faults."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from pydantic import ValidationError

from one.compiler.bind.feature import slug_of
from one.compiler.bind.session import Marks
from one.compiler.diagnosis import Applies, Edit, Findings, Fix, Severity, listed, nearest
from one.compiler.expression import names_in
from one.compiler.fields import OPERATORS
from one.compiler.keys import keys_at, meant_by
from one.compiler.kinds import read_kind, write_kind
from one.compiler.literal import BadLiteral, Literal, Path, read_literals
from one.compiler.program import (
    PRIMITIVES,
    Program,
    Slot,
    Step,
    Trigger,
    steps_of,
    trees_in,
)
from one.compiler.reader import Span
from one.compiler.vocabulary import singular

_PRIMITIVES = frozenset(PRIMITIVES.values())
_STEP_KEYS = _PRIMITIVES | {"output", "onError", "id"}
_ON_ERROR = frozenset({"return", "continue", "retry", "rollback"})
_BLOCKS = ("then", "else", "do", "catch", "finally", "fallback", "steps")


@dataclass(slots=True)
class Reader:
    """Reads one object; `where` finds the place of a path in it. `called`: somebody calls it, so
    that there is an answer.
    """

    literal: Literal
    findings: Findings
    called: bool = True
    faulty: set[Path] = field(default_factory=set[Path])

    def where(self, path: Path) -> Span:
        while path and path not in self.literal.places:
            path = path[:-1]
        return self.literal.places.get(path, Span(1, 1, 1))

    def say(
        self, code: str, message: str, *, at: Path, why: str = "", fixes: Sequence[Fix] = ()
    ) -> None:
        self.findings.say(Severity.ERROR, (code, self.where(at), message), fixes=fixes, why=why)
        self.faulty.add(at)


@dataclass(slots=True)
class Technical:
    """A program of the Technical DSL with the places of its parts."""

    program: Program
    marks: Marks
    spans: dict[str, Span]
    where: Span


def read_technical(text: str, findings: Findings) -> list[Technical]:
    """The programs of a text; a step or a list of steps alone is a feature without a name."""
    try:
        literals = read_literals(text)
    except BadLiteral as error:
        cures = (error.cure,) if error.cure is not None else ()
        findings.say(Severity.ERROR, ("E910", error.span, str(error)), fixes=cures)
        return []
    features = [one for one in literals if _is_feature(one.value)]
    if not features and literals:
        return [_with_free_names(_read(_wrapped(literals), findings))]
    return [_read(one, findings) for literal in features for one in _each(literal)]


def _is_feature(value: object) -> bool:
    if isinstance(value, list):
        items = cast("list[object]", value)
        return bool(items) and all(_is_feature(one) for one in items)
    if not isinstance(value, dict):
        return False
    body = cast("dict[str, object]", value)
    return "feature" in body or ("flow" in body and not isinstance(body["flow"], dict))


def _each(literal: Literal) -> list[Literal]:
    if not isinstance(literal.value, list):
        return [literal]
    found = [Literal(one) for one in cast("list[object]", literal.value)]
    for path, span in literal.places.items():
        if path:
            found[int(path[0])].places[path[1:]] = span
    for path in literal.open:
        if path:
            found[int(path[0])].open.add(path[1:])
    return [each for one in found for each in _each(one)]


def _wrapped(literals: list[Literal]) -> Literal:
    """Steps alone, as a feature's flow."""
    steps: list[object] = []
    places: dict[Path, Span] = {}
    open_: set[Path] = set()
    for literal in literals:
        listed = isinstance(literal.value, list)
        start = len(steps)
        steps.extend(cast("list[object]", literal.value) if listed else [literal.value])
        for path, span in literal.places.items():
            rest = (start + int(path[0]), *path[1:]) if listed and path else (start, *path)
            places[("flow", *rest)] = span
        open_ |= {("flow", start, *path) for path in literal.open}
    return Literal({"feature": "steps", "flow": steps}, places, open_)


def _read(literal: Literal, findings: Findings) -> Technical:
    body = cast("dict[str, object]", literal.value)
    reader = Reader(literal, findings, called="trigger" not in body)
    flow = body.get("flow", [])
    steps = _steps(reader, flow, ("flow",))
    name = str(body.get("feature", ""))
    _double_braces(reader)
    if "feature" not in body:
        reader.say("E903", "The feature has no name: “feature” is missing.", at=())
    if "flow" not in body and "steps" not in body:
        reader.say("E903", "“flow” is missing: the list of steps.", at=())
    plain = {key: one for key, one in body.items() if key not in {"flow", "feature", "title"}}
    if isinstance(given := plain.get("trigger"), dict):
        trigger = cast("dict[str, object]", given)
        every = trigger.get("every")
        plain["trigger"] = (
            {**trigger, "every": {"unit": every}} if isinstance(every, str) else given
        )
    title = str(body.get("title", "") or _words(name))
    program = _program(
        reader,
        {**plain, "feature": slug_of(_words(name)) or "unnamed", "title": title, "flow": steps},
    )
    marks: Marks = {}
    _mark(reader, program.flow, marks)
    spans = {key: reader.where(("input", key, "key")) for key in program.input}
    spans |= {"out:" + key: reader.where(("output", key, "key")) for key in program.output}
    spans |= {f"trigger:{key}": reader.where(("trigger", key)) for key in Trigger.model_fields}
    program.join_errors()
    return Technical(program, marks, spans, reader.where(()))


_BRACED = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")


def _double_braces(reader: Reader) -> None:
    """`{{fan.name}}` is how others put a name into a text; here it is the text itself."""
    body = cast("dict[str, object]", reader.literal.value)
    given = body.get("input")
    names = cast("dict[str, object]", given) if isinstance(given, dict) else {}
    for path, text in _texts(body.get("flow"), ("flow",)):
        found = _BRACED.search(text)
        if found is not None and found[1].partition(".")[0] in names:
            said = f"“{found[0]}” is text, and no value is put there. Write {{{found[1]}}}."
            reader.say("E907", said, at=path)


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text in a value."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, one in cast("dict[str, object]", value).items():
            yield from _texts(one, (*path, key))
    elif isinstance(value, list):
        for n, one in enumerate(cast("list[object]", value)):
            yield from _texts(one, (*path, n))


def _words(name: str) -> str:
    """`CreateAIClone` → `Create AI Clone`; a slug or a title stays."""
    if " " in name or "_" in name:
        return name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)


def _with_free_names(found: Technical) -> Technical:
    """Steps that stand alone take what they read and do not bind as their inputs."""
    program = found.program
    bound = {step.output for step in steps_of(program.flow)}
    for step in steps_of(program.flow):
        for tree in trees_in(step):
            for name in names_in(tree):
                if name not in bound and name not in program.input:
                    kind = "Id<entities>" if name.endswith("Id") else "json"
                    program.input[name] = Slot(type=kind)
    return found


def _steps(reader: Reader, value: object, path: Path) -> list[object]:
    """The steps of a list in their canonical shape; a faulty one is reported and left out."""
    if not isinstance(value, list):
        reader.say("E903", "A list of steps is needed here.", at=path)
        return []
    found: list[object] = []
    for n, one in enumerate(cast("list[object]", value)):
        step = _step(reader, one, (*path, n))
        found.append(step if step is not None else _empty(one))
    return found


def _empty(step: object) -> dict[str, object]:
    """What stands for a faulty step: its name is bound, so that nothing follows from it."""
    name = cast("dict[str, object]", step).get("output") if isinstance(step, dict) else None
    return {"set": {}, "output": name} if isinstance(name, str) else {"set": {}}


def _step(reader: Reader, value: object, path: Path) -> dict[str, object] | None:
    if not isinstance(value, dict):
        reader.say("E901", "A step is an object with one primitive.", at=path)
        return None
    body = dict(cast("dict[str, object]", value))
    unknown = [key for key in body if key not in _STEP_KEYS]
    named = [key for key in body if key in _PRIMITIVES]
    typed = body.get("type")
    if not named and isinstance(typed, str) and typed in _PRIMITIVES:
        said = f"The primitive is the key of its own object: {{{typed}: {{…}}}}."
        reader.say("E901", said, at=(*path, "type"))
        return None
    for key in unknown if named else _likeliest(unknown):
        _unknown_key(reader, key, (*path, key, "key"))
    if len(named) > 1:
        reader.say("E902", f"A step has one primitive; this has {' and '.join(named)}.", at=path)
    if not named and not unknown:
        reader.say("E901", "This step has no primitive.", at=path)
    if len(named) != 1 or unknown:
        return None
    _shape(reader, body, named[0], path=path)
    return body


def _likeliest(unknown: list[str]) -> list[str]:
    """The one of a step's keys that is its primitive misspelt, else the first."""
    return [key for key in unknown if nearest(key, _STEP_KEYS)][:1] or unknown[:1]


def _unknown_key(reader: Reader, key: str, at: Path) -> None:
    close = nearest(key, _STEP_KEYS)
    near = f" Did you mean {close[0]}?" if close else ""
    edits = (Edit(reader.where(at), f'"{close[0]}"'),) if close else ()
    fixes = (Fix(f"Write {close[0]}", edits, Applies.MAYBE),) if close else ()
    reader.say("E901", f"I know no primitive “{key}”.{near}", at=at, fixes=fixes)


def _shape(reader: Reader, body: dict[str, object], kind: str, *, path: Path) -> None:
    """Output inside the primitive, blocks of steps, `where` as an object, what `onError` holds."""
    inner = body[kind]
    if isinstance(inner, dict):
        own = dict(cast("dict[str, object]", inner))
        if "output" in own and kind not in {"validate", "set", "return"}:
            if "output" in body:
                reader.say("E904", "“output” stands here twice.", at=(*path, kind, "output"))
            body.setdefault("output", own.pop("output"))
        if kind == "forEach" and "array" in own:
            own["in"] = own.pop("array")
        if kind == "query":
            _query(reader, own, (*path, kind))
        for name in _BLOCKS:
            if name in own:
                own[name] = _steps(reader, own[name], (*path, kind, name))
        if kind == "parallel":
            own = {key: _steps(reader, one, (*path, kind, key)) for key, one in own.items()}
        body[kind] = own
        if kind == "show" and "to" in own and not reader.called:
            _as_notice(body, dict(own))
    elif kind == "atomic":
        body[kind] = _steps(reader, inner, (*path, kind))
    _on_error(reader, body, path)


def _query(reader: Reader, own: dict[str, object], path: Path) -> None:
    """`where` as an object, `type` beside it, an order in words."""
    where = own.get("where", [])
    fields: dict[str, Path] = {}
    if isinstance(own.get("type"), str | list):
        fields["type"] = (*path, "type")
    if isinstance(where, dict):
        fields |= {key: (*path, "where", key) for key in cast("dict[str, object]", where)}
    if fields:
        said = {**own, **(cast("dict[str, object]", where) if isinstance(where, dict) else {})}
        found = [(place, one) for key, place in fields.items() for one in _held(key, said[key])]
        for n, (place, _) in enumerate(found):
            reader.literal.places[(*path, "where", n, "value")] = reader.where(place)
            for at in [one for one in reader.literal.places if one[: len(place)] == place]:
                inner = (*path, "where", n, place[-1], *at[len(place) :])
                reader.literal.places[inner] = reader.literal.places[at]
        rest = cast("list[object]", where) if isinstance(where, list) else []
        own["where"] = [*(one for _, one in found), *rest]
        own.pop("type", None)
    order = own.get("orderBy")
    if isinstance(order, str):
        field, _, way = order.lstrip("-").partition(" ")
        down = order.startswith("-") or way.strip().lower().startswith("desc")
        order = {"field": field, "descending": down}
    own |= {"orderBy": [order]} if isinstance(order, dict) else {}


def _held(field: str, given: object) -> Iterator[object]:
    """`price: 5`, `price: {gte: 5, lt: 9}`, `status: ["active", "draft"]` as filters."""
    if field in {"connected", "any"} and isinstance(given, dict | list):
        yield {field: given}
    elif isinstance(given, dict) and given and not {"amount", "currency"} & given.keys():
        for operator, value in cast("dict[str, object]", given).items():
            yield {"field": field, "operator": operator, "value": value}
    else:
        operator = "in" if isinstance(given, list) else "eq"
        yield {"field": field, "operator": operator, "value": given}


def _as_notice(body: dict[str, object], shown: dict[str, object]) -> None:
    """Where nobody waits for an answer, what is shown to somebody is a message to them."""
    values = shown.get("values")
    only = list(cast("dict[str, object]", values).values()) if isinstance(values, dict) else []
    del body["show"]
    body["notify"] = {"to": shown["to"], "about": only[0] if len(only) == 1 else values}


def _on_error(reader: Reader, body: dict[str, object], path: Path) -> None:
    if "onError" not in body:
        return
    given = body["onError"]
    here = (*path, "onError")
    if (
        not isinstance(given, dict)
        or not given
        or not _ON_ERROR.issuperset(cast("dict[str, object]", given))
    ):
        reader.say("E908", "onError holds one of return, continue, retry or rollback.", at=here)
        del body["onError"]
        return
    own = dict(cast("dict[str, object]", given))
    if "rollback" in own:
        own["rollback"] = _steps(reader, own["rollback"], (*here, "rollback"))
    body["onError"] = own


_OPEN_TYPES = {
    "missing": "E903",
    "string_pattern_mismatch": "E905",
    "value_error": "E907",
}


def _program(reader: Reader, body: dict[str, object]) -> Program:
    """The model; each fault is reported, and the step it stands in is left out."""
    body["input"] = _slots(reader, body.get("input", {}), "input")
    body["output"] = _slots(reader, body.get("output", {}), "output")
    for _ in range(64):
        try:
            return Program.model_validate(body)
        except ValidationError as error:
            faults = error.errors(include_url=False)
            _report(reader, faults)  # pyright: ignore[reportArgumentType] # a list of typed dicts
            if not _leave_out(body, [tuple(one["loc"]) for one in faults]):
                break
    return Program(feature=str(body.get("feature", "unnamed")), title=str(body.get("title", "")))


def _slots(reader: Reader, value: object, section: str) -> dict[str, object]:
    if not isinstance(value, dict):
        said = f"“{section}” is an object of names and types: {{fan: 'Id<person>'}}."
        reader.say("E903", said, at=(section,))
        listed = cast("list[object]", value) if isinstance(value, list) else []
        items = [cast("dict[str, object]", one) for one in listed if isinstance(one, dict)]
        return {str(one["name"]): {"type": "json"} for one in items if "name" in one}
    found: dict[str, object] = {}
    for name, given in cast("dict[str, object]", value).items():
        slot = (
            dict(cast("dict[str, object]", given)) if isinstance(given, dict) else {"type": given}
        )
        kind = slot.get("type")
        known = read_kind(kind) if isinstance(kind, str) else None
        if known is None:
            near = _type_meant(str(kind))
            said = f"“{kind}” is no type; text, money, Id<course>, text[] are."
            said += f" Did you mean {near}?" if near else ""
            at = (section, name, "type") if isinstance(given, dict) else (section, name)
            edit = Edit(reader.where(at), f'"{near}"')
            fixes = (Fix(f"Write {near}", (edit,), Applies.MAYBE),) if near else ()
            reader.say("E909", said, at=at, fixes=fixes)
            found[name] = {"type": "json"}
            continue
        found[name] = {**slot, "type": write_kind(known)}
    return found


def _type_meant(said: str) -> str:
    """A type as the language writes it: `Id<course>` for `course`, `text[]` for `Array<string>`."""
    if said in _TEXTS:
        return "text"
    if many := re.fullmatch(r"(?:Array|List|list|Set)[<\[](\w+)[>\]]", said):
        inner = read_kind(many[1])
        return f"{write_kind(inner) if inner is not None else _type_meant(many[1])}[]"
    return f"Id<{said}>" if re.fullmatch(r"[a-z_]+", said) else ""


_TEXTS = frozenset({"email", "url", "link", "phone", "uri"})


def _report(reader: Reader, faults: list[Mapping[str, object]]) -> None:
    seen: set[Path] = _report_keys(reader, faults)
    for one in faults:
        loc = _path(one)
        kind = str(one["type"])
        parent = loc[:-1]
        if any(loc[: len(done)] == done or done[: len(loc)] == loc for done in seen):
            continue
        seen.add(loc)
        code = _OPEN_TYPES.get(kind, "E909")
        last = str(loc[-1]) if loc else ""
        if kind == "literal_error" and last == "operator":
            _no_operator(reader, str(one["input"]), loc)
        elif kind == "missing":
            reader.say(code, f"“{last}” is missing here.", at=parent)
        elif kind == "string_pattern_mismatch" or last in {"wait", "delay", "timeout"}:
            reader.say("E905", 'A length of time is written "5s", "24h" or "7d".', at=loc)
        elif kind == "literal_error" and loc[-2:] == ("query", "from"):
            _no_table(reader, str(one["input"]), loc)
        else:
            said = _KINDS[kind].format(last) if kind in _KINDS else _plain(str(one["msg"]))
            reader.say(code, said, at=loc)


_KINDS = {
    "list_type": "“{}” takes a list: [ … ].",
    "dict_type": "“{}” takes an object: {{name: value}}.",
    "model_type": "“{}” takes an object: {{name: value}}.",
}
_SIGNS = {
    "=": "eq",
    "==": "eq",
    "===": "eq",
    "is": "eq",
    "equals": "eq",
    "!=": "ne",
    "!==": "ne",
    "<>": "ne",
    "not": "ne",
    "neq": "ne",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    "min": "gte",
    "max": "lte",
    "like": "contains",
    "ilike": "contains",
    "includes": "contains",
    "one_of": "in",
    "starts_with": "startsWith",
    "has": "exists",
}
"""Operators as others write them."""


def _no_operator(reader: Reader, said: str, at: Path) -> None:
    right = _SIGNS.get(said) or next(iter(nearest(said, OPERATORS)), "")
    fix = Fix(f"Write {right}", (Edit(reader.where(at), f'"{right}"'),), Applies.MAYBE)
    near = f" Did you mean {right}?" if right else ""
    reader.say("E906", f"“{said}” is no operator.{near}", at=at, fixes=(fix,) if right else ())


def _no_table(reader: Reader, said: str, at: Path) -> None:
    """`from: 'courses'`: those are entities of a type."""
    type = singular(said).lower()
    edit = Edit(reader.where(at), f'"entities", "type": "{type}"')
    fix = Fix(f"Write entities with the type {type}", (edit,), Applies.MAYBE)
    why = "The tables are entities, connections, events and tags; a query names a type beside."
    reader.say("E909", f"“{said}” is no table.", at=at, why=why, fixes=(fix,))


def _path(fault: Mapping[str, object]) -> Path:
    loc = cast("tuple[str | int, ...]", fault["loc"])
    return tuple(part for part in loc if part not in _UNION)


def _said(path: Path) -> str:
    """The part at a path: `query`, `an item of where`."""
    name = next((part for part in reversed(path) if isinstance(part, str)), "A feature")
    return f"An item of {name}" if path and isinstance(path[-1], int) else name


def _report_keys(reader: Reader, faults: list[Mapping[str, object]]) -> set[Path]:
    """Keys that a part doesn't take, with those that were meant; the places that are told so."""
    told: set[Path] = set()
    for loc in [_path(one) for one in faults if one["type"] == "extra_forbidden"]:
        parent, key = loc[:-1], str(loc[-1])
        known = keys_at(parent)
        keys = (path for path in reader.literal.places if path[-1:] == ("key",))
        given = {str(path[-2]) for path in keys if path[:-2] == parent}
        right = meant_by(key, known, given=given)
        place = (*loc, "key")
        said = f"{_said(parent)} takes no “{key}”."
        fixes = ()
        if key == "cron":
            said += ' Write {every: {unit: "day", at: "09:00"}}.'
        elif parent[-1:] == ("wait",):
            said += ' A length of time stands alone: wait: "24h".'
        elif right:
            said += f" Did you mean {right}?"
            edit = Edit(reader.where(place), f'"{right}"')
            fixes = (Fix(f"Write {right}", (edit,), Applies.MAYBE),)
        why = f"It takes {listed(known, 'and')}."
        reader.say("E909", said, at=place, why=why, fixes=fixes)
        told |= {loc, *(_path(one) for one in faults if _path(one)[:-1] == parent)}
    return told


_UNION = {
    "constrained-str",
    "Until",
    "function-plain[read_value()]",
    "function-plain[read_condition()]",
    "list[Step]",
    "str",
    "dict",
}


def _leave_out(body: dict[str, object], locations: list[Path]) -> bool:
    """Takes the faulty steps or keys away so that the rest can still be read."""
    changed = False
    for loc in locations:
        flow = body.get("flow")
        if loc[:1] == ("flow",) and len(loc) > 1 and isinstance(flow, list):
            steps = cast("list[object]", flow)
            at = loc[1]
            if isinstance(at, int) and at < len(steps) and steps[at] != _empty(steps[at]):
                steps[at] = _empty(steps[at])
                changed = True
        elif loc and loc[0] in body and loc[0] not in {"feature", "flow"}:
            del body[str(loc[0])]
            changed = True
    return changed


def _mark(reader: Reader, steps: list[Step], marks: Marks) -> None:
    """The places of every step and of the parts of its primitive."""
    found: dict[Path, Step] = dict(_paths(steps, ("flow",)))
    for place, span in reader.literal.places.items():
        for count in range(len(place), 1, -1):
            step = found.get(place[:count])
            if step is None:
                continue
            rest = place[count:]
            if not rest or rest[0] == step.kind:
                marks[(id(step), "/".join(str(part) for part in rest[1:]))] = span
            break
    for path, step in found.items():
        marks[(id(step), "")] = reader.where(path)
        if (*path, step.kind) in reader.literal.open:
            marks[(id(step), "...")] = Span(0, 1, 1)


def _paths(steps: list[Step], path: Path) -> Iterator[tuple[Path, Step]]:
    for n, step in enumerate(steps):
        here = (*path, n)
        yield here, step
        for name, block in step.blocks():
            yield from _paths(block, _block_path(here, step.kind, name))


def _block_path(here: Path, kind: str, name: str) -> Path:
    if name == "rollback":
        return (*here, "onError", "rollback")
    return (*here, kind) if name == kind else (*here, kind, name)


def _plain(said: str) -> str:
    """A message of the models as a sentence."""
    bare = said.removeprefix("Value error, ").replace("Input should be", "This must be")
    return f"{bare[:1].upper()}{bare[1:].rstrip('.')}."
