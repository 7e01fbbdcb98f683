"""Rehearsals: a feature is run over stand-ins in a throw-away space, by a clock that moves.

What it needs is put there first (`person`, `thing`, `connect`, `hold`), what shall happen is said
by place (`answers`, `fails`, `comes`), and what it did is checked with `Did`. Its author runs it
with all rights: a rehearsal proves a feature's logic; whose word counts is proven elsewhere.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Self
from uuid import UUID

from pydantic import JsonValue
from typing_extensions import override

from one.clock import Clock, new_id
from one.compiler.sheet import Callers, Sheet
from one.errors import OneError
from one.ontology import Ontology
from one.providers.base import Stage, catalogue, standins
from one.runtime import Context, Deployment, durable
from one.runtime.input import wire_name
from one.sdk.feature import Feature
from one.sdk.refusal import Refusal
from one.sdk.standing import Standing
from one.sdk.starting import CALLED, Making, durably, run_now
from one.sdk.values import Relation, Thing, Value, kept, plain, relation, thing
from one.settings import Settings
from one.store import PLATFORM, Database, Desk, Draft, Link, Move, Patch, Viewer
from one.store.history import RunAsk, list_runs
from one.store.runs import ENDED
from one.store.runs import Run as Kept
from one.workshop.rehearsal.did import Did, Outcome
from one.workshop.rehearsal.script import PLANNED, RehearsedRun, Script, Understudy

__all__ = ["PLANNED", "Did", "Rehearsal"]

_STAFF = Viewer(PLATFORM, "staff")
_MOST_TURNS = 200
_APART = timedelta(seconds=1)  # what was put in place lies before the run
_LONGEST = timedelta(hours=1)  # whoever was killed in a rehearsal leaves its space until then
_NO_FACTS: Mapping[str, Value] = {}


class _Still(Clock):
    """A clock that stands until somebody moves it."""

    def __init__(self) -> None:
        super().__init__()
        self.at = Clock().now().replace(microsecond=0)

    @override
    def now(self) -> datetime:
        return self.at


class Rehearsal:
    """One run of one feature."""

    def __init__(
        self, feature: Feature, desk: Desk, *, clock: _Still, space: UUID, me: Thing
    ) -> None:
        self.me = me
        self._feature = feature
        self._desk, self._clock, self._space = desk, clock, space
        self._author = Viewer(me.id, "staff")
        self._script = Script()
        self._token: Thing | None = None
        known = standins(Stage(clock=clock))
        providers = {
            one.name: Understudy(one, known[one.name], script=self._script)
            for one in catalogue()
            if one.name in known
        }
        self._deployment = Deployment(Settings(mode="test"), desk, providers)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, feature: Feature, database: Database, *, ontology: Ontology, keep: bool = False
    ) -> AsyncGenerator[Self]:
        """In a space that is removed afterwards, unless the whole database is."""
        clock, space = _Still(), new_id()
        desk = Desk(database, ontology, clock=clock, secrets={})
        await desk.add_space(space, "A rehearsal", until=clock.at + _LONGEST)
        try:
            async with desk.write(space, _STAFF) as store:
                me = await store.create(Draft("creator", "Ana", {}, owned=False))
            yield cls(feature, desk, clock=clock, space=space, me=thing(me))
        finally:
            if not keep:
                await desk.drop_space(space)

    # --- what is there

    async def person(
        self, name: str = "Finn", *, type: str = "", facts: Mapping[str, Value] = _NO_FACTS
    ) -> Thing:
        """Somebody."""
        draft = Draft(type or "audience_member", name, _plainly(facts), owned=False)
        async with self._desk.write(self._space, _STAFF) as store:
            return thing(await store.create(draft))

    async def thing(
        self,
        type: str,
        name: str = "",
        *,
        facts: Mapping[str, Value] = _NO_FACTS,
        status: str | None = None,
        by: Thing | None = None,
    ) -> Thing:
        """Something of the author's, or of somebody else's."""
        draft = Draft(type, name or f"A {type.replace('_', ' ')}", _plainly(facts))
        owner = Viewer((by or self.me).id, "staff")
        async with self._desk.write(self._space, owner) as store:
            made = await store.create(draft)
            if status is not None and made.status != status:
                made = await store.update(made.id, Patch(status=status))
            return thing(await store.get(made.id, private=True))

    async def known(self, id: UUID) -> Thing:
        """What was put in place, by its id. Raises NotFound."""
        async with self._desk.read(self._space, _STAFF) as store:
            return thing(await store.get(id, private=True))

    async def delete(self, thing: Thing) -> None:
        """A thing is deleted before the run."""
        async with self._desk.write(self._space, _STAFF) as store:
            await store.delete(thing.id)

    async def connect(
        self, source: Thing, *, type: str, to: Thing, metadata: Mapping[str, Value] = _NO_FACTS
    ) -> Relation:
        """A relation that holds from the beginning."""
        async with self._desk.write(self._space, _STAFF) as store:
            link = Link(type, source.id, to.id, _plainly(metadata))
            return relation(await store.connect(link))

    async def token(self) -> Thing:
        """The author's token."""
        if self._token is None:
            self._token = await self.thing("token", "Sun")
        return self._token

    async def hold(self, person: Thing, amount: int, *, of: Thing | None = None) -> None:
        """Somebody has so many of a token; of the author's unless another is named."""
        token = of or await self.token()
        async with self._desk.write(self._space, _STAFF) as store:
            if amount:
                await store.move(Move(person.id, token.id, amount, "earned", {}))

    @property
    def now(self) -> datetime:
        """The time at which the run begins; it stands until something is waited for."""
        return self._clock.at + _APART

    def later(self, length: timedelta) -> None:
        """Some time goes by before the run."""
        self._clock.at += length

    # --- what shall happen

    def answers(self, place: str, value: Value) -> None:
        """What a call at a place gives: all of it, or the fields that are named."""
        self._script.answers[place] = value

    def fails(self, *places: str) -> None:
        """What is done at these places fails, each time, for good."""
        self._script.failing |= set(places)

    def comes(self, place: str, facts: Mapping[str, Value] = _NO_FACTS) -> None:
        """What is waited for at a place comes; else its time runs out."""
        self._script.coming[place] = facts

    # --- the run

    async def run(self, **given: Value) -> Did:
        """Runs the feature to its end, however long that takes by its clock."""
        self._clock.at = begun = self.now
        feature = self._feature
        sheet = Sheet(feature=feature.slug, runs=Callers(who="everybody"))
        called = feature.trigger is None
        standing = Standing(self._author, new_id(), sheet, called, self.me.id)
        if feature.durable:
            outcome = await self._run_durably(feature, sheet, given, called=called)
        else:
            outcome = await self._run_at_once(feature, standing, given)
        return Did.of(self._script, standing, outcome=outcome, me=self.me, begun=begun)

    def _making(self) -> Making:
        return partial(RehearsedRun, script=self._script)

    async def _run_at_once(
        self, feature: Feature, standing: Standing, given: Mapping[str, Value]
    ) -> Outcome:
        values = {name: _handed(value) for name, value in given.items()}
        try:
            async with self._desk.write(self._space, self._author) as store:
                ctx = Context(store, self._author, self._space, self._deployment)
                output = await run_now(
                    feature, ctx, given=values, standing=standing, making=self._making()
                )
        except OneError as error:
            code = error.code if isinstance(error, Refusal) else type(error).__name__
            return Outcome("failed", code=code, message=error.message)
        return Outcome("done", output)

    async def _run_durably(
        self, feature: Feature, sheet: Sheet, given: Mapping[str, Value], *, called: bool
    ) -> Outcome:
        program = durable.Program(durably(feature, sheet, making=self._making()))

        async def load(which: durable.Which) -> durable.Program:
            del which
            return program

        worker = durable.Worker(self._deployment, load)
        input: dict[str, JsonValue] = {
            wire_name(name): kept(_handed(value)) for name, value in given.items()
        }
        begin = durable.Start(
            feature=feature.slug,
            digest=feature.slug,
            author=self._author,
            runner=self.me.id,
            input={**input, CALLED: called},
        )
        async with self._desk.write(self._space, self._author) as store:
            id = await durable.start(store.session, begin)
        runs: list[Kept] = []
        for _ in range(_MOST_TURNS):
            await worker.settle()
            runs = await self._runs()
            sleeping = [one.wake_at for one in runs if one.status not in ENDED and one.wake_at]
            if not sleeping:
                break
            self._clock.at = max(self._clock.at, min(sleeping))
        return _outcome(next(one for one in runs if one.id == id))

    async def _runs(self) -> list[Kept]:
        async with self._desk.read(self._space, _STAFF) as store:
            return await list_runs(store.session, RunAsk(), limit=1000)


def _outcome(run: Kept) -> Outcome:
    output = run.output if isinstance(run.output, dict) else {}
    error = run.error if isinstance(run.error, dict) else {}
    details = error.get("details")
    code = details.get("code") if isinstance(details, dict) else None
    said = str(error.get("message") or run.reason)
    return Outcome(run.status, output, str(code or error.get("name") or ""), said)


def _handed(value: Value) -> Value:
    """A value as an input has it: things by their ids."""
    if isinstance(value, Thing):
        return str(value.id)
    return [_handed(one) for one in value] if isinstance(value, list) else value


def _plainly(facts: Mapping[str, Value]) -> dict[str, JsonValue]:
    return {key: plain(one) for key, one in facts.items()}
