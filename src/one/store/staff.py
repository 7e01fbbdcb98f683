"""Who of a space's people is of its staff, and as what."""

from datetime import datetime
from uuid import UUID

from one.store.rows import Row
from one.store.session import Session
from one.store.sight import StaffRole


class Member(Row):
    """Somebody of the staff."""

    entity_id: UUID
    role: StaffRole
    by_id: UUID
    since: datetime


async def appoint(session: Session, entity: UUID, role: StaffRole) -> None:
    """Makes somebody staff, or staff of another kind."""
    await session.tx.run(
        "INSERT INTO staff VALUES (%(space)s, %(entity)s, %(role)s, %(me)s, %(now)s)"
        " ON CONFLICT (space_id, entity_id) DO UPDATE SET role = excluded.role,"
        " by_id = excluded.by_id, since = excluded.since",
        session.params(entity=entity, role=role),
    )


async def dismiss(session: Session, entity: UUID) -> bool:
    """Whether somebody was staff, and is no longer."""
    return bool(
        await session.tx.run(
            "DELETE FROM staff WHERE space_id = %(space)s AND entity_id = %(entity)s",
            session.params(entity=entity),
        )
    )


async def staff(session: Session) -> list[Member]:
    """All of them, by when they came."""
    records = await session.tx.rows(
        "SELECT entity_id, role, by_id, since FROM staff WHERE space_id = %(space)s"
        " ORDER BY since, entity_id",
        session.params(),
    )
    return [
        Member.model_construct(None, **dict(zip(Member.model_fields, record, strict=True)))
        for record in records
    ]
