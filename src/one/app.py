"""The keys: the one place that builds the whole."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from one.runtime import Actor, AnyOperation, Deployment


@dataclass(frozen=True, slots=True)
class App:
    """A deployment with its operations, for the doors."""

    deployment: Deployment
    operations: tuple[AnyOperation, ...]
    actor_of: Callable[[str, UUID], Awaitable[Actor | None]]
    space_of: Callable[[str], UUID]
    ready: Callable[[], Awaitable[bool]]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Everything that lives as long as the process."""
        async with AsyncExitStack():
            yield
