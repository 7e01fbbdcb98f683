"""The port: all that the rest of ONE asks of durable runs. Another engine could stand behind it.

What begins, signals or cancels a run is part of the caller's transaction: it happens if and only
if that commits.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from one.clock import monotonic
from one.errors import Conflict
from one.runtime.context import Deployment
from one.runtime.durable.calendar import Every
from one.runtime.durable.execution import Load, Which, differences
from one.runtime.durable.parting import PARKED
from one.runtime.durable.worker import Worker
from one.store import runs as stored
from one.store import signals
from one.store.history import find_run
from one.store.reactions import Schedule, drop_schedule, set_schedule
from one.store.runs import ENDED, Run, Start
from one.store.session import Session
from one.store.sight import Viewer
from one.store.steps import journal_of, repeat_step, settle_step


async def start(session: Session, run: Start) -> UUID:
    """Begins a run; the one that its key began before, if there is one."""
    id, _ = await stored.start(session, run)
    return id


async def send(
    session: Session, run: UUID, *, topic: str, payload: JsonValue, id: UUID | None = None
) -> None:
    """Signals to a run; one that it doesn't wait for yet is kept for it. Raises NotFound, Conflict.

    A signal with an `id` counts once.
    """
    if not await signals.send(session, run, topic=topic, payload=payload, id=id):
        raise _over(await find_run(session, run))


async def cancel(session: Session, run: UUID) -> Run:
    """Asks a run to stop: it wakes and takes back what is to be taken back. Raises NotFound,
    Conflict."""
    if not await stored.cancel(session, run):
        raise _over(await find_run(session, run))
    return await find_run(session, run)


async def retry(session: Session, run: UUID) -> Run:
    """Takes up a run that stopped, was given up or is parked. Raises NotFound, Conflict."""
    if not await stored.again(session, run) and not await _unparked(session, run):
        found = await find_run(session, run)
        raise Conflict(
            f"This run is {found.status}; there is nothing to take up.",
            cure="Only a run that stopped, was given up or is parked is tried again.",
            details={"status": found.status},
        )
    return await find_run(session, run)


async def _unparked(session: Session, run: UUID) -> bool:
    """Tells a run that is parked to try again; false where it isn't."""
    steps = await journal_of(session.tx, session.space, run=run)
    waiting = {step.topic for step in steps if step.status == "waiting" and step.topic}
    parked = [topic for topic in waiting if topic.startswith(f"{PARKED}:")]
    for topic in parked:
        await signals.send(session, run, topic=topic, payload={})
    return bool(parked)


async def decide(
    session: Session, run: UUID, *, path: str, done: bool, result: JsonValue = None
) -> Run:
    """A person's word on a call of which nobody knows whether it was done; the run goes on.

    Raises NotFound, Conflict.
    """
    if done:
        settled = await settle_step(session, run, path=path, result=result)
    else:
        settled = await repeat_step(session, run, path=path)
    if not settled:
        await find_run(session, run)
        raise Conflict(
            f"At {path} there is no call of unknown outcome.", cure="The timeline shows the paths."
        )
    return await retry(session, run)


async def schedule(
    session: Session, name: str, *, every: Every, begins: Start, now: datetime | None = None
) -> None:
    """Runs a feature at times, in the way that `begins` says, exactly one run a time. One of this
    name that is there already is changed.
    """
    await set_schedule(
        session,
        Schedule(
            name=name,
            feature=begins.feature,
            digest=begins.digest,
            author=begins.author,
            input=begins.input,
            every=every.as_json(),
            next_at=every.after(now or session.now),
        ),
    )


async def unschedule(session: Session, name: str) -> bool:
    """Ends a schedule; false when there is none."""
    return await drop_schedule(session, name)


async def adopt(deployment: Deployment, load: Load, *, run: Run, digest: str, space: UUID) -> str:
    """Moves a sleeping run to another revision where it can go on there: empty then, else why not.

    The old journal is played through the new program: each of its paths has to come, with equal
    input. What is awake, or over, stays on its own.
    """
    if run.status not in ("pending", "waiting", "stopped"):
        return f"It is {run.status}."
    viewer = Viewer(run.author, "staff")
    async with deployment.desk.read(space, viewer) as store:
        steps = await journal_of(store.session.tx, space, run=run.id)
    begun = Start(feature=run.feature, digest=run.digest, author=viewer, input=input_of(run))
    lease = stored.held(space, run.id, run=begun, created_at=run.created_at)
    new = Which(space, run.author, run.feature, digest)
    reason = await differences(deployment, lease, steps=steps, program=await load(new))
    if not reason:
        async with deployment.desk.write(space, viewer) as store:
            if not await stored.adopt(store.session, run, digest=digest):
                return "It has woken up."
    return reason


def input_of(run: Run) -> dict[str, JsonValue]:
    """What a run was begun with."""
    return dict(run.input) if isinstance(run.input, Mapping) else {}


def _over(run: Run) -> Conflict:
    return Conflict(
        f"This run is over: {run.status}.", cure="Begin another.", details={"status": run.status}
    )


class Engine:
    """Durable runs in this process: what begins here is worked at here, without waiting.

    `worker` is to be run as one of the services of the process.
    """

    def __init__(self, deployment: Deployment, load: Load, *, worker: Worker | None = None) -> None:
        self.deployment = deployment
        self.load = load
        self.worker = worker or Worker(deployment, load)

    async def start(self, space: UUID, run: Start) -> UUID:
        """Begins a run in a transaction of its own, and works at it at once."""
        desk, held = self.deployment.desk, self.worker.room
        async with desk.write(space, run.author) as store:
            if run.queue or run.after is not None or not held:
                return await start(store.session, run)
            now = store.session.now
            id, new = await stored.start(
                store.session, run, owner=self.worker.name, lease=self.worker.lease
            )
        if new:
            self.worker.take(stored.held(space, id, run=run, created_at=now))
        return id

    async def come_to_rest(self, space: UUID, run: UUID, *, viewer: Viewer, seconds: float) -> Run:
        """The run once it is over, sleeps or has stopped; as it is, when that takes longer.

        Raises NotFound.
        """
        pause, until = 0.002, monotonic() + seconds
        while True:
            await self.worker.left(run, seconds=min(pause, max(0.0, until - monotonic())))
            async with self.deployment.desk.read(space, viewer, snapshot=False) as store:
                found = await find_run(store.session, run)
            now = self.deployment.desk.clock.now()
            sleeps = found.status == "waiting" and (found.wake_at is None or found.wake_at > now)
            at_rest = sleeps or found.status in (*ENDED, "stopped")
            if at_rest or monotonic() >= until:
                return found
            pause = min(pause * 2, 0.25)
