"""Sales: what was bought, at which price and split, and how far its payment has come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self, cast
from uuid import UUID

import orjson

from one.store.database import Transaction
from one.store.session import Session
from one.store.sight import live

Mode = Literal["sandbox", "test", "live"]
State = Literal[
    "initiated",
    "pending",
    "completed",
    "failed",
    "refunded",
    "partially_refunded",
    "disputed",
    "cancelled",
]
"""In the order in which the ontology has them: of two orders Python keeps whichever came first."""
UNPAID: tuple[State, ...] = ("initiated", "pending")
PAID: tuple[State, ...] = ("completed", "partially_refunded", "refunded", "disputed")


@dataclass(frozen=True, slots=True)
class Share:
    """An owner's part of a sale, as it was then: basis points, and minor units of its currency."""

    person: UUID
    points: int
    amount: int


@dataclass(frozen=True, slots=True)
class Sale:
    """A row of the sales; `gross`, `tax`, `fee` and `referral` are minor units of `currency`. Of
    what a `feature` charged, by its slug, `product` is what it sells, else who sells. `run`: which
    run of a feature began it.
    """

    id: UUID
    mode: Mode
    product: UUID
    buyer: UUID
    quantity: int
    unit_price: int
    currency: str
    gross: int
    tax: int
    fee: int
    shares: tuple[Share, ...]
    referrer: UUID | None
    referral: int
    state: State
    checkout: str | None
    url: str | None
    intent: str | None
    charge: str | None
    refunded: int
    disputed: bool
    expires_at: datetime
    created_at: datetime
    updated_at: datetime
    feature: str = ""
    run: UUID | None = None

    @property
    def left(self) -> int:
        """What can still be refunded."""
        return self.gross - self.refunded

    @classmethod
    def of(cls, record: Sequence[object]) -> Self:
        values = dict(zip(cls.__slots__, record, strict=True))
        parts = cast("list[dict[str, str | int]]", values["shares"])
        shares = [Share(UUID(str(p["person"])), int(p["points"]), int(p["amount"])) for p in parts]
        return cls(**{**values, "shares": tuple(shares)})  # pyright: ignore[reportArgumentType] # columns as selected


_COLUMNS = (
    "id, mode, product_id, buyer_id, quantity, unit_price, currency, gross, tax, fee, shares,"
    " referrer_id, referral, state, checkout, url, intent, charge, refunded, disputed, expires_at,"
    " created_at, updated_at, feature, run_id"
)


async def open_sale(session: Session, sale: Sale) -> None:
    """Keeps a new sale."""
    shares = [
        {"person": str(one.person), "points": one.points, "amount": one.amount}
        for one in sale.shares
    ]
    await session.tx.run(
        f"INSERT INTO sales (space_id, {_COLUMNS}) VALUES (%(space)s, %(id)s, %(mode)s,"
        " %(product)s, %(buyer)s, %(quantity)s, %(unit_price)s, %(currency)s, %(gross)s, %(tax)s,"
        " %(fee)s, %(shares)s::jsonb, %(referrer)s, %(referral)s, %(state)s, NULL, NULL, NULL,"
        " NULL, 0, false, %(expires_at)s, %(now)s, %(now)s, %(feature)s, %(run)s)",
        session.params(
            id=sale.id,
            mode=sale.mode,
            product=sale.product,
            buyer=sale.buyer,
            quantity=sale.quantity,
            unit_price=sale.unit_price,
            currency=sale.currency,
            gross=sale.gross,
            tax=sale.tax,
            fee=sale.fee,
            shares=orjson.dumps(shares).decode(),
            referrer=sale.referrer,
            referral=sale.referral,
            state=sale.state,
            expires_at=sale.expires_at,
            feature=sale.feature,
            run=sale.run,
        ),
    )


async def find_sale(session: Session, id: UUID) -> Sale | None:
    """A sale, whosever it is."""
    return await _one(session, "id = %(id)s", id=id)


async def hold_sale(session: Session, id: UUID) -> Sale | None:
    """A sale that nobody else changes until the transaction ends."""
    return await _one(session, "id = %(id)s FOR NO KEY UPDATE", id=id)


async def hold_charged(session: Session, mode: Mode, charge: str) -> Sale | None:
    """The same by the provider's name of its payment."""
    return await _one(
        session,
        "mode = %(mode)s AND charge = %(charge)s FOR NO KEY UPDATE",
        mode=mode,
        charge=charge,
    )


async def _one(session: Session, condition: str, **params: object) -> Sale | None:
    record = await session.tx.row(
        f"SELECT {_COLUMNS} FROM sales WHERE space_id = %(space)s AND {condition}",
        session.params(**params),
    )
    return Sale.of(record) if record else None


async def change_sale(session: Session, id: UUID, **changes: object) -> None:
    """Sets columns of a sale that is held."""
    sets = ", ".join(f"{name} = %({name})s" for name in changes)
    await session.tx.run(
        f"UPDATE sales SET {sets}, updated_at = %(now)s WHERE space_id = %(space)s AND id = %(id)s",
        session.params(id=id, **changes),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """Which sales are listed, newest first, from before one on."""

    buyer: UUID | None = None
    product: UUID | None = None
    states: Sequence[State] | None = None
    before: UUID | None = None
    limit: int = 20


async def sales(session: Session, asked: Asked) -> list[Sale]:
    """Sales, newest first."""
    records = await session.tx.rows(
        f"SELECT {_COLUMNS} FROM sales WHERE space_id = %(space)s"
        " AND (%(buyer)s::uuid IS NULL OR buyer_id = %(buyer)s)"
        " AND (%(product)s::uuid IS NULL OR product_id = %(product)s)"
        " AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))"
        " AND (%(before)s::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM sales"
        " WHERE space_id = %(space)s AND id = %(before)s"
        " AND (%(buyer)s::uuid IS NULL OR buyer_id = %(buyer)s)))"
        " ORDER BY created_at DESC, id DESC LIMIT %(limit)s",
        session.params(
            buyer=asked.buyer,
            product=asked.product,
            states=None if asked.states is None else list(asked.states),
            before=asked.before,
            limit=asked.limit,
        ),
    )
    return [Sale.of(record) for record in records]


async def begun_by(session: Session, run: UUID) -> list[Sale]:
    """What a run began, whoever buys, newest first."""
    records = await session.tx.rows(
        f"SELECT {_COLUMNS} FROM sales WHERE space_id = %(space)s AND run_id = %(run)s"
        " ORDER BY created_at DESC, id DESC",
        session.params(run=run),
    )
    return [Sale.of(record) for record in records]


@dataclass(frozen=True, slots=True)
class Reserved:
    """How many of a thing are about to be paid for, by anybody, and how many one buyer has bought
    or is about to, without those that were given back.
    """

    unpaid: int
    theirs: int


async def hold_product(session: Session, product: UUID) -> None:
    """Lets nobody else who does the same count this thing until the transaction ends."""
    await session.tx.run(
        "SELECT FROM entities WHERE space_id = %(space)s AND id = %(product)s FOR NO KEY UPDATE",
        session.params(product=product),
    )


async def reserved(session: Session, mode: Mode, product: UUID, *, buyer: UUID) -> Reserved:
    """What of a thing is spoken for."""
    record = await session.tx.row(
        "SELECT (SELECT coalesce(sum(quantity), 0)::bigint FROM sales WHERE space_id = %(space)s"
        " AND product_id = %(product)s AND mode = %(mode)s AND state IN ('initiated', 'pending')),"
        " (SELECT coalesce(sum(quantity - refunded / nullif(unit_price, 0)), 0)::bigint FROM sales"
        " WHERE space_id = %(space)s AND buyer_id = %(buyer)s AND product_id = %(product)s"
        " AND mode = %(mode)s AND state = ANY(%(theirs)s))",
        session.params(product=product, mode=mode, buyer=buyer, theirs=[*UNPAID, *PAID]),
    )
    assert record is not None, "sums are always there"
    return Reserved(cast(int, record[0]), cast(int, record[1]))


async def owners_of(session: Session, thing: UUID) -> list[tuple[UUID, int]]:
    """Who owns a thing now, each with their basis points, in the order of their ids."""
    records = await session.tx.rows(
        "SELECT x.from_id, coalesce((x.metadata->>'revenueShare')::int, 0) FROM connections x"
        " WHERE x.space_id = %(space)s AND x.to_id = %(thing)s AND x.type = 'owns'"
        f" AND {live('x')} ORDER BY x.from_id",
        session.params(thing=thing),
    )
    return cast("list[tuple[UUID, int]]", [(record[0], record[1]) for record in records])


async def referrer_of(session: Session, person: UUID) -> UUID | None:
    """Who brought a person here."""
    record = await session.tx.row(
        "SELECT x.to_id FROM connections x WHERE x.space_id = %(space)s AND x.from_id = %(person)s"
        " AND x.type = 'referred_by' AND x.valid_to IS NULL ORDER BY x.created_at LIMIT 1",
        session.params(person=person),
    )
    return cast("UUID | None", record[0] if record else None)


async def overdue(
    tx: Transaction, spaces: Collection[UUID], *, now: datetime, limit: int = 100
) -> list[tuple[UUID, UUID]]:
    """The space and id of sales that were not paid in time."""
    records = await tx.rows(
        "SELECT space_id, id FROM sales WHERE expires_at <= %(now)s"
        " AND space_id = ANY(%(spaces)s) AND state IN ('initiated', 'pending')"
        " ORDER BY expires_at LIMIT %(limit)s",
        {"spaces": list(spaces), "now": now, "limit": limit},
    )
    return cast("list[tuple[UUID, UUID]]", records)
