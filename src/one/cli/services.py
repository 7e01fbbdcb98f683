"""`one services`: what is live and what is stood in for."""

import click

from one.app import providers
from one.providers.base import Stage
from one.settings import read_settings


@click.command("services")
def command() -> None:
    """List the services outside: live, local or a stand-in, and by which settings."""
    for name, provider in providers(read_settings(), Stage(ledger=True)).items():
        click.echo(f"{name:<12}{provider.mode:<9}{provider.how}")
