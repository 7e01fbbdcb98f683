"""Whether two things are tied, as a feature means it: what is bought and not refunded, what is
held and more than none."""

from uuid import UUID

from one.store.relations import Link
from one.store.session import Session, jsonb
from one.store.sight import Narrowed, connection_branches, live, named

OWNING = ("owns", "transacted", "holds")
"""By which somebody has a thing; of a transaction only a purchase."""
_PENDING = {
    "transacted": ("pending", "refunded"),
    "collaborates_with": ("pending", "declined"),
}


def counts(alias: str) -> str:
    """That a live connection stands for what it says: money came and stayed, a yes was given."""
    never = " OR ".join(
        f"{alias}.type = '{type}' AND {alias}.metadata->>'state' IN ('{states[0]}', '{states[1]}')"
        for type, states in _PENDING.items()
    )
    none = f"{alias}.type = 'holds' AND ({alias}.metadata->>'amount')::numeric <= 0"
    return f"({live(alias)} AND ({never} OR {none}) IS NOT TRUE)"


def bought(alias: str) -> str:
    """That a connection gives its from end a thing: an owner's, a buyer's, a holder's."""
    sold = f"coalesce({alias}.metadata->>'transactionType', 'purchase') = 'purchase'"
    return f"({alias}.type IN ('owns', 'holds') OR {alias}.type = 'transacted' AND {sold})"


async def connected(session: Session, link: Link) -> bool:
    """Whether such a connection counts now, with this in its metadata. Raises Invalid."""
    kind = session.ontology.connection(link.type)
    ends = link.from_id, link.to_id
    also = "x.metadata @> %(metadata)s::jsonb"
    return await _any(
        session, (kind.name,), ends=ends, also=also, metadata=jsonb(dict(link.metadata))
    )


async def owns(session: Session, person: UUID, thing: UUID) -> bool:
    """Whether somebody owns a thing, bought it and has not been refunded, or holds some of it."""
    return await _any(session, OWNING, ends=(person, thing), also=bought("x"))


async def _any(
    session: Session, types: tuple[str, ...], *, ends: tuple[UUID, UUID], also: str, **params: str
) -> bool:
    (branch,) = connection_branches(
        session.viewer, session.ontology, types=types, narrowed=Narrowed(to_one=True)
    )
    mine = named(session.viewer)
    record = await session.tx.row(
        (f"WITH {mine} " if mine else "")
        + "SELECT EXISTS (SELECT 1 FROM connections x WHERE x.space_id = %(space)s"
        " AND x.from_id = %(source)s AND x.to_id = %(target)s AND x.type = ANY(%(types)s)"
        f" AND {counts('x')} AND {also} AND {branch.condition})",
        session.params(source=ends[0], target=ends[1], types=list(types), **params),
    )
    return record is not None and record[0] is True
