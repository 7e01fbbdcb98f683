"""Live features as entries of OpenAPI: how each is called, by whom, and what may come of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from one.compiler.emit import Emitted
from one.compiler.emit.inputs import inputs_of
from one.compiler.emit.openapi import PROBLEM, Object, operation
from one.compiler.emit.statements import is_durable
from one.compiler.outward import told_outside
from one.compiler.paraphrase import understood
from one.domains.features import address_of, is_offered, program_of, sheet_of
from one.errors import JSON
from one.store import PLATFORM, Desk, Viewer, revisions
from one.store.revisions import Revision

State = tuple[int, datetime | None]
_PLATFORM = Viewer(PLATFORM, "staff", "system")
_HEADERS: list[JSON] = [
    {
        "name": "Prefer",
        "in": "header",
        "description": "`wait=<seconds>`: how long to wait for the end of the run, at most 60.",
        "schema": {"type": "string", "pattern": "^(wait=[0-9]{1,2}|respond-async)$"},
    },
    {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Repeating a call with its key answers as the first time and does nothing.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    },
]
_PROBLEMS = {
    "401": "Nobody is signed in, and somebody has to be.",
    "403": "Whoever calls may not run this.",
    "409": "It can't be done as things are, or the key was used for another call.",
    "413": "The call is too large.",
    "415": "The body isn't said to be JSON.",
    "429": "This has been done too often today.",
    "502": "A service outside failed.",
}


def contract(kept: Revision, *, handle: str | None) -> Object:
    """The operation at the address of a revision's feature."""
    program, runs = program_of(kept), sheet_of(kept).runs
    emitted = Emitted(kept.slug, "", kept.errors, is_durable(program.flow))
    entry = operation(program, emitted, said=runs.says)
    absent = {name for name, (_, may_miss) in inputs_of(program).items() if may_miss}
    bearer: JSON = {"bearer": []}
    owned = f"{handle}_" if handle else ""
    return {
        **entry,
        "operationId": f"call_{owned}{kept.slug}",
        "tags": ["live features"],
        "security": [{}, bearer] if runs.lets_in_visitors(absent) else [bearer],
        "parameters": _HEADERS,
        "requestBody": _body(entry["requestBody"], runs.runner),
        "responses": _responses(entry["responses"]),
    }


def _body(body: JSON, runner: str) -> JSON:
    """What is sent; whoever runs it need not say who they are."""
    match body:
        case {"content": {"application/json": {"schema": {"required": list(names), **rest}}}}:
            left = [name for name in names if name != runner]
            schema: Object = {**rest, **({"required": left} if left else {})}
            return {
                "required": bool(left),
                "content": {"application/json": {"schema": schema}},
            }
        case _:
            return body


def _responses(known: JSON) -> Object:
    responses: Object = dict(known) if isinstance(known, dict) else {}
    content: JSON = {"application/problem+json": {"schema": PROBLEM}}
    for status, words in _PROBLEMS.items():
        responses[status] = {"description": words, "content": content}
    return dict(sorted(responses.items()))


@dataclass(frozen=True, slots=True)
class Offer:
    """A live feature as somebody who may run it sees it. `handle` is empty for the platform's;
    `outward` is what is understood of it without what its author wrote into it.
    """

    owner: UUID
    handle: str
    slug: str
    title: str
    understood: Sequence[str]
    outward: Sequence[str]
    given: Object
    open: bool
    called: bool

    def is_for(self, viewer: Viewer) -> bool:
        """Whether they may run it: it is their own, or offered to more than its author."""
        return self.called and (self.open or viewer.id == self.owner)

    def told(self, viewer: Viewer) -> Sequence[str]:
        """What it does, as they may read it."""
        return self.understood if viewer.id == self.owner else self.outward


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The entries of the features that are live in a space, by address; `state` tells two apart."""

    state: State
    paths: Mapping[str, Object]
    offers: Sequence[Offer]


class Contracts:
    """Entries of live features, each written once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[UUID, Snapshot] = {}

    async def of(self, space: UUID) -> Snapshot:
        """As the pointers stand now."""
        async with self._desk.read(space, _PLATFORM) as store:
            state = await revisions.state_of_features(store.session)
            known = self._known.get(space)
            if known is not None and known.state == state:
                return known
            handles = await revisions.handles(store.session)
            live = await revisions.live_revisions(store.session, None)
        paths: dict[str, Object] = {}
        offers = [_offer(each, handles.get(each.owner) or "") for each in live]
        for each in live:
            if is_offered(each):
                handle = handles.get(each.owner)
                entry = contract(each, handle=handle)
                paths[address_of(handle, each.slug)] = {"post": entry}
        self._known[space] = Snapshot(state, paths, offers)
        return self._known[space]


def _offer(kept: Revision, handle: str) -> Offer:
    program, sheet = program_of(kept), sheet_of(kept)
    return Offer(
        owner=kept.owner,
        handle=handle,
        slug=kept.slug,
        title=program.title or kept.slug,
        understood=understood(program, ()),
        outward=told_outside(
            program, runner=sheet.runs.runner, author=f"@{handle}" if handle else "ONE"
        ),
        given=_sent(contract(kept, handle=handle or None)),
        open=is_offered(kept),
        called=sheet.runs.who != "nobody",
    )


def _sent(entry: Object) -> Object:
    """The JSON Schema of what a call sends."""
    match entry:
        case {"requestBody": {"content": {"application/json": {"schema": dict(schema)}}}}:
            return schema
        case _:
            return {"type": "object"}
