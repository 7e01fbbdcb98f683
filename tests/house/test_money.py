"""Money is counted in whole minor units: no float comes near it."""

import ast
import re

from tests.house.source import Module, functions, modules, parse, stands, walk

MONEY_WORD = re.compile(r"(?:^|_)(?:amount|price|cost|fee|balance|payout|commission)s?(?:_|$)")


def words(annotation: ast.AST | None) -> set[str]:
    """The type names in an annotation, quoted ones too."""
    text = ast.unparse(annotation) if annotation else ""
    return set(re.findall(r"\w+", text))


def float_fields(module: Module) -> list[str]:
    """Fields and parameters that are called like money and typed as a float."""
    named = [
        (node, node.target.id, node.annotation)
        for node in walk(module.tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ] + [
        (node, node.arg, node.annotation) for node in walk(module.tree) if isinstance(node, ast.arg)
    ]
    return [
        module.at(node, f"{name} is a float: use Money, or an int of minor units")
        for node, name, annotation in named
        if MONEY_WORD.search(name) and "float" in words(annotation)
    ]


def moneys(node: ast.AST) -> set[str]:
    """The names that a function knows to be Money."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, ast.arg) and "Money" in words(part.annotation):
            found.add(part.arg)
        elif isinstance(part, ast.AnnAssign) and "Money" in words(part.annotation):
            found |= {part.target.id} if isinstance(part.target, ast.Name) else set()
    return found


def is_fractional(node: ast.AST) -> bool:
    """A float, a true division, or a call of `float`."""
    match node:
        case ast.Constant(value=float()) | ast.BinOp(op=ast.Div()):
            return True
        case ast.Call(func=ast.Name(id="float")):
            return True
        case _:
            return False


def float_arithmetic(module: Module) -> list[str]:
    """Arithmetic with Money (or a `.amount`) in which something is not whole."""
    faults: list[str] = []
    for function in functions(module.tree):
        known = moneys(function)
        for node in walk(function):
            if not isinstance(node, ast.BinOp):
                continue
            parts = list(walk(node))
            touches = any(
                (isinstance(part, ast.Name) and part.id in known)
                or (isinstance(part, ast.Attribute) and part.attr == "amount")
                for part in parts
            )
            if touches and any(map(is_fractional, parts)):
                faults.append(module.at(node, f"fractions of money: {ast.unparse(node)}"))
    return faults


def test_money_is_whole() -> None:
    everything = [*modules()]
    stands(fault for module in everything for fault in float_fields(module))
    stands(fault for module in everything for fault in float_arithmetic(module))


def test_fractions_of_money_are_found() -> None:
    assert len(float_fields(parse("class A:\n    base_price: float | None = None"))) == 1
    assert len(float_fields(parse("def f(fee: 'float', amounts: list[float]): ..."))) == 2
    assert float_fields(parse("feedback: float\nratio: float\namount: int")) == []
    assert len(float_arithmetic(parse("def f(a: Money):\n    return a * 0.3"))) == 1
    assert len(float_arithmetic(parse("def f(a: Sale):\n    return a.total.amount / 2"))) == 1
    assert float_arithmetic(parse("def f(a: Money):\n    return a.amount * 3 // 10_000")) == []
