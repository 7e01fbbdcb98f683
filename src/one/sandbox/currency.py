"""What is peculiar to each currency: its smallest charge, and the fixed part of the fee."""

from one.sandbox.refusal import invalid

# Of each currency: the smallest charge and the fixed part of the fee, in its minor unit.
_PECULIAR = {
    "aed": (200, 100), "aud": (50, 30), "bgn": (100, 50), "bhd": (100, 100), "brl": (50, 39),
    "cad": (50, 30), "chf": (50, 30), "clp": (400, 300), "czk": (1500, 650), "dkk": (250, 180),
    "eur": (50, 25), "gbp": (30, 20), "hkd": (400, 235), "huf": (17500, 8500), "idr": (80, 30),
    "inr": (50, 300), "isk": (50, 40), "jod": (300, 200), "jpy": (50, 40), "krw": (500, 400),
    "kwd": (100, 100), "mxn": (1000, 300), "myr": (200, 100), "nok": (300, 200), "nzd": (50, 30),
    "omr": (100, 100), "pln": (200, 100), "ron": (200, 100), "sek": (300, 180), "sgd": (50, 50),
    "thb": (1000, 1000), "tnd": (1000, 900), "try": (100, 100), "twd": (1500, 900),
    "uah": (500, 300), "usd": (50, 30), "vnd": (10000, 7000), "zar": (500, 300),
}  # fmt: skip
_WITHOUT_MINOR_UNIT = {"clp", "isk", "jpy", "krw", "vnd"}
_IN_THOUSANDTHS = {"bhd", "jod", "kwd", "omr", "tnd"}


def known(currency: str, *, param: str = "currency") -> str:
    """The same. Raises Refusal for what is no currency here."""
    if currency not in _PECULIAR:
        names = ", ".join(_PECULIAR)
        raise invalid(f"Invalid currency: {currency}. The sandbox knows: {names}", param)
    return currency


def fee(amount: int, currency: str) -> int:
    """What the provider keeps of a charge: 2.9 % and a fixed part."""
    return (amount * 29 + 500) // 1000 + _PECULIAR[currency][1]


def chargeable(amount: int, currency: str, *, param: str = "amount") -> int:
    """The same amount. Raises Refusal where it is too small to be charged."""
    least = _PECULIAR[known(currency)][0]
    if amount < least:
        raise invalid(
            f"Amount must be at least {written(least, currency)}",
            param,
            code="amount_too_small",
        )
    return amount


def written(amount: int, currency: str) -> str:
    """`12.50 USD`"""
    places = 0 if currency in _WITHOUT_MINOR_UNIT else 3 if currency in _IN_THOUSANDTHS else 2
    digits = str(abs(amount)).rjust(places + 1, "0")
    sign = "-" if amount < 0 else ""
    whole, part = (digits[:-places], f".{digits[-places:]}") if places else (digits, "")
    return f"{sign}{whole}{part} {currency.upper()}"
