"""What a section of an export is: which rows, how they are written out, how they are read in."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from one.errors import Fault, NotFound
from one.ontology import Ontology
from one.store import Desk
from one.store.database import Transaction

_MOST_KNOWN = 200_000


@dataclass(slots=True)
class Read:
    """A line that makes sense by itself. `copy` is the row as COPY wants it, without its space."""

    id: str
    copy: str
    line: int = field(default=0, init=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that is not kept, with every reason."""

    line: int
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class Ground:
    """What a batch stands on: one transaction of one space, and who is refused in it. `seal`
    closes a text so that only this deployment opens it.
    """

    tx: Transaction
    space: UUID
    ontology: Ontology
    now: datetime
    known: "Known"
    seal: Callable[[str], str]
    refusals: list[Refusal] = field(default_factory=list["Refusal"])

    def params(self, **more: object) -> dict[str, object]:
        return {"space": self.space, "now": self.now, **more}

    def refuse(self, row: Read, *faults: Fault) -> None:
        self.refusals.append(Refusal(row.line, faults))

    async def copy(self, target: str, rows: Iterable[str]) -> None:
        """Writes ready rows of this space; `target` is a table with its columns."""
        head = f"{self.space}\t"
        block = "".join([f"{head}{row}\n" for row in rows]).encode()
        cursor = self.tx.raw.cursor()
        async with cursor.copy(f"COPY {target} FROM STDIN".encode()) as copy:
            await copy.write(block)


class Known:
    """The types of entities met so far, so that few are asked for twice."""

    def __init__(self) -> None:
        self._types: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        """Ids of tags in the source → the ids that the same tags have here."""

    async def types(self, ground: Ground, ids: set[str]) -> Mapping[str, str]:
        """The type of each of these entities that is there, deleted or not."""
        if len(self._types) > _MOST_KNOWN:
            self._types.clear()
        unknown = [id for id in ids if id not in self._types]
        if unknown:
            records = await ground.tx.rows(
                "SELECT id::text, type FROM entities WHERE space_id = %(space)s"
                " AND id = ANY(%(ids)s::uuid[])",
                ground.params(ids=unknown),
            )
            self._types.update((str(id), str(type)) for id, type in records)
        return self._types


R = TypeVar("R", bound=Read)


class Section(ABC, Generic[R]):
    """One kind of row. `fields` are its wire keys in their order and the columns behind them;
    `order` the columns that rows come sorted by; lines that are `secret` are shown to nobody."""

    name: ClassVar[str]
    table: ClassVar[str]
    fields: ClassVar[Mapping[str, str]]
    order: ClassVar[tuple[str, ...]] = ("id",)
    secret: ClassVar[bool] = False

    def select(self) -> str:
        """All rows of a space, for an export."""
        columns = ", ".join(self.fields.values())
        order = ", ".join(self.order)
        return f"SELECT {columns} FROM {self.table} WHERE space_id = %(space)s ORDER BY {order}"

    @property
    def known(self) -> frozenset[str]:
        return frozenset(self.fields)

    @abstractmethod
    def read(self, given: Mapping[str, object], *, ontology: Ontology, now: datetime) -> R:
        """A row out of a line, as far as the line alone can tell. Raises Invalid."""

    @abstractmethod
    async def judge(self, ground: Ground, rows: Sequence[R]) -> list[R]:
        """Which of these new rows fit what is there; the others are refused on the ground."""

    @abstractmethod
    async def write(self, ground: Ground, rows: Sequence[R]) -> None:
        """Puts rows in, with all that follows from them."""

    async def new(self, ground: Ground, rows: Sequence[R]) -> list[R]:
        """The rows whose ids aren't there yet."""
        ids = [row.id for row in rows]
        params = ground.params(least=min(ids), most=max(ids), ids=ids)
        held = f"FROM {self.table} WHERE space_id = %(space)s AND"
        if not await ground.tx.row(
            f"SELECT 1 {held} id BETWEEN %(least)s::uuid AND %(most)s::uuid LIMIT 1", params
        ):
            return list(rows)
        records = await ground.tx.rows(f"SELECT id::text {held} id = ANY(%(ids)s::uuid[])", params)
        there = {str(record[0]) for record in records}
        return [row for row in rows if row.id not in there]


def once(ground: Ground, rows: Iterable[R]) -> list[R]:
    """Rows without those whose id another line of the batch has already."""
    seen: dict[str, int] = {}
    kept: list[R] = []
    for row in rows:
        first = seen.setdefault(row.id, row.line)
        if first == row.line:
            kept.append(row)
        else:
            ground.refuse(row, Fault("", f"has the same id as line {first}"))
    return kept


def check_space(desk: Desk, space: UUID) -> None:
    """Raises NotFound unless the space is there."""
    if space not in desk.spaces:
        raise NotFound(f"There is no space {space}.", cure="Check the id.")
