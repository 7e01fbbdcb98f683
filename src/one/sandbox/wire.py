"""The API's manners: keys, accounts, idempotency, expansion and errors."""

import asyncio
import hashlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from one.clock import Clock
from one.sandbox import (
    accounts,
    balance,
    checkout,
    customers,
    disputes,
    events,
    fees,
    payments,
    payouts,
    products,
    refunds,
    transfers,
    webhooks,
)
from one.sandbox.call import VERSION, Call
from one.sandbox.endpoint import AnyEndpoint, parts
from one.sandbox.expand import expand
from one.sandbox.form import Nested, Params, nested, read
from one.sandbox.refusal import Declined, Refusal, error
from one.sandbox.resource import Fields, numbered
from one.sandbox.state import Trouble, state_of
from one.store.database import Contended, Database, Transaction
from one.store.sandbox import Records

_REMEMBERED = timedelta(hours=24)
_TOO_MANY = error(
    "invalid_request_error", "Too many requests hit the API too quickly.", code="rate_limit"
)
_BROKEN = error("api_error", "An unknown error occurred.")
ENDPOINTS: tuple[AnyEndpoint, ...] = (
    *accounts.ENDPOINTS,
    *balance.ENDPOINTS,
    *checkout.ENDPOINTS,
    *customers.ENDPOINTS,
    *disputes.ENDPOINTS,
    *events.ENDPOINTS,
    *fees.ENDPOINTS,
    *payments.ENDPOINTS,
    *payouts.ENDPOINTS,
    *products.ENDPOINTS,
    *refunds.ENDPOINTS,
    *transfers.ENDPOINTS,
    *webhooks.ENDPOINTS,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as it can be told without the database."""

    endpoint: AnyEndpoint
    ids: tuple[str, ...]
    given: Nested
    account: str
    key: str | None
    digest: str
    id: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What goes back, with status 0 nothing. `replayed`: as it was answered before."""

    status: int
    body: bytes
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """The API over the objects of one space. `site` is where its pages are; `changed` is set by
    every change.
    """

    database: Database
    space: UUID
    clock: Clock
    site: str
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: Request) -> Response | None:
        """What is answered to a request of the API; nothing, where that gets lost."""
        id = numbered("req")
        key = request.headers.get("idempotency-key")
        try:
            asked = await _asked(request, id, key)
            answered = await (
                self._read(asked) if asked.endpoint.method == "GET" else self._changed(asked)
            )
        except Refusal as refusal:
            answered = _said(refusal.status, refusal.document)
        except Contended:
            said = "This object cannot be accessed right now: another request works at it."
            answered = _said(429, error("invalid_request_error", said, code="lock_timeout"))
        if answered.status == 0:
            return None
        headers = {"request-id": id, "stripe-version": VERSION}
        if key:
            headers["idempotency-key"] = key
        if answered.replayed:
            headers["idempotent-replayed"] = "true"
        return Response(answered.body, answered.status, headers, "application/json")

    async def open(self, tx: Transaction, *, account: str = "") -> Call:
        """A call of the sandbox's own, in a transaction."""
        records = Records(tx, self.space, account)
        state = await state_of(records)
        return Call(records, self.clock.now() + state.offset, self.site, state=state)

    async def _read(self, asked: Asked) -> Answered:
        async with self.database.read(snapshot=False) as tx:
            call = await self._call(tx, asked)
            if not call.state.faults:
                return _said(200, await _run(call, asked))
        return await self._changed(asked)

    async def _changed(self, asked: Asked) -> Answered:
        """One transaction: what is done, and what is answered to its key from then on."""
        try:
            async with self.database.write() as tx:
                answered = await _done(await self._call(tx, asked), asked)
            self.changed.set()
            return answered
        except Refusal as refusal:
            if asked.key is None or not refusal.kept:
                raise
            answered = _said(refusal.status, refusal.document)
        async with self.database.write() as tx:
            call = await self._call(tx, asked)
            known = await _known(call, asked)
            if known is None:
                await _remember(call, asked, answered)
            return known or answered

    async def _call(self, tx: Transaction, asked: Asked) -> Call:
        """The request in its transaction. Raises Refusal for an account that isn't connected."""
        opened = await self.open(tx, account=asked.account)
        if asked.account and await accounts.connected(opened, asked.account) is None:
            raise accounts.inaccessible(asked.account)
        return replace(opened, ids=asked.ids, request=asked.id, key=asked.key)


async def _done(call: Call, asked: Asked) -> Answered:
    """Does what is asked, or what a planted fault makes of it. Raises Refusal."""
    trouble = await _struck(call, asked)
    if trouble in ("429", "timeout"):
        await call.flush()
        return _said(429, _TOO_MANY) if trouble == "429" else Answered(0, b"")
    known = await _known(call, asked)
    if known is not None:
        return known
    status, seen = 200, _BROKEN
    if trouble != "500":
        try:
            seen = await _run(call, asked)
        except Declined as declined:
            status, seen = declined.status, declined.document
    await call.flush()
    answered = _said(500, _BROKEN) if trouble in ("500", "500_after") else _said(status, seen)
    await _remember(call, asked, answered)
    return Answered(0, b"") if trouble == "timeout_after" else answered


async def _struck(call: Call, asked: Asked) -> Trouble | None:
    """What befalls the call; the fault is used up with it."""
    if not call.state.faults:
        return None
    state, trouble = (await state_of(call.records, lock=True)).struck(asked.endpoint.shape)
    call.set_state(state)
    return trouble


async def _run(call: Call, asked: Asked) -> Fields:
    """Does what is asked; what of it is shown. Raises Refusal, Declined."""
    done = await asked.endpoint.run(call, asked.given)
    seen = done.shown(call.now)
    for path in read(Params, {"expand": asked.given.get("expand", "")}).expand:
        await expand(call, seen, path=path)
    return seen


async def _known(call: Call, asked: Asked) -> Answered | None:
    """What was answered to the key before. Raises Refusal where it was used for something else."""
    if asked.key is None:
        return None
    stored = await call.records.claim(
        asked.key, asked=asked.digest, now=call.now, old=call.now - _REMEMBERED
    )
    if stored is None:
        return None
    if stored.asked != asked.digest:
        said = (
            "Keys for idempotent requests can only be used with the same parameters they were first"
            f" used with. Try using a key other than '{asked.key}' if you meant to execute a"
            " different request."
        )
        return _said(400, error("idempotency_error", said))
    assert stored.status is not None, "a key is answered in the transaction that claims it"
    return Answered(stored.status, stored.body, replayed=True)


async def _remember(call: Call, asked: Asked, answered: Answered) -> None:
    if asked.key is not None:
        await call.records.answer(asked.key, status=answered.status, body=answered.body)


def _said(status: int, seen: Mapping[str, object]) -> Answered:
    return Answered(status, orjson.dumps(seen))


async def _asked(request: Request, id: str, key: str | None) -> Asked:
    """Raises Refusal for what no endpoint would take."""
    authenticate(request.headers.get("authorization", ""))
    method, path = request.method, request.url.path
    endpoint, ids = _endpoint(method, parts(path))
    body = await request.body()
    text = body.decode() if method == "POST" else request.url.query
    pairs = parse_qsl(text, keep_blank_values=True)
    account = request.headers.get("stripe-account", "")
    digest = hashlib.sha256(f"{method} {path}\n{sorted(pairs)}".encode()).hexdigest()
    kept = key if method == "POST" else None
    return Asked(
        endpoint,
        ids,
        nested(pairs),
        "" if account == accounts.PLATFORM else account,
        kept,
        digest,
        id,
    )


def authenticate(said: str) -> None:
    """Raises Refusal for who brings no key of a sandbox."""
    how, _, given = said.partition(" ")
    if how.lower() == "basic":
        given = b64decode(given).decode().partition(":")[0]
    if not given:
        raise Refusal("You did not provide an API key.", status=401, kept=False)
    if not given.startswith(("sk_test_", "rk_test_")):
        raise Refusal(
            "Invalid API Key provided: the sandbox takes any that begins with sk_test_.",
            status=401,
            kept=False,
        )


def _endpoint(method: str, path: tuple[str, ...]) -> tuple[AnyEndpoint, tuple[str, ...]]:
    """What is called, and the ids in its path. Raises Refusal."""
    found: AnyEndpoint | None = None
    for endpoint in _BY_SHAPE.get((method, len(path)), ()):
        if all(want in ("*", part) for want, part in zip(endpoint.path, path, strict=True)):
            exact = found is not None and found.path.count("*") <= endpoint.path.count("*")
            found = found if exact else endpoint
    if found is None:
        raise Refusal(
            f"Unrecognized request URL ({method}: /{'/'.join(path)}): the sandbox doesn't know it.",
            status=404,
            kept=False,
        )
    ids = tuple(
        unquote_plus(part) for want, part in zip(found.path, path, strict=True) if want == "*"
    )
    return found, ids


_BY_SHAPE: dict[tuple[str, int], list[AnyEndpoint]] = {}
for _each in ENDPOINTS:
    _BY_SHAPE.setdefault((_each.method, len(_each.path)), []).append(_each)
