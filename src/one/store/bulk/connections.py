"""The section `connections`: what relates the things, the ended ones too."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast
from uuid import UUID

import orjson
from typing_extensions import override

from one.errors import Fault, Invalid
from one.ontology import ConnectionType, Ontology
from one.store import supply
from one.store.bulk.fields import NULL, Fields, cell, escaped
from one.store.bulk.section import Ground, Read, Section
from one.store.rows import Properties
from one.store.slots import filled
from one.store.things import WHOLE

_FIELDS = {
    "createdAt": "created_at",
    "from": "from_id",
    "id": "id",
    "metadata": "metadata",
    "strength": "strength",
    "to": "to_id",
    "type": "type",
    "updatedAt": "updated_at",
    "validFrom": "valid_from",
    "validTo": "valid_to",
    "version": "version",
}
_KNOWN = frozenset(_FIELDS)
_COLUMNS = (
    "connections (space_id, id, type, from_id, to_id, strength, valid_from, valid_to, version,"
    " created_at, updated_at, slot, metadata, k1, k2, n1)"
)
_NOT_ENDED = "(x.valid_to IS NULL OR x.valid_to > %(now)s)"
Slot = tuple[str, str, str, str]


@dataclass(slots=True)
class ConnectionRead(Read):
    """`copy` lacks what follows from the metadata, which a free share may still change."""

    kind: ConnectionType
    from_id: str
    to_id: str
    metadata: Properties
    valid_to: str
    holds: bool

    @property
    def slot(self) -> Slot:
        slot = self.kind.slot(self.metadata, self.id)
        return self.from_id, self.to_id, self.kind.name, slot

    @property
    def whole(self) -> str:
        slots = filled(self.kind, self.metadata)
        json = orjson.dumps(self.metadata).decode().replace("\\", "\\\\")
        keys = "\t".join(cell(slots[column]) for column in ("k1", "k2", "n1"))
        return f"{self.copy}\t{escaped(self.slot[3])}\t{json}\t{keys}"


class Connections(Section[ConnectionRead]):
    name = "connections"
    table = "connections"
    fields = _FIELDS

    @override
    def read(
        self, given: Mapping[str, object], *, ontology: Ontology, now: datetime
    ) -> ConnectionRead:
        fields = Fields(given, _KNOWN)
        id, from_id, to_id = fields.id("id"), fields.id("from"), fields.id("to")
        kind = fields.tried(lambda: ontology.connection(str(given.get("type"))))
        metadata = kind and fields.tried(partial(kind.validate, fields.object("metadata")))
        strength = fields.share("strength")
        created = fields.time("createdAt", default=now.isoformat())
        updated = fields.time("updatedAt", default=created)
        since, until = fields.time("validFrom", default=created), fields.time("validTo")
        if until != NULL and datetime.fromisoformat(until) <= datetime.fromisoformat(since):
            fields.fault("validTo", "must come after validFrom")
        version = fields.version()
        if kind and not kind.allow_self and from_id == to_id:
            fields.fault("to", "can't be connected to itself")
        fields.done()
        kind = cast(ConnectionType, kind)
        copy = "\t".join(
            (
                *(id, kind.name, from_id, to_id, NULL if strength is None else repr(strength)),
                *(since, until, str(version), created, updated),
            )
        )
        holds = until == NULL or datetime.fromisoformat(until) > now
        return ConnectionRead(id, copy, kind, from_id, to_id, metadata or {}, until, holds)

    @override
    async def judge(self, ground: Ground, rows: Sequence[ConnectionRead]) -> list[ConnectionRead]:
        ids = {end for row in rows for end in (row.from_id, row.to_id)}
        types = await ground.known.types(ground, ids)
        rules = (await _Pairs.of(ground, rows), await _Limits.of(ground, rows))
        shares = await _Shares.of(ground, rows)
        kept: list[ConnectionRead] = []
        for row in rows:
            faults = _ends(row, types)
            if not faults and row.holds:
                faults = [fault for rule in rules for fault in rule.broken(row)]
                faults += shares.broken(row) if not faults else []
            if faults:
                ground.refuse(row, *faults)
                continue
            kept.append(row)
            if row.holds:
                for rule in (*rules, shares):
                    rule.add(row)
        return kept

    @override
    async def write(self, ground: Ground, rows: Sequence[ConnectionRead]) -> None:
        await ground.copy(_COLUMNS, (row.whole for row in rows))
        out: Counter[UUID] = Counter()
        for row in rows:
            amount = row.metadata.get("amount")
            if row.kind.name == "holds" and row.valid_to == NULL and isinstance(amount, int):
                out[UUID(row.to_id)] += amount
        await supply.count(ground.tx, ground.space, out)


def _ends(row: ConnectionRead, types: Mapping[str, str]) -> list[Fault]:
    """What is wrong with the two ends."""
    faults = [
        Fault(key, f"there is no entity with the id {end}")
        for key, end in (("/from", row.from_id), ("/to", row.to_id))
        if end not in types
    ]
    if not faults:
        try:
            row.kind.check_ends(types[row.from_id], types[row.to_id])
        except Invalid as error:
            faults.extend(error.faults)
    return faults


class _Pairs:
    """That the same two things are related once in the same way."""

    def __init__(self, taken: set[Slot]) -> None:
        self._taken = taken

    @classmethod
    async def of(cls, ground: Ground, rows: Sequence[ConnectionRead]) -> "_Pairs":
        slots = [row.slot for row in rows if row.valid_to == NULL]
        if not slots:
            return cls(set())
        froms, tos, types, keys = (list(column) for column in zip(*slots, strict=True))
        records = await ground.tx.rows(
            "SELECT x.from_id::text, x.to_id::text, x.type, x.slot FROM connections x"
            " JOIN unnest(%(froms)s::uuid[], %(tos)s::uuid[], %(types)s::text[], %(slots)s::text[])"
            " AS w (from_id, to_id, type, slot) USING (from_id, to_id, type, slot)"
            " WHERE x.space_id = %(space)s AND x.valid_to IS NULL",
            ground.params(froms=froms, tos=tos, types=types, slots=keys),
        )
        return cls({(str(a), str(b), str(c), str(d)) for a, b, c, d in records})

    def broken(self, row: ConnectionRead) -> list[Fault]:
        if row.valid_to == NULL and row.slot in self._taken:
            return [Fault("", f"another {row.kind.name} between the same two holds already")]
        return []

    def add(self, row: ConnectionRead) -> None:
        if row.valid_to == NULL:
            self._taken.add(row.slot)


class _Limits:
    """How many of a type one end may have."""

    def __init__(self, counts: Counter[tuple[str, str, str]]) -> None:
        self._counts = counts

    @classmethod
    async def of(cls, ground: Ground, rows: Sequence[ConnectionRead]) -> "_Limits":
        counts: Counter[tuple[str, str, str]] = Counter()
        for column in ("from_id", "to_id"):
            ends = {key for row in rows for key in _limited(row) if key[0] == column}
            if ends:
                await _hold(ground, {end for _, _, end in ends})
                records = await ground.tx.rows(
                    f"SELECT x.type, x.{column}::text, count(*) FROM connections x"
                    f" WHERE x.space_id = %(space)s AND x.{column} = ANY(%(ends)s::uuid[])"
                    f" AND x.type = ANY(%(types)s) AND {_NOT_ENDED} GROUP BY 1, 2",
                    ground.params(
                        ends=[end for _, _, end in ends], types=list({type for _, type, _ in ends})
                    ),
                )
                for type, end, count in records:
                    counts[column, str(type), str(end)] = int(str(count))
        return cls(counts)

    def broken(self, row: ConnectionRead) -> list[Fault]:
        return [
            Fault("/" + key[0].removesuffix("_id"), f"has its {limit} {row.kind.name} already")
            for key, limit in _limited(row).items()
            if self._counts[key] >= limit
        ]

    def add(self, row: ConnectionRead) -> None:
        self._counts.update(_limited(row).keys())


def _limited(row: ConnectionRead) -> dict[tuple[str, str, str], int]:
    """(column, type, end) → how many it may have."""
    limits = (
        ("from_id", row.kind.limit_from, row.from_id),
        ("to_id", row.kind.limit_to, row.to_id),
    )
    return {
        (column, row.kind.name, end): limit
        for column, limit, end in limits
        if limit is not None and row.holds
    }


class _Shares:
    """That what a thing earns is divided once: its shares never pass the whole."""

    def __init__(self, taken: Counter[str]) -> None:
        self._taken = taken

    @classmethod
    async def of(cls, ground: Ground, rows: Sequence[ConnectionRead]) -> "_Shares":
        things = {row.to_id for row in rows if row.kind.name == "owns" and row.holds}
        taken: Counter[str] = Counter()
        if things:
            await _hold(ground, things)
            records = await ground.tx.rows(
                "SELECT x.to_id::text, sum((x.metadata->>'revenueShare')::int) FROM connections x"
                " WHERE x.space_id = %(space)s AND x.to_id = ANY(%(things)s::uuid[])"
                f" AND x.type = 'owns' AND {_NOT_ENDED} GROUP BY 1",
                ground.params(things=list(things)),
            )
            taken.update({str(thing): int(str(sum or 0)) for thing, sum in records})
        return cls(taken)

    def broken(self, row: ConnectionRead) -> list[Fault]:
        """Gives an owner without a share what is free."""
        if row.kind.name != "owns":
            return []
        free = WHOLE - self._taken[row.to_id]
        share = row.metadata.setdefault("revenueShare", free)
        if isinstance(share, int) and 0 < share <= free:
            return []
        return [Fault("/metadata/revenueShare", f"doesn't fit: {free} of {WHOLE} are free")]

    def add(self, row: ConnectionRead) -> None:
        share = row.metadata.get("revenueShare")
        if row.kind.name == "owns" and isinstance(share, int):
            self._taken[row.to_id] += share


async def _hold(ground: Ground, ends: set[str]) -> None:
    """Keeps these things until the batch is done, in one order."""
    await ground.tx.run(
        "SELECT 1 FROM entities WHERE space_id = %(space)s AND id = ANY(%(ends)s::uuid[])"
        " ORDER BY id FOR NO KEY UPDATE",
        ground.params(ends=list(ends)),
    )
