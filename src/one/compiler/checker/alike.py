"""Which kinds of values can be compared with which."""

from one.compiler.bind.literals import seconds_in
from one.compiler.expression import Expr, Lit
from one.compiler.kinds import Base, Kind


def ordered(left: Kind, right: Kind) -> bool:
    """Whether one can be more than the other."""
    if left.numeric and right.numeric:
        return True
    if left.base is right.base:
        return left.base in {Base.MONEY, Base.DURATION, Base.DATETIME, Base.TEXT}
    return {left.base, right.base} <= {Base.DATETIME, Base.TEXT} or {left.base, right.base} <= {
        Base.DURATION,
        Base.TEXT,
    }


def measured(kind: Kind, other: Kind, *, tree: Expr) -> Kind:
    """A text beside a moment that says how long something is: a length of time."""
    said = tree.value if isinstance(tree, Lit) else None
    long = isinstance(said, str) and seconds_in(said) is not None
    return Kind(Base.DURATION) if long and other.base is Base.DATETIME else kind


def equable(left: Kind, right: Kind) -> bool:
    """Whether one can be the other."""
    if left.base is right.base is Base.THING and left.types and right.types:
        return bool(left.types & right.types)
    if left.base is right.base or (left.numeric and right.numeric):
        return True
    bases = {left.base, right.base}
    if Base.NOTHING in bases or Base.OUTCOME in bases:
        return True
    return Base.TEXT in bases and not bases & {
        Base.MONEY,
        Base.INTEGER,
        Base.NUMBER,
        Base.LIST,
        Base.BOOLEAN,
    }
