"""Every provider of this folder, found by name.

A file has SERVICES, what can be asked of it; `standins`, which are always there; and, where there
is more than a stand-in, `live`: those that the settings are enough for.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import cast

from one.ontology.services import Service
from one.providers.base.provider import Provider, Stage
from one.settings import Settings

_BASE = "base"


@cache
def _modules() -> tuple[ModuleType, ...]:
    here = str(Path(__file__).parent.parent)
    names = sorted(found.name for found in pkgutil.iter_modules([here]) if found.name != _BASE)
    return tuple(importlib.import_module(f"one.providers.{name}") for name in names)


@cache
def catalogue() -> tuple[Service, ...]:
    """All services in the order of their names."""
    return tuple(
        service for module in _modules() for service in cast("tuple[Service, ...]", module.SERVICES)
    )


def standins(stage: Stage) -> dict[str, Provider]:
    """A stand-in for every service."""
    return _named(module.standins(stage) for module in _modules())


def live(settings: Settings, stage: Stage) -> dict[str, Provider]:
    """The real ones, as far as the settings say how they are reached. Raises Invalid."""
    return _named(module.live(settings, stage) for module in _modules() if hasattr(module, "live"))


def _named(groups: Iterable[Iterable[Provider]]) -> dict[str, Provider]:
    return {provider.name: provider for group in groups for provider in group}
