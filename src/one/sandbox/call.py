"""One call in its transaction: what it reads, and what it leaves to be kept together at its end."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from one.sandbox.form import Page
from one.sandbox.refusal import missing
from one.sandbox.resource import (
    ALWAYS,
    Fields,
    Resource,
    kind_of,
    listing,
    moment,
    numbered,
    seconds,
)
from one.sandbox.state import State, kept
from one.store.sandbox import Delivery, Kept, Movement, Records, Span

VERSION = "2026-10-28.endive"
"""The version of the API that the objects are of."""

_REPORTED = {
    "adjustment": "dispute",
    "application_fee": "platform_earning",
    "payment": "charge",
    "payment_refund": "refund",
    "payout_failure": "payout_reversal",
    "transfer_refund": "transfer_reversal",
}


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that comes to an account's balance, or leaves it."""

    type: str
    amount: int
    currency: str
    source: str
    fee: int = 0
    application_fee: int = 0
    available_at: datetime | None = None
    category: str | None = None


@dataclass(slots=True)
class _Left:
    """What a call leaves to be kept."""

    objects: dict[tuple[str, str, str], Kept] = field(
        default_factory=dict[tuple[str, str, str], Kept]
    )
    movements: list[Movement] = field(default_factory=list[Movement])


@dataclass(frozen=True, slots=True)
class Call:
    """`ids` are those in the path; `site` is where the pages are."""

    records: Records
    now: datetime
    site: str
    ids: tuple[str, ...] = ()
    request: str | None = None
    key: str | None = None
    state: State = field(default_factory=State)
    left: _Left = field(default_factory=_Left)

    @property
    def account(self) -> str:
        return self.records.account

    @property
    def created(self) -> int:
        return seconds(self.now)

    def on(self, account: str) -> "Call":
        """The same call on another account."""
        return replace(self, records=self.records.of(account))

    async def find(self, kind: str, id: str, *, lock: bool = False) -> Resource | None:
        """An object, as this call has left it; with `lock` nobody else changes it meanwhile."""
        known = self.left.objects.get((self.account, kind, id))
        if known is not None:
            return Resource(known.fields)
        fields = await (self.records.lock if lock else self.records.get)(kind, id)
        return None if fields is None or fields.get("_deleted") else Resource(fields)

    async def get(self, id: str, *, param: str = "id", kind: str | None = None) -> Resource:
        """Raises Refusal where there is none."""
        return self._there(await self.find(kind or kind_of(id) or "", id), id, param)

    async def hold(self, id: str, *, param: str = "id", kind: str | None = None) -> Resource:
        """The same, to be changed. Raises Refusal."""
        return self._there(await self.find(kind or kind_of(id) or "", id, lock=True), id, param)

    def _there(self, found: Resource | None, id: str, param: str) -> Resource:
        if found is None:
            raise missing(kind_of(id) or "object", id, param=param)
        return found

    def keep(self, resource: Resource, *parents: str | None) -> Resource:
        """Has an object kept as it is now."""
        due = resource.fields.get("_due")
        made = Kept(
            self.account,
            resource.kind,
            resource.id,
            resource.fields,
            tuple(parent for parent in parents if parent),
            moment(due) if isinstance(due, int) else None,
        )
        place = (self.account, resource.kind, resource.id)
        before = self.left.objects.get(place)
        if before is not None:
            made = replace(made, parents=tuple({*before.parents, *made.parents}))
        self.left.objects[place] = made
        return resource

    def tell(self, type: str, of: Resource, *, before: Fields | None = None) -> None:
        """Leaves an event."""
        data: Fields = {"object": of.shown(self.now)}
        if before is not None:
            data["previous_attributes"] = before
        event: Fields = {
            "id": numbered("evt"),
            "object": "event",
            "api_version": VERSION,
            "created": self.created,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.request, "idempotency_key": self.key},
            "type": type,
        }
        if self.account:
            event["account"] = self.account
        self.keep(Resource(event), type)

    def move(self, flow: Flow) -> Resource:
        """Moves money to or from the balance of the account; the transaction that says so."""
        free = flow.available_at or self.now
        id = numbered("txn")
        taken = flow.fee + flow.application_fee
        transaction = Resource(
            {
                "id": id,
                "object": "balance_transaction",
                "amount": flow.amount,
                "available_on": seconds(free),
                "balance_type": "payments",
                "created": self.created,
                "currency": flow.currency,
                "description": None,
                "exchange_rate": None,
                "fee": taken,
                "fee_details": [*_fees(flow)],
                "net": flow.amount - taken,
                "reporting_category": flow.category or _REPORTED.get(flow.type, flow.type),
                "source": flow.source,
                "status": "pending",
                "type": flow.type,
            }
        )
        # What is available at once is so for calls whose time is a little earlier, too.
        since = flow.available_at or ALWAYS
        net = flow.amount - taken
        self.left.movements.append(Movement(self.account, flow.currency, id, net, since))
        return self.keep(transaction, flow.source)

    def set_state(self, state: State) -> None:
        """Leaves how the sandbox is set from now on."""
        self.left.objects["", "state", "state"] = kept(state)

    async def balance(self, currency: str) -> tuple[int, int]:
        """What is available and what is pending, held against others who take from it."""
        await self.records.hold_balance()
        for name, free, held in await self.records.balances(self.now):
            if name == currency:
                return free, held
        return 0, 0

    async def page(self, kind: str, page: Page, *, url: str, span: Span | None = None) -> Resource:
        """A page of the objects of a kind, the newest first."""
        asked = replace(
            span or Span(),
            limit=page.limit,
            older_than=page.starting_after,
            newer_than=page.ending_before,
        )
        found = await self.records.find(kind, asked)
        shown = [Resource(fields).shown(self.now) for fields in found[: page.limit]]
        if page.ending_before:
            shown.reverse()
        return Resource(listing(shown, url, more=len(found) > page.limit))

    async def flush(self) -> None:
        """Keeps what was left, and puts its events on their way."""
        await self._send([each for each in self.left.objects.values() if each.kind == "event"])
        objects = [*self.left.objects.values()]
        await self.records.save(objects, movements=self.left.movements)

    async def _send(self, events: list[Kept]) -> None:
        """To those who listen, unless they are on their way since before."""
        fresh = [event for event in events if event.parents]
        if not fresh:
            return
        endpoints = await self.records.of("").find("webhook_endpoint", Span(limit=100))
        deliveries: list[Delivery] = []
        for event in fresh:
            heard = [each for each in endpoints if _hears(each, event)]
            event.fields["pending_webhooks"] = len(heard)
            deliveries += [Delivery(str(each["id"]), event.id, event.account) for each in heard]
        if deliveries:
            await self.records.send(deliveries, at=self.now)


def _fees(flow: Flow) -> Iterator[Fields]:
    """What is kept of a flow, by whom."""
    for amount, type, said in (
        (flow.fee, "stripe_fee", "Stripe processing fees"),
        (flow.application_fee, "application_fee", "Application fee"),
    ):
        if amount:
            yield {
                "amount": amount,
                "application": None,
                "currency": flow.currency,
                "description": said,
                "type": type,
            }


def _hears(endpoint: Fields, event: Kept) -> bool:
    """Whether an endpoint is told of an event."""
    wanted, type = endpoint["enabled_events"], event.fields["type"]
    assert isinstance(wanted, list)
    mine = endpoint["_connect"] == bool(event.account) and endpoint["status"] == "enabled"
    return mine and ("*" in wanted or type in wanted)


def narrowed(given: Page, *parents: str, also: tuple[str, ...] = ()) -> Span:
    """What a list is asked for: fields that name what its objects belong to, and others."""
    stated = given.model_dump(include={*parents, *also}, exclude_none=True)
    of = [str(stated[name]) for name in parents if name in stated]
    return Span(parents=tuple(of[:1]), like=stated or None)
