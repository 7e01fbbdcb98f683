"""Operations take plain typed keywords, so that every door can be made from the signature."""

import ast

from tests.house.source import Module, functions, modules, name_of, operation, parse, stands, walk


def bad_signatures(module: Module) -> list[str]:
    """An operation takes `ctx` and typed keywords, says its purpose, and hides nothing in Any."""
    faults: list[str] = []
    for node in functions(module.tree):
        if not operation(node):
            continue
        given = node.args
        types = [argument.annotation for argument in given.kwonlyargs] + [node.returns]
        if any(name_of(part) == "Any" for kind in types if kind for part in walk(kind)):
            faults.append(module.at(node, f"{node.name} hides a type behind Any"))
        if [argument.arg for argument in given.args] != ["ctx"] or given.vararg or given.kwarg:
            faults.append(module.at(node, f"{node.name} takes ctx, then keywords only"))
        if not isinstance(node, ast.AsyncFunctionDef):
            faults.append(module.at(node, f"{node.name} is not async"))
        if not ast.get_docstring(node):
            faults.append(module.at(node, f"{node.name} has no line for the docs"))
    return faults


def test_operations_have_plain_signatures() -> None:
    stands(fault for module in modules() for fault in bad_signatures(module))


def test_bad_signatures_are_found() -> None:
    assert len(bad_signatures(parse("@operation(kind='read')\ndef f(ctx, a) -> Any: ..."))) == 4
    plain = "@operation()\nasync def f(ctx: Context, *, a: int) -> None:\n    'Does it.'"
    assert bad_signatures(parse(plain)) == []
