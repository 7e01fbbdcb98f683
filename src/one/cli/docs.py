"""`one docs`: the pages of docs/ that are written from the code."""

from pathlib import Path

import click

from one.app import operations
from one.compiler import codes, guide
from one.errors import writable
from one.ontology import describe, load
from one.providers.base import describe as services
from one.runtime import reference
from one.settings import variables


def pages() -> dict[str, str]:
    """Each generated page by its file name."""
    return {
        "operations.md": reference(operations()),
        "ontology.md": describe(load()),
        "diagnostics.md": codes.describe(),
        "services.md": services(),
        "language.md": guide.describe(),
    }


def with_settings(page: str) -> str:
    """The page with the table of settings between its two marks as it is now."""
    rows = [
        f"| `{name}` | {f'`{default}`' if default else ''} | {words} |"
        for name, (default, words) in variables().items()
    ]
    table = "\n".join(["| variable | default | what it is for |", "|---|---|---|", *rows])
    before, mark, rest = page.partition("<!-- settings: written by `one docs` -->\n")
    _, end, after = rest.partition("<!-- /settings -->")
    return f"{before}{mark}\n{table}\n\n{end}{after}" if end else page


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
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages().items():
            (folder / name).write_text(text, "utf-8")
            click.echo(folder / name)
        operating = folder / "operating.md"
        if operating.exists():
            operating.write_text(with_settings(operating.read_text("utf-8")), "utf-8")
            click.echo(operating)
