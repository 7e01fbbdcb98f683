"""`one build`: features as files that people read and keep."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import click

from one.cli.check import paint
from one.cli.reading import here, read_texts
from one.cli.telling import tell
from one.compiler import FeatureReport
from one.compiler.vocabulary import Vocabulary
from one.errors import writable
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
@click.option(
    "--full",
    is_flag=True,
    help="Prove it too: strict types and lint, the written tests and what they are worth."
    " Takes some seconds a feature.",
)
def command(paths: Sequence[str], *, out: Path, full: bool) -> None:
    """Write features as Python, documentation, JSON and an OpenAPI entry. Nothing of it is what
    runs: `one deploy` reads the texts.

    Exits with 1, and says why, when they don't compile; then nothing is written. With --full also
    when basedpyright or ruff find something (where they are installed), when a test fails, when a
    way through the code is tried by none, or when fewer than 85 of 100 wrong ones are found out.
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
            with writable(folder):
                folder.mkdir(parents=True, exist_ok=True)
                for name, text in artifacts(feature, known, text=report.text).items():
                    (folder / name).write_text(text, "utf-8")
                    click.echo(folder / name)
    features = [one for report in reports for one in report.features]
    if full and not _proven(features, known, out=out):
        raise click.exceptions.Exit(1)


def _proven(features: Sequence[FeatureReport], known: Vocabulary, *, out: Path) -> bool:
    """What a proof needs is loaded for it alone: it takes longer than a build."""
    proving = importlib.import_module("one.cli.proving")
    return cast("bool", proving.tell(features, known, out=out))
