"""Errors as text for the terminal."""

import click

from one.errors import Invalid, OneError


def explain(error: Exception) -> int | None:
    """Says on stderr what is wrong and what to do; the exit code, none for a bug."""
    if not isinstance(error, OneError):
        return None
    click.secho(f"{error.title}: ", fg="red", bold=True, nl=False, err=True)
    click.echo(error.message, err=True)
    for fault in error.faults:
        allowed = f" (allowed: {', '.join(fault.allowed)})" if fault.allowed else ""
        click.echo(f"  {fault.pointer or '/'}  {fault.message}{allowed}", err=True)
    if error.cure:
        click.echo(f"  {error.cure}", err=True)
    return 2 if isinstance(error, Invalid) else 1
