"""`one build`: features as files that people read and keep."""

from collections.abc import Sequence
from pathlib import Path

import click

from one.cli.check import paint
from one.cli.reading import here, read_texts
from one.cli.telling import tell
from one.workshop.artifacts import artifacts


@click.command("build")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("features"),
    show_default=True,
    help="The folder to write into; each feature gets one in it.",
)
def command(paths: Sequence[str], *, out: Path) -> None:
    """Write features as Python, documentation, JSON and an OpenAPI entry. Nothing of it is what
    runs: `one deploy` reads the texts.

    Exits with 1, and says why, when they don't compile; then nothing is written.
    """
    project = here()
    reports = project.check(read_texts(paths))
    if not all(report.clean for report in reports):
        for report in reports:
            click.echo("\n".join(tell(report, paint, quiet=True)), err=True)
        raise click.exceptions.Exit(1)
    known = project.knowing(reports)
    for report in reports:
        for feature in report.features:
            folder = out / feature.name
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in artifacts(feature, known, text=report.text).items():
                (folder / name).write_text(text, "utf-8")
                click.echo(folder / name)
