"""CHECK's two forms: predicates by name, as the Technical DSL writes them, and one condition.

`to_validate` chooses the predicates wherever they say the same; `to_condition` goes back.
"""

from collections.abc import Iterable, Iterator

from one.compiler.expression import Binary, Call, Expr, Get, Lit, Ref, Unary, parse
from one.compiler.program import Predicates, Step, Validate, trees_in

_KEYS = {">": "gt", ">=": "min", "<": "lt", "<=": "max", "==": "eq", "!=": "ne", "in": "in_"}
_OPS = {
    "gt": ">",
    "gte": ">=",
    "min": ">=",
    "lt": "<",
    "lte": "<=",
    "max": "<=",
    "eq": "==",
    "ne": "!=",
    "in_": "in",
}


def trees_of(step: Step) -> Iterator[Expr]:
    """Every value of a step itself; what a CHECK asks as one condition, and a service's name."""
    if step.validate_ is not None:
        yield to_condition(step.validate_)
        yield from (step.validate_.message,) if step.validate_.message else ()
    else:
        yield from trees_in(step)
    if step.on_error is not None:
        yield from trees_in(step.on_error)
    if step.service is not None and step.service.provider.startswith("$"):
        yield Ref(step.service.provider.removeprefix("$"))


def to_validate(tree: Expr, message: Expr | None = None) -> Validate:
    """The step that demands the condition."""
    checks: dict[str, Predicates] = {}
    for part in _parts(tree):
        found = _predicate(part)
        if found is None:
            return Validate(condition=tree, message=message)
        name, key, value = found
        known = checks.setdefault(name, Predicates())
        if getattr(known, key) is not None:
            return Validate(condition=tree, message=message)
        setattr(known, key, value)
    return Validate(checks=checks, message=message)


def _parts(tree: Expr) -> Iterator[Expr]:
    if isinstance(tree, Binary) and tree.op == "and":
        yield from _parts(tree.left)
        yield from _parts(tree.right)
    else:
        yield tree


def _predicate(tree: Expr) -> tuple[str, str, object] | None:
    match tree:
        case Binary("!=", left, Lit(None)) if name := path_of(left):
            return name, "exists", True
        case Binary("==", left, Lit(None)) if name := path_of(left):
            return name, "exists", False
        case Binary(">=", Call("length", (left,)), right) if name := path_of(left):
            return name, "min_length", right
        case Binary("<=", Call("length", (left,)), right) if name := path_of(left):
            return name, "max_length", right
        case Binary("==", Call("length", (left,)), Lit(0)) if name := path_of(left):
            return name, "empty", True
        case Binary(">", Call("length", (left,)), Lit(0)) if name := path_of(left):
            return name, "empty", False
        case Binary("==", Get(left, "type"), Lit(str(kind))) if name := path_of(left):
            return name, "type", kind
        case Binary("==", Get(left, "status"), right) if name := path_of(left):
            return name, "status", right
        case Binary(op, left, right) if op in _KEYS and (name := path_of(left)):
            return name, _KEYS[op], right
        case Call("owns", (left, right)) if name := path_of(left):
            return name, "owns", right
        case Call("connected", (left, Lit("holds"), right)) if name := path_of(left):
            return name, "holds", right
        case _:
            return None


def path_of(tree: Expr) -> str | None:
    """`fan` or `fan.status`; None for anything but a plain path."""
    match tree:
        case Ref(name):
            return name
        case Get(of, key):
            inner = path_of(of)
            return f"{inner}.{key}" if inner and key else None
        case _:
            return None


def to_condition(step: Validate) -> Expr:
    """The condition that must hold."""
    parts = [
        tree
        for name, checks in step.checks.items()
        for tree in _of_predicates(parse("$" + name), checks)
    ]
    if step.condition is not None:
        parts.append(step.condition)
    return chained("and", parts) if parts else Lit(True)


def _of_predicates(left: Expr, checks: Predicates) -> Iterator[Expr]:
    if checks.exists is not None:
        yield Binary("!=" if checks.exists else "==", left, Lit(None))
    if checks.type is not None:
        yield Binary("==", Get(left, "type"), Lit(checks.type))
    if checks.status is not None:
        yield Binary("==", Get(left, "status"), checks.status)
    if checks.empty is not None:
        yield Binary("==" if checks.empty else ">", Call("length", (left,)), Lit(0))
    for key, op in _OPS.items():
        if (value := getattr(checks, key)) is not None:
            yield Binary(op, left, value)
    if checks.min_length is not None:
        yield Binary(">=", Call("length", (left,)), checks.min_length)
    if checks.max_length is not None:
        yield Binary("<=", Call("length", (left,)), checks.max_length)
    if checks.owns is not None:
        yield Call("owns", (left, checks.owns))
    if checks.holds is not None:
        yield Call("connected", (left, Lit("holds"), checks.holds))
    if checks.pattern is not None:
        yield Call("contains", (left, Lit(checks.pattern)))


def chained(op: str, trees: Iterable[Expr]) -> Expr:
    """All of them, or any of them, one after the other; there must be one."""
    tree, *others = trees
    for other in others:
        tree = Binary(op, tree, other)
    return tree


def opposite(tree: Expr) -> Expr:
    """The condition that holds when this one does not."""
    return tree.of if isinstance(tree, Unary) and tree.op == "not" else Unary("not", tree)
