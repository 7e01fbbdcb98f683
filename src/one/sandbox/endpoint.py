"""What can be called: a method and a path, what it takes, and what it does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic

from one.sandbox.call import Call
from one.sandbox.form import Nested, Params, ParamsT, read
from one.sandbox.resource import Resource


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[ParamsT]):
    """`shape` is as `POST /v1/refunds/*`, with `*` where an id stands."""

    shape: str
    takes: type[ParamsT]
    act: Callable[[Call, ParamsT], Awaitable[Resource]]

    @property
    def method(self) -> str:
        return self.shape.partition(" ")[0]

    @property
    def path(self) -> tuple[str, ...]:
        return parts(self.shape.partition(" ")[2])

    async def run(self, call: Call, given: Nested) -> Resource:
        """Does it. Raises Refusal, Declined."""
        return await self.act(call, read(self.takes, given))


AnyEndpoint = Endpoint[Any]


def parts(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def retrieve(path: str, kind: str) -> Endpoint[Params]:
    """The object that the last id in the path is of."""

    async def act(call: Call, given: Params) -> Resource:
        del given
        return await call.get(call.ids[-1], kind=kind)

    return Endpoint(f"GET {path}", Params, act)
