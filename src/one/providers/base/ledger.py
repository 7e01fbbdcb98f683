"""The ledger of tokens, as the blockchain's provider knows it: a port that the app fills.

A chain will stand behind the same acts: each is done once for its key, and names what it did.
"""

from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Entry:
    """Units of a token and whose they are, by their ids; `key` is that of the call."""

    key: str
    token: str
    holder: str
    amount: int


class Ledger(Protocol):
    """One space's ledger, in the transaction of a book. Its verbs raise what the store refuses."""

    async def mint(self, entry: Entry) -> None: ...

    async def burn(self, entry: Entry, *, at_most: bool) -> int:
        """How many were burned: `at_most`, as many as there are."""
        ...

    async def transfer(self, entry: Entry, to: str) -> None: ...

    async def stake(self, entry: Entry, *, seconds: int) -> dict[str, JsonValue]:
        """The stake's own id, until when it is locked, and what it earns."""
        ...

    async def unstake(self, entry: Entry, stake: str) -> None: ...

    async def balance(self, token: str, holder: str) -> int: ...
