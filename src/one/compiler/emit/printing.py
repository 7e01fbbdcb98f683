"""Trees of Python as source, laid out as formatters do: on one line where it fits, else opened at
its brackets. The same in every version of Python.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

WIDTH = 100
_WORD = re.compile(r"\s*\S+\s*|\s+")

_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _AWAIT, _ATOM = range(2, 11)
_LAST = 0
_CHOICE = 1
_OPERATORS: Mapping[type[ast.AST], tuple[str, int]] = {
    ast.Or: ("or", _OR),
    ast.And: ("and", _AND),
    ast.BitOr: ("|", _SUM),
    ast.Add: ("+", _SUM),
    ast.Sub: ("-", _SUM),
    ast.Mult: ("*", _PRODUCT),
    ast.Div: ("/", _PRODUCT),
    ast.Mod: ("%", _PRODUCT),
    ast.Is: ("is", _COMPARE),
    ast.IsNot: ("is not", _COMPARE),
    ast.Eq: ("==", _COMPARE),
    ast.NotEq: ("!=", _COMPARE),
    ast.Lt: ("<", _COMPARE),
    ast.LtE: ("<=", _COMPARE),
    ast.Gt: (">", _COMPARE),
    ast.GtE: (">=", _COMPARE),
    ast.In: ("in", _COMPARE),
    ast.Not: ("not ", _NOT),
    ast.USub: ("-", _UNARY),
}


# --- on one line --------------------------------------------------------------------------------


def source(tree: ast.expr, *, above: int = _LAST, quote: str = '"') -> str:
    """The expression on one line, in brackets where it binds less than what is `above` it."""
    said, binds = _said(tree, quote)
    return f"({said})" if binds < above else said


def _said(tree: ast.expr, quote: str) -> tuple[str, int]:
    match tree:
        case ast.Constant(value):
            return _constant(value, quote), _ATOM
        case ast.Name(id=name):
            return name, _ATOM
        case ast.Attribute(value=of, attr=name):
            return f"{source(of, above=_ATOM, quote=quote)}.{name}", _ATOM
        case ast.JoinedStr(values=parts):
            return f'f"{"".join(map(_part, parts))}"', _ATOM
        case ast.Call() | ast.List() | ast.Tuple() | ast.Dict() | ast.Subscript():
            opened, items, closed = _brackets(tree, quote)
            return f"{opened}{', '.join(items)}{closed}", _ATOM
        case _:
            return _operation(tree, quote)


def _operation(tree: ast.expr, quote: str) -> tuple[str, int]:
    match tree:
        case ast.Await(value=of):
            return f"await {source(of, above=_ATOM, quote=quote)}", _AWAIT
        case ast.UnaryOp(op=op, operand=of):
            sign, binds = _OPERATORS[type(op)]
            if isinstance(of, ast.Constant) and isinstance(of.value, int | float) and of.value < 0:
                return f"{sign}({of.value!r})", binds
            return f"{sign}{source(of, above=binds, quote=quote)}", binds
        case ast.IfExp(test=test, body=yes, orelse=no):
            held = [source(one, above=_OR, quote=quote) for one in (yes, test)]
            return f"{held[0]} if {held[1]} else {source(no, above=_CHOICE, quote=quote)}", _CHOICE
        case ast.BoolOp() | ast.BinOp() | ast.Compare():
            return " ".join(_sides(tree, quote)), _binds(tree)
        case _:
            return ast.unparse(tree), _LAST


def _binds(tree: ast.BoolOp | ast.BinOp | ast.Compare) -> int:
    return _COMPARE if isinstance(tree, ast.Compare) else _OPERATORS[type(tree.op)][1]


def _sides(tree: ast.BoolOp | ast.BinOp | ast.Compare, quote: str = '"') -> list[str]:
    """The first side, then each other one behind its operator."""
    binds = _binds(tree)
    match tree:
        case ast.BoolOp(op=op, values=[first, *rest]):
            pairs = [(op, one) for one in rest]
            left = _side(op, first, binds=binds, quote=quote)
            said = [_side(op, one, binds=binds, quote=quote) for _, one in pairs]
            return [left, *[f"{_OPERATORS[type(op)][0]} {one}" for one in said]]
        case ast.BinOp(left=first, op=op, right=right):
            pairs, left = [(op, right)], source(first, above=binds, quote=quote)
        case ast.Compare(left=first, ops=ops, comparators=rest):
            pairs = list(zip(ops, rest, strict=True))
            left = source(first, above=binds + 1, quote=quote)
        case _:
            return []
    others = [(_OPERATORS[type(op)][0], one) for op, one in pairs]
    return [left, *[f"{op} {source(one, above=binds + 1, quote=quote)}" for op, one in others]]


def _side(op: ast.boolop, tree: ast.expr, *, binds: int, quote: str) -> str:
    """A side of `and` or `or`; an `and` within an `or` in brackets, so that nobody has to know."""
    said = source(tree, above=binds + 1, quote=quote)
    mixed = isinstance(op, ast.Or) and isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And)
    return f"({said})" if mixed and not said.startswith("(") else said


def _apart(tree: ast.BoolOp | ast.BinOp | ast.Compare, room: int) -> list[str]:
    """The sides on lines of their own; an `and` within an `or` that is too long is opened too."""
    if not (isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.Or)):
        return _sides(tree)
    lines: list[str] = []
    for said, value in zip(_sides(tree), tree.values, strict=True):
        if isinstance(value, ast.BoolOp) and len(said) > room:
            inner = [f"    {one}" for one in _sides(value)]
            lines += ["or (" if lines else "(", *inner, ")"]
        else:
            lines.append(said)
    return lines


def quoted(text: str) -> str:
    """The text as a literal."""
    return _constant(text, '"')


def _constant(value: object, quote: str) -> str:
    if not isinstance(value, str):
        return repr(value)
    said = repr(value)
    if said[0] == quote or '"' in value or "'" in value:
        return said
    return f"{quote}{said[1:-1]}{quote}"


def _part(part: ast.expr) -> str:
    match part:
        case ast.Constant(str(text)):
            return text
        case ast.FormattedValue(value=of):
            return f"{{{source(of, quote=chr(39))}}}"
        case _:
            return ""


Opened = ast.BoolOp | ast.BinOp | ast.Compare | ast.IfExp
Bracketed = ast.Call | ast.List | ast.Tuple | ast.Dict | ast.Subscript


def _brackets(tree: Bracketed, quote: str = '"') -> tuple[str, list[str], str]:
    """What opens, what stands inside, and what closes."""
    opened, inside, closed = _opened(tree, quote)
    items = [head + source(one, quote=quote) for head, one in inside]
    return opened, items, f",{closed}" if _is_single(tree) else closed


def _is_single(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Tuple) and len(tree.elts) == 1


def _opened(tree: Bracketed, quote: str = '"') -> tuple[str, list[tuple[str, ast.expr]], str]:
    match tree:
        case ast.Call(func=of, args=args, keywords=keywords):
            named = [(f"{one.arg}=", one.value) for one in keywords]
            opened = source(of, above=_ATOM, quote=quote)
            return f"{opened}(", [*[("", one) for one in args], *named], ")"
        case ast.Subscript(value=of, slice=ast.Tuple(elts=[_, _, *_] as parts)):
            return f"{source(of, above=_ATOM)}[", [("", one) for one in parts], "]"
        case ast.Subscript(value=of, slice=part):
            return f"{source(of, above=_ATOM)}[", [("", part)], "]"
        case ast.Dict(keys=keys, values=values):
            named = [
                (f"{source(key, quote=quote)}: ", one)
                for key, one in zip(keys, values, strict=True)
                if key is not None
            ]
            return "{", named, "}"
        case ast.List(elts=parts):
            return "[", [("", one) for one in parts], "]"
        case ast.Tuple(elts=parts):
            return "(", [("", one) for one in parts], ")"


# --- on several lines ---------------------------------------------------------------------------


def laid_out(line: str, depth: int) -> list[str]:
    """A statement, or the head of one, with its indentation."""
    inside = "    " * depth
    if "\n" not in line and len(inside) + len(line) <= WIDTH:
        return [inside + line]
    if line.startswith("async with ") and (items := _withs(line)):
        further = "    " * (depth + 1)
        return [f"{inside}async with (", *[f"{further}{one}," for one in items], f"{inside}):"]
    lead, tree, tail = _statement(line)
    if tree is None:
        return [inside + one for one in line.split("\n")]
    return _open(tree, lead, tail, depth=depth, alone=True)


def _withs(line: str) -> list[str]:
    """The parts of an `async with` that has several."""
    match ast.parse(f"{line} pass").body[0]:
        case ast.AsyncWith(items=[_, _, *_] as items):
            return [
                source(one.context_expr)
                + (f" as {source(one.optional_vars)}" if one.optional_vars else "")
                for one in items
            ]
        case _:
            return []


def _statement(line: str) -> tuple[str, ast.expr | None, str]:
    """What stands before the expression that can be opened, the expression, and what follows."""
    if line[0] in '#@"' or line.startswith(("async def", "except", "nonlocal")):
        return ("@", _expression(line[1:]), "") if line[0] == "@" else ("", None, "")
    other = line.startswith("elif ")
    text = line[2:] if other else line
    found = ast.parse(f"{text} pass" if text.endswith(":") else text).body[0]
    match found:
        case ast.Expr(value=tree):
            return "", tree, ""
        case ast.Assign(targets=[target], value=tree):
            return f"{source(target)} = ", tree, ""
        case ast.Return(value=ast.expr() as tree):
            return "return ", tree, ""
        case ast.Raise(exc=ast.expr() as tree, cause=cause):
            return "raise ", tree, f" from {source(cause)}" if cause else ""
        case ast.If(test=tree):
            return "elif " if other else "if ", tree, ":"
        case ast.For(target=target, iter=tree):
            return f"for {source(target).strip('()')} in ", tree, ":"
        case ast.AsyncFor(target=target, iter=tree):
            return f"async for {source(target)} in ", tree, ":"
        case ast.AnnAssign(target=target, annotation=kind, value=value):
            return f"{source(target)}: ", kind, f" = {source(value)}" if value else ""
        case _:
            return "", None, ""


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _open(tree: ast.expr, lead: str, tail: str, *, depth: int, alone: bool = False) -> list[str]:
    """An expression between what stands before and after it; `alone` is a statement's own."""
    inside = "    " * depth
    flat = f"{inside}{lead}{source(tree)}{tail}"
    if len(flat) <= WIDTH:
        return [flat]
    match tree:
        case ast.Await(value=of):
            return _open(of, f"{lead}await ", tail, depth=depth, alone=alone)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call() | ast.Await() as of):
            return _open(of, f"{lead}not ", tail, depth=depth, alone=alone)
        case ast.Call() | ast.List() | ast.Tuple() | ast.Dict() | ast.Subscript():
            return _items(tree, lead, tail, depth=depth)
        case ast.BoolOp() | ast.BinOp() | ast.Compare() | ast.IfExp():
            return _operands(tree, lead, tail, depth=depth, alone=alone)
        case ast.Constant(value=str()) | ast.JoinedStr():
            return _text(tree, lead, tail, depth=depth) or [flat]
        case _:
            return [flat]


def _text(tree: ast.expr, lead: str, tail: str, *, depth: int) -> list[str]:
    """A long text in several, one below the other; nothing where no line can be broken."""
    inside, further = "    " * depth, "    " * (depth + 1)
    lines: list[list[ast.expr]] = [[]]
    for part in _words(tree):
        if lines[-1] and len(further) + len(_written([*lines[-1], part])) > WIDTH:
            lines.append([])
        lines[-1].append(part)
    body = [further + _written(parts) for parts in lines]
    return [f"{inside}{lead}(", *body, f"{inside}){tail}"] if len(body) > 1 else []


def _words(tree: ast.expr) -> Iterator[ast.expr]:
    """The words of a text, each with the blanks behind it, and its values."""
    match tree:
        case ast.JoinedStr(values=parts):
            for part in parts:
                yield from _words(part)
        case ast.Constant(value=str(text)):
            for found in _WORD.findall(text):
                yield ast.Constant(found)
        case _:
            yield tree


def _written(parts: list[ast.expr]) -> str:
    if any(isinstance(part, ast.FormattedValue) for part in parts):
        return source(ast.JoinedStr(parts))
    return quoted("".join(str(part.value) for part in parts if isinstance(part, ast.Constant)))


def moved_out(lines: Sequence[str]) -> list[str]:
    """Lines one level further out; those that were opened as they fit there."""
    found: list[str] = []
    held: list[str] = []
    for one in [line.removeprefix("    ") for line in lines]:
        held.append(one)
        if len(held) == 1 and not one.endswith(("(", "[", "{")):
            found += held
            held = []
        elif len(held) > 1 and _depth(one) == _depth(held[0]) and one.lstrip()[:1] in ")]}":
            own = _depth(held[0])
            found += laid_out("\n".join(line[own:] for line in held), own // 4)
            held = []
    return [*found, *held]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _items(tree: Bracketed, lead: str, tail: str, *, depth: int) -> list[str]:
    inside, further = "    " * depth, "    " * (depth + 1)
    opened, items, closed = _opened(tree)
    if not items:
        return [f"{inside}{lead}{opened}{closed}{tail}"]
    body = ", ".join(_brackets(tree)[1])
    if isinstance(tree, ast.Call | ast.Subscript) and len(further) + len(body) <= WIDTH:
        lines = [further + body]
    else:
        lines = [line for head, one in items for line in _open(one, head, ",", depth=depth + 1)]
    return [f"{inside}{lead}{opened}", *lines, f"{inside}{closed}{tail}"]


def _operands(tree: Opened, lead: str, tail: str, *, depth: int, alone: bool) -> list[str]:
    inside, further = "    " * depth, "    " * (depth + 1)
    if alone and (found := _at_its_end(tree, lead, tail, depth=depth)):
        return found
    if alone and (found := _at_its_start(tree, lead, tail, depth=depth)):
        return found
    room = WIDTH - 4 * (depth + alone)
    sides = _choices(tree) if isinstance(tree, ast.IfExp) else _apart(tree, room)
    if alone:
        return [f"{inside}{lead}(", *[further + one for one in sides], f"{inside}){tail}"]
    lines = [f"{inside}{lead}{sides[0]}", *[inside + one for one in sides[1:]]]
    return [*lines[:-1], lines[-1] + tail]


def _at_its_end(tree: Opened, lead: str, tail: str, *, depth: int) -> list[str]:
    """Two sides, opened at the bracket that the second ends with, where it has one that holds, or
    at one for a long text.
    """
    if isinstance(tree, ast.Compare):
        head = f"{lead}{' '.join(_sides(tree)[:-1])} {_OPERATORS[type(tree.ops[-1])][0]} "
        return _text(tree.comparators[-1], head, tail, depth=depth)
    if not isinstance(tree, ast.BoolOp) or len(tree.values) != 2:
        return []
    first, second = _sides(tree)[0], tree.values[1]
    head = f"{lead}{first} {_OPERATORS[type(tree.op)][0]} "
    if _is_call(second):
        found = _open(second, head, tail, depth=depth)
    elif isinstance(second, ast.BoolOp):
        body = _within(second, depth + 1)
        found = ["    " * depth + head + "(", *body, "    " * depth + ")" + tail]
    else:
        return []
    return found if len(found[0]) <= WIDTH else []


def _is_call(tree: ast.expr) -> bool:
    """Whether it is a call that says with what, also one that is awaited or denied."""
    while isinstance(tree, ast.Await | ast.UnaryOp):
        tree = tree.value if isinstance(tree, ast.Await) else tree.operand
    return isinstance(tree, ast.Call) and bool(tree.args or tree.keywords)


def _choices(tree: ast.IfExp) -> list[str]:
    """What is chosen, then the test and the other behind their words."""
    yes, test = source(tree.body, above=_OR), source(tree.test, above=_OR)
    if isinstance(tree.orelse, ast.IfExp):
        first, *rest = _choices(tree.orelse)
        return [yes, f"if {test}", f"else {first}", *rest]
    return [yes, f"if {test}", f"else {source(tree.orelse, above=_CHOICE)}"]


def _at_its_start(tree: Opened, lead: str, tail: str, *, depth: int) -> list[str]:
    """Two sides, opened at the bracket of the first, and at that of the second if it must be."""
    if not isinstance(tree, ast.BoolOp) or len(tree.values) != 2:
        return []
    inside, (first, second) = "    " * depth, tree.values
    sign = _OPERATORS[type(tree.op)][0]
    if _is_call(first) and _is_call(second):
        *begun, _ = _open(first, lead, f" {_sides(tree)[1]}{tail}", depth=depth)
        return [*begun, *_open(second, f") {sign} ", tail, depth=depth)]
    if not isinstance(first, ast.BoolOp):
        return []
    opened = [f"{inside}{lead}(", *_within(first, depth + 1)]
    last = f"{inside}) {_sides(tree)[1]}{tail}"
    if len(last) <= WIDTH:
        return [*opened, last]
    if not isinstance(second, ast.BoolOp):
        return []
    return [*opened, f"{inside}) {sign} (", *_within(second, depth + 1), f"{inside}){tail}"]


def _within(tree: ast.BoolOp, depth: int) -> list[str]:
    """What stands in the brackets of a side: on one line where it fits."""
    inside, sides = "    " * depth, _sides(tree)
    flat = inside + " ".join(sides)
    return [flat] if len(flat) <= WIDTH else [inside + one for one in sides]


def imported(name: str, parts: Sequence[str]) -> list[str]:
    """An import of several names."""
    flat = f"from {name} import {', '.join(parts)}"
    if len(flat) <= WIDTH:
        return [flat]
    return [f"from {name} import (", *[f"    {one}," for one in parts], ")"]
