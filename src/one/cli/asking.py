"""`one asks`, `one answer`: what features ask people's yes for, and their word."""

from uuid import UUID

import click

from one.cli.acting import acting, as_somebody, in_space
from one.cli.rooms import show_lines
from one.domains import notices
from one.runtime import Context
from one.store.yeses import Request

_as_whom = click.option("--as", "who", required=True, help="Who is asked: a handle or an id.")


@click.command("asks")
@click.option("--all", "every", is_flag=True, help="What was answered too.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@_as_whom
@in_space
def command(*, every: bool, as_json: bool, who: str, space: UUID) -> None:
    """List what features ask somebody's yes for, newest first."""

    async def read(ctx: Context) -> notices.Requests:
        return await notices.list_requests(await as_somebody(ctx, who), open=not every, limit=100)

    found = acting(read, space=space)
    lines = [line(each) for each in found.items]
    show_lines(found, lines, as_json=as_json, nothing="Nothing is asked of them.")


@click.command("answer")
@click.argument("id", type=click.UUID)
@click.argument("word", type=click.Choice(["yes", "no"]))
@_as_whom
@in_space
def answer(*, id: UUID, word: str, who: str, space: UUID) -> None:
    """Say yes or no to what ID asks; what waits for it goes on, or ends."""

    async def act(ctx: Context) -> Request:
        return await notices.answer_request(await as_somebody(ctx, who), id=id, yes=word == "yes")

    click.echo(line(acting(act, space=space)))


def line(request: Request) -> str:
    """A request in a line."""
    said = {None: "open", True: "yes", False: "no"}[request.answer]
    return f"{request.id}  {said:<4}  {request.words}"
