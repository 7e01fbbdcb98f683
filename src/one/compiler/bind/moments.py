"""Moments in conditions: beside a stretch of time, a day without its year, a day of the week."""

from one.compiler.bind.dates import moment_of
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.periods import of_now, period_of, within
from one.compiler.bind.session import Reading
from one.compiler.expression import Binary, Expr, Get, Hole, Lit
from one.compiler.kinds import Base
from one.compiler.reader import Word, whole


def beside_time(reading: Reading, left: Typed, op: str, *, rest: list[Word]) -> Expr | None:
    """A moment beside a stretch of time, or beside one that is named without its year or day."""
    if isinstance(left.tree, Get) and left.tree.key == "birthday":
        why = "Ask for the day in an INPUT, such as - birthday: date, where somebody tells it."
        said = "Birthdays are private; none can be looked up."
        reading.error("E205", said, why=why, at=whole(rest))
        return Hole()
    if left.kind.base is not Base.DATETIME:
        return None
    if op in {"==", "<=", "in"} and (at := period_of(rest)):
        return within(left.tree, at.since, until=at.until)
    said = moment_of(strip(rest)) or ""
    moment = of_now(said)
    if moment is None:
        return None
    exact = op == "==" or said.split()[0] in {"today", "tomorrow"}
    if said[2:3] == "-" or (said[0].isalpha() and not exact):
        whose = "year" if said[2:3] == "-" else "week"
        note = f"“{phrase(rest)}” is taken as that of this {whose}."
        reading.note("E323", note, at=whole(rest))
    if op == "==" and ":" not in said:
        return within(left.tree, moment, until=Binary("+", moment, Lit("1d")))
    return Binary(op, left.tree, moment)
