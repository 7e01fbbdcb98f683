"""`one write`: a feature proposed by the language model, shown as a diff."""

import asyncio
import sys
from pathlib import Path

import click

from one.app import providers
from one.cli.check import paint
from one.cli.reading import here
from one.cli.telling import shown, summary, tell
from one.compiler import FileReport
from one.errors import Conflict
from one.providers.base import Provider, Stage
from one.settings import read_settings
from one.workshop.project import WORDS, read_feature_file
from one.workshop.writing import Check, Draft, Wish, able, difference, write

_NEW = "new.one"
_ROLES = {"+": "good", "-": "error", "@": "dim"}


@click.command("write")
@click.argument("idea")
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The text to change; without it, a new one.",
)
@click.option("--save", is_flag=True, help="Write it, if it compiles.")
def command(idea: str, *, path: Path | None, save: bool) -> None:
    """Let the language model propose a feature for an IDEA, checked and shown as a diff.

    Exits with 1 when what it proposes does not compile; such a text is shown, and never saved.
    """
    model = able(providers(read_settings(), Stage())["openai"])
    project, texts = here(), _beside(path)
    name = str(path or _NEW)
    before = texts.pop(name, "")

    def check(text: str) -> FileReport:
        return next(one for one in project.check({**texts, name: text}) if one.file == name)

    click.echo(f"Asking {model.how} …", err=True)
    wish = Wish(idea, before, project.knowing(project.check(texts)))
    draft = asyncio.run(_written(wish, model, check))
    place = path or Path(f"{draft.report.features[0].name or 'feature'}.one")
    for line in difference(str(place), before=before, after=draft.text).splitlines():
        role = _ROLES.get(line[:1], "")
        click.echo(paint(shown(line), role) if role else shown(line))
    click.echo("\n".join(("", *tell(draft.report, paint))))
    times = "once" if draft.asked == 1 else f"{draft.asked} times"
    click.echo(f"{summary([draft.report], paint)} {draft.model} was asked {times}.")
    if save and draft.report.clean:
        _save(place, draft.text, new=path is None)
    sys.exit(0 if draft.report.clean else 1)


def _beside(path: Path | None) -> dict[str, str]:
    """The features in the folder of a text, which it may use. Raises Invalid."""
    files = sorted((path.parent if path else Path()).glob("*.one"))
    return {str(file): read_feature_file(file) for file in files if file.name != WORDS}


async def _written(wish: Wish, model: Provider, check: Check) -> Draft:
    try:
        return await write(wish, model, check=check)
    finally:
        await model.close()


def _save(place: Path, text: str, *, new: bool) -> None:
    """Raises Conflict rather than write over what was not shown."""
    if new and place.exists():
        raise Conflict(f"{place} is there already.", cure=f"Name it to change it: --file {place}.")
    place.write_text(text, "utf-8")
    click.echo(f"Saved as {place}.", err=True)
