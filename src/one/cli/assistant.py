"""`one mcp`: ONE as the tools of an assistant."""

import asyncio
from uuid import UUID

import click

from one.app import build, owner_token
from one.mcp import serve
from one.settings import read_settings
from one.store import DEFAULT_SPACE


@click.command("mcp")
@click.option(
    "--token", envvar="ONE_TOKEN", help="For whom it acts (ONE_TOKEN); else for the owner."
)
@click.option("--space", type=click.UUID, default=DEFAULT_SPACE, help="Another space.")
def command(*, token: str | None, space: UUID) -> None:
    """Speak the Model Context Protocol over stdio; `one serve` speaks it at /mcp."""
    asyncio.run(_serve(token, space))


async def _serve(token: str | None, space: UUID) -> None:
    async with build(read_settings()) as app, app.running():
        await serve(app, token or await owner_token(app), space=app.known_space(space))
