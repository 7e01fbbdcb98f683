"""Files, functions and signatures stay small. There is no list of exceptions."""

import ast
from statistics import median, quantiles

from tests.house.source import (
    Function,
    Module,
    functions,
    modules,
    name_of,
    operation,
    parse,
    stands,
    walk,
)

FILE_MEDIAN, FILE_STOP, ONTOLOGY_STOP = 150, 600, 900
FUNCTION_MEDIAN, FUNCTION_P95, FUNCTION_STOP = 8, 35, 60
COMPLEXITY_MEDIAN, COMPLEXITY_P95, COMPLEXITY_STOP = 3, 9, 15  # docs/decisions/0008
ARGUMENTS, POSITIONAL = 5, 2
INPUT_FIELDS, PRIVATE_POSITIONAL = 12, 3  # docs/decisions/0004

GIVEN = {"self", "cls", "ctx", "session", "tx", "reading", "judge"}
ASGI = ["scope", "receive", "send"]


def lines(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def complexity(node: ast.AST) -> int:
    """Cyclomatic, counted as ruff counts it: one more than the branches."""
    branches = (
        *(ast.If, ast.For, ast.AsyncFor, ast.While),
        *(ast.ExceptHandler, ast.match_case, ast.comprehension),
    )
    return 1 + sum(isinstance(part, branches) for part in walk(node))


def crowded(node: Function) -> list[str]:
    """What is wrong with a signature.

    The keywords of an operation are the fields of its request, not arguments that a caller lines
    up; and shapes that are set from outside (dunders, ASGI, @override) are not ours to choose.
    """
    words = [argument.arg for argument in node.args.posonlyargs + node.args.args]
    positional = [word for word in words if word not in GIVEN]
    count, most = len(positional) + len(node.args.kwonlyargs), ARGUMENTS
    if operation(node):
        most = INPUT_FIELDS
    dunder = node.name.startswith("__")
    set_outside = (
        (dunder and node.name != "__init__")
        or positional == ASGI
        or any(name_of(decorator) == "override" for decorator in node.decorator_list)
    )
    private = node.name.startswith("_") and not dunder
    allowed = PRIVATE_POSITIONAL if private else POSITIONAL
    faults: list[str] = []
    if count > most:
        faults.append(f"{node.name} takes {count} arguments, {most} are enough")
    if len(positional) > allowed and not set_outside:
        faults.append(f"{node.name}: keyword-only after argument {allowed}")
    return faults


def unannotated(node: Function) -> list[str]:
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    bare = [a.arg for a in every if a and a.annotation is None and a.arg not in ("self", "cls")]
    return bare if node.returns else [*bare, "return"]


def oversize(module: Module) -> list[str]:
    stop = ONTOLOGY_STOP if module.room == "ontology" else FILE_STOP
    length = len(module.text.splitlines())
    faults = [f"{module.path}: {length} lines, {stop} at most"] if length > stop else []
    for node in functions(module.tree):
        if lines(node) > FUNCTION_STOP:
            faults.append(module.at(node, f"{node.name} has {lines(node)} lines"))
        if complexity(node) > COMPLEXITY_STOP:
            faults.append(module.at(node, f"{node.name} has complexity {complexity(node)}"))
        faults += [module.at(node, fault) for fault in crowded(node)]
        faults += [module.at(node, f"{node.name}: {it} is unannotated") for it in unannotated(node)]
    return faults


def test_nothing_passes_its_stop() -> None:
    stands(fault for module in modules() for fault in oversize(module))


def test_the_middle_stays_small() -> None:
    every = [node for module in modules() for node in functions(module.tree)]
    lengths = [lines(node) for node in every]
    assert median(len(module.text.splitlines()) for module in modules()) <= FILE_MEDIAN
    assert median(lengths) <= FUNCTION_MEDIAN
    assert quantiles(lengths, n=20)[-1] <= FUNCTION_P95
    decisions = [complexity(node) for node in every]
    assert median(decisions) <= COMPLEXITY_MEDIAN
    assert quantiles(decisions, n=20)[-1] <= COMPLEXITY_P95


def test_what_is_too_large_is_found() -> None:
    long = "def f() -> None:\n" + "    pass\n" * 60
    knotted = "def f(a: int) -> None:\n" + "    if a: ...\n" * 15
    wide = "def f(a: A, *, b: B, c: C, d: D, e: E, g: G) -> None: ..."
    assert len(oversize(parse(long))) == 1
    assert len(oversize(parse(knotted))) == 1
    assert len(oversize(parse(wide))) == 1
    assert len(oversize(parse("def f(a: A, b: B, c: C) -> None: ..."))) == 1
    assert len(oversize(parse("def _f(a: A, b: B, c: C, d: D) -> None: ..."))) == 1
    assert len(oversize(parse("def f(self, a): ..."))) == 2
    assert len(oversize(parse("\n" * 601))) == 1
    assert oversize(parse("def _f(self, a: A, b: B, c: C) -> None: ...")) == []
    assert oversize(parse("@operation()\n" + wide)) == []
    assert oversize(parse("\n" * 601, "ontology/entities.py")) == []
    assert oversize(parse("def __exit__(self, a: A, b: B, c: C) -> None: ...")) == []
