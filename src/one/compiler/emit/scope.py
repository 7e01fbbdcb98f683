"""The names of a feature as Python's, and what is known of each: the writer's side of scope."""

import keyword
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

from one.compiler.light import frozen


class Static(StrEnum):
    """What the code can be sure of; all else is a Value, and computed with by functions."""

    VALUE = "Value"
    TEXT = "str"
    INTEGER = "int"
    NUMBER = "float"
    BOOLEAN = "bool"
    MONEY = "Money"
    MOMENT = "datetime"
    LENGTH = "timedelta"

    @property
    def numeric(self) -> bool:
        return self in (Static.INTEGER, Static.NUMBER)


TAKEN = frozenset({*keyword.kwlist, *keyword.softkwlist, "run", "data", "given", "self", "failure"})


def snake(name: str) -> str:
    """`badgeId` → `badge_id`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"\W+", "_", spaced).strip("_").lower() or "value"


def pascal(name: str) -> str:
    """`badge_id` → `BadgeId`."""
    return "".join(part.capitalize() for part in snake(name).split("_"))


@frozen
class Local:
    """A name of the text as the code has it."""

    python: str
    static: Static = Static.VALUE


@dataclass(slots=True)
class Names:
    """Which local a name stands for, here. `reserved` are those that the module imports."""

    reserved: frozenset[str]
    known: dict[str, Local] = field(default_factory=dict[str, Local])
    used: set[str] = field(default_factory=set[str])

    def bind(self, name: str, static: Static = Static.VALUE) -> str:
        """The Python name of one that is bound here; the same one when it was bound before."""
        held = self.known.get(name)
        python = held.python if held else self.fresh(name)
        self.known[name] = Local(python, static)
        return python

    def fresh(self, name: str) -> str:
        """A Python name that nothing has yet."""
        base = snake(name)
        base = f"{base}_" if base in TAKEN or base in self.reserved else base
        base = f"n_{base}" if base[0].isdigit() else base
        found, n = base, 2
        while found in self.used:
            found, n = f"{base}_{n}", n + 1
        self.used.add(found)
        return found

    def vague(self, names: Iterator[str]) -> None:
        """What is bound where it may not run is a Value after it."""
        for name in names:
            if name in self.known:
                self.known[name] = replace(self.known[name], static=Static.VALUE)

    @contextmanager
    def inside(self) -> Generator[None]:
        """A body of its own: what it binds for itself is not known after it."""
        held = dict(self.known)
        yield
        self.known = held


Lines = Mapping[str, int]
