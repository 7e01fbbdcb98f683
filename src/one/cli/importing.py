"""`one import`: an export, a file of NDJSON or a Convex snapshot into a space."""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

import click

from one import app
from one.cli.progress import Bars, rate
from one.settings import read_settings
from one.store import DEFAULT_SPACE, PLATFORM, Viewer
from one.store.bulk import Host, Imported, import_path


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--space", type=click.UUID, default=DEFAULT_SPACE, help="Another space than yours.")
def command(path: Path, space: UUID) -> None:
    """Take in PATH: a folder made by `one export`, an .ndjson file named after its section
    (entities, tags, entity_tags, connections, events, preferences, accounts,
    second_factors), or a Convex snapshot (.zip).

    Run it again after it was stopped: it goes on where it was. What is there already stays as it
    is. Ends with 1 when lines were rejected; they are kept beside what was imported.
    """
    imported = asyncio.run(_run(path, space))
    for line in _summary(imported):
        click.echo(line)
    if any(file.rejected for file in imported.files):
        sys.exit(1)


async def _run(path: Path, space: UUID) -> Imported:
    async with app.build(read_settings()) as built:
        with Bars() as bars:
            host = Host(
                built.desk,
                built.known_space(space),
                Viewer(PLATFORM, "staff", "system"),
                built.deployment.seal.close,
            )
            return await import_path(
                host,
                path,
                report=lambda tally: bars.show(
                    tally.file, tally.read, of=tally.size, rows=tally.rows
                ),
            )


def _summary(imported: Imported) -> list[str]:
    lines = list(imported.notes)
    for file in imported.files:
        said = [f"{file.rows:,} imported"]
        said += [f"{file.there:,} there already"] if file.there else []
        said += [f"{file.rejected:,} rejected"] if file.rejected else []
        said += ["the rest by an earlier run"] if file.earlier else []
        lines.append(f"{file.file}: {', '.join(said)}")
    lines.append(rate(imported.rows, imported.seconds))
    if imported.rejected:
        lines.append(f"Rejected lines, each with its reasons: {imported.rejected}")
    return lines
