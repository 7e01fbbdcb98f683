"""A right that was lost on the way: a run that has taken money is parked and tried again each day,
or when its author says so. Who paid is told; what they paid is given back after seven days.

What the text takes back itself, in a DO TOGETHER, is taken back at once.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import JsonValue

from one.domains import notices
from one.errors import Denied, OneError, Outside
from one.runtime import Context, durable
from one.runtime.durable.parting import PARKED, Interrupted, Parting
from one.sdk import calling, consent, paying
from one.sdk.refusal import NotTheirs
from one.sdk.standing import Receipt, Standing, as_one
from one.sdk.values import met, text
from one.store import Entity

DAYS = 7


class Parked(Parting):
    """A command isn't allowed any more; nothing of its transaction stays."""

    def __init__(self, error: OneError) -> None:
        super().__init__()
        self.error = error


@asynccontextmanager
async def held(ctx: Context, standing: Standing) -> AsyncGenerator[None]:
    """What isn't allowed inside parks the run where it has taken money, or is refused; so does all
    that an author would do who has left. Raises Parked.
    """
    if owed(standing) and (await _author(ctx, standing)).deleted_at is not None:
        raise Parked(NotTheirs("Its author has closed their account."))
    try:
        yield
    except (NotTheirs, Denied) as error:
        if not owed(standing):
            raise
        raise Parked(error) from error


def owed(standing: Standing) -> list[tuple[Receipt, calling.Asked]]:
    """What was taken from people, with the call that gives it back; not what the text has taken
    back, or would.
    """
    found: list[tuple[Receipt, calling.Asked]] = []
    for receipt in standing.receipts[: standing.undone]:
        action = calling.action_of(receipt.service, receipt.action)
        if action is None or not action.takes_money or not action.inverse:
            continue
        undo = calling.action_of(receipt.service, action.inverse)
        assert undo is not None, "an inverse is an action of the same service"
        whole = next(param.name for param in undo.params if param.required)
        if not any(_undoes(other, action.inverse, receipt) for other in standing.receipts):
            what = f"{receipt.service}.{action.inverse}"
            found.append((receipt, calling.Asked(what, {whole: met(receipt.gave)})))
    return found


def _undoes(other: Receipt, inverse: str, receipt: Receipt) -> bool:
    """Whether a call took back what another took: it was given its answer, or the id of that."""
    id = receipt.gave.get("id") if isinstance(receipt.gave, dict) else None
    same = (other.service, other.action) == (receipt.service, inverse)
    return same and any(one in (receipt.gave, id) for one in other.asked.values())


# --- the run that is parked


@asynccontextmanager
async def parking(engine: durable.Run, standing: Standing, *, path: str) -> AsyncGenerator[None]:
    """What is done inside may not be allowed any more: then the run is parked. Raises what it was
    refused with, when it never was allowed again.
    """
    place = _Place(engine, standing, path)
    days = await consent.again(engine, path, what="parked", wait=place.wait)
    if f"{engine.front}{path}.givenUp" in engine.journal.known:
        await place.give_up(None)
    try:
        yield
    except Parked as parked:
        if days == DAYS:
            await place.give_up(parked.error)
        if not days:
            await place.tell(parked.error)
        await place.wait(days + 1)
        raise Interrupted from parked


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a run is parked."""

    engine: durable.Run
    standing: Standing
    path: str

    async def wait(self, n: int) -> None:
        """A day, or until its author says so. Who cancels it has their money back at once."""
        topic = f"{PARKED}:{self.engine.front}{self.path}"
        try:
            await self.engine.wait_for(f"{self.path}.parked[{n}]", topic, longest=timedelta(days=1))
        except durable.Cancelled:
            await self._give_back()
            raise

    async def give_up(self, error: OneError | None) -> None:
        """Gives back what was paid. Raises what it was refused with, once that is known."""

        async def kept(_: Context) -> JsonValue:
            assert error is not None, "what the journal knows is not kept again"
            return durable.told(error)

        said = await self.engine.step(f"{self.path}.givenUp", kept, operation="give up")
        await self._give_back()
        raise durable.raised(said if isinstance(said, dict) else {})

    async def _give_back(self) -> None:
        steadfast = self.engine.steadfast(determined=True)
        for n, (_, asked) in enumerate(owed(self.standing), 1):
            try:
                path = f"{self.path}.back[{n}]"
                await paying.call(steadfast, self.standing, path=path, asked=asked, names={})
            except Outside as error:
                if error.outcome != "done":
                    raise
        self.engine.now = max(self.engine.now, steadfast.now)

    async def tell(self, why: OneError) -> None:
        """Who paid hears that it waits, the author why, and how it goes on."""

        async def told(ctx: Context) -> JsonValue:
            await _tell(ctx, self.standing, why, key=f"parked:{self.standing.run}:{self.path}")
            return None

        await self.engine.step(f"{self.path}.told", told, operation="tell")


async def _tell(ctx: Context, standing: Standing, why: OneError, *, key: str) -> None:
    author = await _author(ctx, standing)
    for receipt, _ in owed(standing):
        payer = _payer(receipt) or standing.runner
        if payer is None or payer == author.id:
            continue
        words = (
            f"“{standing.title}” by {author.name} can't go on for now. What you paid,"
            f" {text(met(receipt.asked.get('amount')))}, is given back in {DAYS} days, unless it"
            " goes on before."
        )
        notice = notices.Notice(about=words, key=key, channels=["app", "email"], run_of=[payer])
        await notices.tell(ctx, notice, to=[payer])
    words = (
        f"Your feature “{standing.title}” can't go on: {why.message} It has taken money, which is"
        f" given back in {DAYS} days. It tries again each day, and at once with"
        f" `one retry {standing.run}`."
    )
    await notices.tell(ctx, notices.Notice(about=words, key=key), to=[author.id])


async def _author(ctx: Context, standing: Standing) -> Entity:
    assert standing.author.id is not None, "features have an author"
    return await as_one(ctx, None).store.get(standing.author.id, deleted=True)


def _payer(receipt: Receipt) -> UUID | None:
    payer = receipt.asked.get("customer")
    id = payer.get("id") if isinstance(payer, dict) else None
    return UUID(id) if isinstance(id, str) else None
