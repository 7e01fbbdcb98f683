"""`one export`: a space as a folder of NDJSON files."""

import asyncio
from pathlib import Path
from uuid import UUID

import click

from one import app
from one.cli.acting import here
from one.cli.progress import Bars, rate
from one.store import DEFAULT_SPACE, PLATFORM, Viewer
from one.store.bulk import Exported, export_space


@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--space", type=click.UUID, default=DEFAULT_SPACE, help="Another space than yours.")
def command(folder: Path, space: UUID) -> None:
    """Write all rows of a space to FOLDER, as they are at one moment, private ones included:
    a file per section and a manifest. `one import FOLDER` takes them in elsewhere.
    """
    exported = asyncio.run(_run(folder, space))
    for file in exported.files:
        click.echo(f"{file.section}: {file.rows:,}")
    click.echo(rate(exported.rows, exported.seconds))


async def _run(folder: Path, space: UUID) -> Exported:
    async with app.build(here()) as built:
        with Bars() as bars:
            return await export_space(
                built.desk,
                folder,
                space=built.known_space(space),
                viewer=Viewer(PLATFORM, "staff", "system"),
                report=lambda section, rows: bars.show(section, rows, of=None, rows=rows),
            )
