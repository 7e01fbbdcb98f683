"""Amounts as people write and read them, in the minor units of a currency: whole numbers all the
way.
"""

import re

from one.errors import Fault, Invalid
from one.ontology.values import CURRENCIES

_SHAPE = re.compile(r"([0-9]{1,3}(?:[,' ][0-9]{3})+|[0-9]{1,12})(?:([.,])([0-9]+))?", re.ASCII)


def minor(text: str, currency: str, *, field: str = "amount") -> int:
    """`12.50`, `12,50` and `1,250` of a currency. Raises Invalid, beside the field."""
    decimals = CURRENCIES.get(currency)
    if decimals is None:
        raise Invalid(
            "That is no currency.",
            cure="Choose one of the list.",
            faults=(Fault("/currency", "Choose one of the list"),),
        )
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise _unread(field, f"Write it like {_sample(decimals)}")
    whole, point, part = found[1], found[2], found[3] or ""
    grouped = re.search("[,' ]", whole)
    if decimals == 3 and grouped and grouped[0] == "," and not part and len(whole) < 8:
        raise _unread(field, "Write it without a comma, or with a point for the decimals")
    if grouped and grouped[0] == "," and point == ",":
        raise _unread(field, f"Write it like {_sample(decimals)}")
    if len(part) > decimals:
        most = f"at most {decimals} decimals" if decimals else "no decimals"
        raise _unread(field, f"{currency.upper()} has {most}")
    digits = re.sub("[,' ]", "", whole)
    return int(digits) * 10**decimals + int(part.ljust(decimals, "0") or "0")


def plain(amount: int, currency: str) -> str:
    """Minor units as they stand in a field: `1250.00`."""
    decimals = CURRENCIES[currency]
    whole, part = divmod(amount, 10**decimals)
    return f"{whole}.{part:0{decimals}}" if decimals else str(whole)


def money(amount: int, currency: str) -> str:
    """As they are read: `1,250.00 USD`, `500 JPY`."""
    decimals = CURRENCIES[currency]
    whole, part = divmod(abs(amount), 10**decimals)
    sign = "-" if amount < 0 else ""
    rest = f".{part:0{decimals}}" if decimals else ""
    return f"{sign}{whole:,}{rest} {currency.upper()}"


def price(amount: int, currency: str) -> str:
    """What something costs, which may be nothing."""
    return money(amount, currency) if amount else "Free"


def _unread(field: str, words: str) -> Invalid:
    return Invalid(
        "This amount can't be read.", cure=f"{words}.", faults=(Fault(f"/{field}", words),)
    )


def _sample(decimals: int) -> str:
    return f"12.{'50'.ljust(decimals, '0')}" if decimals else "1250"
