"""`one keys`: the keys that secrets are sealed with, and a new one in place of an old."""

from collections import Counter

import click

from one import app
from one.cli.acting import acting
from one.runtime import Context
from one.settings import read_settings
from one.store import DEFAULT_SPACE
from one.store.accounts import reseal_totp, sealed_totps

_HOW = {
    "newest": "{} sealed with the newest key",
    "older": "{} sealed with an older one: `one keys reseal` seals them anew",
    "none": "{} that no key here opens: their people sign in by a backup code",
}


@click.group("keys", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """How many keys there are, and what they seal.

    To put a new key in place of the old: `one keys new`, start every server and worker again, then
    `one keys reseal`. From then on the old key seals nothing that lasts; it still proves the
    entries of the audit log that it signed, so keep it last in the list, unless it got out.
    """
    if ctx.invoked_subcommand is None:
        keys, counted = acting(_counted, space=DEFAULT_SPACE)
        click.echo(f"{keys} key{'s' if keys > 1 else ''}; {sum(counted.values()):,} second factors")
        for how, many in counted.items():
            click.echo("  " + _HOW[how].format(f"{many:,}"))


@command.command("new")
def new_key() -> None:
    """Make a new key and put it in front of the others, which still open what they sealed."""
    kept = app.add_key(read_settings())
    click.echo(f"A new key stands first in {kept}.")
    click.echo("Start every server and worker again, then: one keys reseal")


@command.command("reseal")
def reseal() -> None:
    """Seal anew, with the newest key, what an older one sealed. It may be run again at any time."""
    done = acting(_resealed, space=DEFAULT_SPACE)
    click.echo(f"{done:,} second factors were sealed anew.")


async def _counted(ctx: Context) -> tuple[int, Counter[str]]:
    found = await sealed_totps(ctx.store.session.tx)
    keys = len(ctx.deployment.settings.secret_keys)
    return keys, Counter(_how(ctx, sealed) for _, sealed in found)


def _how(ctx: Context, sealed: str) -> str:
    seal = ctx.deployment.seal
    if seal.is_newest(sealed):
        return "newest"
    return "older" if seal.open(sealed) is not None else "none"


async def _resealed(ctx: Context) -> int:
    seal, tx, done = ctx.deployment.seal, ctx.store.session.tx, 0
    for account, sealed in await sealed_totps(tx):
        secret = None if seal.is_newest(sealed) else seal.open(sealed)
        if secret is not None:
            done += await reseal_totp(tx, account, sealed, after=seal.close(secret))
    return done
