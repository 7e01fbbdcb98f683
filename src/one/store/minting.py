"""The ledger of tokens as a service outside would be asked to move them: a port of providers."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from pydantic import JsonValue

from one.store import balances, stakes
from one.store.balances import Move
from one.store.filters import refuse
from one.store.pairing import told
from one.store.session import Session
from one.store.stakes import Lock


class Entry(Protocol):
    """Units of a token and whose they are; the key begins with the run that asks."""

    @property
    def key(self) -> str: ...
    @property
    def token(self) -> str: ...
    @property
    def holder(self) -> str: ...
    @property
    def amount(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Minting:
    """One space's ledger, in a transaction in which the answer to the call is kept too."""

    session: Session

    async def mint(self, entry: Entry) -> None:
        """Raises NotFound, Invalid, Exhausted."""
        if not await self._told(entry, entry.amount):
            await balances.move(self.session, _move(entry, entry.amount, "minted"))

    async def burn(self, entry: Entry, *, at_most: bool) -> int:
        """Raises NotFound, Invalid, NotEnough."""
        holder, token = UUID(entry.holder), UUID(entry.token)
        if await self._told(entry, -entry.amount):
            return entry.amount
        amount = entry.amount
        if at_most:
            kind = await balances.checked(self.session, token, holder)
            await balances.hold(self.session, kind, token, holder)
            amount = min(amount, await balances.held(self.session, holder, token))
        if amount:
            await balances.move(self.session, _move(entry, -amount, "burned"))
        return amount

    async def transfer(self, entry: Entry, to: str) -> None:
        """Raises NotFound, Invalid, NotEnough, Exhausted."""
        await self._require_transferable(UUID(entry.token))
        gave = await self._told(entry, -entry.amount)
        got = await self._told(entry, entry.amount, holder=UUID(to))
        if not gave and not got:
            source = _move(entry, entry.amount, "transferred")
            await balances.transfer(self.session, source, UUID(to))
        elif not gave:
            await balances.move(self.session, _move(entry, -entry.amount, "transferred"))
        elif not got:
            given = _move(entry, entry.amount, "transferred", holder=UUID(to))
            await balances.move(self.session, given)

    async def stake(self, entry: Entry, *, seconds: int) -> dict[str, JsonValue]:
        """Raises NotFound, Invalid, NotEnough."""
        lock = Lock(
            entry.amount,
            seconds,
            taken=await self._told(entry, -entry.amount),
            about={"runId": _run(entry)},
        )
        made = await stakes.stake(
            self.session, UUID(entry.holder), token=UUID(entry.token), lock=lock
        )
        until = made.locked_until.isoformat()
        return {"stake": str(made.id), "lockedUntil": until, "reward": made.reward}

    async def unstake(self, entry: Entry, stake: str) -> None:
        """Raises NotFound, Invalid, Locked, Settled."""
        found = await stakes.find(self.session, UUID(stake), holder=UUID(entry.holder))
        given = await self._told(entry, found.amount)
        await stakes.unstake(self.session, found, given=given, about={"runId": _run(entry)})

    async def balance(self, token: str, holder: str) -> int:
        """How many units somebody holds."""
        return await balances.held(self.session, UUID(holder), UUID(token))

    async def _told(self, entry: Entry, change: int, *, holder: UUID | None = None) -> bool:
        return await told(
            self.session,
            "call",
            run=UUID(_run(entry)),
            holder=holder or UUID(entry.holder),
            token=UUID(entry.token),
            change=change,
        )

    async def _require_transferable(self, token: UUID) -> None:
        record = await self.session.tx.row(
            "SELECT e.properties->>'transferable' = 'false' FROM entities e"
            " WHERE e.space_id = %(space)s AND e.id = %(token)s",
            self.session.params(token=token),
        )
        if record is not None and record[0]:
            raise refuse("/token", "This token stays with whoever has it.")


def _run(entry: Entry) -> str:
    return entry.key.partition(":")[0]


def _move(entry: Entry, amount: int, action: str, *, holder: UUID | None = None) -> Move:
    about = {"runId": _run(entry)}
    return Move(holder or UUID(entry.holder), UUID(entry.token), amount, action, about)
