"""What an author may allow beyond the defaults of a sheet, line by line: ticks, and numbers.

A tick belongs to what its line asks: a new revision that asks the same keeps it, one that asks
otherwise has to be ticked again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from one.compiler.light import frozen
from one.compiler.sheet.parts import Budget, Consent, Line, Pick, Price, Sheet

_ALLOWS: Mapping[type[Line], str] = {
    Consent: "without asking you each time",
    Price: "for less than the thing's price too",
    Pick: "of yours also what whoever runs it can't see",
}


@frozen
class Tick:
    """A line that may be ticked. `part` is its section, `allows` what the tick adds."""

    line: str
    part: str
    says: str
    allows: str
    ticked: bool


def ticks_of(sheet: Sheet) -> Iterator[Tick]:
    """The lines of a sheet that may be ticked."""
    for part, lines in (
        ("consents", sheet.consents),
        ("takes", sheet.takes),
        ("picks", sheet.picks),
    ):
        for line in lines:
            if may_be_ticked(line):
                yield Tick(line.digest, part, line.says, _ALLOWS[type(line)], is_ticked(line))


def may_be_ticked(line: Line) -> bool:
    match line:
        case Consent():
            return line.asks_author
        case Price():
            return bool(line.sells)
        case Pick():
            return not line.needs_own and line.types != ("person",)
        case _:
            return False


def is_ticked(line: Line) -> bool:
    match line:
        case Consent():
            return line.ticked
        case Price():
            return line.cheaper
        case Pick():
            return bool(line.ticked)
        case _:
            return False


def with_ticks(sheet: Sheet, lines: Collection[str]) -> Sheet:
    """The same sheet with these lines ticked, and no others."""
    return sheet.model_copy(
        update={
            "consents": tuple(
                one.model_copy(update={"ticked": one.digest in lines and one.asks_author})
                for one in sheet.consents
            ),
            "takes": tuple(
                one.model_copy(update={"cheaper": one.digest in lines and may_be_ticked(one)})
                for one in sheet.takes
            ),
            "picks": tuple(
                one.model_copy(update={"ticked": _kinds(one) if one.digest in lines else ()})
                for one in sheet.picks
            ),
        }
    )


def _kinds(pick: Pick) -> tuple[str, ...]:
    return (pick.types or ("thing",)) if may_be_ticked(pick) else ()


def with_budgets(sheet: Sheet, budgets: Sequence[Budget]) -> Sheet:
    """The same sheet with other numbers for what it counts; the lines say them."""
    wanted = {one.of: one for one in budgets}
    changed = [
        one.model_copy(update=wanted[one.of].model_dump(include={*_NUMBERS}))
        if one.of in wanted
        else one
        for one in sheet.budgets
    ]
    return sheet.model_copy(update={"budgets": tuple(map(said, changed))})


_NUMBERS = ("person", "guest", "guests", "everyone")
_WHAT = {"paidCalls": "Calls that cost money", "gifts": "Gifts"}


def said(budget: Budget) -> Budget:
    """The budget in the words of its numbers."""
    words = (
        f"{_WHAT[budget.of]}: {budget.person:,} a day for each person, {budget.guest:,} for each"
        f" guest, {budget.guests:,} for all guests, {budget.everyone:,} in all."
    )
    return budget.model_copy(update={"says": words})
