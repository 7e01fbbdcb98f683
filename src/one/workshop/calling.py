"""Calling a live feature. The pointer is read in the call's own transaction, so that a call that
begins after a deploy's answer meets what it made live, in whichever process.

A feature of data commands is that one transaction, with its finished run in it. Any other is a
durable run, of which the caller hears the end if it comes soon.
"""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from uuid import UUID

import orjson
from pydantic import JsonValue

from one.clock import monotonic, new_id
from one.domains.features import address_of, is_offered
from one.domains.features.triggers import author_of
from one.domains.runs import WITHHELD, shown
from one.errors import Broken, Conflict, NotFound, OneError, Outside
from one.runtime import Context, Deployment, require_scope, signed_in
from one.runtime.durable import Engine, Start, Which, raised, told
from one.runtime.input import parse, wire_name
from one.sdk import Refusal
from one.sdk.consent import Unsaid
from one.sdk.standing import Standing
from one.sdk.starting import CALLED, run_now
from one.sdk.values import Value, kept
from one.store import PLATFORM, Contended, Store, Viewer, revisions
from one.store import runs as stored
from one.store.history import awaits_child
from one.store.revisions import Feature
from one.store.runs import ENDED, End, Run
from one.store.session import Session
from one.store.uses import count_use
from one.workshop.shelf import Ready, Shelf

TRIES, PATIENCE = 3, 2.0
WAIT = 10.0  # seconds that a caller waits for the end of a run, unless they say otherwise
_PAUSE = 0.05
_OPERATION = "features.call"
_ANY_NUMBER = 2**31 - 1
_PLATFORM = Viewer(PLATFORM, "staff")


@dataclass(frozen=True, slots=True)
class Calling:
    """A call of a feature. `handle` is empty for the platform's own."""

    space: UUID
    actor: Viewer
    handle: str
    slug: str
    body: bytes
    key: str = ""
    wait: float = WAIT

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.handle}/{self.slug}".encode() + self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a call. Where the feature is a durable run, `run` says how that is."""

    id: UUID
    output: JsonValue
    run: Run | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Begun:
    """A durable run that this call began, or that its key had begun before."""

    id: UUID
    at: datetime
    mine: Start | None = None
    replayed: bool = False


class _Refused(Exception):
    """A feature of data commands that said no: nothing of it is left, but that."""

    def __init__(self, begun: Start, error: OneError) -> None:
        super().__init__()
        self.begun, self.error = begun, error


class Caller:
    """Calls features of one deployment, in one process."""

    def __init__(self, deployment: Deployment, engine: Engine, *, shelf: Shelf) -> None:
        self._deployment = deployment
        self._engine = engine
        self._shelf = shelf

    async def call(self, call: Calling) -> Came:
        """Raises NotFound, NotSignedIn, Denied, Invalid, Conflict, and what the feature refuses
        with.
        """
        require_scope(call.actor, room="runs", kind="write")
        came = await self._in_one(call)
        if isinstance(came, Came):
            return came
        run = await self._end(call, came.id)
        return Came(came.id, run.output, run, replayed=came.replayed)

    async def _end(self, call: Calling, id: UUID) -> Run:
        """The run once it is over, or as it is when that can't come within the wait."""
        desk, until = self._deployment.desk, monotonic() + call.wait
        while True:
            left = max(0.0, until - monotonic())
            run = await self._engine.come_to_rest(call.space, id, viewer=_PLATFORM, seconds=left)
            left = until - monotonic()
            if left <= 0 or run.status in (*ENDED, "stopped"):
                return run
            soonest = desk.clock.now() + timedelta(seconds=left)
            if run.wake_at is None or run.wake_at > soonest:
                async with desk.read(call.space, _PLATFORM, snapshot=False) as store:
                    alone = not await awaits_child(store.session, id)
                again = await self._engine.come_to_rest(
                    call.space, id, viewer=_PLATFORM, seconds=0.0
                )
                if alone and again == run:  # else what it waited for has just come
                    return run
            await asyncio.sleep(min(left, _PAUSE))

    async def _in_one(self, call: Calling) -> Came | _Begun:
        """The call's transaction, again if others were in its way."""
        tries, until, waiting = TRIES, monotonic() + PATIENCE, False
        while True:
            tries -= 1
            try:
                async with self._deployment.desk.write(call.space, call.actor) as store:
                    came = await self._begin(store, call, waiting=waiting)
            except Unsaid:  # somebody's yes is to be waited for, which a transaction can't
                waiting = True
                continue
            except Contended:
                if not tries or monotonic() > until:
                    raise
                await asyncio.sleep(0.02 * (TRIES - tries))
                continue
            except _Refused as refusal:
                raise await self._keep(call, refusal) from refusal.error
            if isinstance(came, _Begun) and came.mine is not None:
                held = stored.held(call.space, came.id, run=came.mine, created_at=came.at)
                self._engine.worker.take(held)
            return came

    async def _keep(self, call: Calling, refusal: "_Refused") -> OneError:
        """What a feature of data refused with is in its run, though nothing else is left of it."""
        error, id = refusal.error, new_id()
        end = End("failed", error.message, error=told(error))
        async with self._deployment.desk.write(call.space, call.actor) as store:
            await stored.keep_over(store.session, id, refusal.begun, end=end)
        error.details = {**error.details, "run": str(id), "status": "failed"}
        return error

    async def _begin(self, store: Store, call: Calling, *, waiting: bool) -> Came | _Begun:
        found = await _find(store.session, call)
        digest = digest_for(found, call)
        which = Which(call.space, found.owner, found.slug, digest)
        ready = await self._shelf.ready(which, store.session)
        absent = {wire_name(one.name) for one in ready.feature.fields if not one.needed}
        if not ready.sheet.runs.lets_in_visitors(absent):
            signed_in.admit(call.actor)
        given = _read(call, ready)
        if call.key and call.actor.id is not None:
            known = await store.recall(operation=_OPERATION, key=call.key, digest=call.digest)
            if known is not None:
                return _again(known.body, store.session.now)
        if ready.feature.durable or waiting:
            came = await self._start(store.session, call, which, ready=ready, given=given)
        else:
            came = await self._do(store, call, which, ready=ready, given=given)
        if call.key and call.actor.id is not None:
            done = isinstance(came, Came)
            said = orjson.dumps({"run": str(came.id), **({"output": came.output} if done else {})})
            await store.remember(
                operation=_OPERATION, key=call.key, status=200 if done else 202, answer=said
            )
        return came

    async def _do(
        self, store: Store, call: Calling, which: Which, *, ready: Ready, given: dict[str, Value]
    ) -> Came:
        """The whole of a feature of data commands."""
        desk, author, id = self._deployment.desk, author_of(which.author), new_id()
        session = desk.session_of(store.session.tx, call.space, author)
        ctx = Context(Store(session), author, call.space, self._deployment)
        standing = Standing(author, id, ready.sheet, called=True, runner=call.actor.id)
        begun = _start(call, which, given)
        try:
            output = await run_now(ready.feature, ctx, given=given, standing=standing)
        except (Contended, Outside):
            raise
        except OneError as error:
            raise _Refused(begun, error) from error
        end = End("done", output={**output})
        await stored.keep_over(session, id, begun, end=end)
        return Came(id, end.output)

    async def _start(
        self,
        session: Session,
        call: Calling,
        which: Which,
        *,
        ready: Ready,
        given: dict[str, Value],
    ) -> _Begun:
        """A run, which is this process's own to work at where it has room. What gives something
        answers the same call with the run that lives.
        """
        begun, worker = _start(call, which, given), self._engine.worker
        if begun.runner is not None and any(not gift.sold for gift in ready.sheet.gifts):
            one = f"call:{begun.runner}:{call.digest}"  # of two at once one waits for the other
            await count_use(session, one, limit=_ANY_NUMBER, day=session.now.date())
            known = await stored.living(session, begun)
            if known is not None:
                return _Begun(known, session.now, replayed=True)
        if not worker.room:
            id, _ = await stored.start(session, begun)
            return _Begun(id, session.now)
        id, _ = await stored.start(session, begun, owner=worker.name, lease=worker.lease)
        return _Begun(id, session.now, begun)


def _read(call: Calling, ready: Ready) -> dict[str, Value]:
    """What is given; whoever runs it need not say who they are. Raises Invalid."""
    runs = ready.sheet.runs
    guest = call.actor.id is None and runs.who == "guests"
    return ready.feature.read(_with_runner(call, runs.runner), without=runs.runner if guest else "")


def refuse(viewer: Viewer, run: Run) -> None:
    """Raises what a run ended with that did not end well."""
    details: dict[str, JsonValue] = {"run": str(run.id), "status": run.status}
    if run.status == "failed" and isinstance(run.error, dict):
        raise _of(viewer, run, run.error, details=details)
    if run.status == "cancelled":
        raise Conflict("The run was cancelled.", cure="Call again.", details=details)
    if run.status == "dead":
        raise Broken(
            "The run broke on our side; its author can take it up again.",
            cure="Call again later.",
            details=details,
        )


def _of(
    viewer: Viewer, run: Run, kept: dict[str, JsonValue], *, details: dict[str, JsonValue]
) -> OneError:
    """The error that a run keeps; of a service's, only its author hears more than that it was."""
    error = raised(kept)
    if isinstance(error, Outside) and shown(viewer, run).error != run.error:
        error = Outside(WITHHELD, outcome="unknown", retryable=False)
    if "code" in error.details:
        error = Refusal(str(error.details["code"]), error.message)
    error.details = {**error.details, **details}
    return error


def _with_runner(call: Calling, runner: str) -> bytes:
    """The body; the input that is whoever runs it need not be sent by them. Raises Invalid."""
    given = parse(call.body or b"{}")
    if runner and isinstance(given, dict) and runner not in given and call.actor.id is not None:
        return orjson.dumps({**given, runner: str(call.actor.id)})
    return call.body or b"{}"


def _start(call: Calling, which: Which, given: dict[str, Value]) -> Start:
    nobody: dict[str, JsonValue] = {CALLED: True} if call.actor.id is None else {}
    return Start(
        feature=which.feature,
        digest=which.digest,
        author=author_of(which.author),
        runner=call.actor.id,
        input=nobody
        | {wire_name(name): kept(value) for name, value in given.items() if value is not None},
    )


def _again(body: bytes, now: datetime) -> Came | _Begun:
    """What this key came to before."""
    known = orjson.loads(body)
    id = UUID(known["run"])
    return (
        Came(id, known["output"], replayed=True)
        if "output" in known
        else _Begun(id, now, replayed=True)
    )


async def _find(session: Session, call: Calling) -> Feature:
    """Raises NotFound, with the nearest names, also for what is retired."""
    if "\0" in call.handle + call.slug:
        found = None
    elif call.handle:
        found = await revisions.called(session, call.handle, call.slug)
    else:
        found = await revisions.feature(session, PLATFORM, call.slug)
    if found is not None and found.retired_at is None:
        return found
    handles = await revisions.handles(session)
    live = await revisions.live_revisions(session, None)
    known = [(address_of(handles.get(e.owner), e.slug), e.slug) for e in live if is_offered(e)]
    asked = address_of(call.handle, call.slug)
    near = _nearest(call.slug, known, asked=asked)
    gone = " It was retired." if found is not None else ""
    raise NotFound(
        f"There is no feature at {asked}.{gone}",
        cure=f"Nearest: {', '.join(near)}." if near else "/openapi.json lists the features.",
        details={"near": [*near]},
    )


def _nearest(slug: str, known: Sequence[tuple[str, str]], *, asked: str) -> list[str]:
    """Addresses of features with a name like this one, or with a word of it, the nearest first;
    of several with one name that first which is most like what was asked for.
    """
    close = get_close_matches(slug, [name for _, name in known], n=3, cutoff=0.6)
    words = {word for word in re.split(r"[_-]+", slug) if len(word) > 2} - {"the", "and", "for"}
    akin = [name for _, name in known if words & {*re.split(r"[_-]+", name)}]
    names = [*dict.fromkeys([*close, *akin])][:3]
    found: list[str] = []
    for name in names:
        several = [address for address, one in known if one == name]
        found += get_close_matches(asked.lower(), several, n=3, cutoff=0)
    return found[:3]


def digest_for(found: Feature, call: Calling) -> str:
    """The live revision's, or the canary's for its share of the callers; each always meets the
    same one.
    """
    if found.canary_digest is None or found.canary_percent is None:
        return found.digest
    who = call.actor.id or call.key or new_id()
    drawn = hashlib.sha256(f"{found.owner}/{found.slug}/{who}".encode()).digest()
    share = int.from_bytes(drawn[:4], "big") % 100
    return found.canary_digest if share < found.canary_percent else found.digest
