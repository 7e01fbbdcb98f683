"""The keys of one line, read one by one; every fault of the line is gathered before it is told."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar, cast

from pydantic import JsonValue

from one.errors import Fault, Invalid
from one.ontology import nearest

NULL = "\\N"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_MOST_VERSIONS = 2**31 - 1
_NOTHING: dict[str, object] = {}
T = TypeVar("T")


class Fields:
    """What a line says, and what is wrong with it; texts come ready for COPY unless it says raw."""

    __slots__ = ("_time", "faults", "given")

    def __init__(self, given: Mapping[str, object], known: frozenset[str]) -> None:
        self.given = given
        self.faults: list[Fault] = []
        self._time: tuple[str, str] = ("", "")
        if not given.keys() <= known:
            for key in sorted(given.keys() - known):
                near = nearest(key, known, count=1)
                self.fault(key[:80], f"is not known here; did you mean {near[0]}?", *sorted(known))

    def fault(self, key: str, message: str, *allowed: str) -> None:
        self.faults.append(Fault("/" + key.replace("~", "~0").replace("/", "~1"), message, allowed))

    def done(self) -> None:
        """Raises Invalid with all faults, if there are any."""
        if self.faults:
            raise Invalid("This line can't be kept.", faults=tuple(self.faults))

    def tried(self, read: Callable[[], T]) -> T | None:
        """What `read` gives; its faults are gathered when it raises Invalid."""
        try:
            return read()
        except Invalid as error:
            self.faults.extend(error.faults or (Fault("", error.message),))
            return None

    def id(self, key: str) -> str:
        """An id in its canonical form."""
        value = self.given.get(key)
        if isinstance(value, str) and (_ID(value) or _ID(value := value.lower())):
            return value
        self.fault(key, "must be an id (a UUID)" if value is not None else "is required")
        return ""

    def id_or_null(self, key: str) -> str | None:
        return None if self.given.get(key) is None else self.id(key)

    def raw(self, key: str, *, most: int) -> str | None:
        """A text that may be left out, as it stands."""
        value = self.given.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(key, "must be text")
        elif len(value) > most:
            self.fault(key, f"must be at most {most:,} characters")
        elif "\0" in value:
            self.fault(key, "must not contain the NUL character")
        else:
            return value
        return None

    def text(self, key: str, *, most: int) -> str:
        value = self.raw(key, most=most)
        return NULL if value is None else escaped(value)

    def word(self, key: str, allowed: tuple[str, ...], *, default: str) -> str:
        """One of a few words."""
        value = self.given.get(key)
        if value is None:
            return default
        if value not in allowed:
            self.fault(key, "must be one of " + ", ".join(allowed), *allowed)
        return str(value)

    def time(self, key: str, *, default: str = NULL) -> str:
        """A moment with its zone, in UTC."""
        value = self.given.get(key)
        if value is None:
            return default
        if value == self._time[0]:
            return self._time[1]
        moment = _moment(value)
        if moment is None:
            self.fault(key, "must be a moment with its time zone, like 2026-03-01T09:00:00Z")
            return default
        self._time = (str(value), moment)
        return moment

    def version(self) -> int:
        value = self.given.get("version", 1)
        if type(value) is int and 1 <= value <= _MOST_VERSIONS:
            return value
        self.fault("version", "must be a whole number from 1 on")
        return 1

    def share(self, key: str) -> float | None:
        """A part of one, 0 to 1."""
        value = self.given.get(key)
        if value is None:
            return None
        if type(value) in (int, float) and 0 <= cast(float, value) <= 1:
            return cast(float, value)
        self.fault(key, "must lie between 0 and 1")
        return None

    def object(self, key: str) -> Mapping[str, object]:
        value = self.given.get(key)
        if isinstance(value, dict):
            return cast("dict[str, object]", value)
        if value is not None:
            self.fault(key, "must be an object")
        return _NOTHING


def _moment(value: object) -> str | None:
    if not isinstance(value, str) or value[10:11] not in ("T", "t", " "):
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not UTC:
            moment = moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
    return moment.isoformat() if moment and 1900 <= moment.year <= 9000 else None


def escaped(text: str) -> str:
    """A text as one field of COPY."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if not text.isprintable():
        text = text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return text


def cell(value: JsonValue) -> str:
    """A declared key's value as one field of COPY; a fraction as PostgreSQL makes it numeric."""
    if value is None:
        return NULL
    if isinstance(value, float):
        return f"{value:.15g}"
    return escaped(str(value))
