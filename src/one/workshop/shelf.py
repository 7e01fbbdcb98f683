"""Live features as code, kept in the process by digest: what runs, and what the engine asks for.

Code never changes under its digest, so nothing here is ever stale; which digest is live, and which
revision is the last with it, whose sheet holds, is read each time and never kept.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar
from uuid import UUID

from one.compiler.program import Program
from one.compiler.sheet import Sheet
from one.compiler.vocabulary import Vocabulary
from one.domains.features import program_of, sheet_of
from one.errors import NotFound
from one.ontology import Ontology
from one.providers.base import catalogue
from one.runtime import durable
from one.runtime.durable import Which
from one.sdk import Feature
from one.sdk.starting import durably
from one.store import PLATFORM, Desk, Viewer, revisions
from one.store.revisions import Revision
from one.store.session import Session
from one.workshop.gate import EMITTER, Built, admit, build

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")
MOST = 2_000
_PLATFORM = Viewer(PLATFORM, "staff", "system")


@dataclass(frozen=True, slots=True)
class Ready:
    """A revision that can be run."""

    program: Program
    feature: Feature
    sheet: Sheet
    lines: Mapping[str, int]


class Shelf:
    """Revisions of all spaces, each emitted once for each version of the emitter."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ready: dict[tuple[Which, int], Ready] = {}
        self._features: dict[str, Feature] = {}

    async def load(self, which: Which) -> durable.Program:
        """The engine's port. Raises NotFound for a revision that nobody has deployed."""
        ready = await self.ready(which)
        return durable.Program(durably(ready.feature, ready.sheet), ready.lines)

    async def ready(self, which: Which, session: Session | None = None) -> Ready:
        """A revision of an author's feature, else of the platform's, as it is in a transaction.

        Raises NotFound.
        """
        if session is not None:
            return await self._current(which, session)
        async with self._desk.read(which.space, _PLATFORM, snapshot=False) as store:
            return await self._current(which, store.session)

    async def _current(self, which: Which, session: Session) -> Ready:
        number = await revisions.number_of(
            session, which.author, which.feature, digest=which.digest
        )
        if number is None:
            raise NotFound(f"No revision of {which.feature} has the digest {which.digest}.")
        known = self._ready.get((which, number))
        if known is None:
            known = await self._read(which, session)
            _room(self._ready)[which, number] = known
        return known

    async def _read(self, which: Which, session: Session) -> Ready:
        kept = await revisions.revision_of(
            session, which.author, which.feature, digest=which.digest
        )
        assert kept is not None, "revisions stay"
        module = await revisions.emitted(session, which.digest, EMITTER)
        program = program_of(kept)
        feature = self._features.get(which.digest)
        if feature is None:
            feature = await self._made(which.space, kept, program, module=module)
            _room(self._features)[which.digest] = feature
        return Ready(program, feature, sheet_of(kept), kept.lines)

    async def _made(
        self, space: UUID, kept: Revision, program: Program, *, module: str | None
    ) -> Feature:
        if module is not None:
            return await asyncio.to_thread(admit, module, kept.slug)
        built = await asyncio.to_thread(self._built, kept, program)
        async with self._desk.write(space, _PLATFORM) as store:
            await revisions.keep_emitted(store.session, kept.digest, EMITTER, module=built.module)
        return built.feature

    def _built(self, kept: Revision, program: Program) -> Built:
        words = vocabulary_of(self._desk.ontology)
        return build(program, words, text=kept.text, lines=kept.lines)


@cache
def vocabulary_of(ontology: Ontology, *, uncharged: str = "") -> Vocabulary:
    """The words of a deployment. `uncharged`: why nobody can be charged at once there."""
    return Vocabulary(ontology, catalogue(), uncharged=uncharged)


def _room(kept: dict[KeyT, ValueT]) -> dict[KeyT, ValueT]:
    """The same, without the oldest when it is full."""
    if len(kept) >= MOST:
        del kept[next(iter(kept))]
    return kept
