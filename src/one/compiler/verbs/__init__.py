"""The commands of the language, one file each, found by name. They don't know each other."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import cast

from one.compiler.grammar import Grammar, Verb


@cache
def grammar() -> Grammar:
    """All verbs of this folder."""
    here = str(Path(__file__).parent)
    names = sorted(found.name for found in pkgutil.iter_modules([here]))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return Grammar(verb for module in modules for verb in cast("tuple[Verb, ...]", module.VERBS))
