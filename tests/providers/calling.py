"""What the tests of providers share: a stage whose books are in the database, and errors."""

from collections.abc import AsyncGenerator, Mapping
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


Params = Mapping[str, JsonValue]
CONSENT: JsonValue = {"id": "consent-1", "by": "ana"}
GIVEN: dict[str, Params] = {
    "blockchain": {
        "name": "Calm",
        "to": ANA,
        "amount": 3,
        "token": TOKEN,
        "from": ANA,
        "owner": ANA,
    },
    "calendar": {"at": "2027-01-01T09:00:00Z", "title": "Call"},
    "elevenlabs": {"samples": ["a.mp3"], "name": "Ana", "consent": CONSENT, "text": "Hello"},
    "email": {"to": ANA, "subject": "Hi", "body": "Welcome"},
    "push": {"to": ANA, "body": "Welcome"},
    "sms": {"to": ANA, "body": "Welcome"},
    "openai": {
        "instruction": "answer",
        "input": "Calm is a breath.",
        "query": "breath",
        "source": "data:audio/wav,RIFF0000WAVE",
    },
    "storage": {"file": "some text", "name": "a.txt"},
    "stripe": {"amount": usd(500), "customer": ANA, "to": ANA, "person": ANA},
    "webhook": {"url": "https://one.example/hook", "body": {"n": 1}},
}
SOCIAL: Params = {"content": "A post", "title": "Hi"}
FIRST = {
    "unpublish": ("publish", "post"),
    "readMetrics": ("publish", "post"),
    "refund": ("charge", "charge"),
    "expireCheckout": ("createCheckout", "checkout"),
    "deleteCustomer": ("createCustomer", "customer"),
    "cancelSubscription": ("subscribe", "subscription"),
    "voidInvoice": ("createInvoice", "invoice"),
    "burn": ("mint", "token"),
    "stake": ("mint", ""),
    "transfer": ("mint", ""),
    "unstake": ("stake", "token"),
    "cancelBooking": ("book", "booking"),
    "deleteVoice": ("cloneVoice", "voice"),
    "delete": ("save", "file"),
}


async def asked(
    provider: Provider, method: str, key: str, *, url: str = ""
) -> tuple[Params, dict[str, JsonValue]]:
    """Makes a call with what it needs, and before it the one that it follows; both its sides."""
    params = GIVEN.get(provider.name, SOCIAL)
    if url and "url" in params:
        params = {**params, "url": url}
    before = FIRST.get(method)
    if before is not None:
        earlier = await asked(provider, before[0], f"{key}:before")
        if before[1] and method != "deleteCustomer":
            params = {before[1]: earlier[1]}
    return params, await provider.call(method, params, key=key)


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
