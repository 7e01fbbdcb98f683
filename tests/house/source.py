"""What the walls read: the package's modules as text and syntax trees."""

import ast
import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "one"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One source file. `path` is relative to the package: `store/graph.py`."""

    path: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The top-level name it belongs to: `store`, `cli`, `web`."""
        return self.path.split("/", maxsplit=1)[0].removesuffix(".py")

    @property
    def name(self) -> str:
        """What an import calls it: `one.store.graph`, `one.store` for its `__init__.py`."""
        words = ["one", *self.path.removesuffix(".py").split("/")]
        return ".".join(words[:-1] if words[-1] == "__init__" else words)

    def at(self, node: ast.AST, message: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)}: {message}"


def parse(text: str, path: str = "domains/planted.py") -> Module:
    return Module(path, text, ast.parse(text))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package, in the order of its path."""
    gc.disable()  # all of it stays: looking for garbage in it took longer than reading it
    found = tuple(
        parse(path.read_text(), path.relative_to(PACKAGE).as_posix())
        for path in sorted(PACKAGE.rglob("*.py"))
    )
    gc.freeze()
    gc.enable()
    return found


@cache
def walk(tree: ast.AST) -> tuple[ast.AST, ...]:
    """The tree and all below it: walked once, for many walls look at every node."""
    return tuple(ast.walk(tree))


def stands(faults: Iterable[str]) -> None:
    """Fails with every fault on a line of its own, if there is one."""
    found = list(faults)
    assert not found, "\n" + "\n".join(found)


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    for node in walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def name_of(node: ast.AST | None) -> str:
    """The last word of a name: `c` for `a.b.c`, `f` for `f(…)`, empty for anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return name_of(func)
        case _:
            return ""


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a plain chain of names, empty for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr) if front := dotted(value):
            return f"{front}.{attr}"
        case _:
            return ""


def imports(tree: ast.AST) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Each imported name in full: `from a import b` gives `a.b`."""
    for node in walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def operation(node: Function) -> ast.Call | None:
    """The `@operation(…)` that declares this function, if it is one."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and name_of(decorator) == "operation":
            return decorator
    return None


def docstrings(tree: ast.AST) -> set[int]:
    """The ids of the constants that are docstrings."""
    found: set[int] = set()
    for node in walk(tree):
        match node:
            case (
                ast.Module(body=[ast.Expr(value=ast.Constant() as text), *_])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant() as text), *_])
                | ast.FunctionDef(body=[ast.Expr(value=ast.Constant() as text), *_])
                | ast.AsyncFunctionDef(body=[ast.Expr(value=ast.Constant() as text), *_])
            ):
                found.add(id(text))
            case _:
                pass
    return found
