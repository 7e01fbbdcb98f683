"""What ONE can do: the rooms, each with its operations."""

import pkgutil
from importlib import import_module
from types import ModuleType


def rooms() -> tuple[ModuleType, ...]:
    """The faces of all rooms that are there."""
    found = pkgutil.iter_modules(__path__)
    return tuple(import_module(f"{__name__}.{room.name}") for room in found)
