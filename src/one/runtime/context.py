"""What an operation is given: a store of one space, who acts, and what was asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from one.clock import Clock
from one.ontology import Ontology
from one.providers.base import Provider, refused
from one.providers.stripe.cashier import Cashier
from one.providers.stripe.payments import Payments
from one.runtime.limits import Limiter
from one.runtime.seal import Seal
from one.settings import Settings
from one.store import Desk, Store, Viewer

Kind = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Whence a request comes. `address`: the network's, of IPv6 its /64. `device`: what it calls
    itself. `session`: the secret of the session that it says it is in.
    """

    address: str = ""
    device: str = ""
    session: str = ""

    @property
    def place(self) -> dict[str, JsonValue]:
        """Where it comes from, as the audit log has it."""
        return {"device": self.device, "address": self.address}


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says beside its input. `if_match` is the version the caller last saw."""

    idempotency_key: str = ""
    if_match: int | None = None
    origin: Origin = NOWHERE


NOTHING_MORE = Asked()


def _nobody() -> Cashier:
    raise refused("There is no payment provider here.", cure="Build the deployment with one.")


@dataclass(frozen=True, slots=True)
class Deployment:
    """What outlives a request. `providers` are the services outside, by name."""

    settings: Settings
    desk: Desk
    providers: Mapping[str, Provider] = field(default_factory=dict[str, Provider])
    limiter: Limiter = field(default_factory=Limiter)
    payments: Payments = field(default_factory=lambda: Payments("sandbox", _nobody))

    @property
    def seal(self) -> Seal:
        """What is sealed and signed with the deployment's keys."""
        return Seal([key.get_secret_value() for key in self.settings.secret_keys])


@dataclass(frozen=True, slots=True)
class Context:
    """One transaction of one actor in one space."""

    store: Store
    actor: Viewer
    space: UUID
    deployment: Deployment
    asked: Asked = NOTHING_MORE

    @property
    def me(self) -> UUID:
        """Who acts; for operations that let in nobody who isn't signed in."""
        assert self.actor.id is not None, "nobody is signed in"
        return self.actor.id

    @property
    def clock(self) -> Clock:
        return self.deployment.desk.clock

    @property
    def settings(self) -> Settings:
        return self.deployment.settings

    @property
    def ontology(self) -> Ontology:
        return self.deployment.desk.ontology

    @property
    def if_match(self) -> int | None:
        """The version the caller last saw, if they said."""
        return self.asked.if_match
