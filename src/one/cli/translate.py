"""`one translate`: a feature in its other spelling."""

import sys

import click
import orjson

from one.cli.check import paint
from one.cli.reading import here, read_texts
from one.cli.telling import tell
from one.compiler import FileReport, write_english
from one.compiler.vocabulary import Vocabulary


@click.command("translate")
@click.argument("file")
@click.option(
    "--to",
    "spelling",
    type=click.Choice(["technical", "english"]),
    required=True,
    help="The Technical DSL as JSON, or plain English in its canonical form.",
)
def command(file: str, *, spelling: str) -> None:
    """Write the features of a file (- for stdin) in the other spelling.

    Exits with 1, and says why, when they don't compile.
    """
    project = here()
    (report,) = project.check(read_texts([file]))
    if not report.clean:
        click.echo("\n".join(tell(report, paint, quiet=True)), err=True)
        sys.exit(1)
    click.echo(
        _technical(report) if spelling == "technical" else _english(report, project.vocabulary)
    )


def _technical(report: FileReport) -> bytes:
    """One object, or a list of them when there are several features."""
    programs = [feature.program.canonical() for feature in report.features]
    return orjson.dumps(programs[0] if len(programs) == 1 else programs, option=orjson.OPT_INDENT_2)


def _english(report: FileReport, vocabulary: Vocabulary) -> str:
    written = [write_english(feature.program, vocabulary) for feature in report.features]
    return "\n\n".join(text.strip() for text in written)
