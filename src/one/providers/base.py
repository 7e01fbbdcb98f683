"""The catalogue: every provider of this folder, found by name; one file with SERVICES each."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import cast

from one.ontology.services import Service

_NOT_PROVIDERS = {"base"}


@cache
def catalogue() -> tuple[Service, ...]:
    """All services in the order of their names."""
    here = str(Path(__file__).parent)
    names = sorted(
        found.name for found in pkgutil.iter_modules([here]) if found.name not in _NOT_PROVIDERS
    )
    return tuple(
        service
        for name in names
        for service in cast(
            "tuple[Service, ...]", importlib.import_module(f"one.providers.{name}").SERVICES
        )
    )
