"""Writing a space out: a folder with a file per section and a manifest, all of one moment.

The bytes depend on the rows alone: export, import elsewhere, and that export is the same.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from one.clock import monotonic
from one.errors import Conflict, Denied, writable
from one.store import Desk
from one.store.bulk.catalogue import LEFT_OUT, SECTIONS
from one.store.bulk.section import Section, check_space
from one.store.bulk.source import FORMAT, MANIFEST, VERSION
from one.store.database import Connection
from one.store.sight import Viewer

_ROWS = 5_000
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
Report = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Written:
    """One file of an export."""

    section: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A whole export, and how long it took."""

    folder: Path
    files: tuple[Written, ...]
    seconds: float

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


async def export_space(
    desk: Desk, folder: Path, *, space: UUID, viewer: Viewer, report: Report
) -> Exported:
    """Writes all rows of a space, private properties included, as they are at one moment.

    `report` hears the section and the rows written so far. Raises Denied for all but staff,
    NotFound for a space that isn't there, Conflict when the folder holds something else.
    """
    if not viewer.staff:
        raise Denied("Only staff may export: it holds what is private to others.")
    check_space(desk, space)
    _make_room(folder)
    began = monotonic()
    connection = await desk.database.connect()
    try:
        await connection.execute(b"SET statement_timeout = 0")
        await connection.execute(b"SET default_transaction_isolation = 'repeatable read'")
        async with connection.transaction():
            files = [
                await _write(connection, section, folder=folder, space=space, report=report)
                for section in SECTIONS
            ]
    finally:
        await connection.close()
    (folder / MANIFEST).write_bytes(_manifest(desk.ontology.digest, files))
    return Exported(folder, tuple(files), monotonic() - began)


def _make_room(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise Conflict(f"{folder} holds something else.", cure="Name a new or empty folder.")
    if folder.exists() and not folder.is_dir():
        raise Conflict(f"{folder} is not a folder.", cure="Name a new or empty folder.")
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)  # it comes last, and says that all is there


async def _write(
    connection: Connection, section: Section[Any], *, folder: Path, space: UUID, report: Report
) -> Written:
    keys, digest, rows = tuple(section.fields), hashlib.sha256(), 0
    with (folder / f"{section.name}.ndjson").open("wb") as file:
        async with connection.cursor(name="export") as cursor:
            await cursor.execute(section.select().encode(), {"space": space})
            while records := await cursor.fetchmany(_ROWS):
                objects = (dict(zip(keys, record, strict=True)) for record in records)
                block = b"".join([orjson.dumps(row, option=_CANONICAL) for row in objects])
                file.write(block)
                digest.update(block)
                rows += len(records)
                report(section.name, rows)
    return Written(section.name, rows, digest.hexdigest())


def _manifest(ontology: str, files: list[Written]) -> bytes:
    facts = {
        "format": FORMAT,
        "version": VERSION,
        "ontology": ontology,
        "sections": {file.section: {"rows": file.rows, "sha256": file.sha256} for file in files},
        "leftOut": LEFT_OUT,
    }
    return orjson.dumps(
        facts, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    )
