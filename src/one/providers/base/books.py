"""Where stand-ins keep what they did: a port that the app fills, and a passing filling of it."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from pydantic import JsonValue

from one.providers.base.ledger import Ledger

Fields = dict[str, JsonValue]


class Book(Protocol):
    """One provider's book, held alone for one transaction: all that is put in it, or nothing."""

    async def get(self, kind: str, id: str) -> Fields | None: ...

    async def put(self, kind: str, fields: Fields) -> None:
        """Keeps an entry under its `id`, instead of the one that is there."""
        ...

    async def entries(self, kind: str) -> list[Fields]:
        """All of a kind, the oldest first."""
        ...

    def ledger(self, space: str) -> Ledger | None:
        """The ledger of a space's tokens in the same transaction, where there is one."""
        ...


class Books(Protocol):
    def open(self, provider: str) -> AbstractAsyncContextManager[Book]: ...


class _Leaf:
    def __init__(self, kept: dict[tuple[str, str], Fields]) -> None:
        self.kept = kept

    async def get(self, kind: str, id: str) -> Fields | None:
        return self.kept.get((kind, id))

    async def put(self, kind: str, fields: Fields) -> None:
        self.kept[kind, str(fields["id"])] = fields

    async def entries(self, kind: str) -> list[Fields]:
        return [fields for (of, _), fields in self.kept.items() if of == kind]

    def ledger(self, space: str) -> None:
        """There is none: nothing of a trial stays."""
        del space


class Passing:
    """Books that are gone with the process: for trials that nobody will ask about later."""

    def __init__(self) -> None:
        import asyncio

        self._kept: dict[str, dict[tuple[str, str], Fields]] = {}
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def open(self, provider: str) -> AsyncGenerator[Book]:
        async with self._lock:
            leaf = _Leaf(dict(self._kept.get(provider, {})))
            yield leaf
            self._kept[provider] = leaf.kept
