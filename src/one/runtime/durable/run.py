"""The run as a feature's code has it: what a scope can do, and the shapes of a flow around it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self, TypeVar

from pydantic import JsonValue

from one.errors import Invalid, OneError
from one.runtime.context import Context
from one.runtime.durable.journal import Refused, place, raised
from one.runtime.durable.news import MOST_DEPTH
from one.runtime.durable.parting import (
    Cancelled,
    Diverged,
    Fenced,
    Interrupted,
    Parting,
    Suspended,
)
from one.runtime.durable.scope import Scope, row
from one.store import Viewer
from one.store import runs as stored
from one.store.runs import DEFAULT_QUEUE, Start

MOST_ITEMS = 10_000
_AT_ONCE = 10
_LONGEST_CHILD = timedelta(days=365)

Body = Callable[["Run"], Awaitable[JsonValue]]
ItemBody = Callable[["Run", JsonValue], Awaitable[JsonValue]]
Rescue = Callable[["Run", OneError], Awaitable[JsonValue]]
KeyOf = Callable[[JsonValue], str]
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Looping:
    """How a list is gone through; with `carry_on` an item that fails is left out."""

    parallel: bool = False
    carry_on: bool = False


ONE_BY_ONE = Looping()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sub:
    """A run that a run begins. `after` it waits at least so long. `by` somebody else than who this
    run acts for, it is run by the latter.
    """

    feature: str
    digest: str
    input: Mapping[str, JsonValue]
    queue: str = DEFAULT_QUEUE
    after: timedelta = timedelta()
    by: Viewer | None = None


@dataclass(slots=True)
class Run(Scope):
    """Bodies get a run of their own, whose paths begin with the place of the body."""

    undos: list[tuple[str, Body]] = field(default_factory=list[tuple[str, Body]])

    def at(self, front: str) -> Self:
        """The run of a body at a place."""
        return replace(self, front=f"{self.front}{front}.")

    async def _under(self, inner: Self, body: Body) -> JsonValue:
        """A body that is run here and now: its time goes on here."""
        try:
            return await body(inner)
        finally:
            self.now = max(self.now, inner.now)

    async def progress(self, path: str, text: str, *, share: float | None = None) -> None:
        """Tells those who follow the run how far it is; `share` of the whole, 0 to 1."""
        at = place(self.front + path, "progress", given=[text, share])
        known = self.found(at)
        if known is None:
            self.journal.go_on(shielded=self.shielded)
            said: dict[str, JsonValue] = {"text": text, "share": share}
            known = await self.write(row(at, "done", when=self.clock(), result=said))
        self.outcome(known)

    # --- many at once, one after the other

    async def parallel(self, path: str, branches: Mapping[str, Body]) -> dict[str, JsonValue]:
        """All branches at the same time; what each gives, by its name.

        Raises what the first of them raised, in their order, once all are through.
        """
        runs = {name: self.at(f"{path}.{name}") for name in branches}
        came = await _all([body(runs[name]) for name, body in branches.items()])
        self.now = max([self.now, *(run.now for run in runs.values())])
        return dict(zip(branches, came, strict=True))

    async def each(
        self,
        path: str,
        items: Sequence[JsonValue],
        *,
        body: ItemBody,
        key: KeyOf | None = None,
        how: Looping = ONE_BY_ONE,
    ) -> list[JsonValue]:
        """The body for each item, which has its key, or else its place, in the path.

        Raises Invalid for too many items or two with one key.
        """
        if len(items) > MOST_ITEMS:
            raise Invalid(
                f"A list of {len(items):,} is too long.", cure=f"At most {MOST_ITEMS:,} fit."
            )
        names = [key(item) if key else str(n) for n, item in enumerate(items, 1)]
        if len(set(names)) < len(names):
            raise Invalid("Two items of the list are the same one.", cure="Take each once.")
        runs = [self.at(f"{path}[item={name}]") for name in names]
        if how.parallel:
            gate = asyncio.Semaphore(_AT_ONCE)

            async def gated(run: Self, item: JsonValue) -> list[JsonValue]:
                async with gate:
                    return await _item(run, item, body=body, carry_on=how.carry_on)

            came = await _all([gated(run, item) for run, item in zip(runs, items, strict=True)])
        else:
            came = list[list[JsonValue]]()
            for run, item in zip(runs, items, strict=True):
                run.now = self.now
                came.append(await _item(run, item, body=body, carry_on=how.carry_on))
                self.now = max(self.now, run.now)
        self.now = max([self.now, *(run.now for run in runs)])
        return [result for results in came for result in results]

    # --- what may fail

    async def attempt(
        self, path: str, body: Body, *, rescue: Rescue | None = None, always: Body | None = None
    ) -> JsonValue:
        """A body, what is done about its failure, and what is done either way."""
        try:
            result = await self._rescued(path, body, rescue)
        except (OneError, Cancelled):
            if always is not None:
                await self._always(path, always)
            raise
        if always is not None:
            await self._always(path, always)
        return result

    async def _rescued(self, path: str, body: Body, rescue: Rescue | None) -> JsonValue:
        try:
            return await self._under(self.at(f"{path}.do"), body)
        except OneError as error:
            if rescue is None:
                raise
            failure = error

        async def mend(run: Run) -> JsonValue:
            return await rescue(run, failure)

        return await self._under(self.at(f"{path}.rescue"), mend)

    async def _always(self, path: str, body: Body) -> None:
        inner = self.at(f"{path}.always")
        inner.shielded = True
        await self._under(inner, body)

    async def retry(
        self,
        path: str,
        body: Body,
        *,
        times: int,
        pause: timedelta = timedelta(),
        fallback: Rescue | None = None,
    ) -> JsonValue:
        """The body until it doesn't fail, so many times, with a sleep between; then the fallback.

        Raises what the last try raised where there is no fallback.
        """
        n = 1
        while True:
            try:
                return await self._under(self.at(f"{path}[try={n}]"), body)
            except OneError as error:
                failure = error
            if n >= times:
                break
            if pause:
                await self.wait(f"{path}[try={n}].pause", pause)
            n += 1
        if fallback is None:
            raise failure

        async def instead(run: Run) -> JsonValue:
            return await fallback(run, failure)

        return await self._under(self.at(f"{path}.fallback"), instead)

    # --- all or nothing

    async def together(self, path: str, body: Body, *, failed: Body | None = None) -> JsonValue:
        """A body of which all comes about, or nothing: what `undo_by` named is undone, the last
        first, each until it is done; then `failed` has its turn, and the error is raised on.
        """
        inner = self.at(path)
        inner.undos = []
        try:
            return await self._under(inner, body)
        except (OneError, Cancelled):
            for front, undo in reversed(inner.undos):
                await self._undo(f"{path}.undo.{front}", undo)
            if failed is not None:
                await self._undo(f"{path}.failed", failed)
            raise

    def undo_by(self, path: str, body: Body) -> None:
        """What takes back what has just been completed at a place, should the rest fail."""
        self.undos.append((path, body))

    def no_return(self) -> None:
        """From here on `together` only goes forward: what fails is tried again until it is done."""
        self.shielded = self.determined = True

    async def _undo(self, path: str, body: Body) -> None:
        await self._under(self.at(path).steadfast(determined=True), body)

    def steadfast(self, *, determined: bool) -> Self:
        """The same, for what is done though the run shall stop; `determined` until it is done."""
        return replace(self, shielded=True, determined=determined)

    # --- other runs

    async def child(self, path: str, sub: Sub) -> JsonValue:
        """Another feature's run, waited for; its output. Raises what it failed with."""
        topic = f"child:{self.front}{path}"
        await self._begin(f"{path}.begin", sub, topic=topic)
        came = await self.wait_for(f"{path}.end", topic, longest=_LONGEST_CHILD)
        if not isinstance(came, dict):
            raise Refused(f"{sub.feature} did not end within {_LONGEST_CHILD.days} days.")
        if came.get("status") == "done":
            return came.get("output")
        error = came.get("error")
        raise (
            raised(error)
            if isinstance(error, dict)
            else Refused(f"{sub.feature} ended: {came.get('status')}. {came.get('reason')}".strip())
        )

    async def later(self, path: str, sub: Sub) -> JsonValue:
        """Another feature's run that goes its own way; its id."""
        return await self._begin(path, sub, topic=None)

    async def _begin(self, path: str, sub: Sub, *, topic: str | None) -> JsonValue:
        lease = self.journal.lease
        if lease.depth >= MOST_DEPTH:
            raise Invalid(f"Features that run features are {MOST_DEPTH} deep here, the most.")
        key = f"child:{self.id_of_run}:{self.front}{path}"
        by = sub.by or lease.author
        runner = lease.runner if by.id == lease.author.id else lease.author.id

        async def begin(ctx: Context) -> JsonValue:
            start = Start(
                feature=sub.feature,
                digest=sub.digest,
                author=by,
                runner=runner,
                input=sub.input,
                queue=sub.queue,
                after=ctx.store.session.now + sub.after,
                key=key,
                parent=self.id_of_run,
                parent_topic=topic,
                depth=lease.depth + 1,
            )
            id, _ = await stored.start(ctx.store.session, start)
            return str(id)

        given: JsonValue = [sub.feature, dict(sub.input)]
        return await self.step(path, begin, operation="begin", given=given)


async def _item(run: Run, item: JsonValue, *, body: ItemBody, carry_on: bool) -> list[JsonValue]:
    """What the body gives for an item; nothing where it failed and that is to be passed over."""
    try:
        return [await body(run, item)]
    except OneError:
        if not carry_on:
            raise
        return []


_FIRST: tuple[type[BaseException], ...] = (Fenced, Interrupted, Diverged)


async def _all(works: Sequence[Awaitable[ResultT]]) -> list[ResultT]:
    """What all of them give. A branch that sleeps goes before one that is over, so that nobody
    leaves while another has things to take back.
    """
    came = await asyncio.gather(*works, return_exceptions=True)
    errors = [each for each in came if isinstance(each, BaseException)]
    for kind in _FIRST:
        for error in errors:
            if isinstance(error, kind):
                raise error
    for error in errors:
        if isinstance(error, Exception) and not isinstance(error, OneError):
            raise error
    waits = [step for error in errors if isinstance(error, Suspended) for step in error.waits]
    if waits:
        raise Suspended(waits)
    for error in sorted(errors, key=lambda error: not isinstance(error, Parting)):
        raise error
    return [each for each in came if not isinstance(each, BaseException)]
