"""Runs of features: what they are at, and their reins.

A run is seen by who runs it and by the feature's author; its author alone reads what its steps
gave, signals to it and takes it up again. Who has no account sees theirs by a key, which is kept
nowhere. Records no events of its own.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue

from one.errors import Conflict, Denied, NotFound
from one.runtime import Context, Deployment, durable, operation, signed_in, staff, with_link
from one.store import ANYBODY, Row, Viewer, revisions
from one.store.history import (
    RunAsk,
    counted_since,
    find_guest_run,
    find_run,
    list_runs,
    loads,
)
from one.store.runs import ENDED, Run, Status
from one.store.sales import PAID, UNPAID, Sale, begun_by
from one.store.session import Session
from one.store.steps import Step, StepStatus, journal_of
from one.store.yeses import Awaited, awaited_by

Limit = Annotated[int, Field(ge=1, le=200)]
Topic = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^:]+$")]
Path = Annotated[str, Field(min_length=1, max_length=500, description="As the timeline has it.")]
Key = Annotated[str, Field(max_length=100, description="As whoever began it was told.")]
KEPT = timedelta(days=30)
_DAY = timedelta(days=1)
_MOST_COUNTED = 10_000
WITHHELD = "A service outside failed."


class Moment(Row):
    """A row of a run's timeline. `path` is the place in the program, `line` that in the text. The
    name of a signal in `waitsFor` is the author's: others hear “…”.
    """

    number: int
    path: str
    operation: str
    line: int | None
    status: StepStatus
    attempt: int
    at: datetime
    until: datetime | None
    waits_for: str | None
    result: JsonValue
    error: JsonValue


class Timeline(Row):
    """A run, what it has done so far, in order, and whose yes it waits for. `pay` is a purchase
    that it has begun for who looks, and that they haven't paid; `bought` are those that are paid,
    newest first. `text` is what it was written as
    and `lines` the line of each place of that, for the feature's author.
    """

    run: Run
    steps: list[Moment]
    asks: list[Awaited]
    pay: UUID | None
    bought: list[UUID]
    text: str | None
    lines: dict[str, int]


class Runs(Row):
    """Runs, newest first; `next` is the `before` of the following page."""

    items: list[Run]
    next: UUID | None


class Count(Row):
    """How many runs a feature had, and how many of them went wrong."""

    feature: str
    runs: int
    failed: int


class Counts(Row):
    """Features that ran at all, by name; at most the last 10,000 runs are counted."""

    items: list[Count]


class Load(Row):
    """How a queue is: runs by status, and how many seconds the oldest due one is late."""

    queue: str
    counts: dict[str, int]
    late_seconds: float


class Loads(Row):
    items: list[Load]


@operation(kind="read", snapshot=False, allow=signed_in, route="GET /api/runs", mcp=True)
async def list_my_runs(
    ctx: Context,
    *,
    status: Status | None = None,
    feature: Annotated[str, Field(max_length=200)] | None = None,
    limit: Limit = 20,
    before: UUID | None = None,
) -> Runs:
    """The runs that you began and those of your features, newest first; for staff all."""
    ask = RunAsk(status, feature, before)
    found = await list_runs(ctx.store.session, ask, limit=limit + 1)
    items = [shown(ctx.actor, run) for run in found[:limit]]
    return Runs(items=items, next=items[-1].id if len(found) > limit else None)


@operation(kind="read", allow=signed_in, route="GET /api/runs/counts")
async def count_runs(ctx: Context) -> Counts:
    """How often each of your features ran in the last 24 hours."""
    since = ctx.store.session.now - _DAY
    found = await counted_since(ctx.store.session, ctx.me, since=since, most=_MOST_COUNTED)
    return Counts(
        items=[Count(feature=name, runs=runs, failed=failed) for name, runs, failed in found]
    )


@operation(kind="read", allow=staff, route="GET /api/runs/load")
async def measure_load(ctx: Context) -> Loads:
    """How many runs there are in each queue, by status, and how late the oldest is."""
    found = await loads(ctx.store.session.tx, ctx.space, now=ctx.store.session.now)
    items = [
        Load(queue=each.queue, counts=each.counts, late_seconds=each.late.total_seconds())
        for each in found
    ]
    return Loads(items=items)


@operation(kind="read", allow=signed_in, raises=(NotFound,), route="GET /api/runs/{id}", mcp=True)
async def get_run(ctx: Context, *, id: UUID) -> Timeline:
    """One run with its timeline."""
    run = await find_run(ctx.store.session, id)
    steps = await journal_of(ctx.store.session.tx, ctx.space, run=id)
    asks = [] if run.status in ENDED else await awaited_by(ctx.store.session, id)
    source = None
    if owned(ctx.actor, run):
        session = ctx.store.session
        source = await revisions.source_of(session, run.author, run.feature, digest=run.digest)
    text, lines = source or (None, {})
    begun = [one for one in await begun_by(ctx.store.session, id) if one.buyer == ctx.actor.id]
    return Timeline(
        run=shown(ctx.actor, run),
        steps=moments(ctx.actor, run, steps=steps),
        asks=asks,
        pay=_unpaid(run, begun),
        bought=_paid(begun),
        text=text,
        lines=lines,
    )


def key_of(deployment: Deployment, space: UUID, *, run: UUID) -> str:
    """What shows a run to whoever began it without an account; nobody else can make it."""
    return f"{run.hex}.{deployment.seal.sign(_keyed(space, run))}"


def _keyed(space: UUID, run: UUID) -> str:
    return f"run:{space}:{run}"


@operation(
    kind="read", snapshot=False, allow=with_link, raises=(NotFound,), route="GET /api/guest-run"
)
async def show_guest_run(ctx: Context, *, key: Key) -> Timeline:
    """A run that was begun without an account, by the key that its beginning was answered with:
    for 30 days, and only what whoever runs something sees.
    """
    hex, _, signature = key.partition(".")
    run = None
    with suppress(ValueError):
        id = UUID(hex=hex)
        if ctx.deployment.seal.signed(_keyed(ctx.space, id), signature):
            since = ctx.store.session.now - KEPT
            run = await find_guest_run(ctx.store.session, id, since=since)
    if run is None:
        raise NotFound(
            "There is no run at this address, or no longer.",
            cure="Such an address is good for 30 days. Run the feature again.",
        )
    over = run.status in ENDED
    steps = await journal_of(ctx.store.session.tx, ctx.space, run=run.id)
    begun = await begun_by(ctx.store.session, run.id)
    return Timeline(
        run=shown(ANYBODY, run),
        steps=moments(ANYBODY, run, steps=steps),
        asks=[] if over else await awaited_by(ctx.store.session, run.id),
        pay=_unpaid(run, begun),
        bought=_paid(begun),
        text=None,
        lines={},
    )


def _unpaid(run: Run, begun: Iterable[Sale]) -> UUID | None:
    """The newest that is to be paid on a page, as long as the run goes on."""
    if run.status in ENDED:
        return None
    return next((one.id for one in begun if one.state in UNPAID and not one.feature), None)


def _paid(begun: Iterable[Sale]) -> list[UUID]:
    return [one.id for one in begun if one.state in PAID]


async def text_of(session: Session, run: Run) -> str | None:
    """What a run's feature was written as when it began."""
    source = await revisions.source_of(session, run.author, run.feature, digest=run.digest)
    return source[0] if source else None


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Conflict),
    route="POST /api/runs/{id}/cancel",
    mcp=True,
)
async def cancel_run(ctx: Context, *, id: UUID) -> Run:
    """Asks a run to stop. What it has to take back, it takes back first."""
    await find_run(ctx.store.session, id)
    return shown(ctx.actor, await durable.cancel(ctx.store.session, id))


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Denied, Conflict),
    route="POST /api/runs/{id}/retry",
    mcp=True,
)
async def retry_run(ctx: Context, *, id: UUID) -> Run:
    """Takes up a run that stopped, was given up, or is parked for a right that was lost."""
    await _owned(ctx, id)
    return await durable.retry(ctx.store.session, id)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Denied, Conflict),
    route="POST /api/runs/{id}/decide",
)
async def decide_call(
    ctx: Context, *, id: UUID, path: Path, done: bool, result: JsonValue = None
) -> Run:
    """Says whether a call was done of which nobody knows; the run goes on. With `done` the result
    is what the call gave; otherwise it is made again.
    """
    await _owned(ctx, id)
    return await durable.decide(ctx.store.session, id, path=path, done=done, result=result)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Denied, Conflict),
    route="POST /api/runs/{id}/signal",
    mcp=True,
)
async def signal_run(ctx: Context, *, id: UUID, topic: Topic, payload: JsonValue = None) -> Run:
    """Tells a run what it waits for, or will; told early, it is kept for it. Without a payload
    it is an empty one.
    """
    await _owned(ctx, id)
    come: JsonValue = {} if payload is None else payload  # nothing would say that none came
    await durable.send(ctx.store.session, id, topic=topic, payload=come)
    return await find_run(ctx.store.session, id)


async def _owned(ctx: Context, id: UUID) -> None:
    """Raises NotFound, Denied."""
    if not owned(ctx.actor, await find_run(ctx.store.session, id)):
        raise Denied("Only the feature's author may do this.", cure="Ask them.")


def owned(viewer: Viewer, run: Run) -> bool:
    """Whether the viewer is the author of what runs, or of the staff."""
    return viewer.staff or viewer.id == run.author


def shown(viewer: Viewer, run: Run) -> Run:
    """A run as its viewer may see it: who only runs it sees the author's words, no service's."""
    outside = isinstance(run.error, dict) and run.error.get("family") not in (None, "")
    if owned(viewer, run) or not isinstance(run.error, dict):
        return run
    if outside and run.error.get("family") != "Outside":
        return run
    kept: JsonValue = {"name": run.error.get("name"), "message": WITHHELD}
    return run.model_copy(update={"error": kept, "reason": WITHHELD})


def _waited(topic: str | None) -> str | None:
    """What is waited for, without the name of a signal."""
    return topic if topic is None or ":" in topic else "…"


def _result(step: Step) -> JsonValue:
    """Of a transaction what each command gave, by its place; what it was asked is the journal's."""
    kept = step.result
    if step.operation not in ("data", "given") or not isinstance(kept, dict):
        return kept
    return {path: one[-1] if isinstance(one, list) and one else one for path, one in kept.items()}


def moments(viewer: Viewer, run: Run, *, steps: Iterable[Step]) -> list[Moment]:
    """The timeline as its viewer may see it."""
    whole = owned(viewer, run)
    return [
        Moment(
            number=step.number,
            path=step.path,
            operation=step.operation,
            line=step.line or None,
            status=step.status,
            attempt=step.attempt,
            at=step.at,
            until=step.until,
            waits_for=step.topic if whole else _waited(step.topic),
            result=_result(step) if whole or step.operation == "progress" else None,
            error=dict(step.error) if whole and step.error else None,
        )
        for step in steps
    ]
