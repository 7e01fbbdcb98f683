"""Delivery: letters of the outbox are handed to the services that send them, each at most once.

A letter is claimed before it is handed over, and that is kept; so whoever dies on the way leaves a
letter of which nobody knows. It is looked up where the service can say; else it stays `unknown`
for a person to decide. What was surely not sent is tried again, later and later.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from pydantic import JsonValue

from one.domains.accounts import filled
from one.domains.notices.telling import addresses_of
from one.domains.notices.unsubscribing import Link, sealed
from one.errors import OneError, Outside
from one.providers.base import Provider
from one.runtime import Deployment
from one.store import PLATFORM, Viewer
from one.store.links import address_of_link
from one.store.notices import audience
from one.store.outbox import (
    Claim,
    Outcome,
    address_digest,
    claim,
    settle,
    spaces_with_letters,
    suppress,
    suppressed,
)
from one.store.preferences import unwanted
from one.store.session import Session

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

LEASE = timedelta(seconds=90)
PATIENCE = 60.0  # seconds; a service that takes longer may have sent it all the same
IDLE = 0.5
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480, 720))
GIVEN_UP = "It could not be sent for a day."
NO_SERVICE = "There is no service here that sends it."
LOST = "Whoever was sending it stopped on the way."
_PLATFORM = Viewer(PLATFORM, "staff", "system")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where a letter goes, what it says, and the link in it that ends such letters, if one may."""

    address: str
    body: str
    unsubscribe: str = ""


class Delivery:
    """Runs in every server process; no letter is handed over by two of them."""

    def __init__(self, deployment: Deployment, *, lease: timedelta = LEASE) -> None:
        self._deployment = deployment
        self._lease = lease

    async def run(self) -> None:
        """Delivers what is due, again and again, until cancelled."""
        while True:
            try:
                delivered = await self.deliver()
            except OneError as error:
                delivered = 0
                _log.warning("letters wait for the database", error=error.message)
            except Exception as error:
                delivered = 0
                _log.error("bug in delivery", exc_info=error)
            if not delivered:
                await asyncio.sleep(IDLE)

    async def deliver(self) -> int:
        """Hands over some letters of each space; how many it dealt with."""
        desk = self._deployment.desk
        async with desk.database.read(snapshot=False) as tx:
            spaces = await spaces_with_letters(tx, now=desk.clock.now())
        return sum([await self._deliver(space) for space in spaces if space in desk.spaces])

    async def _deliver(self, space: UUID) -> int:
        desk = self._deployment.desk
        async with desk.database.write() as tx:
            lost, due = await claim(tx, space, now=desk.clock.now(), lease=self._lease)
        works = [self._work(each, self._look_up) for each in lost]
        works += [self._work(each, self._hand_over) for each in due]
        await asyncio.gather(*works)
        return len(works)

    async def _work(self, letter: Claim, act: Callable[[Claim], Awaitable[Outcome]]) -> None:
        """Acts, and keeps what came of it; without that, the lease of the letter will tell."""
        desk = self._deployment.desk
        try:
            outcome = await act(letter)
        except OneError as error:
            _log.warning("a letter waits for the database", error=error.message)
            return
        except Exception as error:
            _log.error("bug at a letter", letter=str(letter.id), exc_info=error)
            outcome = Outcome("unknown", "Something broke on our side.")
        async with desk.write(letter.space, _PLATFORM) as store:
            session = store.session
            if await settle(session, letter, outcome) and outcome.bad_address is not None:
                await suppress(
                    session,
                    channel=letter.channel,
                    address=outcome.bad_address,
                    reason=outcome.reason,
                )

    async def _hand_over(self, letter: Claim) -> Outcome:
        provider = self._deployment.providers.get(letter.channel)
        envelope = await self._envelope(letter)
        if isinstance(envelope, Outcome):
            return envelope
        if provider is None:
            return Outcome("captured", NO_SERVICE)
        try:
            async with asyncio.timeout(PATIENCE):
                await provider.call("send", _params(letter, envelope), key=str(letter.id))
        except TimeoutError:
            return Outcome("unknown", f"No answer came within {PATIENCE:.0f} seconds.")
        except Outside as error:
            return self._failed(letter, error, address=envelope.address)
        return _done(provider)

    async def _look_up(self, letter: Claim) -> Outcome:
        """What became of a letter whose process is gone."""
        provider = self._deployment.providers.get(letter.channel)
        again = Outcome("waiting", due_at=self._deployment.desk.clock.now())
        if provider is None:
            return again
        try:
            async with asyncio.timeout(PATIENCE):
                await provider.lookup("send", key=str(letter.id))
        except TimeoutError:
            return Outcome("unknown", LOST)
        except Outside as error:
            never = error.outcome == "not_done" and not error.retryable
            return again if never else Outcome("unknown", LOST)
        return _done(provider)

    def _failed(self, letter: Claim, error: Outside, *, address: str) -> Outcome:
        if error.outcome == "done":
            return Outcome("sent")
        if error.outcome == "unknown":
            return Outcome("unknown", error.message)
        if not error.retryable:
            bad = address if error.details.get("address") == "refused" else None
            return Outcome("refused", error.message, bad_address=bad)
        if letter.attempt > len(DELAYS):
            return Outcome("refused", f"{GIVEN_UP} {error.message}")
        later = self._deployment.desk.clock.now() + DELAYS[letter.attempt - 1]
        return Outcome("waiting", error.message, later)

    async def _envelope(self, letter: Claim) -> Envelope | Outcome:
        """Where it goes now, or why it goes nowhere any more."""
        if letter.link is not None:
            return await self._envelope_of_link(letter, letter.link)
        desk = self._deployment.desk
        async with desk.read(letter.space, _PLATFORM, snapshot=False) as store:
            session = store.session
            known = (await audience(session, letter.author, [letter.person])).get(letter.person)
            if known is None:
                return Outcome("dropped", "Its person is gone.")
            said = await unwanted(session, letter.author, [letter.person], kind=letter.kind)
            if (letter.person, letter.channel) in said:
                return Outcome("dropped", "Its person doesn't want it.")
            addresses = addresses_of(known, letter.channel)
            address = _chosen(session, letter, addresses)
            if address is None:
                return Outcome("dropped", "Its person has no such address any more.")
            if await suppressed(session, {(letter.channel, address)}):
                return Outcome("dropped", "Its address has refused for good.")
            link = Link(letter.person, letter.author, letter.channel)
            site = self._deployment.settings.address_of(letter.space)
            token = sealed(session.secret, link)
        return Envelope(address, letter.body, f"{site}/api/notices/unsubscribe/{token}")

    async def _envelope_of_link(self, letter: Claim, link: UUID) -> Envelope | Outcome:
        desk = self._deployment.desk
        async with desk.read(letter.space, _PLATFORM, snapshot=False) as store:
            session = store.session
            address = await address_of_link(session.tx, letter.space, link, now=session.now)
            if address is None:
                return Outcome("dropped", "Its link was used, or is over.")
            if await suppressed(session, {(letter.channel, address)}):
                return Outcome("dropped", "Its address has refused for good.")
        return Envelope(
            address, filled(self._deployment, letter.space, link=link, body=letter.body)
        )


def _chosen(session: Session, letter: Claim, addresses: Sequence[str]) -> str | None:
    """The address that it was written to, or that its person has instead of it since."""
    for address in addresses:
        if address_digest(session.secret, letter.channel, address=address) == letter.address:
            return address
    return addresses[0] if len(addresses) == 1 and letter.channel != "push" else None


def _params(letter: Claim, envelope: Envelope) -> dict[str, JsonValue]:
    params: dict[str, JsonValue] = {
        "to": envelope.address,
        "subject": letter.subject,
        "body": envelope.body,
    }
    if letter.channel == "email" and envelope.unsubscribe:
        params["body"] = f"{envelope.body}\n\n-- \nNo more of these: {envelope.unsubscribe}\n"
        params["unsubscribe"] = envelope.unsubscribe
    return params


def _done(provider: Provider) -> Outcome:
    """A stand-in sends nothing."""
    return Outcome("captured" if provider.mode == "sandbox" else "sent")
