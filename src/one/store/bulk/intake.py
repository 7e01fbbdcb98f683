"""Reading rows in: batch by batch, each one transaction together with how far the file is read.

While PostgreSQL keeps one batch, a thread reads and checks the next. A batch that the database
refuses after all is halved until the lines that it refuses stand alone.
"""

import asyncio
import contextlib
import zipfile
import zlib
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import errors as pg

from one.clock import monotonic, new_id
from one.errors import Conflict, Denied, Fault, Invalid
from one.ontology import Ontology
from one.store import Desk
from one.store.bulk.catalogue import INCOMING, TAKEN
from one.store.bulk.convex import open_snapshot
from one.store.bulk.lines import Batch, Line, batches, read_object
from one.store.bulk.rejects import Rejects
from one.store.bulk.section import Ground, Known, Read, Refusal, Section, check_space, once
from one.store.bulk.source import Files, Part, is_snapshot, open_source
from one.store.bulk.tags import TagRead, Tags, tags_there
from one.store.database import Connection, Contended, Transaction, translate
from one.store.session import CHANGE, jsonb
from one.store.sight import Viewer

_ATTEMPTS = 5
_WORTH_COUNTING = 1_000  # rows after which the planner should look anew
_REFUSED = (pg.DataError, pg.IntegrityError, pg.ProgramLimitExceeded)


@dataclass(frozen=True, slots=True)
class Tally:
    """How one file fared. `read` of `size` bytes; `there` are rows that were there before;
    `earlier` says that an earlier run had read some or all of it."""

    file: str
    size: int
    read: int = 0
    rows: int = 0
    there: int = 0
    rejected: int = 0
    earlier: bool = False


Report = Callable[[Tally], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """A whole import, and how long it took. `rejected` is the file of rejected lines, if any."""

    files: tuple[Tally, ...]
    notes: tuple[str, ...]
    rejected: Path | None
    seconds: float

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


@dataclass(frozen=True, slots=True)
class Host:
    """Who takes an import in: `seal` closes a text so that only this deployment opens it."""

    desk: Desk
    space: UUID
    viewer: Viewer
    seal: Callable[[str], str]


async def import_path(host: Host, path: Path, *, report: Report) -> Imported:
    """Takes in an export, an NDJSON file named after its section, or a snapshot of Convex.

    Goes on where an earlier run of the same files stopped; what is there already stays as it is.
    `report` hears of each batch. Raises Denied for all but staff; NotFound and Invalid for a path
    that can't be imported, Conflict when the same import is running elsewhere.
    """
    desk = host.desk
    if not host.viewer.staff:
        raise Denied("Only staff may import.", cure="Use the operations for single things.")
    check_space(desk, host.space)
    source = await asyncio.to_thread(_opened, path, desk.ontology)
    began = monotonic()
    connection = await desk.database.connect()
    try:
        await connection.execute(b"SET statement_timeout = 0")
        # A batch and its mark are lost or kept together, so only the last commit has to wait for
        # the disk; it takes all those before it along.
        await connection.execute(b"SET synchronous_commit = off")
        intake = _Intake(host, connection, source=source)
        files = await intake.run(report)
    except psycopg.Error as error:
        raise translate(error) from error
    finally:
        await connection.close()
    rejected = source.rejected if source.rejected.exists() else None
    return Imported(tuple(files), source.notes, rejected, monotonic() - began)


def _opened(path: Path, ontology: Ontology) -> Files:
    if is_snapshot(path):
        with _readable(path.name):
            return open_snapshot(path, ontology)
    return open_source(path, TAKEN)


@contextlib.contextmanager
def _readable(name: str) -> Generator[None]:
    """Tells of a file that breaks off or is damaged in the user's words."""
    try:
        yield
    except (OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise Invalid(
            f"{name} can't be read: {_said(error)}.", cure="Get the file anew and import it again."
        ) from error


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A batch, read: rows that make sense by themselves, and the lines that don't."""

    batch: Batch
    rows: list[Read]
    refusals: list[Refusal]


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far a file has been read."""

    line: int
    finished: bool


class _Intake:
    """One import on one connection."""

    def __init__(self, host: Host, connection: Connection, *, source: Files) -> None:
        self._desk = host.desk
        self._connection = connection
        self._space = host.space
        self._viewer = host.viewer
        self._seal = host.seal
        self._source = source
        self._now = host.desk.clock.now()
        self._known = Known()

    async def run(self, report: Report) -> list[Tally]:
        parts = [
            (section, part)
            for section in INCOMING
            for part in self._source.parts
            if part.section == section.name
        ]
        marks = {part.file: await self._mark_of(part) for _, part in parts}
        done = {file: mark.line for file, mark in marks.items()}
        tallies: list[Tally] = []
        with Rejects(self._source.rejected, done=done) as rejects:
            for section, part in parts:
                tally = Tally(part.file, part.size, rejected=rejects.counts.get(part.file, 0))
                mark = marks[part.file]
                if mark.finished:
                    tally = replace(tally, read=part.size, earlier=True)
                else:
                    work = _Work(section, part, rejects, report)
                    tally = await self._part(work, replace(tally, earlier=mark.line > 0), mark)
                report(tally)
                tallies.append(tally)
        return tallies

    async def _part(self, work: "_Work", tally: Tally, mark: _Mark) -> Tally:
        if work.section.name == "entity_tags":
            for other in self._source.parts:
                if other.section == "tags":
                    await self._rename_tags(other)
        ready = prepared(
            work.section,
            work.part,
            after=mark.line,
            ontology=self._desk.ontology,
            now=self._now,
        )
        async with contextlib.aclosing(_ahead(ready)) as found:
            async for batch in found:
                tally = await self._land(work, batch, tally=tally, mark=mark)
                mark = _Mark(batch.batch.last, finished=False)
                work.report(tally)
        async with self._connection.transaction():
            await self._connection.execute(b"SET LOCAL synchronous_commit = on")
            await self._set_mark(work.part, mark, to=_Mark(mark.line, finished=True))
        if tally.rows >= _WORTH_COUNTING:
            await self._connection.execute(f"ANALYZE {work.section.table}".encode())
        return replace(tally, read=tally.size)

    async def _land(self, work: "_Work", batch: _Prepared, *, tally: Tally, mark: _Mark) -> Tally:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._connection.transaction():
                    return await self._keep(work, batch, tally=tally, mark=mark)
            except (Contended, pg.SerializationFailure, pg.DeadlockDetected, pg.LockNotAvailable):
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    async def _keep(self, work: "_Work", batch: _Prepared, *, tally: Tally, mark: _Mark) -> Tally:
        await self._set_mark(work.part, mark, to=_Mark(batch.batch.last, finished=False))
        ground = self._ground()
        ground.refusals.extend(batch.refusals)
        rows = once(ground, batch.rows)
        new = await work.section.new(ground, rows) if rows else []
        fit = await work.section.judge(ground, new) if new else []
        kept = await self._write(work.section, ground, fit)
        if kept:
            await self._log(ground, work.section, kept)
        work.rejects.add(
            work.part.file,
            batch.batch,
            refusals=ground.refusals,
            secret=work.section.secret,
        )
        return replace(
            tally,
            read=tally.read + batch.batch.size,
            rows=tally.rows + len(kept),
            there=tally.there + len(rows) - len(new),
            rejected=tally.rejected + len(ground.refusals),
        )

    async def _write(self, section: Section[Any], ground: Ground, rows: list[Read]) -> list[Read]:
        """Writes rows, halving them where the database refuses; those that are kept."""
        if not rows:
            return []
        try:
            async with self._connection.transaction():
                await section.write(ground, rows)
            return rows
        except (Conflict, *_REFUSED) as error:
            if isinstance(error, Contended):
                raise
            if len(rows) == 1:
                ground.refuse(rows[0], Fault("", f"is refused by the database: {_said(error)}"))
                return []
        half = len(rows) // 2
        return [
            *await self._write(section, ground, rows[:half]),
            *await self._write(section, ground, rows[half:]),
        ]

    async def _log(self, ground: Ground, section: Section[Any], rows: list[Read]) -> None:
        """One change for the whole batch: readers of the log are to look again."""
        ids = [row.id[:36] for row in rows]
        await ground.tx.run(
            f"{CHANGE} VALUES (%(space)s, %(change)s, 'imported', %(batch)s, %(section)s, 1,"
            " %(what)s::jsonb, %(me)s, %(now)s)",
            ground.params(
                change=new_id(),
                batch=new_id(),
                section=section.name,
                what=jsonb({"first": min(ids), "last": max(ids), "rows": len(rows)}),
                me=self._viewer.id,
            ),
        )

    async def _rename_tags(self, part: Part) -> None:
        """Finds the tags of the source that are here under another id."""
        tags = Tags()
        ready = prepared(tags, part, after=0, ontology=self._desk.ontology, now=self._now)
        async with contextlib.aclosing(_ahead(ready)) as found:
            async for batch in found:
                rows = [row for row in batch.rows if isinstance(row, TagRead)]
                there = await tags_there(self._ground(), [row.word for row in rows])
                self._known.renamed.update(
                    {row.id: there[row.word] for row in rows if row.word in there}
                )

    def _ground(self) -> Ground:
        return Ground(
            Transaction(self._connection),
            self._space,
            self._desk.ontology,
            self._now,
            self._known,
            self._seal,
        )

    async def _mark_of(self, part: Part) -> _Mark:
        record = await Transaction(self._connection).row(
            "SELECT line, finished FROM imports WHERE space_id = %(space)s"
            " AND source = %(source)s AND section = %(file)s",
            {"space": self._space, "source": part.digest, "file": part.file},
        )
        return _Mark(int(str(record[0])), bool(record[1])) if record else _Mark(0, finished=False)

    async def _set_mark(self, part: Part, mark: _Mark, *, to: _Mark) -> None:
        """Raises Conflict when somebody else has read on meanwhile."""
        moved = await Transaction(self._connection).run(
            "INSERT INTO imports AS i (space_id, source, section, line, finished, updated_at)"
            " VALUES (%(space)s, %(source)s, %(file)s, %(line)s, %(finished)s, %(now)s)"
            " ON CONFLICT (space_id, source, section) DO UPDATE SET line = excluded.line,"
            " finished = excluded.finished, updated_at = excluded.updated_at"
            " WHERE i.line = %(before)s AND NOT i.finished",
            {
                "space": self._space,
                "source": part.digest,
                "file": part.file,
                "line": to.line,
                "finished": to.finished,
                "now": self._desk.clock.now(),
                "before": mark.line,
            },
        )
        if not moved:
            raise Conflict(
                f"{part.file} is being imported elsewhere.", cure="Wait for that to end."
            )


@dataclass(frozen=True, slots=True)
class _Work:
    """What a file is read as, and who hears of it."""

    section: Section[Any]
    part: Part
    rejects: Rejects
    report: Report


def prepared(
    section: Section[Any], part: Part, *, after: int, ontology: Ontology, now: datetime
) -> Iterator[_Prepared]:
    """The batches of a file after a line, read and checked as far as each line alone allows."""
    with _readable(part.file), part.open() as file:
        for batch in batches(file, after=after):
            rows: list[Read] = []
            refusals: list[Refusal] = []
            for line in batch.lines:
                read = _read(section, part, line, ontology=ontology, now=now)
                if isinstance(read, Refusal):
                    refusals.append(read)
                else:
                    read.line = line.number
                    rows.append(read)
            yield _Prepared(batch, rows, refusals)


def _read(
    section: Section[Any], part: Part, line: Line, *, ontology: Ontology, now: datetime
) -> Read | Refusal:
    given = read_object(line)
    if isinstance(given, Fault):
        return Refusal(line.number, (given,))
    try:
        if part.convert is None:
            return section.read(given, ontology=ontology, now=now)
        made = part.convert(given, ())
        try:
            return section.read(made, ontology=ontology, now=now)
        except Invalid as error:
            return section.read(part.convert(given, error.faults), ontology=ontology, now=now)
    except Invalid as error:
        return Refusal(line.number, error.faults or (Fault("", error.message),))


async def _ahead(ready: Iterator[_Prepared]) -> AsyncGenerator[_Prepared]:
    """The batches, each made while the one before it is being kept."""
    following = asyncio.ensure_future(asyncio.to_thread(next, ready, None))
    try:
        while (batch := await following) is not None:
            following = asyncio.ensure_future(asyncio.to_thread(next, ready, None))
            yield batch
    finally:
        with contextlib.suppress(Exception):
            await following


def _said(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
