"""Takes out what nobody reads: names that are bound for nothing, as a person would."""

import ast
import re

from one.compiler.emit.printing import laid_out, source

Unread = tuple[ast.stmt, str, bool]
"""A statement, the name that it binds for nothing, and whether it is all of its block."""


def tidied(lines: list[str], *, depth: int = 0) -> list[str]:
    """Statements at a depth, without names that nobody reads."""
    heads = ["if True:"] * bool(depth)
    found = list(lines)
    while (unread := _unread("\n".join([*heads, *found]))) is not None:
        node, name, alone = unread
        first = node.lineno - 1 - len(heads)
        last = (node.end_lineno or node.lineno) - len(heads)
        found[first:last] = _without(found[first:last], node, name=name, alone=alone)
    return found


def _without(lines: list[str], node: ast.stmt, *, name: str, alone: bool) -> list[str]:
    """The lines of a statement that binds a name, without that."""
    head = lines[0]
    match node:
        case ast.For() | ast.AsyncFunctionDef() | ast.Assign(targets=[ast.Tuple()]):
            return re.sub(rf"\b{name}\b", f"_{name}", "\n".join(lines), count=1).split("\n")
        case ast.AsyncWith():
            return "\n".join(lines).replace(f" as {name}", "", 1).split("\n")
        case ast.Assign(value=value) if (done := _awaited(value)) is not None:
            return laid_out(source(done), (len(head) - len(head.lstrip())) // 4)
        case _ if alone:
            return [f"{head[: len(head) - len(head.lstrip())]}pass"]
        case _:
            return []


def _awaited(value: ast.expr) -> ast.expr | None:
    """What is done though nobody reads what it gives."""
    return next((one for one in ast.walk(value) if isinstance(one, ast.Await)), None)


def _unread(text: str) -> Unread | None:
    """The first statement that binds a name which nobody reads, and the name."""
    tree = ast.parse(text)
    read = _read_in(tree)
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.AsyncFunctionDef)]
    for root in functions or [tree]:
        for node in ast.walk(root):
            for name in _bound(node):
                seen = _read_in(node) if isinstance(node, ast.AsyncWith) else read
                if name not in seen and isinstance(node, ast.stmt):
                    return node, name, _is_alone(tree, node)
    for function in functions:
        names = [one.arg for one in function.args.args if not one.arg.startswith("_")]
        unread = [one for one in names if one not in _read_in(function)]
        if unread:
            return function, unread[0], False
    return None


def _is_alone(tree: ast.AST, node: ast.stmt) -> bool:
    blocks = (getattr(one, name, None) for one in ast.walk(tree) for name in _BLOCKS)
    return any(block == [node] for block in blocks)


_BLOCKS = ("body", "orelse", "finalbody")


def _read_in(tree: ast.AST) -> set[str]:
    nodes = list(ast.walk(tree))
    read = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    return read | {name for one in nodes if isinstance(one, ast.Nonlocal) for name in one.names}


def _bound(node: ast.AST) -> list[str]:
    """The names that a statement binds and may be written without."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.For(target=ast.Tuple(elts=parts)) | ast.Assign(targets=[ast.Tuple(elts=parts)]):
            return [one.id for one in parts if isinstance(one, ast.Name) and one.id[0] != "_"]
        case ast.AsyncWith(items=items):
            held = [one.optional_vars for one in items]
            return [one.id for one in held if isinstance(one, ast.Name)]
        case _:
            return []
