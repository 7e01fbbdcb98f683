"""`one docs`: the pages of docs/ that are written from the code."""

from pathlib import Path

import click

from one.app import operations
from one.compiler import codes
from one.ontology import describe, load
from one.runtime import reference


def pages() -> dict[str, str]:
    """Each generated page by its file name."""
    return {
        "operations.md": reference(operations()),
        "ontology.md": describe(load()),
        "diagnostics.md": codes.describe(),
    }


@click.command("docs")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("docs"),
    show_default=True,
    help="Where to write.",
)
def command(folder: Path) -> None:
    """Write the generated pages of docs/."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, "utf-8")
        click.echo(folder / name)
