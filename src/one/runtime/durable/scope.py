"""What a run does at one place of its program: steps, outside calls, waits, its own time.

A scope is the run as one branch of it sees it: with the front of its paths and its own past.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from one.clock import monotonic
from one.errors import OneError, Outside, ShutOut
from one.runtime.context import Context, Deployment
from one.runtime.durable.journal import Journal, Place, Turn, place, raised, told
from one.runtime.durable.parting import Beyond, Interrupted, Stopped, Suspended
from one.runtime.durable.segment import Segment
from one.store import Contended, Store, signals
from one.store.runs import lead_to
from one.store.steps import Step, StepStatus

Act = Callable[[Context], Awaitable[JsonValue]]
Call = Callable[[str], Awaitable[JsonValue]]
Wanted = Mapping[str, JsonValue]
TRIES, PATIENCE = 3, 2.0
_DOUBT: dict[str, JsonValue] = {"certain": False}
"""What a call in progress has in the place of an error: one before it may have been done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """How an outside call is repeated. `lookup` gets the key and gives what came of the call, or
    raises Outside: not_done, and not retryable, where it never was made.

    keyed: again with the same key. lookup: looked up first. blind: never, a person decides.
    """

    repeat: Literal["keyed", "lookup", "blind"] = "keyed"
    lookup: Callable[[str], Awaitable[JsonValue]] | None = None
    tries: int | None = 5
    pause: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(minutes=10)
    timeout: timedelta = timedelta(seconds=60)

    def pause_after(self, attempt: int) -> timedelta:
        """Twice as long after each attempt."""
        return min(self.pause * 2 ** min(attempt - 1, 20), self.longest)


KEYED = Calling()


@dataclass(slots=True)
class Scope:
    """`now` is the time of what this branch did last: the same when the run is taken up again.

    `shielded` from a wish to cancel is what compensates, what is always done, and what lies behind
    a point of no return; the first and the last are `determined` too: repeated until done.
    """

    deployment: Deployment
    journal: Journal
    now: datetime
    front: str = ""
    shielded: bool = False
    determined: bool = False
    comparing: bool = False

    @property
    def id_of_run(self) -> UUID:
        return self.journal.lease.id

    # --- what repeats itself

    def id(self, path: str) -> UUID:
        """An id for a place: the same whenever the run comes there; sorts by time."""
        digest = hashlib.sha256(f"{self.id_of_run}:{self.front}{path}".encode()).digest()
        millis = int(self.now.timestamp() * 1000) & ((1 << 48) - 1)
        noise = int.from_bytes(digest[:10], "big")
        value = millis << 80 | 0x7 << 76 | (noise >> 68) << 64 | 0b10 << 62 | noise & (1 << 62) - 1
        return UUID(int=value)

    def chance(self, path: str) -> float:
        """A number from 0 up to 1 for a place, the same whenever the run comes there."""
        digest = hashlib.sha256(f"{self.id_of_run}?{self.front}{path}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / (1 << 48)

    # --- steps

    async def step(
        self, path: str, act: Act, *, operation: str = "step", given: JsonValue = None
    ) -> JsonValue:
        """Data changes: one transaction, exactly once. Raises what `act` raised.

        A refusal is kept too, so that the run takes the same way when it comes here again.
        """
        at = place(self.front + path, operation, given=given)
        known = self.found(at)
        if known is None or known.status == "waiting":
            if known is not None and known.until is not None and known.until > self.clock():
                raise Suspended((known,))
            self.journal.go_on(shielded=self.shielded)
            known = await self._settled(known or row(at, "done", when=self.clock()), act)
        return self.outcome(known)

    @asynccontextmanager
    async def transaction(self, path: str, *, operation: str = "data") -> AsyncGenerator[Segment]:
        """Data commands written straight on: one transaction and one row, exactly once.

        Done before, its commands give what they gave then. A refusal inside undoes all of it and
        is kept; where the database is in the way the run begins at its journal again.
        """
        at = place(self.front + path, operation)
        known = self.found(at)
        if known is None or known.status == "waiting":
            if known is not None and known.until is not None and known.until > self.clock():
                raise Suspended((known,))
            self.journal.go_on(shielded=self.shielded)
            new = known or row(at, "done", when=self.clock())
            try:
                async with self._writing() as (turn, store):
                    ctx = Context(
                        store, self.journal.lease.author, self.journal.lease.space, self.deployment
                    )
                    segment = Segment(ctx)
                    self.now = max(self.now, store.session.now)
                    yield segment
                    done = replace(new, status="done", at=store.session.now, until=None, error=None)
                    await turn.write(store, replace(done, result=segment.results))
            except OneError as error:
                refused = await self._refused(new, error)
                self.now = max(self.now, refused.at)
                raise
        else:
            yield Segment(None, self.outcome(known))

    async def _settled(self, new: Step, act: Act) -> Step:
        try:
            return await self._acted(new, act)
        except OneError as error:
            return await self._refused(new, error)

    async def _refused(self, new: Step, error: OneError) -> Step:
        """Keeps a refusal; where there is no going back it is tried again later."""
        failed = replace(new, status="failed", at=self.clock(), error=told(error))
        if not self.determined:
            return await self.write(failed)
        until = self.clock() + KEYED.pause_after(new.attempt)
        again = replace(failed, status="waiting", attempt=new.attempt + 1, until=until)
        raise Suspended((await self.write(again),)) from error

    async def _acted(self, new: Step, act: Act) -> Step:
        lease, until = self.journal.lease, monotonic() + PATIENCE
        for attempt in range(1, TRIES + 1):
            try:
                async with self._writing() as (turn, store):
                    ctx = Context(store, lease.author, lease.space, self.deployment)
                    result = await act(ctx)
                    done = replace(new, status="done", at=store.session.now, until=None, error=None)
                    return await turn.write(store, replace(done, result=result))
            except Interrupted as error:
                inside = isinstance(error.__cause__, Contended)
                if not inside or attempt == TRIES or monotonic() > until:
                    raise
            await asyncio.sleep(0.02 * attempt)
        raise AssertionError("the last attempt returns or raises")

    @asynccontextmanager
    async def _writing(self) -> AsyncGenerator[tuple[Turn, Store]]:
        """A transaction with its rows. Raises Interrupted where the database is the reason."""
        lease, desk = self.journal.lease, self.deployment.desk
        try:
            async with self.journal.turn() as turn, desk.write(lease.space, lease.author) as store:
                await lead_to(store.session.tx, lease)
                yield turn, store
        except (Outside, Contended) as error:
            raise Interrupted from error

    def found(self, at: Place) -> Step | None:
        """What was done at a place. Raises Diverged; Beyond where a journal is only compared."""
        known = self.journal.find(at)
        if self.comparing and known is None:
            raise Beyond
        if self.comparing and known is not None and known.status in ("begun", "waiting"):
            raise Suspended((known,))
        return known

    async def write(self, step: Step) -> Step:
        """Writes a row in a transaction of its own."""
        async with self._writing() as (turn, store):
            return await turn.write(store, step)

    def outcome(self, known: Step) -> JsonValue:
        """The result of what is over; the branch's time is then its. Raises what it raised."""
        self.now = max(self.now, known.at)
        if known.status == "failed":
            raise raised(dict(known.error or {}))
        return known.result

    # --- time and signals

    async def wait(
        self, path: str, duration: timedelta | None = None, *, until: datetime | None = None
    ) -> None:
        """Sleeps for a time, or until one, with nothing left in memory."""
        given = duration.total_seconds() if duration is not None else str(until)
        at = place(self.front + path, "wait", given=given)
        known = self.found(at)
        if known is None:
            self.journal.go_on(shielded=self.shielded)
            end = until or self.clock() + (duration or timedelta())
            raise Suspended((row(at, "waiting", when=self.clock(), until=end),))
        if known.status == "waiting":
            if known.until is not None and known.until > self.clock():
                self._rest(known)
            known = await self.write(replace(known, status="done", at=self.clock()))
        self.outcome(known)

    async def wait_for(
        self, path: str, topic: str, *, longest: timedelta, wanted: Wanted | None = None
    ) -> JsonValue:
        """What comes under a topic, also if it came before; null when nothing does in time.

        `event:<type>` is an event of the space with what is `wanted` of it: a value by dotted path;
        `tie:<type>` a relation, of whom and what it is `wanted`.
        """
        at = place(self.front + path, "wait for", given=[topic, dict(wanted or {})])
        known = self.found(at)
        if known is None:
            self.journal.go_on(shielded=self.shielded)
            begun = self.clock()
            known = row(at, "waiting", when=begun, until=begun + longest)
            known = replace(known, topic=topic, wanted=wanted)
        if known.status == "waiting":
            known = await self._come(known)
        return self.outcome(known)

    async def _come(self, waiting: Step) -> Step:
        """The wait, settled by a signal or by its end; else Suspended."""
        async with self._writing() as (turn, store):
            signal = await signals.take(
                store.session,
                self.id_of_run,
                topic=waiting.topic or "",
                path=waiting.path,
                until=waiting.until,
            )
            settled = replace(waiting, status="done", at=store.session.now)
            if signal is not None:
                return await turn.write(store, replace(settled, result=signal.payload))
            if waiting.until is not None and waiting.until <= store.session.now:
                return await turn.write(store, settled)
        self._rest(waiting)
        raise AssertionError("a wait that goes on ends here")

    def _rest(self, waiting: Step) -> None:
        """Raises Suspended, or Cancelled when the run shall stop."""
        self.journal.go_on(shielded=self.shielded)
        raise Suspended((waiting,))

    def clock(self) -> datetime:
        """The time outside; what is done with it has to be kept."""
        return self.deployment.desk.clock.now()

    # --- calls of the outside

    async def call(
        self,
        path: str,
        act: Call,
        *,
        operation: str,
        given: JsonValue = None,
        calling: Calling = KEYED,
    ) -> JsonValue:
        """A call of the outside: its intention is kept first, with its idempotency key, then its
        outcome. Raises the Outside that it failed with.

        What isn't known to have happened is repeated with its key, looked up, or left to a person.
        """
        at = place(self.front + path, operation, given=given)
        known = self.found(at)
        if known is None:
            self.journal.go_on(shielded=self.shielded)
            known = await self.write(row(at, "begun", when=self.clock()))
            known = await self._attempt(known, act, calling)
        elif known.status == "begun":
            if known.until is not None and known.until > self.clock():
                self._rest_in_call(known)
            known = await self._take_up(known, act, calling)
        return self.outcome(known)

    def key(self, path: str) -> str:
        """The idempotency key of the call at a place."""
        return f"{self.id_of_run}:{path}"

    def _rest_in_call(self, known: Step) -> None:
        """Between attempts: known not to have happened, it need not go on in a run that stops."""
        if known.error and known.error.get("certain"):
            self.journal.go_on(shielded=self.shielded)
        raise Suspended((known,))

    async def _take_up(self, known: Step, act: Call, calling: Calling) -> Step:
        """A call whose outcome nobody wrote down, or that is to be made again."""
        certain = bool(known.error and known.error.get("certain"))
        failed = known.until is not None  # else its process ended, which is no failure of the call
        counted = replace(known, attempt=known.attempt + failed)
        if certain:
            self.journal.go_on(shielded=self.shielded)
        elif calling.repeat == "blind":
            raise Stopped(
                f"It is not known whether {known.operation} at {known.path} was done.", known.path
            )
        elif calling.repeat == "lookup":
            assert calling.lookup is not None, "what is looked up has a way to do so"
            found = await self._asked(known, calling.lookup, calling)
            if not isinstance(found, Outside):
                return await self.write(
                    replace(known, status="done", at=self.clock(), result=found, until=None)
                )
            if found.outcome != "not_done" or _tells_nothing(found):  # nobody could look it up
                return await self._after(replace(counted, error=_DOUBT), found, calling)
            certain = True
        again = replace(counted, at=self.clock(), until=None, error=None if certain else _DOUBT)
        return await self._attempt(await self.write(again), act, calling)

    async def _attempt(self, begun: Step, act: Call, calling: Calling) -> Step:
        came = await self._asked(begun, act, calling)
        if not isinstance(came, Outside):
            done = replace(
                begun, status="done", at=self.clock(), result=came, until=None, error=None
            )
            return await self.write(done)
        return await self._after(begun, came, calling)

    async def _asked(self, begun: Step, act: Call, calling: Calling) -> JsonValue | Outside:
        try:
            async with asyncio.timeout(calling.timeout.total_seconds()):
                return await act(self.key(begun.path))
        except Outside as error:
            return error
        except TimeoutError:
            return Outside(
                f"{begun.operation} did not answer in time.", outcome="unknown", retryable=True
            )

    async def _after(self, begun: Step, error: Outside, calling: Calling) -> Step:
        """A call that failed: again later, given up, or left to a person.

        That this attempt wasn't heard tells nothing of one before that was in doubt.
        """
        busy = error.outcome == "not_done" and error.retryable
        doubt = begun.error == _DOUBT
        unknown = error.outcome == "unknown" or (doubt and _tells_nothing(error))
        if unknown and calling.repeat == "blind":
            raise Stopped(
                f"It is not known whether {begun.operation} at {begun.path} was done.", begun.path
            )
        more = calling.tries is None or begun.attempt < calling.tries
        again = unknown or busy
        if (more and again) or (self.determined and error.outcome != "done"):
            resting = replace(
                begun,
                at=self.clock(),
                until=self.clock() + calling.pause_after(begun.attempt),
                error={**told(error), "certain": not unknown},
            )
            raise Suspended((await self.write(resting),))
        if unknown:
            raise Stopped(
                f"After {begun.attempt} attempts it is not known whether {begun.operation}"
                f" at {begun.path} was done.",
                begun.path,
            )
        return await self.write(replace(begun, status="failed", at=self.clock(), error=told(error)))


def _tells_nothing(error: Outside) -> bool:
    """Whether a service was too busy to listen, or listens to nobody: what it was asked before may
    have been done.
    """
    return (error.outcome == "not_done" and error.retryable) or isinstance(error, ShutOut)


def row(
    at: Place,
    status: StepStatus,
    *,
    when: datetime,
    result: JsonValue = None,
    until: datetime | None = None,
) -> Step:
    """The row of a place."""
    return Step(
        path=at.path,
        operation=at.operation,
        digest=at.digest,
        status=status,
        at=when,
        result=result,
        until=until,
    )
