"""`one fmt`: texts in their canonical layout."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from one.cli.check import paint
from one.cli.reading import STDIN, read_texts
from one.compiler.editing.tidying import tidied


@click.command("fmt")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a file would change.")
def command(paths: Sequence[str], *, check: bool) -> None:
    """Lay out features: files, folders, or - for stdin. Comments stay; texts say the same."""
    texts = read_texts(paths)
    laid_out = {name: tidied(text) for name, text in texts.items()}
    changed = [name for name, text in laid_out.items() if text != texts[name]]
    for name in changed if check else ():
        click.echo(f"{paint(name, 'strong')} would be laid out anew")
    if check:
        sys.exit(1 if changed else 0)
    for name in changed:
        if name != STDIN:
            Path(name).write_bytes(laid_out[name].encode())
            click.echo(f"{paint(name, 'strong')} is laid out anew", err=True)
    if STDIN in laid_out:
        click.echo(laid_out[STDIN], nl=False)
