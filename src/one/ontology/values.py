"""The kinds of value that a property or a metadata key may have, as they stand on the wire.

Reading is strict (no "5" for 5) and settles one spelling: text is trimmed, moments are UTC,
currencies and e-mail addresses are in lower case. What has been read once reads again as itself.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, cast
from uuid import UUID

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from one.errors import JSON

LARGEST = 2**53 - 1
"""The largest whole number that every JSON reader keeps exact."""

FREE_DEPTH = 8
FREE_BYTES = 32_768


class Record(BaseModel):
    """A small object inside a property; its keys are camelCase on the wire and all known."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        allow_inf_nan=False,
        defer_build=True,
    )


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the NUL character")
    return text


def _matching(pattern: str, says: str, *, tidy: Callable[[str], str] = str.strip) -> AfterValidator:
    matches = re.compile(pattern).fullmatch

    def check(text: str) -> str:
        tidied = tidy(text)
        if not matches(tidied):
            raise ValueError(says)
        return tidied

    return AfterValidator(check)


def _shape(form: str, pattern: str, *, longest: int = 0, cased: bool = True) -> WithJsonSchema:
    """What may be sent; `cased`: whether capitals have to be sent as small letters."""
    pattern = pattern if cased else pattern.replace("a-z", "A-Za-z")
    shape = {"type": "string", "format": form, "pattern": f"^{pattern}$"}
    return WithJsonSchema(shape | ({"maxLength": longest} if longest else {}))


def _lower(text: str) -> str:
    return text.strip().lower()


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2_000), AfterValidator(_plain)
]
"""A line or a paragraph: at most 2,000 characters."""

LongText = Annotated[str, StringConstraints(max_length=1_000_000), AfterValidator(_plain)]
"""A whole document (plain text, Markdown or HTML): at most 1,000,000 characters, kept as it is."""

Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_plain),
]
"""A short name, code or label: 1 to 100 characters."""

Integer = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
Count = Annotated[int, Field(ge=0, le=LARGEST)]
Number = (
    Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
    | Annotated[float, Field(ge=-1e300, le=1e300, allow_inf_nan=False)]
)
"""Any finite number; whole numbers stay whole and exact."""

Ratio = Annotated[float, Field(ge=0, le=1)]
"""A part of one, 0 to 1: a rate, a confidence, a progress."""

Share = Annotated[int, Field(ge=0, le=10_000)]
"""A part of the whole in basis points: 10,000 is all of it."""

_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
Slug = Annotated[
    str,
    StringConstraints(max_length=100),
    _matching(_SLUG, "must be lower-case letters and digits joined by hyphens, like my-first-post"),
    _shape("slug", _SLUG, longest=100),
]

_HANDLE = r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?"
Handle = Annotated[
    str,
    StringConstraints(max_length=42),
    _matching(
        _HANDLE,
        "must be 1 to 40 letters, digits, hyphens or underscores, like anna_brown",
        tidy=lambda text: _lower(text).removeprefix("@"),
    ),
    _shape("handle", f"@?{_HANDLE}", cased=False),
]

_EMAIL = (
    r"(?=.{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
Email = Annotated[
    str,
    StringConstraints(max_length=254),
    _matching(_EMAIL, "must be an e-mail address, like anna@example.com", tidy=_lower),
    _shape("email", _EMAIL, longest=254, cased=False),
]

_URL = (
    r"(?:https?://[^\s/?#@\\\x00-\x1f]+(?:[/?#][^\s\\\x00-\x1f]*)?"
    r"|/(?:[^\s/\\\x00-\x1f][^\s\\\x00-\x1f]*)?)"
)
Url = Annotated[
    str,
    StringConstraints(max_length=2_048),
    _matching(_URL, "must be a web address (https://…) or a path on this site (/…)"),
    _shape("uri-reference", _URL, longest=2_048),
]
"""An http(s) address without credentials, or a path on this site; never another scheme."""

_COLOR = r"#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})"
Color = Annotated[
    str,
    _matching(_COLOR, "must be a colour like #0a84ff", tidy=_lower),
    _shape("color", _COLOR),
]

_LOCALE = r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}"
Locale = Annotated[
    str,
    _matching(_LOCALE, "must be a language code, like en or pt-BR"),
    _shape("locale", _LOCALE),
]

_ZONE = r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}"
Zone = Annotated[
    str,
    StringConstraints(max_length=64),
    _matching(_ZONE, "must be a time zone, like Europe/Dublin"),
    _shape("time-zone", _ZONE, longest=64),
]

_COUNTRY = r"[A-Z]{2}"
Country = Annotated[
    str,
    _matching(
        _COUNTRY,
        "must be a country code of two letters, like IE",
        tidy=lambda text: text.strip().upper(),
    ),
    _shape("country", _COUNTRY),
]

_PHONE = r"\+?[0-9][0-9 ().-]{2,28}[0-9().-] *"  # spaces at the end are taken off
Phone = Annotated[
    str,
    _matching(_PHONE, "must be a phone number, like +353 1 234 5678"),
    _shape("phone", _PHONE),
]

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
"""Seconds in each unit that a duration may be written in."""

_DURATION = r"([0-9]{1,9})(ms|s|m|h|d|w)"
Duration = Annotated[
    str,
    _matching(_DURATION, "must be a length of time, like 90s, 45m, 24h or 7d", tidy=_lower),
    _shape("length-of-time", _DURATION),
]
"""A planned length of time as the Technical DSL spells it: a whole number and ms s m h d w."""


def seconds(duration: str) -> float:
    """The length of a `Duration` such as "24h" in seconds. Raises ValueError on anything else."""
    found = re.fullmatch(_DURATION, duration.strip().lower())
    if not found:
        raise ValueError("must be a length of time, like 90s, 45m, 24h or 7d")
    return int(found[1]) * UNITS[found[2]]


def _measured(value: object) -> object:
    return seconds(value) if isinstance(value, str) else value


Seconds = Annotated[float, Field(ge=0, le=1e12), BeforeValidator(_measured)]
"""A measured length of time in seconds; a `Duration` such as "24h" is read as its seconds."""


def _moment(value: object) -> datetime:
    if isinstance(value, str):
        if len(value) > 40 or value[10:11] not in ("T", "t", " "):
            raise ValueError(_MOMENT_SAYS)
        try:
            value = datetime.fromisoformat(value.upper())
        except ValueError:
            raise ValueError(_MOMENT_SAYS) from None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(_MOMENT_SAYS)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError(_MOMENT_SAYS) from None


_MOMENT_SAYS = "must be a moment with its time zone, like 2026-03-01T09:00:00Z"
When = Annotated[datetime, BeforeValidator(_moment)]
"""A moment: RFC 3339 with a zone, kept in UTC."""


def _day(value: object) -> date:
    says = "must be a day, like 2026-03-01"
    if isinstance(value, str):
        try:
            value = datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            raise ValueError(says) from None
    if type(value) is not date:
        raise ValueError(says)
    return value


Date = Annotated[date, BeforeValidator(_day)]
"""A calendar day, YYYY-MM-DD."""


def _id(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str) and len(value) <= 40:
        try:
            return str(UUID(value))
        except ValueError:
            pass
    raise ValueError("must be the id of a thing (a UUID)")


Id = Annotated[str, BeforeValidator(_id), WithJsonSchema({"type": "string", "format": "uuid"})]
"""The id of an entity, connection or event."""


def of(*types: str) -> WithJsonSchema:
    """Says of an `Id` that it is of a thing of these types."""
    return WithJsonSchema({"type": "string", "format": "uuid", "x-of": [*types]})


_HASH = r"[0-9a-f]{64}"
Sha256 = Annotated[
    str,
    _matching(_HASH, "must be a SHA-256 digest of 64 hexadecimal digits", tidy=_lower),
    _shape("sha256", _HASH),
]

_BY_DECIMALS = {
    0: "bif clp djf gnf isk jpy kmf krw pyg rwf ugx vnd vuv xaf xof xpf",
    2: """aed afn all amd ang aoa ars aud awg azn
    bam bbd bdt bgn bmd bnd bob brl bsd btn bwp byn bzd
    cad cdf chf cny cop crc cup cve czk dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd gtq
    gyd hkd hnl htg huf idr ils inr irr jmd kes kgs khr kpw kyd kzt lak lbp lkr lrd lsl mad mdl mga
    mkd mmk mnt mop mru mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar
    ron rsd rub sar sbd scr sdg sek sgd shp sle sos srd ssp stn svc syp szl thb tjs tmt top try ttd
    twd tzs uah usd uyu uzs ves wst xcd yer zar zmw zwg""",
    3: "bhd iqd jod kwd lyd omr tnd",
}
CURRENCIES: Mapping[str, int] = {
    code: decimals for decimals, codes in _BY_DECIMALS.items() for code in codes.split()
}
"""ISO 4217 code in lower case → decimals of its minor unit."""


def _currency(text: str) -> str:
    code = _lower(text)
    if code not in CURRENCIES:
        raise ValueError("must be a currency code of three letters, like usd or eur")
    return code


Currency = Annotated[
    str,
    AfterValidator(_currency),
    WithJsonSchema({"type": "string", "format": "currency", "enum": sorted(CURRENCIES)}),
]


class Money(Record):
    """An amount in whole minor units (cents) of a currency."""

    amount: Integer
    currency: Currency


class Price(Money):
    """Money that is not below zero."""

    amount: Count


_SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def written_amount(amount: int, currency: str) -> str:
    """Minor units as people write them: 123456 of usd is $1,234.56, of chf 1,234.56 CHF."""
    places = CURRENCIES.get(currency, 2)
    number = Decimal(amount).scaleb(-places)
    sign = _SIGNS.get(currency)
    said = f"{abs(number):,.{places}f}"
    minus = "-" if amount < 0 else ""
    return f"{minus}{sign}{said}" if sign else f"{minus}{said} {currency.upper()}"


Amount = Money | Count
"""Money, or a bare count of units (tokens, or minor units where the currency stands beside it)."""


def _leaf(value: object) -> None:
    match value:
        case None | bool():
            pass
        case str():
            _plain(value)
        case int():
            if abs(value) > LARGEST:
                raise ValueError("must not hold a number beyond 2^53")
        case float():
            if not abs(value) <= 1e300:
                raise ValueError("must hold finite numbers only")
        case _:
            raise ValueError("must be plain JSON")


def _walk(value: object, depth: int) -> None:
    if depth > FREE_DEPTH:
        raise ValueError(f"must not be nested deeper than {FREE_DEPTH} levels")
    if isinstance(value, list):
        for inner in cast("list[object]", value):
            _walk(inner, depth + 1)
    elif isinstance(value, dict):
        for key, inner in cast("dict[object, object]", value).items():
            if not isinstance(key, str):
                raise ValueError("must have text as keys")
            _plain(key)
            _walk(inner, depth + 1)
    else:
        _leaf(value)


def free(value: object) -> JSON:
    """Any JSON within bounds of depth and size. Raises ValueError saying which it passes."""
    _walk(value, 1)
    try:
        written = orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise ValueError("must be plain JSON") from None
    if len(written) > FREE_BYTES:
        raise ValueError(f"must not be larger than {FREE_BYTES:,} bytes")
    return cast("JSON", value)


Free = Annotated[object, AfterValidator(free), WithJsonSchema({"description": "Any JSON."})]
"""Any JSON: at most 8 levels deep and 32 KiB."""
