"""Values, conditions and queries as a person says them; for reading back only."""

from collections.abc import Iterator, Mapping, Sequence

from one.compiler.bind.literals import say_duration, say_money
from one.compiler.expression import (
    Binary,
    Call,
    Choice,
    Expr,
    Get,
    Hole,
    Index,
    Items,
    Lit,
    MoneyLit,
    Record,
    Ref,
    Template,
    Unary,
)
from one.compiler.program import Filter, Query, Tie
from one.compiler.vocabulary import plural, spaced

_SUMS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "%": "modulo", "??": "or else"}
_COMPARED = {
    "==": ("is", "is not"),
    "!=": ("is not", "is"),
    ">": ("is more than", "is not more than"),
    ">=": ("is at least", "is below"),
    "<": ("is less than", "is at least"),
    "<=": ("is at most", "is above"),
    "in": ("is one of", "is none of"),
}
_TIED = {
    "owns": ("owns", "doesn't own"),
    "enrolled_in": ("is enrolled in", "is not enrolled in"),
    "member_of": ("is a member of", "is not a member of"),
    "following": ("follows", "doesn't follow"),
    "completed": ("has completed", "has not completed"),
    "transacted": ("has bought", "has not bought"),
    "holds": ("holds", "doesn't hold"),
    "authored": ("wrote", "did not write"),
    "manages": ("manages", "doesn't manage"),
    "part_of": ("is part of", "is not part of"),
}
_FUNCTIONS: Mapping[str, str] = {
    "length": "the number of",
    "sum": "the total of",
    "average": "the average of",
    "first": "the first of",
    "last": "the last of",
    "lower": "in small letters",
    "round": "rounded",
    "min": "the least of",
    "max": "the most of",
    "join": "all of",
}
OPEN = "… (still open)"


def words(tree: Expr) -> str:
    """The value in plain words."""
    match tree:
        case Hole():
            return OPEN
        case Lit(None):
            return "nothing"
        case Lit(bool(value)):
            return "yes" if value else "no"
        case Lit(str(text)):
            return f"“{text}”"
        case Lit(value):
            return str(value)
        case MoneyLit(amount, currency):
            return say_money(amount, currency)
        case Ref(name):
            return {"row": "it", "each": "them"}.get(name) or spaced(name)
        case Template(parts):
            return "“" + "".join(p if isinstance(p, str) else f"[{words(p)}]" for p in parts) + "”"
        case _:
            return _compound(tree)


def _compound(tree: Expr) -> str:
    match tree:
        case Get(Call("me", ()), key):
            return f"my {spaced(key)}"
        case Get(of, key):
            return f"{words(of)}'s {spaced(key)}"
        case Call(name, args):
            return _call(name, args)
        case Binary(op, left, right) if op in _SUMS:
            return f"{words(left)} {_SUMS[op]} {words(right)}"
        case Items(values):
            return listed([words(one) for one in values])
        case Record(fields):
            return listed([f"{spaced(key)} {words(one)}" for key, one in fields])
        case Choice(condition, then, other):
            return f"{words(then)} if {says(condition)}, else {words(other)}"
        case Index(of, at):
            return f"number {words(at)} of {words(of)}"
        case _:
            return says(tree)


def _call(name: str, args: Sequence[Expr]) -> str:
    if not args:
        return {"me": "me", "now": "now", "today": "today"}.get(name, name)
    if name == "balance":
        token = f" of {words(args[1])}" if len(args) > 1 else ""
        return f"{words(args[0])}'s token balance{token}"
    if name in {"connected", "owns", "contains", "startsWith", "failed"}:
        return says(Call(name, tuple(args)))
    return f"{_FUNCTIONS.get(name, name)} {words(args[0])}"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def says(tree: Expr, *, holds: bool = True) -> str:
    """The condition as a sentence; turned round when it must not hold."""
    no = 0 if holds else 1
    match tree:
        case Hole():
            return OPEN
        case Unary("not", inner):
            return says(inner, holds=not holds)
        case Binary("and" | "or" as op, left, right):
            both = op if holds else {"and": "or", "or": "and"}[op]
            return f"{says(left, holds=holds)} {both} {says(right, holds=holds)}"
        case Binary("!=" | "==" as op, left, Lit(None)):
            there = (op == "!=") == holds
            return f"{words(left)} {'exists' if there else 'does not exist'}"
        case Binary(">" | "==" as op, Call("length", (left,)), Lit(0)):
            empty = (op == "==") == holds
            return f"{words(left)} {'is empty' if empty else 'is not empty'}"
        case Binary(op, left, right) if op in _COMPARED:
            return f"{words(left)} {_COMPARED[op][no]} {words(right)}"
        case Call(name, args):
            return _asked(name, args, no)
        case _:
            return words(tree) if holds else f"not {words(tree)}"


def _asked(name: str, args: Sequence[Expr], no: int) -> str:
    match name, args:
        case "owns", (left, right):
            return f"{words(left)} {_TIED['owns'][no]} {words(right)}"
        case "connected", (left, Lit(str(tie)), right):
            other = f"a {spaced(str(right.value))}" if isinstance(right, Lit) else words(right)
            said = _TIED.get(tie, (f"is {spaced(tie)}", f"is not {spaced(tie)}"))[no]
            return f"{words(left)} {said} {other}"
        case "failed", (left,):
            return f"{words(left)} {('failed', 'succeeded')[no]}"
        case "contains", (left, right):
            return f"{words(left)} {('contains', 'does not contain')[no]} {words(right)}"
        case "startsWith", (left, right):
            return f"{words(left)} {('starts with', 'does not start with')[no]} {words(right)}"
        case _:
            return f"{'not ' if no else ''}{_call(name, args)}"


# --- queries ------------------------------------------------------------------------------------


def asks(query: Query) -> str:
    """`my newest course`, `up to 5 blog posts of mine with the most engagement`."""
    one = query.limit == 1
    nouns = list(_nouns(query, one=one))
    noun = listed(nouns, "or") or {"entities": "things"}.get(query.from_, query.from_)
    rest = [part for where in query.where if (part := _filter(where))]
    mine = "mine" in rest
    own = "my " if mine else ""
    order = _order(query, one=one)
    count = "" if one or query.select else f"up to {query.limit} " if query.limit else "all "
    chosen = listed([part for part in rest if part != "mine"])
    search = f" about {words(query.search)}" if query.search is not None else ""
    adjective = "".join(f"{one} " for one in _adjectives(query))
    that = f" that {chosen}" if chosen else ""
    said = f"{count}{own}{order[0]}{adjective}{noun}{search}{order[1]}{that}"
    return f"{_selected(query.select)}{said}" if isinstance(query.select, str) else said


def _selected(select: str) -> str:
    name, _, inner = select.partition("(")
    if name == "count":
        return "the number of "
    key = spaced(inner.rstrip(")").removeprefix("metadata."))
    return f"the {({'sum': 'total', 'avg': 'average'}).get(name, name)} {key} of "


def _adjectives(query: Query) -> Iterator[str]:
    """`active` for rows whose status is active."""
    for one in query.where:
        if one.field == "status" and one.operator == "eq" and isinstance(one.value, Lit):
            yield str(one.value.value)
        elif one.field == "status" and isinstance(one.value, Items):
            yield listed([str(v.value) for v in one.value.values if isinstance(v, Lit)], "or")


def _nouns(query: Query, *, one: bool) -> Iterator[str]:
    for where in query.where:
        if where.field != "type":
            continue
        trees = where.value.values if isinstance(where.value, Items) else (where.value,)
        names = [spaced(str(tree.value)) for tree in trees if isinstance(tree, Lit)]
        if names == ["audience member", "creator"]:
            names = ["person"]
        if query.from_ == "events":
            names = [f"{name} event" for name in names]
        yield from (name if one else plural(name) for name in names)


def _order(query: Query, *, one: bool) -> tuple[str, str]:
    """A word before the noun, or words after it."""
    if not query.order_by or query.select:
        return "", ""
    by = query.order_by[0]
    if by.field == "createdAt":
        return ("newest " if by.descending else "oldest "), ""
    most = "highest" if by.descending else "lowest"
    return (
        ("", f" with the {most} {spaced(by.field)}")
        if not one
        else (f"{most} {spaced(by.field)} ", "")
    )


_FIELDS = {
    "eq": "is",
    "ne": "is not",
    "gt": "is more than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
    "in": "is one of",
    "contains": "contains",
    "startsWith": "starts with",
    "between": "is between",
}


def _filter(where: Filter) -> str:
    if where.any:
        return " or ".join(_filter(one) for one in where.any)
    if where.connected is not None:
        return _tie(where.connected, no=1 if where.negated else 0)
    if where.field in {None, "type"} or where.operator is None:
        return ""
    if where.field == "status" and where.operator in {"eq", "in"}:
        return ""
    name = spaced(str(where.field).removeprefix("metadata.").rpartition(".")[2])
    if where.field == "createdAt" and isinstance(where.value, Binary):
        return f"were made in the last {_length(where.value.right)}"
    if where.operator == "exists":
        return f"have {name}" if where.value == Lit(True) else f"have no {name}"
    lead = "not " if where.negated else ""
    value = words(where.value).replace("“", "").replace("”", "") if where.value else ""
    return f"{lead}have a {name} that {_FIELDS[where.operator]} {value}"


def _length(tree: Expr) -> str:
    known = isinstance(tree, Lit) and isinstance(tree.value, str) and tree.value[:1].isdigit()
    return say_duration(str(tree.value)) if known and isinstance(tree, Lit) else words(tree)


def _tie(tie: Tie, *, no: int) -> str:
    me = Call("me", ())
    if tie.type == "owns" and tie.from_ == me and not no:
        return "mine"
    other = words(tie.to) if tie.to is not None else words(tie.from_ or Ref("it"))
    said = _TIED.get(tie.type, (spaced(tie.type), f"not {spaced(tie.type)}"))[no]
    plain = said.replace("is ", "are ", 1).replace("has ", "have ", 1).replace("follows", "follow")
    if tie.to is not None:
        return f"{plain.replace('owns', 'own')} {other}"
    return f"{other} {said}"
