"""`one check`: what the compiler says of features, for people and for programs."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import PurePath

import click
import orjson

from one.cli import telling
from one.cli.reading import here, read_texts
from one.compiler import FileReport
from one.compiler.sarif import sarif
from one.errors import JSON

STYLES: Mapping[str, Callable[[str], str]] = {
    "error": partial(click.style, fg="red", bold=True),
    "question": partial(click.style, fg="magenta", bold=True),
    "warning": partial(click.style, fg="yellow", bold=True),
    "note": partial(click.style, fg="cyan"),
    "good": partial(click.style, fg="green"),
    "dim": partial(click.style, dim=True),
    "strong": partial(click.style, bold=True),
}


@click.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="For a person, for a program, for a code scanner.",
)
@click.option("--quiet", "-q", is_flag=True, help="Leave out what was understood.")
def command(paths: Sequence[str], *, shape: str, quiet: bool) -> None:
    """Check features: files, folders, or - for stdin.

    Exits with 0 when all compile, with 1 on errors and open questions, with 2 when it was used
    wrongly.
    """
    reports = here().check(read_texts(paths))
    if shape == "text":
        _tell(reports, quiet=quiet)
    else:
        body = document(reports) if shape == "json" else _sarif(reports)
        click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2))
    sys.exit(0 if all(report.clean for report in reports) else 1)


def document(reports: Sequence[FileReport]) -> JSON:
    """The reports as JSON."""
    return {"files": [report.as_json() for report in reports]}


def _tell(reports: Sequence[FileReport], *, quiet: bool) -> None:
    for report in reports:
        click.echo("\n".join(telling.tell(report, paint, quiet=quiet)))
    click.echo(telling.summary(reports, paint))


def paint(text: str, role: str) -> str:
    """The text in the colours of a role; click takes them out where there is no terminal."""
    return STYLES[role](text)


def _sarif(reports: Sequence[FileReport]) -> JSON:
    return sarif(
        {
            PurePath(report.file).as_posix(): [
                one for feature in report.features for one in feature.diagnostics
            ]
            for report in reports
        }
    )
