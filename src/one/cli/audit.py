"""`one audit`: the log of what was done to accounts, rights, money and features."""

import sys
from uuid import UUID

import click

from one.cli.acting import acting, in_space
from one.runtime import Context
from one.store.audit import Verdict, verify


@click.group("audit")
def command() -> None:
    """The audit log."""


@command.command("verify")
@click.option(
    "--head", default="", help="What an earlier call printed: the log must go on from it."
)
@in_space
def verify_log(head: str, space: UUID) -> None:
    """Go through the log and find an entry that was changed, taken out or put in.

    Exits with 1 where there is one. Keep the head that is printed elsewhere, and give it the next
    time: then not even who has the database and the key can cut off the end.
    """

    async def look(ctx: Context) -> Verdict:
        seal = ctx.deployment.seal
        return await verify(ctx.store.session.tx, ctx.space, seal.signed, head=head)

    verdict = acting(look, space=space)
    if verdict.fault:
        click.echo(f"{verdict.fault} The {verdict.entries:,} before it hold.")
        sys.exit(1)
    click.echo(f"All {verdict.entries:,} entries are as they were written.")
    if verdict.entries:
        click.echo(f"Head: {verdict.entries}:{verdict.head}")
