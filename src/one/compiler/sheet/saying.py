"""The plain words of a sheet. The author is “you”; everybody else goes by the name in the text."""

from collections.abc import Iterable, Sequence

from one.compiler.expression import Call, Expr, Get, Lit, MoneyLit, Ref, Unary
from one.compiler.expression import children as parts_of
from one.compiler.sheet.parts import Party
from one.compiler.spoken import listed, many, named, of, the, words


def says(party: Party) -> str:
    """The people in a sentence."""
    match party:
        case Party(who="author"):
            return "you"
        case Party(who="typed", name=name):
            return f"whoever has the address in “{named(name)}”"
        case Party(who="named", name=name):
            return name
        case Party(who="everybody"):
            return "everybody"
        case Party(who="runner", name=""):
            return "whoever runs it"
        case Party(who="someone") | Party(name=""):
            return "whoever it turns out to be"
        case _:
            return the(party.name)


def agreed(party: Party, verb: str) -> str:
    """The people with their verb: `the fan is`, `you are`, `the friends say`."""
    several = party.many or party.who == "author"
    return f"{says(party)} {many(verb) if several else verb}"


def all_of(people: Iterable[Party]) -> str:
    return listed(list(dict.fromkeys(says(one) for one in people)))


def owned(party: Party, what: str) -> str:
    """`your name`, `the friend's name`."""
    return f"your {what}" if party.who == "author" else of(says(party), what)


def amount(tree: Expr) -> str:
    """An amount without its sign."""
    match tree:
        case Lit(int() | float() as number):
            return words(Lit(abs(number)))
        case MoneyLit(number, currency):
            return words(MoneyLit(abs(number), currency))
        case Unary("-", inner):
            return words(inner)
        case _:
            return words(tree)


def carried(trees: Iterable[Expr]) -> Sequence[str]:
    """The values that go along, by their words; what stands in the text itself is left out."""
    return list(dict.fromkeys(one for tree in trees for one in _leaves(tree)))


def _leaves(tree: Expr) -> Iterable[str]:
    if isinstance(tree, Ref | Get) or (isinstance(tree, Call) and tree.name in {"me", "balance"}):
        yield words(tree)
        return
    for part in parts_of(tree):
        yield from _leaves(part)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
