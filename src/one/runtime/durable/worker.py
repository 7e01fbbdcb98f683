"""Workers: they claim what is due, keep their leases alive, and tend schedules and triggers."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from one.clock import new_id
from one.errors import OneError
from one.runtime.context import Deployment
from one.runtime.durable.calendar import Every
from one.runtime.durable.execution import Execution, Load
from one.runtime.durable.news import follow
from one.runtime.durable.parting import Parting
from one.store import PLATFORM, Viewer
from one.store import runs as stored
from one.store.reactions import due_schedule, move_schedule
from one.store.runs import Lease, Room, Start, start

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

LEASE = timedelta(seconds=10)
QUICK, IDLE = 0.02, 0.2
AT_ONCE = 50
_PLATFORM = Viewer(PLATFORM, "staff", "system")


class Worker:
    """One per process. `steps` counts the rows that its runs have written."""

    def __init__(
        self,
        deployment: Deployment,
        load: Load,
        *,
        at_once: int = AT_ONCE,
        lease: timedelta = LEASE,
        idle: float = IDLE,
    ) -> None:
        self.name = f"{os.getpid()}-{str(new_id())[-6:]}"
        self.steps = 0
        self._deployment = deployment
        self._load = load
        self._at_once = at_once
        self.lease = lease
        self._idle = idle
        self._active: dict[asyncio.Task[None], Execution] = {}
        self._nudged = asyncio.Event()

    @property
    def room(self) -> bool:
        """Whether it can take another run."""
        return len(self._active) < self._at_once

    async def left(self, run: UUID, *, seconds: float) -> None:
        """Returns when a run has left this process, at the latest after some seconds."""
        tasks = [task for task, each in self._active.items() if each.lease.id == run]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        else:
            await asyncio.sleep(seconds)

    def nudge(self) -> None:
        """There may be something to do: looks at once."""
        self._nudged.set()

    async def run(self) -> None:
        """Works until cancelled; then lets go what it has in hand."""
        tending = [
            asyncio.ensure_future(self._forever(work, pause))
            for work, pause in (
                (self._renew, self.lease.total_seconds() / 4),
                (self._react, self._idle),
            )
        ]
        try:
            await self._claim_for_ever()
        finally:
            for task in tending:
                task.cancel()
            await asyncio.gather(*tending, return_exceptions=True)
            await self._let_go()

    async def settle(self) -> None:
        """Works at what is due until nothing is: for those who move the time themselves."""
        while await self._claim() or self._active:
            await asyncio.gather(*self._active, return_exceptions=True)

    async def _claim_for_ever(self) -> None:
        pause = QUICK
        while True:
            claimed = 0
            try:
                claimed = await self._claim()
            except OneError as error:
                _log.warning("runs wait for the database", error=error.message)
            except Exception as error:
                _log.error("bug in a worker", exc_info=error)
            pause = QUICK if claimed else min(pause * 1.5, self._idle)
            self._nudged.clear()
            try:
                async with asyncio.timeout(0.001 if claimed else pause):
                    await self._nudged.wait()
            except TimeoutError:
                pass

    async def _forever(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        while True:
            try:
                await work()
            except OneError as error:
                _log.warning("a worker waits for the database", error=error.message)
            except Exception as error:
                _log.error("bug in a worker", exc_info=error)
            await asyncio.sleep(pause)

    # --- runs

    async def _claim(self) -> int:
        """Takes what is due, as far as there is room; how many."""
        desk, taken = self._deployment.desk, 0
        if not self.room:
            return 0
        async with desk.database.read(snapshot=False) as tx:
            queues = await stored.busy_queues(tx, now=desk.clock.now())
        for queue in queues:
            room = self._at_once - len(self._active)
            if room <= 0:
                break
            if queue.space not in desk.spaces:
                continue  # made while this process runs; it is for those that began later
            async with desk.database.write() as tx:
                leases = await stored.claim(
                    tx,
                    queue,
                    now=desk.clock.now(),
                    owner=self.name,
                    room=Room(room, self._suspects(), self.lease),
                )
            for lease in leases:
                self.take(lease)
            taken += len(leases)
        return taken

    def _suspects(self) -> int:
        """One at a time, until it gets on."""
        return int(
            not any(
                each.lease.attempts > 2 and not (each.journal and each.journal.written)
                for each in self._active.values()
            )
        )

    def take(self, lease: Lease) -> asyncio.Task[None]:
        """Begins to work at a run that is this worker's."""
        execution = Execution(self._deployment, self._load, lease=lease)
        task = asyncio.ensure_future(execution.work())
        self._active[task] = execution
        task.add_done_callback(self._left)
        return task

    def _left(self, task: asyncio.Task[None]) -> None:
        execution = self._active.pop(task)
        self.steps += execution.journal.written if execution.journal else 0
        self._nudged.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("bug at a run", run=str(execution.lease.id), exc_info=error)

    async def _renew(self) -> None:
        """Keeps the leases; a run that was lost is dropped, one that shall stop hears of it."""
        active = list(self._active.items())
        if not active:
            return
        leases = [execution.lease for _, execution in active]
        async with self._deployment.desk.database.write() as tx:
            kept = await stored.renew(tx, leases, lease=self.lease)
        for task, execution in active:
            cancelled = kept.get((execution.lease.space, execution.lease.id))
            if cancelled is None:
                task.cancel()
            elif execution.journal is not None:
                execution.journal.cancelled = execution.journal.cancelled or cancelled

    async def _let_go(self) -> None:
        active = list(self._active.items())
        for task, _ in active:
            task.cancel()
        await asyncio.gather(*(task for task, _ in active), return_exceptions=True)
        for _, execution in active:
            try:
                await execution.release()
            except (OneError, Parting):
                continue  # it ended meanwhile, or its lease will

    # --- what begins by itself

    async def _react(self) -> None:
        desk = self._deployment.desk
        while await self._tick(desk.clock.now()):
            self.nudge()
        if await follow(desk):
            self.nudge()

    async def _tick(self, now: datetime) -> bool:
        """Begins the run of one schedule whose time has come; of times missed, only the last."""
        desk = self._deployment.desk
        async with desk.database.write() as tx:
            due = await due_schedule(tx, now=now, spaces=desk.spaces)
            if due is None:
                return False
            assert due.space is not None, "a schedule that is read has its space"
            session = desk.session_of(tx, due.space, _PLATFORM)
            every, tick = Every.of_json(dict(due.every)), due.next_at
            following = every.after(tick)
            while following <= now:
                tick, following = following, every.after(following)
            begun = Start(
                feature=due.feature,
                digest=due.digest,
                author=due.author,
                input={**due.input, "at": tick.isoformat().replace("+00:00", "Z")},
                key=f"schedule:{due.name}:{tick.isoformat()}",
            )
            await start(session, begun)
            await move_schedule(session, due.name, next_at=following)
            return True
