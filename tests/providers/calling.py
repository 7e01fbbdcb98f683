"""What the tests of providers share: a stage whose books are in the database, and errors."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from pydantic import JsonValue

from one.errors import Outside
from one.providers.base import Faults, Provider, Stage, parse_faults, standins
from one.store.books import Books
from tests.world import World

ANA: JsonValue = {"id": "ana", "name": "Ana", "type": "creator", "email": "ana@one.example"}
BEN: JsonValue = {"id": "ben", "name": "Ben", "type": "audience_member", "email": "ben@one.example"}
TOKEN: JsonValue = {"id": "calm", "name": "Calm", "type": "token"}


def usd(cents: int) -> JsonValue:
    return {"amount": cents, "currency": "usd"}


def stage_of(world: World, faults: str | Faults = "") -> Stage:
    """A stage whose books are those of a test's space."""
    clock = world.desk.clock
    planted = parse_faults(faults) if isinstance(faults, str) else faults
    return Stage(clock, Books(world.desk.database, clock, world.space), planted)


def standin(world: World, name: str, faults: str | Faults = "") -> Provider:
    return standins(stage_of(world, faults))[name]


async def entries(world: World, name: str, kind: str) -> list[dict[str, JsonValue]]:
    """What a stand-in has in its book."""
    async with stage_of(world).books.open(name) as book:
        return await book.entries(kind)


@dataclass
class Failure:
    """What came out of a block that `fails`."""

    error: Outside | None = None

    @property
    def known(self) -> tuple[str, bool]:
        assert self.error is not None
        return self.error.outcome, self.error.retryable


@asynccontextmanager
async def fails(outcome: str, *, retryable: bool) -> AsyncGenerator[Failure]:
    """The block ends in Outside of an outcome."""
    failure = Failure()
    with pytest.raises(Outside) as raised:
        yield failure
    failure.error = raised.value
    assert failure.known == (outcome, retryable), raised.value.message
