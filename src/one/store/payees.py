"""Payees: where a person is paid to at the payment provider, and whether it takes money yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self, cast
from uuid import UUID

from one.store.database import Transaction
from one.store.sales import Mode
from one.store.session import Session


@dataclass(frozen=True, slots=True)
class Payee:
    """`account` is the provider's name of it, once there is one; `ready`: it takes transfers;
    `pays_out`: on to their bank; `missing`: what the provider still wants to know.
    """

    person: UUID
    account: str | None
    country: str
    ready: bool
    pays_out: bool
    missing: Sequence[str]

    @classmethod
    def of(cls, record: Sequence[object]) -> Self:
        return cls(*record)  # pyright: ignore[reportArgumentType] # columns as selected


_COLUMNS = "person_id, account, country, ready, pays_out, missing"


async def payee(session: Session, mode: Mode, person: UUID) -> Payee | None:
    """Where somebody is paid to."""
    found = await payees(session, mode, [person])
    return found[0] if found else None


async def payees(
    session: Session, mode: Mode, people: Collection[UUID], *, lock: bool = False
) -> list[Payee]:
    """Where people are paid to, of those who have said. `lock`: none of them becomes ready until
    the transaction ends, so that what is held for them meanwhile is found when they do.
    """
    records = await session.tx.rows(
        f"SELECT {_COLUMNS} FROM payees WHERE space_id = %(space)s AND mode = %(mode)s"
        " AND person_id = ANY(%(people)s) ORDER BY person_id" + (" FOR SHARE" if lock else ""),
        session.params(mode=mode, people=list(people)),
    )
    return [Payee.of(record) for record in records]


async def begin_payee(session: Session, mode: Mode, person: UUID, *, country: str) -> None:
    """Somebody wants to be paid."""
    await session.tx.run(
        "INSERT INTO payees (space_id, mode, person_id, country, ready, pays_out, missing,"
        " created_at, updated_at) VALUES (%(space)s, %(mode)s, %(person)s, %(country)s, false,"
        " false, '{}', %(now)s, %(now)s) ON CONFLICT (space_id, mode, person_id) DO NOTHING",
        session.params(mode=mode, person=person, country=country),
    )


async def change_payee(session: Session, mode: Mode, known: Payee) -> bool:
    """Keeps how an account stands; whether it has become ready by this."""
    record = await session.tx.row(
        "UPDATE payees p SET account = %(account)s, ready = %(ready)s, pays_out = %(pays_out)s,"
        " missing = %(missing)s, updated_at = %(now)s FROM (SELECT ready FROM payees"
        " WHERE space_id = %(space)s AND mode = %(mode)s AND person_id = %(person)s FOR UPDATE) b"
        " WHERE p.space_id = %(space)s AND p.mode = %(mode)s AND p.person_id = %(person)s"
        " RETURNING p.ready AND NOT b.ready",
        session.params(
            mode=mode,
            person=known.person,
            account=known.account,
            ready=known.ready,
            pays_out=known.pays_out,
            missing=list(known.missing),
        ),
    )
    return record is not None and record[0] is True


async def person_of(tx: Transaction, mode: Mode, account: str) -> tuple[UUID, UUID] | None:
    """The space and the person of an account at the provider."""
    record = await tx.row(
        "SELECT space_id, person_id FROM payees WHERE account = %(account)s AND mode = %(mode)s",
        {"account": account, "mode": mode},
    )
    return (record[0], record[1]) if record else None  # pyright: ignore[reportReturnType] # columns as selected


async def accounts(
    tx: Transaction, mode: Mode, spaces: Collection[UUID]
) -> list[tuple[UUID, UUID, str, bool]]:
    """The space, the person and the name of each account there is, and whether it is ready."""
    records = await tx.rows(
        "SELECT space_id, person_id, account, ready FROM payees WHERE space_id = ANY(%(spaces)s)"
        " AND mode = %(mode)s AND account IS NOT NULL ORDER BY updated_at",
        {"spaces": list(spaces), "mode": mode},
    )
    return cast("list[tuple[UUID, UUID, str, bool]]", records)
