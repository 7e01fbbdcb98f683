"""Expression trees as Python's: its own operators where the kinds are sure, else functions."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from one.compiler.emit.printing import source
from one.compiler.emit.scope import Names, Static
from one.compiler.expression import (
    Binary,
    Call,
    Choice,
    Expr,
    Get,
    Index,
    Items,
    Lit,
    MoneyLit,
    Record,
    Ref,
    Template,
    Unary,
    children,
)

Typed = tuple[ast.expr, Static]
DATA = frozenset({"connected", "owns", "balance"})
"""Functions that look into the tables."""

_FUNCTIONS: Mapping[str, tuple[str, Static]] = {
    "length": ("length", Static.INTEGER),
    "lower": ("lower", Static.TEXT),
    "upper": ("upper", Static.TEXT),
    "trim": ("trim", Static.TEXT),
    "round": ("rounded", Static.VALUE),
    "floor": ("floor", Static.VALUE),
    "ceil": ("ceiling", Static.VALUE),
    "min": ("least", Static.VALUE),
    "max": ("most", Static.VALUE),
    "sum": ("total", Static.VALUE),
    "join": ("join", Static.TEXT),
    "split": ("split", Static.VALUE),
    "first": ("first", Static.VALUE),
    "last": ("last", Static.VALUE),
    "contains": ("contains", Static.BOOLEAN),
    "startsWith": ("starts_with", Static.BOOLEAN),
    "average": ("average", Static.VALUE),
    "failed": ("failed", Static.BOOLEAN),
}
_COMPARED: Mapping[str, tuple[type[ast.cmpop], str]] = {
    "==": (ast.Eq, "equal"),
    "!=": (ast.NotEq, "equal"),
    "<": (ast.Lt, "less"),
    "<=": (ast.LtE, "at_most"),
    ">": (ast.Gt, "more"),
    ">=": (ast.GtE, "at_least"),
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COMPUTED: Mapping[str, tuple[type[ast.operator], str]] = {
    "+": (ast.Add, "plus"),
    "-": (ast.Sub, "minus"),
    "*": (ast.Mult, "times"),
    "/": (ast.Div, "divided"),
    "%": (ast.Mod, "remainder"),
}


def name(python: str) -> ast.expr:
    return ast.Name(python, ast.Load())


def constant(value: str | int | float | bool | None) -> ast.expr:
    return ast.Constant(value)


def call(function: str, *args: ast.expr, **named: ast.expr) -> ast.expr:
    """`function(*args, **named)`; the function may be dotted."""
    keywords = [ast.keyword(key, value) for key, value in named.items()]
    return ast.Call(dotted(function), list(args), keywords)


def dotted(path: str) -> ast.expr:
    first, *rest = path.split(".")
    found = name(first)
    for part in rest:
        found = ast.Attribute(found, part, ast.Load())
    return found


def mapping(fields: Mapping[str, ast.expr]) -> ast.expr:
    return ast.Dict([constant(key) for key in fields], list(fields.values()))


def listing(values: list[ast.expr]) -> ast.expr:
    return ast.List(values, ast.Load())


def several(values: list[ast.expr]) -> ast.expr:
    return ast.Tuple(values, ast.Load())


def asks(tree: Expr) -> bool:
    """Whether the tree looks into the tables."""
    own = isinstance(tree, Call) and tree.name in DATA
    return own or any(asks(child) for child in children(tree))


@dataclass(slots=True)
class Expressions:
    """Writes the trees of one place."""

    names: Names
    run: str = "run"
    data: str = ""
    path: str = ""

    def text_of(self, tree: Expr) -> str:
        """The tree as Python source."""
        return source(self.value(tree))

    def value(self, tree: Expr) -> ast.expr:
        """The tree, of whatever kind."""
        return self.typed(tree)[0]

    def values(self, fields: Mapping[str, Expr]) -> ast.expr:
        """A dict of trees."""
        return mapping({key: self.value(tree) for key, tree in fields.items()})

    def condition(self, tree: Expr) -> ast.expr:
        """The tree as a bool."""
        found, static = self.typed(tree)
        return found if static is Static.BOOLEAN else self.use("truth", found)

    def use(self, function: str, *args: ast.expr, **named: ast.expr) -> ast.expr:
        """A call of one of the sdk's functions."""
        return call(function, *args, **named)

    def typed(self, tree: Expr) -> Typed:
        """The tree, and what is sure of its kind."""
        match tree:
            case Lit(value):
                return constant(value), _static(value)
            case MoneyLit(amount, currency):
                money = self.use("Money", constant(amount), constant(currency))
                return money, Static.MONEY
            case Ref(called):
                local = self.names.known.get(called)
                return (
                    (name(local.python), local.static) if local else (constant(None), Static.VALUE)
                )
            case Get(of, key):
                return self.use("read", self.value(of), constant(key)), Static.VALUE
            case Index(of, at):
                return self.use("pick", self.value(of), self.value(at)), Static.VALUE
            case Items(found):
                return listing([self.value(one) for one in found]), Static.VALUE
            case Record(fields):
                return self.values(dict(fields)), Static.VALUE
            case Template(parts):
                return self._template(parts), Static.TEXT
            case _:
                return self._computed(tree)

    def _computed(self, tree: Expr) -> Typed:
        match tree:
            case Unary("not", of):
                return opposite(self.condition(of)), Static.BOOLEAN
            case Unary(_, of):
                return self._negative(of)
            case Binary():
                return self._binary(tree)
            case Choice(_, then, other) if then == other:
                return self.typed(then)
            case Choice(condition, then, other):
                test, yes, no = self.condition(condition), self.typed(then), self.typed(other)
                if isinstance(test, ast.Constant):
                    return yes if test.value else no
                if ast.dump(yes[0]) == ast.dump(no[0]):
                    return yes
                static = yes[1] if yes[1] is no[1] else Static.VALUE
                return ast.IfExp(test, yes[0], no[0]), static
            case Call(called, args):
                return self._call(called, args)
            case _:
                return constant(None), Static.VALUE

    def _negative(self, of: Expr) -> Typed:
        found, static = self.typed(of)
        if static.numeric or static is Static.MONEY:
            return ast.UnaryOp(ast.USub(), found), static
        return self.use("negative", found), Static.VALUE

    def _template(self, parts: tuple[str | Expr, ...]) -> ast.expr:
        """An f-string where Python can write one that is surely read back, else its parts."""
        parts = tuple(_literally(part) for part in parts)
        values = [constant(p) if isinstance(p, str) else self.words(p) for p in parts]
        plain = all(p.isprintable() for p in parts if isinstance(p, str))
        texts = "".join(p for p in parts if isinstance(p, str))
        if plain and not set("\\{}'\"") & set(texts):
            holes: list[ast.expr] = [
                v if isinstance(v, ast.Constant) else ast.FormattedValue(v, -1) for v in values
            ]
            if _can_be_written(written := ast.JoinedStr(holes)):
                return written
        return self.use("join", listing(values))

    def words(self, tree: Expr) -> ast.expr:
        """The tree as text."""
        found, static = self.typed(tree)
        return found if static is Static.TEXT else self.use("text", found)

    # --- two sides

    def _binary(self, tree: Binary) -> Typed:
        op = tree.op
        if op in ("and", "or"):
            kind = ast.And() if op == "and" else ast.Or()
            sides = [self.condition(tree.left), self.condition(tree.right)]
            found = _settled(op, *sides) or (_between(*sides) if op == "and" else None)
            return found or joined(kind, sides), Static.BOOLEAN
        if op == "??":
            return self.use("either", self.value(tree.left), self.value(tree.right)), Static.VALUE
        if op in ("==", "!=") and Lit(None) in (tree.left, tree.right):
            return self._presence(tree)
        left, right = self.typed(tree.left), self.typed(tree.right)
        if op == "in":
            return self.use("among", left[0], right[0]), Static.BOOLEAN
        if op in _COMPARED:
            return self._compared(op, left, right)
        return self._arithmetic(op, left, right)

    def _presence(self, tree: Binary) -> Typed:
        subject = tree.left if tree.right == Lit(None) else tree.right
        found, static = self.typed(subject)
        if static is not Static.VALUE:
            return constant(tree.op == "!="), Static.BOOLEAN
        test = ast.Is() if tree.op == "==" else ast.IsNot()
        return ast.Compare(found, [test], [constant(None)]), Static.BOOLEAN

    def _compared(self, op: str, left: Typed, right: Typed) -> Typed:
        native, function = _COMPARED[op]
        if _is_constant(left[0]) and not _is_constant(right[0]):
            return self._compared(_MIRRORED[op], right, left)
        both = left[1].numeric and right[1].numeric
        same = ast.dump(left[0]) == ast.dump(right[0])
        same = same or (_is_constant(left[0]) and _is_constant(right[0]))
        alike = left[1] is right[1] and left[1] is not Static.VALUE
        if left[1] is Static.TEXT and op not in ("==", "!="):
            alike = False  # Python orders texts by letter and case, not as people do
        if not same and (both or alike):
            return ast.Compare(left[0], [native()], [right[0]]), Static.BOOLEAN
        found = self.use(function, left[0], right[0])
        return (opposite(found) if op == "!=" else found), Static.BOOLEAN

    def _arithmetic(self, op: str, left: Typed, right: Typed) -> Typed:
        native, function = _COMPUTED[op]
        if left[1].numeric and right[1].numeric and op not in "/%":
            both = left[1] is right[1] is Static.INTEGER
            static = Static.INTEGER if both else Static.NUMBER
            return ast.BinOp(left[0], native(), right[0]), static
        if left[1] is right[1] is Static.MONEY and op in "+-":
            return ast.BinOp(left[0], native(), right[0]), Static.MONEY
        if op == "*" and left[1] is Static.MONEY and right[1].numeric:
            times = ast.Attribute(left[0], "times", ast.Load())
            return ast.Call(times, [right[0]], []), Static.MONEY
        return self.use(function, left[0], right[0]), Static.VALUE

    # --- functions

    def _call(self, called: str, args: tuple[Expr, ...]) -> Typed:
        if called in DATA:
            return self._asked(called, args)
        match called, args:
            case "me", _:
                return dotted(f"{self.run}.me"), Static.VALUE
            case (("now" | "today"), _):
                return dotted(f"{self.run}.{called}"), Static.MOMENT
            case "beginning", (unit, *back):
                named = {"back": self.value(back[0])} if back else {}
                now = dotted(f"{self.run}.now")
                return self.use("beginning", now, self.value(unit), **named), Static.MOMENT
            case "config", _:
                return call(f"{self.run}.config", *map(self.value, args)), Static.VALUE
            case "money", (amount, Lit(str(currency))):
                cents = self.use("rounded", self.value(amount))
                return self.use("money", cents, constant(currency)), Static.MONEY
            case _:
                function, static = _FUNCTIONS.get(called, ("either", Static.VALUE))
                return self.use(function, *[self.value(arg) for arg in args]), static

    def _asked(self, called: str, args: tuple[Expr, ...]) -> Typed:
        first, *rest = [self.value(arg) for arg in args]
        keys = {"connected": ("type", "to", "sort"), "owns": ("of",), "balance": ("of",)}[called]
        named = dict(zip(keys, rest, strict=False))
        found = ast.Await(call(f"{self.data}.{called}", constant(self.path), first, **named))
        return found, Static.INTEGER if called == "balance" else Static.BOOLEAN


def _literally(part: str | Expr) -> str | Expr:
    return part.value if isinstance(part, Lit) and isinstance(part.value, str) else part


def _can_be_written(tree: ast.JoinedStr) -> bool:
    """Whether no text inside needs quotes of its own kind."""
    inner = [one for part in tree.values for one in ast.walk(part) if one is not part]
    texts = [one.value for one in inner if isinstance(one, ast.Constant)]
    nested = any(isinstance(one, ast.JoinedStr) for one in inner)
    return not nested and all(
        one.isprintable() and not set("\\{}'\"") & set(one) for one in texts if isinstance(one, str)
    )


def _static(value: str | int | float | bool | None) -> Static:
    match value:
        case bool():
            return Static.BOOLEAN
        case int():
            return Static.INTEGER
        case float():
            return Static.NUMBER
        case str():
            return Static.TEXT
        case None:
            return Static.VALUE


def _is_constant(tree: ast.expr) -> bool:
    inner = tree.operand if isinstance(tree, ast.UnaryOp) else tree
    return isinstance(inner, ast.Constant)


def _settled(op: str, left: ast.expr, right: ast.expr) -> ast.expr | None:
    """What two sides come to when one of them is a plain yes or no."""
    for one, other in ((left, right), (right, left)):
        match one:
            case ast.Constant(bool() as so):
                return other if so == (op == "and") else one
            case _:
                continue
    return None


def _between(left: ast.expr, right: ast.expr) -> ast.expr | None:
    """`10 <= level <= 20` for a name that is compared from below and from above."""
    match left, right:
        case (
            ast.Compare(ast.Name(name), [ast.GtE() | ast.Gt() as above], [low]),
            ast.Compare(ast.Name(again), [ast.LtE() | ast.Lt() as below], [high]),
        ) if name == again:
            over = ast.LtE() if isinstance(above, ast.GtE) else ast.Lt()
            return ast.Compare(low, [over, below], [ast.Name(name, ast.Load()), high])
        case _:
            return None


_OPPOSITE: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}


def joined(kind: ast.boolop, sides: list[ast.expr]) -> ast.expr:
    """All of the sides under one `and` or `or`."""
    values: list[ast.expr] = []
    for side in sides:
        same = isinstance(side, ast.BoolOp) and type(side.op) is type(kind)
        values += side.values if same and isinstance(side, ast.BoolOp) else [side]
    return ast.BoolOp(kind, values)


def opposite(test: ast.expr) -> ast.expr:
    """The test that holds when this one doesn't, as one would write it."""
    match test:
        case ast.UnaryOp(ast.Not(), inner):
            return inner
        case ast.Constant(bool() as so):
            return constant(not so)
        case ast.Compare(left, [op], right):
            return ast.Compare(left, [_OPPOSITE[type(op)]()], right)
        case ast.BoolOp(ast.And(), values):
            return joined(ast.Or(), [opposite(one) for one in values])
        case ast.BoolOp(ast.Or(), values):
            return joined(ast.And(), [opposite(one) for one in values])
        case _:
            return ast.UnaryOp(ast.Not(), test)
