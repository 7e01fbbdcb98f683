"""Fills the columns of declared keys, and the words that things are found by, where a type declares
others than when its rows were written.

What was declared then is a fact of the deployment. A start compares; where nothing changed nothing
is done. Otherwise the rows of the types that changed are gone over in batches, each a transaction
of its own: a row that is right already is left alone, so what was stopped is simply run again.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import orjson
import psycopg

from one.ontology import EntityType, Ontology
from one.store.database import Contended, Database, Transaction, translate
from one.store.keys import fact, keep_fact
from one.store.migrate import DEFAULT_SPACE
from one.store.rows import Properties
from one.store.slots import Type, declared, filled
from one.store.things import SEARCH, searchable_text

BATCH = 2_000
_FACT = "declared_keys"
_LOCK = 7_301_002
_TRIES = 10
_FIRST = UUID(int=0)

_SEARCH = "search"  # among the tables of what is declared: by type the weight of each key

Report = Callable[[str, int], None]
"""Is told of each batch: the table, and how many of its rows were gone over so far."""


@dataclass(frozen=True, slots=True)
class _Table:
    """`values` is the column that holds what is declared; events have no version. `title` is among
    the words that a row is found by, where it is found by words.
    """

    name: str
    values: str
    columns: tuple[str, ...]
    version: str = "x.version"
    title: str = "NULL"


_ENTITIES = _Table("entities", "properties", ("k1", "k2", "k3", "n1", "n2"), title="x.name")
_CONNECTIONS = _Table("connections", "metadata", ("k1", "k2", "n1"))
_EVENTS = _Table("events", "metadata", ("k1", "k2", "n1"), "1")


async def outdated(tx: Transaction, ontology: Ontology) -> dict[str, list[str]]:
    """By table: the types whose rows may lack keys or words that are declared now."""
    known = cast("_Wanted | None", await fact(tx, DEFAULT_SPACE, _FACT))
    changed = _changed(known or {}, _wanted(ontology))
    searched = changed.pop(_SEARCH, set[str]())
    if searched:
        changed["entities"] = changed.get("entities", set[str]()) | searched
    return {table: sorted(types) for table, types in changed.items()}


_Wanted = Mapping[str, Mapping[str, Mapping[str, str]]]


def _wanted(ontology: Ontology) -> _Wanted:
    searched = {name: dict(kind.searchable) for name, kind in ontology.entities.items()}
    return {**declared(ontology), _SEARCH: searched}


def _changed(known: _Wanted, wanted: _Wanted) -> dict[str, set[str]]:
    return {
        table: changed
        for table, types in wanted.items()
        if (changed := {n for n, c in types.items() if known.get(table, {}).get(n, {}) != c})
    }


async def refill(database: Database, ontology: Ontology, *, report: Report) -> int:
    """Brings the columns of declared keys and the words up to date; how many rows were not.

    Raises Invalid when a type declares more keys than there are columns.
    """
    wanted = _wanted(ontology)
    async with database.read(snapshot=False) as tx:
        if await fact(tx, DEFAULT_SPACE, _FACT) == wanted:
            return 0
    connection = await database.connect()
    try:
        await connection.execute(b"SET statement_timeout = 0")
        await connection.execute(b"SET lock_timeout = 0")
        lock = b"SELECT pg_advisory_lock(%s, hashtext(%s))"
        await connection.execute(lock, (_LOCK, database.schema))
        await connection.execute(b"SET lock_timeout = '2s'")
        return await _all(database, Transaction(connection), ontology, report=report)
    except psycopg.Error as error:
        raise translate(error) from error
    finally:
        await connection.close()


async def _all(database: Database, tx: Transaction, ontology: Ontology, *, report: Report) -> int:
    changed = await outdated(tx, ontology)
    spaces = [cast(UUID, record[0]) for record in await tx.rows("SELECT id FROM spaces")]
    kinds: tuple[tuple[_Table, Mapping[str, Type]], ...] = (
        (_ENTITIES, ontology.entities),
        (_CONNECTIONS, ontology.connections),
        (_EVENTS, ontology.events),
    )
    total = 0
    for table, known in kinds:
        types = {name: known[name] for name in changed.get(table.name, ())}
        seen = 0
        for space in spaces if types else ():
            after: UUID | None = _FIRST
            while after is not None:
                after, many, mended = await _batch(tx, table, types, space=space, after=after)
                seen, total = seen + many, total + mended
                if many:
                    report(table.name, seen)
    async with database.write() as writing:
        await keep_fact(writing, DEFAULT_SPACE, name=_FACT, value=_as_json(ontology))
    return total


def _as_json(ontology: Ontology) -> Properties:
    return cast("Properties", _wanted(ontology))


async def _batch(
    tx: Transaction, table: _Table, types: Mapping[str, Type], *, space: UUID, after: UUID
) -> tuple[UUID | None, int, int]:
    """Goes over the rows that follow an id: where to go on, how many they were, how many wrong."""
    records = await tx.rows(
        f"SELECT x.id, x.type, {table.version}, x.{table.values}, {table.title} FROM {table.name} x"
        " WHERE x.space_id = %(space)s AND x.id > %(after)s AND x.type = ANY(%(types)s)"
        " ORDER BY x.id LIMIT %(most)s",
        {"space": space, "after": after, "types": list(types), "most": BATCH},
    )
    if not records:
        return None, 0, 0
    rows = [
        {"id": id, "version": version, **_row(types[str(type)], cast("Properties", values), name)}
        for id, type, version, values, name in records
    ]
    mended = await _write(tx, table, space=space, rows=orjson.dumps(rows).decode())
    last = cast(UUID, records[-1][0]) if len(records) == BATCH else None
    return last, len(records), mended


def _row(kind: Type, values: Properties, name: object) -> dict[str, object]:
    """The columns that follow from what a row says, and its texts where it is a thing."""
    row: dict[str, object] = {"type": kind.name, **filled(kind, values)}
    if isinstance(kind, EntityType):
        texts = searchable_text(kind, str(name), properties=values)
        row |= {f"text_{weight.lower()}": text for weight, text in texts.items()}
    return row


async def _write(tx: Transaction, table: _Table, *, space: UUID, rows: str) -> int:
    """A row that was changed since it was read has been filled by whoever changed it."""
    typed = ", ".join(f"{c} {'numeric' if c[0] == 'n' else 'text'}" for c in table.columns)
    columns, given = table.columns, "r.*"
    if table is _ENTITIES:
        columns = (*columns, "search")
        texts = ("text_a", "text_b", "text_c", "type")
        typed += "".join(f", {text} text" for text in texts)
        given += f", {SEARCH % {text: f'r.{text}' for text in texts}} AS search"
    ours, theirs = (", ".join(f"{alias}.{c}" for c in columns) for alias in "xv")
    statement = (
        f"UPDATE {table.name} x SET {', '.join(f'{c} = v.{c}' for c in columns)}"
        f" FROM (SELECT {given} FROM jsonb_to_recordset(%(rows)s::jsonb)"
        f" AS r (id uuid, version integer, {typed})) v"
        f" WHERE x.space_id = %(space)s AND x.id = v.id AND {table.version} = v.version"
        f" AND ROW({ours}) IS DISTINCT FROM ROW({theirs})"
    )
    for _ in range(_TRIES):
        try:
            return await tx.run(statement, {"space": space, "rows": rows})
        except Contended:
            await asyncio.sleep(0.2)
    return await tx.run(statement, {"space": space, "rows": rows})
