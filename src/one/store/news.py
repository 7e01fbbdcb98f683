"""What changed between two positions, told to one viewer of one list: gained, changed, left.

Both sides of a change are judged by the very SQL that reads the list, so filters and sight have no
second meaning here, and what somebody couldn't see can't leave them. A row's own versions are
judged one by one, each told at its position. What changes for a row by what happened elsewhere (a
tag, a relation, an end that was hidden) is judged between the two positions, told at the second.
What time alone began or ended is judged at a moment before it came and at one after.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Literal, Self
from uuid import UUID

import orjson

from one.ontology import Ontology
from one.store.changes import Change
from one.store.database import Record, Transaction
from one.store.elapsing import ELAPSED
from one.store.listing import Listing
from one.store.lists import Ask, ConnectionAsk, EntityAsk, EventAsk, TagAsk, listing_of
from one.store.past import Past, Was, as_row, given
from one.store.reach import RELATING, Edge, ids_of, reached
from one.store.rows import Row
from one.store.session import Session, tag_of
from one.store.sight import Viewer, seen

MOST_CHANGES = 50_000
# What no list can follow row by row: its readers read it again.
_SWEEPING = ("imported", "purged")

# The rest of the log after a position, each row's changes in their order. What is not stamped yet
# has happened to the tables all the same, so it is needed to know how they were.
_LATER = (
    "SELECT position, kind, row_id, row_type, version, before, actor_id, at, id FROM changes"
    " WHERE space_id = %(space)s AND position > %(after)s UNION ALL"
    " SELECT NULL, kind, row_id, row_type, version, before, actor_id, at, id FROM change_queue"
    " WHERE space_id = %(space)s ORDER BY position NULLS LAST, version, id LIMIT %(limit)s"
)

What = Literal["gained", "changed", "left"]


@dataclass(frozen=True)
class Told:
    """One piece of news; `row` is as a read gives it, none for what left."""

    position: int
    what: What
    id: UUID
    row: Row | None

    @cached_property
    def data(self) -> bytes:
        """The row as JSON, or only the id; made once for all who are told."""
        if self.row is None:
            return b'{"id":"%s"}' % str(self.id).encode()
        return self.row.model_dump_json(by_alias=True).encode()


@dataclass(slots=True)
class News:
    """The changes of one space in (after, upto], read and judged in one snapshot."""

    space: UUID
    after: int
    upto: int
    inside: list[Change]
    sweeping: bool
    before: Past
    now: Past
    _edges: list[Edge] | None = None
    _hidden: frozenset[UUID] | None = None
    _touched: dict[Viewer, frozenset[UUID] | None] = field(
        default_factory=dict[Viewer, frozenset[UUID] | None]
    )
    _first: dict[tuple[str, UUID], Change] = field(default_factory=dict[tuple[str, UUID], Change])
    _next: dict[tuple[str, UUID], Change] = field(default_factory=dict[tuple[str, UUID], Change])

    @classmethod
    async def read(
        cls,
        tx: Transaction,
        space: UUID,
        ontology: Ontology,
        *,
        after: int,
        upto: int | None = None,
    ) -> Self:
        """What came after a position, until `upto` or all there is. Needs a snapshot."""
        records = await tx.rows(_LATER, {"space": space, "after": after, "limit": MOST_CHANGES + 1})
        positions = [int(str(record[0])) for record in records if record[0] is not None]
        if upto is None:
            upto = max(positions, default=after)
        first: dict[tuple[str, UUID], Change] = {}
        following: dict[tuple[str, UUID], Change] = {}
        inside: list[Change] = []
        for record in records:
            change = Change(*record[:8])  # pyright: ignore[reportArgumentType] # columns of the log
            row = (change.kind, change.row_id)
            first.setdefault(row, change)
            if record[0] is not None and change.position <= upto:
                inside.append(change)
            else:
                following.setdefault(row, change)
        sweeping = len(records) > MOST_CHANGES or any(c.kind in _SWEEPING for c in inside)
        return cls(
            space,
            after,
            upto,
            inside,
            sweeping,
            Past(ontology, () if sweeping else first.values()),
            Past(ontology, () if sweeping else following.values()),
            _first=first,
            _next=following,
        )

    def concerns(self, viewer: Viewer) -> bool:
        """Whether it may have changed who the viewer is: a token ended, or they did."""
        return any(c.kind == "tokens" or c.row_id == viewer.id for c in self.inside)

    async def told(self, session: Session, ask: Ask) -> list[Told] | None:
        """The news of one list in order; none where only reading it again can tell."""
        if self.sweeping:
            return None
        latest = max((change.at for change in self.inside), default=session.now)
        session = replace(session, now=max(session.now, latest))  # clocks of others may be ahead
        listing = listing_of(session, ask)
        own = self._own(ask, listing.table)
        around = await self._around(session, ask)
        if around is None:
            return None
        if not own and not around:
            return []
        judge = _Judge(self, session, listing)
        is_in = await judge.now({*own, *around})
        was_in = await self._earlier(judge, ask).before(around - self._made(listing.table))
        states = await judge.states(own)
        found = [
            piece
            for id, changes in own.items()
            for piece in _chained(
                changes,
                was=id in was_in if id in around else (id, 0) in states,
                then=[*(states.get((id, at)) for at in range(1, len(changes))), is_in.get(id)],
            )
        ]
        counted = isinstance(ask, TagAsk)
        for id in around - own.keys():
            if id in is_in and id not in was_in:
                found.append(Told(self.upto, "gained", id, is_in[id]))
            elif id in is_in and counted:
                found.append(Told(self.upto, "changed", id, is_in[id]))
            elif id not in is_in and id in was_in:
                found.append(Told(self.upto, "left", id, None))
        return sorted(found, key=lambda told: told.position)

    def _earlier(self, judge: "_Judge", ask: Ask) -> "_Judge":
        """Judges as of a moment before the first thing that time changed here."""
        moments = [change.at for change in self.inside if change.kind == ELAPSED]
        if not moments:
            return judge
        session = replace(judge.session, now=min(moments) - timedelta(microseconds=1))
        return _Judge(self, session, listing_of(session, ask))

    def _own(self, ask: Ask, table: str) -> dict[UUID, list[Change]]:
        """The list's own rows that changed, with their changes."""
        found: dict[UUID, list[Change]] = {}
        for change in self.inside:
            if change.kind == table and (not ask.types or change.types & set(ask.types)):
                found.setdefault(change.row_id, []).append(change)
        return found

    def _made(self, table: str) -> frozenset[UUID]:
        """Rows that were not there yet at the first position."""
        return frozenset(
            id for (kind, id), c in self._first.items() if kind == table and c.before is None
        )

    async def _around(self, session: Session, ask: Ask) -> frozenset[UUID] | None:
        """Rows of the list that may have come or gone though they didn't change themselves."""
        if isinstance(ask, TagAsk):
            return await self._recounted(session)
        tagged = frozenset(c.row_id for c in self.inside if c.kind == "tagging")
        touched = await self._related(session)
        if touched is None:
            return None
        if isinstance(ask, EntityAsk):
            return touched | tagged if ask.tag or ask.tagged else touched
        if isinstance(ask, EventAsk):
            if session.viewer.staff:
                return frozenset()
            columns, narrowed = ("entity_id",), {"entity_id": ask.entity_id}
        else:
            assert isinstance(ask, ConnectionAsk)
            columns = ("from_id", "to_id")
            narrowed = {"from_id": ask.from_id, "to_id": ask.to_id}
        things = touched | await self._hidden_or_shown(session)
        elapsed = self._elapsed(ask) if isinstance(ask, ConnectionAsk) else frozenset[UUID]()
        if not things:
            return elapsed
        table = "events" if isinstance(ask, EventAsk) else "connections"
        either = " OR ".join(f"x.{column} = ANY(%(things)s)" for column in columns)
        where = [f"({either})"] + (["x.type = ANY(%(types)s)"] if ask.types else [])
        where += [f"x.{column} = %({column})s" for column, id in narrowed.items() if id]
        found = await ids_of(
            session,
            f"SELECT x.id FROM {table} x WHERE x.space_id = %(space)s AND {' AND '.join(where)}",
            things=list(things),
            types=list(ask.types),
            **narrowed,
        )
        return None if found is None else found | elapsed

    def _elapsed(self, ask: ConnectionAsk) -> frozenset[UUID]:
        """Connections that time has begun or ended."""
        return frozenset(
            change.row_id
            for change in self.inside
            if change.kind == ELAPSED and (not ask.types or change.row_type in ask.types)
        )

    async def _hidden_or_shown(self, session: Session) -> frozenset[UUID]:
        """Things whose being there, or being seen by others, is not what it was."""
        if self._hidden is None:
            was = {
                id: change.before
                for (kind, id), change in self._first.items()
                if kind == "entities" and change.before is not None
            }
            now = await self._as_now(session, was) if was else {}
            self._hidden = frozenset(
                id for id, before in was.items() if _shown(before) != _shown(now.get(id))
            )
        return self._hidden

    async def _as_now(
        self, session: Session, ids: Iterable[UUID]
    ) -> dict[UUID, Mapping[str, object]]:
        """What shows and hides these things, at the second position."""
        records = await session.tx.rows(
            f"{self.now.prelude}SELECT id, visibility, status, deleted_at FROM entities"
            " WHERE space_id = %(space)s AND id = ANY(%(ids)s)",
            session.params(ids=list(ids)) | self.now.params,
        )
        names = ("visibility", "status", "deleted_at")
        return {
            id: dict(zip(names, rest, strict=True)) for id, *rest in records if isinstance(id, UUID)
        }

    async def _related(self, session: Session) -> frozenset[UUID] | None:
        """Things that the viewer has to do with otherwise than before."""
        viewer = session.viewer
        if viewer.staff or viewer.id is None:
            return frozenset()
        if viewer not in self._touched:
            edges = await self._changed_edges(session)
            self._touched[viewer] = await reached(session, edges) if edges else frozenset()
        return self._touched[viewer]

    async def _changed_edges(self, session: Session) -> list[Edge]:
        if self._edges is None:
            ids = [
                change.row_id
                for change in self.inside
                if change.kind in ("connections", ELAPSED) and change.row_type in RELATING
            ]
            sql = (
                "SELECT type, from_id, to_id FROM connections"
                " WHERE space_id = %(space)s AND id = ANY(%(ids)s)"
            )
            records = await session.tx.rows(sql, session.params(ids=ids)) if ids else []
            self._edges = [Edge(*record) for record in records]  # pyright: ignore[reportArgumentType] # columns as selected
        return self._edges

    async def _recounted(self, session: Session) -> frozenset[UUID] | None:
        """Tags that are not used as often as before."""
        tagged = [c.row_id for c in self.inside if c.kind == "tagging"]
        hidden = await self._hidden_or_shown(session)
        if not tagged and not hidden:
            return frozenset()
        uses = "SELECT t.entity_id, t.tag_id FROM entity_tags t WHERE t.space_id = %(space)s"
        uses += " AND t.entity_id = ANY(%(things)s)"
        things = session.params(things=[*tagged, *hidden])
        was = set(await session.tx.rows(self.before.prelude + uses, things | self.before.params))
        now = set(await session.tx.rows(self.now.prelude + uses, things | self.now.params))
        changed = (was ^ now) | {use for use in now if use[0] in hidden}
        return frozenset(use[1] for use in changed if isinstance(use[1], UUID))


def _shown(row: Mapping[str, object] | None) -> str:
    if row is None or row.get("deleted_at") is not None:
        return ""
    return seen(str(row["visibility"]), str(row["status"]))


class _Judge:
    """Which rows are in a list, as of one of the two positions or as given."""

    def __init__(self, news: News, session: Session, listing: Listing) -> None:
        self._news = news
        self.session = session
        self._table = listing.table
        self._columns = listing.columns
        self._condition = listing.condition()
        self._params = session.params(**listing.clause.params)

    async def now(self, ids: Iterable[UUID]) -> dict[UUID, Row]:
        """Those of the rows that are in the list at the second position."""
        return await self._rows(self._news.now, ids)

    async def before(self, ids: Iterable[UUID]) -> frozenset[UUID]:
        """Those that were at the first."""
        return frozenset(await self._rows(self._news.before, ids))

    async def states(self, own: Mapping[UUID, list[Change]]) -> dict[tuple[UUID, int], Row]:
        """What each row was before each of its changes, where that was in the list."""
        given_rows: list[Was] = []
        places: list[tuple[UUID, int]] = []
        for id, changes in own.items():
            for at, change in enumerate(changes):
                if change.before is not None:
                    row = as_row(self.session.ontology, self._table, before=change.before)
                    given_rows.append(row | {"nth": len(places)})
                    places.append((id, at))
        if not places:
            return {}
        sql = (
            f"{self._news.now.prelude}SELECT x.nth, {self._columns}"
            f" FROM ({given(self._table, 'states', 'nth')}) x WHERE {self._condition}"
        )
        params = self._news.now.params | {"states": orjson.dumps(given_rows).decode()}
        records = await self.session.tx.rows(sql, self._params | params)
        return {places[int(str(nth))]: self._row(tuple(rest)) for nth, *rest in records}

    async def _rows(self, past: Past, ids: Iterable[UUID]) -> dict[UUID, Row]:
        wanted = list(ids)
        if not wanted:
            return {}
        sql = (
            f"{past.prelude}SELECT {self._columns} FROM {self._table} x"
            f" WHERE x.id = ANY(%(wanted)s) AND {self._condition}"
        )
        params = self._params | past.params | {"wanted": wanted}
        records = await self.session.tx.rows(sql, params)
        return {id: self._row(record) for record in records if isinstance(id := record[0], UUID)}

    def _row(self, record: Record) -> Row:
        match self._table:
            case "entities":
                return self.session.entity(record)
            case "connections":
                return self.session.connection(record)
            case "events":
                return self.session.event(record)
            case _:
                return tag_of(record)


def _chained(changes: list[Change], *, was: bool, then: list[Row | None]) -> Iterable[Told]:
    """The news of one row, change by change; `then` is the row after each, if it is in the list."""
    for change, row in zip(changes, then, strict=True):
        if row is not None:
            yield Told(change.position, "changed" if was else "gained", change.row_id, row)
        elif was:
            yield Told(change.position, "left", change.row_id, None)
        was = row is not None
