"""Facts of money and tokens: what ONE itself writes of a payment, a mint or a move, once each.

A fact carries its proof: which provider said so, in which mode, under which reference. Its id is
made from them, so the same fact can't stand twice, whoever writes at once.
"""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID, uuid5

from one.errors import Conflict, NotFound
from one.store import happenings, relations
from one.store.audit import note
from one.store.happenings import Happening
from one.store.relations import Link
from one.store.rows import Connection, Event, Properties
from one.store.session import Session

Mode = Literal["live", "test", "sandbox", "local"]
_NAMESPACE = UUID("6f6e6500-0000-5000-8000-666163747321")


@dataclass(frozen=True, slots=True)
class Proof:
    """Who says that it happened: the provider, its mode, and its own reference."""

    provider: str
    mode: Mode
    reference: str

    @property
    def metadata(self) -> Properties:
        return {"x_provider": self.provider, "x_mode": self.mode, "x_reference": self.reference}


class Written(Conflict):
    """This fact was written before; `details` say which row it is."""

    def __init__(self, proof: Proof, id: UUID) -> None:
        super().__init__(
            f"What {proof.provider} did under {proof.reference} is written down already.",
            cure="Nothing is to be done: it counts once.",
            details={"id": str(id)},
        )


async def relate(session: Session, link: Link, proof: Proof) -> Connection:
    """A connection that a payment or a mint made. Raises NotFound, Invalid, Written."""
    kind = session.ontology.connection(link.type)
    ends = await _types(session, link.from_id, link.to_id)
    kind.check_ends(ends[link.from_id], ends[link.to_id])
    metadata = kind.validate({**link.metadata, **proof.metadata})
    id = _id(session, proof, kind.name, str(metadata.get("transactionType", "")))
    made = await relations.insert(session, kind, replace(link, metadata=metadata), id=id)
    if made is None:
        raise Written(proof, id)
    return made


async def record(
    session: Session, happening: Happening, proof: Proof, *, actor: UUID | None
) -> Event:
    """An event that a payment or a mint is, of whoever paid. Raises NotFound, Invalid, Written."""
    kind = session.ontology.event(happening.type)
    ends = (happening.entity_id, *((actor,) if actor else ()))
    kind.check_subject((await _types(session, *ends))[happening.entity_id])
    metadata = kind.validate({**happening.metadata, **proof.metadata})
    step = str(metadata.get("status") or metadata.get("action") or "")
    id = _id(session, proof, kind.name, step)
    wanted = replace(happening, metadata=metadata)
    written = await happenings.insert(session, kind, wanted, id=id, actor=actor)
    if written is None:
        raise Written(proof, id)
    await note(session, "paid", about=actor, details={"event": str(id), "type": kind.name})
    return written


def _id(session: Session, proof: Proof, type: str, step: str) -> UUID:
    parts = (str(session.space), type, step, proof.provider, proof.mode, proof.reference)
    return uuid5(_NAMESPACE, "\0".join(parts))


async def _types(session: Session, *ids: UUID) -> dict[UUID, str]:
    """The types of things that are there, seen or not."""
    records = await session.tx.rows(
        "SELECT e.id, e.type FROM entities e WHERE e.space_id = %(space)s AND e.id = ANY(%(ids)s)"
        " AND e.deleted_at IS NULL",
        session.params(ids=list(ids)),
    )
    found = {record[0]: str(record[1]) for record in records if isinstance(record[0], UUID)}
    for id in ids:
        if id not in found:
            raise NotFound(
                "What this fact is about isn't there.",
                cure="Check the ids; a fact is written of things that exist.",
                details={"id": str(id)},
            )
    return found
