"""`one runs`, `one cancel`, `one retry`, `one signal`: runs, for those who run the deployment."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar
from uuid import UUID

import click
import orjson
from typing_extensions import override

from one import app
from one.cli import rooms
from one.domains import runs as room
from one.domains.runs import Moment, Timeline
from one.errors import Invalid
from one.runtime import Context
from one.runtime.input import parse
from one.settings import read_settings
from one.store import DEFAULT_SPACE, PLATFORM, Viewer
from one.store.runs import Run

ResultT = TypeVar("ResultT")
STAFF = Viewer(PLATFORM, "staff")
_in_space = click.option("--space", type=click.UUID, default=DEFAULT_SPACE, help="Another space.")


class _Runs(click.Group):
    """The operations of the room; what begins with none of them lists runs, or tells one."""

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        asked = args[:1]
        named = bool(asked) and (asked[0] in self.commands or asked[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["list", *args])


@click.command("list")
@click.argument("id", required=False, type=click.UUID)
@click.option("--status", help="Only those of a status.")
@click.option("--feature", help="Only those of a feature.")
@click.option("--limit", type=click.IntRange(1, 200), default=20)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@_in_space
def listed(*, id: UUID | None, as_json: bool, space: UUID, **asked: str | int | None) -> None:
    """List runs, newest first; or tell the timeline of the run ID."""
    given = {name: value for name, value in asked.items() if value is not None}

    async def read(ctx: Context) -> Timeline | room.Runs:
        if id is not None:
            return await room.get_run(ctx, id=id)
        arguments = room.list_my_runs.input.read(orjson.dumps(given))
        return await room.list_my_runs(ctx, **arguments)  # pyright: ignore[reportArgumentType] # Input read them

    found = _acting(read, space=space)
    if as_json:
        click.echo(found.model_dump_json())
        return
    lines = told(found) if isinstance(found, Timeline) else map(line, found.items)
    for each in lines:
        click.echo(each)
    if isinstance(found, room.Runs) and not found.items:
        click.echo("There are no such runs.", err=True)


command = _Runs("runs", commands=rooms.group("runs").commands, help=listed.help)
command.add_command(listed)


@click.command("cancel")
@click.argument("id", type=click.UUID)
@_in_space
def cancel(*, id: UUID, space: UUID) -> None:
    """Ask the run ID to stop; what it has to take back, it takes back first."""

    async def act(ctx: Context) -> Run:
        return await room.cancel_run(ctx, id=id)

    click.echo(line(_acting(act, space=space)))


@click.command("retry")
@click.argument("id", type=click.UUID)
@click.option("--done/--not-done", default=None, help="Whether the call at PATH was done.")
@click.option("--path", help="The call of which nobody knows whether it was done.")
@click.option("--result", help="What that call gave, as JSON.")
@_in_space
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

    click.echo(line(_acting(act, space=space)))


@click.command("signal")
@click.argument("id", type=click.UUID)
@click.argument("topic")
@click.option("--payload", default="null", help="What it is told, as JSON.")
@_in_space
def signal(*, id: UUID, topic: str, payload: str, space: UUID) -> None:
    """Tell the run ID what it waits for; told early, it is kept for it."""

    async def act(ctx: Context) -> Run:
        return await room.signal_run(ctx, id=id, topic=topic, payload=parse(payload.encode()))

    click.echo(line(_acting(act, space=space)))


def line(run: Run) -> str:
    """A run in a line."""
    reason = f"  {run.reason}" if run.reason else ""
    return f"{run.id}  {run.created_at:%Y-%m-%d %H:%M:%S}  {run.status:<9} {run.feature}{reason}"


def told(found: Timeline) -> Iterable[str]:
    """A run, then its timeline."""
    yield line(found.run)
    for moment in found.steps:
        yield _moment(moment)
    for word, value in (("output", found.run.output), ("error", found.run.error)):
        if value is not None:
            yield f"{word}: {orjson.dumps(value).decode()}"


def _moment(moment: Moment) -> str:
    place = f"line {moment.line}" if moment.line else ""
    tries = f" (attempt {moment.attempt})" if moment.attempt > 1 else ""
    came = moment.error if moment.error is not None else moment.result
    said = "" if came is None else f"  {orjson.dumps(came).decode()[:200]}"
    waits = f"  until {moment.until:%Y-%m-%d %H:%M:%S}" if moment.until else ""
    return (
        f"  {moment.at:%H:%M:%S.%f}"[:-3]
        + f"  {moment.path:<24} {place:<9} {moment.status:<7}"
        + f" {moment.operation}{tries}{waits}{said}"
    )


def _acting(act: Callable[[Context], Awaitable[ResultT]], *, space: UUID) -> ResultT:
    async def acted() -> ResultT:
        async with app.build(read_settings()) as built:
            built.known_space(space)
            async with built.desk.write(space, STAFF) as store:
                return await act(Context(store, STAFF, space, built.deployment))

    return asyncio.run(acted())
