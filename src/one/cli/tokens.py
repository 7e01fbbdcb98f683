"""`one tokens`: the operations of the room, and whether every balance adds up."""

import sys
from uuid import UUID

import click

from one.cli.acting import acting, in_space
from one.cli.rooms import group
from one.domains.tokens import verify_tokens

command = group("tokens")


@command.command("verify")
@in_space
def verify(space: UUID) -> None:
    """Reckon every balance once more from its moves, and find what was changed beside them.

    Exits with 1 where something doesn't agree.
    """
    found = acting(verify_tokens, space=space)
    for one in found.differences:
        holder = f", holder {one.holder}" if one.holder else ""
        click.echo(f"Token {one.token}{holder}: {one.says}")
    if not found.agrees:
        sys.exit(1)
    click.echo("Every balance is what its moves come to.")
