"""What an operation is given: a store of one space, who acts, and what was asked of it."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from one.clock import Clock
from one.settings import Settings

Kind = Literal["read", "write"]
Role = Literal["anonymous", "person", "staff"]
ActorType = Literal["user", "ai_agent", "system", "api"]


class Ontology(Protocol): ...


class Store(Protocol):
    async def standing(self, id: UUID) -> Literal["owner", "viewer"] | None: ...

    async def recall(self, *, operation: str, key: str, digest: bytes) -> bytes | None: ...

    async def remember(
        self, *, operation: str, key: str, digest: bytes, status: int, answer: bytes
    ) -> None: ...


class Contended(Exception): ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. It comes from a session, a token or the terminal, never from an input."""

    id: UUID | None = None
    role: Role = "anonymous"
    type: ActorType = "user"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says beside its input. `if_match` is the version the caller last saw."""

    idempotency_key: str = ""
    if_match: int | None = None


NOTHING_MORE = Asked()


class Opener(Protocol):
    """Opens one transaction: a read-only snapshot to read, committed on leaving to write."""

    def __call__(
        self, actor: Actor, *, space: UUID, kind: Kind
    ) -> AbstractAsyncContextManager[Store]: ...


@dataclass(frozen=True, slots=True)
class Deployment:
    """What outlives a request."""

    settings: Settings
    clock: Clock
    ontology: Ontology
    open: Opener


@dataclass(frozen=True, slots=True)
class Context:
    """One transaction of one actor in one space."""

    store: Store
    actor: Actor
    space: UUID
    deployment: Deployment
    asked: Asked = NOTHING_MORE

    @property
    def clock(self) -> Clock:
        return self.deployment.clock

    @property
    def settings(self) -> Settings:
        return self.deployment.settings

    @property
    def ontology(self) -> Ontology:
        return self.deployment.ontology
