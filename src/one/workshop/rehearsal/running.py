"""A feature's generated tests, run here and now."""

import inspect
import linecache
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import cast

from one.ontology import Ontology
from one.sdk.feature import Feature
from one.store import Database
from one.workshop.rehearsal import Rehearsal

Test = Callable[[Rehearsal], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A test and what was wrong with it; nothing when it went well."""

    name: str
    wrong: str = ""


def module_of(name: str, text: str, *, file: str = "") -> Mapping[str, object]:
    """What a generated module declares; its lines are there for tracebacks."""
    module, file = ModuleType(name), file or f"<{name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), vars(module))  # noqa: S102 # written by ONE, from literals
    return vars(module)


def feature_of(name: str, text: str, *, file: str = "") -> Feature:
    """The feature of a generated module."""
    return cast("Feature", module_of(name, text, file=file)[name])


def cases_in(name: str, text: str) -> dict[str, Test]:
    """The tests of a generated test module, in order."""
    found = module_of(f"test_{name}", text)
    return {
        key: cast("Test", one)
        for key, one in found.items()
        if key.startswith("test_") and inspect.iscoroutinefunction(one)
    }


@asynccontextmanager
async def own_pool(database: Database) -> AsyncGenerator[Database]:
    """The same database with a few connections of its own: whoever rehearses within a transaction
    takes none that others wait for.
    """
    own = Database(database.dsn, database.schema, size=2)
    await own.start()
    try:
        yield own
    finally:
        await own.close()


async def rehearse(
    feature: Feature,
    tests: Mapping[str, Test],
    *,
    database: Database,
    ontology: Ontology,
    until_wrong: bool = False,
) -> list[Rehearsed]:
    """Runs tests, each in a space of its own that is removed afterwards."""
    found: list[Rehearsed] = []
    for name, test in tests.items():
        async with Rehearsal.opened(feature, database, ontology=ontology) as rehearsal:
            wrong = ""
            try:
                await test(rehearsal)
            except Exception as error:
                wrong = f"{type(error).__name__}: {error}"
        found.append(Rehearsed(name, wrong))
        if wrong and until_wrong:
            break
    return found
