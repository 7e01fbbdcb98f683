"""`one serve`: the server, from nothing to answering."""

import os
from functools import partial

import click

from one import demo
from one.app import App, owner_token, owner_token_file
from one.cli import showing
from one.settings import read_settings
from one.web.server import Rest, serve


@click.command("serve")
@click.option("--host", help="Address to listen on (ONE_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (ONE_PORT).")
@click.option("--processes", type=click.IntRange(1, 64), help="Processes (ONE_PROCESSES).")
def command(*, host: str | None, port: int | None, processes: int | None) -> None:
    """Serve ONE over HTTP. Starts a database of its own unless ONE_DATABASE_URL names one."""
    stated = {"ONE_HOST": host, "ONE_PORT": port, "ONE_PROCESSES": processes}
    os.environ |= {name: str(value) for name, value in stated.items() if value is not None}
    serve(read_settings(), _started)


async def _started(app: App) -> Rest | None:
    rest: Rest | None = None
    if app.deployment.settings.demo and await demo.is_empty(app.deployment):
        rest = partial(showing.show, app, await demo.tell(app.deployment))
    settings, token = app.deployment.settings, await owner_token(app)
    click.echo(f"ONE is at {settings.address}")
    if settings.mode == "production":  # what is printed is kept by others there
        token = f"is in {owner_token_file(settings)}"
    click.echo(f"The owner's token: {token}")
    return rest
