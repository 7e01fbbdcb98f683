"""The books of the stand-ins for services outside; providers know them as a port."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from one.clock import Clock
from one.errors import Outside
from one.store.database import Contended, Database, Transaction
from one.store.migrate import DEFAULT_SPACE
from one.store.minting import Minting
from one.store.session import Session, jsonb
from one.store.sight import Viewer

Fields = dict[str, JsonValue]
Sessions = Callable[[Transaction, UUID, Viewer], Session]
_ITSELF = Viewer(None, "staff", "system")


@dataclass(frozen=True, slots=True)
class Book:
    """One provider's book in a transaction of its own."""

    tx: Transaction
    clock: Clock
    space: UUID
    provider: str
    sessions: Sessions | None = None

    def ledger(self, space: str) -> Minting | None:
        """The ledger of a space's tokens in the same transaction, where the books know it."""
        if self.sessions is None or not space:
            return None
        return Minting(self.sessions(self.tx, UUID(space), _ITSELF))

    async def get(self, kind: str, id: str) -> Fields | None:
        record = await self.tx.row(
            "SELECT fields FROM books WHERE space_id = %(space)s AND provider = %(provider)s"
            " AND kind = %(kind)s AND id = %(id)s",
            self._params(kind=kind, id=id),
        )
        return None if record is None else _fields(record[0])

    async def put(self, kind: str, fields: Fields) -> None:
        """Keeps an entry under its `id`, instead of the one that is there."""
        await self.tx.run(
            "INSERT INTO books (space_id, provider, kind, id, fields, at)"
            " VALUES (%(space)s, %(provider)s, %(kind)s, %(id)s, %(fields)s::jsonb, %(at)s)"
            " ON CONFLICT (space_id, provider, kind, id) DO UPDATE SET fields = EXCLUDED.fields",
            self._params(kind=kind, id=fields["id"], fields=jsonb(fields), at=self.clock.now()),
        )

    async def entries(self, kind: str) -> list[Fields]:
        """All of a kind, the oldest first."""
        records = await self.tx.rows(
            "SELECT fields FROM books WHERE space_id = %(space)s AND provider = %(provider)s"
            " AND kind = %(kind)s ORDER BY at, id",
            self._params(kind=kind),
        )
        return [_fields(record[0]) for record in records]

    async def hold(self) -> None:
        """Waits until nobody else has this book."""
        await self.tx.run(
            "INSERT INTO books (space_id, provider, kind, id, fields, at)"
            " VALUES (%(space)s, %(provider)s, 'held', '', '{}', %(at)s)"
            " ON CONFLICT (space_id, provider, kind, id) DO NOTHING",
            self._params(at=self.clock.now()),
        )
        await self.tx.run(
            "SELECT id FROM books WHERE space_id = %(space)s AND provider = %(provider)s"
            " AND kind = 'held' AND id = '' FOR UPDATE",
            self._params(),
        )

    def _params(self, **more: object) -> dict[str, object]:
        return {"space": self.space, "provider": self.provider, **more}


@dataclass(frozen=True, slots=True)
class Books:
    """The deployment has one account with each service, whatever the space: its default space
    keeps the books. With `sessions` they know the ledger of tokens too.
    """

    database: Database
    clock: Clock
    space: UUID = DEFAULT_SPACE
    sessions: Sessions | None = None

    @asynccontextmanager
    async def open(self, provider: str) -> AsyncGenerator[Book]:
        """A provider's book, held alone for one transaction. Raises Outside."""
        try:
            async with self.database.write() as tx:
                book = Book(tx, self.clock, self.space, provider, self.sessions)
                await book.hold()
                yield book
        except Contended as error:
            raise Outside(error.message, outcome="not_done", retryable=True) from error


def _fields(value: object) -> Fields:
    return cast("Fields", value)  # JSON, as it was put
