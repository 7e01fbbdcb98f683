"""`one runs`, `one cancel`, `one retry`, `one signal`: runs, for those who run the deployment."""

from uuid import UUID

import click
import orjson

from one.cli import rooms
from one.cli.acting import acting, in_space
from one.cli.timeline import line, told
from one.domains import runs as room
from one.domains.runs import Timeline
from one.errors import Invalid
from one.runtime import Context
from one.runtime.durable import spoken
from one.runtime.input import parse
from one.store.runs import Run


@click.command("list")
@click.argument("id", required=False, type=click.UUID)
@click.option("--status", help="Only those of a status.")
@click.option("--feature", help="Only those of a feature.")
@click.option("--limit", type=click.IntRange(1, 200), default=20)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@in_space
def listed(*, id: UUID | None, as_json: bool, space: UUID, **asked: str | int | None) -> None:
    """List runs, newest first; or tell the timeline of the run ID."""
    given = {name: value for name, value in asked.items() if value is not None}

    async def read(ctx: Context) -> Timeline | room.Runs:
        if id is not None:
            return await room.get_run(ctx, id=id)
        arguments = room.list_my_runs.input.read(orjson.dumps(given))
        return await room.list_my_runs(ctx, **arguments)  # pyright: ignore[reportArgumentType] # Input read them

    found = acting(read, space=space)
    lines = [*told(found)] if isinstance(found, Timeline) else [*map(line, found.items)]
    rooms.show_lines(found, lines, as_json=as_json, nothing="There are no such runs.")


command = rooms.Listing("runs", listed)


@click.command("cancel")
@click.argument("id", type=click.UUID)
@in_space
def cancel(*, id: UUID, space: UUID) -> None:
    """Ask the run ID to stop; what it has to take back, it takes back first."""

    async def act(ctx: Context) -> Run:
        return await room.cancel_run(ctx, id=id)

    click.echo(line(acting(act, space=space)))


@click.command("retry")
@click.argument("id", type=click.UUID)
@click.option("--done/--not-done", default=None, help="Whether the call at PATH was done.")
@click.option("--path", help="The call of which nobody knows whether it was done.")
@click.option("--result", help="What that call gave, as JSON.")
@in_space
def retry(
    *, id: UUID, done: bool | None, path: str | None, result: str | None, space: UUID
) -> None:
    """Take up the run ID, which stopped or was given up."""
    if (done is None) != (path is None):
        raise Invalid("A call is decided with --path and --done or --not-done, both.")

    async def act(ctx: Context) -> Run:
        if path is None or done is None:
            return await room.retry_run(ctx, id=id)
        gave = parse(result.encode()) if result else None
        return await room.decide_call(ctx, id=id, path=path, done=done, result=gave)

    click.echo(line(acting(act, space=space)))


@click.command("signal")
@click.argument("id", type=click.UUID)
@click.argument("topic")
@click.option("--payload", default="{}", show_default=True, help="What it is told, as JSON.")
@in_space
def signal(*, id: UUID, topic: str, payload: str, space: UUID) -> None:
    """Tell the run ID what it waits for; told early, it is kept for it."""

    async def act(ctx: Context) -> tuple[Run, Timeline]:
        before = await room.get_run(ctx, id=id)
        given = parse(payload.encode())
        return await room.signal_run(ctx, id=id, topic=topic, payload=given), before

    run, before = acting(act, space=space)
    waiting = (one for one in before.steps if one.status == "waiting")
    topics = sorted({one.waits_for for one in waiting if one.waits_for})
    if topic in topics:
        click.echo(f"{run.id} has what it waited for, “{topic}”, and goes on.")
    else:
        click.echo(line(run))
        click.echo(f"Kept: it doesn't wait for “{topic}” now, but will find it if it ever does.")
        if topics:
            click.echo(f"It waits for {', '.join(map(spoken, topics))}.")
