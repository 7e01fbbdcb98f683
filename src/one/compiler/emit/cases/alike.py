"""What the queries of a feature look for, and which of them may find the same."""

from one.compiler.expression import Call, Expr, Items, Lit, Ref, children
from one.compiler.program import Filter, Query, Tie


def plain_words(query: Query, field: str) -> frozenset[str]:
    """The words that a field of what is looked for has to be one of; none where any will do."""
    for one in query.where:
        match one.operator, one.value:
            case _ if one.field != field or one.negated:
                continue
            case "eq", Lit(str(word)):
                return frozenset({word})
            case "in", Items(values):
                words = [each.value for each in values if isinstance(each, Lit)]
                return frozenset(word for word in words if isinstance(word, str))
            case _:
                continue
    return frozenset()


def are_twins(one: Query, other: Query) -> bool:
    """Whether what is there now is found by both or by neither."""
    limits = [each for each in (one.limit, other.limit, one.search, other.search) if each]
    return not limits and one.from_ == other.from_ and _timeless(one) == _timeless(other)


def _timeless(query: Query) -> list[Filter]:
    """The conditions without the moments since when something is so."""
    found: list[Filter] = []
    for one in query.where:
        tie = one.connected
        if tie is not None and tie.since is not None:
            bare = tie.model_copy(update={"since": None})
            found.append(one.model_copy(update={"connected": bare}))
        elif one.field not in ("createdAt", "updatedAt") or one.operator not in ("gt", "gte"):
            found.append(one)
    return found


def relation_of(query: Query) -> tuple[str, Expr, Expr] | None:
    """The type and the ends of the one relation that is looked for."""
    found = {
        one.field: one.value for one in query.where if one.operator == "eq" and not one.negated
    }
    type, ends = found.get("type"), (found.get("fromEntityId"), found.get("toEntityId"))
    if query.from_ != "connections" or len(query.where) != 3 or not isinstance(type, Lit):
        return None
    one, other = ends
    return (str(type.value), one, other) if one is not None and other is not None else None


def owned_anyway(query: Query) -> bool:
    """Whether who owns a thing that came in is looked for: the author does."""
    return any(
        one.connected is not None and one.connected.type == "owns" and one.connected.to is not None
        for one in query.where
    )


def asks_for(tree: Expr, type: str, *, end: Expr | None) -> bool:
    match tree:
        case Call("connected", (one, Lit(of), other)) if of == type and end in (one, other):
            return True
        case _:
            return any(asks_for(child, type, end=end) for child in children(tree))


def tied(one: Filter) -> str:
    """A relation that rows must have, to an end that is an input or the author."""
    match one.connected:
        case Tie(type=type, from_=(Ref() | Call()) as end, to=None) if not one.negated:
            return f"{type} from {end}"
        case Tie(type=type, from_=None, to=(Ref() | Call()) as end) if not one.negated:
            return f"{type} to {end}"
        case _:
            return ""
