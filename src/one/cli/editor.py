"""`one lsp`: the language in an editor."""

import click

from one.lsp import serve


@click.command("lsp")
def command() -> None:
    """Serve an editor over stdio: what is wrong as one types, fixes, completion, names, outline."""
    serve()
