"""The deployment's payment provider: whose money it moves, and its client once it is needed."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import cached_property
from typing import Any

from one.providers.stripe.cashier import Cashier, Mode

Message = MutableMapping[str, Any]  # as ASGI has it
Server = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


class Payments:
    """`mode` says whose money it is; it was decided when ONE began."""

    def __init__(self, mode: Mode, make: Callable[[], Cashier]) -> None:
        self.mode: Mode = mode
        self._make = make

    @cached_property
    def cashier(self) -> Cashier:
        """Made with the first call, as the package behind it takes a while to load."""
        return self._make()

    async def close(self) -> None:
        if "cashier" in vars(self):
            await self.cashier.close()


def over_network(key: str, secrets: Sequence[str]) -> Payments:
    """Stripe itself; the key says whether its money is live."""

    def make() -> Cashier:
        from one.providers.stripe.client import Client
        from one.providers.stripe.network import Network

        return Client(key, http=Network(), secrets=secrets)

    return Payments("live" if "_live_" in key else "test", make)


def in_process(server: Server, secrets: Sequence[str]) -> Payments:
    """The sandbox, which is a server in this process."""

    def make() -> Cashier:
        from one.providers.stripe.client import Client
        from one.providers.stripe.inprocess import InProcess

        return Client("sk_test_sandbox", http=InProcess(server), secrets=secrets)

    return Payments("sandbox", make)
