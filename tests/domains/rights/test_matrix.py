"""Every operation, by every role, on everything that is Ana's: what isn't there for somebody is
answered like what never was, and what they may is done.

The calls come from the registry of operations, what is expected from the table in `rules`. A new
operation is tried by itself, or fails here until the table says what it asks for.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import pytest
from httpx import Response

from one.app import operations
from one.clock import new_id
from tests.domains.rights.cast import ROLES, SLUG, STATES, Cast, Role, State, cast_of
from tests.domains.rights.rules import NEEDS, Outcome, outcome
from tests.domains.test_spaces_http import (
    Attempt,
    attempts,
    empty,
    same,
    stamped,
    stamping,
)
from tests.world import World, id_of

__all__ = ["stamping"]
pytestmark = pytest.mark.anyio


def tried() -> Iterator[Attempt]:
    """What a link opens is its holder's, whoever that is."""
    return (attempt for attempt in attempts() if not attempt.operation.allow.by_link)


def states_of(attempt: Attempt) -> tuple[State | None, ...]:
    """Things stand for themselves in all their states, every other row for itself."""
    operation, place = attempt.operation, attempt.place
    if place in ("owner", "person", "slug") or operation.name == "create_token":
        return (None,)
    if f"{operation.name}.{place}" in ("say.by", "say.inReplyTo"):
        return (None,)
    table = operation.path.split("/")[2]
    things = place != "before" and (place != "id" or table == "entities")
    return STATES if things else (None,)


async def target(cast: Cast, attempt: Attempt, state: State | None) -> UUID | str:
    if state is not None:
        return await cast.thing(state)
    if attempt.place == "slug":
        return SLUG
    if attempt.place == "person":
        return await cast.colleague()
    if attempt.place == "owner" or attempt.operation.name == "create_token":
        return id_of(cast.ana)
    return cast.hers.own(attempt.operation, attempt.place)


def held(want: Outcome, answer: Response, state: State | None) -> bool:
    """Whether an answer is what the table says."""
    code = answer.status_code
    if want == "sign in":
        return code == 401
    if want == "refused":
        return code in (403, 404, 409, 422) or empty(answer)
    return code not in (401, 403) and (code != 404 or state == "deleted") and code < 500


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt by a role, next to the same of an id that never was where it is to be like it."""

    role: Role
    state: State | None
    answer: Response
    row: UUID | str
    unknown: Response | None
    never: UUID

    def fault(self, attempt: Attempt) -> str:
        """What is otherwise than the table says; nothing if all is well."""
        want = outcome(self.role, attempt.operation, attempt.place, self.state)
        said = f"{self.answer.status_code} {self.answer.text[:200]}"
        told = f"{attempt} ({self.state}) by {self.role}: {want}, but {said}"
        if want != "unknown":
            return "" if held(want, self.answer, self.state) else told
        assert self.unknown is not None
        alike = same(self.answer, self.row, self.unknown, self.never)
        return "" if alike else f"{told}, unlike {self.unknown.text[:200]}"


async def attempted(cast: Cast, attempt: Attempt) -> AsyncGenerator[Tried]:
    """An attempt by every role on Ana's things in every state. What is done to a thing is done to
    one of its own.
    """
    writes = attempt.operation.kind == "write"
    never, unknown = new_id(), dict[Role, Response]()
    for state in states_of(attempt):
        shared = await target(cast, attempt, state)
        for role in ROLES:
            want = outcome(role, attempt.operation, attempt.place, state)
            if want == "unknown" and role not in unknown:
                unknown[role] = await called(cast, attempt, role, never)
            fresh = writes and want == "let in" and (state or attempt.place == "person")
            row = await target(cast, attempt, state) if fresh else shared
            answer = await called(cast, attempt, role, row)
            yield Tried(role, state, answer, row, unknown.get(role), never)


async def called(cast: Cast, attempt: Attempt, role: Role, row: UUID | str) -> Response:
    return await attempt.by(cast.clients[role], cast.own[role], row)


async def test_every_role_is_answered_as_the_table_says(world: World) -> None:
    async with cast_of(world) as cast:
        faults = [
            fault
            for attempt in tried()
            async for one in attempted(cast, attempt)
            if (fault := one.fault(attempt))
        ]
        faults += [
            f"{operation.name} is done with a token"
            for operation in operations()
            if operation.allow.sessions
            for client in cast.clients.values()
            if (await client.request(operation.method, operation.path)).status_code != 401
        ]
    assert not faults, "\n".join(faults)


STREAMS = (
    "/api/runs/{runs}/stream",
    "/api/live?for=1&since=0&table=events&entity={lessons}",
    "/api/live?for=1&since=0&table=connections&from={lessons}",
    "/api/live?for=1&since=0&table=connections&to={lessons}",
    "/api/live?for=1&since=0&table=events&actor={guests}",
)


@pytest.mark.usefixtures("stamping")
async def test_streams_of_what_is_not_there_for_somebody_tell_nothing(world: World) -> None:
    async with cast_of(world) as cast:
        lesson, guest = await cast.thing("draft"), await cast.thing("guest")
        known = {"runs": cast.hers.of["runs"], "lessons": lesson, "guests": guest}
        await stamped(world)

        async def told(role: Role, path: str, ids: Mapping[str, object]) -> str:
            answer = await cast.clients[role].get(path.format(**ids))
            text = re.sub("|".join(str(id) for id in ids.values()), "", answer.text)
            news = re.findall(r"^(?:event|data): .*$|^{.*$", text, re.MULTILINE)
            return f"{answer.status_code} {news}"

        never = dict.fromkeys(known, new_id())
        pairs: list[tuple[Role, str, Mapping[str, object]]] = [
            (role, path, ids) for role in ROLES[:4] for path in STREAMS for ids in (known, never)
        ]
        answers = await asyncio.gather(*(told(*pair) for pair in pairs))
        hers = await told("owner", STREAMS[1].replace("for=1", "for=3"), known)
    assert answers[::2] == answers[1::2]
    assert "event: gained" in hers


def test_the_table_says_what_each_operation_asks_of_what_it_is_told() -> None:
    places = {
        f"{attempt.operation.name}.{attempt.place}"
        for attempt in tried()
        if attempt.operation.allow.words == "anyone signed in"
    }
    assert NEEDS.keys() == places, "NEEDS in tests/domains/rights/rules.py says whose it must be"
