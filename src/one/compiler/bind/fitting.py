"""A plain number as what is wanted in its place: money, a share, a percentage."""

from one.compiler.bind.literals import Typed, minor_units, too_fine
from one.compiler.bind.names import HOLE
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.expression import Lit, MoneyLit
from one.compiler.kinds import MONEY, RATIO, Base, Kind
from one.compiler.reader import Span


def fit(reading: Reading, found: Typed, expected: Kind | None, *, span: Span) -> Typed:
    """A plain number where money is wanted becomes that money; a percentage a share."""
    tree = found.tree
    if expected is None or not isinstance(tree, Lit) or isinstance(tree.value, bool):
        return found
    if expected.base is Base.MONEY and isinstance(tree.value, int | float):
        currency = reading.currency or reading.vocabulary.currency
        text = format(tree.value, "f") if isinstance(tree.value, float) else str(tree.value)
        amount = minor_units(text.rstrip("0").rstrip(".") if "." in text else text, currency)
        if amount is not None:
            reading.note("E520", f"{tree.value} is taken as {currency.upper()}.", at=span)
            return Typed(MoneyLit(amount, currency), MONEY)
        reading.error("E504", too_fine(currency), at=span)
        return HOLE
    if expected.base is Base.SHARE and isinstance(tree.value, int | float):
        return _share(reading, found, tree.value, expected, span=span)
    if (
        expected.base is Base.RATIO
        and isinstance(tree.value, int)
        and found.kind.base is Base.INTEGER
        and tree.value > 1
    ):
        return Typed(Lit(tree.value / 100), RATIO)
    return found


def _share(reading: Reading, found: Typed, value: float, expected: Kind, *, span: Span) -> Typed:
    """A share is a percentage; 30 would be 30 of 10,000, and 0.3 none."""
    if found.kind.base is Base.RATIO:
        return Typed(Lit(round(value * 10_000)), expected)
    if 0 < value <= 100:
        said = f"{value * 100 if value < 1 else value:g}%"
        fix = Fix(f"Write {said}", (Edit(span, said),), Applies.MAYBE)
        reading.error("E502", f"A share is a percentage. Is it {said}?", fix, at=span)
        return HOLE
    return found
