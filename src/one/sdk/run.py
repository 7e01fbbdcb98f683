"""The run as a feature's code has it: its steps, calls, waits, and the shapes of a flow.

Two kinds: one on the durable engine, and one at once, in the transaction of the request, for
features of data commands alone. Paths are those of the program; a loop's item and a try have a
front of their own.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Self, TypeVar, cast

from pydantic import JsonValue

from one.compiler.sheet import Use
from one.errors import Invalid, OneError, Outside
from one.runtime import Context, durable
from one.runtime.durable.segment import Segment
from one.sdk import calling, consent, minting, moments, parking, paying, rights
from one.sdk.data import Data
from one.sdk.feature import Output
from one.sdk.reckoning import items
from one.sdk.standing import Standing, program_path
from one.sdk.values import Thing, Value, kept, known, plain

Undo = Callable[["Run"], Awaitable[None]]
OutputT = TypeVar("OutputT", bound=Output)
Branch = Callable[["Run"], Awaitable[OutputT | None]]
ItemBranch = Callable[["Run", Value], Awaitable[OutputT | None]]
NO_TIME = timedelta()
MESSAGES = {"email.send": "email", "sms.send": "sms", "push.send": "push"}
"""Actions that reach people, and by which channel."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """The event that is waited for: of a thing, by somebody, with this in its metadata. A relation
    goes from who is named to the thing, and `owns` is also to have bought it.
    """

    type: str
    entity: Value = None
    actor: Value = None
    where: Mapping[str, Value] = field(default_factory=dict[str, Value])


@dataclass(slots=True)
class Run:
    """What a feature runs in. `me` is its author, `names` what it was given by its text's names,
    `shown` what SHOW added to the answer.
    """

    standing: Standing
    engine: durable.Run | None
    ctx: Context | None
    me: Thing
    names: Mapping[str, Value]
    shown: dict[str, Value] = field(default_factory=dict[str, Value])
    failures: list[OneError] = field(default_factory=list[OneError])
    front: str = ""

    @property
    def now(self) -> datetime:
        """The time, the same whenever the run comes here again."""
        if self.engine is not None:
            return self.engine.now
        return self._at_once.store.session.now

    @property
    def today(self) -> datetime:
        """The beginning of this day."""
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def _at_once(self) -> Context:
        assert self.ctx is not None, "a run is on the engine or in a transaction"
        return self.ctx

    @property
    def _durable(self) -> durable.Run:
        assert self.engine is not None, "what calls or waits is a durable feature"
        return self.engine

    def _under(self, engine: durable.Run | None, front: str) -> Self:
        return replace(self, engine=engine, front=front)

    def at(self, front: str) -> Self:
        """The run of a part whose paths begin with its place."""
        engine = self.engine.at(front) if self.engine is not None else None
        return self._under(engine, f"{self.front}{front}.")

    # --- data

    @asynccontextmanager
    async def step(self, path: str) -> AsyncGenerator[Data]:
        """Data commands: one transaction, exactly once. What is refused inside undoes all of it."""
        if self.engine is None:
            yield Data(Segment(self._at_once), self.standing, self.front, self.front)
            return
        async with self._allowed(self.engine, path), self.engine.transaction(path) as segment:
            yield Data(segment, self.standing, root=self.front)

    @asynccontextmanager
    async def _allowed(self, engine: durable.Run, path: str) -> AsyncGenerator[None]:
        """What is done inside waits for what it is not allowed yet, or no longer."""
        async with consent.asking(engine, path), parking.parking(engine, self.standing, path=path):
            yield

    # --- what may fail

    @asynccontextmanager
    async def attempt(self) -> AsyncGenerator[None]:
        """What is caught when it fails: then nothing of it is left in the transaction."""
        if self.engine is not None:
            yield
            return
        async with self._at_once.store.session.tx.part():
            yield

    @asynccontextmanager
    async def closing(self, always: Undo) -> AsyncGenerator[None]:
        """What is done at the end whether the rest fails, or the run is cancelled."""
        try:
            yield
        except (OneError, durable.Cancelled):
            await self._steadfastly(always, determined=False)
            raise
        await self._steadfastly(always, determined=False)

    async def _steadfastly(self, act: Undo, *, determined: bool) -> None:
        """Does what is done even when the run shall stop; `determined` until it is done."""
        if self.engine is None:
            return await act(self)
        engine = self.engine.steadfast(determined=determined)
        inner = self._under(engine, self.front)
        if determined:
            inner.standing = inner.standing.going_on
        await act(inner)
        self.engine.now = max(self.engine.now, engine.now)
        return None

    def tries(
        self, path: str, *, times: int, pause: timedelta = NO_TIME, growing: bool = False
    ) -> "Tries":
        """One try after the other until one doesn't fail, with sleeps between."""
        return Tries(self, path, times, pause, growing)

    # --- many

    def each(self, path: str, of: Value) -> "Generator[tuple[Run, Value]]":
        """The items of a list one after the other, each with a run of its own."""
        for n, one in enumerate(items(of), 1):
            inner = self.at(f"{path}[item={n}]")
            if inner.engine is not None and self.engine is not None:
                inner.engine.now = self.engine.now
            yield inner, one
            if inner.engine is not None and self.engine is not None:
                self.engine.now = max(self.engine.now, inner.engine.now)

    async def at_once(
        self, path: str, of: Value, *, body: ItemBranch[OutputT], carry_on: bool = False
    ) -> OutputT | None:
        """All items at the same time; the answer that the first of them gave."""

        async def one(engine: durable.Run, item: JsonValue) -> JsonValue:
            n = cast("int", item)
            inner = self._under(engine, f"{self.front}{path}[item={n}].")
            answers[n] = await body(inner, found[n - 1])
            return None

        found, answers = items(of), dict[int, OutputT | None]()
        if self.engine is None:
            for n, (inner, item) in enumerate(self.each(path, of), 1):
                try:
                    async with inner.attempt():
                        answers[n] = await body(inner, item)
                except OneError:
                    if not carry_on:
                        raise
        else:
            how = durable.Looping(parallel=True, carry_on=carry_on)
            await self.engine.each(path, list(range(1, len(found) + 1)), body=one, how=how)
        return next((answers[n] for n in sorted(answers) if answers[n] is not None), None)

    async def parallel(self, path: str, branches: Mapping[str, Branch[OutputT]]) -> OutputT | None:
        """Branches at the same time; the answer that the first of them gave."""
        answers: dict[str, OutputT | None] = {}

        def branch(name: str, body: Branch[OutputT]) -> durable.Body:
            async def one(engine: durable.Run) -> JsonValue:
                answers[name] = await body(self._under(engine, f"{self.front}{path}.{name}."))
                return None

            return one

        if self.engine is None:
            for name, body in branches.items():
                answers[name] = await body(self.at(f"{path}.{name}"))
        else:
            named = {name: branch(name, body) for name, body in branches.items()}
            await self.engine.parallel(path, named)
        return next((answers[name] for name in branches if answers[name] is not None), None)

    # --- all or nothing

    @asynccontextmanager
    async def together(self) -> "AsyncGenerator[Together]":
        """All of what is inside comes about, or nothing: what `undo_by` named is undone, the last
        first, each until it is done.
        """
        deal, standing = Together(self), self.standing
        held = (self.engine.shielded, self.engine.determined) if self.engine else (False, False)
        self.standing = replace(standing, undone=len(standing.receipts))
        try:
            async with self.attempt():
                yield deal
        except (OneError, durable.Cancelled):
            for undo in reversed(deal.undos):
                await self._steadfastly(_or_undone(undo), determined=True)
            raise
        finally:
            self.standing = standing
            if self.engine is not None:
                self.engine.shielded, self.engine.determined = held

    # --- outside

    async def call(
        self,
        path: str,
        what: str,
        *,
        params: Mapping[str, Value],
        how: calling.How = calling.PLAIN,
    ) -> Value:
        """The answer of a service's action, `stripe.charge`. Raises Outside when it fails."""
        if what in MESSAGES:
            return await self._write(path, channel=MESSAGES[what], params=params)
        place = self.front + path
        rights.priced(self.standing, place, amount=params.get("amount"), names=self.names)
        asked = calling.Asked(what, params, how)
        asks = self.standing.lines(place) or asked.made or what == paying.CHARGES
        if asks and not paying.needs_no_yes(self.standing, what):
            async with self._allowed(self._durable, path):
                may = partial(self._may, place, asked)
                names = await self._durable.step(f"{path}.may", may, operation="may")
            asked = asked.by(known(names))
        return await paying.call(
            self._durable, self.standing, path=path, asked=asked, names=self.names
        )

    async def _write(self, path: str, *, channel: str, params: Mapping[str, Value]) -> Value:
        """A letter goes through the outbox: to those who may be reached, once each."""
        to = items(params.get("to"))
        if not to:
            raise Invalid("Nobody is named to write to.", cure="Say to whom.")
        body = {"text": params["body"]} if params.get("body") else {}
        about = params.get("subject") or params.get("body") or "A message"
        async with self.step(path) as data:
            await data.notify(path, to, about=about, channels=[channel], data=body)
        return {"sent": len(to), "channel": channel}

    async def _may(self, place: str, asked: calling.Asked, ctx: Context) -> JsonValue:
        """That it may be asked; the service's own names for the things that it made."""
        async with parking.held(ctx, self.standing):
            await consent.act_outside(
                ctx, self.standing, asked.what, params=asked.params, path=place
            )
            names = await calling.names_of(ctx, self.standing, asked)
            names |= await paying.payer(ctx, self.standing, asked, path=place)
            names |= await minting.named(ctx, self.standing, asked, names=self.names, path=place)
            await rights.spend(ctx, self.standing, place)
        return names or None

    async def feature(self, path: str, slug: str, *, given: Mapping[str, Value]) -> Value:
        """What another feature gives, run with these inputs."""
        lines = [one for one in self.standing.lines(self.front + path) if isinstance(one, Use)]
        accepted = lines[0].revision if lines else ""
        return await calling.feature(self._durable, path, slug=slug, given=given, accepted=accepted)

    async def later(self, path: str, *, names: Mapping[str, Value], when: str = "") -> None:
        """A part of this feature that goes its own way, with the names it needs."""
        lease = self._durable.journal.lease
        input: dict[str, JsonValue] = {
            "$part": program_path(self.front + path),
            "$names": {name: kept(value) for name, value in names.items()},
            "$given": lease.input.get("$given", dict(lease.input)),
            "$called": self.standing.called,
        }
        sub = durable.Sub(
            feature=lease.feature,
            digest=lease.digest,
            input=input,
            after=moments.until_begin(when, self.now),
        )
        await self._durable.later(path, sub)

    async def checkpoint(self, path: str, name: str, *, number: int | None = None) -> None:
        """Tells those who follow the run how far it is."""
        if self.engine is not None:
            said = f"Step {number}: {name}" if number is not None else name
            await self.engine.progress(path, said)

    # --- time

    async def wait(self, path: str, length: timedelta) -> None:
        """Sleeps, with nothing left in memory."""
        await self._durable.wait(path, length)

    async def wait_until(self, path: str, moment: Value) -> None:
        """Sleeps until a moment: a time of day, a weekday and a time, a date."""
        await self._durable.wait(path, until=moments.moment(moment, self.now))

    async def wait_for(
        self, path: str, event: Awaited, *, longest: timedelta = timedelta(days=30)
    ) -> Value:
        """The event that came, also just before; nothing when none does in time, or when somebody
        whose word is waited for says no.
        """
        wanted: dict[str, JsonValue] = {
            f"metadata.{key}": plain(value) for key, value in event.where.items()
        }
        if event.type == "signal":
            topic = str(wanted.get("metadata.name", ""))
            word = consent.Word(topic, event.actor, event.entity)
            asked = await consent.asked(self._durable, self.standing, word=word, path=path)
            came = await self._durable.wait_for(path, topic, longest=longest)
            return None if asked and came == consent.NO else known(came)
        if event.type in self._durable.deployment.desk.ontology.connections:
            return await self._wait_for_tie(path, event, longest=longest)
        for key, value in (("entity", event.entity), ("actor", event.actor)):
            if isinstance(value, Thing):
                wanted[key] = str(value.id)
        topic = f"event:{event.type}"
        return calling.came(
            await self._durable.wait_for(path, topic, longest=longest, wanted=wanted)
        )

    async def _wait_for_tie(self, path: str, event: Awaited, *, longest: timedelta) -> Value:
        """A relation of two, also one that is there already."""
        one, other = event.actor, event.entity
        if not isinstance(one, Thing) or not isinstance(other, Thing):
            raise Invalid("One of the two whose relation is waited for isn't there.")
        wanted: dict[str, JsonValue] = {
            "from": str(one.id),
            "to": str(other.id),
            durable.BY: str(self.standing.author.id),
        }
        topic = f"{durable.TIE}{event.type}"
        came = await self._durable.wait_for(path, topic, longest=longest, wanted=wanted)
        return calling.came(came)

    # --- answers

    def passed_over(self, failure: OneError) -> None:
        """Keeps a failure that the feature goes on after."""
        self.failures.append(failure)

    def config(self, name: str) -> Value:
        """What a deployment has set: `currency`, `zone`, `siteUrl`; nothing for another name."""
        return moments.PROJECT.get(name)

    def show(self, values: Mapping[str, Value]) -> None:
        """Adds to what the feature answers."""
        self.shown.update(values)


def _or_undone(undo: Undo) -> Undo:
    """An undo to which it is as good when the service says that it was undone before."""

    async def act(run: Run) -> None:
        try:
            await undo(run)
        except Outside as error:
            if error.outcome != "done":
                raise

    return act


@dataclass(slots=True)
class Tries:
    """What is tried again. `failure` is the last try's, where none went well."""

    run: Run
    path: str
    times: int
    pause: timedelta
    growing: bool
    failure: OneError | None = None

    async def __aiter__(self) -> "AsyncGenerator[Try]":
        for n in range(1, self.times + 1):
            one = Try(self.run.at(f"{self.path}[try={n}]"))
            yield one
            self.failure = one.failure
            if self.failure is None:
                return
            if self.pause and n < self.times and self.run.engine is not None:
                longer = self.pause * 2 ** (n - 1) if self.growing else self.pause
                await self.run.engine.wait(f"{self.path}[try={n}].pause", longer)


@dataclass(slots=True)
class Try:
    """One try of several; within `async with` its failure is kept instead of raised."""

    run: Run
    failure: OneError | None = None
    _part: AbstractAsyncContextManager[None] | None = None

    async def __aenter__(self) -> Run:
        self._part = self.run.attempt()
        await self._part.__aenter__()
        return self.run

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> bool:
        assert self._part is not None
        await self._part.__aexit__(kind, error, None)
        self.failure = error if isinstance(error, OneError) else None
        return self.failure is not None


@dataclass(slots=True)
class Together:
    """A group of which all comes about or nothing."""

    run: Run
    undos: list[Undo] = field(default_factory=list[Undo])

    def undo_by(self, undo: Undo) -> None:
        """What takes back what has just been completed, should the rest fail."""
        self.undos.append(undo)

    def no_return(self) -> None:
        """From here on it only goes forward: what fails is tried again until it is done."""
        self.run.standing = self.run.standing.going_on
        if self.run.engine is not None:
            self.run.engine.no_return()
