"""One turn of a run at a worker: its program from the beginning, over the journal, until it ends,
sleeps or can't go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog
from pydantic import JsonValue

from one.errors import NotFound, OneError
from one.runtime.context import Deployment
from one.runtime.durable.journal import Journal, told
from one.runtime.durable.news import TIE, look_back
from one.runtime.durable.parting import (
    Beyond,
    Cancelled,
    Diverged,
    Fenced,
    Interrupted,
    Stopped,
    Suspended,
)
from one.runtime.durable.run import Run
from one.store import runs as stored
from one.store import signals
from one.store.runs import End, Lease, Rest
from one.store.steps import Step, journal_of

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

MOST_ATTEMPTS = 5
HELD_UP = 0.2  # seconds before what the database was in the way of is tried again
_UNKNOWN_AGAIN = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=10)

Main = Callable[[Run, dict[str, JsonValue]], Awaitable[JsonValue]]


@dataclass(frozen=True, slots=True)
class Program:
    """A revision of a feature: what runs, and the line of its text that each path stands for."""

    main: Main
    lines: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Which:
    """A revision: of whose feature, and the digest of its program."""

    space: UUID
    author: UUID
    feature: str
    digest: str


Load = Callable[[Which], Awaitable[Program]]
"""The port: the program of a revision. Raises NotFound where this process doesn't have it."""


class Execution:
    """A lease at work. `journal` is there once it was read."""

    def __init__(self, deployment: Deployment, load: Load, *, lease: Lease) -> None:
        self.lease = lease
        self.journal: Journal | None = None
        self._deployment = deployment
        self._load = load
        self._fresh = lease.epoch == 1  # nobody has worked at it

    async def work(self) -> None:
        """Does what can be done now. Returns when the run has left, also to another worker."""
        while True:
            try:
                return await self._once()
            except Fenced:
                return None
            except (Interrupted, OneError) as error:
                cause = error.__cause__ or error
                _log.info("a run is held up", run=str(self.lease.id), why=str(cause))
            await asyncio.sleep(HELD_UP)

    async def _once(self) -> None:
        lease = self.lease
        steps = [] if self._fresh else await self._read()
        self._fresh = False
        if lease.cancelled and not steps:
            return await self.end(End("cancelled", "was cancelled before it had done anything"))
        if not await self._is_sound(len(steps)):
            reason = f"its worker was lost or broke {lease.attempts - 1} times in a row here"
            return await self.end(End("dead", reason))
        try:
            program = await self._load(_which(lease))
        except NotFound:
            until = self._deployment.desk.clock.now() + _UNKNOWN_AGAIN
            reason = f"its revision {lease.digest[:12]} is not known here"
            return await self._rest(Rest("waiting", reason, until), ())
        self.journal = journal = Journal(lease, steps, lines=program.lines)
        journal.cancelled = journal.cancelled or lease.cancelled
        try:
            output = await program.main(
                Run(self._deployment, journal, lease.created_at), lease.input
            )
        except Suspended as rest:
            return await self._sleep(journal, rest)
        except Stopped as stop:
            rest = Rest("stopped", stop.reason, cancel_known=journal.cancelled)
            return await self._rest(rest, ())
        except Cancelled:
            return await self.end(End("cancelled", "was cancelled"))
        except OneError as error:
            return await self.end(End("failed", error.message, error=told(error)))
        except Exception as error:
            return await self._broke(error)
        return await self.end(End("done", output=output))

    async def _read(self) -> list[Step]:
        async with self._deployment.desk.database.read(snapshot=False) as tx:
            return await journal_of(tx, self.lease.space, run=self.lease.id)

    async def _is_sound(self, counted: int) -> bool:
        """Whether it may be tried: not where its last workers all came to grief at one place."""
        lease = self.lease
        if lease.attempts > 1 and counted > lease.counted:
            async with self._deployment.desk.database.write() as tx:
                if not await stored.note_progress(tx, lease, counted=counted):
                    raise Fenced
            return True
        return lease.attempts <= MOST_ATTEMPTS

    async def _broke(self, error: Exception) -> None:
        """A bug, ours or of what was generated: again after a while, then not any more."""
        lease = self.lease
        _log.error("bug in a run", run=str(lease.id), feature=lease.feature, exc_info=error)
        kept: dict[str, JsonValue] = {"name": type(error).__name__, "message": str(error)[:2_000]}
        if lease.attempts >= MOST_ATTEMPTS:
            reason = f"broke {lease.attempts} times: {type(error).__name__}"
            return await self.end(End("dead", reason, error=kept))
        pause = min(timedelta(seconds=0.5) * 2 ** (2 * lease.attempts), _LONGEST_PAUSE)
        until = self._deployment.desk.clock.now() + pause
        reason = f"broke ({type(error).__name__}); is tried again"
        await self._rest(Rest("waiting", reason, until, failed=True, error=kept), ())
        return None

    async def _sleep(self, journal: Journal, rest: Suspended) -> None:
        new = [step for step in rest.waits if step.path not in journal.known]
        left = Rest("waiting", rest.reason, rest.wake_at, cancel_known=journal.cancelled)
        await self._rest(left, new)
        for step in new:
            if step.topic is not None and step.topic.startswith(("event:", TIE)):
                await look_back(self._deployment.desk, self.lease, step=step)

    async def _rest(self, rest: Rest, waits: tuple[Step, ...] | list[Step]) -> None:
        lease, desk = self.lease, self._deployment.desk
        journal = self.journal or Journal(lease, ())
        async with journal.turn() as turn, desk.write(lease.space, lease.author) as store:
            for step in waits:
                await turn.write(store, step)
            if not await stored.rest(store.session, lease, rest):
                raise Fenced
            if rest.status == "waiting" and await signals.any_waited_for(store.session, lease.id):
                await stored.wake(store.session, lease.id)

    async def end(self, end: End) -> None:
        """Ends the run, and tells its parent."""
        lease = self.lease
        async with self._deployment.desk.write(lease.space, lease.author) as store:
            try:
                parent = await stored.finish(store.session, lease, end)
            except stored.Lost:
                raise Fenced from None
            if parent is not None:
                payload: JsonValue = {
                    "status": end.status,
                    "reason": end.reason,
                    "output": end.output,
                    "error": dict(end.error) if end.error else None,
                }
                run, topic = parent
                await signals.send(store.session, run, topic=topic, payload=payload, id=lease.id)

    async def release(self) -> None:
        """Lets the run go in the middle: its worker stops."""
        now = self._deployment.desk.clock.now()
        await self._rest(Rest("pending", "its worker stopped", now), ())


def _which(lease: Lease) -> Which:
    author = lease.author.id
    assert author is not None, "a run acts for somebody"
    return Which(lease.space, author, lease.feature, lease.digest)


async def differences(
    deployment: Deployment, lease: Lease, *, steps: list[Step], program: Program
) -> str:
    """Why a sleeping run can't go on with another program; empty where it can: the new one does
    all that the old one did, with equal inputs, and then sleeps at the same places.
    """
    journal = Journal(lease, steps)
    run = Run(deployment, journal, lease.created_at, comparing=True)
    try:
        await program.main(run, lease.input)
    except (Suspended, Beyond, OneError):
        pass
    except Diverged as error:
        return error.reason
    except Exception as error:
        return f"It breaks: {type(error).__name__}."
    missed = sorted(journal.known.keys() - journal.visited)
    if missed:
        return f"The program no longer comes to {missed[0]}, which the run has done."
    return ""
