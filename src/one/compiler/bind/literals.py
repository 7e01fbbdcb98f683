"""Words to plain values: money, numbers, lengths of time, moments, yes and no."""

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from one.compiler.bind.dates import MONTHS, moment_of, time_of, weekday_of
from one.compiler.expression import Expr, Lit, MoneyLit
from one.compiler.kinds import (
    BOOLEAN,
    DATETIME,
    DURATION,
    INTEGER,
    MONEY,
    NUMBER,
    RATIO,
    TEXT,
    Kind,
)
from one.compiler.light import frozen
from one.compiler.reader import Is, Word, currency_of
from one.ontology.values import CURRENCIES

_UNITS = {
    "ms": "ms",
    "millisecond": "ms",
    "s": "s",
    "sec": "s",
    "second": "s",
    "m": "m",
    "min": "m",
    "minute": "m",
    "h": "h",
    "hr": "h",
    "hour": "h",
    "d": "d",
    "day": "d",
    "w": "w",
    "week": "w",
    "month": "mo",
    "mo": "mo",
    "year": "y",
}
_SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "k": 1_000,
    "million": 1_000_000,
    "m": 1_000_000,
    "billion": 1_000_000_000,
}
_NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
}
CURRENCY_WORDS = {
    "dollar": "usd",
    "usd": "usd",
    "buck": "usd",
    "euro": "eur",
    "eur": "eur",
    "pound": "gbp",
    "gbp": "gbp",
    "yen": "jpy",
    "jpy": "jpy",
}


def currency_named(word: str) -> str:
    """`dollars`, `euro`, `GBP` as its code; nothing of another word."""
    low = word.casefold()
    return CURRENCY_WORDS.get(low) or CURRENCY_WORDS.get(low.rstrip("s"), "")


@frozen
class Typed:
    """A value with its kind."""

    tree: Expr
    kind: Kind


@frozen
class TooFine:
    """Money with more decimals than its currency has."""

    currency: str


def too_fine(currency: str) -> str:
    """What is said of an amount with more decimals than its currency has."""
    decimals = CURRENCIES.get(currency, 2)
    said = f"at most {decimals} decimals" if decimals else "no decimals"
    return f"An amount in {currency.upper()} has {said}."


def number_of(text: str) -> int | float:
    """`10,000`, `3.5`, `3+`."""
    plain = text.replace(",", "").rstrip("+")
    return float(plain) if "." in plain else int(plain)


def minor_units(amount: str, currency: str) -> int | None:
    """The amount in the currency's smallest unit; None when it has too many decimals."""
    decimals = CURRENCIES.get(currency, 2)
    try:
        exact = Decimal(amount.replace(",", "")) * (10**decimals)
    except InvalidOperation:
        return None
    whole = exact.to_integral_value(rounding=ROUND_HALF_UP)
    return int(whole) if whole == exact else None


def unit_of(word: str) -> str | None:
    """The unit of time that a word names."""
    low = word.casefold()
    return _UNITS.get(low) or (_UNITS.get(low[:-1]) if low.endswith("s") else None)


def duration_of(words: Sequence[Word]) -> str | None:
    """`24 hours`, `5 minutes`, `a day`, `half an hour` as the language spells it: `24h`."""
    low = [word.low for word in words]
    if low[:2] == ["half", "an"] and len(low) == 3 and unit_of(low[2]) == "h":
        return "30m"
    if "and" in low[2:-1]:
        at = low.index("and", 2)
        return _both(duration_of(words[:at]), duration_of(words[at + 1 :]))
    if len(low) != 2 or (unit := unit_of(low[1])) is None:
        return None
    if low[0] in {"a", "an", "one"}:
        count: int | float | None = 1
    elif words[0].kind is Is.NUMBER:
        count = number_of(words[0].text)
    else:
        count = _NUMBER_WORDS.get(low[0])
    if count is None:
        return None
    if unit == "y":
        count, unit = count * 12, "mo"
    if isinstance(count, float) and not count.is_integer():
        count, unit = _finer(count, unit)
    return f"{int(count)}{unit}"


_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(ms|mo|s|m|h|d|w)$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": 2_592_000, "ms": 0.001}


def seconds_in(length: str) -> float | None:
    """How long `30d` is; None for a text that is no length of time."""
    found = _LENGTH.match(length)
    return float(found[1]) * _SECONDS[found[2]] if found else None


def _finer(count: float, unit: str) -> tuple[float, str]:
    return round(count * _SECONDS[unit]), "s"


def _both(one: str | None, other: str | None) -> str | None:
    """`2 days and 3 hours` in the unit of the second; a month is no number of days."""
    if one is None or other is None or {one[-1], other[-1]} & {"o"} or "ms" in one + other:
        return None
    counts = [int(each[:-1]) * _SECONDS[each[-1]] for each in (one, other)]
    many, rest = divmod(int(sum(counts)), int(_SECONDS[other[-1]]))
    return f"{many}{other[-1]}" if not rest else None


def literal(words: Sequence[Word]) -> Typed | TooFine | None:
    """The plain value that all of the words are together, or None."""
    if not words:
        return None
    first = words[0]
    if len(words) == 1:
        return _single(first)
    if first.kind is Is.MARK and first.text == "-" and len(words) == 2:
        inner = literal(words[1:])
        if (
            isinstance(inner, Typed)
            and isinstance(inner.tree, Lit)
            and isinstance(inner.tree.value, int | float)
        ):
            return Typed(Lit(-inner.tree.value), inner.kind)
    if duration := duration_of(words):
        return Typed(Lit(duration), DURATION)
    number = _counted(words)
    if number is not None:
        return number
    moment = (
        moment_of(words)
        if any(word.kind is Is.TIME or word.low in MONTHS or weekday_of(word.low) for word in words)
        else None
    )
    return Typed(Lit(moment), DATETIME) if moment else None


def _counted(words: Sequence[Word]) -> Typed | TooFine | None:
    """`10 million`, `99 dollars`, `$1 million`, `five`."""
    first, low = words[0], [word.low for word in words]
    scale = 1
    rest = low[1:]
    while rest and rest[0] in _SCALES:
        scale *= _SCALES[rest[0]]
        rest = rest[1:]
    if first.kind is Is.NUMBER:
        amount = first.text
    elif first.kind is Is.WORD and low[0] in _NUMBER_WORDS:
        amount = str(_NUMBER_WORDS[low[0]])
    elif first.kind is Is.MONEY and not rest:
        return _money(first.text, scale)
    elif (
        first.kind is Is.WORD
        and CURRENCY_WORDS.get(low[0])
        and len(words) == 2
        and words[1].kind is Is.NUMBER
    ):
        return _minor(words[1].text, CURRENCY_WORDS[low[0]], 1)
    elif first.kind is Is.WORD and low[0] == "a" and scale > 1:
        amount = "1"
    else:
        return None
    if len(rest) == 1 and (currency := currency_named(rest[0])):
        return _minor(amount, currency, scale)
    if rest in (["cent"], ["cents"]):
        return _minor(str(Decimal(amount.replace(",", "")) / 100), "usd", scale)
    if "".join(rest) == "percent":
        return Typed(Lit(_ratio(amount)), RATIO)
    if rest:
        return None
    value = number_of(amount) * scale
    if isinstance(value, float) and value.is_integer() and scale > 1:
        value = int(value)
    return Typed(Lit(value), INTEGER if isinstance(value, int) else NUMBER)


def _ratio(text: str) -> float:
    return float(Decimal(text.replace(",", "").rstrip("% ").strip()) / 100)


def _money(text: str, scale: int = 1) -> Typed | TooFine:
    amount = text[1:].strip()
    if amount[-1:].casefold() in {"k", "m"}:
        scale *= _SCALES[amount[-1].casefold()]
        amount = amount[:-1]
    return _minor(amount, currency_of(text[0]), scale)


def _minor(amount: str, currency: str, scale: int) -> Typed | TooFine:
    scaled = format(Decimal(amount.replace(",", "").rstrip("+")) * scale, "f")
    minor = minor_units(scaled, currency)
    return TooFine(currency) if minor is None else Typed(MoneyLit(minor, currency), MONEY)


def _single(word: Word) -> Typed | TooFine | None:
    match word.kind:
        case Is.WORD:
            found = _WORDS.get(word.low)
            return Typed(Lit(found[0]), found[1]) if found else None
        case Is.NUMBER:
            value = number_of(word.text)
            return Typed(Lit(value), INTEGER if isinstance(value, int) else NUMBER)
        case Is.MONEY:
            return _money(word.text)
        case Is.PERCENT:
            return Typed(Lit(_ratio(word.text)), RATIO)
        case Is.TIME:
            moment = time_of(word.text)
            return Typed(Lit(moment), DATETIME) if moment else None
        case Is.ADDRESS:
            return Typed(Lit(word.text), TEXT)
        case _:
            return None


_WORDS: Mapping[str, tuple[int | bool | None, Kind]] = {
    **{word: (count, INTEGER) for word, count in _NUMBER_WORDS.items() if word != "one"},
    **dict.fromkeys(("nothing", "none", "null"), (None, TEXT.maybe)),
    **dict.fromkeys(("true", "yes"), (True, BOOLEAN)),
    **dict.fromkeys(("false", "no"), (False, BOOLEAN)),
}
"""Words that are values by themselves."""


def count_of(word: Word) -> int | None:
    """A whole number, in digits or as a word up to twelve."""
    if word.kind is Is.NUMBER:
        value = number_of(word.text)
        return value if isinstance(value, int) else None
    return _NUMBER_WORDS.get(word.low)


def say_money(amount: int, currency: str) -> str:
    """`$99`, `€5.50`, `12 chf`."""
    decimals = CURRENCIES.get(currency, 2)
    value = Decimal(amount) / (10**decimals)
    text = f"{value:,.{decimals}f}" if amount % (10**decimals) else f"{int(value):,}"
    sign = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹"}.get(currency)
    return f"{sign}{text}" if sign else f"{text} {currency}"


_SPANS = {
    "ms": "milliseconds",
    "mo": "months",
    "s": "seconds",
    "m": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
}


def say_duration(text: str) -> str:
    """`24h` → `24 hours`."""
    number = text.rstrip("smhdwo")
    unit = _SPANS[text[len(number) :]]
    return f"{number} {unit[:-1] if number == '1' else unit}"
