"""The one expression language: a typed tree, a Pratt parser and a printer. There is no eval.

In JSON a string that begins with `$` and reads as an expression is one; a string with `{…}` or
`$name` in it is a template; anything else is text. `$$`, `{{` and `}}` are the plain marks.
Lists and objects hold values; `{"amount": …, "currency": …}` is money.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from one.compiler.light import frozen
from one.errors import JSON

MAX_DEPTH = 32
MAX_LENGTH = 20_000
MAX_TOKENS = 200

FUNCTIONS: dict[str, tuple[int, int]] = {
    "length": (1, 1),
    "lower": (1, 1),
    "upper": (1, 1),
    "trim": (1, 1),
    "round": (1, 2),
    "floor": (1, 1),
    "ceil": (1, 1),
    "min": (1, 9),
    "max": (1, 9),
    "sum": (1, 1),
    "join": (1, 2),
    "split": (1, 2),
    "first": (1, 1),
    "last": (1, 1),
    "contains": (2, 2),
    "startsWith": (2, 2),
    "now": (0, 0),
    "today": (0, 0),
    "beginning": (1, 2),
    "average": (1, 2),
    "connected": (3, 4),
    "owns": (2, 2),
    "balance": (1, 2),
    "failed": (1, 1),
    "me": (0, 0),
    "config": (1, 1),
    "money": (2, 2),
}


@frozen
class Lit:
    """Text, a number, yes/no or nothing."""

    value: str | int | float | bool | None


@frozen
class MoneyLit:
    """Minor units."""

    amount: int
    currency: str


@frozen
class Ref:
    """A name in scope."""

    name: str


@frozen
class Get:
    """A property of a thing or a record."""

    of: "Expr"
    key: str


@frozen
class Index:
    of: "Expr"
    at: "Expr"


@frozen
class Unary:
    """`not` or `-`."""

    op: str
    of: "Expr"


@frozen
class Binary:
    """`or and == != < <= > >= in ?? + - * / %`."""

    op: str
    left: "Expr"
    right: "Expr"


@frozen
class Choice:
    """`a ? b : c`."""

    condition: "Expr"
    then: "Expr"
    other: "Expr"


@frozen
class Call:
    """A function of the white list."""

    name: str
    args: tuple["Expr", ...]


@frozen
class Template:
    """Text with values in it; parts are text or expressions."""

    parts: tuple["str | Expr", ...]


@frozen
class Items:
    values: tuple["Expr", ...]


@frozen
class Record:
    fields: tuple[tuple[str, "Expr"], ...]


@frozen
class Hole:
    """What could not be understood; already reported, so nothing may be said of it again."""

    words: str = ""


Expr = (
    Lit
    | MoneyLit
    | Ref
    | Get
    | Index
    | Unary
    | Binary
    | Choice
    | Call
    | Template
    | Items
    | Record
    | Hole
)


Change = Callable[[Expr], Expr]


class BadExpression(ValueError):
    """`at` is the offset in the text that was read."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


_POWER = {
    "?": 1,
    "??": 2,
    "or": 3,
    "and": 4,
    "==": 6,
    "!=": 6,
    "<": 7,
    "<=": 7,
    ">": 7,
    ">=": 7,
    "in": 7,
    "+": 8,
    "-": 8,
    "*": 9,
    "/": 9,
    "%": 9,
}
_SAME = {"||": "or", "&&": "and", "!": "not", "===": "==", "!==": "!=", "=": "=="}
_NOT_POWER, _MINUS_POWER = 5, 10
_TOKEN = re.compile(
    r"\s*(?:(?P<length>\d+(?:ms|mo|[smhdw])\b)|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>\$?[A-Za-z]\w*)"
    r"|(?P<text>'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
    r"|(?P<mark>===|!==|==|!=|<=|>=|&&|\|\||\?\?|[-+*/%<>!?:().,\[\]{}$=]))"
)


@dataclass(slots=True)
class _Parser:
    text: str
    tokens: list[tuple[str, str, int]]
    at: int = 0
    depth: int = 0

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        text = self.peek()
        self.at += 1
        return text

    def want(self, mark: str) -> None:
        if self.peek() != mark or self.kind() != "mark":
            raise self.bad(f"expected {mark!r}")
        self.at += 1

    def bad(self, message: str) -> BadExpression:
        where = self.tokens[self.at][2] if self.at < len(self.tokens) else len(self.text)
        return BadExpression(message, where)

    def expression(self, power: int = 0) -> Expr:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.bad("nested too deeply")
        left = self.prefix()
        while (op := self.operator()) and _POWER[op] > power:
            self.at += 1
            left = self.infix(left, op)
        self.depth -= 1
        return left

    def operator(self) -> str:
        text, kind = self.peek(), self.kind()
        op = _SAME.get(text, text) if kind == "mark" else text
        named = kind == "name" and op in {"and", "or", "in"}
        return op if op in _POWER and (kind == "mark" or named) else ""

    def infix(self, left: Expr, op: str) -> Expr:
        if op != "?":
            return Binary(op, left, self.expression(_POWER[op]))
        then = self.expression()
        self.want(":")
        return Choice(left, then, self.expression())

    def prefix(self) -> Expr:
        kind, text = self.kind(), self.peek()
        if (kind == "name" and text == "not") or (kind == "mark" and text == "!"):
            self.at += 1
            return Unary("not", self.expression(_NOT_POWER))
        if kind == "mark" and text == "-":
            self.at += 1
            inner = self.expression(_MINUS_POWER)
            if isinstance(inner, Lit) and isinstance(inner.value, int | float):
                return Lit(-inner.value)
            return Unary("-", inner)
        return self.suffixes(self.atom())

    def suffixes(self, of: Expr) -> Expr:
        while self.kind() == "mark" and self.peek() in {".", "["}:
            if self.take() == "[":
                of = Index(of, self.expression())
                self.want("]")
                continue
            if self.kind() != "name" or self.peek().startswith("$"):
                raise self.bad("expected a name after the dot")
            key = self.take()
            of = Call("length", (of,)) if key == "length" else Get(of, key)
        return of

    def atom(self) -> Expr:
        kind, text = self.kind(), self.take()
        if kind == "number":
            number = float(text) if any(c in text for c in ".eE") else int(text)
            return Lit(number)
        if kind == "length":
            return Lit(text)
        if kind == "text":
            return Lit(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "name":
            return self.named(text)
        if kind == "mark" and text == "(":
            inner = self.expression()
            self.want(")")
            return inner
        if kind == "mark" and text == "[":
            return Items(self.arguments("]"))
        if kind == "mark" and text == "$" and self.peek() == "(":
            return self.atom()
        self.at -= 1
        raise self.bad(f"{text!r} does not belong here" if text else "something is missing here")

    def named(self, text: str) -> Expr:
        if text in {"true", "false"}:
            return Lit(text == "true")
        if text in {"null", "none", "nothing"}:
            return Lit(None)
        if self.peek() == "(" and self.kind() == "mark" and not text.startswith("$"):
            return self.call(text)
        return Ref(text.removeprefix("$"))

    def call(self, name: str) -> Expr:
        if name not in FUNCTIONS:
            self.at -= 1
            raise self.bad(f"there is no function {name!r}; known are {', '.join(FUNCTIONS)}")
        self.at += 1
        args = self.arguments(")")
        least, most = FUNCTIONS[name]
        if not least <= len(args) <= most:
            raise self.bad(f"{name} takes {least} to {most} values")
        match name, args:
            case "money", (Lit(int(amount)), Lit(str(currency))):
                return MoneyLit(amount, currency)
            case _:
                return Call(name, args)

    def arguments(self, end: str) -> tuple[Expr, ...]:
        values: list[Expr] = []
        while not (self.peek() == end and self.kind() == "mark"):
            values.append(self.expression())
            if self.peek() != end:
                self.want(",")
        self.at += 1
        return tuple(values)


def _tokens(text: str) -> list[tuple[str, str, int]]:
    if len(text) > MAX_LENGTH:
        raise BadExpression("too long")
    found: list[tuple[str, str, int]] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadExpression(f"{text[at:].strip()[:1]!r} is not part of an expression", at)
        kind = match.lastgroup or ""
        found.append((kind, match.group(kind), match.start(kind)))
        at = match.end()
        if len(found) > MAX_TOKENS:
            raise BadExpression("too long", at)
    return found


@lru_cache(maxsize=4096)
def parse(text: str) -> Expr:
    """The tree of an expression. Raises BadExpression with the offset of the fault."""
    parser = _Parser(text, _tokens(text))
    tree = parser.expression()
    if parser.at < len(parser.tokens):
        raise parser.bad(f"{parser.peek()!r} does not belong here")
    return unroot(tree)


def unroot(tree: Expr) -> Expr:
    """`$input.x` and `$x` are one name; `x.properties.y` is `x.y`; `$me` is `me()`."""
    if isinstance(tree, Ref):
        return Call(tree.name, ()) if tree.name in {"me", "now"} else tree
    if isinstance(tree, Get):
        of = unroot(tree.of)
        if of == Ref("input"):
            return Ref(tree.key)
        if isinstance(of, Get) and of.key == "properties":
            of = of.of
        return Get(of, tree.key)
    return rebuild(tree, unroot)


_HOLDER = re.compile(r"\{\{|\}\}|\$?\{([^{}]*)\}|\$\$|\$([A-Za-z]\w*(?:\.[A-Za-z]\w*)*)")


@lru_cache(maxsize=4096)
def template(text: str) -> Expr:
    """Text with `{expression}`, `${expression}` or `$path` in it; plain text comes back as a
    literal.
    """
    parts: list[str | Expr] = []
    plain, at = "", 0
    for found in _HOLDER.finditer(text):
        plain += text[at : found.start()]
        at = found.end()
        inner = found.group(1) if found.group(1) is not None else found.group(2)
        if inner is None:
            plain += found.group()[0]
            continue
        if plain:
            parts.append(plain)
        plain = ""
        parts.append(parse(inner))
    plain += text[at:]
    if plain:
        parts.append(plain)
    if all(isinstance(part, str) for part in parts):
        return Lit("".join(str(part) for part in parts))
    return Template(tuple(parts))


def read_value(value: object, depth: int = 0) -> Expr:
    """A JSON value to its tree. Raises BadExpression."""
    if isinstance(value, Expr):
        return value
    if depth > MAX_DEPTH:
        raise BadExpression("nested too deeply")
    if value is None or isinstance(value, bool | int | float):
        return Lit(value)
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, list):
        return Items(tuple(read_value(one, depth + 1) for one in cast("list[object]", value)))
    if isinstance(value, dict):
        return _read_record(cast("dict[str, object]", value), depth)
    raise BadExpression("not a value")


def read_condition(value: object) -> Expr:
    """What must hold: a text is an expression, with or without a `$` in front. Raises
    BadExpression.
    """
    if isinstance(value, dict | list):
        raise BadExpression("A condition is one text: \"$fan.name == 'Ana'\".")
    return parse(value) if isinstance(value, str) else read_value(value)


def _read_record(value: dict[str, object], depth: int) -> Expr:
    amount, currency = value.get("amount"), value.get("currency")
    if len(value) == 2 and isinstance(amount, int) and isinstance(currency, str):
        return MoneyLit(amount, currency)
    return Record(tuple((str(key), read_value(one, depth + 1)) for key, one in value.items()))


_PATH = re.compile(r"\$\w+(\.\w+)*(\._|\()")
"""What can only be meant as an expression: a call of a path, a key that begins with `_`."""
_CALLED = re.compile(r"([a-z]+)\([^()]*\$[^()]*\)")
"""`upper($name)`: a function of the language, of a name."""


def _read_text(value: str) -> Expr:
    if value.startswith("$") and not value.startswith("$$"):
        try:
            return parse(value)
        except BadExpression:
            if value.startswith("$(") or _PATH.match(value):
                raise
    if (call := _CALLED.fullmatch(value)) and call[1] in FUNCTIONS:
        return parse(value)
    return template(value)


def write_value(tree: Expr) -> JSON:
    """The tree as canonical JSON; `read_value` gives the same tree back."""
    match tree:
        case Lit(str(text)):
            return text.replace("$", "$$").replace("{", "{{").replace("}", "}}")
        case Lit(value):
            return value
        case MoneyLit(amount, currency):
            return {"amount": amount, "currency": currency}
        case Items(values):
            return [write_value(one) for one in values]
        case Record(fields):
            return {key: write_value(one) for key, one in fields}
        case Template(parts):
            return "".join(_part(part) for part in parts)
        case Hole(words):
            return f"$hole({words})"
        case Ref() | Get() if (path := print_tree(tree)).startswith("$"):
            return path
        case _:
            return f"$({print_tree(tree)})"


def _part(part: "str | Expr") -> str:
    if isinstance(part, str):
        return str(write_value(Lit(part)))
    return "{" + print_tree(part) + "}"


def print_tree(tree: Expr, power: int = 0) -> str:
    """The expression as text; parentheses only where they are needed."""
    match tree:
        case Ref(name):
            return f"${name}"
        case Get(of, key):
            return f"{print_tree(of, 99)}.{key}"
        case Index(of, at):
            return f"{print_tree(of, 99)}[{print_tree(at)}]"
        case Call(name, args):
            return f"{name}({', '.join(print_tree(arg) for arg in args)})"
        case Items(values):
            return f"[{', '.join(print_tree(one) for one in values)}]"
        case Binary(op, left, right):
            own = _POWER[op]
            text = f"{print_tree(left, own - 1)} {op} {print_tree(right, own)}"
            return f"({text})" if own <= power else text
        case Unary(op, of):
            own = _NOT_POWER if op == "not" else _MINUS_POWER
            text = f"not {print_tree(of, own)}" if op == "not" else f"-{print_tree(of, own)}"
            return f"({text})" if own <= power else text
        case Choice(condition, then, other):
            text = f"{print_tree(condition, 1)} ? {print_tree(then)} : {print_tree(other)}"
            return f"({text})" if power > 0 else text
        case _:
            return _print_leaf(tree)


def _print_leaf(tree: Expr) -> str:
    match tree:
        case Lit(str(text)):
            return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case Lit(None):
            return "null"
        case Lit(bool(value)):
            return "true" if value else "false"
        case Lit(value):
            return str(value)
        case MoneyLit(amount, currency):
            return f"money({amount}, '{currency}')"
        case Template(parts):
            texts = [
                _print_leaf(Lit(part)) if isinstance(part, str) else print_tree(part, 8)
                for part in parts
            ]
            return f"join([{', '.join(texts)}])"
        case _:
            return "null"


def children(tree: Expr) -> tuple[Expr, ...]:
    """The trees directly inside."""
    if isinstance(tree, LEAVES):
        return ()
    if isinstance(tree, Template):
        return tuple([part for part in tree.parts if not isinstance(part, str)])
    if isinstance(tree, Get | Unary):
        return (tree.of,)
    if isinstance(tree, Call):
        return tree.args
    match tree:
        case Items(values):
            return values
        case Index(of, at):
            return of, at
        case Binary(_, left, right):
            return left, right
        case Choice(condition, then, other):
            return condition, then, other
        case Record(fields):
            return tuple(value for _, value in fields)
        case _:
            return ()


def rebuild(tree: Expr, change: Change) -> Expr:
    """The same node over changed children."""
    match tree:
        case Get(of, key):
            return Get(change(of), key)
        case Index(of, at):
            return Index(change(of), change(at))
        case Unary(op, of):
            return Unary(op, change(of))
        case Binary(op, left, right):
            return Binary(op, change(left), change(right))
        case Choice(condition, then, other):
            return Choice(change(condition), change(then), change(other))
        case Call(name, args):
            return Call(name, tuple(change(arg) for arg in args))
        case Items(values):
            return Items(tuple(change(one) for one in values))
        case Record(fields):
            return Record(tuple((key, change(one)) for key, one in fields))
        case Template(parts):
            return Template(tuple(p if isinstance(p, str) else change(p) for p in parts))
        case _:
            return tree


def names_in(tree: Expr) -> Iterator[str]:
    """Every name that the tree reads, in order, with repeats."""
    if isinstance(tree, Ref):
        yield tree.name
    for child in children(tree):
        yield from names_in(child)


def has_hole(tree: Expr) -> bool:
    """Whether part of the tree is already in error."""
    if isinstance(tree, LEAVES):
        return False
    return isinstance(tree, Hole) or any(map(has_hole, children(tree)))


LEAVES = (Lit, Ref)
"""Most trees: they have nothing inside."""
