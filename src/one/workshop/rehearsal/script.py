"""What shall happen in a rehearsal at which place, and what a run did there."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import JsonValue
from typing_extensions import override

from one.clock import new_id
from one.compiler.samples import sample
from one.errors import OneError, Outside
from one.ontology.services import Service
from one.providers.base import Answer, Mode, Provider
from one.runtime import durable
from one.runtime.durable.segment import Act as Doing
from one.runtime.durable.segment import Segment
from one.sdk.answers import failed_with
from one.sdk.calling import PLAIN, How
from one.sdk.data import Data
from one.sdk.refusal import Refusal
from one.sdk.run import Awaited, Run
from one.sdk.values import Thing, Value, known, plain

_WORDS = "The rehearsal lets this fail."
PLANNED: Value = {"failed": True, "message": _WORDS}
"""What a data command gives that fails because the rehearsal says so."""

_HERE: ContextVar[str] = ContextVar("the place of the call that is made", default="")


@dataclass(slots=True)
class Act:
    """One thing that a run did: what, with which values, and what came of it. `within` is the path
    of its transaction; of what is no data command, its own.
    """

    operation: str
    given: JsonValue
    within: str
    value: Value = None
    failed: bool = False
    claimed: bool = False


@dataclass(slots=True)
class Script:
    """By place, a path of the program without the numbers of items and tries: what answers, what
    fails, what comes. `acts` are by whole path.
    """

    answers: dict[str, Value] = field(default_factory=dict[str, Value])
    failing: set[str] = field(default_factory=set[str])
    coming: dict[str, Mapping[str, Value]] = field(default_factory=dict[str, Mapping[str, Value]])
    acts: dict[str, list[Act]] = field(default_factory=dict[str, list[Act]])
    sent: set[str] = field(default_factory=set[str])

    def note(self, path: str, operation: str, *given: Value) -> Act:
        """Something that isn't a data command."""
        act = Act(operation, [plain(one) for one in given], path)
        self.put(path, act)
        return act

    def put(self, path: str, *acts: Act) -> None:
        """What was done at a path within one transaction, instead of what was before."""
        within = {one.within for one in acts}
        kept = [one for one in self.acts.get(path, []) if one.within not in within]
        self.acts[path] = [*kept, *acts]


def place_of(path: str) -> str:
    """A path without the numbers of items and tries: `flow.3[try=1].do.0` → `flow.3.do.0`."""
    place, depth = "", 0
    for one in path:
        depth += one == "["
        place += one if not depth else ""
        depth -= one == "]"
    return place


class _Noted(Segment):
    """The commands of one transaction, noted as they are tried."""

    def __init__(self, inner: Segment, script: Script, *, front: str, within: str) -> None:
        super().__init__(inner.ctx)
        self.noted: dict[str, list[Act]] = {}
        self._inner, self._script, self._front, self._within = inner, script, front, within

    @override
    async def do(
        self, path: str, act: Doing, *, operation: str, given: JsonValue = None
    ) -> JsonValue:
        if self._inner.ctx is None:
            return await self._inner.do(path, act, operation=operation, given=given)
        one, where = Act(operation, given, self._within, failed=True), self._front + path
        self.noted.setdefault(where, []).append(one)
        if place_of(where) in self._script.failing and not operation.startswith(LOOKS):
            self.noted[where].remove(one)
            raise Refusal("planned", _WORDS)
        result = await self._inner.do(path, act, operation=operation, given=given)
        one.value, one.failed = known(result), False
        return result


LOOKS = ("admit", "balance", "connected", "find", "load", "owns", "pick", "visible")
"""Commands that change nothing."""


@dataclass(slots=True)
class RehearsedRun(Run):
    """A run that notes what it does, and does what its script says."""

    script: Script = field(default_factory=Script)

    @asynccontextmanager
    @override
    async def step(self, path: str) -> AsyncGenerator[Data]:
        async with Run.step(self, path) as data:
            front = self.front if self.engine is not None else ""
            within = self.front + path
            data.segment = noted = _Noted(data.segment, self.script, front=front, within=within)
            try:
                yield data
            finally:
                for where, acts in noted.noted.items():
                    self.script.put(where, *acts)

    @override
    async def call(
        self, path: str, what: str, *, params: Mapping[str, Value], how: How = PLAIN
    ) -> Value:
        place = self.front + path
        act = self.script.note(place, what, dict(params), said_of(how))
        _HERE.set(place_of(place))
        try:
            act.value = await Run.call(self, path, what, params=params, how=how)
        except OneError as failure:
            act.failed, act.value = True, failed_with(failure)
            raise
        finally:
            self.script.put(place, act)  # and not the letter that a message is sent by
        return act.value

    @override
    async def feature(self, path: str, slug: str, *, given: Mapping[str, Value]) -> Value:
        """Another feature is not run: it has rehearsals of its own."""
        place = self.front + path
        act = self.script.note(place, f"feature {slug}", dict(given))
        if place_of(place) in self.script.failing:
            act.failed = True
            raise Refusal("planned", _WORDS)
        act.value = self.script.answers.get(place_of(place))
        return act.value

    @override
    async def later(self, path: str, *, names: Mapping[str, Value], when: str = "") -> None:
        self.script.note(self.front + path, "later", dict(names), when)
        await Run.later(self, path, names=names, when=when)

    @override
    async def checkpoint(self, path: str, name: str, *, number: int | None = None) -> None:
        self.script.note(self.front + path, "checkpoint", name, number)
        await Run.checkpoint(self, path, name, number=number)

    @override
    async def wait(self, path: str, length: timedelta) -> None:
        self.script.note(self.front + path, "wait", length)
        await Run.wait(self, path, length)

    @override
    async def wait_until(self, path: str, moment: Value) -> None:
        self.script.note(self.front + path, "wait until", moment)
        await Run.wait_until(self, path, moment)

    @override
    async def wait_for(
        self, path: str, event: Awaited, *, longest: timedelta = timedelta(days=30)
    ) -> Value:
        place = self.front + path
        act = self.script.note(place, *waited_for(event, longest))
        facts = self.script.coming.get(place_of(place))
        if facts is not None and place not in self.script.sent:
            self.script.sent.add(place)
            await self._send(event, {**event.where, **facts})
        act.value = await Run.wait_for(self, path, event, longest=longest)
        return act.value

    async def _send(self, event: Awaited, facts: Mapping[str, Value]) -> None:
        """What is waited for, as if it had just happened."""
        engine = self._durable
        signal = event.type == "signal"
        tie = event.type in engine.deployment.desk.ontology.connections
        topic = f"{durable.TIE if tie else 'event:'}{event.type}"
        topic = str(facts.get("name", "")) if signal else topic
        metadata: JsonValue = {key: plain(one) for key, one in facts.items()}
        row: JsonValue = {
            "id": str(new_id()),
            "type": event.type,
            "entity": str(event.entity.id if isinstance(event.entity, Thing) else self.me.id),
            "actor": str(event.actor.id) if isinstance(event.actor, Thing) else None,
            "metadata": metadata,
            "occurredAt": self.now.isoformat(),
        }
        lease = engine.journal.lease
        payload = metadata if signal else row
        async with engine.deployment.desk.write(lease.space, lease.author) as store:
            await durable.send(store.session, lease.id, topic=topic, payload=payload)


def waited_for(event: Awaited, longest: timedelta) -> tuple[str, Value, Value, Value, Value]:
    """A wait as it is noted."""
    return f"wait for {event.type}", event.entity, event.actor, dict(event.where), longest


def said_of(how: How) -> dict[str, Value]:
    """How a call is made, as it is noted."""
    return {"tries": how.tries, "pause": how.pause, "timeout": how.timeout}


class Understudy:
    """A service's stand-in, with the answers and the failures of a script."""

    def __init__(self, service: Service, inner: Provider, *, script: Script) -> None:
        self._service, self._inner, self._script = service, inner, script

    @property
    def service(self) -> Service:
        return self._service

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def mode(self) -> Mode:
        return self._inner.mode

    @property
    def how(self) -> str:
        return self._inner.how

    async def call(self, method: str, params: Mapping[str, JsonValue], *, key: str) -> Answer:
        place = _HERE.get()
        if place in self._script.failing:
            raise Outside(
                f"{self.name}.{method} fails, as the rehearsal says.",
                outcome="not_done",
                retryable=False,
            )
        try:
            came = await self._inner.call(method, params, key=key)
        except Outside:  # what it would need outside is not there in a rehearsal
            came = _done(self._service, method, params, key=key)
        if place not in self._script.answers:
            return came
        answer = plain(self._script.answers[place])
        return {**came, **answer} if isinstance(answer, dict) else {**came, "value": answer}

    async def lookup(self, method: str, *, key: str) -> Answer:
        return await self._inner.lookup(method, key=key)

    async def close(self) -> None:
        await self._inner.close()


def _done(
    service: Service, method: str, params: Mapping[str, JsonValue], *, key: str
) -> dict[str, JsonValue]:
    """An answer as the catalogue has it."""
    action = service.by_name.get(method)
    signed: dict[str, JsonValue] = {
        "provider": service.name,
        "mode": "sandbox",
        "reference": f"{method} {key[-12:]}",
    }
    if action is None or not action.fields:
        return {**signed, "value": sample(action.result if action else "text")}
    given = {name: params.get(name, sample(kind)) for name, kind in action.fields.items()}
    return {**given, **signed}
