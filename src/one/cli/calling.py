"""`one run`: a call of a live feature, from the terminal."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import click
import orjson

from one.app import App, build
from one.cli import faults
from one.cli.acting import STAFF, here, in_space, somebody
from one.cli.rooms import show
from one.cli.timeline import told_ask, told_moment
from one.clock import monotonic
from one.domains.runs import moments, owned, text_of
from one.errors import OneError
from one.store import Viewer
from one.store.history import find_run
from one.store.runs import ENDED, Run
from one.store.steps import journal_of
from one.store.yeses import awaited_by
from one.web.errors import problem
from one.workshop.calling import WAIT, Calling, refuse

REFUSED, WAITS = 3, 4
_PAUSE = 0.1


@click.command("run")
@click.argument("slug")
@click.option("--input", "given", default="{}", help="The INPUT as JSON; `-` reads it from stdin.")
@click.option("--as", "who", help="Who runs it: a handle or an id; else the staff.")
@click.option("--follow", is_flag=True, help="Tell each step, and who is asked, on stderr.")
@click.option(
    "--wait",
    type=click.FloatRange(0, 3600),
    default=WAIT,
    show_default=True,
    help="How many seconds to wait for the end.",
)
@in_space
def command(slug: str, *, given: str, who: str | None, space: UUID, **how: float) -> None:
    """Run the feature SLUG, or HANDLE/SLUG, and print its OUTPUT as JSON.

    Exits with 3 when it refuses: says why on stderr, and prints the problem as JSON; with 4 and
    the run's id when it goes on after the wait.
    """
    body = sys.stdin.buffer.read() if given == "-" else given.encode()
    handle, _, name = slug.rpartition("/")

    async def called() -> int:
        async with build(here()) as app, working(app):
            viewer = await _viewer(app, app.known_space(space), who)
            call = Calling(space, viewer, handle=handle, slug=name, body=body, wait=how["wait"])
            return await _run(app, call, follow=bool(how["follow"]))

    sys.exit(asyncio.run(called()))


@asynccontextmanager
async def working(app: App) -> AsyncGenerator[None]:
    """While this process works at runs too, so that they go on when no server does."""
    assert app.engine is not None, "what is built has its engine"
    task = asyncio.ensure_future(app.engine.worker.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _viewer(app: App, space: UUID, who: str | None) -> Viewer:
    if who is None:
        return STAFF
    async with app.desk.read(space, STAFF) as store:
        return Viewer(await somebody(store, who), "person")


async def _run(app: App, call: Calling, *, follow: bool) -> int:
    """Calls and says what came; the exit code."""
    assert app.caller is not None, "what is built can call"
    try:
        came = await app.caller.call(replace(call, wait=0) if follow else call)
        run = came.run
        if run is not None and follow:
            run = await _follow(app, call, run.id)
        if run is not None and run.status != "done":
            refuse(call.actor, run)
            click.echo(str(came.id))
            return WAITS
    except OneError as error:
        faults.explain(error)
        show(problem(error))
        return REFUSED
    output = came.output if run is None else run.output
    show(orjson.dumps({} if output is None else output))
    return 0


async def _follow(app: App, call: Calling, id: UUID) -> Run:
    """Tells the steps of a run and whom it waits for, until it is over; or, once the wait is over
    too, until it sleeps.
    """
    told, until, asked, text = 0, monotonic() + call.wait, set[UUID](), ""
    while True:
        async with app.desk.read(call.space, STAFF) as store:
            run = await find_run(store.session, id)
            steps = await journal_of(store.session.tx, call.space, run=id, after=told)
            asks = await awaited_by(store.session, id)
            if owned(call.actor, run) and not text:
                text = await text_of(store.session, run)
        for moment in moments(call.actor, run, steps=steps):
            told = moment.number
            click.echo(told_moment(moment, text=text or None), err=True)
        for ask in asks:
            if ask.request not in asked and run.status not in ENDED:
                asked.add(ask.request)
                click.echo(told_ask(ask), err=True)
        if run.status in (*ENDED, "stopped"):
            return run
        if run.status == "waiting" and monotonic() > until:
            click.echo(f"  It {run.reason}; `one runs {id}` tells how it goes on.", err=True)
            return run
        await asyncio.sleep(_PAUSE)
