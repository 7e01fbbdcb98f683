"""Providers: what can be asked of a service outside, and what is known of a call afterwards."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import orjson
from pydantic import JsonValue
from typing_extensions import override

from one.clock import Clock
from one.errors import Outside
from one.ontology.services import Service
from one.providers.base.asking import Ask, Values, refused
from one.providers.base.books import Book, Books, Fields, Passing
from one.providers.base.faults import Faults

Mode = Literal["live", "test", "sandbox", "local"]
"""live: the real thing · test: its own test mode · sandbox: our stand-in, which does nothing
outside · local: the real thing, on this machine."""

Answer = dict[str, JsonValue]
"""The fields that the catalogue declares, or `value` where an action gives one thing; always
`provider`, `mode` and `reference`, the service's own name for what was done."""

Act = Callable[[Ask], Awaitable[Fields]]
BookAct = Callable[[Book, Ask], Awaitable[Fields]]


class Provider(Protocol):
    """A service outside, live or stood in for; which of both was decided when ONE began."""

    @property
    def service(self) -> Service: ...

    @property
    def name(self) -> str: ...

    @property
    def mode(self) -> Mode: ...

    @property
    def how(self) -> str:
        """How it came to be what it is, for those who run the deployment."""
        ...

    async def call(self, method: str, params: Values, *, key: str) -> Answer:
        """Asks for something, once per key. Raises Outside."""
        ...

    async def lookup(self, method: str, *, key: str) -> Answer:
        """What came of the call with a key. Raises Outside: `not_done` when it never was made;
        retryable when that can't be told for now.
        """
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """What providers work with. `ledger`: the books know the ledger of tokens."""

    clock: Clock = field(default_factory=Clock)
    books: Books = field(default_factory=Passing)
    faults: Faults = field(default_factory=Faults)
    ledger: bool = False


async def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Reach:
    """How a service is reached. `seek` looks up a past call; without it, what only reads was never
    done, and of anything else nobody knows. `leave` lets go what is held.
    """

    mode: Mode
    how: str
    seek: Act | None = None
    leave: Callable[[], Awaitable[None]] = _nothing


class _Basis(ABC):
    """A call from its arguments to its signed answer, with the faults planted in a stand-in."""

    def __init__(
        self, service: Service, methods: Collection[str], *, stage: Stage, reach: Reach
    ) -> None:
        self._service = service
        self._methods = methods
        self._stage = stage
        self._reach = reach

    @property
    def service(self) -> Service:
        return self._service

    @property
    def name(self) -> str:
        return self._service.name

    @property
    def mode(self) -> Mode:
        return self._reach.mode

    @property
    def how(self) -> str:
        return self._reach.how

    @property
    def _may_fail(self) -> bool:
        """Whether faults are planted in it."""
        return self.mode == "sandbox"

    async def call(self, method: str, params: Values, *, key: str) -> Answer:
        ask = self._ask(method, params, key=key)
        planted = self._stage.faults.next(self.name, method) if self._may_fail else None
        if planted is not None and (instead := planted.before()) is not None:
            if planted.for_good and (known := await self._known(ask)) is not None:
                return known
            raise instead
        answer = await self._answer(ask)
        if planted is not None:
            await planted.after()
        return answer

    async def close(self) -> None:
        await self._reach.leave()

    @abstractmethod
    async def _answer(self, ask: Ask) -> Answer: ...

    async def _known(self, ask: Ask) -> Answer | None:
        """What this key has come to already: who has done something doesn't refuse it then."""
        del ask
        return None

    def _ask(self, method: str, params: Values, *, key: str) -> Ask:
        if method not in self._methods:
            known = ", ".join(self._methods)
            raise refused(
                f"{self.service.title} doesn't know how to {method}.", cure=f"It knows {known}."
            )
        return Ask(self.service, method, params, key, self._stage.clock.now())

    def _signed(self, ask: Ask, fields: Fields) -> Answer:
        reference = fields.get("reference") or fields.get("id") or ask.id("ref")
        return {**fields, "provider": self.name, "mode": self.mode, "reference": reference}


class Direct(_Basis):
    """A service each of whose actions is a function of the call."""

    def __init__(
        self, service: Service, acts: Mapping[str, Act], *, stage: Stage, reach: Reach
    ) -> None:
        super().__init__(service, acts, stage=stage, reach=reach)
        self._acts = acts

    async def lookup(self, method: str, *, key: str) -> Answer:
        ask = self._ask(method, {}, key=key)
        if self._reach.seek is not None:
            return self._signed(ask, await self._reach.seek(ask))
        if ask.action.effect == "pure":
            raise never(ask)
        raise Outside(
            f"{self.service.title} can't say whether {method} was done.",
            outcome="unknown",
            retryable=False,
        )

    @override
    async def _answer(self, ask: Ask) -> Answer:
        return self._signed(ask, await self._acts[ask.method](ask))


class StandIn(_Basis):
    """What does as the service would, and nothing outside: each effect once per key, kept in its
    book for as long as the data of the deployment is.
    """

    def __init__(
        self, service: Service, acts: Mapping[str, BookAct], *, stage: Stage, how: str | Reach
    ) -> None:
        reach = how if isinstance(how, Reach) else Reach("sandbox", how)
        super().__init__(service, acts, stage=stage, reach=reach)
        self._acts = acts

    @property
    @override
    def _may_fail(self) -> bool:
        return True

    async def lookup(self, method: str, *, key: str) -> Answer:
        ask = self._ask(method, {}, key=key)
        known = await self._known(ask)
        if known is None:
            raise never(ask)
        return known

    @override
    async def _known(self, ask: Ask) -> Answer | None:
        async with self._stage.books.open(self.name) as book:
            known = await book.get("answer", ask.key)
        answer = known["answer"] if known is not None else None
        return answer if isinstance(answer, dict) else None

    @override
    async def _answer(self, ask: Ask) -> Answer:
        act, digest = self._acts[ask.method], _digest(ask)
        async with self._stage.books.open(self.name) as book:
            if ask.action.effect == "pure":
                return self._signed(ask, await act(book, ask))
            known = await book.get("answer", ask.key)
            if known is None:
                answer = self._signed(ask, await act(book, ask))
                await book.put("answer", {"id": ask.key, "asked": digest, "answer": answer})
                return answer
        if known["asked"] != digest or not isinstance(answer := known["answer"], dict):
            raise refused(f"The key of this call of {self.name} was used for another call.")
        return answer


def never(ask: Ask) -> Outside:
    """The answer to a look-up of what nobody has asked for."""
    return refused(f"{ask.service.title} was not asked to {ask.method} with this key.")


def _digest(ask: Ask) -> str:
    text = orjson.dumps([ask.method, dict(ask.params)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()
