"""Constants and frozen classes that cost what plain ones cost.

A check of sixty lines reads 4,700 constants and makes 400 frozen values. Until Python 3.12 the
metaclass of `enum` answers each of the first in five times the time of an attribute, and hashes
it in Python; `dataclass(frozen=True)` sets each field of the second by a call. What the type
checker is to take them for stands in `light.pyi`.
"""

import sys
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

if sys.version_info >= (3, 12):
    from enum import StrEnum as Constants
else:

    class Constants(str):
        """The members of a class below it, as `enum.StrEnum` makes them."""

        name: str
        value: str

        def __init_subclass__(cls) -> None:
            for name, text in list(vars(cls).items()):
                if name.isupper():
                    member = cls(text)
                    member.name, member.value = name, text
                    setattr(cls, name, member)

        def __reduce__(self) -> tuple[object, ...]:
            return getattr, (type(self), self.name)


def frozen(cls: type[T]) -> type[T]:
    """A dataclass with slots that can be hashed; nothing guards its fields at run time."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
