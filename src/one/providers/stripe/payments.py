"""The deployment's payment provider: whose money it moves, and its client once it is needed."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import cached_property
from typing import Any

from one.errors import Invalid
from one.providers.base import Faults
from one.providers.stripe.cashier import Cashier, Mode

PRETENDED = "sk_test_sandbox"
"""What the key of a sandbox begins with: none of Stripe's does."""

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


def over_network(key: str, secrets: Sequence[str], *, url: str = "") -> Payments:
    """Stripe itself, or a sandbox at a port where a `url` is given; the key says whether its money
    is live. Raises Invalid: a key that Stripe gave isn't shown to anybody else.
    """
    if url and not key.startswith(PRETENDED):
        raise Invalid(
            "ONE_STRIPE_URL leads elsewhere than to Stripe, and the key may be one of Stripe's.",
            cure=f"Take a key that begins with {PRETENDED}, or leave ONE_STRIPE_URL out.",
        )

    def make() -> Cashier:
        from one.providers.stripe.client import Client
        from one.providers.stripe.network import Network

        return Client(key, http=Network(), secrets=secrets, url=url)

    return Payments("live" if "_live_" in key else "test", make)


def in_process(server: Server, secrets: Sequence[str], *, faults: Faults | None = None) -> Payments:
    """The sandbox, which is a server in this process, with the faults that are planted."""

    def make() -> Cashier:
        from one.providers.stripe.client import Client
        from one.providers.stripe.inprocess import InProcess

        return Client(PRETENDED, http=InProcess(server), secrets=secrets, faults=faults)

    return Payments("sandbox", make)
