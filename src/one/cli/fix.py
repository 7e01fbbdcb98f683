"""`one fix`: texts mended as far as their own fixes prove."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from one.cli.check import paint
from one.cli.reading import STDIN, here, read_texts
from one.cli.telling import summary
from one.compiler.diagnosis import Diagnostic
from one.compiler.mending import Mended, mend
from one.workshop.project import Project
from one.workshop.writing import difference


@click.command("fix")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--safe", is_flag=True, help="Only fixes that can't change what was meant.")
@click.option("--diff", is_flag=True, help="Show what would change, and change nothing.")
def command(paths: Sequence[str], *, safe: bool, diff: bool) -> None:
    """Apply fixes to features: files, folders, or - for stdin (mended text goes to stdout).

    A fix is kept only when its own diagnostic goes away and nothing new comes up. Exits with 1
    when errors or questions are left.
    """
    project = here()
    texts = read_texts(paths)
    mended = {name: _mend(project, texts, name, safe=safe) for name in texts}
    for name, after in mended.items():
        if diff:
            click.echo(difference(name, before=texts[name], after=after.text), nl=False)
        elif name == STDIN:
            click.echo(after.text, nl=False)
        elif after.done:
            Path(name).write_bytes(after.text.encode())
        for one, fix in after.done:
            where = paint(f"{name}:{one.span.line}", "dim")
            click.echo(f"{where} {paint(one.code, 'good')} {fix.title}", err=True)
    left = project.check({name: after.text for name, after in mended.items()})
    click.echo(summary(left, paint), err=True)
    sys.exit(0 if all(report.clean for report in left) else 1)


def _mend(project: Project, texts: Mapping[str, str], name: str, *, safe: bool) -> Mended:
    def check(text: str) -> list[Diagnostic]:
        reports = project.check({**texts, name: text})
        mine = next(report for report in reports if report.file == name)
        return [one for feature in mine.features for one in feature.diagnostics]

    return mend(texts[name], check, safe=safe)
