"""One call of a service: what it asks, read with care, and the ways in which it can fail."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from one.errors import Outside
from one.ontology.services import Action, Service

Values = Mapping[str, JsonValue]
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def refused(
    message: str, *, cure: str = "", details: Mapping[str, JsonValue] | None = None
) -> Outside:
    """Nothing was done, and asking again would change nothing."""
    return Outside(message, outcome="not_done", retryable=False, cure=cure, details=details)


def busy(message: str, *, cure: str = "") -> Outside:
    """Nothing was done; the same may go well later."""
    return Outside(message, outcome="not_done", retryable=True, cure=cure)


def unclear(message: str, *, cure: str = "") -> Outside:
    """It was asked, and no answer came: it may have been done."""
    return Outside(message, outcome="unknown", retryable=True, cure=cure)


def already(message: str, *, cure: str = "") -> Outside:
    """What was asked for is so already."""
    return Outside(message, outcome="done", retryable=False, cure=cure)


@dataclass(frozen=True, slots=True)
class Ask:
    """A call. Its readers raise Outside for what is missing or of the wrong kind."""

    service: Service
    method: str
    params: Values
    key: str
    at: datetime

    @property
    def action(self) -> Action:
        return self.service.by_name[self.method]

    def id(self, prefix: str, of: str = "") -> str:
        """An id that is the same whenever this call is made again, `ch_3f…`; or the one of what
        there is once for each name: `of` a person.
        """
        text = f"{prefix}:{of}" if of else f"{self.method}:{self.key}"
        digest = hashlib.sha256(f"{self.service.name}:{text}".encode())
        return f"{prefix}_{digest.hexdigest()[:24]}"

    @property
    def shape(self) -> str:
        """What the answer is to be: what the call says `as`, else what the catalogue does."""
        declared = self.action.result
        return self.text("as", declared if declared != "json" else "text")

    def text(self, name: str, default: str = "") -> str:
        """A text; a thing or a number as one."""
        value = self.params.get(name)
        if value is None:
            return default
        if isinstance(value, dict):
            return str(value.get("name") or value.get("text") or value.get("id") or default)
        return value if isinstance(value, str) else str(value)

    def needed(self, name: str) -> str:
        """A text that has to be there."""
        found = self.text(name).strip()
        if not found:
            raise self.missing(name)
        return found

    def id_of(self, name: str, default: str = "") -> str:
        """The id of a person, a thing or an earlier answer; `default` where nothing is said."""
        value = self.params.get(name)
        if isinstance(value, dict):
            value = value.get("id")
        found = str(value or default)
        if not found:
            raise self.missing(name)
        return found

    def money(self, name: str) -> tuple[int, str]:
        """Minor units, more than none of them, and their currency."""
        value = self.params.get(name)
        if isinstance(value, dict):
            amount, currency = value.get("amount"), value.get("currency")
            if isinstance(amount, int) and isinstance(currency, str):
                if amount <= 0:
                    raise self.wrong(name, "is not more than nothing")
                return amount, currency.lower()
        raise self.missing(name) if value is None else self.wrong(name, "is not an amount of money")

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number above zero."""
        value = self.params.get(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None:
            raise self.missing(name)
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            raise self.wrong(name, "is not a whole number above zero")
        return value

    def seconds(self, name: str, default: float) -> float:
        """A length of time: `90m`, `1h`, `7d`, or seconds."""
        said = self.text(name, str(default)).strip().lower()
        number, unit = said.rstrip("smhdw"), said.lstrip("0123456789.")
        each = _UNITS.get(unit)
        if each is None or not number.replace(".", "", 1).isdigit():
            raise self.wrong(name, "is not one")
        return float(number) * each

    def missing(self, name: str) -> Outside:
        return refused(
            f"{self.service.title} needs to know the {name} for {self.method}.",
            cure=f"Give {name} in WITH.",
        )

    def wrong(self, name: str, why: str) -> Outside:
        return refused(f"The {name} for {self.service.title} {why}.")
