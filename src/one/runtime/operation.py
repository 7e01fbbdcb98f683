"""One declaration that is the route, the action, the sub-command, the docs and the transaction.

A room writes an async function whose first parameter is the Context and whose others are
keyword-only; `@operation` says its kind, who may call it and what it raises. Rooms call it as
the function it is, in the caller's transaction; doors `invoke` it, each time in its own.
"""

import asyncio
import hashlib
import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from types import ModuleType
from typing import (
    Concatenate,
    Generic,
    NotRequired,
    ParamSpec,
    Protocol,
    TypedDict,
    TypeVar,
    Unpack,
    cast,
)
from uuid import UUID

import orjson
from pydantic import JsonValue, TypeAdapter

from one.clock import monotonic
from one.errors import Conflict, Denied, Invalid, NotFound, OneError, Outside, TooMany
from one.runtime.allow import Rule, require_scope
from one.runtime.context import NOTHING_MORE, Asked, Context, Deployment, Kind
from one.runtime.input import Input, parse, wire_name
from one.runtime.limits import Limit
from one.runtime.looking import as_asked, keep_look
from one.store import Contended, Page, Premise, Store, Viewer

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)
TRIES = 3
PATIENCE = 2.0  # seconds; who has waited longer for a lock isn't made to wait again


class Stated(TypedDict):
    """`route` defaults to `/api/<room>/<verb-noun>`: GET to read, POST to write.

    A read whose statements needn't see the same moment, as when there is only one, says
    `snapshot=False` and saves the two that open and close it. What stands above the rooms says in
    which `room` people look for it. `limits` count calls from outside, refused ones too. What
    `secret` answers is kept sealed for who repeats the request. `refused` is called, when nothing
    of the call is left, for what is to be kept of who was refused (Denied, NotFound).
    """

    kind: Kind
    allow: Rule
    raises: NotRequired[tuple[type[OneError], ...]]
    route: NotRequired[str]
    status: NotRequired[int]
    mcp: NotRequired[bool]
    snapshot: NotRequired[bool]
    room: NotRequired[str]
    limits: NotRequired[tuple[Limit, ...]]
    secret: NotRequired[bool]
    refused: NotRequired["Refused"]


class Prepared(ABC):
    """An argument that takes work before the transaction begins, which would be held up by it."""

    @abstractmethod
    async def prepare(
        self, deployment: Deployment, call: "Call", *, arguments: Mapping[str, object]
    ) -> None:
        """Raises what the operation declares."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call from outside: what stands in the path, and the rest in the query or as JSON.
    `premise`: that the actor is who they were, for an operation that is one statement.
    """

    actor: Viewer
    space: UUID
    path: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    asked: Asked = NOTHING_MORE
    premise: Premise | None = None

    @property
    def digest(self) -> str:
        return hashlib.sha256(repr((self.path, self.query)).encode() + self.body).hexdigest()


class Refused(Protocol):
    """What is done about a call that was refused."""

    async def __call__(
        self, deployment: Deployment, call: Call, *, arguments: Mapping[str, object]
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to. `id` and `version` are those of `body`, where it is one thing.
    `session`: the secret of the session that the caller is in from now on; empty for in none.
    """

    status: int
    body: bytes
    id: str | None = None
    version: int | None = None
    replayed: bool = False
    session: str | None = None


class Undeclared(Exception):
    """A bug: an operation raised an error that it does not declare."""


class Operation(Generic[P, R_co]):
    def __init__(
        self, function: Callable[Concatenate[Context, P], Awaitable[R_co]], stated: Stated
    ) -> None:
        self._function = function
        self.name = function.__name__
        self.room = stated.get("room") or _room(function.__module__)
        self.doc = inspect.getdoc(function) or ""
        self.kind: Kind = stated["kind"]
        self.allow = stated["allow"]
        self.mcp = stated.get("mcp", False)
        self.snapshot = stated.get("snapshot", True)
        self._limits = stated.get("limits", ())
        self._refused = stated.get("refused")
        self._secret = stated.get("secret", False)
        default = f"{'GET' if self.kind == 'read' else 'POST'} /api/{self.room}/{self.verb_noun}"
        self.method, self.path = stated.get("route", default).split(" ")
        signature = inspect.signature(function, eval_str=True)
        self.result = signature.return_annotation
        self.status = stated.get("status", 204 if self.result is None else 200)
        in_path = set(re.findall(r"{(\w+)}", self.path))
        parameters = _parameters(self.name, signature, in_path=in_path)
        self.in_path = Input(
            f"{self.name}_path", {n: p for n, p in parameters.items() if wire_name(n) in in_path}
        )
        self.input = Input(
            self.name, {n: p for n, p in parameters.items() if wire_name(n) not in in_path}
        )
        limited = (TooMany,) if self._limits else ()
        stated_raises = (*stated.get("raises", ()), *self.allow.raises, *limited)
        self.raises = tuple(dict.fromkeys(stated_raises))
        implied = (Invalid, Outside) if self.kind == "read" else (Invalid, Outside, Conflict)
        self._expected = (*self.raises, *implied, Contended)

    @property
    def verb_noun(self) -> str:
        return self.name.replace("_", "-")

    @property
    def tool(self) -> str:
        """What an assistant calls it, where it may."""
        return f"{self.room}_{self.name}"

    @property
    def summary(self) -> str:
        return self.doc.partition("\n")[0]

    @property
    def reads_url(self) -> bool:
        """Whether the input comes from the query rather than from a body."""
        return self.method in ("GET", "DELETE")

    @cached_property
    def adapter(self) -> TypeAdapter[R_co]:
        return TypeAdapter(cast("type[R_co]", self.result))

    def admit(self, actor: Viewer) -> None:
        """That they may call it from outside, as far as that can be told without looking.

        Raises NotSignedIn, Denied.
        """
        self.allow.admit(actor)
        if not self.allow.by_link:
            require_scope(actor, room=self.room, kind=self.kind)

    async def __call__(self, ctx: Context, *args: P.args, **arguments: P.kwargs) -> R_co:
        """The operation within the caller's transaction, under its own rule."""
        self.allow.admit(ctx.actor)
        try:
            if self.allow.check:
                await self.allow.check(ctx, arguments)
            return await self._function(ctx, *args, **arguments)
        except OneError as error:
            if isinstance(error, self._expected):
                raise
            raise Undeclared(f"{self.name} raised {type(error).__name__}: {error}") from error

    async def invoke(self, deployment: Deployment, call: Call) -> Answer:
        """Reads the input, then runs in one transaction, again if others were in its way.

        Raises what the operation declares, Invalid, Conflict when it writes, and Fallen.
        """
        call = self._by_right(call)
        self.admit(call.actor)
        arguments = self._read(call)
        if not self._limits:
            return await self._told(deployment, call, arguments)
        values = _counted(call, arguments)
        for limit in self._limits:
            await deployment.limiter.spend(
                deployment.desk, call.space, name=self.name, limit=limit, values=values
            )
        answer = await self._told(deployment, call, arguments)
        for limit in self._limits:
            if limit.refused:
                await deployment.limiter.give_back(
                    deployment.desk, call.space, name=self.name, limit=limit, values=values
                )
        return answer

    async def _told(
        self, deployment: Deployment, call: Call, arguments: dict[str, object]
    ) -> Answer:
        """The answer; a refusal is told to who keeps them."""
        try:
            return await self._prepared(deployment, call, arguments)
        except (Denied, NotFound):
            if self._refused is not None:
                await self._refused(deployment, call, arguments=arguments)
            raise

    def _by_right(self, call: Call) -> Call:
        """Of staff who aren't to change what is others', the person alone."""
        if self.kind == "read" or call.actor.staff_role in (None, "owner", "admin"):
            return call
        return replace(call, actor=call.actor.without_staff())

    def _said(self, call: Call) -> dict[str, JsonValue]:
        """What a door without addresses was asked for; a text to check looks at nothing."""
        said = parse(call.body) if call.body and self.reads_url else {}
        return cast("dict[str, JsonValue]", said)

    async def _prepared(
        self, deployment: Deployment, call: Call, arguments: dict[str, object]
    ) -> Answer:
        if self.kind == "read" and not self.allow.by_link:
            asked = as_asked((*call.path, *call.query)) | self._said(call)
            await keep_look(
                deployment, call.actor, space=call.space, operation=self.name, asked=asked
            )
        for value in arguments.values():
            if isinstance(value, Prepared):
                await value.prepare(deployment, call, arguments=arguments)
        tries, patience = (TRIES if self.kind == "write" else 1), monotonic() + PATIENCE
        while True:
            tries -= 1
            try:
                async with self._open(deployment, call) as store:
                    ctx = Context(store, call.actor, call.space, deployment, call.asked)
                    return await self._answer(ctx, call, arguments)
            except Contended:
                if not tries or monotonic() > patience:
                    raise
                await asyncio.sleep(0.02 * (TRIES - tries))

    def _open(self, deployment: Deployment, call: Call) -> AbstractAsyncContextManager[Store]:
        if self.kind == "write":
            return deployment.desk.write(call.space, call.actor)
        return deployment.desk.read(
            call.space, call.actor, snapshot=self.snapshot, premise=call.premise
        )

    def _read(self, call: Call) -> dict[str, object]:
        arguments = self.in_path.read_url(call.path) if call.path else {}
        if not call.query:
            return arguments | self.input.read(call.body or b"{}")
        if not self.reads_url:
            name = call.query[0][0]
            raise Invalid(f"`{name}` can't stand in the address.", cure="Send it in the JSON body.")
        return arguments | self.input.read_url(call.query)

    async def _answer(self, ctx: Context, call: Call, arguments: dict[str, object]) -> Answer:
        key = call.asked.idempotency_key
        if not key or self.kind == "read" or call.actor.id is None:
            return await self._run(ctx, arguments)
        name = f"{self.room}.{self.name}"
        known = await ctx.store.recall(operation=name, key=key, digest=call.digest)
        seal = ctx.deployment.seal if self._secret else None
        if known is not None:
            kept = known.body if seal is None else (seal.open(known.body.decode()) or "").encode()
            return _replay(known.status, kept)
        answer = await self._run(ctx, arguments)
        body = answer.body if seal is None else seal.close(answer.body.decode()).encode()
        await ctx.store.remember(operation=name, key=key, status=answer.status, answer=body)
        return answer

    async def _run(self, ctx: Context, arguments: dict[str, object]) -> Answer:
        result = await self(ctx, **arguments)  # pyright: ignore[reportCallIssue] # Input read them
        if result is None:
            return Answer(self.status, b"")
        if isinstance(result, Page):
            return Answer(self.status, result.to_json())
        id, version = getattr(result, "id", None), getattr(result, "version", None)
        session = getattr(result, "session_secret", None)
        body = self.adapter.serializer.to_json(result, by_alias=True)
        return Answer(self.status, body, None if id is None else str(id), version, session=session)


AnyOperation = Operation[..., object]


def operation(
    **stated: Unpack[Stated],
) -> Callable[[Callable[Concatenate[Context, P], Awaitable[R_co]]], Operation[P, R_co]]:
    """Declares an operation. Without a rule of who may call it, it is an error at import."""
    if "allow" not in stated:
        raise TypeError("An operation says who may call it: allow=…")

    def declare(
        function: Callable[Concatenate[Context, P], Awaitable[R_co]],
    ) -> Operation[P, R_co]:
        return Operation(function, stated)

    return declare


def operations_of(*rooms: ModuleType) -> tuple[AnyOperation, ...]:
    """The operations in the faces of rooms, in the order they are written there."""
    found = (value for room in rooms for value in vars(room).values())
    return tuple(cast(AnyOperation, value) for value in found if isinstance(value, Operation))


def _counted(call: Call, arguments: Mapping[str, object]) -> dict[str, object]:
    """What limits count by."""
    origin = call.asked.origin
    known = {"address": origin.address, "session": origin.session, "actor": call.actor.id}
    return {**arguments, **known}


def _replay(status: int, body: bytes) -> Answer:
    facts: object = orjson.loads(body) if body else None
    if not isinstance(facts, dict):
        return Answer(status, body, replayed=True)
    known = cast("dict[str, object]", facts)
    id, version = known.get("id"), known.get("version")
    return Answer(
        status,
        body,
        id=id if isinstance(id, str) else None,
        version=version if isinstance(version, int) else None,
        replayed=True,
    )


def _room(module: str) -> str:
    """`one.domains.payments.splits` → `payments`."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["one", "domains"] else parts[-1]


def _parameters(
    name: str, signature: inspect.Signature, *, in_path: set[str]
) -> Mapping[str, inspect.Parameter]:
    _, *rest = signature.parameters.values()
    for parameter in rest:
        if parameter.kind is not parameter.KEYWORD_ONLY or parameter.annotation is parameter.empty:
            raise TypeError(f"{name}: `{parameter.name}` must be keyword-only and have a type.")
    if absent := in_path - {wire_name(parameter.name) for parameter in rest}:
        raise TypeError(f"{name}: the route names {sorted(absent)}, which it does not take.")
    return {parameter.name: parameter for parameter in rest}
