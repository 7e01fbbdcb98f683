"""`one check`: what the compiler says of features, for people and for programs."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import PurePath
from typing import cast

import click
import orjson

from one.cli import telling
from one.cli.reading import here, read_texts
from one.compiler import FileReport
from one.compiler.sarif import sarif
from one.compiler.sheet import Sheet, sheet_of
from one.errors import JSON
from one.workshop.project import Project

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
@click.option("--sheet", is_flag=True, help="Show what each feature may do, and for whom.")
def command(paths: Sequence[str], *, shape: str, quiet: bool, sheet: bool) -> None:
    """Check features: files, folders, or - for stdin.

    Exits with 0 when all compile, with 1 on errors and open questions, with 2 when it was used
    wrongly.
    """
    project = here()
    reports = project.check(read_texts(paths))
    sheets = _sheets(project, reports if sheet else [])
    if shape == "text":
        for report in reports:
            click.echo("\n".join(telling.tell(report, paint, quiet=quiet, sheets=sheets)))
        click.echo(telling.summary(reports, paint))
    else:
        body = document(reports, sheets) if shape == "json" else _sarif(reports)
        click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2))
    sys.exit(0 if all(report.clean for report in reports) else 1)


def _sheets(project: Project, reports: Sequence[FileReport]) -> Mapping[str, Sheet]:
    """The sheet of each feature that compiles, by its name."""
    known = project.knowing(reports)
    return {
        feature.name: sheet_of(feature.program, known)
        for report in reports
        for feature in report.features
        if feature.outcome in {"compiled", "assumptions"}
    }


def document(reports: Sequence[FileReport], sheets: Mapping[str, Sheet]) -> JSON:
    """The reports as JSON; a feature whose sheet was asked for has it as `sheet`."""
    return {"files": [_with_sheets(report.as_json(), sheets) for report in reports]}


def _with_sheets(body: dict[str, JSON], sheets: Mapping[str, Sheet]) -> JSON:
    for feature in cast("list[dict[str, JSON]]", body["features"]):
        if (name := str(feature["name"])) in sheets:
            feature["sheet"] = sheets[name].as_json()
    return body


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
