"""`one worker`: one more process that works at runs, against the same database as the server."""

import asyncio
import signal

import click

from one import app
from one.settings import Settings, read_settings
from one.web.server import log_as_json


@click.command("worker")
def command() -> None:
    """Work at runs until stopped. The server does too; more workers take more at once."""
    settings = read_settings()
    log_as_json(settings)
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    async with app.build(settings) as built:
        assert built.engine is not None, "what is built has its engine"
        working = asyncio.ensure_future(built.engine.worker.run())
        loop = asyncio.get_running_loop()
        for stop in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(stop, working.cancel)
        click.echo(f"Worker {built.engine.worker.name} is at work.")
        await asyncio.wait([working])
        if not working.cancelled():
            working.result()
