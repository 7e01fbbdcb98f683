"""The gate: from a program to code that may run. Generated code is let in by a list of what it may
hold, and begins with few names; what is not on the list is a fault of the emitter, and told as one.
"""

import ast
import builtins
import hashlib
import typing
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, MappingProxyType

from one import sdk
from one.compiler.emit import EMITTER_VERSION, Emitted, emit
from one.compiler.program import Program
from one.compiler.vocabulary import Vocabulary
from one.sdk import Feature

EMITTER = str(EMITTER_VERSION)
MOST_TEXT, MOST_NODES, DEEPEST = 2_000_000, 200_000, 100
_SDK = "one.sdk"
_OFFERED: Mapping[str, Collection[str]] = {_SDK: sdk.__all__, "typing": ("Annotated",)}
_NODES = (
    *(ast.Module, ast.ImportFrom, ast.alias, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef),
    *(ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AnnAssign, ast.For, ast.AsyncFor, ast.If),
    *(ast.With, ast.AsyncWith, ast.withitem, ast.Raise, ast.Try, ast.ExceptHandler, ast.Expr),
    *(ast.Pass, ast.Break, ast.Continue, ast.Nonlocal, ast.BoolOp, ast.BinOp, ast.UnaryOp),
    *(ast.Lambda, ast.IfExp, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp),
    *(ast.GeneratorExp, ast.comprehension, ast.Await, ast.Compare, ast.Call, ast.keyword),
    *(ast.FormattedValue, ast.JoinedStr, ast.Constant, ast.Attribute, ast.Subscript, ast.Starred),
    *(ast.Name, ast.List, ast.Tuple, ast.Slice, ast.expr_context, ast.boolop, ast.operator),
    *(ast.unaryop, ast.cmpop),
)
_BUILTINS = frozenset(
    {
        *("None", "True", "False", "bool", "dict", "float", "int", "list", "str", "tuple", "set"),
        *("abs", "all", "any", "enumerate", "len", "max", "min", "range", "round", "sorted"),
        *("sum", "zip", "isinstance"),
    }
)
_ATTRIBUTES = frozenset(
    {
        *("format", "format_map", "mro", "gi_frame", "gi_code", "gi_yieldfrom", "cr_frame"),
        *("cr_code", "cr_await", "cr_origin", "ag_frame", "ag_code", "ag_await", "tb_frame"),
        *("tb_next", "f_back", "f_globals", "f_locals", "f_builtins", "f_code", "func_globals"),
    }
)
_OF_RUNS = frozenset({"engine", "ctx", "standing"})
"""What a run has for the sdk's own use."""


class Unsafe(Exception):
    """A bug: generated code holds what it may not."""


@dataclass(frozen=True, slots=True)
class Built:
    """A program as code: what it was written as, and the feature in that."""

    emitted: Emitted
    feature: Feature

    @property
    def module(self) -> str:
        return self.emitted.module

    @property
    def errors(self) -> Mapping[str, str]:
        """The codes that it refuses with, and their words."""
        return self.emitted.errors


def digest_of(program: Program) -> str:
    """That of its canonical form, which says its version of the language too."""
    return hashlib.sha256(program.encoded()).hexdigest()


def build(
    program: Program, vocabulary: Vocabulary, *, text: str = "", lines: Mapping[str, int]
) -> Built:
    """Emits a checked program, holds the code against the list, and makes its feature."""
    emitted = emit(program, vocabulary, text=text, lines=lines)
    return Built(emitted, admit(emitted.module, program.feature))


def admit(module: str, slug: str) -> Feature:
    """The feature of a module's text. Raises Unsafe for one that is not let in."""
    return _feature(_checked(module, slug), slug)


def _checked(module: str, slug: str) -> CodeType:
    if len(module) > MOST_TEXT:
        raise Unsafe(f"The module has {len(module):,} characters; {MOST_TEXT:,} may be.")
    try:
        tree = ast.parse(module)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unsafe(f"The module is not Python: {error}.") from error
    for fault in faults(tree):
        raise Unsafe(fault)
    return compile(tree, f"<{slug}>", "exec", dont_inherit=True)


def faults(tree: ast.Module) -> Iterator[str]:
    """What a tree holds that it may not."""
    nodes = list(_walk(tree))
    if len(nodes) > MOST_NODES:
        yield f"It has {len(nodes):,} parts; {MOST_NODES:,} may be."
    own = {name for node, _ in nodes for name in _bound(node)}
    for node, depth in nodes:
        at = f"line {getattr(node, 'lineno', '?')}"
        if depth > DEEPEST:
            yield f"{at}: it is deeper than {DEEPEST}."
            return
        if not isinstance(node, _NODES):
            yield f"{at}: {type(node).__name__} may not stand in a feature."
        if fault := _fault(node, own):
            yield f"{at}: {fault}"


def _walk(tree: ast.Module) -> Iterator[tuple[ast.AST, int]]:
    waiting: list[tuple[ast.AST, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(node)]


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.ExceptHandler(name=name):
            if name is not None:
                yield name
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.ImportFrom(names=names):
            yield from (alias.asname or alias.name for alias in names)
        case _:
            pass


def _fault(node: ast.AST, own: set[str]) -> str:
    """What is wrong with one part; empty when nothing is."""
    match node:
        case ast.ImportFrom(module=module, level=level, names=names):
            if level or any(one.name not in _OFFERED.get(module or "", ()) for one in names):
                return f"only what {_SDK} offers is imported, by name."
        case ast.Name(id=name):
            if _hidden(name) or (name not in own and name not in _BUILTINS):
                return f"the name {name} means nothing here."
        case ast.Attribute(value=of, attr=name):
            of_run = isinstance(of, ast.Name) and of.id.startswith("run") and name in _OF_RUNS
            if name.startswith("_") or name in _ATTRIBUTES or of_run:
                return f"no attribute {name} is touched."
        case ast.arg(arg=name) | ast.keyword(arg=name):
            if name is not None and _hidden(name):
                return f"the name {name} is not a feature's."
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            if name.startswith("__") or name in _BUILTINS:
                return f"{name} is not a feature's to define."
        case ast.Constant(value=bytes() | complex()):
            return "bytes and complex numbers are no values of a feature."
        case _:
            pass
    return ""


def _hidden(name: str) -> bool:
    return name.startswith("__")


def _offered(name: str, *rest: object) -> object:
    """`from … import …` as generated code has it; `rest` is as Python hands it over."""
    match rest:
        case (_, _, tuple(), 0) if name in _OFFERED:
            return sdk if name == _SDK else typing
        case _:
            raise Unsafe(f"{name} is not imported by a feature.")


_WORLD: Mapping[str, object] = MappingProxyType(
    {
        **{name: getattr(builtins, name) for name in _BUILTINS if hasattr(builtins, name)},
        "__build_class__": builtins.__build_class__,
        "__import__": _offered,
    }
)


def _feature(code: CodeType, slug: str) -> Feature:
    world: dict[str, object] = {"__builtins__": dict(_WORLD), "__name__": f"one.live.{slug}"}
    exec(code, world)  # noqa: S102 # only what the list lets in, over few names
    found = world.get(slug)
    if not isinstance(found, Feature):
        raise Unsafe(f"The module declares no feature {slug}.")
    return found
