"""Calls of what is outside: services, and other features."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Self, cast
from uuid import UUID

from pydantic import JsonValue

from one.domains.features import program_of
from one.domains.features.triggers import author_of
from one.errors import NotFound
from one.ontology.services import Action, Parameter, Service
from one.providers.base import catalogue
from one.runtime import Context, durable
from one.sdk.refusal import NotTheirs, Refusal
from one.sdk.standing import Receipt, Standing, as_one, speaks_for
from one.sdk.values import Happening, Thing, Value, known, met, plain
from one.store import PLATFORM, Proof, revisions


@dataclass(frozen=True, slots=True)
class How:
    """How often and how long a call is tried; what isn't said is as the service's own rules are."""

    tries: int | None = None
    pause: timedelta | None = None
    timeout: timedelta | None = None


PLAIN = How()


@dataclass(frozen=True, slots=True)
class Asked:
    """A service's action (`stripe.charge`), what it is given, and how it is tried."""

    what: str
    params: Mapping[str, Value]
    how: How = PLAIN

    @property
    def made(self) -> list[tuple[Parameter, Thing]]:
        """The things that stand for what the service made."""
        service, _, name = self.what.partition(".")
        action = action_of(service, name)
        given = (
            ((one, self.params.get(one.name)) for one in action.params if one.made)
            if action
            else ()
        )
        return [(one, value) for one, value in given if isinstance(value, Thing)]

    def by(self, names: Value) -> Self:
        """The same with some values by these names instead."""
        return replace(self, params={**self.params, **names}) if isinstance(names, dict) else self


async def names_of(ctx: Context, standing: Standing, asked: Asked) -> dict[str, JsonValue]:
    """The service's own names for the things that stand for what it made. Raises Refusal."""
    names: dict[str, JsonValue] = {}
    for param, made in asked.made:
        if not await speaks_for(ctx, standing, made.id):
            raise NotTheirs(f"“{made.name}” is not theirs to take back.")
        bears = (await as_one(ctx, None).store.get(made.id, private=True)).properties
        name = next((bears[key] for key in param.borne if bears.get(key)), None)
        if name is None:
            raise Refusal(
                "no_reference",
                f"“{made.name}” bears no reference of {_title(asked)}'s: no {param.name} is known"
                " of it.",
            )
        names[param.name] = name
    return names


async def call(engine: durable.Run, standing: Standing, *, path: str, asked: Asked) -> Value:
    """Calls an action of a service; kept before it is made, repeated as the action allows."""
    name, _, action = asked.what.partition(".")
    provider = engine.deployment.providers.get(name)
    if provider is None:
        raise NotFound(f"There is no service {name}.", cure="`one services` lists them.")
    said = {key: outgoing(value) for key, value in asked.params.items() if value is not None}
    said |= _consent(standing, asked)
    sent = {**said, "space": str(engine.journal.lease.space)} if name == "blockchain" else said

    async def act(key: str) -> JsonValue:
        return await provider.call(action, sent, key=key)

    async def lookup(key: str) -> JsonValue:
        return await provider.lookup(action, key=key)

    calling = _calling(action_of(name, action), asked.how, lookup=lookup)
    came = await engine.call(path, act, operation=asked.what, given=said, calling=calling)
    answer = came if isinstance(came, dict) else {}
    gave = answer.get("value", answer)
    standing.receipts.append(Receipt(name, action, _proof(answer), said, gave))
    return met(gave)


def _consent(standing: Standing, asked: Asked) -> dict[str, JsonValue]:
    """The consent to a cloned voice: of whoever runs it, to theirs; of the author, to their own."""
    if asked.what != "elevenlabs.cloneVoice":
        return {}
    whose = standing.runner if standing.called else standing.author.id
    return {"consent": {"id": f"{standing.run}:{whose}"}} if whose else {}


def _proof(answer: Mapping[str, JsonValue]) -> Proof:
    """Who says that it was done, under which name of their own."""
    mode = answer.get("mode")
    known = mode if mode in ("live", "test", "local") else "sandbox"
    return Proof(str(answer.get("provider")), known, str(answer.get("reference")))


def _title(asked: Asked) -> str:
    found = _service(asked.what.partition(".")[0])
    assert found is not None, "what it is asked is one of its actions"
    return found.title


@cache
def _service(name: str) -> Service | None:
    return next((one for one in catalogue() if one.name == name), None)


def action_of(service: str, action: str) -> Action | None:
    """What the catalogue says of an action."""
    found = _service(service)
    return found.by_name.get(action) if found else None


def _calling(action: Action | None, how: How, *, lookup: durable.Call) -> durable.Calling:
    base = durable.Calling()
    return durable.Calling(
        repeat=action.repeat if action else "keyed",
        lookup=lookup,
        tries=how.tries or base.tries,
        pause=how.pause or base.pause,
        timeout=how.timeout or base.timeout,
    )


def outgoing(value: Value) -> JsonValue:
    """A value as a service gets it: of people and things their id, name and type."""
    match value:
        case Thing():
            return {"id": str(value.id), "name": value.name, "type": value.type}
        case list():
            return [outgoing(one) for one in value]
        case Mapping():
            return {key: outgoing(one) for key, one in value.items()}
        case _:
            return plain(value)


async def feature(
    engine: durable.Run, path: str, *, slug: str, given: Mapping[str, Value], accepted: str = ""
) -> Value:
    """What another feature gives: its only output, or all of them by name. Raises NotFound.

    The author's own runs as if its lines stood here. The platform's is the platform's, in the
    revision that the author accepted, and the author is who runs it.
    """
    author = engine.journal.lease.author

    async def find(ctx: Context) -> JsonValue:
        for owner in (PLATFORM,) if accepted else (author.id, PLATFORM):
            found = await _live(ctx, owner, slug, accepted=accepted) if owner else None
            if found is not None:
                return found
        raise NotFound(f"There is no feature {slug}.", cure="Deploy it first.")

    which = await engine.step(f"{path}.which", find, operation="which", given=slug)
    assert isinstance(which, dict), "a revision was found, or none"
    sub = durable.Sub(
        feature=slug,
        digest=str(which["digest"]),
        input={key: plain(one) for key, one in given.items()},
        by=author_of(UUID(str(which["owner"]))),
    )
    came = await engine.child(path, sub)
    match came, which["gives"]:
        case dict(), [str(only)]:
            return known(came.get(only))
        case _:
            return known(came)


async def _live(ctx: Context, owner: UUID, slug: str, *, accepted: str) -> JsonValue:
    """A feature's revision that was accepted, else its live one, with the names of what it gives;
    nothing where the feature is gone.
    """
    session = ctx.store.session
    found = await revisions.feature(session, owner, slug)
    if found is None or found.retired_at is not None:
        return None
    digest = accepted or found.digest
    kept = await revisions.revision_of(session, owner, slug, digest=digest)
    assert kept is not None, "revisions stay"
    return {"owner": str(owner), "digest": digest, "gives": [*program_of(kept).output]}


def came(row: JsonValue) -> Value:
    """The event that a wait was for; nothing when none came in time."""
    if not isinstance(row, dict):
        return None
    metadata = row.get("metadata")
    actor = row.get("actor")
    return Happening(
        UUID(str(row["id"])),
        str(row["type"]),
        UUID(str(row["entity"])),
        UUID(str(actor)) if actor else None,
        cast("dict[str, JsonValue]", metadata) if isinstance(metadata, dict) else {},
        datetime.fromisoformat(str(row["occurredAt"])),
    )
