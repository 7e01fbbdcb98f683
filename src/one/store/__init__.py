"""The four tables, read and written for one space, with one pair of eyes, in one transaction.

`Database` opens the pools; `Desk.write` and `Desk.read` hand out a `Store`. Every verb of the
store says in its docstring which errors it raises; the ontology validates every write here, once.
"""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import JsonValue

from one.clock import Clock
from one.errors import Fault
from one.ontology import Ontology
from one.store import (
    balances,
    changes,
    facts,
    happenings,
    keys,
    labels,
    making,
    queries,
    relations,
    things,
    ties,
    walk,
)
from one.store.actors import Actors
from one.store.balances import Move, NotEnough
from one.store.database import Clash, Contended, Database, Fallen, Premise, Transaction
from one.store.facts import Proof, Written
from one.store.filters import Filter, parse_filter
from one.store.follower import Post
from one.store.happenings import Happening
from one.store.holders import Holders
from one.store.hub import Hub
from one.store.keys import Answer, Token
from one.store.listing import COUNT_LIMIT
from one.store.lists import (
    Ask,
    ConnectionAsk,
    EntityAsk,
    EventAsk,
    TagAsk,
    connection_list,
    entity_list,
    event_list,
    listing_of,
    tag_list,
)
from one.store.making import Draft
from one.store.migrate import DEFAULT_SPACE, PLATFORM, close_space, migrate, open_space
from one.store.queries import Query
from one.store.relations import Link
from one.store.rows import (
    Connection,
    Count,
    Entity,
    Event,
    Neighbour,
    Page,
    Path,
    Properties,
    Row,
    Tag,
    Version,
    Visibility,
)
from one.store.session import Session, tag_of
from one.store.sight import ANYBODY, CONTAINS, GRANTS, PEOPLE, Role, Scope, Viewer, owns
from one.store.supply import Exhausted
from one.store.things import Patch

Standing = Literal["owner", "viewer"]


@dataclass(frozen=True, slots=True)
class Store:
    """The verbs. What they return is frozen; what the viewer may not see is not there."""

    session: Session

    # --- things

    async def create(self, draft: Draft) -> Entity:
        """Makes a thing; the actor becomes its owner. Raises: Invalid, Denied, Conflict"""
        return await making.create(self.session, draft)

    async def check(self, drafts: Sequence[Draft]) -> list[tuple[Fault, ...]]:
        """All that would be wrong with making each of these. Raises: Invalid"""
        return await making.check(self.session, drafts)

    async def get(self, id: UUID, *, deleted: bool = False, private: bool = False) -> Entity:
        """One thing. Raises: NotFound"""
        return await things.get(self.session, id, deleted=deleted, private=private)

    async def update(self, id: UUID, patch: Patch, *, version: int | None = None) -> Entity:
        """Changes a thing. Raises: NotFound, Invalid, Denied, Conflict"""
        return await things.update(self.session, id, patch, version=version)

    async def archive(
        self, id: UUID, *, reason: str | None = None, version: int | None = None
    ) -> Entity:
        """Takes a thing out of use. Raises: NotFound, Invalid, Conflict"""
        return await things.archive(self.session, id, reason=reason, version=version)

    async def delete(
        self, id: UUID, *, reason: str | None = None, version: int | None = None
    ) -> Entity:
        """Hides a thing everywhere. Raises: NotFound, Denied, Conflict"""
        return await things.delete(self.session, id, reason=reason, version=version)

    async def restore(self, id: UUID, *, version: int | None = None) -> Entity:
        """Brings back what was deleted or archived. Raises: NotFound, Invalid, Conflict"""
        return await things.restore(self.session, id, version=version)

    async def purge(self, id: UUID) -> None:
        """Removes a deleted thing for good. Raises: NotFound, Invalid"""
        await things.purge(self.session, id)

    async def standing(self, id: UUID) -> Standing | None:
        """What the viewer is to a thing, deleted or not; null when they can't see it."""
        if self.session.viewer.id is None:
            return "viewer"
        record = await self.session.tx.row(
            f"SELECT {owns('e')} FROM entities e WHERE e.space_id = %(space)s AND e.id = %(id)s",
            self.session.params(id=id),
        )
        if record is None:
            return None
        if record[0] or self.session.viewer.staff:
            return "owner"
        listing = entity_list(self.session, EntityAsk(ids=(id,)))
        return "viewer" if await listing.count(self.session) else None

    # --- connections

    async def connect(self, link: Link) -> Connection:
        """Relates two things. Raises: NotFound, Invalid, Conflict"""
        return await relations.connect(self.session, link)

    async def connection(self, id: UUID) -> Connection:
        """One connection. Raises: NotFound"""
        return await relations.find_connection(self.session, id)

    async def amend(
        self,
        id: UUID,
        *,
        metadata: Mapping[str, JsonValue] | None = None,
        strength: float | None = None,
        valid_to: datetime | None = None,
        version: int | None = None,
    ) -> Connection:
        """Changes what a connection says. Raises: NotFound, Invalid, Conflict"""
        return await relations.amend(
            self.session,
            id,
            metadata=metadata,
            strength=strength,
            valid_to=valid_to,
            version=version,
        )

    async def end(self, id: UUID, *, version: int | None = None) -> Connection:
        """Ends a connection now. Raises: NotFound, Invalid, Conflict"""
        return await relations.end(self.session, id, version=version)

    async def share(self, thing: UUID, shares: Sequence[tuple[UUID, int]]) -> list[Connection]:
        """Divides what a thing earns. Raises: NotFound, Invalid, Conflict"""
        return await relations.share(self.session, thing, shares)

    # --- balances

    async def balance(self, holder: UUID, token: UUID) -> int:
        """How many units of a token somebody holds, as far as the viewer may know."""
        return await balances.balance(self.session, holder, token)

    async def move(self, wanted: Move) -> int:
        """Adds to a balance or takes from it. Raises: NotFound, Invalid, NotEnough, Exhausted"""
        return (await balances.move(self.session, wanted)).balance

    async def transfer(self, source: Move, to: UUID, *, received: str | None = None) -> int:
        """Moves units from one holder to another. Raises: NotFound, Invalid, NotEnough"""
        return await balances.transfer(self.session, source, to, received=received)

    async def connected(self, link: Link) -> bool:
        """Whether such a connection counts now, as far as the viewer may know. Raises: Invalid"""
        return await ties.connected(self.session, link)

    async def owns(self, person: UUID, thing: UUID) -> bool:
        """Whether somebody owns, bought and keeps, or holds some of a thing."""
        return await ties.owns(self.session, person, thing)

    # --- facts of money

    async def relate_fact(self, link: Link, proof: Proof) -> Connection:
        """A connection that a payment made, once. Raises: NotFound, Invalid, Written"""
        return await facts.relate(self.session, link, proof)

    async def record_fact(
        self, happening: Happening, proof: Proof, *, actor: UUID | None = None
    ) -> Event:
        """An event that a payment is, once. Raises: NotFound, Invalid, Written"""
        return await facts.record(self.session, happening, proof, actor=actor)

    # --- events

    async def record(self, happening: Happening) -> Event:
        """Writes down what happened. Raises: NotFound, Invalid"""
        return await happenings.record(self.session, happening)

    async def event(self, id: UUID) -> Event:
        """One event. Raises: NotFound"""
        return await happenings.find_event(self.session, id)

    # --- tags

    async def tag(
        self, entity: UUID, names: Sequence[str], *, pointer: str = "/names"
    ) -> list[Tag]:
        """Puts tags, which were sent at `pointer`, on a thing. Raises: NotFound, Invalid"""
        return await labels.tag(self.session, entity, names, pointer=pointer)

    async def untag(self, entity: UUID, names: Sequence[str]) -> list[Tag]:
        """Takes tags off a thing. Raises: NotFound, Invalid"""
        return await labels.untag(self.session, entity, names)

    async def tags_of(self, entity: UUID) -> list[Tag]:
        """The tags of a thing. Raises: NotFound"""
        return await labels.tags_of(self.session, entity)

    async def find_tag(self, id: UUID) -> Tag:
        """One tag. Raises: NotFound"""
        return await labels.find_tag(self.session, id)

    async def tag_named(self, name: str) -> Tag | None:
        """The tag written `category:name`. Raises: Invalid"""
        return await labels.tag_named(self.session, name)

    async def describe_tag(
        self,
        id: UUID,
        *,
        description: str | None = None,
        color: str | None = None,
        icon: str | None = None,
        version: int | None = None,
    ) -> Tag:
        """Says what a tag means. Raises: NotFound, Conflict"""
        return await labels.describe_tag(
            self.session, id, description=description, color=color, icon=icon, version=version
        )

    # --- lists

    async def entities(
        self, ask: EntityAsk, *, limit: int = 20, cursor: str | None = None, private: bool = False
    ) -> Page[Entity]:
        """A page of things; those of the viewer with what is `private`. Raises: Invalid"""
        records, following = await entity_list(self.session, ask).page(
            self.session, limit=limit, cursor=cursor
        )
        none: frozenset[object] = frozenset()
        own = await self._own([record[0] for record in records]) if private else none
        items = [self.session.entity(record, private=record[0] in own) for record in records]
        return Page[Entity].model_construct(None, items=items, next=following)

    async def _own(self, ids: Sequence[object]) -> frozenset[object]:
        """Which of these the viewer is one of the owners of."""
        if self.session.viewer.staff or self.session.viewer.id is None:
            return frozenset(ids if self.session.viewer.staff else ())
        records = await self.session.tx.rows(
            f"SELECT e.id FROM entities e WHERE e.space_id = %(space)s AND e.id = ANY(%(ids)s)"
            f" AND {owns('e')}",
            self.session.params(ids=[*ids]),
        )
        return frozenset(record[0] for record in records)

    async def connections(
        self, ask: ConnectionAsk, *, limit: int = 20, cursor: str | None = None
    ) -> Page[Connection]:
        """A page of connections. Raises: Invalid"""
        records, following = await connection_list(self.session, ask).page(
            self.session, limit=limit, cursor=cursor
        )
        items = [self.session.connection(record) for record in records]
        return Page[Connection].model_construct(None, items=items, next=following)

    async def events(
        self, ask: EventAsk, *, limit: int = 20, cursor: str | None = None
    ) -> Page[Event]:
        """A page of events. Raises: Invalid"""
        records, following = await event_list(self.session, ask).page(
            self.session, limit=limit, cursor=cursor
        )
        items = [self.session.event(record) for record in records]
        return Page[Event].model_construct(None, items=items, next=following)

    async def tags(self, ask: TagAsk, *, limit: int = 20, cursor: str | None = None) -> Page[Tag]:
        """A page of tags. Raises: Invalid"""
        records, following = await tag_list(self.session, ask).page(
            self.session, limit=limit, cursor=cursor
        )
        items = [tag_of(record) for record in records]
        return Page[Tag].model_construct(None, items=items, next=following)

    async def count(self, ask: Ask) -> Count:
        """How many a list holds, up to 10,000. Raises: Invalid"""
        counted = await listing_of(self.session, ask).count(self.session)
        return Count(count=min(counted, COUNT_LIMIT), more=counted > COUNT_LIMIT)

    async def ask(self, query: Query) -> list[Entity] | list[Connection] | list[Event] | list[Tag]:
        """The rows that a feature asks for. Raises: Invalid"""
        return await queries.ask(self.session, query)

    async def measure(self, query: Query) -> JsonValue:
        """The number, or the fields, that a feature asks for. Raises: Invalid"""
        return await queries.measure(self.session, query)

    # --- around a thing

    async def history(
        self, id: UUID, *, limit: int = 50, before: int | None = None
    ) -> list[Version]:
        """The versions of a thing, newest first. Raises: NotFound, Invalid"""
        entity = await things.get(self.session, id, deleted=True, private=True)
        row = entity.model_dump(mode="json", by_alias=False)
        versions = await changes.history(self.session, id, row, limit=limit, before=before)
        return [self._shown(version) for version in versions]

    def _shown(self, version: Version) -> Version:
        """A version without what a general read never shows."""
        if version.before is None:
            return version
        before = self.session.without_private(version.before)
        return version.model_copy(update={"before": before})

    async def neighbours(
        self, id: UUID, *, depth: int = 1, types: tuple[str, ...] = ()
    ) -> list[Neighbour]:
        """What lies around a thing. Raises: NotFound, Invalid"""
        return await walk.neighbours(self.session, id, depth=depth, types=types)

    async def paths(self, start: UUID, goal: UUID, *, depth: int = 3) -> list[Path]:
        """The shortest ways between two things. Raises: NotFound, Invalid"""
        return await walk.paths(self.session, start, goal, depth=depth)

    # --- what the doors keep

    async def recall(self, *, operation: str, key: str, digest: str) -> Answer | None:
        """The answer given to an idempotency key before. Raises: Conflict"""
        return await keys.recall(self.session, operation=operation, key=key, digest=digest)

    async def remember(self, *, operation: str, key: str, status: int, answer: bytes) -> None:
        """Keeps the answer to an idempotency key for a day."""
        await keys.remember(
            self.session, operation=operation, key=key, status=status, answer=answer
        )

    async def issue_token(
        self,
        *,
        entity: UUID,
        role: Role,
        name: str,
        expires_at: datetime | None = None,
        scopes: Collection[Scope] | None = None,
    ) -> tuple[Token, str]:
        """A new token and its secret."""
        return await keys.issue_token(
            self.session, entity=entity, role=role, name=name, expires_at=expires_at, scopes=scopes
        )

    async def revoke_token(self, id: UUID) -> Token:
        """Ends a token at once. Raises: NotFound"""
        return await keys.revoke_token(self.session, id)

    async def tokens_of(self, entity: UUID | None) -> list[Token]:
        """The tokens of one thing, or all."""
        return await keys.tokens_of(self.session, entity)


class Desk:
    """Opens stores: the database, the words, the clock and the keys of one deployment."""

    def __init__(
        self, database: Database, ontology: Ontology, *, clock: Clock, secrets: dict[UUID, bytes]
    ) -> None:
        self.database = database
        self.ontology = ontology
        self.clock = clock
        self._secrets = secrets
        self._actors = Actors(database, clock)
        self.holders = Holders(database, clock)
        self.hub = Hub(database, self.session_of, heard=self._actors.forget)

    @classmethod
    async def open(cls, database: Database, ontology: Ontology, *, clock: Clock) -> Self:
        """After the migrations; makes the signing key of each space that has none."""
        secrets: dict[UUID, bytes] = {}
        async with database.write() as tx:
            for record in await tx.rows("SELECT id FROM spaces WHERE until IS NULL"):
                if isinstance(record[0], UUID):
                    secrets[record[0]] = await keys.signing_key(tx, record[0])
        return cls(database, ontology, clock=clock, secrets=secrets)

    def with_clock(self, clock: Clock) -> "Desk":
        """The same desk by another clock: a story told of the past."""
        return Desk(self.database, self.ontology, clock=clock, secrets=self._secrets)

    @property
    def spaces(self) -> frozenset[UUID]:
        return frozenset(self._secrets)

    async def add_space(self, space: UUID, name: str, *, until: datetime | None = None) -> None:
        """Makes a space, unless it is there already; one for a while says `until` when."""
        now = self.clock.now()
        await open_space(self.database, space, name=name, now=now, until=until)
        async with self.database.write() as tx:
            self._secrets[space] = await keys.signing_key(tx, space)

    async def drop_space(self, space: UUID) -> None:
        """Removes a space with everything in it. Raises Denied for the default one."""
        await close_space(self.database, space)
        self._secrets.pop(space, None)

    @asynccontextmanager
    async def write(self, space: UUID, viewer: Viewer) -> AsyncGenerator[Store]:
        """One transaction; leaving it commits, an error undoes all of it."""
        async with self.database.write() as tx:
            yield Store(self.session_of(tx, space, viewer))
        if tx.ends_tokens:
            self._actors.forget()

    @asynccontextmanager
    async def read(
        self, space: UUID, viewer: Viewer, *, snapshot: bool = True, premise: Premise | None = None
    ) -> AsyncGenerator[Store]:
        """A read-only view; with `snapshot` all statements in it see the same moment. `premise`:
        that the viewer is who they were, where that is yet to be asked; raises Fallen.
        """
        async with self.database.read(snapshot=snapshot, premise=premise) as tx:
            yield Store(self.session_of(tx, space, viewer))

    async def viewer_of(self, space: UUID, secret: str) -> Viewer | None:
        """Who acts with this token."""
        return await self._actors.viewer_of(space, secret)

    def session_of(self, tx: Transaction, space: UUID, viewer: Viewer) -> Session:
        """What the verbs of one viewer in one space work with, in this transaction."""
        return Session(
            tx, space, viewer, self.ontology, self.clock, self.clock.now(), self._secrets[space]
        )


__all__ = [
    "ANYBODY",
    "CONTAINS",
    "DEFAULT_SPACE",
    "GRANTS",
    "PEOPLE",
    "PLATFORM",
    "Answer",
    "Ask",
    "Clash",
    "Connection",
    "ConnectionAsk",
    "Contended",
    "Count",
    "Database",
    "Desk",
    "Draft",
    "Entity",
    "EntityAsk",
    "Event",
    "EventAsk",
    "Exhausted",
    "Fallen",
    "Filter",
    "Happening",
    "Link",
    "Move",
    "Neighbour",
    "NotEnough",
    "Page",
    "Patch",
    "Path",
    "Post",
    "Premise",
    "Proof",
    "Properties",
    "Query",
    "Role",
    "Row",
    "Scope",
    "Store",
    "Tag",
    "TagAsk",
    "Token",
    "Version",
    "Viewer",
    "Visibility",
    "Written",
    "migrate",
    "open_space",
    "parse_filter",
]
